//! Statements: prepared, executed, cancelled.

use super::guard::{enter, interrupt};
use super::output::TextBuffer;
use super::{length, twins};
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::{Handle, Outcome, Statement};
use crate::odbc::*;
use crate::text::Char;

twins! {
    /// Prepares a statement. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlprepare-function)
    SQLPrepare / SQLPrepareW => prepare(statement: RawHandle, sql: *const C, sql_length: i32);
    /// Runs a statement once. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlexecdirect-function)
    SQLExecDirect / SQLExecDirectW => execute_direct(statement: RawHandle, sql: *const C, sql_length: i32);
    /// Names the cursor. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetcursorname-function)
    SQLSetCursorName / SQLSetCursorNameW => set_cursor_name(
        statement: RawHandle, cursor: *const C, cursor_length: i16);
    /// The name of the cursor. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetcursorname-function)
    SQLGetCursorName / SQLGetCursorNameW => cursor_name(
        statement: RawHandle, output: *mut C, size: i16, written: *mut i16);
}

unsafe fn prepare<C: Char>(name: &'static str, statement: RawHandle, sql: *const C, sql_length: i32) -> Return {
    enter(name, statement, |statement: &mut Statement| {
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let sql = unsafe { text(sql, sql_length) }?;
        statement.prepare(&sql)?;
        Ok(Outcome::Done)
    })
}

unsafe fn execute_direct<C: Char>(name: &'static str, statement: RawHandle, sql: *const C, sql_length: i32) -> Return {
    enter(name, statement, |statement: &mut Statement| {
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let sql = unsafe { text(sql, sql_length) }?;
        statement.execute_direct(&sql)
    })
}

/// The text of a statement, which no length may say is nothing.
///
/// # Errors
/// HY009 for a null pointer, HY090 for a length that is none, HY000 for what is no text.
///
/// # Safety
/// `sql` is null, or has so many units, or a terminator.
unsafe fn text<C: Char>(sql: *const C, sql_length: i32) -> Result<String> {
    // SAFETY: the caller vouches for the text.
    let text = unsafe { C::read(sql, length(sql_length)) }?.ok_or(Diagnostic::NullPointer("the statement"))?;
    if sql_length == 0 { Err(Diagnostic::InvalidLength(0)) } else { Ok(text) }
}

/// Runs what was prepared. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlexecute-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLExecute(statement: RawHandle) -> Return {
    enter("SQLExecute", statement, Statement::execute)
}

/// Stops the call that runs on the statement in another thread, or ends a dialog of parameters.
/// [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlcancel-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLCancel(statement: RawHandle) -> Return {
    interrupt("SQLCancel", statement)
}

unsafe fn set_cursor_name<C: Char>(
    name: &'static str,
    statement: RawHandle,
    cursor: *const C,
    cursor_length: i16,
) -> Return {
    enter(name, statement, |statement: &mut Statement| {
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let cursor = unsafe { C::read(cursor, cursor_length.into()) }?;
        statement.name_cursor(cursor.ok_or(Diagnostic::NullPointer("the cursor's name"))?)?;
        Ok(Outcome::Done)
    })
}

unsafe fn cursor_name<C: Char>(
    name: &'static str,
    statement: RawHandle,
    output: *mut C,
    size: i16,
    written: *mut i16,
) -> Return {
    enter(name, statement, |statement: &mut Statement| {
        let output = TextBuffer::in_units(output, size.into(), written)?;
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let cut = unsafe { output.write(&statement.cursor_name()?) };
        statement.records().post_all(cut);
        Ok(Outcome::Done)
    })
}
