//! Text in a buffer: whole, cut, or in pieces.
//!
//! A bound column (SQLBindCol) is cut between characters: nothing can fetch the rest. SQLGetData fills its buffer to
//! the last unit instead, through the middle of a character if need be: readers (pyodbc, nanodbc and all that build on
//! them) take a buffer that was too small for full, and put the pieces together byte by byte; a shorter piece would
//! leave its terminator in the middle of their text. It also means that any buffer with room for a unit gets on.

use std::mem::MaybeUninit;

use super::Progress;
use crate::text::Encoding;

/// How text is laid out in a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// The encoding.
    pub(super) encoding: Encoding,
    /// Whether a zero unit ends it; SQL_C_BINARY has none.
    pub(super) terminated: bool,
}

impl Layout {
    pub(super) const fn terminator(self) -> usize {
        if self.terminated { self.encoding.unit() } else { 0 }
    }

    /// Bytes of `capacity` that can be used: whole units, but for binary data.
    pub(super) fn usable(self, capacity: isize) -> usize {
        let capacity = usize::try_from(capacity).unwrap_or(0);
        if self.terminated { capacity - capacity % self.encoding.unit() } else { capacity }
    }

    /// The start of `text` that has at most `limit` bytes.
    pub(super) fn limited(self, text: &str, limit: usize) -> &str {
        if limit == 0 || self.encoding.length(text) <= limit {
            return text;
        }
        let end = text.char_indices().scan(0, |length, (at, character)| {
            *length += self.encoding.length(character.encode_utf8(&mut [0; 4]));
            (*length <= limit).then_some(at + character.len_utf8())
        });
        &text[..end.last().unwrap_or(0)]
    }

    /// Bytes of `text` that were not given out before.
    pub(super) fn remaining(self, text: &str, progress: &Progress) -> usize {
        self.encoding.length(rest(text, progress)).saturating_sub(progress.split)
    }

    /// Fills `body` with what comes next, and the terminator behind it. `whole` keeps characters together.
    pub(super) fn fill(self, text: &str, buffer: &mut [MaybeUninit<u8>], whole: bool, progress: &mut Progress) {
        let room = buffer.len().saturating_sub(self.terminator());
        let (body, _) = buffer.split_at_mut(room);
        let start = progress.given;
        self.finish_character(text, body, progress);
        let filled = progress.given - start;
        let copied = self.encoding.copy(rest(text, progress), &mut body[filled..]);
        progress.source += copied.consumed;
        progress.given += copied.written;
        let filled = progress.given - start;
        if !whole && filled < room {
            self.start_character(text, &mut body[filled..], progress);
        }
        let end = progress.given - start;
        buffer[end..end + self.terminator()].fill(MaybeUninit::new(0));
    }

    /// The rest of a character that the last piece ended in.
    fn finish_character(self, text: &str, body: &mut [MaybeUninit<u8>], progress: &mut Progress) {
        if progress.split > 0 {
            self.start_character(text, body, progress);
        }
    }

    /// As much of the next character as fits, from where it was left.
    fn start_character(self, text: &str, body: &mut [MaybeUninit<u8>], progress: &mut Progress) {
        let Some(character) = rest(text, progress).chars().next() else { return };
        let mut encoded = [MaybeUninit::new(0); 4];
        let length = self.encoding.copy(character.encode_utf8(&mut [0; 4]), &mut encoded).written;
        let left = encoded.get(progress.split..length).unwrap_or_default();
        let fits = left.len().min(body.len());
        body[..fits].copy_from_slice(&left[..fits]);
        progress.given += fits;
        progress.split += fits;
        if progress.split >= length {
            progress.split = 0;
            progress.source += character.len_utf8();
        }
    }
}

/// The text from the character on that was not given out whole.
fn rest<'a>(text: &'a str, progress: &Progress) -> &'a str {
    text.get(progress.source..).unwrap_or_default()
}
