//! The encoding of narrow text: UTF-8, which every Linux client with a UTF-8 locale sends and expects.
//!
//! A code page of Windows would be told here, and nowhere else.

use std::borrow::Cow;
use std::mem::MaybeUninit;

use super::encoding::Copied;
use crate::diagnostics::{Diagnostic, Result};

pub(super) const fn length(text: &str) -> usize {
    text.len()
}

pub(super) fn copy(text: &str, buffer: &mut [MaybeUninit<u8>]) -> Copied {
    let end = text.floor_char_boundary(buffer.len());
    if let Some(buffer) = buffer.get_mut(..end) {
        buffer.write_copy_of_slice(&text.as_bytes()[..end]);
    }
    Copied { consumed: end, written: end }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Diagnostic::InvalidText("UTF-8"))
}
