//! The command as people and scripts run it: the built program, the sandbox, a home folder of its own.
//!
//! - `install.rs`: `install` and `uninstall`, as odbcinst and isql see them
//! - `dsn.rs`: data sources, and a connection through unixODBC
//! - `signin/`: signing in and out, with a keyring of its own
//! - `fields.rs`: names of custom columns
//! - `doctor/`: what is found on a healthy computer, on broken ones, and at hosts that refuse
//! - `query.rs`: rows, formats, Ctrl-C, closed pipes
//! - `named_files.rs`: files that options name and that cannot be used
//! - `frame.rs`: exit codes, JSON, completions, what is said without a terminal

#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "`cargo xtask test` names the driver in the environment")]

mod doctor;
mod dsn;
mod fields;
mod frame;
mod install;
mod named_files;
mod query;
mod signin;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use pipedrive_sandbox::{Config, Running, Sandbox};
use tempfile::TempDir;

/// A sandbox, and a computer on which nothing is installed.
pub(crate) struct World {
    pub(crate) sandbox: Running,
    pub(crate) home: TempDir,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Config { deals: 230, persons: 90, organizations: 40, activities: 50, ..Config::default() })
    }

    pub(crate) fn with(config: Config) -> Self {
        Self { sandbox: Sandbox::start(config).unwrap(), home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Makes a program live in this world; the sandbox's token is in the environment.
    pub(crate) fn apply(&self, command: &mut Command) {
        for name in ["ODBCINI", "ODBCINSTINI", "SYSODBCINI", "SYSODBCINSTINI", "XDG_STATE_HOME"] {
            command.env_remove(name);
        }
        std::fs::create_dir_all(self.path("system")).unwrap();
        command.env("HOME", self.home.path()).env("ODBCSYSINI", self.path("system")).env("LC_ALL", "C.UTF-8");
        // unixODBC looks for the user's file in the home folder that the system knows.
        command.env("ODBCINI", self.path(".odbc.ini"));
        command.env("PIPEDRIVE_BASE_URL", self.sandbox.url()).env("PIPEDRIVE_API_TOKEN", self.sandbox.token());
        command.stdin(Stdio::null());
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pipedrive-odbc"));
        command.args(arguments);
        self.apply(&mut command);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    /// Runs what has to succeed, and gives its standard output.
    #[track_caller]
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran.out
    }

    /// Runs what has to fail so, and gives its standard error.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{arguments:?}: {ran:?}");
        ran.err
    }

    /// A text file of this world; `""` for none.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The built driver. A file that happens to be there may be an old one; `cargo xtask test` names the right one.
pub(crate) fn driver() -> PathBuf {
    let named = std::env::var_os("PIPEDRIVE_ODBC_DRIVER").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_BIN_EXE_pipedrive-odbc")).with_file_name("libpipedriveodbc.so");
    let path = named.unwrap_or_else(beside);
    assert!(path.exists(), "{} is not built; run `cargo xtask test`", path.display());
    path
}

/// The standard output of a program of unixODBC, with its standard error behind it.
#[track_caller]
pub(crate) fn manager(world: &World, program: &str, arguments: &[&str], input: &str) -> String {
    use std::io::Write;
    let mut command = Command::new(program);
    command.args(arguments);
    world.apply(&mut command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{program}: {error}; run `cargo xtask test`"));
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let ran = Ran::of(child.wait_with_output().unwrap());
    ran.out + &ran.err
}

pub(crate) fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}
