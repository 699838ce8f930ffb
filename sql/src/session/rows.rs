//! A running result: batches in the order of the statement, made as they are asked for.

use std::fmt;
use std::sync::Arc;

use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use tokio::sync::Mutex;

use super::report::Report;
use crate::arrow::array::ArrayRef;
use crate::arrow::compute::{CastOptions, cast_with_options};
use crate::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use crate::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use crate::call::{Call, runtime};
use crate::dialect::{as_text, translate};
use crate::plan::Statement;
use crate::trace::Trace;
use crate::{ColumnDescription, Result, Warning};

/// A running result. Dropping it stops its traffic.
pub struct Rows {
    /// Behind a lock because a call that was given up may still be winding down on another thread.
    stream: Arc<Mutex<Option<SendableRecordBatchStream>>>,
    columns: Arc<[ColumnDescription]>,
    schema: SchemaRef,
    statement: Arc<Statement>,
    trace: Trace,
    report: Option<Report>,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Rows {
    /// The rows of `stream`, given out with the types of `columns`.
    pub(super) fn new(
        stream: SendableRecordBatchStream,
        columns: Arc<[ColumnDescription]>,
        statement: Arc<Statement>,
        report: Option<Report>,
    ) -> Self {
        let field = |column: &ColumnDescription| Field::new(&column.name, column.sql_type.arrow(), true);
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        Self { stream: Arc::new(Mutex::new(Some(stream))), columns, schema, statement, trace: Trace::current(), report }
    }

    /// The columns: those of [`crate::Prepared::columns`], but for types that the values at the markers made wider.
    pub fn columns(&self) -> Arc<[ColumnDescription]> {
        self.columns.clone()
    }

    /// The next batch, never an empty one; `None` after the last, or after an error. Columns have the Arrow types of
    /// [`crate::ColumnDescription::sql_type`].
    ///
    /// # Errors
    /// Any kind; the result is closed then.
    pub fn next(&mut self, call: &Call) -> Result<Option<RecordBatch>> {
        let (stream, schema) = (self.stream.clone(), self.schema.clone());
        let work = async move {
            let mut stream = stream.lock().await;
            let Some(batches) = stream.as_mut() else {
                return Ok(None);
            };
            loop {
                match batches.next().await {
                    None => {
                        *stream = None;
                        return Ok(None);
                    }
                    Some(batch) => {
                        let batch = batch.map_err(translate)?;
                        if batch.num_rows() > 0 {
                            return shaped(&batch, &schema).map(Some);
                        }
                    }
                }
            }
        };
        let batch = self.trace.within(|| call.run(work));
        self.note(&batch);
        if batch.is_err() {
            self.close();
        }
        batch
    }

    /// Warnings since the last call of this function, such as rounded decimals.
    pub fn warnings(&mut self) -> Vec<Warning> {
        self.statement.warnings()
    }

    fn note(&mut self, batch: &Result<Option<RecordBatch>>) {
        let Some(report) = &mut self.report else { return };
        match batch {
            Ok(Some(batch)) => report.gave(batch.num_rows()),
            Ok(None) => report.end(),
            Err(error) => report.fail(error.kind()),
        }
    }

    /// Drops the plan on the runtime's big-stack threads: a deep plan overflows a small stack on drop, too.
    fn close(&mut self) {
        let stream = std::mem::take(&mut self.stream);
        if let Ok(runtime) = runtime() {
            drop(runtime.spawn(async move { drop(stream.lock().await.take()) }));
        }
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.close();
    }
}

/// The batch with the described types: what was described at prepare time is what comes.
fn shaped(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| shape(column, field.data_type()));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(|error| translate(error.into()))
}

fn shape(column: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
    if column.data_type() == wanted {
        return Ok(column.clone());
    }
    if wanted == &DataType::Utf8 {
        return as_text(column).map_err(translate);
    }
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, wanted, &strict).map_err(|error| translate(error.into()))
}
