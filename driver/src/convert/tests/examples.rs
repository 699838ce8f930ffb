//! The worked examples of the reference.

use pipedrive_sql::Value;

use super::incoming::{read, source};
use super::*;
use crate::convert::moment::{Literal, Moment};
use crate::convert::number::Number;
use crate::reference::{Line, Table};

/// Where the examples contradict the tables of the same appendix, or cut what must not be cut: what happens here.
const DIFFERENCES: &[(&str, &str, &str, &str, &str)] = &[
    // The table of numbers asks for a warning.
    ("SQL_DOUBLE", "SQL_C_STINYINT", "ignored", "", "01S07"),
    // The number of fraction digits is not among what a parameter names here: the number goes on whole.
    ("SQL_C_CHAR", "SQL_DECIMAL", "7", "22001", ""),
    // The tables of dates and timestamps say 22001.
    ("SQL_C_TYPE_DATE", "SQL_CHAR", "9", "22003", "22001"),
    ("SQL_C_TYPE_TIMESTAMP", "SQL_CHAR", "18", "22003", "22001"),
];

fn expected_state(row: &Line) -> &str {
    let says = if row["sqlstate"] == "n/a" { "" } else { &row["sqlstate"] };
    let different = DIFFERENCES.iter().find(|difference| {
        (difference.0, difference.1, difference.2) == (&row["source_type"], &row["target_type"], &row["length"])
    });
    different.map_or(says, |difference| {
        assert_eq!(difference.3, says, "the reference was read differently: {row:?}");
        difference.4
    })
}

fn c_type(name: &str) -> CType {
    let code = match name {
        "SQL_C_CHAR" => 1,
        "SQL_C_FLOAT" => 7,
        "SQL_C_DOUBLE" => 8,
        "SQL_C_SSHORT" => -15,
        "SQL_C_STINYINT" => -26,
        "SQL_C_TYPE_DATE" => 91,
        "SQL_C_TIMESTAMP" => 11,
        "SQL_C_TYPE_TIMESTAMP" => 93,
        _ => panic!("{name} is in no example"),
    };
    CType::resolve_parameter(code, 1).unwrap()
}

fn cell(row: &Line) -> Cell<'_> {
    let value = row["source_value"].as_str();
    match (row["source_type"].as_str(), Literal::parse(value)) {
        ("SQL_CHAR", _) => Cell::Text(value),
        ("SQL_DOUBLE", _) => Cell::Double(value.parse().unwrap()),
        ("SQL_TYPE_DATE", Some(Literal::Date(date))) => Cell::Date(date.days().try_into().unwrap()),
        ("SQL_TYPE_TIMESTAMP", Some(Literal::Moment(moment))) => Cell::Timestamp(moment.millis().unwrap()),
        ("SQL_DECIMAL", _) => match Number::parse(value) {
            Some(Number::Exact { unscaled, scale, .. }) => Cell::Decimal { unscaled, scale },
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_go_out_as_in_the_examples() {
    let Some(rows) = Table::read("conversion_examples.tsv").map(Table::lines) else { return };
    for row in rows.iter().filter(|row| row["direction"] == "fetch") {
        let c_type = c_type(&row["target_type"]);
        let mut memory = Memory::new(row["length"].parse().unwrap_or(0));
        let outcome = put(cell(row), &memory.target(c_type), None);
        assert_eq!(state(&outcome), expected_state(row), "{row:?}");
        if outcome.is_ok() {
            check_bytes(row, c_type, memory.written());
        }
    }
}

fn check_bytes(row: &Line, c_type: CType, written: &[u8]) {
    let result = row["result"].as_str();
    match c_type {
        CType::Char => assert_eq!(written, result.replace("\\0", "\0").as_bytes(), "{row:?}"),
        CType::Double => assert_eq!(written, result.parse::<f64>().unwrap().to_ne_bytes()),
        // The example is cut, not rounded, to the digits of a float.
        CType::Float => {
            let float = f32::from_ne_bytes(written.try_into().unwrap());
            assert!((float - result.parse::<f32>().unwrap()).abs() < 1e-6, "{row:?}");
        }
        CType::SShort => assert_eq!(written, result.parse::<i16>().unwrap().to_ne_bytes()),
        CType::STinyInt => assert_eq!(written, result.parse::<i8>().unwrap().to_ne_bytes()),
        _ => assert_eq!(written, timestamp(result), "{row:?}"),
    }
}

/// The struct of fields in a list.
fn timestamp(fields: &str) -> Vec<u8> {
    let fields: Vec<u32> = fields.split(',').map(|field| field.trim().parse().unwrap()).collect();
    let (nanos, words) = if fields.len() == 7 { (fields.last(), &fields[..6]) } else { (None, &fields[..]) };
    let words = words.iter().flat_map(|word| u16::try_from(*word).unwrap().to_ne_bytes());
    words.chain(nanos.into_iter().flat_map(|nanos| nanos.to_ne_bytes())).collect()
}

#[test]
fn parameters_come_in_as_in_the_examples() {
    let Some(rows) = Table::read("conversion_examples.tsv").map(Table::lines) else { return };
    for row in rows.iter().filter(|row| row["direction"] == "store") {
        let c_type = c_type(&row["source_type"]);
        let value = row["source_value"].trim_end_matches("\\0");
        let bytes = match c_type {
            CType::Char => value.as_bytes().to_vec(),
            CType::Float => value.parse::<f32>().unwrap().to_ne_bytes().to_vec(),
            _ => timestamp(value),
        };
        let length: usize = row["length"].parse().unwrap_or(0);
        // The examples count sign and point of a DECIMAL, its column size does not.
        let (sql_type, column_size) = match row["target_type"].as_str() {
            "SQL_CHAR" => (1, length),
            "SQL_DECIMAL" => (3, length - 2),
            "SQL_FLOAT" => (6, 0),
            "SQL_INTEGER" => (4, 0),
            "SQL_TINYINT" => (-6, 0),
            "SQL_TIMESTAMP" => (11, 0),
            other => panic!("{other}"),
        };
        let outcome = read(Source { column_size, ..source(c_type, sql_type) }, &bytes, bytes.len().cast_signed());
        let state = outcome.as_ref().err().map_or("", |diagnostic| diagnostic.sqlstate());
        assert_eq!(state, expected_state(row), "{row:?}");
        if let Ok(value) = outcome {
            assert_eq!(value, stored(row), "{row:?}");
        }
    }
}

/// The value that an example stores.
fn stored(row: &Line) -> Value {
    let whole = row["source_value"].trim_end_matches("\\0");
    let result = if row["result"] == "1234.5" { whole } else { &row["result"] };
    match (row["target_type"].as_str(), Number::parse(result), Literal::parse(result)) {
        ("SQL_CHAR", _, _) => Value::Text(result.to_owned()),
        ("SQL_FLOAT", Some(number), _) => Value::Double(number.float()),
        ("SQL_DECIMAL", Some(Number::Exact { unscaled, scale, .. }), _) => Value::Decimal { unscaled, scale },
        ("SQL_TIMESTAMP", _, Some(Literal::Moment(moment))) => Value::Timestamp(Moment::millis(moment).unwrap()),
        other => panic!("{other:?}"),
    }
}
