//! An ODBC configuration of our own: two files in a folder, which two environment variables point to.
//!
//! The user's odbcinst.ini, odbc.ini and the driver's usual state folder are neither read nor written.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::failure::Because;

/// The data source of the demo.
pub(crate) const DSN: &str = "PipedriveDemo";

/// What the names of the driver's environment variables begin with, such as the one with the user's token.
const ACCOUNT: &str = "PIPEDRIVE_";

/// Names the folder that tests compare with; no account.
const REFERENCE: &str = "PIPEDRIVE_REFERENCE";

/// A private configuration; the folder goes with this value unless it is kept.
#[derive(Debug)]
pub(crate) struct Configuration {
    folder: PathBuf,
    keep: bool,
}

impl Configuration {
    /// Writes a configuration into `folder`, whose former content is deleted: the driver `Pipedrive` and the data
    /// source [`DSN`].
    pub(crate) fn write(folder: PathBuf, driver: &Path, url: &str, token: &str) -> Result<Self> {
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => fs::create_dir_all(&folder),
        }
        .because(|| format!("make the folder {}", folder.display()))?;
        let configuration = Self { folder, keep: false };
        let driver = driver.display();
        configuration.file(
            "odbcinst.ini",
            &format!("[Pipedrive]\nDescription=Pipedrive as a SQL database\nDriver={driver}\n"),
        )?;
        let state = configuration.state();
        let state = state.display();
        configuration.file(
            "odbc.ini",
            &format!("[{DSN}]\nDriver=Pipedrive\nBaseURL={url}\nAPIToken={token}\nStateLocation={state}\n"),
        )?;
        Ok(configuration)
    }

    /// Leaves the folder when this value goes.
    pub(crate) fn keep(&mut self) {
        self.keep = true;
    }

    /// Makes a command use this configuration and nothing of the user's: no account from the environment either.
    pub(crate) fn apply(&self, command: &mut Command) {
        forget_account(command);
        command.envs(self.variables());
    }

    /// The variables that unixODBC reads: the folder of odbcinst.ini, and odbc.ini itself.
    pub(crate) fn variables(&self) -> [(&'static str, PathBuf); 2] {
        [("ODBCSYSINI", self.folder.clone()), ("ODBCINI", self.folder.join("odbc.ini"))]
    }

    /// Where the driver keeps field definitions.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    fn file(&self, name: &str, text: &str) -> Result<()> {
        let path = self.folder.join(name);
        let written = private().open(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.because(|| format!("write {}", path.display()))
    }
}

impl Drop for Configuration {
    fn drop(&mut self) {
        if !self.keep {
            // Left behind at worst: a folder that the next demo deletes.
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

/// Keeps the user's account, which the driver may take from the environment, out of a command.
pub(crate) fn forget_account(command: &mut Command) {
    let names = std::env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| name.to_string_lossy().starts_with(ACCOUNT) && name != REFERENCE) {
        command.env_remove(name);
    }
}

/// A new file that only its owner reads: it holds a token.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_private_and_go_with_the_configuration() {
        let folder = std::env::temp_dir().join(format!("pipedrive-odbc-xtask-{}", std::process::id()));
        let written = || Configuration::write(folder.clone(), Path::new("/d/lib.so"), "http://127.0.0.1:1", "secret");
        let mut configuration = written().unwrap();
        configuration.keep();
        drop(configuration);
        let configuration = written().unwrap();
        let [(_, system), (_, user)] = configuration.variables();
        let text = fs::read_to_string(&user).unwrap();
        assert!(text.starts_with("[PipedriveDemo]\nDriver=Pipedrive\nBaseURL=http://127.0.0.1:1\nAPIToken=secret\n"));
        assert!(fs::read_to_string(system.join("odbcinst.ini")).unwrap().contains("\nDriver=/d/lib.so\n"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&user).unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(configuration);
        assert!(!folder.exists());
    }
}
