//! Statements through isql: the answer is what unixODBC and the driver made of them.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::failure::{Because, line};
use crate::odbc::{Configuration, DSN};
use crate::{Failure, Result};

/// Between the columns of an answer: ASCII's unit separator, which no value holds. isql pads its own tables by bytes,
/// so that a letter with an accent shifts them.
const SEPARATOR: char = '\u{1f}';

/// Batch, all diagnostics, names of columns first, columns separated by [`SEPARATOR`], up to 4,000 characters a value.
const OPTIONS: &[&str] = &["-b", "-v", "-c", "-x0x1f", "-L4000"];

/// Rows as isql prints them; the first one holds the names of the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rows(pub(crate) Vec<Vec<String>>);

/// Runs one statement, or isql's own command `help`, in a process and connection of its own.
pub(crate) fn query(configuration: &Configuration, sql: &str) -> Result<Rows> {
    let mut isql = Command::new("isql");
    isql.arg(DSN).args(OPTIONS);
    configuration.apply(&mut isql);
    if cfg!(target_os = "linux") {
        // Text travels as UTF-8, whatever the terminal says.
        isql.env("LC_ALL", "C.UTF-8");
    }
    isql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = feed(&mut isql, &one_line(sql)).because(|| format!("run `{}`", line(&isql)))?;
    rows(&output)
}

fn feed(isql: &mut Command, sql: &str) -> std::io::Result<Output> {
    let mut child = isql.spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // isql that could not connect reads nothing; its own words say why.
        drop(writeln!(input, "{sql}"));
    }
    child.wait_with_output()
}

/// isql takes one statement a line.
fn one_line(sql: &str) -> String {
    sql.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// isql ends with 0 even when a statement failed; what it says on the error channel tells.
fn rows(output: &Output) -> Result<Rows> {
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() || errors.contains("[ISQL]ERROR") {
        let said = format!("{}\n{}", text.trim(), errors.trim());
        return Err(Failure::new(format!("isql could not do it. It says:\n{}", said.trim())));
    }
    let lines = text.lines().filter(|line| !line.starts_with("SQLRowCount returns"));
    let rows: Vec<Vec<String>> = lines.map(|line| line.split(SEPARATOR).map(str::to_owned).collect()).collect();
    if rows.is_empty() {
        return Err(Failure::new("isql gave no answer at all"));
    }
    Ok(Rows(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(stdout: &str, stderr: &str) -> Result<Rows> {
        let status = Command::new("true").status().unwrap();
        rows(&Output { status, stdout: stdout.into(), stderr: stderr.into() })
    }

    #[test]
    fn columns_are_split_and_empty_ones_stay() {
        let found = said("id\u{1f}title\n1\u{1f}Café\n2\u{1f}\n", "").unwrap();
        assert_eq!(found.0, [["id", "title"], ["1", "Café"], ["2", ""]]);
    }

    #[test]
    fn a_statement_that_fails_is_a_failure_with_the_diagnostic() {
        let failure = said("[42S02]there is no table dels\n", "[ISQL]ERROR: Could not SQLPrepare\n").unwrap_err();
        assert!(failure.to_string().contains("[42S02]there is no table dels"), "{failure}");
        assert!(said("", "").is_err());
    }

    #[test]
    fn a_statement_becomes_one_line() {
        assert_eq!(one_line("SELECT 1\n  FROM deals"), "SELECT 1 FROM deals");
    }
}
