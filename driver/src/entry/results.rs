//! Results: described, bound, fetched.

use std::ffi::c_void;

use super::guard::enter;
use super::output::{TextBuffer, put};
use super::twins;
use crate::diagnostics::Diagnostic;
use crate::handle::descriptor::FieldValue;
use crate::handle::memory::Address;
use crate::handle::statement::{Extended, Wanted};
use crate::handle::{Handle, Outcome, Statement};
use crate::odbc::*;
use crate::text::Char;

/// Counts the columns. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlnumresultcols-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLNumResultCols(statement: RawHandle, count: *mut i16) -> Return {
    enter("SQLNumResultCols", statement, |statement: &mut Statement| {
        let number = i16::try_from(statement.column_count()?).unwrap_or(i16::MAX);
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        unsafe { put(count, number) };
        Ok(Outcome::Done)
    })
}

twins! {
    /// Describes a column. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqldescribecol-function)
    SQLDescribeCol / SQLDescribeColW => describe_column(
        statement: RawHandle, number: u16, output: *mut C, size: i16, written: *mut i16, sql_type: *mut i16,
        column_size: *mut usize, digits: *mut i16, nullable: *mut i16);
    /// A field of a column. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlcolattribute-function)
    SQLColAttribute / SQLColAttributeW => column_attribute(
        statement: RawHandle, number: u16, field: u16, output: *mut c_void, size: i16, written: *mut i16,
        numeric: *mut isize);
}

unsafe fn describe_column<C: Char>(
    name: &'static str,
    statement: RawHandle,
    number: u16,
    output: *mut C,
    size: i16,
    written: *mut i16,
    sql_type: *mut i16,
    column_size: *mut usize,
    digits: *mut i16,
    nullable: *mut i16,
) -> Return {
    enter(name, statement, |statement: &mut Statement| {
        let described = statement.describe_column(number)?;
        let output = TextBuffer::in_units(output, size.into(), written)?;
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let cut = unsafe { output.write(&described.name) };
        // SAFETY: as above.
        unsafe { put(sql_type, described.sql_type) };
        // SAFETY: as above.
        unsafe { put(column_size, described.column_size) };
        // SAFETY: as above.
        unsafe { put(digits, described.digits) };
        // SAFETY: as above.
        unsafe { put(nullable, described.nullable) };
        statement.records().post_all(cut);
        Ok(Outcome::Done)
    })
}

unsafe fn column_attribute<C: Char>(
    name: &'static str,
    statement: RawHandle,
    number: u16,
    field: u16,
    output: *mut c_void,
    size: i16,
    written: *mut i16,
    numeric: *mut isize,
) -> Return {
    enter(name, statement, |statement: &mut Statement| {
        match statement.column_field(number, field)? {
            FieldValue::Text(text) => {
                let output = TextBuffer::<C, i16>::in_bytes(output, size.into(), written)?;
                // SAFETY: the application vouches for its pointers, as the reference page demands.
                let cut = unsafe { output.write(&text) };
                statement.records().post_all(cut);
            }
            // SAFETY: as above.
            FieldValue::Number(number) => unsafe { put(numeric, number) },
            FieldValue::Address(_) => return Err(Diagnostic::DescriptorField(field)),
        }
        Ok(Outcome::Done)
    })
}

/// Counts the rows. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlrowcount-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLRowCount(statement: RawHandle, count: *mut isize) -> Return {
    enter("SQLRowCount", statement, |statement: &mut Statement| {
        let rows = statement.row_count()?;
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        unsafe { put(count, rows) };
        Ok(Outcome::Done)
    })
}

/// Binds a column. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlbindcol-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLBindCol(
    statement: RawHandle,
    column: u16,
    c_type: i16,
    data: *mut c_void,
    capacity: isize,
    length: *mut isize,
) -> Return {
    // SAFETY: the application vouches for its pointers until it binds anew, as the reference page demands.
    let wanted = unsafe { wanted(column, c_type, data, capacity, length) };
    enter("SQLBindCol", statement, |statement: &mut Statement| {
        statement.bind_column(&wanted)?;
        Ok(Outcome::Done)
    })
}

/// Reads a column of the current row. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetdata-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLGetData(
    statement: RawHandle,
    column: u16,
    c_type: i16,
    data: *mut c_void,
    capacity: isize,
    length: *mut isize,
) -> Return {
    // SAFETY: the application vouches for its pointers, as the reference page demands.
    let wanted = unsafe { wanted(column, c_type, data, capacity, length) };
    enter("SQLGetData", statement, |statement: &mut Statement| statement.data(&wanted))
}

/// # Safety
/// The pointers are null, or those of a buffer and its length, for as long as they are used.
unsafe fn wanted(column: u16, c_type: i16, data: *mut c_void, capacity: isize, length: *mut isize) -> Wanted {
    // SAFETY: the caller vouches for the pointers.
    let data = unsafe { Address::vouched(data) };
    // SAFETY: as above.
    let length = unsafe { Address::vouched(length.cast()) };
    Wanted { column, c_type, data, capacity, length }
}

/// Fetches the next rowset. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlfetch-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLFetch(statement: RawHandle) -> Return {
    enter("SQLFetch", statement, |statement: &mut Statement| statement.fetch(SQL_FETCH_NEXT))
}

/// Fetches the next rowset; other directions are refused. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlfetchscroll-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLFetchScroll(statement: RawHandle, direction: i16, _offset: isize) -> Return {
    enter("SQLFetchScroll", statement, |statement: &mut Statement| statement.fetch(direction))
}

/// Fetches the next rowset as ODBC 2 did. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlextendedfetch-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLExtendedFetch(
    statement: RawHandle,
    direction: u16,
    _offset: isize,
    fetched: *mut usize,
    status: *mut u16,
) -> Return {
    // SAFETY: the application vouches for its pointers, as the reference page demands.
    let fetched = unsafe { Address::vouched(fetched.cast()) };
    // SAFETY: as above.
    let status = unsafe { Address::vouched(status.cast()) };
    enter("SQLExtendedFetch", statement, |statement: &mut Statement| {
        let direction = i16::try_from(direction).unwrap_or(i16::MAX);
        statement.fetch_extended(direction, Extended { fetched, status })
    })
}

/// Goes on to the next result: there is never one. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlmoreresults-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLMoreResults(statement: RawHandle) -> Return {
    enter("SQLMoreResults", statement, Statement::more_results)
}

/// Closes the cursor. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlclosecursor-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLCloseCursor(statement: RawHandle) -> Return {
    enter("SQLCloseCursor", statement, |statement: &mut Statement| {
        statement.close(true)?;
        Ok(Outcome::Done)
    })
}
