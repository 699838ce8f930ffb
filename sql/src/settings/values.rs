//! Which value each property has, which source gave it, and the value read as its type.

use std::path::PathBuf;

use super::callback::Callback;
use super::property::{self, Kind, LEAST_SIZE, LONGEST, PROPERTIES, Property};
use super::reserve::Reserve;
use super::time_zone::{self, TimeZone};
use super::{Source, StoreLocation};
use crate::{Error, ErrorKind, Result, Warning, WarningKind};

/// Longest piece of a wrong value or keyword that a message repeats, in characters.
const SHOWN: usize = 60;

/// A value that a source gave.
#[derive(Clone)]
pub(super) struct Given {
    property: &'static Property,
    pub(super) value: String,
    pub(super) source: Source,
}

/// The values in force: of the earliest source, and in it of the first mention.
#[derive(Default)]
pub(super) struct Values {
    given: Vec<Given>,
}

impl Values {
    /// Chooses among the sources. An empty value counts as not given; a keyword that is not known becomes a warning,
    /// which never repeats its value.
    pub(super) fn choose(sources: &[(Source, Vec<(String, String)>)]) -> (Self, Vec<Warning>) {
        let (mut values, mut warnings) = (Self::default(), Vec::new());
        let pairs = sources.iter().flat_map(|(source, pairs)| pairs.iter().map(move |pair| (*source, pair)));
        for (source, (name, value)) in pairs {
            match property::property(name.trim()) {
                None => warnings.push(unknown(name.trim())),
                Some(property) => values.add(property, value.trim(), source),
            }
        }
        (values, warnings)
    }

    fn add(&mut self, property: &'static Property, value: &str, source: Source) {
        if !value.is_empty() && self.given(property.name()).is_none() {
            self.given.push(Given { property, value: value.to_owned(), source });
        }
    }

    /// The value that a source gave.
    pub(super) fn given(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|given| given.property.name() == name)
    }

    /// A number, or the property's default; `None` when it has neither.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>> {
        self.read(name, |text| text.parse().ok())
    }

    /// A flag, or the property's default.
    pub(super) fn flag(&self, name: &str) -> Result<bool> {
        let flag = self.read(name, |text| match text.to_ascii_lowercase().as_str() {
            "on" | "true" | "yes" | "1" => Some(true),
            "off" | "false" | "no" | "0" => Some(false),
            _ => None,
        });
        Ok(flag?.unwrap_or_default())
    }

    /// One of the property's words as it declares them, or its default.
    pub(super) fn choice(&self, name: &str) -> Result<&'static str> {
        let words = match property::property(name).map(Property::kind) {
            Some(Kind::Choice(words)) => words,
            _ => &[],
        };
        let word = self.read(name, |text| words.iter().copied().find(|word| word.eq_ignore_ascii_case(text)));
        Ok(word?.unwrap_or_default())
    }

    /// A folder; `Some(None)` for the word `memory`, `None` when nothing was given.
    pub(super) fn folder(&self, name: &str) -> Result<Option<Option<PathBuf>>> {
        self.read(name, |text| match text {
            memory if memory.eq_ignore_ascii_case("memory") => Some(None),
            path => Some(PathBuf::from(path)).filter(|path| path.is_absolute()).map(Some),
        })
    }

    /// A file's absolute path; `None` when nothing was given.
    pub(super) fn file(&self, name: &str) -> Result<Option<PathBuf>> {
        self.read(name, |text| Some(PathBuf::from(text)).filter(|path| path.is_absolute()))
    }

    /// Where an OAuth sign-in is kept; `None` when nothing was given.
    pub(super) fn store(&self, name: &str) -> Result<Option<StoreLocation>> {
        self.read(name, StoreLocation::read)
    }

    /// The address that a browser comes back to, or the property's default.
    pub(super) fn callback(&self, name: &str) -> Result<Callback> {
        let callback = self.read(name, Callback::read)?;
        callback.ok_or_else(|| Error::new(ErrorKind::Property, format!("{name} has no value")))
    }

    /// A reserve of tokens, or the property's default.
    pub(super) fn reserve(&self, name: &str) -> Result<Reserve> {
        Ok(self.read(name, Reserve::read)?.unwrap_or_default())
    }

    /// A time zone, or the property's default.
    pub(super) fn time_zone(&self, name: &str) -> Result<TimeZone> {
        let zone = self.read(name, TimeZone::read).map_err(|error| match self.given(name) {
            Some(given) => given.wrong(&(expected(Kind::Zone) + &time_zone::suggestion(&given.value))),
            None => error,
        });
        Ok(zone?.unwrap_or_default())
    }

    /// A number of bytes, or the property's default.
    pub(super) fn size(&self, name: &str) -> Result<u64> {
        Ok(self.read(name, bytes)?.unwrap_or(LEAST_SIZE))
    }

    /// What holds for each property that the driver uses, as text; a value that is a secret, or may hold one, as `***`.
    pub(super) fn in_force(&self) -> Vec<(&'static str, String)> {
        let used = PROPERTIES.iter().filter(|property| property.is_used());
        used.filter_map(|property| Some((property.name(), self.shown(property)?))).collect()
    }

    /// The same for one of them; `None` where it has no value.
    pub(super) fn shown(&self, property: &Property) -> Option<String> {
        match self.given(property.name()) {
            Some(given) if given.is_hidden() => Some("***".to_owned()),
            Some(given) => Some(given.value.clone()),
            None => property.default_text().map(str::to_owned),
        }
    }

    /// The values that are not shown.
    pub(super) fn hidden(&self) -> impl Iterator<Item = &str> {
        self.given.iter().filter(|given| given.is_hidden()).map(|given| given.value.as_str())
    }

    /// Reads a value, or the default; `None` from `read`, or a number outside the limits, is a wrong value.
    fn read<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
        let Some(given) = self.given(name) else {
            return Ok(property::property(name).and_then(Property::default_text).and_then(read));
        };
        let allowed = within(given.property.kind(), &given.value);
        read(&given.value).filter(|_| allowed).map(Some).ok_or_else(|| given.wrong(&expected(given.property.kind())))
    }
}

impl Given {
    /// The property's name.
    pub(super) const fn name(&self) -> &'static str {
        self.property.name()
    }

    /// The error of a value that cannot be used.
    pub(super) fn wrong(&self, expected: &str) -> Error {
        let name = self.name();
        let text = if self.is_hidden() {
            format!("the value of {name} cannot be used")
        } else {
            format!("{name}={} cannot be used", shortened(&self.value))
        };
        Error::new(ErrorKind::Property, text).with_cure(expected)
    }

    fn is_hidden(&self) -> bool {
        self.property.hides(&self.value)
    }
}

/// Bytes, of `500000`, `100 KB`, `10MB` or `1GB`; a KB has 1024.
fn bytes(text: &str) -> Option<u64> {
    let upper = text.to_ascii_uppercase();
    let units = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30)];
    let unit = units.iter().find_map(|(unit, factor)| Some((upper.strip_suffix(unit)?, *factor)));
    let (digits, factor) = unit.unwrap_or((&upper, 1));
    digits.trim_end().parse::<u64>().ok()?.checked_mul(factor).filter(|bytes| *bytes >= LEAST_SIZE)
}

fn within(kind: Kind, text: &str) -> bool {
    match (kind, text.parse::<u64>()) {
        (Kind::Number { from, to }, Ok(number)) => (from..=to).contains(&number),
        (Kind::Seconds, Ok(seconds)) => seconds <= LONGEST,
        _ => true,
    }
}

pub(super) fn expected(kind: Kind) -> String {
    match kind {
        Kind::Text => "it takes a text".to_owned(),
        Kind::Flag => "it takes on or off".to_owned(),
        Kind::Number { from, to: u64::MAX } => format!("it takes a whole number from {from}"),
        Kind::Number { from, to } => format!("it takes a whole number from {from} to {to}"),
        Kind::Seconds => format!("it takes a whole number of seconds from 0 to {LONGEST}"),
        Kind::Choice([only]) => format!("it takes {only}"),
        Kind::Choice(words) => format!("it takes one of {}", words.join(", ")),
        Kind::Url => "it takes an address such as https://acme.pipedrive.com".to_owned(),
        Kind::Folder => "it takes the absolute path of a folder, or memory".to_owned(),
        Kind::File => "it takes the absolute path of a file".to_owned(),
        Kind::Size => format!("it takes a number of bytes from {LEAST_SIZE}, such as 500KB, 10MB or 1GB"),
        Kind::Tables => "it takes names of tables separated by commas, such as deals*,persons".to_owned(),
        Kind::Reserve => "it takes a whole number of tokens, or a share of the day's from 0% to 99%".to_owned(),
        Kind::Zone => "it takes UTC, account, or an IANA name such as Europe/Berlin".to_owned(),
        Kind::Callback => {
            "it takes the address that is registered for the application, such as http://localhost:33333".to_owned()
        }
        Kind::Store => "it takes the absolute path of a file, keyring://name or memory://name".to_owned(),
        Kind::Certificate => {
            "it takes the absolute path of a PEM file, PEM text, or a SHA-256 fingerprint (64 hex digits)".to_owned()
        }
        Kind::Host => "it takes a host name or an address such as http://proxy.example.com:8080".to_owned(),
    }
}

fn unknown(name: &str) -> Warning {
    let meant = match property::nearest(name) {
        Some(property) => format!("; did you mean {}?", property.name()),
        None => String::new(),
    };
    let text = format!("'{}' is not a connection property and was ignored{meant}", shortened(name));
    Warning::new(WarningKind::UnknownProperty, text)
}

/// The text without control characters, cut when it is long.
fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().filter(|letter| !letter.is_control()).take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}
