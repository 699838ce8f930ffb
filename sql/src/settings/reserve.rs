//! What ReserveTokens may say, and the tokens that it comes to.

use std::fmt;

/// API tokens of a company's day that are kept for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserve {
    /// So many tokens.
    Tokens(u64),
    /// So many hundredths of the day's limit, 0 to 99.
    Percent(u8),
}

/// Keeps nothing back.
impl Default for Reserve {
    fn default() -> Self {
        Self::Tokens(0)
    }
}

impl Reserve {
    /// Reads a number of tokens, or a percentage; `None` for anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text.strip_suffix('%') {
            Some(percent) => percent.trim_end().parse().ok().filter(|percent| *percent < 100).map(Self::Percent),
            None => text.parse().ok().map(Self::Tokens),
        }
    }

    /// The tokens that are kept of a day's `limit`; a share of an unknown limit is nothing.
    pub fn of(self, limit: Option<u64>) -> u64 {
        match (self, limit) {
            (Self::Tokens(tokens), _) => tokens,
            (Self::Percent(_), None) => 0,
            // Parted, so that the largest limit does not overflow; rounded up.
            (Self::Percent(percent), Some(limit)) => {
                let percent = u64::from(percent);
                limit / 100 * percent + (limit % 100 * percent).div_ceil(100)
            }
        }
    }
}

/// As the property takes it.
impl fmt::Display for Reserve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tokens(tokens) => write!(f, "{tokens}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_or_a_share_is_read_and_written_back() {
        for (text, expected) in [
            ("0", Some(Reserve::Tokens(0))),
            ("5000", Some(Reserve::Tokens(5000))),
            ("10%", Some(Reserve::Percent(10))),
            ("0%", Some(Reserve::Percent(0))),
            ("99%", Some(Reserve::Percent(99))),
            ("100%", None),
            ("-1%", None),
            ("1.5%", None),
            ("%", None),
            ("many", None),
            ("18446744073709551616", None),
        ] {
            assert_eq!(Reserve::read(text), expected, "{text}");
            assert!(expected.is_none_or(|reserve| reserve.to_string() == text), "{text}");
        }
    }

    #[test]
    fn a_share_is_of_the_limit_and_rounded_up() {
        for (reserve, limit, expected) in [
            (Reserve::Percent(10), Some(150_000), 15_000),
            (Reserve::Percent(10), Some(151), 16),
            (Reserve::Percent(99), Some(u64::MAX), u64::MAX / 100 * 99 + 15),
            (Reserve::Percent(10), None, 0),
            (Reserve::Percent(0), Some(150_000), 0),
            (Reserve::Tokens(7), Some(5), 7),
            (Reserve::Tokens(7), None, 7),
        ] {
            assert_eq!(reserve.of(limit), expected, "{reserve} of {limit:?}");
        }
    }
}
