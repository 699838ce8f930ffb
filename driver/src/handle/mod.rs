//! Environments, connections, statements and descriptors behind tokens.
//!
//! - `registry.rs`: tokens instead of addresses; who belongs to whom
//! - `records.rs`: the diagnostics of a handle
//! - `phase.rs`: what a statement is doing, for other handles
//! - `memory.rs`: buffers of the application that are written later
//! - `caller.rs`: which library calls
//! - `manager.rs`: which driver manager it is
//! - `fork.rs`: what a child of the process finds
//! - `width.rs`: how wide the application's wide text is
//! - `attributes.rs`: attributes as rows of a table
//! - `environment.rs`, `connection/`, `statement/`, `descriptor/`: the four kinds
//!
//! Each handle has its own lock. A statement never takes the lock of its connection: what it needs of it is in the
//! [`connection::Link`], which does not change while the connection is open. Locks are taken in the order connection,
//! statement, descriptor.

pub(crate) mod attributes;
mod caller;
pub(crate) mod connection;
pub(crate) mod descriptor;
pub(crate) mod environment;
pub(crate) mod fork;
pub(crate) mod manager;
pub(crate) mod memory;
pub(crate) mod phase;
pub(crate) mod records;
pub(crate) mod registry;
pub(crate) mod statement;
pub(crate) mod width;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use pipedrive_sql::trace::Trace;

pub(crate) use connection::Connection;
pub(crate) use descriptor::Descriptor;
pub(crate) use environment::Environment;
pub(crate) use records::Records;
pub(crate) use registry::{Entry, HANDLES, Token};
pub(crate) use statement::Statement;

/// What every kind of handle has.
pub(crate) trait Handle: Sized + Send + 'static {
    /// What other threads may touch while a call holds the lock.
    type Side: Send + Sync + 'static;

    /// What the log calls it.
    const KIND: &'static str;

    /// The handle among others.
    fn entry(shared: Arc<Shared<Self>>) -> Entry;

    /// The handle, if `entry` is of this kind.
    fn of(entry: &Entry) -> Option<&Arc<Shared<Self>>>;

    /// Its diagnostics.
    fn records(&mut self) -> &mut Records;

    /// The log of its connection; none where there is no connection.
    fn trace(&self) -> Trace {
        Trace::default()
    }

    /// A call begins, whose turn it is.
    fn begin(&mut self) {}

    /// A call has ended, well or not.
    fn end(&mut self) {}

    /// Makes it usable again after a panic, which may have left it half changed.
    fn recover(&mut self) {}
}

/// How a call ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did what was asked; warnings were posted on the way.
    Done,
    /// There is nothing more.
    NoData,
    /// Parameters are wanted.
    NeedData,
    /// It failed, and the errors were posted on the way.
    Failed,
}

/// A handle, its lock, and what can be reached without the lock.
///
/// The lock is the standard library's, which keeps no list of the threads that wait: in a child after `fork` such a list
/// would lead to the stacks of threads that do not exist.
#[derive(Debug)]
pub(crate) struct Shared<H: Handle> {
    handle: Mutex<H>,
    /// What other threads may touch while a call holds the lock.
    pub(crate) side: H::Side,
    /// The process that allocated it.
    process: u32,
    freed: AtomicBool,
}

impl<H: Handle> Shared<H> {
    /// A new handle of this process.
    pub(crate) fn new(handle: H, side: H::Side) -> Arc<Self> {
        Arc::new(Self { handle: Mutex::new(handle), side, process: std::process::id(), freed: AtomicBool::new(false) })
    }

    /// Waits for the call that is running, if any.
    pub(crate) fn lock(&self) -> MutexGuard<'_, H> {
        self.handle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The handle, if no call is running.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, H>> {
        match self.handle.try_lock() {
            Ok(handle) => Some(handle),
            Err(TryLockError::Poisoned(handle)) => Some(handle.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Whether this process was forked from the one that allocated the handle. Its lock may be held by a thread that
    /// does not exist here, and its connections are those of the other process.
    pub(crate) fn is_inherited(&self) -> bool {
        self.process != std::process::id()
    }

    /// Whether its token was given back; somebody may still hold it.
    pub(crate) fn is_freed(&self) -> bool {
        self.freed.load(Ordering::Acquire)
    }

    /// Remembers that its token was given back.
    pub(crate) fn mark_freed(&self) {
        self.freed.store(true, Ordering::Release);
    }
}
