//! What is too deep or too long, found on tokens: parser, planner and the dropping of their trees recurse, and a stack
//! that overflows takes the application's process with it.
//!
//! The limits are those that a debug build answers on a stack of 8 MB; they bound every nesting that tokens can make.

use std::collections::HashMap;

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::tokens::Piece;
use crate::{Error, ErrorKind, Result};

/// Deepest nesting of what the planner writes twice: the value of BETWEEN and IN, the first argument of COALESCE.
const DOUBLED: usize = 10;
/// Most tokens of a statement.
const TOKENS: usize = 400_000;
/// Deepest nesting of parentheses, brackets and escapes.
const PARENTHESES: usize = 250;
/// Deepest nesting of CASE.
const CASES: usize = 120;
/// Deepest nesting of queries, by parentheses and by the names of common table expressions.
const QUERIES: usize = 64;
/// Most queries that a statement comes to once the names of common table expressions stand for their queries.
const EXPANDED: usize = 2_000;
/// Deepest nesting of queries that stand for values; the time of planning doubles with each.
const SUBQUERIES: usize = 12;
/// Deepest nesting of parentheses around tables.
const TABLE_PARENTHESES: usize = 40;
/// Deepest nesting of window functions.
const WINDOWS: usize = 12;
/// Most IN, BETWEEN, IS, LIKE, AT and :: behind one operand.
const SUFFIXES: usize = 100;
/// Most set operations of a statement.
const SET_OPERATIONS: usize = 256;
/// Most joins of a statement.
const JOINS: usize = 100;
/// Most NOT, minus and plus signs in a row.
const SIGNS: usize = 50;
/// Most operators of one expression.
const OPERATORS: usize = 12_000;

/// Refuses a statement beyond the limits.
///
/// # Errors
/// `TooComplex`, with the limit that was passed.
pub(super) fn check(pieces: &[Piece]) -> Result<()> {
    let mut counts = Counts { levels: vec![Level::default()], ..Counts::default() };
    within(pieces.len(), TOKENS, "words and signs")?;
    for index in 0..pieces.len() {
        counts.take(Place { pieces, index })?;
    }
    Ok(())
}

/// A token and its neighbours.
#[derive(Clone, Copy)]
struct Place<'a> {
    pieces: &'a [Piece],
    index: usize,
}

impl<'a> Place<'a> {
    fn token(self) -> &'a Token {
        &self.pieces[self.index].token
    }

    fn keyword(self) -> Option<Keyword> {
        self.pieces[self.index].keyword()
    }

    fn next(self) -> Option<Keyword> {
        self.pieces.get(self.index + 1).and_then(Piece::keyword)
    }

    fn before(self, count: usize) -> Option<&'a Piece> {
        self.pieces.get(self.index.checked_sub(count)?)
    }

    /// The name of the common table expression whose query this parenthesis opens: `name AS (`, `name (a, b) AS (`, and
    /// MATERIALIZED or NOT MATERIALIZED behind AS.
    fn common_table(self) -> Option<String> {
        let mut before = self.pieces[..self.index]
            .iter()
            .rev()
            .skip_while(|piece| matches!(piece.keyword(), Some(Keyword::MATERIALIZED | Keyword::NOT)));
        before.next().filter(|piece| piece.keyword() == Some(Keyword::AS))?;
        let mut name = before.next()?;
        if name.token == Token::RParen {
            before.find(|piece| piece.token == Token::LParen)?;
            name = before.next()?;
        }
        match &name.token {
            Token::Word(word) => Some(word.value.to_lowercase()),
            _ => None,
        }
    }
}

/// What stands between two parentheses.
#[derive(Debug, Default)]
struct Level {
    kind: Kind,
    /// Within FROM, and there where a table is named, not within ON.
    from: bool,
    names_tables: bool,
    operators: usize,
    suffixes: usize,
    /// A BETWEEN waits for its AND.
    between: bool,
    /// Queries inside each other that it holds at most, and all queries that it comes to.
    height: usize,
    size: usize,
    /// Window functions inside each other that it holds at most.
    windows: usize,
    /// What is written twice inside each other, in this expression and at most.
    doubled: usize,
    most_doubled: usize,
}

/// What a parenthesis was opened for.
#[derive(Debug, Default, PartialEq, Eq)]
enum Kind {
    /// Anything else.
    #[default]
    Expression,
    /// The arguments of a function that is planned as CASE.
    Doubled,
    /// The condition between an aggregate and OVER.
    Filter,
    /// A query in place of a value.
    Subquery,
    /// A query in place of a table, or a branch of a set operation.
    Query,
    /// The query of the common table expression with this name.
    CommonTable(String),
    /// Tables that are joined.
    Tables,
}

#[derive(Debug, Default)]
struct Counts {
    levels: Vec<Level>,
    cases: usize,
    queries: usize,
    subqueries: usize,
    tables: usize,
    set_operations: usize,
    joins: usize,
    signs: usize,
    /// Window functions inside the parentheses that closed last.
    closed_windows: usize,
    /// Height and size of the common table expressions so far.
    known: HashMap<String, (usize, usize)>,
}

impl Counts {
    fn take(&mut self, place: Place<'_>) -> Result<()> {
        let (token, keyword) = (place.token(), place.keyword());
        self.count(keyword)?;
        let sign = matches!(token, Token::Minus | Token::Plus | Token::Tilde) || keyword.is_some_and(is_sign);
        self.signs = if sign { self.signs + 1 } else { 0 };
        within(self.signs, SIGNS, "signs and NOTs in a row")?;
        self.refer(token)?;
        if let Some(level) = self.levels.last_mut() {
            level.clause(token, keyword);
            level.operator(token, keyword, sign)?;
            level.suffix(token, keyword)?;
            if keyword == Some(Keyword::OVER) {
                level.windows = level.windows.max(self.closed_windows + 1);
                within(level.windows, WINDOWS, "window functions inside each other")?;
            }
        }
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => self.open(place),
            Token::RParen | Token::RBracket | Token::RBrace if self.levels.len() > 1 => self.close(),
            _ => Ok(()),
        }
    }

    fn open(&mut self, place: Place<'_>) -> Result<()> {
        let kind = self.kind(place);
        self.queries += usize::from(kind.is_query());
        self.subqueries += usize::from(kind == Kind::Subquery);
        self.tables += usize::from(kind == Kind::Tables);
        let tables = kind == Kind::Tables;
        self.levels.push(Level { kind, from: tables, names_tables: tables, ..Level::default() });
        within(self.queries, QUERIES, "queries inside each other")?;
        within(self.subqueries, SUBQUERIES, "queries in place of values inside each other")?;
        within(self.tables, TABLE_PARENTHESES, "parentheses around tables inside each other")?;
        within(self.levels.len() - 1, PARENTHESES, "parentheses inside each other")
    }

    fn kind(&self, place: Place<'_>) -> Kind {
        let before = place.before(1);
        let keyword = before.and_then(Piece::keyword);
        let opens = before.is_none_or(|before| matches!(before.token, Token::LParen | Token::Comma));
        let table = self.levels.last().is_some_and(|level| level.names_tables)
            && (opens || matches!(keyword, Some(Keyword::FROM | Keyword::JOIN)));
        if !matches!(place.next(), Some(Keyword::SELECT | Keyword::WITH | Keyword::VALUES)) {
            return match keyword {
                _ if table => Kind::Tables,
                Some(Keyword::FILTER) => Kind::Filter,
                _ if before.is_some_and(|before| is_doubling(&before.token)) => Kind::Doubled,
                _ => Kind::Expression,
            };
        }
        if let Some(name) = place.common_table() {
            return Kind::CommonTable(name);
        }
        let branch = before.is_none_or(|before| before.token == Token::LParen) || keyword.is_some_and(joins_branches);
        if table || branch { Kind::Query } else { Kind::Subquery }
    }

    fn close(&mut self) -> Result<()> {
        let Some(closed) = self.levels.pop() else { return Ok(()) };
        let before = if closed.kind == Kind::Filter { self.closed_windows } else { 0 };
        self.closed_windows = closed.windows.max(before);
        self.queries -= usize::from(closed.kind.is_query());
        self.subqueries -= usize::from(closed.kind == Kind::Subquery);
        self.tables -= usize::from(closed.kind == Kind::Tables);
        let own = usize::from(closed.kind.is_query());
        let (height, size) = (closed.height + own, closed.size + own);
        if let Kind::CommonTable(name) = closed.kind {
            // One name may stand for several queries, each in its own part of the statement: the largest counts.
            let known = self.known.entry(name).or_default();
            *known = (known.0.max(height), known.1.max(size));
            return Ok(());
        }
        if let Some(level) = self.levels.last_mut() {
            level.windows = level.windows.max(closed.windows);
            let inside = closed.doubled.max(closed.most_doubled) + usize::from(closed.kind == Kind::Doubled);
            level.doubled = level.doubled.max(inside);
            within(level.doubled, DOUBLED, "BETWEENs, INs and COALESCEs inside each other")?;
        }
        self.hold(height, size)
    }

    /// The innermost parentheses hold queries of this height and size.
    fn hold(&mut self, height: usize, size: usize) -> Result<()> {
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        level.height = level.height.max(height);
        level.size = level.size.saturating_add(size);
        within(level.height, QUERIES, "queries inside each other")?;
        within(level.size, EXPANDED, "queries, names of common table expressions resolved")
    }

    /// A name in place of a table may stand for a query.
    fn refer(&mut self, token: &Token) -> Result<()> {
        let Token::Word(word) = token else { return Ok(()) };
        if self.known.is_empty() || !self.levels.last().is_some_and(|level| level.names_tables) {
            return Ok(());
        }
        match self.known.get(&word.value.to_lowercase()) {
            Some(&(height, size)) => self.hold(height, size),
            None => Ok(()),
        }
    }

    fn count(&mut self, keyword: Option<Keyword>) -> Result<()> {
        match keyword {
            Some(Keyword::CASE) => self.cases += 1,
            Some(Keyword::END) => self.cases = self.cases.saturating_sub(1),
            Some(Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT | Keyword::MINUS) => self.set_operations += 1,
            Some(Keyword::JOIN) => self.joins += 1,
            _ => {}
        }
        within(self.cases, CASES, "CASEs inside each other")?;
        within(self.set_operations, SET_OPERATIONS, "set operations")?;
        within(self.joins, JOINS, "joins")
    }
}

impl Kind {
    const fn is_query(&self) -> bool {
        matches!(self, Self::Subquery | Self::Query | Self::CommonTable(_))
    }
}

impl Level {
    /// Whether a table is named here.
    fn clause(&mut self, token: &Token, keyword: Option<Keyword>) {
        match keyword {
            Some(Keyword::FROM) => self.from = true,
            Some(Keyword::WHERE | Keyword::GROUP | Keyword::HAVING | Keyword::ORDER | Keyword::LIMIT) => {
                self.from = false;
            }
            Some(Keyword::SELECT | Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT) => self.from = false,
            _ => {}
        }
        self.names_tables = self.from
            && match keyword {
                Some(Keyword::FROM | Keyword::JOIN) => true,
                Some(Keyword::ON | Keyword::USING) => false,
                _ => self.names_tables || *token == Token::Comma,
            };
    }

    fn operator(&mut self, token: &Token, keyword: Option<Keyword>, sign: bool) -> Result<()> {
        if ends_expression(token, keyword) {
            self.operators = 0;
        } else if sign || is_operator(token) || keyword.is_some_and(is_word_operator) {
            self.operators += 1;
        }
        within(self.operators, OPERATORS, "operators in one expression")
    }

    /// Operators that take what stands before them whole: each is a level of the tree, like a parenthesis.
    fn suffix(&mut self, token: &Token, keyword: Option<Keyword>) -> Result<()> {
        let suffix = matches!(token, Token::DoubleColon | Token::LBracket) || keyword.is_some_and(is_suffix);
        let closes_between = keyword == Some(Keyword::AND) && std::mem::take(&mut self.between);
        self.between |= keyword == Some(Keyword::BETWEEN);
        if let Some(Keyword::BETWEEN | Keyword::IN) = keyword {
            self.doubled += 1;
            within(self.doubled, DOUBLED, "BETWEENs, INs and COALESCEs inside each other")?;
        }
        if suffix {
            self.suffixes += 1;
        } else if (keyword == Some(Keyword::AND) && !closes_between)
            || keyword == Some(Keyword::OR)
            || ends_expression(token, keyword)
        {
            self.suffixes = 0;
            self.most_doubled = self.most_doubled.max(std::mem::take(&mut self.doubled));
        }
        within(self.suffixes, SUFFIXES, "IN, BETWEEN, IS, LIKE and the like behind one value")
    }
}

fn within(count: usize, limit: usize, what: &str) -> Result<()> {
    if count <= limit {
        return Ok(());
    }
    Err(Error::new(ErrorKind::TooComplex, format!("the statement is too complex: it has more than {limit} {what}")))
}

const fn is_sign(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::NOT | Keyword::PRIOR | Keyword::INTERVAL)
}

const fn is_suffix(keyword: Keyword) -> bool {
    is_word_operator(keyword) && !matches!(keyword, Keyword::OR | Keyword::AND | Keyword::XOR)
}

/// COALESCE, and what is another name of it.
fn is_doubling(token: &Token) -> bool {
    let Token::Word(word) = token else { return false };
    ["coalesce", "ifnull", "nvl", "nvl2"].iter().any(|name| word.value.eq_ignore_ascii_case(name))
}

/// Words between the branches of a set operation.
const fn joins_branches(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT | Keyword::MINUS | Keyword::ALL | Keyword::DISTINCT
    )
}

const fn is_word_operator(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::OR
            | Keyword::AND
            | Keyword::XOR
            | Keyword::IS
            | Keyword::LIKE
            | Keyword::ILIKE
            | Keyword::SIMILAR
            | Keyword::BETWEEN
            | Keyword::IN
            | Keyword::COLLATE
            | Keyword::AT
            | Keyword::DIV
            | Keyword::NOTNULL
            | Keyword::RLIKE
            | Keyword::REGEXP
            | Keyword::OVERLAPS
    )
}

/// Whatever is no name, value or bracket is taken for an operator.
const fn is_operator(token: &Token) -> bool {
    !matches!(
        token,
        Token::Word(_)
            | Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::Placeholder(_)
            | Token::Period
            | Token::LParen
            | Token::RParen
            | Token::LBrace
            | Token::RBrace
            | Token::RBracket
    )
}

/// Tokens after which a new expression begins.
const fn ends_expression(token: &Token, keyword: Option<Keyword>) -> bool {
    matches!(token, Token::Comma)
        || matches!(
            keyword,
            Some(
                Keyword::SELECT
                    | Keyword::FROM
                    | Keyword::WHERE
                    | Keyword::GROUP
                    | Keyword::HAVING
                    | Keyword::ORDER
                    | Keyword::ON
                    | Keyword::WHEN
                    | Keyword::THEN
                    | Keyword::ELSE
                    | Keyword::UNION
            )
        )
}

#[cfg(test)]
mod tests {
    use super::super::tokens::read;
    use super::*;

    fn refused(sql: &str) -> bool {
        match check(&read(sql).unwrap()) {
            Ok(()) => false,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::TooComplex);
                true
            }
        }
    }

    /// Common table expressions, each over the one before it.
    fn chained(count: usize, query: impl Fn(usize) -> String) -> String {
        let links = (0..count).map(|n| format!(", c{} AS ({})", n + 1, query(n)));
        format!("WITH c0 AS (SELECT 1 AS x){} SELECT * FROM c{count}", links.collect::<String>())
    }

    #[test]
    fn what_must_be_answered_passes() {
        let ors = vec!["id = 1"; 5000].join(" OR ");
        let pairs = vec!["(id = 1 AND n > 2)"; 5000].join(" OR ");
        for sql in [
            format!("SELECT {}1{}", "(".repeat(200), ")".repeat(200)),
            format!("SELECT {}1{}", "CASE WHEN a = 1 THEN 2 ELSE ".repeat(100), " END".repeat(100)),
            format!("{}SELECT 1 AS x{}", "SELECT x FROM (".repeat(60), ") t".repeat(60)),
            vec!["SELECT 1"; 200].join(" UNION ALL "),
            format!("SELECT * FROM t WHERE {ors}"),
            format!("SELECT * FROM t WHERE {pairs}"),
            format!("SELECT * FROM t WHERE id IN ({})", vec!["1"; 50_000].join(",")),
            format!(
                "SELECT * FROM t WHERE {}",
                vec!["a IN (1) AND b BETWEEN 1 AND 2 AND c IS NULL"; 500].join(" AND ")
            ),
            format!(
                "WITH {} SELECT 1",
                (0..200).map(|n| format!("c{n} AS (SELECT {n})")).collect::<Vec<_>>().join(", ")
            ),
            format!("SELECT {}", vec!["SUM(a) OVER (ORDER BY b)"; 200].join(" + ")),
            format!("SELECT {}", vec!["COALESCE(a, b)"; 200].join(" + ")),
            format!("SELECT 1 WHERE {}", vec!["(COALESCE(a, b) BETWEEN 1 AND 2)"; 200].join(" AND ")),
            format!("SELECT * FROM {}a{}", "(".repeat(30), ")".repeat(30)),
        ] {
            assert!(!refused(&sql), "{}", &sql[..60]);
        }
    }

    #[test]
    fn what_would_overflow_the_stack_is_refused() {
        for sql in [
            format!("SELECT {}1{}", "(".repeat(20_000), ")".repeat(20_000)),
            format!("SELECT {}1", "- ".repeat(50_000)),
            format!("SELECT {}1 = 1", "NOT ".repeat(20_000)),
            format!("SELECT {}1{}", "CASE WHEN 1 = 1 THEN ".repeat(5_000), " END".repeat(5_000)),
            format!("{}SELECT 1{}", "SELECT * FROM (".repeat(2_000), ") t".repeat(2_000)),
            vec!["SELECT 1"; 20_000].join(" UNION ALL "),
            format!("SELECT {}", vec!["1"; 50_000].join(" + ")),
            format!("SELECT 1{}", " IS NULL".repeat(50_000)),
            format!("SELECT 1{}", "::INT".repeat(50_000)),
            format!("SELECT a{}", "[1]".repeat(50_000)),
            format!("SELECT 1{}", " IN (1)".repeat(200)),
            format!("SELECT 1{}", " BETWEEN 0 AND 1".repeat(20)),
            format!("SELECT {}1{}", "(".repeat(20), " BETWEEN 0 AND 1)".repeat(20)),
            format!("SELECT {}1{}", "(".repeat(20), " IN (1, 2))".repeat(20)),
            format!("SELECT {}1{}", "COALESCE(".repeat(20), ", 2)".repeat(20)),
            format!("SELECT {}1{}", "{fn IFNULL((".repeat(20), "), 2)}".repeat(20)),
            format!("SELECT * FROM {}a{}", "(".repeat(60), ")".repeat(60)),
            format!("SELECT * FROM b, {}a{}", "(".repeat(60), ")".repeat(60)),
            format!("SELECT {}1{}", "SUM(".repeat(20), ") OVER ()".repeat(20)),
            format!("SELECT {}1{}", "SUM(".repeat(20), ") FILTER (WHERE 1 = 1) OVER ()".repeat(20)),
            format!("SELECT 1 WHERE {}1 = 1{}", "EXISTS (SELECT 1 WHERE ".repeat(20), ")".repeat(20)),
            chained(80, |n| format!("SELECT * FROM c{n}")),
            chained(80, |n| format!("SELECT * FROM c{n}")).replace(" AS (", " (x) AS ("),
            chained(80, |n| format!("SELECT * FROM c{n}")).replace(" AS (", " AS NOT MATERIALIZED ("),
            chained(80, |n| format!("SELECT * FROM c{n}, (WITH c{n} AS (SELECT 1) SELECT 1) t")),
            chained(12, |n| format!("SELECT * FROM c{n} a JOIN c{n} b ON a.x = b.x")),
            chained(12, |n| format!("SELECT * FROM c{n} a JOIN t ON a.x = t.x, c{n}")),
            chained(8, |n| format!("{}SELECT * FROM c{n}{}", "SELECT * FROM (".repeat(9), ") t".repeat(9))),
        ] {
            assert!(refused(&sql), "{}", &sql[..30]);
        }
    }
}
