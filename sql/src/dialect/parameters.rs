//! Types of parameter markers.
//!
//! The place of a marker tells its type, as the ODBC reference has it: the other side of a comparison, the type of its
//! CAST, BIGINT in LIMIT. Where nothing tells, the value decides.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result as DfResult};
use datafusion::logical_expr::expr::{Case, Placeholder, ScalarFunction};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan};

use super::comparison::compares;
use super::functions::{CUT, LOCATE, PATTERN, TIMESTAMP_ADD, TIMESTAMP_DIFF};
use super::translate;
use crate::plan::column_type;
use crate::{Result, SqlType};

/// What the place of a marker tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Implied {
    /// Its type.
    pub sql_type: SqlType,
    /// Whether the marker itself is compared, or counts rows. There 2.0 and 2 are the same; elsewhere they are not: `7 / ?`.
    pub compared: bool,
}

/// What is told of the markers `$1` to `$count`; `None` where nothing tells.
///
/// # Errors
/// None at present; a plan that cannot be walked is `General`.
pub fn parameter_types(plan: &LogicalPlan, count: usize) -> Result<Vec<Option<Implied>>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut found = Found::default();
    plan.apply_with_subqueries(|node| found.node(node)).map_err(translate)?;
    Ok((1..=count).map(|number| found.implied(number)).collect())
}

/// What is known of markers, by their numbers.
#[derive(Debug, Default)]
struct Found {
    /// By rules of our own.
    told: BTreeMap<usize, Field>,
    /// By DataFusion.
    guessed: BTreeMap<usize, Field>,
    /// Markers that are compared themselves.
    compared: BTreeSet<usize>,
}

const MILLIS: DataType = DataType::Timestamp(TimeUnit::Millisecond, None);

/// Arguments whose type the function tells: its name, the positions from 0, the type.
const ARGUMENTS: &[(&str, &[usize], DataType)] = &[
    (PATTERN, &[0], DataType::Utf8),
    (CUT, &[1], DataType::Int64),
    (LOCATE, &[2], DataType::Int64),
    ("left", &[1], DataType::Int64),
    ("right", &[1], DataType::Int64),
    ("repeat", &[1], DataType::Int64),
    ("substr", &[1, 2], DataType::Int64),
    ("substring", &[1, 2], DataType::Int64),
    ("overlay", &[2, 3], DataType::Int64),
    ("lpad", &[1], DataType::Int64),
    ("rpad", &[1], DataType::Int64),
    ("chr", &[0], DataType::Int64),
    ("round", &[1], DataType::Int64),
    ("trunc", &[1], DataType::Int64),
    ("date_part", &[1], MILLIS),
    ("date_trunc", &[1], MILLIS),
    ("to_char", &[0], MILLIS),
    (TIMESTAMP_ADD, &[1], DataType::Int64),
    (TIMESTAMP_ADD, &[2], MILLIS),
    (TIMESTAMP_DIFF, &[1, 2], MILLIS),
];

/// Functions whose arguments have one type.
const ALIKE: &[&str] = &["coalesce", "nullif", "nvl", "greatest", "least"];

impl Found {
    fn implied(&self, number: usize) -> Option<Implied> {
        let field = self.told.get(&number).or_else(|| self.guessed.get(&number))?;
        let implied = Implied { sql_type: column_type(field), compared: self.compared.contains(&number) };
        (field.data_type() != &DataType::Null).then_some(implied)
    }

    fn compare<'a>(&mut self, all: impl IntoIterator<Item = &'a Expr>) {
        self.compared.extend(all.into_iter().filter_map(number));
    }

    fn node(&mut self, node: &LogicalPlan) -> DfResult<TreeNodeRecursion> {
        if let LogicalPlan::Limit(limit) = node {
            for count in [&limit.skip, &limit.fetch].into_iter().flatten() {
                self.compare([count.as_ref()]);
                self.tell(count, &Field::new("", DataType::Int64, true));
            }
        }
        let schema = merge_schema(&node.inputs());
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                self.expression(expr, &schema);
                Ok(TreeNodeRecursion::Continue)
            })
        })
    }

    fn expression(&mut self, expr: &Expr, schema: &DFSchema) {
        match expr {
            Expr::Placeholder(Placeholder { field: Some(field), .. }) => {
                if let Some(number) = number(expr) {
                    self.guessed.entry(number).or_insert_with(|| field.as_ref().clone());
                }
            }
            Expr::Cast(cast) => self.tell(&cast.expr, &cast.field),
            Expr::TryCast(cast) => self.tell(&cast.expr, &cast.field),
            Expr::BinaryExpr(binary) => {
                if compares(binary.op) {
                    self.compare([binary.left.as_ref(), binary.right.as_ref()]);
                }
                self.binary(binary, schema);
            }
            Expr::Between(range) => {
                self.compare([range.expr.as_ref(), range.low.as_ref(), range.high.as_ref()]);
                self.alike(&[&range.expr, &range.low, &range.high], schema);
            }
            Expr::InList(list) => {
                let all: Vec<_> = std::iter::once(list.expr.as_ref()).chain(&list.list).collect();
                self.compare(all.iter().copied());
                self.alike(&all, schema);
            }
            Expr::ScalarFunction(function) => self.function(function, schema),
            Expr::Case(case) => self.case(case, schema),
            _ => {}
        }
    }

    /// An operand takes the type of the other one. Beside an interval it is a moment: `? - INTERVAL '1' DAY`.
    fn binary(&mut self, binary: &BinaryExpr, schema: &DFSchema) {
        for (operand, other) in [(&binary.left, &binary.right), (&binary.right, &binary.left)] {
            if number(operand).is_none() {
                continue;
            }
            if let Some(field) = typed(other, schema) {
                let interval = matches!(field.data_type(), DataType::Interval(_) | DataType::Duration(_));
                let wanted = if interval { Field::new("", MILLIS, true) } else { field };
                self.tell(operand, &wanted);
            }
        }
    }

    fn function(&mut self, function: &ScalarFunction, schema: &DFSchema) {
        let name = function.func.name();
        for (_, positions, data_type) in ARGUMENTS.iter().filter(|(known, ..)| *known == name) {
            for argument in positions.iter().filter_map(|&position| function.args.get(position)) {
                self.tell(argument, &Field::new("", data_type.clone(), true));
            }
        }
        if ALIKE.contains(&name) {
            self.alike(&function.args.iter().collect::<Vec<_>>(), schema);
        }
    }

    fn case(&mut self, case: &Case, schema: &DFSchema) {
        let results = case.when_then_expr.iter().map(|(_, then)| then.as_ref());
        let results: Vec<_> = results.chain(case.else_expr.as_deref()).collect();
        self.alike(&results, schema);
        if let Some(operand) = &case.expr {
            let whens = case.when_then_expr.iter().map(|(when, _)| when.as_ref());
            let all: Vec<_> = std::iter::once(operand.as_ref()).chain(whens).collect();
            self.alike(&all, schema);
        }
    }

    /// Markers among these take the type of the first that has one.
    fn alike(&mut self, all: &[&Expr], schema: &DFSchema) {
        if all.iter().all(|expr| number(expr).is_none()) {
            return;
        }
        if let Some(field) = all.iter().find_map(|expr| typed(expr, schema)) {
            all.iter().for_each(|expr| self.tell(expr, &field));
        }
    }

    fn tell(&mut self, expr: &Expr, field: &Field) {
        if let Some(number) = number(expr)
            && field.data_type() != &DataType::Null
        {
            self.told.entry(number).or_insert_with(|| field.clone());
        }
    }
}

/// The number of a marker.
fn number(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Placeholder(Placeholder { id, .. }) => id.strip_prefix('$')?.parse().ok(),
        _ => None,
    }
}

/// The field of an expression that is no marker and has a type.
fn typed(expr: &Expr, schema: &DFSchema) -> Option<Field> {
    if number(expr).is_some() {
        return None;
    }
    let (_, field) = expr.to_field(schema).ok()?;
    (field.data_type() != &DataType::Null).then(|| field.as_ref().clone())
}
