//! Whether a file is our driver: a library for this computer that exports ODBC's functions and has our words in it.
//!
//! Its symbols are read, nothing is loaded: a file that is no driver may do anything when it is loaded.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, Kind};

/// A function that every driver for wide text exports.
const ENTRY: &[u8] = b"SQLDriverConnectW";
/// What only our driver has in it: the name of its environment variable.
const OURS: &[u8] = b"PIPEDRIVE_API_TOKEN";

/// Checks that a file is our driver.
///
/// # Errors
/// `NotFound` or `Permission` for a file that cannot be read, `Failure` for one that is something else.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
    match fault(&bytes) {
        None => Ok(()),
        Some(fault) => {
            let text = format!("{} is not the Pipedrive ODBC driver: {fault}", path.display());
            Err(Failure::new(Kind::Failure, text))
        }
    }
}

/// What is wrong with a library.
fn fault(bytes: &[u8]) -> Option<&'static str> {
    let exports = if cfg!(target_os = "linux") {
        match Elf::read(bytes) {
            None => return Some("it is not a shared library of 64 bits"),
            Some(elf) if elf.machine() != this_machine() => return Some("it was built for another kind of processor"),
            Some(elf) => elf.exports(ENTRY),
        }
    } else {
        contains(bytes, ENTRY)
    };
    match (exports, contains(bytes, OURS)) {
        (false, _) => Some("it exports no SQLDriverConnectW, as drivers do"),
        (true, false) => Some("it is another driver"),
        (true, true) => None,
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    // By the first letter, which is much faster than every window.
    let first = part.first().copied().unwrap_or_default();
    let mut rest = bytes;
    while let Some(place) = rest.iter().position(|byte| *byte == first) {
        rest = rest.get(place..).unwrap_or_default();
        if rest.starts_with(part) {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

/// The number of this processor in ELF files; 0 where nobody looked it up, which fits no file.
const fn this_machine() -> u16 {
    if cfg!(target_arch = "x86_64") {
        62
    } else if cfg!(target_arch = "aarch64") {
        183
    } else if cfg!(target_arch = "riscv64") {
        243
    } else {
        0
    }
}

/// An ELF file of 64 bits in this computer's byte order.
/// [Layout](https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html)
struct Elf<'a>(&'a [u8]);

/// A section: where its bytes are, and the section that it refers to.
struct Section {
    kind: u32,
    offset: usize,
    size: usize,
    link: usize,
}

/// Kind of the section with the symbols that other programs see.
const DYNAMIC_SYMBOLS: u32 = 11;
/// Bytes of a symbol.
const SYMBOL: usize = 24;
/// Place of an undefined symbol: one that the library needs itself.
const UNDEFINED: u16 = 0;

impl<'a> Elf<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let byte_order = if cfg!(target_endian = "little") { 1 } else { 2 };
        let shared = bytes.starts_with(&[0x7f, b'E', b'L', b'F', 2, byte_order]) && Self(bytes).short(16)? == 3;
        shared.then_some(Self(bytes))
    }

    fn machine(&self) -> u16 {
        self.short(18).unwrap_or_default()
    }

    /// Whether the library defines this symbol for others.
    fn exports(&self, name: &[u8]) -> bool {
        self.symbols_of(name).unwrap_or_default()
    }

    fn symbols_of(&self, name: &[u8]) -> Option<bool> {
        let count = usize::from(self.short(60)?);
        let symbols =
            (0..count).filter_map(|index| self.section(index)).find(|section| section.kind == DYNAMIC_SYMBOLS)?;
        let names = self.section(symbols.link)?;
        let names = self.0.get(names.offset..names.offset.checked_add(names.size)?)?;
        let is_it = |symbol: usize| {
            let start = usize::try_from(self.word(symbol)?).ok()?;
            let rest = names.get(start..)?.strip_prefix(name)?;
            Some(rest.first() == Some(&0) && self.short(symbol + 6)? != UNDEFINED)
        };
        let end = symbols.offset.checked_add(symbols.size)?;
        Some((symbols.offset..end).step_by(SYMBOL).any(|symbol| is_it(symbol) == Some(true)))
    }

    fn section(&self, index: usize) -> Option<Section> {
        let table = usize::try_from(self.long(40)?).ok()?;
        let start = table.checked_add(index.checked_mul(usize::from(self.short(58)?))?)?;
        Some(Section {
            kind: self.word(start + 4)?,
            offset: usize::try_from(self.long(start + 24)?).ok()?,
            size: usize::try_from(self.long(start + 32)?).ok()?,
            link: usize::try_from(self.word(start + 40)?).ok()?,
        })
    }

    fn short(&self, at: usize) -> Option<u16> {
        self.field(at).map(u16::from_ne_bytes)
    }

    fn word(&self, at: usize) -> Option<u32> {
        self.field(at).map(u32::from_ne_bytes)
    }

    fn long(&self, at: usize) -> Option<u64> {
        self.field(at).map(u64::from_ne_bytes)
    }

    fn field<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..at.checked_add(N)?)?.try_into().ok()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_told_apart() {
        assert_eq!(fault(b"#!/bin/sh\n"), Some("it is not a shared library of 64 bits"));
        assert_eq!(fault(b""), Some("it is not a shared library of 64 bits"));
        // This test program is a position-independent executable, which has the same form, and exports nothing.
        let own = fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(fault(&own), Some("it exports no SQLDriverConnectW, as drivers do"));
        let mut other = own.clone();
        other[18] ^= 1;
        assert_eq!(fault(&other), Some("it was built for another kind of processor"));
        // Every cut is an answer, not a panic.
        for length in 0..200 {
            assert!(fault(&own[..length]).is_some());
        }
    }

    #[test]
    fn words_are_found_wherever_they_are() {
        assert!(contains(b"xSQLSQLDriverConnectW", ENTRY));
        assert!(!contains(b"SQLDriverConnect", ENTRY));
    }
}
