//! Moments and dates: seconds and days since 1970, and their texts.
//!
//! The calendar is computed here, not asked of a library, because a page writes thousands of moments.

use std::fmt;

/// "Now" in the company, 2026-10-01T00:00:00Z, in seconds since 1970: nothing happened later.
pub const REFERENCE: i64 = 1_790_812_800;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// Year, month and day of a day since 1970 (the algorithm is Howard Hinnant's `civil_from_days`).
const fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
}

/// A day since 1970; its text is `2026-04-01`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day(pub(crate) i64);

/// A moment in seconds since 1970; its text is `2026-04-01T22:03:27Z`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(pub(crate) i64);

/// A moment as v1 writes it: `2026-04-01 22:03:27`, UTC without a mark.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OldMoment(pub(crate) i64);

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0);
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}T{}Z", Day(self.0.div_euclid(DAY)), Clock(self.0.rem_euclid(DAY)))
    }
}

impl fmt::Display for OldMoment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", Day(self.0.div_euclid(DAY)), Clock(self.0.rem_euclid(DAY)))
    }
}

/// Seconds since midnight; the text is `22:03:27`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(pub(crate) i64);

impl fmt::Display for Clock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02}:{:02}:{:02}", self.0 / 3_600, self.0 / 60 % 60, self.0 % 60)
    }
}

/// The date of a moment as text, in UTC.
pub(super) fn date_text(moment: i64) -> String {
    Day(moment.div_euclid(DAY)).to_string()
}

#[cfg(test)]
mod tests {
    use super::{DAY, Moment, OldMoment, REFERENCE, date_text};

    #[test]
    fn moments_are_those_of_the_calendar() {
        assert_eq!(Moment(REFERENCE).to_string(), "2026-10-01T00:00:00Z");
        assert_eq!(OldMoment(REFERENCE - 1).to_string(), "2026-09-30 23:59:59");
        for days in (-20_000..40_000).step_by(7) {
            let expected = chrono::DateTime::from_timestamp(days * DAY, 0).unwrap().format("%Y-%m-%d").to_string();
            assert_eq!(date_text(days * DAY), expected);
        }
    }
}
