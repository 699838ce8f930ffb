//! Results into the application's memory: numbers, and text by the two ways of counting, which texts that come in have
//! as well.

use std::ffi::c_void;

use super::length;
use crate::diagnostics::{Diagnostic, Result};
use crate::text::{Char, Written};

/// Writes a value; nothing for a null pointer.
///
/// # Safety
/// `output` is null or points to a `T`, aligned or not.
pub(super) unsafe fn put<T>(output: *mut T, value: T) {
    if !output.is_null() {
        // SAFETY: the caller vouches for `output`.
        unsafe { output.write_unaligned(value) }
    }
}

/// Writes a value of a type that the function's void pointer stands for.
///
/// # Safety
/// `output` is null or points to a `T`, aligned or not.
pub(super) unsafe fn put_as<T>(output: *mut c_void, value: T) {
    // SAFETY: the caller vouches for `output`.
    unsafe { put(output.cast(), value) }
}

/// A buffer for text.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextBuffer<C, L> {
    buffer: *mut C,
    /// Units that it holds.
    units: usize,
    /// Gets the length of the whole text.
    length: *mut L,
    /// Bytes that the length counts per unit.
    bytes_per_unit: usize,
}

/// A number that a length may be written as.
pub(super) trait Length {
    /// The length, or the largest number for one beyond it.
    fn saturating(length: usize) -> Self;
}

impl Length for i16 {
    fn saturating(length: usize) -> Self {
        Self::try_from(length).unwrap_or(Self::MAX)
    }
}

impl Length for i32 {
    fn saturating(length: usize) -> Self {
        Self::try_from(length).unwrap_or(Self::MAX)
    }
}

impl<C: Char, L: Length> TextBuffer<C, L> {
    /// A buffer whose size and length are counted in characters (SQLDescribeCol, SQLDriverConnect, ...).
    ///
    /// # Errors
    /// HY090 for a negative size.
    pub(super) fn in_units(buffer: *mut C, size: isize, length: *mut L) -> Result<Self> {
        Ok(Self { buffer, units: capacity(size)?, length, bytes_per_unit: 1 })
    }

    /// A buffer whose size and length are counted in bytes (SQLGetInfo, SQLColAttribute, attributes, ...).
    ///
    /// # Errors
    /// HY090 for a negative size.
    pub(super) fn in_bytes(buffer: *mut c_void, size: isize, length: *mut L) -> Result<Self> {
        let width = C::width();
        Ok(Self { buffer: buffer.cast(), units: capacity(size)? / width, length, bytes_per_unit: width })
    }

    /// Writes the text and the length of the whole of it; 01004 where it was cut, 01000 where characters were replaced.
    ///
    /// # Safety
    /// The buffer is null or has room for its units, and the length is null or points to an `L`.
    pub(super) unsafe fn write(self, text: &str) -> Option<Diagnostic> {
        // SAFETY: the caller vouches for the buffer.
        let Written { length, cut } = unsafe { C::write(text, self.buffer, self.units) };
        // SAFETY: the caller vouches for the length.
        unsafe { put(self.length, L::saturating(length * self.bytes_per_unit)) };
        match !self.buffer.is_null() {
            true if cut => {
                Some(Diagnostic::Truncated { needed: length * C::width(), capacity: self.units * C::width() })
            }
            true => C::encoding().replaces(text).then_some(Diagnostic::CharactersReplaced),
            false => None,
        }
    }
}

/// The length in units of a text that is given with one in bytes; SQL_NTS and what is no length stay.
///
/// # Errors
/// HY090 for a length that ends within a unit.
pub(super) fn units<C: Char>(bytes: i32) -> Result<isize> {
    let (bytes, width) = (length(bytes), C::width().cast_signed());
    match bytes {
        ..0 => Ok(bytes),
        whole if whole % width == 0 => Ok(whole / width),
        _ => Err(Diagnostic::InvalidLength(bytes)),
    }
}

fn capacity(size: isize) -> Result<usize> {
    usize::try_from(size).map_err(|_| Diagnostic::InvalidLength(size))
}
