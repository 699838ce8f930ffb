//! One call of an application: how long it may take, and whether somebody cancelled it.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, SyncSender, TryRecvError};
use std::thread::{self, Thread};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::process::{self, Common};
use crate::trace::Trace;
use crate::{Error, ErrorKind, Result};

/// Cancels what runs under it, from any thread. Cheap to clone; every clone is the same switch.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    switch: Arc<Switch>,
}

#[derive(Debug)]
struct Switch {
    state: watch::Sender<bool>,
    /// Callers that wait for their work.
    waiting: Mutex<Vec<Thread>>,
    /// No further call may begin.
    ended: AtomicBool,
}

impl Default for Switch {
    fn default() -> Self {
        Self { state: watch::Sender::new(false), waiting: Mutex::default(), ended: AtomicBool::new(false) }
    }
}

impl Cancel {
    /// Stops the calls that run under this switch; each ends with [`ErrorKind::Cancelled`].
    pub fn cancel(&self) {
        self.switch.state.send_replace(true);
        self.switch.waiting.lock().iter().for_each(Thread::unpark);
    }

    /// Stops the calls that run under this switch, and those that wait to begin: nothing makes it usable again.
    pub fn end(&self) {
        self.switch.ended.store(true, Ordering::Release);
        self.cancel();
    }

    /// Makes the switch usable for the next call, unless it was ended.
    pub fn reset(&self) {
        self.switch.state.send_replace(false);
        // Asked last: an end that comes in between cancels by itself.
        if self.switch.ended.load(Ordering::Acquire) {
            self.cancel();
        }
    }

    /// Whether [`Self::cancel`] was called since the last [`Self::reset`].
    pub fn is_cancelled(&self) -> bool {
        *self.switch.state.borrow()
    }

    /// Resolves once [`Self::cancel`] was called.
    pub async fn cancelled(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.switch.state.subscribe().wait_for(|cancelled| *cancelled).await;
    }

    /// Wakes this thread on [`Self::cancel`] as long as the answer lives.
    fn wake_me(&self) -> Waiting<'_> {
        self.switch.waiting.lock().push(thread::current());
        Waiting(self)
    }
}

struct Waiting<'a>(&'a Cancel);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let me = thread::current().id();
        let mut waiting = self.0.switch.waiting.lock();
        if let Some(place) = waiting.iter().position(|thread| thread.id() == me) {
            waiting.swap_remove(place);
        }
    }
}

/// The way of an outcome to its caller, who wakes when it is there and also when it cannot come any more.
struct Answer<T> {
    sender: Option<SyncSender<Result<T>>>,
    caller: Thread,
}

impl<T> Answer<T> {
    fn give(&self, outcome: Result<T>) {
        // A caller that has gone away drops the answer here, on a big stack.
        drop(self.sender.as_ref().map(|sender| sender.try_send(outcome)));
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        self.sender = None;
        self.caller.unpark();
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
    /// The log in force on this thread is in force there, too. Abandoned work stops at its next await and is dropped on the runtime.
    pub fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::sync_channel(1);
        let answer = Answer { sender: Some(sender), caller: thread::current() };
        let _waiting = self.cancel.wake_me();
        let task = runtime()?.spawn(Trace::current().carried(async move { answer.give(work.await) }));
        // The caller itself hears the switch and the clock: the runtime's threads may all be planning or computing,
        // which never yields.
        loop {
            match receiver.try_recv() {
                Ok(outcome) => return outcome,
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => {
                    let text = "the statement failed inside the driver; please report it";
                    return Err(Error::new(ErrorKind::General, text));
                }
            }
            let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if self.cancel.is_cancelled() || left.is_some_and(|left| left.is_zero()) {
                task.abort();
                return Err(self.interruption());
            }
            match left {
                Some(left) => thread::park_timeout(left),
                None => thread::park(),
            }
        }
    }

    fn interruption(&self) -> Error {
        if self.cancel.is_cancelled() {
            Error::new(ErrorKind::Cancelled, "the call was cancelled")
        } else {
            Error::new(ErrorKind::Timeout, "the time-out passed")
                .with_cure("raise the query or login time-out, or ask for fewer rows")
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
    let process = std::process::id();
    let mut known = RUNTIME.lock();
    if let Some((_, runtime)) = known.filter(|(owner, _)| *owner == process) {
        return Ok(runtime);
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_stack_size(STACK)
        .thread_name("pipedrive-odbc")
        .on_thread_start(process::leave_signals)
        .enable_all()
        .build()
        .map_err(|error| Error::new(ErrorKind::General, format!("the driver cannot start its threads: {error}")))?;
    let runtime: &'static Runtime = Box::leak(Box::new(runtime));
    *known = Some((process, runtime));
    Ok(runtime)
}

/// The process that a runtime belongs to, and the runtime.
static RUNTIME: Common<Option<(u32, &Runtime)>> = Common::new(None);

/// Keeps others from making a runtime until the answer is dropped.
pub(crate) fn hold_still() -> Box<dyn Any> {
    Box::new(RUNTIME.lock())
}

/// Calls that can plan or compute at one time. One that was given up keeps its thread until it next waits for something.
const WORKERS: usize = 8;

/// Bytes of stack per thread; `plan` states the depths that fit.
const STACK: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Long enough to tell the end of a call from the end of what keeps the threads busy.
    const BUSY: Duration = Duration::from_secs(3);

    fn occupy_every_worker() {
        let (sender, started) = mpsc::channel();
        for _ in 0..WORKERS {
            let sender = sender.clone();
            runtime().unwrap().spawn(async move {
                sender.send(()).unwrap();
                thread::sleep(BUSY);
            });
        }
        assert_eq!(started.iter().take(WORKERS).count(), WORKERS);
    }

    #[test]
    fn clock_and_switch_are_heard_while_every_thread_is_busy() {
        occupy_every_worker();
        let started = Instant::now();
        let call = Call { deadline: Some(started + Duration::from_millis(100)), ..Call::default() };
        let outcome: Result<()> = call.run(async { Ok(()) });
        assert_eq!(outcome.map_err(|error| error.kind()), Err(ErrorKind::Timeout));
        let call = Call::default();
        let cancel = call.cancel.clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            cancel.cancel();
        });
        let outcome: Result<()> = call.run(async { Ok(()) });
        assert_eq!(outcome.map_err(|error| error.kind()), Err(ErrorKind::Cancelled));
        assert!(started.elapsed() < BUSY, "{:?}", started.elapsed());
    }

    #[test]
    fn a_panic_inside_is_an_error() {
        let outcome: Result<()> = Call::default().run(async { panic!("a fault, made by a test") });
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::General);
        assert!(!error.message().contains("made by a test"), "{error}");
    }

    #[test]
    fn a_switch_that_was_reset_stops_nothing() {
        let call = Call::default();
        call.cancel.cancel();
        call.cancel.reset();
        assert_eq!(call.run(async { Ok(7) }).unwrap(), 7);
    }

    #[test]
    fn a_switch_that_was_ended_stays_off() {
        let call = Call::default();
        call.cancel.end();
        call.cancel.reset();
        let outcome: Result<()> = call.run(std::future::pending());
        assert_eq!(outcome.map_err(|error| error.kind()), Err(ErrorKind::Cancelled));
    }
}
