//! Descriptors: their fields and records, read, written and copied.

use std::ffi::c_void;

use super::guard::enter;
use super::output::{TextBuffer, put, put_as, units};
use super::{length, twins};
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::descriptor::{Contents, FieldValue, Shape, shape};
use crate::handle::memory::Address;
use crate::handle::{Descriptor, HANDLES, Handle, Outcome, Token};
use crate::odbc::*;
use crate::text::Char;

twins! {
    /// Reads a field. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetdescfield-function)
    SQLGetDescField / SQLGetDescFieldW => field(
        descriptor: RawHandle, record: i16, field: i16, value: *mut c_void, size: i32, written: *mut i32);
    /// Sets a field. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetdescfield-function)
    SQLSetDescField / SQLSetDescFieldW => set_field(
        descriptor: RawHandle, record: i16, field: i16, value: *mut c_void, size: i32);
    /// Reads a record. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetdescrec-function)
    SQLGetDescRec / SQLGetDescRecW => record(
        descriptor: RawHandle, record: i16, output: *mut C, size: i16, written: *mut i16, kind: *mut i16,
        subcode: *mut i16, octet_length: *mut isize, precision: *mut i16, scale: *mut i16, nullable: *mut i16);
}

unsafe fn field<C: Char>(
    name: &'static str,
    descriptor: RawHandle,
    record: i16,
    field: i16,
    value: *mut c_void,
    size: i32,
    written: *mut i32,
) -> Return {
    enter(name, descriptor, |descriptor: &mut Descriptor| {
        descriptor.check_idle()?;
        let field = field.cast_unsigned();
        let Some(found) = descriptor.field(record, field)? else {
            return Ok(Outcome::NoData);
        };
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let cut = unsafe { write::<C>(&found, shape(field)?, value, size, written) }?;
        descriptor.records().post_all(cut);
        Ok(Outcome::Done)
    })
}

/// Writes a field's value in its own width.
///
/// # Safety
/// `value` is null or points to what the shape says; `written` is null or points to an integer.
unsafe fn write<C: Char>(
    found: &FieldValue,
    shape: Shape,
    value: *mut c_void,
    size: i32,
    written: *mut i32,
) -> Result<Option<Diagnostic>> {
    match found {
        FieldValue::Text(text) => {
            let buffer = TextBuffer::<C, i32>::in_bytes(value, length(size), written)?;
            // SAFETY: the caller vouches for the pointers.
            return Ok(unsafe { buffer.write(text) });
        }
        // SAFETY: as above.
        FieldValue::Address(address) => unsafe { put_as(value, address.pointer::<c_void>()) },
        FieldValue::Number(number) => match shape {
            // SAFETY: as above.
            Shape::Short => unsafe { put_as(value, i16::try_from(*number).unwrap_or(i16::MAX)) },
            // SAFETY: as above.
            Shape::Long => unsafe { put_as(value, i32::try_from(*number).unwrap_or(i32::MAX)) },
            // SAFETY: as above.
            Shape::Size | Shape::Pointer | Shape::Text => unsafe { put_as(value, *number) },
        },
    }
    Ok(None)
}

unsafe fn set_field<C: Char>(
    name: &'static str,
    descriptor: RawHandle,
    record: i16,
    field: i16,
    value: *mut c_void,
    size: i32,
) -> Return {
    enter(name, descriptor, |descriptor: &mut Descriptor| {
        descriptor.check_idle()?;
        let field = field.cast_unsigned();
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        let value = unsafe { given::<C>(shape(field)?, value, size) }?;
        descriptor.set(record, field, value)?;
        Ok(Outcome::Done)
    })
}

/// What the application gives: a text, a pointer, or a number in the pointer's place.
///
/// # Safety
/// `value` is a number, or null, or points to what the shape says for as long as it is used.
unsafe fn given<C: Char>(shape: Shape, value: *mut c_void, size: i32) -> Result<FieldValue> {
    let number = value.addr().cast_signed();
    Ok(match shape {
        Shape::Short => i16::try_from(number & 0xFFFF).unwrap_or_else(|_| low_half(number)).into(),
        Shape::Long => FieldValue::Number(sign_extended(number)),
        Shape::Size => FieldValue::Number(number),
        // SAFETY: the caller vouches for the pointer.
        Shape::Pointer => FieldValue::Address(unsafe { Address::vouched(value) }),
        Shape::Text => {
            // SAFETY: as above.
            let text = unsafe { C::read(value.cast(), units::<C>(size)?) }?;
            FieldValue::Text(text.ok_or(Diagnostic::NullPointer("the value of the field"))?)
        }
    })
}

/// The lower 16 bits of a pointer as a signed number; the rest is not the application's word.
fn low_half(number: isize) -> i16 {
    let [first, second, ..] = number.to_le_bytes();
    i16::from_le_bytes([first, second])
}

/// The lower 32 bits of a pointer as a signed number.
fn sign_extended(number: isize) -> isize {
    let [first, second, third, fourth, ..] = number.to_le_bytes();
    isize::try_from(i32::from_le_bytes([first, second, third, fourth])).unwrap_or_default()
}

unsafe fn record<C: Char>(
    name: &'static str,
    descriptor: RawHandle,
    record: i16,
    output: *mut C,
    size: i16,
    written: *mut i16,
    kind: *mut i16,
    subcode: *mut i16,
    octet_length: *mut isize,
    precision: *mut i16,
    scale: *mut i16,
    nullable: *mut i16,
) -> Return {
    enter(name, descriptor, |descriptor: &mut Descriptor| {
        descriptor.check_idle()?;
        let Some(FieldValue::Number(found)) = descriptor.field(record, SQL_DESC_TYPE)? else {
            return Ok(Outcome::NoData);
        };
        let output = TextBuffer::in_units(output, size.into(), written)?;
        let number = |field| match descriptor.field(record, field) {
            Ok(Some(FieldValue::Number(number))) => number,
            _ => 0,
        };
        let short = |number: isize| i16::try_from(number).unwrap_or(i16::MAX);
        // SAFETY: the application vouches for its pointers, as the reference page demands.
        unsafe { put(kind, short(found)) };
        // SAFETY: as above.
        unsafe { put(subcode, short(number(SQL_DESC_DATETIME_INTERVAL_CODE))) };
        // SAFETY: as above.
        unsafe { put(octet_length, number(SQL_DESC_OCTET_LENGTH)) };
        // SAFETY: as above.
        unsafe { put(precision, short(number(SQL_DESC_PRECISION))) };
        // SAFETY: as above.
        unsafe { put(scale, short(number(SQL_DESC_SCALE))) };
        // SAFETY: as above.
        unsafe { put(nullable, short(number(SQL_DESC_NULLABLE))) };
        let title = match descriptor.field(record, SQL_DESC_NAME) {
            Ok(Some(FieldValue::Text(title))) => title,
            _ => String::new(),
        };
        // SAFETY: as above.
        let cut = unsafe { output.write(&title) };
        descriptor.records().post_all(cut);
        Ok(Outcome::Done)
    })
}

/// Sets a record. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetdescrec-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLSetDescRec(
    descriptor: RawHandle,
    record: i16,
    kind: i16,
    subcode: i16,
    octet_length: isize,
    precision: i16,
    scale: i16,
    data: *mut c_void,
    length: *mut isize,
    indicator: *mut isize,
) -> Return {
    // SAFETY: the application vouches for its pointers until it binds anew, as the reference page demands.
    let data = unsafe { Address::vouched(data) };
    // SAFETY: as above.
    let length = unsafe { Address::vouched(length.cast()) };
    // SAFETY: as above.
    let indicator = unsafe { Address::vouched(indicator.cast()) };
    enter("SQLSetDescRec", descriptor, |descriptor: &mut Descriptor| {
        descriptor.check_idle()?;
        let fields: [(u16, FieldValue); 8] = [
            (SQL_DESC_TYPE, kind.into()),
            (SQL_DESC_DATETIME_INTERVAL_CODE, subcode.into()),
            (SQL_DESC_OCTET_LENGTH, octet_length.into()),
            (SQL_DESC_PRECISION, precision.into()),
            (SQL_DESC_SCALE, scale.into()),
            (SQL_DESC_OCTET_LENGTH_PTR, length.into()),
            (SQL_DESC_INDICATOR_PTR, indicator.into()),
            (SQL_DESC_DATA_PTR, data.into()),
        ];
        for (field, value) in fields {
            let subcode = field == SQL_DESC_DATETIME_INTERVAL_CODE;
            // The types of parameters have no place for a length: there is nothing to set.
            let used = descriptor.uses(field)?;
            if used && (!subcode || matches!(kind, SQL_DATETIME | SQL_INTERVAL)) {
                descriptor.set(record, field, value)?;
            }
        }
        Ok(Outcome::Done)
    })
}

/// Copies a descriptor. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlcopydesc-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLCopyDesc(source: RawHandle, target: RawHandle) -> Return {
    const NAME: &str = "SQLCopyDesc";
    let Some(shared) = HANDLES.find::<Descriptor>(Token::from_raw(source)) else {
        return SQL_INVALID_HANDLE;
    };
    if shared.is_inherited() {
        return enter(NAME, source, |_: &mut Descriptor| Ok(Outcome::Done));
    }
    // The lock of the source is given back before that of the target is taken: they may be one. What goes wrong is told
    // by the target, as the reference says.
    let contents = contents(&shared.lock());
    drop(shared);
    enter(NAME, target, |target: &mut Descriptor| {
        target.check_idle()?;
        target.take(contents?)?;
        Ok(Outcome::Done)
    })
}

/// # Errors
/// HY007, HY010.
fn contents(source: &Descriptor) -> Result<Contents> {
    source.check_idle()?;
    source.contents()
}
