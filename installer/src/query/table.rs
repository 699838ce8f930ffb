//! Aligned columns for people: numbers at the right, NULL as `(null)`, control characters made visible.
//!
//! The first thousand rows decide how wide columns are; a wider value behind them moves its line, and is never cut.

use std::io::{self, Write};

use pipedrive_sql::ColumnDescription;
use pipedrive_sql::arrow::record_batch::RecordBatch;

use super::cells::{is_number, text};
use super::format::Format;
use crate::output::{visible, width_of};

/// Rows that are looked at before any is written.
const LOOKED_AT: usize = 1_000;
/// What stands for NULL; an empty text stays empty.
const NULL: &str = "(null)";
/// Between columns.
const GAP: &str = "  ";

/// Writes a header, a rule and the rows.
pub(super) struct Table {
    names: Vec<String>,
    at_right: Vec<bool>,
    widths: Vec<usize>,
    /// Rows that wait for the widths; `None` once the header is written.
    waiting: Option<Vec<Vec<String>>>,
}

impl Table {
    /// For rows with these columns.
    pub(super) fn new(columns: &[ColumnDescription]) -> Self {
        let names: Vec<_> = columns.iter().map(|column| visible(&column.name)).collect();
        let widths = names.iter().map(|name| width_of(name)).collect();
        let at_right = columns.iter().map(|column| is_number(column.sql_type)).collect();
        Self { names, at_right, widths, waiting: Some(Vec::new()) }
    }

    /// Writes header and waiting rows.
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let Some(rows) = self.waiting.take() else { return Ok(()) };
        self.line(&self.names, out)?;
        let rules: Vec<_> = self.widths.iter().map(|width| "-".repeat(*width)).collect();
        writeln!(out, "{}", rules.join(GAP))?;
        rows.iter().try_for_each(|row| self.line(row, out))
    }

    fn line(&self, cells: &[String], out: &mut dyn Write) -> io::Result<()> {
        let mut line = String::new();
        for ((cell, width), at_right) in cells.iter().zip(&self.widths).zip(&self.at_right) {
            let blanks = " ".repeat(width.saturating_sub(width_of(cell)));
            let (before, after) = if *at_right { (blanks.as_str(), "") } else { ("", blanks.as_str()) };
            line.extend([before, cell, after, GAP]);
        }
        writeln!(out, "{}", line.trim_end())
    }
}

impl Format for Table {
    fn batch(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> io::Result<()> {
        for row in 0..batch.num_rows() {
            let cell = |column: &_| text(column, row).map_or_else(|| NULL.to_owned(), |text| visible(&text));
            let cells: Vec<_> = batch.columns().iter().map(|column| cell(column.as_ref())).collect();
            let Some(waiting) = &mut self.waiting else {
                self.line(&cells, out)?;
                continue;
            };
            for (width, cell) in self.widths.iter_mut().zip(&cells) {
                *width = (*width).max(width_of(cell));
            }
            waiting.push(cells);
            if waiting.len() == LOOKED_AT {
                self.start(out)?;
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.start(out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::samples::{batch, columns, written};
    use super::*;

    #[test]
    fn numbers_stand_at_the_right_and_null_is_seen() {
        let line = |cells: [&str; 5]| {
            let [id, title, value, won, score] = cells;
            format!("{id:>16}  {title:<17}  {value:>20}  {won:<6}  {score:>6}\n")
        };
        let rules = [16, 17, 20, 6, 6].map(|width| "-".repeat(width));
        let expected = [
            line(["id", "title", "value", "won", "score"]),
            line(rules.each_ref().map(String::as_str)),
            line(["9007199254740993", "Büro, \"neu\"\\nzwei", "123456789012345.6789", "1", "0.5"]),
            line(["(null)"; 5]),
            line(["7", "", "-0.0005", "0", "NaN"]),
        ];
        assert_eq!(written(&mut Table::new(&columns()), 1), expected.concat());
    }

    #[test]
    fn rows_behind_the_first_thousand_are_written_as_they_come() {
        let (mut table, mut out) = (Table::new(&columns()), Vec::new());
        for _ in 0..333 {
            table.batch(&batch(), &mut out).unwrap();
        }
        assert!(out.is_empty());
        table.batch(&batch(), &mut out).unwrap();
        assert_eq!(String::from_utf8(out.clone()).unwrap().lines().count(), 2 + 1_002);
        table.batch(&batch(), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap().lines().count(), 2 + 1_005);
    }
}
