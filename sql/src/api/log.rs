//! What a connection asked of the host, for `sys.requests` and the trace.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

use super::Request;
use super::memory::Kept;
use super::usage::{Counter, Usage};
use crate::trace::{REQUEST, Trace};

/// Requests that are kept; older ones are forgotten.
const KEPT: usize = 1000;

/// One request of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Running number within the connection, from 1.
    pub number: u64,
    /// When it was sent, or would have been, in milliseconds since 1970, UTC.
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
    /// Age of an answer for which nothing was sent, in milliseconds; `None` for a request that was sent.
    pub age: Option<u64>,
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
    usage: Counter,
    /// What the connections of the process have done together.
    shared: Arc<Counter>,
    count: AtomicU64,
    entries: Mutex<VecDeque<LogEntry>>,
    /// A request that was given up ends where no log is in force.
    trace: Trace,
}

impl Log {
    /// The log of a connection that is opened on this thread.
    pub(super) fn of_connection(shared: Arc<Counter>) -> Self {
        Self { trace: Trace::current(), shared, ..Self::default() }
    }

    /// Starts the line of a request. It is written when the line is dropped: also when the call was abandoned.
    pub(super) fn start(&self, request: &Request) -> Line<'_> {
        Line { log: self, entry: self.entry(request), started: Instant::now(), waited: Duration::ZERO, sent_at: None }
    }

    /// Notes a request that was asked for at this moment, and answered by what another one had brought.
    pub(super) fn recall(&self, request: &Request, kept: &Kept, asked: Instant) {
        let entry = LogEntry {
            status: Some(200),
            bytes: u64::try_from(kept.body.len()).unwrap_or(u64::MAX),
            milliseconds: milliseconds(asked.elapsed()),
            age: Some(milliseconds(kept.seen.age())),
            ..self.entry(request)
        };
        self.trace.within(|| tell_recalled(&entry));
        self.count_all(Usage { reused: 1, ..Usage::default() });
        self.keep(entry);
    }

    fn entry(&self, request: &Request) -> LogEntry {
        LogEntry {
            number: self.count.fetch_add(1, Ordering::Relaxed) + 1,
            started_at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, milliseconds).cast_signed(),
            path: request.full_path(),
            query: request.query(),
            status: None,
            attempts: 0,
            tokens: 0,
            bytes: 0,
            milliseconds: 0,
            age: None,
        }
    }

    /// The kept lines by number.
    pub(super) fn entries(&self) -> Vec<LogEntry> {
        let mut entries: Vec<_> = self.entries.lock().iter().cloned().collect();
        entries.sort_by_key(|entry| entry.number);
        entries
    }

    /// The cost of all requests that have ended, forgotten ones included.
    pub(super) fn cost(&self) -> Cost {
        let Usage { requests, tokens, .. } = self.usage();
        Cost { requests, tokens }
    }

    /// The same, and what cost nothing.
    pub(super) fn usage(&self) -> Usage {
        self.usage.usage()
    }

    fn count_all(&self, more: Usage) {
        self.usage.add(more);
        self.shared.add(more);
    }

    fn keep(&self, entry: LogEntry) {
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
    waited: Duration,
    sent_at: Option<(Instant, SystemTime)>,
}

impl Line<'_> {
    /// Notes a wait for the right to send it.
    pub(super) fn waited(&mut self, time: Duration) {
        self.waited += time;
    }

    /// Notes that it is sent, at this list price.
    pub(super) fn sent(&mut self, tokens: u32) {
        self.sent_at = Some((Instant::now(), SystemTime::now()));
        self.entry.attempts += 1;
        self.entry.tokens = self.entry.tokens.saturating_add(tokens);
        self.entry.status = None;
    }

    /// When it was last sent, by two clocks.
    pub(super) const fn sent_at(&self) -> Option<(Instant, SystemTime)> {
        self.sent_at
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

impl Line<'_> {
    fn tell(&self) {
        let LogEntry { path, query, attempts, tokens, bytes, milliseconds, .. } = &self.entry;
        let status = self.entry.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let (mark, query) = (if query.is_empty() { "" } else { "?" }, shown(query));
        let waited = self.waited.as_millis();
        tracing::debug!(
            target: REQUEST,
            "GET {path}{mark}{query}: {status}; tries {attempts}, tokens {tokens}, bytes {bytes}, {milliseconds} ms, \
             {waited} ms of them waiting for the limit"
        );
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if self.entry.attempts == 0 {
            return;
        }
        self.entry.milliseconds = milliseconds(self.started.elapsed());
        self.log.trace.within(|| self.tell());
        let waited = milliseconds(self.waited);
        self.log.count_all(Usage {
            requests: self.entry.attempts.into(),
            tokens: self.entry.tokens.into(),
            reused: 0,
            waits: u64::from(waited > 0),
            waited,
        });
        self.log.keep(self.entry.clone());
    }
}

fn tell_recalled(entry: &LogEntry) {
    let LogEntry { path, query, bytes, age, .. } = entry;
    let (mark, query) = (if query.is_empty() { "" } else { "?" }, shown(query));
    let age = age.unwrap_or_default();
    tracing::debug!(target: REQUEST, "GET {path}{mark}{query}: from memory, {age} ms old; tokens 0, bytes {bytes}");
}

/// Parameters whose values are numbers, moments, keys and words of the API. That of any other may be somebody's data.
const HARMLESS: &[&str] = &[
    "cursor",
    "custom_fields",
    "filter_id",
    "ids",
    "include_fields",
    "include_option_labels",
    "limit",
    "org_id",
    "owner_id",
    "person_id",
    "pipeline_id",
    "sort",
    "sort_by",
    "sort_direction",
    "stage_id",
    "start",
    "status",
    "updated_since",
    "updated_until",
    "deal_id",
    "done",
    "lead_id",
];

/// The parameters of a request, `?` for values that may be data.
fn shown(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if !HARMLESS.contains(&name) => format!("{name}=?"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
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
    fn values_of_unknown_parameters_are_not_shown() {
        assert_eq!(shown("ids=1,2&term=Acme&limit=5&cursor=eyJ9=="), "ids=1,2&term=?&limit=5&cursor=eyJ9==");
        assert_eq!(shown(""), "");
    }

    #[test]
    fn what_was_never_sent_is_not_logged() {
        let log = Log::default();
        drop(log.start(&Request::new("/v2/deals", 10)));
        assert!(log.entries().is_empty());
    }
}
