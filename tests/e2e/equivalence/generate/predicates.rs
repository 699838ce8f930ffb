//! Conditions, and the subqueries inside them.

use super::super::tree::{Aggregate, Comparison, Expr, Item, Query, Select};
use super::super::tree::{Body, Literal, Spelling};
use super::super::value::{Cell, Kind};
use super::relations::Scope;
use super::values::Operand;
use super::{DEEPEST, Generator};

/// Most keys of an IN list; the API takes a hundred at once.
const MOST_KEYS: usize = 150;

impl Generator<'_> {
    /// A condition with subqueries where `nesting` leaves room for them.
    pub(super) fn predicate(&mut self, scope: &Scope, nesting: usize, depth: usize) -> Expr {
        if depth > 0 && self.dice.percent(45) {
            let count = self.dice.choose(&[(65, 2), (25, 3), (10, 4)]);
            let terms: Vec<_> = (0..count).map(|_| self.predicate(scope, nesting, depth - 1)).collect();
            let joined = if self.dice.percent(62) { Expr::And(terms) } else { Expr::Or(terms) };
            return if self.dice.percent(12) { Expr::Not(Box::new(joined)) } else { joined };
        }
        if nesting < DEEPEST && self.dice.percent(14) {
            return self.over_subquery(scope, nesting + 1);
        }
        self.condition(scope, 0)
    }

    /// A condition without subqueries.
    pub(super) fn condition(&mut self, scope: &Scope, depth: usize) -> Expr {
        if depth > 0 && self.dice.percent(25) {
            let terms = vec![self.condition(scope, 0), self.condition(scope, 0)];
            return if self.dice.percent(50) { Expr::And(terms) } else { Expr::Or(terms) };
        }
        let Some(operand) = self.operand(scope) else { return self.no_row() };
        match self.dice.below(100) {
            0..54 => self.comparison(operand),
            54..63 => self.between(operand),
            63..78 => self.in_list(operand),
            78..86 => Expr::IsNull { expr: Box::new(operand.expr), negated: self.dice.percent(50) },
            86..91 => self.like(scope).unwrap_or_else(|| self.comparison(operand)),
            91..94 => self.flag(scope).unwrap_or_else(|| self.comparison(operand)),
            94..98 => self.columns(scope).unwrap_or_else(|| self.comparison(operand)),
            _ => Expr::Not(Box::new(self.comparison(operand))),
        }
    }

    /// A constant that is true for no row.
    fn no_row(&mut self) -> Expr {
        let one = self.constant(Kind::Integer, &[Cell::integer(1)]);
        Expr::IsNull { expr: Box::new(Expr::Coalesce(vec![one.clone(), one])), negated: false }
    }

    fn sign(&mut self) -> Comparison {
        self.dice.choose(&[
            (45, Comparison::Equal),
            (10, Comparison::NotEqual),
            (11, Comparison::Less),
            (11, Comparison::LessOrEqual),
            (11, Comparison::Greater),
            (12, Comparison::GreaterOrEqual),
        ])
    }

    fn comparison(&mut self, Operand { expr, kind, samples }: Operand) -> Expr {
        let equal = matches!(kind, Kind::Bit).then_some(Comparison::Equal);
        let sign = equal.unwrap_or_else(|| self.sign());
        let (left, right) = (Box::new(expr), Box::new(self.literal(kind, &samples)));
        if self.dice.percent(18) { Expr::Compare(sign, right, left) } else { Expr::Compare(sign, left, right) }
    }

    fn between(&mut self, Operand { expr, kind, samples }: Operand) -> Expr {
        let (low, high) = (self.literal(kind, &samples), self.literal(kind, &samples));
        let negated = self.dice.percent(20);
        Expr::Between { expr: Box::new(expr), low: Box::new(low), high: Box::new(high), negated }
    }

    /// Few items mostly; for numbers as many as several requests hold.
    fn in_list(&mut self, Operand { expr, kind, samples }: Operand) -> Expr {
        let count = match self.dice.below(10) {
            0..7 => self.dice.between(1, 5),
            7 | 8 => self.dice.between(4, 20),
            _ if kind == Kind::Integer => self.dice.between(20, MOST_KEYS),
            _ => 6,
        };
        let list = (0..count).map(|_| self.literal(kind, &samples)).collect();
        Expr::In { expr: Box::new(expr), list, negated: self.dice.percent(15) }
    }

    fn like(&mut self, scope: &Scope) -> Option<Expr> {
        let (expr, column) = self.some_column(scope, |column| column.kind == Kind::Text)?;
        let sample = self.dice.pick(&column.samples).map(Cell::text).unwrap_or_default();
        let part: String = sample.chars().take(self.dice.between(1, 4)).collect();
        let (pattern, escape) = match self.dice.below(5) {
            0 => (format!("{part}%"), None),
            1 => (format!("%{part}%"), None),
            2 => (format!("_{}%", part.chars().skip(1).collect::<String>()), None),
            3 => (format!("{}!%%", part.replace('!', "!!")), Some('!')),
            _ => (sample, None),
        };
        let pattern = self.pattern(pattern);
        Some(Expr::Like { expr: Box::new(expr), pattern, escape, negated: self.dice.percent(25) })
    }

    /// A flag as a condition.
    fn flag(&mut self, scope: &Scope) -> Option<Expr> {
        let (expr, _) = self.some_column(scope, |column| column.kind == Kind::Bit)?;
        let one = Literal { value: Cell::Bit(true), kind: Kind::Bit, spelling: Spelling::Number };
        Some(if self.dice.percent(50) { expr } else { Expr::equal(Expr::Literal(one), expr) })
    }

    /// Two columns of one kind.
    fn columns(&mut self, scope: &Scope) -> Option<Expr> {
        let (left, column) = self.some_column(scope, |column| column.kind != Kind::Double)?;
        let (right, _) = self.some_column(scope, |other| other.kind == column.kind)?;
        Some(Expr::Compare(self.sign(), Box::new(left), Box::new(right)))
    }

    fn over_subquery(&mut self, scope: &Scope, nesting: usize) -> Expr {
        let negated = self.dice.percent(30);
        match self.dice.below(10) {
            0..4 => self.in_query(scope, nesting, negated),
            4..7 => self.exists(scope, nesting, negated),
            7 | 8 => self.with_scalar(scope, nesting),
            _ => self.quantified(scope, nesting),
        }
        .unwrap_or_else(|| self.condition(scope, 0))
    }

    /// Keys that another table has.
    fn in_query(&mut self, scope: &Scope, nesting: usize, negated: bool) -> Option<Expr> {
        let (expr, column) = self.some_column(scope, |column| column.kind == Kind::Integer)?;
        let query = match self.related(nesting, column.domain.as_ref()) {
            Some((inner, found)) if self.dice.percent(80) => self.keys(inner, found, nesting),
            _ => self.query_of(&[Kind::Integer], nesting).query,
        };
        Some(Expr::InQuery { expr: Box::new(expr), query: Box::new(query), negated })
    }

    /// The scope of some table that has a column of the domain, and that column.
    fn related(&mut self, nesting: usize, domain: Option<&String>) -> Option<(Scope, Expr)> {
        let wanted = domain?;
        for _ in 0..6 {
            let inner = self.from(nesting);
            let fits = |column: &super::Column| column.domain.as_ref() == Some(wanted);
            if let Some((column, _)) = self.some_column(&inner, fits) {
                return Some((inner, column));
            }
        }
        None
    }

    fn keys(&mut self, inner: Scope, column: Expr, nesting: usize) -> Query {
        let filter = self.dice.percent(75).then(|| self.predicate(&inner, nesting, 1));
        self.select_one(inner, column, filter)
    }

    fn select_one(&mut self, inner: Scope, expr: Expr, filter: Option<Expr>) -> Query {
        let item = Item { expr, alias: self.name("v") };
        let select =
            Select { distinct: false, items: vec![item], from: inner.from, filter, group: Vec::new(), having: None };
        Query::plain(Body::Select(Box::new(select)))
    }

    /// Rows of another table with the same key, mostly.
    fn exists(&mut self, scope: &Scope, nesting: usize, negated: bool) -> Option<Expr> {
        let (expr, column) = self.some_column(scope, |column| column.domain.is_some())?;
        let (inner, found) = self.related(nesting, column.domain.as_ref())?;
        let mut filter = Expr::equal(found.clone(), expr);
        if self.dice.percent(65) {
            filter = filter.and(self.predicate(&inner, DEEPEST, 1));
        }
        let query = Box::new(self.select_one(inner, found, Some(filter)));
        Some(Expr::Exists { query, negated })
    }

    /// A value beside the greatest, the least, or the number of others; by rows of the same key, sometimes.
    fn with_scalar(&mut self, scope: &Scope, nesting: usize) -> Option<Expr> {
        let (expr, column) = self.some_column(scope, |column| !matches!(column.kind, Kind::Bit | Kind::Double))?;
        let (outer, key) = self.some_column(scope, |column| column.domain.is_some())?;
        let correlated = self.dice.percent(40);
        let (inner, found) = self.related(nesting, key.domain.as_ref())?;
        let mut filter = self.dice.percent(60).then(|| self.predicate(&inner, DEEPEST, 0));
        if correlated {
            let same = Expr::equal(found, outer);
            filter = Some(match filter {
                Some(filter) => same.and(filter),
                None => same,
            });
        }
        let argument = self.some_column(&inner, |other| other.kind == column.kind)?.0;
        let function = self.dice.one(&[Aggregate::Min, Aggregate::Max]);
        let aggregate = Expr::Aggregate { function, distinct: false, argument: Some(Box::new(argument)) };
        let query = Box::new(self.select_one(inner, aggregate, filter));
        Some(Expr::Compare(self.sign(), Box::new(expr), Box::new(Expr::Scalar(query))))
    }

    fn quantified(&mut self, scope: &Scope, nesting: usize) -> Option<Expr> {
        let (expr, column) = self.some_column(scope, |column| column.kind == Kind::Integer)?;
        let (inner, found) = self.related(nesting, column.domain.as_ref())?;
        let query = Box::new(self.keys(inner, found, nesting));
        let any = self.dice.percent(60);
        Some(Expr::Quantified { comparison: self.sign(), any, expr: Box::new(expr), query })
    }

    /// A condition on groups.
    pub(super) fn having(&mut self, scope: &Scope) -> Expr {
        let (aggregate, column) = self.aggregate(scope, false);
        let counts: Vec<_> = (0..6).map(Cell::integer).collect();
        let counted = matches!(aggregate, Expr::Aggregate { function: Aggregate::Count, .. });
        let samples = if counted { counts } else { column.samples.to_vec() };
        let literal = self.literal(column.kind, &samples);
        Expr::Compare(self.sign(), Box::new(aggregate), Box::new(literal))
    }
}
