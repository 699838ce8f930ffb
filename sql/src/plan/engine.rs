//! DataFusion, set up for one connection.
//!
//! Only functions are registered: no file format, no table factory, no object store. The author of the SQL is not
//! always the owner of the machine.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};
use datafusion::catalog::{CatalogProviderList, MemoryCatalogProviderList};
use datafusion::common::{DataFusionError, ParamValues, ScalarValue, not_impl_err};
use datafusion::execution::object_store::ObjectStoreRegistry;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::execution::{SendableRecordBatchStream, SessionState, SessionStateDefaults, TaskContext};
use datafusion::logical_expr::{self, LogicalPlan, LogicalPlanBuilder};
use datafusion::object_store::ObjectStore;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionConfig;
use datafusion::sql::parser;
use datafusion::sql::sqlparser::ast;
use url::Url;

use super::catalog::{BARE, Catalog};
use super::definitions::Tables;
use super::lengths::with_length;
use super::offset::SeparateOffsets;
use super::provider::Reading;
use super::sequence::SequenceUnions;
use super::statement::Statement;
use super::top::{PushTop, SortExtremes};
use crate::api::Client;
use crate::dialect::{self, translate};
use crate::model::CATALOG;
use crate::zone::Zone;
use crate::{Error, ErrorKind, Result};

/// Rows that operators collect before they hand on a batch: one page, so that none of them waits for a second one.
const BATCH_ROWS: usize = 500;

/// The engine of one connection.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    state: SessionState,
    /// The same over tables that do not tell their keys (`dialect/groups.rs`).
    keyless: SessionState,
    tables: Arc<Tables>,
}

impl Engine {
    /// An engine over the tables of one connection. A table without a schema is looked for in `schema` first.
    pub(crate) fn new(
        client: Client,
        tables: Arc<Tables>,
        page_size: usize,
        pushdown: bool,
        zone: Zone,
        schema: &'static str,
    ) -> Result<Self> {
        let reading = Reading { client, tables: tables.clone(), page_size, pushdown, zone, keys: true };
        let keyless = state(Reading { keys: false, ..reading.clone() }, schema)?;
        Ok(Self { state: state(reading, schema)?, keyless, tables })
    }

    /// Plans a statement; reads definitions of the entities that it names where none are at hand.
    pub(crate) async fn plan(&self, statement: ast::Statement) -> Result<LogicalPlan> {
        let state = if dialect::has_groups_over_joins(&statement) { &self.keyless } else { &self.state };
        let statement = parser::Statement::Statement(Box::new(statement));
        let planned = state.statement_to_plan(statement).await;
        planned.map_err(|error| dialect::translate_planning(error, self.tables.selection()))
    }

    /// Plans a statement whose markers have the types of their values: what is compared or united with a marker gets its
    /// types while the statement is planned.
    pub(crate) async fn plan_for(&self, statement: ast::Statement, types: &[DataType]) -> Result<LogicalPlan> {
        let data_types = types.iter().map(declared).collect::<Result<Vec<_>>>()?;
        let name = ast::Ident::new("values");
        let prepare = ast::Statement::Prepare { name, data_types, statement: Box::new(statement) };
        match self.plan(prepare).await? {
            LogicalPlan::Statement(logical_expr::Statement::Prepare(prepared)) => {
                Ok(Arc::unwrap_or_clone(prepared.input))
            }
            other => Ok(other),
        }
    }

    /// The fields of a plan's result, parameters standing for NULLs of the types that they are described with.
    pub(crate) fn fields(&self, plan: &LogicalPlan, parameters: Vec<ScalarValue>) -> Result<Vec<Field>> {
        let plan = with_values(plan.clone(), parameters)?;
        let analyzed = self.state.analyzer().execute_and_check(plan, self.state.config_options(), |_, _| {});
        let analyzed = analyzed.map_err(translate)?;
        let fields = analyzed.schema().fields().iter().enumerate();
        Ok(fields.map(|(index, field)| with_length(&analyzed, index, field)).collect())
    }

    /// The physical plan of an execution with these values; `max_rows` 0 means all rows.
    pub(crate) async fn physical(
        &self,
        plan: &LogicalPlan,
        values: Vec<ScalarValue>,
        max_rows: u64,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = with_values(plan.clone(), values)?;
        // A count is a signed number to the planner; no result has more rows than that.
        let limit = i64::try_from(max_rows).ok().and_then(|rows| usize::try_from(rows).ok()).filter(|rows| *rows > 0);
        let plan = match limit {
            None => plan,
            Some(rows) => LogicalPlanBuilder::from(plan)
                .limit(0, Some(rows))
                .and_then(LogicalPlanBuilder::build)
                .map_err(translate)?,
        };
        let mut state = self.state.clone();
        // CURRENT_TIMESTAMP is the moment of the execution, not of the connect.
        state.mark_start_execution();
        state.create_physical_plan(&plan).await.map_err(translate)
    }

    /// Starts a physical plan; nothing is read before its stream is polled.
    pub(crate) fn stream(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        statement: Arc<Statement>,
    ) -> Result<SendableRecordBatchStream> {
        let config = self.state.config().clone().with_extension(statement);
        let context = TaskContext::from(&self.state).with_session_config(config);
        execute_stream(plan, Arc::new(context)).map_err(translate)
    }
}

/// DataFusion over the tables that are read so.
fn state(reading: Reading, schema: &'static str) -> Result<SessionState> {
    let zone = reading.zone;
    let catalogs = MemoryCatalogProviderList::new();
    catalogs.register_catalog(CATALOG.into(), Arc::new(Catalog { reading, schema }));
    let mut rules = PhysicalOptimizer::new().rules;
    rules.insert(0, Arc::new(SeparateOffsets));
    rules.insert(0, Arc::new(SequenceUnions));
    // After the sorts have found their places, before joins hand their keys down.
    let last = rules.iter().rposition(|rule| rule.name() == "PushdownSort").unwrap_or(rules.len());
    rules.insert(last, Arc::new(SortExtremes));
    rules.insert((last + 2).min(rules.len()), Arc::new(PushTop));
    let builder = SessionStateBuilder::new()
        .with_physical_optimizer_rules(rules)
        .with_config(config())
        .with_runtime_env(runtime()?)
        .with_catalog_list(Arc::new(catalogs))
        .with_expr_planners(SessionStateDefaults::default_expr_planners())
        .with_scalar_functions(SessionStateDefaults::default_scalar_functions())
        .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
        .with_window_functions(SessionStateDefaults::default_window_functions());
    Ok(dialect::register(builder, zone)?.build())
}

/// What the dialect needs, and one partition: more would read ahead of the application.
fn config() -> SessionConfig {
    dialect::configure(SessionConfig::new())
        .with_target_partitions(1)
        .with_batch_size(BATCH_ROWS)
        .with_default_catalog_and_schema(CATALOG, BARE)
        .with_create_default_catalog_and_schema(false)
        // The keys of a join's smaller side, up to 200 requests for 100 of them.
        .set_usize("datafusion.optimizer.hash_join_inlist_pushdown_max_distinct_values", 20_000)
        .set_usize("datafusion.optimizer.hash_join_inlist_pushdown_max_size", 1 << 20)
        .with_information_schema(false)
        // Scans take the keys of a join's other side; from the bounds of a sort or an aggregate they have no use.
        .set_bool("datafusion.optimizer.enable_topk_dynamic_filter_pushdown", false)
        .set_bool("datafusion.optimizer.enable_aggregate_dynamic_filter_pushdown", false)
        // A sort of its own for each side of a UNION forgets keys that are constant on every side, though not the same
        // constant: `SELECT 3, a UNION ALL SELECT 1, b ORDER BY 1, 2 LIMIT 2` would be sorted by the second alone.
        .with_repartition_sorts(false)
}

fn runtime() -> Result<Arc<RuntimeEnv>> {
    let builder = RuntimeEnvBuilder::new().with_object_store_registry(Arc::new(NoStores));
    builder.build_arc().map_err(translate)
}

/// How SQL declares a value of this type.
fn declared(data_type: &DataType) -> Result<ast::DataType> {
    use ast::{DataType as Declared, ExactNumberInfo, TimezoneInfo};
    Ok(match data_type {
        DataType::Boolean => Declared::Boolean,
        DataType::Int16 => Declared::SmallInt(None),
        DataType::Int32 => Declared::Integer(None),
        DataType::Int64 => Declared::BigInt(None),
        DataType::Float64 => Declared::DoublePrecision,
        DataType::Decimal128(precision, scale) => {
            Declared::Decimal(ExactNumberInfo::PrecisionAndScale((*precision).into(), (*scale).into()))
        }
        DataType::Utf8 => Declared::Varchar(None),
        DataType::Date32 => Declared::Date,
        DataType::Time64(_) => Declared::Time(None, TimezoneInfo::None),
        DataType::Timestamp(TimeUnit::Millisecond, None) => Declared::Timestamp(Some(3), TimezoneInfo::None),
        DataType::Timestamp(TimeUnit::Nanosecond, None) => Declared::Timestamp(Some(9), TimezoneInfo::None),
        other => return Err(Error::new(ErrorKind::NotSupported, format!("no parameter can be of the type {other}"))),
    })
}

fn with_values(plan: LogicalPlan, values: Vec<ScalarValue>) -> Result<LogicalPlan> {
    if values.is_empty() {
        return Ok(plan);
    }
    let values = values.into_iter().map(Into::into).collect();
    plan.replace_params_with_values(&ParamValues::List(values)).map_err(translate)
}

/// SQL reaches no file and no bucket.
#[derive(Debug)]
struct NoStores;

impl ObjectStoreRegistry for NoStores {
    fn register_store(&self, _: &Url, _: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        None
    }

    fn get_store(&self, _: &Url) -> std::result::Result<Arc<dyn ObjectStore>, DataFusionError> {
        not_impl_err!("files and buckets cannot be read")
    }
}
