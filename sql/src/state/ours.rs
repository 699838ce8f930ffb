//! Which folders and files are this driver's to write.
//!
//! A connection string may name the folder, and a workbook may bring the connection string. So a folder is used only if
//! it is new, empty, or known to be ours, and a file only if it is an ordinary one: nothing is reached through links,
//! and nothing waits for a pipe. What is somebody else's stays as it is.

use std::fs::{self, DirEntry, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::folder::INDEX;

/// The file by which a folder is known.
const MARKER: &str = "pipedrive-odbc";
/// What the file begins with.
const MARK: &str = "State of the Pipedrive ODBC driver";
/// What it says to people.
const WORDS: &str = "State of the Pipedrive ODBC driver: field definitions, names of columns, what is left of the day. \
                     No secrets. It may be deleted: the definitions are read again, and names of columns may change.\n";
/// How often a lock is tried for, and the pause between: two seconds in all.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);

/// Takes a folder, or says why it is not to be used.
pub(super) fn claim(folder: &Path) -> io::Result<()> {
    look(folder)?;
    // Whoever claims it at the same time writes the same words to the same place, before any other file is made.
    if !read(&folder.join(MARKER)).is_ok_and(|bytes| bytes.starts_with(MARK.as_bytes())) {
        create(&folder.join(MARKER))?.write_all(WORDS.as_bytes())?;
    }
    Ok(())
}

/// What is in a folder that may be used, or why it may not.
pub(super) fn look(folder: &Path) -> io::Result<Vec<DirEntry>> {
    let entries: Vec<_> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    if !entries.is_empty() && !is_ours(folder) {
        return Err(refused("it holds files that are not this driver's; name an empty folder or a new one"));
    }
    for entry in &entries {
        if !entry.file_type()?.is_file() {
            let name = entry.file_name();
            return Err(refused(&format!("{} in it is no ordinary file", name.to_string_lossy())));
        }
    }
    Ok(entries)
}

/// A folder with the marker, or with an index from before there was one.
fn is_ours(folder: &Path) -> bool {
    #[derive(Deserialize)]
    struct Index {
        #[serde(rename = "format")]
        _format: u32,
        #[serde(rename = "proofs")]
        _proofs: serde::de::IgnoredAny,
    }
    // Empty, or cut, where another connection is about to write it.
    let begins = |bytes: Vec<u8>| bytes.starts_with(MARK.as_bytes()) || MARK.as_bytes().starts_with(&bytes);
    read(&folder.join(MARKER)).is_ok_and(begins)
        || read(&folder.join(INDEX)).is_ok_and(|bytes| serde_json::from_slice::<Index>(&bytes).is_ok())
}

/// The bytes of an ordinary file.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// An ordinary file for reading.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    ordinary(options().read(true), path)
}

/// An ordinary file for reading and writing, made for its owner only when it is missing.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    ordinary(options().read(true).write(true).create(true).truncate(false), path)
}

/// The lock of a file, until it is dropped.
#[derive(Debug)]
pub(super) struct Locked {
    file: File,
}

impl Drop for Locked {
    fn drop(&mut self) {
        // A child made by `fork` in between has the file open, too: closing ours alone would not free the lock.
        drop(self.file.unlock());
    }
}

/// The lock in this file; an error if somebody holds it for longer than anybody should.
pub(super) fn lock(path: &Path) -> io::Result<Locked> {
    let file = create(path)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Locked { file }),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::WouldBlock, format!("another program holds the lock {}", path.display())))
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    options
}

fn ordinary(options: &OpenOptions, path: &Path) -> io::Result<File> {
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(refused(&format!("{} is no ordinary file", path.display()))) }
}

fn refused(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(folder: &Path) -> String {
        claim(folder).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_folder_becomes_ours_and_stays_so() {
        let folder = tempfile::tempdir().unwrap();
        claim(folder.path()).unwrap();
        fs::write(folder.path().join("anything"), "").unwrap();
        claim(folder.path()).unwrap();
        let words = fs::read_to_string(folder.path().join(MARKER)).unwrap();
        assert!(words.starts_with(MARK) && words.ends_with('\n'), "{words}");
    }

    #[test]
    fn a_folder_that_another_one_claims_at_the_same_time_is_ours() {
        for begun in ["", "State of"] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(MARKER), begun).unwrap();
            claim(folder.path()).unwrap();
            assert_eq!(fs::read_to_string(folder.path().join(MARKER)).unwrap(), WORDS);
        }
        for _ in 0..50 {
            let folder = tempfile::tempdir().unwrap();
            let claims: Vec<_> = thread::scope(|scope| {
                let claims = [(); 8].map(|()| scope.spawn(|| claim(folder.path())));
                claims.into_iter().map(|claim| claim.join().unwrap()).collect()
            });
            assert!(claims.iter().all(Result::is_ok), "{claims:?}");
        }
    }

    #[test]
    fn a_folder_with_files_of_others_is_refused_and_left_alone() {
        for (name, content) in [
            ("notes.txt", "mine"),
            (INDEX, r#"{"name":"my web site","format":1}"#),
            (INDEX, "{}"),
            (MARKER, "something else"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(name), content).unwrap();
            assert!(refusal(folder.path()).contains("not this driver's"), "{name}");
            assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), content);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{name}");
        }
    }

    #[test]
    fn a_folder_from_before_there_was_a_marker_is_ours() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(INDEX), r#"{"format":1,"proofs":{}}"#).unwrap();
        claim(folder.path()).unwrap();
        assert!(folder.path().join(MARKER).exists());
    }

    #[test]
    #[cfg(unix)]
    fn nothing_is_reached_through_links() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let victim = other.path().join("victim");
        fs::write(&victim, "mine").unwrap();
        claim(folder.path()).unwrap();
        let link = folder.path().join("burst");
        std::os::unix::fs::symlink(&victim, &link).unwrap();
        create(&link).unwrap_err();
        read(&link).unwrap_err();
        lock(&link).unwrap_err();
        assert!(refusal(folder.path()).contains("burst in it is no ordinary file"));
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
        let dangling = folder.path().join("lock");
        std::os::unix::fs::symlink(other.path().join("made"), &dangling).unwrap();
        create(&dangling).unwrap_err();
        assert!(!other.path().join("made").exists());
    }

    #[test]
    #[cfg(unix)]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        claim(folder.path()).unwrap();
        let pipe = folder.path().join(INDEX);
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(read(&pipe).unwrap_err().to_string().contains("no ordinary file"));
        assert!(refusal(folder.path()).contains("no ordinary file"));
    }

    #[test]
    fn a_lock_that_is_never_given_back_is_an_error_in_bounded_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = lock(&path).unwrap();
        let error = lock(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert!(error.to_string().contains("another program holds the lock"), "{error}");
        drop(held);
        lock(&path).unwrap();
    }

    #[test]
    fn a_child_that_was_forked_meanwhile_does_not_keep_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = lock(&path).unwrap();
        // The same open file, as `fork` gives it to a child.
        let inherited = held.file.try_clone().unwrap();
        drop(held);
        lock(&path).unwrap();
        drop(inherited);
    }
}
