//! What an application gave for a parameter, and how it becomes the engine's value.

use std::borrow::Cow;

use pipedrive_sql::Value;

use super::c_type::CType;
use super::cell::invalid;
use super::fixed::read_numeric;
use super::interval::{Fields, Span, from_struct};
use super::moment::{Date, Literal, Moment, Time};
use super::number::{Number, decimal_text, float_text};
use super::sql_code::{Family, SqlCode};
use super::{Source, guid};
use crate::diagnostics::{Diagnostic, Result};
use crate::text::Encoding;

/// A C value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given<'a> {
    Text(Cow<'a, str>),
    Number(Number),
    Moment(Literal),
    Span(Span, Fields),
    Guid([u8; 16]),
}

impl<'a> Given<'a> {
    /// The value in `bytes`; `scale` is that of the descriptor, for SQL_C_NUMERIC.
    ///
    /// # Errors
    /// `InvalidText`, `InvalidLength`, `NumericOutOfRange`, `InvalidDatetime`, `DatetimeOverflow`, `IntervalOverflow`.
    pub(super) fn read(c_type: CType, sql_type: SqlCode, bytes: &'a [u8], scale: i16) -> Result<Self> {
        match c_type {
            CType::Binary => return Self::read_binary(sql_type, bytes, scale),
            CType::Char => return Encoding::narrow().decode(bytes).map(Self::Text),
            CType::WChar => return Encoding::wide().decode(bytes).map(Self::Text),
            _ => {}
        }
        if c_type.size() != Some(bytes.len()) {
            return Err(Diagnostic::InvalidLength(bytes.len().cast_signed()));
        }
        Ok(match c_type {
            CType::Numeric => Self::Number(numeric(bytes, scale)?),
            CType::Float => Self::Number(Number::shortest_single(f32::from_ne_bytes(array(bytes)))),
            CType::Double => Self::Number(Number::Float(f64::from_ne_bytes(array(bytes)))),
            CType::Date | CType::Time | CType::Timestamp => Self::Moment(moment(c_type, sql_type, bytes)?),
            CType::Interval(fields) => Self::Span(span(bytes, fields)?, fields),
            CType::Guid => Self::Guid(array(bytes)),
            _ => Self::Number(Number::from(integer(c_type, bytes))),
        })
    }

    /// Binary data is what the SQL type looks like in memory: text in its width, other types as their default C type.
    fn read_binary(sql_type: SqlCode, bytes: &'a [u8], scale: i16) -> Result<Self> {
        let c_type = match sql_type.family() {
            Family::Character if sql_type.is_wide() => CType::WChar,
            Family::Character => CType::Char,
            Family::Decimal => CType::Numeric,
            _ => sql_type.default_c_type(),
        };
        if c_type.size().is_some_and(|size| size != bytes.len()) {
            let told = format!("of {} binary bytes", bytes.len());
            return Err(Diagnostic::NumericOutOfRange(told));
        }
        if c_type == CType::Binary {
            return Err(binary_is_not_offered());
        }
        Self::read(c_type, sql_type, bytes, scale)
    }

    /// The engine's value for a parameter of `family`.
    ///
    /// # Errors
    /// 22001, 22003, 22008, 22018, HYC00.
    pub(super) fn value(self, source: &Source, family: Family) -> Result<Value> {
        match family {
            Family::Character => self.text(source),
            Family::Integer(least, most) => self.integer(source, least..=most),
            Family::Decimal => self.decimal(source),
            Family::Real | Family::Double => self.float(family),
            Family::Bit => self.bit(source),
            Family::Date => self.date(),
            Family::Time => self.time(),
            Family::Timestamp => self.timestamp(),
            Family::Guid => self.guid(),
            Family::Binary => Err(binary_is_not_offered()),
            Family::Interval(_) => Err(Diagnostic::NotSupported("parameters of an interval type".to_owned())),
        }
    }

    /// Text as it is. Its size is counted in characters, though the reference counts bytes for narrow types: the
    /// applications' sizes are those of columns, which count characters.
    fn text(self, source: &Source) -> Result<Value> {
        let text = match self {
            Self::Text(text) => text.into_owned(),
            other => other.print(),
        };
        let size = source.column_size;
        if size > 0 && text.len() > size && text.chars().count() > size {
            return Err(Diagnostic::RightTruncated { parameter: source.number, size });
        }
        Ok(Value::Text(text))
    }

    fn integer(self, source: &Source, range: std::ops::RangeInclusive<i128>) -> Result<Value> {
        let out_of_range = || Diagnostic::NumericOutOfRange(self.print());
        let (whole, lost) = self.number()?.whole().ok_or_else(out_of_range)?;
        if !range.contains(&whole) {
            return Err(out_of_range());
        }
        if lost {
            return Err(fraction_lost(source, &self));
        }
        Ok(i64::try_from(whole).map_or(Value::Decimal { unscaled: whole, scale: 0 }, Value::BigInt))
    }

    /// All digits that came; the column size bounds those before the point.
    fn decimal(self, source: &Source) -> Result<Value> {
        let out_of_range = || Diagnostic::NumericOutOfRange(self.print());
        let Number::Exact { unscaled, scale, more } = self.number()?.exact() else { return Err(out_of_range()) };
        if more {
            return Err(fraction_lost(source, &self));
        }
        let (whole, _) = Number::decimal(unscaled, scale).whole().ok_or_else(out_of_range)?;
        let digits = whole.unsigned_abs().checked_ilog10().map_or(0, |log| log + 1);
        let size = source.column_size;
        if size > 0 && usize::try_from(digits).is_ok_and(|digits| digits > size) {
            return Err(out_of_range());
        }
        Ok(Value::Decimal { unscaled, scale })
    }

    fn float(self, family: Family) -> Result<Value> {
        let float = self.number()?.float();
        let out_of_range = float.is_infinite() && !matches!(self, Self::Number(Number::Float(_)));
        if out_of_range || family == Family::Real && super::number::single(float).is_none() {
            return Err(Diagnostic::NumericOutOfRange(self.print()));
        }
        Ok(Value::Double(float))
    }

    fn bit(self, source: &Source) -> Result<Value> {
        let number = self.number()?;
        match number.whole() {
            Some((whole @ 0..=1, false)) => Ok(Value::Bit(whole == 1)),
            Some((0..=1, true)) if !number.is_negative() => Err(fraction_lost(source, &self)),
            _ => Err(Diagnostic::NumericOutOfRange(self.print())),
        }
    }

    fn date(self) -> Result<Value> {
        match self.moment()? {
            Literal::Date(date) => Ok(Value::Date(days(date))),
            Literal::Moment(Moment { date, time }) if time == Time::default() => Ok(Value::Date(days(date))),
            Literal::Moment(_) => Err(Diagnostic::DatetimeOverflow(self.print())),
            Literal::Time(_) => Err(invalid(&self.print())),
        }
    }

    fn time(self) -> Result<Value> {
        match self.moment()? {
            Literal::Time(time) | Literal::Moment(Moment { time, .. }) if time.nanos == 0 => {
                Ok(Value::Time(time.seconds()))
            }
            Literal::Time(_) | Literal::Moment(_) => Err(Diagnostic::DatetimeOverflow(self.print())),
            Literal::Date(_) => Err(invalid(&self.print())),
        }
    }

    /// A moment finer than milliseconds goes on as text: cut, it would compare differently, and the engine reads the
    /// text with its whole fraction.
    fn timestamp(self) -> Result<Value> {
        let moment = match self.moment()? {
            Literal::Moment(moment) => moment,
            Literal::Date(date) => Moment { date, time: Time::default() },
            Literal::Time(time) => Moment { date: Date::today(), time },
        };
        Ok(moment.millis().map_or_else(|| Value::Text(moment.text().as_str().to_owned()), Value::Timestamp))
    }

    fn guid(self) -> Result<Value> {
        let bytes = match &self {
            Self::Guid(bytes) => Some(*bytes),
            Self::Text(text) => guid::parse(text),
            _ => None,
        };
        bytes.map(|bytes| Value::Text(guid::text(&bytes))).ok_or_else(|| invalid(&self.print()))
    }

    fn number(&self) -> Result<Number> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) => Number::parse(text).ok_or_else(|| invalid(text)),
            Self::Span(span, fields) => span.number(*fields).ok_or_else(|| Diagnostic::IntervalOverflow(self.print())),
            Self::Moment(_) | Self::Guid(_) => Err(invalid(&self.print())),
        }
    }

    fn moment(&self) -> Result<Literal> {
        match self {
            Self::Moment(literal) => Ok(*literal),
            Self::Text(text) => Literal::parse(text).ok_or_else(|| invalid(text)),
            _ => Err(invalid(&self.print())),
        }
    }

    fn print(&self) -> String {
        match self {
            Self::Text(text) => text.clone().into_owned(),
            Self::Number(Number::Exact { unscaled, scale, .. }) => decimal_text(*unscaled, *scale).as_str().to_owned(),
            Self::Number(Number::Float(float)) => float_text(*float).as_str().to_owned(),
            Self::Moment(literal) => literal.text().as_str().to_owned(),
            Self::Span(span, fields) => {
                span.split(*fields).map(|split| split.text(*fields).as_str().to_owned()).unwrap_or_default()
            }
            Self::Guid(bytes) => guid::text(bytes),
        }
    }
}

fn fraction_lost(source: &Source, given: &Given<'_>) -> Diagnostic {
    Diagnostic::FractionLost { parameter: source.number, value: given.print() }
}

fn binary_is_not_offered() -> Diagnostic {
    Diagnostic::NotSupported("parameters of a binary type".to_owned())
}

fn days(date: Date) -> i32 {
    // The years 0 to 9999 have fewer days than 32 bits count.
    i32::try_from(date.days()).unwrap_or_default()
}

/// The first bytes of `bytes`, whose length was checked.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    for (place, byte) in array.iter_mut().zip(bytes) {
        *place = *byte;
    }
    array
}

fn integer(c_type: CType, bytes: &[u8]) -> i128 {
    match c_type {
        CType::STinyInt => i8::from_ne_bytes(array(bytes)).into(),
        CType::UTinyInt => u8::from_ne_bytes(array(bytes)).into(),
        CType::SShort => i16::from_ne_bytes(array(bytes)).into(),
        CType::UShort => u16::from_ne_bytes(array(bytes)).into(),
        CType::SLong => i32::from_ne_bytes(array(bytes)).into(),
        CType::ULong => u32::from_ne_bytes(array(bytes)).into(),
        CType::UBigInt => u64::from_ne_bytes(array(bytes)).into(),
        CType::Bit => i128::from(array::<1>(bytes) != [0]),
        _ => i64::from_ne_bytes(array(bytes)).into(),
    }
}

fn numeric(bytes: &[u8], scale: i16) -> Result<Number> {
    read_numeric(&array(bytes), scale).ok_or_else(|| Diagnostic::NumericOutOfRange("of more than 38 digits".to_owned()))
}

fn span(bytes: &[u8], fields: Fields) -> Result<Span> {
    from_struct(&array(bytes), fields)
        .ok_or_else(|| Diagnostic::IntervalOverflow("with fields beyond a clock's or calendar's".to_owned()))
}

/// A date, time or timestamp struct, its fields checked.
fn moment(c_type: CType, sql_type: SqlCode, bytes: &[u8]) -> Result<Literal> {
    let word = |at: usize| bytes.get(at..at + 2).map_or(0, |word| u16::from_ne_bytes(array(word)));
    let date = || Date::new(word(0).cast_signed().into(), word(2), word(4));
    let found = match c_type {
        CType::Date => date().map(Literal::Date),
        CType::Time => Time::new(word(0), word(2), word(4), 0).map(Literal::Time),
        _ => {
            let nanos = u32::from_ne_bytes(array(bytes.get(12..).unwrap_or_default()));
            let time = Time::new(word(6), word(8), word(10), nanos);
            date().zip(time).map(|(date, time)| Literal::Moment(Moment { date, time }))
        }
    };
    found.ok_or_else(|| {
        let fields: Vec<String> = (0..bytes.len().min(12)).step_by(2).map(|at| word(at).to_string()).collect();
        let fields = fields.join(", ");
        match sql_type.family() {
            Family::Character => Diagnostic::DatetimeOverflow(fields),
            _ => Diagnostic::InvalidDatetime(fields),
        }
    })
}
