//! The company's API tokens of a day, as arithmetic: what Pipedrive told, what was sent since, and when a day ends.
//!
//! Pipedrive's word counts: each of its answers tells what the whole company has left. Where answers do not tell, the
//! list price of what this machine's processes send is taken off what was last known. A day begins at midnight UTC,
//! or at the time of day that Pipedrive named when it refused a request until then.

use serde::{Deserialize, Serialize};

/// Seconds of a day.
const DAY: i64 = 86_400;
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

    /// An answer of `now` told the limit, what is left, or both; true if it told what is left.
    pub(super) fn tell(&mut self, limit: Option<u64>, remaining: Option<u64>, now: u64) -> bool {
        self.limit = limit.or(self.limit);
        if remaining.is_some() {
            // Later than the word before, even within the same millisecond.
            (self.remaining, self.told_at, self.since) = (remaining, now.max(self.word(now) + 1), 0);
        }
        remaining.is_some()
    }

    /// The host refused a request because the day is spent, and perhaps said when the next one begins.
    pub(super) fn is_spent(&mut self, resets: Option<u64>, now: u64) {
        self.resets = resets.unwrap_or(self.resets);
        self.tell(None, Some(0), now);
    }

    /// Tokens were sent, and the answer told what is left or it did not.
    pub(super) fn count(&mut self, tokens: u64, told: bool, now: u64) {
        self.counted = self.counted(now).saturating_add(tokens);
        self.counted_at = now;
        if !told {
            self.since = self.since.saturating_add(tokens);
        }
    }

    /// Adds to what all processes know what one of them knows: the later word counts, what was sent adds up.
    pub(super) fn merge(&mut self, own: &Self, unwritten: Unwritten, now: u64) {
        if self.is_older(own, now) {
            (self.remaining, self.told_at, self.since) = (own.remaining, own.told_at, 0);
            self.limit = own.limit.or(self.limit);
        }
        self.limit = self.limit.or(own.limit);
        self.resets = self.resets.max(own.resets);
        if unwritten.counted > 0 {
            self.count(unwritten.counted, true, now);
        }
        self.since = self.since.saturating_add(unwritten.since);
    }

    /// Whether the other one knows a later word of Pipedrive.
    pub(super) fn is_older(&self, other: &Self, now: u64) -> bool {
        self.word(now) < other.word(now)
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
        assert!(day.tell(Some(limit), Some(remaining), at));
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
        assert!(!day.tell(None, None, NOON));
        assert_eq!(day.left(NOON), Some(580), "an answer that does not tell changes nothing");
        let before = day;
        day.tell(Some(1000), Some(500), NOON);
        assert!(before.is_older(&day, NOON), "a later word of the same millisecond");
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
        day.tell(None, Some(700), NOON + 10 * HOUR);
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
}
