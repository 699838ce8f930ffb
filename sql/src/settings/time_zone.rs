//! The property `TimeZone`: a zone by name, or the account's.

use super::property::nearest_of;
use crate::zone::Zone;
use crate::{Error, ErrorKind, Result};

/// Which zone timestamps are shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeZone {
    /// This one.
    Named(Zone),
    /// That of the user in Pipedrive, which signing in tells.
    Account,
}

impl Default for TimeZone {
    fn default() -> Self {
        Self::Named(Zone::UTC)
    }
}

impl TimeZone {
    /// The zone that a value names; `None` for a name that no zone has.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("account") {
            return Some(Self::Account);
        }
        Zone::named(text).map(Self::Named)
    }

    /// Whether `account`, what Pipedrive says of the user's zone, is enough to know the zone.
    pub fn is_told_by(self, account: &str) -> bool {
        self != Self::Account || !account.is_empty()
    }

    /// The zone, given the name of the user's zone in Pipedrive.
    ///
    /// # Errors
    /// `Property` when the account's zone is asked for and Pipedrive told none, or one that is not in the zone table.
    pub fn zone(self, account: &str) -> Result<Zone> {
        let zone = match self {
            Self::Named(zone) => Some(zone),
            Self::Account => Zone::named(account),
        };
        zone.ok_or_else(|| {
            let told = if account.is_empty() { "no zone".to_owned() } else { format!("the unknown zone '{account}'") };
            let text = format!("TimeZone=account cannot be used: Pipedrive tells {told} for this user");
            Error::new(ErrorKind::Property, text)
                .with_cure("set TimeZone to UTC or to an IANA name such as Europe/Berlin")
        })
    }
}

/// Which zone was probably meant by a name that is none: one with a slip of the pen, or a place without its region.
pub(super) fn suggestion(value: &str) -> String {
    let value = value.trim().replace(' ', "_");
    let place = |name: &str| name.rsplit('/').next().is_some_and(|place| place.eq_ignore_ascii_case(&value));
    let meant = Zone::names().find(|name| place(name));
    let meant = meant.or_else(|| nearest_of(&value, Zone::names().map(|name| (name, name))));
    meant.map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_asked_only_where_the_property_says_so() {
        let berlin = TimeZone::read("europe/berlin").unwrap();
        assert_eq!(berlin.zone("Asia/Tokyo").unwrap().name(), "Europe/Berlin");
        assert!(berlin.is_told_by(""));
        let account = TimeZone::read("Account").unwrap();
        assert_eq!(account.zone("Asia/Tokyo").unwrap().name(), "Asia/Tokyo");
        assert!(account.is_told_by("Asia/Tokyo") && !account.is_told_by(""));
    }

    #[test]
    fn an_account_without_a_zone_is_an_error_that_says_what_to_set() {
        for (told, part) in [("", "tells no zone"), ("Mars/Olympus", "'Mars/Olympus'")] {
            let error = TimeZone::Account.zone(told).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Property);
            assert!(error.message().contains(part) && error.message().contains("set TimeZone"), "{error}");
        }
    }

    #[test]
    fn what_was_meant_by_a_name_that_is_none() {
        let meant = [
            ("Berlin", "Europe/Berlin"),
            ("new york", "America/New_York"),
            ("Europe/Berln", "Europe/Berlin"),
            ("America/NewYork", "America/New_York"),
        ];
        for (value, name) in meant {
            assert_eq!(suggestion(value), format!("; did you mean {name}?"), "{value}");
        }
        for value in ["+02:00", "Middle Earth", ""] {
            assert_eq!(suggestion(value), "", "{value}");
        }
    }
}
