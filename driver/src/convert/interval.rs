//! Intervals: which fields a type has, and a span split into them.
//! [Interval Data Types](https://learn.microsoft.com/sql/odbc/reference/appendixes/interval-data-types)

use super::moment::parse_fraction;
use super::number::Number;
use super::short::Short;

/// The fields of an interval type: year, month, day, hour, minute, second are 0 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fields {
    /// SQLINTERVAL of the struct; 100 less than the type's code.
    pub(super) code: u8,
    first: u8,
    last: u8,
}

const SECOND: u8 = 5;

/// Names of the fields, as a literal's qualifier writes them.
const NAMES: [&str; 6] = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];

/// What stands behind a field when another follows.
const SEPARATORS: [u8; 6] = [b'-', b'-', b' ', b':', b':', b':'];

/// Size of a field in the unit of its class: months, or nanoseconds.
const UNITS: [u128; 6] = [12, 1, 24 * HOUR, HOUR, MINUTE, NANOS];
const HOUR: u128 = 60 * MINUTE;
const MINUTE: u128 = 60 * NANOS;
const NANOS: u128 = 1_000_000_000;

/// Digits of a second's fraction in the struct where nothing says otherwise.
const DEFAULT_PRECISION: i16 = 6;

impl Fields {
    pub(super) const YEAR: Self = Self::new(1, 0, 0);
    pub(super) const MONTH: Self = Self::new(2, 1, 1);
    pub(super) const DAY: Self = Self::new(3, 2, 2);
    pub(super) const HOUR: Self = Self::new(4, 3, 3);
    pub(super) const MINUTE: Self = Self::new(5, 4, 4);
    pub(super) const SECOND: Self = Self::new(6, 5, 5);
    pub(super) const YEAR_TO_MONTH: Self = Self::new(7, 0, 1);
    pub(super) const DAY_TO_HOUR: Self = Self::new(8, 2, 3);
    pub(super) const DAY_TO_MINUTE: Self = Self::new(9, 2, 4);
    pub(super) const DAY_TO_SECOND: Self = Self::new(10, 2, 5);
    pub(super) const HOUR_TO_MINUTE: Self = Self::new(11, 3, 4);
    pub(super) const HOUR_TO_SECOND: Self = Self::new(12, 3, 5);
    pub(super) const MINUTE_TO_SECOND: Self = Self::new(13, 4, 5);

    const ALL: [Self; 13] = [
        Self::YEAR,
        Self::MONTH,
        Self::DAY,
        Self::HOUR,
        Self::MINUTE,
        Self::SECOND,
        Self::YEAR_TO_MONTH,
        Self::DAY_TO_HOUR,
        Self::DAY_TO_MINUTE,
        Self::DAY_TO_SECOND,
        Self::HOUR_TO_MINUTE,
        Self::HOUR_TO_SECOND,
        Self::MINUTE_TO_SECOND,
    ];

    const fn new(code: u8, first: u8, last: u8) -> Self {
        Self { code, first, last }
    }

    pub(super) const fn is_single(self) -> bool {
        self.first == self.last
    }

    pub(super) const fn is_year_month(self) -> bool {
        self.last < 2
    }

    fn has(self, field: usize) -> bool {
        (usize::from(self.first)..=usize::from(self.last)).contains(&field)
    }

    fn indices(self) -> std::ops::RangeInclusive<usize> {
        usize::from(self.first)..=usize::from(self.last)
    }

    fn between(first: &str, last: &str) -> Option<Self> {
        let field = |name: &str| NAMES.iter().position(|known| known.eq_ignore_ascii_case(name));
        let (first, last) = (field(first)?, field(last)?);
        Self::ALL.into_iter().find(|fields| usize::from(fields.first) == first && usize::from(fields.last) == last)
    }
}

/// A distance in time: months, or nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    negative: bool,
    size: u128,
    year_month: bool,
}

/// A span in the fields of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Split {
    negative: bool,
    /// Year to second; zero where the type has no such field.
    values: [u64; 6],
    /// What is smaller than the last field: nanoseconds for SECOND.
    rest: u128,
}

impl Span {
    pub(super) const fn millis(millis: i64) -> Self {
        let size = millis.unsigned_abs() as u128 * 1_000_000;
        Self { negative: millis < 0, size, year_month: false }
    }

    /// So many of the one field that `fields` has, and whether a fraction is lost; `None` beyond every interval.
    pub(super) fn of_number(number: Number, fields: Fields) -> Option<(Self, bool)> {
        let unit = UNITS[usize::from(fields.last)];
        let (count, lost, unit) = if fields.last == SECOND {
            let (nanos, lost) = number.at_scale(9)?;
            (nanos, lost, 1)
        } else {
            let (count, lost) = number.whole()?;
            (count, lost, unit)
        };
        let size = count.unsigned_abs().checked_mul(unit)?;
        Some((Self { negative: count < 0, size, year_month: fields.is_year_month() }, lost))
    }

    /// The number that a span of one field is.
    pub(super) fn number(self, fields: Fields) -> Option<Number> {
        if !fields.is_single() {
            return None;
        }
        let sign = if self.negative { -1 } else { 1 };
        let size = i128::try_from(self.size).ok()? * sign;
        let unit = i128::try_from(UNITS[usize::from(fields.last)]).ok()?;
        if fields.last == SECOND && size % unit != 0 {
            return Some(Number::decimal(size, 9));
        }
        Some(Number::from(size / unit))
    }

    /// This span in the fields of a type; `None` for more than 64 bits of its leading field.
    pub(super) fn split(self, fields: Fields) -> Option<Split> {
        let (mut rest, mut values) = (self.size, [0; 6]);
        for field in fields.indices() {
            values[field] = u64::try_from(rest / UNITS[field]).ok()?;
            rest %= UNITS[field];
        }
        Some(Split { negative: self.negative, values, rest })
    }

    /// The value of an interval literal, or a whole one (`INTERVAL '1 02:03:04' DAY TO SECOND`, in `{ }` or not).
    /// A bare value is taken as what it looks like; `wanted` decides where it could be several types.
    pub(super) fn parse(text: &str, wanted: Fields) -> Option<Self> {
        let text = text.trim();
        let Some((before, quoted)) = text.split_once('\'') else {
            return Self::parse_value(text, shape(text, wanted)?);
        };
        let (value, qualifier) = quoted.split_once('\'')?;
        let word = before.trim_start_matches('{').trim();
        let negative = word.ends_with('-');
        let word = word.trim_end_matches(['-', '+']).trim();
        if !word.eq_ignore_ascii_case("INTERVAL") && !word.is_empty() {
            return None;
        }
        let span = Self::parse_value(value.trim(), qualified(qualifier.trim().trim_end_matches('}'))?)?;
        Some(Self { negative: span.negative != negative, ..span })
    }

    fn parse_value(text: &str, fields: Fields) -> Option<Self> {
        let (negative, mut text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let mut size = 0_u128;
        for field in fields.indices() {
            let is_last = field == usize::from(fields.last);
            let part = if is_last { text } else { split_at(&mut text, char::from(SEPARATORS[field]))? };
            let leading = field == usize::from(fields.first);
            size = size.checked_add(parse_field(part, field, leading)?)?;
        }
        Some(Self { negative, size, year_month: fields.is_year_month() })
    }

    /// Whether it is of the class of these fields: year-month or day-time.
    pub(super) const fn fits(self, fields: Fields) -> bool {
        self.year_month == fields.is_year_month()
    }
}

fn split_at<'a>(text: &mut &'a str, separator: char) -> Option<&'a str> {
    let (part, rest) = text.split_once(separator)?;
    *text = rest;
    Some(part)
}

/// A field in its class's unit; only the leading one may exceed what a clock or calendar shows.
fn parse_field(text: &str, field: usize, leading: bool) -> Option<u128> {
    let (digits, fraction) = match text.split_once('.') {
        Some((digits, fraction)) if field == usize::from(SECOND) => (digits, parse_fraction(fraction)?),
        Some(_) => return None,
        None => (text, 0),
    };
    let numeric = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value: u64 = digits.parse().ok().filter(|_| numeric)?;
    let fits = leading || u128::from(value) < UNITS[field - 1] / UNITS[field];
    fits.then(|| u128::from(value) * UNITS[field] + u128::from(fraction))
}

/// `DAY TO SECOND`, `HOUR(3)`: the fields that a qualifier names; precisions are not needed to read the value.
fn qualified(text: &str) -> Option<Fields> {
    let bare = |name: &str| name.split('(').next().unwrap_or_default().trim().to_owned();
    let upper = text.to_ascii_uppercase();
    let (first, last) = upper.split_once(" TO ").unwrap_or((&upper, &upper));
    Fields::between(&bare(first), &bare(last))
}

/// The fields that a bare value looks like.
fn shape(text: &str, wanted: Fields) -> Option<Fields> {
    let digits = text.trim_start_matches(['-', '+']);
    let clock = digits.matches(':').count();
    if digits.contains('-') {
        Some(Fields::YEAR_TO_MONTH)
    } else if digits.contains(' ') {
        [Fields::DAY_TO_HOUR, Fields::DAY_TO_MINUTE, Fields::DAY_TO_SECOND].get(clock).copied()
    } else {
        match clock {
            0 => wanted.is_single().then_some(wanted),
            1 if wanted.last == SECOND && !wanted.has(3) => Some(Fields::MINUTE_TO_SECOND),
            1 => Some(Fields::HOUR_TO_MINUTE),
            _ => Some(Fields::HOUR_TO_SECOND),
        }
    }
}

impl Split {
    /// The value of an interval literal of these fields; a fraction of seconds only where there is one.
    pub(super) fn text(&self, fields: Fields) -> Short {
        let mut text = Short::new();
        if self.negative {
            text.push(b'-');
        }
        for field in fields.indices() {
            if field == usize::from(fields.first) {
                text.push_number(self.values[field].into(), 1);
            } else {
                text.push(SEPARATORS[field - 1]);
                text.push_number(self.values[field].into(), 2);
            }
        }
        if fields.last == SECOND {
            text.push_fraction(u32::try_from(self.rest).unwrap_or_default());
        }
        text
    }

    /// A SQL_INTERVAL_STRUCT, and whether something smaller than its last field is lost. `precision` is the number of
    /// digits of a second's fraction, 0 for the default of six. `None` where the leading field does not fit 32 bits.
    pub(super) fn to_struct(self, fields: Fields, precision: i16) -> Option<([u8; 28], bool)> {
        let mut bytes = [0; 28];
        bytes[..4].copy_from_slice(&u32::from(fields.code).to_ne_bytes());
        bytes[4..6].copy_from_slice(&u16::from(self.negative).to_ne_bytes());
        let offset = if fields.is_year_month() { 0 } else { 2 };
        for field in fields.indices() {
            let start = 8 + 4 * (field - offset);
            bytes[start..start + 4].copy_from_slice(&u32::try_from(self.values[field]).ok()?.to_ne_bytes());
        }
        if fields.last != SECOND {
            return Some((bytes, self.rest != 0));
        }
        let unit = fraction_unit(precision);
        let fraction = u32::try_from(self.rest / unit).unwrap_or_default();
        bytes[24..28].copy_from_slice(&fraction.to_ne_bytes());
        Some((bytes, !self.rest.is_multiple_of(unit)))
    }
}

/// Nanoseconds of the last digit of a fraction.
fn fraction_unit(precision: i16) -> u128 {
    let digits = if (1..=9).contains(&precision) { precision } else { DEFAULT_PRECISION };
    10_u128.pow(9 - u32::from(digits.unsigned_abs()))
}

/// The span that a SQL_INTERVAL_STRUCT of these fields holds; `None` for fields beyond a clock's or calendar's.
pub(super) fn from_struct(bytes: &[u8; 28], fields: Fields) -> Option<Span> {
    let word = |start: usize| u32::from_ne_bytes([bytes[start], bytes[start + 1], bytes[start + 2], bytes[start + 3]]);
    let offset = if fields.is_year_month() { 0 } else { 2 };
    let mut size = 0;
    for field in fields.indices() {
        let value = u128::from(word(8 + 4 * (field - offset)));
        let leading = field == usize::from(fields.first);
        if !leading && value >= UNITS[field - 1] / UNITS[field] {
            return None;
        }
        size += value * UNITS[field];
    }
    if fields.last == SECOND {
        let fraction = u128::from(word(24)) * fraction_unit(0);
        size += Some(fraction).filter(|fraction| *fraction < NANOS)?;
    }
    let negative = u16::from_ne_bytes([bytes[4], bytes[5]]) != 0;
    Some(Span { negative, size, year_month: fields.is_year_month() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_their_text() {
        for (text, fields, wanted) in [
            ("1 02:03:04.5", Fields::DAY_TO_SECOND, Some("1 02:03:04.5")),
            ("-1 02:03:04", Fields::HOUR_TO_SECOND, Some("-26:03:04")),
            ("INTERVAL '26:03' HOUR TO MINUTE", Fields::DAY_TO_HOUR, Some("1 02")),
            ("{INTERVAL -'3' DAY}", Fields::DAY, Some("-3")),
            ("02:03", Fields::MINUTE_TO_SECOND, Some("2:03")),
            ("02:03", Fields::HOUR_TO_MINUTE, Some("2:03")),
            ("1-06", Fields::MONTH, Some("18")),
            ("7", Fields::HOUR, Some("7")),
            ("7", Fields::DAY_TO_SECOND, None),
            ("1 24:00:00", Fields::DAY_TO_SECOND, None),
            ("1-12", Fields::MONTH, None),
            ("abc", Fields::DAY, None),
            ("", Fields::DAY, None),
        ] {
            let split = Span::parse(text, fields).and_then(|span| span.split(fields));
            assert_eq!(split.map(|split| split.text(fields).as_str().to_owned()).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_struct_holds_the_fields_and_the_fraction() {
        let split = Span::millis(-93_784_567).split(Fields::DAY_TO_SECOND).unwrap();
        let (bytes, lost) = split.to_struct(Fields::DAY_TO_SECOND, 0).unwrap();
        let words: Vec<u32> = bytes.as_chunks::<4>().0.iter().map(|word| u32::from_ne_bytes(*word)).collect();
        assert_eq!(words, [10, 1, 1, 2, 3, 4, 567_000]);
        assert!(!lost);
        assert_eq!(from_struct(&bytes, Fields::DAY_TO_SECOND), Some(Span::millis(-93_784_567)));
        assert!(split.to_struct(Fields::DAY_TO_SECOND, 2).unwrap().1, "67 hundredths do not hold 567 ms");
    }

    #[test]
    fn numbers_become_one_field() {
        assert_eq!(Span::of_number(Number::decimal(15, 1), Fields::SECOND), Some((Span::millis(1500), false)));
        assert_eq!(Span::of_number(Number::decimal(15, 1), Fields::MINUTE), Some((Span::millis(60_000), true)));
        assert_eq!(Span::millis(90_000).number(Fields::MINUTE), Some(Number::from(1)));
        let long = Span::millis(i64::MAX).split(Fields::SECOND).unwrap();
        assert!(long.to_struct(Fields::SECOND, 0).is_none());
    }
}
