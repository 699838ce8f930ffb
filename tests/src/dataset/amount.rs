//! Numbers exactly as the API writes them.

use std::fmt;

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

#[cfg(test)]
mod tests {
    use super::Amount;

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
