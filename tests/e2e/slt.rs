//! The golden files of `tests/slt/`, through the engine and through the driver manager.
//!
//! Each file has a sandbox of its own. The query `cost` is answered here: requests and tokens since the last record,
//! read from the sandbox. `SLT_COMPLETE=1` rewrites the files from what the engine answers; read that diff like code.

use std::path::{Path, PathBuf};

use pipedrive_sql::{Error, Session};
use sqllogictest::{DB, DBOutput, DefaultColumnType, Runner, default_column_validator, default_validator};

use crate::engine::{World, rows};

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

/// The requests and tokens of the last record.
pub(crate) fn cost(world: &World) -> Vec<String> {
    let (requests, tokens) = world.cost();
    vec![requests.to_string(), tokens.to_string()]
}

/// Rows as the runner wants them; an empty text is shown as such.
pub(crate) fn output(rows: Vec<Vec<String>>) -> DBOutput<DefaultColumnType> {
    let types = vec![DefaultColumnType::Any; rows.first().map_or(0, Vec::len)];
    let shown = |value: String| if value.is_empty() { "(empty)".to_owned() } else { value };
    DBOutput::Rows { types, rows: rows.into_iter().map(|row| row.into_iter().map(shown).collect()).collect() }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("slt")
}

fn through_the_engine(file: &str) {
    let world = World::new();
    let path = folder().join(format!("{file}.slt"));
    let mut runner = Runner::new(|| async { Ok(Engine { world: &world, session: world.session() }) });
    if std::env::var_os("SLT_COMPLETE").is_some() {
        let complete = runner.update_test_file(path, " ", default_validator, |s| s.clone(), default_column_validator);
        futures::executor::block_on(complete).unwrap();
    } else if let Err(error) = runner.run_file(path) {
        panic!("{}", error.display(false));
    }
}

/// One pair of tests per golden file.
macro_rules! files {
    ($($name:ident)*) => {
        const FILES: &[&str] = &[$(stringify!($name)),*];
        $(
            mod $name {
                #[test]
                fn engine() {
                    super::through_the_engine(stringify!($name));
                }
            }
        )*
    };
}

files! { deals errors names dialect }

#[test]
fn every_golden_file_is_run() {
    let mut found: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| entry.unwrap().path().file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    let mut listed: Vec<String> = FILES.iter().map(|name| (*name).to_owned()).collect();
    found.sort();
    listed.sort();
    assert_eq!(found, listed);
}
