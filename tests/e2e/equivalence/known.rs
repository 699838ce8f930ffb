//! Differences that are known and not yet settled. The list shall become empty; an entry has its reason.

use super::tree::Query;
use super::verdict::Difference;

/// A family of differences.
struct Known {
    /// What is wrong, and whose fault it is.
    #[expect(dead_code, reason = "for the reader")]
    reason: &'static str,
    /// Whether a difference belongs to the family.
    concerns: fn(&Difference, &Query) -> bool,
}

const KNOWN: &[Known] = &[Known {
    reason: "A constant sum of a moment between two milliseconds and an INTERVAL has nanoseconds, which end in 2262: \
                 beside a moment beyond that the engine gives an error, and `<` forgets the part behind the milliseconds. \
                 The generator makes no such sums in conditions (`spelling` in `generate/literals.rs`).",
    concerns: |difference, _| difference.text.contains("exceeds the representable i64 range"),
}];

/// Whether this difference is known already.
pub(super) fn is_known(difference: &Difference, query: &Query) -> bool {
    KNOWN.iter().any(|known| (known.concerns)(difference, query))
}
