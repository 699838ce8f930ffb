//! The tables of the ODBC reference, for tests: what to check against is read, never typed a second time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A line of a table, by the names of its columns.
pub(super) type Line = HashMap<String, String>;

/// The lines of a table; `None`, with a word on why, where the tables are not at hand.
pub(super) fn rows(file: &str) -> Option<Vec<Line>> {
    let path = folder().join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no {file}; PIPEDRIVE_REFERENCE may name the folder of the ODBC reference's tables");
        return None;
    };
    let mut lines = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').map(str::to_owned));
    let names: Vec<String> = lines.next()?.collect();
    Some(lines.map(|line| names.iter().cloned().zip(line).collect()).collect())
}

fn folder() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "tests are told by it where the reference is")]
    let named = std::env::var("PIPEDRIVE_REFERENCE").map(PathBuf::from);
    named.unwrap_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/odbc/reference"))
}
