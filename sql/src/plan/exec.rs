//! The leaf of a physical plan that reads one table: what DataFusion's rules ask of it, and what they may change.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result as DfResult, Statistics};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::{Column, DynamicFilterPhysicalExpr};
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation, PushedDown,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SortOrderPushdownResult,
};
use futures::stream;

use super::chain::TELLING;
use super::definitions::Tables;
use super::driven::column_of;
use super::pushdown::{KEPT_MOMENT, Verdict};
use super::reader::Reader;
use super::request::{ScanRequest, Target, Top, Walk};
use super::statement::Statement;
use super::tally::Tally;
use crate::api::Client;
use crate::model::{Push, Table, TableColumn};
use crate::zone::Zone;

/// Pages that are read and passed by where the rows from a key on are wanted.
const PASSED_BY: usize = 10;

/// What a scan needs beside its request, shared by its copies.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) client: Client,
    pub(super) tables: Arc<Tables>,
    pub(super) table: Arc<Table>,
    /// The zone of timestamps.
    pub(super) zone: Zone,
    /// Columns of `table` that are decoded; the key is always among them.
    pub(super) decoded: Vec<usize>,
    /// What a row must satisfy, over the decoded columns.
    pub(super) filter: Option<Arc<dyn PhysicalExpr>>,
    /// Positions in `decoded` that are given out.
    pub(super) output: Vec<usize>,
    /// The filters as text, each with how much of it the API answers; for EXPLAIN.
    pub(super) predicates: Vec<(String, Verdict)>,
    /// Told when the scan starts.
    pub(super) notice: Option<String>,
    /// Whether order, keys of a join and the like may change how the rows are read.
    pub(super) pushdown: bool,
}

/// The leaf of a physical plan that reads one table.
#[derive(Debug, Clone)]
pub(super) struct ScanExec {
    pub(super) request: ScanRequest,
    pub(super) source: Arc<Source>,
    /// Rows after which nothing more is read.
    pub(super) limit: Option<usize>,
    /// What other scans will have found out before this one starts: the keys of the other side of a join.
    pub(super) keys: Vec<Arc<dyn PhysicalExpr>>,
    properties: Arc<PlanProperties>,
    /// What was done, for EXPLAIN ANALYZE.
    pub(super) tally: Arc<Tally>,
}

impl ScanExec {
    pub(super) fn new(request: ScanRequest, source: Source, schema: SchemaRef, limit: Option<usize>) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self {
            request,
            source: Arc::new(source),
            limit,
            keys: Vec::new(),
            properties: Arc::new(properties),
            tally: Arc::default(),
        }
    }

    /// The scan that gives the first rows by a moment, if it can do so with one page; the sort above stays.
    pub(super) fn with_top(&self, sort: &PhysicalSortExpr, rows: usize) -> Option<Self> {
        let column = self.column(sort)?;
        let by = *self.request.entity.sorts.iter().find(|name| **name == column)?;
        self.source.table.built_in(by).filter(|_| by != self.request.entity.key)?;
        // NULLs come last, or rows that the API puts elsewhere would be missing.
        let pays = rows < self.request.page_size && self.request.page_size > 1 && !sort.options.nulls_first;
        // Only a moment that records keep is read by for more than one page.
        let tells = by == KEPT_MOMENT || self.request.page_size >= TELLING;
        let alone = self.request.lists.len() == 1 && self.request.target == Target::List;
        let free = self.request.walk.until.is_none() || self.request.walk.by == by;
        let plain = !self.request.ordered && self.request.modified.is_none() && self.limit.is_none();
        if !self.source.pushdown || !plain || !pays || !tells || !alone || !free {
            return None;
        }
        let top = Top { by, descending: sort.options.descending, rows };
        Some(Self { request: ScanRequest { top: Some(top), ..self.request.clone() }, ..self.clone() })
    }

    /// The scan that gives the first rows from a key on: upwards, past those before it, where that is not far.
    pub(super) fn with_first_from(&self, sort: &PhysicalSortExpr, rows: usize) -> Option<Self> {
        let walk = self.request.walk;
        let from_key = walk.descending && walk.by == self.request.entity.key;
        let low = usize::try_from(walk.until.filter(|_| from_key)?).ok()?;
        let near = low <= PASSED_BY * self.request.page_size && rows < self.request.page_size;
        let upwards = !sort.options.descending && self.column(sort)? == self.request.entity.key;
        if !near || !upwards || self.limit.is_some() {
            return None;
        }
        let request = ScanRequest { walk: Walk::by_key(self.request.entity), ..self.request.clone() };
        let scan = Self { request, ..self.clone() }.by_key(false)?;
        Some(Self { limit: Some(rows), ..scan })
    }

    /// Whether the list, or keys, can be asked for in this order, so that the first row comes with the first request.
    pub(super) fn sorts_by(&self, sort: &PhysicalSortExpr) -> bool {
        let by_key = || self.column(sort).is_some_and(|column| column == self.request.entity.key);
        let first = self.with_top(sort, 1).is_some() || (by_key() && self.by_key(sort.options.descending).is_some());
        first && self.limit.is_none() && matches!(self.request.target, Target::List | Target::Ids(_))
    }

    /// The column that is sorted by, as the scan gives it out.
    fn column(&self, sort: &PhysicalSortExpr) -> Option<String> {
        let column = sort.expr.downcast_ref::<Column>()?;
        Some(self.schema().fields().get(column.index())?.name().clone())
    }

    /// The scan whose rows come by key.
    fn by_key(&self, descending: bool) -> Option<Self> {
        let request = &self.request;
        let one_list = request.lists.len() == 1 || matches!(request.target, Target::Singles(_));
        let same_walk = request.walk.by == request.entity.key
            && (request.walk.until.is_none() || request.walk.descending == descending);
        let sorted = request.entity.sorts.contains(&request.entity.key);
        let plain = request.top.is_none() && request.modified.is_none();
        if !self.source.pushdown || !one_list || !same_walk || !sorted || !plain {
            return None;
        }
        let mut request = request.clone();
        request.walk = Walk { descending, ..request.walk };
        request.ordered = true;
        request.target = request.target.in_order(descending);
        Some(Self { request, ..self.clone() })
    }

    /// Whether a filter that is known later may give keys to ask for: one over a column that the API finds rows by.
    fn is_driven_by(&self, filter: &Arc<dyn PhysicalExpr>) -> bool {
        let Some(filter) = filter.downcast_ref::<DynamicFilterPhysicalExpr>() else { return false };
        let children = filter.children();
        let [column] = children.as_slice() else { return false };
        // A limit counts the rows of the table, not those that a join above will keep.
        if self.limit.is_some() {
            return false;
        }
        let fields = self.schema();
        let field = column_of(column, &fields).and_then(|column| fields.fields().get(column.index()).cloned());
        let Some(name) = field.map(|field| field.name().clone()) else { return false };
        let pushes = |column: &TableColumn| matches!(column.pushes, Some(Push::Equal(_)));
        name == self.request.entity.key || self.source.table.planned(&name).is_some_and(pushes)
    }

    /// Rows to expect, for choosing the side of a join that is read first. Only proportions count.
    fn guess(&self) -> usize {
        let known = self.source.tables.rows_of(&self.request);
        let all = known.unwrap_or_else(|| {
            let walks = self.request.walk.until.is_some() || self.request.modified.is_some();
            let narrowed = self.request.parameters.len() + usize::from(walks);
            let usual = self.request.entity.usual_rows;
            if narrowed > 0 { usual / 50 } else { usual }
        });
        let rows = match &self.request.target {
            Target::Nothing => 0,
            Target::Ids(keys) | Target::Singles(keys) => keys.len(),
            Target::List => all,
        };
        let exact = |verdict: &Verdict| *verdict == Verdict::Exact;
        let filters = self.source.predicates.iter().filter(|(_, verdict)| !exact(verdict)).count();
        let passing = rows >> (2 * filters.min(4));
        self.limit.map_or(passing, |limit| limit.min(passing))
    }
}

impl DisplayAs for ScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scan: {}", self.request.entity.name)
    }
}

impl ExecutionPlan for ScanExec {
    fn name(&self) -> &'static str {
        "Scan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>,
    ) -> DfResult<TreeNodeRecursion> {
        // A join computes the keys only for those who say that they want them.
        for expr in self.source.filter.iter().chain(&self.keys) {
            if visit(expr)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> DfResult<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn partition_statistics(&self, _: Option<usize>) -> DfResult<Arc<Statistics>> {
        let mut statistics = Statistics::new_unknown(&self.schema());
        statistics.num_rows = Precision::Inexact(self.guess());
        Ok(Arc::new(statistics))
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        Some(Arc::new(Self { limit, ..self.clone() }))
    }

    fn fetch(&self) -> Option<usize> {
        self.limit
    }

    /// A sort by the key is not needed: the list comes in that order, either way.
    fn try_pushdown_sort(
        &self,
        order: &[PhysicalSortExpr],
    ) -> DfResult<SortOrderPushdownResult<Arc<dyn ExecutionPlan>>> {
        let key = order.first().filter(|sort| self.column(sort).as_deref() == Some(self.request.entity.key));
        let Some(scan) = key.and_then(|sort| self.by_key(sort.options.descending)) else {
            return Ok(SortOrderPushdownResult::Unsupported);
        };
        // The key is unique: what else is sorted by does not matter, but the plan must find it kept.
        let mut properties = EquivalenceProperties::new(self.schema());
        properties.add_orderings(LexOrdering::new(order.to_vec()));
        let properties = self.properties.as_ref().clone().with_eq_properties(properties);
        Ok(SortOrderPushdownResult::Exact { inner: Arc::new(Self { properties: Arc::new(properties), ..scan }) })
    }

    /// Takes what a join will know of its other side, without promising to apply it: the join compares anyway.
    fn handle_child_pushdown_result(
        &self,
        phase: FilterPushdownPhase,
        result: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> DfResult<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        let answers = vec![PushedDown::No; result.parent_filters.len()];
        let propagation = FilterPushdownPropagation::with_parent_pushdown_result(answers);
        if phase != FilterPushdownPhase::Post || !self.source.pushdown {
            return Ok(propagation);
        }
        let filters = result.parent_filters.into_iter().map(|parent| parent.filter);
        let keys: Vec<_> = filters.filter(|filter| self.is_driven_by(filter)).collect();
        Ok(propagation.with_updated_node(Arc::new(Self { keys, ..self.clone() })))
    }

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let statement = context.session_config().get_extension::<Statement>().unwrap_or_default();
        if let Some(notice) = &self.source.notice {
            statement.note(notice);
        }
        // Not before the first row is wanted: a join knows the keys of its other side only then.
        let start = (self.clone(), statement, None);
        let batches = stream::try_unfold(start, |(scan, statement, reader)| async move {
            let mut reader = reader.unwrap_or_else(|| Box::new(Reader::new(&scan, statement.clone())));
            let batch = reader.next().await.map_err(|error| DataFusionError::External(Box::new(error)))?;
            Ok(batch.map(|batch| (batch, (scan, statement, Some(reader)))))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }
}
