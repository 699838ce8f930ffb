//! Rows for the application: SQLFetch and its kin, SQLGetData, SQLBindCol.

use super::Statement;
use super::cursor::{Cursor, Rowset, wanted_type};
use crate::convert::{CType, Outcome as Moved};
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::Outcome;
use crate::handle::descriptor::Record;
use crate::handle::memory::{Address, Buffer};
use crate::odbc::*;
use pipedrive_sql::SqlType;

/// What SQLBindCol and SQLGetData say of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// Its number, from 1.
    pub(crate) column: u16,
    /// C type of the buffer.
    pub(crate) c_type: i16,
    /// The buffer.
    pub(crate) data: Address,
    /// Bytes of the buffer.
    pub(crate) capacity: isize,
    /// Gets the length or SQL_NULL_DATA.
    pub(crate) length: Address,
}

/// What SQLExtendedFetch has of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extended {
    /// Gets the number of rows.
    pub(crate) fetched: Address,
    /// Gets the status of each row.
    pub(crate) status: Address,
}

const NOT_EXECUTED: Diagnostic = Diagnostic::Sequence("the statement was not executed, or its cursor was closed");

impl Statement {
    /// Binds a column; null pointers unbind it.
    ///
    /// # Errors
    /// 07009, HY003, HY090, HY010.
    pub(crate) fn bind_column(&mut self, wanted: &Wanted) -> Result<()> {
        self.check_idle()?;
        let column = usize::from(wanted.column);
        self.check_column(column)?;
        let mut ard = self.descriptors.ard().lock();
        // Without a buffer the length may still be wanted.
        if wanted.data.is_null() && wanted.length.is_null() {
            ard.unbind(column);
            return Ok(());
        }
        check_buffer(wanted)?;
        // Which default type it is shows when a result is there.
        CType::resolve(wanted.c_type, SqlType::LongVarchar)?;
        let record = Record {
            concise: wanted.c_type,
            octet_length: wanted.capacity,
            data: wanted.data,
            octet_length_ptr: wanted.length,
            indicator_ptr: wanted.length,
            ..Record::default()
        };
        ard.bind(column, record);
        Ok(())
    }

    /// Unbinds all columns.
    pub(crate) fn unbind_columns(&mut self) -> Result<()> {
        self.check_idle()?;
        self.descriptors.ard().lock().clear();
        Ok(())
    }

    /// Fetches the next rowset.
    ///
    /// # Errors
    /// HY010 without a cursor, HY106 for another direction, and those of the engine.
    pub(crate) fn fetch(&mut self, direction: i16) -> Result<Outcome> {
        let result = self.descriptors.ird().lock().header;
        let size = self.descriptors.ard().lock().header.array_size;
        self.fetch_rowset(direction, size, result.rows_processed, result.array_status, false)
    }

    /// Fetches the next rowset by the rules of SQLExtendedFetch.
    ///
    /// # Errors
    /// Those of `fetch`.
    pub(crate) fn fetch_extended(&mut self, direction: i16, extended: Extended) -> Result<Outcome> {
        let size = self.values.explicit(SQL_ROWSET_SIZE).unwrap_or(1);
        self.fetch_rowset(direction, size, extended.fetched, extended.status, true)
    }

    fn fetch_rowset(
        &mut self,
        direction: i16,
        size: usize,
        fetched: Address,
        status: Address,
        extended: bool,
    ) -> Result<Outcome> {
        self.check_idle()?;
        if direction != SQL_FETCH_NEXT {
            return Err(Diagnostic::FetchType(direction));
        }
        let (max_length, retrieves) = (self.number(SQL_ATTR_MAX_LENGTH), self.retrieves());
        let rowset = Rowset { size: size.max(1), status, fetched, max_length, retrieves, extended };
        let call = self.call();
        let ard = self.descriptors.ard().clone();
        let cursor = self.cursor.as_mut().ok_or(NOT_EXECUTED)?;
        cursor.check_way(extended)?;
        let outcome = cursor.fetch(ard.lock(), &rowset, &call, &mut self.records);
        self.records.cursor_rows = cursor.total();
        outcome
    }

    /// One column of the current row, or its next part.
    ///
    /// # Errors
    /// HY010, 24000, 07009, HY009, HY090, HY003, HY109 and those of the conversion.
    pub(crate) fn data(&mut self, wanted: &Wanted) -> Result<Outcome> {
        self.check_idle()?;
        let max_length = self.number(SQL_ATTR_MAX_LENGTH);
        let bound = self.bound(wanted);
        let cursor = self.cursor.as_mut().ok_or(NOT_EXECUTED)?;
        if wanted.data.is_null() {
            return Err(Diagnostic::NullPointer("the buffer of SQLGetData"));
        }
        check_buffer(wanted)?;
        let moved = cursor.read(usize::from(wanted.column), |sql_type, promised| {
            Ok(Buffer {
                c_type: wanted_type(wanted.c_type, bound.as_ref().map(|record| record.concise), sql_type, promised)?,
                data: wanted.data,
                capacity: wanted.capacity,
                octet_length: wanted.length,
                indicator: wanted.length,
                precision: bound.as_ref().map_or(0, |record| record.precision),
                scale: bound.as_ref().map_or(0, |record| record.scale),
                max_length,
            })
        })?;
        match moved {
            Moved::Whole => Ok(Outcome::Done),
            Moved::NoData => Ok(Outcome::NoData),
            Moved::Warned(warning) => {
                self.records.post_column(warning, usize::from(wanted.column));
                Ok(Outcome::Done)
            }
        }
    }

    /// Throws the result away and says that there is no other.
    ///
    /// # Errors
    /// HY010.
    pub(crate) fn more_results(&mut self) -> Result<Outcome> {
        self.check_idle()?;
        self.close_cursor();
        Ok(Outcome::NoData)
    }

    /// What is bound to the column, for SQL_ARD_TYPE.
    fn bound(&self, wanted: &Wanted) -> Option<Record> {
        if wanted.c_type != SQL_ARD_TYPE {
            return None;
        }
        self.descriptors.ard().lock().record(usize::from(wanted.column)).cloned()
    }

    /// # Errors
    /// 07009 for the bookmark column, and for one beyond an open result.
    fn check_column(&self, column: usize) -> Result<()> {
        let count = self.cursor.as_ref().map_or(usize::MAX, |cursor| Cursor::columns(cursor).len());
        if column == 0 || column > count {
            let count = if count == usize::MAX { 0 } else { count };
            return Err(Diagnostic::ColumnNumber { column, count });
        }
        Ok(())
    }
}

fn check_buffer(wanted: &Wanted) -> Result<()> {
    if wanted.capacity < 0 { Err(Diagnostic::InvalidLength(wanted.capacity)) } else { Ok(()) }
}
