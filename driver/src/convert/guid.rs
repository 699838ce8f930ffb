//! GUIDs: 36 characters of text, or a struct of a 32-bit, two 16-bit and eight 8-bit fields.

/// Lengths of the struct's integers in its text's order; the last eight bytes are in order in both.
const INTEGERS: [std::ops::Range<usize>; 3] = [0..4, 4..6, 6..8];

/// The struct that a text such as `01234567-89ab-cdef-0123-456789abcdef` is, with or without braces.
pub(super) fn parse(text: &str) -> Option<[u8; 16]> {
    let text = text.trim();
    let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let mut lengths = text.split('-').map(str::len);
    if !lengths.by_ref().eq([8, 4, 4, 4, 12]) {
        return None;
    }
    let mut digits = text.chars().filter(|character| *character != '-').map(|digit| digit.to_digit(16));
    let mut bytes = [0; 16];
    for byte in &mut bytes {
        let value = digits.next()?? * 16 + digits.next()??;
        *byte = u8::try_from(value).ok()?;
    }
    swap(&mut bytes);
    Some(bytes)
}

/// The text of a struct, in small letters.
pub(super) fn text(bytes: &[u8; 16]) -> String {
    let mut bytes = *bytes;
    swap(&mut bytes);
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    text
}

/// Between the order of the text and that of this machine.
fn swap(bytes: &mut [u8; 16]) {
    if cfg!(target_endian = "little") {
        for integer in INTEGERS {
            bytes[integer].reverse();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_struct() {
        let text_form = "01234567-89ab-cdef-0123-456789abcdef";
        let bytes = parse(text_form).unwrap();
        assert_eq!(u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]), 0x0123_4567);
        assert_eq!(bytes[8..], [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF]);
        assert_eq!(text(&bytes), text_form);
        assert_eq!(parse(&format!("{{{}}}", text_form.to_uppercase())), Some(bytes));
        assert_eq!(parse("01234567-89ab-cdef-0123-456789abcdeg"), None);
        assert_eq!(parse("0123456789abcdef0123456789abcdef"), None);
        assert_eq!(parse(""), None);
    }
}
