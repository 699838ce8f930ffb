//! What is said of a filter once it is decided what goes to the API: how much of it the API answers, and why not more.

use std::fmt;

use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::Expr;

use super::{Answered, KEPT_MOMENT, Pushing, is_needless};
use crate::model::{Push, TableColumn};
use crate::plan::domain::{Domain, Values, allowed};
use crate::plan::request::Target;

/// How much of a filter the API answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plan) enum Verdict {
    /// The API's answer alone would satisfy it.
    Exact,
    /// The API leaves out some of the rows that do not satisfy it.
    Superset,
    /// The order of the list lets the reading end before all rows were met; those on the way are checked here.
    Ends,
    /// The API knows nothing of it, and why.
    Local(Reason),
}

/// Why a filter is evaluated here alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plan) enum Reason {
    /// `Pushdown=off`.
    Off,
    /// No parameter filters by the column.
    Column(String),
    /// The parameter of this column takes one value.
    OneValue(String),
    /// Not a comparison of a column with values.
    Expression,
    /// Other parameters narrow the rows down already; this one would not pay.
    Needless,
    /// A moment from which on next to all records are.
    Early,
    /// The lists are what a parameter makes them, and are asked for nothing else.
    Whole,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("Pushdown is off"),
            Self::Column(column) => write!(f, "Pipedrive cannot filter by {column} in this way"),
            Self::OneValue(column) => write!(f, "Pipedrive takes one value of {column} at a time"),
            Self::Expression => f.write_str("Pipedrive compares columns with values only"),
            Self::Early => f.write_str("hardly a record is older"),
            Self::Whole => f.write_str("lists of deleted records are read whole"),
            Self::Needless => f.write_str("the records are asked for one by one already"),
        }
    }
}

impl Pushing<'_> {
    /// How much of a filter the API answers.
    pub(super) fn verdict(&self, index: usize, enabled: bool) -> Verdict {
        if !enabled {
            return Verdict::Local(Reason::Off);
        }
        if self.target == Target::Nothing {
            return Verdict::Exact;
        }
        let says = |answered: &&Answered| answered.domains.get(index).is_some_and(Domain::constrains);
        let exactly = |answered: &Answered| answered.exact && answered.domains.get(index).is_some_and(|own| own.exact);
        let answers: Vec<_> = self.answered.iter().filter(says).collect();
        match answers.as_slice() {
            [] => Verdict::Local(self.reason(index)),
            answers if answers.iter().any(|answered| exactly(answered)) => Verdict::Exact,
            answers if answers.iter().all(|answered| answered.ends) => Verdict::Ends,
            _ => Verdict::Superset,
        }
    }

    fn reason(&self, index: usize) -> Reason {
        let Some(filter) = self.filters.get(index) else { return Reason::Expression };
        let named = filter.column_refs();
        let mut names = named.iter().map(|column| column.name.as_str());
        let (Some(name), None) = (names.next(), names.next()) else { return Reason::Expression };
        let column = self.table.planned(name);
        let takes_one = column.is_some_and(|column| matches!(column.pushes, Some(Push::Equal(_))));
        match allowed(filter, name) {
            domain if !domain.constrains() && !is_plain(filter) => Reason::Expression,
            _ if matches!(self.target, Target::Singles(_) | Target::Ids(_)) => Reason::Needless,
            _ if self.chosen.iter().all(|chosen| chosen.list.fixed.is_some()) => Reason::Whole,
            Domain { values: Values::Range(low, high), .. }
                if high == i64::MAX && column.is_some_and(is_walked) && is_needless(low, self.zone) =>
            {
                Reason::Early
            }
            Domain { values: Values::Only(values), .. } if takes_one && values.len() > 1 => {
                Reason::OneValue(column.map_or(name, |column| &column.name).to_owned())
            }
            _ => Reason::Column(column.map_or(name, |column| &column.name).to_owned()),
        }
    }
}

/// Whether a range of the column would be asked for, or end the reading.
fn is_walked(column: &TableColumn) -> bool {
    matches!(column.pushes, Some(Push::Range(..) | Push::Modified(_))) || column.name == KEPT_MOMENT
}

/// Whether an expression has columns, values, comparisons and logic alone.
fn is_plain(expr: &Expr) -> bool {
    let plain = |expr: &Expr| {
        matches!(
            expr,
            Expr::Column(_)
                | Expr::Literal(..)
                | Expr::BinaryExpr(_)
                | Expr::Not(_)
                | Expr::IsNull(_)
                | Expr::IsNotNull(_)
                | Expr::InList(_)
                | Expr::Like(_)
                | Expr::Between(_)
        )
    };
    !expr.exists(|expr| Ok(!plain(expr))).unwrap_or(true)
}
