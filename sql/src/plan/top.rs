//! ORDER BY a moment with LIMIT: the scan below may need one page only. The sort stays where it is, so whatever the scan
//! gives is put in order and cut; the scan promises no more than that the first rows are among its own.
//!
//! MAX and MIN of a column by which lists are sorted are the first row of such an order.

use std::sync::Arc;

use datafusion::arrow::compute::SortOptions;
use datafusion::common::Result as DfResult;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::PhysicalSortExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;
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

/// Puts a sort with LIMIT 1 below `SELECT MAX(...)` or `MIN(...)` of one table.
///
/// Proof: NULLs come last, and the aggregate ignores them; the first row of the order has the largest, or smallest, value.
#[derive(Debug)]
pub(super) struct SortExtremes;

impl PhysicalOptimizerRule for SortExtremes {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> DfResult<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|plan| {
            let sorted = plan.downcast_ref::<AggregateExec>().and_then(|aggregate| {
                let sort = extreme(aggregate)?;
                Some(SortExec::new([sort].into(), aggregate.input().clone()).with_fetch(Some(1)))
            });
            match sorted {
                Some(sort) => replace_children_if_necessary(plan, vec![Arc::new(sort)]).map(Transformed::yes),
                None => Ok(Transformed::no(plan)),
            }
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "pipedrive_extremes"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The order of which the first row has what the aggregate asks for.
fn extreme(aggregate: &AggregateExec) -> Option<PhysicalSortExpr> {
    let [function] = aggregate.aggr_expr() else { return None };
    let alone = aggregate.group_expr().expr().is_empty() && aggregate.filter_expr().iter().all(Option::is_none);
    let descending = match function.fun().name() {
        "max" => true,
        "min" => false,
        _ => return None,
    };
    let [value] = function.expressions().try_into().ok()?;
    let options = SortOptions { descending, nulls_first: false };
    let sort = PhysicalSortExpr::new(value, options);
    (alone && is_sorted_by(aggregate.input(), &sort)).then_some(sort)
}

/// Whether a scan below, with nothing but projections between, reads a list that can be sorted so.
fn is_sorted_by(input: &Arc<dyn ExecutionPlan>, sort: &PhysicalSortExpr) -> bool {
    if let Some(scan) = input.downcast_ref::<ScanExec>() {
        return scan.sorts_by(sort);
    }
    let Some(projection) = input.downcast_ref::<ProjectionExec>() else { return false };
    let below = sort.expr.downcast_ref::<Column>().and_then(|column| projection.expr().get(column.index()));
    below
        .is_some_and(|below| is_sorted_by(projection.input(), &PhysicalSortExpr::new(below.expr.clone(), sort.options)))
}

/// The input with its scan told, if nothing but projections stands between.
fn pushed(
    input: &Arc<dyn ExecutionPlan>,
    sort: &PhysicalSortExpr,
    rows: usize,
) -> DfResult<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(scan) = input.downcast_ref::<ScanExec>() {
        return Ok(scan
            .with_top(sort, rows)
            .or_else(|| scan.with_first_from(sort, rows))
            .map(|scan| Arc::new(scan) as Arc<dyn ExecutionPlan>));
    }
    let Some(projection) = input.downcast_ref::<ProjectionExec>() else { return Ok(None) };
    let Some(column) = sort.expr.downcast_ref::<Column>() else { return Ok(None) };
    let Some(below) = projection.expr().get(column.index()) else { return Ok(None) };
    let sort = PhysicalSortExpr::new(below.expr.clone(), sort.options);
    let Some(scan) = pushed(projection.input(), &sort, rows)? else { return Ok(None) };
    replace_children_if_necessary(input.clone(), vec![scan]).map(Some)
}
