//! What was asked and what it cost.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;
use serde::Serialize;

/// Counts since the start or the last reset. The sandbox's own endpoints (`/__stats` and the like) do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests that arrived, refused ones included.
    pub requests: u64,
    /// Tokens that were charged, by `x-token-cost`.
    pub tokens: u64,
    /// The most requests that were being answered at one time.
    pub peak_concurrency: u64,
    /// Requests by path, without the query.
    pub by_path: BTreeMap<String, u64>,
}

/// One request. Headers are not kept, and a secret in the query is replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// `GET` and the like.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// As it came, percent signs included; `""` for none.
    pub query: String,
    /// The status of the answer; `None` while there is none, for good if the client went away.
    pub status: Option<u16>,
    /// Tokens that were charged.
    pub tokens: u64,
}

/// Requests that are remembered at most.
const MOST_RECORDS: usize = 100_000;

#[derive(Debug, Default)]
struct State {
    stats: Stats,
    in_flight: u64,
    /// The number of the first record that is kept.
    first: usize,
    records: VecDeque<Recorded>,
}

/// The counters.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    state: Mutex<State>,
}

impl Counters {
    /// Counts a request that arrived; gives its number.
    pub(super) fn arrive(&self, method: &str, path: &str, query: String) -> usize {
        let mut state = self.state.lock();
        state.in_flight += 1;
        state.stats.requests += 1;
        state.stats.peak_concurrency = state.stats.peak_concurrency.max(state.in_flight);
        *state.stats.by_path.entry(path.to_owned()).or_default() += 1;
        if state.records.len() == MOST_RECORDS {
            state.records.pop_front();
            state.first += 1;
        }
        let record = Recorded { method: method.to_owned(), path: path.to_owned(), query, status: None, tokens: 0 };
        state.records.push_back(record);
        state.first + state.records.len() - 1
    }

    /// Notes the answer to a request.
    pub(super) fn answer(&self, number: usize, status: u16, tokens: u64) {
        let mut state = self.state.lock();
        let Some(place) = number.checked_sub(state.first) else { return };
        // The request may have been forgotten by a reset; then its cost belongs to nobody.
        if let Some(record) = state.records.get_mut(place) {
            record.status = Some(status);
            record.tokens = tokens;
            state.stats.tokens += tokens;
        }
    }

    /// A request's last byte was sent, or its client went away.
    pub(super) fn leave(&self) {
        self.state.lock().in_flight -= 1;
    }

    /// The counts so far.
    pub(crate) fn stats(&self) -> Stats {
        self.state.lock().stats.clone()
    }

    /// The requests so far, oldest first.
    pub(crate) fn records(&self) -> Vec<Recorded> {
        self.state.lock().records.iter().cloned().collect()
    }

    /// Begins to count anew, at what is running.
    pub(crate) fn reset(&self) {
        let mut state = self.state.lock();
        state.first += state.records.len();
        state.records.clear();
        state.stats = Stats { peak_concurrency: state.in_flight, ..Stats::default() };
    }
}
