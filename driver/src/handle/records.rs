//! The diagnostics of a handle: a header, and records in the order that the reference demands.
//!
//! Each call but the diagnostic ones clears them first.
//! [SQLGetDiagField](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetdiagfield-function)

use crate::diagnostics::Diagnostic;
use crate::odbc::{Return, SQL_NO_COLUMN_NUMBER, SQL_NO_ROW_NUMBER, SQL_SUCCESS};
use crate::text::Width;

/// The diagnostics of a handle.
#[derive(Debug, Default)]
pub(crate) struct Records {
    list: Vec<Record>,
    /// What the last call returned.
    pub(crate) return_code: Return,
    /// Name of the data source, empty for an environment.
    pub(crate) server: String,
    /// The statement was executed, so SQL_DIAG_ROW_COUNT tells something.
    pub(crate) executed: bool,
    /// Rows of the cursor where they are known.
    pub(crate) cursor_rows: Option<usize>,
    /// Width of wide text for the application.
    pub(crate) width: Width,
    /// SQL_DIAG_SELECT_CURSOR after a query was executed, SQL_DIAG_CALL after a call, else 0.
    pub(crate) function: i32,
}

/// One diagnostic, and where it happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// What happened.
    pub(crate) diagnostic: Diagnostic,
    /// Row of the rowset from 1, or SQL_NO_ROW_NUMBER.
    pub(crate) row: isize,
    /// Column or parameter from 1, or SQL_NO_COLUMN_NUMBER.
    pub(crate) column: i32,
}

/// Enough to see what is wrong with a large rowset; the status array tells of every row.
const MOST: usize = 1_000;

impl Records {
    /// Forgets what the last call left.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.return_code = SQL_SUCCESS;
        self.function = 0;
    }

    /// Whether the call left nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Number of records.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The record `number`, from 1.
    pub(crate) fn record(&self, number: usize) -> Option<&Record> {
        self.list.get(number.checked_sub(1)?)
    }

    /// Adds a diagnostic of the whole call.
    pub(crate) fn post(&mut self, diagnostic: impl Into<Diagnostic>) {
        self.add(Record { diagnostic: diagnostic.into(), row: SQL_NO_ROW_NUMBER, column: SQL_NO_COLUMN_NUMBER });
    }

    /// Adds a diagnostic of a column or parameter, from 1, without a row.
    pub(crate) fn post_column(&mut self, diagnostic: Diagnostic, column: usize) {
        let column = i32::try_from(column).unwrap_or(SQL_NO_COLUMN_NUMBER);
        self.add(Record { diagnostic, row: SQL_NO_ROW_NUMBER, column });
    }

    /// Adds a diagnostic of a cell; row and column count from 1.
    pub(crate) fn post_cell(&mut self, diagnostic: Diagnostic, row: usize, column: usize) {
        let column = i32::try_from(column).unwrap_or(SQL_NO_COLUMN_NUMBER);
        self.add(Record { diagnostic, row: row.cast_signed(), column });
    }

    /// Adds diagnostics of the whole call.
    pub(crate) fn post_all<D: Into<Diagnostic>>(&mut self, diagnostics: impl IntoIterator<Item = D>) {
        for diagnostic in diagnostics {
            self.post(diagnostic);
        }
    }

    /// By row, errors of a row before its warnings; among equals the order of posting.
    fn add(&mut self, record: Record) {
        if self.list.len() >= MOST && record.is_warning() {
            return;
        }
        let position = self.list.partition_point(|other| other.rank() <= record.rank());
        self.list.insert(position, record);
    }
}

impl Record {
    fn is_warning(&self) -> bool {
        self.diagnostic.sqlstate().starts_with("01")
    }

    fn rank(&self) -> (isize, bool) {
        (self.row, self.is_warning())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_stand_by_row_and_errors_before_warnings() {
        let mut records = Records::default();
        records.post_cell(Diagnostic::IndicatorRequired, 2, 1);
        records.post_cell(Diagnostic::FractionTruncated("1.5".into()), 1, 1);
        records.post_cell(Diagnostic::NumericOutOfRange("300".into()), 1, 2);
        records.post(Diagnostic::NoResultSet);
        let order: Vec<_> = (1..=4).filter_map(|n| records.record(n)).map(|r| r.diagnostic.sqlstate()).collect();
        assert_eq!(order, ["07005", "22003", "01S07", "22002"]);
        assert!(records.record(0).is_none());
        assert!(records.record(5).is_none());
    }

    #[test]
    fn warnings_of_a_huge_rowset_are_bounded_and_its_errors_are_not_lost() {
        let mut records = Records::default();
        for row in 1..=2 * MOST {
            records.post_cell(Diagnostic::FractionTruncated(String::new()), row, 1);
        }
        assert_eq!(records.len(), MOST);
        records.post(Diagnostic::NoResultSet);
        assert_eq!(records.record(1).map(|record| record.diagnostic.sqlstate()), Some("07005"));
    }
}
