//! What connections have done: counted for each of them, and for all of the process that share host and sign-in.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::client::Key;
use crate::process::Common;

/// What was asked for, and what that cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Requests that were sent; one that was tried again counts each time.
    pub(crate) requests: u64,
    /// API tokens by list price.
    pub(crate) tokens: u64,
    /// Answers for which nothing was sent.
    pub(crate) reused: u64,
    /// Requests that had to wait for the right to be sent.
    pub(crate) waits: u64,
    /// How long they did together, in milliseconds.
    pub(crate) waited: u64,
}

/// Counts from zero.
#[derive(Debug, Default)]
pub(super) struct Counter {
    usage: Mutex<Usage>,
}

impl Counter {
    pub(super) fn add(&self, more: Usage) {
        let mut usage = self.usage.lock();
        usage.requests += more.requests;
        usage.tokens += more.tokens;
        usage.reused += more.reused;
        usage.waits += more.waits;
        usage.waited += more.waited;
    }

    pub(super) fn usage(&self) -> Usage {
        *self.usage.lock()
    }
}

/// Those of the process, by what its connections share. They outlive the connections: there are as many as sign-ins.
pub(super) static COUNTERS: Common<BTreeMap<Key, Arc<Counter>>> = Common::new(BTreeMap::new());

/// The counter of the connections that share this key.
pub(super) fn of(key: &Key) -> Arc<Counter> {
    COUNTERS.lock().entry(*key).or_default().clone()
}
