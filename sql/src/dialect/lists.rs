//! Two IN lists of one expression, put together without forgetting NULL.
//!
//! DataFusion makes one list of `x IN (1, 2) AND x IN (2, 3)`, and FALSE of lists that have nothing in common. For an `x`
//! that is NULL it is NULL: below a NOT, FALSE would make rows appear. Here the lists are put together first.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::{Case, Cast, InList};
use datafusion::logical_expr::{Expr, Operator, binary_expr, lit};

/// `x IN (...)` or its opposite, with the values of the list.
struct Listed<'a> {
    expr: &'a Expr,
    values: Vec<ScalarValue>,
    negated: bool,
}

/// What two lists of one expression are together; `None` where they are left alone.
pub(super) fn together(left: &Expr, operator: Operator, right: &Expr) -> Option<Expr> {
    let ((one, a), (other, b)) = (list(left)?, list(right)?);
    let meet = if a && b { operator == Operator::Or } else { operator == Operator::And };
    if !meet || one.expr != other.expr || one.expr.is_volatile() {
        return None;
    }
    if [one, other].iter().any(|list| list.list.iter().any(is_null)) {
        return Some(binary_expr(apart(one, a), operator, apart(other, b)));
    }
    match (listed(one, a), listed(other, b)) {
        (Some(left), Some(right)) => of_values(&left, &right),
        _ => Some(null_with(&one.expr, binary_expr(left.clone(), operator, right.clone()))),
    }
}

/// The list of `x IN (...)` or of its opposite, and whether it is the opposite.
fn list(expr: &Expr) -> Option<(&InList, bool)> {
    match expr {
        Expr::Not(inner) => list(inner).map(|(list, negated)| (list, !negated)),
        Expr::InList(list) => Some((list, list.negated)),
        _ => None,
    }
}

/// The list with its values; `None` when some are to be computed yet.
fn listed(list: &InList, negated: bool) -> Option<Listed<'_>> {
    let values = list.list.iter().map(literal).collect::<Option<_>>()?;
    Some(Listed { expr: &list.expr, values, negated })
}

/// NULL where `expr` is.
fn null_with(expr: &Expr, condition: Expr) -> Expr {
    let when = vec![(Box::new(expr.clone().is_null()), Box::new(lit(ScalarValue::Boolean(None))))];
    Expr::Case(Case::new(None, when, Some(Box::new(condition))))
}

fn of_values(left: &Listed<'_>, right: &Listed<'_>) -> Option<Expr> {
    let data_type = left.values.first()?.data_type();
    if left.values.iter().chain(&right.values).any(|value| value.data_type() != data_type) {
        return None;
    }
    match (left.negated, right.negated) {
        (false, false) => Some(of(left.expr, both(left, right), false)),
        (false, true) => Some(of(left.expr, without(left, right), false)),
        (true, false) => Some(of(left.expr, without(right, left), false)),
        (true, true) => Some(of(left.expr, both(left, right), true)),
    }
}

/// The value of a literal, dates and moments included, which are texts with a type at first.
fn literal(item: &Expr) -> Option<ScalarValue> {
    match item {
        Expr::Literal(value, _) => Some(value.clone()),
        Expr::Cast(Cast { expr, field }) => literal(expr)?.cast_to(field.data_type()).ok(),
        _ => None,
    }
}

fn both(left: &Listed<'_>, right: &Listed<'_>) -> Vec<ScalarValue> {
    left.values.iter().filter(|value| right.values.contains(value)).cloned().collect()
}

fn without(left: &Listed<'_>, right: &Listed<'_>) -> Vec<ScalarValue> {
    left.values.iter().filter(|value| !right.values.contains(value)).cloned().collect()
}

fn is_null(item: &Expr) -> bool {
    literal(item).is_some_and(|value| value.is_null())
}

/// A list whose NULLs stand beside it, where no other list meets them.
fn apart(list: &InList, negated: bool) -> Expr {
    let items: Vec<_> = list.list.iter().filter(|item| !is_null(item)).cloned().collect();
    let (has_null, null) = (items.len() < list.list.len(), lit(ScalarValue::Boolean(None)));
    if items.is_empty() {
        return null;
    }
    let listed = Expr::InList(InList::new(list.expr.clone(), items, negated));
    match (has_null, negated) {
        (false, _) => listed,
        (true, false) => listed.or(null),
        (true, true) => listed.and(null),
    }
}

/// The list of these values; without any, false or true of every value but NULL.
fn of(expr: &Expr, values: Vec<ScalarValue>, negated: bool) -> Expr {
    if values.is_empty() {
        let operator = if negated { Operator::Eq } else { Operator::NotEq };
        return binary_expr(expr.clone(), operator, expr.clone());
    }
    let items = values.into_iter().map(lit).collect();
    Expr::InList(InList::new(Box::new(expr.clone()), items, negated))
}
