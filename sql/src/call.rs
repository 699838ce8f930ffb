//! One call of an application: how long it may take, and whether somebody cancelled it.

use std::future::Future;
use std::sync::{Arc, mpsc};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::{Error, ErrorKind, Result};

/// Cancels what runs under it, from any thread. Cheap to clone; every clone is the same switch.
#[derive(Debug, Clone)]
pub struct Cancel {
    switch: Arc<watch::Sender<bool>>,
}

impl Default for Cancel {
    fn default() -> Self {
        Self { switch: Arc::new(watch::Sender::new(false)) }
    }
}

impl Cancel {
    /// Stops the calls that run under this switch; each ends with [`ErrorKind::Cancelled`].
    pub fn cancel(&self) {
        self.switch.send_replace(true);
    }

    /// Makes the switch usable for the next call.
    pub fn reset(&self) {
        self.switch.send_replace(false);
    }

    /// Whether [`Self::cancel`] was called since the last [`Self::reset`].
    pub fn is_cancelled(&self) -> bool {
        *self.switch.borrow()
    }

    /// Resolves once [`Self::cancel`] was called.
    pub async fn cancelled(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.switch.subscribe().wait_for(|cancelled| *cancelled).await;
    }
}

/// The limits of one call.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// The switch that stops it.
    pub cancel: Cancel,
    /// When it has taken too long; `None` for no limit.
    pub deadline: Option<Instant>,
}

impl Call {
    /// Runs `work` on the runtime's big-stack threads while the caller waits, so that a deep statement cannot
    /// overflow the caller's stack and a cancel or a time-out is heard at once, even in the middle of planning.
    ///
    /// Abandoned work stops at its next await and is dropped on the runtime.
    pub fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::sync_channel(1);
        let (cancel, deadline) = (self.cancel.clone(), self.deadline);
        let answer = sender.clone();
        let task = runtime()?.spawn(async move {
            let outcome = work.await;
            // A caller that has gone away drops the answer here, on a big stack.
            drop(answer.try_send(Some(outcome)));
        });
        let abort = task.abort_handle();
        // Hears the switch and the clock on a thread of its own: the work may be planning, which never yields.
        let watch = runtime()?.spawn(async move {
            match deadline {
                Some(deadline) => drop(tokio::time::timeout_at(deadline.into(), cancel.cancelled()).await),
                None => cancel.cancelled().await,
            }
            drop(sender.try_send(None));
        });
        let outcome = receiver.recv();
        watch.abort();
        match outcome {
            Ok(Some(outcome)) => outcome,
            Ok(None) => {
                abort.abort();
                Err(self.interruption())
            }
            // Both senders are gone without a word: the work panicked.
            Err(_) => Err(Error::new(ErrorKind::General, "the statement failed inside the driver; please report it")),
        }
    }

    fn interruption(&self) -> Error {
        if self.cancel.is_cancelled() {
            Error::new(ErrorKind::Cancelled, "the call was cancelled")
        } else {
            Error::new(
                ErrorKind::Timeout,
                "the time-out passed; raise the query or login time-out, or ask for fewer rows",
            )
        }
    }
}

/// The runtime of this process: made on first use, never shut down, since a shutdown in a destructor or at exit would
/// wait for threads inside somebody else's process. A forked child has none of its parent's threads and gets its own.
///
/// Its threads have 8 MB of (virtual) stack: parsing, planning and dropping deep statements recurse.
///
/// # Errors
/// `General` when the system gives no threads.
pub fn runtime() -> Result<&'static Runtime> {
    /// The process that a runtime belongs to, and the runtime.
    static RUNTIME: Mutex<Option<(u32, &Runtime)>> = Mutex::new(None);
    let process = std::process::id();
    let mut known = RUNTIME.lock();
    if let Some((_, runtime)) = known.filter(|(owner, _)| *owner == process) {
        return Ok(runtime);
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_stack_size(STACK)
        .thread_name("pipedrive-odbc")
        .enable_all()
        .build()
        .map_err(|error| Error::new(ErrorKind::General, format!("the driver cannot start its threads: {error}")))?;
    let runtime: &'static Runtime = Box::leak(Box::new(runtime));
    *known = Some((process, runtime));
    Ok(runtime)
}

/// Enough for one call that plans, one that decodes, and the clocks of both.
const WORKERS: usize = 4;

/// Bytes of stack per thread; `plan` states the depths that fit.
const STACK: usize = 8 << 20;
