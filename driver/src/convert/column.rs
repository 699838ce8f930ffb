//! The readers: a column of a batch, resolved once.

#![expect(unsafe_code, reason = "passes the application's buffers on to the writers")]

use pipedrive_sql::arrow::array::types::{
    Date32Type, Decimal128Type, DurationMillisecondType, Float64Type, Int16Type, Int32Type, Int64Type,
    Time64NanosecondType, TimestampMillisecondType,
};
use pipedrive_sql::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, PrimitiveArray, StringArray};
use pipedrive_sql::{Error, ErrorKind, SqlType};

use super::cell::Cell;
use super::{Outcome, Progress, Target, write};
use crate::diagnostics::{Diagnostic, Result};

/// A column of a batch, resolved once: reading a cell looks at no type of Arrow's again.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    values: Values,
}

#[derive(Debug, Clone)]
enum Values {
    Bit(BooleanArray),
    SmallInt(PrimitiveArray<Int16Type>),
    Integer(PrimitiveArray<Int32Type>),
    BigInt(PrimitiveArray<Int64Type>),
    Decimal(PrimitiveArray<Decimal128Type>, u8),
    Double(PrimitiveArray<Float64Type>),
    Text(StringArray),
    Date(PrimitiveArray<Date32Type>),
    Time(PrimitiveArray<Time64NanosecondType>),
    Timestamp(PrimitiveArray<TimestampMillisecondType>),
    Interval(PrimitiveArray<DurationMillisecondType>),
}

impl Column {
    /// The column `array`, which holds values of `sql_type`.
    ///
    /// # Errors
    /// An engine error for an array of another type than `sql_type.arrow()`.
    pub(crate) fn new(array: &ArrayRef, sql_type: SqlType) -> Result<Self> {
        Values::new(array, sql_type).map(|values| Self { values }).ok_or_else(|| {
            let message = format!("a column of {sql_type} came with values of another type");
            Diagnostic::Engine(Error::new(ErrorKind::General, message))
        })
    }

    /// Writes the value of `row`. With `progress` it continues where the last call stopped (SQLGetData); without, it
    /// writes the value from its start (SQLBindCol).
    ///
    /// # Errors
    /// 22002, 22003, 22008, 22018, 07006, 22015: the buffer's content is undefined then.
    ///
    /// # Safety
    /// The pointers of `target` are null or point to memory of the stated size.
    pub(crate) unsafe fn write(&self, row: usize, target: &Target, progress: Option<&mut Progress>) -> Result<Outcome> {
        if progress.as_ref().is_some_and(|progress| progress.finished) {
            return Ok(Outcome::NoData);
        }
        // A value goes to its writer at once: in a Result or an Option it would be copied for every cell.
        if self.values.is_null(row)? {
            // SAFETY: as the caller vouches.
            return unsafe { write::null(target, progress) };
        }
        // SAFETY: as the caller vouches.
        unsafe { write::cell(self.values.value(row), target, progress) }
    }
}

impl Values {
    fn new(array: &ArrayRef, sql_type: SqlType) -> Option<Self> {
        if *array.data_type() != sql_type.arrow() {
            return None;
        }
        Some(match sql_type {
            SqlType::Bit => Self::Bit(array.as_boolean_opt()?.clone()),
            SqlType::SmallInt => Self::SmallInt(array.as_primitive_opt()?.clone()),
            SqlType::Integer => Self::Integer(array.as_primitive_opt()?.clone()),
            SqlType::BigInt => Self::BigInt(array.as_primitive_opt()?.clone()),
            SqlType::Decimal { scale, .. } => Self::Decimal(array.as_primitive_opt()?.clone(), scale),
            SqlType::Double => Self::Double(array.as_primitive_opt()?.clone()),
            SqlType::Varchar(_) | SqlType::LongVarchar => Self::Text(array.as_string_opt()?.clone()),
            SqlType::Date => Self::Date(array.as_primitive_opt()?.clone()),
            SqlType::Time => Self::Time(array.as_primitive_opt()?.clone()),
            SqlType::Timestamp => Self::Timestamp(array.as_primitive_opt()?.clone()),
            SqlType::IntervalDayToSecond => Self::Interval(array.as_primitive_opt()?.clone()),
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Bit(array) => array,
            Self::SmallInt(array) => array,
            Self::Integer(array) => array,
            Self::BigInt(array) => array,
            Self::Decimal(array, _) => array,
            Self::Double(array) => array,
            Self::Text(array) => array,
            Self::Date(array) => array,
            Self::Time(array) => array,
            Self::Timestamp(array) => array,
            Self::Interval(array) => array,
        }
    }

    /// Whether `row` is NULL.
    ///
    /// # Errors
    /// An engine error for a row that is not there.
    fn is_null(&self, row: usize) -> Result<bool> {
        let array = self.array();
        if row >= array.len() {
            let message = format!("row {row} of a batch of {} was asked for", array.len());
            return Err(Diagnostic::Engine(Error::new(ErrorKind::General, message)));
        }
        Ok(array.is_null(row))
    }

    /// The value of a row that is there and not NULL.
    fn value(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Bit(array) => Cell::Bit(array.value(row)),
            Self::SmallInt(array) => Cell::Whole { value: array.value(row).into(), bytes: 2 },
            Self::Integer(array) => Cell::Whole { value: array.value(row).into(), bytes: 4 },
            Self::BigInt(array) => Cell::Whole { value: array.value(row), bytes: 8 },
            Self::Decimal(array, scale) => Cell::Decimal { unscaled: array.value(row), scale: *scale },
            Self::Double(array) => Cell::Double(array.value(row)),
            Self::Text(array) => Cell::Text(array.value(row)),
            Self::Date(array) => Cell::Date(array.value(row)),
            Self::Time(array) => Cell::Time(seconds(array.value(row))),
            Self::Timestamp(array) => Cell::Timestamp(array.value(row)),
            Self::Interval(array) => Cell::Interval(array.value(row)),
        }
    }
}

/// SQL_C_TYPE_TIME has whole seconds.
fn seconds(nanos: i64) -> i32 {
    i32::try_from(nanos / 1_000_000_000).unwrap_or_default()
}

#[cfg(test)]
mod tests;
