//! What must be true of every call, whatever its arguments.

use std::collections::BTreeSet;
use std::path::Path;

use super::pool::Pool;
use crate::functions::{Function, Kind};
use crate::host::Record;
use crate::odbc::*;
use crate::word::Word;

/// A call that was made.
pub(crate) struct Made<'a> {
    /// The function.
    pub(crate) function: &'static Function,
    /// Its arguments.
    pub(crate) words: &'a [Word],
    /// What it returned.
    pub(crate) code: i16,
    /// The diagnostics of its handle, read after it.
    pub(crate) records: &'a [Record],
}

impl Made<'_> {
    /// Whether it succeeded, with a warning or without.
    pub(crate) const fn succeeded(&self) -> bool {
        matches!(self.code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO)
    }

    /// The first SQLSTATE; empty where it did not fail.
    pub(crate) fn state(&self) -> &str {
        self.records.first().filter(|_| self.code == SQL_ERROR).map_or("", |record| &record.state)
    }
}

/// The SQLSTATEs of each function, from the reference; `None` where its tables are not at hand.
pub(crate) type Listed = Option<BTreeSet<(String, String)>>;

/// Reads `sqlstates.tsv` of a folder.
pub(crate) fn listed(folder: Option<&Path>) -> Listed {
    let path = folder?.join("sqlstates.tsv");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let pair = |line: &str| {
        let mut cells = line.split('\t');
        Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
    };
    Some(text.lines().filter(|line| !line.starts_with('#')).filter_map(pair).collect())
}

/// Functions that may say that there is nothing more.
const NO_DATA: &[&str] = &[
    "SQLDataSources",
    "SQLDrivers",
    "SQLExtendedFetch",
    "SQLFetch",
    "SQLFetchScroll",
    "SQLGetData",
    "SQLGetDescField",
    "SQLGetDescRec",
    "SQLGetDiagField",
    "SQLGetDiagRec",
    "SQLMoreResults",
];
/// Functions that may ask for parameters.
const NEED_DATA: &[&str] = &["SQLExecDirect", "SQLExecute", "SQLParamData"];
/// Functions that post nothing.
const SILENT: &[&str] = &["SQLGetDiagField", "SQLGetDiagRec"];

/// SQLSTATEs of arguments, which may be looked at before the state.
const ARGUMENTS: &[&str] = &[
    "07009", "22018", "HY003", "HY004", "HY009", "HY011", "HY012", "HY024", "HY090", "HY091", "HY092", "HY096",
    "HY097", "HY098", "HY099", "HY100", "HY101", "HY103", "HY104", "HY105", "HY106", "HY107", "HYC00",
];

/// Everything that must be true of a call.
pub(crate) fn check(made: &Made<'_>, pool: &Pool, manager: bool) -> Result<(), String> {
    code(made)?;
    if manager {
        // It looks at some arguments of the diagnostic functions before the handle, tells of two descriptors on either, has
        // attributes of no environment, takes a wrong descriptor for a wrong statement, and cuts what it knows by itself without a word.
        let name = made.function.name;
        let of_its_own = ["SQLCopyDesc", "SQLGetEnvAttr", "SQLSetEnvAttr", "SQLSetStmtAttr"].contains(&name);
        let silent = SILENT.contains(&name) || of_its_own || made.code == SQL_SUCCESS_WITH_INFO;
        return if silent { Ok(()) } else { handles(made, pool).and_then(|()| diagnostics(made)) };
    }
    handles(made, pool)?;
    diagnostics(made)?;
    state(made, pool)
}

fn code(made: &Made<'_>) -> Result<(), String> {
    let name = made.function.name;
    let allowed = match made.code {
        SQL_SUCCESS | SQL_SUCCESS_WITH_INFO | SQL_ERROR | SQL_INVALID_HANDLE => true,
        SQL_NO_DATA => NO_DATA.contains(&name),
        SQL_NEED_DATA => NEED_DATA.contains(&name),
        _ => false,
    };
    if allowed { Ok(()) } else { Err(format!("{name} returned {}", made.code)) }
}

/// A handle that is none is refused as such, and no other is.
fn handles(made: &Made<'_>, pool: &Pool) -> Result<(), String> {
    let Some(valid) = valid(made, pool) else { return Ok(()) };
    match (valid, made.code == SQL_INVALID_HANDLE) {
        (true, true) => Err(format!("{} refused a valid handle", made.function.name)),
        (false, false) => Err(format!("{} took a handle that is none: {}", made.function.name, made.code)),
        _ => Ok(()),
    }
}

/// Whether the handles of the call are valid; `None` where the kind of handle is none that the function takes.
fn valid(made: &Made<'_>, pool: &Pool) -> Option<bool> {
    let kind_word = i16::try_from(made.words[0].0.cast_signed()).unwrap_or_default();
    let kinds = [SQL_HANDLE_ENV, SQL_HANDLE_DBC, SQL_HANDLE_STMT, SQL_HANDLE_DESC];
    match (made.function.name, made.function.parameters[0].kind) {
        ("SQLAllocHandle", _) if kind_word == SQL_HANDLE_ENV => None,
        ("SQLAllocHandle", _) if kinds.contains(&kind_word) => {
            let parent = if kind_word == SQL_HANDLE_DBC { SQL_HANDLE_ENV } else { SQL_HANDLE_DBC };
            Some(pool.is_valid(parent, made.words[1]))
        }
        ("SQLEndTran", _) if kind_word > SQL_HANDLE_DBC => None,
        (_, Kind::HandleType) => kinds.contains(&kind_word).then(|| pool.is_valid(kind_word, made.words[1])),
        ("SQLCopyDesc", _) => Some(made.words.iter().all(|word| pool.is_valid(SQL_HANDLE_DESC, *word))),
        (_, kind) => Some(pool.is_valid(kind.handle_type()?, made.words[0])),
    }
}

/// An error has a record with a SQLSTATE, a warning one of class 01.
fn diagnostics(made: &Made<'_>) -> Result<(), String> {
    let name = made.function.name;
    let kind_word = i16::try_from(made.words[0].0.cast_signed()).unwrap_or_default();
    // Where the kind is none, there is no handle that could tell.
    let nobody = made.function.parameters[0].kind == Kind::HandleType
        && (!(SQL_HANDLE_ENV..=SQL_HANDLE_DESC).contains(&kind_word)
            || (name == "SQLAllocHandle" && kind_word == SQL_HANDLE_ENV)
            || (name == "SQLEndTran" && kind_word > SQL_HANDLE_DBC));
    if SILENT.contains(&name) || nobody {
        return Ok(());
    }
    let first = made.records.first().map(|record| record.state.as_str());
    match (made.code, first) {
        (SQL_ERROR, None) => Err(format!("{name} failed and does not say why")),
        (SQL_SUCCESS_WITH_INFO, None) => Err(format!("{name} warned and does not say of what")),
        (SQL_SUCCESS_WITH_INFO, Some(state)) if !state.starts_with("01") && !is_of_rows(name, state) => {
            Err(format!("{name} warned with {:?}", made.records))
        }
        (SQL_ERROR, Some(state)) if state.len() != 5 || !state.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Err(format!("{name} failed with '{state}'"))
        }
        _ => Ok(()),
    }
}

/// SQLSTATEs that the pages of functions do not list, and why they are told all the same.
const BEYOND: &[(&str, &str)] = &[
    // The state tables forbid it so.
    ("SQLSetEnvAttr", "HY011"),
    // It reads the statement as SQLPrepare does.
    ("SQLNativeSql", "42000"),
    // Pages that forget the pointers and lengths of their arguments.
    ("SQLGetFunctions", "HY009"),
    ("SQLSetDescField", "HY009"),
    ("SQLGetDescRec", "HY090"),
];

/// Text that is none in the charset of its function: the reference knows no such thing.
const NO_TEXT: &str = "22018";

/// An error whose SQLSTATE is none of its function's.
pub(crate) fn unlisted(made: &Made<'_>, listed: &Listed) -> Option<String> {
    let (name, state) = (made.function.name, made.state());
    let takes_text =
        made.function.parameters.iter().any(|parameter| matches!(parameter.kind, Kind::Text | Kind::Value));
    let known = BEYOND.contains(&(name, state))
        || SILENT.contains(&name)
        || state.is_empty()
        || (state == NO_TEXT && takes_text);
    let is_listed = |name: &str| Some(listed.as_ref()?.contains(&(name.to_owned(), state.to_owned())));
    // It ends an execution, whose errors it tells.
    let executes = name == "SQLParamData" && (is_listed("SQLExecute")? || is_listed("SQLExecDirect")?);
    let listed = is_listed(name)? || executes;
    (!known && !listed)
        .then(|| format!("{name} failed with {state}, which its page does not list: {}", made.records[0].text))
}

/// Errors of single rows come with a fetch that succeeded otherwise.
fn is_of_rows(name: &str, state: &str) -> bool {
    ["SQLFetch", "SQLFetchScroll", "SQLExtendedFetch"].contains(&name) && (state.starts_with("22") || state == "07006")
}

/// What the model says: a function that the state forbids fails, with the SQLSTATE for that unless its arguments are
/// wrong, too.
fn state(made: &Made<'_>, pool: &Pool) -> Result<(), String> {
    let name = made.function.name;
    let stmt = pool.stmts.iter().find(|stmt| stmt.handle == made.words[0]);
    let Some(stmt) = stmt.filter(|_| made.function.takes_statement()) else { return connection_state(made, pool) };
    let refusal = stmt.known.refusal(name);
    let agrees = match refusal {
        Some(state) => made.state() == state || ARGUMENTS.contains(&made.state()),
        None => made.state() != "HY010" || stmt.known.state == super::model::State::OpenSomewhere,
    };
    if agrees {
        return Ok(());
    }
    Err(format!("{name} in {:?}: {} {:?}, expected {refusal:?}", stmt.known, made.code, made.records))
}

/// Connections and environments: what may be freed and closed.
fn connection_state(made: &Made<'_>, pool: &Pool) -> Result<(), String> {
    let (first, second) = (made.words[0], made.words.get(1).copied().unwrap_or(Word::NULL));
    let awaits = |dbc: Word| pool.stmts.iter().any(|stmt| stmt.dbc == dbc && stmt.known.awaits());
    let dbc = |handle: Word| pool.dbcs.iter().find(|dbc| dbc.handle == handle);
    let expected = match (made.function.name, i16::try_from(first.0.cast_signed())) {
        ("SQLDisconnect", _) => dbc(first).map(|dbc| dbc.open && !awaits(dbc.handle)),
        ("SQLFreeHandle", Ok(SQL_HANDLE_ENV)) => {
            let used = pool.dbcs.iter().any(|dbc| dbc.env == second);
            pool.is_valid(SQL_HANDLE_ENV, second).then_some(!used)
        }
        ("SQLFreeHandle", Ok(SQL_HANDLE_DBC)) => dbc(second).map(|dbc| !dbc.open),
        ("SQLFreeHandle", Ok(SQL_HANDLE_STMT)) => {
            pool.stmts.iter().find(|stmt| stmt.handle == second).map(|stmt| !stmt.known.awaits())
        }
        ("SQLFreeHandle", Ok(SQL_HANDLE_DESC)) => {
            pool.descs.iter().find(|desc| desc.handle == second).map(|desc| desc.explicit)
        }
        ("SQLConnect" | "SQLDriverConnect", _) if made.succeeded() => dbc(first).map(|dbc| !dbc.open),
        _ => None,
    };
    match expected {
        Some(expected) if expected != made.succeeded() => {
            Err(format!("{}: {} {:?}, expected it to succeed: {expected}", made.function.name, made.code, made.records))
        }
        _ => Ok(()),
    }
}
