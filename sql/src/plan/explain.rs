//! EXPLAIN: the calls that a statement would make, their price, and what is evaluated here; with ANALYZE what was done.
//!
//! One step a scan, then one for what the driver does with the rows. As rows of a result, or as one JSON text.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, StringArray};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::physical_plan::ExecutionPlan;
use serde_json::{Map, Value};

use super::exec::ScanExec;
use super::sentences;
use crate::SqlType;
use crate::dialect::Explain;

/// A column of EXPLAIN: its name, its type, whether it is there with ANALYZE only, and its value in a step.
struct Column {
    name: &'static str,
    sql_type: SqlType,
    analyzed: bool,
    value: fn(&Step) -> Datum,
}

/// A value of a step.
enum Datum {
    Number(Option<i64>),
    Text(Option<String>),
}

const fn number(name: &'static str, value: fn(&Step) -> Datum) -> Column {
    Column { name, sql_type: SqlType::BigInt, analyzed: false, value }
}

const fn text(name: &'static str, sql_type: SqlType, value: fn(&Step) -> Datum) -> Column {
    Column { name, sql_type, analyzed: false, value }
}

const fn analyzed(name: &'static str, value: fn(&Step) -> Datum) -> Column {
    Column { name, sql_type: SqlType::BigInt, analyzed: true, value }
}

/// The columns, in order.
const COLUMNS: &[Column] = &[
    number("step", |step| Datum::Number(Some(step.number))),
    text("table", SqlType::Varchar(64), |step| Datum::Text(step.table.map(str::to_owned))),
    text("action", SqlType::LongVarchar, |step| Datum::Text(Some(step.action.clone()))),
    text("call", SqlType::LongVarchar, |step| Datum::Text(step.call.clone())),
    number("estimated_rows", |step| Datum::Number(step.estimate.rows)),
    number("estimated_requests", |step| Datum::Number(step.estimate.requests)),
    number("estimated_tokens", |step| Datum::Number(step.estimate.tokens)),
    number("tokens_per_call", |step| Datum::Number(step.tokens_per_call)),
    text("checked_here", SqlType::LongVarchar, |step| Datum::Text(step.checked_here.clone())),
    analyzed("requests", |step| Datum::Number(step.done.map(|done| done.requests))),
    analyzed("tokens", |step| Datum::Number(step.done.map(|done| done.tokens))),
    analyzed("rows_received", |step| Datum::Number(step.done.map(|done| done.received))),
    analyzed("rows", |step| Datum::Number(step.done.map(|done| done.rows))),
    analyzed("milliseconds", |step| Datum::Number(step.done.map(|done| done.milliseconds))),
];

/// The one column of EXPLAIN FORMAT JSON.
const JSON: (&str, SqlType) = ("plan", SqlType::LongVarchar);

/// One step of a plan.
struct Step {
    number: i64,
    table: Option<&'static str>,
    action: String,
    call: Option<String>,
    estimate: Estimate,
    tokens_per_call: Option<i64>,
    checked_here: Option<String>,
    done: Option<Done>,
}

/// What a step is expected to take; `None` where nobody can know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Estimate {
    pub(super) rows: Option<i64>,
    pub(super) requests: Option<i64>,
    pub(super) tokens: Option<i64>,
}

/// What a step took.
#[derive(Debug, Clone, Copy)]
struct Done {
    requests: i64,
    tokens: i64,
    received: i64,
    rows: i64,
    milliseconds: i64,
}

/// The columns that EXPLAIN answers with.
pub(crate) fn columns(explain: Explain) -> Vec<(&'static str, SqlType)> {
    if explain.json {
        return vec![JSON];
    }
    shown(explain).map(|column| (column.name, column.sql_type)).collect()
}

fn shown(explain: Explain) -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(move |column| explain.analyze || !column.analyzed)
}

/// The rows of EXPLAIN for a plan, scans first, then what the driver does with their rows.
pub(crate) fn rows(plan: &Arc<dyn ExecutionPlan>, explain: Explain) -> Result<RecordBatch, crate::Error> {
    let steps = steps(plan.as_ref());
    let arrays = if explain.json {
        vec![Arc::new(StringArray::from(vec![json(&steps, explain)])) as ArrayRef]
    } else {
        shown(explain).map(|column| array(column, &steps)).collect()
    };
    RecordBatch::try_new(schema(explain), arrays).map_err(|error| crate::dialect::translate(error.into()))
}

fn schema(explain: Explain) -> SchemaRef {
    let fields = columns(explain).into_iter().map(|(name, sql_type)| Field::new(name, sql_type.arrow(), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn array(column: &Column, steps: &[Step]) -> ArrayRef {
    let values = steps.iter().map(column.value);
    if column.sql_type == SqlType::BigInt {
        let number = |datum| match datum {
            Datum::Number(number) => number,
            Datum::Text(_) => None,
        };
        return Arc::new(values.map(number).collect::<Int64Array>());
    }
    let text = |datum| match datum {
        Datum::Text(text) => text,
        Datum::Number(_) => None,
    };
    Arc::new(values.map(text).collect::<StringArray>())
}

/// `{"steps": [{...}], "requests": n, "tokens": n}`; members without a value are left out.
fn json(steps: &[Step], explain: Explain) -> String {
    let members = |step: &Step| {
        let datum = |column: &Column| match (column.value)(step) {
            Datum::Number(number) => number.map(Value::from),
            Datum::Text(text) => text.map(Value::from),
        };
        shown(explain).filter_map(|column| Some((column.name.to_owned(), datum(column)?))).collect::<Map<_, _>>()
    };
    let mut plan = Map::from_iter([("steps".to_owned(), steps.iter().map(members).collect())]);
    if explain.analyze {
        let done = || steps.iter().filter_map(|step| step.done);
        plan.insert("requests".into(), done().map(|done| done.requests).sum::<i64>().into());
        plan.insert("tokens".into(), done().map(|done| done.tokens).sum::<i64>().into());
    }
    format!("{:#}", Value::Object(plan))
}

fn steps(plan: &dyn ExecutionPlan) -> Vec<Step> {
    let (mut steps, mut local) = (Vec::new(), Vec::new());
    walk(plan, &mut steps, &mut local);
    local.reverse();
    local.dedup();
    if local.is_empty() && steps.is_empty() {
        local.push("asks nothing of Pipedrive".to_owned());
    }
    if !local.is_empty() {
        steps.push(Step {
            number: 0,
            table: None,
            action: format!("In the driver: {}", local.join(", then ")),
            call: None,
            estimate: Estimate { rows: None, requests: Some(0), tokens: Some(0) },
            tokens_per_call: None,
            checked_here: None,
            done: None,
        });
    }
    for (number, step) in (1..).zip(&mut steps) {
        step.number = number;
    }
    steps
}

fn walk(plan: &dyn ExecutionPlan, steps: &mut Vec<Step>, local: &mut Vec<String>) {
    if let Some(scan) = plan.downcast_ref::<ScanExec>() {
        steps.push(step(scan));
    } else if let Some(work) = work(plan.name()) {
        local.push(work.to_owned());
    }
    for child in plan.children() {
        walk(child.as_ref(), steps, local);
    }
}

fn step(scan: &ScanExec) -> Step {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let tally = &scan.tally;
    Step {
        number: 0,
        table: Some(scan.request.entity.name),
        action: sentences::action(scan),
        call: sentences::calls(&scan.request),
        estimate: sentences::estimate(scan),
        tokens_per_call: scan.request.calls().iter().map(|call| i64::from(call.tokens())).max(),
        checked_here: sentences::checked_here(&scan.source.predicates),
        done: Some(Done {
            requests: count(tally.requests()),
            tokens: count(tally.tokens()),
            received: count(tally.received()),
            rows: count(tally.rows()),
            milliseconds: i64::try_from(tally.waited().as_millis()).unwrap_or(i64::MAX),
        }),
    }
}

/// What an operator does, in words; `None` for one that only hands rows on.
fn work(operator: &str) -> Option<&'static str> {
    // `SortExec(TopK)` is a `SortExec`, too.
    let operator = operator.split_once('(').map_or(operator, |(name, _)| name);
    WORK.iter().find(|(name, _)| *name == operator).map(|(_, work)| *work)
}

const WORK: &[(&str, &str)] = &[
    ("HashJoinExec", "join"),
    ("SortMergeJoinExec", "join"),
    ("NestedLoopJoinExec", "join by comparing every pair"),
    ("CrossJoinExec", "join of every pair"),
    ("AggregateExec", "group and aggregate"),
    ("SortExec", "sort"),
    ("SortPreservingMergeExec", "merge"),
    ("FilterExec", "filter"),
    ("GlobalLimitExec", "limit"),
    ("LocalLimitExec", "limit"),
    ("Offset", "leave out the first rows"),
    ("Sequence", "union"),
    ("WindowAggExec", "window functions"),
    ("BoundedWindowAggExec", "window functions"),
];
