//! From Arrow types to SQL types, and how long the text of an expression may be.

use datafusion::arrow::datatypes::{DataType, Field};

use super::provider::{Described, LENGTH};
use crate::{DEFAULT_TEXT, SqlType};

/// The SQL type under which values of an Arrow type go to the application.
pub(crate) fn sql_type(arrow: &DataType) -> SqlType {
    match arrow {
        DataType::Boolean => SqlType::Bit,
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => SqlType::SmallInt,
        DataType::Int32 | DataType::UInt16 => SqlType::Integer,
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => SqlType::BigInt,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => SqlType::Double,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale) => decimal(*precision, *scale),
        DataType::Decimal256(_, scale) => decimal(38, *scale),
        DataType::Date32 | DataType::Date64 => SqlType::Date,
        DataType::Time32(_) | DataType::Time64(_) => SqlType::Time,
        DataType::Timestamp(..) => SqlType::Timestamp,
        DataType::Duration(_) | DataType::Interval(_) => SqlType::IntervalDayToSecond,
        DataType::Dictionary(_, values) => sql_type(values),
        _ => SqlType::Varchar(DEFAULT_TEXT),
    }
}

/// A negative scale has no place in a descriptor: the number gets the zeros instead.
fn decimal(precision: u8, scale: i8) -> SqlType {
    match u8::try_from(scale) {
        Ok(scale) => SqlType::Decimal { precision, scale },
        Err(_) => SqlType::Decimal { precision: precision.saturating_add(scale.unsigned_abs()).min(38), scale: 0 },
    }
}

/// The type of a result column: declared for a plain column, else implied by the Arrow type and, for text, by the
/// length that a CAST names.
pub(crate) fn column_type(field: &Field) -> SqlType {
    if let Some(column) = Described::of(field) {
        return column.sql_type;
    }
    match (sql_type(field.data_type()), field.metadata().get(LENGTH)) {
        (SqlType::Varchar(_), Some(length)) => length.parse().map_or(SqlType::LongVarchar, SqlType::Varchar),
        (other, _) => other,
    }
}
