//! A call with arguments that are as they must be: what every wrong one is made from.

use super::place::Place;
use crate::functions::{Function, Kind};
use crate::host::Host;
use crate::odbc::*;
use crate::word::Word;

/// Bytes of a buffer for text or for a value of any kind.
pub(super) const ROOM: usize = 4_096;
/// The capacity that is told of it, in bytes: it holds as many wide units.
const CAPACITY: i16 = 1_024;
/// The query of statements: rows without a request.
pub(super) const SQL: &str = "SELECT 'a value' AS a, 7 AS b UNION ALL SELECT 'another', 8 ORDER BY a";
/// SQL_VARCHAR.
pub(super) const VARCHAR: i16 = 12;
/// Most bytes that a function writes where no capacity is told: the bitmap of SQLGetFunctions.
const FUNCTIONS: usize = 500;

/// The handles that calls are made on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Handles {
    pub(super) environment: Word,
    pub(super) connection: Word,
    /// A connection that is not open.
    pub(super) closed: Word,
    pub(super) statement: Word,
    pub(super) descriptor: Word,
}

/// A function with its arguments, and the memory that they point to.
pub(super) struct Call {
    pub(super) function: &'static Function,
    pub(super) words: Vec<Word>,
    /// The memory behind each argument that is a pointer.
    pub(super) places: Vec<Option<Place>>,
    /// The kind and the handle that has the records.
    pub(super) owner: (i16, Word),
}

impl Call {
    /// A good call. Buffers stand at `shift` bytes behind an aligned address.
    pub(super) fn good(host: &Host, function: &'static Function, handles: &Handles, shift: usize) -> Self {
        let mut call = Self { function, words: Vec::new(), places: Vec::new(), owner: owner(function, handles) };
        for parameter in function.parameters {
            let mut place = memory(host, function.name, parameter.name, parameter.kind, shift);
            call.words.push(match &mut place {
                Some(place) => place.word(),
                None => number(function.name, parameter.name, parameter.kind, handles),
            });
            call.places.push(place);
        }
        call
    }

    /// Puts new memory behind an argument.
    pub(super) fn put(&mut self, index: usize, mut place: Place) {
        self.words[index] = place.word();
        self.places[index] = Some(place);
    }

    /// The memory, given up to whoever keeps it as long as the library may use it.
    pub(super) fn into_places(self) -> Vec<Place> {
        self.places.into_iter().flatten().collect()
    }
}

/// The handle that gets the records of a call.
fn owner(function: &Function, handles: &Handles) -> (i16, Word) {
    match (function.name, function.parameters.first().map(|parameter| parameter.kind)) {
        // The target's.
        ("SQLCopyDesc", _) | (_, Some(Kind::Desc)) => (SQL_HANDLE_DESC, handles.descriptor),
        (_, Some(Kind::Env)) => (SQL_HANDLE_ENV, handles.environment),
        (_, Some(Kind::Stmt)) => (SQL_HANDLE_STMT, handles.statement),
        ("SQLConnect" | "SQLDriverConnect", _) => (SQL_HANDLE_DBC, handles.closed),
        _ => (SQL_HANDLE_DBC, handles.connection),
    }
}

/// The text that an argument is.
pub(super) fn text(function: &str, parameter: &str) -> &'static str {
    match (function, parameter) {
        (_, "sql") => SQL,
        (_, "catalog") => "pipedrive",
        (_, "schema") => "crm",
        (_, "table") => "stages",
        (_, "types") => "TABLE",
        // Refused before anything is asked: connecting itself is not what is tried here.
        (_, "string") => "Driver=x;CompanyDomain=acme;PWD=0123456789;PageSize=0",
        ("SQLSetCursorName", _) => "a_name",
        (_, "source") => "no such data source",
        _ => "%",
    }
}

fn memory(host: &Host, function: &str, parameter: &str, kind: Kind, shift: usize) -> Option<Place> {
    Some(match kind {
        Kind::Text => Place::of(host.text(text(function, parameter)).contents(), shift),
        Kind::Data => Place::of(host.text("a piece").contents(), shift),
        Kind::OutText if parameter == "state" => Place::new(12, shift),
        Kind::OutText | Kind::OutValue | Kind::OutData | Kind::Deferred => Place::new(ROOM, shift),
        Kind::OutShort => Place::new(2, shift),
        Kind::OutLong => Place::new(4, shift),
        Kind::OutSize | Kind::OutPointer | Kind::OutHandle | Kind::DeferredLength => Place::new(8, shift),
        // A status for each row of a rowset.
        Kind::OutStatus => Place::new(2 * 16, shift),
        Kind::OutFunctions => Place::new(FUNCTIONS, shift),
        _ => return None,
    })
}

/// The number, or the handle, that an argument is.
fn number(function: &str, parameter: &str, kind: Kind, handles: &Handles) -> Word {
    let number: isize = match (kind, function, parameter) {
        (Kind::Env, ..) => return handles.environment,
        (Kind::Dbc, "SQLConnect" | "SQLDriverConnect", _) => return handles.closed,
        (Kind::Dbc | Kind::Any, ..) => return handles.connection,
        (Kind::Stmt, ..) => return handles.statement,
        (Kind::Desc, ..) => return handles.descriptor,
        (Kind::HandleType, "SQLAllocHandle", _) => SQL_HANDLE_STMT.into(),
        (Kind::HandleType, ..) => SQL_HANDLE_DBC.into(),
        (
            Kind::TextLength | Kind::LongTextLength,
            "SQLSetConnectAttr" | "SQLSetEnvAttr" | "SQLSetStmtAttr" | "SQLSetDescField",
            _,
        ) => 0,
        (Kind::TextLength | Kind::LongTextLength, ..) | (Kind::DataLength, "SQLPutData", _) => SQL_NTS.into(),
        (Kind::Capacity | Kind::LongCapacity | Kind::DataLength, ..) => CAPACITY.into(),
        (Kind::Attribute, "SQLSetEnvAttr" | "SQLGetEnvAttr", _) => 200,
        // SQL_ATTR_LOGIN_TIMEOUT
        (Kind::Attribute, "SQLSetConnectAttr" | "SQLGetConnectAttr", _) => 103,
        // SQL_ATTR_QUERY_TIMEOUT
        (Kind::Attribute, ..) => 0,
        (Kind::Value, "SQLSetEnvAttr", _) => 3,
        (_, "SQLBindParameter", "sql_type") | (_, "SQLSetDescRec", "kind") => VARCHAR.into(),
        (_, _, "column" | "number" | "c_type" | "kind" | "record" | "direction" | "identifier") => 1,
        (_, _, "column_size") => 20,
        // SQL_DBMS_NAME
        (_, _, "info_type") => 17,
        // SQL_DESC_NAME; SQL_DIAG_SQLSTATE
        (_, "SQLColAttribute", "field") => 1_011,
        (_, "SQLGetDescField", "field") => 1_011,
        // SQL_DESC_PRECISION
        (_, "SQLSetDescField", "field") => 1_005,
        (_, _, "field") => 4,
        _ => 0,
    };
    number.into()
}
