//! Shared libraries of Linux, read as bytes: for which processor, what they need, what they export.
//! [Layout](https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html)
//!
//! Every read is checked: a cut or damaged file is an answer, not a panic. Nothing is loaded.

use std::ops::Range;

/// An ELF file of 64 bits in this computer's byte order.
#[derive(Clone, Copy)]
pub(crate) struct Elf<'a>(&'a [u8]);

/// A section: what it is, where its bytes are, and the section that it refers to.
struct Section {
    kind: u32,
    flags: u64,
    bytes: Range<usize>,
    link: usize,
}

/// Kind of a section with a program's own bytes.
const PROGRAM: u32 = 1;
/// Kind of the section with what the loader has to do.
const DYNAMIC: u32 = 6;
/// Kind of the section with the symbols that other programs see.
const DYNAMIC_SYMBOLS: u32 = 11;
/// Flags of a section: its bytes are in memory; they can be written; they are instructions.
const IN_MEMORY: u64 = 2;
const WRITABLE: u64 = 1;
const INSTRUCTIONS: u64 = 4;
/// Bytes of a symbol.
const SYMBOL: usize = 24;
/// Bytes of an entry for the loader.
const ENTRY: usize = 16;
/// Entries for the loader: a library that is needed, and the folders to look into for it, old and new.
const NEEDED: u64 = 1;
const OLD_FOLDERS: u64 = 15;
const FOLDERS: u64 = 29;
/// Place of an undefined symbol: one that the library needs itself.
const UNDEFINED: u16 = 0;

impl<'a> Elf<'a> {
    /// A shared library; `None` for anything else.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let byte_order = if cfg!(target_endian = "little") { 1 } else { 2 };
        let shared = bytes.starts_with(&[0x7f, b'E', b'L', b'F', 2, byte_order]) && Self(bytes).short(16)? == 3;
        shared.then_some(Self(bytes))
    }

    /// The number of the processor that it was built for.
    pub(crate) fn machine(&self) -> u16 {
        self.short(18).unwrap_or_default()
    }

    /// Whether the library defines this symbol for others.
    pub(crate) fn exports(&self, name: &[u8]) -> bool {
        self.exported().any(|own| own == name)
    }

    /// The names of the symbols that the library defines for others.
    pub(crate) fn exported(&self) -> impl Iterator<Item = &'a [u8]> {
        let elf = *self;
        let table = elf.find(DYNAMIC_SYMBOLS).and_then(|symbols| Some((elf.names(&symbols)?, symbols.bytes)));
        table.into_iter().flat_map(move |(names, range)| {
            range.step_by(SYMBOL).filter_map(move |symbol| {
                let name = text(names, usize::try_from(elf.word(symbol)?).ok()?)?;
                Some(name).filter(|name| !name.is_empty() && elf.short(symbol + 6).is_some_and(|at| at != UNDEFINED))
            })
        })
    }

    /// The libraries that it needs, by their file names.
    pub(crate) fn needed(&self) -> Vec<String> {
        self.entries(&[NEEDED])
    }

    /// The folders in which its libraries are looked for first, as they are written: `$ORIGIN` is its own.
    pub(crate) fn folders(&self) -> Vec<String> {
        let written = self.entries(&[OLD_FOLDERS, FOLDERS]);
        written.iter().flat_map(|folders| folders.split(':')).map(str::to_owned).collect()
    }

    /// The bytes of its constants.
    pub(crate) fn constants(&self) -> impl Iterator<Item = &'a [u8]> {
        let kept = |section: &Section| {
            let flags = section.flags & (IN_MEMORY | WRITABLE | INSTRUCTIONS);
            section.kind == PROGRAM && flags == IN_MEMORY
        };
        self.sections().filter(kept).filter_map(|section| self.0.get(section.bytes))
    }

    /// The texts of the entries for the loader that have one of these tags.
    fn entries(&self, tags: &[u64]) -> Vec<String> {
        let Some(section) = self.find(DYNAMIC) else { return Vec::new() };
        let Some(names) = self.names(&section) else { return Vec::new() };
        let entry = |at: usize| {
            let tag = self.long(at)?;
            let value = usize::try_from(self.long(at + 8)?).ok()?;
            let name = tags.contains(&tag).then(|| text(names, value)).flatten()?;
            Some(String::from_utf8_lossy(name).into_owned())
        };
        section.bytes.step_by(ENTRY).filter_map(entry).collect()
    }

    fn find(&self, kind: u32) -> Option<Section> {
        self.sections().find(|section| section.kind == kind)
    }

    /// The bytes that a section's names are in.
    fn names(&self, section: &Section) -> Option<&'a [u8]> {
        self.0.get(self.section(section.link)?.bytes)
    }

    fn sections(&self) -> impl Iterator<Item = Section> {
        let count = usize::from(self.short(60).unwrap_or_default());
        (0..count).filter_map(|index| self.section(index))
    }

    fn section(&self, index: usize) -> Option<Section> {
        let table = usize::try_from(self.long(40)?).ok()?;
        let start = table.checked_add(index.checked_mul(usize::from(self.short(58)?))?)?;
        let offset = usize::try_from(self.long(start.checked_add(24)?)?).ok()?;
        let size = usize::try_from(self.long(start.checked_add(32)?)?).ok()?;
        Some(Section {
            kind: self.word(start.checked_add(4)?)?,
            flags: self.long(start.checked_add(8)?)?,
            bytes: offset..offset.checked_add(size)?,
            link: usize::try_from(self.word(start.checked_add(40)?)?).ok()?,
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

/// The text that begins there and ends with a zero.
fn text(names: &[u8], start: usize) -> Option<&[u8]> {
    names.get(start..)?.split(|byte| *byte == 0).next()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_program_needs_the_c_library_and_exports_no_odbc() {
        let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let elf = Elf::read(&bytes).unwrap();
        assert!(elf.needed().iter().any(|name| name.starts_with("libc.")), "{:?}", elf.needed());
        assert!(!elf.exports(b"SQLDriverConnectW"));
        assert!(elf.constants().map(<[u8]>::len).sum::<usize>() > 1000);
        // Every cut is an answer, not a panic.
        for length in (0..2000).step_by(7) {
            if let Some(elf) = Elf::read(&bytes[..length]) {
                assert!(elf.needed().is_empty() && elf.exported().count() == 0);
            }
        }
    }
}
