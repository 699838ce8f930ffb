//! Test data: the ODBC reference as tables, when it lies beside the repository.
//!
//! A test that needs a table and does not find it says so and passes: the tables are not part of the repository.

use std::path::PathBuf;

/// One table: rows of cells, named by its header line.
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// The table `file`, such as `getinfo.tsv`; `None`, with a message, when there is no such file.
    pub(crate) fn read(file: &str) -> Option<Self> {
        let path = folder().join(file);
        let Ok(text) = std::fs::read_to_string(&path) else {
            println!("skipped: {file} of the ODBC reference is not there; PIPEDRIVE_REFERENCE names its folder");
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
}

fn cells(line: &str) -> Vec<String> {
    line.split('\t').map(str::to_owned).collect()
}

#[expect(clippy::disallowed_methods, reason = "tests alone look for the tables; the driver never does")]
fn folder() -> PathBuf {
    std::env::var("PIPEDRIVE_REFERENCE").map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/odbc/reference")),
        PathBuf::from,
    )
}
