//! Narrow and wide text at the boundary.
//!
//! - [`Char::read`] turns the application's units into a `String`; [`Char::write`] fills its buffer and reports what
//!   was cut; [`Char::write_bytes`] is its twin for functions that count bytes (SQLGetInfo, SQLColAttribute)
//! - `narrow.rs`: the encoding of the ANSI functions, which the locale tells; `wide.rs`: UTF-16, or UTF-32 under old iODBC, and which it is
//! - [`Encoding`] is either, known at run time: `convert/` writes cells with it
//!
//! A cut never splits a character. Buffers may lie at any address: no access assumes an alignment. Text that is not
//! valid in its encoding (a stray byte, a lone surrogate) is an error on the way in, never silently another text. On the
//! way out only ISO-8859-1 lacks characters: question marks stand for them, and whoever asked is warned. Does not know
//! handles or SQL types.

#![expect(unsafe_code, reason = "reads and writes the application's memory")]

mod encoding;
mod narrow;
mod wide;

use std::mem::MaybeUninit;

use crate::diagnostics::{Diagnostic, Result};

pub(crate) use encoding::Encoding;
pub(crate) use narrow::{Charset, follow_locale};
pub(crate) use wide::{Width, with_width};

/// SQL_NTS: the text ends with a terminator.
const TERMINATED: isize = -3;

/// A unit of the text that an entry point takes: [`Ansi`] or [`Wide`].
pub(crate) trait Char: Sized {
    /// The encoding that these units are in.
    fn encoding() -> Encoding;

    /// Bytes of one unit.
    fn width() -> usize {
        Self::encoding().unit()
    }

    /// The text at `text`: `length` units, or up to the terminator for SQL_NTS (-3); `None` for a null pointer.
    ///
    /// # Errors
    /// `InvalidLength` for any other negative length, `InvalidText` for units that are no text.
    ///
    /// # Safety
    /// `text` is null, or points to `length` units, or to units that end with a zero one.
    unsafe fn read(text: *const Self, length: isize) -> Result<Option<String>> {
        if text.is_null() {
            return Ok(None);
        }
        let encoding = Self::encoding();
        let bytes = match usize::try_from(length) {
            Ok(units) => units
                .checked_mul(encoding.unit())
                // No memory is larger, and no slice may be.
                .filter(|bytes| isize::try_from(*bytes).is_ok())
                .ok_or(Diagnostic::InvalidLength(length))?,
            // SAFETY: with SQL_NTS the caller vouches for a terminator.
            Err(_) if length == TERMINATED => unsafe { terminated_length(text.cast(), encoding.unit()) },
            Err(_) => return Err(Diagnostic::InvalidLength(length)),
        };
        // SAFETY: the caller vouches for so many bytes, which are copied below, before this returns.
        let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), bytes) };
        encoding.decode(bytes).map(|text| Some(text.into_owned()))
    }

    /// Writes `text` and a terminator, cut at a character's boundary to fit `capacity` units; nothing for a null
    /// `buffer` or a `capacity` of 0. Lengths are units.
    ///
    /// # Safety
    /// `buffer` is null or has room for `capacity` units.
    unsafe fn write(text: &str, buffer: *mut Self, capacity: usize) -> Written {
        let unit = Self::width();
        // SAFETY: as the caller vouches; so many units are so many bytes.
        let written = unsafe { Self::write_bytes(text, buffer, capacity.saturating_mul(unit)) };
        Written { length: written.length / unit, cut: written.cut }
    }

    /// As [`Char::write`], with `capacity` and the length in bytes; an odd last byte of a wide buffer is not used.
    ///
    /// # Safety
    /// `buffer` is null or has room for `capacity` bytes.
    unsafe fn write_bytes(text: &str, buffer: *mut Self, capacity: usize) -> Written {
        // SAFETY: as the caller vouches.
        unsafe { write(Self::encoding(), text, buffer.cast(), capacity) }
    }
}

/// What [`Char::write`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// Units (of [`Char::write_bytes`]: bytes) of the whole text, without a terminator.
    pub(crate) length: usize,
    /// Whether the buffer was too small for it; false for a null buffer, which only asks for the length.
    pub(crate) cut: bool,
}

/// A byte of narrow text.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Ansi(u8);

/// The first byte of a wide unit, whose width is known at run time: see [`with_width`].
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Wide(u8);

impl Char for Ansi {
    fn encoding() -> Encoding {
        Encoding::narrow()
    }
}

impl Char for Wide {
    fn encoding() -> Encoding {
        Encoding::wide()
    }
}

/// Bytes before the first zero unit.
///
/// # Safety
/// `text` points to units that end with a zero one.
pub(crate) unsafe fn terminated_length(text: *const u8, unit: usize) -> usize {
    let mut length = 0;
    loop {
        // SAFETY: no unit before this one was zero, so this one still belongs to the text.
        let at = unsafe { text.add(length) };
        // SAFETY: so many bytes of it are readable; a slice of bytes needs no alignment.
        let bytes = unsafe { std::slice::from_raw_parts(at, unit) };
        if bytes.iter().all(|byte| *byte == 0) {
            return length;
        }
        length += unit;
    }
}

/// Writes `text` and a terminator into `capacity` bytes; lengths are bytes.
///
/// # Safety
/// `buffer` is null or has room for `capacity` bytes.
unsafe fn write(encoding: Encoding, text: &str, buffer: *mut u8, capacity: usize) -> Written {
    let unit = encoding.unit();
    let length = encoding.length(text);
    let room = capacity - capacity % unit;
    let cut = !buffer.is_null() && length + unit > room;
    if !buffer.is_null() && room > 0 {
        // Only what gets written: applications are known to overstate the size of a buffer.
        let used = room.min(length + unit);
        // SAFETY: the caller vouches for `capacity` bytes, `used` is no more; nothing reads them before they are set.
        let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<MaybeUninit<u8>>(), used) };
        let (body, _) = buffer.split_at_mut(used - unit);
        let written = encoding.copy(text, body).written;
        buffer[written..written + unit].fill(MaybeUninit::new(0));
    }
    Written { length, cut }
}

#[cfg(test)]
mod tests;
