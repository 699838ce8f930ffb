//! UNION ALL, its branches one after the other.
//!
//! DataFusion runs the branches of a union all at the same time: LIMIT, or an application that closes its cursor after the
//! first rows, would have paid for the beginning of every branch. [`SequenceExec`] reads a branch only when those before it
//! have ended, so its rows come in the order of the statement as well. What a union knows of its branches (statistics,
//! filters that are handed down, projections) it asks the union that it stands for.

use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{Result as DfResult, Statistics};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::execution_plan::CardinalityEffect;
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterDescription, FilterPushdownPhase, FilterPushdownPropagation,
};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
    StatisticsArgs,
};
use futures::{StreamExt, TryStreamExt, stream};

/// Puts a [`SequenceExec`] in place of every union. Runs before DataFusion's own rules, which put operators that read all
/// branches at once above what has several partitions.
#[derive(Debug)]
pub(super) struct SequenceUnions;

impl PhysicalOptimizerRule for SequenceUnions {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> DfResult<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            if plan.is::<UnionExec>() {
                return Ok(Transformed::yes(sequence(plan)));
            }
            Ok(Transformed::no(plan))
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "pipedrive_sequence"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The branches of a union one after the other; any other plan as it is.
fn sequence(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    if !plan.is::<UnionExec>() {
        return plan;
    }
    // Of orders and constants that all branches share nothing is claimed: the rows of a branch follow those of another.
    let properties = PlanProperties::new(
        EquivalenceProperties::new(plan.schema()),
        Partitioning::UnknownPartitioning(1),
        plan.pipeline_behavior(),
        plan.boundedness(),
    );
    Arc::new(SequenceExec { union: plan, properties: Arc::new(properties), metrics: ExecutionPlanMetricsSet::new() })
}

/// Gives the rows of its branches, one branch after the other.
#[derive(Debug)]
struct SequenceExec {
    /// The union that it stands for; it is never executed.
    union: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl DisplayAs for SequenceExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sequence")
    }
}

impl ExecutionPlan for SequenceExec {
    fn name(&self) -> &'static str {
        "Sequence"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.union.children()
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        self.union.benefits_from_input_partitioning()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>,
    ) -> DfResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> DfResult<Arc<dyn ExecutionPlan>> {
        UnionExec::try_new(children).map(sequence)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let parts = self.children().into_iter().flat_map(|child| {
            let count = child.output_partitioning().partition_count();
            (0..count).map(move |part| (child, part))
        });
        // None of them reads anything before its first row is wanted.
        let rows = parts.map(|(child, part)| child.execute(part, context.clone())).collect::<DfResult<Vec<_>>>()?;
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let rows = stream::iter(rows).flatten().inspect_ok(move |batch| metrics.record_output(batch.num_rows()));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn child_stats_requests(&self, _: Option<usize>) -> Vec<ChildStats> {
        self.union.child_stats_requests(None)
    }

    /// Of all branches: they make up the one partition.
    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], _: &StatisticsArgs) -> DfResult<Arc<Statistics>> {
        self.union.statistics_from_inputs(inputs, &StatisticsArgs::new())
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        self.union.cardinality_effect()
    }

    fn try_swapping_with_projection(&self, projection: &ProjectionExec) -> DfResult<Option<Arc<dyn ExecutionPlan>>> {
        Ok(self.union.try_swapping_with_projection(projection)?.map(sequence))
    }

    fn gather_filters_for_pushdown(
        &self,
        phase: FilterPushdownPhase,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        config: &ConfigOptions,
    ) -> DfResult<FilterDescription> {
        self.union.gather_filters_for_pushdown(phase, filters, config)
    }

    fn handle_child_pushdown_result(
        &self,
        phase: FilterPushdownPhase,
        result: ChildPushdownResult,
        config: &ConfigOptions,
    ) -> DfResult<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        let mut propagation = self.union.handle_child_pushdown_result(phase, result, config)?;
        propagation.updated_node = propagation.updated_node.map(sequence);
        Ok(propagation)
    }
}
