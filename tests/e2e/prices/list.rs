//! `docs/prices.md` as entries: every row of its tables, between lines that stay as they are.
//!
//! A table of prices has the columns What, Statement, Values, How, Rows, Requests, Tokens. Under the headings Refused
//! and Pending they are What, Statement, Values, How, Answer. Figures and answers are what a test rewrites.

use std::fmt;

/// How a statement is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum How {
    /// Executed, and every row is read.
    All,
    /// Executed, 200 rows are fetched, closed.
    First,
    /// Prepared and described, never executed.
    Described,
    /// Prepared and executed for the second time on a connection.
    Again,
}

/// The words of the file.
const WORDS: &[(&str, How)] =
    &[("", How::All), ("200 rows, closed", How::First), ("described", How::Described), ("again", How::Again)];

/// A row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) what: String,
    pub(super) statement: String,
    /// What is bound: numbers, and texts in single quotes, between commas.
    pub(super) values: String,
    pub(super) how: How,
    /// Whether it stands under a heading for what is refused.
    pub(super) refused: bool,
    /// What was measured.
    pub(super) cells: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Plain(String),
    Entry(Entry),
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List {
    lines: Vec<Line>,
}

impl List {
    /// The entries and the lines between them. Panics where a row is not made as this module says.
    pub(super) fn read(text: &str) -> Self {
        let mut refused = false;
        let line = |line: &str| {
            if let Some(heading) = line.strip_prefix("## ") {
                refused = ["Refused", "Pending"].contains(&heading);
            }
            entry(line, refused).map_or_else(|| Line::Plain(line.to_owned()), Line::Entry)
        };
        Self { lines: text.lines().map(line).collect() }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.lines.iter().filter_map(|line| match line {
            Line::Entry(entry) => Some(entry),
            Line::Plain(_) => None,
        })
    }

    pub(super) fn entries_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.lines.iter_mut().filter_map(|line| match line {
            Line::Entry(entry) => Some(entry),
            Line::Plain(_) => None,
        })
    }
}

/// A row of a table; `None` for other lines, heads of tables included.
fn entry(line: &str, refused: bool) -> Option<Entry> {
    let cells: Vec<_> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
    let [what, statement, values, how, measured @ ..] = cells.as_slice() else { panic!("not a row: {line}") };
    let statement = code(statement)?;
    let how = WORDS.iter().find(|(word, _)| *word == how.trim()).unwrap_or_else(|| panic!("{how:?} in {line}")).1;
    let values = code(values).unwrap_or_default();
    let (what, cells) = ((*what).to_owned(), measured.iter().map(|cell| cell.trim().to_owned()).collect());
    Some(Entry { what, statement, values, how, refused, cells })
}

/// The text between backticks, blanks at its ends included.
fn code(cell: &str) -> Option<String> {
    cell.trim().strip_prefix('`')?.strip_suffix('`').map(str::to_owned)
}

/// Words of an answer that are enough to know it by.
pub(super) fn first_words(answer: &str) -> String {
    answer.split_whitespace().take(8).collect::<Vec<_>>().join(" ").replace('|', "/")
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = WORDS.iter().find(|(_, how)| *how == self.how).map_or("", |(word, _)| word);
        let values = if self.values.is_empty() { String::new() } else { format!("`{}`", self.values) };
        write!(f, "| {} | `{}` | {values} | {how} | {} |", self.what, self.statement, self.cells.join(" | "))
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| match line {
            Line::Plain(text) => writeln!(f, "{text}"),
            Line::Entry(entry) => writeln!(f, "{entry}"),
        })
    }
}

#[test]
fn a_list_is_written_as_it_was_read() {
    let text = "# Prices\n\n| What | Statement | Values | How | Rows |\n| --- | --- | --- | --- | --: |\n\
                | one | `SELECT 1` | `7, 'a'` | described | 3 |\n\n## Pending\n\
                | two | ` SELECT 2 ` |  |  | the words |\n";
    let list = List::read(text);
    assert_eq!(list.to_string(), text);
    let entries: Vec<_> = list.entries().collect();
    assert_eq!(entries.len(), 2);
    assert_eq!((entries[0].values.as_str(), entries[0].how, entries[0].refused), ("7, 'a'", How::Described, false));
    assert_eq!((entries[1].statement.as_str(), entries[1].refused), (" SELECT 2 ", true));
    assert_eq!(entries[1].cells, ["the words"]);
}
