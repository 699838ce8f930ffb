//! The log of a connection: what LogFile gets, line by line.
//!
//! - `level.rs`: what is written from which Verbosity on
//! - `lines.rs`: the layer that makes lines of tracing's events
//! - `file.rs`: the file: opened, appended to, set aside when it is full; `checks.rs`: which files are ours
//!
//! Whatever the crates say with tracing's macros, under a target of `level.rs`, reaches the log of the connection that
//! runs: a [`Trace`] is that connection's own subscriber, in force on a thread while [`Trace::within`] runs and in a task
//! that [`Trace::carried`] wraps. There is no subscriber of the process, so a connection without a log pays for none,
//! and a program that links this crate keeps its own.

mod checks;
mod file;
mod level;
mod lines;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use futures::future::Either;
use tracing::dispatcher::{self, Dispatch};
use tracing::instrument::WithSubscriber;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

use crate::process::Common;
use crate::settings::{LogSettings, Secret};
use crate::{Warning, WarningKind};
use file::LogFile;
use lines::{Lines, Writer};

pub use file::look;
pub use level::{CALL, CONNECTION, EVERYTHING, REQUEST, STATEMENT};

/// Held while tracing is told that a log begins or ends: it has locks of its own, which a fork must find free, too.
static TELLING: Common<()> = Common::new(());

/// Keeps others from opening and closing logs until the answer is dropped.
pub(crate) fn hold_still() -> Box<dyn Any> {
    Box::new((TELLING.lock(), file::hold_still()))
}

/// The log of one connection, or none. Cheap to clone; clones are the same log.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    inner: Option<Arc<Inner>>,
}

#[derive(Debug)]
struct Inner {
    /// `None` only while it is dropped.
    dispatch: Option<Dispatch>,
    verbosity: u8,
    writer: Arc<Writer>,
    statements: AtomicU64,
}

impl Trace {
    /// Opens the log of a connection and writes what it is a log of; `host` names the driver manager, or is empty.
    ///
    /// Where the file cannot or must not be written there is no log, and a warning that says why.
    pub fn open(settings: &LogSettings, host: &str) -> (Self, Option<Warning>) {
        match LogFile::open(settings.file(), settings.max_size()) {
            Ok(file) => {
                let trace = Self::new(Writer::new(file, settings.secrets().to_vec()), settings.verbosity());
                trace.within(|| tracing::info!(target: CONNECTION, "{}; {}", program(host), settings.in_force()));
                (trace, None)
            }
            Err(reason) => {
                let file = settings.file().display();
                let text = format!("no log is written to LogFile={file}: {reason}");
                (Self::default(), Some(Warning::new(WarningKind::General, text)))
            }
        }
    }

    fn new(writer: Writer, verbosity: u8) -> Self {
        let writer = Arc::new(writer);
        let inner = Arc::new_cyclic(|inner: &Weak<Inner>| {
            let lines = Lines::new(inner.clone(), writer.clone(), verbosity);
            let _turn = TELLING.lock();
            let dispatch = Some(Dispatch::new(Registry::default().with(lines)));
            Inner { dispatch, verbosity, writer, statements: AtomicU64::new(0) }
        });
        Self { inner: Some(inner) }
    }

    /// The log in force on this thread; none outside of [`Self::within`].
    pub fn current() -> Self {
        let inner = dispatcher::get_default(|dispatch| dispatch.downcast_ref::<Lines>().and_then(Lines::log));
        Self { inner }
    }

    /// Whether there is a log.
    pub const fn is_on(&self) -> bool {
        self.inner.is_some()
    }

    /// Whether the log gets what is written from this Verbosity on.
    pub fn shows(&self, verbosity: u8) -> bool {
        self.inner.as_ref().is_some_and(|inner| inner.verbosity >= verbosity)
    }

    /// Hides a secret, wherever it would stand.
    pub fn hide(&self, secret: &Secret) {
        if let Some(inner) = &self.inner {
            inner.writer.hide(secret);
        }
    }

    /// Runs `work` with this log in force on this thread.
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        match self.dispatch() {
            Some(dispatch) => dispatcher::with_default(dispatch, work),
            None => work(),
        }
    }

    /// The same future, with this log in force whenever and wherever it is polled.
    pub fn carried<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        match self.dispatch() {
            Some(dispatch) => Either::Left(work.with_subscriber(dispatch.clone())),
            None => Either::Right(work),
        }
    }

    /// The number of the connection's next statement, from 1.
    pub(crate) fn next_statement(&self) -> u64 {
        self.inner.as_ref().map_or(0, |inner| inner.statements.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn dispatch(&self) -> Option<&Dispatch> {
        self.inner.as_ref()?.dispatch.as_ref()
    }
}

impl Drop for Inner {
    /// Has every place that logs ask anew whether anybody listens: after the last log the answer is no.
    fn drop(&mut self) {
        let _turn = TELLING.lock();
        drop(self.dispatch.take());
        tracing::callsite::rebuild_interest_cache();
    }
}

/// What runs, as a support engineer asks for it.
fn program(host: &str) -> String {
    let (version, system, machine) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let mut text = format!("pipedrive-odbc {version}, {system} {machine}");
    if !host.is_empty() {
        text.push_str(&format!(", {host}"));
    }
    let program = std::env::current_exe().ok();
    if let Some(name) = program.as_ref().and_then(|path| path.file_name()) {
        text.push_str(&format!(", in {}", name.to_string_lossy()));
    }
    text
}
