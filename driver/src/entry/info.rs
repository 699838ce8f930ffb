//! SQLGetInfo and SQLGetFunctions: the answers are data in the module of that name.

use std::ffi::c_void;

use super::guard::enter;
use super::output::{TextBuffer, put, put_as};
use super::twins;
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::{Connection, Handle, Outcome};
use crate::info::{FUNCTIONS, Facts, Info, info};
use crate::odbc::*;
use crate::text::Char;

twins! {
    /// What the driver and the data source can. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetinfo-function)
    SQLGetInfo / SQLGetInfoW => get_info(
        connection: RawHandle, info_type: u16, value: *mut c_void, size: i16, written: *mut i16);
}

unsafe fn get_info<C: Char>(
    name: &'static str,
    connection: RawHandle,
    info_type: u16,
    value: *mut c_void,
    size: i16,
    written: *mut i16,
) -> Return {
    enter(name, connection, |connection: &mut Connection| {
        let cut = match answer(connection, info_type)? {
            Info::Text(text) => {
                let buffer = TextBuffer::<C, i16>::in_bytes(value, size.into(), written)?;
                // SAFETY: the application vouches for its pointers, as the reference page demands.
                unsafe { buffer.write(&text) }
            }
            // SAFETY: as above.
            Info::Short(number) => unsafe { write(number, value, written) },
            // SAFETY: as above.
            Info::Long(number) => unsafe { write(number, value, written) },
        };
        connection.records().post_all(cut);
        Ok(Outcome::Done)
    })
}

/// Before a connection is open only the driver itself is known.
fn answer(connection: &Connection, info_type: u16) -> Result<Info> {
    let found = match connection.link() {
        Ok(link) => info(info_type, &link.facts),
        Err(_) if matches!(info_type, SQL_DRIVER_NAME | SQL_DRIVER_VER | SQL_ODBC_VER | SQL_DRIVER_ODBC_VER) => {
            info(info_type, &Facts::default())
        }
        Err(closed) => return Err(closed),
    };
    found.ok_or(Diagnostic::InfoType(info_type))
}

/// # Safety
/// `value` is null or points to a `T`; `written` is null or points to an integer.
unsafe fn write<T>(number: T, value: *mut c_void, written: *mut i16) -> Option<Diagnostic> {
    // SAFETY: the caller vouches for the pointers.
    unsafe { put_as(value, number) };
    // SAFETY: as above.
    unsafe { put(written, i16::try_from(size_of::<T>()).unwrap_or_default()) };
    None
}

/// Words of the two bitmaps, and functions that the older one can tell of.
const ODBC3_WORDS: usize = 250;
const ODBC2_WORDS: usize = 100;

/// Which functions there are. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetfunctions-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLGetFunctions(connection: RawHandle, function: u16, output: *mut u16) -> Return {
    enter("SQLGetFunctions", connection, |connection: &mut Connection| {
        if !connection.is_open() {
            return Err(Diagnostic::Sequence("the connection is not open; call SQLConnect or SQLDriverConnect first"));
        }
        if output.is_null() {
            return Err(Diagnostic::NullPointer("the answer of SQLGetFunctions"));
        }
        match function {
            SQL_API_ODBC3_ALL_FUNCTIONS => {
                // SAFETY: the application vouches for an array of 250 words.
                unsafe { output.cast::<[u16; ODBC3_WORDS]>().write_unaligned(bitmap()) };
            }
            SQL_API_ALL_FUNCTIONS => {
                // SAFETY: the application vouches for an array of 100 words.
                unsafe { output.cast::<[u16; ODBC2_WORDS]>().write_unaligned(flags()) };
            }
            // SAFETY: the application vouches for one word.
            _ => unsafe { put(output, u16::from(FUNCTIONS.contains(&function))) },
        }
        Ok(Outcome::Done)
    })
}

/// A bit for each function.
fn bitmap() -> [u16; ODBC3_WORDS] {
    let mut words = [0; ODBC3_WORDS];
    for function in FUNCTIONS {
        if let Some(word) = words.get_mut(usize::from(function >> 4)) {
            *word |= 1 << (function & 15);
        }
    }
    words
}

/// A word for each function of ODBC 2.
fn flags() -> [u16; ODBC2_WORDS] {
    let mut words = [0; ODBC2_WORDS];
    for function in FUNCTIONS {
        if let Some(word) = words.get_mut(usize::from(*function)) {
            *word = 1;
        }
    }
    words
}
