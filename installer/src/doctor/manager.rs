//! Driver managers, the files that they read, and the driver's entries there.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use pipedrive_sql::settings::{DataSource, Scope};

use super::finding::Finding;
use super::patient::Patient;
use crate::dsn::LIBRARY;
use crate::ini::Ini;
use crate::install::NAME;
use crate::{files, places};

/// Variables that redirect driver managers.
const VARIABLES: &[&str] = &["ODBCINI", "ODBCSYSINI", "ODBCINSTINI", "SYSODBCINI", "SYSODBCINSTINI"];

/// What there is in place of files on Windows.
const REGISTRY: &str = "Windows has a driver manager of its own and keeps drivers in its registry, which this command does \
                        not read; odbcad32 shows them";

/// An entry of this driver in a file of drivers.
pub(super) struct Entry {
    /// Its name there.
    pub(super) name: String,
    /// Whose file it is.
    pub(super) scope: Scope,
    /// The file.
    pub(super) file: PathBuf,
    /// The library that it names; `None` for none, or a mere name that the loader would look for.
    pub(super) library: Option<PathBuf>,
}

/// Every entry of this driver, the user's first, as driver managers look for them.
pub(super) fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for scope in [Scope::User, Scope::System] {
        for file in places::driver_files(scope).unwrap_or_default() {
            let Ok(bytes) = files::read(&file) else { continue };
            let ini = Ini::read(&bytes);
            // unixODBC prefers Driver64.
            let driver = |name: &str| ini.value(name, "Driver64").or_else(|| ini.value(name, "Driver"));
            let is_ours = |name: &String| {
                name.eq_ignore_ascii_case(NAME) || driver(name).is_some_and(|path| path.contains(LIBRARY))
            };
            entries.extend(ini.sections().into_iter().filter(is_ours).map(|name| {
                let library = driver(&name).map(PathBuf::from).filter(|path| path.is_absolute());
                Entry { name, scope, file: file.clone(), library }
            }));
        }
    }
    entries
}

/// Looks for driver managers, and tells what they read.
pub(super) fn look(_: &mut Patient) -> Vec<Finding> {
    if cfg!(windows) {
        return vec![Finding::note(REGISTRY)];
    }
    let (unixodbc, iodbc) = (places::unixodbc(), places::iodbc());
    let mut findings = Vec::new();
    if unixodbc.is_none() && iodbc.is_none() {
        let text = "neither unixODBC nor iODBC was found; applications need one to load the driver";
        let cure = "install unixODBC: apt install unixodbc (Debian, Ubuntu), dnf install unixODBC (Fedora, RHEL), brew \
                    install unixodbc (macOS)";
        findings.push(Finding::warning(text, cure));
    }
    findings.extend([unixodbc, iodbc].into_iter().flatten().map(Finding::ok));
    let drivers =
        [Scope::User, Scope::System].into_iter().flat_map(|scope| places::driver_files(scope).unwrap_or_default());
    findings.push(Finding::ok(format!("drivers are read from {}", listed(drivers))));
    let sources = DataSource::files().into_iter().map(|(_, file)| file);
    findings.push(Finding::ok(format!("data sources are read from {}", listed(sources))));
    findings.extend(VARIABLES.iter().filter_map(|name| redirected(name)));
    findings
}

/// Files, and which of them are not there.
fn listed(files: impl Iterator<Item = PathBuf>) -> String {
    let shown = files.map(|file| match file.exists() {
        true => file.display().to_string(),
        false => format!("{} (not there)", file.display()),
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn redirected(name: &str) -> Option<Finding> {
    let path = places::variable(name)?;
    let text = format!("{name}={} redirects driver managers", path.display());
    // A name without a folder is looked for in another one.
    let missing = path.is_absolute() && path.parent().is_some_and(|folder| !folder.is_dir());
    let missing = missing || (name == "ODBCSYSINI" && !path.is_dir());
    Some(match missing {
        true => Finding::warning(
            format!("{text}, and that folder does not exist"),
            format!("unset {name}, or make the folder"),
        ),
        false => Finding::note(text),
    })
}

/// Looks at the entries of this driver.
pub(super) fn registration(_: &mut Patient) -> Vec<Finding> {
    if cfg!(windows) {
        return vec![Finding::note(REGISTRY)];
    }
    let entries = entries();
    if entries.is_empty() {
        let text = "the driver is in no odbcinst.ini: applications find it by its file's path only";
        return vec![Finding::problem(text, "register it: pipedrive-odbc install")];
    }
    let mut findings: Vec<_> = entries.iter().map(entry).collect();
    findings.extend(entries.iter().enumerate().filter_map(|(place, own)| shadowed(own, entries.get(..place)?)));
    findings
}

fn entry(entry: &Entry) -> Finding {
    let text = format!("[{}] of {} ({})", entry.name, entry.file.display(), word(entry.scope));
    let Some(library) = &entry.library else {
        let cure = format!("register the file: pipedrive-odbc install --{} --driver FILE", word(entry.scope));
        return Finding::problem(format!("{text} names no file by its path"), cure);
    };
    match File::open(library) {
        Ok(_) => Finding::ok(format!("{text} names {}", library.display())),
        Err(error) => Finding::problem(format!("{text} names {}: {error}", library.display()), unreadable(&error)),
    }
}

/// An entry that no driver manager comes to, since one before it has its name and another library.
fn shadowed(own: &Entry, before: &[Entry]) -> Option<Finding> {
    let first = before.iter().find(|other| other.name.eq_ignore_ascii_case(&own.name) && other.file != own.file)?;
    if first.library == own.library {
        return None;
    }
    let text = format!(
        "[{}] of {} is not used: {} has an entry of that name for another file",
        own.name,
        own.file.display(),
        first.file.display()
    );
    Some(Finding::warning(
        text,
        format!("take the one that is wrong out: pipedrive-odbc uninstall --{} --yes", word(first.scope)),
    ))
}

/// What to do about a library that cannot be read.
pub(super) fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "let everybody read it, and enter its folders: chmod a+r, chmod a+x".to_owned()
        }
        _ => "register the file where it is: pipedrive-odbc install --driver FILE".to_owned(),
    }
}

/// Whose files they are, as `install` and `uninstall` call it.
pub(super) const fn word(scope: Scope) -> &'static str {
    match scope {
        Scope::User => "user",
        Scope::System => "system",
    }
}

/// Whether a driver of this name is registered, or this is a file.
pub(super) fn is_known(driver: &str, entries: &[Entry]) -> bool {
    match Path::new(driver).is_absolute() {
        true => Path::new(driver).is_file(),
        false => entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(driver)),
    }
}
