//! Dates, times and timestamps as Pipedrive writes them.

use chrono::{DateTime, NaiveDate};

/// What a text in a date, time or timestamp column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment<T> {
    /// A value.
    Value(T),
    /// One of the ways in which Pipedrive writes "none": empty, or all zeros.
    None,
    /// Neither.
    Bad,
}

impl<T> Moment<T> {
    /// The same with another value.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Moment<U> {
        match self {
            Self::Value(value) => Moment::Value(change(value)),
            Self::None => Moment::None,
            Self::Bad => Moment::Bad,
        }
    }
}

impl<T> From<Option<T>> for Moment<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Bad, Self::Value)
    }
}

/// Days since 1970-01-01 of `2026-04-01`; a time behind it is left out.
pub(super) fn date(text: &str) -> Moment<i32> {
    if is_none(text) {
        return Moment::None;
    }
    let (day, rest) = text.split_at_checked(10).unwrap_or((text, ""));
    let whole = rest.is_empty() || rest.starts_with(['T', ' ']);
    days(day).filter(|_| whole).and_then(|days| i32::try_from(days).ok()).into()
}

/// Milliseconds since 1970-01-01 of `2026-04-01T22:03:27Z`, v1's `2026-04-01 22:03:28`, or a date alone.
pub(super) fn timestamp(text: &str) -> Moment<i64> {
    if is_none(text) {
        return Moment::None;
    }
    plain_timestamp(text)
        .or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.timestamp_millis()))
        .into()
}

/// Seconds since midnight of `22:03` or `22:03:27`.
pub(super) fn time(text: &str) -> Moment<i32> {
    if text.is_empty() {
        return Moment::None;
    }
    seconds(text.trim_end_matches('Z')).and_then(|seconds| i32::try_from(seconds).ok()).into()
}

fn is_none(text: &str) -> bool {
    text.is_empty() || text.starts_with("0000-00-00")
}

/// UTC, with or without a mark, with up to nine digits of a fraction, which is cut to milliseconds.
fn plain_timestamp(text: &str) -> Option<i64> {
    let (day, rest) = text.split_at_checked(10)?;
    let days = days(day)?;
    if rest.is_empty() {
        return Some(days * 86_400_000);
    }
    let clock = rest.strip_prefix(['T', ' '])?;
    let clock = clock.strip_suffix('Z').unwrap_or(clock);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let millis = if fraction.is_empty() { 0 } else { milliseconds(fraction)? };
    Some((days * 86_400 + seconds(clock)?) * 1000 + millis)
}

fn milliseconds(fraction: &str) -> Option<i64> {
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<3}").get(..3)?.parse().ok()
}

fn days(text: &str) -> Option<i64> {
    let (year, month, day) = three(text, '-')?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some(date.to_epoch_days().into())
}

fn seconds(text: &str) -> Option<i64> {
    let (hours, minutes, seconds) = match text.len() {
        5 => three(&format!("{text}:00"), ':')?,
        8 => three(text, ':')?,
        _ => return None,
    };
    (hours < 24 && minutes < 60 && seconds < 60).then(|| i64::from(hours * 3600 + minutes * 60 + seconds))
}

/// Three numbers, the last two of two digits.
fn three(text: &str, separator: char) -> Option<(u32, u32, u32)> {
    let mut parts = text.splitn(3, separator).map(|part| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok()).flatten()
    });
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_of_both_versions_of_the_api() {
        let expected = Moment::Value(1_775_081_007_000);
        for text in
            ["2026-04-01T22:03:27Z", "2026-04-01 22:03:27", "2026-04-01T22:03:27.000Z", "2026-04-02T00:03:27+02:00"]
        {
            assert_eq!(timestamp(text), expected, "{text}");
        }
        assert_eq!(timestamp("2026-04-01T22:03:27.5Z"), Moment::Value(1_775_081_007_500));
        assert_eq!(timestamp("1969-12-31T23:59:59Z"), Moment::Value(-1000));
        assert_eq!(timestamp("2026-04-01"), Moment::Value(1_775_001_600_000));
    }

    #[test]
    fn none_is_written_as_nothing_or_zeros() {
        for text in ["", "0000-00-00", "0000-00-00 00:00:00"] {
            assert_eq!((date(text), timestamp(text)), (Moment::None, Moment::None), "{text}");
        }
        assert_eq!(time(""), Moment::None);
    }

    #[test]
    fn nonsense_is_told_from_none() {
        for text in ["2026-02-30", "soon", "2026-1", "20260401", "2026-04-01X"] {
            assert_eq!((date(text), timestamp(text)), (Moment::Bad, Moment::Bad), "{text}");
        }
        for text in ["24:00", "7:5", "12:61", "12:00:00:00", "1é:00"] {
            assert_eq!(time(text), Moment::Bad, "{text}");
        }
    }

    #[test]
    fn times_with_and_without_seconds() {
        assert_eq!(time("22:03"), Moment::Value(79_380));
        assert_eq!(time("22:03:27"), Moment::Value(79_407));
        assert_eq!(date("2026-04-01"), Moment::Value(20_544));
        assert_eq!(date("2026-04-01T10:00:00Z"), Moment::Value(20_544));
    }
}
