//! The time by which codes and tokens die: this machine's, and as much more as a test has let pass.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A clock that can be moved forward.
#[derive(Debug, Default)]
pub(in crate::server) struct Clock {
    ahead: AtomicI64,
}

impl Clock {
    /// Seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        chrono::Utc::now().timestamp().saturating_add(self.ahead())
    }

    /// Seconds by which it is ahead of this machine.
    pub(in crate::server) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// Lets time pass, in whole seconds, without waiting.
    pub(super) fn advance(&self, by: Duration) {
        // A test that goes beyond the year 10,000 stays there.
        const MOST: i64 = 250_000_000_000;
        let by = i64::try_from(by.as_secs()).unwrap_or(MOST);
        let later = |ahead: i64| Some(ahead.saturating_add(by).min(MOST));
        // It gives an error only where there is no new value.
        let _ = self.ahead.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Clock;

    #[test]
    fn time_passes_without_waiting() {
        let clock = Clock::default();
        let before = clock.now();
        clock.advance(Duration::from_secs(3_600));
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.ahead(), 3_660);
        assert!((3_660..3_670).contains(&(clock.now() - before)));
        clock.advance(Duration::MAX);
        assert!(clock.now() > before);
    }
}
