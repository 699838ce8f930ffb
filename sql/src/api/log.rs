//! What a connection asked of the host, for `sys.requests` and the trace.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

use super::Request;

/// Requests that are kept; older ones are forgotten.
const KEPT: usize = 1000;

/// One request of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Running number within the connection, from 1.
    pub number: u64,
    /// When it was sent, in milliseconds since 1970, UTC.
    pub started_at: i64,
    /// Path below the base address.
    pub path: String,
    /// Query parameters, readable; they hold no secret.
    pub query: String,
    /// Last HTTP status; `None` when no answer came.
    pub status: Option<u16>,
    /// How often it was sent.
    pub attempts: u32,
    /// API tokens by list price, of all attempts.
    pub tokens: u32,
    /// Size of the last answer's body, unpacked.
    pub bytes: u64,
    /// From sending to the last byte, waits between attempts included.
    pub milliseconds: u64,
}

/// What a connection has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Requests that were sent; one that was tried again counts each time.
    pub requests: u64,
    /// API tokens by list price.
    pub tokens: u64,
}

/// The last requests of a connection.
#[derive(Debug, Default)]
pub(super) struct Log {
    cost: Mutex<Cost>,
    count: AtomicU64,
    entries: Mutex<VecDeque<LogEntry>>,
}

impl Log {
    /// Starts the line of a request. It is written when the line is dropped: also when the call was abandoned.
    pub(super) fn start(&self, request: &Request) -> Line<'_> {
        let entry = LogEntry {
            number: self.count.fetch_add(1, Ordering::Relaxed) + 1,
            started_at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, milliseconds).cast_signed(),
            path: request.full_path(),
            query: request.query(),
            status: None,
            attempts: 0,
            tokens: 0,
            bytes: 0,
            milliseconds: 0,
        };
        Line { log: self, entry, started: Instant::now() }
    }

    /// The kept lines by number.
    pub(super) fn entries(&self) -> Vec<LogEntry> {
        let mut entries: Vec<_> = self.entries.lock().iter().cloned().collect();
        entries.sort_by_key(|entry| entry.number);
        entries
    }

    /// The cost of all requests that have ended, forgotten ones included.
    pub(super) fn cost(&self) -> Cost {
        *self.cost.lock()
    }

    fn keep(&self, entry: LogEntry) {
        let mut cost = self.cost.lock();
        cost.requests += u64::from(entry.attempts);
        cost.tokens += u64::from(entry.tokens);
        drop(cost);
        let mut entries = self.entries.lock();
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }
}

/// The line of a request that is under way.
#[derive(Debug)]
pub(super) struct Line<'a> {
    log: &'a Log,
    entry: LogEntry,
    started: Instant,
}

impl Line<'_> {
    /// Notes that it is sent, at this list price.
    pub(super) const fn sent(&mut self, tokens: u32) {
        self.entry.attempts += 1;
        self.entry.tokens = self.entry.tokens.saturating_add(tokens);
        self.entry.status = None;
    }

    /// Notes the status of its answer.
    pub(super) const fn answered(&mut self, status: u16) {
        self.entry.status = Some(status);
    }

    /// Notes that Pipedrive turned it away unread.
    pub(super) const fn refund(&mut self, tokens: u32) {
        self.entry.tokens = self.entry.tokens.saturating_sub(tokens);
    }

    /// Notes the size of the body.
    pub(super) fn received(&mut self, bytes: usize) {
        self.entry.bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if self.entry.attempts == 0 {
            return;
        }
        self.entry.milliseconds = milliseconds(self.started.elapsed());
        let LogEntry { path, status, attempts, milliseconds, .. } = &self.entry;
        tracing::debug!(method = "GET", path, status, attempts, milliseconds, "request");
        self.log.keep(self.entry.clone());
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_and_in_order() {
        let (log, request) = (Log::default(), Request::new("/v2/deals", 10));
        let mut first = log.start(&request);
        for _ in 0..KEPT + 5 {
            log.start(&request).sent(10);
        }
        first.sent(10);
        drop(first);
        let entries = log.entries();
        assert_eq!(entries.len(), KEPT);
        assert!(entries.is_sorted_by_key(|entry| entry.number));
        assert_eq!(entries[0].number, 1);
        let sent = u64::try_from(KEPT + 6).unwrap();
        assert_eq!(log.cost(), Cost { requests: sent, tokens: sent * 10 });
    }

    #[test]
    fn what_was_never_sent_is_not_logged() {
        let log = Log::default();
        drop(log.start(&Request::new("/v2/deals", 10)));
        assert!(log.entries().is_empty());
    }
}
