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
    /// The account, the day's budget or a statement's own limit is used up.
    Budget,
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
/// The message never holds a secret, a URL's query or the name of a Rust type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    /// An error of `kind`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Its kind.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Its message.
    pub fn message(&self) -> &str {
        &self.message
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
