//! A statement as tokens that know their place in the text.

use std::ops::Range;

use datafusion::sql::sqlparser::ast::Expr;
use datafusion::sql::sqlparser::dialect::Dialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer, Word};

use crate::{Error, ErrorKind, Result};

/// One token, blanks and comments left out.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// The token.
    pub(super) token: Token,
    /// Line and column, for the parser's messages.
    pub(super) span: Span,
    /// Bytes of the statement; empty for a token that was added.
    pub(super) range: Range<usize>,
}

impl Piece {
    /// The keyword of an unquoted word.
    pub(super) const fn keyword(&self) -> Option<Keyword> {
        match &self.token {
            Token::Word(Word { quote_style: None, keyword, .. }) => Some(*keyword),
            _ => None,
        }
    }

    /// The text of an unquoted word.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.token {
            Token::Word(Word { quote_style: None, value, .. }) => Some(value),
            _ => None,
        }
    }

    /// The same place with another token.
    pub(super) fn with(&self, token: Token) -> Self {
        Self { token, ..self.clone() }
    }

    /// The token as the parser wants it.
    pub(super) fn spanned(&self) -> TokenWithSpan {
        TokenWithSpan { token: self.token.clone(), span: self.span }
    }
}

/// An error at a place of the statement.
pub(super) fn error_at(kind: ErrorKind, place: Location, text: impl std::fmt::Display) -> Error {
    Error::new(kind, format!("{text} (line {}, column {})", place.line, place.column))
}

/// The tokens of a statement.
///
/// # Errors
/// `Syntax` for an unclosed quote or comment.
pub(super) fn read(sql: &str) -> Result<Vec<Piece>> {
    let tokens = Tokenizer::new(&Odbc, sql).tokenize_with_location();
    let tokens = tokens.map_err(|error| error_at(ErrorKind::Syntax, error.location, error.message))?;
    let mut places = Places::new(sql);
    let mut pieces = Vec::with_capacity(tokens.len());
    for TokenWithSpan { token, span } in tokens {
        let range = places.offset(span.start)..places.offset(span.end);
        if !matches!(token, Token::Whitespace(_) | Token::EOF) {
            pieces.push(Piece { token, span, range });
        }
    }
    Ok(pieces)
}

/// Byte offsets of lines and columns that come in ascending order.
struct Places<'a> {
    rest: std::str::CharIndices<'a>,
    next: Location,
    length: usize,
}

impl<'a> Places<'a> {
    fn new(sql: &'a str) -> Self {
        Self { rest: sql.char_indices(), next: Location { line: 1, column: 1 }, length: sql.len() }
    }

    fn offset(&mut self, wanted: Location) -> usize {
        while (self.next.line, self.next.column) < (wanted.line, wanted.column) {
            match self.rest.next() {
                Some((_, '\n')) => self.next = Location { line: self.next.line + 1, column: 1 },
                Some(_) => self.next.column += 1,
                None => break,
            }
        }
        self.rest.clone().next().map_or(self.length, |(offset, _)| offset)
    }
}

/// SQL as ODBC applications write it: `"` quotes identifiers, `?` is a parameter marker, a backslash is a backslash.
#[derive(Debug)]
pub(super) struct Odbc;

impl Dialect for Odbc {
    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"'
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_' || ch == '$'
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_parens_around_table_factor(&self) -> bool {
        true
    }

    fn supports_values_as_table_factor(&self) -> bool {
        true
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        true
    }

    /// The right side of IS [NOT] DISTINCT FROM ends before AND and OR; the parser itself reads on to the end.
    fn parse_infix(
        &self,
        parser: &mut Parser,
        left: &Expr,
        precedence: u8,
    ) -> Option<std::result::Result<Expr, ParserError>> {
        const DISTINCT: &[Keyword] = &[Keyword::IS, Keyword::DISTINCT, Keyword::FROM];
        const NOT_DISTINCT: &[Keyword] = &[Keyword::IS, Keyword::NOT, Keyword::DISTINCT, Keyword::FROM];
        let compared: fn(Box<Expr>, Box<Expr>) -> Expr = if parser.parse_keywords(DISTINCT) {
            Expr::IsDistinctFrom
        } else if parser.parse_keywords(NOT_DISTINCT) {
            Expr::IsNotDistinctFrom
        } else {
            return None;
        };
        let right = parser.parse_subexpr(precedence);
        Some(right.map(|right| compared(Box::new(left.clone()), Box::new(right))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bytes_and_columns_are_characters() {
        let sql = "SELECT 'é',\r\n  \"ß\" -- {\n FROM t";
        let pieces = read(sql).unwrap();
        let texts: Vec<_> = pieces.iter().map(|piece| &sql[piece.range.clone()]).collect();
        assert_eq!(texts, ["SELECT", "'é'", ",", "\"ß\"", "FROM", "t"]);
        assert_eq!(pieces[3].span.start, Location { line: 2, column: 3 });
    }

    #[test]
    fn an_open_quote_is_a_syntax_error_with_its_place() {
        let error = read("SELECT\n 'abc").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Syntax);
        assert!(error.message().ends_with("(line 2, column 2)"), "{error}");
    }
}
