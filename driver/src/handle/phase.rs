//! What other handles may know of a statement without waiting for its lock: a call that runs holds that.
//!
//! The state tables forbid calls on a connection, an environment or a descriptor for what a statement is doing.
//! [Statement transitions](https://learn.microsoft.com/sql/odbc/reference/appendixes/statement-transitions)

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Entry, HANDLES, Token};
use crate::diagnostics::{Diagnostic, Result};

/// Parameters are awaited.
pub(crate) const AWAITED: Diagnostic =
    Diagnostic::Sequence("parameters are awaited: call SQLParamData and SQLPutData, or SQLCancel");

/// Where a statement is after its last call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phase(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    awaits: AtomicBool,
    cursor: AtomicBool,
}

impl Phase {
    /// Tells where it is: whether parameters are awaited, whether a cursor is open.
    pub(crate) fn tell(&self, awaits: bool, cursor: bool) {
        self.0.awaits.store(awaits, Ordering::Release);
        self.0.cursor.store(cursor, Ordering::Release);
    }

    /// # Errors
    /// HY010 while parameters are awaited.
    pub(crate) fn check_idle(&self) -> Result<()> {
        if self.0.awaits.load(Ordering::Acquire) { Err(AWAITED) } else { Ok(()) }
    }

    fn check_no_cursor(&self) -> Result<()> {
        if self.0.cursor.load(Ordering::Acquire) {
            return Err(Diagnostic::CursorState("a cursor is open on a statement of the connection; close it first"));
        }
        Ok(())
    }
}

/// # Errors
/// HY010 while a statement of the connection awaits parameters.
pub(crate) fn check_idle(connection: Token) -> Result<()> {
    each_statement(connection, Phase::check_idle)
}

/// # Errors
/// HY010 while a statement of one of the environment's connections awaits parameters.
pub(crate) fn check_connections_idle(environment: Token) -> Result<()> {
    HANDLES.children(environment).into_iter().try_for_each(|(connection, _)| check_idle(connection))
}

/// # Errors
/// 24000 while a statement of the connection has a cursor.
pub(crate) fn check_no_cursor(connection: Token) -> Result<()> {
    each_statement(connection, Phase::check_no_cursor)
}

fn each_statement(connection: Token, check: impl Fn(&Phase) -> Result<()>) -> Result<()> {
    HANDLES.children(connection).into_iter().try_for_each(|(_, child)| match child {
        Entry::Statement(statement) => check(&statement.side.phase),
        Entry::Environment(_) | Entry::Connection(_) | Entry::Descriptor(_) => Ok(()),
    })
}
