//! Calls of procedures: `EXEC name value, ...`, `EXECUTE`, `CALL name(value, ...)`, `{call name(value, ...)}`.
//!
//! A call is read into a name and arguments; which procedures there are does not matter here. It is a statement of its
//! own: it stands in no query, behind no EXPLAIN and beside no other statement, and nothing stands in it but values.
//! No message repeats a value, since values may be secrets.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::tokens::{self, Piece, error_at};
use crate::{Error, ErrorKind, Result};

/// A call as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The procedure's name, a schema and a catalog before it where they were given; a schema may be empty.
    pub name: Vec<String>,
    /// The arguments in order.
    pub arguments: Vec<Argument>,
    /// How many parameter markers there are.
    pub markers: usize,
    /// The text without the braces of the escape.
    pub native: String,
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The parameter that it names; without one its place tells.
    pub parameter: Option<String>,
    /// What is given.
    pub value: Given,
}

/// What an argument gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// NULL, DEFAULT, or nothing between two commas.
    Nothing,
    /// A text, or a number as it was written.
    Text(String),
    /// The marker of this number, from 1.
    Marker(usize),
}

/// Whether a statement is a call, or could have been meant as one: it has a word that calls begin with, outside of
/// literals, or cannot be told apart. Its literals may be secrets.
pub fn is_like_call(sql: &str) -> bool {
    has_word(sql) && tokens::read(sql).map_or(true, |pieces| pieces.iter().any(is_verb))
}

/// Reads a call; `None` for any other statement.
///
/// # Errors
/// `Syntax` with line and column; `NotSupported` for output parameters, return values and EXPLAIN.
pub fn invocation(sql: &str) -> Result<Option<Invocation>> {
    if !has_word(sql) {
        return Ok(None);
    }
    // What cannot be told apart is an error of any statement, and told as such.
    let Ok(mut pieces) = tokens::read(sql) else { return Ok(None) };
    while pieces.last().is_some_and(|piece| piece.token == Token::SemiColon) {
        pieces.pop();
    }
    let Some(opening) = opening(&pieces)? else { return Ok(None) };
    if let Some(piece) = pieces.iter().find(|piece| piece.token == Token::SemiColon) {
        return Err(error_at(
            ErrorKind::Syntax,
            piece.span.start,
            "a call is a statement of its own: nothing follows it",
        ));
    }
    let mut reader = Reader { pieces: &pieces, at: opening.verb + 1, markers: 0 };
    let name = reader.name()?;
    let arguments = reader.arguments(opening.bare)?;
    if opening.escape {
        reader.expect(&Token::RBrace, "the escape '{call' is not closed by '}'")?;
    }
    reader.end()?;
    let native = if opening.escape { without_braces(sql, &pieces, opening.verb) } else { sql.to_owned() };
    Ok(Some(Invocation { name, arguments, markers: reader.markers, native }))
}

/// How a call begins.
struct Opening {
    /// The place of EXEC or CALL among the tokens.
    verb: usize,
    /// It stands in braces.
    escape: bool,
    /// Arguments may stand without parentheses.
    bare: bool,
}

/// A cheap look for `call` and `exec`, in any case, so that other statements are read once only.
fn has_word(sql: &str) -> bool {
    sql.as_bytes().windows(4).any(|part| part.eq_ignore_ascii_case(b"call") || part.eq_ignore_ascii_case(b"exec"))
}

fn is_verb(piece: &Piece) -> bool {
    piece.word().is_some_and(|word| ["CALL", "EXEC", "EXECUTE"].iter().any(|verb| verb.eq_ignore_ascii_case(word)))
}

fn is_call(piece: Option<&Piece>) -> bool {
    piece.and_then(Piece::word).is_some_and(|word| word.eq_ignore_ascii_case("call"))
}

fn opening(pieces: &[Piece]) -> Result<Option<Opening>> {
    let Some(first) = pieces.first() else { return Ok(None) };
    if is_verb(first) {
        return Ok(Some(Opening { verb: 0, escape: false, bare: !is_call(Some(first)) }));
    }
    if first.token == Token::LBrace {
        if matches!(pieces.get(1).map(|piece| &piece.token), Some(Token::Placeholder(_))) {
            return Err(no_return_value(first));
        }
        return Ok(is_call(pieces.get(1)).then_some(Opening { verb: 1, escape: true, bare: false }));
    }
    if first.keyword() == Some(Keyword::EXPLAIN) {
        let words = |piece: &&Piece| {
            let known = [Keyword::EXPLAIN, Keyword::ANALYZE, Keyword::FORMAT, Keyword::JSON];
            piece.keyword().is_some_and(|keyword| known.contains(&keyword))
        };
        let explained: Vec<_> = pieces.iter().skip_while(words).take(2).collect();
        let [target, rest @ ..] = explained.as_slice() else { return Ok(None) };
        if is_verb(target) || target.token == Token::LBrace && is_call(rest.first().copied()) {
            let text = "EXPLAIN tells what a query asks of Pipedrive; a call of a procedure cannot be explained";
            return Err(error_at(ErrorKind::NotSupported, target.span.start, text));
        }
    }
    Ok(None)
}

fn no_return_value(piece: &Piece) -> Error {
    let text = "a procedure has no return value, so there is nothing for '?=' to receive: write {call name(...)}; what the \
                procedure gives comes as a result set";
    error_at(ErrorKind::NotSupported, piece.span.start, text)
}

fn without_braces(sql: &str, pieces: &[Piece], verb: usize) -> String {
    let from = pieces.get(verb).map_or(0, |piece| piece.range.start);
    let brace = pieces.last().map_or(sql.len()..sql.len(), |piece| piece.range.clone());
    let mut native = sql.get(from..brace.start).unwrap_or_default().to_owned();
    native.push_str(sql.get(brace.end..).unwrap_or_default());
    native
}

struct Reader<'a> {
    pieces: &'a [Piece],
    at: usize,
    markers: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a Piece> {
        self.pieces.get(self.at)
    }

    fn is(&self, token: &Token) -> bool {
        self.peek().is_some_and(|piece| piece.token == *token)
    }

    /// Goes past this token, if it is next.
    fn take(&mut self, token: &Token) -> bool {
        let found = self.is(token);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token, missing: &str) -> Result<()> {
        if self.take(token) { Ok(()) } else { Err(self.error(missing)) }
    }

    fn end(&self) -> Result<()> {
        if self.peek().is_none() { Ok(()) } else { Err(self.error("the call ends before this")) }
    }

    /// An error at the next token, or at the end of the text.
    fn error(&self, text: &str) -> Error {
        match self.peek() {
            Some(piece) => error_at(ErrorKind::Syntax, piece.span.start, text),
            None => Error::new(ErrorKind::Syntax, format!("{text} (at the end of the statement)")),
        }
    }

    /// `name`, `schema.name`, `catalog.schema.name` or `catalog..name`, each part quoted or not.
    fn name(&mut self) -> Result<Vec<String>> {
        const MISSING: &str = "the name of a procedure was expected";
        if self.is(&Token::AtSign) {
            let text = "a procedure has no return value: write EXEC name ...; what it gives comes as a result set";
            return Err(self.error(text));
        }
        let mut parts = Vec::new();
        loop {
            match self.peek().map(|piece| &piece.token) {
                Some(Token::Word(word)) => {
                    parts.push(word.value.clone());
                    self.at += 1;
                }
                Some(Token::Period) if parts.len() == 1 => parts.push(String::new()),
                _ => return Err(self.error(MISSING)),
            }
            if !self.take(&Token::Period) {
                return Ok(parts);
            }
            if parts.len() == MOST_PARTS {
                return Err(self.error("a procedure's name has a catalog, a schema and a name at most"));
            }
        }
    }

    fn arguments(&mut self, bare: bool) -> Result<Vec<Argument>> {
        if self.take(&Token::LParen) {
            return self.in_parentheses();
        }
        let mut arguments = Vec::new();
        if !bare {
            return match self.peek() {
                Some(piece) if piece.token != Token::RBrace => {
                    Err(self.error("arguments stand in parentheses: CALL name(value, ...)"))
                }
                _ => Ok(arguments),
            };
        }
        while self.peek().is_some() {
            arguments.push(self.argument()?);
            if !self.take(&Token::Comma) {
                return Ok(arguments);
            }
            if self.peek().is_none() {
                return Err(self.error("a value was expected after the comma"));
            }
        }
        Ok(arguments)
    }

    /// Nothing between commas asks for a parameter's default.
    fn in_parentheses(&mut self) -> Result<Vec<Argument>> {
        let mut arguments = Vec::new();
        if self.take(&Token::RParen) {
            return Ok(arguments);
        }
        loop {
            arguments.push(if self.is(&Token::Comma) || self.is(&Token::RParen) {
                Argument { parameter: None, value: Given::Nothing }
            } else {
                self.argument()?
            });
            if !self.take(&Token::Comma) {
                self.expect(&Token::RParen, "a comma or ')' was expected")?;
                return Ok(arguments);
            }
        }
    }

    /// `value`, `name = value`, `@name = value` or `name => value`.
    fn argument(&mut self) -> Result<Argument> {
        let parameter = self.parameter()?;
        let value = self.value()?;
        let word = self.peek().and_then(Piece::word).unwrap_or_default();
        if ["OUT", "OUTPUT"].iter().any(|known| word.eq_ignore_ascii_case(known)) {
            let text = "there are no output parameters: what a procedure gives comes as a result set";
            return Err(Error::new(ErrorKind::NotSupported, self.error(text).message()));
        }
        Ok(Argument { parameter, value })
    }

    fn parameter(&mut self) -> Result<Option<String>> {
        let marked = usize::from(self.is(&Token::AtSign));
        let token = |place: usize| self.pieces.get(place).map(|piece| &piece.token);
        if let (Some(Token::Word(word)), Some(Token::Eq | Token::RArrow)) =
            (token(self.at + marked), token(self.at + marked + 1))
        {
            self.at += marked + 2;
            return Ok(Some(word.value.clone()));
        }
        if marked == 1 {
            return Err(
                self.error("'@' begins the name of a parameter: @name = value; a parameter marker is written '?'")
            );
        }
        Ok(None)
    }

    fn value(&mut self) -> Result<Given> {
        let negative = self.take(&Token::Minus);
        let signed = negative || self.take(&Token::Plus);
        let Some(piece) = self.peek() else { return Err(self.error(NO_VALUE)) };
        let given = match &piece.token {
            Token::Number(digits, false) => Given::Text(format!("{}{digits}", if negative { "-" } else { "" })),
            _ if signed => return Err(self.error(NO_VALUE)),
            Token::SingleQuotedString(text) | Token::NationalStringLiteral(text) => Given::Text(text.clone()),
            Token::Placeholder(marker) if marker == "?" => {
                self.markers += 1;
                Given::Marker(self.markers)
            }
            Token::Placeholder(_) | Token::Colon => {
                return Err(self.error("a parameter marker is written '?'; other forms are not known"));
            }
            _ if [Some(Keyword::NULL), Some(Keyword::DEFAULT)].contains(&piece.keyword()) => Given::Nothing,
            _ => return Err(self.error(NO_VALUE)),
        };
        self.at += 1;
        Ok(given)
    }
}

/// Parts of a procedure's full name.
const MOST_PARTS: usize = 3;

const NO_VALUE: &str = "a value was expected: a text in single quotes, a number, NULL or the marker '?'";

#[cfg(test)]
mod tests;
