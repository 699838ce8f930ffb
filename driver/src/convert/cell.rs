//! A value between its source and its target: what every reader gives and every writer takes.

use super::interval::{Fields, Span};
use super::moment::{Date, Literal, Moment, Time};
use super::number::{self, Number};
use super::short::Short;
use crate::diagnostics::{Diagnostic, Result};

/// A value of a column, borrowed from its batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// A flag.
    Bit(bool),
    /// A whole number.
    Whole {
        /// The number.
        value: i64,
        /// Bytes of its type: 2, 4 or 8.
        bytes: u8,
    },
    /// An exact number: `unscaled` times ten to the power of minus `scale`.
    Decimal {
        /// All digits as one integer.
        unscaled: i128,
        /// Digits after the point.
        scale: u8,
    },
    /// A float of 64 bits.
    Double(f64),
    /// Text.
    Text(&'a str),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since midnight.
    Time(i32),
    /// Milliseconds since 1970-01-01 00:00:00.
    Timestamp(i64),
    /// A distance in milliseconds.
    Interval(i64),
}

/// The text of a value that is no text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Printed {
    /// The text, ASCII only.
    pub(super) text: Short,
    /// Characters without which the text would name another value: a buffer that cannot hold them is 22003.
    pub(super) essential: usize,
}

impl Cell<'_> {
    /// The number that this value is, or that its text names.
    ///
    /// # Errors
    /// `InvalidCharacterValue`; `RestrictedType` for values that are no numbers.
    pub(super) fn number(self, to: &str) -> Result<Number> {
        match self {
            Self::Bit(flag) => Ok(Number::from(i128::from(flag))),
            Self::Whole { value, .. } => Ok(Number::from(i128::from(value))),
            Self::Decimal { unscaled, scale } => Ok(Number::decimal(unscaled, scale)),
            Self::Double(float) => Ok(Number::Float(float)),
            Self::Text(text) => Number::parse(text).ok_or_else(|| invalid(text)),
            Self::Date(_) | Self::Time(_) | Self::Timestamp(_) | Self::Interval(_) => Err(self.restricted(to)),
        }
    }

    /// The date, time or moment that this value is, or that its text names.
    ///
    /// # Errors
    /// `InvalidCharacterValue`; `RestrictedType` for other values.
    pub(super) fn moment(self, to: &str) -> Result<Literal> {
        match self {
            Self::Date(days) => Ok(Literal::Date(Date::from_days(days.into()))),
            Self::Time(seconds) => Ok(Literal::Time(Time::from_seconds(seconds))),
            Self::Timestamp(millis) => Ok(Literal::Moment(Moment::from_millis(millis))),
            Self::Text(text) => Literal::parse(text).ok_or_else(|| invalid(text)),
            _ => Err(self.restricted(to)),
        }
    }

    /// The interval that this value is, or that its text or number names, and whether a fraction is lost.
    ///
    /// # Errors
    /// `InvalidCharacterValue`, `IntervalOverflow`; `RestrictedType` for other values.
    pub(super) fn span(self, fields: Fields, to: &str) -> Result<(Span, bool)> {
        let (span, lost) = match self {
            Self::Interval(millis) => (Span::millis(millis), false),
            Self::Text(text) => (Span::parse(text, fields).ok_or_else(|| invalid(text))?, false),
            Self::Whole { .. } | Self::Decimal { .. } if fields.is_single() => {
                let number = self.number(to)?;
                Span::of_number(number, fields).ok_or_else(|| Diagnostic::IntervalOverflow(self.describe()))?
            }
            _ => return Err(self.restricted(to)),
        };
        match self {
            _ if span.fits(fields) => Ok((span, lost)),
            Self::Text(text) => Err(invalid(text)),
            _ => Err(self.restricted(to)),
        }
    }

    /// This value as text; `None` for what is text already.
    pub(super) fn print(self) -> Option<Printed> {
        let whole = |text: Short| Printed { text, essential: text.as_str().len() };
        let part = |text: Short| Printed { text, essential: before_fraction(text.as_str()) };
        Some(match self {
            Self::Text(_) => return None,
            Self::Bit(flag) => whole(number::decimal_text(flag.into(), 0)),
            Self::Whole { value, .. } => whole(number::decimal_text(value.into(), 0)),
            Self::Decimal { unscaled, scale } => part(number::decimal_text(unscaled, scale)),
            Self::Double(float) => part(number::float_text(float)),
            Self::Date(days) => whole(date_text(days)),
            Self::Time(seconds) => whole(time_text(seconds)),
            Self::Timestamp(millis) => part(Moment::from_millis(millis).text()),
            Self::Interval(millis) => part(interval_text(millis)),
        })
    }

    /// This value for a message; a long text is shortened.
    pub(super) fn describe(self) -> String {
        match (self, self.print()) {
            (Self::Text(text), _) => shortened(text),
            (_, Some(printed)) => printed.text.as_str().to_owned(),
            (_, None) => String::new(),
        }
    }

    pub(super) fn restricted(self, to: &str) -> Diagnostic {
        let from = match self {
            Self::Bit(_) => "BIT",
            Self::Whole { bytes: 2, .. } => "SMALLINT",
            Self::Whole { bytes: 4, .. } => "INTEGER",
            Self::Whole { .. } => "BIGINT",
            Self::Decimal { .. } => "DECIMAL",
            Self::Double(_) => "DOUBLE",
            Self::Text(_) => "VARCHAR",
            Self::Date(_) => "DATE",
            Self::Time(_) => "TIME",
            Self::Timestamp(_) => "TIMESTAMP",
            Self::Interval(_) => "INTERVAL DAY TO SECOND",
        };
        Diagnostic::RestrictedType { from: from.to_owned(), to: to.to_owned() }
    }
}

/// The diagnostic for a text that is no value of the type asked for.
pub(super) fn invalid(text: &str) -> Diagnostic {
    Diagnostic::InvalidCharacterValue(shortened(text))
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Characters before the point; all of them where an exponent, which no cut may lose, follows.
fn before_fraction(text: &str) -> usize {
    if text.contains('E') { text.len() } else { text.find('.').unwrap_or(text.len()) }
}

fn date_text(days: i32) -> Short {
    let mut text = Short::new();
    Date::from_days(days.into()).write(&mut text);
    text
}

fn time_text(seconds: i32) -> Short {
    let mut text = Short::new();
    Time::from_seconds(seconds).write(&mut text);
    text
}

fn interval_text(millis: i64) -> Short {
    // 64 bits of milliseconds always split: their days are fewer.
    let split = Span::millis(millis).split(Fields::DAY_TO_SECOND);
    split.map_or_else(Short::new, |split| split.text(Fields::DAY_TO_SECOND))
}
