//! The writers: the only place that stores into the application's buffers.

#![expect(unsafe_code, reason = "writes to the application's buffers")]

use std::mem::MaybeUninit;

use super::c_type::CType;
use super::cell::Cell;
use super::fixed::{self, Fixed};
use super::interval::Fields;
use super::pieces::Layout;
use super::{Outcome, Progress, Target};
use crate::diagnostics::{Diagnostic, Result};
use crate::text::Encoding;

/// SQL_NULL_DATA
const NULL_DATA: isize = -1;

/// Writes a value, or the next piece of it.
///
/// # Safety
/// The pointers of `target` are null or point to memory of the stated size.
pub(super) unsafe fn cell(cell: Cell<'_>, target: &Target, progress: Option<&mut Progress>) -> Result<Outcome> {
    let layout = match target.c_type {
        CType::Char => Layout { encoding: Encoding::narrow(), terminated: true },
        CType::WChar => Layout { encoding: Encoding::wide(), terminated: true },
        // Text is reported as wide, so its bytes are those of wide text.
        CType::Binary => Layout { encoding: Encoding::wide(), terminated: false },
        _ => {
            // SAFETY: as the caller vouches.
            return unsafe { fixed(cell, target, progress) };
        }
    };
    if let Cell::Text(text) = cell {
        let text = layout.limited(text, target.max_length);
        // SAFETY: as the caller vouches.
        return unsafe { self::text(text, layout, 0, target, progress) };
    }
    match cell.print().filter(|_| layout.terminated) {
        Some(printed) => {
            let essential = printed.essential * layout.encoding.unit();
            // SAFETY: as the caller vouches.
            unsafe { text(printed.text.as_str(), layout, essential, target, progress) }
        }
        // SAFETY: as the caller vouches.
        None => unsafe { binary(cell, target, progress) },
    }
}

/// Tells that the value is NULL.
///
/// # Errors
/// `IndicatorRequired` when there is nothing to tell it with.
///
/// # Safety
/// The pointers of `target` are null or valid.
pub(super) unsafe fn null(target: &Target, progress: Option<&mut Progress>) -> Result<Outcome> {
    if target.indicator.is_null() {
        return Err(Diagnostic::IndicatorRequired);
    }
    // SAFETY: it is not null, and the caller vouches for it.
    unsafe { target.indicator.write_unaligned(NULL_DATA) };
    finish(progress);
    Ok(Outcome::Whole)
}

/// Text, or the next piece of it. A first piece without room for the `essential` bytes is refused; a buffer of no bytes
/// only asks for the length.
unsafe fn text(
    text: &str,
    layout: Layout,
    essential: usize,
    target: &Target,
    progress: Option<&mut Progress>,
) -> Result<Outcome> {
    let bound = progress.is_none();
    let mut fresh = Progress::default();
    let progress = progress.unwrap_or(&mut fresh);
    let (needed, capacity) = (layout.remaining(text, progress), layout.usable(target.capacity));
    let first = progress.given == 0;
    if first && capacity > 0 && !target.data.is_null() && essential + layout.terminator() > capacity {
        return Err(Diagnostic::NumericOutOfRange(text.to_owned()));
    }
    // SAFETY: as the caller vouches.
    unsafe { length(target, needed) };
    if target.data.is_null() {
        return Ok(Outcome::Whole);
    }
    let fits = needed + layout.terminator() <= capacity;
    if capacity > 0 {
        // Only what gets written: applications are known to overstate the size of a buffer.
        let used = capacity.min(needed + layout.terminator());
        // SAFETY: the caller vouches for `capacity` bytes, and nothing reads them before they are set.
        let buffer = unsafe { std::slice::from_raw_parts_mut(target.data.cast::<MaybeUninit<u8>>(), used) };
        layout.fill(text, buffer, bound && layout.terminated, progress);
    }
    progress.finished = fits;
    Ok(match fits {
        true if layout.encoding.replaces(text) => Outcome::Warned(Diagnostic::CharactersReplaced),
        true => Outcome::Whole,
        false => Outcome::Warned(Diagnostic::Truncated { needed, capacity }),
    })
}

/// A value that is no text as the bytes of its default C type; never cut: half a number is none.
unsafe fn binary(cell: Cell<'_>, target: &Target, progress: Option<&mut Progress>) -> Result<Outcome> {
    let (c_type, scale) = match cell {
        Cell::Bit(_) => (CType::Bit, 0),
        Cell::Whole { bytes: 2, .. } => (CType::SShort, 0),
        Cell::Whole { bytes: 4, .. } => (CType::SLong, 0),
        Cell::Whole { .. } => (CType::SBigInt, 0),
        Cell::Decimal { scale, .. } => (CType::Numeric, i16::from(scale)),
        Cell::Double(_) => (CType::Double, 0),
        Cell::Date(_) => (CType::Date, 0),
        Cell::Time(_) => (CType::Time, 0),
        Cell::Timestamp(_) => (CType::Timestamp, 0),
        Cell::Interval(_) => (CType::Interval(Fields::DAY_TO_SECOND), 0),
        Cell::Text(_) => return Err(cell.restricted(CType::Binary.name())),
    };
    let converted = fixed::convert(cell, c_type, &Target { precision: 0, scale, ..*target })?;
    let size = converted.bytes().len();
    if target.capacity == 0 && !target.data.is_null() {
        // SAFETY: as the caller vouches.
        unsafe { length(target, size) };
        return Ok(Outcome::Warned(Diagnostic::Truncated { needed: size, capacity: 0 }));
    }
    if !target.data.is_null() && usize::try_from(target.capacity).unwrap_or(0) < size {
        return Err(Diagnostic::NumericOutOfRange(cell.describe()));
    }
    // SAFETY: as the caller vouches; the buffer holds so many bytes.
    unsafe { store(cell, &converted, target, progress) }
}

/// A value of a fixed size, whose buffer is as large as its type.
unsafe fn fixed(cell: Cell<'_>, target: &Target, progress: Option<&mut Progress>) -> Result<Outcome> {
    let converted = fixed::convert(cell, target.c_type, target)?;
    // SAFETY: as the caller vouches; a buffer of this type holds so many bytes.
    unsafe { store(cell, &converted, target, progress) }
}

unsafe fn store(
    cell: Cell<'_>,
    converted: &Fixed,
    target: &Target,
    progress: Option<&mut Progress>,
) -> Result<Outcome> {
    let bytes = converted.bytes();
    // SAFETY: as the caller vouches.
    unsafe { length(target, bytes.len()) };
    if target.data.is_null() {
        return Ok(Outcome::Whole);
    }
    // SAFETY: the caller vouches that the buffer holds so many bytes; bytes need no alignment and do not overlap.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), target.data.cast(), bytes.len()) };
    finish(progress);
    if converted.lost {
        return Ok(Outcome::Warned(Diagnostic::FractionTruncated(cell.describe())));
    }
    Ok(Outcome::Whole)
}

fn finish(progress: Option<&mut Progress>) {
    if let Some(progress) = progress {
        progress.finished = true;
    }
}

/// Tells the length: in one place where length and indicator are the same, else 0 to the indicator.
unsafe fn length(target: &Target, bytes: usize) {
    if !target.indicator.is_null() {
        // SAFETY: it is not null, and the caller vouches for it.
        unsafe { target.indicator.write_unaligned(0) };
    }
    if !target.octet_length.is_null() {
        // SAFETY: as above. Written last: it may be the indicator too.
        unsafe { target.octet_length.write_unaligned(isize::try_from(bytes).unwrap_or(isize::MAX)) };
    }
}
