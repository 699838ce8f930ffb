//! Attributes of environments, connections and statements.

use std::ffi::c_void;

use super::guard::enter;
use super::output::{TextBuffer, put, put_as, units};
use super::{length, twins};
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::attributes::{Setting, Shape};
use crate::handle::memory::Address;
use crate::handle::{Connection, Environment, HANDLES, Outcome, Statement, Token, phase};
use crate::odbc::*;
use crate::text::Char;

/// Sets an environment attribute. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetenvattr-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLSetEnvAttr(
    environment: RawHandle,
    attribute: i32,
    value: *mut c_void,
    _length: i32,
) -> Return {
    enter("SQLSetEnvAttr", environment, |handle: &mut Environment| {
        if !HANDLES.children(Token::from_raw(environment)).is_empty() {
            return Err(Diagnostic::CannotSetNow("an attribute of an environment that has connections"));
        }
        handle.set(attribute, narrow(value.addr()))?;
        Ok(Outcome::Done)
    })
}

/// Reads an environment attribute. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetenvattr-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLGetEnvAttr(
    environment: RawHandle,
    attribute: i32,
    value: *mut c_void,
    size: i32,
    written: *mut i32,
) -> Return {
    enter("SQLGetEnvAttr", environment, |environment: &mut Environment| {
        let setting = environment.attribute(attribute)?;
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let warning = unsafe { write::<crate::text::Ansi>(&setting, value, size, written) }?;
        crate::handle::Handle::records(environment).post_all(warning);
        Ok(Outcome::Done)
    })
}

twins! {
    /// Sets a connection attribute. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetconnectattr-function)
    SQLSetConnectAttr / SQLSetConnectAttrW => set_connection(
        connection: RawHandle, attribute: i32, value: *mut c_void, length: i32);
    /// Reads a connection attribute. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetconnectattr-function)
    SQLGetConnectAttr / SQLGetConnectAttrW => connection_attribute(
        connection: RawHandle, attribute: i32, value: *mut c_void, size: i32, written: *mut i32);
    /// Sets a statement attribute. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetstmtattr-function)
    SQLSetStmtAttr / SQLSetStmtAttrW => set_statement(
        statement: RawHandle, attribute: i32, value: *mut c_void, length: i32);
    /// Reads a statement attribute. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetstmtattr-function)
    SQLGetStmtAttr / SQLGetStmtAttrW => statement_attribute(
        statement: RawHandle, attribute: i32, value: *mut c_void, size: i32, written: *mut i32);
}

unsafe fn set_connection<C: Char>(
    name: &'static str,
    connection: RawHandle,
    attribute: i32,
    value: *mut c_void,
    bytes: i32,
) -> Return {
    enter(name, connection, |handle: &mut Connection| {
        let token = Token::from_raw(connection);
        phase::check_idle(token)?;
        if attribute == SQL_ATTR_CURRENT_CATALOG {
            phase::check_no_cursor(token)?;
        }
        match Connection::shape(attribute)? {
            Shape::Long => handle.set(attribute, narrow(value.addr()))?,
            Shape::Size => handle.set(attribute, value.addr())?,
            Shape::Text => {
                // SAFETY: the application vouches for its pointers, as the reference page demands.
                let text = unsafe { C::read(value.cast(), units::<C>(bytes)?) }?;
                handle.set_text(attribute, text)?;
            }
        }
        Ok(Outcome::Done)
    })
}

unsafe fn connection_attribute<C: Char>(
    name: &'static str,
    connection: RawHandle,
    attribute: i32,
    value: *mut c_void,
    size: i32,
    written: *mut i32,
) -> Return {
    enter(name, connection, |connection: &mut Connection| {
        let setting = connection.attribute(attribute)?;
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let warning = unsafe { write::<C>(&setting, value, size, written) }?;
        crate::handle::Handle::records(connection).post_all(warning);
        Ok(Outcome::Done)
    })
}

unsafe fn set_statement<C: Char>(
    name: &'static str,
    statement: RawHandle,
    attribute: i32,
    value: *mut c_void,
    _length: i32,
) -> Return {
    // SAFETY: the application vouches for its pointers, as the reference page demands.
    let value = unsafe { Address::vouched(value) };
    enter(name, statement, |statement: &mut Statement| {
        statement.set(attribute, value)?;
        Ok(Outcome::Done)
    })
}

unsafe fn statement_attribute<C: Char>(
    name: &'static str,
    statement: RawHandle,
    attribute: i32,
    value: *mut c_void,
    size: i32,
    written: *mut i32,
) -> Return {
    enter(name, statement, |statement: &mut Statement| {
        let setting = statement.attribute(attribute)?;
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let warning = unsafe { write::<C>(&setting, value, size, written) }?;
        crate::handle::Handle::records(statement).post_all(warning);
        Ok(Outcome::Done)
    })
}

/// Writes an attribute's value, and its length in bytes.
///
/// # Errors
/// HY090 for a negative size of a text buffer.
///
/// # Safety
/// `value` is null or points to what the attribute is; `written` is null or points to an integer.
unsafe fn write<C: Char>(
    setting: &Setting,
    value: *mut c_void,
    size: i32,
    written: *mut i32,
) -> Result<Option<Diagnostic>> {
    match setting {
        // SAFETY: the caller vouches for the pointers.
        Setting::Long(number) => unsafe { write_number(value, *number, written) },
        // SAFETY: as above.
        Setting::Size(number) => unsafe { write_number(value, *number, written) },
        Setting::Text(text) => {
            let buffer = TextBuffer::<C, i32>::in_bytes(value, length(size), written)?;
            // SAFETY: as above.
            return Ok(unsafe { buffer.write(text) });
        }
    }
    Ok(None)
}

/// # Safety
/// `value` is null or points to a `T`; `written` is null or points to an integer.
unsafe fn write_number<T>(value: *mut c_void, number: T, written: *mut i32) {
    // SAFETY: the caller vouches for the pointers.
    unsafe { put_as(value, number) };
    // SAFETY: as above.
    unsafe { put(written, i32::try_from(size_of::<T>()).unwrap_or_default()) };
}

/// A SQLUINTEGER that came in a pointer; the upper half of the pointer is not the application's word.
fn narrow(bits: usize) -> usize {
    bits & usize::try_from(u32::MAX).unwrap_or(usize::MAX)
}
