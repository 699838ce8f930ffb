//! Whatever comes: nothing panics, nothing is written beside the buffer, no value changes unseen.

use pipedrive_sql::Value;
use proptest::prelude::*;

use super::incoming::{read, source};
use super::*;

fn c_types() -> impl Iterator<Item = (i16, CType)> {
    (-200..=200).filter_map(|code| CType::resolve_parameter(code, 1).ok().map(|c_type| (code, c_type)))
}

fn sql_types() -> impl Iterator<Item = i16> {
    (-200..=200).filter(|code| is_legal_parameter(*code, CType::Char).is_ok())
}

fn cells(text: &str, number: i64, unscaled: i128, bits: u64) -> Vec<Cell<'_>> {
    let bytes = number.to_ne_bytes();
    let small = i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    vec![
        Cell::Bit(number % 2 == 0),
        Cell::Whole { value: number, bytes: 8 },
        Cell::Decimal { unscaled, scale: bytes[0] % 39 },
        Cell::Double(f64::from_bits(bits)),
        Cell::Text(text),
        Cell::Date(small),
        Cell::Time(small),
        Cell::Timestamp(number),
        Cell::Interval(number),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_cell_breaks_a_buffer(
        text in ".{0,20}|[-+]?[0-9]{0,42}[.][0-9]{0,42}|[0-9]{1,3}( |-|:)[0-9]{1,2}:[0-9]{1,2}",
        number: i64, unscaled: i128, bits: u64, capacity in 0_usize..40, scale: i16, precision: i16,
    ) {
        for cell in cells(&text, number, unscaled, bits) {
            for (_, c_type) in c_types() {
                let mut progress = Progress::default();
                let mut memory = Memory::new(capacity);
                let target = Target { scale, precision, ..memory.target(c_type) };
                for progress in [None, Some(&mut progress)] {
                    let outcome = put(cell, &target, progress);
                    prop_assert!(outcome.is_err() || memory.octet_length >= 0);
                    let room = c_type.size().unwrap_or(capacity);
                    prop_assert!(memory.bytes[1 + room..].iter().all(|byte| *byte == UNTOUCHED), "{cell:?} to {c_type:?}");
                }
            }
        }
    }

    #[test]
    fn no_parameter_breaks(bytes in prop::collection::vec(any::<u8>(), 28..=28), length in 0_isize..28, scale: i16) {
        for sql_type in sql_types() {
            for (_, c_type) in c_types() {
                let source = Source { scale, column_size: 7, ..source(c_type, sql_type) };
                let value = read(source, &bytes, length);
                if is_legal_parameter(sql_type, c_type) == Ok(false) {
                    prop_assert_eq!(value.map_err(|error| error.sqlstate()), Err("07006"));
                }
            }
        }
    }

    /// Out as text, in as the type it came from: the same value again.
    #[test]
    fn text_carries_every_value(number: i64, unscaled: i128, bits: u64, day in -719_528_i32..2_932_897) {
        let millis = i64::from(day) * 86_400_000 + number.rem_euclid(86_400_000);
        let float = f64::from_bits(bits);
        prop_assume!(float.is_finite());
        let exact = unscaled % 10_i128.pow(38);
        for (cell, sql_type, value) in [
            (Cell::Whole { value: number, bytes: 8 }, -5, Value::BigInt(number)),
            (Cell::Decimal { unscaled: exact, scale: 4 }, 3, Value::Decimal { unscaled: exact, scale: 4 }),
            (Cell::Double(float), 8, Value::Double(float)),
            (Cell::Date(day), 91, Value::Date(day)),
            (Cell::Time(day.rem_euclid(86_400)), 92, Value::Time(day.rem_euclid(86_400))),
            (Cell::Timestamp(millis), 93, Value::Timestamp(millis)),
        ] {
            for c_type in [CType::Char, CType::WChar] {
                let mut memory = Memory::new(100);
                prop_assert_eq!(put(cell, &memory.target(c_type), None), Ok(Outcome::Whole));
                let bytes = &memory.bytes[1..][..usize::try_from(memory.octet_length).unwrap()];
                prop_assert_eq!(source(c_type, sql_type).read_bytes(bytes), Ok(value.clone()));
            }
        }
    }
}
