//! Pairs of statements of which the second has one more predicate, somewhere in it.
//!
//! Base statements read one table or a join. Their keys are in the select list, so that every row is told from the
//! others. Predicates lean towards what decides which rows a table has, with values of rows that it leaves out:
//! `deals` is asked for an id, a moment or a flag that only `deals_all` has.

use std::iter;

use super::super::catalog::{Column, Table};
use super::super::tree::{
    Body, Comparison, Expr, From, Item, JoinKind, Key, Limit, Literal, Order, Query, Relation, Select, Source, Spelling,
};
use super::super::value::{Cell, Kind};
use super::relations::Scope;
use super::{DEEPEST, Dice, Generator, Shape};

/// Columns that predicates of claims are mostly about.
const LEANING: &[&str] = &["id", "status", "is_archived", "is_deleted", "add_time", "update_time", "modified_time"];

/// How often one of them is chosen; others have 1 to 12.
const LEANING_WEIGHT: usize = 40;

/// Moments by which lists can be sorted.
const MOMENTS: &[&str] = &["add_time", "update_time"];

/// Endings of tables that share their records' ids with the table without one.
const PARTS: &[&str] = &["_archived", "_deleted", "_all"];

/// Two statements: what the second gives, the first gives as well.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Claim {
    /// Without the predicate.
    pub(in super::super) base: Query,
    /// With it.
    pub(in super::super) narrowed: Query,
    /// Where the predicate belongs to the ON of a LEFT JOIN, how many columns in front are the keys on its left. The key
    /// of the joined relation is the next one.
    pub(in super::super) left: Option<usize>,
}

/// Where the predicate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Where,
    Case,
    InDerived,
    OverDerived,
    InCte,
    OverCte,
    OverLimit,
    Having,
    HavingOfGroups,
    InSubquery,
    OnInner,
    OnLeft,
}

/// Each place with how often it is chosen.
const PLACES: &[(usize, Place)] = &[
    (18, Place::Where),
    (9, Place::Case),
    (7, Place::InDerived),
    (9, Place::OverDerived),
    (5, Place::InCte),
    (7, Place::OverCte),
    (16, Place::OverLimit),
    (7, Place::Having),
    (5, Place::HavingOfGroups),
    (6, Place::InSubquery),
    (8, Place::OnInner),
    (12, Place::OnLeft),
];

/// The claim of a seed.
pub(in super::super) fn claim(tables: &[Table], seed: u64) -> Claim {
    let mut generator = Generator { dice: Dice::new(seed), tables, names: 0, ctes: Vec::new() };
    match generator.dice.choose(PLACES) {
        Place::Where => generator.in_where(),
        Place::Case => generator.in_case(),
        Place::InDerived => generator.in_derived(),
        Place::OverDerived => generator.over_derived(),
        Place::InCte => generator.in_cte(),
        Place::OverCte => generator.over_cte(),
        Place::OverLimit => generator.over_limit(),
        Place::Having => generator.in_having(),
        Place::HavingOfGroups => generator.having_of_groups(),
        Place::InSubquery => generator.in_subquery(),
        Place::OnInner => generator.on(JoinKind::Inner),
        Place::OnLeft => generator.on(JoinKind::Left),
    }
}

/// A base statement in parts.
struct Ground {
    scope: Scope,
    /// The keys of all relations first.
    items: Vec<Item>,
    /// What the items are called from outside.
    columns: Vec<Column>,
    /// What it filters already.
    filter: Option<Expr>,
}

impl Ground {
    /// Its SELECT with this filter in place of its own.
    fn select(&self, filter: Option<Expr>) -> Select {
        let (items, from) = (self.items.clone(), self.scope.from.clone());
        Select { distinct: false, items, from, filter, group: Vec::new(), having: None }
    }

    /// The statement.
    fn base(&self) -> Query {
        query(self.select(self.filter.clone()))
    }

    /// The base with one more condition.
    fn filtered(&self, more: Expr) -> Query {
        let filter = match &self.filter {
            Some(own) => own.clone().and(more),
            None => more,
        };
        query(self.select(Some(filter)))
    }
}

impl Generator<'_> {
    /// A table, or a join in this many of a hundred cases.
    fn ground(&mut self, joined: usize) -> Ground {
        let mut scope = self.leaning_table();
        while self.dice.percent(joined) && scope.relations.len() < 3 {
            self.keyed_join(&mut scope);
        }
        self.ground_of(scope)
    }

    /// The base over a scope that stands.
    fn ground_of(&mut self, mut scope: Scope) -> Ground {
        self.lean(&mut scope);
        let further: Vec<_> = (0..self.dice.between(2, 5)).filter_map(|_| self.some_column(&scope, |_| true)).collect();
        let chosen: Vec<_> = scope.keys().into_iter().chain(further).collect();
        let (items, columns) = chosen.into_iter().map(|(expr, column)| self.named(expr, column)).unzip();
        let filter = self.dice.percent(30).then(|| self.predicate(&scope, DEEPEST, 1));
        Ground { scope, items, columns, filter }
    }

    /// A table with a key, mostly one that others share their records with.
    fn leaning_table(&mut self) -> Scope {
        let tables = self.tables;
        let weight = |table: &Table| match table.name.as_str() {
            _ if !table.columns.iter().any(|column| column.is_key) => 0,
            name if family(name) == "deals" => 12,
            "persons" | "activities" | "organizations" | "products" => 8,
            _ => 2,
        };
        let table = self.dice.weighted(tables, weight).unwrap();
        let shape = Shape { name: self.name("t"), columns: table.columns.clone(), rows: table.count };
        let first = Relation { source: Source::Table(table.name.clone()), alias: shape.name.clone() };
        Scope { from: From { first, joins: Vec::new() }, relations: vec![shape], rows: table.count }
    }

    /// Joins a relation that has a key; nothing where none of a few has.
    fn keyed_join(&mut self, scope: &mut Scope) {
        for _ in 0..8 {
            if !self.join(scope, DEEPEST) {
                continue;
            }
            if scope.unique().is_some() {
                return;
            }
            scope.from.joins.pop();
            scope.relations.pop();
        }
    }

    /// Makes the leaning columns likelier, and gives them values of all tables that hold such records.
    fn lean(&self, scope: &mut Scope) {
        let joins = scope.from.joins.iter().map(|join| &join.relation);
        for (relation, shape) in iter::once(&scope.from.first).chain(joins).zip(&mut scope.relations) {
            let Source::Table(table) = &relation.source else { continue };
            for column in shape.columns.iter_mut().filter(|column| LEANING.contains(&column.name.as_str())) {
                column.weight = LEANING_WEIGHT;
                column.samples = self.samples_of_family(table, column).into();
            }
        }
    }

    /// Values that the column has in any table of such records; of a flag, both.
    fn samples_of_family(&self, table: &str, column: &Column) -> Vec<Cell> {
        if column.kind == Kind::Bit {
            return vec![Cell::Bit(false), Cell::Bit(true)];
        }
        let tables = self.tables.iter().filter(|other| family(&other.name) == family(table));
        let columns = tables.flat_map(|other| &other.columns).filter(|other| other.name == column.name);
        columns.flat_map(|other| other.samples.iter().cloned()).collect()
    }

    /// A predicate, often one that names few records: they are asked for one by one, whatever table they are in.
    fn narrowing(&mut self, scope: &Scope, nesting: usize, depth: usize) -> Expr {
        let is_id = |column: &Column| column.domain.as_ref().is_some_and(|domain| domain.ends_with(".id"));
        match self.some_column(scope, is_id) {
            Some((expr, column)) if self.dice.percent(35) => {
                let list = (0..self.dice.between(1, 3)).map(|_| self.literal(column.kind, &column.samples)).collect();
                Expr::In { expr: Box::new(expr), list, negated: false }
            }
            _ => self.predicate(scope, nesting, depth),
        }
    }

    /// At the end of the base itself, with subqueries.
    fn in_where(&mut self) -> Claim {
        let ground = self.ground(35);
        let predicate = self.narrowing(&ground.scope, 1, 2);
        Claim::plain(ground.base(), ground.filtered(predicate))
    }

    /// `CASE WHEN p THEN 1 ... END = 1`, with NULL or 0 otherwise.
    fn in_case(&mut self) -> Claim {
        let ground = self.ground(35);
        let when = self.narrowing(&ground.scope, DEEPEST, 2);
        let otherwise = self.dice.percent(50).then(|| Box::new(number(0)));
        let case = Expr::Case { operand: None, whens: vec![(when, number(1))], otherwise };
        let predicate = match self.dice.below(3) {
            0 => Expr::In { expr: Box::new(case), list: vec![number(1), number(2)], negated: false },
            1 => Expr::Compare(Comparison::Greater, Box::new(case), Box::new(number(0))),
            _ => Expr::equal(case, number(1)),
        };
        Claim::plain(ground.base(), ground.filtered(predicate))
    }

    /// Inside a derived table, all of which is read.
    fn in_derived(&mut self) -> Claim {
        let ground = self.ground(35);
        let predicate = self.narrowing(&ground.scope, DEEPEST, 2);
        let outer = self.outer(&ground);
        let [base, narrowed] = [ground.base(), ground.filtered(predicate)];
        Claim::plain(base, outer.over(Source::Derived(Box::new(narrowed)), None))
    }

    /// Over the base as a derived table, and so over an outer join.
    fn over_derived(&mut self) -> Claim {
        let ground = self.ground(45);
        let (base, outer) = (ground.base(), self.outer(&ground));
        let predicate = self.narrowing(&outer.scope(), 1, 2);
        Claim::plain(base.clone(), outer.over(Source::Derived(Box::new(base)), Some(predicate)))
    }

    /// Inside a common table expression.
    fn in_cte(&mut self) -> Claim {
        let ground = self.ground(35);
        let predicate = self.narrowing(&ground.scope, DEEPEST, 2);
        let outer = self.outer(&ground);
        self.with(ground.base(), ground.filtered(predicate), &outer, None)
    }

    /// Over a common table expression.
    fn over_cte(&mut self) -> Claim {
        let ground = self.ground(45);
        let (base, outer) = (ground.base(), self.outer(&ground));
        let predicate = self.narrowing(&outer.scope(), 1, 2);
        self.with(base.clone(), base, &outer, Some(predicate))
    }

    /// Reads `inner` as a common table expression.
    fn with(&mut self, base: Query, inner: Query, outer: &Outer, predicate: Option<Expr>) -> Claim {
        let name = self.name("c");
        let narrowed = outer.over(Source::Cte(name.clone()), predicate);
        Claim::plain(base, Query { with: vec![(name, inner)], ..narrowed })
    }

    /// Over the first rows in a total order: others must not take the place of those that fail. Mostly few rows by a
    /// moment, for which one page does.
    fn over_limit(&mut self) -> Claim {
        let ground = self.ground(15);
        let total = ground.scope.unique().unwrap_or_default();
        let mut limit = self.limit(true);
        let mut order = self.order(&[], &total);
        let sorted = |column: &Column| MOMENTS.contains(&column.name.as_str());
        if let (true, Some((moment, _))) = (self.dice.percent(80), self.some_column(&ground.scope, sorted)) {
            order.insert(0, Order { key: Key::Expr(moment), descending: self.dice.percent(50) });
            limit = Limit { count: limit.count % 14, offset: 0, ..limit };
        }
        let base = Query { order, limit: Some(limit), ..ground.base() };
        let outer = self.outer(&ground);
        // Of few rows one condition mostly takes all, and then none can be wrong.
        let predicate = Expr::Or((0..3).map(|_| self.narrowing(&outer.scope(), DEEPEST, 0)).collect());
        Claim::plain(base.clone(), outer.over(Source::Derived(Box::new(base)), Some(predicate)))
    }

    /// Groups of one row each, and a condition on what they are grouped by.
    fn in_having(&mut self) -> Claim {
        let mut ground = self.ground(35);
        let group: Vec<_> = ground.items.iter().map(|item| item.expr.clone()).collect();
        let base = ground.base();
        ground.scope.keep(&group);
        let having = Some(self.narrowing(&ground.scope, DEEPEST, 2));
        let select = Select { group, having, ..ground.select(ground.filter.clone()) };
        Claim::plain(base, query(select))
    }

    /// Groups with their aggregates, and a condition on either.
    fn having_of_groups(&mut self) -> Claim {
        let mut ground = self.ground(35);
        let group = ground.items.last().map(|item| item.expr.clone()).into_iter().collect::<Vec<_>>();
        let (aggregate, column) = self.aggregate(&ground.scope, false);
        let (aggregate, _) = self.named(aggregate, column);
        let of_aggregate = self.having(&ground.scope);
        let items = ground.items.last().cloned().into_iter().chain([aggregate]).collect();
        let whole = Select { items, group: group.clone(), ..ground.select(ground.filter.clone()) };
        ground.scope.keep(&group);
        let of_group = self.narrowing(&ground.scope, DEEPEST, 1);
        let having = match self.dice.below(3) {
            0 => of_aggregate,
            1 => of_group,
            _ => of_group.and(of_aggregate),
        };
        Claim::plain(query(whole.clone()), query(Select { having: Some(having), ..whole }))
    }

    /// Rows whose key some table has among those that pass.
    fn in_subquery(&mut self) -> Claim {
        let ground = self.ground(25);
        let mut inner = self.leaning_table();
        self.lean(&mut inner);
        let predicate = self.narrowing(&inner, DEEPEST, 2);
        let alias = self.name("v");
        let [own, wanted] = [&ground.scope, &inner].map(|scope| scope.keys().swap_remove(0).0);
        let [base, narrowed] = [None, Some(predicate)].map(|filter| {
            let items = vec![Item { expr: wanted.clone(), alias: alias.clone() }];
            let from = inner.from.clone();
            let keys = Select { distinct: false, items, from, filter, group: Vec::new(), having: None };
            let (expr, query) = (Box::new(own.clone()), Box::new(query(keys)));
            ground.filtered(Expr::InQuery { expr, query, negated: false })
        });
        Claim::plain(base, narrowed)
    }

    /// A predicate beside the keys of the last join, which is of this kind.
    fn on(&mut self, kind: JoinKind) -> Claim {
        let mut scope = self.leaning_table();
        for _ in 0..self.dice.choose(&[(75, 1), (25, 2)]) {
            self.keyed_join(&mut scope);
        }
        if let Some(join) = scope.from.joins.last_mut().filter(|join| join.on.is_some()) {
            join.kind = kind;
        } else {
            let ground = self.ground_of(scope);
            let predicate = self.narrowing(&ground.scope, DEEPEST, 2);
            return Claim::plain(ground.base(), ground.filtered(predicate));
        }
        let mut ground = self.ground_of(scope);
        // What filters the rows of a join would take left rows that lost their partner.
        ground.filter = ground.filter.filter(|_| kind == JoinKind::Inner);
        let base = ground.base();
        let predicate = self.narrowing(&ground.scope, DEEPEST, 2);
        let last = ground.scope.from.joins.last_mut();
        let on = last.and_then(|join| join.on.as_mut());
        on.into_iter().for_each(|on| *on = on.clone().and(predicate.clone()));
        let left = (kind == JoinKind::Left).then(|| ground.scope.relations.len() - 1);
        Claim { left, ..Claim::plain(base, ground.base()) }
    }

    /// What reads the ground's columns from outside.
    fn outer(&mut self, ground: &Ground) -> Outer {
        let columns = ground.columns.clone();
        Outer { shape: Shape { name: self.name("d"), columns, rows: ground.scope.rows } }
    }
}

/// A SELECT of all columns of one relation.
struct Outer {
    shape: Shape,
}

impl Outer {
    fn from(&self, source: Source) -> From {
        From { first: Relation { source, alias: self.shape.name.clone() }, joins: Vec::new() }
    }

    /// For predicates over it.
    fn scope(&self) -> Scope {
        let from = self.from(Source::Cte(self.shape.name.clone()));
        Scope { from, relations: vec![self.shape.clone()], rows: self.shape.rows }
    }

    fn over(&self, source: Source, filter: Option<Expr>) -> Query {
        let item = |column: &Column| Item {
            expr: Expr::column(&self.shape.name, &column.name),
            alias: format!("o{}", column.name),
        };
        let items = self.shape.columns.iter().map(item).collect();
        query(Select { distinct: false, items, from: self.from(source), filter, group: Vec::new(), having: None })
    }
}

impl Claim {
    const fn plain(base: Query, narrowed: Query) -> Self {
        Self { base, narrowed, left: None }
    }
}

impl Scope {
    /// The key of each relation.
    fn keys(&self) -> Vec<(Expr, Column)> {
        let keys = self.unique().unwrap_or_default();
        let is_key = |expr: &Expr| keys.contains(&Key::Expr(expr.clone()));
        self.columns().into_iter().filter(|(expr, _)| is_key(expr)).collect()
    }

    /// Forgets all columns but these, which are what a grouped query may name.
    fn keep(&mut self, wanted: &[Expr]) {
        for Shape { name, columns, .. } in &mut self.relations {
            columns.retain(|column| wanted.contains(&Expr::column(name, &column.name)));
        }
    }
}

fn query(select: Select) -> Query {
    Query::plain(Body::Select(Box::new(select)))
}

fn number(number: i64) -> Expr {
    Expr::Literal(Literal { value: Cell::integer(number), kind: Kind::Integer, spelling: Spelling::Plain })
}

/// The table that has the records of this one, or would have them.
fn family(table: &str) -> &str {
    PARTS.iter().find_map(|part| table.strip_suffix(part)).unwrap_or(table)
}
