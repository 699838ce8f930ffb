//! How one value is read. It comes as a slice of the page, its JSON text.
//!
//! Dirty values that Pipedrive is known to send become NULL: `""` and `0000-00-00` for dates, times and numbers,
//! null in place of objects. Anything else that does not fit is an error that names column and value.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::column::Cell;
use super::items::{self, separate};
use super::layout::LayoutColumn;
use super::moment::{self, Moment};
use crate::model::Reading;
use crate::{Error, ErrorKind, Result};

/// What reading a page found beside its values.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Findings {
    /// A money value lost decimals.
    pub(super) rounded: bool,
    /// An option id has no label.
    pub(super) unknown_option: bool,
    /// A record lacks a custom field that was asked for.
    pub(super) lost_key: bool,
    /// A record has a custom field that is not defined.
    pub(super) unknown_key: bool,
}

/// Digits after the point of money.
const SCALE: usize = 4;
/// Most digits before it.
const INTEGER_DIGITS: usize = 15;

/// Where a value goes, and what reading it finds. Written in place: a cell that is handed on is copied for each value.
pub(super) struct Place<'p> {
    /// The value.
    pub(super) cell: &'p mut Cell,
    /// Text of the row that is being read; a cell has a part of it.
    pub(super) scratch: &'p mut String,
    /// What was found beside values.
    pub(super) findings: &'p mut Findings,
}

impl Place<'_> {
    /// The text from `start` on is the value.
    fn text(&mut self, start: usize) {
        *self.cell = Cell::Text(start..self.scratch.len());
    }

    /// The same, where no text is no value.
    fn text_or_null(&mut self, start: usize) {
        if self.scratch.len() > start { self.text(start) } else { *self.cell = Cell::Null }
    }
}

/// Reads the JSON text of a value.
///
/// # Errors
/// `Conversion` for a value that is none of the column's type, `OutOfRange` for money beyond 15 digits.
pub(super) fn read(raw: &str, column: &LayoutColumn, place: &mut Place<'_>) -> Result<()> {
    let start = place.scratch.len();
    match raw.as_bytes().first() {
        None | Some(b'n') => {
            *place.cell = Cell::Null;
            return Ok(());
        }
        Some(b'{') if may_be_linked(column.reading) => return object(raw, column, place),
        _ => {}
    }
    let bad = || unfit(column, raw);
    match column.reading {
        Reading::Text | Reading::LongText => {
            place.scratch.push_str(&string(raw).unwrap_or(Cow::Borrowed(raw)));
            place.text(start);
        }
        Reading::Option => {
            let id = string(raw).unwrap_or(Cow::Borrowed(raw));
            if id.is_empty() {
                *place.cell = Cell::Null;
                return Ok(());
            }
            push_label(&id, column, place.scratch, place.findings);
            place.text(start);
        }
        Reading::Options | Reading::OptionIds => {
            options(raw, column, place.scratch, place.findings).ok_or_else(bad)?;
            place.text_or_null(start);
        }
        Reading::Contacts | Reading::Participants | Reading::Attendees | Reading::Prices => {
            items::read(raw, column.reading, place.scratch).ok_or_else(bad)?;
            place.text_or_null(start);
        }
        reading => return plain(&string(raw).unwrap_or(Cow::Borrowed(raw)), reading, column, place),
    }
    Ok(())
}

/// Whether an object in place of the value holds it: text is kept as it is, and arrays are of a shape of their own.
const fn may_be_linked(reading: Reading) -> bool {
    match reading {
        Reading::Text
        | Reading::LongText
        | Reading::Contacts
        | Reading::Participants
        | Reading::Attendees
        | Reading::Prices => false,
        Reading::BigInt
        | Reading::Money
        | Reading::Double
        | Reading::Bit
        | Reading::Timestamp
        | Reading::Date
        | Reading::Time
        | Reading::Option
        | Reading::Options
        | Reading::OptionIds => true,
    }
}

/// A value without structure: number, flag or moment, in quotes or not.
fn plain(text: &str, reading: Reading, column: &LayoutColumn, place: &mut Place<'_>) -> Result<()> {
    let bad = || unfit(column, text);
    if text.is_empty() {
        *place.cell = Cell::Null;
        return Ok(());
    }
    let moment = match reading {
        Reading::Date => moment::date(text).map(i64::from),
        Reading::Time => moment::time(text).map(i64::from),
        Reading::Timestamp => moment::timestamp(text),
        Reading::Money => {
            let (number, rounded) = money(text).ok_or_else(bad)?.ok_or_else(|| too_large(column, text))?;
            place.findings.rounded |= rounded;
            *place.cell = Cell::Money(number);
            return Ok(());
        }
        Reading::Double => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            *place.cell = Cell::Double(number.ok_or_else(bad)?);
            return Ok(());
        }
        Reading::Bit => {
            *place.cell = Cell::Bit(flag(text).ok_or_else(bad)?);
            return Ok(());
        }
        _ => {
            *place.cell = Cell::Integer(integer(text).ok_or_else(bad)?);
            return Ok(());
        }
    };
    *place.cell = match moment {
        Moment::Value(number) => Cell::Integer(number),
        Moment::None => Cell::Null,
        Moment::Bad => return Err(bad()),
    };
    Ok(())
}

/// Where an object stands in place of a plain value: v1's linked records have the id in `value`, options on request
/// have `id` and `label`.
fn object(raw: &str, column: &LayoutColumn, place: &mut Place<'_>) -> Result<()> {
    #[derive(Deserialize)]
    struct Linked<'a> {
        #[serde(borrow)]
        value: Option<&'a RawValue>,
        #[serde(borrow)]
        id: Option<&'a RawValue>,
        #[serde(borrow)]
        label: Option<&'a RawValue>,
    }
    let linked: Linked<'_> = serde_json::from_str(raw).map_err(|_| unfit(column, raw))?;
    if let (Reading::Option | Reading::Options, Some(label)) = (column.reading, linked.label) {
        let start = place.scratch.len();
        place.scratch.push_str(&string(label.get()).unwrap_or_else(|| Cow::Borrowed(label.get())));
        place.text(start);
        return Ok(());
    }
    match linked.value.or(linked.id).map(RawValue::get) {
        // Not a second time: an object in an object is none of Pipedrive's shapes.
        Some(inner) if !inner.starts_with('{') => read(inner, column, place),
        Some(_) => Err(unfit(column, raw)),
        None => {
            *place.cell = Cell::Null;
            Ok(())
        }
    }
}

/// The labels, or ids, of an array of option ids, of objects with both, of one id, or of v1's `"1,2"`.
fn options(raw: &str, column: &LayoutColumn, scratch: &mut String, findings: &mut Findings) -> Option<()> {
    let start = scratch.len();
    if !raw.starts_with('[') {
        let ids = string(raw).unwrap_or(Cow::Borrowed(raw));
        for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            separate(scratch, start);
            push_label(id, column, scratch, findings);
        }
        return Some(());
    }
    for item in serde_json::from_str::<Vec<&RawValue>>(raw).ok()? {
        let item = item.get();
        separate(scratch, start);
        if item.starts_with('{') {
            push_object(item, column, scratch)?;
        } else {
            push_label(&string(item).unwrap_or(Cow::Borrowed(item)), column, scratch, findings);
        }
    }
    Some(())
}

/// The label, or id, of an option that is sent with both.
fn push_object(item: &str, column: &LayoutColumn, scratch: &mut String) -> Option<()> {
    #[derive(Deserialize)]
    struct Sent<'a> {
        #[serde(borrow)]
        id: Option<&'a RawValue>,
        #[serde(borrow)]
        label: Option<Written<'a>>,
    }
    let sent: Sent<'_> = serde_json::from_str(item).ok()?;
    if column.reading == Reading::OptionIds {
        let id = sent.id?.get();
        scratch.push_str(&string(id).unwrap_or(Cow::Borrowed(id)));
    } else {
        scratch.push_str(&sent.label?.0);
    }
    Some(())
}

/// The label of an option, or its id where that is wanted, or where the definitions do not have it.
fn push_label(id: &str, column: &LayoutColumn, scratch: &mut String, findings: &mut Findings) {
    if column.reading == Reading::OptionIds {
        scratch.push_str(id);
        return;
    }
    match column.options.as_ref().and_then(|labels| labels.get(id)) {
        Some(label) => scratch.push_str(label),
        None => {
            findings.unknown_option = true;
            scratch.push_str(id);
        }
    }
}

/// The text of a JSON string; `None` for any other value. Half a surrogate pair, as a text cut by a count of UTF-16
/// units ends with, becomes U+FFFD.
pub(super) fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inside = raw.strip_prefix('"')?.strip_suffix('"')?;
    // By bytes, which takes less than by characters.
    if !inside.as_bytes().contains(&b'\\') {
        return Some(Cow::Borrowed(inside));
    }
    match serde_json::from_str::<String>(raw) {
        Ok(text) => Some(Cow::Owned(text)),
        Err(_) => serde_json::from_str::<Bytes>(raw).ok().map(|Bytes(text)| Cow::Owned(text)),
    }
}

/// A member that is a string, read by [`string`].
pub(super) struct Written<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Written<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        string(raw).map(Written).ok_or_else(|| serde::de::Error::custom("a string was expected"))
    }
}

/// A string with half surrogate pairs, which serde_json gives out as bytes only.
struct Bytes(String);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> std::result::Result<Bytes, E> {
                Ok(Bytes(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// A whole number, also when it is written with a fraction of zeros or as a flag.
fn integer(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| flag(text).map(i64::from)).or_else(|| {
        let (digits, rounded) = decimal(text, 0)?;
        if rounded { None } else { i64::try_from(digits).ok() }
    })
}

/// Ten-thousandths and whether decimals were lost; the inner `None` for too many digits before the point.
fn money(text: &str) -> Option<Option<(i128, bool)>> {
    const LIMIT: u128 = 10_u128.pow(19);
    let digits = text.trim_start_matches('-').bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let (number, rounded) = match decimal(text, SCALE) {
        Some(number) => number,
        // A number that is one, but too large to be counted.
        None => return text.parse::<f64>().ok().map(|_| None),
    };
    Some((number.unsigned_abs() < LIMIT).then_some((number, rounded)))
}

/// A JSON number as an integer of `scale` decimals, rounded half away from zero, and whether that lost anything.
fn decimal(text: &str, scale: usize) -> Option<(i128, bool)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, power(exponent)?),
        None => (text, 0),
    };
    let (negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if whole.is_empty() || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let zeros = digits().take_while(|digit| *digit == b'0').count();
    let mut rest = digits().skip(zeros).map(|digit| i128::from(digit - b'0')).peekable();
    if rest.peek().is_none() {
        return Some((0, false));
    }
    // Digits that count, from the first that is no zero: those before the point after moving it by exponent and scale.
    let before = i64::try_from(whole.len()).ok()? - i64::try_from(zeros).ok()?;
    let kept = before + i64::from(exponent) + i64::try_from(scale).ok()?;
    if kept > MAX_SHIFT {
        return None;
    }
    let mut number: i128 = 0;
    for _ in 0..kept.max(0) {
        number = number.checked_mul(10)?.checked_add(rest.next().unwrap_or(0))?;
    }
    // With the point moved left of all digits, the first one that is dropped is a zero.
    let first = if kept < 0 { 0 } else { rest.next().unwrap_or(0) };
    let lost = first != 0 || rest.any(|digit| digit != 0);
    if first >= 5 {
        number += 1;
    }
    Some((if negative { -number } else { number }, lost))
}

/// An exponent; one beyond 32 bits counts as the greatest of its sign, which no digits make up for.
fn power(text: &str) -> Option<i32> {
    let digits = text.trim_start_matches(['+', '-']);
    let is_number = text.len() - digits.len() <= 1 && digits.bytes().all(|digit| digit.is_ascii_digit());
    let greatest = if text.starts_with('-') { i32::MIN } else { i32::MAX };
    (is_number && !digits.is_empty()).then(|| text.parse().unwrap_or(greatest))
}

/// No 128-bit number has more digits.
const MAX_SHIFT: i64 = 39;

fn unfit(column: &LayoutColumn, value: &str) -> Error {
    let text = format!("{}: {} is no {}", column.name, shortened(value), column.reading.sql_type(0));
    Error::new(ErrorKind::Conversion, text)
}

fn too_large(column: &LayoutColumn, value: &str) -> Error {
    let text = format!("{}: {} has more than {INTEGER_DIGITS} digits before the point", column.name, shortened(value));
    Error::new(ErrorKind::OutOfRange, text)
}

fn shortened(value: &str) -> String {
    value.chars().take(60).collect()
}
