//! Calls of procedures: prepared without a request, executed at once, their rows given out like those of a query.

use std::sync::Arc;
use std::time::Instant;

use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::scalar::ScalarValue;
use futures::stream;

use super::prepared::{Prepared, bound};
use super::report::{self, Report};
use super::{Rows, Session};
use crate::api::Meter;
use crate::arrow::record_batch::RecordBatch;
use crate::plan::Statement;
use crate::procedures::{self, Called, Desk};
use crate::{ColumnDescription, Parameter, Result, Value, dialect};

/// What an execution needs of a call.
#[derive(Debug)]
pub(super) struct Call {
    called: Called,
    parameters: Vec<Parameter>,
    columns: Arc<[ColumnDescription]>,
    /// As the log shows it; `None` where none does.
    text: Option<Arc<str>>,
}

impl Session {
    /// Reads a call; `None` for a statement that is none. Secrets in it are hidden from the log before anything is told.
    pub(super) fn plan_call(&self, sql: &str) -> Result<Option<Prepared>> {
        let Some(invocation) = dialect::invocation(sql)? else { return Ok(None) };
        let called = Called::new(&invocation)?;
        let trace = &self.inner.trace;
        called.hide(None, trace);
        let (parameters, columns) = (called.parameters(), called.columns().into());
        let text = report::call(trace, &called);
        Ok(Some(Prepared::of_call(Call { called, parameters, columns, text })))
    }

    /// Runs a procedure.
    pub(super) async fn call(
        &self,
        call: &Call,
        values: &[Value],
        max_rows: u64,
        deadline: Option<Instant>,
    ) -> Result<Rows> {
        let meter = Meter::new(self.inner.settings.max_tokens());
        let statement = Arc::new(Statement::new(meter.clone()));
        let mut report = Report::start(&self.inner.trace, call.text.as_deref(), &statement);
        let found = meter.cover(Box::pin(self.answer(call, values, deadline))).await;
        if let (Err(error), Some(report)) = (&found, &mut report) {
            report.fail(error.kind());
        }
        let found = found?;
        let limits = [max_rows, self.inner.settings.max_rows()].into_iter().filter(|rows| *rows > 0);
        let most = limits.min().and_then(|rows| usize::try_from(rows).ok()).unwrap_or(usize::MAX);
        let rows = found.slice(0, found.num_rows().min(most));
        let stream = RecordBatchStreamAdapter::new(rows.schema(), stream::iter([Ok(rows)]));
        Ok(Rows::new(Box::pin(stream), call.columns.clone(), statement, report))
    }

    async fn answer(&self, call: &Call, values: &[Value], deadline: Option<Instant>) -> Result<RecordBatch> {
        let (inner, called) = (&self.inner, &call.called);
        let values = bound(&call.parameters, values, inner.zone)?;
        let values: Vec<_> = values.into_iter().map(text).collect();
        let arguments = called.with(&values)?;
        called.hide(Some(&arguments), &inner.trace);
        tracing::trace!("values of parameters: {}", called.shown_values(&values));
        let desk = Desk { settings: &inner.settings, tables: Some(&inner.tables), trace: &inner.trace, deadline };
        procedures::run(called, &arguments, &desk).await
    }
}

impl Call {
    pub(super) fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    pub(super) fn columns(&self) -> Arc<[ColumnDescription]> {
        self.columns.clone()
    }
}

/// The text at a marker, which every parameter of a procedure is described as.
fn text(value: ScalarValue) -> Option<String> {
    match value {
        ScalarValue::Utf8(text) => text,
        _ => None,
    }
}
