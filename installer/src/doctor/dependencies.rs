//! The libraries that a library of Linux needs, looked for as the loader does, without loading anything.

use std::fs;
use std::path::{Path, PathBuf};

use crate::elf::Elf;

/// Folders that every loader looks into.
const FOLDERS: &[&str] = &[
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
];
/// The loader's list of libraries, which has those of other folders, too.
const CACHE: &str = "/etc/ld.so.cache";

/// A library, and the packages that have it.
struct Package {
    /// Start of its file name.
    library: &'static str,
    debian: &'static str,
    fedora: &'static str,
}

const fn package(library: &'static str, debian: &'static str, fedora: &'static str) -> Package {
    Package { library, debian, fedora }
}

const PACKAGES: &[Package] = &[
    package("libgcc_s.so", "libgcc-s1", "libgcc"),
    package("libstdc++.so", "libstdc++6", "libstdc++"),
    package("libc.so", "libc6", "glibc"),
    package("libm.so", "libc6", "glibc"),
    package("libdl.so", "libc6", "glibc"),
    package("libpthread.so", "libc6", "glibc"),
    package("librt.so", "libc6", "glibc"),
    package("ld-linux", "libc6", "glibc"),
    package("libodbcinst.so", "libodbcinst2", "unixODBC"),
    package("libodbc.so", "libodbc2", "unixODBC"),
    package("libdbus-1.so", "libdbus-1-3", "dbus-libs"),
    package("libz.so", "zlib1g", "zlib-ng-compat"),
    package("libssl.so", "libssl3", "openssl-libs"),
    package("libcrypto.so", "libssl3", "openssl-libs"),
];

/// The libraries that `library` needs and that are nowhere.
pub(super) fn missing(library: &Path, elf: &Elf<'_>) -> Vec<String> {
    let folders = folders(library, elf);
    let cache = fs::read(CACHE).unwrap_or_default();
    let is_there = |name: &String| {
        // A name with a slash is a path.
        let in_folder = folders.iter().any(|folder| folder.join(name).exists());
        in_folder || crate::library::place(&cache, format!("/{name}\0").as_bytes()).is_some()
    };
    elf.needed().into_iter().filter(|name| !is_there(name)).collect()
}

/// What to install for a library that is missing.
pub(super) fn cure(name: &str) -> String {
    match PACKAGES.iter().find(|package| name.starts_with(package.library)) {
        Some(Package { debian, fedora, .. }) => {
            format!("install the package that has it: {debian} (Debian, Ubuntu), {fedora} (Fedora, RHEL)")
        }
        None => format!("install the package that has {name} (apt-file search, dnf provides)"),
    }
}

/// The folders that are looked into, the library's own ones first.
fn folders(library: &Path, elf: &Elf<'_>) -> Vec<PathBuf> {
    let origin = library.parent().unwrap_or_else(|| Path::new("/")).display().to_string();
    let own =
        elf.folders().into_iter().map(|folder| folder.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", &origin));
    let named = variable().into_iter().flat_map(|folders| std::env::split_paths(&folders).collect::<Vec<_>>());
    own.map(PathBuf::from).chain(named).chain(FOLDERS.iter().map(PathBuf::from)).collect()
}

#[expect(clippy::disallowed_methods, reason = "the loader's own variable says where it looks")]
fn variable() -> Option<std::ffi::OsString> {
    std::env::var_os("LD_LIBRARY_PATH")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_runs_lacks_nothing_and_a_library_that_is_nowhere_is_named() {
        let path = std::env::current_exe().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        assert_eq!(missing(&path, &Elf::read(&bytes).unwrap()), [""; 0]);
        // Every mention, as the place of the one that counts is the reader's to find.
        while let Some(place) = crate::library::place(&bytes, b"libgcc_s.so.1\0") {
            bytes[place..place + 13].copy_from_slice(b"libgcc_s.so.9");
        }
        let found = missing(&path, &Elf::read(&bytes).unwrap());
        assert_eq!(found, ["libgcc_s.so.9"]);
        assert!(cure(&found[0]).contains("libgcc-s1") && cure(&found[0]).contains("Fedora"));
        assert!(cure("libnone.so.1").contains("libnone.so.1"));
    }
}
