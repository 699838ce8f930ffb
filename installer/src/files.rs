//! Files that are changed as a whole or not at all.
//!
//! A change goes to a new file beside the old one, which it then replaces, with its mode and owner; through a link it
//! reaches the file that is meant. Programs that change the same folder wait for each other.
//!
//! Drafts of rows are known to the process, so that one which ends without unwinding can take them along.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

use crate::failure::{Failure, Kind};

/// Changes a file; a missing one counts as empty. Tells whether anything changed; nothing is written if not.
///
/// # Errors
/// `Permission` for what cannot be written, and those of `change`.
pub(crate) fn change(
    path: &Path,
    mode: u32,
    change: impl FnOnce(&[u8]) -> Result<Vec<u8>, Failure>,
) -> Result<bool, Failure> {
    let path = target(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let _lock = lock(folder)?;
    let (old, known) = match read(&path) {
        Ok(bytes) => (bytes, Some(fs::metadata(&path).map_err(|error| Failure::file("read", &path, &error))?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (Vec::new(), None),
        Err(error) => return Err(Failure::file("read", &path, &error)),
    };
    let new = change(&old)?;
    if new == old {
        return Ok(false);
    }
    check_writable(&path, folder, known.as_ref())?;
    replace(&path, folder, &new, mode, known.as_ref()).map_err(|error| Failure::file("write", &path, &error))?;
    Ok(true)
}

/// What a regular file holds. Of a pipe it would wait for whoever writes into it.
///
/// # Errors
/// Those of the file; `InvalidInput` for a pipe, a device or a folder.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.is_file() {
        return fs::read(path);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"))
}

/// A replaced file would not care; whoever took the right to write away meant something by it, root included.
fn check_writable(path: &Path, folder: &Path, known: Option<&fs::Metadata>) -> Result<(), Failure> {
    let writable = |metadata: &fs::Metadata| !metadata.permissions().readonly();
    if !known.is_none_or(writable) {
        let text = format!("{} is read-only; make it writable (chmod u+w) or choose another file", path.display());
        return Err(Failure::new(Kind::Permission, text));
    }
    if !fs::metadata(folder).is_ok_and(|known| writable(&known)) {
        let text = format!("the folder {} is read-only, so {} cannot be written", folder.display(), path.display());
        return Err(Failure::new(Kind::Permission, text));
    }
    Ok(())
}

/// Writes a new file that appears when `finish` is called; dropped before, it leaves nothing.
pub(crate) struct Draft {
    file: NamedTempFile,
    path: PathBuf,
    _listed: Listed,
}

/// The mode of a draft.
const PRIVATE: u32 = 0o600;
/// The files of all drafts.
static DRAFTS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes every draft of this process, for one that ends without unwinding. Who makes a draft afterwards waits.
pub(crate) fn discard_drafts() -> impl Sized {
    let drafts = drafts();
    // What is gone already, or cannot be removed, changes nothing about the end.
    drafts.iter().for_each(|file| drop(fs::remove_file(file)));
    drafts
}

fn drafts() -> MutexGuard<'static, Vec<PathBuf>> {
    DRAFTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A draft's place in the list, until it is dropped.
struct Listed(PathBuf);

impl Drop for Listed {
    fn drop(&mut self) {
        drafts().retain(|file| *file != self.0);
    }
}

impl Draft {
    /// A draft of this file. Only its owner may read it: it holds what an account holds.
    ///
    /// # Errors
    /// `Permission` for a file or a folder that is read-only or for another user's file, `Usage` for what is no file, and
    /// others of the folder.
    pub(crate) fn new(path: &Path) -> Result<Self, Failure> {
        let path = target(path);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let wrong = |error: io::Error| Failure::file("write", &path, &error);
        let known = fs::metadata(&path).ok();
        fs::metadata(folder).map_err(wrong)?;
        if known.as_ref().is_some_and(|known| !known.is_file()) {
            let text = format!("{} is there and is no regular file; name another one", path.display());
            return Err(Failure::usage(text));
        }
        check_writable(&path, folder, known.as_ref())?;
        let mut drafts = drafts();
        let file = NamedTempFile::new_in(folder).map_err(wrong)?;
        if let Some(known) = &known {
            // Whether the old one's owner can be given is known before there is anything to write.
            keep(file.as_file(), known).and_then(|()| set_mode(file.as_file(), PRIVATE)).map_err(wrong)?;
        }
        drafts.push(file.path().to_owned());
        drop(drafts);
        let _listed = Listed(file.path().to_owned());
        Ok(Self { file, path, _listed })
    }

    /// Where the bytes go.
    pub(crate) fn writer(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// Those of the folder.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Self { file, path, _listed } = self;
        let write = |error: &io::Error| Failure::file("write", &path, error);
        if let Ok(known) = fs::metadata(&path) {
            keep(file.as_file(), &known).map_err(|error| write(&error))?;
        }
        file.persist(&path).map(drop).map_err(|error| write(&error.error))
    }
}

/// The file that a path means: that at the end of links, which need not exist.
fn target(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // As many links as systems follow.
    for _ in 0..40 {
        let Ok(link) = fs::read_link(&path) else { break };
        path = path.parent().map_or_else(|| link.clone(), |folder| folder.join(&link));
    }
    path
}

/// Keeps other programs of ours out of a folder until the answer is dropped.
fn lock(folder: &Path) -> Result<Option<File>, Failure> {
    if cfg!(windows) {
        return Ok(None);
    }
    let file = File::open(folder).map_err(|error| Failure::file("open", folder, &error))?;
    // A network folder may know no locks; the replacement is whole without one, too.
    Ok(file.lock().is_ok().then_some(file))
}

fn replace(path: &Path, folder: &Path, bytes: &[u8], mode: u32, known: Option<&fs::Metadata>) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    match known {
        Some(known) => keep(file.as_file(), known)?,
        None => set_mode(file.as_file(), mode)?,
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The name is safe, too, once its folder is.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Gives a file the owner and the mode of the one that it replaces.
#[cfg(unix)]
fn keep(file: &File, known: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (known.uid(), known.gid()) {
        fchown(file, Some(known.uid()), Some(known.gid()))?;
    }
    file.set_permissions(known.permissions())
}

#[cfg(not(unix))]
fn keep(file: &File, known: &fs::Metadata) -> io::Result<()> {
    file.set_permissions(known.permissions())
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    fn append(path: &Path) -> Result<bool, Failure> {
        change(path, 0o640, |old| Ok([old, b"x"].concat()))
    }

    #[test]
    fn mode_and_links_are_kept_and_a_new_file_has_the_mode_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        assert!(append(&file).unwrap());
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o604)).unwrap();
        symlink("file", &link).unwrap();
        assert!(append(&link).unwrap());
        assert_eq!(fs::read(&file).unwrap(), b"xx");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o604);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        symlink("nowhere", folder.path().join("dangling")).unwrap();
        append(&folder.path().join("dangling")).unwrap();
        assert_eq!(fs::read(folder.path().join("nowhere")).unwrap(), b"x");
    }

    #[test]
    fn an_unchanged_file_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        let before = fs::metadata(&file).unwrap().ino();
        assert!(!change(&file, 0o644, |old| Ok(old.to_vec())).unwrap());
        assert_eq!(fs::metadata(&file).unwrap().ino(), before);
    }

    #[test]
    fn a_read_only_file_or_folder_is_an_error_even_for_root() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(append(&file).unwrap_err().kind(), Kind::Permission);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        assert_eq!(append(&folder.path().join("new")).unwrap_err().kind(), Kind::Permission);
        assert_eq!(fs::read(&file).unwrap(), b"x");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn a_read_only_file_is_not_replaced_by_a_draft() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.csv");
        fs::write(&file, "x").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(Draft::new(&file).err().unwrap().kind(), Kind::Permission);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(Draft::new(&folder.path().join("no/rows.csv")).err().unwrap().kind(), Kind::NotFound);
    }

    #[test]
    fn changes_at_one_time_are_all_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..5).for_each(|_| assert!(append(&file).unwrap())));
            }
        });
        assert_eq!(fs::read(&file).unwrap().len(), 40);
    }

    #[test]
    fn a_draft_appears_only_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let mut draft = Draft::new(&path).unwrap();
        draft.writer().write_all(b"half").unwrap();
        drop(draft);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut draft = Draft::new(&path).unwrap();
        draft.writer().write_all(b"whole").unwrap();
        draft.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }
}
