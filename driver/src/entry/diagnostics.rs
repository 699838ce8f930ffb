//! SQLGetDiagRec and SQLGetDiagField. They post nothing: reading the diagnostics leaves them as they are.
//! [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetdiagfield-function)

use std::ffi::c_void;

use super::guard::{bare, inspect};
use super::output::{TextBuffer, put, put_as};
use super::twins;
use crate::handle::records::{Record, Records};
use crate::handle::{Connection, Descriptor, Environment, Statement};
use crate::odbc::*;
use crate::text::Char;

/// Vendor and component, as the reference asks for them before each message.
const PREFIX: &str = "[Pipedrive][ODBC] ";

twins! {
    /// The state and the text of a record. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetdiagrec-function)
    SQLGetDiagRec / SQLGetDiagRecW => record(
        kind: i16, handle: RawHandle, number: i16, state: *mut C, native: *mut i32, text: *mut C, size: i16,
        written: *mut i16);
    /// A field of a record, or of all. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetdiagfield-function)
    SQLGetDiagField / SQLGetDiagFieldW => field(
        kind: i16, handle: RawHandle, number: i16, field: i16, value: *mut c_void, size: i16, written: *mut i16);
}

/// Looks at the diagnostics of a handle of any kind.
fn look(name: &'static str, kind: i16, handle: RawHandle, body: impl FnOnce(&Records) -> Return) -> Return {
    match kind {
        SQL_HANDLE_ENV => inspect::<Environment>(name, handle, body),
        SQL_HANDLE_DBC => inspect::<Connection>(name, handle, body),
        SQL_HANDLE_STMT => inspect::<Statement>(name, handle, body),
        SQL_HANDLE_DESC => inspect::<Descriptor>(name, handle, body),
        _ => bare(|| SQL_INVALID_HANDLE),
    }
}

unsafe fn record<C: Char>(
    name: &'static str,
    kind: i16,
    handle: RawHandle,
    number: i16,
    state: *mut C,
    native: *mut i32,
    text: *mut C,
    size: i16,
    written: *mut i16,
) -> Return {
    look(name, kind, handle, |records| {
        let Some(number) = usize::try_from(number).ok().filter(|number| *number > 0) else {
            return SQL_ERROR;
        };
        let Ok(buffer) = TextBuffer::in_units(text, size.into(), written) else {
            return SQL_ERROR;
        };
        let Some(record) = records.record(number) else {
            return SQL_NO_DATA;
        };
        // SAFETY: the application vouches for its pointers, as the reference page demands; a state has 5 characters.
        unsafe { C::write(record.diagnostic.sqlstate(), state, STATE_UNITS) };
        // SAFETY: as above.
        unsafe { put(native, 0) };
        // SAFETY: as above.
        let cut = unsafe { buffer.write(&message(record)) };
        if cut.is_some() { SQL_SUCCESS_WITH_INFO } else { SQL_SUCCESS }
    })
}

/// Five characters and a terminator.
const STATE_UNITS: usize = 6;

/// A value of a diagnostic field.
enum Value {
    Text(String),
    Return(Return),
    Long(i32),
    Size(isize),
}

unsafe fn field<C: Char>(
    name: &'static str,
    kind: i16,
    handle: RawHandle,
    number: i16,
    field: i16,
    value: *mut c_void,
    size: i16,
    written: *mut i16,
) -> Return {
    look(name, kind, handle, |records| {
        let found = match header(records, kind, field) {
            Some(Ok(found)) => found,
            Some(Err(code)) => return code,
            None => {
                let Some(number) = usize::try_from(number).ok().filter(|number| *number > 0) else {
                    return SQL_ERROR;
                };
                let Some(record) = records.record(number) else {
                    return SQL_NO_DATA;
                };
                match of_record(records, record, kind, field) {
                    Some(found) => found,
                    None => return SQL_ERROR,
                }
            }
        };
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        unsafe { write::<C>(&found, value, size, written) }
    })
}

/// # Safety
/// `value` is null or points to what the field is; `written` is null or points to an integer.
unsafe fn write<C: Char>(found: &Value, value: *mut c_void, size: i16, written: *mut i16) -> Return {
    match found {
        Value::Text(text) => {
            let Ok(buffer) = TextBuffer::<C, i16>::in_bytes(value, size.into(), written) else {
                return SQL_ERROR;
            };
            // SAFETY: the caller vouches for the pointers.
            if unsafe { buffer.write(text) }.is_some() {
                return SQL_SUCCESS_WITH_INFO;
            }
        }
        // SAFETY: as above.
        Value::Return(number) => unsafe { put_as(value, *number) },
        // SAFETY: as above.
        Value::Long(number) => unsafe { put_as(value, *number) },
        // SAFETY: as above.
        Value::Size(number) => unsafe { put_as(value, *number) },
    }
    SQL_SUCCESS
}

/// A field of the header; `None` for one of a record.
fn header(records: &Records, kind: i16, field: i16) -> Option<Result<Value, Return>> {
    let of_statement = |value: Value| if kind == SQL_HANDLE_STMT { Ok(value) } else { Err(SQL_ERROR) };
    Some(match field {
        SQL_DIAG_RETURNCODE => Ok(Value::Return(records.return_code)),
        SQL_DIAG_NUMBER => Ok(Value::Long(i32::try_from(records.len()).unwrap_or(i32::MAX))),
        SQL_DIAG_ROW_COUNT if !records.executed => Err(SQL_ERROR),
        // Rows that a statement changed: none ever does.
        SQL_DIAG_ROW_COUNT => of_statement(Value::Size(0)),
        SQL_DIAG_CURSOR_ROW_COUNT => of_statement(Value::Size(records.cursor_rows.map_or(0, usize::cast_signed))),
        SQL_DIAG_DYNAMIC_FUNCTION => of_statement(Value::Text(function(records).to_owned())),
        SQL_DIAG_DYNAMIC_FUNCTION_CODE => of_statement(Value::Long(records.function)),
        _ => return None,
    })
}

const fn function(records: &Records) -> &'static str {
    match records.function {
        SQL_DIAG_SELECT_CURSOR => "SELECT CURSOR",
        SQL_DIAG_CALL => "CALL",
        _ => "",
    }
}

/// A field of a record; `None` for what is none.
fn of_record(records: &Records, record: &Record, kind: i16, field: i16) -> Option<Value> {
    let state = record.diagnostic.sqlstate();
    Some(match field {
        SQL_DIAG_SQLSTATE => Value::Text(state.to_owned()),
        SQL_DIAG_NATIVE => Value::Long(0),
        SQL_DIAG_MESSAGE_TEXT => Value::Text(message(record)),
        SQL_DIAG_CLASS_ORIGIN => Value::Text(class_origin(state).to_owned()),
        SQL_DIAG_SUBCLASS_ORIGIN => Value::Text(subclass_origin(state).to_owned()),
        SQL_DIAG_CONNECTION_NAME | SQL_DIAG_SERVER_NAME => Value::Text(records.server.clone()),
        SQL_DIAG_ROW_NUMBER if kind == SQL_HANDLE_STMT => Value::Size(record.row),
        SQL_DIAG_COLUMN_NUMBER if kind == SQL_HANDLE_STMT => Value::Long(record.column),
        _ => return None,
    })
}

fn message(record: &Record) -> String {
    format!("{PREFIX}{}", record.diagnostic)
}

const ISO: &str = "ISO 9075";
const ODBC: &str = "ODBC 3.0";

/// States whose subclass ODBC defined.
const ODBC_STATES: &[&str] = &[
    "01S00", "01S01", "01S02", "01S06", "01S07", "07S01", "08S01", "21S01", "21S02", "25S01", "25S02", "25S03",
    "42S01", "42S02", "42S11", "42S12", "42S21", "42S22", "HY095", "HY097", "HY098", "HY099", "HY100", "HY101",
    "HY105", "HY107", "HY109", "HY110", "HY111", "HYT00", "HYT01", "IM001", "IM002", "IM003", "IM004", "IM005",
    "IM006", "IM007", "IM008", "IM010", "IM011", "IM012",
];

fn class_origin(state: &str) -> &'static str {
    if state.starts_with("IM") { ODBC } else { ISO }
}

fn subclass_origin(state: &str) -> &'static str {
    if ODBC_STATES.contains(&state) { ODBC } else { ISO }
}
