//! A statement as a log shows it: without comments, on one line, and as its shape without literals.

use datafusion::sql::sqlparser::tokenizer::Token;

use super::tokens::{self, Piece};

/// The statement with every literal as `?`.
pub fn shape(sql: &str) -> String {
    written(sql, |piece, text| match &piece.token {
        Token::Word(_) => true,
        // Whatever is no name and no operator counts as a literal: what a later tokenizer knows, too.
        _ => text.chars().all(|letter| letter.is_ascii_punctuation() && !matches!(letter, '\'' | '"' | '`')),
    })
    .unwrap_or_else(|| format!("a statement of {} characters that cannot be read", sql.chars().count()))
}

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
    fn the_compact_statement_keeps_its_literals() {
        assert_eq!(compact("SELECT\n 'a  b' --x\n , 1"), "SELECT 'a  b' , 1");
        assert_eq!(compact("SELECT 'open"), "SELECT 'open");
    }
}
