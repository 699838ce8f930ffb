//! Numbers between the types: exact as long as possible, floating point where the value is, or is too large.

use super::short::Short;

/// Most digits behind the point that are kept exactly.
const MOST_SCALE: u8 = 38;

/// A number on its way from one type to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// `unscaled` times ten to the power of minus `scale`.
    Exact {
        /// All digits as one integer.
        unscaled: i128,
        /// Digits after the point, 0 to 38.
        scale: u8,
        /// Whether digits other than zero follow, which 38 do not hold.
        more: bool,
    },
    /// Binary floating point.
    Float(f64),
}

impl From<i128> for Number {
    fn from(whole: i128) -> Self {
        Self::Exact { unscaled: whole, scale: 0, more: false }
    }
}

impl Number {
    pub(super) const fn decimal(unscaled: i128, scale: u8) -> Self {
        Self::Exact { unscaled, scale, more: false }
    }

    /// The number that a numeric literal names, blanks around it left out; `None` for any other text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let literal = Literal::parse(text)?;
        literal.exact().or_else(|| text.parse().ok().map(Self::Float))
    }

    /// The shortest decimal number that stands for this float; the float itself where 38 digits do not hold it.
    pub(super) fn shortest(float: f64) -> Self {
        Self::parse(Short::of(format_args!("{float:e}")).as_str()).unwrap_or(Self::Float(float))
    }

    /// As [`Number::shortest`], of a float of 32 bits.
    pub(super) fn shortest_single(float: f32) -> Self {
        Self::parse(Short::of(format_args!("{float:e}")).as_str()).unwrap_or_else(|| Self::Float(float.into()))
    }

    /// The integer part, and whether a fraction is lost with it; `None` for what no integer of 128 bits holds.
    pub(super) fn whole(self) -> Option<(i128, bool)> {
        match self {
            Self::Exact { unscaled, scale, more } => {
                let one = power(scale)?;
                Some((unscaled / one, unscaled % one != 0 || more))
            }
            Self::Float(float) => whole_float(float).map(|whole| (whole, float.fract() != 0.0)),
        }
    }

    /// All digits at another scale (negative: tens, hundreds), and whether digits are lost; `None` for too many.
    pub(super) fn at_scale(self, wanted: i16) -> Option<(i128, bool)> {
        let Self::Exact { unscaled, scale, more } = self.exact() else { return None };
        let shift = wanted.saturating_sub(scale.into());
        let one = power(u8::try_from(shift.unsigned_abs()).ok()?)?;
        if shift >= 0 {
            return Some((unscaled.checked_mul(one)?, more));
        }
        Some((unscaled / one, unscaled % one != 0 || more))
    }

    /// This number in digits, where it has no more than 38.
    pub(super) fn exact(self) -> Self {
        match self {
            Self::Float(float) => Self::shortest(float),
            exact @ Self::Exact { .. } => exact,
        }
    }

    /// The nearest float; infinite where there is none.
    pub(super) fn float(self) -> f64 {
        match self {
            Self::Exact { unscaled, scale, .. } => quotient(unscaled, scale)
                .or_else(|| decimal_text(unscaled, scale).as_str().parse().ok())
                .unwrap_or(f64::NAN),
            Self::Float(float) => float,
        }
    }

    pub(super) fn is_negative(self) -> bool {
        match self {
            Self::Exact { unscaled, .. } => unscaled < 0,
            Self::Float(float) => float < 0.0,
        }
    }
}

/// `unscaled / 10^scale` where both are floats without rounding, so that one division rounds correctly.
fn quotient(unscaled: i128, scale: u8) -> Option<f64> {
    /// Largest power of ten that a float holds exactly.
    const EXACT_POWER: u8 = 22;
    let unscaled = i64::try_from(unscaled).ok().filter(|number| number.unsigned_abs() <= 1 << 53)?;
    let one = power(scale).filter(|_| scale <= EXACT_POWER)?;
    Some(unscaled as f64 / one as f64)
}

fn power(scale: u8) -> Option<i128> {
    10_i128.checked_pow(u32::from(scale))
}

/// The integer part of a float that an integer of 128 bits holds.
fn whole_float(float: f64) -> Option<i128> {
    /// 2^127, the first number beyond.
    const BEYOND: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked, and the fraction is meant to go")]
    (float.abs() < BEYOND).then_some(float as i128)
}

/// The nearest float of 32 bits; `None` for a finite number that none can hold.
pub(super) fn single(float: f64) -> Option<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "rounds to the nearest, and an overflow is seen below")]
    let single = float as f32;
    (single.is_finite() || !float.is_finite()).then_some(single)
}

/// Digits with a point before the last `scale`, at least one before it.
pub(super) fn decimal_text(unscaled: i128, scale: u8) -> Short {
    let mut text = Short::new();
    if unscaled < 0 {
        text.push(b'-');
    }
    let (digits, one) = (unscaled.unsigned_abs(), power(scale).map_or(u128::MAX, i128::unsigned_abs));
    text.push_number(digits / one, 1);
    if scale > 0 {
        text.push(b'.');
        text.push_number(digits % one, usize::from(scale));
    }
    text
}

/// The shortest digits that read back as the same float; with an exponent below 0.0001 and from 10^15 on, so that it
/// never has more than the 24 characters of a DOUBLE's display size.
pub(super) fn float_text(float: f64) -> Short {
    let size = float.abs();
    if float.is_nan() {
        Short::of(format_args!("NaN"))
    } else if float.is_infinite() {
        Short::of(format_args!("{}Infinity", if float < 0.0 { "-" } else { "" }))
    } else if size == 0.0 || (1e-4..1e15).contains(&size) {
        Short::of(format_args!("{float}"))
    } else {
        Short::of(format_args!("{float:E}"))
    }
}

/// The parts of a numeric literal.
struct Literal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i32,
}

impl<'a> Literal<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (negative, text) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent_of(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let numeric = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        let some = !whole.is_empty() || !fraction.is_empty();
        (some && numeric(whole) && numeric(fraction)).then_some(Self { negative, whole, fraction, exponent })
    }

    fn exact(&self) -> Option<Number> {
        let mut unscaled = add_digits(0, self.whole)?;
        let (mut scale, mut more) = (0, false);
        for digit in self.fraction.bytes() {
            match push_digit(unscaled, digit) {
                Some(longer) if scale < MOST_SCALE && !more => (unscaled, scale) = (longer, scale + 1),
                // A zero behind the last digit that is kept says nothing.
                _ => more |= digit != b'0',
            }
        }
        let (unscaled, scale) = shift(unscaled, scale, more, self.exponent)?;
        Some(Number::Exact { unscaled: if self.negative { -unscaled } else { unscaled }, scale, more })
    }
}

fn exponent_of(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let numeric = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // An exponent that 32 bits do not hold is beyond every type: any huge one tells that.
    numeric.then(|| text.parse().unwrap_or_else(|_| if text.starts_with('-') { i32::MIN } else { i32::MAX }))
}

fn add_digits(start: i128, digits: &str) -> Option<i128> {
    digits.bytes().try_fold(start, push_digit)
}

fn push_digit(number: i128, digit: u8) -> Option<i128> {
    number.checked_mul(10)?.checked_add(i128::from(digit - b'0'))
}

/// Moves the point by `exponent`; `None` where the digits do not fit then.
fn shift(unscaled: i128, scale: u8, more: bool, exponent: i32) -> Option<(i128, u8)> {
    let scale = i32::from(scale).checked_sub(exponent)?;
    if unscaled == 0 && !more {
        return Some((0, u8::try_from(scale).unwrap_or(0).min(MOST_SCALE)));
    }
    match u8::try_from(scale) {
        Ok(scale) => (scale <= MOST_SCALE).then_some((unscaled, scale)),
        Err(_) if scale < 0 && !more => {
            let one = power(u8::try_from(scale.unsigned_abs()).ok()?)?;
            Some((unscaled.checked_mul(one)?, 0))
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(unscaled: i128, scale: u8) -> Option<Number> {
        Some(Number::decimal(unscaled, scale))
    }

    #[test]
    fn literals_are_read_exactly() {
        for (text, number) in [
            ("0", exact(0, 0)),
            (" 12.50 ", exact(1250, 2)),
            ("-.5", exact(-5, 1)),
            ("+7.", exact(7, 0)),
            ("1.5e3", exact(1500, 0)),
            ("15E-3", exact(15, 3)),
            ("1e-300", Some(Number::Float(1e-300))),
            ("1e300", Some(Number::Float(1e300))),
            ("1e99999999999", Some(Number::Float(f64::INFINITY))),
            ("99999999999999999999999999999999999999999", Some(Number::Float(1e41))),
            ("", None),
            (".", None),
            ("-", None),
            ("1 2", None),
            ("1e", None),
            ("inf", None),
            ("NaN", None),
            ("0x10", None),
            ("1,000", None),
        ] {
            assert_eq!(Number::parse(text), number, "{text}");
        }
    }

    #[test]
    fn digits_beyond_38_are_told() {
        let long = format!("0.{}1", "3".repeat(40));
        let Some(Number::Exact { more, scale, .. }) = Number::parse(&long) else { panic!("not exact") };
        assert!(more && scale == 38);
        let zeros = Number::parse(&format!("1.{}", "0".repeat(60))).unwrap();
        assert_eq!(zeros.whole(), Some((1, false)));
    }

    #[test]
    fn floats_stay_within_their_display_size() {
        for (float, text) in [
            (0.0, "0"),
            (-1.5, "-1.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e15, "1E15"),
            (-1.797_693_134_862_315_7e308, "-1.7976931348623157E308"),
            (0.000_012_5, "1.25E-5"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(float_text(float).as_str(), text);
        }
    }

    #[test]
    fn whole_parts_and_scales() {
        assert_eq!(Number::decimal(-12_345, 2).whole(), Some((-123, true)));
        assert_eq!(Number::Float(2.9).whole(), Some((2, true)));
        assert_eq!(Number::Float(f64::NAN).whole(), None);
        assert_eq!(Number::Float(1e39).whole(), None);
        assert_eq!(Number::decimal(12_345, 2).at_scale(0), Some((123, true)));
        assert_eq!(Number::decimal(12_345, 2).at_scale(4), Some((1_234_500, false)));
        assert_eq!(Number::decimal(12_300, 0).at_scale(-2), Some((123, false)));
        assert_eq!(Number::Float(0.1).at_scale(1), Some((1, false)));
        assert_eq!(Number::from(i128::MAX).at_scale(1), None);
        assert_eq!(single(1e300), None);
    }

    proptest! {
        #[test]
        fn a_float_reads_back(bits: u64) {
            let float = f64::from_bits(bits);
            prop_assume!(float.is_finite());
            let text = float_text(float);
            prop_assert!(text.as_str().len() <= 24, "{}", text.as_str());
            prop_assert_eq!(text.as_str().parse::<f64>().unwrap(), float);
        }

        #[test]
        fn a_decimal_reads_back(unscaled: i128, scale in 0_u8..=38) {
            let text = decimal_text(unscaled, scale);
            prop_assert_eq!(Number::parse(text.as_str()).and_then(|number| number.at_scale(scale.into())).map(|number| number.0).unwrap_or(unscaled), unscaled);
            prop_assert_eq!(Number::decimal(unscaled, scale).float(), text.as_str().parse::<f64>().unwrap());
        }
    }
}
