//! Which files are ours. LogFile may come from somebody's workbook: a file that is not a log of this driver is never
//! written, cut, renamed or replaced, and what is no file is not even opened.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How a log begins; the rest of its first line says who began it.
pub(super) const MAGIC: &str = "# Pipedrive ODBC log, format 1;";

/// Times that a file is looked for: another process may set it aside at the same time.
const TRIES: usize = 5;

/// Whether a new file of this name does nothing. A workbook chooses literals of its statements, too: in a new
/// `.bash_profile` they would be commands.
pub(super) fn has_harmless_name(path: &Path) -> bool {
    let ends = |end: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(end));
    ends("log") || ends("txt")
}

/// Opens a log of this driver for appending, or an empty file, or makes one that only its owner can read.
pub(super) fn open_ours(path: &Path) -> io::Result<File> {
    for _ in 0..TRIES {
        if let Some(file) = existing(path)? {
            check_real_name(path)?;
            if !is_ours(&file)? {
                return Err(foreign());
            }
            make_private(&file)?;
            return Ok(file);
        }
        match options().create_new(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made,
        }
    }
    // Nothing can be read there and nothing made: that is a symbolic link to nowhere.
    Err(io::Error::other("it is a symbolic link to nothing"))
}

/// The size of a log of this driver, or of an empty file; `None` where there is none.
pub(super) fn found(path: &Path) -> io::Result<Option<u64>> {
    match existing(path)? {
        Some(file) if is_ours(&file)? => check_real_name(path).and(Ok(Some(file.metadata()?.len()))),
        Some(_) => Err(foreign()),
        None => Ok(None),
    }
}

/// Whether a file may be replaced: there is none, or it is a log of this driver and no symbolic link.
pub(super) fn is_replaceable(path: &Path) -> bool {
    match fs::symlink_metadata(path) {
        Err(error) => error.kind() == io::ErrorKind::NotFound,
        Ok(found) => found.is_file() && existing(path).is_ok_and(|file| file.is_some_and(|file| begins(&file))),
    }
}

/// The file behind a path, with symbolic links resolved, so that a later change of the link moves nothing.
pub(super) fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn existing(path: &Path) -> io::Result<Option<File>> {
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    // Opening a device can have effects, and opening a pipe can take for ever.
    if !found.is_file() {
        return Err(no_file());
    }
    let file = match options().open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    // Between the two it may have become something else.
    let opened = file.metadata()?;
    if !opened.is_file() {
        return Err(no_file());
    }
    if has_other_names(&opened) {
        return Err(io::Error::other("it has another name, too, by a hard link; name a file that is not there yet"));
    }
    Ok(Some(file))
}

/// The name behind symbolic links must be as harmless as the one that was given.
fn check_real_name(path: &Path) -> io::Result<()> {
    if has_harmless_name(&resolved(path)) {
        return Ok(());
    }
    Err(io::Error::other("it is a symbolic link to a file whose name does not end in .log or .txt"))
}

/// Takes an empty file from everybody but its owner, before anything is in it. One that somebody else owns is refused:
/// who may change its mode may read the log.
#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let found = file.metadata()?;
    if found.len() > 0 || found.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    let private = file.set_permissions(fs::Permissions::from_mode(0o600));
    private.map_err(|_| {
        io::Error::other("it is empty, and others can read or write it; name a file that is not there yet")
    })
}

/// Access lists decide here.
#[cfg(not(unix))]
fn make_private(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn has_other_names(found: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(found) > 1
}

#[cfg(not(unix))]
fn has_other_names(_found: &fs::Metadata) -> bool {
    false
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    options
}

fn is_ours(file: &File) -> io::Result<bool> {
    Ok(file.metadata()?.len() == 0 || begins(file))
}

fn begins(mut file: &File) -> bool {
    // A file is read from its start once; appending does not care where reading has come to.
    let mut start = [0; MAGIC.len()];
    file.read_exact(&mut start).is_ok() && start == MAGIC.as_bytes()
}

fn foreign() -> io::Error {
    io::Error::other("it has something else in it, which is left alone; name a file that is not there yet")
}

fn no_file() -> io::Error {
    io::Error::other("it is no ordinary file")
}
