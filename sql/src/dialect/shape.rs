//! A statement as a log shows it: without comments, on one line, and as its shape without literals.
//!
//! In a statement that was prepared every word is a name. In one that was refused a word can be anything: text in the
//! wrong quotes, or what follows a mark that is no comment here. There only words that are known are shown.

use std::collections::HashSet;
use std::sync::LazyLock;

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Word};

use super::tokens::{self, Piece};
use crate::model::{CATALOG, ENTITIES, SCHEMAS, SYSTEM_TABLES};
use crate::procedures;

/// A statement that was prepared, with every literal as `?`.
pub fn shape(sql: &str) -> String {
    shape_with(sql, |_| true)
}

/// A statement that could not be prepared, with every literal, and every word that is not known, as `?`.
pub fn shape_of_refused(sql: &str) -> String {
    shape_with(sql, is_known)
}

fn shape_with(sql: &str, is_shown: impl Fn(&Word) -> bool) -> String {
    written(sql, |piece, text| match &piece.token {
        Token::Word(word) => is_shown(word),
        // Whatever is no name and no operator counts as a literal: what a later tokenizer knows, too.
        _ => text.chars().all(|letter| letter.is_ascii_punctuation() && !matches!(letter, '\'' | '"' | '`')),
    })
    .unwrap_or_else(|| format!("a statement of {} characters that cannot be read", sql.chars().count()))
}

/// Whether a word is SQL's or the model's.
fn is_known(word: &Word) -> bool {
    let is_name = || KNOWN.contains(word.value.to_ascii_lowercase().as_str());
    word.quote_style.is_none() && (word.keyword != Keyword::NoKeyword || is_name())
}

/// Names of functions, of procedures and their parameters, of tables and of their built-in columns, and the words of
/// ODBC's escapes.
static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let columns = ENTITIES.iter().flat_map(|entity| entity.columns).map(|column| column.name);
    let own = SYSTEM_TABLES.iter().flat_map(|table| table.columns).map(|column| column.name);
    let tables = ENTITIES.iter().map(|entity| entity.name).chain(SYSTEM_TABLES.iter().map(|table| table.name));
    let names = columns.chain(own).chain(tables).chain(SCHEMAS.iter().copied()).chain([CATALOG]).chain(ESCAPES);
    names
        .chain(procedures::names())
        .map(str::to_ascii_lowercase)
        .chain(super::functions::names().into_iter().map(|name| name.to_ascii_lowercase()))
        .collect()
});

/// Words that follow the brace of an escape.
const ESCAPES: [&str; 6] = ["d", "t", "ts", "fn", "oj", "call"];

/// The statement with its literals.
pub fn compact(sql: &str) -> String {
    written(sql, |_, _| true).unwrap_or_else(|| sql.to_owned())
}

/// Its tokens, one blank where there was any; `None` when it has none that can be told apart.
fn written(sql: &str, is_shown: impl Fn(&Piece, &str) -> bool) -> Option<String> {
    let (mut written, mut end) = (String::with_capacity(sql.len()), 0);
    for piece in tokens::read(sql).ok()? {
        let text = sql.get(piece.range.clone())?;
        if piece.range.start > end && !written.is_empty() {
            written.push(' ');
        }
        written.push_str(if is_shown(&piece, text) { text } else { "?" });
        end = piece.range.end;
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_are_not_in_the_shape() {
        for (sql, expected) in [
            ("SELECT  a.b, \"Total ß\"\r\n FROM t -- 'x'", "SELECT a.b, \"Total ß\" FROM t"),
            ("SELECT 'it''s' || N'é' || X'0F' /* 'SECRET' */ || ''", "SELECT ? || ? || ? || ?"),
            ("SELECT 1.5e3, -7, .5 FROM t WHERE a IN (1,2)", "SELECT ?, -?, ? FROM t WHERE a IN (?,?)"),
            ("SELECT {d '2026-01-31'}, ?, {fn LEFT(a, 3)}", "SELECT {d ?}, ?, {fn LEFT(a, ?)}"),
            ("SELECT 'SECRET", "a statement of 14 characters that cannot be read"),
            ("SELECT a>=b AND c<>'x'", "SELECT a>=b AND c<>?"),
            ("", ""),
        ] {
            assert_eq!(shape(sql), expected, "{sql}");
        }
    }

    #[test]
    fn words_of_a_refused_statement_are_shown_when_they_are_known() {
        for (sql, expected) in [
            ("SELECT title FROM crm.dels WHERE id = 1", "SELECT title FROM crm.? WHERE id = ?"),
            ("SELECT id FROM deals WHERE title = \"Geheim\"", "SELECT id FROM deals WHERE title = ?"),
            ("SELECT COUNT(*), upper(a) FROM deals", "SELECT COUNT(*), upper(?) FROM deals"),
            ("SELECT {fn LOWER(title)}, {d '2026-01-31'}", "SELECT {fn LOWER(title)}, {d ?}"),
            ("{call refreshmetadata('x', Geheim)}", "{call refreshmetadata(?, ?)}"),
            ("EXEC GetOAuthAccessToken Verifier = Geheim", "EXEC GetOAuthAccessToken Verifier = ?"),
        ] {
            assert_eq!(shape_of_refused(sql), expected, "{sql}");
        }
        let quoted =
            ["`Geheim`", "\u{201c}Geheim\u{201d}", "1 # Geheim", "/* a /* b */ Geheim */ 1", "[Geheim]", "Geheim()"];
        for text in quoted {
            let shape = shape_of_refused(&format!("SELECT id FROM deals WHERE title = {text}"));
            assert!(!shape.contains("Geheim"), "{text}: {shape}");
        }
    }

    #[test]
    fn the_compact_statement_keeps_its_literals() {
        assert_eq!(compact("SELECT\n 'a  b' --x\n , 1"), "SELECT 'a  b' , 1");
        assert_eq!(compact("SELECT 'open"), "SELECT 'open");
    }
}
