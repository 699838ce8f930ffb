//! Values as SQL writes them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, StringArray};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, DataType, DurationMillisecondType, Field, FieldRef, Float64Type, Int64Type, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use datafusion::common::{Result as DfResult, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use super::{COUNT, CUT, TEXT, described_as, failure, over_arrays, strict_cast};
use crate::ErrorKind;
use crate::plan::LENGTH;

/// [`TEXT`].
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Text {
    signature: Signature,
}

impl Text {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Text {
    described_as!(TEXT);

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| as_text(&arrays[0]))
    }
}

/// Bytes of the longest text that REPEAT and its kin make. Without a bound one call would take all memory, and the
/// application's process would end.
const LONGEST: usize = 1_000_000;

fn check_length(length: usize) -> DfResult<()> {
    if length <= LONGEST {
        return Ok(());
    }
    let text = format!("a text of more than {LONGEST} bytes would be made; ask for a shorter one");
    Err(failure(ErrorKind::OutOfRange, text))
}

/// [`COUNT`].
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Count {
    signature: Signature,
}

impl Count {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Count {
    described_as!(COUNT);

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| {
            let counts = strict_cast(&arrays[0], &DataType::Int64)?;
            let largest = counts.as_primitive::<Int64Type>().iter().flatten().max().unwrap_or(0);
            check_length(usize::try_from(largest).unwrap_or(0))?;
            Ok(counts)
        })
    }
}

/// REPEAT. DataFusion's own would end the process for lack of memory.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Repeat {
    signature: Signature,
}

impl Repeat {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Repeat {
    described_as!("repeat");

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| {
            let texts = as_text(&arrays[0])?;
            let counts = strict_cast(&arrays[1], &DataType::Int64)?;
            let pairs = texts.as_string::<i32>().iter().zip(counts.as_primitive::<Int64Type>());
            let repeated = pairs.map(|pair| match pair {
                (Some(text), Some(count)) => {
                    let count = usize::try_from(count).unwrap_or(0);
                    check_length(text.len().saturating_mul(count))?;
                    Ok(Some(text.repeat(count)))
                }
                _ => Ok(None),
            });
            Ok(Arc::new(repeated.collect::<DfResult<StringArray>>()?))
        })
    }
}

/// REPLACE. DataFusion's own would end the process for lack of memory.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Replace {
    signature: Signature,
}

impl Replace {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(3, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Replace {
    described_as!("replace");

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| {
            let texts = arrays.iter().map(as_text).collect::<DfResult<Vec<_>>>()?;
            let [text, from, to] = [0, 1, 2].map(|index| texts[index].as_string::<i32>().iter());
            let replaced = text.zip(from).zip(to).map(|parts| match parts {
                ((Some(text), Some(from)), Some(to)) => {
                    // Nothing can be found of an empty text.
                    let found = if from.is_empty() { 0 } else { text.matches(from).count() };
                    check_length((text.len() - found * from.len()).saturating_add(found.saturating_mul(to.len())))?;
                    Ok(Some(if found == 0 { text.to_owned() } else { text.replace(from, to) }))
                }
                _ => Ok(None),
            });
            Ok(Arc::new(replaced.collect::<DfResult<StringArray>>()?))
        })
    }
}

/// The values of an array as SQL writes them: a timestamp with a blank, and a fraction only where there is one; a flag
/// as 1 or 0; a DOUBLE without a point where it is whole.
pub fn as_text(array: &ArrayRef) -> DfResult<ArrayRef> {
    let texts: StringArray = match array.data_type() {
        DataType::Boolean => {
            array.as_boolean().iter().map(|flag| flag.map(|flag| if flag { "1" } else { "0" })).collect()
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let numbers = strict_cast(array, &DataType::Float64)?;
            map(numbers.as_primitive::<Float64Type>(), |number| Some(number_text(number)))
        }
        DataType::Timestamp(unit, _) => timestamps(array, *unit),
        DataType::Duration(_) => {
            let durations = strict_cast(array, &DataType::Duration(TimeUnit::Millisecond))?;
            map(durations.as_primitive::<DurationMillisecondType>(), |millis| Some(duration_text(millis)))
        }
        _ => return strict_cast(array, &DataType::Utf8),
    };
    Ok(Arc::new(texts))
}

fn map<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, text: impl Fn(T::Native) -> Option<String>) -> StringArray {
    array.iter().map(|value| value.and_then(&text)).collect()
}

fn timestamps(array: &ArrayRef, unit: TimeUnit) -> StringArray {
    let text = |moment: Option<DateTime<chrono::Utc>>| moment.map(|moment| moment_text(moment.naive_utc()));
    match unit {
        TimeUnit::Second => {
            map(array.as_primitive::<TimestampSecondType>(), |at| text(DateTime::from_timestamp(at, 0)))
        }
        TimeUnit::Millisecond => {
            map(array.as_primitive::<TimestampMillisecondType>(), |at| text(DateTime::from_timestamp_millis(at)))
        }
        TimeUnit::Microsecond => {
            map(array.as_primitive::<TimestampMicrosecondType>(), |at| text(DateTime::from_timestamp_micros(at)))
        }
        TimeUnit::Nanosecond => {
            map(array.as_primitive::<TimestampNanosecondType>(), |at| text(Some(DateTime::from_timestamp_nanos(at))))
        }
    }
}

fn moment_text(moment: NaiveDateTime) -> String {
    moment.format("%Y-%m-%d %H:%M:%S%.f").to_string()
}

/// A DOUBLE: plain where that is short, else with an exponent.
pub(in crate::dialect) fn number_text(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 || (1e-5..1e15).contains(&size) || !number.is_finite() {
        return format!("{}", if size == 0.0 { 0.0 } else { number });
    }
    format!("{number:E}")
}

/// `days hours:minutes:seconds`, with a fraction where there is one.
fn duration_text(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    let size = millis.unsigned_abs();
    let (seconds, fraction) = (size / 1000, size % 1000);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:03}") };
    format!("{sign}{} {clock}{fraction}", seconds / 86_400)
}

/// [`CUT`].
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Cut {
    signature: Signature,
}

impl Cut {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Cut {
    described_as!(CUT);

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(DataType::Utf8)
    }

    /// The length goes on with the field, for whoever describes the result.
    fn return_field_from_args(&self, args: ReturnFieldArgs) -> DfResult<FieldRef> {
        let length = match args.scalar_arguments.get(1) {
            Some(Some(ScalarValue::Int64(Some(length)))) => length.to_string(),
            _ => String::new(),
        };
        let metadata = HashMap::from([(LENGTH.to_owned(), length)]);
        Ok(Arc::new(Field::new(self.name(), DataType::Utf8, true).with_metadata(metadata)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| {
            let (texts, lengths) = (as_text(&arrays[0])?, strict_cast(&arrays[1], &DataType::Int64)?);
            let pairs = texts.as_string::<i32>().iter().zip(lengths.as_primitive::<Int64Type>());
            let cut: StringArray = pairs.map(|(text, length)| Some(first(text?, length?))).collect();
            Ok(Arc::new(cut))
        })
    }
}

fn first(text: &str, length: i64) -> &str {
    let length = usize::try_from(length).unwrap_or(0);
    text.char_indices().nth(length).map_or(text, |(end, _)| &text[..end])
}

/// CONCAT, of which NULL makes NULL.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Concat {
    signature: Signature,
}

impl Concat {
    pub(super) fn new() -> Self {
        Self { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Concat {
    described_as!("concat");

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        over_arrays(&args.args, |arrays| {
            let texts = arrays.iter().map(as_text).collect::<DfResult<Vec<_>>>()?;
            let rows = arrays.first().map_or(0, |array| array.len());
            let joined: StringArray = (0..rows).map(|row| joined(&texts, row)).collect();
            Ok(Arc::new(joined))
        })
    }
}

fn joined(texts: &[ArrayRef], row: usize) -> Option<String> {
    let parts = texts.iter().map(|text| text.is_valid(row).then(|| text.as_string::<i32>().value(row)));
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_without_a_point_where_they_are_whole() {
        for (number, text) in
            [(0.0, "0"), (-0.0, "0"), (2.0, "2"), (-1.5, "-1.5"), (1e20, "1E20"), (1.25e-7, "1.25E-7")]
        {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn durations_are_days_and_a_clock() {
        for (millis, text) in [(0, "0 00:00:00"), (90_061_001, "1 01:01:01.001"), (-1000, "-0 00:00:01")] {
            assert_eq!(duration_text(millis), text);
        }
    }
}
