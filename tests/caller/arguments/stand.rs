//! What a statement stands at when a call comes, and that it works on afterwards.

use super::call::{Handles, SQL, VARCHAR};
use super::judge::Judge;
use super::place::Place;
use crate::host::Host;
use crate::odbc::*;
use crate::word::Word;

/// How far a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// Allocated.
    Allocated,
    /// Prepared, with a result and a parameter.
    Prepared,
    /// On a row of a result.
    OnRow,
    /// It waits for a parameter that is sent.
    NeedData,
}

/// A query with a marker.
const WITH_MARKER: &str = "SELECT 'a value' AS a, 7 AS b WHERE ? = 'x'";

/// The handles of a run, and a statement that is as far as it must be.
pub(super) struct Bench<'h> {
    host: &'h Host,
    pub(super) handles: Handles,
    pub(super) stand: Stand,
    /// Rows come from a catalog function, which plans nothing.
    sparing: bool,
    /// The length of the parameter that is sent, which the statement points to.
    length: Place,
    /// Memory of calls on the statement as it is: it may point there.
    kept: Vec<Place>,
}

impl<'h> Bench<'h> {
    /// A connection of its own, and a statement on it.
    pub(super) fn new(host: &'h Host, string: &str, stand: Stand, sparing: bool) -> Self {
        let environment = host.environment();
        let connection = host.allocated(SQL_HANDLE_DBC, environment);
        host.connect(connection, string);
        let closed = host.allocated(SQL_HANDLE_DBC, environment);
        let descriptor = host.allocated(SQL_HANDLE_DESC, connection);
        describe(host, descriptor);
        let handles = Handles { environment, connection, closed, statement: Word::NULL, descriptor };
        let length = Place::of(&SQL_DATA_AT_EXEC.to_ne_bytes(), 1);
        let mut bench = Self { host, handles, stand, sparing, length, kept: Vec::new() };
        bench.arrange();
        bench
    }

    /// A new statement in place of the one there was, as far as it must be.
    pub(super) fn renew(&mut self) {
        // One that waits for a parameter is not freed. It may be gone: a call may have freed it.
        self.host.call("SQLCancel", &[self.handles.statement]);
        self.host.call("SQLFreeHandle", &[SQL_HANDLE_STMT.into(), self.handles.statement]);
        self.kept.clear();
        self.arrange();
    }

    /// The same on a new descriptor.
    pub(super) fn renew_descriptor(&mut self) {
        self.host.call("SQLFreeHandle", &[SQL_HANDLE_DESC.into(), self.handles.descriptor]);
        self.kept.clear();
        self.handles.descriptor = self.host.allocated(SQL_HANDLE_DESC, self.handles.connection);
        describe(self.host, self.handles.descriptor);
    }

    /// Goes on at another stand.
    pub(super) fn stand_at(&mut self, stand: Stand) {
        self.stand = stand;
        self.renew();
    }

    /// Keeps memory until the statement is another.
    pub(super) fn keep(&mut self, places: Vec<Place>) {
        self.kept.extend(places);
    }

    fn arrange(&mut self) {
        let statement = self.host.allocated(SQL_HANDLE_STMT, self.handles.connection);
        self.handles.statement = statement;
        let code = match self.stand {
            Stand::Allocated => SQL_SUCCESS,
            Stand::Prepared => self.with_text("SQLPrepare", WITH_MARKER),
            Stand::OnRow => match self.rows() {
                SQL_SUCCESS => self.host.call("SQLFetch", &[statement]),
                failed => failed,
            },
            Stand::NeedData => self.ask_for_data() - SQL_NEED_DATA,
        };
        assert_eq!(code, SQL_SUCCESS, "{:?}\n{}", self.stand, self.host.recent());
    }

    fn rows(&self) -> i16 {
        match self.sparing {
            true => self.host.call("SQLGetTypeInfo", &[self.handles.statement, 0i16.into()]),
            false => self.with_text("SQLExecDirect", SQL),
        }
    }

    fn with_text(&self, name: &str, sql: &str) -> i16 {
        let mut sql = self.host.text(sql);
        self.host.call(name, &[self.handles.statement, sql.word(), SQL_NTS.into()])
    }

    fn ask_for_data(&mut self) -> i16 {
        let statement = self.handles.statement;
        let (none, one, varchar) = (Word::NULL, Word::from(1i16), Word::from(VARCHAR));
        let words =
            [statement, one, one, SQL_C_CHAR.into(), varchar, 20usize.into(), none, one, none, self.length.word()];
        let steps = [
            self.with_text("SQLPrepare", WITH_MARKER),
            self.host.call("SQLBindParameter", &words),
            self.host.call("SQLExecute", &[statement]) - SQL_NEED_DATA,
        ];
        assert_eq!(steps, [SQL_SUCCESS; 3], "{}", self.host.recent());
        let mut token = Place::new(8, 0);
        self.host.call("SQLParamData", &[statement, token.word()])
    }

    /// A query on the connection, and on the statement after all that was done to it, gives its row.
    pub(super) fn works(&mut self, judge: &mut Judge<'_>, after: &str) {
        let mut codes = Vec::new();
        self.host.call("SQLCancel", &[self.handles.statement]);
        for option in [0u16, 2, 3] {
            codes.push(self.host.call("SQLFreeStmt", &[self.handles.statement, option.into()]));
        }
        let value = crate::smoke::one_value(self.host, self.handles.statement, "SELECT 'a value'");
        judge.holds(codes == [SQL_SUCCESS; 3] && value == "a value", || {
            format!("after {after} at {:?} the statement gives '{value}' {codes:?}", self.stand)
        });
        self.renew();
    }

    /// Frees everything, which must be possible.
    pub(super) fn end(self, judge: &mut Judge<'_>) {
        let Handles { environment, connection, closed, statement, descriptor } = self.handles;
        let codes = [
            self.host.call("SQLFreeHandle", &[SQL_HANDLE_STMT.into(), statement]),
            self.host.call("SQLFreeHandle", &[SQL_HANDLE_DESC.into(), descriptor]),
            self.host.call("SQLDisconnect", &[connection]),
            self.host.call("SQLFreeHandle", &[SQL_HANDLE_DBC.into(), connection]),
            self.host.call("SQLFreeHandle", &[SQL_HANDLE_DBC.into(), closed]),
            self.host.call("SQLFreeHandle", &[SQL_HANDLE_ENV.into(), environment]),
        ];
        judge.holds(codes == [SQL_SUCCESS; 6], || format!("the end: {codes:?}"));
    }
}

/// Gives a descriptor a record: SQL_DESC_TYPE.
fn describe(host: &Host, descriptor: Word) {
    let words = [descriptor, 1i16.into(), 1_002i16.into(), VARCHAR.into(), 0i32.into()];
    assert_eq!(host.call("SQLSetDescField", &words), SQL_SUCCESS);
}

/// A statement's own descriptor.
pub(super) fn automatic(judge: &mut Judge<'_>, statement: Word, number: i32) -> Word {
    let mut value = Place::new(8, 1);
    let words = [statement, number.into(), value.word(), 8i32.into(), Word::NULL];
    judge.call("SQLGetStmtAttr", &words, &[&value], (SQL_HANDLE_STMT, statement));
    value.size().into()
}
