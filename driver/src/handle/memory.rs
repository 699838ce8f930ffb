//! Buffers of the application that are read or written later than they were named: bound columns, parameters, status
//! arrays, offsets.
//!
//! The application gives its word when it names an address, so making an [`Address`] is unsafe and using it is not.
//! The word holds until the address is bound anew, unbound, or its statement freed.

#![expect(unsafe_code, reason = "reads and writes memory that the application vouched for")]

use std::ffi::c_void;

use pipedrive_sql::Value;

use crate::convert::{CType, Column, Outcome as Moved, Progress, Source, Target};
use crate::diagnostics::{Diagnostic, Result};
use crate::odbc::{SQL_DATA_AT_EXEC, SQL_LEN_DATA_AT_EXEC_OFFSET, SQL_WVARCHAR};

/// An address that the application vouched for, or null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Address(usize);

impl Address {
    /// No buffer.
    pub(crate) const NULL: Self = Self(0);

    /// The address of a buffer.
    ///
    /// # Safety
    /// It is null, or stays valid for what it is bound as until it is bound anew, unbound, or the handle freed.
    pub(crate) unsafe fn vouched(raw: *mut c_void) -> Self {
        Self(raw.expose_provenance())
    }

    /// Whether there is no buffer.
    pub(crate) const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// The pointer.
    pub(crate) fn pointer<T>(self) -> *mut T {
        std::ptr::with_exposed_provenance_mut(self.0)
    }

    /// The number, as an application reads it back.
    pub(crate) const fn bits(self) -> usize {
        self.0
    }

    /// The address `bytes` further on; null stays null.
    pub(crate) const fn plus(self, bytes: isize) -> Self {
        if self.is_null() { self } else { Self(self.0.wrapping_add_signed(bytes)) }
    }

    /// The address of the element `index` of an array of `T`.
    pub(crate) fn element<T>(self, index: usize) -> Self {
        self.plus(index.wrapping_mul(size_of::<T>()).cast_signed())
    }

    /// Writes a value; nothing for null.
    pub(crate) fn put<T>(self, value: T) {
        if !self.is_null() {
            // SAFETY: vouched for when the address was made; applications pack structures, so alignment is not asked.
            unsafe { self.pointer::<T>().write_unaligned(value) }
        }
    }

    /// Reads a value; `None` for null.
    pub(crate) fn take<T: Copy>(self) -> Option<T> {
        if self.is_null() {
            return None;
        }
        // SAFETY: vouched for when the address was made.
        Some(unsafe { self.pointer::<T>().read_unaligned() })
    }
}

/// The buffer of a bound column, or the one that SQLGetData names, for one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buffer {
    /// Type of the buffer.
    pub(crate) c_type: CType,
    /// The buffer; null when only the length is wanted.
    pub(crate) data: Address,
    /// Bytes of it, for text and binary.
    pub(crate) capacity: isize,
    /// Gets the length.
    pub(crate) octet_length: Address,
    /// Gets SQL_NULL_DATA for NULL.
    pub(crate) indicator: Address,
    /// Digits of SQL_C_NUMERIC, 0 for the default.
    pub(crate) precision: i16,
    /// Digits after the point of SQL_C_NUMERIC.
    pub(crate) scale: i16,
    /// Longest text in bytes, 0 for no limit.
    pub(crate) max_length: usize,
}

impl Buffer {
    /// Moves the value of a row into the buffer; with `progress` from where the last call stopped.
    ///
    /// # Errors
    /// Those of the conversion.
    pub(crate) fn fill(&self, column: &Column, row: usize, progress: Option<&mut Progress>) -> Result<Moved> {
        let target = Target {
            c_type: self.c_type,
            data: self.data.pointer(),
            capacity: self.capacity,
            octet_length: self.octet_length.pointer(),
            indicator: self.indicator.pointer(),
            precision: self.precision,
            scale: self.scale,
            max_length: self.max_length,
        };
        // SAFETY: vouched for when the addresses were made.
        unsafe { column.write(row, &target, progress) }
    }
}

/// The buffer of a bound parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Supplied {
    /// Its number, from 1.
    pub(crate) number: usize,
    /// Type of the buffer.
    pub(crate) c_type: CType,
    /// The SQL type that was named.
    pub(crate) sql_type: i16,
    /// The column size that was named, 0 for none.
    pub(crate) column_size: usize,
    /// Digits after the point of SQL_C_NUMERIC.
    pub(crate) scale: i16,
    /// The buffer, or for data at execution whatever names the parameter to the application.
    pub(crate) data: Address,
    /// Holds the length.
    pub(crate) octet_length: Address,
    /// Holds SQL_NULL_DATA for NULL.
    pub(crate) indicator: Address,
    /// The parameter is a procedure's, which takes NULL for "not given": what SQL_DEFAULT_PARAM asks for.
    pub(crate) has_default: bool,
}

impl Supplied {
    /// The same for a call. Procedures take texts, so a value is read as one, whatever SQL type and size were named: an
    /// error of another conversion would repeat it, and it may be a secret.
    pub(crate) fn for_call(self) -> Self {
        Self { sql_type: SQL_WVARCHAR, column_size: 0, has_default: true, ..self }
    }

    /// Whether the application sends the value later, by SQLPutData.
    pub(crate) fn is_at_execution(&self) -> bool {
        let at_execution = |length: isize| length == SQL_DATA_AT_EXEC || length <= SQL_LEN_DATA_AT_EXEC_OFFSET;
        [self.octet_length, self.indicator].iter().any(|place| place.take::<isize>().is_some_and(at_execution))
    }

    /// The value in the buffer.
    ///
    /// # Errors
    /// Those of the conversion.
    pub(crate) fn value(&self) -> Result<Value> {
        let (data, length) = (self.data.pointer::<c_void>(), self.octet_length.pointer::<isize>());
        match self.read(data, length, self.indicator.pointer()) {
            Err(Diagnostic::DefaultParameter(_)) if self.has_default => Ok(Value::Null),
            value => value,
        }
    }

    /// The value that came in pieces; `None` for NULL.
    ///
    /// # Errors
    /// Those of the conversion.
    pub(crate) fn value_of(&self, bytes: Option<&[u8]>) -> Result<Value> {
        let Some(bytes) = bytes else {
            return Ok(Value::Null);
        };
        let length = bytes.len().cast_signed();
        self.read(bytes.as_ptr().cast(), &raw const length, std::ptr::null())
    }

    fn read(&self, data: *const c_void, octet_length: *const isize, indicator: *const isize) -> Result<Value> {
        let source = Source {
            number: self.number,
            c_type: self.c_type,
            sql_type: self.sql_type,
            column_size: self.column_size,
            data,
            octet_length,
            indicator,
            scale: self.scale,
        };
        // SAFETY: the pointers are those of `value`, vouched for, or those of `value_of`, borrowed for this call.
        unsafe { source.read() }.map_err(Diagnostic::of_use)
    }
}
