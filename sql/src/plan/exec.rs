//! A scan at work: turns a [`ScanRequest`] into a stream of batches. The only file of `plan/` that awaits answers.
//!
//! Reading starts slowly: nothing is read ahead until two pages were consumed (a page is consumed when a row of the
//! next one is needed), then one page ahead, so that a preview costs one request. Every page is decoded, checked
//! against what was asked for, and filtered before it goes up.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::arrow::array::{AsArray, BooleanArray};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::{Int64Type, SchemaRef};
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result as DfResult};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use futures::future::try_join_all;
use futures::stream;
use tokio::task::JoinSet;

use super::definitions::Tables;
use super::request::{IDS_PER_CALL, ScanRequest, Target};
use super::statement::Statement;
use crate::api::{Answer, Client, Meter, Request};
use crate::decode::{self, Layout, Page};
use crate::model::{Entity, Table};
use crate::zone::Zone;
use crate::{Error, ErrorKind};

/// Pages that are consumed before one is read ahead.
const SLOW_START: usize = 2;

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
    /// The filters as text, each with whether the API alone satisfies it; for EXPLAIN.
    pub(super) predicates: Vec<(String, bool)>,
}

/// The leaf of a physical plan that reads one entity.
#[derive(Debug, Clone)]
pub(super) struct ScanExec {
    pub(super) request: ScanRequest,
    pub(super) source: Arc<Source>,
    /// Rows after which nothing more is read.
    limit: Option<usize>,
    properties: Arc<PlanProperties>,
    /// Rows given out and requests made, for EXPLAIN ANALYZE.
    pub(super) done: Arc<Done>,
}

/// What a scan has done so far.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) rows: AtomicUsize,
    pub(super) requests: AtomicUsize,
}

impl ScanExec {
    pub(super) fn new(request: ScanRequest, source: Source, schema: SchemaRef, limit: Option<usize>) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { request, source: Arc::new(source), limit, properties: Arc::new(properties), done: Arc::default() }
    }
}

impl DisplayAs for ScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scan: {}", self.request)
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
        self.source.filter.as_ref().map_or(Ok(TreeNodeRecursion::Continue), visit)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> DfResult<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        Some(Arc::new(Self { limit, ..self.clone() }))
    }

    fn fetch(&self) -> Option<usize> {
        self.limit
    }

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let statement = context.session_config().get_extension::<Statement>().unwrap_or_default();
        let reader = Reader::new(self, statement);
        let batches = stream::try_unfold(reader, |mut reader| async move {
            let batch = reader.next().await.map_err(|error| DataFusionError::External(Box::new(error)))?;
            Ok(batch.map(|batch| (batch, reader)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }
}

/// Calls that are still to be made.
#[derive(Debug)]
enum Step {
    /// One page of a list.
    Page(Request),
    /// Single records, together.
    Singles(Vec<i64>),
}

/// A page and the step that continues it.
struct Read {
    page: Page,
    next: Option<Request>,
}

/// The state of a running scan.
struct Reader {
    fetcher: Fetcher,
    schema: SchemaRef,
    steps: VecDeque<Step>,
    /// The page that is being read ahead. Dropping it stops the call.
    ahead: JoinSet<Result<Read, Error>>,
    consumed: usize,
    cursors: HashSet<String>,
    ids: HashSet<i64>,
    left: usize,
    ready: VecDeque<RecordBatch>,
    done: Arc<Done>,
}

/// What one call needs; cheap to clone into the task that reads ahead.
#[derive(Clone)]
struct Fetcher {
    request: ScanRequest,
    source: Arc<Source>,
    layout: Arc<Layout>,
    statement: Arc<Statement>,
    done: Arc<Done>,
}

impl Reader {
    fn new(scan: &ScanExec, statement: Arc<Statement>) -> Self {
        let source = scan.source.clone();
        let layout = Arc::new(layout(&source.table, &source.decoded, source.zone));
        let steps = match &scan.request.target {
            Target::Nothing => VecDeque::new(),
            Target::List => VecDeque::from([Step::Page(scan.request.list())]),
            Target::Ids(ids) => ids.chunks(IDS_PER_CALL).map(|ids| Step::Page(scan.request.ids(ids))).collect(),
            Target::Singles(ids) => VecDeque::from([Step::Singles(ids.clone())]),
        };
        let done = scan.done.clone();
        let request = scan.request.clone();
        Self {
            fetcher: Fetcher { request, source, layout, statement, done: done.clone() },
            schema: scan.schema(),
            steps,
            ahead: JoinSet::new(),
            consumed: 0,
            cursors: HashSet::new(),
            ids: HashSet::new(),
            left: scan.limit.unwrap_or(usize::MAX),
            ready: VecDeque::new(),
            done,
        }
    }

    /// The next batch with rows, or `None` after the last.
    async fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        loop {
            if self.left == 0 {
                self.ahead.abort_all();
                return Ok(None);
            }
            if let Some(batch) = self.ready.pop_front() {
                let batch = batch.slice(0, batch.num_rows().min(self.left));
                self.left -= batch.num_rows();
                self.done.rows.fetch_add(batch.num_rows(), Ordering::Relaxed);
                return Ok(Some(batch));
            }
            if !self.read().await? {
                return Ok(None);
            }
        }
    }

    /// Reads the next page, or the single records; false when there is nothing left to read.
    async fn read(&mut self) -> Result<bool, Error> {
        let read = match self.ahead.join_next().await {
            Some(read) => read.map_err(|_| Error::new(ErrorKind::General, "reading ahead was stopped"))??,
            None => match self.steps.pop_front() {
                None => return Ok(false),
                Some(Step::Singles(ids)) => {
                    for page in self.fetcher.singles(&ids).await? {
                        self.take(page)?;
                    }
                    return Ok(true);
                }
                Some(Step::Page(request)) => self.fetcher.page(request).await?,
            },
        };
        if let Some(next) = read.next {
            self.steps.push_front(Step::Page(next));
        }
        self.check_cursor(read.page.next_cursor.as_deref())?;
        self.take(read.page)?;
        self.consumed += 1;
        self.read_ahead();
        Ok(true)
    }

    fn read_ahead(&mut self) {
        if self.consumed <= SLOW_START || self.left == 0 {
            return;
        }
        if let Some(Step::Page(request)) = self.steps.front() {
            let (fetcher, request) = (self.fetcher.clone(), request.clone());
            self.steps.pop_front();
            self.ahead.spawn(async move { fetcher.page(request).await });
        }
    }

    /// A cursor that came before leads in a circle.
    fn check_cursor(&mut self, cursor: Option<&str>) -> Result<(), Error> {
        match cursor {
            Some(cursor) if !self.cursors.insert(cursor.to_owned()) => Err(Error::new(
                ErrorKind::Network,
                format!("{} answered with a cursor that it had given before; rows would repeat", self.entity().list),
            )),
            _ => Ok(()),
        }
    }

    /// Checks a page, keeps the rows that belong to the result, and makes them ready.
    fn take(&mut self, page: Page) -> Result<(), Error> {
        let source = self.fetcher.source.clone();
        if page.rounded {
            self.fetcher.statement.note_rounding();
        }
        self.check_ids(&page.batch)?;
        let kept = filtered(page.batch, source.filter.as_ref())?;
        if kept.num_rows() > 0 {
            let batch = kept.project(&source.output).map_err(engine)?;
            // A page's columns are all nullable; the table knows which cannot be, and this checks that they are not.
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let batch = RecordBatch::try_new_with_options(self.schema.clone(), batch.columns().to_vec(), &options);
            self.ready.push_back(batch.map_err(engine)?);
        }
        Ok(())
    }

    /// A row that comes twice is a page that repeats, or a list out of order: rows may be missing as well.
    fn check_ids(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let Some(keys) = batch.column_by_name(self.entity().key) else {
            return Ok(());
        };
        for id in keys.as_primitive::<Int64Type>() {
            let Some(id) = id else {
                let text = format!("{} answered with a record that has no id", self.entity().list);
                return Err(Error::new(ErrorKind::Network, text));
            };
            if !self.ids.insert(id) {
                let text = format!("{} answered with record {id} twice; rows may be missing", self.entity().list);
                return Err(Error::new(ErrorKind::Network, text));
            }
        }
        Ok(())
    }

    fn entity(&self) -> &'static Entity {
        self.fetcher.request.entity
    }
}

impl Fetcher {
    async fn page(&self, request: Request) -> Result<Read, Error> {
        let page = match self.get(&request).await? {
            Answer::Found(body) => self.decode(&body).await?,
            Answer::Missing => {
                let text = format!("{} does not exist on this host; check BaseURL or CompanyDomain", request.path());
                return Err(Error::new(ErrorKind::Network, text));
            }
        };
        let next = page.next_cursor.as_ref().map(|cursor| request.with("cursor", cursor.clone()));
        Ok(Read { page, next })
    }

    /// The records of these keys; one that is gone, or was never there, is no row.
    async fn singles(&self, ids: &[i64]) -> Result<Vec<Page>, Error> {
        let pages = ids.iter().map(|&id| async move {
            match self.get(&self.request.single(id)).await {
                Ok(Answer::Found(body)) => self.decode(&body).await.map(Some),
                Ok(Answer::Missing) => Ok(None),
                // Not to be seen by this user: the list leaves such records out, and says so of no one.
                Err(error) if error.kind() == ErrorKind::Forbidden && self.request.entity.ids => {
                    self.page(self.request.ids(&[id])).await.map(|read| Some(read.page))
                }
                Err(error) => Err(error),
            }
        });
        Ok(try_join_all(pages).await?.into_iter().flatten().collect())
    }

    async fn get(&self, request: &Request) -> Result<Answer, Error> {
        self.done.requests.fetch_add(1, Ordering::Relaxed);
        self.source.client.get(request, self.meter()).await
    }

    fn meter(&self) -> &Meter {
        &self.statement.meter
    }

    /// Decodes a page; an option that the definitions lack has them read once more.
    async fn decode(&self, body: &[u8]) -> Result<Page, Error> {
        let page = decode::page(body, &self.layout)?;
        if !page.unknown_option {
            return Ok(page);
        }
        match self.source.tables.refresh(self.request.entity).await? {
            Some(fresh) => {
                let fresh = relabelled(&self.source.table, &fresh);
                decode::page(body, &layout(&fresh, &self.source.decoded, self.source.zone))
            }
            None => Ok(page),
        }
    }
}

/// The table that the statement was planned with, its options labelled as the fresh definitions say.
fn relabelled(planned: &Table, fresh: &Table) -> Table {
    let mut table = planned.clone();
    for column in &mut table.columns {
        if let Some(found) = fresh.columns.iter().find(|other| other.path == column.path) {
            column.labels.clone_from(&found.labels);
        }
    }
    table
}

fn layout(table: &Table, decoded: &[usize], zone: Zone) -> Layout {
    let columns = decoded.iter().filter_map(|&index| table.columns.get(index));
    Layout::new(
        columns
            .map(|column| decode::LayoutColumn {
                name: column.name.to_lowercase(),
                path: column.path.clone(),
                fallback: column.fallback.clone(),
                reading: column.reading,
                options: column.labels.clone(),
            })
            .collect(),
        zone,
    )
}

fn filtered(batch: RecordBatch, filter: Option<&Arc<dyn PhysicalExpr>>) -> Result<RecordBatch, Error> {
    let Some(filter) = filter else { return Ok(batch) };
    let verdict = filter.evaluate(&batch).and_then(|value| value.into_array(batch.num_rows()));
    let verdict = verdict.map_err(crate::dialect::translate)?;
    let verdict: &BooleanArray = verdict.as_boolean();
    filter_record_batch(&batch, verdict).map_err(engine)
}

fn engine(error: datafusion::arrow::error::ArrowError) -> Error {
    crate::dialect::translate(error.into())
}
