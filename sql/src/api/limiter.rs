//! Never more requests than Pipedrive allows a token in its burst window.
//!
//! Pipedrive counts a token's requests in a rolling window of two seconds; every answer says how many are allowed
//! (`x-ratelimit-limit`), how many are left (`-remaining`) and the window's length in seconds (`-reset`). Others may
//! use the same token, so both the own count and what is left are kept: a request may go when neither is used up.
//! Before the first answer few go at once.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Requests at once before the limit is known.
const UNKNOWN: usize = 4;
/// Requests at once, whatever the limit.
const AT_ONCE: usize = 10;
/// The burst window where the host does not tell.
pub(super) const WINDOW: Duration = Duration::from_secs(2);
/// No window that a host tells is taken to be longer.
const LONGEST_WINDOW: Duration = Duration::from_secs(10);
/// Added to the window: the host may count a request later than its answer was seen to end.
const SLACK: Duration = Duration::from_millis(50);

/// The limiter of one token, shared by the connections that use it.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    state: Mutex<State>,
    changed: Notify,
}

/// What the rate headers of an answer said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) limit: Option<u64>,
    pub(super) remaining: Option<u64>,
    /// Seconds.
    pub(super) reset: Option<u64>,
}

#[derive(Debug, Default)]
struct State {
    in_flight: usize,
    /// When own requests of the last window ended: the host counted each before that.
    ended: VecDeque<Instant>,
    window: Option<Duration>,
    limit: Option<usize>,
    /// Requests left as the last answer told, and until when that holds.
    left: Option<(usize, Instant)>,
    /// Nothing goes before this.
    paused: Option<Instant>,
    /// Nothing is even tried before this.
    blocked: Option<Instant>,
}

/// Why a request must wait.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Go,
    /// Until then, or until something changes.
    Wait(Option<Instant>),
    /// The host shut the door; it is not knocked at for so long.
    Blocked(Duration),
}

/// The right to have one request under way. Dropping it gives it back.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    limiter: &'a Limiter,
}

impl Limiter {
    /// Waits for the right to send a request; an error says for how long the host is left alone.
    pub(super) async fn permit(&self) -> Result<Permit<'_>, Duration> {
        loop {
            // Listened to before the state is read: no change in between is missed.
            let changed = self.changed.notified();
            let verdict = self.state.lock().admit(Instant::now());
            match verdict {
                Verdict::Go => return Ok(Permit { limiter: self }),
                Verdict::Blocked(time) => return Err(time),
                Verdict::Wait(None) => changed.await,
                Verdict::Wait(Some(moment)) => drop(tokio::time::timeout_at(moment, changed).await),
            }
        }
    }

    /// Learns from the headers of an answer.
    pub(super) fn learn(&self, told: Told) {
        self.state.lock().learn(told, Instant::now());
        self.changed.notify_waiters();
    }

    /// Requests of a window, as the host told.
    pub(super) fn limit(&self) -> Option<usize> {
        self.state.lock().limit
    }

    /// Sends nothing for a while: the window is used up.
    pub(super) fn pause(&self, time: Duration) {
        let mut state = self.state.lock();
        state.paused = state.paused.max(Some(Instant::now() + time));
    }

    /// Refuses everything for a while: the host shut the door.
    pub(super) fn block(&self, time: Duration) {
        self.state.lock().blocked = Some(Instant::now() + time);
        self.changed.notify_waiters();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.state.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        state.ended.push_back(Instant::now());
        drop(state);
        self.limiter.changed.notify_waiters();
    }
}

impl State {
    fn admit(&mut self, now: Instant) -> Verdict {
        if let Some(blocked) = self.blocked.filter(|&until| until > now) {
            return Verdict::Blocked(blocked - now);
        }
        self.forget(now);
        let moments = [self.paused, self.own_limit(), self.told_limit()];
        // With the limit reached by requests under way only, their end is what to wait for.
        let busy = self.in_flight >= self.limit.map_or(UNKNOWN, |limit| limit.clamp(1, AT_ONCE));
        match moments.into_iter().flatten().max() {
            Some(moment) => Verdict::Wait(Some(moment)),
            None if busy => Verdict::Wait(None),
            None => {
                self.in_flight += 1;
                if let Some((left, _)) = &mut self.left {
                    *left = left.saturating_sub(1);
                }
                Verdict::Go
            }
        }
    }

    /// Drops what is past.
    fn forget(&mut self, now: Instant) {
        let window = self.window();
        while self.ended.front().is_some_and(|&ended| ended + window <= now) {
            self.ended.pop_front();
        }
        self.left = self.left.filter(|(_, until)| *until > now);
        self.paused = self.paused.filter(|&until| until > now);
    }

    /// When the oldest own request leaves the window, if they fill it.
    fn own_limit(&self) -> Option<Instant> {
        let limit = self.limit?.max(1);
        let full = self.in_flight + self.ended.len() >= limit;
        self.ended.front().filter(|_| full).map(|&ended| ended + self.window())
    }

    /// When the window that others fill, too, has passed.
    fn told_limit(&self) -> Option<Instant> {
        self.left.filter(|(left, _)| *left == 0).map(|(_, until)| until)
    }

    fn learn(&mut self, told: Told, now: Instant) {
        if let Some(seconds) = told.reset {
            self.window = Some(Duration::from_secs(seconds).clamp(WINDOW, LONGEST_WINDOW));
        }
        if let Some(limit) = told.limit {
            self.limit = usize::try_from(limit).ok();
        }
        if let Some(remaining) = told.remaining {
            // Others that are under way may not be counted yet; the answered one still holds its permit.
            let others = self.in_flight.saturating_sub(1);
            let left = usize::try_from(remaining).unwrap_or(usize::MAX).saturating_sub(others);
            self.left = Some((left, now + self.window()));
        }
    }

    fn window(&self) -> Duration {
        self.window.unwrap_or(WINDOW) + SLACK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(limit: u64, remaining: u64) -> Told {
        Told { limit: Some(limit), remaining: Some(remaining), reset: Some(2) }
    }

    fn end(state: &mut State, now: Instant) {
        state.in_flight -= 1;
        state.ended.push_back(now);
    }

    #[test]
    fn few_go_at_once_before_the_limit_is_known() {
        let (mut state, now) = (State::default(), Instant::now());
        for _ in 0..UNKNOWN {
            assert_eq!(state.admit(now), Verdict::Go);
        }
        assert_eq!(state.admit(now), Verdict::Wait(None));
        end(&mut state, now);
        assert_eq!(state.admit(now), Verdict::Go);
    }

    #[test]
    fn own_requests_never_fill_more_than_a_rolling_window() {
        let (mut state, start) = (State::default(), Instant::now());
        let (mut now, mut sent) = (start, Vec::<Instant>::new());
        while now < start + Duration::from_secs(20) {
            match state.admit(now) {
                Verdict::Go => {
                    sent.push(now);
                    let within = sent.iter().filter(|&&moment| moment + Duration::from_secs(2) > now).count();
                    assert!(within <= 20, "{within} requests within two seconds");
                    // Answered 30 ms later; the host counts the ones within its window.
                    now += Duration::from_millis(30);
                    state.learn(told(20, 20 - u64::try_from(within).unwrap()), now);
                    end(&mut state, now);
                }
                Verdict::Wait(moment) => now = moment.unwrap(),
                Verdict::Blocked(_) => unreachable!(),
            }
        }
        assert!(sent.len() > 140, "only {} requests in 20 s", sent.len());
    }

    #[test]
    fn what_others_used_up_is_waited_for() {
        let (mut state, now) = (State::default(), Instant::now());
        assert_eq!(state.admit(now), Verdict::Go);
        state.learn(told(20, 0), now);
        end(&mut state, now);
        let Verdict::Wait(Some(moment)) = state.admit(now) else { panic!("it must wait") };
        assert!(moment >= now + WINDOW);
        assert_eq!(state.admit(moment), Verdict::Go);
    }

    #[test]
    fn requests_under_way_count_as_used() {
        let (mut state, now) = (State::default(), Instant::now());
        for _ in 0..3 {
            assert_eq!(state.admit(now), Verdict::Go);
        }
        // Two of the three may not be counted in the 3 that are left: one more may go.
        state.learn(told(20, 3), now);
        end(&mut state, now);
        assert_eq!(state.admit(now), Verdict::Go);
        assert!(matches!(state.admit(now), Verdict::Wait(Some(_))));
    }

    #[test]
    fn a_pause_holds_and_a_closed_door_is_not_knocked_at() {
        let (mut state, now) = (State::default(), Instant::now());
        state.paused = Some(now + WINDOW);
        assert_eq!(state.admit(now), Verdict::Wait(Some(now + WINDOW)));
        assert_eq!(state.admit(now + WINDOW), Verdict::Go);
        state.blocked = Some(now + WINDOW * 3);
        assert_eq!(state.admit(now + WINDOW), Verdict::Blocked(WINDOW * 2));
    }

    #[tokio::test]
    async fn an_abandoned_permit_is_given_back() {
        let limiter = Limiter::default();
        let permits = futures::future::join_all((0..UNKNOWN).map(|_| limiter.permit())).await;
        let waiting = limiter.permit();
        let abandoned = tokio::time::timeout(Duration::from_millis(20), limiter.permit()).await;
        assert!(abandoned.is_err());
        drop(permits);
        waiting.await.unwrap();
    }
}
