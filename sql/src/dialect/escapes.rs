//! ODBC escapes, parameter markers and names, while the statement is still a row of tokens.
//!
//! Quoted text, quoted identifiers and comments are single tokens or none, so nothing inside them is taken for an escape.

use std::ops::Range;

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Word};

use super::calls::{self, SCALAR_FUNCTIONS};
use super::tokens::{Piece, error_at};
use crate::{Error, ErrorKind, Result};

/// A statement without escapes.
#[derive(Debug)]
pub(super) struct Translated {
    /// Its tokens, names in lower case, parameter markers numbered.
    pub(super) pieces: Vec<Piece>,
    /// How many parameter markers there are.
    pub(super) parameters: usize,
    /// What takes the place of which bytes in the native form of the text, in ascending order.
    edits: Vec<(Range<usize>, String)>,
}

impl Translated {
    /// The text with its escapes translated.
    pub(super) fn native(&self, sql: &str) -> String {
        self.text(sql, 0..sql.len())
    }

    /// A part of the text with its escapes translated.
    pub(super) fn text(&self, sql: &str, part: Range<usize>) -> String {
        let (mut native, mut done) = (String::new(), part.start);
        let inside = |range: &Range<usize>| range.start >= part.start && range.end <= part.end;
        for (range, text) in self.edits.iter().filter(|(range, _)| inside(range)) {
            native.push_str(sql.get(done..range.start).unwrap_or_default());
            native.push_str(text);
            done = range.end;
        }
        native.push_str(sql.get(done..part.end).unwrap_or_default());
        native
    }
}

/// Translates escapes, numbers parameter markers, lowers names.
///
/// # Errors
/// `Syntax` for an escape or function that is unknown or incomplete and for markers other than `?`;
/// `NotSupported` for `{call}`, which is a statement of its own.
pub(super) fn translate(sql: &str, pieces: Vec<Piece>) -> Result<Translated> {
    let mut work =
        Work { sql, input: pieces, at: 0, open: Vec::new(), out: Vec::new(), parameters: 0, edits: Vec::new() };
    while work.at < work.input.len() {
        work.step()?;
    }
    if let Some(place) = work.open.last() {
        return Err(error_at(ErrorKind::Syntax, work.input[*place].span.start, "an escape '{' is not closed by '}'"));
    }
    Ok(Translated { pieces: work.out, parameters: work.parameters, edits: work.edits })
}

struct Work<'a> {
    sql: &'a str,
    input: Vec<Piece>,
    at: usize,
    /// Where the escapes begin whose `}` is still to come.
    open: Vec<usize>,
    out: Vec<Piece>,
    parameters: usize,
    edits: Vec<(Range<usize>, String)>,
}

impl Work<'_> {
    fn step(&mut self) -> Result<()> {
        let piece = self.input[self.at].clone();
        match &piece.token {
            Token::LBrace => return self.open(),
            Token::RBrace => {
                if self.open.pop().is_none() {
                    return Err(self.error(self.at, "there is a '}' without its '{'"));
                }
                self.drop_text(piece.range);
            }
            Token::Placeholder(marker) if marker == "?" => self.marker(&piece),
            Token::Placeholder(_) | Token::Colon | Token::AtSign | Token::DollarQuotedString(_) => {
                return Err(self.error(self.at, "a parameter marker is written '?'; other forms are not known"));
            }
            Token::Word(word) => self.out.push(piece.with(lowered(word))),
            Token::SingleQuotedString(text) if self.follows_as() => self.out.push(piece.with(quoted(text))),
            _ => self.out.push(piece),
        }
        self.at += 1;
        Ok(())
    }

    /// An alias in single quotes, as Microsoft Query writes them.
    fn follows_as(&self) -> bool {
        self.out.last().is_some_and(|piece| piece.keyword() == Some(Keyword::AS))
    }

    /// `?` as `$1`, `$2`...; `TOP ?` as `TOP ($1)`, which is how the parser takes an expression there.
    fn marker(&mut self, piece: &Piece) {
        self.parameters += 1;
        let marker = piece.with(Token::Placeholder(format!("${}", self.parameters)));
        let top = self.out.last().is_some_and(|piece| piece.keyword() == Some(Keyword::TOP));
        let added = |token| Piece { range: piece.range.end..piece.range.end, ..piece.with(token) };
        if top {
            self.out.extend([added(Token::LParen), marker, added(Token::RParen)]);
        } else {
            self.out.push(marker);
        }
    }

    fn open(&mut self) -> Result<()> {
        let word = self.input.get(self.at + 1).and_then(Piece::word).unwrap_or_default().to_ascii_lowercase();
        match word.as_str() {
            "d" => self.literal("DATE", Keyword::DATE),
            "t" => self.literal("TIME", Keyword::TIME),
            "ts" => self.literal("TIMESTAMP", Keyword::TIMESTAMP),
            "guid" => self.guid(),
            "escape" => self.like_escape(),
            "fn" => self.function(),
            "oj" | "limit" => self.begin(2 - usize::from(word == "limit")),
            "interval" => self.begin(1),
            "call" => Err(self.misplaced_call()),
            _ if matches!(self.input.get(self.at + 1).map(|piece| &piece.token), Some(Token::Placeholder(_))) => {
                Err(self.misplaced_call())
            }
            "" => Err(self.error(self.at, "after '{' comes the name of an ODBC escape, such as d, ts, fn or oj")),
            _ => Err(self.error(self.at, format!("the ODBC escape '{{{word} ...}}' is not known"))),
        }
    }

    fn misplaced_call(&self) -> Error {
        let place = self.input[self.at].span.start;
        error_at(
            ErrorKind::NotSupported,
            place,
            "a procedure cannot be called inside of another statement: {call name(...)} stands alone",
        )
    }

    /// Leaves out `{` and what belongs to it; the matching `}` is left out when it comes.
    fn begin(&mut self, tokens: usize) -> Result<()> {
        self.open.push(self.at);
        let end = self.input.get(self.at + tokens).map_or(self.sql.len(), |piece| piece.range.start);
        self.drop_text(self.input[self.at].range.start..end);
        self.at += tokens;
        Ok(())
    }

    /// `{d '...'}` as `DATE '...'`.
    fn literal(&mut self, name: &str, keyword: Keyword) -> Result<()> {
        let (word, text) = self.enclosed()?;
        let token = Token::Word(Word { value: name.to_ascii_lowercase(), quote_style: None, keyword });
        self.replace(format!("{name} {}", &self.sql[text.range.clone()]));
        self.out.extend([word.with(token), text]);
        self.at += ENCLOSED;
        Ok(())
    }

    fn guid(&mut self) -> Result<()> {
        let (_, text) = self.enclosed()?;
        self.replace(self.sql[text.range.clone()].to_owned());
        self.out.push(text);
        self.at += ENCLOSED;
        Ok(())
    }

    fn like_escape(&mut self) -> Result<()> {
        let (word, text) = self.enclosed()?;
        let token = Token::Word(Word { value: "escape".into(), quote_style: None, keyword: Keyword::ESCAPE });
        self.replace(format!("ESCAPE {}", &self.sql[text.range.clone()]));
        self.out.extend([word.with(token), text]);
        self.at += ENCLOSED;
        Ok(())
    }

    /// The word and the string of `{word 'string'}`.
    fn enclosed(&self) -> Result<(Piece, Piece)> {
        match &self.input[self.at..] {
            [_, word, text, end, ..]
                if matches!(text.token, Token::SingleQuotedString(_)) && end.token == Token::RBrace =>
            {
                Ok((word.clone(), text.clone()))
            }
            _ => {
                let word = self.input[self.at + 1].word().unwrap_or_default();
                Err(self.error(self.at, format!("this escape is written {{{word} 'value'}}")))
            }
        }
    }

    /// `{fn name(...)}` as `name(...)`, for names that ODBC lists and that mean here what ODBC says.
    fn function(&mut self) -> Result<()> {
        let Some(piece) = self.input.get(self.at + 2).cloned() else {
            return Err(self.error(self.at, "after '{fn' comes the name of a function"));
        };
        let Some(name) = piece.word().map(str::to_ascii_lowercase) else {
            return Err(self.error(self.at, "after '{fn' comes the name of a function"));
        };
        if !SCALAR_FUNCTIONS.contains(&name.as_str()) {
            let text = format!("the function {{fn {}}} is not offered", name.to_ascii_uppercase());
            return Err(error_at(ErrorKind::Syntax, piece.span.start, text));
        }
        self.begin(2)?;
        let token = match calls::parsed_as(&name) {
            Some(other) => Token::Word(Word { value: other.into(), quote_style: None, keyword: Keyword::NoKeyword }),
            None => match &piece.token {
                Token::Word(word) => lowered(word),
                other => other.clone(),
            },
        };
        self.out.push(piece.with(token));
        self.at += 1;
        Ok(())
    }

    fn drop_text(&mut self, range: Range<usize>) {
        self.edits.push((range, String::new()));
    }

    fn replace(&mut self, text: String) {
        let end = &self.input[self.at + ENCLOSED - 1];
        self.edits.push((self.input[self.at].range.start..end.range.end, text));
    }

    fn error(&self, at: usize, text: impl std::fmt::Display) -> Error {
        error_at(ErrorKind::Syntax, self.input[at].span.start, text)
    }
}

/// Tokens of an escape that holds one string.
const ENCLOSED: usize = 4;

/// Names are matched without case, quoted or not: all of them become lower case, by the rule of the tables' names.
fn lowered(word: &Word) -> Token {
    Token::Word(Word { value: word.value.to_lowercase(), ..word.clone() })
}

fn quoted(text: &str) -> Token {
    Token::Word(Word { value: text.to_lowercase(), quote_style: Some('"'), keyword: Keyword::NoKeyword })
}

#[cfg(test)]
mod tests {
    use super::super::native_sql;
    use super::*;

    #[test]
    fn escapes_are_translated_and_nothing_else_changes() {
        let cases = [
            ("SELECT {d '2024-01-31'}  , 1", "SELECT DATE '2024-01-31'  , 1"),
            ("SELECT { TS '2024-01-31 01:02:03' } AS X", "SELECT TIMESTAMP '2024-01-31 01:02:03' AS X"),
            ("SELECT {t '01:02:03'}", "SELECT TIME '01:02:03'"),
            ("SELECT {fn UCASE({fn LTRIM(a)})} FROM t", "SELECT UCASE(LTRIM(a)) FROM t"),
            (
                "SELECT * FROM {oj a LEFT OUTER JOIN b ON a.x = b.x} WHERE 1=1",
                "SELECT * FROM a LEFT OUTER JOIN b ON a.x = b.x WHERE 1=1",
            ),
            ("SELECT 1 FROM t WHERE a LIKE 'x!%' {escape '!'}", "SELECT 1 FROM t WHERE a LIKE 'x!%' ESCAPE '!'"),
            (
                "SELECT '{d ''2024-01-01''}' AS \"{fn X}\" /* {ts} */ -- {oj",
                "SELECT '{d ''2024-01-01''}' AS \"{fn X}\" /* {ts} */ -- {oj",
            ),
            ("SELECT {guid 'a-b'} FROM t WHERE A = ?", "SELECT 'a-b' FROM t WHERE A = ?"),
        ];
        for (sql, native) in cases {
            assert_eq!(native_sql(sql).unwrap(), native, "{sql}");
        }
    }

    #[test]
    fn bad_escapes_say_what_and_where() {
        let cases = [
            ("SELECT {fn SOUNDEX(title)}", ErrorKind::Syntax, "SOUNDEX"),
            ("SELECT {fn }", ErrorKind::Syntax, "name of a function"),
            ("SELECT {d 2024}", ErrorKind::Syntax, "{d 'value'}"),
            ("SELECT {x 'y'}", ErrorKind::Syntax, "'{x ...}' is not known"),
            ("SELECT {fn UCASE('a')", ErrorKind::Syntax, "not closed"),
            ("SELECT 1}", ErrorKind::Syntax, "without its '{'"),
            ("SELECT 1 WHERE 1 = $1", ErrorKind::Syntax, "written '?'"),
            ("SELECT 1 WHERE 1 = :x", ErrorKind::Syntax, "written '?'"),
            ("SELECT 1 WHERE 1 = ?1", ErrorKind::Syntax, "written '?'"),
            ("SELECT {call p(1)}", ErrorKind::NotSupported, "stands alone"),
            ("SELECT {?=call p(1)}", ErrorKind::NotSupported, "stands alone"),
        ];
        for (sql, kind, text) in cases {
            let error = native_sql(sql).unwrap_err();
            assert_eq!(error.kind(), kind, "{sql}: {error}");
            assert!(error.message().contains(text), "{sql}: {error}");
        }
    }
}
