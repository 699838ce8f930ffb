//! Work that may block, on a thread of its own: a keyring waits for its service, a file for its server. A thread that
//! was given up ends by itself, or never; it holds nothing that anybody waits for.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::process::leave_signals;

/// Name of the threads.
const NAME: &str = "pipedrive-odbc-auth";

/// Why there is no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// The time limit passed.
    TimedOut,
    /// The system gave no thread, or the work panicked.
    Failed,
}

/// Runs `work` while the caller waits, `limit` at most.
pub(super) fn run<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Lost> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let work = move || {
        leave_signals();
        drop(sender.try_send(work()));
    };
    thread::Builder::new().name(NAME.to_owned()).spawn(work).map_err(|_| Lost::Failed)?;
    receiver.recv_timeout(limit).map_err(|error| match error {
        RecvTimeoutError::Timeout => Lost::TimedOut,
        RecvTimeoutError::Disconnected => Lost::Failed,
    })
}

/// Runs `work` while a task of the runtime waits, until `deadline` at most.
pub(super) async fn wait<T: Send + 'static>(
    deadline: Option<Instant>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Lost> {
    let (sender, receiver) = oneshot::channel();
    let work = move || {
        leave_signals();
        drop(sender.send(work()));
    };
    thread::Builder::new().name(NAME.to_owned()).spawn(work).map_err(|_| Lost::Failed)?;
    let outcome = match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline.into(), receiver).await.map_err(|_| Lost::TimedOut)?,
        None => receiver.await,
    };
    outcome.map_err(|_| Lost::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    fn stuck() {
        thread::sleep(Duration::from_secs(5));
    }

    #[tokio::test]
    async fn what_does_not_end_is_given_up() {
        let started = Instant::now();
        assert_eq!(run(SHORT, stuck), Err(Lost::TimedOut));
        assert_eq!(wait(Some(started + SHORT * 2), stuck).await, Err(Lost::TimedOut));
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn a_panic_is_an_outcome_too() {
        let fault = || panic!("a fault, made by a test");
        assert_eq!(run::<()>(Duration::from_secs(5), fault), Err(Lost::Failed));
        assert_eq!(wait::<()>(None, fault).await, Err(Lost::Failed));
        assert_eq!((run(Duration::from_secs(5), || 7), wait(None, || 7).await), (Ok(7), Ok(7)));
    }

    /// The clients of keyrings start a runtime of their own, which panics on a thread of another one.
    #[tokio::test]
    async fn the_work_is_on_no_thread_of_the_runtime() {
        assert!(tokio::runtime::Handle::try_current().is_ok());
        assert_eq!(wait(None, || tokio::runtime::Handle::try_current().is_err()).await, Ok(true));
    }
}
