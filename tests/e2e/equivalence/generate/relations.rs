//! What stands behind FROM: tables, derived tables, common table expressions, and joins by keys.

use super::super::catalog::Column;
use super::super::tree::{Expr, From, Join, JoinKind, Key, Relation, Source};
use super::{DEEPEST, Generator, Shape};

/// Rows that a join may give, roughly; more would only be slow.
const MOST_ROWS: usize = 5000;

/// Rows up to which a table takes part in a CROSS join.
const FEW_ROWS: usize = 12;

/// Relations, and the columns that expressions over them may use.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) from: From,
    /// Names are the aliases.
    pub(super) relations: Vec<Shape>,
    pub(super) rows: usize,
}

impl Scope {
    /// Keys that together leave no two rows alike; `None` when a relation has none.
    pub(super) fn unique(&self) -> Option<Vec<Key>> {
        let key = |shape: &Shape| {
            let column = shape.columns.iter().find(|column| column.is_key)?;
            Some(Key::Expr(Expr::column(&shape.name, &column.name)))
        };
        self.relations.iter().map(key).collect()
    }

    /// Every column with its expression.
    pub(super) fn columns(&self) -> Vec<(Expr, Column)> {
        let alone = self.relations.len() == 1;
        let of = |shape: &Shape| {
            let name = shape.name.clone();
            let column = move |column: Column| {
                let expr = Expr::column(&name, &column.name);
                (expr, Column { is_key: column.is_key && alone, ..column })
            };
            shape.columns.clone().into_iter().map(column)
        };
        self.relations.iter().flat_map(of).collect()
    }
}

impl Generator<'_> {
    pub(super) fn from(&mut self, nesting: usize) -> Scope {
        let (first, shape) = self.relation(nesting);
        let rows = shape.rows;
        let mut scope = Scope { from: From { first, joins: Vec::new() }, relations: vec![shape], rows };
        let inner = if nesting == 0 { 1 } else { 5 };
        for _ in 0..self.dice.choose(&[(62 * inner, 0), (22, 1), (11, 2), (5, 3)]) {
            // Most relations that come up can be joined by some key; a few cannot.
            (0..4).any(|_| self.join(&mut scope, nesting));
        }
        scope
    }

    /// Adds a relation; false where this one cannot be joined.
    pub(super) fn join(&mut self, scope: &mut Scope, nesting: usize) -> bool {
        let (relation, shape) = self.relation(nesting);
        if shape.rows <= FEW_ROWS && scope.rows * shape.rows <= MOST_ROWS && self.dice.percent(4) {
            scope.rows *= shape.rows;
            scope.from.joins.push(Join { kind: JoinKind::Cross, relation, on: None });
            scope.relations.push(shape);
            return true;
        }
        let pairs = pairs(scope, &shape);
        let Some((left, column)) = self.dice.weighted(&pairs, |(_, column)| column.weight).cloned() else {
            return false;
        };
        let rows = scope.rows * if column.is_key { 1 } else { shape.rows.div_ceil(column.samples.len().max(1)) };
        if rows > MOST_ROWS {
            return false;
        }
        let (mut a, mut b) = (left, Expr::column(&shape.name, &column.name));
        if self.dice.percent(50) {
            std::mem::swap(&mut a, &mut b);
        }
        let kind =
            self.dice.choose(&[(45, JoinKind::Inner), (42, JoinKind::Left), (8, JoinKind::Right), (5, JoinKind::Full)]);
        scope.relations.push(shape);
        scope.rows = rows.max(scope.rows);
        let mut on = Expr::equal(a, b);
        if kind != JoinKind::Full && self.dice.percent(18) {
            on = on.and(self.predicate(scope, DEEPEST, 0));
        }
        scope.from.joins.push(Join { kind, relation, on: Some(on) });
        true
    }

    /// A relation and what it looks like under its alias.
    fn relation(&mut self, nesting: usize) -> (Relation, Shape) {
        let alias = self.name("t");
        let derived = if nesting < DEEPEST { 14 } else { 0 };
        let common = if self.ctes.is_empty() || nesting > 0 { 0 } else { 90 };
        let (source, shape) = match self.dice.choose(&[(86, 0), (derived, 1), (common, 2)]) {
            1 => {
                let built = self.query(nesting + 1);
                let shape = Shape { name: String::new(), columns: built.columns, rows: built.rows };
                (Source::Derived(Box::new(built.query)), shape)
            }
            2 => {
                let place = self.dice.below(self.ctes.len());
                let shape = self.ctes[place].clone();
                (shape.source(false), shape)
            }
            _ => self.table(),
        };
        (Relation { source, alias: alias.clone() }, Shape { name: alias, ..shape })
    }

    /// A table, larger ones more often: they have more pages.
    fn table(&mut self) -> (Source, Shape) {
        let weight = |table: &super::Table| if table.count > 2 * FEW_ROWS { 4 } else { 1 };
        let table = self.dice.weighted(self.tables, weight).unwrap();
        let shape = Shape { name: table.name.clone(), columns: table.columns.clone(), rows: table.count };
        (shape.source(true), shape)
    }
}

/// Columns of the scope with columns of the relation that hold the same keys.
fn pairs(scope: &Scope, shape: &Shape) -> Vec<(Expr, Column)> {
    let columns = scope.columns();
    let of_domain = |column: &Column| {
        let same = columns.iter().filter(|(_, other)| column.domain.is_some() && other.domain == column.domain);
        same.map(|(expr, _)| (expr.clone(), column.clone())).collect::<Vec<_>>()
    };
    shape.columns.iter().flat_map(of_domain).collect()
}
