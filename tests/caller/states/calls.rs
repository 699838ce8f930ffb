//! The calls of the walk: each function with arguments that are right, and variants for what the tables tell apart.
//!
//! Arguments that a row does not name follow from the parameter's kind: handles are those of the place, outputs are
//! buffers that are large enough, everything else is zero or null.

use super::place::{Place, RESULT, WITH_ONE};
use super::ways::{COLUMN, Facts};
use crate::functions::{Function, Kind};
use crate::memory::Buffer;
use crate::odbc::*;
use crate::word::Word;

/// What a parameter gets.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Given {
    /// A number.
    Number(isize),
    /// Text.
    Text(&'static str),
    /// The connection string.
    Target,
    /// The data source that says the same.
    Source,
    /// One of the statement's own descriptors.
    Own(usize),
}

use Given::{Number, Own, Source, Target, Text};

/// How a call ends where the tables name a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// It succeeds.
    Well,
    /// It fails, as rows for SQL_ERROR want it.
    Badly,
}

/// A function with arguments.
pub(crate) struct Call {
    /// The function.
    pub(crate) function: &'static str,
    /// Parameters that get something.
    given: &'static [(&'static str, Given)],
    /// What conditions and argument columns of the tables call it.
    pub(crate) tags: &'static [&'static str],
    /// How it ends.
    pub(crate) ends: Ends,
    /// Where it makes sense.
    pub(crate) fits: fn(&Facts) -> bool,
    /// The machines for whose rows it is; all where none is named.
    pub(crate) machines: &'static [&'static str],
    /// A call before it.
    pub(crate) before: Option<fn(&mut Place<'_>)>,
}

const fn call(function: &'static str, given: &'static [(&'static str, Given)]) -> Call {
    Call { function, given, tags: &[], ends: Ends::Well, fits: |_| true, machines: &[], before: None }
}

impl Call {
    const fn tags(mut self, tags: &'static [&'static str]) -> Self {
        self.tags = tags;
        self
    }

    const fn ends(mut self, ends: Ends) -> Self {
        self.ends = ends;
        self
    }

    const fn fits(mut self, fits: fn(&Facts) -> bool) -> Self {
        self.fits = fits;
        self
    }

    const fn only(mut self, machines: &'static [&'static str]) -> Self {
        self.machines = machines;
        self
    }

    const fn after(mut self, before: fn(&mut Place<'_>)) -> Self {
        self.before = Some(before);
        self
    }

    /// Whether it is a call for rows with these arguments.
    pub(crate) fn matches(&self, arguments: &str) -> bool {
        let mut words = arguments.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        arguments.is_empty() || words.any(|word| self.tags.contains(&word))
    }

    /// Its arguments in a place.
    pub(crate) fn words(&self, function: &Function, place: &mut Place<'_>) -> Vec<Word> {
        let unknown = self.given.iter().find(|(name, _)| !function.parameters.iter().any(|other| other.name == *name));
        assert!(unknown.is_none(), "{} has no parameter {unknown:?}", function.name);
        let mut words = Vec::new();
        for parameter in function.parameters {
            let given = self.given.iter().find(|(name, _)| *name == parameter.name).map(|(_, given)| *given);
            let word = match given {
                Some(given) => given_word(given, place),
                None => self.default_word(function, parameter.kind, place),
            };
            words.push(word);
        }
        words
    }

    fn default_word(&self, function: &Function, kind: Kind, place: &mut Place<'_>) -> Word {
        match kind {
            Kind::Env => place.env,
            Kind::Dbc => place.dbc,
            Kind::Stmt => place.stmt,
            Kind::Desc => place.desc,
            Kind::Any if function.name == "SQLAllocHandle" => parent(self.handle_type(), place),
            Kind::Any => place.handle(self.handle_type()),
            Kind::TextLength | Kind::LongTextLength => SQL_NTS.into(),
            Kind::Capacity | Kind::LongCapacity => CAPACITY.into(),
            Kind::OutText | Kind::OutValue | Kind::OutData | Kind::Deferred => place.keep(Buffer::new(BYTES)),
            Kind::OutFunctions => place.keep(Buffer::new(500)),
            Kind::DataLength => 64isize.into(),
            Kind::DeferredLength => place.keep(Buffer::of(&0isize.to_ne_bytes())),
            Kind::OutShort | Kind::OutStatus => place.keep(Buffer::new(2)),
            Kind::OutLong => place.keep(Buffer::new(4)),
            Kind::OutSize | Kind::OutPointer | Kind::OutHandle => place.keep(Buffer::new(8)),
            Kind::HandleType | Kind::Text | Kind::Data | Kind::Value | Kind::Window => Word::NULL,
            Kind::Short | Kind::UShort | Kind::Attribute | Kind::Size | Kind::USize => Word::NULL,
        }
    }

    /// The kind of handle that it names; 0 where it names none.
    pub(crate) fn handle_type(&self) -> i16 {
        match self.given.first() {
            Some(("kind", Number(kind))) => i16::try_from(*kind).unwrap_or_default(),
            _ => 0,
        }
    }
}

/// Bytes of a buffer for text, and what is said of it: as characters it has half as many.
const BYTES: usize = 1_024;
const CAPACITY: i16 = 512;

fn parent(kind: i16, place: &Place<'_>) -> Word {
    match kind {
        SQL_HANDLE_DBC => place.env,
        SQL_HANDLE_STMT | SQL_HANDLE_DESC => place.dbc,
        _ => Word::NULL,
    }
}

fn given_word(given: Given, place: &mut Place<'_>) -> Word {
    match given {
        Number(number) => number.into(),
        Text(text) => place.text(text),
        Target => place.text(place.target.string),
        Source => place.text(place.target.source),
        Own(index) => place.own[index],
    }
}

const ENV: Given = Number(1);
const DBC: Given = Number(2);
const STMT: Given = Number(3);
const DESC: Given = Number(4);
const FIRST: Given = Number(COLUMN);
const CHAR: Given = Number(1);
const INTEGER: Given = Number(4);
const DEALS: Given = Text("deals");
const BAD_LENGTH: Given = Number(-77);

fn closed(facts: &Facts) -> bool {
    !facts.connected
}

fn open(facts: &Facts) -> bool {
    facts.connected
}

/// Every call.
#[rustfmt::skip]
pub(crate) const CALLS: &[Call] = &[
    call("SQLAllocHandle", &[("kind", ENV)]).tags(&["SQL_HANDLE_ENV"]),
    call("SQLAllocHandle", &[("kind", DBC)]).tags(&["SQL_HANDLE_DBC"]),
    call("SQLAllocHandle", &[("kind", STMT)]).tags(&["SQL_HANDLE_STMT"]).fits(|facts| facts.connected || !facts.others),
    call("SQLAllocHandle", &[("kind", DESC)]).tags(&["SQL_HANDLE_DESC"]).fits(|facts| facts.connected || !facts.others),
    call("SQLBindCol", &[("column", FIRST), ("c_type", CHAR)]),
    call("SQLBindParameter", &[("number", Number(1)), ("kind", Number(1)), ("c_type", CHAR), ("sql_type", INTEGER)]),
    call("SQLCancel", &[]),
    call("SQLCloseCursor", &[]),
    call("SQLColAttribute", &[("column", FIRST), ("field", Number(1001))]).tags(&["SQL_DESC_COUNT"]),
    call("SQLColAttribute", &[("column", FIRST), ("field", Number(2))]),
    call("SQLColumns", &[("table", DEALS)]),
    call("SQLColumns", &[("table", DEALS), ("table_length", BAD_LENGTH)]).ends(Ends::Badly),
    call("SQLConnect", &[("source", Source)]),
    call("SQLCopyDesc", &[("source", Own(0))]).tags(&["ARD"]),
    call("SQLCopyDesc", &[("source", Own(1))]).tags(&["APD"]),
    call("SQLCopyDesc", &[("source", Own(3))]).tags(&["IPD"]),
    call("SQLCopyDesc", &[("source", Own(2))]).tags(&["IRD"]).only(&["stmt"]),
    call("SQLCopyDesc", &[]).fits(|facts| !facts.of_result).only(&["dbc", "desc"]),
    call("SQLDataSources", &[("direction", Number(2))]),
    call("SQLDescribeCol", &[("column", FIRST)]),
    call("SQLDescribeParam", &[("number", Number(1))]).after(|place| place.with_parameter()),
    call("SQLDisconnect", &[]).only(&["env", "dbc", "stmt"]),
    call("SQLDriverConnect", &[("string", Target)]),
    call("SQLDrivers", &[("direction", Number(2))]),
    call("SQLEndTran", &[("kind", ENV)]).tags(&["SQL_HANDLE_ENV"]),
    call("SQLEndTran", &[("kind", DBC)]).tags(&["SQL_HANDLE_DBC"]),
    call("SQLExecDirect", &[("sql", Text(RESULT))]),
    call("SQLExecDirect", &[("sql", Text("SELECT FROM WHERE"))]).tags(&["bad text"]).ends(Ends::Badly),
    call("SQLExecDirect", &[]).tags(&["null text"]).ends(Ends::Badly).fits(|facts| facts.manager),
    call("SQLExecDirect", &[("sql", Text(WITH_ONE))]).only(&["stmt"]).after(|place| place.will_need_data()),
    call("SQLExecute", &[]),
    call("SQLExecute", &[]).only(&["stmt"]).after(|place| place.will_need_data()),
    call("SQLExtendedFetch", &[("direction", Number(1))]),
    call("SQLFetch", &[]),
    call("SQLFetchScroll", &[("direction", Number(1))]),
    call("SQLFreeHandle", &[("kind", ENV)]).tags(&["SQL_HANDLE_ENV"]),
    call("SQLFreeHandle", &[("kind", DBC)]).tags(&["SQL_HANDLE_DBC"]).fits(closed).only(&["env"]),
    call("SQLFreeHandle", &[("kind", DBC)]).tags(&["SQL_HANDLE_DBC"]).only(&["dbc", "stmt", "desc"]),
    call("SQLFreeHandle", &[("kind", STMT)]).tags(&["SQL_HANDLE_STMT"]),
    call("SQLFreeHandle", &[("kind", DESC)]).tags(&["SQL_HANDLE_DESC"]),
    call("SQLFreeStmt", &[("option", Number(0))]).tags(&["SQL_CLOSE"]),
    call("SQLFreeStmt", &[("option", Number(2))]).tags(&["SQL_UNBIND"]),
    call("SQLFreeStmt", &[("option", Number(3))]).tags(&["SQL_RESET_PARAMS"]),
    call("SQLGetConnectAttr", &[("attribute", Number(101))]).tags(&["ACCESS_MODE"]),
    call("SQLGetConnectAttr", &[("attribute", Number(102))]).tags(&["AUTOCOMMIT"]),
    call("SQLGetConnectAttr", &[("attribute", Number(103))]).tags(&["LOGIN_TIMEOUT"]),
    call("SQLGetConnectAttr", &[("attribute", Number(110))]).tags(&["ODBC_CURSORS"]),
    call("SQLGetConnectAttr", &[("attribute", Number(104))]).tags(&["TRACE"]),
    call("SQLGetConnectAttr", &[("attribute", Number(105))]).tags(&["TRACEFILE"]),
    call("SQLGetConnectAttr", &[("attribute", Number(113))]).tags(&["unset"]),
    call("SQLGetConnectAttr", &[("attribute", Number(113))]).tags(&["set before"]).after(|place| place.time_out(2)),
    call("SQLGetCursorName", &[]),
    call("SQLGetData", &[("column", FIRST), ("c_type", CHAR)]),
    call("SQLGetDescField", &[("descriptor", Own(0)), ("field", Number(1001))]).tags(&["ARD"]),
    call("SQLGetDescField", &[("descriptor", Own(1)), ("field", Number(1001))]).tags(&["APD"]),
    call("SQLGetDescField", &[("descriptor", Own(3)), ("field", Number(1001))]).tags(&["IPD"]),
    call("SQLGetDescField", &[("descriptor", Own(2)), ("record", Number(1)), ("field", Number(1011))]).tags(&["IRD"]).only(&["stmt"]),
    call("SQLGetDescField", &[("field", Number(1099))]).only(&["dbc", "desc"]),
    call("SQLGetDescRec", &[("descriptor", Own(0)), ("record", Number(1))]).tags(&["ARD"]),
    call("SQLGetDescRec", &[("descriptor", Own(1)), ("record", Number(1))]).tags(&["APD"]),
    call("SQLGetDescRec", &[("descriptor", Own(3)), ("record", Number(1))]).tags(&["IPD"]),
    call("SQLGetDescRec", &[("descriptor", Own(2)), ("record", Number(1))]).tags(&["IRD"]).only(&["stmt"]),
    call("SQLGetDescRec", &[("record", Number(1))]).only(&["dbc", "desc"]),
    call("SQLGetDiagField", &[("kind", ENV), ("field", Number(2))]).tags(&["SQL_HANDLE_ENV"]),
    call("SQLGetDiagField", &[("kind", DBC), ("field", Number(2))]).tags(&["SQL_HANDLE_DBC"]),
    call("SQLGetDiagField", &[("kind", STMT), ("field", Number(2))]).tags(&["SQL_HANDLE_STMT"]),
    call("SQLGetDiagField", &[("kind", STMT), ("field", Number(3))]).tags(&["SQL_HANDLE_STMT", "SQL_DIAG_ROW_COUNT"]),
    call("SQLGetDiagField", &[("kind", DESC), ("field", Number(2))]).tags(&["SQL_HANDLE_DESC"]),
    call("SQLGetDiagRec", &[("kind", ENV), ("record", Number(1))]).tags(&["SQL_HANDLE_ENV"]),
    call("SQLGetDiagRec", &[("kind", DBC), ("record", Number(1))]).tags(&["SQL_HANDLE_DBC"]),
    call("SQLGetDiagRec", &[("kind", STMT), ("record", Number(1))]).tags(&["SQL_HANDLE_STMT"]),
    call("SQLGetDiagRec", &[("kind", DESC), ("record", Number(1))]).tags(&["SQL_HANDLE_DESC"]),
    call("SQLGetEnvAttr", &[("attribute", Number(10001))]),
    call("SQLGetFunctions", &[("function", Number(999))]),
    call("SQLGetInfo", &[("info_type", Number(10))]).tags(&["SQL_ODBC_VER"]),
    call("SQLGetInfo", &[("info_type", Number(17))]).tags(&["SQL_DBMS_NAME"]),
    call("SQLGetInfo", &[("info_type", Number(77))]).tags(&["SQL_DRIVER_ODBC_VER"]),
    call("SQLGetStmtAttr", &[("attribute", Number(14))]).tags(&["ROW_NUMBER"]),
    call("SQLGetStmtAttr", &[("attribute", Number(0))]).tags(&["QUERY_TIMEOUT"]),
    call("SQLGetTypeInfo", &[]),
    call("SQLGetTypeInfo", &[("sql_type", Number(4711))]).ends(Ends::Badly),
    call("SQLMoreResults", &[]).fits(|facts| !facts.manual),
    call("SQLNativeSql", &[("sql", Text(RESULT))]),
    call("SQLNumParams", &[]),
    call("SQLNumResultCols", &[]),
    call("SQLParamData", &[]),
    call("SQLPrepare", &[("sql", Text(RESULT))]),
    call("SQLPrepare", &[("sql", Text("SELECT FROM WHERE"))]).tags(&["bad text"]).ends(Ends::Badly),
    call("SQLPrepare", &[]).tags(&["null text"]).ends(Ends::Badly),
    call("SQLPrimaryKeys", &[("table", DEALS)]),
    call("SQLPrimaryKeys", &[("table", DEALS), ("table_length", BAD_LENGTH)]).ends(Ends::Badly),
    call("SQLProcedureColumns", &[]),
    call("SQLProcedureColumns", &[("procedure", DEALS), ("procedure_length", BAD_LENGTH)]).ends(Ends::Badly),
    call("SQLProcedures", &[]),
    call("SQLProcedures", &[("procedure", DEALS), ("procedure_length", BAD_LENGTH)]).ends(Ends::Badly),
    call("SQLPutData", &[("data", Text("9")), ("length", Number(SQL_NTS as isize))]),
    call("SQLPutData", &[("data", Text("9")), ("length", BAD_LENGTH)]).ends(Ends::Badly),
    call("SQLPutData", &[("length", Number(SQL_NULL_DATA))]).tags(&["null piece"]).ends(Ends::Badly),
    call("SQLRowCount", &[]),
    call("SQLSetConnectAttr", &[("attribute", Number(101)), ("value", Number(1))]).tags(&["ACCESS_MODE", "connection"]),
    call("SQLSetConnectAttr", &[("attribute", Number(106)), ("value", Text("x")), ("length", Number(SQL_NTS as isize))]).tags(&["TRANSLATE"]).fits(closed).only(&["env", "dbc"]),
    call("SQLSetConnectAttr", &[("attribute", Number(107))]).tags(&["TRANSLATE"]).fits(closed).only(&["env", "dbc"]),
    call("SQLSetConnectAttr", &[("attribute", Number(110)), ("value", Number(2))]).tags(&["ODBC_CURSORS"]).only(&["env", "dbc"]),
    call("SQLSetConnectAttr", &[("attribute", Number(112)), ("value", Number(4096))]).tags(&["PACKET_SIZE"]).fits(open).only(&["dbc"]),
    call("SQLSetConnectAttr", &[("attribute", Number(109)), ("value", Text("pipedrive")), ("length", Number(SQL_NTS as isize))]).tags(&["CURRENT_CATALOG", "connection"]),
    call("SQLSetCursorName", &[("name", Text("mine"))]),
    call("SQLSetDescField", &[("descriptor", Own(0)), ("field", Number(20)), ("value", Number(1))]).tags(&["ARD"]).only(&["stmt", "desc"]),
    call("SQLSetDescField", &[("descriptor", Own(1)), ("field", Number(21))]).tags(&["APD"]).only(&["stmt", "desc"]),
    call("SQLSetDescField", &[("descriptor", Own(3)), ("field", Number(21))]).tags(&["IPD"]).only(&["stmt", "desc"]),
    call("SQLSetDescField", &[("descriptor", Own(2)), ("field", Number(21))]).tags(&["IRD"]).only(&["stmt"]),
    call("SQLSetDescField", &[("field", Number(21))]).tags(&["ARD"]).only(&["dbc", "desc"]),
    call("SQLSetDescRec", &[("descriptor", Own(0)), ("record", Number(1)), ("kind", INTEGER)]).tags(&["ARD"]).only(&["stmt", "desc"]),
    call("SQLSetDescRec", &[("descriptor", Own(1)), ("record", Number(1)), ("kind", INTEGER)]).tags(&["APD"]).only(&["stmt", "desc"]),
    call("SQLSetDescRec", &[("descriptor", Own(3)), ("record", Number(1)), ("kind", INTEGER)]).tags(&["IPD"]).only(&["stmt", "desc"]),
    call("SQLSetDescRec", &[("record", Number(1)), ("kind", INTEGER)]).tags(&["ARD"]).fits(|facts| !facts.of_result).only(&["dbc", "desc"]),
    call("SQLSetEnvAttr", &[("attribute", Number(10001)), ("value", Number(1))]),
    call("SQLSetStmtAttr", &[("attribute", Number(7)), ("value", Number(1))]).tags(&["CONCURRENCY"]),
    call("SQLSetStmtAttr", &[("attribute", Number(6))]).tags(&["CONCURRENCY", "CURSOR_TYPE"]),
    call("SQLSetStmtAttr", &[("attribute", Number(0)), ("value", Number(9))]),
    call("SQLSpecialColumns", &[("identifier", Number(1)), ("table", DEALS)]),
    call("SQLSpecialColumns", &[("identifier", Number(1)), ("table", DEALS), ("table_length", BAD_LENGTH)]).ends(Ends::Badly),
    call("SQLStatistics", &[("table", DEALS), ("unique", Number(0))]),
    call("SQLStatistics", &[("table", DEALS), ("table_length", BAD_LENGTH)]).ends(Ends::Badly),
    call("SQLTables", &[("table", DEALS)]),
    call("SQLTables", &[("table", DEALS), ("table_length", BAD_LENGTH)]).ends(Ends::Badly),
];
