//! ODBC's `keyword=value;` grammar, read and written.
//!
//! A value with special characters stands in braces, and a closing brace inside of them is doubled. Errors name the
//! place, never the text: a slip in the braces can make a piece of a token look like a keyword.
//! [Reference](https://learn.microsoft.com/sql/odbc/reference/syntax/sqldriverconnect-function)

use crate::{Error, ErrorKind, Result};

/// Characters for which a value goes into braces.
const SPECIAL: &[char] = &['[', ']', '{', '}', '(', ')', ',', ';', '?', '*', '=', '!', '@'];

/// Splits a connection string into its pairs, in their order, braces undone. Whoever uses them takes the first mention
/// of a keyword.
///
/// # Errors
/// `Property` for a keyword without `=`, a missing keyword, a brace that is not closed, text after a closing brace.
pub fn parse_connection_string(text: &str) -> Result<Vec<(String, String)>> {
    // Applications count the terminating zero in now and then.
    let mut rest = text.trim_end_matches('\0');
    let mut pairs = Vec::new();
    loop {
        rest = rest.trim_start_matches(|letter: char| letter == ';' || letter.is_whitespace());
        if rest.is_empty() {
            return Ok(pairs);
        }
        let number = pairs.len() + 1;
        let (keyword, value) = keyword(rest, number)?;
        let (value, after) = value_of(value, number)?;
        pairs.push((keyword.to_owned(), value));
        rest = after;
    }
}

/// The keyword and what follows its `=`.
fn keyword(text: &str, number: usize) -> Result<(&str, &str)> {
    let end = text.find(['=', ';']).filter(|&end| text[end..].starts_with('='));
    let Some(end) = end else {
        return Err(wrong(number, "has no '='; a value that contains ';' goes into braces: {a;b}"));
    };
    match text[..end].trim() {
        "" => Err(wrong(number, "has no keyword before its '='")),
        keyword if keyword.contains('\0') => Err(wrong(number, "contains a zero character")),
        keyword => Ok((keyword, &text[end + 1..])),
    }
}

/// The value at the start of `text`, and what comes after it.
fn value_of(text: &str, number: usize) -> Result<(String, &str)> {
    let trimmed = text.trim_start();
    let (value, rest) = match trimmed.strip_prefix('{') {
        Some(braced) => {
            let (value, after) = braced_value(braced).ok_or_else(|| {
                wrong(number, "opens a brace that is not closed; inside of braces '}' is written '}}'")
            })?;
            let (blanks, rest) = until_semicolon(after);
            if !blanks.trim().is_empty() {
                return Err(wrong(number, "has text after its closing brace; inside of braces '}' is written '}}'"));
            }
            (value, rest)
        }
        None => {
            let (value, rest) = until_semicolon(text);
            (value.trim().to_owned(), rest)
        }
    };
    if value.contains('\0') {
        return Err(wrong(number, "contains a zero character"));
    }
    Ok((value, rest))
}

/// The text up to the closing brace, doubled ones undone, and what comes after it.
fn braced_value(text: &str) -> Option<(String, &str)> {
    let (mut value, mut rest) = (String::new(), text);
    loop {
        let (before, after) = rest.split_once('}')?;
        value.push_str(before);
        match after.strip_prefix('}') {
            Some(more) => {
                value.push('}');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

fn until_semicolon(text: &str) -> (&str, &str) {
    text.split_once(';').unwrap_or((text, ""))
}

fn wrong(number: usize, what: &str) -> Error {
    Error::new(ErrorKind::Property, format!("pair {number} of the connection string {what}"))
}

/// Writes pairs as a connection string that [`parse_connection_string`] reads back. Keywords are taken as they are.
pub fn write_connection_string<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    pairs.iter().map(|(keyword, value)| format!("{}={};", keyword.as_ref(), written(value.as_ref()))).collect()
}

fn written(value: &str) -> String {
    if value.contains(SPECIAL) || value.trim() != value {
        format!("{{{}}}", value.replace('}', "}}"))
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Vec<(String, String)> {
        parse_connection_string(text).unwrap()
    }

    #[test]
    fn pairs_are_read_as_odbc_writes_them() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("", &[]),
            (" ;; ; ", &[]),
            ("DSN=Pipedrive", &[("DSN", "Pipedrive")]),
            ("DSN=Pipedrive;", &[("DSN", "Pipedrive")]),
            (" dsn = Sales data ; UID= ;PWD=", &[("dsn", "Sales data"), ("UID", ""), ("PWD", "")]),
            ("DRIVER={Pipedrive};a=b=c", &[("DRIVER", "Pipedrive"), ("a", "b=c")]),
            ("PWD={a;b}}c}", &[("PWD", "a;b}c")]),
            ("PWD= { a } ;x=1", &[("PWD", " a "), ("x", "1")]),
            ("PWD={};x={}}}", &[("PWD", ""), ("x", "}")]),
            ("PWD=a{b;x=}", &[("PWD", "a{b"), ("x", "}")]),
            ("a=1;A=2;", &[("a", "1"), ("A", "2")]),
            ("name=Zoë;emoji={🦀;}\0", &[("name", "Zoë"), ("emoji", "🦀;")]),
        ];
        for (text, expected) in cases {
            let found = parsed(text);
            let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_place_and_without_the_text() {
        let cases = [
            ("DSN=a;SECRET", "pair 2"),
            ("SECRET", "no '='"),
            ("PWD=SEC;RET;DSN=a", "pair 2"),
            ("=SECRET", "no keyword"),
            ("PWD={SECRET", "not closed"),
            ("PWD={SECRET}}", "not closed"),
            ("PWD={SEC}RET;a=b", "closing brace"),
            ("PWD={SEC\0RET}", "zero"),
            ("PW\0D=SECRET", "zero"),
        ];
        for (text, expected) in cases {
            let error = parse_connection_string(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Property, "{text}");
            assert!(error.message().contains(expected), "{text}: {error}");
            assert!(!error.message().contains("SEC"), "{text}: {error}");
        }
    }

    /// Pairs as unixODBC's driver manager takes a string apart, before it hands it on: a keyword goes up to its `=`, a
    /// value that begins with a brace up to the first closing one that is not doubled, any other up to a semicolon.
    fn as_the_manager_reads(text: &str) -> Vec<(String, String)> {
        let (mut rest, mut pairs) = (text, Vec::new());
        loop {
            rest = rest.trim_start_matches(|letter: char| letter.is_ascii_whitespace() || letter == ';');
            let Some((keyword, value)) = rest.split_once('=') else { return pairs };
            let end = match value.strip_prefix('{') {
                Some(braced) => {
                    let mut end = 0;
                    while let Some(brace) = braced[end..].find('}') {
                        end += brace;
                        if !braced[end..].starts_with("}}") {
                            break;
                        }
                        end += 2;
                    }
                    pairs.push((keyword.to_owned(), braced[..end].replace("}}", "}")));
                    end + 2
                }
                None => {
                    let end = value.find(';').unwrap_or(value.len());
                    pairs.push((keyword.to_owned(), value[..end].to_owned()));
                    end
                }
            };
            rest = value.get(end..).unwrap_or_default();
        }
    }

    proptest! {
        #[test]
        fn the_driver_manager_reads_what_is_written(
            pairs in prop::collection::vec(("[A-Za-z][A-Za-z0-9_]{0,10}", r"[^\x00]{0,20}|[{}\[\];=,()?*!@ a]{0,8}"), 0..6),
        ) {
            prop_assert_eq!(as_the_manager_reads(&write_connection_string(&pairs)), pairs);
        }

        #[test]
        fn what_is_written_is_read_back(
            pairs in prop::collection::vec(("[A-Za-z]([A-Za-z0-9_ ]{0,10}[A-Za-z0-9])?", "[^\0]{0,30}"), 0..6),
        ) {
            prop_assert_eq!(parsed(&write_connection_string(&pairs)), pairs);
        }

        #[test]
        fn values_made_of_special_characters_are_read_back(value in r"[{}\[\];=,()?*!@ a]{0,12}") {
            let pairs = vec![("PWD".to_owned(), value), ("x".to_owned(), "1".to_owned())];
            prop_assert_eq!(parsed(&write_connection_string(&pairs)), pairs);
        }

        #[test]
        fn any_text_is_read_or_refused(text in r"(\PC|[;={}\x00]){0,40}") {
            if let Ok(pairs) = parse_connection_string(&text) {
                prop_assert_eq!(parsed(&write_connection_string(&pairs)), pairs);
            }
        }
    }
}
