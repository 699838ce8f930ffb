//! What the log tells of a statement: one line when it is executed, one when it ends.

use std::sync::Arc;
use std::time::Instant;

use crate::plan::Statement;
use crate::procedures::Called;
use crate::trace::{STATEMENT, Trace};
use crate::{ErrorKind, Result, dialect};

/// The Verbosity from which on statements are shown, and that from which on their literals are.
const SHAPES: u8 = 2;
const LITERALS: u8 = 5;

/// The text of a statement for the log in force; `None` where it shows none.
pub(super) fn text(trace: &Trace, sql: &str) -> Option<Arc<str>> {
    if trace.shows(LITERALS) {
        return Some(dialect::compact(sql).into());
    }
    trace.shows(SHAPES).then(|| dialect::shape(sql).into())
}

/// A call for the log in force; `None` where it shows none.
pub(super) fn call(trace: &Trace, called: &Called) -> Option<Arc<str>> {
    trace.shows(SHAPES).then(|| called.shown(trace.shows(LITERALS)).into())
}

/// Notes that a statement could not be prepared. The literals of one that may be a call are shown in no log: nobody knows
/// which of them are secrets.
pub(super) fn refused<T>(outcome: &Result<T>, trace: &Trace, sql: &str, started: Instant) {
    if let (Err(error), true) = (outcome, trace.shows(SHAPES)) {
        let open = trace.shows(LITERALS) && !dialect::is_like_call(sql);
        let text = if open { dialect::compact(sql) } else { dialect::shape_of_refused(sql) };
        let (kind, time) = (error.kind(), started.elapsed().as_millis());
        tracing::info!(target: STATEMENT, "not prepared: {text} ({kind:?}, {time} ms)");
    }
}

/// An execution on its way into the log. It ends with the result, with an error, or when it is dropped.
#[derive(Debug)]
pub(super) struct Report {
    trace: Trace,
    number: u64,
    started: Instant,
    rows: u64,
    statement: Arc<Statement>,
    ended: bool,
}

impl Report {
    /// Notes that a statement is executed; `None` where no log shows statements.
    pub(super) fn start(trace: &Trace, text: Option<&str>, statement: &Arc<Statement>) -> Option<Self> {
        let text = text?;
        let number = trace.next_statement();
        trace.within(|| tracing::info!(target: STATEMENT, "statement {number}: {text}"));
        let (trace, statement) = (trace.clone(), statement.clone());
        Some(Self { trace, number, started: Instant::now(), rows: 0, statement, ended: false })
    }

    /// Counts rows that were given out.
    pub(super) fn gave(&mut self, rows: usize) {
        self.rows = self.rows.saturating_add(u64::try_from(rows).unwrap_or(u64::MAX));
    }

    /// Notes that every row was given out.
    pub(super) fn end(&mut self) {
        self.write("all rows");
    }

    /// Notes that it failed.
    pub(super) fn fail(&mut self, kind: ErrorKind) {
        self.write(&format!("failed, {kind:?}"));
    }

    fn write(&mut self, how: &str) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let Self { number, rows, started, .. } = *self;
        let (requests, tokens) = (self.statement.meter.requests(), self.statement.meter.tokens());
        let time = started.elapsed().as_millis();
        self.trace.within(|| {
            tracing::info!(
                target: STATEMENT,
                "statement {number}: {how}; rows {rows}, requests {requests}, tokens {tokens}, {time} ms"
            );
        });
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        self.write("closed before its end");
    }
}
