//! TIMESTAMPADD and TIMESTAMPDIFF.
//!
//! A DATE and a unit of a day or longer give a DATE, anything else a TIMESTAMP: hours added to a DATE must not be lost.
//! TIMESTAMPDIFF counts the boundaries between two moments, as SQL Server does; a week begins on Sunday.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Months, NaiveDateTime};
use datafusion::arrow::array::{ArrayRef, AsArray, Date32Array, Int64Array, StringArray, TimestampMillisecondArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Int64Type, TimeUnit, TimestampMillisecondType};
use datafusion::common::{DataFusionError, Result as DfResult, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use super::{TIMESTAMP_ADD, TIMESTAMP_DIFF, described_as, failure, over_arrays, strict_cast};
use crate::ErrorKind;

const MILLIS: DataType = DataType::Timestamp(TimeUnit::Millisecond, None);
const DAY: i64 = 86_400_000;

/// A unit: so many milliseconds, or so many months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Billionths of a second.
    Fraction,
    Millis(i64),
    Months(i64),
}

const UNITS: &[(&str, Unit)] = &[
    ("frac_second", Unit::Fraction),
    ("second", Unit::Millis(1000)),
    ("minute", Unit::Millis(60_000)),
    ("hour", Unit::Millis(3_600_000)),
    ("day", Unit::Millis(DAY)),
    ("week", Unit::Millis(7 * DAY)),
    ("month", Unit::Months(1)),
    ("quarter", Unit::Months(3)),
    ("year", Unit::Months(12)),
];

/// Whether it is the name of a unit, without `SQL_TSI_`, in lower case.
pub(in crate::dialect) fn is_unit(name: &str) -> bool {
    unit(name).is_some()
}

fn unit(name: &str) -> Option<Unit> {
    UNITS.iter().find(|(known, _)| *known == name).map(|(_, unit)| *unit)
}

impl Unit {
    const fn whole_days(self) -> bool {
        match self {
            Self::Fraction => false,
            Self::Millis(millis) => millis >= DAY,
            Self::Months(_) => true,
        }
    }

    /// `count` units after a moment in milliseconds; `None` beyond the calendar.
    fn add(self, at: i64, count: i64) -> Option<i64> {
        match self {
            Self::Fraction => at.checked_add(count / 1_000_000),
            Self::Millis(millis) => at.checked_add(count.checked_mul(millis)?),
            Self::Months(months) => {
                let months = count.checked_mul(months)?;
                let distance = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
                let from = moment(at)?;
                let to = if months < 0 { from.checked_sub_months(distance) } else { from.checked_add_months(distance) };
                Some(to?.and_utc().timestamp_millis())
            }
        }
    }

    /// The boundaries between two moments in milliseconds; negative when the second is the earlier one.
    fn between(self, from: i64, to: i64) -> Option<i64> {
        /// 1970-01-01 was a Thursday: four days after a Sunday.
        const SUNDAY: i64 = 4 * DAY;
        let shift = if self == Self::Millis(7 * DAY) { SUNDAY } else { 0 };
        match self {
            Self::Fraction => to.checked_sub(from)?.checked_mul(1_000_000),
            Self::Millis(millis) => Some((to + shift).div_euclid(millis) - (from + shift).div_euclid(millis)),
            Self::Months(months) => Some(month(to)?.div_euclid(months) - month(from)?.div_euclid(months)),
        }
    }
}

fn moment(millis: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_millis(millis).map(|moment| moment.naive_utc())
}

/// Months since the year 0.
fn month(millis: i64) -> Option<i64> {
    let moment = moment(millis)?;
    Some(i64::from(moment.year()) * 12 + i64::from(moment.month0()))
}

/// The unit, the same in every row.
fn unit_of(array: &ArrayRef) -> DfResult<Unit> {
    let names = strict_cast(array, &DataType::Utf8)?;
    let names: &StringArray = names.as_string::<i32>();
    let name = names.iter().next().flatten().unwrap_or("day");
    unit(name).ok_or_else(|| failure(ErrorKind::Syntax, format!("{name} is no unit of time")))
}

/// [`TIMESTAMP_ADD`].
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Add {
    signature: Signature,
}

impl Add {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(3, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Add {
    described_as!(TIMESTAMP_ADD);

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(MILLIS)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> DfResult<FieldRef> {
        let unit = match args.scalar_arguments.first() {
            Some(Some(ScalarValue::Utf8(Some(name)))) => unit(name),
            _ => None,
        };
        let stays = args.arg_fields[2].data_type() == &DataType::Date32 && unit.is_some_and(Unit::whole_days);
        let result = if stays { DataType::Date32 } else { MILLIS };
        Ok(Arc::new(Field::new(self.name(), result, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        let result = args.return_field.data_type().clone();
        over_arrays(&args.args, |arrays| {
            let unit = unit_of(&arrays[0])?;
            let (counts, moments) = (strict_cast(&arrays[1], &DataType::Int64)?, millis(&arrays[2])?);
            let rows = moments.iter().zip(counts.as_primitive::<Int64Type>());
            let moved = rows.map(|(at, count)| match (at, count) {
                (Some(at), Some(count)) => unit.add(at, count).map(Some).ok_or_else(out_of_range),
                _ => Ok(None),
            });
            let moved = moved.collect::<DfResult<Vec<Option<i64>>>>()?;
            as_result(moved, &result)
        })
    }
}

fn as_result(moved: Vec<Option<i64>>, wanted: &DataType) -> DfResult<ArrayRef> {
    if wanted != &DataType::Date32 {
        return Ok(Arc::new(TimestampMillisecondArray::from(moved)));
    }
    let day = |at: i64| i32::try_from(at.div_euclid(DAY)).map_err(|_| out_of_range());
    let days = moved.into_iter().map(|at| at.map(day).transpose()).collect::<DfResult<Vec<_>>>()?;
    Ok(Arc::new(Date32Array::from(days)))
}

fn out_of_range() -> DataFusionError {
    failure(ErrorKind::OutOfRange, "a date or timestamp is out of range")
}

fn millis(array: &ArrayRef) -> DfResult<TimestampMillisecondArray> {
    Ok(strict_cast(array, &MILLIS)?.as_primitive::<TimestampMillisecondType>().clone())
}

/// [`TIMESTAMP_DIFF`].
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Diff {
    signature: Signature,
}

impl Diff {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(3, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Diff {
    described_as!(TIMESTAMP_DIFF);

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| {
            let unit = unit_of(&arrays[0])?;
            let (from, to) = (millis(&arrays[1])?, millis(&arrays[2])?);
            let counts = from.iter().zip(&to).map(|(from, to)| match (from, to) {
                (Some(from), Some(to)) => unit.between(from, to).map(Some).ok_or_else(out_of_range),
                _ => Ok(None),
            });
            Ok(Arc::new(counts.collect::<DfResult<Int64Array>>()?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap().and_utc().timestamp_millis()
    }

    #[test]
    fn months_end_where_the_month_ends() {
        let cases = [
            ("month", 1, "2024-01-31 10:00:00", "2024-02-29 10:00:00"),
            ("month", -1, "2024-03-31 10:00:00", "2024-02-29 10:00:00"),
            ("year", 1, "2024-02-29 00:00:00", "2025-02-28 00:00:00"),
            ("quarter", 2, "2024-01-15 00:00:00", "2024-07-15 00:00:00"),
            ("hour", 25, "2024-01-01 00:00:00", "2024-01-02 01:00:00"),
            ("frac_second", 500_000_000, "2024-01-01 00:00:00", "2024-01-01 00:00:00.5"),
        ];
        for (name, count, from, to) in cases {
            assert_eq!(unit(name).unwrap().add(at(from), count), Some(at(to)), "{count} {name}");
        }
        assert_eq!(unit("year").unwrap().add(0, i64::MAX), None);
    }

    #[test]
    fn boundaries_are_counted() {
        let cases = [
            ("year", "2023-12-31 23:59:59", "2024-01-01 00:00:00", 1),
            ("month", "2024-01-31 00:00:00", "2024-02-01 00:00:00", 1),
            ("quarter", "2024-03-31 00:00:00", "2024-04-01 00:00:00", 1),
            ("day", "2024-01-01 23:59:59", "2024-01-02 00:00:00", 1),
            ("day", "1969-12-31 23:00:00", "1969-12-30 01:00:00", -1),
            ("week", "2024-01-06 12:00:00", "2024-01-07 00:00:00", 1),
            ("week", "2024-01-07 00:00:00", "2024-01-13 23:59:59", 0),
            ("minute", "2024-01-01 00:00:59.9", "2024-01-01 00:01:00", 1),
        ];
        for (name, from, to, count) in cases {
            assert_eq!(unit(name).unwrap().between(at(from), at(to)), Some(count), "{name} {from} {to}");
        }
    }
}
