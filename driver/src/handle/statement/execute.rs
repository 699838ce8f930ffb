//! Prepare, execute, and the catalog functions, which execute at once.

use std::sync::Arc;

use pipedrive_sql::call::Call;
use pipedrive_sql::{Session, Value};

use super::cursor::{Cursor, Source};
use super::{NeedData, Statement};
use crate::catalog::{ResultSet, Style};
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::Outcome;
use crate::handle::memory::Supplied;
use crate::odbc::*;

impl Statement {
    /// Parses and plans a statement without running it.
    ///
    /// # Errors
    /// 24000, HY010 and those of the engine.
    pub(crate) fn prepare(&mut self, sql: &str) -> Result<()> {
        self.check_no_cursor()?;
        self.forget();
        let prepared = self.link.session.prepare(sql, &self.call())?;
        self.records.post_all(self.link.session.warnings());
        let columns = prepared.columns();
        self.prepared = Some(prepared);
        self.describe_result(Some(columns));
        Ok(())
    }

    /// Runs what was prepared with the parameters that are bound.
    ///
    /// # Errors
    /// HY010 without anything prepared, 24000, 07002, and those of conversions and of the engine.
    pub(crate) fn execute(&mut self) -> Result<Outcome> {
        if self.cursor.is_some() && self.once {
            return Err(Diagnostic::Sequence("no statement was prepared; a cursor is open"));
        }
        self.check_no_cursor()?;
        let prepared = self.prepared.as_ref().ok_or(Diagnostic::Sequence("no statement was prepared"))?;
        let mut supplied = self.supplied(prepared.parameters().len())?;
        if prepared.is_call() {
            supplied = supplied.into_iter().map(Supplied::for_call).collect();
        }
        if supplied.iter().any(|parameter| parameter.is_at_execution()) {
            self.need_data = Some(NeedData::new(supplied));
            return Ok(Outcome::NeedData);
        }
        self.run(|| supplied.iter().map(|parameter| parameter.value()).collect())
    }

    /// Runs a statement once.
    ///
    /// # Errors
    /// Those of `prepare` and `execute`.
    pub(crate) fn execute_direct(&mut self, sql: &str) -> Result<Outcome> {
        self.prepare(sql)?;
        self.once = true;
        let outcome = self.execute();
        if outcome.is_err() {
            self.forget();
        }
        outcome
    }

    /// Opens a cursor over what a catalog function found.
    ///
    /// # Errors
    /// 24000, HY010 and those of `find`.
    pub(crate) fn catalog(
        &mut self,
        find: impl FnOnce(&Session, Style, &Call) -> Result<ResultSet>,
    ) -> Result<Outcome> {
        self.check_no_cursor()?;
        self.forget();
        let style = Style { identifiers: self.number(SQL_ATTR_METADATA_ID) != 0, odbc2: self.link.odbc2 };
        let found = find(&self.link.session, style, &self.call())?;
        self.records.post_all(self.link.session.warnings());
        let columns: Arc<[_]> = found.columns.into();
        self.once = true;
        self.describe_result(Some(columns.clone()));
        self.cursor = Some(Cursor::new(columns, Source::Whole(Some(found.rows))));
        Ok(Outcome::Done)
    }

    /// Runs what was prepared, and tells of the one set of parameters.
    pub(super) fn run(&mut self, values: impl FnOnce() -> Result<Vec<Value>>) -> Result<Outcome> {
        let outcome = values().and_then(|values| self.start(&values));
        let header = self.descriptors.ipd().lock().header;
        header.rows_processed.put(1usize);
        header.array_status.put(if outcome.is_ok() { SQL_PARAM_SUCCESS } else { SQL_PARAM_ERROR });
        outcome
    }

    fn start(&mut self, values: &[Value]) -> Result<Outcome> {
        let prepared = self.prepared.as_ref().ok_or(Diagnostic::Sequence("no statement was prepared"))?;
        let max_rows = u64::try_from(self.number(SQL_ATTR_MAX_ROWS)).unwrap_or(u64::MAX);
        let mut rows = self.link.session.execute(prepared, values, max_rows, &self.call())?;
        self.records.post_all(self.link.session.warnings());
        self.records.post_all(rows.warnings());
        self.records.function = if prepared.is_call() { SQL_DIAG_CALL } else { SQL_DIAG_SELECT_CURSOR };
        let (promised, columns) = (prepared.columns(), rows.columns());
        if self.columns.as_ref() != Some(&columns) {
            self.describe_result(Some(columns.clone()));
        }
        self.cursor = Some(Cursor::new(columns, Source::Stream(rows)).promised(promised));
        Ok(Outcome::Done)
    }
}
