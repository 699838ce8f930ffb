//! What can be told to an application: each variant owns its SQLSTATE and its words.
//!
//! `pipedrive-sql` knows no SQLSTATE; [`Diagnostic::sqlstate`] translates its kinds, the only place that does.
//! [SQLSTATEs](https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-a-odbc-error-codes)

use std::fmt;
use std::ops::RangeInclusive;

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
    /// SQL_C_DEFAULT for a column whose type a parameter's value changed.
    #[error(
        "a parameter's value made a {found} of the column, which was described as {promised}; name a C type for it instead of SQL_C_DEFAULT"
    )]
    DefaultChanged {
        /// The type before the execution.
        promised: String,
        /// The type of this execution.
        found: String,
    },
    /// A C type that does not exist.
    #[error("{0} is no C data type")]
    InvalidCType(i16),
    /// A SQL type that does not exist.
    #[error("{0} is no SQL data type")]
    InvalidSqlType(i16),
    /// Text with characters that the encoding of narrow text lacks.
    #[error(
        "the text has characters that ISO-8859-1, the charset of this program's locale, does not have; question marks stand \
         for them; fetch it as SQL_C_WCHAR, or start the program with a UTF-8 locale"
    )]
    CharactersReplaced,
    /// Text that is not in the encoding of its entry point.
    #[error("the text is not valid {0}")]
    InvalidText(&'static str),
    /// A length that cannot be.
    #[error("{0} is no valid string or buffer length")]
    InvalidLength(isize),
    /// A null pointer where one is not allowed.
    #[error("{0} is a null pointer")]
    NullPointer(&'static str),
    /// A call that the state of the handle does not allow.
    #[error("{0}")]
    Sequence(&'static str),
    /// A cursor that is open and should not be, or the other way round.
    #[error("{0}")]
    CursorState(&'static str),
    /// A column that the result does not have.
    #[error("there is no column {column}; the result has {count}")]
    ColumnNumber {
        /// The number asked for.
        column: usize,
        /// Columns of the result, bookmarks aside.
        count: usize,
    },
    /// A parameter marker that the statement does not have.
    #[error("there is no parameter {parameter}; the statement has {count} markers")]
    ParameterNumber {
        /// The number asked for.
        parameter: usize,
        /// Markers of the statement.
        count: usize,
    },
    /// A parameter marker without a value.
    #[error("parameter {0} is not bound; call SQLBindParameter for each of the statement's markers")]
    ParameterUnbound(usize),
    /// A kind of parameter that does not exist.
    #[error("{0} is no kind of parameter")]
    ParameterKind(i16),
    /// A descriptor record that does not exist.
    #[error("the descriptor has no record {0}")]
    RecordNumber(i16),
    /// A question about result columns of a statement that has none.
    #[error("the statement has no result set")]
    NoResultSet,
    /// An attribute or option that does not exist, or may not be used so.
    #[error("{0} is no attribute or option that can be used here")]
    AttributeNumber(i32),
    /// An attribute that is only read.
    #[error("{0} can only be read")]
    ReadOnly(&'static str),
    /// A value that an attribute cannot have.
    #[error("{value} is no value of {attribute}")]
    AttributeValue {
        /// The attribute's name.
        attribute: &'static str,
        /// The value that was given.
        value: String,
    },
    /// An attribute that cannot be set at this moment.
    #[error("{0} cannot be set now")]
    CannotSetNow(&'static str),
    /// A feature of ODBC that is not offered.
    #[error("{0} is not offered by this driver")]
    NotOffered(&'static str),
    /// A call that needs a connection.
    #[error("the connection is not open; call SQLConnect or SQLDriverConnect first")]
    NotConnected,
    /// A second connect on one handle.
    #[error("the connection is in use; call SQLDisconnect first, or allocate another one")]
    AlreadyConnected,
    /// A data source that is in no odbc.ini.
    #[error("there is no data source '{0}' in odbc.ini, and the connection string names nothing to connect to")]
    UnknownDataSource(String),
    /// A handle that belongs to the process this one was forked from.
    #[error("the handle was inherited over a fork; allocate an environment and connect in this process")]
    Inherited,
    /// A fault of the driver.
    #[error("the driver failed inside {0}; the statement was closed. Please report what was asked")]
    Panicked(&'static str),
    /// A parameter without a buffer, whose length says that there is a value.
    #[error("parameter {0} has a length, but its buffer is a null pointer; NULL is sent with the length SQL_NULL_DATA")]
    NullParameter(usize),
    /// A kind of handle that there is not, or that the function does not take.
    #[error("{0} is no kind of handle that this function takes")]
    HandleType(i16),
    /// A fetch in a direction that a forward-only cursor does not have.
    #[error("fetch type {0} is not offered: the cursor goes forward only")]
    FetchType(i16),
    /// SQLGetData on a rowset of several rows.
    #[error("{0}")]
    CursorPosition(&'static str),
    /// A descriptor field that does not exist, or not in this descriptor.
    #[error("{0} is no field of this descriptor")]
    DescriptorField(u16),
    /// A change to the description of a result.
    #[error("the description of a result cannot be changed")]
    ImplementationRow,
    /// A question to the description of a statement that was not prepared.
    #[error("the statement was not prepared, so its result is not described")]
    NotPrepared,
    /// A descriptor record whose fields contradict each other.
    #[error("the type of the descriptor record is missing or is no type")]
    InconsistentRecord,
    /// A descriptor that cannot be used for this.
    #[error("an automatically allocated descriptor cannot be used here")]
    AutomaticDescriptor,
    /// An information type that does not exist.
    #[error("{0} is no information type")]
    InfoType(u16),
    /// A driver completion that does not exist.
    #[error("{0} is no driver completion")]
    DriverCompletion(u16),
    /// An option of a catalog function that does not exist.
    #[error("{1} is no {0} of a catalog function")]
    CatalogOption(CatalogOption, u16),
    /// A transaction operation that does not exist.
    #[error("{0} is neither commit nor rollback")]
    TransactionOperation(i16),
    /// A cursor name that cannot be used.
    #[error("'{0}' cannot be the name of a cursor")]
    CursorName(String),
    /// A cursor name that another statement of the connection has.
    #[error("another statement of the connection has a cursor named '{0}'")]
    DuplicateCursorName(String),
    /// Pieces of a value that cannot come in pieces.
    #[error("parameter {0} is neither text nor binary: its value comes in one piece")]
    PiecesNotAllowed(usize),
    /// A piece after or before NULL.
    #[error("parameter {0} was NULL: it has no further pieces")]
    PieceOfNull(usize),
    /// A warning of SQLExtendedFetch: a row could not be given out.
    #[error("row {0} could not be given out")]
    RowFailed(usize),
    /// Something of the engine.
    #[error("{0}")]
    Engine(Error),
    /// An error while connecting; network trouble has another SQLSTATE then.
    #[error("{0}")]
    Connecting(Error),
}

impl Diagnostic {
    /// Whether the message may repeat what stands in a statement, a parameter or a row. What is told while connecting
    /// cannot: there is no statement yet.
    pub(crate) const fn may_quote(&self) -> bool {
        match self {
            Self::Engine(error) => !is_worded_here(error.kind()),
            Self::FractionTruncated(_)
            | Self::OptionChanged { .. }
            | Self::Warning(_)
            | Self::NumericOutOfRange(_)
            | Self::InvalidCharacterValue(_)
            | Self::InvalidDatetime(_)
            | Self::DatetimeOverflow(_)
            | Self::IntervalOverflow(_)
            | Self::FractionLost { .. }
            | Self::NotSupported(_)
            | Self::AttributeValue { .. }
            | Self::CursorName(_)
            | Self::DuplicateCursorName(_) => true,
            _ => false,
        }
    }

    /// The same where a type is used that a descriptor got field by field: only binding knows types that are none; a
    /// fetch or an execution knows that nothing is converted to or from it.
    pub(crate) fn of_use(self) -> Self {
        match self {
            Self::InvalidCType(code) => {
                Self::RestrictedType { from: "values".into(), to: format!("{code}, which is no C data type") }
            }
            Self::InvalidSqlType(code) => {
                Self::RestrictedType { from: "values".into(), to: format!("{code}, which is no SQL data type") }
            }
            other => other,
        }
    }

    /// The SQLSTATE, in ODBC 3 form.
    pub(crate) const fn sqlstate(&self) -> &'static str {
        match self {
            Self::Truncated { .. } => "01004",
            Self::FractionTruncated(_) => "01S07",
            Self::CharactersReplaced => "01000",
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
            Self::RestrictedType { .. } | Self::DefaultChanged { .. } => "07006",
            Self::InvalidCType(_) => "HY003",
            Self::InvalidSqlType(_) => "HY004",
            Self::InvalidText(_) => "22018",
            Self::InvalidLength(_) | Self::NullParameter(_) => "HY090",
            Self::NullPointer(_) => "HY009",
            Self::Sequence(_) => "HY010",
            Self::CursorState(_) => "24000",
            Self::ColumnNumber { .. } | Self::ParameterNumber { .. } | Self::RecordNumber(_) => "07009",
            Self::ParameterUnbound(_) => "07002",
            Self::ParameterKind(_) => "HY105",
            Self::NoResultSet => "07005",
            Self::AttributeNumber(_) | Self::ReadOnly(_) => "HY092",
            Self::AttributeValue { .. } => "HY024",
            Self::CannotSetNow(_) => "HY011",
            Self::NotOffered(_) => "HYC00",
            Self::NotConnected => "08003",
            Self::AlreadyConnected => "08002",
            Self::UnknownDataSource(_) => "IM002",
            Self::Inherited => "08S01",
            Self::Panicked(_) => "HY000",
            Self::HandleType(_) => "HY092",
            Self::FetchType(_) => "HY106",
            Self::CursorPosition(_) => "HY109",
            Self::DescriptorField(_) => "HY091",
            Self::ImplementationRow => "HY016",
            Self::NotPrepared => "HY007",
            Self::InconsistentRecord => "HY021",
            Self::AutomaticDescriptor => "HY017",
            Self::InfoType(_) => "HY096",
            Self::DriverCompletion(_) => "HY110",
            Self::CatalogOption(option, _) => option.sqlstate(),
            Self::TransactionOperation(_) => "HY012",
            Self::CursorName(_) => "34000",
            Self::DuplicateCursorName(_) => "3C000",
            Self::PiecesNotAllowed(_) => "HY019",
            Self::PieceOfNull(_) => "HY020",
            Self::RowFailed(_) => "01S01",
            Self::Engine(error) => engine_state(error.kind(), "08S01", "HY000"),
            Self::Connecting(error) => engine_state(error.kind(), "08001", "08004"),
        }
    }
}

/// An option of SQLStatistics or SQLSpecialColumns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CatalogOption {
    /// Best row identifier or row version.
    Identifier,
    /// How long an identifier must hold.
    Scope,
    /// Whether its columns may be NULL.
    Nullable,
    /// Unique indexes or all.
    Uniqueness,
    /// Whether counts must be exact.
    Accuracy,
}

impl CatalogOption {
    /// # Errors
    /// `Diagnostic::CatalogOption` for a value that is not in the range.
    pub(crate) fn check(self, value: u16, known: RangeInclusive<u16>) -> Result<()> {
        if known.contains(&value) { Ok(()) } else { Err(Diagnostic::CatalogOption(self, value)) }
    }

    const fn sqlstate(self) -> &'static str {
        match self {
            Self::Identifier => "HY097",
            Self::Scope => "HY098",
            Self::Nullable => "HY099",
            Self::Uniqueness => "HY100",
            Self::Accuracy => "HY101",
        }
    }
}

impl fmt::Display for CatalogOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identifier => "identifier type",
            Self::Scope => "scope",
            Self::Nullable => "nullability",
            Self::Uniqueness => "kind of index",
            Self::Accuracy => "accuracy",
        })
    }
}

impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl From<Warning> for Diagnostic {
    fn from(warning: Warning) -> Self {
        Self::Warning(warning)
    }
}

/// Whether errors of this kind have words of this driver only, which name hosts, properties and limits.
const fn is_worded_here(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::SignIn
            | ErrorKind::Property
            | ErrorKind::Network
            | ErrorKind::Budget
            | ErrorKind::Account
            | ErrorKind::Timeout
            | ErrorKind::Cancelled
            | ErrorKind::ParameterCount
            | ErrorKind::DivisionByZero
    )
}

/// The SQLSTATE of an error of the engine. What the host's door says has one while connecting and another one later:
/// `network` for a host that is not reached, `closed` for one that is and turns the account away.
const fn engine_state(kind: ErrorKind, network: &'static str, closed: &'static str) -> &'static str {
    match kind {
        ErrorKind::SignIn => "28000",
        ErrorKind::Forbidden => "42000",
        ErrorKind::Property => "08001",
        ErrorKind::Network => network,
        ErrorKind::Account => closed,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// 08004 belongs to the functions that connect; those that execute have no state for a door that closes later.
    #[test]
    fn an_account_that_is_not_open_rejects_the_connection_and_fails_a_statement() {
        let error = Error::new(ErrorKind::Account, "the account is not open");
        assert_eq!(Diagnostic::Connecting(error.clone()).sqlstate(), "08004");
        assert_eq!(Diagnostic::Engine(error.clone()).sqlstate(), "HY000");
        assert!(!Diagnostic::Engine(error).may_quote(), "its words are this driver's own");
    }
}
