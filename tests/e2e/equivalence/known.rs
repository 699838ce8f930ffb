//! Differences that are known and not yet settled. The list shall become empty; an entry has its reason.

use super::tree::{Body, Expr, Node, Query};
use super::verdict::Difference;

/// A family of differences.
struct Known {
    /// What is wrong, and whose fault it is.
    #[expect(dead_code, reason = "for the reader")]
    reason: &'static str,
    /// Whether a difference belongs to the family.
    concerns: fn(&Difference, &Query) -> bool,
}

const KNOWN: &[Known] = &[
    Known {
        reason: "A constant sum of a moment between two milliseconds and an INTERVAL has nanoseconds, which end in 2262: \
                 beside a moment beyond that the engine gives an error, and `<` forgets the part behind the milliseconds. \
                 The generator makes no such sums in conditions (`spelling` in `generate/literals.rs`).",
        concerns: |difference, _| difference.text.contains("exceeds the representable i64 range"),
    },
    Known {
        reason: "IN with a subquery, where it is not a condition of WHERE by itself but below NOT, or denied below OR, is \
                 FALSE in DataFusion where it is NULL in SQL: for a NULL on its left, or one in the subquery.",
        concerns: |difference, query| difference.class.contains("then") && is_null_lost(query),
    },
    Known {
        reason: "DataFusion takes the key of a table that is grouped by among other columns, behind a join, for a key of \
                 the groups. Another GROUP BY or DISTINCT over such groups forgets the other columns.",
        concerns: |difference, query| difference.class.contains("then") && groups_groups(query),
    },
];

/// Whether it matters that an IN with a subquery is NULL and not FALSE.
fn is_null_lost(query: &Query) -> bool {
    let mut lost = false;
    query.clone().walk(&mut |node| match node {
        Node::Expr(Expr::Not(expr)) => lost |= asks(expr, false),
        Node::Expr(Expr::Or(terms)) => lost |= terms.iter().any(|term| asks(term, true)),
        _ => {}
    });
    lost
}

/// Whether an expression has an IN, ANY or ALL with a subquery; `denied` leaves out plain IN.
fn asks(expr: &Expr, denied: bool) -> bool {
    let mut found = false;
    expr.clone().walk(&mut |node| match node {
        Node::Expr(Expr::InQuery { negated, .. }) => found |= *negated || !denied,
        Node::Expr(Expr::Quantified { .. }) => found = true,
        _ => {}
    });
    found
}

/// Whether there are a join and two levels of groups.
fn groups_groups(query: &Query) -> bool {
    let (mut groups, mut joins) = (0, 0);
    query.clone().walk(&mut |node| match node {
        Node::Select(select) => {
            groups += usize::from(select.distinct || !select.group.is_empty());
            joins += select.from.joins.len();
        }
        Node::Body(Body::Set { all: false, .. }) => groups += 1,
        _ => {}
    });
    groups > 1 && joins > 0
}

/// Whether this difference is known already.
pub(super) fn is_known(difference: &Difference, query: &Query) -> bool {
    KNOWN.iter().any(|known| (known.concerns)(difference, query))
}
