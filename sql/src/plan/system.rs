//! The driver's own tables, filled when they are read.
//!
//! - here: the tables, fields and requests
//! - `system/standing.rs`: what was spent, who is signed in, which settings hold

mod standing;

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, StringArray, TimestampMillisecondArray};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result as DfResult};
use datafusion::datasource::MemTable;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::provider::{Described, Reading};
use crate::model::{SystemRows, SystemTable, Table, TableColumn};

/// A system table of one connection.
#[derive(Debug)]
pub(super) struct System {
    table: &'static SystemTable,
    schema: SchemaRef,
    reading: Reading,
}

impl System {
    pub(super) fn new(table: &'static SystemTable, reading: Reading) -> Self {
        let fields: Vec<Field> = table
            .columns
            .iter()
            .map(|column| {
                let base = Described {
                    name: column.name.into(),
                    sql_type: column.sql_type,
                    schema: table.schema,
                    table: table.name,
                };
                Field::new(column.name, column.sql_type.arrow(), column.nullable).with_metadata(base.metadata())
            })
            .collect();
        Self { table, schema: Arc::new(Schema::new(fields)), reading }
    }

    async fn rows(&self) -> DfResult<RecordBatch> {
        let columns = match self.table.rows {
            SystemRows::Fields => {
                let tables = self.reading.tables.all().await;
                fields(&tables.map_err(|error| DataFusionError::External(Box::new(error)))?)
            }
            SystemRows::Requests => requests(&self.reading),
            SystemRows::Usage => standing::usage(&self.reading),
            SystemRows::Connection => standing::connection(&self.reading),
            SystemRows::Settings => standing::settings(self.reading.tables.settings()),
        };
        Ok(RecordBatch::try_new(self.schema.clone(), columns)?)
    }
}

#[async_trait]
impl TableProvider for System {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let rows = self.rows().await?;
        MemTable::try_new(self.schema.clone(), vec![vec![rows]])?.scan(state, projection, filters, limit).await
    }
}

/// One column of one entity: its table, its place in it, itself.
type Column<'a> = (&'a Table, usize, &'a TableColumn);

fn fields(tables: &[Arc<Table>]) -> Vec<ArrayRef> {
    let columns = tables
        .iter()
        .flat_map(|table| table.columns.iter().enumerate().map(move |(index, column)| (table.as_ref(), index, column)));
    let columns: Vec<Column<'_>> = columns.collect();
    let text = |value: for<'a> fn(&Column<'a>) -> &'a str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(columns.iter().map(value)))
    };
    let optional = |value: for<'a> fn(&Column<'a>) -> Option<&'a str>| -> ArrayRef {
        Arc::new(columns.iter().map(value).collect::<StringArray>())
    };
    let options = |column: &TableColumn| column.labels.as_ref().map(|labels| number(labels.len()));
    vec![
        text(|(table, _, _)| table.entity.name),
        text(|(_, _, column)| &column.name),
        Arc::new(Int64Array::from_iter_values(columns.iter().map(|(_, index, _)| number(index + 1)))),
        Arc::new(StringArray::from_iter_values(columns.iter().map(|(_, _, column)| column.sql_type.to_string()))),
        Arc::new(columns.iter().map(|(_, _, column)| Some(column.custom_key.is_some())).collect::<BooleanArray>()),
        optional(|(_, _, column)| column.custom_key.as_deref()),
        optional(|(_, _, column)| column.custom_key.as_ref().map(|_| column.remarks.as_str())),
        Arc::new(columns.iter().map(|(_, _, column)| options(column)).collect::<Int64Array>()),
    ]
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn requests(reading: &Reading) -> Vec<ArrayRef> {
    let log = reading.client.requests();
    let numbers = |value: fn(&crate::api::LogEntry) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(log.iter().map(value)))
    };
    let started = log.iter().map(|entry| reading.zone.local(entry.started_at));
    vec![
        numbers(|entry| entry.number.cast_signed()),
        Arc::new(TimestampMillisecondArray::from_iter_values(started)),
        Arc::new(StringArray::from_iter_values(log.iter().map(|entry| &entry.path))),
        Arc::new(StringArray::from_iter_values(log.iter().map(|entry| &entry.query))),
        Arc::new(log.iter().map(|entry| entry.status.map(i64::from)).collect::<Int64Array>()),
        numbers(|entry| i64::from(entry.attempts)),
        numbers(|entry| i64::from(entry.tokens)),
        numbers(|entry| entry.bytes.cast_signed()),
        numbers(|entry| entry.milliseconds.cast_signed()),
        Arc::new(log.iter().map(|entry| entry.age.map(u64::cast_signed)).collect::<Int64Array>()),
    ]
}
