//! The company's API tokens of a day, as arithmetic: what Pipedrive told, what was sent since, and when a day ends.
//!
//! Pipedrive's word counts: each of its answers tells what the whole company has left. Where answers do not tell, the
//! list price of what this machine's processes send is taken off what was last known. A day begins at midnight UTC,
//! or at the time of day that Pipedrive named when it refused a request until then.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Milliseconds of a day, and of the time from now in which the next one begins.
const DAY_MILLIS: u64 = 86_400_000;
const FURTHEST: u64 = DAY_MILLIS + 2 * 3_600_000;
/// Milliseconds of a minute, by which clocks may differ.
pub(super) const MINUTE: u64 = 60_000;

/// What is known of a company's day. Moments are milliseconds since 1970, 0 for never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Day {
    /// Tokens of a whole day, where an answer told.
    pub(crate) limit: Option<u64>,
    /// Tokens left, as an answer told.
    remaining: Option<u64>,
    /// When it did.
    pub(crate) told_at: u64,
    /// When the request of that answer was sent.
    asked_at: u64,
    /// Tokens that were sent since, by answers that did not tell.
    since: u64,
    /// Tokens at list price that this machine's processes have sent in the day of `counted_at`.
    counted: u64,
    counted_at: u64,
    /// A moment at which a day began or begins.
    resets: u64,
}

/// What one process has sent and not yet written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unwritten {
    /// Tokens sent.
    pub(super) counted: u64,
    /// Those of them that no later answer has told of.
    pub(super) since: u64,
}

impl Day {
    /// Tokens left at `now`; `None` where neither what is left nor the limit was ever told.
    pub(crate) fn left(&self, now: u64) -> Option<u64> {
        match self.remaining {
            Some(remaining) if self.same(self.told_at, now) => Some(remaining.saturating_sub(self.since)),
            // A new day is whole, but for what was sent in it.
            _ => self.limit.map(|limit| limit.saturating_sub(self.counted(now))),
        }
    }

    /// Tokens at list price that this machine's processes have sent in the day of `now`.
    pub(crate) fn counted(&self, now: u64) -> u64 {
        if self.same(self.counted_at, now) { self.counted } else { 0 }
    }

    /// The next moment at which a day begins, if Pipedrive ever named one.
    pub(crate) fn next_reset(&self, now: u64) -> Option<u64> {
        let seconds = (self.number(now) + 1) * DAY + self.start();
        u64::try_from(seconds).ok().filter(|_| self.resets > 0).map(|seconds| seconds * 1000)
    }

    /// An answer of `now` to a request that was sent at `asked` told the limit, what is left, or both; true if what
    /// it told to be left is taken.
    pub(super) fn tell(&mut self, limit: Option<u64>, remaining: Option<u64>, asked: u64, now: u64) -> bool {
        self.limit = limit.or(self.limit);
        // It comes later than the word before, even if the clock was put back a little in between.
        let told = Self { remaining, told_at: now.max(self.word(now)), asked_at: asked, ..*self };
        let taken = remaining.is_some() && self.yields_to(&told, now);
        if taken {
            self.take(&told);
        }
        taken
    }

    /// The host refused a request because the day is spent, and perhaps said when the next one begins.
    pub(super) fn is_spent(&mut self, resets: Option<u64>, now: u64) {
        self.resets = resets.map(|resets| plausible(resets, now)).filter(|resets| *resets > 0).unwrap_or(self.resets);
        self.tell(None, Some(0), now, now);
    }

    /// Tokens were sent, and the answer told what is left or it did not.
    pub(super) fn count(&mut self, tokens: u64, told: bool, now: u64) {
        self.counted = self.counted(now).saturating_add(tokens);
        self.counted_at = now;
        if !told {
            self.since = self.since.saturating_add(tokens);
        }
    }

    /// Adds to what all processes know what one of them knows: of two words the later counts, what was sent adds up.
    pub(super) fn merge(&mut self, own: &Self, unwritten: Unwritten, now: u64) {
        if self.yields_to(own, now) {
            self.take(own);
            self.limit = own.limit.or(self.limit);
        }
        self.limit = self.limit.or(own.limit);
        self.resets = plausible(self.resets, now).max(plausible(own.resets, now));
        if unwritten.counted > 0 {
            self.count(unwritten.counted, true, now);
        }
        self.since = self.since.saturating_add(unwritten.since);
    }

    /// Whether the other one knows a word of Pipedrive that counts more: a later one. Answers may overtake each other,
    /// so of two whose requests were under way at once the lower is the later; within a day tokens only get fewer,
    /// unless the company buys some.
    pub(super) fn yields_to(&self, other: &Self, now: u64) -> bool {
        let (own, new) = (self.word(now), other.word(now));
        if own == 0 || new == 0 || !self.same(own, new) {
            return own < new;
        }
        match other.remaining.cmp(&self.remaining) {
            Ordering::Less => self.asked_at <= new,
            Ordering::Equal => own < new,
            Ordering::Greater => other.asked_at > own,
        }
    }

    const fn take(&mut self, word: &Self) {
        (self.remaining, self.told_at, self.asked_at, self.since) = (word.remaining, word.told_at, word.asked_at, 0);
    }

    /// When Pipedrive's last word came; never, if that would be in the future: the clock was put back.
    const fn word(&self, now: u64) -> u64 {
        if self.told_at > now.saturating_add(MINUTE) { 0 } else { self.told_at }
    }

    fn same(&self, one: u64, other: u64) -> bool {
        self.number(one) == self.number(other)
    }

    /// The running number of the day of a moment.
    fn number(&self, moment: u64) -> i64 {
        (seconds(moment) - self.start()).div_euclid(DAY)
    }

    /// When a day begins, in seconds after midnight UTC.
    fn start(&self) -> i64 {
        seconds(self.resets).rem_euclid(DAY)
    }
}

/// A moment at which a day begins, 0 if it cannot be one: it comes within a day, with two hours for clocks that are
/// changed, or it began the day that is.
const fn plausible(resets: u64, now: u64) -> u64 {
    let past = resets.saturating_add(DAY_MILLIS) <= now;
    if past || resets > now.saturating_add(FURTHEST) { 0 } else { resets }
}

fn seconds(moment: u64) -> i64 {
    i64::try_from(moment / 1000).unwrap_or(i64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noon UTC of some day.
    const NOON: u64 = (20_000 * 86_400 + 43_200) * 1000;
    const HOUR: u64 = 3_600_000;

    fn told(limit: u64, remaining: u64, at: u64) -> Day {
        let mut day = Day::default();
        assert!(day.tell(Some(limit), Some(remaining), at, at));
        day
    }

    #[test]
    fn what_was_told_counts_and_what_was_sent_since_is_taken_off() {
        assert_eq!(Day::default().left(NOON), None);
        let mut day = told(1000, 600, NOON);
        assert_eq!(day.left(NOON), Some(600));
        day.count(10, true, NOON);
        assert_eq!((day.left(NOON), day.counted(NOON)), (Some(600), 10), "the answer told of its own price");
        day.count(20, false, NOON);
        assert_eq!((day.left(NOON), day.counted(NOON)), (Some(580), 30));
        assert!(!day.tell(None, None, NOON, NOON));
        assert_eq!(day.left(NOON), Some(580), "an answer that does not tell changes nothing");
        let before = day;
        day.tell(Some(1000), Some(500), NOON, NOON);
        assert!(before.yields_to(&day, NOON), "a later word of the same millisecond");
        assert_eq!(day.left(NOON), Some(500));
        day.count(u64::MAX, false, NOON);
        assert_eq!(day.left(NOON), Some(0));
    }

    #[test]
    fn a_new_day_is_whole_and_begins_at_midnight_utc() {
        let mut day = told(1000, 5, NOON);
        day.count(100, true, NOON);
        assert_eq!((day.left(NOON + 12 * HOUR - 1), day.counted(NOON + 12 * HOUR - 1)), (Some(5), 100));
        assert_eq!((day.left(NOON + 12 * HOUR), day.counted(NOON + 12 * HOUR)), (Some(1000), 0));
        assert_eq!(day.next_reset(NOON), None, "nobody has named it");
        day.count(30, false, NOON + 13 * HOUR);
        assert_eq!((day.left(NOON + 13 * HOUR), day.counted(NOON + 13 * HOUR)), (Some(970), 30));
        assert_eq!(day.left(NOON - 13 * HOUR), Some(1000), "a clock that was put back");
        let unlimited = Day { limit: None, ..told(1, 5, NOON) };
        assert_eq!(unlimited.left(NOON + 24 * HOUR), None);
    }

    #[test]
    fn a_day_begins_when_pipedrive_said_so() {
        let mut day = told(1000, 5, NOON);
        day.is_spent(Some(NOON + 9 * HOUR), NOON);
        assert_eq!(day.left(NOON), Some(0));
        assert_eq!(day.next_reset(NOON), Some(NOON + 9 * HOUR));
        assert_eq!(day.left(NOON + 9 * HOUR - 1), Some(0));
        assert_eq!(day.left(NOON + 9 * HOUR), Some(1000), "three hours before midnight UTC");
        assert_eq!(day.next_reset(NOON + 9 * HOUR), Some(NOON + 33 * HOUR));
        day.tell(None, Some(700), NOON + 10 * HOUR, NOON + 10 * HOUR);
        assert_eq!(day.left(NOON + 20 * HOUR), Some(700), "past midnight UTC it is the same day");
        day.is_spent(None, NOON + 10 * HOUR);
        assert_eq!(day.next_reset(NOON + 10 * HOUR), Some(NOON + 33 * HOUR), "an answer without it changes nothing");
    }

    #[test]
    fn of_two_processes_the_later_word_counts_and_what_both_sent_adds_up() {
        let mut file = told(1000, 600, NOON);
        file.count(50, true, NOON);
        let own = told(1000, 700, NOON - 5);
        file.merge(&own, Unwritten { counted: 40, since: 30 }, NOON);
        assert_eq!(
            (file.left(NOON), file.counted(NOON)),
            (Some(570), 90),
            "an older word, and 30 that no answer told of"
        );
        let own = told(2000, 400, NOON + 5);
        file.merge(&own, Unwritten { counted: 10, since: 0 }, NOON + 5);
        assert_eq!((file.limit, file.left(NOON + 5), file.counted(NOON + 5)), (Some(2000), Some(400), 100));
        file.merge(&Day::default(), Unwritten::default(), NOON + 5);
        assert_eq!((file.limit, file.left(NOON + 5)), (Some(2000), Some(400)), "who knows nothing changes nothing");
        let ahead = told(1000, 7, NOON + 2 * HOUR);
        file.merge(&ahead, Unwritten::default(), NOON + 5);
        assert_eq!(file.left(NOON + 5), Some(400), "a word from before the clock was put back");
        let next = NOON + 24 * HOUR;
        file.merge(&Day::default(), Unwritten { counted: 7, since: 7 }, next);
        assert_eq!((file.left(next), file.counted(next)), (Some(1993), 7), "counts of another day are gone");
    }

    #[test]
    fn an_answer_that_was_overtaken_does_not_raise_what_is_left() {
        let mut day = told(1000, 600, NOON);
        assert!(day.tell(None, Some(580), NOON + 10, NOON + 30));
        assert!(!day.tell(None, Some(590), NOON + 10, NOON + 40), "sent before the lower word came");
        assert_eq!(day.left(NOON + 40), Some(580));
        assert!(day.tell(None, Some(570), NOON + 5, NOON + 50), "a lower word counts in any case");
        assert!(day.tell(None, Some(900), NOON + 51, NOON + 60), "asked afterwards: somebody bought tokens");
        assert!(day.tell(None, Some(890), NOON + 52, NOON - 500), "the clock was put back a little");
        assert_eq!(day.left(NOON), Some(890));
        let mut file = told(1000, 600, NOON);
        let mut own = told(1000, 650, NOON + 20);
        own.asked_at = NOON - 10;
        file.merge(&own, Unwritten::default(), NOON + 20);
        assert_eq!(file.left(NOON + 20), Some(600), "nor does that of another process");
        own.asked_at = NOON + 1;
        file.merge(&own, Unwritten::default(), NOON + 20);
        assert_eq!(file.left(NOON + 20), Some(650));
    }

    #[test]
    fn a_beginning_that_cannot_be_one_is_dropped() {
        let resets = |told: u64, now: u64| {
            let mut file = Day { resets: told, ..Day::default() };
            file.merge(&Day::default(), Unwritten::default(), now);
            file.next_reset(now)
        };
        assert_eq!(resets(NOON + 26 * HOUR, NOON), Some(NOON + 2 * HOUR));
        assert_eq!(resets(NOON + 27 * HOUR, NOON), None, "too far away");
        assert_eq!(resets(NOON + HOUR, NOON + 24 * HOUR), Some(NOON + 25 * HOUR), "it began the day that is");
        assert_eq!(resets(NOON + HOUR, NOON + 25 * HOUR), None, "that day has ended");
        let mut file = Day { resets: NOON + 400 * HOUR, ..Day::default() };
        file.merge(&Day { resets: NOON + HOUR, ..Day::default() }, Unwritten::default(), NOON);
        assert_eq!(file.next_reset(NOON), Some(NOON + HOUR), "a wrong one gives way to another");
        file.is_spent(Some(NOON + 400 * HOUR), NOON);
        assert_eq!(file.next_reset(NOON), Some(NOON + HOUR));
    }
}
