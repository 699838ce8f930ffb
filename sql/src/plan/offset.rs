//! OFFSET as a node of its own.
//!
//! DataFusion 55 moves a sort through a limit and forgets the rows that the limit skips: a subquery with ORDER BY, LIMIT
//! and OFFSET below a sort by the same key gives too few rows, below another sort the wrong ones. [`OffsetExec`] lets no
//! sort through; the count that remains is a limit without an offset, which DataFusion handles.

use std::fmt;
use std::sync::Arc;

use datafusion::common::Result as DfResult;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{LexOrdering, OrderingRequirements, PhysicalExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::limit::{GlobalLimitExec, LimitStream};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, ExecutionPlanProperties, InputDistributionRequirements,
    PlanProperties,
};

/// Takes the offset out of every limit. Runs before DataFusion's own rules.
#[derive(Debug)]
pub(super) struct SeparateOffsets;

impl PhysicalOptimizerRule for SeparateOffsets {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> DfResult<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            let Some(limit) = plan.downcast_ref::<GlobalLimitExec>().filter(|limit| limit.skip() > 0) else {
                return Ok(Transformed::no(plan));
            };
            let input = match limit.fetch() {
                Some(fetch) => limited(limit.input().clone(), limit.skip().saturating_add(fetch)),
                None => limit.input().clone(),
            };
            offset(input, limit.skip()).map(Transformed::yes)
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "pipedrive_offsets"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Below the projections: they may drop the very columns that the rows are sorted by, and without a known order the sort
/// would look useless.
fn offset(input: Arc<dyn ExecutionPlan>, skip: usize) -> DfResult<Arc<dyn ExecutionPlan>> {
    let Some(projection) = input.downcast_ref::<ProjectionExec>() else {
        return Ok(Arc::new(OffsetExec::new(input, skip)));
    };
    let below = offset(projection.input().clone(), skip)?;
    replace_children_if_necessary(input, vec![below])
}

fn limited(input: Arc<dyn ExecutionPlan>, count: usize) -> Arc<dyn ExecutionPlan> {
    Arc::new(GlobalLimitExec::new(input, 0, Some(count)))
}

/// Leaves out the first rows of its input.
#[derive(Debug, Clone)]
struct OffsetExec {
    input: Arc<dyn ExecutionPlan>,
    skip: usize,
    /// The order in which rows are counted. Without it the sort below would look useless and be removed.
    ordering: Option<LexOrdering>,
}

impl OffsetExec {
    fn new(input: Arc<dyn ExecutionPlan>, skip: usize) -> Self {
        let ordering = input.output_ordering().cloned();
        Self { input, skip, ordering }
    }
}

impl DisplayAs for OffsetExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offset: {}", self.skip)
    }
}

impl ExecutionPlan for OffsetExec {
    fn name(&self) -> &'static str {
        "Offset"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![Distribution::SinglePartition])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        vec![self.ordering.clone().map(OrderingRequirements::from)]
    }

    /// It does; but to say so would let sorts through.
    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>,
    ) -> DfResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let input = children.pop().unwrap_or_else(|| self.input.clone());
        Ok(Arc::new(Self { input, ..self.as_ref().clone() }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let metrics = BaselineMetrics::new(&ExecutionPlanMetricsSet::new(), partition);
        let rows = self.input.execute(partition, context)?;
        Ok(Box::pin(LimitStream::new(rows, self.skip, None, metrics)))
    }
}
