//! What is too deep or too long, found on tokens: parser, planner and the dropping of their trees recurse, and a stack
//! that overflows takes the application's process with it.
//!
//! The limits are those that a debug build answers on a stack of 8 MB; they bound every nesting that tokens can make.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::tokens::Piece;
use crate::{Error, ErrorKind, Result};

/// Most tokens of a statement.
const TOKENS: usize = 400_000;
/// Deepest nesting of parentheses, brackets and escapes.
const PARENTHESES: usize = 250;
/// Deepest nesting of CASE.
const CASES: usize = 120;
/// Deepest nesting of queries.
const QUERIES: usize = 64;
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
    for (index, piece) in pieces.iter().enumerate() {
        counts.take(&piece.token, piece.keyword(), pieces.get(index + 1).and_then(Piece::keyword))?;
    }
    Ok(())
}

/// What stands between two parentheses.
#[derive(Debug, Default)]
struct Level {
    query: bool,
    operators: usize,
}

#[derive(Debug, Default)]
struct Counts {
    levels: Vec<Level>,
    cases: usize,
    queries: usize,
    set_operations: usize,
    joins: usize,
    signs: usize,
}

impl Counts {
    fn take(&mut self, token: &Token, keyword: Option<Keyword>, next: Option<Keyword>) -> Result<()> {
        self.nest(token, next)?;
        self.count(keyword)?;
        let sign = matches!(token, Token::Minus | Token::Plus | Token::Tilde) || keyword.is_some_and(is_sign);
        self.signs = if sign { self.signs + 1 } else { 0 };
        within(self.signs, SIGNS, "signs and NOTs in a row")?;
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        if ends_expression(token, keyword) {
            level.operators = 0;
        } else if sign || is_operator(token) || keyword.is_some_and(is_word_operator) {
            level.operators += 1;
        }
        within(level.operators, OPERATORS, "operators in one expression")
    }

    fn nest(&mut self, token: &Token, next: Option<Keyword>) -> Result<()> {
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => {
                let query = matches!(next, Some(Keyword::SELECT | Keyword::WITH | Keyword::VALUES));
                self.queries += usize::from(query);
                self.levels.push(Level { query, operators: 0 });
                within(self.queries, QUERIES, "queries inside each other")?;
                within(self.levels.len() - 1, PARENTHESES, "parentheses inside each other")
            }
            Token::RParen | Token::RBracket | Token::RBrace if self.levels.len() > 1 => {
                let level = self.levels.pop();
                self.queries -= usize::from(level.is_some_and(|level| level.query));
                Ok(())
            }
            _ => Ok(()),
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

fn within(count: usize, limit: usize, what: &str) -> Result<()> {
    if count <= limit {
        return Ok(());
    }
    Err(Error::new(ErrorKind::TooComplex, format!("the statement is too complex: it has more than {limit} {what}")))
}

const fn is_sign(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::NOT | Keyword::PRIOR | Keyword::INTERVAL)
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
            | Keyword::ISNULL
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
        ] {
            assert!(refused(&sql), "{}", &sql[..30]);
        }
    }
}
