//! Test data: the ODBC reference as tables, where it is at hand. What to check against is read, never typed a second
//! time.
//!
//! A test that needs a table and does not find it says so and passes: the tables are not part of the repository.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A row of a table, by the names of its columns.
pub(crate) type Line = HashMap<String, String>;

/// One table: rows of cells, named by its header line.
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// The table `file`, such as `getinfo.tsv`; `None`, with a line that says so, when there is no such file.
    pub(crate) fn read(file: &str) -> Option<Self> {
        let path = folder().join(file);
        let Ok(text) = std::fs::read_to_string(&path) else {
            // Past the test runner, which keeps what passing tests print to itself.
            drop(writeln!(
                io::stderr(),
                "SKIPPED: a comparison with the ODBC reference, for there is no {}; PIPEDRIVE_REFERENCE names the folder \
                 that has odbc/reference",
                path.display()
            ));
            return None;
        };
        let mut lines = text.lines().filter(|line| !line.starts_with('#')).map(cells);
        let header = lines.next().expect("a header line");
        Some(Self { header, rows: lines.collect() })
    }

    /// The rows, as the cells of `columns` in this order; an absent cell is empty.
    pub(crate) fn select<const N: usize>(&self, columns: [&str; N]) -> Vec<[&str; N]> {
        let positions = columns.map(|name| self.header.iter().position(|cell| cell == name).expect(name));
        self.rows.iter().map(|row| positions.map(|at| row.get(at).map_or("", String::as_str))).collect()
    }

    /// The rows, by the names of their columns.
    pub(crate) fn lines(self) -> Vec<Line> {
        let Self { header, rows } = self;
        rows.into_iter().map(|row| header.iter().cloned().zip(row).collect()).collect()
    }
}

fn cells(line: &str) -> Vec<String> {
    line.split('\t').map(str::to_owned).collect()
}

fn folder() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "tests alone look for the tables; the driver never does")]
    let named = std::env::var("PIPEDRIVE_REFERENCE").map(PathBuf::from);
    let shared = named.unwrap_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    shared.join("odbc/reference")
}
