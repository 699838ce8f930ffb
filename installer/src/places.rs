//! Where the driver managers have their files.
//!
//! unixODBC reads drivers from `~/.odbcinst.ini` and from the file `$ODBCINSTINI` (a name, by default `odbcinst.ini`)
//! in the folder `$ODBCSYSINI`, by default that which it was built with and which `odbcinst -j` tells. iODBC reads
//! them from `$ODBCINSTINI` (a path) or `~/.odbcinst.ini`, and from `$SYSODBCINSTINI` or `/etc/odbcinst.ini`. Where
//! data sources are, `pipedrive_sql::settings::DataSource` knows.

use std::path::{Path, PathBuf};
use std::process::Command;

use pipedrive_sql::settings::{Scope, without_secrets};

use crate::failure::{Failure, Kind};

/// The file of drivers.
const DRIVERS: &str = "odbcinst.ini";
/// Where an administrator's files are, by how unixODBC was built.
const SYSTEM_FOLDERS: &[&str] = &["/etc", "/usr/local/etc", "/opt/homebrew/etc"];
/// Where libraries are.
const LIBRARY_FOLDERS: &[&str] = &[
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/opt/homebrew/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
];

/// iODBC's library, on Linux and on macOS.
const IODBC: &[&str] = &["libiodbc.so.2", "libiodbc.2.dylib"];

/// The files of drivers that both managers read, each once.
///
/// # Errors
/// `NotFound` for a user without a home folder; `Failure` on Windows, where drivers are in the registry.
pub(crate) fn driver_files(scope: Scope) -> Result<Vec<PathBuf>, Failure> {
    if cfg!(windows) {
        let text = "Windows keeps drivers in its registry, which this command does not change; use odbcconf";
        return Err(Failure::new(Kind::Failure, text));
    }
    let mut files = match scope {
        Scope::User => user_files()?,
        Scope::System => system_files(),
    };
    let mut known: Vec<PathBuf> = Vec::new();
    files.retain(|file| {
        let new = !known.contains(file);
        known.push(file.clone());
        new
    });
    Ok(files)
}

/// Whether iODBC is here: only it needs the list `[ODBC Drivers]`, which unixODBC takes for a driver.
pub(crate) fn has_iodbc() -> bool {
    cfg!(target_os = "macos") || manager_library(IODBC).is_some()
}

/// unixODBC in words, if it is here.
pub(crate) fn unixodbc() -> Option<String> {
    if let Some(told) =
        without_secrets(Command::new("odbcinst").arg("-j")).output().ok().filter(|told| told.status.success())
    {
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        return Some(told.lines().next().unwrap_or("unixODBC").trim().to_owned());
    }
    let found = manager_library(&["libodbc.so.2", "libodbc.2.dylib"])?;
    Some(format!("unixODBC ({}, without the command odbcinst)", found.display()))
}

/// iODBC in words, if it is here. Its version is in the name of the file that its library's name links to.
pub(crate) fn iodbc() -> Option<String> {
    let found = manager_library(IODBC)?;
    let file = found.canonicalize().unwrap_or(found);
    Some(format!("iODBC ({})", file.display()))
}

fn manager_library(names: &[&str]) -> Option<PathBuf> {
    let files = LIBRARY_FOLDERS.iter().flat_map(|folder| names.iter().map(|name| Path::new(folder).join(name)));
    files.into_iter().find(|file| file.exists())
}

/// Where the driver's library may be when nobody says: beside the command, below its prefix, in the usual folders.
pub(crate) fn library_candidates() -> Vec<PathBuf> {
    let name = format!("{}pipedriveodbc{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let command = std::env::current_exe().and_then(|path| path.canonicalize());
    let beside = command.ok().and_then(|path| path.parent().map(Path::to_owned));
    let below = beside
        .iter()
        .filter_map(|folder| folder.parent())
        .flat_map(|prefix| ["lib", "lib/odbc", "lib/pipedrive-odbc"].map(|folder| prefix.join(folder)));
    let usual = LIBRARY_FOLDERS.iter().flat_map(|folder| [PathBuf::from(folder), Path::new(folder).join("odbc")]);
    beside.iter().cloned().chain(below).chain(usual).map(|folder| folder.join(&name)).collect()
}

fn user_files() -> Result<Vec<PathBuf>, Failure> {
    let home = std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".odbcinst.ini"));
    let files: Vec<_> = iodbc_path("ODBCINSTINI").into_iter().chain(home).collect();
    if files.is_empty() {
        let text = "this user has no home folder; set HOME, or register the driver for everybody with --system";
        return Err(Failure::new(Kind::NotFound, text));
    }
    Ok(files)
}

/// unixODBC's file, and iODBC's where that is another one. A private configuration (`$ODBCSYSINI`) is meant alone.
fn system_files() -> Vec<PathBuf> {
    let name = variable("ODBCINSTINI").filter(|name| name.is_relative()).unwrap_or_else(|| DRIVERS.into());
    let named = variable("ODBCSYSINI");
    let iodbc = iodbc_path("SYSODBCINSTINI");
    let default = (named.is_none() && has_iodbc()).then(|| Path::new("/etc").join(DRIVERS));
    let folder = named.or_else(told_by_unixodbc).unwrap_or_else(|| usual_folder(&name));
    std::iter::once(folder.join(name)).chain(iodbc.or(default)).collect()
}

/// iODBC's variables hold paths.
fn iodbc_path(name: &str) -> Option<PathBuf> {
    variable(name).filter(|path| path.is_absolute())
}

/// The folder that unixODBC was built with, if its command is here to tell.
fn told_by_unixodbc() -> Option<PathBuf> {
    let told = without_secrets(Command::new("odbcinst").arg("-j")).output().ok()?;
    system_folder(&String::from_utf8_lossy(&told.stdout))
}

fn system_folder(told: &str) -> Option<PathBuf> {
    let line = told.lines().find(|line| line.starts_with("SYSTEM DATA SOURCES"))?;
    let file = Path::new(line.split_once(':')?.1.trim());
    file.parent().filter(|folder| folder.is_absolute()).map(Path::to_owned)
}

fn usual_folder(name: &Path) -> PathBuf {
    let with_file = SYSTEM_FOLDERS.iter().map(Path::new).find(|folder| folder.join(name).exists());
    with_file.unwrap_or_else(|| Path::new("/etc")).to_owned()
}

/// A variable of the driver managers; an empty one counts as none.
#[expect(clippy::disallowed_methods, reason = "the driver managers' own variables say where their files are")]
pub(crate) fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unixodbc_tells_its_folder() {
        let told =
            "unixODBC 2.3.11\nDRIVERS............: /opt/etc/odbcinst.ini\nSYSTEM DATA SOURCES: /opt/etc/odbc.ini\n";
        assert_eq!(system_folder(told), Some("/opt/etc".into()));
        assert_eq!(system_folder("SYSTEM DATA SOURCES: odbc.ini\n"), None);
        assert_eq!(system_folder(""), None);
    }

    #[test]
    fn the_library_is_first_looked_for_beside_the_command() {
        let beside = std::env::current_exe().unwrap().canonicalize().unwrap();
        assert_eq!(library_candidates()[0].parent(), beside.parent());
    }
}
