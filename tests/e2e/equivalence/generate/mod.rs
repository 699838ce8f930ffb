//! Statements from a seed, typed by the catalog, with a leaning towards what push-down touches.
//!
//! - here: SELECT with and without groups, set operations, order and limit
//! - `relations.rs`: tables, derived tables, common table expressions, joins
//! - `values.rs`: expressions of a kind; `literals.rs`: values near those of the rows, and their spellings
//! - `predicates.rs`: conditions, subqueries in them
//! - `claims.rs`: pairs of statements of which one has a predicate more
//!
//! Every statement has one right answer. A LIMIT stands behind a total order only: by the keys of all relations, or by
//! all columns of the result. Doubles that the engines add up in different orders (sums and averages) occur in the
//! outermost select list only, where nothing is sorted, grouped or compared by them.

mod claims;
mod literals;
mod predicates;
mod relations;
mod values;

pub(super) use claims::{Claim, claim};
use relations::Scope;

use super::catalog::{Column, Table};
use super::dice::Dice;
use super::tree::{Aggregate, Body, Expr, Item, Key, Limit, LimitStyle, Order, Query, Select, SetOperator, Source};
use super::value::Kind;

/// How deep subqueries and derived tables are nested.
const DEEPEST: usize = 2;

/// A statement and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    pub(super) query: Query,
    /// Its ORDER BY is total.
    pub(super) ordered: bool,
}

/// The statement of a seed.
pub(super) fn statement(tables: &[Table], seed: u64) -> Statement {
    let mut generator = Generator { dice: Dice::new(seed), tables, names: 0, ctes: Vec::new() };
    let with = generator.common_tables();
    let mut built = generator.query(0);
    built.query.with = with;
    Statement { query: built.query, ordered: built.ordered }
}

struct Generator<'a> {
    dice: Dice,
    tables: &'a [Table],
    /// Aliases given so far.
    names: usize,
    ctes: Vec<Shape>,
}

/// What a relation looks like from outside.
#[derive(Debug, Clone)]
struct Shape {
    name: String,
    columns: Vec<Column>,
    /// Rows that it may have, roughly.
    rows: usize,
}

/// A query and what it gives.
struct Built {
    query: Query,
    columns: Vec<Column>,
    rows: usize,
    ordered: bool,
}

/// A body and what its rows can be sorted by.
struct Part {
    body: Body,
    columns: Vec<Column>,
    rows: usize,
    /// Keys that leave no two rows alike, or only rows that are equal.
    total: Vec<Key>,
    /// Keys that may stand before them.
    further: Vec<Key>,
}

impl Generator<'_> {
    /// A new name that begins so.
    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn common_tables(&mut self) -> Vec<(String, Query)> {
        let count = self.dice.choose(&[(88, 0), (10, 1), (2, 2)]);
        let table = |_| {
            let built = self.query(1);
            let name = self.name("c");
            self.ctes.push(Shape { name: name.clone(), columns: built.columns, rows: built.rows });
            (name, built.query)
        };
        (0..count).map(table).collect()
    }

    fn query(&mut self, nesting: usize) -> Built {
        let part = match self.dice.below(100) {
            0..60 => self.plain(nesting, None),
            60..88 => self.grouped(nesting),
            _ => self.set_operation(nesting),
        };
        self.finish(part, nesting)
    }

    /// A query with one column of each kind.
    fn query_of(&mut self, kinds: &[Kind], nesting: usize) -> Built {
        let part = self.plain(nesting, Some(kinds));
        self.finish(part, nesting)
    }

    /// ORDER BY and LIMIT.
    fn finish(&mut self, part: Part, nesting: usize) -> Built {
        let limited = self.dice.percent(30) && (nesting == 0 || !part.total.is_empty());
        let sorted = limited || (nesting == 0 && self.dice.percent(40));
        let mut query = Query::plain(part.body);
        let mut rows = part.rows;
        if sorted {
            query.order = self.order(&part.further, &part.total);
        }
        if limited {
            let limit = self.limit(matches!(query.body, Body::Select(_)));
            rows = rows.min(usize::try_from(limit.count).unwrap());
            query.limit = Some(limit);
        }
        let ordered = !query.order.is_empty();
        Built { query, columns: part.columns, rows, ordered }
    }

    fn order(&mut self, further: &[Key], total: &[Key]) -> Vec<Order> {
        let leading = self.dice.choose(&[(45, 0), (40, 1), (15, 2)]);
        let leading: Vec<_> = (0..leading).filter_map(|_| self.dice.pick(further).cloned()).collect();
        let one_way = self.dice.percent(70).then(|| self.dice.percent(40));
        let keys = leading.into_iter().chain(total.iter().cloned());
        keys.map(|key| Order { key, descending: one_way.unwrap_or_else(|| self.dice.percent(40)) }).collect()
    }

    fn limit(&mut self, of_select: bool) -> Limit {
        let count = match self.dice.below(10) {
            0 => self.dice.one(&[0, 1, 49, 50, 51, 500, 5000]),
            1..6 => self.dice.between(1, 10),
            _ => self.dice.between(10, 90),
        };
        let offset = match self.dice.below(10) {
            0..7 => 0,
            7 | 8 => self.dice.between(1, 20),
            _ => self.dice.between(20, 300),
        };
        let top = if of_select && offset == 0 { 25 } else { 0 };
        let style = self.dice.choose(&[(60, LimitStyle::Limit), (15, LimitStyle::Fetch), (top, LimitStyle::Top)]);
        Limit { count: u64::try_from(count).unwrap(), offset: u64::try_from(offset).unwrap(), style }
    }

    /// SELECT without groups.
    fn plain(&mut self, nesting: usize, kinds: Option<&[Kind]>) -> Part {
        let scope = self.from(nesting);
        let filter = self.dice.percent(82).then(|| self.predicate(&scope, nesting, 2));
        let distinct = self.dice.percent(8);
        let star = kinds.is_none() && scope.relations.len() == 1 && !distinct && self.dice.percent(6);
        let (items, columns) = match kinds {
            _ if star => (Vec::new(), scope.relations[0].columns.clone()),
            Some(kinds) => kinds.iter().map(|kind| self.item_of(&scope, *kind)).unzip(),
            None => self.items(&scope, distinct),
        };
        let unique = scope.unique().filter(|_| !distinct);
        let (total, further) = match unique {
            Some(keys) => (keys, self.scope_keys(&scope)),
            None => (positions(columns.len()), Vec::new()),
        };
        let body = Select { distinct, items, from: scope.from, filter, group: Vec::new(), having: None };
        Part { body: Body::Select(Box::new(body)), columns, rows: scope.rows, total, further }
    }

    fn items(&mut self, scope: &Scope, distinct: bool) -> (Vec<Item>, Vec<Column>) {
        let count = self.dice.between(1, 4);
        let mut items: Vec<_> = (0..count)
            .map(|_| {
                let kind = self.some_kind(scope);
                self.item_of(scope, kind)
            })
            .collect();
        if let (Some(keys), true) = (scope.unique(), !distinct && self.dice.percent(6)) {
            let order = self.order(&[], &keys);
            let partition = self.some_column(scope, |_| true).into_iter().map(|(expr, _)| expr);
            let expr = Expr::RowNumber { partition: partition.collect(), order };
            items.push(self.named(expr, Column::computed(Kind::Integer)));
        }
        items.into_iter().unzip()
    }

    /// An item of the select list and the column that it gives.
    fn item_of(&mut self, scope: &Scope, kind: Kind) -> (Item, Column) {
        let (expr, column) = self.value(scope, kind, 2);
        self.named(expr, column)
    }

    fn named(&mut self, expr: Expr, column: Column) -> (Item, Column) {
        let alias = self.name("v");
        (Item { expr, alias: alias.clone() }, Column { name: alias, ..column })
    }

    /// Some columns to sort by: mostly those that the API can sort by, too.
    fn scope_keys(&mut self, scope: &Scope) -> Vec<Key> {
        (0..3).filter_map(|_| self.some_column(scope, |_| true)).map(|(expr, _)| Key::Expr(expr)).collect()
    }

    /// SELECT with aggregates.
    fn grouped(&mut self, nesting: usize) -> Part {
        let scope = self.from(nesting);
        let filter = self.dice.percent(65).then(|| self.predicate(&scope, nesting, 1));
        let count = self.dice.choose(&[(30, 0), (50, 1), (20, 2)]);
        let groups: Vec<_> = (0..count).filter_map(|_| self.group(&scope)).collect();
        let mut outputs: Vec<_> =
            groups.iter().map(|(expr, column)| self.named(expr.clone(), column.clone())).collect();
        for _ in 0..self.dice.between(1, 3) {
            let (expr, column) = self.aggregate(&scope, nesting == 0);
            outputs.push(self.named(expr, column));
        }
        let having = self.dice.percent(25).then(|| self.having(&scope));
        let rows = if groups.is_empty() { 1 } else { scope.rows };
        let total = positions(groups.len());
        let (items, mut columns): (Vec<_>, Vec<_>) = outputs.into_iter().unzip();
        columns[0].is_key = groups.len() == 1;
        let group = groups.into_iter().map(|(expr, _)| expr).collect();
        let body = Select { distinct: false, items, from: scope.from, filter, group, having };
        Part { body: Body::Select(Box::new(body)), columns, rows, further: total.clone(), total }
    }

    /// What rows are grouped by: a column, sometimes a part of it.
    fn group(&mut self, scope: &Scope) -> Option<(Expr, Column)> {
        if self.dice.percent(15) {
            let kind = self.some_kind(scope);
            return Some(self.function(scope, kind, 0));
        }
        let (expr, column) = self.some_column(scope, |_| true)?;
        Some((expr, Column { is_key: false, ..column }))
    }

    /// An aggregate; sums and averages of doubles only where nothing depends on their last digits.
    fn aggregate(&mut self, scope: &Scope, inexact: bool) -> (Expr, Column) {
        let aggregate = |function, distinct, argument| Expr::Aggregate { function, distinct, argument };
        let average = if inexact { 15 } else { 0 };
        let function = self.dice.choose(&[
            (35, Aggregate::Count),
            (20, Aggregate::Sum),
            (18, Aggregate::Min),
            (18, Aggregate::Max),
            (average, Aggregate::Average),
        ]);
        let fits = |column: &Column| match function {
            Aggregate::Count => true,
            Aggregate::Sum | Aggregate::Average => {
                column.kind.is_exact_number() || (inexact && column.kind == Kind::Double)
            }
            Aggregate::Min | Aggregate::Max => column.kind != Kind::Bit,
        };
        let argument = self.some_column(scope, fits).filter(|_| function != Aggregate::Count || self.dice.percent(50));
        let Some((expr, column)) = argument else {
            return (aggregate(Aggregate::Count, false, None), Column::computed(Kind::Integer));
        };
        let distinct = function == Aggregate::Count && self.dice.percent(35);
        let kind = match function {
            Aggregate::Count => Kind::Integer,
            Aggregate::Average => Kind::Double,
            _ => column.kind,
        };
        let samples = if kind == column.kind { column.samples } else { [].into() };
        (aggregate(function, distinct, Some(Box::new(expr))), Column { samples, ..Column::computed(kind) })
    }

    fn set_operation(&mut self, nesting: usize) -> Part {
        let count = self.dice.between(1, 3);
        let left = self.plain_items(nesting, count);
        let kinds: Vec<_> = left.columns.iter().map(|column| column.kind).collect();
        let right = self.plain(nesting + 1, Some(&kinds));
        let operator =
            self.dice.choose(&[(60, SetOperator::Union), (20, SetOperator::Intersect), (20, SetOperator::Except)]);
        let all = operator == SetOperator::Union && self.dice.percent(50);
        let keyless = |column| Column { is_key: false, domain: None, ..column };
        let columns: Vec<_> = left.columns.into_iter().map(keyless).collect();
        let total = positions(columns.len());
        let body = Body::Set { operator, all, left: Box::new(left.body), right: Box::new(right.body) };
        Part { body, columns, rows: left.rows + right.rows, further: total.clone(), total }
    }

    fn plain_items(&mut self, nesting: usize, count: usize) -> Part {
        const KINDS: &[(usize, Kind)] = &[
            (40, Kind::Integer),
            (25, Kind::Text),
            (10, Kind::Decimal),
            (10, Kind::Timestamp),
            (8, Kind::Date),
            (7, Kind::Bit),
        ];
        let kinds: Vec<_> = (0..count).map(|_| self.dice.choose(KINDS)).collect();
        self.plain(nesting + 1, Some(&kinds))
    }
}

fn positions(count: usize) -> Vec<Key> {
    (1..=count).map(Key::Position).collect()
}

impl Column {
    /// A column of a result that no table has.
    fn computed(kind: Kind) -> Self {
        Self { name: String::new(), kind, domain: None, is_key: false, weight: 2, samples: [].into() }
    }
}

impl Shape {
    fn source(&self, is_table: bool) -> Source {
        if is_table { Source::Table(self.name.clone()) } else { Source::Cte(self.name.clone()) }
    }
}
