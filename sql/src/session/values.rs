//! Parameter values on their way in: typed scalars, so that `status = ?` is pushed like a literal.
//!
//! A value takes the described type of its marker where that loses nothing; otherwise it keeps its own, and the
//! engine compares as it would compare literals. `id = ?` with 2.5 is never true; it must not become `id = 2`.

use chrono::{DateTime, NaiveDateTime};
use datafusion::scalar::ScalarValue;

use crate::dialect::read_text;
use crate::{Error, ErrorKind, Parameter, Result, SqlType, Value};

/// The scalar of a value at the marker `number`, counted from 1.
///
/// # Errors
/// `Conversion` for a text that is no number, date, ... of the marker's type.
pub(super) fn scalar(number: usize, parameter: Parameter, value: &Value) -> Result<ScalarValue> {
    let wanted = parameter.sql_type;
    Ok(match (value, wanted) {
        (Value::Null, _) => typed_null(wanted)?,
        (Value::Text(text), _) => from_text(number, parameter, text)?,
        (_, SqlType::Varchar(_) | SqlType::LongVarchar) if parameter.implied => ScalarValue::Utf8(Some(text(value))),
        (Value::Bit(flag), _) => ScalarValue::Boolean(Some(*flag)),
        (Value::BigInt(0 | 1), SqlType::Bit) => ScalarValue::Boolean(Some(*value == Value::BigInt(1))),
        (Value::BigInt(number), _) => ScalarValue::Int64(Some(*number)),
        (Value::Decimal { unscaled, scale }, _)
            if parameter.compared && whole_decimal(*unscaled, *scale, wanted).is_some() =>
        {
            ScalarValue::Int64(whole_decimal(*unscaled, *scale, wanted))
        }
        (Value::Double(number), _) => {
            whole(*number, wanted).filter(|_| parameter.compared).unwrap_or(ScalarValue::Float64(Some(*number)))
        }
        (Value::Decimal { unscaled, scale }, _) => decimal(number, *unscaled, *scale)?,
        (Value::Date(days), _) => ScalarValue::Date32(Some(*days)),
        (Value::Time(seconds), _) => ScalarValue::Time64Nanosecond(Some(i64::from(*seconds) * 1_000_000_000)),
        (Value::Timestamp(millis), _) => ScalarValue::TimestampMillisecond(Some(*millis), None),
    })
}

fn typed_null(wanted: SqlType) -> Result<ScalarValue> {
    ScalarValue::try_new_null(&wanted.arrow()).map_err(crate::dialect::translate)
}

/// A float without a fraction at an integer marker, so that Excel's doubles find keys.
fn whole(number: f64, wanted: SqlType) -> Option<ScalarValue> {
    /// Beyond 2^53 a float no longer names one integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if !matches!(wanted, SqlType::BigInt | SqlType::Integer | SqlType::SmallInt)
        || number.fract() != 0.0
        || number.abs() > EXACT
    {
        return None;
    }
    format!("{number:.0}").parse().ok().map(|number| ScalarValue::Int64(Some(number)))
}

/// An exact number without a fraction at an integer marker.
fn whole_decimal(unscaled: i128, scale: u8, wanted: SqlType) -> Option<i64> {
    if !matches!(wanted, SqlType::BigInt | SqlType::Integer | SqlType::SmallInt) {
        return None;
    }
    let unit = 10_i128.checked_pow(scale.into())?;
    (unscaled % unit == 0).then(|| i64::try_from(unscaled / unit).ok()).flatten()
}

fn decimal(number: usize, unscaled: i128, scale: u8) -> Result<ScalarValue> {
    /// Most digits of a DECIMAL.
    const DIGITS: u8 = 38;
    let digits = unscaled.unsigned_abs().checked_ilog10().map_or(1, |log| log + 1);
    match u8::try_from(digits) {
        Ok(digits) if digits <= DIGITS && scale <= DIGITS => {
            Ok(ScalarValue::Decimal128(Some(unscaled), digits.max(scale).max(1), scale.cast_signed()))
        }
        _ => Err(Error::new(ErrorKind::OutOfRange, format!("parameter {number} has more than {DIGITS} digits"))),
    }
}

fn from_text(number: usize, parameter: Parameter, text: &str) -> Result<ScalarValue> {
    if !parameter.implied {
        return Ok(ScalarValue::Utf8(Some(text.to_owned())));
    }
    let wanted = parameter.sql_type;
    let trimmed = text.trim();
    let parsed = match wanted {
        SqlType::Varchar(_) | SqlType::LongVarchar => return Ok(ScalarValue::Utf8(Some(text.to_owned()))),
        SqlType::Bit => read_text(trimmed, wanted),
        SqlType::SmallInt | SqlType::Integer | SqlType::BigInt => {
            trimmed.parse().map(|number| ScalarValue::Int64(Some(number))).ok().or_else(|| {
                let number = trimmed.parse().ok()?;
                Some(whole(number, wanted).filter(|_| parameter.compared).unwrap_or(ScalarValue::Float64(Some(number))))
            })
        }
        SqlType::Decimal { .. } => exact(number, trimmed)
            .transpose()?
            .or_else(|| trimmed.parse().map(|number| ScalarValue::Float64(Some(number))).ok()),
        SqlType::Double => trimmed.parse().map(|number| ScalarValue::Float64(Some(number))).ok(),
        SqlType::Date | SqlType::Timestamp => read_text(unescaped(unescaped(trimmed, "ts"), "d"), wanted),
        SqlType::Time => read_text(unescaped(trimmed, "t"), wanted),
        SqlType::IntervalDayToSecond => None,
    };
    parsed.ok_or_else(|| {
        let text = format!("parameter {number}: '{}' is no {wanted}", text.chars().take(40).collect::<String>());
        Error::new(ErrorKind::Conversion, text)
    })
}

/// Digits with at most one point, kept exactly.
fn exact(number: usize, text: &str) -> Option<Result<ScalarValue>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}");
    let unscaled = digits.parse().ok()?;
    let scale = u8::try_from(fraction.len()).ok()?;
    fraction.bytes().all(|byte| byte.is_ascii_digit()).then(|| decimal(number, unscaled, scale))
}

/// The inside of an ODBC escape such as `{ts '...'}`, which a text value may hold; else the text itself.
fn unescaped<'a>(text: &'a str, word: &str) -> &'a str {
    let inside = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).map(str::trim);
    let quoted = inside.and_then(|text| {
        let (head, tail) = text.split_at_checked(word.len())?;
        head.eq_ignore_ascii_case(word).then_some(tail.trim())
    });
    quoted.and_then(|text| text.strip_prefix('\'')?.strip_suffix('\'')).unwrap_or(text)
}

/// A value at a text marker, written as SQL writes it.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bit(flag) => u8::from(*flag).to_string(),
        Value::BigInt(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::Decimal { unscaled, scale } => decimal_text(*unscaled, usize::from(*scale)),
        Value::Text(text) => text.clone(),
        Value::Date(days) => moment(i64::from(*days) * MILLIS_PER_DAY).format("%Y-%m-%d").to_string(),
        Value::Time(seconds) => moment(i64::from(*seconds) * 1000).format("%H:%M:%S").to_string(),
        Value::Timestamp(millis) => moment(*millis).format("%Y-%m-%d %H:%M:%S%.f").to_string(),
    }
}

const MILLIS_PER_DAY: i64 = 86_400_000;

fn moment(millis: i64) -> NaiveDateTime {
    DateTime::from_timestamp_millis(millis).unwrap_or_default().naive_utc()
}

fn decimal_text(unscaled: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    let point = if scale == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIGINT: SqlType = SqlType::BigInt;
    const MONEY: SqlType = SqlType::Decimal { precision: 19, scale: 4 };
    const TEXT: SqlType = SqlType::Varchar(255);

    fn of(sql_type: SqlType, value: &Value) -> Result<ScalarValue> {
        scalar(1, Parameter { sql_type, implied: true, compared: true }, value)
    }

    #[test]
    fn a_fraction_at_an_integer_marker_is_not_cut() {
        assert_eq!(of(BIGINT, &Value::Double(2.5)).unwrap(), ScalarValue::Float64(Some(2.5)));
        assert_eq!(of(BIGINT, &Value::Double(2.0)).unwrap(), ScalarValue::Int64(Some(2)));
        assert_eq!(of(BIGINT, &Value::Text("2.5".into())).unwrap(), ScalarValue::Float64(Some(2.5)));
        assert_eq!(of(BIGINT, &Value::Text("7.0".into())).unwrap(), ScalarValue::Int64(Some(7)));
        assert_eq!(of(BIGINT, &Value::Decimal { unscaled: 700, scale: 2 }).unwrap(), ScalarValue::Int64(Some(7)));
        let elsewhere = Parameter { sql_type: BIGINT, implied: true, compared: false };
        let seven = ScalarValue::Float64(Some(7.0));
        assert_eq!(scalar(1, elsewhere, &Value::Double(7.0)).unwrap(), seven, "7.0 / 2 is not 7 / 2");
        assert_eq!(scalar(1, elsewhere, &Value::Text("7.0".into())).unwrap(), seven);
        let fraction = ScalarValue::Decimal128(Some(705), 3, 2);
        assert_eq!(of(BIGINT, &Value::Decimal { unscaled: 705, scale: 2 }).unwrap(), fraction);
        assert_eq!(of(BIGINT, &Value::Text(" 7 ".into())).unwrap(), ScalarValue::Int64(Some(7)));
    }

    #[test]
    fn decimals_keep_every_digit() {
        let exact = ScalarValue::Decimal128(Some(100_005), 6, 5);
        assert_eq!(of(MONEY, &Value::Text("1.00005".into())).unwrap(), exact);
        assert_eq!(of(MONEY, &Value::Decimal { unscaled: 100_005, scale: 5 }).unwrap(), exact);
        let small = ScalarValue::Decimal128(Some(-5), 3, 3);
        assert_eq!(of(MONEY, &Value::Decimal { unscaled: -5, scale: 3 }).unwrap(), small);
    }

    #[test]
    fn other_values_at_a_text_marker_are_written_as_sql_writes_them() {
        let cases = [
            (Value::Decimal { unscaled: -5, scale: 3 }, "-0.005"),
            (Value::Decimal { unscaled: 12, scale: 0 }, "12"),
            (Value::BigInt(-3), "-3"),
            (Value::Bit(true), "1"),
            (Value::Date(1), "1970-01-02"),
            (Value::Time(3661), "01:01:01"),
            (Value::Timestamp(1_700_000_000_123), "2023-11-14 22:13:20.123"),
        ];
        for (value, text) in cases {
            assert_eq!(of(TEXT, &value).unwrap(), ScalarValue::Utf8(Some(text.into())), "{value:?}");
        }
    }

    #[test]
    fn a_value_at_a_marker_that_nothing_tells_of_keeps_its_type() {
        let unknown = Parameter { sql_type: TEXT, implied: false, compared: false };
        assert_eq!(scalar(1, unknown, &Value::BigInt(10)).unwrap(), ScalarValue::Int64(Some(10)));
        assert_eq!(scalar(1, unknown, &Value::Text("10".into())).unwrap(), ScalarValue::Utf8(Some("10".into())));
    }

    #[test]
    fn texts_at_date_markers_may_be_escapes() {
        let day = ScalarValue::Date32(Some(19_675));
        for text in ["2023-11-14", "{d '2023-11-14'}", "{ D '2023-11-14' }"] {
            assert_eq!(of(SqlType::Date, &Value::Text(text.into())).unwrap(), day, "{text}");
        }
        let moment = ScalarValue::TimestampMillisecond(Some(1_700_000_000_000), None);
        for text in ["2023-11-14 22:13:20", "2023-11-14T22:13:20.000", "{ts '2023-11-14 22:13:20'}"] {
            assert_eq!(of(SqlType::Timestamp, &Value::Text(text.into())).unwrap(), moment, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_value_of_the_type_names_the_marker() {
        let cases = [(BIGINT, "seven"), (SqlType::Date, "2023-13-01"), (SqlType::Bit, "yes"), (MONEY, "1,5")];
        for (sql_type, text) in cases {
            let error = scalar(3, Parameter { sql_type, implied: true, compared: true }, &Value::Text(text.into()))
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Conversion);
            assert!(error.message().starts_with("parameter 3: "), "{error}");
        }
    }
}
