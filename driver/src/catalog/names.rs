//! The name arguments of catalog functions: patterns, plain names and identifiers.
//!
//! Names match without case, as they do in SQL. An empty name restricts nothing: everything here has a catalog, a
//! schema and a name, so the reference's "objects without one" are none, while Power Query, Excel and LibreOffice mean
//! "all" by it.
//! [Arguments](https://learn.microsoft.com/sql/odbc/reference/develop-app/arguments-in-catalog-functions)

use crate::diagnostics::{Diagnostic, Result};

/// What SQLGetInfo(SQL_SEARCH_PATTERN_ESCAPE) says.
const ESCAPE: char = '\\';

/// What the names must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Names {
    /// Any.
    All,
    /// This one.
    One(String),
    /// Those that match `%`, `_` and the escape character.
    Like(Vec<Piece>),
}

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// `%`: any run of characters, an empty one too.
    Run,
    /// `_`: one character.
    Any,
    /// This character, in lower case.
    Literal(char),
}

impl Names {
    /// A pattern value argument; an identifier under SQL_ATTR_METADATA_ID.
    ///
    /// # Errors
    /// `NullPointer` with `name` for an identifier that is missing.
    pub(super) fn pattern(name: &'static str, value: Option<&str>, identifiers: bool) -> Result<Self> {
        if identifiers {
            return Self::identifier(name, value);
        }
        Ok(value.filter(|value| !value.is_empty()).map_or(Self::All, |value| Self::Like(pieces(value))))
    }

    /// An ordinary argument, taken literally; an identifier under SQL_ATTR_METADATA_ID.
    ///
    /// # Errors
    /// As [`Self::pattern`].
    pub(super) fn ordinary(name: &'static str, value: Option<&str>, identifiers: bool) -> Result<Self> {
        if identifiers {
            return Self::identifier(name, value);
        }
        Ok(value.filter(|value| !value.is_empty()).map_or(Self::All, |value| Self::One(value.to_owned())))
    }

    fn identifier(name: &'static str, value: Option<&str>) -> Result<Self> {
        let value = unquoted(value.ok_or(Diagnostic::NullPointer(name))?);
        Ok(if value.is_empty() { Self::All } else { Self::One(value) })
    }

    /// Whether `name` is among them.
    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => folded(one).eq(folded(name)),
            Self::Like(pieces) => like(pieces, &folded(name).collect::<Vec<_>>()),
        }
    }
}

/// The name that an identifier means: inside quotes a doubled quote is one.
fn unquoted(identifier: &str) -> String {
    let inner = identifier.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.map_or_else(|| identifier.trim_end().to_owned(), |inner| inner.replace("\"\"", "\""))
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// The escape character counts only before a character that it can escape.
fn pieces(pattern: &str) -> Vec<Piece> {
    let mut characters = folded(pattern).peekable();
    let mut pieces = Vec::new();
    while let Some(character) = characters.next() {
        pieces.push(match character {
            ESCAPE => Piece::Literal(characters.next_if(|next| ['%', '_', ESCAPE].contains(next)).unwrap_or(ESCAPE)),
            '%' => Piece::Run,
            '_' => Piece::Any,
            other => Piece::Literal(other),
        });
    }
    pieces
}

/// Greedy, with one way back to the last `%`: linear in memory, at worst the product of the lengths in time.
fn like(pieces: &[Piece], name: &[char]) -> bool {
    let (mut at, mut position) = (0, 0);
    let mut retry = None;
    while position < name.len() {
        match pieces.get(at) {
            Some(Piece::Run) => {
                retry = Some((at, position));
                at += 1;
            }
            Some(piece) if *piece == Piece::Any || *piece == Piece::Literal(name[position]) => {
                at += 1;
                position += 1;
            }
            _ => {
                let Some((run, start)) = retry else { return false };
                retry = Some((run, start + 1));
                (at, position) = (run + 1, start + 1);
            }
        }
    }
    pieces[at..].iter().all(|piece| *piece == Piece::Run)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Names::pattern("name", Some(pattern), false).expect("a pattern").matches(name)
    }

    #[test]
    fn patterns_match_as_the_reference_says() {
        for (pattern, name, expected) in [
            ("%", "deals", true),
            ("", "deals", true),
            ("deals", "deals", true),
            ("DEALS", "deals", true),
            ("deal", "deals", false),
            ("d%s", "deals", true),
            ("%ea%", "deals", true),
            ("%x%", "deals", false),
            ("d_als", "deals", true),
            ("d_als", "dals", false),
            ("_____", "deals", true),
            ("______", "deals", false),
            ("deal_products", "deal_products", true),
            ("deal\\_products", "deal_products", true),
            ("deal\\_products", "dealxproducts", false),
            ("100\\%", "100%", true),
            ("100\\%", "100x", false),
            ("a\\\\b", "a\\b", true),
            ("a\\b", "a\\b", true),
            ("%%%s", "deals", true),
            ("ÄRGER%", "ärger", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} against {name}");
        }
    }

    #[test]
    fn a_plain_name_has_no_wildcards() {
        let names = Names::ordinary("name", Some("d%"), false).expect("a name");
        assert!(!names.matches("deals"));
        assert!(names.matches("D%"));
        assert!(Names::ordinary("name", None, false).expect("a name").matches("deals"));
    }

    #[test]
    fn identifiers_are_unquoted_and_needed() {
        let cases = [("deals  ", "deals"), (" \"Lead Source\" ", "lead source"), ("\"a\"\"b\"", "a\"b"), ("%", "%")];
        for (identifier, name) in cases {
            let names = Names::pattern("name", Some(identifier), true).expect("an identifier");
            assert!(names.matches(name), "{identifier}");
            assert!(!names.matches("another"), "{identifier}");
        }
        assert_eq!(Names::pattern("TableName", None, true), Err(Diagnostic::NullPointer("TableName")));
    }

    proptest! {
        #[test]
        fn an_escaped_name_matches_itself_alone(name in "[a-z%_\\\\]{1,12}", other in "[a-z%_\\\\]{1,12}") {
            let escaped = name.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            prop_assert!(matches(&escaped, &name));
            prop_assert_eq!(matches(&escaped, &other), name == other);
        }

        #[test]
        fn matching_agrees_with_its_definition(pattern in "[ab%_]{0,8}", name in "[ab]{0,8}") {
            fn defined(pattern: &[char], name: &[char]) -> bool {
                match (pattern, name) {
                    ([], rest) => rest.is_empty(),
                    (['%', tail @ ..], _) => (0..=name.len()).any(|skip| defined(tail, &name[skip..])),
                    (['_', tail @ ..], [_, rest @ ..]) => defined(tail, rest),
                    ([first, tail @ ..], [character, rest @ ..]) => first == character && defined(tail, rest),
                    _ => false,
                }
            }
            let (pieces, characters) = (pieces(&pattern), name.chars().collect::<Vec<_>>());
            prop_assert_eq!(like(&pieces, &characters), defined(&pattern.chars().collect::<Vec<_>>(), &characters));
        }
    }
}
