//! EXPLAIN: the calls that a statement would make, their price, and what is evaluated here.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use datafusion::arrow::array::{ArrayRef, Int64Array, StringArray};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;

use super::exec::ScanExec;
use super::request::Target;
use crate::SqlType;

/// Columns of EXPLAIN; those of EXPLAIN ANALYZE have two more.
const COLUMNS: &[(&str, SqlType)] = &[
    ("step", SqlType::BigInt),
    ("table", SqlType::Varchar(64)),
    ("call", SqlType::Varchar(4000)),
    ("tokens_per_call", SqlType::BigInt),
    ("checked_here", SqlType::Varchar(4000)),
];

const ANALYZED: &[(&str, SqlType)] = &[("requests", SqlType::BigInt), ("rows", SqlType::BigInt)];

/// The columns that EXPLAIN answers with.
pub(crate) fn columns(analyze: bool) -> impl Iterator<Item = (&'static str, SqlType)> {
    COLUMNS.iter().chain(ANALYZED.iter().filter(move |_| analyze)).copied()
}

/// One row of EXPLAIN.
struct Step {
    table: String,
    call: String,
    tokens: Option<i64>,
    here: Option<String>,
    requests: Option<i64>,
    rows: Option<i64>,
}

/// The rows of EXPLAIN for a plan, scans first, then what the driver does with their rows.
pub(crate) fn rows(plan: &Arc<dyn ExecutionPlan>, analyze: bool) -> Result<RecordBatch, crate::Error> {
    let (mut steps, mut local) = (Vec::new(), Vec::new());
    walk(plan.as_ref(), &mut steps, &mut local);
    if !local.is_empty() {
        local.reverse();
        steps.push(Step {
            table: "-".into(),
            call: "none: computed in the driver".into(),
            tokens: None,
            here: Some(local.join(", then ")),
            requests: None,
            rows: None,
        });
    }
    let numbers =
        |values: &mut dyn Iterator<Item = Option<i64>>| -> ArrayRef { Arc::new(values.collect::<Int64Array>()) };
    let mut arrays: Vec<ArrayRef> = vec![
        numbers(&mut (1..).take(steps.len()).map(Some)),
        Arc::new(StringArray::from_iter_values(steps.iter().map(|step| &step.table))),
        Arc::new(StringArray::from_iter_values(steps.iter().map(|step| &step.call))),
        numbers(&mut steps.iter().map(|step| step.tokens)),
        Arc::new(steps.iter().map(|step| step.here.as_deref()).collect::<StringArray>()),
    ];
    if analyze {
        arrays.push(numbers(&mut steps.iter().map(|step| step.requests)));
        arrays.push(numbers(&mut steps.iter().map(|step| step.rows)));
    }
    RecordBatch::try_new(schema(analyze), arrays).map_err(|error| crate::dialect::translate(error.into()))
}

fn schema(analyze: bool) -> SchemaRef {
    let fields: Vec<_> = columns(analyze).map(|(name, sql_type)| Field::new(name, sql_type.arrow(), true)).collect();
    Arc::new(Schema::new(fields))
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
    let entity = scan.request.entity;
    let tokens = match scan.request.target {
        Target::Nothing => 0,
        Target::Singles(_) => entity.single.unwrap_or(entity.list_tokens),
        Target::List | Target::Ids(_) => entity.list_tokens,
    };
    let here: Vec<_> =
        scan.source.predicates.iter().filter(|(_, exact)| !exact).map(|(text, _)| text.as_str()).collect();
    let count = |counter: &std::sync::atomic::AtomicUsize| i64::try_from(counter.load(Ordering::Relaxed)).ok();
    Step {
        table: entity.name.into(),
        call: match scan.fetch() {
            Some(limit) => format!("{} until {limit} rows are found", scan.request),
            None => scan.request.to_string(),
        },
        tokens: Some(i64::from(tokens)),
        here: (!here.is_empty()).then(|| here.join(" AND ")),
        requests: count(&scan.done.requests),
        rows: count(&scan.done.rows),
    }
}

/// What an operator does, in words; `None` for one that only hands rows on.
fn work(operator: &str) -> Option<&'static str> {
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
    ("UnionExec", "union"),
    ("WindowAggExec", "window functions"),
    ("BoundedWindowAggExec", "window functions"),
];

/// A predicate as SQL, for people.
pub(super) fn readable(filter: &Expr) -> String {
    filter.human_display().to_string()
}
