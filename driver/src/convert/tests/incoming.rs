use std::ffi::c_void;

use pipedrive_sql::Value;

use super::*;

const CHAR: i16 = 1;
const NUMERIC: i16 = 2;
const DECIMAL: i16 = 3;
const INTEGER: i16 = 4;
const SMALLINT: i16 = 5;
const FLOAT: i16 = 6;
const REAL: i16 = 7;
const DOUBLE: i16 = 8;
const OLD_TIMESTAMP: i16 = 11;
const VARCHAR: i16 = 12;
const DATE: i16 = 91;
const TIME: i16 = 92;
const TIMESTAMP: i16 = 93;
const INTERVAL_DAY: i16 = 103;
const BINARY: i16 = -2;
const BIGINT: i16 = -5;
const TINYINT: i16 = -6;
const BIT: i16 = -7;
const WVARCHAR: i16 = -9;
const GUID: i16 = -11;

pub(super) fn source(c_type: CType, sql_type: i16) -> Source {
    Source {
        number: 1,
        c_type,
        sql_type,
        column_size: 0,
        data: std::ptr::null(),
        octet_length: std::ptr::null(),
        indicator: std::ptr::null(),
        scale: 0,
    }
}

fn text(text: &str) -> Result<Value> {
    Ok(Value::Text(text.to_owned()))
}

/// Reads through pointers at an odd address, with a length told.
#[expect(unsafe_code, reason = "the memory is the test's own")]
pub(super) fn read(source: Source, bytes: &[u8], length: isize) -> Result<Value> {
    let mut memory = vec![0];
    memory.extend_from_slice(bytes);
    let data = memory[1..].as_ptr().cast::<c_void>();
    // SAFETY: the tests name the length of their bytes, or end them with a terminator.
    unsafe { Source { data, octet_length: &raw const length, indicator: &raw const length, ..source }.read() }
}

/// C type, bytes, SQL type, and the value or the SQLSTATE.
type Case<'a> = (CType, &'a [u8], i16, std::result::Result<Value, &'a str>);

fn check(rows: &[Case<'_>]) {
    for (c_type, bytes, sql_type, expected) in rows {
        let read = read(source(*c_type, *sql_type), bytes, bytes.len().cast_signed());
        let read = read.map_err(|diagnostic| diagnostic.sqlstate());
        assert_eq!(read, *expected, "{c_type:?} of {bytes:?} as {sql_type}");
    }
}

#[test]
fn text_bound_as_text_stays_as_it_is() {
    check(&[
        (CType::Char, b" a ", VARCHAR, Ok(Value::Text(" a ".into()))),
        (CType::Char, b"a\0b", CHAR, Ok(Value::Text("a\0b".into()))),
        (CType::Char, b"", VARCHAR, Ok(Value::Text(String::new()))),
        (CType::Char, "añ😀".as_bytes(), WVARCHAR, Ok(Value::Text("añ😀".into()))),
        (CType::WChar, &wide("añ😀"), WVARCHAR, Ok(Value::Text("añ😀".into()))),
        (CType::Char, b"2026-01-02 03:04:05", VARCHAR, Ok(Value::Text("2026-01-02 03:04:05".into()))),
        (CType::Binary, b"abc", VARCHAR, Ok(Value::Text("abc".into()))),
        (CType::Binary, &wide("abc"), WVARCHAR, Ok(Value::Text("abc".into()))),
        (CType::Char, b"\xFF", VARCHAR, Err("22018")),
        (CType::WChar, b"abc", WVARCHAR, Err("22018")),
    ]);
}

#[test]
fn numbers_as_the_clients_send_them() {
    let decimal = |unscaled, scale| Ok(Value::Decimal { unscaled, scale });
    check(&[
        (CType::Char, b" 42 ", INTEGER, Ok(Value::BigInt(42))),
        (CType::Char, b"42.0", INTEGER, Ok(Value::BigInt(42))),
        (CType::Char, b"42.5", INTEGER, Err("22001")),
        (CType::Char, b"99999999999", INTEGER, Err("22003")),
        (CType::Char, b"x", INTEGER, Err("22018")),
        (CType::WChar, &wide("42"), BIGINT, Ok(Value::BigInt(42))),
        (CType::SLong, &7_i32.to_ne_bytes(), INTEGER, Ok(Value::BigInt(7))),
        (CType::SBigInt, &(-7_i64).to_ne_bytes(), BIGINT, Ok(Value::BigInt(-7))),
        (CType::UBigInt, &u64::MAX.to_ne_bytes(), BIGINT, decimal(u64::MAX.into(), 0)),
        (CType::SLong, &40_000_i32.to_ne_bytes(), SMALLINT, Ok(Value::BigInt(40_000))),
        (CType::SLong, &70_000_i32.to_ne_bytes(), SMALLINT, Err("22003")),
        (CType::SLong, &256_i32.to_ne_bytes(), TINYINT, Err("22003")),
        (CType::SLong, &7_i32.to_ne_bytes(), VARCHAR, Ok(Value::Text("7".into()))),
        (CType::Double, &2.0_f64.to_ne_bytes(), INTEGER, Ok(Value::BigInt(2))),
        (CType::Double, &2.5_f64.to_ne_bytes(), INTEGER, Err("22001")),
        (CType::Double, &0.1_f64.to_ne_bytes(), DECIMAL, decimal(1, 1)),
        (CType::Double, &0.1_f64.to_ne_bytes(), DOUBLE, Ok(Value::Double(0.1))),
        (CType::Float, &1234.56_f32.to_ne_bytes(), FLOAT, Ok(Value::Double(1234.56))),
        (CType::Double, &1e300_f64.to_ne_bytes(), REAL, Err("22003")),
        (CType::Double, &1e300_f64.to_ne_bytes(), DECIMAL, Err("22003")),
        (CType::Char, b"5000.0000", NUMERIC, decimal(50_000_000, 4)),
        (CType::Char, b"1e400", DOUBLE, Err("22003")),
        (CType::Bit, &[1], BIT, Ok(Value::Bit(true))),
        (CType::Char, b"1", BIT, Ok(Value::Bit(true))),
        (CType::Char, b"0.5", BIT, Err("22001")),
        (CType::Char, b"2", BIT, Err("22003")),
        (CType::SLong, &7_i32.to_ne_bytes(), DATE, Err("07006")),
        (CType::Binary, &7_i32.to_ne_bytes(), INTEGER, Ok(Value::BigInt(7))),
        (CType::Binary, &[7], INTEGER, Err("22003")),
    ]);
}

#[test]
fn a_numeric_struct_uses_the_descriptors_scale_or_its_own() {
    let numeric = |scale: u8, sign: u8| {
        let mut bytes = vec![10, scale, sign];
        bytes.extend(100_010_u128.to_le_bytes());
        bytes
    };
    for (descriptor, own, sign, expected) in [
        (0, 4, 1, Value::Decimal { unscaled: 100_010, scale: 4 }),
        (2, 0, 0, Value::Decimal { unscaled: -100_010, scale: 2 }),
        (-1, 0, 1, Value::Decimal { unscaled: 1_000_100, scale: 0 }),
    ] {
        let source = Source { scale: descriptor, ..source(CType::Numeric, DECIMAL) };
        assert_eq!(read(source, &numeric(own, sign), 0), Ok(expected));
    }
}

#[test]
fn dates_and_times_as_the_clients_send_them() {
    let words = |words: &[u16], nanos: u32| {
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        if words.len() == 6 {
            bytes.extend(nanos.to_ne_bytes());
        }
        bytes
    };
    let moment = words(&[1992, 12, 31, 23, 45, 55], 120_000_000);
    let fine = words(&[1992, 12, 31, 23, 45, 55], 120_000_001);
    let midnight = words(&[1992, 12, 31, 0, 0, 0], 0);
    let second = words(&[1992, 12, 31, 23, 45, 55], 0);
    let never = words(&[1992, 2, 30, 0, 0, 0], 0);
    check(&[
        (CType::Timestamp, &moment, TIMESTAMP, Ok(Value::Timestamp(725_845_555_120))),
        (CType::Timestamp, &moment, OLD_TIMESTAMP, Ok(Value::Timestamp(725_845_555_120))),
        (CType::Timestamp, &fine, TIMESTAMP, Ok(Value::Text("1992-12-31 23:45:55.120000001".into()))),
        (CType::Timestamp, &moment, VARCHAR, Ok(Value::Text("1992-12-31 23:45:55.12".into()))),
        (CType::Timestamp, &midnight, DATE, Ok(Value::Date(8_400))),
        (CType::Timestamp, &second, DATE, Err("22008")),
        (CType::Timestamp, &second, TIME, Ok(Value::Time(85_555))),
        (CType::Timestamp, &moment, TIME, Err("22008")),
        (CType::Timestamp, &never, TIMESTAMP, Err("22007")),
        (CType::Timestamp, &never, VARCHAR, Err("22008")),
        (CType::Date, &words(&[1992, 12, 31], 0), DATE, Ok(Value::Date(8_400))),
        (CType::Date, &words(&[1992, 12, 31], 0), TIMESTAMP, Ok(Value::Timestamp(725_760_000_000))),
        (CType::Date, &words(&[1992, 12, 31], 0), TIME, Err("07006")),
        (CType::Time, &words(&[23, 45, 55], 0), TIME, Ok(Value::Time(85_555))),
        (CType::Time, &words(&[24, 0, 0], 0), TIME, Err("22007")),
        (CType::Char, b"1992-12-31 23:45:55.12", TIMESTAMP, Ok(Value::Timestamp(725_845_555_120))),
        (CType::Char, b" 1992-12-31 ", TIMESTAMP, Ok(Value::Timestamp(725_760_000_000))),
        (CType::Char, b"{d '1992-12-31'}", DATE, Ok(Value::Date(8_400))),
        (CType::Char, b"1992-12-31 23:45:55", DATE, Err("22008")),
        (CType::Char, b"23:45:55", DATE, Err("22018")),
        (CType::Char, b"soon", TIMESTAMP, Err("22018")),
    ]);
}

#[test]
fn other_types() {
    let text_form = "01234567-89ab-cdef-0123-456789abcdef";
    let mut days = [0; 28];
    days[..4].copy_from_slice(&3_u32.to_ne_bytes());
    days[8..12].copy_from_slice(&7_u32.to_ne_bytes());
    let day = CType::Interval(Fields::DAY);
    check(&[
        (CType::Char, text_form.to_uppercase().as_bytes(), GUID, Ok(Value::Text(text_form.into()))),
        (CType::Char, b"none", GUID, Err("22018")),
        (CType::Guid, &guid::parse(text_form).unwrap(), VARCHAR, Ok(Value::Text(text_form.into()))),
        (CType::Char, b"00", BINARY, Err("HYC00")),
        (CType::Binary, b"00", BINARY, Err("HYC00")),
        (CType::Char, b"7", INTERVAL_DAY, Err("HYC00")),
        (day, &days, INTEGER, Ok(Value::BigInt(7))),
        (day, &days, VARCHAR, Ok(Value::Text("7".into()))),
        (day, &days, DOUBLE, Err("07006")),
        (CType::Char, b"7", 77, Err("HY004")),
    ]);
}

#[test]
fn the_column_size_counts_characters() {
    let sized = |column_size, sql_type| Source { column_size, ..source(CType::Char, sql_type) };
    assert_eq!(read(sized(3, VARCHAR), "añ😀".as_bytes(), 7), text("añ😀"));
    assert_eq!(read(sized(2, VARCHAR), "añ😀".as_bytes(), 7).map_err(|error| error.sqlstate()), Err("22001"));
    assert_eq!(read(sized(3, DECIMAL), b"1234.5", 6).map_err(|error| error.sqlstate()), Err("22003"));
}

#[test]
fn lengths_that_are_told() {
    let narrow = source(CType::Char, VARCHAR);
    assert_eq!(read(narrow, b"abc\0def", -3), text("abc"));
    assert_eq!(read(source(CType::WChar, WVARCHAR), &wide("abc\0def"), -3), text("abc"));
    assert_eq!(read(narrow, b"abc", -1), Ok(Value::Null));
    for (length, sqlstate) in [(-2, "HYC00"), (-103, "HYC00"), (-5, "07S01"), (-4, "HY090"), (-7, "HY090")] {
        assert_eq!(read(narrow, b"abc\0", length).map_err(|error| error.sqlstate()), Err(sqlstate), "{length}");
    }
    assert_eq!(read(source(CType::SLong, INTEGER), &7_i32.to_ne_bytes(), 99), Ok(Value::BigInt(7)));
}

#[test]
#[expect(unsafe_code, reason = "the memory is the test's own")]
fn pointers_that_are_missing() {
    let narrow = source(CType::Char, VARCHAR);
    // SAFETY: null is allowed.
    let read = |source: Source| unsafe { source.read() };
    assert_eq!(read(narrow).map_err(|error| error.sqlstate()), Err("HY090"));
    let length = 0_isize;
    assert_eq!(read(Source { octet_length: &raw const length, ..narrow }), text(""));
    assert_eq!(read(Source { data: c"abc".as_ptr().cast(), ..narrow }), text("abc"));
    let null = -1_isize;
    assert_eq!(read(Source { indicator: &raw const null, ..narrow }), Ok(Value::Null));
}

#[test]
#[expect(unsafe_code, reason = "the memory is the test's own")]
fn data_at_execution_is_seen_and_read_from_its_pieces() {
    for (length, expected) in [(-2, true), (-100, true), (-107, true), (-1, false), (-3, false), (4, false)] {
        let source = Source { octet_length: &raw const length, ..source(CType::Char, INTEGER) };
        // SAFETY: the pointer is the test's own.
        assert_eq!(unsafe { source.is_at_execution() }, expected, "{length}");
        assert_eq!(source.read_bytes(b"42"), Ok(Value::BigInt(42)));
    }
    let short = source(CType::SLong, INTEGER).read_bytes(&[1]);
    assert_eq!(short.map_err(|error| error.sqlstate()), Err("HY090"));
}
