//! Which folders and files a sign-in may be in: those that are this user's alone.
//!
//! Open files are looked at, not their paths, so that nobody changes them in between; nothing is reached through links,
//! and nothing waits for a pipe.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

use crate::auth::file::unreadable;
use crate::settings::others_can;
use crate::state::ours;

/// Why something is not used, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What is the matter, in words that follow `cannot be used:`.
    pub(super) what: String,
    /// What to do about it.
    pub(super) cure: String,
}

impl Refusal {
    pub(super) fn new(what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { what: what.into(), cure: cure.into() }
    }

    /// The system said no about `path`.
    pub(super) fn of_io(path: &Path, error: &io::Error) -> Self {
        match fs::symlink_metadata(path) {
            Ok(metadata) if !metadata.is_file() => Self::no_file(),
            _ => Self::new(unreadable(error), ELSEWHERE),
        }
    }

    fn no_file() -> Self {
        Self::new("it is a link, a folder, a pipe or a device", "name a file, or one that is yet to be made")
    }
}

/// What to do about a place that this user cannot use.
const ELSEWHERE: &str = "check path and owner, or name a place that the user who runs this program may read and write";

/// Makes the folder, for its owner alone, unless it is there; its own folder has to be.
pub(super) fn make_folder(path: &Path) -> Result<(), Refusal> {
    match make(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = format!("there is no folder {}, nor one to make it in", path.display());
            Err(Refusal::new(text, "make the folder, or name another one"))
        }
        Err(error) => Err(Refusal::new(
            format!("the folder {} cannot be made ({})", path.display(), error.kind()),
            "make it, or name another one",
        )),
    }
}

#[cfg(unix)]
fn make(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Whether files in the folder are safe from others; `false` when there is no folder.
pub(super) fn check_folder(path: &Path) -> Result<bool, Refusal> {
    let folder = path.display();
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_dir() => {
            Err(Refusal::new(format!("{folder} is no folder"), "name a file in a folder"))
        }
        Ok(metadata) if !is_own(&metadata, true) => {
            let text = format!("the folder {folder} belongs to another user, who could exchange files in it");
            Err(Refusal::new(text, "name a file in a folder of your own"))
        }
        Ok(metadata) if others_can(&metadata).is_some_and(|access| access != "read") => {
            let text = format!("others can write to the folder {folder}, so that a file in it cannot be protected");
            Err(Refusal::new(
                text,
                format!("make the folder its owner's alone (chmod go-w {folder}), or name another one"),
            ))
        }
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Refusal::new(format!("the folder {folder}: {}", unreadable(&error)), ELSEWHERE)),
    }
}

/// Opens a file to read; `None` when there is none.
pub(super) fn open(path: &Path) -> Result<Option<File>, Refusal> {
    if !check_name(path)? {
        return Ok(None);
    }
    match ours::open(path) {
        Ok(file) => checked(path, file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Refusal::of_io(path, &error)),
    }
}

/// Opens a file to read and write, made for its owner alone when it is missing.
pub(super) fn create(path: &Path) -> Result<File, Refusal> {
    check_name(path)?;
    let unwritable = |error: io::Error| {
        let text = format!("it cannot be opened for writing ({})", error.kind());
        Refusal::new(text, ELSEWHERE)
    };
    checked(path, ours::create(path).map_err(unwritable)?)
}

/// Looks at what has the name: whose file cannot be opened is told best by who it belongs to, and not every system
/// refuses to follow links. `false` when there is nothing.
fn check_name(path: &Path) -> Result<bool, Refusal> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => check(path, &metadata).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Refusal::new(unreadable(&error), ELSEWHERE)),
    }
}

fn checked(path: &Path, file: File) -> Result<File, Refusal> {
    let metadata = file.metadata().map_err(|error| Refusal::of_io(path, &error))?;
    check(path, &metadata)?;
    Ok(file)
}

fn check(path: &Path, metadata: &Metadata) -> Result<(), Refusal> {
    if !metadata.is_file() {
        return Err(Refusal::no_file());
    }
    if !is_own(metadata, false) {
        return Err(Refusal::new(
            "it belongs to another user",
            "name a file of your own, or one that is yet to be made",
        ));
    }
    if others_can(metadata).is_some() {
        let cure = format!(
            "if its content is not meant for others, make it its owner's alone (chmod 600 {}) and sign in anew",
            path.display()
        );
        return Err(Refusal::new("its group or everybody can read or write it", cure));
    }
    Ok(())
}

/// Whether it belongs to the user who runs this; `system`: or to the system's administrator.
#[cfg(unix)]
fn is_own(metadata: &Metadata, system: bool) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == nix::unistd::geteuid().as_raw() || (system && metadata.uid() == 0)
}

/// Access lists decide here, and a user's own folders are the user's.
#[cfg(not(unix))]
const fn is_own(_metadata: &Metadata, _system: bool) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_cannot_be_written_to_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = create(&folder.path().join("none/lock")).unwrap_err();
        assert!(refusal.what.contains("cannot be opened for writing") && refusal.cure.contains("check path and owner"));
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "mine").unwrap();
        make_folder(&file).unwrap();
        assert!(check_folder(&file).unwrap_err().what.ends_with("is no folder"));
        assert_eq!(check_folder(&folder.path().join("none")), Ok(false));
    }
}
