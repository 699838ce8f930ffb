//! What can go wrong, by kind. A kind says what an application may do about it; `driver/` gives each its SQLSTATE.

use std::fmt;

/// The result of anything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No token, a refused token, or a secret that must not go to that host.
    SignIn,
    /// The token works, but may not read this.
    Forbidden,
    /// A mandatory property is missing or has a value that cannot be used.
    Property,
    /// The host could not be reached, or the answer was not one of Pipedrive's.
    Network,
    /// The day's budget, the tokens kept in reserve or a statement's own limit is used up.
    Budget,
    /// The Pipedrive account is not open: its trial or subscription is over.
    Account,
    /// A table that does not exist.
    UnknownTable,
    /// A column that does not exist.
    UnknownColumn,
    /// SQL that cannot be read, or is not offered here.
    Syntax,
    /// Correct SQL or an ODBC feature that this version does not offer.
    NotSupported,
    /// A statement nested or chained beyond the stated depth.
    TooComplex,
    /// A text that is no number, date, ... of the type asked for.
    Conversion,
    /// A number or moment outside the range of its type.
    OutOfRange,
    /// A division by zero.
    DivisionByZero,
    /// The number of values differs from the number of parameter markers.
    ParameterCount,
    /// The time-out of the query or the login passed.
    Timeout,
    /// The call was cancelled from another thread.
    Cancelled,
    /// Out of memory, a state file that cannot be used, a fault of this library.
    General,
}

/// An error: its kind and a message that says what happened, with which name or value, and what to do.
///
/// The message is one text. Where what to do is known apart from what happened, it is the cure, and the text ends with it.
/// It never holds a secret, a URL's query or the name of a Rust type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    /// Bytes of the message that say what happened, where a cure stands behind them.
    what: Option<usize>,
}

/// What stands between what happened and what to do.
const BETWEEN: &str = "; ";

impl Error {
    /// An error of `kind`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), what: None }
    }

    /// The same with what to do about it, in words that go on after a semicolon. A cure it has is replaced.
    #[must_use]
    pub fn with_cure(self, cure: impl AsRef<str>) -> Self {
        let what = self.what();
        let message = format!("{what}{BETWEEN}{}", cure.as_ref());
        Self { kind: self.kind, what: Some(what.len()), message }
    }

    /// The same with other words for what happened, made of its own; kind and cure stay.
    #[must_use]
    pub fn reworded(&self, what: impl FnOnce(&str) -> String) -> Self {
        let error = Self::new(self.kind, what(self.what()));
        match self.cure() {
            Some(cure) => error.with_cure(cure),
            None => error,
        }
    }

    /// Its kind.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Its message: what happened, and the cure.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What happened, without the cure.
    pub fn what(&self) -> &str {
        self.what.and_then(|end| self.message.get(..end)).unwrap_or(&self.message)
    }

    /// What to do; `None` for an error that does not say so apart from what happened.
    pub fn cure(&self) -> Option<&str> {
        self.message.get(self.what? + BETWEEN.len()..)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What kind of warning it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WarningKind {
    /// A connection property that is not known.
    UnknownProperty,
    /// Decimals were rounded to the scale of the column.
    FractionRounded,
    /// Anything else worth knowing.
    General,
}

/// Something that did not stop the call but that its author should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Its kind.
    pub kind: WarningKind,
    /// What happened and what to do.
    pub message: String,
}

impl Warning {
    /// A warning of `kind`.
    pub fn new(kind: WarningKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_and_the_cure_are_one_text_and_told_apart() {
        let bare = Error::new(ErrorKind::Network, "it told: a; b");
        assert_eq!((bare.what(), bare.cure()), ("it told: a; b", None));
        let cured = bare.with_cure("set a; or b");
        assert_eq!(cured.to_string(), "it told: a; b; set a; or b");
        assert_eq!((cured.what(), cured.cure()), ("it told: a; b", Some("set a; or b")));
        let other = cured.reworded(|what| format!("{what} (twice)")).with_cure("wait");
        assert_eq!((other.kind(), other.message()), (ErrorKind::Network, "it told: a; b (twice); wait"));
    }
}
