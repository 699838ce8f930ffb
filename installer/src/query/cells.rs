//! A value as text, as SQL writes it and the driver gives it for character buffers.

use pipedrive_sql::SqlType;
use pipedrive_sql::arrow::array::{Array, AsArray};
use pipedrive_sql::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMillisecondType, Float64Type, Int16Type, Int32Type, Int64Type,
    Time64NanosecondType, TimestampMillisecondType,
};
use pipedrive_sql::arrow::temporal_conversions::{date32_to_datetime, timestamp_ms_to_datetime};

/// The text of a value; `None` for NULL.
pub(super) fn text(column: &dyn Array, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    let text = match column.data_type() {
        DataType::Boolean => u8::from(column.as_boolean().value(row)).to_string(),
        DataType::Int16 => column.as_primitive::<Int16Type>().value(row).to_string(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Date32 => date(column.as_primitive::<Date32Type>().value(row)),
        DataType::Time64(_) => time(column.as_primitive::<Time64NanosecondType>().value(row)),
        DataType::Timestamp(..) => moment(column.as_primitive::<TimestampMillisecondType>().value(row)),
        DataType::Duration(_) => interval(column.as_primitive::<DurationMillisecondType>().value(row)),
        // Every other column has text; see `SqlType::arrow`.
        _ => column.as_string::<i32>().value(row).to_owned(),
    };
    Some(text)
}

/// Whether values are numbers, which stand at the right.
pub(super) const fn is_number(sql_type: SqlType) -> bool {
    matches!(
        sql_type,
        SqlType::SmallInt | SqlType::Integer | SqlType::BigInt | SqlType::Decimal { .. } | SqlType::Double
    )
}

fn date(days: i32) -> String {
    date32_to_datetime(days).map_or_else(|| days.to_string(), |day| day.format("%Y-%m-%d").to_string())
}

fn time(nanoseconds: i64) -> String {
    let seconds = nanoseconds / 1_000_000_000;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A fraction only where there is one, without zeros at its end.
fn moment(milliseconds: i64) -> String {
    let Some(moment) = timestamp_ms_to_datetime(milliseconds) else { return milliseconds.to_string() };
    moment.format("%Y-%m-%d %H:%M:%S").to_string() + &fraction(milliseconds.rem_euclid(1000).unsigned_abs())
}

/// Days, then hours, minutes and seconds.
fn interval(milliseconds: i64) -> String {
    let (sign, all) = (if milliseconds < 0 { "-" } else { "" }, milliseconds.unsigned_abs());
    let seconds = all / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    format!("{sign}{days} {hours:02}:{minutes:02}:{:02}{}", seconds % 60, fraction(all % 1000))
}

fn fraction(milliseconds: u64) -> String {
    match milliseconds {
        0 => String::new(),
        some => format!(".{some:03}").trim_end_matches('0').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_sql_writes_them() {
        assert_eq!((date(0), date(-1)), ("1970-01-01".to_owned(), "1969-12-31".to_owned()));
        assert_eq!(time(3_661_000_000_000), "01:01:01");
        assert_eq!((moment(0), moment(-500)), ("1970-01-01 00:00:00".to_owned(), "1969-12-31 23:59:59.5".to_owned()));
        assert_eq!(interval(90_061_250), "1 01:01:01.25");
        assert_eq!(interval(-1_000), "-0 00:00:01");
    }
}
