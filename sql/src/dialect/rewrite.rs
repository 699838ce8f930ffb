//! The syntax tree, made what DataFusion plans: what must not be asked is refused, TOP and FETCH become LIMIT, functions,
//! literals and types of ODBC become those that exist here.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Fetch, Ident, JoinConstraint, JoinOperator, LimitClause, ObjectName, ObjectNamePart, Query,
    Select, SelectItem, SetExpr, SetOperator, SetQuantifier, TableFactor, TableWithJoins, Top, TopQuantity,
    UnaryOperator, VisitMut, VisitorMut,
};

use super::escapes::Translated;
use super::names::{OutputNames, Scribe};
use super::{balance, calls, literals, names, patterns};
use crate::{Error, ErrorKind, Result};

/// Rewrites a query in place; the names of its columns.
///
/// # Errors
/// `Syntax` and `NotSupported` for what is not offered, `TooComplex`, `Conversion` and `OutOfRange` for literals.
pub(super) fn rewrite(sql: &str, translated: &Translated, query: &mut Query) -> Result<OutputNames> {
    let mut rewriter = Rewriter { scribe: Scribe::new(sql, translated) };
    balance::balance_unions(&mut query.body);
    rewriter.scribe.name_result(query);
    match query.visit(&mut rewriter) {
        ControlFlow::Break(error) => Err(*error),
        ControlFlow::Continue(()) => Ok(rewriter.scribe.finish()),
    }
}

struct Rewriter<'a> {
    scribe: Scribe<'a>,
}

/// Boxed: the visitor recurses, and an error in every frame would cost stack.
type Flow = ControlFlow<Box<Error>>;

fn flow(result: Result<()>) -> Flow {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(Box::new(error)),
    }
}

impl VisitorMut for Rewriter<'_> {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        flow(self.query(query))
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> Flow {
        self.scribe.name_select(select);
        flow(check_select(select).and_then(|()| select.from.iter().try_for_each(check_joins)))
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> Flow {
        flow(self.table(factor))
    }

    fn pre_visit_relation(&mut self, name: &mut ObjectName) -> Flow {
        flow(check_table_name(name))
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        flow(before(expr))
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        flow(after(expr))
    }
}

impl Rewriter<'_> {
    fn query(&mut self, query: &mut Query) -> Result<()> {
        if !query.locks.is_empty() || query.for_clause.is_some() {
            return Err(not_supported("FOR UPDATE: this driver reads only"));
        }
        if query.settings.is_some() || query.format_clause.is_some() || !query.pipe_operators.is_empty() {
            return Err(not_supported("SETTINGS, FORMAT and |>"));
        }
        balance::balance_unions(&mut query.body);
        limit(query)?;
        for table in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            self.scribe.keep_alias(&table.alias);
            self.scribe.name_table(&mut table.query);
        }
        names::order_by_aliases(query);
        Ok(())
    }

    fn table(&mut self, factor: &mut TableFactor) -> Result<()> {
        match factor {
            TableFactor::Table { name, args, with_hints, version, sample, partitions, json_path, .. } => {
                if args.is_some() {
                    return Err(not_supported(&format!("{name}(...): a function in place of a table")));
                }
                let extras = !with_hints.is_empty() || !partitions.is_empty() || version.is_some();
                if extras || sample.is_some() || json_path.is_some() {
                    return Err(not_supported(&format!("hints, samples, versions and partitions of {name}")));
                }
                Ok(())
            }
            TableFactor::Derived { subquery, alias, .. } => {
                alias.iter().for_each(|alias| self.scribe.keep_alias(alias));
                self.scribe.name_table(subquery);
                Ok(())
            }
            TableFactor::NestedJoin { table_with_joins, .. } => check_joins(table_with_joins),
            TableFactor::Function { name, .. } => {
                Err(not_supported(&format!("{name}(...): a function in place of a table")))
            }
            _ => Err(not_supported("functions, PIVOT and the like in place of a table")),
        }
    }
}

fn not_supported(what: &str) -> Error {
    Error::new(ErrorKind::NotSupported, format!("not offered: {what}"))
}

fn syntax(text: impl Into<String>) -> Error {
    Error::new(ErrorKind::Syntax, text)
}

fn check_select(select: &Select) -> Result<()> {
    check_stars(select)?;
    if select.into.is_some() {
        return Err(syntax("SELECT ... INTO would make a table; this driver reads only"));
    }
    if !select.lateral_views.is_empty() || select.prewhere.is_some() || !select.connect_by.is_empty() {
        return Err(not_supported("LATERAL VIEW, PREWHERE and CONNECT BY"));
    }
    if !select.cluster_by.is_empty() || !select.distribute_by.is_empty() || !select.sort_by.is_empty() {
        return Err(not_supported("CLUSTER BY, DISTRIBUTE BY and SORT BY"));
    }
    Ok(())
}

/// `*` brings every column once; one that came twice could not be told from the other.
fn check_stars(select: &Select) -> Result<()> {
    let stars = select.projection.iter().filter_map(|item| match item {
        SelectItem::Wildcard(_) => Some(String::new()),
        SelectItem::QualifiedWildcard(table, _) => Some(table.to_string()),
        _ => None,
    });
    let stars: Vec<_> = stars.collect();
    let whole = stars.iter().any(String::is_empty);
    let repeated = stars.iter().enumerate().any(|(index, star)| stars[..index].contains(star));
    if repeated || (whole && stars.len() > 1) {
        return Err(not_supported("the same columns twice by way of *; write their names"));
    }
    Ok(())
}

/// The column that USING and NATURAL make of two is the left one to DataFusion; where the left row may be missing it
/// would be NULL in place of the right one.
fn check_joins(from: &TableWithJoins) -> Result<()> {
    from.joins.iter().try_for_each(|join| {
        let (JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)) = &join.join_operator
        else {
            return Ok(());
        };
        match constraint {
            JoinConstraint::Using(_) | JoinConstraint::Natural => {
                Err(not_supported("USING and NATURAL with a RIGHT or FULL join; write ON"))
            }
            JoinConstraint::On(_) | JoinConstraint::None => Ok(()),
        }
    })
}

/// A table is named by identifiers. A string would be the path of a file.
fn check_table_name(name: &ObjectName) -> Result<()> {
    for part in &name.0 {
        match part {
            ObjectNamePart::Identifier(part) if part.quote_style != Some('\'') => {}
            other => return Err(syntax(format!("{other} is no name of a table"))),
        }
    }
    Ok(())
}

/// TOP and FETCH as LIMIT, in this query and in the branches of its set operations.
fn limit(query: &mut Query) -> Result<()> {
    refuse_writes(&query.body)?;
    let top = match query.body.as_mut() {
        SetExpr::Select(select) => select.top.take(),
        SetExpr::SetOperation { .. } => {
            limit_branches(&mut query.body)?;
            None
        }
        _ => None,
    };
    let counts = [top.map(top_count).transpose()?, query.fetch.take().map(fetch_count).transpose()?];
    for count in counts.into_iter().flatten() {
        set_limit(query, count)?;
    }
    Ok(())
}

fn refuse_writes(body: &SetExpr) -> Result<()> {
    let what = match body {
        SetExpr::Insert(_) => "INSERT",
        SetExpr::Update(_) => "UPDATE",
        SetExpr::Delete(_) => "DELETE",
        SetExpr::Merge(_) => "MERGE",
        SetExpr::Table(_) => return Err(syntax("TABLE name is not known; write SELECT * FROM name")),
        _ => return Ok(()),
    };
    Err(not_supported(&format!("{what}: this driver reads only")))
}

/// A branch with TOP becomes a query of its own, which has a LIMIT.
fn limit_branches(body: &mut SetExpr) -> Result<()> {
    refuse_writes(body)?;
    match body {
        SetExpr::SetOperation {
            op: SetOperator::Intersect | SetOperator::Except | SetOperator::Minus,
            set_quantifier: SetQuantifier::All | SetQuantifier::AllByName,
            ..
        } => Err(not_supported("INTERSECT ALL and EXCEPT ALL; without ALL they give each row once")),
        SetExpr::SetOperation { left, right, .. } => {
            limit_branches(left)?;
            limit_branches(right)
        }
        SetExpr::Select(select) => {
            let Some(top) = select.top.take() else { return Ok(()) };
            let count = top_count(top)?;
            let select = std::mem::replace(body, SetExpr::Values(balance::empty_values()));
            let mut query = query_of(select);
            set_limit(&mut query, count)?;
            *body = SetExpr::Query(Box::new(query));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn query_of(body: SetExpr) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

fn top_count(top: Top) -> Result<Expr> {
    if top.percent || top.with_ties {
        return Err(not_supported("TOP with PERCENT or WITH TIES; write TOP n"));
    }
    match top.quantity {
        Some(TopQuantity::Constant(count)) => Ok(literals::integer(count)),
        Some(TopQuantity::Expr(expr)) => Ok(expr),
        None => Err(syntax("after TOP comes a number")),
    }
}

fn fetch_count(fetch: Fetch) -> Result<Expr> {
    if fetch.percent || fetch.with_ties {
        return Err(not_supported("FETCH with PERCENT or WITH TIES; write FETCH FIRST n ROWS ONLY"));
    }
    Ok(fetch.quantity.unwrap_or_else(|| literals::integer(1)))
}

fn set_limit(query: &mut Query, count: Expr) -> Result<()> {
    let clause =
        query.limit_clause.get_or_insert(LimitClause::LimitOffset { limit: None, offset: None, limit_by: Vec::new() });
    match clause {
        LimitClause::LimitOffset { limit: limit @ None, .. } => {
            *limit = Some(count);
            Ok(())
        }
        _ => Err(syntax("only one of TOP, LIMIT and FETCH can stand in a query")),
    }
}

/// What must be done before the parts of an expression are looked at.
fn before(expr: &mut Expr) -> Result<()> {
    balance::balance(expr).map_err(|limit| {
        let text = format!("the statement is too complex: it has more than {limit} operators of one kind in a row");
        Error::new(ErrorKind::TooComplex, text)
    })?;
    match expr {
        Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => {
            if let Some(smallest) = literals::smallest_integer(inner) {
                *expr = smallest;
            }
        }
        Expr::AnyOp { .. } | Expr::AllOp { .. } => return quantified(expr),
        _ => {}
    }
    Ok(())
}

/// `= ANY (SELECT ...)` is IN, `<> ALL (SELECT ...)` is NOT IN: those read the table once. DataFusion joins for the
/// others, and needs a name for the subquery's column that the outer query does not have.
fn quantified(expr: &mut Expr) -> Result<()> {
    let negated = match expr {
        Expr::AnyOp { compare_op: BinaryOperator::Eq, right, .. } if is_subquery(right) => false,
        Expr::AllOp { compare_op: BinaryOperator::NotEq, right, .. } if is_subquery(right) => true,
        Expr::AnyOp { right, .. } | Expr::AllOp { right, .. } => return name_compared(right),
        _ => return Ok(()),
    };
    let whole = std::mem::replace(expr, literals::null());
    if let Expr::AnyOp { left, right, .. } | Expr::AllOp { left, right, .. } = whole
        && let Expr::Subquery(subquery) = *right
    {
        *expr = Expr::InSubquery { expr: left, subquery, negated };
    }
    Ok(())
}

/// Gives the column of a compared subquery a name of its own.
fn name_compared(subquery: &mut Expr) -> Result<()> {
    let Expr::Subquery(query) = subquery else { return Ok(()) };
    let name = Ident::with_quote('"', "~compared");
    let select = names::first_select(&mut query.body);
    match select.map(|select| select.projection.as_mut_slice()) {
        Some([SelectItem::ExprWithAlias { alias, .. }]) => *alias = name,
        Some([item @ SelectItem::UnnamedExpr(_)]) => names::rename(item, name),
        _ => return Err(not_supported("ANY and ALL over * or VALUES; name the one column to compare with")),
    }
    Ok(())
}

const fn is_subquery(expr: &Expr) -> bool {
    matches!(expr, Expr::Subquery(_))
}

/// What is done once the parts of an expression are what they must be.
fn after(expr: &mut Expr) -> Result<()> {
    match expr {
        Expr::Value(value) => {
            if let Some(other) = literals::value(value)? {
                *expr = other;
            }
        }
        Expr::TypedString(literal) => literals::typed(literal)?,
        Expr::Cast { .. } | Expr::Convert { .. } => literals::cast(expr)?,
        Expr::Like { .. } | Expr::ILike { .. } => patterns::like(expr)?,
        Expr::RLike { .. } | Expr::SimilarTo { .. } => {
            return Err(not_supported("SIMILAR TO, RLIKE and REGEXP; write LIKE"));
        }
        Expr::Function(_) => calls::rewrite(expr)?,
        _ => {}
    }
    Ok(())
}
