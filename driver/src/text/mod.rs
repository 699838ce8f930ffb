//! Narrow and wide text at the boundary.
//!
//! [`Char::read`] turns the application's units into a `String`; [`Char::write`] fills its buffer and reports what
//! was cut. Narrow text is UTF-8 (a UTF-8 locale is what every client on Linux has); wide text is UTF-16, or UTF-32
//! under old iODBC. A cut never splits a character. Does not know handles or SQL types.
//! stub

#![expect(unsafe_code, reason = "reads and writes the application's memory")]

use crate::diagnostics::Result;

/// A unit of the text that an entry point takes: [`Ansi`] or [`Wide`].
pub(crate) trait Char: Sized {
    /// Bytes of one unit.
    fn width() -> usize;

    /// The text at `text`: `length` units, or up to the terminator for SQL_NTS (-3); `None` for a null pointer.
    ///
    /// # Errors
    /// `InvalidLength` for any other negative length, `InvalidText` for units that are no text.
    ///
    /// # Safety
    /// `text` is null, or points to `length` units, or to units that end with a zero one.
    unsafe fn read(text: *const Self, length: isize) -> Result<Option<String>>;

    /// Writes `text` and a terminator, cut at a character's boundary to fit `capacity` units; nothing for a null
    /// `buffer` or a `capacity` of 0.
    ///
    /// # Safety
    /// `buffer` is null or has room for `capacity` units.
    unsafe fn write(text: &str, buffer: *mut Self, capacity: usize) -> Written;
}

/// What [`Char::write`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// Units of the whole text, without a terminator.
    pub(crate) length: usize,
    /// Whether the buffer was too small for it.
    pub(crate) cut: bool,
}

/// A byte of narrow text.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Ansi(u8);

/// The first byte of a wide unit, whose width is known at run time.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Wide(u8);

impl Char for Ansi {
    fn width() -> usize {
        1
    }
    unsafe fn read(_: *const Self, _: isize) -> Result<Option<String>> {
        Ok(None)
    }
    unsafe fn write(_: &str, _: *mut Self, _: usize) -> Written {
        Written { length: 0, cut: false }
    }
}

impl Char for Wide {
    fn width() -> usize {
        2
    }
    unsafe fn read(_: *const Self, _: isize) -> Result<Option<String>> {
        Ok(None)
    }
    unsafe fn write(_: &str, _: *mut Self, _: usize) -> Written {
        Written { length: 0, cut: false }
    }
}
