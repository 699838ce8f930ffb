//! Comparisons of unequal types, and arithmetic of dates, before DataFusion coerces them in its own way.
//!
//! - BIT is compared with 0, 1, -1, '0' and '1': Excel, Access, Power Query and Tableau write that
//! - a text literal becomes a number, a date... of the other side's type, or is a `Conversion` error while the statement
//!   is prepared; a text column is compared as text, so that nothing fails in mid-stream
//! - a DATE meets a TIMESTAMP as its midnight, in milliseconds; hours added to a DATE make a TIMESTAMP
//!
//! The same rewriting runs twice: while the syntax tree is planned, since a select list must have types by then, and over
//! the plan, when parameters have become values.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result as DfResult, ScalarValue};
use datafusion::logical_expr::expr::{Between, Case, Cast, InList, Like, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::utils::{disjunction, merge_schema};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan, Operator, lit};
use datafusion::optimizer::AnalyzerRule;
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::functions::{as_text, failure};
use super::{errors, lists, literals};
use crate::{ErrorKind, SqlType};

/// Rewrites operators while the syntax tree is planned.
#[derive(Debug)]
pub(super) struct Planner;

impl ExprPlanner for Planner {
    fn plan_binary_op(&self, raw: RawBinaryExpr, schema: &DFSchema) -> DfResult<PlannerResult<RawBinaryExpr>> {
        let Some(operator) = operator(&raw.op) else { return Ok(PlannerResult::Original(raw)) };
        Ok(match binary(&raw.left, operator, &raw.right, schema)? {
            Some(expr) => PlannerResult::Planned(expr),
            None => PlannerResult::Original(raw),
        })
    }
}

const fn operator(op: &BinaryOperator) -> Option<Operator> {
    Some(match op {
        BinaryOperator::Eq => Operator::Eq,
        BinaryOperator::NotEq => Operator::NotEq,
        BinaryOperator::Lt => Operator::Lt,
        BinaryOperator::LtEq => Operator::LtEq,
        BinaryOperator::Gt => Operator::Gt,
        BinaryOperator::GtEq => Operator::GtEq,
        BinaryOperator::Plus => Operator::Plus,
        BinaryOperator::Minus => Operator::Minus,
        _ => return None,
    })
}

/// Rewrites every expression of a plan.
#[derive(Debug)]
pub(super) struct Rule;

impl AnalyzerRule for Rule {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> DfResult<LogicalPlan> {
        over_expressions(plan, expression)
    }

    fn name(&self) -> &str {
        "pipedrive_comparison"
    }
}

/// Rewrites each expression of a plan and its subqueries from the leaves up; names stay as they are.
pub(super) fn over_expressions(
    plan: LogicalPlan,
    rewrite: impl Fn(Expr, &DFSchema) -> DfResult<Transformed<Expr>> + Copy,
) -> DfResult<LogicalPlan> {
    let rewritten = plan.transform_up_with_subqueries(|plan| {
        let mut schema = merge_schema(&plan.inputs());
        if let LogicalPlan::TableScan(scan) = &plan {
            let source = DFSchema::try_from_qualified_schema(scan.table_name.clone(), &scan.source.schema())?;
            schema.merge(&source);
        }
        let names = NamePreserver::new(&plan);
        let plan = plan.map_expressions(|expr| {
            let name = names.save(&expr);
            let rewritten = expr.transform_up(|expr| rewrite(expr, &schema))?;
            Ok(rewritten.update_data(|expr| name.restore(expr)))
        })?;
        // Inputs may have changed their types, too.
        plan.map_data(LogicalPlan::recompute_schema)
    });
    rewritten.map(|plan| plan.data)
}

fn expression(expr: Expr, schema: &DFSchema) -> DfResult<Transformed<Expr>> {
    let rewritten = match &expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => binary(left, *op, right, schema)?,
        Expr::InList(list) => in_list(list, schema)?,
        Expr::Between(range) => between(range, schema)?,
        Expr::Case(case) => case_results(simple_case(case, schema)?, case, schema)?,
        Expr::Like(like) => text_of_like(like, schema),
        Expr::ScalarFunction(call) if ALTERNATIVES.contains(&call.name()) => alternatives(call, schema)?,
        _ => None,
    };
    Ok(rewritten.map_or_else(|| Transformed::no(expr), Transformed::yes))
}

/// Functions whose result is one of their arguments.
const ALTERNATIVES: &[&str] = &["coalesce", "nvl", "greatest", "least"];

/// Arguments of which some are text and others are not. Texts that are literals are read as values of the others' kind
/// (`COALESCE(value, '0')`); beside a text that only a row tells, the others become text, so that nothing fails in
/// mid-stream.
fn alternatives(call: &ScalarFunction, schema: &DFSchema) -> DfResult<Option<Expr>> {
    let args: Vec<_> = call.args.iter().collect();
    let Some(args) = alike(&args, schema)? else { return Ok(None) };
    Ok(Some(Expr::ScalarFunction(ScalarFunction::new_udf(call.func.clone(), args))))
}

/// The results of a CASE are alternatives, too.
fn case_results(rewritten: Option<Expr>, case: &Case, schema: &DFSchema) -> DfResult<Option<Expr>> {
    let results = case.when_then_expr.iter().map(|(_, result)| result.as_ref()).chain(case.else_expr.as_deref());
    let Some(results) = alike(&results.collect::<Vec<_>>(), schema)? else { return Ok(rewritten) };
    let mut results = results.into_iter();
    let mut case = match rewritten {
        Some(Expr::Case(rewritten)) => rewritten,
        _ => case.clone(),
    };
    for (_, result) in &mut case.when_then_expr {
        if let Some(new) = results.next() {
            **result = new;
        }
    }
    if let (Some(result), Some(new)) = (&mut case.else_expr, results.next()) {
        **result = new;
    }
    Ok(Some(Expr::Case(case)))
}

/// Values of which one is chosen, in types that have one type in common; `None` when they have one as they are.
fn alike(values: &[&Expr], schema: &DFSchema) -> DfResult<Option<Vec<Expr>>> {
    let kinds: Vec<_> = values.iter().map(|value| type_of(value, schema).map(|data_type| kind(&data_type))).collect();
    let has = |wanted: Kind| kinds.contains(&Some(wanted));
    let moment = has(Kind::Date) || has(Kind::Time) || has(Kind::Timestamp);
    if !has(Kind::Text) && moment && (has(Kind::Number) || has(Kind::Bit)) {
        return Err(failure(
            ErrorKind::Conversion,
            "a number and a date or time cannot stand for one value; CAST one of them",
        ));
    }
    if !has(Kind::Text) && has(Kind::Bit) && has(Kind::Number) {
        let number = |(value, kind): (&&Expr, &Option<Kind>)| match kind {
            Some(Kind::Bit) => cast((*value).clone(), DataType::Int64),
            _ => (*value).clone(),
        };
        return Ok(Some(values.iter().zip(&kinds).map(number).collect()));
    }
    if !has(Kind::Text) && mixes_exact_and_double(values.iter().copied(), schema) {
        let double = |(value, kind): (&&Expr, &Option<Kind>)| match kind {
            Some(Kind::Number) => cast((*value).clone(), DataType::Float64),
            _ => (*value).clone(),
        };
        return Ok(Some(values.iter().zip(&kinds).map(double).collect()));
    }
    let other = kinds.iter().flatten().find(|kind| **kind != Kind::Text);
    let (Some(other), true) = (other, has(Kind::Text)) else { return Ok(None) };
    let read_literal = |(arg, kind): (&&Expr, &Option<Kind>)| match (kind, literal(arg)) {
        (Some(Kind::Text), Some(value)) => {
            value.try_as_str().flatten().and_then(|text| read(text.trim(), *other)).map(lit)
        }
        (Some(Kind::Text), None) => None,
        _ => Some((*arg).clone()),
    };
    let pairs = || values.iter().zip(&kinds);
    let alike = match pairs().map(read_literal).collect::<Option<Vec<_>>>() {
        Some(values) => values,
        None => pairs()
            .map(|(value, kind)| match kind {
                None | Some(Kind::Text) => Ok((*value).clone()),
                Some(_) => as_text_expression(value),
            })
            .collect::<DfResult<Vec<_>>>()?,
    };
    Ok(Some(alike))
}

/// An operator over types that must be changed first; `None` when they need not be.
fn binary(left: &Expr, operator: Operator, right: &Expr, schema: &DFSchema) -> DfResult<Option<Expr>> {
    match operator {
        operator if compares(operator) => {
            if let Some(expr) = finer(left, operator, right, schema) {
                return Ok(Some(expr));
            }
            Ok(unify(left, right, schema)?.map(|(left, right)| compare(left, operator, right)))
        }
        Operator::Plus | Operator::Minus => Ok(arithmetic(left, operator, right, schema)),
        Operator::And | Operator::Or => Ok(lists::together(left, operator, right)),
        _ => Ok(None),
    }
}

/// Whether an operator compares its sides.
pub(super) const fn compares(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
    )
}

fn compare(left: Expr, operator: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right)))
}

fn cast(expr: Expr, wanted: DataType) -> Expr {
    Expr::Cast(Cast::new(Box::new(expr), wanted))
}

const MILLIS: DataType = DataType::Timestamp(TimeUnit::Millisecond, None);

/// What a type is when it comes to comparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bit,
    Number,
    Text,
    Date,
    Time,
    Timestamp,
    Other,
}

fn kind(data_type: &DataType) -> Kind {
    match data_type {
        DataType::Boolean => Kind::Bit,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Kind::Text,
        DataType::Date32 | DataType::Date64 => Kind::Date,
        DataType::Time32(_) | DataType::Time64(_) => Kind::Time,
        DataType::Timestamp(..) => Kind::Timestamp,
        number if number.is_numeric() => Kind::Number,
        _ => Kind::Other,
    }
}

/// A type that is known; a parameter has none before it gets its value.
fn type_of(expr: &Expr, schema: &DFSchema) -> Option<DataType> {
    if matches!(expr, Expr::Placeholder(_)) {
        return None;
    }
    expr.get_type(schema).ok().filter(|data_type| *data_type != DataType::Null)
}

/// Both sides in types that can be compared; `None` when they can be as they are.
///
/// # Errors
/// `Conversion` where one side cannot be of the other's type.
fn unify(left: &Expr, right: &Expr, schema: &DFSchema) -> DfResult<Option<(Expr, Expr)>> {
    let (Some(left_type), Some(right_type)) = (type_of(left, schema), type_of(right, schema)) else { return Ok(None) };
    if kind(&left_type) == kind(&right_type) {
        return Ok(approximate((left, &left_type), (right, &right_type)));
    }
    if let Some(met) = meet((left, &left_type), (right, &right_type))? {
        return Ok(Some(met));
    }
    if let Some((right, left)) = meet((right, &right_type), (left, &left_type))? {
        return Ok(Some((left, right)));
    }
    if [kind(&left_type), kind(&right_type)].contains(&Kind::Other) {
        return Ok(None);
    }
    let (left, right) = (errors::type_name(&left_type), errors::type_name(&right_type));
    Err(failure(ErrorKind::Conversion, format!("{left} and {right} cannot be compared")))
}

/// An exact number beside a DOUBLE is compared as one. DataFusion would make both DECIMAL(30,15), too small for 1e15.
fn approximate((left, left_type): (&Expr, &DataType), (right, right_type): (&Expr, &DataType)) -> Option<(Expr, Expr)> {
    let double = |expr: &Expr| cast(expr.clone(), DataType::Float64);
    match (left_type.is_decimal(), right_type.is_floating(), left_type.is_floating(), right_type.is_decimal()) {
        (true, true, ..) => Some((double(left), right.clone())),
        (.., true, true) => Some((left.clone(), double(right))),
        _ => None,
    }
}

/// The pairs that can be compared, in one order.
fn meet(
    (left, left_type): (&Expr, &DataType),
    (right, right_type): (&Expr, &DataType),
) -> DfResult<Option<(Expr, Expr)>> {
    Ok(match (kind(left_type), kind(right_type)) {
        (Kind::Text, Kind::Other) => None,
        (Kind::Text, _) => Some(meet_text(left, right, right_type)?),
        (Kind::Bit, Kind::Number) => Some(meet_number(left, right)),
        (Kind::Date, Kind::Timestamp) => Some((cast(left.clone(), right_type.clone()), right.clone())),
        _ => None,
    })
}

/// A text literal takes the type of the other side; any other text is compared as text.
fn meet_text(text: &Expr, other: &Expr, other_type: &DataType) -> DfResult<(Expr, Expr)> {
    let Some(literal) = literal(text) else { return Ok((text.clone(), as_text_expression(other)?)) };
    let Some(written) = literal.try_as_str().flatten() else {
        return Ok((lit(ScalarValue::try_new_null(other_type)?), other.clone()));
    };
    let Some(value) = read(written.trim(), kind(other_type)) else {
        let wanted = errors::type_name(other_type);
        let shown: String = written.chars().take(40).collect();
        return Err(failure(ErrorKind::Conversion, format!("'{shown}' is no {wanted}")));
    };
    let value_type = value.data_type();
    // A day and a time at a DATE: the DATE is compared as its midnight.
    if kind(other_type) == Kind::Date && kind(&value_type) == Kind::Timestamp {
        return Ok((lit(value), cast(other.clone(), value_type)));
    }
    Ok((lit(value), other.clone()))
}

fn literal(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Some(value),
        Expr::Alias(alias) => literal(&alias.expr),
        _ => None,
    }
}

fn as_text_expression(expr: &Expr) -> DfResult<Expr> {
    match literal(expr) {
        Some(value) => Ok(lit(ScalarValue::try_from_array(&as_text(&value.to_array()?)?, 0)?)),
        None => Ok(cast(expr.clone(), DataType::Utf8)),
    }
}

/// The value that a text is as a value of another type, `None` where it is none. Literals and parameters are read alike.
pub fn read_text(text: &str, wanted: SqlType) -> Option<ScalarValue> {
    read(text.trim(), kind(&wanted.arrow()))
}

/// The value that a text is, of a kind.
fn read(text: &str, wanted: Kind) -> Option<ScalarValue> {
    match wanted {
        Kind::Bit => flag(text),
        Kind::Number => number(text),
        Kind::Date => literals::date(text).map(day).or_else(|| literals::timestamp(text).map(moment)),
        Kind::Timestamp => literals::timestamp(text).map(moment),
        Kind::Time => literals::time(text).map(clock),
        Kind::Text | Kind::Other => None,
    }
}

fn flag(text: &str) -> Option<ScalarValue> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "-1" | "true" => Some(ScalarValue::Boolean(Some(true))),
        "0" | "false" => Some(ScalarValue::Boolean(Some(false))),
        _ => None,
    }
}

fn number(text: &str) -> Option<ScalarValue> {
    if let Ok(number) = text.parse() {
        return Some(ScalarValue::Int64(Some(number)));
    }
    exact(text).or_else(|| {
        text.parse().ok().filter(|number: &f64| number.is_finite()).map(|number| ScalarValue::Float64(Some(number)))
    })
}

fn exact(text: &str) -> Option<ScalarValue> {
    /// Most digits of a DECIMAL.
    const DIGITS: usize = 38;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}");
    let count = digits.trim_start_matches(['-', '+']).len();
    if count > DIGITS || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let scale = i8::try_from(fraction.len()).ok()?;
    Some(ScalarValue::Decimal128(Some(digits.parse().ok()?), u8::try_from(count).ok()?, scale))
}

fn day(date: chrono::NaiveDate) -> ScalarValue {
    let days = date.signed_duration_since(chrono::NaiveDate::default()).num_days();
    ScalarValue::Date32(i32::try_from(days).ok())
}

fn moment(moment: chrono::NaiveDateTime) -> ScalarValue {
    let moment = moment.and_utc();
    match moment.timestamp_nanos_opt() {
        Some(nanos) if nanos % 1_000_000 != 0 => ScalarValue::TimestampNanosecond(Some(nanos), None),
        _ => ScalarValue::TimestampMillisecond(Some(moment.timestamp_millis()), None),
    }
}

fn clock(time: chrono::NaiveTime) -> ScalarValue {
    use chrono::Timelike;
    let seconds = i64::from(time.num_seconds_from_midnight());
    ScalarValue::Time64Nanosecond(Some(seconds * 1_000_000_000 + i64::from(time.nanosecond())))
}

/// A BIT and 0, 1 or Access's -1 are two BITs; beside any other number a BIT is 0 or 1.
fn meet_number(bit: &Expr, number: &Expr) -> (Expr, Expr) {
    let Some(value) = literal(number) else { return (cast(bit.clone(), DataType::Int64), number.clone()) };
    let flag = match value.cast_to(&DataType::Float64) {
        Ok(ScalarValue::Float64(None)) => Some(None),
        Ok(ScalarValue::Float64(Some(0.0))) => Some(Some(false)),
        Ok(ScalarValue::Float64(Some(number))) if number.abs() == 1.0 => Some(Some(true)),
        _ => None,
    };
    match flag {
        Some(flag) => (bit.clone(), lit(ScalarValue::Boolean(flag))),
        None => (cast(bit.clone(), DataType::Int64), number.clone()),
    }
}

/// A TIMESTAMP in milliseconds beside one with a finer fraction. The column must not be cast: nanoseconds end in 2262.
fn finer(left: &Expr, operator: Operator, right: &Expr, schema: &DFSchema) -> Option<Expr> {
    let (moment, nanos, operator) = match (nanoseconds(left), nanoseconds(right)) {
        (None, Some(nanos)) => (left, nanos, operator),
        (Some(nanos), None) => (right, nanos, operator.swap()?),
        _ => return None,
    };
    if type_of(moment, schema)? != MILLIS {
        return None;
    }
    let below = millisecond(nanos);
    let exact = nanos.rem_euclid(1_000_000) == 0;
    let operator = match operator {
        _ if exact => operator,
        Operator::Lt | Operator::LtEq => Operator::LtEq,
        Operator::Gt | Operator::GtEq => Operator::Gt,
        // No moment of the column is equal to one between two milliseconds; NULL remains NULL.
        Operator::Eq => return Some(compare(moment.clone(), Operator::NotEq, moment.clone())),
        Operator::NotEq => return Some(compare(moment.clone(), Operator::Eq, moment.clone())),
        Operator::IsDistinctFrom => return Some(lit(true)),
        Operator::IsNotDistinctFrom => return Some(lit(false)),
        _ => return None,
    };
    Some(compare(moment.clone(), operator, below))
}

/// The millisecond that a moment is in.
fn millisecond(nanos: i64) -> Expr {
    lit(ScalarValue::TimestampMillisecond(Some(nanos.div_euclid(1_000_000)), None))
}

fn nanoseconds(expr: &Expr) -> Option<i64> {
    const NANOS: DataType = DataType::Timestamp(TimeUnit::Nanosecond, None);
    match expr {
        Expr::Literal(ScalarValue::TimestampNanosecond(nanos, None), _) => *nanos,
        Expr::Cast(Cast { expr, field }) if field.data_type() == &NANOS => {
            match literal(expr)?.cast_to(&NANOS).ok()? {
                ScalarValue::TimestampNanosecond(nanos, None) => nanos,
                _ => None,
            }
        }
        _ => None,
    }
}

/// Items of an IN list, each in the type of the column.
fn in_list(list: &InList, schema: &DFSchema) -> DfResult<Option<Expr>> {
    if let Some(list) = without_finer(list, schema) {
        return Ok(Some(match list.list.is_empty() {
            true => compare(*list.expr.clone(), if list.negated { Operator::Eq } else { Operator::NotEq }, *list.expr),
            false => in_list(&list, schema)?.unwrap_or(Expr::InList(list)),
        }));
    }
    let mut items = Vec::with_capacity(list.list.len());
    let apart = mixes_exact_and_double(list.list.iter(), schema);
    let (mut changed, mut apart) = (apart, apart);
    for item in &list.list {
        match unify(&list.expr, item, schema)? {
            None => items.push(item.clone()),
            Some((expr, item)) => {
                changed = true;
                apart = apart || expr != *list.expr;
                items.push(item);
            }
        }
    }
    if !changed {
        return Ok(None);
    }
    if !apart {
        return Ok(Some(Expr::InList(InList::new(list.expr.clone(), items, list.negated))));
    }
    let terms = list.list.iter().map(|item| {
        let unified = unify(&list.expr, item, schema)?;
        let (left, right) = unified.unwrap_or_else(|| (list.expr.as_ref().clone(), item.clone()));
        Ok(compare(left, Operator::Eq, right))
    });
    let any = disjunction(terms.collect::<DfResult<Vec<_>>>()?);
    Ok(any.map(|any| if list.negated { Expr::Not(Box::new(any)) } else { any }))
}

/// Whether one type for all of these would be a DECIMAL too small for doubles.
fn mixes_exact_and_double<'a>(values: impl Iterator<Item = &'a Expr>, schema: &DFSchema) -> bool {
    let (mut decimal, mut double) = (false, false);
    for data_type in values.filter_map(|value| type_of(value, schema)) {
        decimal |= data_type.is_decimal();
        double |= data_type.is_floating();
    }
    decimal && double
}

/// The list of a TIMESTAMP in milliseconds without the moments between two of them, which are equal to no row's; whole
/// milliseconds stay, as such. `None` when there is nothing finer.
fn without_finer(list: &InList, schema: &DFSchema) -> Option<InList> {
    if type_of(&list.expr, schema)? != MILLIS || !list.list.iter().any(|item| nanoseconds(item).is_some()) {
        return None;
    }
    let item = |item: &Expr| match nanoseconds(item) {
        None => Some(item.clone()),
        Some(nanos) => (nanos.rem_euclid(1_000_000) == 0).then(|| millisecond(nanos)),
    };
    Some(InList::new(list.expr.clone(), list.list.iter().filter_map(item).collect(), list.negated))
}

/// `a BETWEEN b AND c` with bounds in the type of `a`.
fn between(range: &Between, schema: &DFSchema) -> DfResult<Option<Expr>> {
    let (low, high) = (unify(&range.expr, &range.low, schema)?, unify(&range.expr, &range.high, schema)?);
    let finer = finer(&range.expr, Operator::GtEq, &range.low, schema).is_some()
        || finer(&range.expr, Operator::LtEq, &range.high, schema).is_some();
    if low.is_none() && high.is_none() && !finer {
        return Ok(None);
    }
    let bound = |unified: Option<(Expr, Expr)>, operator, bound: &Expr| {
        let (left, right) = unified.unwrap_or_else(|| (range.expr.as_ref().clone(), bound.clone()));
        self::finer(&left, operator, &right, schema).unwrap_or_else(|| compare(left, operator, right))
    };
    let both = bound(low, Operator::GtEq, &range.low).and(bound(high, Operator::LtEq, &range.high));
    Ok(Some(if range.negated { Expr::Not(Box::new(both)) } else { both }))
}

/// `id LIKE '1%'`: what is no text is compared as its text.
fn text_of_like(like: &Like, schema: &DFSchema) -> Option<Expr> {
    if kind(&type_of(&like.expr, schema)?) == Kind::Text {
        return None;
    }
    let text = cast(like.expr.as_ref().clone(), DataType::Utf8);
    Some(Expr::Like(Like { expr: Box::new(text), ..like.clone() }))
}

/// `CASE x WHEN y` compares; where that changes `x` itself it is written as `CASE WHEN x = y`.
fn simple_case(case: &Case, schema: &DFSchema) -> DfResult<Option<Expr>> {
    let Some(operand) = &case.expr else { return Ok(None) };
    let pairs = case.when_then_expr.iter().map(|(when, _)| unify(operand, when, schema));
    let pairs = pairs.collect::<DfResult<Vec<_>>>()?;
    if pairs.iter().all(Option::is_none) {
        return Ok(None);
    }
    let keeps = pairs.iter().flatten().all(|(left, _)| left == operand.as_ref());
    let mut rewritten = case.clone();
    for ((when, _), pair) in rewritten.when_then_expr.iter_mut().zip(pairs) {
        let (left, right) = pair.unwrap_or_else(|| (operand.as_ref().clone(), when.as_ref().clone()));
        **when = if keeps { right } else { compare(left, Operator::Eq, right) };
    }
    if !keeps {
        rewritten.expr = None;
    }
    Ok(Some(Expr::Case(rewritten)))
}

/// Dates and intervals: days between two dates are an INTEGER, and hours make a TIMESTAMP of a DATE.
fn arithmetic(left: &Expr, operator: Operator, right: &Expr, schema: &DFSchema) -> Option<Expr> {
    let (left_type, right_type) = (type_of(left, schema)?, type_of(right, schema)?);
    let at_midnight = |date: &Expr| cast(date.clone(), MILLIS);
    let interval = |data_type: &DataType| matches!(data_type, DataType::Interval(_) | DataType::Duration(_));
    match (kind(&left_type), operator, kind(&right_type)) {
        (Kind::Date, Operator::Minus, Kind::Date) => {
            let days = |date: &Expr| cast(date.clone(), DataType::Int32);
            Some(compare(days(left), operator, days(right)))
        }
        (Kind::Date, Operator::Minus, Kind::Timestamp) => Some(compare(at_midnight(left), operator, right.clone())),
        (Kind::Timestamp, Operator::Minus, Kind::Date) => Some(compare(left.clone(), operator, at_midnight(right))),
        (Kind::Date, _, Kind::Other) if interval(&right_type) && has_clock(right) => {
            Some(compare(at_midnight(left), operator, right.clone()))
        }
        (Kind::Other, Operator::Plus, Kind::Date) if interval(&left_type) && has_clock(left) => {
            Some(compare(left.clone(), operator, at_midnight(right)))
        }
        _ => None,
    }
}

/// Whether an interval has hours, minutes or seconds, or may have.
fn has_clock(interval: &Expr) -> bool {
    match literal(interval) {
        Some(ScalarValue::IntervalYearMonth(_)) => false,
        Some(ScalarValue::IntervalDayTime(Some(interval))) => interval.milliseconds != 0,
        Some(ScalarValue::IntervalMonthDayNano(Some(interval))) => interval.nanoseconds != 0,
        _ => true,
    }
}
