//! Values between Arrow and the application's memory.
//!
//! - on the way out: [`Column`] is a column of a batch, resolved once; [`Target`] is a buffer; [`Column::write`] moves
//!   one value and says what was lost. `column.rs` reads cells (`cell.rs`), `write.rs` stores them; between them
//!   `fixed.rs` makes C structs, `short.rs` short texts, and `pieces.rs` cuts text
//! - on the way in: [`Source`] is a bound parameter; [`Source::read`] gives the engine's value, by way of `given.rs`
//! - `legal.rs` is the matrix of what converts; `c_type.rs` and `sql_code.rs` are the codes
//! - `number.rs`, `moment.rs`, `interval.rs`, `guid.rs`: what values are made of, and their text
//!
//! How values look as text: a DECIMAL with all digits of its scale, a DOUBLE with the fewest that read back, moments as
//! `YYYY-MM-DD hh:mm:ss` with a fraction only where it is not zero, intervals as `D hh:mm:ss`.
//!
//! Conversions return a value and perhaps a warning, and never see a handle.
//! [Appendix D](https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-d-data-types)

mod c_type;
mod cell;
mod column;
mod fixed;
mod given;
mod guid;
mod interval;
mod legal;
mod moment;
mod number;
mod pieces;
mod short;
mod source;
mod sql_code;
mod write;

use std::ffi::c_void;

use crate::diagnostics::Diagnostic;

pub(crate) use c_type::CType;
pub(crate) use column::Column;
pub(crate) use legal::{is_legal, is_legal_parameter};
pub(crate) use source::Source;

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
    /// Bytes of the UTF-8 text whose characters were given out whole.
    source: usize,
    /// Bytes (of the converted value) of the next character that were given out already.
    split: usize,
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

#[cfg(test)]
mod tests;
