//! Dates, times of day and moments: their fields, their text, their structs. Gregorian, for any year.

use chrono::Datelike;

use super::short::Short;

const MILLIS_A_DAY: i64 = 86_400_000;
const SECONDS_A_DAY: i32 = 86_400;
const NANOS_A_MILLI: u32 = 1_000_000;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: u16,
    pub(super) day: u16,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Time {
    pub(super) hour: u16,
    pub(super) minute: u16,
    pub(super) second: u16,
    pub(super) nanos: u32,
}

/// A day and a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) date: Date,
    pub(super) time: Time,
}

/// What a text turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal {
    Date(Date),
    Time(Time),
    Moment(Moment),
}

impl Date {
    /// A date that exists, in the years 0 to 9999, which SQL's types end with.
    pub(super) fn new(year: i64, month: u16, day: u16) -> Option<Self> {
        let known = (0..=9999).contains(&year) && (1..=12).contains(&month);
        (known && (1..=days_of(year, month)).contains(&day)).then_some(Self { year, month, day })
    }

    /// The date so many days after 1970-01-01. After Howard Hinnant, "chrono-compatible low-level date algorithms":
    /// years are counted from March, so that the leap day is a year's last; 400 years are 146,097 days.
    pub(super) fn from_days(days: i64) -> Self {
        let days = days + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        Self { year, month: small(month), day: small(day) }
    }

    /// Days after 1970-01-01.
    pub(super) fn days(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = self.year - i64::from(month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let from_march = if month > 2 { month - 3 } else { month + 9 };
        let of_year = (153 * from_march + 2) / 5 + day - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
    }

    /// The current date of this machine: what a time becomes a moment with.
    pub(super) fn today() -> Self {
        let today = chrono::Local::now().date_naive();
        Self { year: today.year().into(), month: small(today.month().into()), day: small(today.day().into()) }
    }

    pub(super) fn write(self, text: &mut Short) {
        if self.year < 0 {
            text.push(b'-');
        }
        text.push_number(self.year.unsigned_abs().into(), 4);
        text.push(b'-');
        text.push_number(self.month.into(), 2);
        text.push(b'-');
        text.push_number(self.day.into(), 2);
    }
}

impl Time {
    pub(super) fn new(hour: u16, minute: u16, second: u16, nanos: u32) -> Option<Self> {
        let exists = hour < 24 && minute < 60 && second < 60 && nanos < 1_000_000_000;
        exists.then_some(Self { hour, minute, second, nanos })
    }

    /// The time so many seconds after midnight, counted round the clock.
    pub(super) fn from_seconds(seconds: i32) -> Self {
        let seconds = i64::from(seconds.rem_euclid(SECONDS_A_DAY));
        Self { hour: small(seconds / 3600), minute: small(seconds / 60 % 60), second: small(seconds % 60), nanos: 0 }
    }

    pub(super) fn seconds(self) -> i32 {
        i32::from(self.hour) * 3600 + i32::from(self.minute) * 60 + i32::from(self.second)
    }

    /// The fraction is written where it is not zero, without zeros at its end, as psqlODBC does.
    pub(super) fn write(self, text: &mut Short) {
        text.push_number(self.hour.into(), 2);
        text.push(b':');
        text.push_number(self.minute.into(), 2);
        text.push(b':');
        text.push_number(self.second.into(), 2);
        text.push_fraction(self.nanos);
    }
}

impl Moment {
    pub(super) fn from_millis(millis: i64) -> Self {
        let of_day = millis.rem_euclid(MILLIS_A_DAY);
        let seconds = i32::try_from(of_day / 1000).unwrap_or_default();
        let nanos = u32::try_from(of_day % 1000).unwrap_or_default() * NANOS_A_MILLI;
        Self {
            date: Date::from_days(millis.div_euclid(MILLIS_A_DAY)),
            time: Time { nanos, ..Time::from_seconds(seconds) },
        }
    }

    /// Milliseconds after 1970-01-01; `None` for a finer moment, which they do not hold, and beyond 64 bits.
    pub(super) fn millis(self) -> Option<i64> {
        if !self.time.nanos.is_multiple_of(NANOS_A_MILLI) {
            return None;
        }
        let millis = i64::from(self.time.seconds()) * 1000 + i64::from(self.time.nanos / NANOS_A_MILLI);
        self.date.days().checked_mul(MILLIS_A_DAY)?.checked_add(millis)
    }

    pub(super) fn text(self) -> Short {
        let mut text = Short::new();
        self.date.write(&mut text);
        text.push(b' ');
        self.time.write(&mut text);
        text
    }
}

impl Literal {
    pub(super) fn text(self) -> Short {
        let mut text = Short::new();
        match self {
            Self::Date(date) => date.write(&mut text),
            Self::Time(time) => time.write(&mut text),
            Self::Moment(moment) => text = moment.text(),
        }
        text
    }

    /// A date, a time or both, blanks around it left out: `2026-02-28`, `13:30[:00[.5]]`, `2026-02-28 13:30:00` (a `T`
    /// may stand for the blank), or one of them in an ODBC escape; `None` for any other text. A mark of a time zone is
    /// refused: nothing here knows another zone than the connection's.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = unescaped(text.trim());
        if let Some((date, time)) = text.split_once([' ', 'T']) {
            return Some(Self::Moment(Moment { date: parse_date(date)?, time: parse_time(time.trim_start())? }));
        }
        parse_date(text).map(Self::Date).or_else(|| parse_time(text).map(Self::Time))
    }
}

/// The inside of `{d '...'}`, `{t '...'}` or `{ts '...'}`; else the text itself.
fn unescaped(text: &str) -> &str {
    let inside = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let quoted = inside
        .and_then(|text| text.split_once('\''))
        .filter(|(word, _)| ["d", "t", "ts"].iter().any(|known| word.trim().eq_ignore_ascii_case(known)));
    quoted.and_then(|(_, text)| text.trim_end().strip_suffix('\'')).unwrap_or(text)
}

fn parse_date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let year = field(parts.next()?, 4..=4)?;
    Date::new(year.into(), field(parts.next()?, 1..=2)?, field(parts.next()?, 1..=2)?)
}

fn parse_time(text: &str) -> Option<Time> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.splitn(3, ':');
    let (hour, minute) = (field(parts.next()?, 1..=2)?, field(parts.next()?, 2..=2)?);
    let (second, nanos) = match (parts.next(), fraction) {
        (Some(second), None) => (field(second, 2..=2)?, 0),
        (Some(second), Some(fraction)) => (field(second, 2..=2)?, parse_fraction(fraction)?),
        (None, None) => (0, 0),
        (None, Some(_)) => return None,
    };
    Time::new(hour, minute, second, nanos)
}

/// Nanoseconds; more than nine digits are refused rather than cut.
pub(super) fn parse_fraction(digits: &str) -> Option<u32> {
    let padding = 10_u32.checked_pow(u32::try_from(9_usize.checked_sub(digits.len())?).ok()?)?;
    let numeric = digits.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() {
        Some(0)
    } else {
        digits.parse::<u32>().ok().filter(|_| numeric).map(|number| number * padding)
    }
}

fn field(digits: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<u16> {
    let numeric = lengths.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| numeric)
}

fn days_of(year: i64, month: u16) -> u16 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + u16::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A field of a date or time that arithmetic keeps below 100.
fn small(number: i64) -> u16 {
    u16::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_read_as_what_it_is() {
        let date = Date { year: 2024, month: 2, day: 29 };
        let time = Time { hour: 13, minute: 5, second: 9, nanos: 0 };
        let fine = Time { nanos: 120_000_000, ..time };
        for (text, wanted) in [
            (" 2024-02-29 ", Some(Literal::Date(date))),
            ("{d '2024-02-29'}", Some(Literal::Date(date))),
            ("13:05:09", Some(Literal::Time(time))),
            ("13:05:09.12", Some(Literal::Time(fine))),
            ("13:05", Some(Literal::Time(Time { second: 0, ..time }))),
            ("2024-02-29 13:05:09.12", Some(Literal::Moment(Moment { date, time: fine }))),
            ("2024-02-29T13:05:09", Some(Literal::Moment(Moment { date, time }))),
            ("{ts '2024-02-29 13:05:09'}", Some(Literal::Moment(Moment { date, time }))),
            ("2023-02-29", None),
            ("0000-00-00", None),
            ("2024-02-29 25:00:00", None),
            ("2024-02-29T13:05:09Z", None),
            ("13:05:60", None),
            ("13:05:09.1234567891", None),
            ("24-02-29", None),
            ("2024-02-+9", None),
            ("", None),
            ("today", None),
        ] {
            assert_eq!(Literal::parse(text), wanted, "{text}");
        }
    }

    #[test]
    fn the_fraction_shows_only_when_there_is_one() {
        for (millis, text) in [
            (0, "1970-01-01 00:00:00"),
            (-1, "1969-12-31 23:59:59.999"),
            (725_845_555_120, "1992-12-31 23:45:55.12"),
            (i64::MAX, "292278994-08-17 07:12:55.807"),
            (i64::MIN, "-292275055-05-16 16:47:04.192"),
        ] {
            assert_eq!(Moment::from_millis(millis).text().as_str(), text);
        }
    }

    proptest! {
        #[test]
        fn days_agree_with_chrono(days in -90_000_000_i64..90_000_000) {
            let date = Date::from_days(days);
            prop_assert_eq!(date.days(), days);
            let other = chrono::NaiveDate::from_num_days_from_ce_opt(i32::try_from(days + 719_163).unwrap());
            if let Some(other) = other {
                prop_assert_eq!((date.year, u32::from(date.month), u32::from(date.day)), (other.year().into(), other.month(), other.day()));
            }
        }

        #[test]
        fn a_moment_reads_back(millis in -62_167_219_200_000_i64..253_402_300_800_000) {
            let moment = Moment::from_millis(millis);
            prop_assert_eq!(moment.millis(), Some(millis));
            prop_assert_eq!(Literal::parse(moment.text().as_str()), Some(Literal::Moment(moment)));
        }
    }
}
