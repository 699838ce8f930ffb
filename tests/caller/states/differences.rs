//! Where a library departs from the state tables, each departure with its reason. One that is not met any more fails the
//! walk, like a departure that is not here.

use crate::functions::CATALOG;

/// A departure.
pub(crate) struct Difference {
    /// Whether it is unixODBC's; otherwise the driver's.
    pub(crate) manager: bool,
    /// The machine.
    pub(crate) machine: &'static str,
    /// The functions.
    pub(crate) functions: &'static [&'static str],
    /// The states at the call; all where none is named.
    pub(crate) states: &'static [&'static str],
    /// A tag of the call, or empty.
    pub(crate) tag: &'static str,
    /// Why.
    pub(crate) reason: &'static str,
}

const fn of_driver(
    machine: &'static str,
    functions: &'static [&'static str],
    states: &'static [&'static str],
    tag: &'static str,
    reason: &'static str,
) -> Difference {
    Difference { manager: false, machine, functions, states, tag, reason }
}

/// One of unixODBC 2.3.
const fn of_manager(
    machine: &'static str,
    functions: &'static [&'static str],
    states: &'static [&'static str],
    tag: &'static str,
    reason: &'static str,
) -> Difference {
    Difference { manager: true, machine, functions, states, tag, reason }
}

const NOT_PREPARED: &str =
    "the page of the function gives HY007 to the description of a statement that was not prepared";
const DESCRIBED: &str =
    "the page of the function gives HY010 only before anything was prepared; programs describe between two executions";
const VERSION: &str = "SQL_ODBC_VER is the version of a driver manager";

/// Every departure.
#[rustfmt::skip]
pub(crate) const DIFFERENCES: &[Difference] = &[
    of_driver("dbc", &["SQLGetInfo"], &[], "SQL_ODBC_VER", VERSION),
    of_driver("stmt", &["SQLGetInfo"], &[], "SQL_ODBC_VER", VERSION),
    of_driver("dbc", &["SQLGetInfo"], &["C2"], "SQL_DRIVER_ODBC_VER", "a driver manager asks it before it connects"),
    of_driver("stmt", &["SQLCopyDesc", "SQLGetDescField", "SQLGetDescRec"], &["S1"], "IRD", NOT_PREPARED),
    of_driver("stmt", &["SQLGetStmtAttr"], &["S7"], "QUERY_TIMEOUT", "the footnotes of the row are mixed up; S6 has them right"),
    of_driver("stmt", &["SQLDescribeParam"], &["S5", "S6", "S7"], "", DESCRIBED),
    of_driver("stmt", &["SQLPutData"], &["S10"], "null piece", "the page of SQLPutData gives HY020 to NULL after a piece"),

    of_manager("stmt", &["SQLDescribeParam"], &["S5", "S6", "S7"], "", DESCRIBED),
    of_manager("env", &["SQLGetConnectAttr"], &["E0", "E1"], "TRACE", "tracing is the manager's, and asked without a handle"),
    of_manager("env", &["SQLGetConnectAttr"], &["E0", "E1"], "TRACEFILE", "tracing is the manager's, and asked without a handle"),
    of_manager("dbc", &["SQLGetConnectAttr"], &["C0", "C1"], "TRACE", "tracing is the manager's, and asked without a handle"),
    of_manager("dbc", &["SQLGetConnectAttr"], &["C0", "C1"], "TRACEFILE", "tracing is the manager's, and asked without a handle"),
    of_manager("env", &["SQLDataSources"], &["E1"], "without version", "without a version it takes the program for one of ODBC 2: S1010"),
    of_manager("env", &["SQLEndTran", "SQLGetEnvAttr", "SQLSetEnvAttr"], &["E1"], "without version", "it does not ask for a version"),
    of_manager("env", &["SQLSetEnvAttr"], &["E2"], "", "it keeps attributes of an environment in use"),
    of_manager("stmt", &["SQLSetEnvAttr"], &[], "", "it keeps attributes of an environment in use"),
    of_manager("dbc", &["SQLGetConnectAttr"], &["C2"], "set before", "it asks nobody before it connects"),
    of_manager("stmt", &["SQLCopyDesc", "SQLGetDescField", "SQLGetDescRec"], &["S1"], "IRD", NOT_PREPARED),
    of_manager("stmt", &["SQLGetStmtAttr"], &["S7"], "QUERY_TIMEOUT", "the footnotes of the row are mixed up; S6 has them right"),
    of_manager("stmt", CATALOG, &["S3"], "", "it refuses lengths itself, and what was prepared stays"),
    of_manager("stmt", CATALOG, &["S5", "S6"], "", "it takes a cursor for closed once a function that needs none was refused"),
    of_manager("stmt", &["SQLExecute", "SQLPrepare"], &["S5", "S6"], "", "it takes a cursor for closed once a function that needs none was refused"),
    of_manager("stmt", &["SQLCancel"], &["S5", "S6", "S7"], "", "it takes a cursor for closed once the statement was cancelled"),
];
