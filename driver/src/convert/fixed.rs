//! Values as C types of a fixed size: numbers, dates, times, intervals, GUIDs.

use super::c_type::CType;
use super::cell::{Cell, invalid};
use super::interval::Fields;
use super::moment::{Date, Literal, Moment, Time};
use super::number::{self, Number};
use super::{Target, guid};
use crate::diagnostics::{Diagnostic, Result};

/// Bytes of the largest fixed C type, the interval struct.
const LARGEST: usize = 28;

/// Digits of a SQL_C_NUMERIC where nothing says otherwise: as many as its 16 bytes hold.
const MOST_DIGITS: i16 = 38;

/// A C value in the layout of the application's compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fixed {
    bytes: [u8; LARGEST],
    length: usize,
    /// Whether a fraction, or a time behind a date, was left out (01S07).
    pub(super) lost: bool,
}

impl Fixed {
    fn new<const N: usize>(value: [u8; N], lost: bool) -> Self {
        let mut bytes = [0; LARGEST];
        let length = N.min(LARGEST);
        bytes[..length].copy_from_slice(&value[..length]);
        Self { bytes, length, lost }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// `cell` as `c_type`, which is of a fixed size; precision and scale are those of `target`.
///
/// # Errors
/// 22003, 22007, 22008, 22015, 22018, 07006.
pub(super) fn convert(cell: Cell<'_>, c_type: CType, target: &Target) -> Result<Fixed> {
    match c_type {
        CType::Bit => bit(cell),
        CType::Float | CType::Double => float(cell, c_type),
        CType::Numeric => numeric(cell, target),
        CType::Date => date(cell),
        CType::Time => time(cell),
        CType::Timestamp => timestamp(cell),
        CType::Interval(fields) => interval(cell, fields, target.precision),
        CType::Guid => guid(cell),
        _ => integer(cell, c_type),
    }
}

fn integer(cell: Cell<'_>, c_type: CType) -> Result<Fixed> {
    let number = cell.number(c_type.name())?;
    let out_of_range = || Diagnostic::NumericOutOfRange(cell.describe());
    let (whole, lost) = number.whole().ok_or_else(out_of_range)?;
    pack(whole, c_type, lost).ok_or_else(out_of_range)
}

/// `whole` in the bytes of an integer type; `None` where it does not fit, or `c_type` is no integer.
fn pack(whole: i128, c_type: CType, lost: bool) -> Option<Fixed> {
    Some(match c_type {
        CType::STinyInt => Fixed::new(i8::try_from(whole).ok()?.to_ne_bytes(), lost),
        CType::UTinyInt => Fixed::new(u8::try_from(whole).ok()?.to_ne_bytes(), lost),
        CType::SShort => Fixed::new(i16::try_from(whole).ok()?.to_ne_bytes(), lost),
        CType::UShort => Fixed::new(u16::try_from(whole).ok()?.to_ne_bytes(), lost),
        CType::SLong => Fixed::new(i32::try_from(whole).ok()?.to_ne_bytes(), lost),
        CType::ULong => Fixed::new(u32::try_from(whole).ok()?.to_ne_bytes(), lost),
        CType::SBigInt => Fixed::new(i64::try_from(whole).ok()?.to_ne_bytes(), lost),
        CType::UBigInt => Fixed::new(u64::try_from(whole).ok()?.to_ne_bytes(), lost),
        _ => return None,
    })
}

fn bit(cell: Cell<'_>) -> Result<Fixed> {
    let number = cell.number(CType::Bit.name())?;
    match number.whole() {
        Some((whole @ 0..=1, lost)) if !number.is_negative() => Ok(Fixed::new([u8::from(whole == 1)], lost)),
        _ => Err(Diagnostic::NumericOutOfRange(cell.describe())),
    }
}

fn float(cell: Cell<'_>, c_type: CType) -> Result<Fixed> {
    let float = cell.number(c_type.name())?.float();
    let out_of_range = || Diagnostic::NumericOutOfRange(cell.describe());
    // An infinite number out of digits is one that no float holds; one out of a DOUBLE column is itself.
    if float.is_infinite() && !matches!(cell, Cell::Double(_)) {
        return Err(out_of_range());
    }
    if c_type == CType::Double {
        return Ok(Fixed::new(float.to_ne_bytes(), false));
    }
    let single = number::single(float).ok_or_else(out_of_range)?;
    Ok(Fixed::new(single.to_ne_bytes(), false))
}

/// A SQL_NUMERIC_STRUCT: precision, scale, sign (1 is positive), 16 bytes of the scaled integer, lowest first.
fn numeric(cell: Cell<'_>, target: &Target) -> Result<Fixed> {
    let number = cell.number(CType::Numeric.name())?;
    let out_of_range = || Diagnostic::NumericOutOfRange(cell.describe());
    let precision = if target.precision > 0 { target.precision.min(MOST_DIGITS) } else { MOST_DIGITS };
    let (unscaled, lost) = number.at_scale(target.scale).ok_or_else(out_of_range)?;
    let digits = unscaled.unsigned_abs().checked_ilog10().map_or(1, |log| log + 1);
    if digits > u32::from(precision.unsigned_abs()) {
        return Err(out_of_range());
    }
    let scale = i8::try_from(target.scale).map_err(|_| out_of_range())?;
    let mut bytes = [0; 19];
    bytes[0] = u8::try_from(precision).unwrap_or_default();
    bytes[1] = scale.cast_unsigned();
    bytes[2] = u8::from(unscaled >= 0);
    bytes[3..].copy_from_slice(&unscaled.unsigned_abs().to_le_bytes());
    Ok(Fixed::new(bytes, lost))
}

/// The number in a SQL_NUMERIC_STRUCT; `None` for more digits than 38 or a scale beyond them. The scale is the
/// descriptor's where that says one, else the struct's own: many applications fill in only the struct.
pub(super) fn read_numeric(bytes: &[u8; 19], scale: i16) -> Option<Number> {
    let mut digits = [0; 16];
    digits.copy_from_slice(&bytes[3..]);
    let size = i128::try_from(u128::from_le_bytes(digits)).ok()?;
    let unscaled = if bytes[2] == 0 { -size } else { size };
    let scale = if scale == 0 { i16::from(bytes[1].cast_signed()) } else { scale };
    match u8::try_from(scale) {
        Ok(scale) => (scale <= 38).then_some(Number::decimal(unscaled, scale)),
        Err(_) => {
            let one = 10_i128.checked_pow(u32::from(scale.unsigned_abs()))?;
            Some(Number::from(unscaled.checked_mul(one)?))
        }
    }
}

fn date(cell: Cell<'_>) -> Result<Fixed> {
    let name = CType::Date.name();
    let (date, time) = match cell.moment(name)? {
        Literal::Date(date) => (date, Time::default()),
        Literal::Moment(moment) => (moment.date, moment.time),
        Literal::Time(_) => return Err(mismatch(cell, name)),
    };
    Ok(Fixed::new(date_struct(cell, date)?, time != Time::default()))
}

fn time(cell: Cell<'_>) -> Result<Fixed> {
    let name = CType::Time.name();
    let time = match cell.moment(name)? {
        Literal::Time(time) | Literal::Moment(Moment { time, .. }) => time,
        Literal::Date(_) => return Err(mismatch(cell, name)),
    };
    Ok(Fixed::new(time_struct(time), time.nanos != 0))
}

fn timestamp(cell: Cell<'_>) -> Result<Fixed> {
    let moment = match cell.moment(CType::Timestamp.name())? {
        Literal::Moment(moment) => moment,
        Literal::Date(date) => Moment { date, time: Time::default() },
        Literal::Time(time) => Moment { date: Date::today(), time },
    };
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&date_struct(cell, moment.date)?);
    bytes[6..12].copy_from_slice(&time_struct(moment.time));
    bytes[12..].copy_from_slice(&moment.time.nanos.to_ne_bytes());
    Ok(Fixed::new(bytes, false))
}

/// A time where a date is asked for, or the other way round: a text that is none, or a pair that does not convert.
fn mismatch(cell: Cell<'_>, to: &str) -> Diagnostic {
    if let Cell::Text(text) = cell { invalid(text) } else { cell.restricted(to) }
}

fn date_struct(cell: Cell<'_>, date: Date) -> Result<[u8; 6]> {
    let year = i16::try_from(date.year).map_err(|_| Diagnostic::DatetimeOverflow(cell.describe()))?;
    Ok(words([year.cast_unsigned(), date.month, date.day]))
}

fn time_struct(time: Time) -> [u8; 6] {
    words([time.hour, time.minute, time.second])
}

fn words(words: [u16; 3]) -> [u8; 6] {
    let mut bytes = [0; 6];
    for (place, word) in bytes.chunks_exact_mut(2).zip(words) {
        place.copy_from_slice(&word.to_ne_bytes());
    }
    bytes
}

fn interval(cell: Cell<'_>, fields: Fields, precision: i16) -> Result<Fixed> {
    let (span, number_lost) = cell.span(fields, CType::Interval(fields).name())?;
    // The struct's fields have 32 bits; a leading precision that would ask for less is not enforced: nothing is lost.
    let written = span.split(fields).and_then(|split| split.to_struct(fields, precision));
    let (bytes, lost) = written.ok_or_else(|| Diagnostic::IntervalOverflow(cell.describe()))?;
    Ok(Fixed::new(bytes, lost || number_lost))
}

fn guid(cell: Cell<'_>) -> Result<Fixed> {
    match cell {
        Cell::Text(text) => guid::parse(text).map(|bytes| Fixed::new(bytes, false)).ok_or_else(|| invalid(text)),
        _ => Err(cell.restricted(CType::Guid.name())),
    }
}
