//! Whether a file is our driver: a library for this computer that exports ODBC's functions and has our words in it.
//!
//! Its symbols are read, nothing is loaded: a file that is no driver may do anything when it is loaded.

use std::io::ErrorKind;
use std::path::Path;

use crate::elf::Elf;
use crate::failure::Failure;
use crate::files;

/// A function that every driver for wide text exports.
const ENTRY: &[u8] = b"SQLDriverConnectW";
/// What only our driver has in it: the name of its environment variable.
const OURS: &[u8] = b"PIPEDRIVE_API_TOKEN";
/// What the driver calls itself when it asks: its version follows, and a blank.
const NAME: &[u8] = b"pipedrive-odbc/";
/// Longest version, in bytes.
const LONGEST: usize = 40;

/// Checks that a file is our driver.
///
/// # Errors
/// `NotFound` or `Permission` for a file that cannot be read, `Usage` for one that is something else.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    let bytes = files::read(path).map_err(|error| match error.kind() {
        ErrorKind::InvalidInput => Failure::usage(format!("{} is no regular file", path.display())),
        _ => Failure::file("read", path, &error),
    })?;
    match fault(&bytes) {
        None => Ok(()),
        Some(fault) => {
            let text = format!("{} is not the Pipedrive ODBC driver: {fault}", path.display());
            Err(Failure::usage(text))
        }
    }
}

/// What is wrong with a library.
pub(crate) fn fault(bytes: &[u8]) -> Option<&'static str> {
    let exports = if cfg!(target_os = "linux") {
        match Elf::read(bytes) {
            None => return Some("it is not a shared library of 64 bits"),
            Some(elf) if elf.machine() != this_machine() => return Some("it was built for another kind of processor"),
            Some(elf) => elf.exports(ENTRY),
        }
    } else {
        place(bytes, ENTRY).is_some()
    };
    match (exports, place(bytes, OURS).is_some()) {
        (false, _) => Some("it exports no SQLDriverConnectW, as drivers do"),
        (true, false) => Some("it is another driver"),
        (true, true) => None,
    }
}

/// The version of a driver, where it tells one.
pub(crate) fn version(bytes: &[u8]) -> Option<String> {
    match Elf::read(bytes) {
        Some(elf) => elf.constants().find_map(told_in),
        None => told_in(bytes),
    }
}

/// The first version that follows our name. The name stands in other texts, too.
fn told_in(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes;
    while let Some(found) = place(rest, NAME) {
        rest = rest.get(found + NAME.len()..)?;
        let end = rest.iter().take(LONGEST).position(|byte| *byte == b' ');
        let version = end.and_then(|end| std::str::from_utf8(rest.get(..end)?).ok());
        let known = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '+');
        let is_version =
            |text: &&str| text.starts_with(|letter: char| letter.is_ascii_digit()) && text.chars().all(known);
        if let Some(version) = version.filter(is_version) {
            return Some(version.to_owned());
        }
    }
    None
}

/// Where `part` begins in `bytes`.
pub(crate) fn place(bytes: &[u8], part: &[u8]) -> Option<usize> {
    // By the first letter, which is much faster than every window.
    let first = part.first().copied().unwrap_or_default();
    let mut start = 0;
    loop {
        let rest = bytes.get(start..)?;
        start += rest.iter().position(|byte| *byte == first)?;
        if bytes.get(start..)?.starts_with(part) {
            return Some(start);
        }
        start += 1;
    }
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;

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
        assert_eq!(place(b"xSQLSQLDriverConnectW", ENTRY), Some(4));
        assert_eq!(place(b"SQLDriverConnect", ENTRY), None);
    }

    #[test]
    fn a_version_ends_with_a_blank() {
        let told = |text: &[u8]| told_in(text);
        assert_eq!(told(b"a pipedrive-odbc/x pipedrive-odbc/1.2.0-rc.1 x-rate").as_deref(), Some("1.2.0-rc.1"));
        assert_eq!(told(b"pipedrive-odbc/1.2.0"), None);
        assert_eq!(told(b"pipedrive-odbc/"), None);
    }
}
