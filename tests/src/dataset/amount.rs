//! Numbers exactly as the API writes them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A decimal number: `digits` / 10^`decimals`. Its text is what the JSON holds, so that `5000.0` stays `5000.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// All digits, the point left out.
    pub digits: i64,
    /// How many of them stand behind the point.
    pub decimals: u32,
}

impl Amount {
    /// `digits` / 10^`decimals`.
    #[must_use]
    pub const fn new(digits: i64, decimals: u32) -> Self {
        Self { digits, decimals }
    }

    /// The number in ten-thousandths, rounded half away from zero: what a column `DECIMAL(19,4)` holds.
    #[must_use]
    pub const fn ten_thousandths(self) -> i64 {
        if self.decimals <= 4 {
            return self.digits * 10_i64.pow(4 - self.decimals);
        }
        let divisor = 10_i64.pow(self.decimals - 4);
        let half = if self.digits < 0 { -divisor / 2 } else { divisor / 2 };
        (self.digits + half) / divisor
    }

    /// More than four decimals: a column `DECIMAL(19,4)` has to round.
    #[must_use]
    pub const fn is_rounded(self) -> bool {
        self.decimals > 4
    }
}

/// The text in the JSON.
impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.decimals == 0 {
            return write!(out, "{}", self.digits);
        }
        let sign = if self.digits < 0 { "-" } else { "" };
        let unit = 10_u64.pow(self.decimals);
        let width = usize::try_from(self.decimals).unwrap_or_default();
        let digits = self.digits.unsigned_abs();
        write!(out, "{sign}{}.{:0width$}", digits / unit, digits % unit)
    }
}

/// A text that is no decimal number, or one with more than 18 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number of at most 18 digits")]
pub struct NoAmount;

/// The text that [`Amount`] shows.
impl FromStr for Amount {
    type Err = NoAmount;

    fn from_str(text: &str) -> Result<Self, NoAmount> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{fraction}");
        let plain = digits.trim_start_matches('-');
        if plain.is_empty() || plain.len() > 18 || !plain.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NoAmount);
        }
        let decimals = u32::try_from(fraction.len()).map_err(|_| NoAmount)?;
        Ok(Self { digits: digits.parse().map_err(|_| NoAmount)?, decimals })
    }
}

/// As a text, so that no reader makes a binary fraction of it.
impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text or a number.
impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Amount;

    #[test]
    fn the_text_is_read_back() {
        for text in ["25000", "5000.0", "-0.05", "1.23456", "0"] {
            assert_eq!(text.parse::<Amount>().map(|amount| amount.to_string()), Ok(text.to_owned()));
            let json = serde_json::to_string(&text.parse::<Amount>().unwrap()).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Amount>(&json).unwrap().to_string(), text);
        }
        assert_eq!(serde_json::from_str::<Amount>("12.5").unwrap(), Amount::new(125, 1));
        for bad in ["", "-", "1-2", "1e5", "1.2.3", "1234567890123456789"] {
            assert!(bad.parse::<Amount>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_text_keeps_its_decimals() {
        for (digits, decimals, text, stored) in [
            (25_000, 0, "25000", 250_000_000),
            (50_000, 1, "5000.0", 50_000_000),
            (19_998, 2, "199.98", 1_999_800),
            (-5, 2, "-0.05", -500),
            (123_456, 5, "1.23456", 12_346),
            (-123_455, 5, "-1.23455", -12_346),
        ] {
            let amount = Amount::new(digits, decimals);
            assert_eq!((amount.to_string().as_str(), amount.ten_thousandths()), (text, stored));
        }
    }
}
