//! Rules of DataFusion's optimizer that go too far, kept to where they are right.
//!
//! - `eliminate_duplicated_expr` in ORDER BY also drops keys that earlier ones determine, and takes the key of a table that
//!   was grouped by among other columns, behind a join, for a key of the groups: `SELECT DISTINCT a.id, b.x ... ORDER BY
//!   1, 2` would not be sorted by `b.x`. A key that comes twice does no harm there.
//! - `propagate_empty_relation` leaves the last side of a UNION ALL whose others are empty, and then looks for the names of
//!   the first side in it.

use std::sync::Arc;

use datafusion::common::Result as DfResult;
use datafusion::common::tree_node::Transformed;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::{ApplyOrder, Optimizer, OptimizerConfig, OptimizerRule};

type Rule = Arc<dyn OptimizerRule + Send + Sync>;

/// The name of a rule, and the plans that it is kept to.
type Limit = (&'static str, fn(&LogicalPlan) -> bool);

const LIMITS: &[Limit] = &[
    ("eliminate_duplicated_expr", |plan| matches!(plan, LogicalPlan::Aggregate(_))),
    ("propagate_empty_relation", |plan| !matches!(plan, LogicalPlan::Union(_))),
];

/// DataFusion's own rules, some of them limited.
pub(super) fn limited() -> Vec<Rule> {
    let rules = Optimizer::new().rules.into_iter();
    let limit = |rule: &Rule| LIMITS.iter().find(|(name, _)| *name == rule.name());
    rules
        .map(|rule| match limit(&rule) {
            Some((_, applies)) => Arc::new(Limited { rule, applies: *applies }) as Rule,
            None => rule,
        })
        .collect()
}

#[derive(Debug)]
struct Limited {
    rule: Rule,
    applies: fn(&LogicalPlan) -> bool,
}

impl OptimizerRule for Limited {
    fn name(&self) -> &str {
        self.rule.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.rule.apply_order()
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> DfResult<Transformed<LogicalPlan>> {
        if (self.applies)(&plan) { self.rule.rewrite(plan, config) } else { Ok(Transformed::no(plan)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_concerns_a_rule_that_there_is() {
        let rules = Optimizer::new().rules;
        for (name, _) in LIMITS {
            assert!(rules.iter().any(|rule| rule.name() == *name), "{name}");
        }
    }
}
