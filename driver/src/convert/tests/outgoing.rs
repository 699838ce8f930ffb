use super::*;

const TEXT: Cell<'static> = Cell::Text("añb");
const MONEY: Cell<'static> = Cell::Decimal { unscaled: 50_000_000, scale: 4 };
const DEBT: Cell<'static> = Cell::Decimal { unscaled: -12_345, scale: 2 };

const fn whole(value: i64) -> Cell<'static> {
    Cell::Whole { value, bytes: 8 }
}

/// 1992-12-31 23:45:55.120
const MOMENT: Cell<'static> = Cell::Timestamp(725_845_555_120);
/// 1992-12-31 23:45:55
const SECOND: Cell<'static> = Cell::Timestamp(725_845_555_000);
/// 1992-12-31
const DAY: Cell<'static> = Cell::Date(8_400);
/// 26 hours, 3 minutes, 4.5 seconds
const SPAN: Cell<'static> = Cell::Interval(93_784_500);

/// Value, C type, bytes of the buffer, what it then holds, the indicator, the SQLSTATE.
type Case<'a> = (Cell<'a>, CType, usize, &'a [u8], isize, &'a str);

fn check(rows: &[Case<'_>]) {
    for (cell, c_type, capacity, bytes, length, sqlstate) in rows {
        let mut memory = Memory::new(*capacity);
        let outcome = put(*cell, &memory.target(*c_type), None);
        let context = format!("{cell:?} to {c_type:?} in {capacity}");
        assert_eq!(state(&outcome), *sqlstate, "{context}");
        if outcome.is_ok() {
            assert_eq!((memory.octet_length, memory.indicator), (*length, 0), "{context}");
            assert_eq!(memory.written(), *bytes, "{context}");
        } else {
            assert_eq!(memory.written(), b"", "{context}: an error writes nothing");
        }
    }
}

#[test]
fn to_narrow_text() {
    check(&[
        (TEXT, CType::Char, 5, b"a\xC3\xB1b\0", 4, ""),
        (TEXT, CType::Char, 4, b"a\xC3\xB1\0", 4, "01004"),
        (TEXT, CType::Char, 3, b"a\0", 4, "01004"),
        (TEXT, CType::Char, 1, b"\0", 4, "01004"),
        (TEXT, CType::Char, 0, b"", 4, "01004"),
        (Cell::Text(""), CType::Char, 1, b"\0", 0, ""),
        (Cell::Text("a\0b"), CType::Char, 9, b"a\0b\0", 3, ""),
        (MONEY, CType::Char, 10, b"5000.0000\0", 9, ""),
        (MONEY, CType::Char, 7, b"5000.0\0", 9, "01004"),
        (MONEY, CType::Char, 5, b"5000\0", 9, "01004"),
        (MONEY, CType::Char, 4, b"", 0, "22003"),
        (MONEY, CType::Char, 0, b"", 9, "01004"),
        (DEBT, CType::Char, 9, b"-123.45\0", 7, ""),
        (Cell::Decimal { unscaled: -5, scale: 3 }, CType::Char, 9, b"-0.005\0", 6, ""),
        (whole(i64::MIN), CType::Char, 21, b"-9223372036854775808\0", 20, ""),
        (whole(12), CType::Char, 2, b"", 0, "22003"),
        (Cell::Bit(true), CType::Char, 2, b"1\0", 1, ""),
        (Cell::Bit(true), CType::Char, 1, b"", 0, "22003"),
        (Cell::Double(0.1), CType::Char, 9, b"0.1\0", 3, ""),
        (Cell::Double(1234.5), CType::Char, 5, b"1234\0", 6, "01004"),
        (Cell::Double(1.5e300), CType::Char, 6, b"", 0, "22003"),
        (DAY, CType::Char, 11, b"1992-12-31\0", 10, ""),
        (DAY, CType::Char, 10, b"", 0, "22003"),
        (Cell::Time(3_661), CType::Char, 9, b"01:01:01\0", 8, ""),
        (Cell::Time(3_661), CType::Char, 8, b"", 0, "22003"),
        (MOMENT, CType::Char, 23, b"1992-12-31 23:45:55.12\0", 22, ""),
        (MOMENT, CType::Char, 20, b"1992-12-31 23:45:55\0", 22, "01004"),
        (MOMENT, CType::Char, 19, b"", 0, "22003"),
        (SECOND, CType::Char, 20, b"1992-12-31 23:45:55\0", 19, ""),
        (SPAN, CType::Char, 20, b"1 02:03:04.5\0", 12, ""),
        (Cell::Interval(-1), CType::Char, 20, b"-0 00:00:00.001\0", 15, ""),
    ]);
}

#[test]
fn to_wide_text() {
    let pair = "a😀";
    check(&[
        (TEXT, CType::WChar, 8, &wide("añb\0"), 6, ""),
        (TEXT, CType::WChar, 7, &wide("añ\0"), 6, "01004"),
        (TEXT, CType::WChar, 2, &wide("\0"), 6, "01004"),
        (TEXT, CType::WChar, 1, b"", 6, "01004"),
        (Cell::Text(pair), CType::WChar, 8, &wide("a😀\0"), 6, ""),
        (Cell::Text(pair), CType::WChar, 6, &wide("a\0"), 6, "01004"),
        (MONEY, CType::WChar, 20, &wide("5000.0000\0"), 18, ""),
        (MONEY, CType::WChar, 10, &wide("5000\0"), 18, "01004"),
        (MONEY, CType::WChar, 9, b"", 0, "22003"),
        (DAY, CType::WChar, 22, &wide("1992-12-31\0"), 20, ""),
    ]);
}

#[test]
fn wide_text_has_four_bytes_where_the_manager_says_so() {
    let mut memory = Memory::new(12);
    let target = memory.target(CType::WChar);
    let outcome = crate::text::with_width(crate::text::Width::Four, || put(Cell::Text("a😀b"), &target, None));
    assert_eq!((state(&outcome), memory.octet_length), ("01004", 12));
    let expected: Vec<u8> = ['a', '😀', '\0'].into_iter().flat_map(|c| u32::from(c).to_ne_bytes()).collect();
    assert_eq!(memory.written(), expected);
}

#[test]
fn to_integers_and_flags() {
    check(&[
        (whole(-5), CType::SLong, 0, &(-5_i32).to_ne_bytes(), 4, ""),
        (whole(-5), CType::ULong, 0, b"", 0, "22003"),
        (whole(128), CType::STinyInt, 0, b"", 0, "22003"),
        (whole(-128), CType::STinyInt, 0, &[0x80], 1, ""),
        (whole(255), CType::UTinyInt, 0, &[255], 1, ""),
        (whole(i64::MAX), CType::SBigInt, 0, &i64::MAX.to_ne_bytes(), 8, ""),
        (whole(65_535), CType::UShort, 0, &[255, 255], 2, ""),
        (DEBT, CType::SShort, 0, &(-123_i16).to_ne_bytes(), 2, "01S07"),
        (MONEY, CType::UBigInt, 0, &5000_u64.to_ne_bytes(), 8, ""),
        (Cell::Double(2.9), CType::SLong, 0, &2_i32.to_ne_bytes(), 4, "01S07"),
        (Cell::Double(f64::NAN), CType::SLong, 0, b"", 0, "22003"),
        (Cell::Double(1e19), CType::SBigInt, 0, b"", 0, "22003"),
        (Cell::Text(" 42 "), CType::SLong, 0, &42_i32.to_ne_bytes(), 4, ""),
        (Cell::Text("4.2e1"), CType::SLong, 0, &42_i32.to_ne_bytes(), 4, ""),
        (Cell::Text("42.5"), CType::SLong, 0, &42_i32.to_ne_bytes(), 4, "01S07"),
        (Cell::Text("4x"), CType::SLong, 0, b"", 0, "22018"),
        (Cell::Text(""), CType::SLong, 0, b"", 0, "22018"),
        (Cell::Text("99999999999"), CType::SLong, 0, b"", 0, "22003"),
        (Cell::Bit(true), CType::SLong, 0, &1_i32.to_ne_bytes(), 4, ""),
        (whole(1), CType::Bit, 0, &[1], 1, ""),
        (whole(2), CType::Bit, 0, b"", 0, "22003"),
        (whole(-1), CType::Bit, 0, b"", 0, "22003"),
        (Cell::Double(1.5), CType::Bit, 0, &[1], 1, "01S07"),
        (Cell::Double(-0.5), CType::Bit, 0, b"", 0, "22003"),
        (Cell::Text("0"), CType::Bit, 0, &[0], 1, ""),
        (DAY, CType::SLong, 0, b"", 0, "07006"),
    ]);
}

#[test]
fn to_floats_and_numerics() {
    let numeric = |precision: u8, scale: u8, sign: u8, value: u128| {
        let mut bytes = vec![precision, scale, sign];
        bytes.extend(value.to_le_bytes());
        bytes
    };
    check(&[
        (DEBT, CType::Double, 0, &(-123.45_f64).to_ne_bytes(), 8, ""),
        (DEBT, CType::Float, 0, &(-123.45_f32).to_ne_bytes(), 4, ""),
        (Cell::Text("1e400"), CType::Double, 0, b"", 0, "22003"),
        (Cell::Double(1e300), CType::Float, 0, b"", 0, "22003"),
        (Cell::Double(f64::INFINITY), CType::Double, 0, &f64::INFINITY.to_ne_bytes(), 8, ""),
        (whole(7), CType::Numeric, 0, &numeric(38, 0, 1, 7), 19, ""),
        (DEBT, CType::Numeric, 0, &numeric(38, 0, 0, 123), 19, "01S07"),
        (Cell::Double(1e39), CType::Numeric, 0, b"", 0, "22003"),
    ]);
    for (precision, scale, bytes, sqlstate) in
        [(10, 2, numeric(10, 2, 0, 12_345), ""), (9, 4, numeric(9, 4, 0, 1_234_500), ""), (4, 2, vec![], "22003")]
    {
        let mut memory = Memory::new(0);
        let target = Target { precision, scale, ..memory.target(CType::Numeric) };
        let outcome = put(DEBT, &target, None);
        assert_eq!((state(&outcome), memory.written()), (sqlstate, bytes.as_slice()));
    }
}

#[test]
fn to_dates_and_times() {
    let words = |words: &[i16]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>();
    let fine = [words(&[1992, 12, 31, 23, 45, 55]), 120_000_000_u32.to_ne_bytes().to_vec()].concat();
    let midnight = words(&[1992, 12, 31, 0, 0, 0, 0, 0]);
    let second = words(&[1992, 12, 31, 23, 45, 55, 0, 0]);
    check(&[
        (DAY, CType::Date, 0, &words(&[1992, 12, 31]), 6, ""),
        (DAY, CType::Timestamp, 0, &midnight, 16, ""),
        (DAY, CType::Time, 0, b"", 0, "07006"),
        (Cell::Time(3_661), CType::Time, 0, &words(&[1, 1, 1]), 6, ""),
        (Cell::Time(3_661), CType::Date, 0, b"", 0, "07006"),
        (MOMENT, CType::Timestamp, 0, &fine, 16, ""),
        (MOMENT, CType::Date, 0, &words(&[1992, 12, 31]), 6, "01S07"),
        (MOMENT, CType::Time, 0, &words(&[23, 45, 55]), 6, "01S07"),
        (SECOND, CType::Time, 0, &words(&[23, 45, 55]), 6, ""),
        (Cell::Timestamp(725_760_000_000), CType::Date, 0, &words(&[1992, 12, 31]), 6, ""),
        (Cell::Text("1992-12-31"), CType::Date, 0, &words(&[1992, 12, 31]), 6, ""),
        (Cell::Text(" 1992-12-31 23:45:55 "), CType::Timestamp, 0, &second, 16, ""),
        (Cell::Text("1992-12-31 23:45:55"), CType::Date, 0, &words(&[1992, 12, 31]), 6, "01S07"),
        (Cell::Text("1992-12-31 00:00:00"), CType::Date, 0, &words(&[1992, 12, 31]), 6, ""),
        (Cell::Text("23:45:55"), CType::Time, 0, &words(&[23, 45, 55]), 6, ""),
        (Cell::Text("23:45:55.5"), CType::Time, 0, &words(&[23, 45, 55]), 6, "01S07"),
        (Cell::Text("1992-13-31"), CType::Date, 0, b"", 0, "22018"),
        (Cell::Text("23:45:55"), CType::Date, 0, b"", 0, "22018"),
        (Cell::Text("1992-12-31"), CType::Time, 0, b"", 0, "22018"),
        (Cell::Timestamp(i64::MAX), CType::Timestamp, 0, b"", 0, "22008"),
        (Cell::Date(i32::MIN), CType::Date, 0, b"", 0, "22008"),
    ]);
}

#[test]
fn a_time_becomes_a_moment_of_today() {
    let mut memory = Memory::new(0);
    let outcome = put(Cell::Time(3_661), &memory.target(CType::Timestamp), None);
    assert_eq!((state(&outcome), memory.octet_length), ("", 16));
    let hour_and_minute: Vec<u8> = [1_u16, 1].into_iter().flat_map(u16::to_ne_bytes).collect();
    assert_eq!(memory.written()[6..10], hour_and_minute);
}

#[test]
fn to_intervals_and_guids() {
    let interval = |code: u32, sign: u32, fields: [u32; 5]| {
        [vec![code, sign], fields.to_vec()].concat().into_iter().flat_map(u32::to_ne_bytes).collect::<Vec<u8>>()
    };
    let long = Cell::Interval(i64::MAX);
    check(&[
        (SPAN, CType::Interval(Fields::DAY_TO_SECOND), 0, &interval(10, 0, [1, 2, 3, 4, 500_000]), 28, ""),
        (SPAN, CType::Interval(Fields::HOUR_TO_MINUTE), 0, &interval(11, 0, [0, 26, 3, 0, 0]), 28, "01S07"),
        (SPAN, CType::Interval(Fields::YEAR), 0, b"", 0, "07006"),
        (long, CType::Interval(Fields::SECOND), 0, b"", 0, "22015"),
        (whole(-3), CType::Interval(Fields::DAY), 0, &interval(3, 1, [3, 0, 0, 0, 0]), 28, ""),
        (DEBT, CType::Interval(Fields::MONTH), 0, &interval(2, 1, [0, 123, 0, 0, 0]), 28, "01S07"),
        (Cell::Text("1-06"), CType::Interval(Fields::YEAR), 0, &interval(1, 0, [1, 0, 0, 0, 0]), 28, "01S07"),
        (Cell::Text("1-06"), CType::Interval(Fields::DAY), 0, b"", 0, "22018"),
        (Cell::Text("soon"), CType::Interval(Fields::DAY), 0, b"", 0, "22018"),
        (Cell::Text("soon"), CType::Guid, 0, b"", 0, "22018"),
        (SPAN, CType::Guid, 0, b"", 0, "07006"),
    ]);
}

#[test]
fn to_binary() {
    check(&[
        (TEXT, CType::Binary, 6, &wide("añb"), 6, ""),
        (TEXT, CType::Binary, 3, &wide("añb")[..3], 6, "01004"),
        (Cell::Text(""), CType::Binary, 0, b"", 0, ""),
        (whole(7), CType::Binary, 8, &7_i64.to_ne_bytes(), 8, ""),
        (Cell::Whole { value: 7, bytes: 2 }, CType::Binary, 8, &7_i16.to_ne_bytes(), 2, ""),
        (Cell::Whole { value: 7, bytes: 4 }, CType::Binary, 8, &7_i32.to_ne_bytes(), 4, ""),
        (whole(7), CType::Binary, 7, b"", 0, "22003"),
        (whole(7), CType::Binary, 0, b"", 8, "01004"),
        (Cell::Bit(true), CType::Binary, 1, &[1], 1, ""),
    ]);
}

#[test]
fn lengths_and_indicators_may_be_apart_together_or_missing() {
    let mut memory = Memory::new(9);
    let mut target = memory.target(CType::Char);
    target.indicator = target.octet_length;
    assert_eq!(state(&put(TEXT, &target, None)), "");
    assert_eq!((memory.octet_length, memory.indicator), (4, UNTOLD));

    let mut target = memory.target(CType::Char);
    (target.indicator, target.octet_length) = (std::ptr::null_mut(), std::ptr::null_mut());
    assert_eq!(state(&put(TEXT, &target, None)), "");
    assert_eq!(memory.written(), b"a\xC3\xB1b\0");
}

#[test]
fn a_null_buffer_gets_the_length_only() {
    for c_type in [CType::Char, CType::SLong, CType::Binary] {
        let mut memory = Memory::new(9);
        let target = Target { data: std::ptr::null_mut(), ..memory.target(c_type) };
        assert_eq!(state(&put(whole(12), &target, None)), "");
        assert_eq!(
            memory.octet_length,
            if c_type == CType::Char { 2 } else { c_type.size().unwrap_or(8).cast_signed() }
        );
    }
}

#[test]
#[expect(unsafe_code, reason = "the memory is the test's own")]
fn null_needs_an_indicator() {
    let mut memory = Memory::new(9);
    let mut target = memory.target(CType::Char);
    let mut progress = Progress::default();
    // SAFETY: the target points into the test's memory.
    let outcome = unsafe { write::null(&target, Some(&mut progress)) };
    assert_eq!((state(&outcome), memory.indicator, memory.octet_length), ("", -1, UNTOLD));
    assert!(progress.finished);
    target.indicator = std::ptr::null_mut();
    // SAFETY: as above.
    let outcome = unsafe { write::null(&target, None) };
    assert_eq!((state(&outcome), memory.written()), ("22002", &b""[..]));
}

#[test]
fn the_maximum_length_cuts_without_a_warning() {
    for (c_type, max_length, bytes, length) in [
        (CType::Char, 2, b"a\0".to_vec(), 1),
        (CType::Char, 3, b"a\xC3\xB1\0".to_vec(), 3),
        (CType::WChar, 5, wide("añ\0"), 4),
        (CType::Char, 99, b"a\xC3\xB1b\0".to_vec(), 4),
    ] {
        let mut memory = Memory::new(20);
        let target = Target { max_length, ..memory.target(c_type) };
        assert_eq!(state(&put(TEXT, &target, None)), "");
        assert_eq!((memory.written(), memory.octet_length), (bytes.as_slice(), length));
    }
    let mut memory = Memory::new(20);
    let target = Target { max_length: 2, ..memory.target(CType::Char) };
    assert_eq!(state(&put(MONEY, &target, None)), "");
    assert_eq!(memory.octet_length, 9, "numbers are not cut by it");
}
