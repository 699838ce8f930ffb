//! DataFusion's rule for keys that come twice, kept away from ORDER BY.
//!
//! In ORDER BY it also drops keys that earlier ones determine, and takes the key of a table that was grouped by among
//! other columns, behind a join, for a key of the groups: `SELECT DISTINCT a.id, b.x ... ORDER BY 1, 2` would not be
//! sorted by `b.x`. A key that comes twice does no harm there.

use std::sync::Arc;

use datafusion::common::Result as DfResult;
use datafusion::common::tree_node::Transformed;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// What DataFusion calls the rule.
pub(super) const NAME: &str = "eliminate_duplicated_expr";

/// The rule, for GROUP BY alone.
pub(super) fn of_groups_only(rule: Arc<dyn OptimizerRule + Send + Sync>) -> Arc<dyn OptimizerRule + Send + Sync> {
    Arc::new(GroupsOnly(rule))
}

#[derive(Debug)]
struct GroupsOnly(Arc<dyn OptimizerRule + Send + Sync>);

impl OptimizerRule for GroupsOnly {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> DfResult<Transformed<LogicalPlan>> {
        match plan {
            LogicalPlan::Aggregate(_) => self.0.rewrite(plan, config),
            other => Ok(Transformed::no(other)),
        }
    }
}
