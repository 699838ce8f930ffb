//! A planned statement: it describes itself before it is executed, and its shape never changes afterwards.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::scalar::ScalarValue;
use futures::{StreamExt, stream};

use super::values::scalar;
use super::{Rows, Session};
use crate::api::Meter;
use crate::call::runtime;
use crate::dialect::{self, OutputNames};
use crate::plan::{Described, Statement, column_type, explain_columns, explain_rows};
use crate::{BaseColumn, ColumnDescription, Error, ErrorKind, Parameter, Result, Value};

/// A statement that was parsed and planned.
#[derive(Clone)]
pub struct Prepared {
    plan: Option<Arc<Plan>>,
    columns: Vec<ColumnDescription>,
    parameters: Vec<Parameter>,
}

/// What an execution needs of a prepared statement.
pub(super) struct Plan {
    logical: LogicalPlan,
    kind: Kind,
    parameters: Vec<Parameter>,
    schema: SchemaRef,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Query,
    Explain { analyze: bool },
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("columns", &self.columns).field("parameters", &self.parameters).finish()
    }
}

impl Prepared {
    /// The columns of the result.
    pub fn columns(&self) -> &[ColumnDescription] {
        &self.columns
    }

    /// The parameter markers in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    pub(super) fn plan(&self) -> Option<Arc<Plan>> {
        self.plan.clone()
    }
}

impl Drop for Prepared {
    /// On a big stack: the plan of a deep statement overflows a small one on drop, too.
    fn drop(&mut self) {
        let plan = self.plan.take();
        if let Ok(runtime) = runtime() {
            drop(runtime.spawn(async move { drop(plan) }));
        }
    }
}

impl Session {
    pub(super) async fn plan(&self, sql: &str) -> Result<Prepared> {
        let engine = &self.inner.engine;
        let parsed = dialect::parse(sql)?;
        let (statement, kind) = match parsed.explain {
            Some(analyze) => (parsed.statement, Kind::Explain { analyze }),
            None => (parsed.statement, Kind::Query),
        };
        let logical = engine.plan(statement).await?;
        let types = dialect::parameter_types(&logical, parsed.parameters)?;
        let parameters: Vec<_> = types.into_iter().map(|sql_type| Parameter { sql_type }).collect();
        let nulls = parameters.iter().map(|parameter| ScalarValue::try_new_null(&parameter.sql_type.arrow()));
        let nulls = nulls.collect::<Result<Vec<_>, _>>().map_err(dialect::translate)?;
        let fields = engine.fields(&logical, nulls)?;
        let columns = match kind {
            Kind::Query => describe(&fields, &parsed.names),
            Kind::Explain { analyze } => explain_columns(analyze).map(plain).collect(),
        };
        let schema = schema(&columns);
        let plan = Plan { logical, kind, parameters: parameters.clone(), schema };
        Ok(Prepared { plan: Some(Arc::new(plan)), columns, parameters })
    }

    pub(super) async fn start(&self, plan: Option<Arc<Plan>>, values: &[Value], max_rows: u64) -> Result<Rows> {
        let Some(plan) = plan else {
            return Err(Error::new(ErrorKind::General, "the statement was closed"));
        };
        let values = bound(&plan.parameters, values)?;
        let engine = &self.inner.engine;
        let limit = if plan.kind == Kind::Query { max_rows } else { 0 };
        let physical = engine.physical(&plan.logical, values, limit).await?;
        let statement = Arc::new(Statement::new(Meter::new(self.inner.settings.max_tokens())));
        let Kind::Explain { analyze } = plan.kind else {
            let stream = engine.stream(physical, statement.clone())?;
            return Ok(Rows::new(stream, plan.schema.clone(), statement));
        };
        if analyze {
            let mut stream = engine.stream(physical.clone(), statement.clone())?;
            while let Some(batch) = stream.next().await {
                batch.map_err(dialect::translate)?;
            }
        }
        let rows = explain_rows(&physical, analyze)?;
        let stream = RecordBatchStreamAdapter::new(rows.schema(), stream::iter([Ok(rows)]));
        Ok(Rows::new(Box::pin(stream), plan.schema.clone(), statement))
    }
}

fn bound(parameters: &[Parameter], values: &[Value]) -> Result<Vec<ScalarValue>> {
    if parameters.len() != values.len() {
        let text =
            format!("the statement has {} parameter markers, {} values are bound", parameters.len(), values.len());
        return Err(Error::new(ErrorKind::ParameterCount, text));
    }
    parameters
        .iter()
        .zip(values)
        .enumerate()
        .map(|(index, (parameter, value))| scalar(index + 1, *parameter, value))
        .collect()
}

fn describe(fields: &[Field], names: &OutputNames) -> Vec<ColumnDescription> {
    fields
        .iter()
        .enumerate()
        .map(|(index, field)| {
            let base = Described::of(field);
            ColumnDescription {
                name: name(index, field, base.as_ref(), names),
                sql_type: column_type(field),
                nullable: field.is_nullable(),
                base: base.map(|base| BaseColumn { schema: base.schema, table: base.table, column: base.name }),
            }
        })
        .collect()
}

/// The alias or text of the select item; for a plain column the declared name; for one that `*` brought in the
/// declared name too, unless the statement renamed it further down.
fn name(index: usize, field: &Field, base: Option<&Described<String>>, names: &OutputNames) -> String {
    if let Some(name) = names.item(index) {
        return name.to_owned();
    }
    match base {
        Some(base) if base.name.to_lowercase() == *field.name() => base.name.clone(),
        _ => names.spelled(field.name()).unwrap_or(field.name()).to_owned(),
    }
}

fn plain((name, sql_type): (&'static str, crate::SqlType)) -> ColumnDescription {
    ColumnDescription { name: name.into(), sql_type, nullable: true, base: None }
}

fn schema(columns: &[ColumnDescription]) -> SchemaRef {
    let fields: Vec<_> = columns.iter().map(|column| Field::new(&column.name, column.sql_type.arrow(), true)).collect();
    Arc::new(Schema::new(fields))
}
