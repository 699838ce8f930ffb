//! Conversions as an application sees them: bytes in its memory, lengths, SQLSTATEs.

mod any;
mod examples;
mod incoming;
mod outgoing;
mod pieces;

use super::cell::Cell;
use super::interval::Fields;
use super::*;
use crate::diagnostics::Result;

/// An application's memory: a buffer at an odd address between guard bytes, a length and an indicator.
struct Memory {
    bytes: Vec<u8>,
    capacity: usize,
    octet_length: isize,
    indicator: isize,
}

/// What lies where nothing was written.
const UNTOUCHED: u8 = 0xAA;
const UNTOLD: isize = -77;

impl Memory {
    fn new(capacity: usize) -> Self {
        // Room for a C type of a fixed size, whose buffer has no stated length.
        Self { bytes: vec![UNTOUCHED; capacity.max(28) + 9], capacity, octet_length: UNTOLD, indicator: UNTOLD }
    }

    fn target(&mut self, c_type: CType) -> Target {
        Target {
            c_type,
            data: self.bytes[1..].as_mut_ptr().cast(),
            capacity: self.capacity.cast_signed(),
            octet_length: &raw mut self.octet_length,
            indicator: &raw mut self.indicator,
            precision: 0,
            scale: 0,
            max_length: 0,
        }
    }

    /// The bytes that were written: up to the guard that still stands.
    fn written(&self) -> &[u8] {
        assert_eq!(self.bytes[0], UNTOUCHED);
        let end = self.bytes.iter().rposition(|byte| *byte != UNTOUCHED).map_or(1, |end| end + 1);
        &self.bytes[1..end]
    }
}

#[expect(unsafe_code, reason = "the memory is the test's own")]
fn put(cell: Cell<'_>, target: &Target, progress: Option<&mut Progress>) -> Result<Outcome> {
    // SAFETY: `target` points into memory of the stated size.
    unsafe { write::cell(cell, target, progress) }
}

/// The SQLSTATE of an outcome; empty for success.
fn state(outcome: &Result<Outcome>) -> &'static str {
    match outcome {
        Ok(Outcome::Whole) => "",
        Ok(Outcome::Warned(diagnostic)) | Err(diagnostic) => diagnostic.sqlstate(),
        Ok(Outcome::NoData) => "no data",
    }
}

/// The bytes of wide text, with a terminator where the text ends with one.
fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_ne_bytes).collect()
}
