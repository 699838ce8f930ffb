//! A planned statement: it describes itself before it is executed. Values at its markers may make a column of the result
//! wider (`SELECT ? + 1` with 2.5); the running result tells so.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::displayable;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast;
use futures::{StreamExt, stream};
use parking_lot::Mutex;

use super::called;
use super::report::{self, Report};
use super::values::scalar;
use super::{Rows, Session};
use crate::api::Meter;
use crate::call::runtime;
use crate::dialect::{self, Explain, Implied, OutputNames};
use crate::plan::{Described, Statement, column_type, explain_columns, explain_rows};
use crate::zone::Zone;
use crate::{BaseColumn, ColumnDescription, DEFAULT_TEXT, Error, ErrorKind, Parameter, Result, SqlType, Value};

/// A statement that was parsed and planned.
#[derive(Clone)]
pub struct Prepared {
    plan: Option<Arc<Plan>>,
    /// For a call of a procedure, which has no plan.
    call: Option<Arc<called::Call>>,
    columns: Arc<[ColumnDescription]>,
    parameters: Vec<Parameter>,
}

/// What an execution needs of a prepared statement.
pub(super) struct Plan {
    logical: LogicalPlan,
    /// With markers: the statement, and the plan for values of the types that came last.
    statement: Option<ast::Statement>,
    typed: Mutex<Option<(Vec<DataType>, LogicalPlan)>>,
    kind: Kind,
    parameters: Vec<Parameter>,
    columns: Arc<[ColumnDescription]>,
    /// As the log shows it; `None` where none does.
    text: Option<Arc<str>>,
    /// Tokens that planning has cost and no execution has answered for yet.
    tokens: AtomicU64,
}

/// A plan, its markers, the fields of its result.
type Told = (LogicalPlan, Vec<Parameter>, Vec<Field>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Query,
    Explain(Explain),
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("columns", &self.columns).field("parameters", &self.parameters).finish()
    }
}

impl Prepared {
    /// A call of a procedure.
    pub(super) fn of_call(call: called::Call) -> Self {
        let (columns, parameters) = (call.columns(), call.parameters().to_vec());
        Self { plan: None, call: Some(Arc::new(call)), columns, parameters }
    }

    /// Whether it is a call of a procedure.
    pub const fn is_call(&self) -> bool {
        self.call.is_some()
    }

    /// The columns of the result.
    pub fn columns(&self) -> Arc<[ColumnDescription]> {
        self.columns.clone()
    }

    /// The parameter markers in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    pub(super) fn plan(&self) -> Option<Arc<Plan>> {
        self.plan.clone()
    }

    pub(super) fn call(&self) -> Option<Arc<called::Call>> {
        self.call.clone()
    }
}

impl Drop for Prepared {
    /// On a big stack: the plan of a deep statement overflows a small one on drop, too.
    fn drop(&mut self) {
        let Some(plan) = self.plan.take() else { return };
        if let Ok(runtime) = runtime() {
            drop(runtime.spawn(async move { drop(plan) }));
        }
    }
}

impl Session {
    /// Plans a statement. Field definitions that are read for it count towards its MaxTokens.
    pub(super) async fn plan(&self, sql: &str) -> Result<Prepared> {
        let started = Instant::now();
        let called = self.plan_call(sql);
        report::refused(&called, &self.inner.trace, sql, started);
        if let Some(prepared) = called? {
            return Ok(prepared);
        }
        let text = report::text(&self.inner.trace, sql);
        let meter = Meter::new(self.inner.settings.max_tokens());
        let prepared = meter.cover(Box::pin(self.planned(sql, text))).await;
        report::refused(&prepared, &self.inner.trace, sql, started);
        let prepared = prepared?;
        if let Some(plan) = &prepared.plan {
            plan.tokens.store(meter.tokens(), Ordering::Relaxed);
        }
        Ok(prepared)
    }

    async fn planned(&self, sql: &str, text: Option<Arc<str>>) -> Result<Prepared> {
        let parsed = dialect::parse(sql)?;
        parsed.zoned.as_ref().map_or(Ok(()), |text| readable(text, self.inner.zone))?;
        let (statement, kind) = match parsed.explain {
            Some(explain) => (parsed.statement, Kind::Explain(explain)),
            None => (parsed.statement, Kind::Query),
        };
        let with_markers = (parsed.parameters > 0).then(|| statement.clone());
        let planned = match (Box::pin(self.described(statement, parsed.parameters, None)).await, &with_markers) {
            (Err(refused), Some(statement)) if concerns_types(&refused) => {
                Box::pin(self.supposed(statement, parsed.parameters)).await.ok_or(refused)
            }
            (other, _) => other,
        };
        let (logical, parameters, fields) = planned?;
        let columns: Arc<[_]> = match kind {
            Kind::Query => describe(&fields, &parsed.names).into(),
            Kind::Explain(explain) => explain_columns(explain).into_iter().map(plain).collect(),
        };
        let plan = Plan {
            logical,
            statement: with_markers,
            typed: Mutex::default(),
            kind,
            parameters: parameters.clone(),
            columns: columns.clone(),
            text,
            tokens: AtomicU64::new(0),
        };
        Ok(Prepared { plan: Some(Arc::new(plan)), call: None, columns, parameters })
    }

    /// A plan, its markers and its fields. The markers have the type that is supposed of all of them, else that which
    /// DataFusion sees in their places.
    async fn described(&self, statement: ast::Statement, markers: usize, supposed: Option<SqlType>) -> Result<Told> {
        let engine = &self.inner.engine;
        let logical = match supposed {
            None => engine.plan(statement).await?,
            Some(sql_type) => engine.plan_for(statement, &vec![sql_type.arrow(); markers]).await?,
        };
        let types = match supposed {
            None => dialect::parameter_types(&logical, markers)?,
            Some(_) => vec![None; markers],
        };
        let parameter = |implied: Option<Implied>| Parameter {
            sql_type: implied.map(|implied| implied.sql_type).or(supposed).unwrap_or(SqlType::Varchar(DEFAULT_TEXT)),
            implied: implied.is_some(),
            compared: implied.is_some_and(|implied| implied.compared),
        };
        let parameters: Vec<_> = types.into_iter().map(parameter).collect();
        let nulls = parameters.iter().map(|parameter| ScalarValue::try_new_null(&parameter.sql_type.arrow()));
        let nulls = nulls.collect::<Result<Vec<_>, _>>().map_err(dialect::translate)?;
        let fields = engine.fields(&logical, nulls)?;
        Ok((logical, parameters, fields))
    }

    /// Some places take a value of any of several types and none without one: `CURRENT_DATE - ?`, `ROUND(?, 2)`. Then
    /// the first type that fits describes the statement; the values decide when it is executed.
    async fn supposed(&self, statement: &ast::Statement, markers: usize) -> Option<Told> {
        for sql_type in [SqlType::BigInt, SqlType::Double, SqlType::Varchar(DEFAULT_TEXT)] {
            if let Ok(told) = Box::pin(self.described(statement.clone(), markers, Some(sql_type))).await {
                return Some(told);
            }
        }
        None
    }

    pub(super) async fn start(&self, plan: Option<Arc<Plan>>, values: &[Value], max_rows: u64) -> Result<Rows> {
        let Some(plan) = plan else {
            return Err(Error::new(ErrorKind::General, "the statement was closed"));
        };
        let meter = Meter::after(self.inner.settings.max_tokens(), plan.tokens.swap(0, Ordering::Relaxed));
        let statement = Arc::new(Statement::new(meter.clone()));
        let mut report = Report::start(&self.inner.trace, plan.text.as_deref(), &statement);
        tracing::trace!("values of parameters: {values:?}");
        let rows = meter.cover(Box::pin(self.begin(&plan, values, max_rows, &statement))).await;
        if let (Err(error), Some(report)) = (&rows, &mut report) {
            report.fail(error.kind());
        }
        let (stream, columns) = rows?;
        Ok(Rows::new(stream, columns, statement, report))
    }

    /// The stream of an execution, and the columns of its result.
    async fn begin(
        &self,
        plan: &Plan,
        values: &[Value],
        max_rows: u64,
        statement: &Arc<Statement>,
    ) -> Result<(SendableRecordBatchStream, Arc<[ColumnDescription]>)> {
        let values = bound(&plan.parameters, values, self.inner.zone)?;
        let engine = &self.inner.engine;
        // EXPLAIN tells what the statement would cost on this connection; its own lines are not cut.
        let asked = if plan.kind == Kind::Query { max_rows } else { 0 };
        let limit = [asked, self.inner.settings.max_rows()].into_iter().filter(|rows| *rows > 0).min().unwrap_or(0);
        let logical = self.logical(plan, &values).await?;
        let columns = match plan.kind {
            Kind::Query if !values.is_empty() => {
                let fields = engine.fields(&logical, values.clone())?;
                check_columns(&plan.columns, &fields)?;
                widened(&plan.columns, &fields)
            }
            _ => plan.columns.clone(),
        };
        let physical = engine.physical(&logical, values, limit).await?;
        tracing::trace!("plan: {}", displayable(physical.as_ref()).indent(false));
        let Kind::Explain(explain) = plan.kind else {
            let stream = engine.stream(physical, statement.clone())?;
            return Ok((stream, columns));
        };
        if explain.analyze {
            let mut stream = engine.stream(physical.clone(), statement.clone())?;
            while let Some(batch) = stream.next().await {
                batch.map_err(dialect::translate)?;
            }
        }
        let rows = explain_rows(&physical, explain)?;
        let stream = RecordBatchStreamAdapter::new(rows.schema(), stream::iter([Ok(rows)]));
        Ok((Box::pin(stream), columns))
    }

    /// The plan for values of these types: that of the last execution if they are the same.
    async fn logical(&self, plan: &Plan, values: &[ScalarValue]) -> Result<LogicalPlan> {
        let Some(statement) = &plan.statement else { return Ok(plan.logical.clone()) };
        let types: Vec<_> = values.iter().map(ScalarValue::data_type).collect();
        let known = plan.typed.lock().as_ref().filter(|(known, _)| *known == types).map(|(_, logical)| logical.clone());
        if let Some(logical) = known {
            return Ok(logical);
        }
        let logical = self.inner.engine.plan_for(statement.clone(), &types).await?;
        *plan.typed.lock() = Some((types, logical.clone()));
        Ok(logical)
    }
}

/// The scalars of values at markers.
///
/// # Errors
/// `ParameterCount`, `Conversion`, `OutOfRange`.
pub(super) fn bound(parameters: &[Parameter], values: &[Value], zone: Zone) -> Result<Vec<ScalarValue>> {
    if parameters.len() != values.len() {
        let text =
            format!("the statement has {} parameter markers, {} values are bound", parameters.len(), values.len());
        return Err(Error::new(ErrorKind::ParameterCount, text));
    }
    parameters
        .iter()
        .zip(values)
        .enumerate()
        .map(|(index, (parameter, value))| {
            match value {
                Value::Text(text) if !is_text(parameter) && dialect::has_zone(text) => readable(text, zone)?,
                _ => {}
            }
            scalar(index + 1, *parameter, value)
        })
        .collect()
}

/// Whether a text at this marker stays the text that it is.
const fn is_text(parameter: &Parameter) -> bool {
    parameter.implied && matches!(parameter.sql_type, SqlType::Varchar(_) | SqlType::LongVarchar)
}

/// Refuses a moment that names its own zone where the connection has another one than UTC: it would be compared, as it
/// stands, with local times.
fn readable(text: &str, zone: Zone) -> Result<()> {
    if zone == Zone::UTC {
        return Ok(());
    }
    let zone = zone.name();
    let text = format!(
        "'{}' names a zone of its own, but this connection reads times as those of {zone}; write the time of {zone} \
         without a zone, or connect with TimeZone=UTC",
        text.trim()
    );
    Err(Error::new(ErrorKind::Conversion, text))
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

fn plain((name, sql_type): (&'static str, SqlType)) -> ColumnDescription {
    ColumnDescription { name: name.into(), sql_type, nullable: true, base: None }
}

/// Whether types may be what is wrong with a statement.
fn concerns_types(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Syntax | ErrorKind::Conversion | ErrorKind::NotSupported | ErrorKind::General)
}

/// Refuses a plan that was made after the description and has other columns in the same places: a field was deleted, and
/// definitions were read, in between. New fields come last, where nobody looks for them.
fn check_columns(described: &[ColumnDescription], fields: &[Field]) -> Result<()> {
    let is_other = |(column, field): (&ColumnDescription, &Field)| match (&column.base, Described::of(field)) {
        (Some(base), Some(found)) => {
            base.table != found.table || base.column.to_lowercase() != found.name.to_lowercase()
        }
        _ => false,
    };
    if fields.len() >= described.len() && !described.iter().zip(fields).any(is_other) {
        return Ok(());
    }
    let text = "a field was deleted in Pipedrive, so the statement has other columns than it was described with; prepare \
                the statement anew";
    Err(Error::new(ErrorKind::UnknownColumn, text))
}

/// The columns with the types that the values at the markers made of them, where the described ones would cut values.
fn widened(described: &Arc<[ColumnDescription]>, fields: &[Field]) -> Arc<[ColumnDescription]> {
    let actual = || described.iter().zip(fields).map(|(column, field)| (column, column_type(field)));
    if !actual().any(|(column, found)| cuts(column.sql_type, found)) {
        return described.clone();
    }
    let widen = |(column, found): (&ColumnDescription, SqlType)| match cuts(column.sql_type, found) {
        true => ColumnDescription { sql_type: found, ..column.clone() },
        false => column.clone(),
    };
    actual().map(widen).collect()
}

/// Whether a value of `found` may lose something as one of `described`.
fn cuts(described: SqlType, found: SqlType) -> bool {
    use SqlType::{BigInt, Bit, Date, Decimal, Double, Integer, LongVarchar, SmallInt, Timestamp, Varchar};
    match (described, found) {
        (Varchar(length), Varchar(longer)) => longer > length,
        (Varchar(_), LongVarchar) => true,
        (Varchar(_) | LongVarchar, _) => false,
        (_, Varchar(_) | LongVarchar) => true,
        (Bit, SmallInt | Integer | BigInt)
        | (Bit | SmallInt | Integer | BigInt, Decimal { .. })
        | (Bit | SmallInt | Integer | BigInt | Decimal { .. }, Double)
        | (SmallInt, Integer | BigInt)
        | (Integer, BigInt)
        | (Date, Timestamp) => true,
        (Decimal { precision, scale }, Decimal { precision: digits, scale: behind }) => {
            behind > scale || digits - behind > precision - scale
        }
        (Timestamp, Date) => false,
        _ => family(described) != family(found),
    }
}

/// Types between which nothing is lost but digits.
const fn family(sql_type: SqlType) -> u8 {
    match sql_type {
        SqlType::Bit
        | SqlType::SmallInt
        | SqlType::Integer
        | SqlType::BigInt
        | SqlType::Decimal { .. }
        | SqlType::Double => 0,
        SqlType::Varchar(_) | SqlType::LongVarchar => 1,
        SqlType::Date => 2,
        SqlType::Time => 3,
        SqlType::Timestamp => 4,
        SqlType::IntervalDayToSecond => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_cuts_what_it_does_not_hold() {
        let decimal = |precision, scale| SqlType::Decimal { precision, scale };
        let cases = [
            (SqlType::BigInt, SqlType::Double, true),
            (SqlType::BigInt, decimal(2, 1), true),
            (SqlType::BigInt, SqlType::Integer, false),
            (decimal(19, 4), decimal(20, 5), true),
            (decimal(19, 4), decimal(38, 4), true),
            (decimal(19, 4), decimal(10, 2), false),
            (decimal(19, 4), SqlType::BigInt, false),
            (SqlType::Date, SqlType::Timestamp, true),
            (SqlType::Timestamp, SqlType::Date, false),
            (SqlType::Varchar(255), SqlType::Double, false),
            (SqlType::BigInt, SqlType::Varchar(255), true),
            (SqlType::Varchar(255), SqlType::Varchar(1000), true),
            (SqlType::Varchar(255), SqlType::Varchar(3), false),
            (SqlType::Varchar(255), SqlType::LongVarchar, true),
            (SqlType::Double, decimal(38, 10), false),
            (SqlType::BigInt, SqlType::Date, true),
            (SqlType::Date, SqlType::BigInt, true),
        ];
        for (described, found, expected) in cases {
            assert_eq!(cuts(described, found), expected, "{found} as {described}");
        }
    }
}
