//! Whatever an answer holds: it is read as a plain reader reads it, or refused; never cut, never another value.

use proptest::collection::vec;
use serde_json::Value;

use super::*;

/// Every reading.
const READINGS: [Reading; 16] = [
    Reading::BigInt,
    Reading::Money,
    Reading::Double,
    Reading::Bit,
    Reading::Text,
    Reading::LongText,
    Reading::Timestamp,
    Reading::Date,
    Reading::Time,
    Reading::Option,
    Reading::Options,
    Reading::OptionIds,
    Reading::Contacts,
    Reading::Participants,
    Reading::Attendees,
    Reading::Prices,
];

/// Members of records: asked for, not asked for, known to a linked value, and some that escapes are needed for.
const NAMES: [&str; 12] =
    ["i", "t", "m", "x", "id", "value", "label", "price", "person_id", "", "\u{e9} \"\\\n", "custom_fields"];

/// Texts that mean something to a reading, or nearly.
fn telling() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-+]?[0-9]{0,40}([.][0-9]{0,6})?([eE][-+]?[0-9]{1,12})?",
        "[0-9]{4,6}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,10})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?",
        "[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?Z?",
        "(true|false|null|nan|inf|infinity|0000-00-00|1,2|,,| 1 , open )",
        any::<String>(),
    ]
}

/// Any JSON value, three levels deep.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // Written with so few digits that every reader makes the same float of them.
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        (-3_i64..100).prop_map(Value::from),
        telling().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let members = vec((proptest::sample::select(&NAMES[..]), inner.clone()), 0..4);
        prop_oneof![
            vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

/// A JSON text in one of its spellings: blanks anywhere, letters of strings escaped or not.
fn spelled(value: &Value, dice: &mut impl Iterator<Item = u8>) -> String {
    let blank = |dice: &mut dyn Iterator<Item = u8>| [" ", "", "\n", "\t\r"][usize::from(dice.next().unwrap_or(1)) % 4];
    let inner = match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| spelled(item, dice)).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(members) => {
            let members: Vec<_> =
                members.iter().map(|(name, value)| member(name, &spelled(value, dice), dice)).collect();
            format!("{{{}}}", members.join(","))
        }
        Value::String(text) => quoted(text, dice),
        other => other.to_string(),
    };
    format!("{}{inner}{}", blank(dice), blank(dice))
}

fn member(name: &str, value: &str, dice: &mut impl Iterator<Item = u8>) -> String {
    format!("{} :{value}", quoted(name, dice))
}

fn quoted(text: &str, dice: &mut impl Iterator<Item = u8>) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        if dice.next().is_some_and(|die| die % 5 == 0) {
            let mut units = [0; 2];
            quoted.extend(letter.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}")));
        } else {
            let plain = Value::from(letter.to_string()).to_string();
            quoted.push_str(&plain[1..plain.len() - 1]);
        }
    }
    quoted + "\""
}

/// What a column of text shows of a value, by serde_json's own reader.
fn plain_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn dice() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 64)
}

/// A record as it is written: its members in their order, names more than once.
fn record() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    vec((proptest::sample::select(&NAMES[..]), json()), 0..6)
}

fn written(record: &[(&str, Value)], dice: &mut impl Iterator<Item = u8>) -> String {
    let members: Vec<_> = record.iter().map(|(name, value)| member(name, &value.to_string(), dice)).collect();
    format!("{{{}}}", members.join(" , "))
}

/// A page of these records between members that nobody asks for.
fn paged(records: &[String], cursor: &str) -> String {
    let cursor = Value::from(cursor);
    format!(
        "{{\"more\":[{{\"data\":[{{}}]}}],\"success\":true,\"data\":[{}],\"additional_data\":{{\"next_cursor\":{cursor},\"estimate\":1e400}}}}",
        records.join(",")
    )
}

/// A whole number of the mantissa, and what it is in ten-thousandths, counted in another way than the decoder does.
fn ten_thousandths(whole: &str, fraction: &str, exponent: i64) -> Option<(i128, bool)> {
    let digits: i128 = format!("{whole}{fraction}").parse().unwrap();
    let shift = exponent - i64::try_from(fraction.len()).unwrap() + 4;
    if digits == 0 {
        return Some((0, false));
    }
    let Ok(down) = u32::try_from(-shift) else {
        return 10_i128
            .checked_pow(u32::try_from(shift).unwrap())
            .and_then(|factor| digits.checked_mul(factor))
            .map(|n| (n, false));
    };
    let Some(divisor) = 10_i128.checked_pow(down) else { return Some((0, true)) };
    let (quotient, rest) = (digits / divisor, digits % divisor);
    Some((quotient + i128::from(2 * rest >= divisor), rest != 0))
}

proptest! {
    /// Names in any order, twice, spelled with escapes or missing; values of any kind.
    #[test]
    fn members_are_found_however_a_record_is_written(
        records in vec(record(), 0..6), rolled in dice(), cursor in any::<String>(),
    ) {
        let layout = layout(vec![
            column("i", Reading::Text), column("x.value", Reading::Text), column("\u{e9} \"\\\n", Reading::Text),
        ]);
        let mut rolled = rolled.into_iter();
        let texts: Vec<_> = records.iter().map(|record| written(record, &mut rolled)).collect();
        let page = page(paged(&texts, &cursor).as_bytes(), &layout).unwrap();
        prop_assert_eq!(page.batch.num_rows(), records.len());
        prop_assert_eq!(page.next_cursor, Some(cursor).filter(|cursor| !cursor.is_empty()));
        for (row, written) in texts.iter().enumerate() {
            let plain: Value = serde_json::from_str(written).unwrap();
            // A plain value in place of an object is the object's value.
            let x = plain.get("x").map(|x| if x.is_object() { x.get("value") } else { Some(x) });
            let expected = [plain.get("i"), x.flatten(), plain.get("\u{e9} \"\\\n")].map(plain_text);
            let found = [0, 1, 2].map(|place| text(page.batch.column(place).as_ref(), row));
            prop_assert_eq!(found, expected, "{}", written);
        }
    }

    /// Blanks and escapes change nothing, whatever a value is read as; what cannot be read is an error that names the
    /// column and is short.
    #[test]
    fn a_value_is_the_same_in_every_spelling(value in json(), rolled in dice()) {
        let other = spelled(&value, &mut rolled.into_iter());
        for reading in READINGS {
            let (compact, spelled) = (super::value(reading, &value.to_string()), super::value(reading, &other));
            match (compact, spelled) {
                // An array or object in a column of text is shown as it was sent.
                (Ok(Some(one)), Ok(Some(two))) if value.is_array() || value.is_object() => {
                    prop_assert_eq!(one.is_empty(), two.is_empty());
                }
                (Ok(one), Ok(two)) => prop_assert_eq!(one, two, "{:?}", reading),
                (Err(one), Err(two)) => {
                    prop_assert_eq!(one.kind(), two.kind());
                    prop_assert!(matches!(one.kind(), ErrorKind::Conversion | ErrorKind::OutOfRange), "{one}");
                    prop_assert!(one.message().starts_with("x: ") && one.message().chars().count() < 200, "{one}");
                }
                (one, two) => prop_assert!(false, "{reading:?} {value} {other:?}: {one:?} {two:?}"),
            }
        }
    }

    /// The price of a deal, in any spelling of a number: exact, rounded half away from zero, or refused.
    #[test]
    fn money_is_counted_exactly(
        negative: bool, whole in "0|[1-9][0-9]{0,18}", fraction in "[0-9]{0,12}",
        exponent in prop_oneof![Just(None), (-40_i64..40).prop_map(Some), any::<i64>().prop_map(Some)],
    ) {
        let sign = if negative { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        let written = exponent.map(|exponent| format!("e{exponent}")).unwrap_or_default();
        let json = format!("{sign}{whole}{point}{fraction}{written}");
        // Beyond this no number but zero is one of 15 digits, and below it none is one of four decimals.
        let clamped = exponent.unwrap_or_default().clamp(-200, 200);
        let expected = ten_thousandths(&whole, &fraction, clamped).filter(|(number, _)| *number < 10_i128.pow(19));
        let layout = layout(vec![column("x", Reading::Money)]);
        let found = page(format!(r#"{{"success":true,"data":[{{"x":{json}}}]}}"#).as_bytes(), &layout);
        match (found, expected) {
            (Ok(page), Some((number, lost))) => {
                let number = if negative { -number } else { number };
                let cell = page.batch.column(0).as_primitive::<Decimal128Type>().value(0);
                prop_assert_eq!((cell, page.rounded), (number, lost), "{}", json);
            }
            (Err(error), None) => prop_assert_eq!(error.kind(), ErrorKind::OutOfRange, "{} {}", json, error),
            (found, expected) => prop_assert!(false, "{json}: {found:?}, expected {expected:?}"),
        }
    }

    /// A whole number in any spelling: itself, or an error; never a neighbour, as by way of a float.
    #[test]
    fn whole_numbers_are_exact(number: i128, small: i64, zeros in 0_usize..4) {
        for number in [number, i128::from(small), i128::from(i64::MAX) + i128::from(small.rem_euclid(3))] {
            let fraction = if zeros == 0 { String::new() } else { format!(".{}", "0".repeat(zeros)) };
            for json in [format!("{number}{fraction}"), format!("\"{number}{fraction}\"")] {
                let found = value(Reading::BigInt, &json);
                match i64::try_from(number) {
                    Ok(expected) => prop_assert_eq!(found.unwrap(), Some(expected.to_string()), "{}", json),
                    Err(_) => prop_assert_eq!(found.unwrap_err().kind(), ErrorKind::Conversion, "{}", json),
                }
            }
        }
    }

    #[test]
    fn a_page_that_ends_early_is_never_a_shorter_one(records in vec(record(), 0..4), rolled in dice()) {
        let layout = layout(vec![column("i", Reading::Text), column("x.value", Reading::Options)]);
        let mut rolled = rolled.into_iter();
        let texts: Vec<_> = records.iter().map(|record| written(record, &mut rolled)).collect();
        let whole = paged(&texts, "next");
        for length in 0..whole.len() {
            // A value before the end that fits no column is told first.
            let kind = page(&whole.as_bytes()[..length], &layout).unwrap_err().kind();
            prop_assert!(matches!(kind, ErrorKind::Network | ErrorKind::Conversion), "{length}: {kind:?}");
        }
    }

    /// A byte that went wrong on its way: an error, or as many rows.
    #[test]
    fn a_changed_byte_never_takes_a_row(records in vec(record(), 1..4), place: proptest::sample::Index, byte: u8) {
        let layout = layout(vec![column("i", Reading::Text)]);
        let texts: Vec<_> = records.iter().map(|record| written(record, &mut std::iter::repeat(1))).collect();
        let mut bytes = format!(r#"{{"success":true,"data":[{}]}}"#, texts.join(",")).into_bytes();
        let place = place.index(bytes.len());
        // Signs of the structure can make another page that is as valid: nobody could tell.
        prop_assume!(!b"{}[],:\"\\".contains(&byte) && !b"\"\\".contains(&bytes[place]));
        bytes[place] = byte;
        if let Ok(page) = page(&bytes, &layout) {
            prop_assert_eq!(page.batch.num_rows(), records.len());
        }
    }
}

#[test]
fn what_comes_twice_around_the_rows_is_an_error() {
    let layout = layout(vec![column("i", Reading::BigInt)]);
    for json in [
        r#"{"success":true,"data":[{"i":1}],"additional_data":{"next_cursor":"x"},"additional_data":null}"#,
        r#"{"success":true,"data":[{"i":1}],"additional_data":{"next_cursor":"x","next_cursor":null}}"#,
        r#"{"success":false,"data":[],"success":true}"#,
        r#"{"success":true,"data":[],"data":[{"i":1}]}"#,
    ] {
        assert_eq!(page(json.as_bytes(), &layout).unwrap_err().kind(), ErrorKind::Network, "{json}");
    }
}

#[test]
fn an_object_that_comes_twice_counts_as_it_came_last() {
    let layout = layout(vec![column("x.value", Reading::BigInt), column("x.currency", Reading::Text)]);
    for (record, expected) in [
        (r#"{"x":{"value":1,"currency":"EUR"},"x":{"value":2}}"#, [Some("2"), None]),
        (r#"{"x":{"value":1,"currency":"EUR"},"x":null}"#, [None, None]),
        (r#"{"x":{"value":1,"currency":"EUR"},"x":3}"#, [Some("3"), None]),
    ] {
        let page = page(format!(r#"{{"success":true,"data":[{record}]}}"#).as_bytes(), &layout).unwrap();
        let found = [0, 1].map(|place| text(page.batch.column(place).as_ref(), 0));
        assert_eq!(found.each_ref().map(Option::as_deref), expected, "{record}");
    }
}

#[test]
fn depth_costs_no_stack() {
    const DEEP: usize = 200_000;
    let (open, close) = ("[".repeat(DEEP), "]".repeat(DEEP));
    for reading in READINGS {
        let layout = layout(vec![column("x", reading)]);
        let nested = format!("{open}1{close}");
        let objects = format!("{}1{}", "{\"value\":".repeat(DEEP), "}".repeat(DEEP));
        for record in [format!("{{\"y\":{nested}}}"), format!("{{\"x\":{nested}}}"), format!("{{\"x\":{objects}}}")] {
            let answer = format!(r#"{{"success":true,"data":[{record}],"more":{nested}}}"#);
            match page(answer.as_bytes(), &layout) {
                Ok(page) => assert_eq!(page.batch.num_rows(), 1),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Conversion, "{reading:?}: {error}"),
            }
        }
    }
}

#[test]
fn half_pairs_are_replaced_wherever_text_is_read() {
    let lone = r#""a\ud83d""#;
    let replaced = "a\u{fffd}\u{fffd}\u{fffd}";
    for (reading, json) in [
        (Reading::Text, lone.to_owned()),
        (Reading::Option, lone.to_owned()),
        (Reading::Options, format!("[{lone}]")),
        (Reading::Options, format!(r#"[{{"id":1,"label":{lone}}}]"#)),
        (Reading::Contacts, format!(r#"[{{"value":{lone},"primary":true}}]"#)),
        (Reading::Attendees, format!(r#"[{{"name":{lone},"email":null}}]"#)),
        (Reading::Attendees, format!(r#"[{{"email":{lone}}}]"#)),
    ] {
        assert_eq!(value(reading, &json).unwrap().as_deref(), Some(replaced), "{reading:?} {json}");
    }
}

#[test]
fn bytes_that_are_no_json_text_are_refused() {
    let layout = layout(vec![column("x", Reading::Text)]);
    let page = |value: &[u8]| page(&[br#"{"success":true,"data":[{"x":"#, value, b"}]}"].concat(), &layout);
    assert_eq!(page(b"\"a\"").unwrap().batch.num_rows(), 1);
    for wrong in [
        &b"\"\xff\""[..],
        b"\"\xed\xa0\xbd\"",
        b"\"a\x00\"",
        b"\"a\nb\"",
        b"\"\\x\"",
        b"\"\\u12\"",
        b"01",
        b"+1",
        b".5",
        b"NaN",
    ] {
        assert_eq!(page(wrong).unwrap_err().kind(), ErrorKind::Network, "{wrong:?}");
    }
    let marked = [&b"\xef\xbb\xbf"[..], br#"{"success":true,"data":[]}"#].concat();
    assert_eq!(super::page(&marked, &layout).unwrap_err().kind(), ErrorKind::Network);
}
