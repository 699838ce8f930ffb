//! A sign-in in a file: JSON with a format version, for its owner alone.
//!
//! A new sign-in is written beside the file and takes its name at once, so that a reader sees the old one or the new
//! one, and a process that is killed leaves one of them. A file that this driver did not write is neither used nor
//! changed, whatever it holds: the location may be a slip, or somebody else's choice.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tempfile::NamedTempFile;

use super::Shelf;
use super::place::{self, Refusal};
use crate::auth::oauth::SignIn;
use crate::{Error, ErrorKind, Result};

/// The version of the files that this driver writes; files of a later one are neither read nor changed.
const FORMAT: u64 = 1;
/// The member by which a file is known to be this driver's, and what it says.
const MARKER: &str = "made_by";
const MAKER: &str = "pipedrive-odbc";
/// Bytes beyond which a file holds something else than a sign-in.
const LONGEST: u64 = 1 << 20;
/// How the name of a file goes on that is to take the place of the one before.
const FRESH: &str = ".pipedrive-odbc-";

/// One file.
pub(super) struct InFile {
    path: PathBuf,
}

impl InFile {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    fn error(&self, refusal: &Refusal) -> Error {
        let (path, Refusal { what, cure }) = (self.path.display(), refusal);
        Error::new(ErrorKind::SignIn, format!("OAuthSettingsLocation={path} cannot be used: {what}")).with_cure(cure)
    }

    /// What is in the file; `None` without a file.
    fn read(&self) -> Result<Option<SignIn>, Refusal> {
        if !place::check_folder(self.folder())? {
            return Ok(None);
        }
        let Some(file) = place::open(&self.path)? else { return Ok(None) };
        let mut content = Vec::new();
        file.take(LONGEST + 1).read_to_end(&mut content).map_err(|error| Refusal::of_io(&self.path, &error))?;
        if u64::try_from(content.len()).is_ok_and(|length| length > LONGEST) {
            return Err(foreign());
        }
        parse(&content).map(Some)
    }

    fn write(&self, sign_in: &SignIn) -> Result<(), Fault> {
        place::make_folder(self.folder())?;
        // Whatever is there must be this driver's, or it stays.
        self.read()?;
        if let Err(error) = self.sweep() {
            // No reason to lose tokens that nobody else has.
            tracing::debug!(%error, "what a killed process left beside the sign-in is still there");
        }
        step();
        let mut fresh = self.fresh()?;
        step();
        fresh.write_all(&content(sign_in)?)?;
        step();
        fresh.as_file().sync_all()?;
        step();
        fresh.persist(&self.path).map_err(|error| error.error)?;
        step();
        sync_folder(self.folder());
        Ok(())
    }

    fn delete(&self) -> Result<bool, Fault> {
        let was_there = self.read()?.is_some();
        if was_there {
            fs::remove_file(&self.path)?;
            step();
            sync_folder(self.folder());
        }
        if place::check_folder(self.folder())? {
            self.sweep()?;
        }
        Ok(was_there)
    }

    /// A file beside this one, for its owner alone.
    fn fresh(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().prefix(&self.prefix()).tempfile_in(self.folder())
    }

    /// Start of the names of files that are to take this one's place. Nobody else's file is called so.
    fn prefix(&self) -> OsString {
        let mut prefix = OsString::from(".");
        prefix.push(self.path.file_name().unwrap_or_default());
        prefix.push(FRESH);
        prefix
    }

    /// Deletes what processes left that were killed while they wrote. Only whoever has the lock may do so.
    fn sweep(&self) -> io::Result<()> {
        let prefix = self.prefix();
        for entry in fs::read_dir(self.folder())? {
            let entry = entry?;
            let is_left = entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes());
            if is_left && entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

impl Shelf for InFile {
    fn look(&self) -> Result<Option<SignIn>> {
        self.read().map_err(|refusal| self.error(&refusal))
    }

    fn keep(&self, sign_in: &SignIn) -> Result<()> {
        self.write(sign_in).map_err(|fault| fault.of(self))
    }

    fn forget(&self) -> Result<bool> {
        self.delete().map_err(|fault| fault.of(self))
    }

    /// Beside the file: whoever can write the one can write the other.
    fn lock_file(&self) -> Result<Option<PathBuf>> {
        place::make_folder(self.folder()).map_err(|refusal| self.error(&refusal))?;
        place::check_folder(self.folder()).map_err(|refusal| self.error(&refusal))?;
        let mut path = self.path.clone().into_os_string();
        path.push(".lock");
        Ok(Some(path.into()))
    }
}

/// Why a file was not changed.
enum Fault {
    Refused(Refusal),
    Io(io::Error),
    Other(Error),
}

impl Fault {
    fn of(self, file: &InFile) -> Error {
        match self {
            Self::Refused(refusal) => file.error(&refusal),
            Self::Io(error) => {
                let text = format!("it cannot be written ({})", error.kind());
                file.error(&Refusal::new(text, "check the disk, and that this user may write to the folder"))
            }
            Self::Other(error) => error,
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

fn parse(content: &[u8]) -> Result<SignIn, Refusal> {
    let members: Option<Map<String, Value>> = serde_json::from_slice(content).ok();
    let members = members.filter(|members| members.get(MARKER).and_then(Value::as_str) == Some(MAKER));
    let members = members.ok_or_else(foreign)?;
    match members.get("format").and_then(Value::as_u64) {
        Some(FORMAT) => SignIn::of_members(members).ok_or_else(damaged),
        Some(format) if format > FORMAT => Err(Refusal::new(
            "it was written by a later version of this driver",
            "use that version, or name another file and sign in anew",
        )),
        _ => Err(damaged()),
    }
}

fn foreign() -> Refusal {
    let cure = "it stays as it is: name another file, or one that is yet to be made";
    Refusal::new("it holds something else than a sign-in of this driver", cure)
}

fn damaged() -> Refusal {
    Refusal::new("its sign-in is damaged", "delete the file and sign in anew with `pipedrive-odbc login --oauth`")
}

fn content(sign_in: &SignIn) -> Result<Vec<u8>> {
    let mut members = sign_in.members()?;
    members.insert(MARKER.to_owned(), MAKER.into());
    members.insert("format".to_owned(), FORMAT.into());
    let mut content = format!("{:#}", Value::Object(members)).into_bytes();
    content.push(b'\n');
    Ok(content)
}

/// Makes the new name last over a power cut, where the file system can. The file has it either way.
#[cfg(unix)]
fn sync_folder(path: &Path) {
    if let Err(error) = fs::File::open(path).and_then(|folder| folder.sync_all()) {
        tracing::debug!(%error, "the folder of the sign-in was not synchronized");
    }
}

#[cfg(not(unix))]
const fn sync_folder(_path: &Path) {}

/// Where a test ends the process.
#[cfg(test)]
use tests::step;

#[cfg(not(test))]
const fn step() {}

#[cfg(test)]
mod tests;
