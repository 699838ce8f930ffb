//! Which statements there are: queries, and EXPLAIN of queries. Anything else is refused by name before it is parsed; calls
//! of procedures do not come here.

use datafusion::sql::sqlparser::ast::Query;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Location, Token};

use super::tokens::{Odbc, Piece, error_at};
use crate::{Error, ErrorKind, Result};

/// How deep the parser may recurse; what tokens can nest is bounded by `limits.rs`.
const RECURSION: usize = 2_000;

/// Statements that change data, or would: correct SQL that is not offered.
const WRITES: &[&str] = &["INSERT", "UPDATE", "DELETE", "MERGE", "CALL", "EXEC", "EXECUTE", "REPLACE", "TRUNCATE"];

/// What EXPLAIN is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explain {
    /// ANALYZE: the statement is run, and what it did is told.
    pub analyze: bool,
    /// FORMAT JSON: one text in place of rows.
    pub json: bool,
}

/// The tokens of the query, and for EXPLAIN what it is asked for.
///
/// # Errors
/// `Syntax` or `NotSupported` for anything but one query.
pub(super) fn select_kind(sql: &str, mut pieces: Vec<Piece>) -> Result<(Vec<Piece>, Option<Explain>)> {
    while pieces.last().is_some_and(|piece| piece.token == Token::SemiColon) {
        pieces.pop();
    }
    if let Some(piece) = pieces.iter().find(|piece| piece.token == Token::SemiColon) {
        return Err(error_at(ErrorKind::Syntax, piece.span.start, "only one statement can be sent at a time"));
    }
    let explain = explain(&mut pieces)?;
    check_kind(sql, &pieces)?;
    Ok((pieces, explain))
}

/// Takes `EXPLAIN [ANALYZE] [FORMAT JSON]` off the front.
fn explain(pieces: &mut Vec<Piece>) -> Result<Option<Explain>> {
    let keyword = |place: usize| pieces.get(place).and_then(Piece::keyword);
    if keyword(0) != Some(Keyword::EXPLAIN) {
        return Ok(None);
    }
    let analyze = keyword(1) == Some(Keyword::ANALYZE);
    let mut taken = 1 + usize::from(analyze);
    let mut json = false;
    if keyword(taken) == Some(Keyword::FORMAT)
        && let Some(format) = pieces.get(taken + 1)
    {
        json = format.keyword() == Some(Keyword::JSON);
        if !json {
            return Err(error_at(ErrorKind::NotSupported, format.span.start, "EXPLAIN has one other format: JSON"));
        }
        taken += 2;
    }
    pieces.drain(..taken);
    Ok(Some(Explain { analyze, json }))
}

fn check_kind(sql: &str, pieces: &[Piece]) -> Result<()> {
    let Some(first) = pieces.first() else {
        return Err(Error::new(ErrorKind::Syntax, "the statement is empty"));
    };
    let is_query = matches!(first.keyword(), Some(Keyword::SELECT | Keyword::WITH | Keyword::VALUES));
    // What an escape stands for is judged where escapes are translated.
    if is_query || matches!(first.token, Token::LParen | Token::LBrace) {
        return Ok(());
    }
    let name = first.word().map_or_else(|| sql[first.range.clone()].to_owned(), str::to_ascii_uppercase);
    let kind = if WRITES.contains(&name.as_str()) { ErrorKind::NotSupported } else { ErrorKind::Syntax };
    let text = format!(
        "a statement cannot begin with {name}: this driver reads, with SELECT, WITH, VALUES and EXPLAIN, \
         and calls its own procedures, with EXEC and CALL"
    );
    Err(error_at(kind, first.span.start, text))
}

/// Parses the tokens of one query.
///
/// # Errors
/// `Syntax` with line and column of the statement as it was written; `TooComplex`.
pub(super) fn parse(sql: &str, pieces: &[Piece]) -> Result<Box<Query>> {
    let tokens = pieces.iter().map(Piece::spanned).collect();
    let mut parser = Parser::new(&Odbc).with_recursion_limit(RECURSION).with_tokens_with_locations(tokens);
    let query = parser.parse_query().map_err(|error| syntax(sql, pieces, error))?;
    let next = parser.peek_token();
    if next.token == Token::EOF {
        return Ok(query);
    }
    let text = format!("{} was not expected here", written(sql, pieces, next.span.start).unwrap_or("this"));
    Err(error_at(ErrorKind::Syntax, next.span.start, text))
}

/// The parser's message, with the words of the statement as they were written.
fn syntax(sql: &str, pieces: &[Piece], error: ParserError) -> Error {
    let message = match error {
        ParserError::RecursionLimitExceeded => {
            return Error::new(ErrorKind::TooComplex, "the statement is too complex: it is nested too deeply");
        }
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
    };
    let (text, place) = match message.rsplit_once(" at Line: ") {
        Some((text, place)) => (text.to_owned(), location(place)),
        None => (message, None),
    };
    let Some(place) = place else {
        // The parser gives no place for the end of the text.
        return Error::new(ErrorKind::Syntax, format!("syntax error: {}", at_end(&text)));
    };
    let text = match (text.split_once(", found: "), written(sql, pieces, place)) {
        (Some((expected, _)), Some(found)) => format!("{expected}, found: {found}"),
        _ => text,
    };
    error_at(ErrorKind::Syntax, place, format!("syntax error: {text}"))
}

fn at_end(text: &str) -> String {
    text.replace("found: EOF", "found: the end of the statement")
}

fn location(text: &str) -> Option<Location> {
    let (line, column) = text.split_once(", Column: ")?;
    Some(Location { line: line.trim().parse().ok()?, column: column.trim().parse().ok()? })
}

fn written<'a>(sql: &'a str, pieces: &[Piece], place: Location) -> Option<&'a str> {
    let piece = pieces.iter().find(|piece| piece.span.start == place && !piece.range.is_empty())?;
    sql.get(piece.range.clone())
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn only_queries_and_their_explanation_are_read() {
        for (sql, explain) in [
            ("SELECT 1;", None),
            ("(SELECT 1) UNION (SELECT 2) ; ;", None),
            ("VALUES (1), (2)", None),
            ("WITH a AS (SELECT 1 AS x) SELECT * FROM a", None),
            ("explain SELECT 1", Some(Explain { analyze: false, json: false })),
            ("EXPLAIN FORMAT JSON SELECT 1", Some(Explain { analyze: false, json: true })),
            (
                "EXPLAIN ANALYZE WITH a AS (SELECT 1 AS x) SELECT * FROM a;",
                Some(Explain { analyze: true, json: false }),
            ),
            ("EXPLAIN ANALYZE FORMAT JSON VALUES (1)", Some(Explain { analyze: true, json: true })),
        ] {
            assert_eq!(parse(sql).unwrap().explain, explain, "{sql}");
        }
    }

    #[test]
    fn other_statements_are_refused_by_name() {
        let cases = [
            ("INSERT INTO deals VALUES (1)", ErrorKind::NotSupported, "INSERT"),
            ("update deals SET title = ''", ErrorKind::NotSupported, "UPDATE"),
            ("DELETE FROM deals", ErrorKind::NotSupported, "DELETE"),
            ("COPY (SELECT 1) TO 'x'", ErrorKind::Syntax, "COPY"),
            ("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION 'x'", ErrorKind::Syntax, "CREATE"),
            ("SET a = 1", ErrorKind::Syntax, "SET"),
            ("SHOW TABLES", ErrorKind::Syntax, "SHOW"),
            ("DROP TABLE x", ErrorKind::Syntax, "DROP"),
            ("EXPLAIN INSERT INTO deals VALUES (1)", ErrorKind::NotSupported, "INSERT"),
            ("EXPLAIN EXPLAIN SELECT 1", ErrorKind::Syntax, "EXPLAIN"),
            ("EXPLAIN FORMAT XML SELECT 1", ErrorKind::NotSupported, "JSON"),
            ("WITH a AS (SELECT 1) INSERT INTO deals SELECT * FROM a", ErrorKind::NotSupported, "INSERT"),
            ("SELECT 1; SELECT 2", ErrorKind::Syntax, "one statement"),
            ("SELECT * INTO x FROM deals", ErrorKind::Syntax, "INTO"),
            ("SELECT * FROM deals FOR UPDATE", ErrorKind::NotSupported, "FOR UPDATE"),
            ("SELECT * FROM 'deals.csv'", ErrorKind::Syntax, "deals.csv"),
            ("SELECT * FROM generate_series(1, 9)", ErrorKind::NotSupported, "generate_series"),
            ("", ErrorKind::Syntax, "empty"),
            (" -- nothing\n;", ErrorKind::Syntax, "empty"),
            ("SELEC 1", ErrorKind::Syntax, "SELEC"),
        ];
        for (sql, kind, text) in cases {
            let error = parse(sql).unwrap_err();
            assert_eq!(error.kind(), kind, "{sql}: {error}");
            assert!(error.message().contains(text), "{sql}: {error}");
        }
    }

    #[test]
    fn a_syntax_error_names_the_place_in_the_text_as_it_was_written() {
        let cases = [
            ("SELECT {fn UCASE(title)},\n  Froom x WHERE", "found: the end of the statement"),
            ("SELECT {d '2024-01-01'} FROM t\n  WHERE id = )", "found: ) (line 2, column 14)"),
            ("SELECT 1 +\n  * 2", "found: * (line 2, column 3)"),
            ("SELECT Id FROM Deals WHERE WON", ""),
        ];
        for (sql, text) in cases {
            match parse(sql) {
                Ok(_) => assert!(text.is_empty(), "{sql}"),
                Err(error) => assert!(error.message().contains(text), "{sql}: {error}"),
            }
        }
    }
}
