//! How long the texts of a result can be, told before it is executed: readers make their buffers from it.
//!
//! Columns have their declared length; expressions have what follows from their parts. Where nothing follows
//! (STRING_AGG, REPEAT by a column) there is no bound, and the column is described as long text.

use std::cell::Cell;

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::{Alias, Cast, ScalarFunction, WindowFunction};
use datafusion::logical_expr::{BinaryExpr, Case, Expr, ExprSchemable, LogicalPlan, Operator};

use super::provider::LENGTH;
use crate::DEFAULT_TEXT;
use crate::dialect::CUT;

/// Characters beyond which a text is described as a long one.
const LONGEST: u32 = 4_000;
/// Columns that are looked at for one length: one that is put together from itself again and again has no bound.
const STEPS: u32 = 2_000;
/// Characters of the longest number, date or moment as text.
const OTHERS: u32 = 41;

/// A field of a plan's result that tells how long its text can be.
pub(super) fn with_length(plan: &LogicalPlan, index: usize, field: &Field) -> Field {
    if !is_text(field.data_type()) {
        return field.clone();
    }
    let length = Measure { left: Cell::new(STEPS) }.of_column(plan, index).filter(|length| *length <= LONGEST);
    let mut metadata = field.metadata().clone();
    metadata.insert(LENGTH.to_owned(), length.map_or_else(String::new, |length| length.to_string()));
    field.clone().with_metadata(metadata)
}

/// The length that a table's field tells.
fn declared(field: &Field) -> Option<u32> {
    field.metadata().get(LENGTH)?.parse().ok()
}

const fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

struct Measure {
    left: Cell<u32>,
}

impl Measure {
    /// Characters of a plan's column at most; `None` where no bound is known.
    fn of_column(&self, plan: &LogicalPlan, index: usize) -> Option<u32> {
        self.left.set(self.left.get().checked_sub(1)?);
        let field = plan.schema().fields().get(index)?;
        if !is_text(field.data_type()) {
            return of_type(field.data_type());
        }
        match plan {
            LogicalPlan::TableScan(_) => declared(field),
            LogicalPlan::Projection(projection) => self.of(projection.expr.get(index)?, &projection.input),
            // Keys of grouping sets are not told one by one.
            LogicalPlan::Aggregate(aggregate) if matches!(aggregate.group_expr[..], [Expr::GroupingSet(_), ..]) => None,
            LogicalPlan::Aggregate(aggregate) => {
                let keys = aggregate.group_expr.len();
                match index.checked_sub(keys) {
                    None => self.of(&aggregate.group_expr[index], &aggregate.input),
                    Some(index) => self.of(aggregate.aggr_expr.get(index)?, &aggregate.input),
                }
            }
            LogicalPlan::Window(window) => match index.checked_sub(window.input.schema().fields().len()) {
                None => self.of_column(&window.input, index),
                Some(index) => self.of(window.window_expr.get(index)?, &window.input),
            },
            LogicalPlan::Join(join) => match index.checked_sub(join.left.schema().fields().len()) {
                None => self.of_column(&join.left, index),
                Some(index) => self.of_column(&join.right, index),
            },
            LogicalPlan::Union(union) => longest(union.inputs.iter().map(|input| self.of_column(input, index))),
            LogicalPlan::Values(values) => longest(values.values.iter().map(|row| self.of(row.get(index)?, plan))),
            LogicalPlan::Filter(filter) => self.of_column(&filter.input, index),
            LogicalPlan::Sort(sort) => self.of_column(&sort.input, index),
            LogicalPlan::Limit(limit) => self.of_column(&limit.input, index),
            LogicalPlan::SubqueryAlias(alias) => self.of_column(&alias.input, index),
            LogicalPlan::Distinct(distinct) => self.of_column(distinct.input(), index),
            _ => None,
        }
    }

    /// Characters of an expression over `input` at most.
    fn of(&self, expr: &Expr, input: &LogicalPlan) -> Option<u32> {
        match expr {
            Expr::Alias(Alias { expr, .. }) => self.of(expr, input),
            Expr::Column(column) => self.of_column(input, position(column, input)?),
            Expr::Literal(value, _) => of_literal(value),
            Expr::Cast(Cast { expr, field }) if is_text(field.data_type()) => match expr.get_type(input.schema()) {
                Ok(data_type) if !is_text(&data_type) => of_type(&data_type),
                _ => self.of(expr, input),
            },
            Expr::Case(case) => self.of_case(case, input),
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::StringConcat, right }) => {
                self.of(left, input)?.checked_add(self.of(right, input)?)
            }
            Expr::ScalarFunction(call) => self.of_call(call, input),
            Expr::AggregateFunction(call) if ["min", "max"].contains(&call.func.name()) => {
                self.of(call.params.args.first()?, input)
            }
            Expr::WindowFunction(call) => self.of_window(call, input),
            other => of_type(&other.get_type(input.schema()).ok()?),
        }
    }

    fn of_case(&self, case: &Case, input: &LogicalPlan) -> Option<u32> {
        let results = case.when_then_expr.iter().map(|(_, result)| result).chain(&case.else_expr);
        longest(results.map(|result| self.of(result, input)))
    }

    fn of_call(&self, call: &ScalarFunction, input: &LogicalPlan) -> Option<u32> {
        let (name, args) = (call.name(), &call.args);
        if CHOICES.contains(&name) {
            longest(args.iter().map(|arg| self.of(arg, input)))
        } else if PARTS.contains(&name) {
            self.of(args.first()?, input)
        } else if CASED.contains(&name) {
            self.of(args.first()?, input)?.checked_mul(CASED_GROWTH)
        } else if name == "concat" {
            args.iter().try_fold(0_u32, |sum, arg| sum.checked_add(self.of(arg, input)?))
        } else if name == "to_char" {
            self.of(args.get(1)?, input)?.checked_mul(FORMAT_GROWTH)
        } else if name == CUT {
            match args.get(1)? {
                Expr::Literal(ScalarValue::Int64(Some(length)), _) => u32::try_from(*length).ok(),
                _ => None,
            }
        } else {
            of_type(&Expr::ScalarFunction(call.clone()).get_type(input.schema()).ok()?)
        }
    }

    /// Window functions that give a value of another row.
    fn of_window(&self, call: &WindowFunction, input: &LogicalPlan) -> Option<u32> {
        let name = call.fun.name();
        let args = &call.params.args;
        match name {
            "lag" | "lead" => longest([args.first(), args.get(2)].into_iter().flatten().map(|arg| self.of(arg, input))),
            "first_value" | "last_value" | "nth_value" | "min" | "max" => self.of(args.first()?, input),
            _ => None,
        }
    }
}

fn position(column: &Column, input: &LogicalPlan) -> Option<usize> {
    input.schema().maybe_index_of_column(column)
}

/// NULL stands for a parameter whose value is not known.
fn of_literal(value: &ScalarValue) -> Option<u32> {
    match value.try_as_str() {
        // In UTF-16, as readers of wide text count.
        Some(Some(text)) => u32::try_from(text.encode_utf16().count().max(1)).ok(),
        Some(None) => Some(DEFAULT_TEXT),
        None if value.is_null() => Some(1),
        None => of_type(&value.data_type()),
    }
}

/// A value of another type as text.
fn of_type(data_type: &DataType) -> Option<u32> {
    let plain = data_type.is_primitive() || matches!(data_type, DataType::Boolean | DataType::Null);
    plain.then_some(OTHERS)
}

/// The longest of several bounds, where all are known.
fn longest(mut bounds: impl Iterator<Item = Option<u32>>) -> Option<u32> {
    bounds.try_fold(1, |longest, bound| Some(longest.max(bound?)))
}

/// Functions that change case, and how much longer a text becomes at most: three letters for one.
const CASED: &[&str] = &["lower", "upper", "initcap"];
const CASED_GROWTH: u32 = 3;
/// What a character of a format becomes at most; `%A` is the name of a day.
const FORMAT_GROWTH: u32 = 20;
/// Functions whose text is one of their arguments, or a part of the first one.
const CHOICES: &[&str] = &["coalesce", "nvl", "nvl2", "greatest", "least"];
const PARTS: &[&str] = &[
    "trim",
    "btrim",
    "ltrim",
    "rtrim",
    "substr",
    "substring",
    "left",
    "right",
    "reverse",
    "nullif",
    "split_part",
    "translate",
    "pipedrive_text",
];
