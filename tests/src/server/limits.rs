//! The two limits: tokens a day for the company, requests in two seconds for each token.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::auth::Caller;
use super::refusal::Refusal;
use crate::Config;

/// The rolling window of the burst limit.
const WINDOW: Duration = Duration::from_secs(2);

/// Both limits and what was used of them.
#[derive(Debug)]
pub(super) struct Limits {
    daily: u64,
    burst: Option<u32>,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    tokens: u64,
    /// When requests came; callers that asked nothing of late are not there.
    windows: HashMap<Caller, VecDeque<Instant>>,
}

/// What is left, as the headers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) daily_limit: u64,
    pub(super) daily: u64,
    pub(super) burst_limit: u64,
    pub(super) burst: u64,
}

impl Limits {
    pub(super) fn new(config: &Config) -> Self {
        Self { daily: config.daily_tokens, burst: config.burst, used: Mutex::default() }
    }

    /// Charges a request.
    ///
    /// # Errors
    /// 429 of either kind; then nothing is charged.
    pub(super) fn charge(&self, caller: Caller, tokens: u64) -> Result<(), Refusal> {
        let mut used = self.used.lock();
        let window = used.window(caller);
        if self.burst.is_some_and(|burst| window.len() >= usize::try_from(burst).unwrap_or(usize::MAX)) {
            return Err(Refusal::Burst);
        }
        window.push_back(Instant::now());
        if used.tokens + tokens > self.daily {
            return Err(Refusal::Daily);
        }
        used.tokens += tokens;
        Ok(())
    }

    /// What is left for a caller.
    pub(super) fn left(&self, caller: Caller) -> Left {
        let mut used = self.used.lock();
        let requests = u64::try_from(used.window(caller).len()).unwrap_or(u64::MAX);
        let burst_limit = u64::from(self.burst.unwrap_or(u32::MAX));
        Left {
            daily_limit: self.daily,
            daily: self.daily.saturating_sub(used.tokens),
            burst_limit,
            burst: burst_limit.saturating_sub(requests),
        }
    }
}

impl Used {
    /// The requests of the last two seconds.
    fn window(&mut self, caller: Caller) -> &mut VecDeque<Instant> {
        self.windows.retain(|_, window| window.back().is_some_and(|last| last.elapsed() < WINDOW));
        let window = self.windows.entry(caller).or_default();
        while window.front().is_some_and(|first| first.elapsed() >= WINDOW) {
            window.pop_front();
        }
        window
    }
}
