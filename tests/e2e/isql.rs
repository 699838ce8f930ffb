//! isql, as an ODBC 2 application and as an ODBC 3 one, with a data source in a private configuration.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::engine::World;
use crate::manager::driver;
use crate::queries::{Row, queries};

/// Between the columns of an answer: ASCII's unit separator, which no value holds.
const SEPARATOR: char = '\u{1f}';

/// A private ODBC configuration with the data source `Test`.
pub(crate) struct Configuration {
    folder: TempDir,
}

impl Configuration {
    /// A data source with these properties.
    pub(crate) fn new(properties: &[(String, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let drivers = format!("[Pipedrive]\nDescription=Pipedrive\nDriver={}\n", driver().display());
        let mut sources = "[Test]\nDriver=Pipedrive\n".to_owned();
        for (name, value) in properties {
            sources.push_str(&format!("{name}={value}\n"));
        }
        fs::write(folder.path().join("odbcinst.ini"), drivers).unwrap();
        let configuration = Self { folder };
        fs::write(configuration.file(), sources).unwrap();
        // It holds tokens; one that others can read is warned of.
        configuration.chmod(0o600);
        configuration
    }

    /// The odbc.ini.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("odbc.ini")
    }

    /// Changes who can read the odbc.ini.
    pub(crate) fn chmod(&self, mode: u32) {
        fs::set_permissions(self.file(), Permissions::from_mode(mode)).unwrap();
    }

    /// Makes a program use this configuration.
    pub(crate) fn apply(&self, command: &mut Command) {
        let folder: &Path = self.folder.path();
        command.env("ODBCSYSINI", folder).env("ODBCINI", folder.join("odbc.ini"));
        command.env("LC_ALL", "C.UTF-8").env("HOME", folder);
        // No test asks the keyring of whoever runs it.
        command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", folder.join("no-bus").display()));
    }

    /// What isql prints and what it says of errors; it reads one statement a line.
    pub(crate) fn isql(&self, options: &[&str], sql: &str) -> (String, String) {
        let mut command = Command::new("isql");
        command.args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.apply(&mut command);
        let mut child = command.spawn().expect("isql is missing; run `cargo xtask test`");
        // isql that could not connect reads nothing.
        drop(writeln!(child.stdin.take().unwrap(), "{sql}"));
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        // Diagnostics stand on the first channel, isql's own words on the second.
        let errors = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
        (text, errors)
    }

    fn rows(&self, version: &[&str], sql: &str) -> Vec<Row> {
        let options = [&["Test", "-b", "-v", "-x0x1f", "-L4000"], version].concat();
        let (text, errors) = self.isql(&options, sql);
        assert!(!errors.contains("ISQL]ERROR"), "{sql}: {text}{errors}");
        let lines = text.lines().filter(|line| !line.starts_with("SQLRowCount returns"));
        lines.map(|line| line.split(SEPARATOR).map(|cell| Some(cell.to_owned())).collect()).collect()
    }
}

/// NULL as isql prints it: nothing.
fn printed(rows: &[Row]) -> Vec<Row> {
    rows.iter().map(|row| row.iter().map(|cell| Some(cell.clone().unwrap_or_default())).collect()).collect()
}

fn the_ten_queries(version: &[&str]) {
    let world = World::new();
    let configuration = Configuration::new(&world.pairs(&[]));
    for table in ["deals", "persons", "organizations", "stages"] {
        configuration.rows(version, &format!("SELECT * FROM {table} WHERE 1 = 0"));
    }
    world.cost();
    for mut query in queries(world.sandbox.dataset()) {
        let found = configuration.rows(version, &query.inlined());
        query.expected = printed(&query.expected);
        query.check(found, world.cost());
    }
}

#[test]
fn the_ten_queries_as_an_odbc_2_application() {
    the_ten_queries(&[]);
}

#[test]
fn the_ten_queries_as_an_odbc_3_application() {
    the_ten_queries(&["-3"]);
}

#[test]
fn an_error_shows_its_sqlstate_in_both_versions() {
    let world = World::new();
    let configuration = Configuration::new(&world.pairs(&[]));
    let (_, errors) = configuration.isql(&["Test", "-b", "-v"], "SELECT * FROM dels");
    assert!(errors.contains("S0002"), "{errors}");
    let (_, errors) = configuration.isql(&["Test", "-b", "-v", "-3"], "SELECT * FROM dels");
    assert!(errors.contains("42S02") && errors.contains("did you mean 'deals'"), "{errors}");
}

#[test]
fn help_lists_the_tables_and_the_columns_of_one() {
    let world = World::new();
    let configuration = Configuration::new(&world.pairs(&[]));
    let (tables, _) = configuration.isql(&["Test", "-b", "-v", "-d,"], "help");
    assert!(tables.contains("pipedrive,crm,deals,TABLE"), "{tables}");
    let (columns, _) = configuration.isql(&["Test", "-b", "-v", "-d,"], "help deals");
    assert!(columns.contains("pipedrive,crm,deals,id,"), "{columns}");
    assert!(columns.contains("Lead Source"), "{columns}");
}

#[test]
fn the_connection_string_wins_over_the_data_source() {
    let world = World::new();
    let mut wrong = world.pairs(&[]);
    wrong.iter_mut().filter(|(name, _)| name == "APIToken").for_each(|(_, token)| *token = "wrong".into());
    let configuration = Configuration::new(&wrong);
    let (_, refused) = configuration.isql(&["Test", "-b", "-v"], "SELECT 1");
    assert!(refused.contains("28000"), "{refused}");
    let string = format!("DSN=Test;APIToken={}", world.sandbox.token());
    let (text, errors) = configuration.isql(&["-k", &string, "-b", "-v", "-x0x1f"], "SELECT 42");
    assert!(text.contains("42"), "{text}{errors}");
}

#[test]
fn a_data_source_s_token_does_not_go_to_the_host_of_a_connection_string() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let dsn = [("CompanyDomain", "acme"), ("APIToken", "of-the-dsn"), ("StateLocation", "memory")];
    let configuration = Configuration::new(&dsn.map(|(name, value)| (name.into(), value.into())));
    let string = format!("DSN=Test;BaseURL=http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let (_, errors) = configuration.isql(&["-k", &string, "-b", "-v"], "SELECT 1");
    assert!(errors.contains("28000"), "{errors}");
    assert!(!errors.contains("of-the-dsn"), "{errors}");
    assert!(listener.accept().is_err(), "the listener received a connection");
}
