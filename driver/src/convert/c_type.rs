//! The C data types, by their codes. [C Data Types](https://learn.microsoft.com/sql/odbc/reference/appendixes/c-data-types)

use pipedrive_sql::SqlType;

use super::interval::Fields;
use super::sql_code::SqlCode;
use crate::diagnostics::{Diagnostic, Result};

/// A C data type that a buffer may have. The old forms without a sign (SQL_C_LONG...) are the signed ones here: no
/// type of the engine is unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CType {
    /// SQL_C_CHAR
    Char,
    /// SQL_C_WCHAR
    WChar,
    /// SQL_C_BINARY
    Binary,
    /// SQL_C_BIT: a byte of 0 or 1
    Bit,
    /// SQL_C_STINYINT, SQL_C_TINYINT
    STinyInt,
    /// SQL_C_UTINYINT
    UTinyInt,
    /// SQL_C_SSHORT, SQL_C_SHORT
    SShort,
    /// SQL_C_USHORT
    UShort,
    /// SQL_C_SLONG, SQL_C_LONG: 32 bits
    SLong,
    /// SQL_C_ULONG
    ULong,
    /// SQL_C_SBIGINT
    SBigInt,
    /// SQL_C_UBIGINT
    UBigInt,
    /// SQL_C_FLOAT: 32 bits
    Float,
    /// SQL_C_DOUBLE
    Double,
    /// SQL_C_NUMERIC
    Numeric,
    /// SQL_C_TYPE_DATE, SQL_C_DATE
    Date,
    /// SQL_C_TYPE_TIME, SQL_C_TIME
    Time,
    /// SQL_C_TYPE_TIMESTAMP, SQL_C_TIMESTAMP
    Timestamp,
    /// SQL_C_INTERVAL_*
    Interval(Fields),
    /// SQL_C_GUID
    Guid,
}

/// SQL_C_DEFAULT
const DEFAULT: i16 = 99;

/// Code, type, name; ODBC 2 codes behind their successors.
const C_TYPES: &[(i16, CType, &str)] = &[
    (1, CType::Char, "SQL_C_CHAR"),
    (-8, CType::WChar, "SQL_C_WCHAR"),
    (-2, CType::Binary, "SQL_C_BINARY"),
    (-7, CType::Bit, "SQL_C_BIT"),
    (-26, CType::STinyInt, "SQL_C_STINYINT"),
    (-6, CType::STinyInt, "SQL_C_TINYINT"),
    (-28, CType::UTinyInt, "SQL_C_UTINYINT"),
    (-15, CType::SShort, "SQL_C_SSHORT"),
    (5, CType::SShort, "SQL_C_SHORT"),
    (-17, CType::UShort, "SQL_C_USHORT"),
    (-16, CType::SLong, "SQL_C_SLONG"),
    (4, CType::SLong, "SQL_C_LONG"),
    (-18, CType::ULong, "SQL_C_ULONG"),
    (-25, CType::SBigInt, "SQL_C_SBIGINT"),
    (-27, CType::UBigInt, "SQL_C_UBIGINT"),
    (7, CType::Float, "SQL_C_FLOAT"),
    (8, CType::Double, "SQL_C_DOUBLE"),
    (2, CType::Numeric, "SQL_C_NUMERIC"),
    (91, CType::Date, "SQL_C_TYPE_DATE"),
    (9, CType::Date, "SQL_C_DATE"),
    (92, CType::Time, "SQL_C_TYPE_TIME"),
    (10, CType::Time, "SQL_C_TIME"),
    (93, CType::Timestamp, "SQL_C_TYPE_TIMESTAMP"),
    (11, CType::Timestamp, "SQL_C_TIMESTAMP"),
    (-11, CType::Guid, "SQL_C_GUID"),
    (101, CType::Interval(Fields::YEAR), "SQL_C_INTERVAL_YEAR"),
    (102, CType::Interval(Fields::MONTH), "SQL_C_INTERVAL_MONTH"),
    (103, CType::Interval(Fields::DAY), "SQL_C_INTERVAL_DAY"),
    (104, CType::Interval(Fields::HOUR), "SQL_C_INTERVAL_HOUR"),
    (105, CType::Interval(Fields::MINUTE), "SQL_C_INTERVAL_MINUTE"),
    (106, CType::Interval(Fields::SECOND), "SQL_C_INTERVAL_SECOND"),
    (107, CType::Interval(Fields::YEAR_TO_MONTH), "SQL_C_INTERVAL_YEAR_TO_MONTH"),
    (108, CType::Interval(Fields::DAY_TO_HOUR), "SQL_C_INTERVAL_DAY_TO_HOUR"),
    (109, CType::Interval(Fields::DAY_TO_MINUTE), "SQL_C_INTERVAL_DAY_TO_MINUTE"),
    (110, CType::Interval(Fields::DAY_TO_SECOND), "SQL_C_INTERVAL_DAY_TO_SECOND"),
    (111, CType::Interval(Fields::HOUR_TO_MINUTE), "SQL_C_INTERVAL_HOUR_TO_MINUTE"),
    (112, CType::Interval(Fields::HOUR_TO_SECOND), "SQL_C_INTERVAL_HOUR_TO_SECOND"),
    (113, CType::Interval(Fields::MINUTE_TO_SECOND), "SQL_C_INTERVAL_MINUTE_TO_SECOND"),
];

impl CType {
    /// The type with this code (SQL_C_*), ODBC 2 codes included; SQL_C_DEFAULT becomes the default of `sql_type`.
    ///
    /// # Errors
    /// `InvalidCType`.
    pub(crate) fn resolve(code: i16, sql_type: SqlType) -> Result<Self> {
        if code == DEFAULT { Ok(Self::default_of(sql_type)) } else { Self::with_code(code) }
    }

    /// As [`CType::resolve`], for a parameter, whose SQL type is known by its code.
    ///
    /// # Errors
    /// `InvalidCType`, `InvalidSqlType`.
    pub(crate) fn resolve_parameter(code: i16, sql_type: i16) -> Result<Self> {
        let sql_type = SqlCode::new(sql_type)?;
        if code == DEFAULT { Ok(sql_type.default_c_type()) } else { Self::with_code(code) }
    }

    fn with_code(code: i16) -> Result<Self> {
        let found = C_TYPES.iter().find(|row| row.0 == code);
        found.map(|row| row.1).ok_or(Diagnostic::InvalidCType(code))
    }

    /// What SQL_C_DEFAULT means: the type that needs no conversion. Text is reported as SQL_WVARCHAR, hence SQL_C_WCHAR.
    const fn default_of(sql_type: SqlType) -> Self {
        match sql_type {
            SqlType::Bit => Self::Bit,
            SqlType::SmallInt => Self::SShort,
            SqlType::Integer => Self::SLong,
            // An older page of the reference says text, as ODBC 1 had no 64 bits; its matrix and the drivers of the big
            // databases say this, and an application that asks for the default reserves eight bytes.
            SqlType::BigInt => Self::SBigInt,
            SqlType::Decimal { .. } => Self::Char,
            SqlType::Double => Self::Double,
            SqlType::Varchar(_) | SqlType::LongVarchar => Self::WChar,
            SqlType::Date => Self::Date,
            SqlType::Time => Self::Time,
            SqlType::Timestamp => Self::Timestamp,
            SqlType::IntervalDayToSecond => Self::Interval(Fields::DAY_TO_SECOND),
        }
    }

    /// Bytes of a fixed-length type; `None` for text and binary, whose buffers have a length of their own.
    pub(crate) const fn size(self) -> Option<usize> {
        match self {
            Self::Char | Self::WChar | Self::Binary => None,
            Self::Bit | Self::STinyInt | Self::UTinyInt => Some(1),
            Self::SShort | Self::UShort => Some(2),
            Self::SLong | Self::ULong | Self::Float => Some(4),
            Self::SBigInt | Self::UBigInt | Self::Double => Some(8),
            Self::Date | Self::Time => Some(6),
            Self::Timestamp | Self::Guid => Some(16),
            Self::Numeric => Some(19),
            Self::Interval(_) => Some(28),
        }
    }

    /// Its name, for messages.
    pub(crate) fn name(self) -> &'static str {
        C_TYPES.iter().find(|row| row.1 == self).map_or("SQL_C_DEFAULT", |row| row.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Table;

    #[test]
    fn every_code_and_size_of_the_reference_is_known() {
        let Some(rows) = Table::read("c_types.tsv").map(Table::lines) else { return };
        for row in rows {
            let code: i16 = row["code"].parse().unwrap();
            if matches!(code, 99 | -99) {
                continue;
            }
            let c_type = CType::with_code(code).unwrap();
            assert_eq!(c_type.size(), row["size"].parse().ok(), "{}", row["c_type"]);
            let old = row["odbc2_code"].split(' ').next().and_then(|code| code.parse().ok());
            assert_eq!(old.map_or(Ok(c_type), CType::with_code), Ok(c_type), "{}", row["c_type"]);
        }
    }

    #[test]
    fn codes_are_unique_and_unknown_ones_are_refused() {
        for (at, row) in C_TYPES.iter().enumerate() {
            assert!(C_TYPES[..at].iter().all(|before| before.0 != row.0 && before.2 != row.2), "{row:?}");
        }
        assert_eq!(CType::resolve(77, SqlType::Bit), Err(Diagnostic::InvalidCType(77)));
        assert_eq!(CType::resolve(DEFAULT, SqlType::Varchar(9)), Ok(CType::WChar));
        assert_eq!(CType::resolve_parameter(DEFAULT, 12), Ok(CType::Char));
        assert_eq!(CType::resolve_parameter(DEFAULT, 77), Err(Diagnostic::InvalidSqlType(77)));
    }
}
