//! The SQL data types that an application may name for a parameter, by their codes.
//! [SQL Data Types](https://learn.microsoft.com/sql/odbc/reference/appendixes/sql-data-types)

use pipedrive_sql::SqlType;

use super::c_type::CType;
use super::interval::Fields;
use crate::diagnostics::{Diagnostic, Result};

/// A row of the matrix of conversions: types that convert alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Text, of any length and width.
    Character,
    /// Whole numbers of a size; the bounds are those of the signed and the unsigned type together, since nothing tells
    /// which is meant.
    Integer(i128, i128),
    /// Digits and a point.
    Decimal,
    /// Floating point of 32 bits.
    Real,
    /// Floating point of 64 bits.
    Double,
    /// A flag.
    Bit,
    /// Bytes.
    Binary,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A moment.
    Timestamp,
    /// A distance in time.
    Interval(Fields),
    /// A GUID.
    Guid,
}

/// A SQL data type: its code, how it converts, and what SQL_C_DEFAULT means for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct SqlCode {
    code: i16,
    name: &'static str,
    family: Family,
    default: CType,
}

const fn row(code: i16, name: &'static str, family: Family, default: CType) -> SqlCode {
    SqlCode { code, name, family, default }
}

const fn interval(code: i16, name: &'static str, fields: Fields) -> SqlCode {
    row(code, name, Family::Interval(fields), CType::Interval(fields))
}

const TINY: Family = Family::Integer(-0x80, 0xFF);
const SMALL: Family = Family::Integer(-0x8000, 0xFFFF);
const INTEGER: Family = Family::Integer(-0x8000_0000, 0xFFFF_FFFF);
const BIG: Family = Family::Integer(-0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF);

const SQL_TYPES: &[SqlCode] = &[
    row(1, "SQL_CHAR", Family::Character, CType::Char),
    row(12, "SQL_VARCHAR", Family::Character, CType::Char),
    row(-1, "SQL_LONGVARCHAR", Family::Character, CType::Char),
    row(-8, "SQL_WCHAR", Family::Character, CType::WChar),
    row(-9, "SQL_WVARCHAR", Family::Character, CType::WChar),
    row(-10, "SQL_WLONGVARCHAR", Family::Character, CType::WChar),
    row(3, "SQL_DECIMAL", Family::Decimal, CType::Char),
    row(2, "SQL_NUMERIC", Family::Decimal, CType::Char),
    row(-7, "SQL_BIT", Family::Bit, CType::Bit),
    row(-6, "SQL_TINYINT", TINY, CType::STinyInt),
    row(5, "SQL_SMALLINT", SMALL, CType::SShort),
    row(4, "SQL_INTEGER", INTEGER, CType::SLong),
    row(-5, "SQL_BIGINT", BIG, CType::SBigInt),
    row(7, "SQL_REAL", Family::Real, CType::Float),
    row(6, "SQL_FLOAT", Family::Double, CType::Double),
    row(8, "SQL_DOUBLE", Family::Double, CType::Double),
    row(-2, "SQL_BINARY", Family::Binary, CType::Binary),
    row(-3, "SQL_VARBINARY", Family::Binary, CType::Binary),
    row(-4, "SQL_LONGVARBINARY", Family::Binary, CType::Binary),
    row(91, "SQL_TYPE_DATE", Family::Date, CType::Date),
    row(9, "SQL_DATE", Family::Date, CType::Date),
    row(92, "SQL_TYPE_TIME", Family::Time, CType::Time),
    row(10, "SQL_TIME", Family::Time, CType::Time),
    row(93, "SQL_TYPE_TIMESTAMP", Family::Timestamp, CType::Timestamp),
    row(11, "SQL_TIMESTAMP", Family::Timestamp, CType::Timestamp),
    row(-11, "SQL_GUID", Family::Guid, CType::Guid),
    interval(101, "SQL_INTERVAL_YEAR", Fields::YEAR),
    interval(102, "SQL_INTERVAL_MONTH", Fields::MONTH),
    interval(103, "SQL_INTERVAL_DAY", Fields::DAY),
    interval(104, "SQL_INTERVAL_HOUR", Fields::HOUR),
    interval(105, "SQL_INTERVAL_MINUTE", Fields::MINUTE),
    interval(106, "SQL_INTERVAL_SECOND", Fields::SECOND),
    interval(107, "SQL_INTERVAL_YEAR_TO_MONTH", Fields::YEAR_TO_MONTH),
    interval(108, "SQL_INTERVAL_DAY_TO_HOUR", Fields::DAY_TO_HOUR),
    interval(109, "SQL_INTERVAL_DAY_TO_MINUTE", Fields::DAY_TO_MINUTE),
    interval(110, "SQL_INTERVAL_DAY_TO_SECOND", Fields::DAY_TO_SECOND),
    interval(111, "SQL_INTERVAL_HOUR_TO_MINUTE", Fields::HOUR_TO_MINUTE),
    interval(112, "SQL_INTERVAL_HOUR_TO_SECOND", Fields::HOUR_TO_SECOND),
    interval(113, "SQL_INTERVAL_MINUTE_TO_SECOND", Fields::MINUTE_TO_SECOND),
];

impl SqlCode {
    /// The type with this code.
    ///
    /// # Errors
    /// `InvalidSqlType`.
    pub(super) fn new(code: i16) -> Result<Self> {
        SQL_TYPES.iter().find(|row| row.code == code).copied().ok_or(Diagnostic::InvalidSqlType(code))
    }

    pub(super) const fn family(self) -> Family {
        self.family
    }

    pub(super) const fn name(self) -> &'static str {
        self.name
    }

    pub(super) const fn default_c_type(self) -> CType {
        self.default
    }

    /// Whether binary data for it is wide text.
    pub(super) fn is_wide(self) -> bool {
        self.default == CType::WChar
    }
}

impl Family {
    /// The family of a column's type.
    pub(super) const fn of(sql_type: SqlType) -> Self {
        match sql_type {
            SqlType::Bit => Self::Bit,
            SqlType::SmallInt => SMALL,
            SqlType::Integer => INTEGER,
            SqlType::BigInt => BIG,
            SqlType::Decimal { .. } => Self::Decimal,
            SqlType::Double => Self::Double,
            SqlType::Varchar(_) | SqlType::LongVarchar => Self::Character,
            SqlType::Date => Self::Date,
            SqlType::Time => Self::Time,
            SqlType::Timestamp => Self::Timestamp,
            SqlType::IntervalDayToSecond => Self::Interval(Fields::DAY_TO_SECOND),
        }
    }
}
