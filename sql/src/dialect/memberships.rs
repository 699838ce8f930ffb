//! IN with a subquery where it is one of several conditions: DataFusion has FALSE there where SQL has NULL.
//!
//! `x NOT IN (SELECT ...)` as a condition by itself is right. Below OR it becomes a flag that knows nothing of NULL, on
//! its left or in the subquery, so a denied one would let rows through. NOT is moved down to the subqueries first; what is
//! denied below OR then is refused, unless neither side can be NULL. An affirmed one is FALSE where it should be NULL,
//! which lets as few rows through.
//!
//! Below OR a subquery's column needs a name that nothing else has: DataFusion joins for the flag, and finds `MIN(id)` twice
//! among the columns of what it has joined.

use std::ops::RangeFrom;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result as DfResult};
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{
    BinaryExpr, Expr, ExprSchemable, Filter, LogicalPlan, LogicalPlanBuilder, Operator, Projection, binary_expr,
};
use datafusion::optimizer::AnalyzerRule;

use super::functions::failure;
use crate::ErrorKind;

/// Moves NOT down, and refuses what would lose NULL.
#[derive(Debug)]
pub(super) struct Rule;

impl AnalyzerRule for Rule {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> DfResult<LogicalPlan> {
        let mut numbers = 0..;
        plan.transform_up_with_subqueries(|node| match node {
            LogicalPlan::Filter(filter) if has_membership(&filter.predicate) => {
                let predicates: Vec<Expr> =
                    split_conjunction(&filter.predicate).into_iter().map(|term| pushed_down(term, false)).collect();
                let predicate = conjunction(predicates).unwrap_or_else(|| filter.predicate.clone());
                let mut terms: Vec<Expr> = split_conjunction(&predicate).into_iter().cloned().collect();
                for term in terms.iter_mut().filter(|term| !is_membership(term)) {
                    check(term, filter.input.schema())?;
                    *term = named(term.clone(), &mut numbers)?;
                }
                let predicate = conjunction(terms).unwrap_or(predicate);
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

/// The condition with a name of its own for the column of each subquery that is compared with.
fn named(term: Expr, numbers: &mut RangeFrom<usize>) -> DfResult<Expr> {
    term.transform_up(|expr| match expr {
        Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
            let name = format!("pipedrive_member_{}", numbers.next().unwrap_or_default());
            let plan = renamed(subquery.subquery.as_ref(), &name)?;
            let membership = InSubquery::new(expr, subquery.with_plan(Arc::new(plan)), negated);
            Ok(Transformed::yes(Expr::InSubquery(membership)))
        }
        other => Ok(Transformed::no(other)),
    })
    .data()
}

/// The plan with this name for its column.
fn renamed(plan: &LogicalPlan, name: &str) -> DfResult<LogicalPlan> {
    if let LogicalPlan::Projection(projection) = plan
        && let [column] = projection.expr.as_slice()
    {
        let column = column.clone().unalias().alias(name);
        return Projection::try_new(vec![column], projection.input.clone()).map(LogicalPlan::Projection);
    }
    let columns = plan.schema().columns().into_iter().map(|column| Expr::Column(column).alias(name));
    LogicalPlanBuilder::from(plan.clone()).project(columns.collect::<Vec<_>>())?.build()
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
