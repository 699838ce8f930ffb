//! What every call needs, once: look up, lock, clear, run, catch, post, record.
//!
//! `enter` is the rule; its siblings are the exceptions, each with its reason.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pipedrive_sql::trace::Trace;

use super::record::Recorder;
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::{
    Connection, Descriptor, Entry, Environment, HANDLES, Handle, Outcome, Records, Shared, Statement, Token,
};
use crate::odbc::*;
use crate::text::with_width;

/// A call on a handle.
pub(super) fn enter<H: Handle>(
    name: &'static str,
    raw: RawHandle,
    body: impl FnOnce(&mut H) -> Result<Outcome>,
) -> Return {
    let Some(shared) = HANDLES.find::<H>(Token::from_raw(raw)) else {
        return SQL_INVALID_HANDLE;
    };
    if shared.is_inherited() {
        return refuse_inherited(&*shared);
    }
    let mut handle = shared.lock();
    // Another thread may have freed it while this one waited.
    if shared.is_freed() { SQL_INVALID_HANDLE } else { run(name, &mut *handle, body) }
}

/// A call that allocates a handle below `parent`. On failure the application gets a null handle.
///
/// # Safety
/// `output` is null or points to a handle.
pub(super) unsafe fn allocate<P: Handle>(
    name: &'static str,
    parent: RawHandle,
    output: *mut RawHandle,
    body: impl FnOnce(&mut P) -> Result<Token>,
) -> Return {
    let mut token = Token::NONE;
    let code = enter(name, parent, |parent: &mut P| {
        if output.is_null() {
            return Err(Diagnostic::NullPointer("the output handle"));
        }
        token = body(parent)?;
        Ok(Outcome::Done)
    });
    if !output.is_null() {
        // SAFETY: the caller vouches for `output`.
        unsafe { output.write_unaligned(token.to_raw()) };
    }
    code
}

/// Frees a handle. `body` refuses or cleans up under the lock; the token is taken back only then, so that a call that
/// still runs elsewhere ends first.
pub(super) fn release<H: Handle>(
    name: &'static str,
    raw: RawHandle,
    body: impl FnOnce(&mut H, Token) -> Result<()>,
) -> Return {
    let token = Token::from_raw(raw);
    let Some(shared) = HANDLES.find::<H>(token) else {
        return SQL_INVALID_HANDLE;
    };
    if shared.is_inherited() {
        return forget_inherited(&shared, token);
    }
    enter(name, raw, |handle: &mut H| {
        body(handle, token)?;
        // Before the lock is given back: who waits for it then finds the handle freed.
        shared.mark_freed();
        HANDLES.remove(token);
        Ok(Outcome::Done)
    })
}

/// SQLGetDiag*: reading the diagnostics must not clear them, nor wait in a process that the handle was forked into.
pub(super) fn inspect<H: Handle>(name: &'static str, raw: RawHandle, body: impl FnOnce(&Records) -> Return) -> Return {
    let Some(shared) = HANDLES.find::<H>(Token::from_raw(raw)) else {
        return SQL_INVALID_HANDLE;
    };
    let (inherited, handle) = match shared.is_inherited() {
        true => (true, shared.try_lock()),
        false => (false, Some(shared.lock())),
    };
    let Some(mut handle) = handle else {
        return SQL_NO_DATA;
    };
    let trace = if inherited { Trace::default() } else { handle.trace() };
    let recorder = Recorder::start(name, H::KIND, trace);
    let records = handle.records();
    let code = catch_unwind(AssertUnwindSafe(|| with_width(records.width, || body(records)))).unwrap_or(SQL_ERROR);
    recorder.end_without_records(code);
    code
}

/// SQLCancel: the lock is held by the very call that is to be stopped, so the switch beside it is used. Where no call
/// runs, a dialog of parameters ends.
pub(super) fn interrupt(name: &'static str, raw: RawHandle) -> Return {
    let Some(shared) = HANDLES.find::<Statement>(Token::from_raw(raw)) else {
        return SQL_INVALID_HANDLE;
    };
    if shared.is_inherited() {
        return refuse_inherited(&*shared);
    }
    let recorder = Recorder::start(name, Statement::KIND, shared.side.trace.clone());
    match shared.try_lock() {
        None => shared.side.cancel(),
        // The call that was to be stopped has just returned: its diagnostics are still to be read.
        Some(statement) if !statement.is_waiting() => {}
        Some(mut statement) => {
            return run(name, &mut *statement, |statement: &mut Statement| {
                statement.cancel();
                Ok(Outcome::Done)
            });
        }
    }
    recorder.end_without_records(SQL_SUCCESS);
    SQL_SUCCESS
}

/// A call that names a kind of handle that there is not: told to the handle, of whichever kind it is.
pub(super) fn refuse_kind(name: &'static str, kind: i16, raw: RawHandle) -> Return {
    fn refuse<H: Handle>(name: &'static str, kind: i16, raw: RawHandle) -> Return {
        enter(name, raw, |_: &mut H| Err(Diagnostic::HandleType(kind)))
    }
    let kinds = [refuse::<Environment>, refuse::<Connection>, refuse::<Statement>, refuse::<Descriptor>];
    let mut codes = kinds.into_iter().map(|refuse| refuse(name, kind, raw));
    codes.find(|code| *code != SQL_INVALID_HANDLE).unwrap_or(SQL_INVALID_HANDLE)
}

/// A call without a handle, such as the allocation of an environment: no log is for it.
pub(super) fn bare(body: impl FnOnce() -> Return) -> Return {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(SQL_ERROR)
}

/// Frees the statements and descriptors of a connection, whatever they are doing: running calls are cancelled and
/// waited for.
pub(super) fn free_children(parent: Token) {
    for (token, child) in HANDLES.children(parent) {
        match &child {
            Entry::Statement(statement) => {
                statement.side.end();
                let mut handle = statement.lock();
                handle.release();
                statement.mark_freed();
            }
            Entry::Descriptor(descriptor) => descriptor.mark_freed(),
            Entry::Environment(_) | Entry::Connection(_) => continue,
        }
        HANDLES.remove(token);
    }
}

fn run<H: Handle>(name: &'static str, handle: &mut H, body: impl FnOnce(&mut H) -> Result<Outcome>) -> Return {
    let recorder = Recorder::start(name, H::KIND, handle.trace());
    handle.begin();
    handle.records().clear();
    let width = handle.records().width;
    let work = || recorder.within(|| with_width(width, || body(handle)));
    let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        handle.recover();
        Err(Diagnostic::Panicked(name))
    });
    handle.end();
    let code = code(outcome, handle.records());
    handle.records().return_code = code;
    recorder.end(handle.trace(), code, handle.records());
    code
}

/// Warnings were posted on the way, so no body says so itself.
fn code(outcome: Result<Outcome>, records: &mut Records) -> Return {
    match outcome {
        Ok(Outcome::Done) if records.is_empty() => SQL_SUCCESS,
        Ok(Outcome::Done) => SQL_SUCCESS_WITH_INFO,
        Ok(Outcome::NoData) => SQL_NO_DATA,
        Ok(Outcome::NeedData) => SQL_NEED_DATA,
        Ok(Outcome::Failed) => SQL_ERROR,
        Err(error) => {
            records.post(error);
            SQL_ERROR
        }
    }
}

/// The lock may be held by a thread that does not exist in this process, so it is not waited for.
fn refuse_inherited<H: Handle>(shared: &Shared<H>) -> Return {
    if let Some(mut handle) = shared.try_lock() {
        handle.records().clear();
        handle.records().post(Diagnostic::Inherited);
    }
    SQL_ERROR
}

/// Takes back the token of an inherited handle and drops nothing: its connections are those of the other process.
fn forget_inherited<H: Handle>(shared: &std::sync::Arc<Shared<H>>, token: Token) -> Return {
    std::mem::forget(shared.clone());
    HANDLES.remove(token);
    SQL_SUCCESS
}
