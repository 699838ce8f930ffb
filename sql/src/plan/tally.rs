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

    pub(super) fn called(&self, tokens: u32) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.tokens.fetch_add(tokens.into(), Ordering::Relaxed);
    }

    pub(super) fn answered(&self, after: Duration) {
        let microseconds = u64::try_from(after.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    pub(super) fn decided(&self, decision: String) {
        *self.decision.lock() = Some(decision);
    }
}

fn as_count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
