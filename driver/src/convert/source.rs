//! Parameters on their way in: the C value as the SQL type that SQLBindParameter named.
//!
//! Nothing is cut on the way: a digit or a fraction that the named type does not hold is an error, or stays where the
//! engine can take it. Text bound as text goes on exactly as it came, blanks and zeros included.

#![expect(unsafe_code, reason = "reads from the application's buffers")]

use std::ffi::c_void;

use pipedrive_sql::Value;

use super::c_type::CType;
use super::given::Given;
use super::legal::converts;
use super::sql_code::SqlCode;
use crate::diagnostics::{Diagnostic, Result};
use crate::text::{Encoding, terminated_length};

/// SQL_NULL_DATA
const NULL_DATA: isize = -1;
/// SQL_DATA_AT_EXEC
const DATA_AT_EXEC: isize = -2;
/// SQL_NTS
const TERMINATED: isize = -3;
/// SQL_DEFAULT_PARAM
const DEFAULT_PARAM: isize = -5;
/// SQL_LEN_DATA_AT_EXEC(0); longer data is below it.
const LEN_DATA_AT_EXEC: isize = -100;

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
    /// Whether its data comes by SQLPutData: SQL_DATA_AT_EXEC or SQL_LEN_DATA_AT_EXEC(n).
    ///
    /// # Safety
    /// The length and indicator pointers are null or valid.
    pub(crate) unsafe fn is_at_execution(&self) -> bool {
        [self.octet_length, self.indicator].into_iter().any(|pointer| {
            // SAFETY: as the caller vouches.
            let told = unsafe { told(pointer) };
            told.is_some_and(|told| told == DATA_AT_EXEC || told <= LEN_DATA_AT_EXEC)
        })
    }

    /// The value, for the engine: the C value converted to the SQL type that was named.
    ///
    /// # Errors
    /// 07006, 07S01, 22001, 22003, 22007, 22008, 22018, HY090, HYC00 for data at execution.
    ///
    /// # Safety
    /// The pointers are null or point to memory of the stated size.
    pub(crate) unsafe fn read(&self) -> Result<Value> {
        // SAFETY: as the caller vouches.
        let indicator = unsafe { told(self.indicator) };
        // SAFETY: as the caller vouches.
        let length = unsafe { told(self.octet_length) };
        if indicator == Some(NULL_DATA) || length == Some(NULL_DATA) {
            return SqlCode::new(self.sql_type).map(|_| Value::Null);
        }
        if length == Some(DEFAULT_PARAM) {
            return Err(Diagnostic::DefaultParameter(self.number));
        }
        // SAFETY: as the caller vouches.
        if unsafe { self.is_at_execution() } {
            return Err(Diagnostic::NotSupported(format!(
                "values at execution (parameter {}, in this call)",
                self.number
            )));
        }
        // SAFETY: as the caller vouches; the bytes are used before this returns.
        let bytes = unsafe { self.bytes(length)? };
        self.read_bytes(bytes)
    }

    /// As [`Source::read`], with the value in `bytes` (SQLPutData) instead of the buffer: text without a terminator.
    ///
    /// # Errors
    /// 07006, 22001, 22003, 22007, 22008, 22018, HY090, HYC00.
    pub(crate) fn read_bytes(&self, bytes: &[u8]) -> Result<Value> {
        let sql_type = SqlCode::new(self.sql_type)?;
        if !converts(sql_type.family(), self.c_type) {
            let (from, to) = (self.c_type.name().to_owned(), sql_type.name().to_owned());
            return Err(Diagnostic::RestrictedType { from, to });
        }
        Given::read(self.c_type, sql_type, bytes, self.scale)?.value(self, sql_type.family())
    }

    /// The bytes of the value in the buffer.
    unsafe fn bytes(&self, length: Option<isize>) -> Result<&[u8]> {
        if let Some(size) = self.c_type.size() {
            let data = self.data_pointer()?;
            // SAFETY: a buffer of this type holds so many bytes, as the caller vouches.
            return Ok(unsafe { std::slice::from_raw_parts(data, size) });
        }
        let length = length.unwrap_or(TERMINATED);
        let size = match (usize::try_from(length), self.encoding()) {
            (Ok(0), _) => return Ok(&[]),
            (Ok(size), _) => size,
            (Err(_), Some(encoding)) if length == TERMINATED => {
                let data = self.data_pointer()?;
                // SAFETY: with SQL_NTS the application vouches for a terminator.
                unsafe { terminated_length(data, encoding.unit()) }
            }
            _ => return Err(Diagnostic::InvalidLength(length)),
        };
        let data = self.data_pointer()?;
        // SAFETY: the application vouches for so many bytes.
        Ok(unsafe { std::slice::from_raw_parts(data, size) })
    }

    fn encoding(&self) -> Option<Encoding> {
        match self.c_type {
            CType::Char => Some(Encoding::narrow()),
            CType::WChar => Some(Encoding::wide()),
            _ => None,
        }
    }

    fn data_pointer(&self) -> Result<*const u8> {
        if self.data.is_null() {
            return Err(Diagnostic::NullValue);
        }
        Ok(self.data.cast())
    }
}

/// What a length or indicator says.
///
/// # Safety
/// The pointer is null or valid.
unsafe fn told(pointer: *const isize) -> Option<isize> {
    // SAFETY: it is not null, and the caller vouches for it.
    (!pointer.is_null()).then(|| unsafe { pointer.read_unaligned() })
}
