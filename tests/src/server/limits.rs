//! The two limits: tokens a day for the company, requests in two seconds for each credential.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::auth::Credential;
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
    /// When requests came, for each [`Credential`].
    windows: [VecDeque<Instant>; 2],
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
    pub(super) fn charge(&self, credential: Credential, tokens: u64) -> Result<(), Refusal> {
        let mut used = self.used.lock();
        let window = used.window(credential);
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

    /// What is left for a credential.
    pub(super) fn left(&self, credential: Credential) -> Left {
        let mut used = self.used.lock();
        let requests = u64::try_from(used.window(credential).len()).unwrap_or(u64::MAX);
        let burst_limit = self.burst.map_or(u64::from(u32::MAX), u64::from);
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
    fn window(&mut self, credential: Credential) -> &mut VecDeque<Instant> {
        let window = &mut self.windows[match credential {
            Credential::Token => 0,
            Credential::Bearer => 1,
        }];
        while window.front().is_some_and(|first| first.elapsed() >= WINDOW) {
            window.pop_front();
        }
        window
    }
}
