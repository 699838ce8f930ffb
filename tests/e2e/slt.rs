//! The golden files of `tests/slt/`, through the engine and through the driver manager.
//!
//! Each run of a file has a sandbox of its own. The query `cost` is answered here: requests and tokens since the last
//! record, read from the sandbox. A record such as `statement error (42S02)` asserts the SQLSTATE through the driver
//! manager, and through the engine, which knows none, that the statement fails.
//!
//! `SLT_COMPLETE=1` rewrites the files from what the driver answers; read that diff like code.

use std::fs;
use std::path::{Path, PathBuf};

use odbc_api::Connection;
use pipedrive_sql::{Error, Session};
use sqllogictest::{DB, DBOutput, DefaultColumnType, Runner, default_column_validator, default_validator};

use crate::engine::{World, rows};
use crate::manager::{self, connect, connection_string};

/// The engine behind the runner.
struct Engine<'a> {
    world: &'a World,
    session: Session,
}

impl DB for Engine<'_> {
    type Error = Error;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Error> {
        let rows = if sql.trim() == "cost" { vec![cost(self.world)] } else { rows(&self.session, sql, &[])? };
        Ok(output(rows))
    }

    fn engine_name(&self) -> &'static str {
        "engine"
    }
}

/// The driver manager and the driver behind the runner.
struct Driver<'a> {
    world: &'a World,
    connection: Connection<'static>,
}

impl DB for Driver<'_> {
    type Error = odbc_api::Error;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, odbc_api::Error> {
        if sql.trim() == "cost" {
            return Ok(output(vec![cost(self.world)]));
        }
        let rows = manager::rows(&self.connection, sql, &[])?;
        let null = || "NULL".to_owned();
        Ok(output(
            rows.into_iter().map(|row| row.into_iter().map(|cell| cell.unwrap_or_else(null)).collect()).collect(),
        ))
    }

    fn engine_name(&self) -> &'static str {
        "driver"
    }

    fn error_sql_state(error: &odbc_api::Error) -> Option<String> {
        match error {
            odbc_api::Error::Diagnostics { record, .. } => Some(record.state.as_str().to_owned()),
            _ => None,
        }
    }
}

/// The requests and tokens of the last record.
fn cost(world: &World) -> Vec<String> {
    let (requests, tokens) = world.cost();
    vec![requests.to_string(), tokens.to_string()]
}

/// Rows as the runner wants them; an empty text is shown as such.
fn output(rows: Vec<Vec<String>>) -> DBOutput<DefaultColumnType> {
    let types = vec![DefaultColumnType::Any; rows.first().map_or(0, Vec::len)];
    let shown = |value: String| if value.is_empty() { "(empty)".to_owned() } else { value };
    DBOutput::Rows { types, rows: rows.into_iter().map(|row| row.into_iter().map(shown).collect()).collect() }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("slt")
}

/// The file without its SQLSTATEs: what remains to be asserted of the engine.
fn without_states(text: &str) -> String {
    let line =
        |line: &str| line.split_once(" error (").map_or_else(|| line.to_owned(), |(kind, _)| format!("{kind} error"));
    text.lines().map(|text| line(text) + "\n").collect()
}

fn through_the_engine(file: &str) {
    let world = World::new();
    let text = fs::read_to_string(folder().join(format!("{file}.slt"))).unwrap();
    let session = world.session();
    world.cost();
    let mut runner = Runner::new(|| async { Ok(Engine { world: &world, session: session.clone() }) });
    if let Err(error) = runner.run_script_with_name(&without_states(&text), file) {
        panic!("{}", error.display(false));
    }
}

fn through_the_driver_manager(file: &str) {
    let world = World::new();
    let path = folder().join(format!("{file}.slt"));
    drop(world.session());
    world.cost();
    let mut runner =
        Runner::new(|| async { Ok(Driver { world: &world, connection: connect(&connection_string(&world, ""))? }) });
    if std::env::var_os("SLT_COMPLETE").is_some() {
        let complete = runner.update_test_file(path, " ", default_validator, |s| s.clone(), default_column_validator);
        futures::executor::block_on(complete).unwrap();
    } else if let Err(error) = runner.run_file(path) {
        panic!("{}", error.display(false));
    }
}

/// Two tests per golden file.
macro_rules! files {
    ($($name:ident)*) => {
        const FILES: &[&str] = &[$(stringify!($name)),*];
        $(
            mod $name {
                #[test]
                fn engine() {
                    super::through_the_engine(stringify!($name));
                }

                #[test]
                fn driver() {
                    super::through_the_driver_manager(stringify!($name));
                }
            }
        )*
    };
}

files! {
    activities aggregates casts deals errors expressions functions identifiers joins literals memberships offsets
    ordering
    predicates products refused subqueries
}

#[test]
fn every_golden_file_is_run() {
    let mut found: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| entry.unwrap().path().file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    let mut listed: Vec<String> = FILES.iter().map(|name| (*name).to_owned()).collect();
    found.sort();
    listed.sort();
    assert_eq!(found, listed);
}
