//! Memory that is handed to the library: each buffer stands between guard bytes that must stay as they are.

use std::ffi::c_void;

use crate::word::Word;

/// Guard bytes on either side.
const GUARD: usize = 32;
/// What guard bytes are.
const CANARY: u8 = 0xA5;

/// A buffer between guard bytes. Under valgrind its bytes count as written, so what a library left alone reads as
/// [`Buffer::FILL`].
#[derive(Debug)]
pub(crate) struct Buffer {
    bytes: Box<[u8]>,
    size: usize,
}

impl Buffer {
    /// What a fresh buffer is full of.
    pub(crate) const FILL: u8 = 0xC3;

    /// A buffer of so many bytes.
    pub(crate) fn new(size: usize) -> Self {
        let mut bytes = vec![CANARY; size + 2 * GUARD].into_boxed_slice();
        bytes[GUARD..GUARD + size].fill(Self::FILL);
        Self { bytes, size }
    }

    /// A buffer with these contents.
    pub(crate) fn of(contents: &[u8]) -> Self {
        let mut buffer = Self::new(contents.len());
        buffer.bytes[GUARD..GUARD + contents.len()].copy_from_slice(contents);
        buffer
    }

    /// Puts something at its beginning.
    pub(crate) fn write(&mut self, contents: &[u8]) {
        self.bytes[GUARD..GUARD + self.size][..contents.len()].copy_from_slice(contents);
    }

    /// Its address.
    pub(crate) fn word(&mut self) -> Word {
        self.bytes[GUARD..].as_mut_ptr().cast::<c_void>().into()
    }

    /// Puts bytes into it, without moving it.
    pub(crate) fn overwrite(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[GUARD + at..GUARD + at + bytes.len()].copy_from_slice(bytes);
    }

    /// Its contents.
    pub(crate) fn contents(&self) -> &[u8] {
        &self.bytes[GUARD..GUARD + self.size]
    }

    /// Its first bytes as a signed number of 16 bits.
    pub(crate) fn short(&self) -> i16 {
        i16::from_ne_bytes(self.first())
    }

    /// Its first bytes as a word.
    pub(crate) fn first_word(&self) -> Word {
        Word(usize::from_ne_bytes(self.first()))
    }

    /// Text up to its terminator.
    pub(crate) fn text(&self) -> String {
        let end = self.contents().iter().position(|byte| *byte == 0).unwrap_or(self.size);
        String::from_utf8_lossy(&self.contents()[..end]).into_owned()
    }

    /// Whether its guard bytes are what they were.
    pub(crate) fn is_intact(&self) -> bool {
        let (before, rest) = self.bytes.split_at(GUARD);
        before.iter().chain(&rest[self.size..]).all(|byte| *byte == CANARY)
    }

    fn first<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.contents()[..N]);
        bytes
    }
}
