//! Parameters: bound, described, sent after the execution has begun.

use std::ffi::c_void;

use super::guard::enter;
use super::output::put;
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::memory::Address;
use crate::handle::statement::{Counting, Parameter};
use crate::handle::{Outcome, Statement};
use crate::odbc::*;
use crate::text::{Ansi, Char, Wide, terminated_length};

/// Binds a parameter. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlbindparameter-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLBindParameter(
    statement: RawHandle,
    number: u16,
    kind: i16,
    c_type: i16,
    sql_type: i16,
    column_size: usize,
    digits: i16,
    data: *mut c_void,
    capacity: isize,
    length: *mut isize,
) -> Return {
    // SAFETY: the application vouches for its pointers until it binds anew, as the reference page demands.
    let data = unsafe { Address::vouched(data) };
    // SAFETY: as above.
    let length = unsafe { Address::vouched(length.cast()) };
    let parameter = Parameter { number, kind, c_type, sql_type, column_size, digits, data, capacity, length };
    enter("SQLBindParameter", statement, |statement: &mut Statement| {
        statement.bind_parameter(&parameter)?;
        Ok(Outcome::Done)
    })
}

/// Counts the parameter markers. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlnumparams-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLNumParams(statement: RawHandle, count: *mut i16) -> Return {
    enter("SQLNumParams", statement, |statement: &mut Statement| {
        let number = i16::try_from(statement.parameter_count()?).unwrap_or(i16::MAX);
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        unsafe { put(count, number) };
        Ok(Outcome::Done)
    })
}

/// Describes a parameter marker. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqldescribeparam-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLDescribeParam(
    statement: RawHandle,
    number: u16,
    sql_type: *mut i16,
    column_size: *mut usize,
    digits: *mut i16,
    nullable: *mut i16,
) -> Return {
    enter("SQLDescribeParam", statement, |statement: &mut Statement| {
        let described = statement.describe_parameter(number)?;
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        unsafe { put(sql_type, described.sql_type) };
        // SAFETY: as above.
        unsafe { put(column_size, described.column_size) };
        // SAFETY: as above.
        unsafe { put(digits, described.digits) };
        // SAFETY: as above.
        unsafe { put(nullable, described.nullable) };
        Ok(Outcome::Done)
    })
}

/// Asks for the next parameter that is sent. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlparamdata-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLParamData(statement: RawHandle, value: *mut *mut c_void) -> Return {
    enter("SQLParamData", statement, |statement: &mut Statement| {
        let (outcome, address) = statement.next_parameter()?;
        if outcome == Outcome::NeedData {
            // SAFETY: the application vouches for its pointers, as the reference page demands.
            unsafe { put(value, address.pointer()) };
        }
        Ok(outcome)
    })
}

/// Sends a piece of a parameter. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlputdata-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLPutData(statement: RawHandle, data: *mut c_void, length: isize) -> Return {
    enter("SQLPutData", statement, |statement: &mut Statement| {
        let counting = statement.counting()?;
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let put = unsafe { piece(data, length, counting) }.and_then(|bytes| statement.put(bytes));
        if put.is_err() {
            statement.abandon();
        }
        put.map(|()| Outcome::Done)
    })
}

/// The bytes of a piece; `None` for NULL.
///
/// # Safety
/// `data` is null or points to as many bytes as `length` and `counting` say.
unsafe fn piece<'a>(data: *mut c_void, length: isize, counting: Counting) -> Result<Option<&'a [u8]>> {
    if length == SQL_NULL_DATA {
        return Ok(None);
    }
    let bytes = match (counting.fixed, usize::try_from(length)) {
        (Some(size), _) => size,
        (None, Ok(0)) => return Ok(Some(&[])),
        (None, Ok(size)) => size,
        // SAFETY: the caller vouches for the text and its terminator.
        (None, Err(_)) if length == SQL_NTS && !data.is_null() => unsafe {
            terminated_length(data.cast(), unit(counting))
        },
        (None, Err(_)) if length == SQL_NTS => 0,
        (None, Err(_)) => return Err(Diagnostic::InvalidLength(length)),
    };
    if data.is_null() {
        return Err(Diagnostic::NullPointer("the piece of the parameter"));
    }
    // SAFETY: the caller vouches for so many bytes.
    Ok(Some(unsafe { std::slice::from_raw_parts(data.cast(), bytes) }))
}

/// Bytes of a character's unit.
fn unit(counting: Counting) -> usize {
    if counting.wide { Wide::width() } else { Ansi::width() }
}
