//! A buffer at an address of any alignment, between guard bytes.

use crate::memory::Buffer;
use crate::word::Word;

/// Most bytes that a place may stand off an aligned address.
const ROOM: usize = 8;

/// A buffer that begins `shift` bytes behind an aligned address.
#[derive(Debug)]
pub(super) struct Place {
    buffer: Buffer,
    shift: usize,
    size: usize,
}

impl Place {
    /// A fresh place of so many bytes.
    pub(super) fn new(size: usize, shift: usize) -> Self {
        Self { buffer: Buffer::new(size + ROOM), shift, size }
    }

    /// A place with these contents.
    pub(super) fn of(contents: &[u8], shift: usize) -> Self {
        let mut bytes = vec![Buffer::FILL; contents.len() + ROOM];
        bytes[shift..shift + contents.len()].copy_from_slice(contents);
        Self { buffer: Buffer::of(&bytes), shift, size: contents.len() }
    }

    /// Its address.
    pub(super) fn word(&mut self) -> Word {
        Word(self.buffer.word().0 + self.shift)
    }

    /// Puts bytes into it.
    pub(super) fn fill(&mut self, at: usize, bytes: &[u8]) {
        self.buffer.overwrite(self.shift + at, bytes);
    }

    /// Its contents.
    pub(super) fn contents(&self) -> &[u8] {
        &self.buffer.contents()[self.shift..self.shift + self.size]
    }

    /// Whether nothing was written beside it.
    pub(super) fn is_intact(&self) -> bool {
        let (before, rest) = self.buffer.contents().split_at(self.shift);
        let beside = before.iter().chain(&rest[self.size..]);
        self.buffer.is_intact() && beside.into_iter().all(|byte| *byte == Buffer::FILL)
    }

    /// Whether nothing was written into it either; false for one that had contents.
    pub(super) fn is_untouched(&self) -> bool {
        self.is_intact() && self.contents().iter().all(|byte| *byte == Buffer::FILL)
    }

    /// Bytes up to the last one that was written, of a place that was fresh.
    pub(super) fn written(&self) -> usize {
        self.contents().iter().rposition(|byte| *byte != Buffer::FILL).map_or(0, |last| last + 1)
    }

    /// Whether a unit of zero stands among its first `units` units of `width` bytes.
    pub(super) fn is_terminated(&self, units: usize, width: usize) -> bool {
        let mut units = self.contents().chunks_exact(width).take(units);
        units.any(|unit| unit.iter().all(|byte| *byte == 0))
    }

    /// Its first bytes as a number of 16 bits.
    pub(super) fn short(&self) -> i16 {
        i16::from_ne_bytes([self.contents()[0], self.contents()[1]])
    }

    /// Its first bytes as a number of 32 bits.
    pub(super) fn long(&self) -> i32 {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.contents()[..4]);
        i32::from_ne_bytes(bytes)
    }

    /// Its first bytes as a number as wide as a pointer.
    pub(super) fn size(&self) -> isize {
        let mut bytes = [0; size_of::<isize>()];
        bytes.copy_from_slice(&self.contents()[..size_of::<isize>()]);
        isize::from_ne_bytes(bytes)
    }
}
