//! Values between Arrow and the application's memory.
//!
//! - on the way out: [`Column`] is a column of a batch, resolved once; [`Target`] is a buffer; [`Column::write`] moves
//!   one value and says what was lost
//! - on the way in: [`Source`] is a bound parameter; [`Source::read`] gives the engine's value
//!
//! Conversions return a value and perhaps a warning, and never see a handle.
//! [Appendix D](https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-d-data-types)
//! stub

#![expect(unsafe_code, reason = "writes to and reads from the application's buffers")]

use std::ffi::c_void;

use pipedrive_sql::arrow::array::ArrayRef;
use pipedrive_sql::{SqlType, Value};

use crate::diagnostics::{Diagnostic, Result};

/// A C data type that a buffer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CType {
    /// SQL_C_CHAR
    Char,
}

impl CType {
    /// The type with this code (SQL_C_*), ODBC 2 codes included; SQL_C_DEFAULT becomes the default of `sql_type`.
    ///
    /// # Errors
    /// `InvalidCType`.
    pub(crate) fn resolve(_code: i16, _sql_type: SqlType) -> Result<Self> {
        Ok(Self::Char)
    }

    /// Bytes of a fixed-length type; `None` for text and binary, whose buffers have a length of their own.
    pub(crate) fn size(self) -> Option<usize> {
        None
    }
}

/// Where a value goes. Pointers are those of one row: offsets and strides are already applied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    /// Type of the buffer.
    pub(crate) c_type: CType,
    /// The buffer; null means that only the length is wanted.
    pub(crate) data: *mut c_void,
    /// Bytes of the buffer, for text and binary.
    pub(crate) capacity: isize,
    /// Gets the length of the value in bytes; may be null.
    pub(crate) octet_length: *mut isize,
    /// Gets SQL_NULL_DATA for NULL; may be null, may be `octet_length`.
    pub(crate) indicator: *mut isize,
    /// SQL_DESC_PRECISION, for SQL_C_NUMERIC and intervals; 0 for the default.
    pub(crate) precision: i16,
    /// SQL_DESC_SCALE, for SQL_C_NUMERIC.
    pub(crate) scale: i16,
    /// SQL_ATTR_MAX_LENGTH in bytes, 0 for none.
    pub(crate) max_length: usize,
}

/// How far SQLGetData has come with one column of the current row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// Bytes (of the converted value) that were given out already.
    pub(crate) given: usize,
    /// Everything was given out: the next call answers SQL_NO_DATA.
    pub(crate) finished: bool,
}

/// What a conversion to the application's buffer did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// The value went out whole.
    Whole,
    /// It went out, with a warning (01004, 01S07).
    Warned(Diagnostic),
    /// Everything was given out before (SQLGetData only).
    NoData,
}

/// A column of a batch, resolved once: reading a cell looks at no type again.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    _array: ArrayRef,
}

impl Column {
    /// The column `array`, which holds values of `sql_type`.
    ///
    /// # Errors
    /// An engine error for an array of another type than `sql_type.arrow()`.
    pub(crate) fn new(array: &ArrayRef, _sql_type: SqlType) -> Result<Self> {
        Ok(Self { _array: array.clone() })
    }

    /// Writes the value of `row`. With `progress` it continues where the last call stopped (SQLGetData); without, it
    /// writes the value from its start (SQLBindCol).
    ///
    /// # Errors
    /// 22002, 22003, 22018, 07006, 22007, 22015: the buffer's content is undefined then.
    ///
    /// # Safety
    /// The pointers of `target` are null or point to memory of the stated size.
    pub(crate) unsafe fn write(
        &self,
        _row: usize,
        _target: &Target,
        _progress: Option<&mut Progress>,
    ) -> Result<Outcome> {
        Ok(Outcome::Whole)
    }
}

/// Whether ODBC converts values of `sql_type` to `c_type`; checked when a column is bound (07006).
pub(crate) fn is_legal(_sql_type: SqlType, _c_type: CType) -> bool {
    true
}

/// A bound parameter. Pointers are those of one set: offsets and strides are already applied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    /// Its number, from 1, for messages.
    pub(crate) number: usize,
    /// Type of the buffer.
    pub(crate) c_type: CType,
    /// The SQL type that SQLBindParameter named, as its code (SQL_*).
    pub(crate) sql_type: i16,
    /// Column size that SQLBindParameter named; 0 for none.
    pub(crate) column_size: usize,
    /// The buffer.
    pub(crate) data: *const c_void,
    /// Length of the value in bytes, SQL_NTS or SQL_NULL_DATA; null means SQL_NTS for text and whole for others.
    pub(crate) octet_length: *const isize,
    /// SQL_NULL_DATA for NULL; may be null, may be `octet_length`.
    pub(crate) indicator: *const isize,
    /// Scale of a SQL_C_NUMERIC.
    pub(crate) scale: i16,
}

impl Source {
    /// The value, for the engine: the C value converted to the SQL type that was named.
    ///
    /// # Errors
    /// 07006, 22001, 22003, 22007, 22018, HY090, HYC00 for data at execution.
    ///
    /// # Safety
    /// The pointers are null or point to memory of the stated size.
    pub(crate) unsafe fn read(&self) -> Result<Value> {
        Ok(Value::Null)
    }
}
