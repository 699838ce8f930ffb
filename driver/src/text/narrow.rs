//! The encoding of narrow text: that of the process's locale where it is ISO-8859-1, else UTF-8.
//!
//! A program without wide text reads and writes what its locale says, once it has called `setlocale`; one that has not is
//! taken to mean UTF-8, as does every locale of today's systems. The locale is the process's, so this is, too.
//!
//! A code page of Windows would be told here, and nowhere else.

use std::borrow::Cow;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};

use super::encoding::Copied;
use crate::diagnostics::{Diagnostic, Result};

/// What bytes of narrow text mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// UTF-8.
    Utf8,
    /// ISO-8859-1: the first 256 characters of Unicode, a byte each.
    Latin1,
}

/// Stands for a character that a charset does not have.
const REPLACEMENT: u8 = b'?';

static IS_LATIN1: AtomicBool = AtomicBool::new(false);

/// Takes the charset of the locale that the process has now.
pub(crate) fn follow_locale() {
    IS_LATIN1.store(is_latin1(&codeset()), Ordering::Relaxed);
}

/// The charset of the process.
pub(super) fn current() -> Charset {
    if IS_LATIN1.load(Ordering::Relaxed) { Charset::Latin1 } else { Charset::Utf8 }
}

/// The locale's name of its charset; empty where there is none.
#[cfg(unix)]
fn codeset() -> String {
    // SAFETY: the function takes any number, and answers with text that ends with a zero, or null.
    let name = unsafe { libc::nl_langinfo(libc::CODESET) };
    if name.is_null() {
        return String::new();
    }
    // SAFETY: as above. The text is copied before anything else can happen on this thread.
    unsafe { std::ffi::CStr::from_ptr(name) }.to_string_lossy().into_owned()
}

/// The locale's name of its charset; empty where there is none.
#[cfg(not(unix))]
const fn codeset() -> String {
    String::new()
}

/// Systems differ in how they write the name.
fn is_latin1(codeset: &str) -> bool {
    codeset.replace(['-', '_'], "").eq_ignore_ascii_case("ISO88591")
}

/// Whether `text` has characters that the charset has not.
pub(super) fn replaces(text: &str, charset: Charset) -> bool {
    charset == Charset::Latin1 && text.chars().any(|character| u8::try_from(character).is_err())
}

pub(super) fn length(text: &str, charset: Charset) -> usize {
    match charset {
        Charset::Utf8 => text.len(),
        Charset::Latin1 => text.chars().count(),
    }
}

pub(super) fn copy(text: &str, buffer: &mut [MaybeUninit<u8>], charset: Charset) -> Copied {
    match charset {
        Charset::Utf8 => copy_utf8(text, buffer),
        Charset::Latin1 => copy_latin1(text, buffer),
    }
}

fn copy_utf8(text: &str, buffer: &mut [MaybeUninit<u8>]) -> Copied {
    let end = text.floor_char_boundary(buffer.len());
    if let Some(buffer) = buffer.get_mut(..end) {
        buffer.write_copy_of_slice(&text.as_bytes()[..end]);
    }
    Copied { consumed: end, written: end }
}

fn copy_latin1(text: &str, buffer: &mut [MaybeUninit<u8>]) -> Copied {
    let mut copied = Copied { consumed: 0, written: 0 };
    for (place, character) in buffer.iter_mut().zip(text.chars()) {
        place.write(u8::try_from(character).unwrap_or(REPLACEMENT));
        copied = Copied { consumed: copied.consumed + character.len_utf8(), written: copied.written + 1 };
    }
    copied
}

pub(super) fn decode(bytes: &[u8], charset: Charset) -> Result<Cow<'_, str>> {
    match charset {
        Charset::Utf8 => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Diagnostic::InvalidText("UTF-8")),
        Charset::Latin1 => Ok(Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_has_many_spellings() {
        for name in ["ISO-8859-1", "ISO8859-1", "iso88591", "ISO_8859-1"] {
            assert!(is_latin1(name), "{name}");
        }
        for name in ["UTF-8", "ANSI_X3.4-1968", "US-ASCII", "ISO-8859-15", "ISO-8859-10", ""] {
            assert!(!is_latin1(name), "{name}");
        }
    }

    #[test]
    fn a_process_that_has_not_said_means_utf8() {
        follow_locale();
        assert_eq!(current(), Charset::Utf8);
    }
}
