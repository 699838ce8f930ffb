//! Short text on the stack: what a number, a date or an interval looks like. Formatting a cell allocates nothing.

use std::fmt;

/// Longest text that is ever made of one: 38 digits with sign, zero and point, or a moment in a far year, fit easily.
const CAPACITY: usize = 64;

/// Text of at most 64 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short {
    bytes: [u8; CAPACITY],
    length: usize,
}

impl Short {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; CAPACITY], length: 0 }
    }

    /// What `text` prints.
    pub(super) fn of(text: fmt::Arguments<'_>) -> Self {
        let mut short = Self::new();
        // Everything that is printed here fits: see CAPACITY.
        let _ = fmt::write(&mut short, text);
        short
    }

    pub(super) fn as_str(&self) -> &str {
        // Only whole strings are ever added, so this is text.
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    /// Adds one ASCII character.
    pub(super) fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    /// Adds `number` with at least `width` digits, zeros in front.
    pub(super) fn push_number(&mut self, mut number: u128, width: usize) {
        let mut digits = [b'0'; 39];
        let mut start = digits.len();
        while number > 0 {
            start -= 1;
            // A remainder by ten is one digit.
            digits[start] = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
        }
        for digit in &digits[start.min(digits.len().saturating_sub(width))..] {
            self.push(*digit);
        }
    }

    /// Adds a point and the fraction that `nanos` are, without zeros at the end; nothing for none.
    pub(super) fn push_fraction(&mut self, nanos: u32) {
        if nanos == 0 {
            return;
        }
        self.push(b'.');
        self.push_number(u128::from(nanos), 9);
        while self.length > 0 && self.bytes[self.length - 1] == b'0' {
            self.length -= 1;
        }
    }
}

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let place = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_padded_and_fractions_trimmed() {
        for (number, width, text) in [
            (0, 0, ""),
            (0, 1, "0"),
            (7, 2, "07"),
            (1234, 2, "1234"),
            (u128::MAX, 1, "340282366920938463463374607431768211455"),
        ] {
            let mut short = Short::new();
            short.push_number(number, width);
            assert_eq!(short.as_str(), text);
        }
        for (nanos, text) in [(0, ""), (120_000_000, ".12"), (1, ".000000001")] {
            let mut short = Short::new();
            short.push_fraction(nanos);
            assert_eq!(short.as_str(), text);
        }
    }
}
