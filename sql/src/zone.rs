//! A time zone: local time from UTC, and the UTC bounds of a local time.
//!
//! Moments are milliseconds since 1970-01-01, read as UTC or as the clock on the wall. [`Zone::local`] is what columns
//! show. [`Zone::earliest_utc`] and [`Zone::latest_utc`] turn a bound on local time into one on UTC that keeps every
//! row: where clocks are put back two instants have one local time, and a later instant may have an earlier one; where
//! they are put forward an hour has no instants at all.
//!
//! Offsets are those of the IANA table that `chrono-tz` has. Beyond its last year (2099) the last offset stays: an
//! approximation that both directions share, so that they agree.
//!
//! Knows neither SQL nor Pipedrive.

use chrono::{DateTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

/// A zone of the IANA table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(Tz);

/// A time during which the offset stays the same: from the first instant up to, not including, the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: i64,
    to: i64,
    offset: i64,
}

/// No offset is as large; local times of one instant and UTC are less than this apart.
const DAY: i64 = 24 * HOUR;
/// Clocks are not changed twice within it.
const HOUR: i64 = 3_600_000;

impl Zone {
    /// The zone in which Pipedrive writes.
    pub const UTC: Self = Self(Tz::UTC);

    /// The zone of this IANA name, such as `Europe/Berlin`, matched without case.
    pub fn named(name: &str) -> Option<Self> {
        let exact = name.parse().ok();
        exact.or_else(|| TZ_VARIANTS.into_iter().find(|zone| zone.name().eq_ignore_ascii_case(name))).map(Self)
    }

    /// Names of all zones.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TZ_VARIANTS.into_iter().map(Tz::name)
    }

    /// Its IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The local time at an instant. Both instants of the repeated hour have the same.
    pub fn local(self, utc_millis: i64) -> i64 {
        if self == Self::UTC { utc_millis } else { utc_millis.saturating_add(self.offset(utc_millis)) }
    }

    /// The smallest instant whose local time is `local_millis` or later: every row with such a local time is at or
    /// after it. Between it and the second instant of a repeated hour there are rows with earlier local times.
    pub fn earliest_utc(self, local_millis: i64) -> i64 {
        let Some((from, to)) = around(local_millis) else { return local_millis.saturating_sub(DAY) };
        let reached = |span: &Span| {
            let instant = span.from.max(local_millis - span.offset);
            (instant < span.to).then_some(instant)
        };
        self.spans(from, to).iter().find_map(reached).unwrap_or(from)
    }

    /// The largest instant whose local time is `local_millis` or earlier: every row with such a local time is at or
    /// before it. Between the first instant of a repeated hour and it there are rows with later local times.
    pub fn latest_utc(self, local_millis: i64) -> i64 {
        let Some((from, to)) = around(local_millis) else { return local_millis.saturating_add(DAY) };
        let reached = |span: &Span| {
            let instant = (span.to - 1).min(local_millis - span.offset);
            (instant >= span.from).then_some(instant)
        };
        self.spans(from, to).iter().rev().find_map(reached).unwrap_or(to)
    }

    /// Milliseconds that local time is ahead of UTC at an instant; negative in the west.
    fn offset(self, utc_millis: i64) -> i64 {
        let moment = DateTime::from_timestamp_millis(utc_millis).map(|moment| moment.naive_utc());
        // Beyond the calendar the offset is that of its last day.
        let moment = moment.unwrap_or(if utc_millis < 0 { NaiveDateTime::MIN } else { NaiveDateTime::MAX });
        i64::from(self.0.offset_from_utc_datetime(&moment).fix().local_minus_utc()) * 1000
    }

    /// The spans between two instants, the second one included, in order.
    fn spans(self, from: i64, to: i64) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut at = from;
        while at <= to {
            let end = self.end(at, to);
            spans.push(Span { from: at, to: end, offset: self.offset(at) });
            at = end;
        }
        spans
    }

    /// The first instant after `from` that has another offset, or the one after `to` if there is none until then.
    fn end(self, from: i64, to: i64) -> i64 {
        let mut at = from;
        while at < to {
            let next = (at + HOUR).min(to);
            if self.offset(next) != self.offset(from) {
                return self.change(at, next);
            }
            at = next;
        }
        to + 1
    }

    /// The first instant with another offset than `same`, where `other` has another one.
    fn change(self, mut same: i64, mut other: i64) -> i64 {
        let offset = self.offset(same);
        while other - same > 1 {
            let middle = same + (other - same) / 2;
            if self.offset(middle) == offset { same = middle } else { other = middle }
        }
        other
    }
}

/// The instants that can have this local time, with room to count further; `None` at the end of the numbers.
fn around(local_millis: i64) -> Option<(i64, i64)> {
    let (from, to) = (local_millis.checked_sub(DAY)?, local_millis.checked_add(DAY)?);
    (from > i64::MIN + DAY && to < i64::MAX - DAY).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap_or_else(|| panic!("{name}"))
    }

    fn at(text: &str) -> i64 {
        let text = text.replace('T', " ");
        NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f").unwrap().and_utc().timestamp_millis()
    }

    fn shown(millis: i64) -> String {
        DateTime::from_timestamp_millis(millis).unwrap().format("%Y-%m-%d %H:%M:%S%.f").to_string()
    }

    #[test]
    fn names_are_matched_without_case_and_others_are_none() {
        assert_eq!(zone("europe/BERLIN").name(), "Europe/Berlin");
        assert_eq!(zone("utc"), Zone::UTC);
        assert_eq!(zone("Etc/GMT+5").local(0), -5 * HOUR);
        for name in ["", "Berlin", "Europe/Berlin ", "account", "+02:00"] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
    }

    #[test]
    fn local_times_around_changes_of_the_clock() {
        let cases = [
            ("Europe/Berlin", "2026-03-29 00:59:59", "2026-03-29 01:59:59"),
            ("Europe/Berlin", "2026-03-29 01:00:00", "2026-03-29 03:00:00"),
            ("Europe/Berlin", "2026-10-25 00:30:00", "2026-10-25 02:30:00"),
            ("Europe/Berlin", "2026-10-25 01:30:00", "2026-10-25 02:30:00"),
            ("Europe/Berlin", "2026-10-25 02:00:00", "2026-10-25 03:00:00"),
            ("America/New_York", "2026-03-08 06:59:59.999", "2026-03-08 01:59:59.999"),
            ("America/New_York", "2026-03-08 07:00:00", "2026-03-08 03:00:00"),
            ("America/New_York", "2026-11-01 05:30:00", "2026-11-01 01:30:00"),
            ("America/New_York", "2026-11-01 06:30:00", "2026-11-01 01:30:00"),
            ("Asia/Kolkata", "2026-06-30 18:30:00", "2026-07-01 00:00:00"),
            ("Asia/Kathmandu", "2026-06-30 18:15:00", "2026-07-01 00:00:00"),
            ("Australia/Lord_Howe", "2026-04-04 14:59:59", "2026-04-05 01:59:59"),
            ("Australia/Lord_Howe", "2026-04-04 15:00:00", "2026-04-05 01:30:00"),
            ("Pacific/Apia", "2011-12-30 09:59:59", "2011-12-29 23:59:59"),
            ("Pacific/Apia", "2011-12-30 10:00:00", "2011-12-31 00:00:00"),
        ];
        for (name, utc, local) in cases {
            assert_eq!(shown(zone(name).local(at(utc))), shown(at(local)), "{utc} in {name}");
        }
    }

    /// A local time, the first instant that is there or later, the last that is there or earlier.
    #[test]
    fn bounds_around_changes_of_the_clock() {
        let cases = [
            ("UTC", "2026-03-29 02:30:00", "2026-03-29 02:30:00", "2026-03-29 02:30:00"),
            ("Europe/Berlin", "2026-07-01 12:00:00", "2026-07-01 10:00:00", "2026-07-01 10:00:00"),
            // In the hour that was skipped: what is later begins with the change, what is earlier ends before it.
            ("Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29 01:00:00", "2026-03-29 00:59:59.999"),
            ("Europe/Berlin", "2026-03-29 03:00:00", "2026-03-29 01:00:00", "2026-03-29 01:00:00"),
            // In the hour that came twice.
            ("Europe/Berlin", "2026-10-25 01:59:59", "2026-10-24 23:59:59", "2026-10-24 23:59:59"),
            ("Europe/Berlin", "2026-10-25 02:00:00", "2026-10-25 00:00:00", "2026-10-25 01:00:00"),
            ("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25 00:30:00", "2026-10-25 01:30:00"),
            ("Europe/Berlin", "2026-10-25 03:00:00", "2026-10-25 02:00:00", "2026-10-25 02:00:00"),
            ("America/New_York", "2026-11-01 01:15:00", "2026-11-01 05:15:00", "2026-11-01 06:15:00"),
            ("Asia/Kathmandu", "2026-07-01 00:00:00", "2026-06-30 18:15:00", "2026-06-30 18:15:00"),
            ("Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04 14:45:00", "2026-04-04 15:15:00"),
            // The day that was skipped.
            ("Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30 10:00:00", "2011-12-30 09:59:59.999"),
            ("Europe/Berlin", "9999-12-31 23:59:59", "9999-12-31 22:59:59", "9999-12-31 22:59:59"),
            ("America/New_York", "1601-01-01 00:00:00", "1601-01-01 04:56:02", "1601-01-01 04:56:02"),
        ];
        for (name, local, earliest, latest) in cases {
            let zone = zone(name);
            assert_eq!(shown(zone.earliest_utc(at(local))), shown(at(earliest)), "{name} from {local}");
            assert_eq!(shown(zone.latest_utc(at(local))), shown(at(latest)), "{name} to {local}");
        }
    }

    /// What the search leans on.
    #[test]
    fn no_offset_is_as_large_as_a_day_and_changes_lie_apart() {
        let (from, to) = (at("1840-01-01 00:00:00"), at("2101-01-01 00:00:00"));
        let week = 7 * DAY;
        for zone in TZ_VARIANTS.map(Zone) {
            let (mut start, mut before) = (from, from - week);
            while start < to {
                assert!(zone.offset(start).abs() < DAY, "{}", zone.name());
                if zone.offset(start) != zone.offset(start + week) {
                    let change = zone.change(start, start + week);
                    assert!(change - before > HOUR, "{} {}", zone.name(), shown(change));
                    before = change;
                }
                start += week;
            }
        }
    }

    #[test]
    fn the_ends_of_the_numbers_do_not_overflow() {
        for zone in TZ_VARIANTS.map(Zone) {
            for local in [i64::MIN, i64::MIN + 1, i64::MIN + 2 * DAY, i64::MAX - 2 * DAY, i64::MAX - 1, i64::MAX] {
                assert!(zone.earliest_utc(local) <= zone.latest_utc(local).saturating_add(1), "{}", zone.name());
                keeps_every_row(zone, i64::MAX, local);
                keeps_every_row(zone, i64::MIN, local);
            }
        }
    }

    #[track_caller]
    fn keeps_every_row(zone: Zone, instant: i64, local: i64) {
        let found = zone.local(instant);
        let context = || format!("{}: {instant} is {found}, asked for {local}", zone.name());
        assert!(found < local || instant >= zone.earliest_utc(local), "{}", context());
        assert!(found > local || instant <= zone.latest_utc(local), "{}", context());
    }

    /// Instants of all times, more of them near to changes of the clock.
    fn instants() -> impl Strategy<Value = i64> {
        let changes = [
            "2026-03-29 01:00:00",
            "2026-10-25 01:00:00",
            "2026-03-08 07:00:00",
            "2026-11-01 06:00:00",
            "2026-04-04 15:00:00",
            "2011-12-30 10:00:00",
            "1994-12-31 10:00:00",
            "1867-10-18 12:00:00",
        ];
        let near = (proptest::sample::select(changes.map(at).to_vec()), -2 * DAY..2 * DAY);
        let near = near.prop_map(|(change, distance)| change + distance / 60_000 * 60_000 + distance % 3);
        prop_oneof![
            4 => near,
            2 => at("1840-01-01 00:00:00")..at("2110-01-01 00:00:00"),
            1 => at("1601-01-01 00:00:00")..at("9999-12-31 23:59:59"),
            1 => any::<i64>(),
        ]
    }

    /// Zones of all kinds, more of those with a name in the tests above.
    fn zones() -> impl Strategy<Value = Zone> {
        let known = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Juneau"];
        prop_oneof![
            proptest::sample::select(known.map(zone).to_vec()),
            proptest::sample::select(TZ_VARIANTS.map(Zone).to_vec()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn bounds_keep_every_row(
            zone in zones(),
            instant in instants(),
            other in instants(),
            distance in -2 * DAY..2 * DAY,
        ) {
            keeps_every_row(zone, instant, other);
            keeps_every_row(zone, instant, zone.local(instant));
            keeps_every_row(zone, instant, zone.local(instant).saturating_add(distance));
            keeps_every_row(zone, instant, zone.local(instant).saturating_add(distance % HOUR));
        }

        /// They are not wider than need be: the instant that they name has such a local time.
        #[test]
        fn bounds_are_reached(zone in zones(), local in at("1601-01-01 00:00:00")..at("9999-12-31 23:59:59")) {
            prop_assert!(zone.local(zone.earliest_utc(local)) >= local);
            prop_assert!(zone.local(zone.latest_utc(local)) <= local);
        }
    }
}
