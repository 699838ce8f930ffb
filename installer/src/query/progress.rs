//! What a terminal shows while a statement takes long: rows, requests, tokens, time.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use pipedrive_sql::Session;

/// Nothing is shown of what ends sooner.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(200);

/// The line, drawn by a thread of its own: a scan may be silent for long. Dropping it takes the line away.
pub(super) struct Progress {
    rows: Arc<AtomicU64>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows a line in a second, if standard error is a terminal and nobody wants it silent.
    pub(super) fn watch(session: Session, silent: bool) -> Self {
        let rows = Arc::new(AtomicU64::new(0));
        if silent || !io::stderr().is_terminal() {
            return Self { rows, stop: None, thread: None };
        }
        let (stop, stopped) = mpsc::channel();
        let counted = rows.clone();
        let thread = thread::spawn(move || {
            if stopped.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let line = line(counted, session);
                // It ends with an error: nothing is ever sent.
                let _ = stopped.recv();
                line.finish_and_clear();
            }
        });
        Self { rows, stop: Some(stop), thread: Some(thread) }
    }

    /// Rows that were written so far.
    pub(super) fn rows(&self, rows: u64) {
        self.rows.store(rows, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stop = None;
        // A thread that panicked drew its last line; the rows are fine.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

fn line(rows: Arc<AtomicU64>, session: Session) -> ProgressBar {
    let told = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
        let cost = session.cost();
        let rows = rows.load(Ordering::Relaxed);
        // Writing into the line's own memory does not fail.
        let _ = write!(out, "{rows} rows, {} requests, {} API tokens", cost.requests, cost.tokens);
    };
    let style = ProgressStyle::with_template("{spinner} {told}, {elapsed} (Ctrl-C stops)");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner()).with_key("told", told);
    let bar = ProgressBar::new_spinner().with_style(style);
    bar.enable_steady_tick(TICK);
    bar
}
