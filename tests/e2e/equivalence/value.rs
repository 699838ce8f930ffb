//! Values and their kinds, as both engines give them: for rows, for literals, for comparing.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use pipedrive_sql::arrow::array::{Array, AsArray};
use pipedrive_sql::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int16Type, Int32Type, Int64Type, Time64NanosecondType,
    TimestampMillisecondType,
};
use pipedrive_sql::{SqlType, Value};

/// Digits after the point of money.
pub(super) const MONEY_SCALE: u8 = 4;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A family of types whose values compare with one another in both engines alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bit,
    Integer,
    Decimal,
    Double,
    Text,
    Date,
    Time,
    Timestamp,
}

impl Kind {
    /// The kind of a column; `None` for types that no table has.
    pub(super) const fn of(sql_type: SqlType) -> Option<Self> {
        Some(match sql_type {
            SqlType::Bit => Self::Bit,
            SqlType::SmallInt | SqlType::Integer | SqlType::BigInt => Self::Integer,
            SqlType::Decimal { .. } => Self::Decimal,
            SqlType::Double => Self::Double,
            SqlType::Varchar(_) | SqlType::LongVarchar => Self::Text,
            SqlType::Date => Self::Date,
            SqlType::Time => Self::Time,
            SqlType::Timestamp => Self::Timestamp,
            SqlType::IntervalDayToSecond => return None,
        })
    }

    /// The type's name, the same in both dialects.
    pub(super) const fn type_name(self) -> &'static str {
        match self {
            Self::Bit => "BOOLEAN",
            Self::Integer => "BIGINT",
            Self::Decimal => "DECIMAL(19,4)",
            Self::Double => "DOUBLE",
            Self::Text => "VARCHAR",
            Self::Date => "DATE",
            Self::Time => "TIME",
            Self::Timestamp => "TIMESTAMP",
        }
    }

    /// Whole numbers and decimals.
    pub(super) const fn is_exact_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal)
    }
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Bit(bool),
    /// `unscaled` times ten to the power of minus `scale`.
    Exact {
        unscaled: i128,
        scale: u8,
    },
    Double(f64),
    Text(String),
    /// Days since 1970.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 1970.
    Timestamp(i64),
}

impl Cell {
    /// A whole number.
    pub(super) fn integer(number: i64) -> Self {
        Self::Exact { unscaled: number.into(), scale: 0 }
    }

    /// A value of a batch of the engine.
    pub(super) fn from_arrow(column: &dyn Array, row: usize) -> Self {
        if column.is_null(row) {
            return Self::Null;
        }
        match column.data_type() {
            DataType::Boolean => Self::Bit(column.as_boolean().value(row)),
            DataType::Int16 => Self::integer(column.as_primitive::<Int16Type>().value(row).into()),
            DataType::Int32 => Self::integer(column.as_primitive::<Int32Type>().value(row).into()),
            DataType::Int64 => Self::integer(column.as_primitive::<Int64Type>().value(row)),
            DataType::Decimal128(_, scale) => Self::Exact {
                unscaled: column.as_primitive::<Decimal128Type>().value(row),
                scale: u8::try_from(*scale).unwrap(),
            },
            DataType::Float64 => Self::Double(column.as_primitive::<Float64Type>().value(row)),
            DataType::Utf8 => Self::Text(column.as_string::<i32>().value(row).to_owned()),
            DataType::Date32 => Self::Date(column.as_primitive::<Date32Type>().value(row)),
            DataType::Time64(_) => Self::Time(column.as_primitive::<Time64NanosecondType>().value(row) / 1000),
            DataType::Timestamp(..) => {
                Self::Timestamp(column.as_primitive::<TimestampMillisecondType>().value(row) * 1000)
            }
            other => panic!("a column of type {other} reached the application"),
        }
    }

    /// A value as `tests/clients/duck.py` tells it: a letter for its kind, and its text.
    pub(super) fn from_told(told: &str) -> Self {
        let (kind, text) = told.split_at(1);
        match kind {
            "b" => Self::Bit(text == "1"),
            "n" => exact(text),
            "f" => Self::Double(text.parse().unwrap()),
            "t" => Self::Text(text.to_owned()),
            "d" => Self::Date(day(text.parse().unwrap())),
            "c" => Self::Time(clock(text.parse().unwrap())),
            "m" => Self::Timestamp(moment(text)),
            _ => panic!("'{told}' is no value"),
        }
    }

    /// The text between the quotes of a literal, and the text of a CAST to VARCHAR, in both dialects.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Bit(flag) => u8::from(*flag).to_string(),
            Self::Exact { unscaled, scale } => digits(*unscaled, (*scale).into()),
            Self::Double(number) => format!("{number:e}"),
            Self::Text(text) => text.clone(),
            Self::Date(days) => instant(i64::from(*days) * MICROS_PER_DAY).format("%Y-%m-%d").to_string(),
            Self::Time(micros) => instant(*micros).format("%H:%M:%S").to_string(),
            Self::Timestamp(micros) => {
                let text = instant(*micros).format("%Y-%m-%d %H:%M:%S%.6f").to_string();
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
        }
    }

    /// The value of a parameter; `None` for what no parameter holds.
    pub(super) fn parameter(&self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bit(flag) => Value::Bit(*flag),
            Self::Exact { unscaled, scale: 0 } => Value::BigInt(i64::try_from(*unscaled).ok()?),
            Self::Exact { unscaled, scale } => Value::Decimal { unscaled: *unscaled, scale: *scale },
            Self::Double(number) => Value::Double(*number),
            Self::Text(text) => Value::Text(text.clone()),
            Self::Date(days) => Value::Date(*days),
            Self::Time(micros) => Value::Time(i32::try_from(micros / 1_000_000).ok()?),
            Self::Timestamp(micros) if micros % 1000 == 0 => Value::Timestamp(micros / 1000),
            Self::Timestamp(_) => return None,
        })
    }

    /// The number that this is, for comparing within a tolerance.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Double(number) => Some(*number),
            Self::Exact { unscaled, scale } => digits(*unscaled, (*scale).into()).parse().ok(),
            _ => None,
        }
    }

    /// The same value in one form: exact numbers without zeros at their end.
    pub(super) fn normalized(self) -> Self {
        let Self::Exact { mut unscaled, mut scale } = self else { return self };
        while scale > 0 && unscaled % 10 == 0 {
            unscaled /= 10;
            scale -= 1;
        }
        Self::Exact { unscaled, scale }
    }
}

fn exact(text: &str) -> Cell {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let unscaled = format!("{whole}{fraction}").parse().unwrap();
    Cell::Exact { unscaled, scale: u8::try_from(fraction.len()).unwrap() }
}

fn digits(unscaled: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    let point = if scale == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

fn day(date: NaiveDate) -> i32 {
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).unwrap()
}

fn clock(time: NaiveTime) -> i64 {
    i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1000)
}

fn moment(text: &str) -> i64 {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap().and_utc().timestamp_micros()
}

fn instant(micros: i64) -> NaiveDateTime {
    DateTime::from_timestamp_micros(micros).unwrap().naive_utc()
}

#[test]
fn texts_of_values_are_those_of_sql() {
    let cases = [
        (Cell::Exact { unscaled: -5, scale: 3 }, "-0.005"),
        (Cell::Timestamp(1_700_000_000_250_000), "2023-11-14 22:13:20.25"),
        (Cell::Timestamp(1_700_000_000_000_000), "2023-11-14 22:13:20"),
        (Cell::Date(19_675), "2023-11-14"),
        (Cell::Time(3_661_000_000), "01:01:01"),
    ];
    for (cell, text) in cases {
        assert_eq!(cell.text(), text);
    }
    assert_eq!(Cell::from_told("n12.5000").normalized(), Cell::Exact { unscaled: 125, scale: 1 });
    assert_eq!(Cell::from_told("m2023-11-14 22:13:20.25"), Cell::Timestamp(1_700_000_000_250_000));
}
