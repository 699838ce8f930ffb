//! The SQL types of columns and parameters, and the values that come in as parameters.

use std::fmt;

use datafusion::arrow::datatypes::{DataType, TimeUnit};

/// The type of a column or parameter as SQL knows it. Each has exactly one Arrow type in result batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SqlType {
    /// A flag.
    Bit,
    /// 16 bits, signed.
    SmallInt,
    /// 32 bits, signed.
    Integer,
    /// 64 bits, signed.
    BigInt,
    /// An exact number; both counts are decimal digits.
    Decimal {
        /// All digits, 1 to 38.
        precision: u8,
        /// Digits after the point, 0 to `precision`.
        scale: u8,
    },
    /// A binary floating-point number of 64 bits.
    Double,
    /// Text of at most so many characters.
    Varchar(u32),
    /// Text without a bound that is worth naming.
    LongVarchar,
    /// A day.
    Date,
    /// A time of day; what is stored has whole seconds.
    Time,
    /// A moment, in milliseconds.
    Timestamp,
    /// The distance between two moments, in milliseconds.
    IntervalDayToSecond,
}

/// Declared length of text whose real bound is unknown but small: expressions, untyped parameters.
pub const DEFAULT_TEXT: u32 = 255;

impl SqlType {
    /// The Arrow type of this SQL type in every batch that [`crate::Rows`] gives out.
    pub const fn arrow(self) -> DataType {
        match self {
            Self::Bit => DataType::Boolean,
            Self::SmallInt => DataType::Int16,
            Self::Integer => DataType::Int32,
            Self::BigInt => DataType::Int64,
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale.cast_signed()),
            Self::Double => DataType::Float64,
            Self::Varchar(_) | Self::LongVarchar => DataType::Utf8,
            Self::Date => DataType::Date32,
            // As DataFusion has literals and CURRENT_TIME; two kinds of time it would not compare.
            Self::Time => DataType::Time64(TimeUnit::Nanosecond),
            Self::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, None),
            Self::IntervalDayToSecond => DataType::Duration(TimeUnit::Millisecond),
        }
    }
}

impl fmt::Display for SqlType {
    /// The name as SQL writes it, such as `DECIMAL(19,4)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bit => f.write_str("BIT"),
            Self::SmallInt => f.write_str("SMALLINT"),
            Self::Integer => f.write_str("INTEGER"),
            Self::BigInt => f.write_str("BIGINT"),
            Self::Decimal { precision, scale } => write!(f, "DECIMAL({precision},{scale})"),
            Self::Double => f.write_str("DOUBLE"),
            Self::Varchar(length) => write!(f, "VARCHAR({length})"),
            Self::LongVarchar => f.write_str("LONGVARCHAR"),
            Self::Date => f.write_str("DATE"),
            Self::Time => f.write_str("TIME"),
            Self::Timestamp => f.write_str("TIMESTAMP"),
            Self::IntervalDayToSecond => f.write_str("INTERVAL DAY TO SECOND"),
        }
    }
}

/// A column of a result, as an application is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDescription {
    /// The name in the result: the alias, else the declared name, else the text of the expression.
    pub name: String,
    /// Its type.
    pub sql_type: SqlType,
    /// False only where NULL is impossible.
    pub nullable: bool,
    /// The table and column it comes from, when it is a plain column.
    pub base: Option<BaseColumn>,
}

/// Where a plain column comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseColumn {
    /// Schema of the table, such as `crm`.
    pub schema: String,
    /// Name of the table.
    pub table: String,
    /// Declared name of the column.
    pub column: String,
}

/// A parameter marker, as an application is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The type that the statement's text implies; VARCHAR(255) when it implies none.
    pub sql_type: SqlType,
    /// Whether the text implies one. Where not, the value decides.
    pub(crate) implied: bool,
    /// Whether the marker itself is compared, so that 2.0 may stand for 2.
    pub(crate) compared: bool,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A flag.
    Bit(bool),
    /// A whole number.
    BigInt(i64),
    /// An exact number: `unscaled` times ten to the power of minus `scale`.
    Decimal {
        /// All digits as one integer.
        unscaled: i128,
        /// Digits after the point.
        scale: u8,
    },
    /// A binary floating-point number.
    Double(f64),
    /// Text.
    Text(String),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since midnight.
    Time(i32),
    /// Milliseconds since 1970-01-01 00:00:00, in the connection's time zone.
    Timestamp(i64),
}
