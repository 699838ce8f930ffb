//! What a probe found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::state::now;

/// What became of an assumption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It holds, as far as was looked.
    Confirmed {
        /// What was looked at.
        by: String,
    },
    /// It does not hold.
    Refuted {
        /// What was seen.
        seen: String,
    },
    /// The account does not tell, or could not be asked.
    Undecided {
        /// Why.
        why: String,
    },
}

impl Verdict {
    /// The verdict in one word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Confirmed { .. } => "confirmed",
            Self::Refuted { .. } => "refuted",
            Self::Undecided { .. } => "undecided",
        }
    }

    /// What it rests on.
    pub fn text(&self) -> &str {
        match self {
            Self::Confirmed { by: text } | Self::Refuted { seen: text } | Self::Undecided { why: text } => text,
        }
    }

    /// Whether the assumption was settled, one way or the other.
    pub const fn is_settled(&self) -> bool {
        !matches!(self, Self::Undecided { .. })
    }
}

/// A verdict and when it was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The probe's name.
    pub probe: String,
    /// What it found.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// When, in seconds since 1970.
    pub at: u64,
}

impl Finding {
    /// A finding of this moment.
    pub(super) fn new(probe: &str, verdict: Verdict) -> Self {
        Self { probe: probe.to_owned(), verdict, at: now() }
    }
}

/// Adds a finding to those that are kept. One that settles nothing does not replace one that did.
pub(crate) fn keep(kept: &mut BTreeMap<String, Finding>, finding: Finding) {
    let known = kept.get(&finding.probe).is_some_and(|known| known.verdict.is_settled());
    if finding.verdict.is_settled() || !known {
        kept.insert(finding.probe.clone(), finding);
    }
}

pub(super) fn confirmed(by: impl Into<String>) -> Verdict {
    Verdict::Confirmed { by: by.into() }
}

pub(super) fn refuted(seen: impl Into<String>) -> Verdict {
    Verdict::Refuted { seen: seen.into() }
}

pub(super) fn undecided(why: impl Into<String>) -> Verdict {
    Verdict::Undecided { why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_settled_is_replaced_by_what_settles_only() {
        let mut kept = BTreeMap::new();
        for (verdict, expected) in [
            (undecided("no rows"), "undecided"),
            (confirmed("3 rows"), "confirmed"),
            (undecided("no budget"), "confirmed"),
            (refuted("a row is missing"), "refuted"),
            (confirmed("4 rows"), "confirmed"),
        ] {
            keep(&mut kept, Finding::new("ids", verdict));
            assert_eq!(kept["ids"].verdict.word(), expected);
        }
    }

    #[test]
    fn a_finding_is_one_flat_object() {
        let finding = Finding { probe: "ids".into(), verdict: refuted("a row is missing"), at: 7 };
        let json = r#"{"probe":"ids","verdict":"refuted","seen":"a row is missing","at":7}"#;
        assert_eq!(serde_json::to_string(&finding).unwrap(), json);
        assert_eq!(serde_json::from_str::<Finding>(json).unwrap(), finding);
    }
}
