//! Trees as SQL text. What the two dialects write alike is written here; `dialects.rs` has the rest.

use pipedrive_sql::Value;

use super::dialects::Dialect;
use super::tree::{
    Body, Comparison, Expr, From, Join, JoinKind, Key, Limit, LimitStyle, Order, Query, Relation, Select, SetOperator,
    Source,
};

/// A statement and the values at its markers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

/// The query in this dialect.
pub(super) fn render(query: &Query, dialect: Dialect) -> Text {
    let mut writer = Writer { dialect, text: Text { sql: String::new(), values: Vec::new() } };
    writer.query(query);
    writer.text
}

/// Writes from left to right, so that markers and values stay in one order.
pub(super) struct Writer {
    pub(super) dialect: Dialect,
    pub(super) text: Text,
}

impl Writer {
    /// Adds text as it is.
    pub(super) fn put(&mut self, text: &str) {
        self.text.sql.push_str(text);
    }

    /// Adds a name in quotes.
    fn name(&mut self, name: &str) {
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit());
        let text = if plain && name != "value" { name.to_owned() } else { format!("\"{name}\"") };
        self.put(&text);
    }

    fn list<T>(&mut self, items: &[T], between: &str, write: impl Fn(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.put(between);
            }
            write(self, item);
        }
    }

    fn nested(&mut self, query: &Query) {
        self.put("(");
        self.query(query);
        self.put(")");
    }

    fn query(&mut self, query: &Query) {
        if !query.with.is_empty() {
            self.put("WITH ");
            self.list(&query.with, ", ", |writer, (name, query)| {
                writer.put(&format!("{name} AS "));
                writer.nested(query);
            });
            self.put(" ");
        }
        let top = query.limit.filter(|limit| limit.style == LimitStyle::Top && self.dialect == Dialect::Pipedrive);
        self.body(&query.body, top);
        self.order(&query.order);
        self.limit(query.limit.filter(|_| top.is_none()));
    }

    fn order(&mut self, order: &[Order]) {
        if !order.is_empty() {
            self.put(" ORDER BY ");
            self.list(order, ", ", Self::key);
        }
    }

    fn key(&mut self, order: &Order) {
        match &order.key {
            Key::Expr(expr) => self.expr(expr),
            Key::Position(number) => self.put(&number.to_string()),
        }
        if order.descending {
            self.put(" DESC");
        }
        self.nulls_last();
    }

    fn limit(&mut self, limit: Option<Limit>) {
        let Some(Limit { count, offset, style }) = limit else { return };
        let text = match (style, offset) {
            (LimitStyle::Fetch, _) if self.dialect == Dialect::Pipedrive => {
                format!(" OFFSET {offset} ROWS FETCH NEXT {count} ROWS ONLY")
            }
            (_, 0) => format!(" LIMIT {count}"),
            _ => format!(" LIMIT {count} OFFSET {offset}"),
        };
        self.put(&text);
    }

    fn body(&mut self, body: &Body, top: Option<Limit>) {
        match body {
            Body::Select(select) => self.select(select, top),
            Body::Set { operator, all, left, right } => {
                self.side(left);
                self.put(match operator {
                    SetOperator::Union => " UNION ",
                    SetOperator::Intersect => " INTERSECT ",
                    SetOperator::Except => " EXCEPT ",
                });
                self.put(if *all { "ALL " } else { "" });
                self.side(right);
            }
        }
    }

    /// A side of a set operation; another one is put in parentheses.
    fn side(&mut self, body: &Body) {
        match body {
            Body::Select(_) => self.body(body, None),
            Body::Set { .. } => {
                self.put("(");
                self.body(body, None);
                self.put(")");
            }
        }
    }

    fn select(&mut self, select: &Select, top: Option<Limit>) {
        self.put(if select.distinct { "SELECT DISTINCT " } else { "SELECT " });
        if let Some(limit) = top {
            self.put(&format!("TOP {} ", limit.count));
        }
        if select.items.is_empty() {
            self.put("*");
        }
        self.list(&select.items, ", ", |writer, item| {
            writer.expr(&item.expr);
            writer.put(&format!(" AS {}", item.alias));
        });
        self.from(&select.from);
        self.clause(" WHERE ", select.filter.as_ref());
        if !select.group.is_empty() {
            self.put(" GROUP BY ");
            self.list(&select.group, ", ", Self::expr);
        }
        self.clause(" HAVING ", select.having.as_ref());
    }

    fn clause(&mut self, word: &str, condition: Option<&Expr>) {
        if let Some(condition) = condition {
            self.put(word);
            self.expr(condition);
        }
    }

    fn from(&mut self, from: &From) {
        self.put(" FROM ");
        self.relation(&from.first);
        from.joins.iter().for_each(|join| self.join(join));
    }

    fn join(&mut self, join: &Join) {
        self.put(match join.kind {
            JoinKind::Inner => " JOIN ",
            JoinKind::Left => " LEFT JOIN ",
            JoinKind::Right => " RIGHT JOIN ",
            JoinKind::Full => " FULL JOIN ",
            JoinKind::Cross => " CROSS JOIN ",
        });
        self.relation(&join.relation);
        self.clause(" ON ", join.on.as_ref());
    }

    fn relation(&mut self, relation: &Relation) {
        match &relation.source {
            Source::Table(name) | Source::Cte(name) => self.put(name),
            Source::Derived(query) => self.nested(query),
        }
        self.put(&format!(" {}", relation.alias));
    }

    /// Any expression; what has parts is put in parentheses.
    pub(super) fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Column { relation, name } => {
                self.put(&format!("{relation}."));
                self.name(name);
            }
            Expr::Literal(literal) => self.literal(literal),
            Expr::Cast { expr, from, to } => self.cast(expr, *from, *to),
            Expr::Call(function, argument) => self.call(*function, argument),
            Expr::Arithmetic(operator, left, right) => self.arithmetic(*operator, left, right),
            Expr::Scalar(query) => self.nested(query),
            Expr::Case { operand, whens, otherwise } => self.case(operand.as_deref(), whens, otherwise.as_deref()),
            Expr::Coalesce(values) => {
                self.put("COALESCE(");
                self.list(values, ", ", Self::expr);
                self.put(")");
            }
            Expr::NullIf(left, right) => {
                self.put("NULLIF(");
                self.two(left, ", ", right);
                self.put(")");
            }
            Expr::Aggregate { .. } | Expr::RowNumber { .. } => self.over_rows(expr),
            condition => {
                self.put("(");
                self.condition(condition);
                self.put(")");
            }
        }
    }

    /// Two expressions and what stands between.
    pub(super) fn two(&mut self, left: &Expr, between: &str, right: &Expr) {
        self.expr(left);
        self.put(between);
        self.expr(right);
    }

    fn case(&mut self, operand: Option<&Expr>, whens: &[(Expr, Expr)], otherwise: Option<&Expr>) {
        self.put("CASE");
        self.clause(" ", operand);
        for (when, then) in whens {
            self.put(" WHEN ");
            self.two(when, " THEN ", then);
        }
        self.clause(" ELSE ", otherwise);
        self.put(" END");
    }

    fn over_rows(&mut self, expr: &Expr) {
        match expr {
            Expr::Aggregate { function, distinct, argument } => {
                self.put(&format!("{}({}", function.name(), if *distinct { "DISTINCT " } else { "" }));
                match argument {
                    Some(argument) => self.expr(argument),
                    None => self.put("*"),
                }
                self.put(")");
            }
            Expr::RowNumber { partition, order } => {
                self.put("ROW_NUMBER() OVER (");
                if !partition.is_empty() {
                    self.put("PARTITION BY ");
                    self.list(partition, ", ", Self::expr);
                }
                self.order(order);
                self.put(")");
            }
            _ => {}
        }
    }

    fn condition(&mut self, expr: &Expr) {
        let not = |negated: bool| if negated { " NOT" } else { "" };
        match expr {
            Expr::Compare(comparison, left, right) => self.two(left, &format!(" {} ", comparison.sign()), right),
            Expr::And(terms) => self.list(terms, " AND ", Self::expr),
            Expr::Or(terms) => self.list(terms, " OR ", Self::expr),
            Expr::Not(expr) => {
                self.put("NOT ");
                self.expr(expr);
            }
            Expr::IsNull { expr, negated } => {
                self.expr(expr);
                self.put(&format!(" IS{} NULL", not(*negated)));
            }
            Expr::In { expr, list, negated } => {
                self.expr(expr);
                self.put(&format!("{} IN (", not(*negated)));
                self.list(list, ", ", Self::expr);
                self.put(")");
            }
            Expr::Between { expr, low, high, negated } => {
                self.expr(expr);
                self.put(&format!("{} BETWEEN ", not(*negated)));
                self.two(low, " AND ", high);
            }
            Expr::Like { expr, pattern, escape, negated } => {
                self.expr(expr);
                self.put(&format!("{} LIKE ", not(*negated)));
                self.literal(pattern);
                escape.iter().for_each(|escape| self.put(&format!(" ESCAPE '{escape}'")));
            }
            other => self.over_subquery(other),
        }
    }

    fn over_subquery(&mut self, expr: &Expr) {
        match expr {
            Expr::InQuery { expr, query, negated } => {
                self.expr(expr);
                self.put(if *negated { " NOT IN " } else { " IN " });
                self.nested(query);
            }
            Expr::Exists { query, negated } => {
                self.put(if *negated { "NOT EXISTS " } else { "EXISTS " });
                self.nested(query);
            }
            Expr::Quantified { comparison, any, expr, query } => {
                self.expr(expr);
                self.put(&format!(" {} {} ", comparison.sign(), if *any { "ANY" } else { "ALL" }));
                self.nested(query);
            }
            _ => {}
        }
    }
}

impl Comparison {
    const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}
