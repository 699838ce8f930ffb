//! Messages without the values that they quote: a message may repeat a literal, a parameter or what stands in a row.

/// The message with everything from its first quote to its last, and every number, as `?`. Places in a statement stay.
pub fn masked(message: &str) -> String {
    match (message.find(QUOTES), message.rfind(QUOTES)) {
        (Some(first), Some(last)) if first < last => {
            let mut text = numbers(&message[..first]);
            text.push_str("'?'");
            // A quote is one byte.
            text.push_str(&numbers(&message[last + 1..]));
            text
        }
        _ => numbers(message),
    }
}

const QUOTES: [char; 3] = ['\'', '"', '`'];

/// What may stand before a number that is a place, not a value.
const PLACES: &[&str] = &["line ", "column ", "Line: ", "Column: ", "parameter ", "verbosity "];

fn numbers(text: &str) -> String {
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        shown.push_str(&rest[..start]);
        let digits = &rest[start..];
        let end = digits.find(|letter: char| !in_number(letter)).unwrap_or(digits.len());
        let is_place = PLACES.iter().any(|place| shown.ends_with(place));
        shown.push_str(if is_place { &digits[..end] } else { "?" });
        rest = &digits[end..];
    }
    shown + rest
}

/// What a number, a date or a time is made of.
const fn in_number(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | ':' | '-' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_masked_and_places_stay() {
        for (message, expected) in [
            ("the text 'abc' is no value of the type asked for", "the text '?' is no value of the type asked for"),
            ("'it's a SECRET' is no date (line 2, column 17)", "'?' is no date (line 2, column 17)"),
            ("the value 2026-01-31T10:00:00.5+02:00 is out of range", "the value ? is out of range"),
            ("parameter 3: 1.5e10 is too large", "parameter 3: ? is too large"),
            ("found \"a\" and 'b'", "found '?'"),
            ("an open ' quote 12", "an open ' quote ?"),
            ("nothing to hide", "nothing to hide"),
            ("", ""),
        ] {
            assert_eq!(masked(message), expected);
        }
    }
}
