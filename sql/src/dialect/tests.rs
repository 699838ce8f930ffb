//! Statements through the whole dialect and DataFusion, over a table in memory.

mod clock;
mod depth;
mod escapes;
mod names;
mod parameters;
mod tools;
mod values;

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemTable, MemoryCatalogProvider, MemoryCatalogProviderList,
    MemorySchemaProvider, SchemaProvider,
};
use datafusion::common::ParamValues;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::execution::{SessionState, SessionStateDefaults};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::collect;
use datafusion::prelude::SessionConfig;
use datafusion::scalar::ScalarValue;
use datafusion::sql::parser;

use super::functions::as_text;
use super::{OutputNames, configure, parameter_types, parse, register, translate};
use crate::plan::column_type;
use crate::zone::Zone;
use crate::{DEFAULT_TEXT, ErrorKind, Result, SqlType};

fn described(name: &str, data_type: DataType, length: &str) -> Field {
    let metadata = [
        ("pipedrive.column", name),
        ("pipedrive.length", length),
        ("pipedrive.schema", "crm"),
        ("pipedrive.table", "deals"),
    ];
    let metadata: HashMap<_, _> = metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    Field::new(name.to_lowercase(), data_type, name != "id").with_metadata(metadata)
}

/// 2023-11-14 22:13:20
const MOMENT: i64 = 1_700_000_000_000;
/// 9999-12-31 23:59:59
const FAR: i64 = 253_402_300_799_000;

fn deals() -> RecordBatch {
    let millis = DataType::Timestamp(TimeUnit::Millisecond, None);
    let columns: Vec<(Field, ArrayRef)> = vec![
        (described("id", DataType::Int64, ""), Arc::new(Int64Array::from(vec![1, 2, 3]))),
        (
            described("title", DataType::Utf8, "255"),
            Arc::new(StringArray::from(vec![Some("Coffee"), Some("a_b"), None])),
        ),
        (
            described("value", DataType::Decimal128(19, 4), ""),
            Arc::new(
                Decimal128Array::from(vec![Some(10_000), Some(25_000), None]).with_precision_and_scale(19, 4).unwrap(),
            ),
        ),
        (described("status", DataType::Utf8, "16"), Arc::new(StringArray::from(vec!["won", "open", "won"]))),
        (
            described("is_deleted", DataType::Boolean, ""),
            Arc::new(BooleanArray::from(vec![Some(false), Some(true), None])),
        ),
        (
            described("add_time", millis.clone(), ""),
            Arc::new(TimestampMillisecondArray::from(vec![Some(MOMENT), Some(MOMENT + 123), Some(FAR)])),
        ),
        (
            described("update_time", millis, ""),
            Arc::new(TimestampMillisecondArray::from(vec![Some(MOMENT + 90_061_000), None, Some(FAR)])),
        ),
        (
            described("expected_close_date", DataType::Date32, ""),
            Arc::new(Date32Array::from(vec![Some(19_675), Some(19_700), None])),
        ),
        (
            described("Lead Source", DataType::Utf8, "255"),
            Arc::new(StringArray::from(vec![Some("Web"), Some("50%"), Some("a\\b")])),
        ),
        (described("owner_id", DataType::Int64, ""), Arc::new(Int64Array::from(vec![Some(7), Some(7), Some(8)]))),
    ];
    let (fields, arrays): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn persons() -> RecordBatch {
    let schema = Schema::new(vec![
        described("id", DataType::Int64, ""),
        described("name", DataType::Utf8, "255"),
        described("owner_id", DataType::Int64, ""),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![1, 2])),
        Arc::new(StringArray::from(vec!["Ann", "Bob"])),
        Arc::new(Int64Array::from(vec![7, 8])),
    ];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

/// The engine's state, over tables in memory.
fn state() -> SessionState {
    state_in(Zone::UTC)
}

fn state_in(zone: Zone) -> SessionState {
    let schema = MemorySchemaProvider::new();
    for (name, batch) in [("deals", deals()), ("persons", persons())] {
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).unwrap();
        schema.register_table(name.into(), Arc::new(table)).unwrap();
    }
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema("crm", Arc::new(schema)).unwrap();
    let catalogs = MemoryCatalogProviderList::new();
    catalogs.register_catalog("pipedrive".into(), Arc::new(catalog));
    let config = configure(SessionConfig::new())
        .with_target_partitions(1)
        .with_default_catalog_and_schema("pipedrive", "crm")
        .with_create_default_catalog_and_schema(false);
    let builder = SessionStateBuilder::new()
        .with_config(config)
        .with_catalog_list(Arc::new(catalogs))
        .with_expr_planners(SessionStateDefaults::default_expr_planners())
        .with_scalar_functions(SessionStateDefaults::default_scalar_functions())
        .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
        .with_window_functions(SessionStateDefaults::default_window_functions());
    register(builder, zone).unwrap().build()
}

/// A planned statement, as a session prepares it.
struct Planned {
    state: SessionState,
    plan: LogicalPlan,
    parameters: Vec<SqlType>,
    names: OutputNames,
}

async fn plan(sql: &str) -> Result<Planned> {
    plan_in(state(), sql).await
}

async fn plan_in(state: SessionState, sql: &str) -> Result<Planned> {
    let parsed = parse(sql)?;
    let statement = parser::Statement::Statement(Box::new(parsed.statement));
    let plan = state.statement_to_plan(statement).await.map_err(translate)?;
    let parameters = parameter_types(&plan, parsed.parameters)?;
    let parameters =
        parameters.into_iter().map(|told| told.map_or(SqlType::Varchar(DEFAULT_TEXT), |told| told.sql_type)).collect();
    Ok(Planned { state, plan, parameters, names: parsed.names })
}

impl Planned {
    fn with(&self, values: Vec<ScalarValue>) -> Result<LogicalPlan> {
        if values.is_empty() {
            return Ok(self.plan.clone());
        }
        let values = ParamValues::List(values.into_iter().map(Into::into).collect());
        self.plan.clone().replace_params_with_values(&values).map_err(translate)
    }

    /// Names and types of the result, markers standing for NULLs.
    fn fields(&self) -> Result<Vec<Field>> {
        let nulls = self.parameters.iter().map(|kind| ScalarValue::try_new_null(&kind.arrow()).unwrap()).collect();
        let plan = self.with(nulls)?;
        let analyzed = self.state.analyzer().execute_and_check(plan, self.state.config_options(), |_, _| {});
        Ok(analyzed.map_err(translate)?.schema().fields().iter().map(|field| field.as_ref().clone()).collect())
    }

    /// What an application would be told of the columns; as `session/prepared.rs` does it.
    fn columns(&self) -> Result<Vec<(String, SqlType)>> {
        let described = self.fields()?.into_iter().enumerate().map(|(index, field)| {
            let base = field.metadata().get("pipedrive.column");
            let name = match (self.names.item(index), base) {
                (Some(name), _) => name,
                (None, Some(base)) if base.to_lowercase() == *field.name() => base,
                _ => self.names.spelled(field.name()).unwrap_or(field.name()),
            };
            (name.to_owned(), column_type(&field))
        });
        Ok(described.collect())
    }

    async fn run(&self, values: Vec<ScalarValue>) -> Result<Vec<Vec<String>>> {
        let mut state = self.state.clone();
        state.mark_start_execution();
        let physical = state.create_physical_plan(&self.with(values)?).await.map_err(translate)?;
        let batches = collect(physical, state.task_ctx()).await.map_err(translate)?;
        Ok(batches.iter().flat_map(texts).collect())
    }
}

/// The rows of a batch as text; NULL as `-`.
fn texts(batch: &RecordBatch) -> Vec<Vec<String>> {
    let columns: Vec<_> = batch.columns().iter().map(|column| as_text(column).unwrap()).collect();
    let cell = |column: &ArrayRef, row| {
        if column.is_null(row) { "-".to_owned() } else { column.as_string::<i32>().value(row).to_owned() }
    };
    (0..batch.num_rows()).map(|row| columns.iter().map(|column| cell(column, row)).collect()).collect()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Prepares, describes and runs a statement.
fn rows(sql: &str) -> Result<Vec<Vec<String>>> {
    block_on(async {
        let planned = plan(sql).await?;
        planned.fields()?;
        planned.run(Vec::new()).await
    })
}

/// The rows, cells joined by blanks.
#[track_caller]
fn found(sql: &str) -> Vec<String> {
    match rows(sql) {
        Ok(rows) => rows.into_iter().map(|row| row.join(" ")).collect(),
        Err(error) => panic!("{sql}: {:?} {error}", error.kind()),
    }
}

/// The one value of a select list without a table.
#[track_caller]
fn value(expression: &str) -> String {
    let found = found(&format!("SELECT {expression}"));
    assert_eq!(found.len(), 1, "{expression}");
    found.into_iter().next().unwrap()
}

/// The ids of the deals that satisfy a condition.
#[track_caller]
fn deals_where(condition: &str) -> String {
    found(&format!("SELECT id FROM deals WHERE {condition} ORDER BY id")).join(" ")
}

#[track_caller]
fn refused(sql: &str, kind: ErrorKind, part: &str) {
    match rows(sql) {
        Ok(rows) => panic!("{sql}: {rows:?}"),
        Err(error) => {
            assert_eq!(error.kind(), kind, "{sql}: {error}");
            assert!(error.message().contains(part), "{sql}: {error}");
        }
    }
}

/// Refused while it is prepared, before a row was read.
#[track_caller]
fn refused_at_prepare(sql: &str, kind: ErrorKind, part: &str) {
    let outcome = block_on(async { plan(sql).await?.fields().map(drop) });
    let Err(error) = outcome else { panic!("{sql}: was prepared") };
    assert_eq!(error.kind(), kind, "{sql}: {error}");
    assert!(error.message().contains(part), "{sql}: {error}");
}

#[track_caller]
fn columns(sql: &str) -> Vec<(String, String)> {
    let columns = block_on(async { plan(sql).await?.columns() });
    match columns {
        Ok(columns) => columns.into_iter().map(|(name, sql_type)| (name, sql_type.to_string())).collect(),
        Err(error) => panic!("{sql}: {:?} {error}", error.kind()),
    }
}

#[track_caller]
fn type_of(expression: &str) -> String {
    columns(&format!("SELECT {expression} AS x FROM deals"))[0].1.clone()
}
