//! The driver as a guest in another program's process: it leaves nothing behind, whatever the host does.
//!
//! Each test runs a script of `../../clients/`, or the program of `../../caller/`, in a process of its own, through
//! unixODBC or straight on the driver.
//!
//! - `caller.rs`: the program, with and without valgrind
//! - `cancel.rs`: cancelled and timed out, at every point
//! - `life.rs`: connections opened and closed, handles freed out of order
//! - `locales.rs`: programs without wide text, in locales of several charsets
//! - `managers.rs`: unixODBC, iODBC, both in one process
//! - `process.rs`: the process ends, forks, unloads the driver
//! - `threads.rs`: many threads, under each of unixODBC's four ways of locking
//! - `wrong_arguments.rs`: null, misaligned, negative, huge; no handles; numbers that nothing stands for
//! - `wrong_calls.rs`: every call in every state, and calls at random

mod caller;
mod cancel;
mod life;
mod locales;
mod managers;
mod process;
mod threads;
mod wrong_arguments;
mod wrong_calls;

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::engine::World;
use crate::manager::driver;
use crate::pyodbc::script;

/// What the script calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Through {
    /// unixODBC, as a driver is used that its configuration does not know.
    Manager,
    /// unixODBC with this `Threading` in odbcinst.ini: 0 locks nothing, 3 everything.
    Threading(u8),
    /// The driver's own functions.
    Driver,
}

/// A script and what it runs with.
pub(super) struct Client {
    command: Command,
    /// unixODBC's configuration, gone with the client.
    _folder: TempDir,
}

impl Client {
    /// The script `name` against this sandbox.
    pub(super) fn new(world: &World, name: &str, through: Through) -> Self {
        Self::with_properties(world, name, through, &world.pairs(&[]))
    }

    /// The same with these properties in its connection string.
    pub(super) fn with_properties(
        world: &World,
        name: &str,
        through: Through,
        properties: &[(String, String)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = script(name);
        let driver = driver();
        let named = match through {
            Through::Threading(level) => {
                let entry = format!("[Pipedrive]\nDriver={}\nThreading={level}\n", driver.display());
                std::fs::write(folder.path().join("odbcinst.ini"), entry).unwrap();
                command.env("ODBCSYSINI", folder.path());
                Path::new("Pipedrive")
            }
            Through::Manager => &driver,
            Through::Driver => {
                command.env("PIPEDRIVE_ODBC_MANAGER", &driver);
                &driver
            }
        };
        let string = properties
            .iter()
            .fold(format!("Driver={};", named.display()), |string, (name, value)| format!("{string}{name}={value};"));
        command.env("PIPEDRIVE_ODBC_CONNECTION", string);
        command.env("PIPEDRIVE_SANDBOX", world.sandbox.url()).env("PIPEDRIVE_TOKEN", world.sandbox.token());
        command.env("LC_ALL", "C.UTF-8").env("HOME", folder.path());
        Self { command, _folder: folder }
    }

    /// Names a thing to the script.
    pub(super) fn variable(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs these of the script's tests, all of them where none is named.
    #[track_caller]
    pub(super) fn run(mut self, tests: &[&str]) {
        let output = self.command.args(tests).output().expect("Python is missing; run `cargo xtask test`");
        let report = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}\n{report}", String::from_utf8_lossy(&output.stdout));
        let ran = report.lines().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse().ok());
        assert!(ran.unwrap_or(0) > 0 && !report.contains("skipped"), "nothing was tested:\n{report}");
    }
}
