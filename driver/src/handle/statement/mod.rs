//! Statements: what was prepared, the cursor, and what the application bound.
//!
//! - `attributes.rs`: what can be set on a statement
//! - `descriptors.rs`: its four descriptors, and those that an application puts in their place
//! - `execute.rs`: prepare, execute, the catalog functions
//! - `parameters.rs`: bound parameters and their values
//! - `pieces.rs`: parameters that are sent after the execution has begun
//! - `describe.rs`: columns and parameters, described
//! - `cursor.rs`: a result, batch by batch; `binding.rs`: where its rows go
//! - `fetch.rs`: rows for the application
//!
//! The states of [appendix B](https://learn.microsoft.com/sql/odbc/reference/appendixes/statement-transitions) are:
//! allocated (nothing prepared), prepared, cursor open (before or on a row), need data.

mod attributes;
mod binding;
mod cursor;
mod describe;
mod descriptors;
mod execute;
mod fetch;
mod parameters;
mod pieces;

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Instant;

use pipedrive_sql::call::{Call, Cancel};
use pipedrive_sql::trace::Trace;
use pipedrive_sql::{ColumnDescription, Prepared};

use super::attributes::Values;
use super::connection::{Link, deadline, limit};
use super::phase::{AWAITED, Phase};
use super::{Entry, HANDLES, Handle, Records, Shared, Token};
use crate::diagnostics::{Diagnostic, Result};
use crate::odbc::{SQL_ATTR_METADATA_ID, SQL_ATTR_QUERY_TIMEOUT};

pub(crate) use fetch::{Extended, Wanted};
pub(crate) use parameters::Parameter;
pub(crate) use pieces::Counting;

use cursor::Cursor;
use descriptors::Descriptors;
use pieces::NeedData;

/// A statement.
#[derive(Debug)]
pub(crate) struct Statement {
    records: Records,
    link: Arc<Link>,
    token: Token,
    cancel: Cancel,
    /// When the running call has taken too long, from its first step that may take time on.
    deadline: OnceCell<Option<Instant>>,
    values: Values,
    descriptors: Descriptors,
    prepared: Option<Prepared>,
    /// The columns of the result, from prepare on.
    columns: Option<Arc<[ColumnDescription]>>,
    /// What is prepared goes with its cursor: SQLExecDirect and the catalog functions.
    once: bool,
    cursor: Option<Cursor>,
    need_data: Option<NeedData>,
    phase: Phase,
}

/// What SQLCancel reaches of a statement whose call holds the lock.
#[derive(Debug)]
pub(crate) struct Beside {
    cancel: Cancel,
    /// The log of its connection.
    pub(crate) trace: Trace,
    /// What it is doing.
    pub(crate) phase: Phase,
}

impl Beside {
    /// Whether it awaits no parameters.
    pub(crate) fn is_idle(&self) -> bool {
        self.phase.check_idle().is_ok()
    }

    /// Stops the running call.
    pub(crate) fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Stops the running call and those that wait for their turn: the statement is about to be freed.
    pub(crate) fn end(&self) {
        self.cancel.end();
    }
}

impl Handle for Statement {
    type Side = Beside;

    const KIND: &'static str = "statement";

    fn entry(shared: Arc<Shared<Self>>) -> Entry {
        Entry::Statement(shared)
    }

    fn of(entry: &Entry) -> Option<&Arc<Shared<Self>>> {
        match entry {
            Entry::Statement(shared) => Some(shared),
            Entry::Environment(_) | Entry::Connection(_) | Entry::Descriptor(_) => None,
        }
    }

    fn records(&mut self) -> &mut Records {
        &mut self.records
    }

    fn trace(&self) -> Trace {
        self.link.trace.clone()
    }

    /// A cancel that came while nothing ran has no effect; one that comes from here on stops the whole call.
    fn begin(&mut self) {
        self.cancel.reset();
        self.deadline.take();
    }

    fn end(&mut self) {
        self.records.executed = self.cursor.is_some();
        self.phase.tell(self.need_data.is_some(), self.cursor.is_some());
    }

    fn recover(&mut self) {
        self.forget();
    }
}

impl Statement {
    /// A statement of an open connection, with its four descriptors.
    pub(crate) fn allocate(connection: Token, link: Arc<Link>, metadata_id: usize) -> Token {
        let mut records = Records::default();
        records.server.clone_from(&link.facts.data_source);
        records.width = link.width;
        let cancel = Cancel::default();
        let mut values = Values::default();
        values.set(SQL_ATTR_METADATA_ID, metadata_id);
        let phase = Phase::default();
        let beside = Beside { cancel: cancel.clone(), trace: link.trace.clone(), phase: phase.clone() };
        let descriptors = Descriptors::new(link.odbc2, link.width, &link.trace, &phase);
        let statement = Self {
            records,
            link,
            token: Token::NONE,
            cancel,
            deadline: OnceCell::new(),
            values,
            descriptors,
            prepared: None,
            columns: None,
            once: false,
            cursor: None,
            need_data: None,
            phase,
        };
        let shared = Shared::new(statement, beside);
        let token = HANDLES.insert(connection, shared.clone());
        let mut statement = shared.lock();
        statement.token = token;
        statement.descriptors.register(token);
        token
    }

    /// Gives back what others know of it: its descriptors, its cursor's name.
    pub(crate) fn release(&mut self) {
        self.forget();
        self.descriptors.unregister();
        self.link.cursor_names.lock().retain(|(owner, _)| *owner != self.token);
    }

    /// Closes the cursor; for SQLCloseCursor and SQLFreeStmt(SQL_CLOSE).
    ///
    /// # Errors
    /// 24000 when there is none and `must_be_open`.
    pub(crate) fn close(&mut self, must_be_open: bool) -> Result<()> {
        self.check_idle()?;
        if self.cursor.is_none() && must_be_open {
            return Err(Diagnostic::CursorState("no cursor is open"));
        }
        self.close_cursor();
        Ok(())
    }

    /// Whether SQLCancel has something to end although no call runs.
    pub(crate) fn is_waiting(&self) -> bool {
        self.need_data.is_some() || (self.link.odbc2 && self.cursor.is_some())
    }

    /// SQLCancel without a running call: ends the dialog of parameters sent at execution. In ODBC 2 it closed an open
    /// cursor, too.
    pub(crate) fn cancel(&mut self) {
        if self.link.odbc2 && self.cursor.is_some() {
            self.close_cursor();
        }
        self.abandon();
    }

    /// Ends the dialog of parameters sent at execution.
    pub(crate) fn abandon(&mut self) {
        if self.need_data.take().is_some() && self.once {
            self.forget();
        }
    }

    /// Rows of the result: exact where it is there at once, else -1.
    ///
    /// # Errors
    /// HY010 before an execution.
    pub(crate) fn row_count(&self) -> Result<isize> {
        let cursor = self.cursor.as_ref().ok_or(Diagnostic::Sequence("the statement was not executed"))?;
        Ok(cursor.total().map_or(-1, usize::cast_signed))
    }

    /// The name of its cursor; made up until the application gives one.
    ///
    /// # Errors
    /// HY010.
    pub(crate) fn cursor_name(&self) -> Result<String> {
        self.check_idle()?;
        let names = self.link.cursor_names.lock();
        let given = names.iter().find(|(owner, _)| *owner == self.token).map(|(_, name)| name.clone());
        Ok(given.unwrap_or_else(|| format!("SQL_CUR{:x}", self.token.number())))
    }

    /// Names its cursor.
    ///
    /// # Errors
    /// 24000 with an open cursor, 34000 for a name that cannot be, 3C000 for one that another statement has.
    pub(crate) fn name_cursor(&mut self, name: String) -> Result<()> {
        self.check_no_cursor()?;
        let upper = name.to_uppercase();
        if name.is_empty() || upper.starts_with("SQLCUR") || upper.starts_with("SQL_CUR") {
            return Err(Diagnostic::CursorName(name));
        }
        let mut names = self.link.cursor_names.lock();
        if names.iter().any(|(owner, other)| *owner != self.token && *other == name) {
            return Err(Diagnostic::DuplicateCursorName(name));
        }
        names.retain(|(owner, _)| *owner != self.token);
        names.push((self.token, name));
        Ok(())
    }

    /// That no parameters are awaited.
    ///
    /// # Errors
    /// HY010.
    pub(crate) fn check_idle(&self) -> Result<()> {
        if self.need_data.is_some() {
            return Err(AWAITED);
        }
        Ok(())
    }

    /// # Errors
    /// HY010 while parameters are awaited, 24000 with an open cursor.
    fn check_no_cursor(&self) -> Result<()> {
        self.check_idle()?;
        if self.cursor.is_some() {
            return Err(Diagnostic::CursorState("a cursor is open on the statement; close it first"));
        }
        Ok(())
    }

    fn close_cursor(&mut self) {
        self.cursor = None;
        if self.once {
            self.forget();
        }
    }

    /// Back to what it was when it was allocated, bindings and attributes aside.
    fn forget(&mut self) {
        self.cursor = None;
        self.need_data = None;
        self.prepared = None;
        self.once = false;
        self.describe_result(None);
    }

    fn describe_result(&mut self, columns: Option<Arc<[ColumnDescription]>>) {
        self.descriptors.ird().lock().describe(columns.clone());
        self.columns = columns;
    }

    /// The limits of the application's call: one time for all of its steps, such as SQLExecDirect's two.
    fn call(&self) -> Call {
        let limit = self.values.explicit(SQL_ATTR_QUERY_TIMEOUT).map_or(self.link.timeout, limit);
        Call { cancel: self.cancel.clone(), deadline: *self.deadline.get_or_init(|| deadline(limit)) }
    }
}
