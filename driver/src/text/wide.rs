//! The encoding of wide text: UTF-16, or UTF-32 under old iODBC; native byte order.
//!
//! Which of the two is a fact of the driver manager, so of an environment. An ODBC call runs from start to end on the
//! thread that made it; so the guard of the entry points sets the width with [`with_width`] for that thread and call,
//! and nothing below needs to pass it on. It costs one access to a thread's own memory, and no lock.

use std::cell::Cell;
use std::mem::MaybeUninit;

use super::encoding::Copied;
use crate::diagnostics::{Diagnostic, Result};

/// Bytes of a SQLWCHAR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Width {
    /// UTF-16: Windows, unixODBC, newer iODBC.
    #[default]
    Two,
    /// UTF-32: iODBC where `SQLWCHAR` is `wchar_t`.
    Four,
}

thread_local! {
    static CURRENT: Cell<Width> = const { Cell::new(Width::Two) };
}

/// Runs `body` with this width of wide units; the width of before comes back after it, after a panic too.
pub(crate) fn with_width<R>(width: Width, body: impl FnOnce() -> R) -> R {
    let _before = Restore(CURRENT.replace(width));
    body()
}

/// The width of the call that this thread is in; two bytes outside [`with_width`].
pub(super) fn current() -> Width {
    CURRENT.get()
}

struct Restore(Width);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

pub(super) fn length(text: &str, width: Width) -> usize {
    match width {
        Width::Two if text.is_ascii() => text.len() * 2,
        Width::Two => text.encode_utf16().count() * 2,
        Width::Four => text.chars().count() * 4,
    }
}

pub(super) fn copy(text: &str, buffer: &mut [MaybeUninit<u8>], width: Width) -> Copied {
    if width == Width::Two && text.is_ascii() {
        return copy_ascii(text.as_bytes(), buffer);
    }
    let mut written = 0;
    for (at, character) in text.char_indices() {
        let mut bytes = [0; 4];
        let bytes = encode(character, width, &mut bytes);
        let Some(place) = buffer.get_mut(written..written + bytes.len()) else {
            return Copied { consumed: at, written };
        };
        place.write_copy_of_slice(bytes);
        written += bytes.len();
    }
    Copied { consumed: text.len(), written }
}

/// Most cells are ASCII: a loop that compilers turn into vector instructions.
fn copy_ascii(text: &[u8], buffer: &mut [MaybeUninit<u8>]) -> Copied {
    let (units, _) = buffer.as_chunks_mut::<2>();
    let consumed = text.len().min(units.len());
    for (unit, byte) in units.iter_mut().zip(text) {
        *unit = u16::from(*byte).to_ne_bytes().map(MaybeUninit::new);
    }
    Copied { consumed, written: 2 * consumed }
}

fn encode(character: char, width: Width, bytes: &mut [u8; 4]) -> &[u8] {
    let mut units = [0; 2];
    match (width, &*character.encode_utf16(&mut units)) {
        (Width::Two, [unit]) => {
            bytes[..2].copy_from_slice(&unit.to_ne_bytes());
            &bytes[..2]
        }
        (Width::Two, units) => {
            for (place, unit) in bytes.chunks_exact_mut(2).zip(units) {
                place.copy_from_slice(&unit.to_ne_bytes());
            }
            &*bytes
        }
        (Width::Four, _) => {
            *bytes = u32::from(character).to_ne_bytes();
            &*bytes
        }
    }
}

/// The text in `bytes`; a lone surrogate is an error: it is no text, and no stored value could ever equal it.
pub(super) fn decode(bytes: &[u8], width: Width) -> Result<String> {
    match width {
        Width::Two => {
            let (units, rest) = bytes.as_chunks::<2>();
            let text = char::decode_utf16(units.iter().map(|unit| u16::from_ne_bytes(*unit)));
            collect(text.map(std::result::Result::ok), rest).ok_or(Diagnostic::InvalidText("UTF-16"))
        }
        Width::Four => {
            let (units, rest) = bytes.as_chunks::<4>();
            let text = units.iter().map(|unit| char::from_u32(u32::from_ne_bytes(*unit)));
            collect(text, rest).ok_or(Diagnostic::InvalidText("UTF-32"))
        }
    }
}

fn collect(characters: impl Iterator<Item = Option<char>>, rest: &[u8]) -> Option<String> {
    if rest.is_empty() { characters.collect() } else { None }
}
