//! A result, batch by batch: the next one is asked for only when the rows at hand are used up.

use std::ops::Deref;
use std::sync::Arc;

use pipedrive_sql::arrow::record_batch::RecordBatch;
use pipedrive_sql::call::Call;
use pipedrive_sql::{ColumnDescription, Rows, SqlType};

use super::binding::{Binding, Bindings, check_pair, default_type};
use crate::convert::{CType, Column, Outcome as Moved, Progress};
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::memory::{Address, Buffer};
use crate::handle::{Descriptor, Outcome, Records};
use crate::odbc::*;

/// Where the batches of a result come from.
#[derive(Debug)]
pub(super) enum Source {
    /// From the engine, while they are fetched.
    Stream(Rows),
    /// From a catalog function, at once; `None` when it was given out.
    Whole(Option<RecordBatch>),
    /// From nowhere: it failed, and every later fetch fails so, lest the rows so far be taken for all.
    Failed(Diagnostic),
}

/// An open cursor.
#[derive(Debug)]
pub(super) struct Cursor {
    columns: Arc<[ColumnDescription]>,
    /// What the application was told of the columns before the statement was executed.
    promised: Arc<[ColumnDescription]>,
    source: Source,
    total: Option<usize>,
    batch: Option<Batch>,
    bindings: Bindings,
    position: Position,
    /// Whether rows were fetched by SQLExtendedFetch; `None` before the first fetch.
    extended: Option<bool>,
    /// The column that SQLGetData is reading, and how far it has come.
    part: Option<(usize, Progress)>,
}

/// Where the cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Before,
    /// On a rowset: its first row counted from 1, its number of rows.
    On {
        first: usize,
        rows: usize,
    },
    After,
}

/// A batch of rows; `next` is the row that the next fetch gives out.
#[derive(Debug)]
struct Batch {
    rows: RecordBatch,
    next: usize,
    columns: Vec<Option<Column>>,
}

/// A block of rows that a fetch fills.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rowset {
    /// Rows wanted.
    pub(super) size: usize,
    /// Gets the status of each row.
    pub(super) status: Address,
    /// Gets the number of rows.
    pub(super) fetched: Address,
    /// Longest text in bytes, 0 for no limit.
    pub(super) max_length: usize,
    /// Rows are written to the bound buffers.
    pub(super) retrieves: bool,
    /// By the rules of SQLExtendedFetch.
    pub(super) extended: bool,
}

/// How the rows of a rowset ended.
#[derive(Debug, Default)]
struct Tally {
    rows: usize,
    failed: usize,
}

impl Batch {
    fn new(rows: RecordBatch) -> Self {
        let columns = rows.columns().iter().map(|_| None).collect();
        Self { rows, next: 0, columns }
    }

    fn is_used_up(&self) -> bool {
        self.next >= self.rows.num_rows()
    }

    /// The column, resolved on first use.
    fn column(&mut self, index: usize, sql_type: SqlType) -> Result<&Column> {
        match &mut self.columns[index] {
            Some(column) => Ok(column),
            empty => Ok(empty.insert(Column::new(self.rows.column(index), sql_type)?)),
        }
    }
}

impl Cursor {
    /// A cursor before the first row.
    pub(super) fn new(columns: Arc<[ColumnDescription]>, source: Source) -> Self {
        let total = match &source {
            Source::Whole(rows) => rows.as_ref().map(RecordBatch::num_rows),
            Source::Stream(_) | Source::Failed(_) => None,
        };
        let (bindings, position) = (Bindings::default(), Position::Before);
        let promised = columns.clone();
        Self { columns, promised, source, total, batch: None, bindings, position, extended: None, part: None }
    }

    /// The cursor of a statement that was described so before it was executed.
    pub(super) fn promised(self, promised: Arc<[ColumnDescription]>) -> Self {
        Self { promised, ..self }
    }

    /// Rows of the whole result, where that is known.
    pub(super) fn total(&self) -> Option<usize> {
        self.total
    }

    /// The number of the current row, from 1; `None` off the rows.
    pub(super) fn row_number(&self) -> Option<usize> {
        match self.position {
            Position::On { first, .. } => Some(first),
            Position::Before | Position::After => None,
        }
    }

    /// That rows are fetched as they were before.
    ///
    /// # Errors
    /// HY010 for SQLExtendedFetch after another fetch, or the reverse.
    pub(super) fn check_way(&self, extended: bool) -> Result<()> {
        match self.extended {
            Some(before) if before != extended => Err(Diagnostic::Sequence(
                "SQLExtendedFetch cannot be mixed with SQLFetch and SQLFetchScroll; close the cursor first",
            )),
            _ => Ok(()),
        }
    }

    /// Fills the next rowset.
    ///
    /// # Errors
    /// Of the whole call; those of single rows are posted.
    pub(super) fn fetch(
        &mut self,
        ard: impl Deref<Target = Descriptor>,
        rowset: &Rowset,
        call: &Call,
        records: &mut Records,
    ) -> Result<Outcome> {
        let (columns, promised) = (self.columns.clone(), self.promised.clone());
        let mut bindings = std::mem::take(&mut self.bindings);
        let (offset, resolved) = (ard.header.offset(), bindings.of(&ard, &columns, &promised));
        // Not locked while rows are awaited: other statements may use the descriptor, and their calls are cancelled.
        drop(ard);
        let outcome = resolved.and_then(|list| {
            let list = if rowset.retrieves { list } else { &[] };
            self.fill(list, offset, rowset, call, records)
        });
        self.bindings = bindings;
        outcome
    }

    fn fill(
        &mut self,
        bindings: &[Binding],
        offset: isize,
        rowset: &Rowset,
        call: &Call,
        records: &mut Records,
    ) -> Result<Outcome> {
        self.part = None;
        let mut tally = Tally::default();
        while tally.rows < rowset.size && self.advance(call, records)? {
            let status = self.write_row(bindings, offset, tally.rows, rowset, records);
            rowset.status.element::<u16>(tally.rows).put(status);
            tally.failed += usize::from(status == SQL_ROW_ERROR);
            tally.rows += 1;
        }
        // Without an array there is nothing to count through, and a size may be any number.
        let unused = if rowset.status.is_null() { tally.rows..tally.rows } else { tally.rows..rowset.size };
        for row in unused {
            rowset.status.element::<u16>(row).put(SQL_ROW_NOROW);
        }
        rowset.fetched.put(tally.rows);
        self.extended = Some(rowset.extended);
        self.move_on(tally.rows);
        Ok(tally.outcome(rowset.extended))
    }

    /// Goes to the next row; false after the last.
    fn advance(&mut self, call: &Call, records: &mut Records) -> Result<bool> {
        if self.batch.as_ref().is_none_or(Batch::is_used_up) {
            match self.next_batch(call, records)? {
                Some(rows) => self.batch = Some(Batch::new(rows)),
                None => return Ok(false),
            }
        }
        if let Some(batch) = &mut self.batch {
            batch.next += 1;
        }
        Ok(true)
    }

    fn next_batch(&mut self, call: &Call, records: &mut Records) -> Result<Option<RecordBatch>> {
        let batch = match &mut self.source {
            Source::Whole(rows) => Ok(rows.take().filter(|rows| rows.num_rows() > 0)),
            Source::Failed(why) => Err(why.clone()),
            Source::Stream(rows) => {
                let batch = rows.next(call).map_err(Diagnostic::from);
                // Told at the end, not with a row: isql and its like stop at a row that is not plain SQL_SUCCESS.
                if matches!(batch, Ok(None)) {
                    records.post_all(rows.warnings());
                }
                batch
            }
        };
        if let Err(why) = &batch {
            self.source = Source::Failed(why.clone());
        }
        batch
    }

    /// Writes the current row to the bound buffers, and says how it went.
    fn write_row(
        &mut self,
        bindings: &[Binding],
        offset: isize,
        row: usize,
        rowset: &Rowset,
        records: &mut Records,
    ) -> u16 {
        let Some(batch) = &mut self.batch else {
            return SQL_ROW_NOROW;
        };
        let mut status = SQL_ROW_SUCCESS;
        for binding in bindings {
            let at = batch.next - 1;
            let buffer = binding.buffer(row, offset, rowset.max_length);
            let column = batch.column(binding.column, self.columns[binding.column].sql_type);
            match column.and_then(|column| buffer.fill(column, at, None)) {
                Ok(Moved::Whole | Moved::NoData) => {}
                Ok(Moved::Warned(warning)) => {
                    records.post_cell(warning, row + 1, binding.column + 1);
                    status = if rowset.extended { SQL_ROW_SUCCESS } else { SQL_ROW_SUCCESS_WITH_INFO };
                }
                Err(error) => {
                    records.post_cell(error, row + 1, binding.column + 1);
                    if rowset.extended {
                        records.post_cell(Diagnostic::RowFailed(row + 1), row + 1, binding.column + 1);
                    }
                    return SQL_ROW_ERROR;
                }
            }
        }
        status
    }

    fn move_on(&mut self, rows: usize) {
        self.position = match self.position {
            _ if rows == 0 => Position::After,
            Position::Before | Position::After => Position::On { first: 1, rows },
            Position::On { first, rows: before } => Position::On { first: first + before, rows },
        };
    }

    /// One column of the current row, or its next part.
    ///
    /// # Errors
    /// 24000 off the rows, HY109 on a block of rows, 07009, 07006 and those of the conversion.
    pub(super) fn read(
        &mut self,
        column: usize,
        buffer: impl FnOnce(SqlType, SqlType) -> Result<Buffer>,
    ) -> Result<Moved> {
        match self.position {
            Position::On { rows: 1, .. } => {}
            Position::On { .. } => {
                return Err(Diagnostic::CursorPosition(
                    "SQLGetData reads single rows; set SQL_ATTR_ROW_ARRAY_SIZE to 1, or bind the columns",
                ));
            }
            Position::Before | Position::After => return Err(Diagnostic::CursorState("the cursor is on no row")),
        }
        let count = self.columns.len();
        let index = column.checked_sub(1).filter(|index| *index < count);
        let index = index.ok_or(Diagnostic::ColumnNumber { column, count })?;
        let description = &self.columns[index];
        let buffer = buffer(description.sql_type, self.promised[index].sql_type)?;
        check_pair(description, buffer.c_type)?;
        let batch = self.batch.as_mut().ok_or(Diagnostic::CursorState("the cursor is on no row"))?;
        let mut progress = match self.part.take() {
            Some((current, progress)) if current == index => progress,
            _ => Progress::default(),
        };
        let at = batch.next - 1;
        let moved = buffer.fill(batch.column(index, description.sql_type)?, at, Some(&mut progress));
        self.part = Some((index, progress));
        moved
    }

    /// The columns of the result.
    pub(super) fn columns(&self) -> &[ColumnDescription] {
        &self.columns
    }
}

impl Tally {
    fn outcome(&self, extended: bool) -> Outcome {
        if self.rows == 0 {
            Outcome::NoData
        } else if self.failed == self.rows && !extended {
            Outcome::Failed
        } else {
            Outcome::Done
        }
    }
}

/// The C type that SQLGetData was asked for; SQL_ARD_TYPE takes what is bound.
///
/// # Errors
/// HY003, and those of `default_type`.
pub(super) fn wanted_type(code: i16, bound: Option<i16>, sql_type: SqlType, promised: SqlType) -> Result<CType> {
    let code = if code == SQL_ARD_TYPE { bound.unwrap_or(SQL_C_DEFAULT) } else { code };
    default_type(code, sql_type, promised)
}

#[cfg(test)]
mod tests;
