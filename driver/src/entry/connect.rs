//! Connecting, and what concerns a connection as a whole.

use pipedrive_sql::settings::parse_connection_string;

use super::guard::{enter, refuse_kind};
use super::output::TextBuffer;
use super::{length, twins};
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::connection::{Dialogs, login};
use crate::handle::{Connection, Environment, Handle, Outcome, Token, phase};
use crate::odbc::*;
use crate::text::Char;

twins! {
    /// Connects to a data source. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlconnect-function)
    SQLConnect / SQLConnectW => connect(
        connection: RawHandle, source: *const C, source_length: i16, user: *const C, user_length: i16,
        password: *const C, password_length: i16);
    /// Connects by a connection string. There are no dialogs: what is missing is an error. But a browser is opened where the
    /// string asks for a person to sign in (GETANDREFRESH), unless `completion` is SQL_DRIVER_NOPROMPT.
    /// [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqldriverconnect-function)
    SQLDriverConnect / SQLDriverConnectW => driver_connect(
        connection: RawHandle, window: RawHandle, string: *const C, string_length: i16, output: *mut C, size: i16,
        written: *mut i16, completion: u16);
    /// The statement as the engine reads it. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlnativesql-function)
    SQLNativeSql / SQLNativeSqlW => native_sql(
        connection: RawHandle, sql: *const C, sql_length: i32, output: *mut C, size: i32, written: *mut i32);
}

unsafe fn connect<C: Char>(
    name: &'static str,
    connection: RawHandle,
    source: *const C,
    source_length: i16,
    user: *const C,
    user_length: i16,
    password: *const C,
    password_length: i16,
) -> Return {
    enter(name, connection, |connection: &mut Connection| {
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let source = unsafe { C::read(source, source_length.into()) }?;
        // SAFETY: as above.
        let user = unsafe { C::read(user, user_length.into()) }?;
        // SAFETY: as above.
        let password = unsafe { C::read(password, password_length.into()) }?;
        connection.connect(login(source, user, password), Dialogs::Allowed)?;
        Ok(Outcome::Done)
    })
}

/// No dialog, and no browser either.
const SQL_DRIVER_NOPROMPT: u16 = 0;
/// The largest SQL_DRIVER_* completion.
const SQL_DRIVER_COMPLETE_REQUIRED: u16 = 3;

unsafe fn driver_connect<C: Char>(
    name: &'static str,
    connection: RawHandle,
    _window: RawHandle,
    string: *const C,
    string_length: i16,
    output: *mut C,
    size: i16,
    written: *mut i16,
    completion: u16,
) -> Return {
    enter(name, connection, |connection: &mut Connection| {
        if completion > SQL_DRIVER_COMPLETE_REQUIRED {
            return Err(Diagnostic::DriverCompletion(completion));
        }
        let output = TextBuffer::in_units(output, size.into(), written)?;
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let string = unsafe { C::read(string, string_length.into()) }?.unwrap_or_default();
        let pairs = parse_connection_string(&string).map_err(Diagnostic::Connecting)?;
        let dialogs = if completion == SQL_DRIVER_NOPROMPT { Dialogs::Forbidden } else { Dialogs::Allowed };
        connection.connect(pairs, dialogs)?;
        // What the application said connects again; nothing of the data source is added, least of all its secrets.
        // SAFETY: as above.
        let cut = unsafe { output.write(&string) };
        connection.records().post_all(cut);
        Ok(Outcome::Done)
    })
}

unsafe fn native_sql<C: Char>(
    name: &'static str,
    connection: RawHandle,
    sql: *const C,
    sql_length: i32,
    output: *mut C,
    size: i32,
    written: *mut i32,
) -> Return {
    enter(name, connection, |connection: &mut Connection| {
        let output = TextBuffer::in_units(output, length(size), written)?;
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let sql = unsafe { C::read(sql, length(sql_length)) }?.ok_or(Diagnostic::NullPointer("the statement"))?;
        let native = connection.native_sql(&sql)?;
        // SAFETY: as above.
        let cut = unsafe { output.write(&native) };
        connection.records().post_all(cut);
        Ok(Outcome::Done)
    })
}

/// Ends a transaction: there is none, so there is nothing to do.
/// [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlendtran-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLEndTran(kind: i16, handle: RawHandle, operation: i16) -> Return {
    const NAME: &str = "SQLEndTran";
    match kind {
        SQL_HANDLE_ENV => enter(NAME, handle, |environment: &mut Environment| {
            environment.speaks_odbc2()?;
            phase::check_connections_idle(Token::from_raw(handle))?;
            end(operation)
        }),
        SQL_HANDLE_DBC => enter(NAME, handle, |connection: &mut Connection| {
            connection.link()?;
            phase::check_idle(Token::from_raw(handle))?;
            end(operation)
        }),
        _ => refuse_kind(NAME, kind, handle),
    }
}

/// SQL_COMMIT or SQL_ROLLBACK.
fn end(operation: i16) -> Result<Outcome> {
    if matches!(operation, 0 | 1) { Ok(Outcome::Done) } else { Err(Diagnostic::TransactionOperation(operation)) }
}
