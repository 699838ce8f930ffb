//! Numbers, dates and type names.
//!
//! Dates are read here, while the statement is prepared, and not by the engine in mid-stream. A TIMESTAMP has
//! milliseconds: DataFusion's own nanoseconds end in 2262, and tools write 9999-12-31 for "no end".

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use datafusion::sql::sqlparser::ast::{
    CastKind, CharacterLength, DataType, ExactNumberInfo, Expr, TimezoneInfo, TypedString, Value, ValueWithSpan,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::calls::{call, cast_to};
use super::functions::CUT;
use crate::zone::Zone;
use crate::{Error, ErrorKind, Result};

/// Most digits of an exact number.
const DIGITS: usize = 38;

/// TIMESTAMP as columns have it.
pub(super) const MILLISECONDS: DataType = DataType::Timestamp(Some(3), TimezoneInfo::None);
/// TIMESTAMP for a literal with a finer fraction.
const NANOSECONDS: DataType = DataType::Timestamp(Some(9), TimezoneInfo::None);

/// A whole number.
pub(super) fn integer(number: u64) -> Expr {
    Expr::value(Value::Number(number.to_string(), false))
}

/// A text.
pub(super) fn text(text: impl Into<String>) -> Expr {
    Expr::value(Value::SingleQuotedString(text.into()))
}

/// NULL.
pub(super) fn null() -> Expr {
    Expr::value(Value::Null)
}

/// What takes the place of a literal value, if anything does.
///
/// # Errors
/// `OutOfRange` for a number that no type holds, `Syntax` for literals of other dialects.
pub(super) fn value(value: &ValueWithSpan) -> Result<Option<Expr>> {
    match &value.value {
        Value::Number(digits, _) => number(digits),
        Value::SingleQuotedString(_) | Value::Boolean(_) | Value::Null | Value::Placeholder(_) => Ok(None),
        Value::NationalStringLiteral(inside) => Ok(Some(text(inside))),
        other => Err(Error::new(ErrorKind::Syntax, format!("the literal {other} is not known"))),
    }
}

/// `1e3` is a DOUBLE, `1.5` and what is beyond BIGINT a DECIMAL.
fn number(digits: &str) -> Result<Option<Expr>> {
    let out_of_range = || Error::new(ErrorKind::OutOfRange, format!("the number {digits} is out of range"));
    if digits.contains(['e', 'E']) {
        return match digits.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                Ok(Some(cast_to(text(digits), DataType::Double(ExactNumberInfo::None))))
            }
            _ => Err(out_of_range()),
        };
    }
    let significant = digits.trim_start_matches('0').chars().filter(char::is_ascii_digit).count();
    if significant > DIGITS {
        return Err(out_of_range());
    }
    if let Some(whole) = digits.strip_suffix('.') {
        return Ok(Some(Expr::value(Value::Number(whole.to_owned(), false))));
    }
    if digits.contains('.') || digits.parse::<i64>().is_ok() {
        return Ok(None);
    }
    let precision = u64::try_from(significant.max(1)).unwrap_or(1);
    Ok(Some(cast_to(text(digits), DataType::Decimal(ExactNumberInfo::Precision(precision)))))
}

/// The one BIGINT whose digits alone are beyond BIGINT.
pub(super) fn smallest_integer(digits: &Expr) -> Option<Expr> {
    let Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. }) = digits else { return None };
    let number = format!("-{digits}");
    (number.parse() == Ok(i64::MIN)).then(|| cast_to(text(number), DataType::BigInt(None)))
}

/// Checks `DATE '...'` and its like, and gives the literal the unit of the columns.
///
/// # Errors
/// `Conversion` for a text that is no such value, with the text.
pub(super) fn typed(literal: &mut TypedString) -> Result<()> {
    let Value::SingleQuotedString(written) = &literal.value.value else {
        return Err(Error::new(
            ErrorKind::Syntax,
            format!("{} is followed by a text in single quotes", literal.data_type),
        ));
    };
    let written = written.trim();
    let (kind, read) = match &literal.data_type {
        DataType::Date => (DataType::Date, date(written).map(|date| date.format("%Y-%m-%d").to_string())),
        DataType::Time(..) => {
            (DataType::Time(None, TimezoneInfo::None), time(written).map(|time| time.format("%H:%M:%S%.f").to_string()))
        }
        DataType::Timestamp(..) | DataType::Datetime(_) => match timestamp(written) {
            Some(moment) => (unit(moment), Some(moment.format("%Y-%m-%dT%H:%M:%S%.f").to_string())),
            None => (MILLISECONDS, None),
        },
        other => {
            *literal = TypedString { data_type: data_type(other.clone())?.0, ..literal.clone() };
            return Ok(());
        }
    };
    let Some(read) = read else {
        return Err(Error::new(ErrorKind::Conversion, format!("'{written}' is no {}", literal.data_type)));
    };
    let value = ValueWithSpan { value: Value::SingleQuotedString(read), span: Span::empty() };
    *literal = TypedString { data_type: kind, value, uses_odbc_syntax: false };
    Ok(())
}

/// Milliseconds, unless the fraction is finer: it must not be cut, that would change a comparison.
fn unit(moment: NaiveDateTime) -> DataType {
    let fine = !moment.nanosecond().is_multiple_of(1_000_000) && moment.and_utc().timestamp_nanos_opt().is_some();
    if fine { NANOSECONDS } else { MILLISECONDS }
}

/// A day, as ODBC writes it.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| has_year(text))
}

/// A time of day, seconds and fraction optional.
pub(super) fn time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M:%S%.f").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M")).ok()
}

/// A moment, with a blank or a T between day and time; the time is optional. A Z for UTC, as in answers of the API, is
/// what every moment is in where the zone is UTC; elsewhere the session refuses it, see [`has_zone`].
pub(super) fn timestamp(text: &str) -> Option<NaiveDateTime> {
    if let Some(date) = date(text) {
        return Some(date.and_time(NaiveTime::MIN));
    }
    let (day, clock) = text.split_once([' ', 'T', 't'])?;
    let clock = clock.strip_suffix(['Z', 'z']).unwrap_or(clock);
    Some(date(day)?.and_time(time(clock.trim_start())?))
}

/// Whether the text is a day and a time with a mark of its own zone: `Z`, an offset such as `+02:00`, or a zone's name.
pub fn has_zone(text: &str) -> bool {
    let Some((day, clock)) = text.trim().split_once([' ', 'T', 't']) else { return false };
    let clock = clock.trim_start();
    let end = clock.find(|letter: char| !(letter.is_ascii_digit() || [':', '.'].contains(&letter)));
    let (clock, mark) = clock.split_at(end.unwrap_or(clock.len()));
    let mark = mark.trim();
    let offset = mark.strip_prefix(['+', '-']).is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit()));
    let marked = offset || mark.eq_ignore_ascii_case("z") || Zone::named(mark).is_some();
    marked && date(day).is_some() && time(clock).is_some()
}

/// Four digits; fewer would be a typing error, and it would be found in the year 24.
fn has_year(text: &str) -> bool {
    text.split_once('-').is_some_and(|(year, _)| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `CAST` and `CONVERT` to the types that exist here; lengths cut.
///
/// # Errors
/// `NotSupported` for other types and other forms.
pub(super) fn cast(expr: &mut Expr) -> Result<()> {
    let (kind, inner, wanted) = match std::mem::replace(expr, null()) {
        Expr::Cast { kind, expr, data_type, array: false, format: None } => (kind, expr, data_type),
        Expr::Convert { expr, data_type: Some(data_type), charset: None, styles, is_try: false, .. }
            if styles.is_empty() =>
        {
            (CastKind::Cast, expr, data_type)
        }
        other => {
            return Err(Error::new(
                ErrorKind::NotSupported,
                format!("this form of CAST or CONVERT is not offered: {other}"),
            ));
        }
    };
    let (data_type, length) = data_type(wanted)?;
    let cast = Expr::Cast { kind, expr: inner, data_type, array: false, format: None };
    *expr = match length {
        Some(length) => call(CUT, vec![cast, integer(length)]),
        None => cast,
    };
    Ok(())
}

/// The type of DataFusion for a type of SQL or ODBC, and the length to which texts are cut.
fn data_type(wanted: DataType) -> Result<(DataType, Option<u64>)> {
    let varchar = |length| (DataType::Varchar(None), length);
    Ok(match wanted {
        DataType::Char(length)
        | DataType::Character(length)
        | DataType::CharVarying(length)
        | DataType::CharacterVarying(length)
        | DataType::Nvarchar(length)
        | DataType::Varchar(length) => varchar(length.and_then(characters)),
        DataType::Text | DataType::TinyText | DataType::MediumText | DataType::LongText => varchar(None),
        DataType::String(length) | DataType::Clob(length) | DataType::CharacterLargeObject(length) => varchar(length),
        DataType::Float(_) | DataType::Real | DataType::Float4 | DataType::Float8 | DataType::Double(_) => double(),
        DataType::DoublePrecision => double(),
        DataType::Bit(None | Some(1)) | DataType::Bool | DataType::Boolean => (DataType::Boolean, None),
        DataType::Decimal(info) | DataType::Numeric(info) | DataType::Dec(info) => (decimal(info)?, None),
        DataType::Date => (DataType::Date, None),
        DataType::Time(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
            (DataType::Time(None, TimezoneInfo::None), None)
        }
        DataType::Timestamp(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) | DataType::Datetime(_) => {
            (MILLISECONDS, None)
        }
        DataType::TinyInt(_) | DataType::SmallInt(_) | DataType::Int2(_) => (DataType::SmallInt(None), None),
        DataType::Int(_) | DataType::Integer(_) | DataType::Int4(_) | DataType::MediumInt(_) => {
            (DataType::Int(None), None)
        }
        DataType::BigInt(_) | DataType::Int8(_) => (DataType::BigInt(None), None),
        DataType::Custom(name, arguments) => return named(&name.to_string(), &arguments),
        other => return Err(unknown_type(&other.to_string())),
    })
}

const fn double() -> (DataType, Option<u64>) {
    (DataType::Double(ExactNumberInfo::None), None)
}

fn decimal(info: ExactNumberInfo) -> Result<DataType> {
    let precision = match info {
        ExactNumberInfo::None => return Ok(DataType::Decimal(info)),
        ExactNumberInfo::Precision(precision) | ExactNumberInfo::PrecisionAndScale(precision, _) => precision,
    };
    if usize::try_from(precision).is_ok_and(|precision| (1..=DIGITS).contains(&precision)) {
        return Ok(DataType::Decimal(info));
    }
    Err(Error::new(ErrorKind::NotSupported, format!("a DECIMAL has 1 to {DIGITS} digits, not {precision}")))
}

const fn characters(length: CharacterLength) -> Option<u64> {
    match length {
        CharacterLength::IntegerLength { length, .. } => Some(length),
        CharacterLength::Max => None,
    }
}

/// Names that the parser does not know: those of the ODBC constants, and those that Microsoft's tools write.
fn named(name: &str, arguments: &[String]) -> Result<(DataType, Option<u64>)> {
    let length = arguments.first().and_then(|length| length.parse().ok());
    let bare = name.trim_start_matches("sql_").trim_start_matches("type_");
    Ok(match bare {
        "char" | "varchar" | "wchar" | "wvarchar" | "nchar" | "nvarchar" => (DataType::Varchar(None), length),
        "longvarchar" | "wlongvarchar" | "ntext" => (DataType::Varchar(None), length),
        "bit" => (DataType::Boolean, None),
        "tinyint" | "smallint" => (DataType::SmallInt(None), None),
        "integer" => (DataType::Int(None), None),
        "bigint" => (DataType::BigInt(None), None),
        "real" | "float" | "double" => double(),
        "decimal" | "numeric" => (decimal(exact(arguments))?, None),
        "date" => (DataType::Date, None),
        "time" => (DataType::Time(None, TimezoneInfo::None), None),
        "timestamp" => (MILLISECONDS, None),
        _ => return Err(unknown_type(name)),
    })
}

fn exact(arguments: &[String]) -> ExactNumberInfo {
    let number = |index: usize| arguments.get(index).and_then(|text| text.trim().parse::<u64>().ok());
    match (number(0), number(1).and_then(|scale| i64::try_from(scale).ok())) {
        (Some(precision), Some(scale)) => ExactNumberInfo::PrecisionAndScale(precision, scale),
        (Some(precision), None) => ExactNumberInfo::Precision(precision),
        _ => ExactNumberInfo::None,
    }
}

fn unknown_type(name: &str) -> Error {
    Error::new(ErrorKind::NotSupported, format!("the type {} is not offered", name.to_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_with_a_zone_of_its_own_is_told_from_other_texts() {
        for text in [
            "2026-04-01T22:03:27Z",
            " 2026-04-01 22:03:27.5 z ",
            "2026-04-01t22:03:27+02:00",
            "2026-04-01 22:03-05",
            "2026-04-01 22:03:27 Europe/Berlin",
        ] {
            assert!(has_zone(text), "{text}");
        }
        for text in [
            "",
            "Z",
            "2026-04-01",
            "2026-04-01 22:03:27",
            "2026-04-01 22:03 call",
            "2026-04-01 22:03 - 23:00",
            "2026-04-01 Z",
            "plan T 10Z",
        ] {
            assert!(!has_zone(text), "{text}");
        }
    }
}
