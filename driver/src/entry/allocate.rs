//! Handles: allocated and freed.

use super::guard::{allocate, bare, enter, free_children, refuse_kind, release};
use super::output::put;
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::manager::Manager;
use crate::handle::{Connection, Descriptor, Environment, HANDLES, Outcome, Shared, Statement, Token};
use crate::handle::{fork, phase, width};
use crate::odbc::*;
use crate::text::follow_locale;

/// Allocates a handle. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlallochandle-function)
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SQLAllocHandle(kind: i16, parent: RawHandle, output: *mut RawHandle) -> Return {
    const NAME: &str = "SQLAllocHandle";
    match kind {
        SQL_HANDLE_ENV => bare(|| {
            if output.is_null() {
                return SQL_ERROR;
            }
            fork::prepare();
            follow_locale();
            let token =
                HANDLES.insert(Token::NONE, Shared::new(Environment::new(width::width(Manager::calling())), ()));
            // SAFETY: the application vouches for `output`, as the reference page demands.
            unsafe { put(output, token.to_raw()) };
            SQL_SUCCESS
        }),
        // SAFETY: as above.
        SQL_HANDLE_DBC => unsafe { allocate(NAME, parent, output, |environment| connection(environment, parent)) },
        // SAFETY: as above.
        SQL_HANDLE_STMT => unsafe { allocate(NAME, parent, output, |connection| statement(connection, parent)) },
        // SAFETY: as above.
        SQL_HANDLE_DESC => unsafe { allocate(NAME, parent, output, |connection| descriptor(connection, parent)) },
        _ => refuse_kind(NAME, kind, parent),
    }
}

fn connection(environment: &mut Environment, parent: RawHandle) -> Result<Token> {
    let connection = Connection::new(environment.speaks_odbc2()?, environment.width());
    Ok(HANDLES.insert(Token::from_raw(parent), Shared::new(connection, ())))
}

fn statement(connection: &mut Connection, parent: RawHandle) -> Result<Token> {
    let link = connection.link()?.clone();
    Ok(Statement::allocate(Token::from_raw(parent), link, connection.metadata_id()))
}

fn descriptor(connection: &mut Connection, parent: RawHandle) -> Result<Token> {
    let descriptor = {
        let link = connection.link()?;
        Descriptor::explicit(link.odbc2, link.width).traced(&link.trace)
    };
    Ok(HANDLES.insert(Token::from_raw(parent), Shared::new(descriptor, ())))
}

/// Frees a handle. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlfreehandle-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLFreeHandle(kind: i16, handle: RawHandle) -> Return {
    const NAME: &str = "SQLFreeHandle";
    match kind {
        SQL_HANDLE_ENV => release(NAME, handle, |_: &mut Environment, token| {
            if HANDLES.children(token).is_empty() {
                return Ok(());
            }
            Err(Diagnostic::Sequence("the environment has connections; free them first"))
        }),
        SQL_HANDLE_DBC => release(NAME, handle, |connection: &mut Connection, _| {
            if !connection.is_open() {
                return Ok(());
            }
            Err(Diagnostic::Sequence("the connection is open; call SQLDisconnect first"))
        }),
        SQL_HANDLE_STMT => free_statement(NAME, handle),
        SQL_HANDLE_DESC => {
            release(
                NAME,
                handle,
                |descriptor: &mut Descriptor, _| {
                    if descriptor.is_explicit() { Ok(()) } else { Err(Diagnostic::AutomaticDescriptor) }
                },
            )
        }
        // As the reference has it, unlike other functions.
        _ => SQL_INVALID_HANDLE,
    }
}

fn free_statement(name: &'static str, handle: RawHandle) -> Return {
    // A call that is still running would keep the lock for as long as it likes.
    let statement = HANDLES.find::<Statement>(Token::from_raw(handle));
    if let Some(statement) = statement.filter(|statement| !statement.is_inherited() && statement.side.is_idle()) {
        statement.side.end();
    }
    release(name, handle, |statement: &mut Statement, _| {
        statement.check_idle()?;
        statement.release();
        Ok(())
    })
}

/// Closes a cursor, or forgets what is bound. [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqlfreestmt-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLFreeStmt(statement: RawHandle, option: u16) -> Return {
    const NAME: &str = "SQLFreeStmt";
    if option == SQL_DROP {
        return free_statement(NAME, statement);
    }
    enter(NAME, statement, |statement: &mut Statement| {
        match option {
            SQL_CLOSE => statement.close(false)?,
            SQL_UNBIND => statement.unbind_columns()?,
            SQL_RESET_PARAMS => statement.reset_parameters()?,
            _ => return Err(Diagnostic::AttributeNumber(option.into())),
        }
        Ok(Outcome::Done)
    })
}

/// Closes the connection; its statements and descriptors are freed, open cursors too.
/// [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqldisconnect-function)
#[unsafe(no_mangle)]
pub(crate) extern "system" fn SQLDisconnect(connection: RawHandle) -> Return {
    enter("SQLDisconnect", connection, |handle: &mut Connection| {
        handle.link()?;
        phase::check_idle(Token::from_raw(connection))?;
        free_children(Token::from_raw(connection));
        handle.disconnect()?;
        Ok(Outcome::Done)
    })
}
