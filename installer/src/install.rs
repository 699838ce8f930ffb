//! `install` and `uninstall`: the driver's entry in odbcinst.ini.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use pipedrive_sql::call::Cancel;
use pipedrive_sql::settings::Scope;
use serde::Serialize;

use crate::arguments::{Consent, ScopeArguments};
use crate::failure::{Failure, Kind};
use crate::ini::{Ini, keyword};
use crate::output::{Output, Show};
use crate::{files, library, places};

/// The driver's name in odbcinst.ini.
pub(crate) const NAME: &str = "Pipedrive";
/// iODBC's list of drivers.
const LIST: &str = "ODBC Drivers";
/// Everybody's programs read it.
const MODE: u32 = 0o644;

/// Register the driver with unixODBC and iODBC
#[derive(Debug, Args)]
#[command(after_help = "By default for everybody when root runs it, else for this user.

Examples:
  sudo pipedrive-odbc install
  pipedrive-odbc install --user --driver ~/lib/libpipedriveodbc.so")]
pub(crate) struct Install {
    #[command(flatten)]
    scope: ScopeArguments,
    /// The driver's library; by default the one beside this command or in a usual folder
    #[arg(long, value_name = "FILE")]
    driver: Option<PathBuf>,
    /// Enter the driver in iODBC's list [ODBC Drivers], too, even if iODBC is not found here
    #[arg(long)]
    iodbc: bool,
}

/// Take the driver's registration back
#[derive(Debug, Args)]
#[command(after_help = "Data sources, settings and kept tokens stay.\n\nExample:\n  pipedrive-odbc uninstall --yes")]
pub(crate) struct Uninstall {
    #[command(flatten)]
    scope: ScopeArguments,
    #[command(flatten)]
    consent: Consent,
}

/// What was registered.
#[derive(Debug, Serialize)]
struct Installed {
    driver: &'static str,
    library: PathBuf,
    files: Vec<Changed>,
}

/// What was taken back.
#[derive(Debug, Serialize)]
struct Uninstalled {
    driver: &'static str,
    files: Vec<Changed>,
}

/// A file, and whether it had to be changed.
#[derive(Debug, Serialize)]
struct Changed {
    file: PathBuf,
    changed: bool,
}

impl Install {
    /// Registers the driver.
    ///
    /// # Errors
    /// `NotFound` and `Failure` for the library, `Permission` for the files.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        let library = self.library()?;
        let path = written(&library)?;
        let mut files = Vec::new();
        for file in places::driver_files(scope(self.scope)?)? {
            let changed = files::change(&file, MODE, |bytes| {
                let mut ini = Ini::read(bytes);
                if self.iodbc || places::has_iodbc() || ini.has(LIST) {
                    ini.enlist(LIST, NAME, "Installed");
                }
                register(&mut ini, path);
                Ok(ini.bytes())
            })?;
            files.push(Changed { file, changed });
        }
        output.done(&Installed { driver: NAME, library, files })
    }

    /// The library that was named, or the first of the usual ones that exists.
    fn library(&self) -> Result<PathBuf, Failure> {
        if let Some(named) = &self.driver {
            let path = std::path::absolute(named).map_err(|error| Failure::file("find", named, &error))?;
            library::check(&path)?;
            return Ok(path);
        }
        let candidates = places::library_candidates();
        let Some(found) = candidates.iter().find(|path| path.is_file()) else {
            let text =
                "the driver's library was not found beside this command or in a usual folder; name it with --driver";
            return Err(Failure::new(Kind::NotFound, text));
        };
        library::check(found)?;
        Ok(found.clone())
    }
}

impl Uninstall {
    /// Takes the registration back.
    ///
    /// # Errors
    /// `NotFound` when there is none, `Permission` for the files.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        let files = places::driver_files(scope(self.scope)?)?;
        let has_it = |file: &PathBuf| files::read(file).is_ok_and(|bytes| is_registered(&Ini::read(&bytes)));
        let with_it: Vec<_> = files.iter().filter(|file| has_it(file)).collect();
        let Some(first) = with_it.first() else {
            let named: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
            let text = format!("the driver is not registered in {}; nothing was changed", named.join(" or "));
            return Err(Failure::new(Kind::NotFound, text));
        };
        output.confirm(
            self.consent,
            &format!("Remove the driver '{NAME}' from {}?", first.display()),
            &Cancel::default(),
        )?;
        let mut changes = Vec::new();
        for file in files {
            let changed = file.exists() && files::change(&file, MODE, |bytes| Ok(unregistered(bytes)))?;
            changes.push(Changed { file, changed });
        }
        output.done(&Uninstalled { driver: NAME, files: changes })
    }
}

fn register(ini: &mut Ini, library: &str) {
    if !ini.has(NAME) {
        let pairs = [("Description", "Pipedrive as a SQL database"), ("Driver", library), ("UsageCount", "1")];
        ini.add(NAME, &pairs);
        return;
    }
    ini.set(NAME, keyword("Driver"), library);
    // unixODBC prefers it, so that an old one would win.
    if ini.value(NAME, "Driver64").is_some() {
        ini.set(NAME, keyword("Driver64"), library);
    }
}

fn is_registered(ini: &Ini) -> bool {
    ini.has(NAME) || ini.value(LIST, NAME).is_some()
}

fn unregistered(bytes: &[u8]) -> Vec<u8> {
    let mut ini = Ini::read(bytes);
    ini.strike(LIST, NAME);
    ini.remove(NAME);
    ini.bytes()
}

/// The path as an ini file can hold it.
fn written(path: &Path) -> Result<&str, Failure> {
    let text = path.to_str().filter(|text| !text.contains(char::is_control) && text.trim() == *text);
    text.ok_or_else(|| {
        let text = format!("the path {} does not fit into an ini file; move the library", path.display());
        Failure::usage(text)
    })
}

/// Whose files: as asked, else everybody's for root and one's own for others.
fn scope(asked: ScopeArguments) -> Result<Scope, Failure> {
    match (asked.user, asked.system) {
        (true, _) => Ok(Scope::User),
        (_, true) => Ok(Scope::System),
        _ if is_root()? => Ok(Scope::System),
        _ => Ok(Scope::User),
    }
}

/// The owner of a new file is who runs this.
#[cfg(unix)]
fn is_root() -> Result<bool, Failure> {
    use std::os::unix::fs::MetadataExt;
    let metadata = tempfile::tempfile().and_then(|file| file.metadata());
    let owner = metadata.map_err(|error| Failure::file("write", &std::env::temp_dir(), &error))?;
    Ok(owner.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> Result<bool, Failure> {
    Ok(false)
}

impl Show for Installed {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "The driver {} is {}", self.driver, self.library.display())?;
        show_files(&self.files, "registered in", "already registered in", out)
    }
}

impl Show for Uninstalled {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        show_files(&self.files, "removed from", "not in", out)
    }
}

fn show_files(files: &[Changed], done: &str, nothing: &str, out: &mut dyn Write) -> io::Result<()> {
    files.iter().try_for_each(|Changed { file, changed }| {
        writeln!(out, "  {} {}", if *changed { done } else { nothing }, file.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_is_there_keeps_what_it_says_besides() {
        let mut ini = Ini::read(b"[PIPEDRIVE]\nDescription=mine\nDriver64=/old.so\nUsageCount=3\n");
        register(&mut ini, "/new.so");
        let text = String::from_utf8(ini.bytes()).unwrap();
        assert_eq!(text, "[PIPEDRIVE]\nDescription=mine\nDriver64=/new.so\nUsageCount=3\nDriver=/new.so\n");
    }

    #[test]
    fn a_path_with_a_line_break_is_refused() {
        assert_eq!(written(Path::new("/a b/x.so")), Ok("/a b/x.so"));
        assert_eq!(written(Path::new("/a\nDriver=b")).unwrap_err().kind(), Kind::Usage);
    }
}
