//! A statement on which the engines differ, made as small as the difference allows.
//!
//! Each step takes away one part of the tree and is kept when the engines still differ. What does not plan any more, or
//! has another reason to differ, is not a difference of the kind that is looked for: the judge decides.

use super::generate::Statement;
use super::tree::{Body, Expr, Key, Node, Query, Select, Source, Spelling};

/// Statements that are tried at most.
const MOST_TRIES: usize = 600;

/// The smallest statement that still differs.
pub(super) fn shrink(statement: &Statement, differs: impl Fn(&Statement) -> bool) -> Statement {
    let mut smallest = statement.clone();
    let mut tries = 0;
    while let Some(smaller) = step(&smallest, &differs, &mut tries) {
        smallest = smaller;
    }
    smallest
}

/// One part less; `None` when no part can go.
fn step(statement: &Statement, differs: &impl Fn(&Statement) -> bool, tries: &mut usize) -> Option<Statement> {
    let mut node = 0;
    loop {
        let mut variant = 0;
        while let Some(smaller) = cut(statement, node, variant)? {
            *tries += 1;
            if *tries > MOST_TRIES {
                return None;
            }
            if smaller != *statement && differs(&smaller) {
                return Some(smaller);
            }
            variant += 1;
        }
        node += 1;
    }
}

/// The statement with one part cut at a node: `None` behind the last node, `Some(None)` behind its last variant.
fn cut(statement: &Statement, node: usize, variant: usize) -> Option<Option<Statement>> {
    let mut smaller = statement.clone();
    let (mut place, mut done) = (0, None);
    smaller.query.walk(&mut |found| {
        if place == node && done.is_none() {
            done = Some(cut_node(found, variant));
        }
        place += 1;
    });
    // Without its ORDER BY a statement has no order.
    smaller.ordered &= smaller.query.order == statement.query.order;
    done.map(|done| done.then_some(smaller))
}

/// Makes the cut; false when there is no such variant.
fn cut_node(node: Node<'_>, variant: usize) -> bool {
    match node {
        Node::Query(query) => cut_query(query, variant),
        Node::Body(body) => cut_body(body, variant),
        Node::Select(select) => cut_select(select, variant),
        Node::Expr(expr) => cut_expr(expr, variant),
    }
}

fn cut_query(query: &mut Query, variant: usize) -> bool {
    match variant {
        0 => query.limit = None,
        1 if query.limit.is_none() => query.order.clear(),
        1 => query.limit.iter_mut().for_each(|limit| limit.offset = 0),
        2 => {
            query.with.pop();
        }
        _ => return drop_item(query, variant - 3),
    }
    true
}

/// Drops an item of the select list where rows are not sorted by positions.
fn drop_item(query: &mut Query, place: usize) -> bool {
    let by_position = query.order.iter().any(|order| matches!(order.key, Key::Position(_)));
    let Body::Select(select) = &mut query.body else { return false };
    if by_position || select.items.len() < 2 || place >= select.items.len() {
        return false;
    }
    let item = select.items.remove(place);
    select.group.retain(|group| *group != item.expr);
    true
}

fn cut_body(body: &mut Body, variant: usize) -> bool {
    let Body::Set { left, right, .. } = body else { return false };
    let side = match variant {
        0 => left.as_ref().clone(),
        1 => right.as_ref().clone(),
        _ => return false,
    };
    *body = side;
    true
}

fn cut_select(select: &mut Select, variant: usize) -> bool {
    let joins = select.from.joins.len();
    match variant {
        0 => select.filter = None,
        1 => select.having = None,
        2 => select.distinct = false,
        3 => open_derived(select),
        _ if variant < 4 + joins => drop_join(select, variant - 4),
        _ => return false,
    }
    true
}

/// A derived table around a plain SELECT of the same columns is its first table.
fn open_derived(select: &mut Select) {
    let Source::Derived(query) = &mut select.from.first.source else { return };
    if let Body::Select(inner) = &query.body {
        select.from.first.source = inner.from.first.source.clone();
    }
}

/// Drops a join, with the items and conditions that name its relation.
fn drop_join(select: &mut Select, place: usize) {
    let alias = select.from.joins.remove(place).relation.alias;
    let stays = |expr: &Expr| !expr.mentions(&alias);
    select.items.retain(|item| stays(&item.expr));
    select.filter = select.filter.take().filter(stays);
    select.group.retain(stays);
}

fn cut_expr(expr: &mut Expr, variant: usize) -> bool {
    if let Expr::Literal(literal) = expr {
        literal.spelling = Spelling::Plain;
        return variant == 0;
    }
    if let Expr::And(terms) | Expr::Or(terms) | Expr::Coalesce(terms) | Expr::In { list: terms, .. } = expr
        && terms.len() > 1
        && variant < 2 * terms.len()
    {
        halve(terms, variant);
        return true;
    }
    let offset = match expr {
        Expr::And(terms) | Expr::Or(terms) | Expr::Coalesce(terms) if terms.len() > 1 => 2 * terms.len(),
        _ => 0,
    };
    let child = variant.checked_sub(offset).and_then(|child| {
        let mut children = expr.children();
        (child < children.len()).then(|| children.swap_remove(child).clone())
    });
    child.is_some_and(|child| {
        *expr = child;
        true
    })
}

/// First each half of the terms, then each term but one.
fn halve(terms: &mut Vec<Expr>, variant: usize) {
    let half = terms.len() / 2;
    match variant {
        0 => terms.truncate(half.max(1)),
        1 => drop(terms.drain(..half)),
        _ => drop(terms.remove((variant - 2) % terms.len())),
    }
}

#[test]
fn what_the_difference_does_not_need_is_cut() {
    use super::catalog::{Column, Table};
    use super::dialects::Dialect;
    use super::generate::statement;
    use super::render::render;
    use super::value::{Cell, Kind};

    let column = |name: &str, is_key: bool| Column {
        name: name.to_owned(),
        kind: Kind::Integer,
        domain: is_key.then(|| "t.id".to_owned()),
        is_key,
        weight: 1,
        samples: [Cell::integer(1), Cell::integer(7)].into(),
    };
    let tables = [Table { name: "t".to_owned(), columns: vec![column("id", true), column("x", false)], count: 100 }];
    let sql = |statement: &Statement| render(&statement.query, Dialect::Pipedrive).sql;
    let differs = |statement: &Statement| sql(statement).contains(".x");
    let found: Vec<_> = (0..60).map(|seed| statement(&tables, seed)).filter(differs).collect();
    assert!(found.len() > 10);
    for (seed, found) in found.iter().enumerate() {
        let smallest = shrink(found, differs);
        assert!(differs(&smallest) && sql(&smallest).len() <= sql(found).len(), "{seed}: {}", sql(&smallest));
        let whole = smallest.query.limit.is_none() && smallest.query.with.len() < 2;
        assert!(whole, "{}", sql(&smallest));
    }
    assert_eq!(statement(&tables, 5), statement(&tables, 5));
}
