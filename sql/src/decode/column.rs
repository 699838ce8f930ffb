//! The Arrow arrays under construction.

use std::ops::Range;
use std::sync::Arc;

use crate::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder, StringBuilder,
    Time64NanosecondBuilder, TimestampMillisecondBuilder,
};
use crate::arrow::datatypes::DataType;
use crate::model::Reading;
use crate::zone::Zone;

/// The value of one column in the row that is being read. Text stands in the row's scratch.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Cell {
    #[default]
    Null,
    Bit(bool),
    Integer(i64),
    /// Ten-thousandths.
    Money(i128),
    Double(f64),
    /// Days, seconds or milliseconds, as the column counts.
    Text(Range<usize>),
}

/// One array under construction.
#[derive(Debug)]
pub(super) enum Builder {
    Bit(BooleanBuilder),
    Integer(Int64Builder),
    Money(Decimal128Builder),
    Double(Float64Builder),
    Date(Date32Builder),
    Time(Time64NanosecondBuilder),
    /// Cells hold UTC, the array local times of the zone.
    Timestamp(TimestampMillisecondBuilder, Zone),
    Text(StringBuilder),
}

impl Builder {
    /// An array for values read so, with room for `rows` of them; `zone` is that of timestamps.
    pub(super) fn new(reading: Reading, rows: usize, zone: Zone) -> Self {
        match reading.sql_type(0).arrow() {
            DataType::Boolean => Self::Bit(BooleanBuilder::with_capacity(rows)),
            DataType::Int64 => Self::Integer(Int64Builder::with_capacity(rows)),
            money @ DataType::Decimal128(..) => {
                Self::Money(Decimal128Builder::with_capacity(rows).with_data_type(money))
            }
            DataType::Float64 => Self::Double(Float64Builder::with_capacity(rows)),
            DataType::Date32 => Self::Date(Date32Builder::with_capacity(rows)),
            DataType::Time64(_) => Self::Time(Time64NanosecondBuilder::with_capacity(rows)),
            DataType::Timestamp(..) => Self::Timestamp(TimestampMillisecondBuilder::with_capacity(rows), zone),
            _ => Self::Text(StringBuilder::with_capacity(rows, rows * TEXT_BYTES)),
        }
    }

    /// Appends a cell; one of another kind than the array's is NULL, which no reading produces.
    pub(super) fn append(&mut self, cell: &Cell, scratch: &str) {
        match (&mut *self, cell) {
            (Self::Bit(array), Cell::Bit(flag)) => array.append_value(*flag),
            (Self::Integer(array), Cell::Integer(number)) => array.append_value(*number),
            (Self::Money(array), Cell::Money(number)) => array.append_value(*number),
            (Self::Double(array), Cell::Double(number)) => array.append_value(*number),
            (Self::Date(array), Cell::Integer(days)) => array.append_option(i32::try_from(*days).ok()),
            (Self::Time(array), Cell::Integer(seconds)) => array.append_value(seconds * NANOS),
            (Self::Timestamp(array, zone), Cell::Integer(utc)) => array.append_value(zone.local(*utc)),
            (Self::Text(array), Cell::Text(range)) => array.append_option(scratch.get(range.clone())),
            _ => self.append_null(),
        }
    }

    fn append_null(&mut self) {
        match self {
            Self::Bit(array) => array.append_null(),
            Self::Integer(array) => array.append_null(),
            Self::Money(array) => array.append_null(),
            Self::Double(array) => array.append_null(),
            Self::Date(array) => array.append_null(),
            Self::Time(array) => array.append_null(),
            Self::Timestamp(array, _) => array.append_null(),
            Self::Text(array) => array.append_null(),
        }
    }

    /// The finished array.
    pub(super) fn finish(self) -> ArrayRef {
        match self {
            Self::Bit(mut array) => Arc::new(array.finish()),
            Self::Integer(mut array) => Arc::new(array.finish()),
            Self::Money(mut array) => Arc::new(array.finish()),
            Self::Double(mut array) => Arc::new(array.finish()),
            Self::Date(mut array) => Arc::new(array.finish()),
            Self::Time(mut array) => Arc::new(array.finish()),
            Self::Timestamp(mut array, _) => Arc::new(array.finish()),
            Self::Text(mut array) => Arc::new(array.finish()),
        }
    }
}

/// Nanoseconds of a second.
const NANOS: i64 = 1_000_000_000;
/// Bytes that are set aside per text; a guess that spares most copies.
const TEXT_BYTES: usize = 16;
