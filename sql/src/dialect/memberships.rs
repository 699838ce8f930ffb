//! IN with a subquery where it is one of several conditions: DataFusion has FALSE there where SQL has NULL.
//!
//! `x NOT IN (SELECT ...)` as a condition by itself is right. Below OR it becomes a flag that knows nothing of NULL, on
//! its left or in the subquery, so a denied one would let rows through. NOT is moved down to the subqueries first; what is
//! denied below OR then is refused, unless neither side can be NULL. An affirmed one is FALSE where it should be NULL,
//! which lets as few rows through.

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result as DfResult};
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Filter, LogicalPlan, Operator, binary_expr};
use datafusion::optimizer::AnalyzerRule;

use super::functions::failure;
use crate::ErrorKind;

/// Moves NOT down, and refuses what would lose NULL.
#[derive(Debug)]
pub(super) struct Rule;

impl AnalyzerRule for Rule {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> DfResult<LogicalPlan> {
        plan.transform_up_with_subqueries(|node| match node {
            LogicalPlan::Filter(filter) if has_membership(&filter.predicate) => {
                let predicates: Vec<Expr> =
                    split_conjunction(&filter.predicate).into_iter().map(|term| pushed_down(term, false)).collect();
                let predicate = conjunction(predicates).unwrap_or_else(|| filter.predicate.clone());
                for term in split_conjunction(&predicate).into_iter().filter(|term| !is_membership(term)) {
                    check(term, filter.input.schema())?;
                }
                Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(predicate, filter.input)?)))
            }
            other => Ok(Transformed::no(other)),
        })
        .data()
    }

    fn name(&self) -> &str {
        "pipedrive_memberships"
    }
}

const fn is_membership(expr: &Expr) -> bool {
    matches!(expr, Expr::InSubquery(_))
}

fn has_membership(expr: &Expr) -> bool {
    expr.exists(|expr| Ok(is_membership(expr))).unwrap_or(false)
}

/// The expression, or its opposite, with NOT moved down as far as there are subqueries below.
fn pushed_down(expr: &Expr, denied: bool) -> Expr {
    match expr {
        Expr::Not(inner) => pushed_down(inner, !denied),
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right })
            if has_membership(left) || has_membership(right) =>
        {
            let opposite = if *op == Operator::And { Operator::Or } else { Operator::And };
            binary_expr(pushed_down(left, denied), if denied { opposite } else { *op }, pushed_down(right, denied))
        }
        Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
            Expr::InSubquery(InSubquery::new(expr.clone(), subquery.clone(), *negated != denied))
        }
        Expr::Exists(Exists { subquery, negated }) => Expr::Exists(Exists::new(subquery.clone(), *negated != denied)),
        other if denied => !other.clone(),
        other => other.clone(),
    }
}

/// Refuses a membership whose NULL would count.
fn check(term: &Expr, schema: &DFSchema) -> DfResult<()> {
    let refused = || {
        failure(
            ErrorKind::NotSupported,
            "NOT IN, <> ALL and their like with a subquery that may hold NULL, or beside a value that may be NULL, are \
             offered as a condition of their own, not below OR or in an expression; write NOT EXISTS, or leave NULLs out \
             of the subquery",
        )
    };
    let mut outcome = Ok(());
    term.apply(|expr| {
        let below = match expr {
            Expr::BinaryExpr(BinaryExpr { op: Operator::And | Operator::Or, .. }) => TreeNodeRecursion::Continue,
            Expr::InSubquery(membership) => {
                if membership.negated && may_be_null(membership, schema)? {
                    outcome = Err(refused());
                }
                TreeNodeRecursion::Jump
            }
            other => {
                // What an expression makes of NULL is not known here.
                if other.exists(|inner| match inner {
                    Expr::InSubquery(membership) => may_be_null(membership, schema),
                    _ => Ok(false),
                })? {
                    outcome = Err(refused());
                }
                TreeNodeRecursion::Jump
            }
        };
        Ok(below)
    })?;
    outcome
}

fn may_be_null(membership: &InSubquery, schema: &DFSchema) -> DfResult<bool> {
    let values = membership.subquery.subquery.schema();
    Ok(membership.expr.nullable(schema)? || values.fields().iter().any(|field| field.is_nullable()))
}
