//! Statements as trees: what is generated, written in either dialect, and cut down when the engines differ.

use super::value::{Cell, Kind};

/// A query with what surrounds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    pub(super) with: Vec<(String, Query)>,
    pub(super) body: Body,
    pub(super) order: Vec<Order>,
    pub(super) limit: Option<Limit>,
}

/// A SELECT, or two bodies put together.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    Select(Box<Select>),
    Set { operator: SetOperator, all: bool, left: Box<Body>, right: Box<Body> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SetOperator {
    Union,
    Intersect,
    Except,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Select {
    pub(super) distinct: bool,
    /// Empty for `*`.
    pub(super) items: Vec<Item>,
    pub(super) from: From,
    pub(super) filter: Option<Expr>,
    pub(super) group: Vec<Expr>,
    pub(super) having: Option<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) expr: Expr,
    pub(super) alias: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct From {
    pub(super) first: Relation,
    pub(super) joins: Vec<Join>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Join {
    pub(super) kind: JoinKind,
    pub(super) relation: Relation,
    /// `None` for CROSS only.
    pub(super) on: Option<Expr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Relation {
    pub(super) source: Source,
    pub(super) alias: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Source {
    Table(String),
    Cte(String),
    Derived(Box<Query>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub(super) key: Key,
    pub(super) descending: bool,
}

/// What rows are sorted by.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Key {
    Expr(Expr),
    /// A column of the result, counted from 1.
    Position(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) count: u64,
    pub(super) offset: u64,
    pub(super) style: LimitStyle,
}

/// How the engine is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LimitStyle {
    Limit,
    Fetch,
    /// For a SELECT without an offset.
    Top,
}

/// A literal and how it is spelled for the engine; the other engine gets it in one plain form.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Literal {
    pub(super) value: Cell,
    /// Of NULL, too.
    pub(super) kind: Kind,
    pub(super) spelling: Spelling,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    Plain,
    /// As a text that stands for the value: `id = '5'`.
    Quoted,
    /// A flag or a text as a number: `is_deleted = 1`, `origin_id = 5`.
    Number,
    /// ODBC's escape: `{ts '...'}`.
    Escape,
    /// CAST of a text.
    Cast,
    /// Arithmetic that the planner folds.
    Folded,
    /// A parameter marker.
    Parameter,
    /// A parameter marker with a text that stands for the value.
    TextParameter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    /// Of whole numbers.
    Divide,
    Remainder,
    Concatenate,
}

/// Functions of one value, whose meaning is the same in both engines once they are written right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Upper,
    Lower,
    CharLength,
    /// The first characters.
    Left(u8),
    /// From a character on, so many.
    Substring(u8, u8),
    Abs,
    Year,
    Quarter,
    Month,
    DayOfMonth,
    DayOfWeek,
    Hour,
    /// A day after a date.
    NextDate,
    /// A day after a moment.
    NextDay,
    /// A month before a moment.
    MonthBefore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    Count,
    Sum,
    Min,
    Max,
    Average,
}

/// The type of a CAST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CastTo {
    pub(super) kind: Kind,
    /// Of text; longer ones are cut.
    pub(super) length: Option<u8>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Column { relation: String, name: String },
    Literal(Literal),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    IsNull { expr: Box<Expr>, negated: bool },
    In { expr: Box<Expr>, list: Vec<Expr>, negated: bool },
    Between { expr: Box<Expr>, low: Box<Expr>, high: Box<Expr>, negated: bool },
    Like { expr: Box<Expr>, pattern: Literal, escape: Option<char>, negated: bool },
    Arithmetic(Operator, Box<Expr>, Box<Expr>),
    Cast { expr: Box<Expr>, from: Kind, to: CastTo },
    Case { operand: Option<Box<Expr>>, whens: Vec<(Expr, Expr)>, otherwise: Option<Box<Expr>> },
    Coalesce(Vec<Expr>),
    NullIf(Box<Expr>, Box<Expr>),
    Call(Function, Box<Expr>),
    Aggregate { function: Aggregate, distinct: bool, argument: Option<Box<Expr>> },
    RowNumber { partition: Vec<Expr>, order: Vec<Order> },
    InQuery { expr: Box<Expr>, query: Box<Query>, negated: bool },
    Exists { query: Box<Query>, negated: bool },
    Quantified { comparison: Comparison, any: bool, expr: Box<Expr>, query: Box<Query> },
    Scalar(Box<Query>),
}

/// A place in a tree, for whoever changes it.
pub(super) enum Node<'a> {
    Query(&'a mut Query),
    Body(&'a mut Body),
    Select(&'a mut Select),
    Expr(&'a mut Expr),
}

impl Query {
    /// A query without anything around its body.
    pub(super) const fn plain(body: Body) -> Self {
        Self { with: Vec::new(), body, order: Vec::new(), limit: None }
    }

    /// Shows every place of the tree, parents first.
    pub(super) fn walk(&mut self, see: &mut dyn FnMut(Node<'_>)) {
        see(Node::Query(self));
        self.with.iter_mut().for_each(|(_, query)| query.walk(see));
        self.body.walk(see);
        self.order.iter_mut().for_each(|order| order.walk(see));
    }
}

impl Body {
    fn walk(&mut self, see: &mut dyn FnMut(Node<'_>)) {
        see(Node::Body(self));
        match self {
            Self::Select(select) => select.walk(see),
            Self::Set { left, right, .. } => {
                left.walk(see);
                right.walk(see);
            }
        }
    }
}

impl Select {
    fn walk(&mut self, see: &mut dyn FnMut(Node<'_>)) {
        see(Node::Select(self));
        self.from.first.walk(see);
        for join in &mut self.from.joins {
            join.relation.walk(see);
            join.on.iter_mut().for_each(|on| on.walk(see));
        }
        let items = self.items.iter_mut().map(|item| &mut item.expr);
        items.chain(&mut self.filter).chain(&mut self.group).chain(&mut self.having).for_each(|expr| expr.walk(see));
    }
}

impl Relation {
    fn walk(&mut self, see: &mut dyn FnMut(Node<'_>)) {
        if let Source::Derived(query) = &mut self.source {
            query.walk(see);
        }
    }
}

impl Order {
    fn walk(&mut self, see: &mut dyn FnMut(Node<'_>)) {
        if let Key::Expr(expr) = &mut self.key {
            expr.walk(see);
        }
    }
}

impl Expr {
    /// A column.
    pub(super) fn column(relation: &str, name: &str) -> Self {
        Self::Column { relation: relation.to_owned(), name: name.to_owned() }
    }

    /// Two columns that are equal.
    pub(super) fn equal(left: Self, right: Self) -> Self {
        Self::Compare(Comparison::Equal, Box::new(left), Box::new(right))
    }

    /// Both conditions.
    pub(super) fn and(self, other: Self) -> Self {
        match self {
            Self::And(mut terms) => {
                terms.push(other);
                Self::And(terms)
            }
            first => Self::And(vec![first, other]),
        }
    }

    /// The expressions right below this one, those of subqueries left out.
    pub(super) fn children(&mut self) -> Vec<&mut Self> {
        match self {
            Self::Column { .. } | Self::Literal(_) | Self::Exists { .. } | Self::Scalar(_) => Vec::new(),
            Self::Compare(_, left, right) | Self::Arithmetic(_, left, right) | Self::NullIf(left, right) => {
                vec![left, right]
            }
            Self::And(terms) | Self::Or(terms) | Self::Coalesce(terms) => terms.iter_mut().collect(),
            Self::Not(expr)
            | Self::IsNull { expr, .. }
            | Self::Like { expr, .. }
            | Self::Cast { expr, .. }
            | Self::Call(_, expr)
            | Self::InQuery { expr, .. }
            | Self::Quantified { expr, .. } => vec![expr],
            Self::In { expr, list, .. } => [expr.as_mut()].into_iter().chain(list).collect(),
            Self::Between { expr, low, high, .. } => vec![expr, low, high],
            Self::Case { operand, whens, otherwise } => {
                let pairs = whens.iter_mut().flat_map(|(when, then)| [when, then]);
                operand.as_deref_mut().into_iter().chain(pairs).chain(otherwise.as_deref_mut()).collect()
            }
            Self::Aggregate { argument, .. } => argument.as_deref_mut().into_iter().collect(),
            Self::RowNumber { partition, order } => {
                let keys = order.iter_mut().filter_map(|order| match &mut order.key {
                    Key::Expr(expr) => Some(expr),
                    Key::Position(_) => None,
                });
                partition.iter_mut().chain(keys).collect()
            }
        }
    }

    /// The query inside a predicate or a value.
    pub(super) const fn subquery(&mut self) -> Option<&mut Query> {
        match self {
            Self::InQuery { query, .. }
            | Self::Exists { query, .. }
            | Self::Quantified { query, .. }
            | Self::Scalar(query) => Some(query),
            _ => None,
        }
    }

    /// Shows every place of the expression, itself first.
    pub(super) fn walk(&mut self, see: &mut dyn FnMut(Node<'_>)) {
        see(Node::Expr(self));
        self.children().into_iter().for_each(|child| child.walk(see));
        if let Some(query) = self.subquery() {
            query.walk(see);
        }
    }

    /// Whether a column of this relation occurs, in subqueries too.
    pub(super) fn mentions(&self, wanted: &str) -> bool {
        let mut found = false;
        self.clone().walk(&mut |node| {
            if let Node::Expr(Self::Column { relation, .. }) = node {
                found |= relation == wanted;
            }
        });
        found
    }
}
