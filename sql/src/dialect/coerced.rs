//! What DataFusion's own coercion left: casts to text and to fewer decimals, and arithmetic that would overflow without a word.
//!
//! Runs after it, when both sides of an operator have one type and implicit casts stand in the plan.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result as DfResult, ScalarValue};
use datafusion::logical_expr::expr::{Cast, ScalarFunction};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan, ScalarUDF, lit};
use datafusion::optimizer::AnalyzerRule;

use super::comparison::over_expressions;
use super::functions::{Checked, LessExact, Operation, text_function};

/// Rewrites casts and arithmetic of a coerced plan.
#[derive(Debug)]
pub(super) struct Rule;

impl AnalyzerRule for Rule {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> DfResult<LogicalPlan> {
        over_expressions(plan, expression)
    }

    fn name(&self) -> &str {
        "pipedrive_coerced"
    }
}

fn expression(expr: Expr, schema: &DFSchema) -> DfResult<Transformed<Expr>> {
    let rewritten = match &expr {
        Expr::Cast(Cast { expr, field }) => match text(expr, field.data_type(), schema)? {
            None => less_exact(expr, field.data_type(), schema)?,
            text => text,
        },
        Expr::BinaryExpr(binary) => checked(binary, schema)?,
        Expr::Negative(inner) => negative(inner, schema)?,
        _ => None,
    };
    Ok(rewritten.map_or_else(|| Transformed::no(expr), Transformed::yes))
}

/// `CAST(x AS VARCHAR)` for types that arrow writes in its own way.
fn text(expr: &Expr, wanted: &DataType, schema: &DFSchema) -> DfResult<Option<Expr>> {
    if !matches!(wanted, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
        return Ok(None);
    }
    let ours = matches!(
        expr.get_type(schema)?,
        DataType::Boolean
            | DataType::Timestamp(..)
            | DataType::Float16
            | DataType::Float32
            | DataType::Float64
            | DataType::Duration(_)
    );
    if !ours {
        return Ok(None);
    }
    let call = call(text_function(), vec![expr.clone()]);
    let utf8 = wanted == &DataType::Utf8;
    Ok(Some(if utf8 { call } else { Expr::Cast(Cast::new(Box::new(call), wanted.clone())) }))
}

/// A CAST that cuts decimals. DataFusion would compare the number itself in its place: `CAST(x AS INTEGER) = 5` would be
/// `x = 5.00`.
fn less_exact(expr: &Expr, wanted: &DataType, schema: &DFSchema) -> DfResult<Option<Expr>> {
    let DataType::Decimal128(_, scale) = expr.get_type(schema)? else { return Ok(None) };
    let cuts = match wanted {
        DataType::Decimal128(_, left) => *left < scale,
        other => other.is_integer() && scale > 0,
    };
    if !cuts || matches!(expr, Expr::Literal(..)) {
        return Ok(None);
    }
    Ok(Some(call(Arc::new(LessExact::new(wanted.clone()).into()), vec![expr.clone()])))
}

fn call(function: Arc<ScalarUDF>, arguments: Vec<Expr>) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(function, arguments))
}

/// Integers that would wrap, floats that would become infinite.
fn checked(binary: &BinaryExpr, schema: &DFSchema) -> DfResult<Option<Expr>> {
    let Some(operation) = Operation::of(binary.op) else { return Ok(None) };
    let (left, right) = (binary.left.get_type(schema)?, binary.right.get_type(schema)?);
    // Arrow's own division of integers is checked already.
    let wraps = left.is_integer() && !matches!(operation, Operation::Divide | Operation::Remainder);
    if left != right || !(wraps || left.is_floating()) {
        return Ok(None);
    }
    let arguments = vec![binary.left.as_ref().clone(), binary.right.as_ref().clone()];
    Ok(Some(call(Arc::new(Checked::new(operation).into()), arguments)))
}

/// The smallest integer has no opposite.
fn negative(inner: &Expr, schema: &DFSchema) -> DfResult<Option<Expr>> {
    let data_type = inner.get_type(schema)?;
    if !data_type.is_integer() || matches!(inner, Expr::Literal(..)) {
        return Ok(None);
    }
    let zero = lit(ScalarValue::new_zero(&data_type)?);
    Ok(Some(call(Arc::new(Checked::new(Operation::Subtract).into()), vec![zero, inner.clone()])))
}
