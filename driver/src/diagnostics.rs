//! What can be told to an application: each variant owns its SQLSTATE and its words.
//!
//! `pipedrive-sql` knows no SQLSTATE; [`Diagnostic::sqlstate`] translates its kinds, the only place that does.
//! [SQLSTATEs](https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-a-odbc-error-codes)

use pipedrive_sql::{Error, ErrorKind, Warning, WarningKind};

/// The result of anything that can be told to an application.
pub(crate) type Result<T, E = Diagnostic> = std::result::Result<T, E>;

/// An error or a warning.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Diagnostic {
    /// A warning: text or binary data was cut.
    #[error("the value needs {needed} bytes, the buffer holds {capacity}; it was cut")]
    Truncated {
        /// Bytes of the whole value, without a terminator.
        needed: usize,
        /// Bytes of the buffer.
        capacity: usize,
    },
    /// A warning: digits behind the point, or a time behind a date, were left out.
    #[error("the value {0} was cut to fit the C type; its fraction is lost")]
    FractionTruncated(String),
    /// A warning: an attribute's value was replaced by one that is offered.
    #[error("{attribute} was set to {value} instead")]
    OptionChanged {
        /// The attribute's name.
        attribute: &'static str,
        /// What it is set to.
        value: String,
    },
    /// A warning of the engine.
    #[error("{}", .0.message)]
    Warning(Warning),
    /// NULL came and there is no indicator to say so.
    #[error("the value is NULL, and the column was bound without an indicator")]
    IndicatorRequired,
    /// A number that does not fit the C or SQL type.
    #[error("the value {0} does not fit the type asked for")]
    NumericOutOfRange(String),
    /// A text that is no number, date, ... of the type asked for.
    #[error("the text '{0}' is no value of the type asked for")]
    InvalidCharacterValue(String),
    /// A date, time or timestamp that cannot be.
    #[error("{0} is no valid date, time or timestamp")]
    InvalidDatetime(String),
    /// A moment outside the range of its type.
    #[error("{0} is outside the range of dates and times")]
    DatetimeOverflow(String),
    /// An interval that does not fit its leading field.
    #[error("the interval {0} does not fit the type asked for")]
    IntervalOverflow(String),
    /// Parameter text that is longer than its column size.
    #[error("the text of parameter {parameter} is longer than its column size of {size}")]
    RightTruncated {
        /// Number of the parameter, from 1.
        parameter: usize,
        /// Declared column size.
        size: usize,
    },
    /// Parameter digits that the SQL type named for it does not hold; cut, it would be another value.
    #[error("the value {value} of parameter {parameter} has digits that its SQL type does not hold")]
    FractionLost {
        /// Number of the parameter, from 1.
        parameter: usize,
        /// The value.
        value: String,
    },
    /// SQL_DEFAULT_PARAM where there is no default.
    #[error("parameter {0} asks for a default value, and there is none")]
    DefaultParameter(usize),
    /// A feature of ODBC that is not offered.
    #[error("{0} are not supported")]
    NotSupported(String),
    /// A pair of types between which ODBC converts nothing.
    #[error("{from} cannot be converted to {to}")]
    RestrictedType {
        /// What it is.
        from: String,
        /// What was asked for.
        to: String,
    },
    /// A C type that does not exist.
    #[error("{0} is no C data type")]
    InvalidCType(i16),
    /// A SQL type that does not exist.
    #[error("{0} is no SQL data type")]
    InvalidSqlType(i16),
    /// Text that is not in the encoding of its entry point.
    #[error("the text is not valid {0}")]
    InvalidText(&'static str),
    /// A length that cannot be.
    #[error("{0} is no valid string or buffer length")]
    InvalidLength(isize),
    /// A null pointer where one is not allowed.
    #[error("{0} is a null pointer")]
    NullPointer(&'static str),
    /// Something of the engine.
    #[error("{0}")]
    Engine(Error),
    /// An error while connecting; network trouble has another SQLSTATE then.
    #[error("{0}")]
    Connecting(Error),
}

impl Diagnostic {
    /// The SQLSTATE, in ODBC 3 form.
    pub(crate) const fn sqlstate(&self) -> &'static str {
        match self {
            Self::Truncated { .. } => "01004",
            Self::FractionTruncated(_) => "01S07",
            Self::OptionChanged { .. } => "01S02",
            Self::Warning(warning) => match warning.kind {
                WarningKind::UnknownProperty => "01S00",
                WarningKind::FractionRounded => "01S07",
                WarningKind::General => "01000",
            },
            Self::IndicatorRequired => "22002",
            Self::NumericOutOfRange(_) => "22003",
            Self::InvalidCharacterValue(_) => "22018",
            Self::InvalidDatetime(_) => "22007",
            Self::DatetimeOverflow(_) => "22008",
            Self::IntervalOverflow(_) => "22015",
            Self::RightTruncated { .. } => "22001",
            Self::FractionLost { .. } => "22001",
            Self::DefaultParameter(_) => "07S01",
            Self::NotSupported(_) => "HYC00",
            Self::RestrictedType { .. } => "07006",
            Self::InvalidCType(_) => "HY003",
            Self::InvalidSqlType(_) => "HY004",
            Self::InvalidText(_) => "22018",
            Self::InvalidLength(_) => "HY090",
            Self::NullPointer(_) => "HY009",
            Self::Engine(error) => engine_state(error.kind(), "08S01"),
            Self::Connecting(error) => engine_state(error.kind(), "08001"),
        }
    }
}

const fn engine_state(kind: ErrorKind, network: &'static str) -> &'static str {
    match kind {
        ErrorKind::SignIn => "28000",
        ErrorKind::Forbidden => "42000",
        ErrorKind::Property => "08001",
        ErrorKind::Network => network,
        ErrorKind::Budget | ErrorKind::General => "HY000",
        ErrorKind::UnknownTable => "42S02",
        ErrorKind::UnknownColumn => "42S22",
        ErrorKind::Syntax | ErrorKind::TooComplex => "42000",
        ErrorKind::NotSupported => "HYC00",
        ErrorKind::Conversion => "22018",
        ErrorKind::OutOfRange => "22003",
        ErrorKind::DivisionByZero => "22012",
        ErrorKind::ParameterCount => "07002",
        ErrorKind::Timeout => "HYT00",
        ErrorKind::Cancelled => "HY008",
    }
}
