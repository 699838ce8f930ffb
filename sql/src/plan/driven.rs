//! A join's small side drives the other: its keys are asked for, not the whole list.
//!
//! A hash join reads one side to its end before it asks for the other, and knows its keys then. Whether they pay is
//! decided at that moment: requests for 100 keys each against the pages that the list is expected to have.

use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{
    BinaryExpr, CastExpr, Column, DynamicFilterPhysicalExpr, InListExpr, Literal,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::scalar::ScalarValue;

use super::exec::ScanExec;
use super::pushdown::{missing, requests, rows_up_to, target};
use super::request::{ScanRequest, Target};
use crate::model::Push;

/// The request of a scan, narrowed down to what the other sides of joins need of it.
pub(super) fn driven(scan: &ScanExec) -> ScanRequest {
    let mut request = scan.request.clone();
    // A limit counts the rows of the table, not those that the join will keep.
    if scan.limit.is_some() {
        return request;
    }
    for filter in &scan.keys {
        let Some(filter) = filter.downcast_ref::<DynamicFilterPhysicalExpr>().and_then(|filter| filter.current().ok())
        else {
            continue;
        };
        if request.target != Target::List || request.top.is_some() || request.modified.is_some() {
            break;
        }
        if let Some((column, keys)) = keys(&filter, &scan.schema())
            && let Some(field) = scan.schema().fields().get(column)
        {
            narrow(&mut request, scan, field.name(), keys);
        }
    }
    request
}

fn narrow(request: &mut ScanRequest, scan: &ScanExec, column: &str, mut keys: Vec<i64>) {
    keys.sort_unstable();
    keys.dedup();
    let count = keys.len();
    if column == request.entity.key {
        let wanted = target(request.entity, keys);
        if pays(request, scan, &wanted) {
            scan.tally.decided(format!("asked for {count} keys that the other side of a join has"));
            request.target = wanted.in_order(request.walk.descending);
        }
        return;
    }
    let column = scan.source.table.planned(column);
    if let (Some(Push::Equal(parameter)), [key]) = (column.and_then(|column| column.pushes), keys.as_slice())
        && *key > 0
        && !request.parameters.iter().any(|(name, _)| *name == parameter)
    {
        scan.tally.decided(format!("asked for {parameter} {key}, the only one that the other side of a join has"));
        request.parameters.push((parameter, key.to_string()));
    }
}

/// Whether asking for keys costs less than reading the list up to the largest of them.
fn pays(request: &ScanRequest, scan: &ScanExec, wanted: &Target) -> bool {
    let Target::Ids(keys) = wanted else { return *wanted != Target::List };
    let Some(&largest) = keys.last() else { return true };
    let rows = rows_up_to(request.entity, largest, scan.source.tables.rows_of(&scan.request));
    // What other tables refer to is there; only a part of it may be in this one.
    let absent = if request.entity.single.is_none() { missing(keys.len(), rows, largest) } else { 0 };
    requests(keys.len(), absent, request.lists.len()) <= rows.div_ceil(request.page_size).max(request.lists.len())
}

/// The column that an expression gives as it is. The branches of a union are casts to the types that they have already:
/// only what is said of their columns changes.
pub(super) fn column_of<'a>(expr: &'a Arc<dyn PhysicalExpr>, fields: &Schema) -> Option<&'a Column> {
    let Some(cast) = expr.downcast_ref::<CastExpr>() else { return expr.downcast_ref::<Column>() };
    let column = cast.expr().downcast_ref::<Column>()?;
    let field = fields.fields().get(column.index())?;
    (field.data_type() == cast.cast_type()).then_some(column)
}

/// The column and the keys of `column IN (...)`, alone or as one of several conditions.
fn keys(filter: &Arc<dyn PhysicalExpr>, fields: &Schema) -> Option<(usize, Vec<i64>)> {
    if let Some(both) = filter.downcast_ref::<BinaryExpr>().filter(|both| *both.op() == Operator::And) {
        return keys(both.left(), fields).or_else(|| keys(both.right(), fields));
    }
    let list = filter.downcast_ref::<InListExpr>().filter(|list| !list.negated())?;
    let column = column_of(list.expr(), fields)?;
    let key = |item: &Arc<dyn PhysicalExpr>| match item.downcast_ref::<Literal>().map(Literal::value) {
        Some(ScalarValue::Int64(key)) => Some(*key),
        _ => None,
    };
    // NULL equals nothing.
    let keys: Option<Vec<Option<i64>>> = list.list().iter().map(key).collect();
    Some((column.index(), keys?.into_iter().flatten().collect()))
}
