//! What a scan did, for EXPLAIN ANALYZE.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

/// Counts of one scan.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: AtomicU64,
    received: AtomicU64,
    requests: AtomicU64,
    tokens: AtomicU64,
    recalled: AtomicU64,
    microseconds: AtomicU64,
    /// How the scan went about it, where that was decided after it had started.
    decision: Mutex<Option<String>>,
}

impl Tally {
    /// Rows that were given out.
    pub(super) fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Rows that came from the host.
    pub(super) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Calls that were made.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Their list price in API tokens.
    pub(super) fn tokens(&self) -> u64 {
        self.tokens.load(Ordering::Relaxed)
    }

    /// Answers that came from memory, for which no call was made.
    pub(super) fn recalls(&self) -> u64 {
        self.recalled.load(Ordering::Relaxed)
    }

    /// Time that calls took, those at the same time counted each.
    pub(super) fn waited(&self) -> Duration {
        Duration::from_micros(self.microseconds.load(Ordering::Relaxed))
    }

    /// What was decided after the start.
    pub(super) fn decision(&self) -> Option<String> {
        self.decision.lock().clone()
    }

    pub(super) fn gave(&self, rows: usize) {
        self.rows.fetch_add(as_count(rows), Ordering::Relaxed);
    }

    pub(super) fn took(&self, rows: usize) {
        self.received.fetch_add(as_count(rows), Ordering::Relaxed);
    }

    /// Begins a call. It counts when the answer is dropped, also where it was given up.
    pub(super) const fn called(&self, tokens: u32) -> Called<'_> {
        Called { tally: self, tokens }
    }

    pub(super) fn answered(&self, after: Duration) {
        let microseconds = u64::try_from(after.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    pub(super) fn decided(&self, decision: String) {
        *self.decision.lock() = Some(decision);
    }
}

/// A call that is being made.
#[derive(Debug)]
pub(super) struct Called<'a> {
    tally: &'a Tally,
    tokens: u32,
}

impl Called<'_> {
    /// The answer came from memory: there was no call.
    pub(super) fn recalled(self) {
        self.tally.recalled.fetch_add(1, Ordering::Relaxed);
        std::mem::forget(self);
    }
}

impl Drop for Called<'_> {
    fn drop(&mut self) {
        self.tally.requests.fetch_add(1, Ordering::Relaxed);
        self.tally.tokens.fetch_add(self.tokens.into(), Ordering::Relaxed);
    }
}

fn as_count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
