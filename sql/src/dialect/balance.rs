//! Long chains, rebuilt so that what recurses over them stays shallow.
//!
//! The parser makes `a OR b OR c` a tree that leans left, as deep as it has terms. Planning 5,000 terms of that shape
//! takes the better part of a minute, since every step looks at all that lies below it; as a balanced tree it takes well
//! under a second. Equalities of one column become an IN list before that.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, SetExpr, SetOperator, SetQuantifier, UnaryOperator, Value};

/// Chains up to this length are left as they are.
const SHORT: usize = 8;

/// Most terms of a chain that cannot be rebuilt, such as `a - b - c`.
pub(super) const LEANING: usize = 300;

/// Rebuilds the chain that `expr` is the top of, if it is one. False when it is one that must stay as it is and is
/// too deep.
pub(super) fn balance(expr: &mut Expr) -> bool {
    let Expr::BinaryOp { op, .. } = expr else { return true };
    let op = op.clone();
    let disjunction = op == BinaryOperator::Or;
    if !is_associative(&op) {
        return leaning(expr) <= LEANING;
    }
    if !disjunction && spine(expr, &op) <= SHORT {
        return leaning(expr) <= LEANING;
    }
    let whole = std::mem::replace(expr, Expr::value(Value::Null));
    let mut terms = flatten(whole, &op);
    if disjunction {
        terms = with_lists(terms);
    }
    if let Some(rebuilt) = pair_up(terms, |left, right| Expr::BinaryOp {
        left: Box::new(left),
        op: op.clone(),
        right: Box::new(right),
    }) {
        *expr = rebuilt;
    }
    true
}

const fn is_associative(op: &BinaryOperator) -> bool {
    matches!(
        op,
        BinaryOperator::Or
            | BinaryOperator::And
            | BinaryOperator::Plus
            | BinaryOperator::Multiply
            | BinaryOperator::StringConcat
    )
}

/// How far the tree leans left by operators of any kind.
fn leaning(expr: &Expr) -> usize {
    let (mut depth, mut at) = (0, expr);
    while let Expr::BinaryOp { left, .. } = at {
        (depth, at) = (depth + 1, left);
    }
    depth
}

fn spine(expr: &Expr, wanted: &BinaryOperator) -> usize {
    let (mut depth, mut at) = (0, expr);
    while let Expr::BinaryOp { left, op, .. } = at
        && op == wanted
    {
        (depth, at) = (depth + 1, left);
    }
    depth
}

/// The terms of a chain in their order, parentheses around parts of it opened.
fn flatten(whole: Expr, wanted: &BinaryOperator) -> Vec<Expr> {
    let (mut stack, mut terms) = (vec![whole], Vec::new());
    while let Some(expr) = stack.pop() {
        match expr {
            Expr::BinaryOp { left, op, right } if op == *wanted => {
                stack.push(*right);
                stack.push(*left);
            }
            Expr::Nested(inner) if matches!(inner.as_ref(), Expr::BinaryOp { op, .. } if op == wanted) => {
                stack.push(*inner);
            }
            term => terms.push(term),
        }
    }
    terms
}

/// A balanced tree over the terms, in their order.
fn pair_up<T>(mut terms: Vec<T>, join: impl Fn(T, T) -> T) -> Option<T> {
    while terms.len() > 1 {
        let mut paired = Vec::with_capacity(terms.len().div_ceil(2));
        let mut rest = terms.into_iter();
        while let Some(left) = rest.next() {
            paired.push(match rest.next() {
                Some(right) => join(left, right),
                None => left,
            });
        }
        terms = paired;
    }
    terms.pop()
}

/// `a = 1 OR b OR a = 2` as `a IN (1, 2) OR b`: the same to SQL, NULLs included.
fn with_lists(terms: Vec<Expr>) -> Vec<Expr> {
    let mut out: Vec<Expr> = Vec::with_capacity(terms.len());
    let mut lists: Vec<(Expr, usize)> = Vec::new();
    for term in terms {
        let (column, values) = match equality(term) {
            Ok(found) => found,
            Err(term) => {
                out.push(term);
                continue;
            }
        };
        match lists.iter().find(|(known, _)| *known == column) {
            Some((_, place)) => {
                if let Some(Expr::InList { list, .. }) = out.get_mut(*place) {
                    list.extend(values);
                }
            }
            None => {
                lists.push((column.clone(), out.len()));
                out.push(Expr::InList { expr: Box::new(column), list: values, negated: false });
            }
        }
    }
    out
}

/// The column and the values of `c = 1`, `1 = c` and `c IN (1, 2)`; else the term itself.
fn equality(term: Expr) -> Result<(Expr, Vec<Expr>), Expr> {
    match term {
        Expr::Nested(inner) if matches!(inner.as_ref(), Expr::BinaryOp { op: BinaryOperator::Eq, .. }) => {
            equality(*inner)
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } if is_column(&left) && is_constant(&right) => {
            Ok((*left, vec![*right]))
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } if is_column(&right) && is_constant(&left) => {
            Ok((*right, vec![*left]))
        }
        Expr::InList { expr, list, negated: false } if is_column(&expr) && list.iter().all(is_constant) => {
            Ok((*expr, list))
        }
        other => Err(other),
    }
}

const fn is_column(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}

fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Value(_) | Expr::TypedString(_) => true,
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => matches!(expr.as_ref(), Expr::Value(_)),
        _ => false,
    }
}

/// Rebuilds a long chain of one kind of UNION.
pub(super) fn balance_unions(body: &mut SetExpr) {
    let SetExpr::SetOperation { op: SetOperator::Union, set_quantifier, .. } = body else { return };
    let quantifier = *set_quantifier;
    if !matches!(quantifier, SetQuantifier::All | SetQuantifier::None | SetQuantifier::Distinct) {
        return;
    }
    let whole = std::mem::replace(body, SetExpr::Values(empty_values()));
    let (mut stack, mut branches) = (vec![whole], Vec::new());
    while let Some(branch) = stack.pop() {
        match branch {
            SetExpr::SetOperation { left, op: SetOperator::Union, set_quantifier, right }
                if set_quantifier == quantifier =>
            {
                stack.push(*right);
                stack.push(*left);
            }
            other => branches.push(other),
        }
    }
    let join = |left, right| SetExpr::SetOperation {
        left: Box::new(left),
        op: SetOperator::Union,
        set_quantifier: quantifier,
        right: Box::new(right),
    };
    if let Some(rebuilt) = pair_up(branches, join) {
        *body = rebuilt;
    }
}

pub(super) const fn empty_values() -> datafusion::sql::sqlparser::ast::Values {
    datafusion::sql::sqlparser::ast::Values { explicit_row: false, value_keyword: false, rows: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    fn rewritten(condition: &str) -> String {
        let text = parse(&format!("SELECT 1 FROM t WHERE {condition}")).unwrap().statement.to_string();
        text.split_once(" WHERE ").unwrap().1.to_owned()
    }

    #[test]
    fn or_over_one_column_becomes_an_in_list() {
        let cases = [
            ("id = 1 OR ID = 2 OR 3 = id", "id IN (1, 2, 3)"),
            ("(id = ? OR id IN (?, 5)) OR (\"Id\" = -1)", "id IN ($1, $2, 5, -1)"),
            ("id = 1 OR b > 2 OR id = 3", "id IN (1, 3) OR b > 2"),
            ("t.id = 1 OR id = 2", "t.id IN (1) OR id IN (2)"),
            ("id = 1 OR id = x", "id IN (1) OR id = x"),
            ("id = 1 AND (b = 2 OR b = 3)", "id = 1 AND (b IN (2, 3))"),
        ];
        for (sql, expected) in cases {
            assert_eq!(rewritten(sql), expected, "{sql}");
        }
    }

    #[test]
    fn a_long_chain_keeps_its_terms_and_their_order() {
        let chain = (0..1000).map(|n| format!("a{n} > {n}")).collect::<Vec<_>>().join(" AND ");
        assert_eq!(rewritten(&chain), chain);
        let sum = (0..1000).map(|n| format!("a{n}")).collect::<Vec<_>>().join(" + ");
        assert_eq!(rewritten(&format!("{sum} = 0")), format!("{sum} = 0"));
    }

    #[test]
    fn a_chain_that_cannot_be_rebuilt_is_refused_when_it_is_too_long() {
        let difference = |count| format!("SELECT {}", vec!["1"; count].join(" - "));
        assert!(parse(&difference(200)).is_ok());
        assert_eq!(parse(&difference(1000)).unwrap_err().kind(), crate::ErrorKind::TooComplex);
    }
}
