//! ORDER BY a moment with LIMIT: the scan below may need one page only. The sort stays where it is, so whatever the scan
//! gives is put in order and cut; the scan promises no more than that the first rows are among its own.

use std::sync::Arc;

use datafusion::common::Result as DfResult;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::PhysicalSortExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::sorts::sort::SortExec;

use super::exec::ScanExec;

/// Tells scans how many rows a sort above them wants.
#[derive(Debug)]
pub(super) struct PushTop;

impl PhysicalOptimizerRule for PushTop {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> DfResult<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|plan| {
            let Some(sort) = plan.downcast_ref::<SortExec>() else { return Ok(Transformed::no(plan)) };
            let Some(rows) = sort.fetch() else { return Ok(Transformed::no(plan)) };
            match pushed(sort.input(), sort.expr().first(), rows)? {
                Some(input) => replace_children_if_necessary(plan, vec![input]).map(Transformed::yes),
                None => Ok(Transformed::no(plan)),
            }
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "pipedrive_top"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The input with its scan told, if nothing but projections stands between.
fn pushed(
    input: &Arc<dyn ExecutionPlan>,
    sort: &PhysicalSortExpr,
    rows: usize,
) -> DfResult<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(scan) = input.downcast_ref::<ScanExec>() {
        return Ok(scan.with_top(sort, rows).map(|scan| Arc::new(scan) as Arc<dyn ExecutionPlan>));
    }
    let Some(projection) = input.downcast_ref::<ProjectionExec>() else { return Ok(None) };
    let Some(column) = sort.expr.downcast_ref::<Column>() else { return Ok(None) };
    let Some(below) = projection.expr().get(column.index()) else { return Ok(None) };
    let sort = PhysicalSortExpr::new(below.expr.clone(), sort.options);
    let Some(scan) = pushed(projection.input(), &sort, rows)? else { return Ok(None) };
    replace_children_if_necessary(input.clone(), vec![scan]).map(Some)
}
