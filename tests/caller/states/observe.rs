//! Which state handles are in, told by what calls return: the probes change the state, so they come last.

use super::place::Place;
use crate::memory::Buffer;
use crate::odbc::*;
use crate::word::Word;

/// The state of the machine's handles. That of a statement is told with what was prepared: `S5` is a cursor of
/// SQLExecDirect, `S5 prepared` one of SQLExecute.
pub(crate) fn observe(machine: &str, place: &mut Place<'_>) -> String {
    match machine {
        "env" => environment(place).to_owned(),
        "dbc" => connection(place).to_owned(),
        "stmt" => statement(place),
        _ => descriptor(place).to_owned(),
    }
}

fn environment(place: &mut Place<'_>) -> &'static str {
    if !place.is_valid(SQL_HANDLE_ENV) {
        return "E0";
    }
    match place.host.call("SQLFreeHandle", &[SQL_HANDLE_ENV.into(), place.env]) {
        SQL_SUCCESS => {
            place.was_freed(SQL_HANDLE_ENV);
            "E1"
        }
        _ => "E2",
    }
}

fn connection(place: &Place<'_>) -> &'static str {
    const SQL_DBMS_NAME: u16 = 17;
    if !place.is_valid(SQL_HANDLE_ENV) {
        return "C0";
    }
    if !place.is_valid(SQL_HANDLE_DBC) {
        return "C1";
    }
    let mut name = Buffer::new(64);
    let words = [place.dbc, SQL_DBMS_NAME.into(), name.word(), 64i16.into(), Word::NULL];
    match place.host.call("SQLGetInfo", &words) {
        SQL_ERROR => "C2",
        _ if place.has_statement() => "C5",
        _ => "C4",
    }
}

fn descriptor(place: &Place<'_>) -> &'static str {
    const SQL_DESC_ALLOC_TYPE: i16 = 1_099;
    const SQL_DESC_ALLOC_USER: i16 = 2;
    if !place.is_valid(SQL_HANDLE_DESC) {
        return "D0";
    }
    let mut value = Buffer::new(8);
    let words = [place.desc, 0i16.into(), SQL_DESC_ALLOC_TYPE.into(), value.word(), 0i32.into(), Word::NULL];
    place.host.call("SQLGetDescField", &words);
    if value.short() == SQL_DESC_ALLOC_USER { "D1e" } else { "D1i" }
}

fn statement(place: &mut Place<'_>) -> String {
    if !place.is_valid(SQL_HANDLE_STMT) {
        return "S0".to_owned();
    }
    match columns(place) {
        Some(0) => "a prepared statement without columns".to_owned(),
        Some(_) => with_result(place),
        None if place.host.call("SQLCloseCursor", &[place.stmt]) == SQL_ERROR
            && place.host.state(SQL_HANDLE_STMT, place.stmt) == "24000" =>
        {
            "S1".to_owned()
        }
        None => with_need(place),
    }
}

/// Columns of the result; none where nothing was prepared or parameters are awaited.
fn columns(place: &Place<'_>) -> Option<i16> {
    let mut count = Buffer::new(2);
    let code = place.host.call("SQLNumResultCols", &[place.stmt, count.word()]);
    (code == SQL_SUCCESS).then(|| count.short())
}

/// S3 and S5 to S7: whether it was executed, is on a row, and which way of fetching is refused.
fn with_result(place: &mut Place<'_>) -> String {
    let mut count = Buffer::new(8);
    if place.host.call("SQLRowCount", &[place.stmt, count.word()]) == SQL_ERROR {
        return "S3 prepared".to_owned();
    }
    let (mut data, mut length) = (Buffer::new(64), Buffer::new(8));
    let words = [place.stmt, 1u16.into(), SQL_C_CHAR.into(), data.word(), 64isize.into(), length.word()];
    let on_row = place.host.call("SQLGetData", &words) != SQL_ERROR;
    let fetched = place.host.call("SQLFetch", &[place.stmt]);
    // A row that does not fit what is bound is an error, too.
    let refused = fetched == SQL_ERROR && place.host.state(SQL_HANDLE_STMT, place.stmt) == "HY010";
    let cursor = match (fetched, on_row) {
        _ if refused => "S7",
        (SQL_NO_DATA, _) | (_, true) => "S6",
        _ => "S5",
    };
    place.host.call("SQLCloseCursor", &[place.stmt]);
    if columns(place).is_some() { format!("{cursor} prepared") } else { cursor.to_owned() }
}

/// S8 to S10, by what SQLParamData says.
fn with_need(place: &mut Place<'_>) -> String {
    let mut first = Buffer::new(8);
    let code = place.host.call("SQLParamData", &[place.stmt, first.word()]);
    let refused = code == SQL_ERROR && place.host.state(SQL_HANDLE_STMT, place.stmt) == "HY010";
    // The first parameter's address is told in S8, that of the second in S10.
    let state = match code {
        _ if refused => "S9",
        SQL_NEED_DATA if place.first_token() == Some(first.first_word()) => "S8",
        _ => "S10",
    };
    place.host.call("SQLCancel", &[place.stmt]);
    place.host.call("SQLFreeStmt", &[place.stmt, 0u16.into()]);
    if columns(place).is_some() { format!("{state} prepared") } else { state.to_owned() }
}
