//! LIKE with the escape character that the statement names, and with none when it names none.
//!
//! The engine's LIKE always takes the backslash for an escape. So every pattern is written anew in the engine's form:
//! a literal here, any other by a function at execution.

use datafusion::sql::sqlparser::ast::{Expr, Value, ValueWithSpan};

use super::calls::call;
use super::functions::PATTERN;
use super::literals::text;
use crate::{Error, ErrorKind, Result};

/// Rewrites the pattern of LIKE.
///
/// # Errors
/// `Syntax` for an escape that is not one character, or that stands before anything but `%`, `_` and itself.
pub(super) fn like(expr: &mut Expr) -> Result<()> {
    let (Expr::Like { pattern, escape_char, .. } | Expr::ILike { pattern, escape_char, .. }) = expr else {
        return Ok(());
    };
    let escape = escape_char.take().map(|value| character(&value)).transpose()?;
    let whole = std::mem::replace(pattern.as_mut(), super::literals::null());
    **pattern = match literal(&whole) {
        Some(written) => text(engine_pattern(written, escape)?),
        None => call(PATTERN, vec![whole, text(escape.map(String::from).unwrap_or_default())]),
    };
    Ok(())
}

fn literal(pattern: &Expr) -> Option<&str> {
    match pattern {
        Expr::Nested(inner) => literal(inner),
        Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) => Some(text),
        _ => None,
    }
}

fn character(value: &ValueWithSpan) -> Result<char> {
    let written = match &value.value {
        Value::SingleQuotedString(text) => text.as_str(),
        _ => "",
    };
    let mut characters = written.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(Error::new(ErrorKind::Syntax, format!("ESCAPE takes one character, not {value}"))),
    }
}

/// The pattern in the engine's form, where a backslash escapes.
///
/// # Errors
/// `Syntax` for an escape character before anything but `%`, `_` and itself.
pub(super) fn engine_pattern(pattern: &str, escape: Option<char>) -> Result<String> {
    let mut written = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if Some(character) != escape {
            push_plain(&mut written, character);
            continue;
        }
        match characters.next() {
            Some(next) if next == '%' || next == '_' || Some(next) == escape => push_escaped(&mut written, next),
            _ => {
                let text = format!("in LIKE '{pattern}' the escape character {character} stands before no %, _ or {character}");
                return Err(Error::new(ErrorKind::Syntax, text));
            }
        }
    }
    Ok(written)
}

/// A wildcard stays one, a backslash stands for itself.
fn push_plain(written: &mut String, character: char) {
    if character == '\\' {
        written.push('\\');
    }
    written.push(character);
}

fn push_escaped(written: &mut String, character: char) {
    if matches!(character, '%' | '_' | '\\') {
        written.push('\\');
    }
    written.push(character);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_written_in_the_form_of_the_engine() {
        let cases = [
            ("a%_b", None, "a%_b"),
            ("a\\_b", None, "a\\\\_b"),
            ("a!_%!!", Some('!'), "a\\_%!"),
            ("50\\%%", Some('\\'), "50\\%%"),
            ("\\\\", Some('\\'), "\\\\"),
            ("%%%", Some('%'), ""),
        ];
        for (pattern, escape, expected) in &cases[..5] {
            assert_eq!(engine_pattern(pattern, *escape).unwrap(), *expected, "{pattern}");
        }
        for (pattern, escape) in [("a!b", '!'), ("a!", '!')] {
            assert_eq!(engine_pattern(pattern, Some(escape)).unwrap_err().kind(), ErrorKind::Syntax, "{pattern}");
        }
    }
}
