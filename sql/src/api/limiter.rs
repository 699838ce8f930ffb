//! Never more requests than Pipedrive allows a token in its burst window.
//!
//! Pipedrive counts a token's requests in a rolling window of two seconds; every answer says how many are allowed
//! (`x-ratelimit-limit`), how many are left (`-remaining`) and the window's length in seconds (`-reset`). Others may
//! use the same token, so both the own count and what is left are kept: a request may go when neither is used up.
//! Before the first answer few go at once. Processes of this machine keep their count together in the state folder
//! (`state/claims.rs`): what they have sent is known, and only what is used beyond that is a stranger's.

use std::collections::VecDeque;
use std::sync::OnceLock;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::state::{self, Claims, Held};

/// Requests at once before the limit is known.
const UNKNOWN: usize = 4;
/// Requests at once, whatever the limit.
const AT_ONCE: usize = 10;
/// The least limit that Pipedrive states: what processes send together before one of them knows theirs.
const LEAST: usize = 20;
/// Limits beyond this are none that Pipedrive states; processes do not write down so much for each other.
const MOST: usize = 1000;
/// The burst window where the host does not tell.
pub(super) const WINDOW: Duration = Duration::from_secs(2);
/// No window that a host tells is taken to be longer.
const LONGEST_WINDOW: Duration = Duration::from_secs(10);
/// Added to the window: the host may count a request later than its answer was seen to end.
const SLACK: Duration = Duration::from_millis(50);
/// How long a request counts for the other processes when its end is never told: its process has died.
const LEASE: Duration = Duration::from_secs(5);
/// Shortest and longest time until a window that processes fill together is looked at again.
const GLANCE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(100));

/// The limiter of one token, shared by the connections that use it.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    state: Mutex<State>,
    changed: Notify,
    claims: OnceLock<Claims>,
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
    /// Requests of other processes in the window when they were last looked at.
    others: usize,
    /// The window is full with those of other processes; it is looked at again then.
    crowded: Option<Instant>,
    /// What each connection allows at once.
    allowed: Vec<usize>,
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
    sent: bool,
}

impl Limiter {
    /// Waits for the right to send a request; an error says for how long the host is left alone.
    pub(super) async fn permit(&self) -> Result<Permit<'_>, Duration> {
        loop {
            // Listened to before the state is read: no change in between is missed.
            let changed = self.changed.notified();
            let verdict = self.state.lock().admit(Instant::now(), self.claims.get());
            match verdict {
                Verdict::Go => return Ok(Permit { limiter: self, sent: false }),
                Verdict::Blocked(time) => return Err(time),
                Verdict::Wait(None) => changed.await,
                Verdict::Wait(Some(moment)) => drop(tokio::time::timeout_at(moment, changed).await),
            }
        }
    }

    /// From here on counts together with the processes that have the same claims; the first ones given stay.
    pub(super) fn share(&self, claims: Claims) {
        drop(self.claims.set(claims));
    }

    /// A connection comes that allows so many requests at once; where connections differ the least counts.
    pub(super) fn join(&self, most: usize) {
        self.state.lock().allowed.push(most);
    }

    /// A connection that allowed so many goes.
    pub(super) fn leave(&self, most: usize) {
        let mut state = self.state.lock();
        if let Some(place) = state.allowed.iter().position(|own| *own == most) {
            state.allowed.swap_remove(place);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Learns from the headers of an answer.
    pub(super) fn learn(&self, told: Told) {
        self.state.lock().learn(told, Instant::now(), self.claims.get());
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

impl Drop for Limiter {
    /// Tells the other processes when the last requests ended.
    fn drop(&mut self) {
        if let Some(claims) = self.claims.get() {
            self.state.lock().look(claims, Instant::now());
        }
    }
}

impl Permit<'_> {
    /// Notes that the request goes to the host: from here on it counts in the window.
    pub(super) const fn sent(&mut self) {
        self.sent = true;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.state.lock();
        if self.sent {
            state.end(Instant::now());
        } else {
            state.give_back(Instant::now(), self.limiter.claims.get());
        }
        drop(state);
        self.limiter.changed.notify_waiters();
    }
}

impl State {
    fn admit(&mut self, now: Instant, claims: Option<&Claims>) -> Verdict {
        if let Some(blocked) = self.blocked.filter(|&until| until > now) {
            return Verdict::Blocked(blocked - now);
        }
        self.forget(now);
        let moments = [self.paused, self.own_limit(), self.told_limit(), self.crowded];
        // With the limit reached by requests under way only, their end is what to wait for.
        let busy = self.in_flight >= self.limit.map_or(UNKNOWN, |limit| limit.max(1)).min(self.at_once());
        match moments.into_iter().flatten().max() {
            Some(moment) => Verdict::Wait(Some(moment)),
            None if busy => Verdict::Wait(None),
            None => match claims.and_then(|claims| self.claim(claims, now)) {
                Some(moment) => Verdict::Wait(Some(moment)),
                None => {
                    self.in_flight += 1;
                    if let Some((left, _)) = &mut self.left {
                        *left = left.saturating_sub(1);
                    }
                    Verdict::Go
                }
            },
        }
    }

    /// A request has ended.
    fn end(&mut self, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.ended.push_back(now);
    }

    /// A request that was admitted was not sent: the other processes need not reckon with it either.
    fn give_back(&mut self, now: Instant, claims: Option<&Claims>) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let Some((left, _)) = &mut self.left {
            *left += 1;
        }
        if let Some(claims) = claims {
            self.look(claims, now);
        }
    }

    fn at_once(&self) -> usize {
        self.allowed.iter().copied().min().unwrap_or(AT_ONCE)
    }

    /// Writes down one more request for the other processes to see, or says when to look again: together they fill
    /// the window.
    fn claim(&mut self, claims: &Claims, now: Instant) -> Option<Instant> {
        if self.limit.is_some_and(|limit| limit > MOST) {
            return None;
        }
        let wall = state::now_millis();
        let wait = claims.exchange(wall, |others| {
            self.hear(others);
            let wait = self.full(others, now, wall);
            (self.held(usize::from(wait.is_none()), now, wall), wait)
        });
        let moment = now + wait.flatten()?.clamp(GLANCE.0, GLANCE.1);
        self.crowded = Some(moment);
        Some(moment)
    }

    /// Reads the claims of the others and renews the own ones.
    fn look(&mut self, claims: &Claims, now: Instant) {
        self.forget(now);
        let wall = state::now_millis();
        claims.exchange(wall, |others| {
            self.hear(others);
            (self.held(0, now, wall), ())
        });
    }

    fn hear(&mut self, others: &Held) {
        self.others = others.until.len();
        self.limit = self.limit.or(others.limit);
    }

    /// How long until there is room beside the requests of the others; `None` when there is.
    fn full(&self, others: &Held, now: Instant, wall: u64) -> Option<Duration> {
        if others.until.is_empty() {
            return None;
        }
        let mut until = self.held(0, now, wall).until;
        until.extend_from_slice(&others.until);
        let most = self.limit.unwrap_or(LEAST).max(1);
        // One more than fit must end before the next one goes.
        let surplus = until.len().checked_sub(most)?;
        until.sort_unstable();
        until.get(surplus).map(|end| Duration::from_millis(end.saturating_sub(wall)))
    }

    /// What this process holds at `now`, which is `wall` for others, with so many requests more.
    fn held(&self, more: usize, now: Instant, wall: u64) -> Held {
        let window = self.window();
        let under_way = wall + millis(LEASE.max(window));
        let ended = self.ended.iter().map(|&ended| wall + millis((ended + window).saturating_duration_since(now)));
        let under_way = std::iter::repeat_n(under_way, self.in_flight + more);
        // Without a limit there may be any number of them; the others need to see no more than fill a window.
        let until = under_way.chain(ended.rev()).take(self.limit.unwrap_or(LEAST).max(1)).collect();
        Held { until, limit: self.limit }
    }

    /// Drops what is past.
    fn forget(&mut self, now: Instant) {
        let window = self.window();
        while self.ended.front().is_some_and(|&ended| ended + window <= now) {
            self.ended.pop_front();
        }
        self.left = self.left.filter(|(_, until)| *until > now);
        self.paused = self.paused.filter(|&until| until > now);
        self.crowded = self.crowded.filter(|&until| until > now);
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

    fn learn(&mut self, told: Told, now: Instant, claims: Option<&Claims>) {
        if let Some(seconds) = told.reset {
            self.window = Some(Duration::from_secs(seconds).clamp(WINDOW, LONGEST_WINDOW));
        }
        if let Some(limit) = told.limit {
            self.limit = usize::try_from(limit).ok();
        }
        self.forget(now);
        let Some(remaining) = told.remaining.map(|remaining| usize::try_from(remaining).unwrap_or(usize::MAX)) else {
            return;
        };
        if self.has_strangers(remaining)
            && let Some(claims) = claims
        {
            // Those may have been other processes of this machine, since the last look.
            self.look(claims, now);
        }
        // Others that are under way may not be counted yet; the answered one still holds its permit.
        let left = remaining.saturating_sub(self.in_flight.saturating_sub(1));
        self.left = self.has_strangers(remaining).then(|| (left, now + self.window()));
    }

    /// Whether more of the window is used than is known of. What is known of is counted until later than the host
    /// counts it, so without strangers the own counts are all that matters.
    fn has_strangers(&self, remaining: usize) -> bool {
        let known = self.in_flight + self.ended.len() + self.others;
        self.limit.is_none_or(|limit| limit.saturating_sub(remaining) > known)
    }

    fn window(&self) -> Duration {
        self.window.unwrap_or(WINDOW) + SLACK
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
