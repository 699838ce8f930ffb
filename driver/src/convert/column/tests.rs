use std::sync::Arc;

use pipedrive_sql::arrow::array::{
    BooleanArray, Date32Array, Decimal128Array, DurationMillisecondArray, Float64Array, Int16Array, Int32Array,
    Int64Array, Time64NanosecondArray, TimestampMillisecondArray,
};

use super::*;
use crate::convert::CType;

/// Each type with a value and a NULL, and the value as text.
fn columns() -> Vec<(SqlType, ArrayRef, &'static str)> {
    let money = Decimal128Array::from(vec![Some(12_345), None]).with_precision_and_scale(19, 4).unwrap();
    vec![
        (SqlType::Bit, Arc::new(BooleanArray::from(vec![Some(true), None])), "1"),
        (SqlType::SmallInt, Arc::new(Int16Array::from(vec![Some(-7), None])), "-7"),
        (SqlType::Integer, Arc::new(Int32Array::from(vec![Some(-7), None])), "-7"),
        (SqlType::BigInt, Arc::new(Int64Array::from(vec![Some(7), None])), "7"),
        (SqlType::Decimal { precision: 19, scale: 4 }, Arc::new(money), "1.2345"),
        (SqlType::Double, Arc::new(Float64Array::from(vec![Some(0.5), None])), "0.5"),
        (SqlType::Varchar(9), Arc::new(StringArray::from(vec![Some("abc"), None])), "abc"),
        (SqlType::LongVarchar, Arc::new(StringArray::from(vec![Some("abc"), None])), "abc"),
        (SqlType::Date, Arc::new(Date32Array::from(vec![Some(8_400), None])), "1992-12-31"),
        (SqlType::Time, Arc::new(Time64NanosecondArray::from(vec![Some(3_661_000_000_000), None])), "01:01:01"),
        (
            SqlType::Timestamp,
            Arc::new(TimestampMillisecondArray::from(vec![Some(725_845_555_120), None])),
            "1992-12-31 23:45:55.12",
        ),
        (
            SqlType::IntervalDayToSecond,
            Arc::new(DurationMillisecondArray::from(vec![Some(90_000_000), None])),
            "1 01:00:00",
        ),
    ]
}

/// What SQLGetData gives as SQL_C_CHAR, call by call, until there is no more: outcome, text, indicator.
#[expect(unsafe_code, reason = "the memory is the test's own")]
fn read(column: &Column, row: usize) -> Vec<(Result<Outcome>, String, isize)> {
    let mut progress = Progress::default();
    let mut calls = vec![];
    while calls.len() < 9 {
        let (mut memory, mut indicator) = (vec![0_u8; 40], -77);
        let target = Target {
            c_type: CType::Char,
            data: memory.as_mut_ptr().cast(),
            capacity: memory.len().cast_signed(),
            octet_length: &raw mut indicator,
            indicator: &raw mut indicator,
            precision: 0,
            scale: 0,
            max_length: 0,
        };
        // SAFETY: the target points into the memory above.
        let outcome = unsafe { column.write(row, &target, Some(&mut progress)) };
        let end = memory.iter().position(|byte| *byte == 0).unwrap();
        let last = !matches!(outcome, Ok(Outcome::Whole | Outcome::Warned(_)));
        calls.push((outcome, String::from_utf8(memory[..end].to_vec()).unwrap(), indicator));
        if last {
            break;
        }
    }
    calls
}

#[test]
fn every_type_is_read_once_and_then_there_is_no_more() {
    for (sql_type, array, text) in columns() {
        let column = Column::new(&array, sql_type).unwrap();
        let (value, null) = (read(&column, 0), read(&column, 1));
        let length = text.len().cast_signed();
        let no_more = (Ok(Outcome::NoData), String::new(), -77);
        assert_eq!(value, [(Ok(Outcome::Whole), text.to_owned(), length), no_more.clone()], "{sql_type}");
        assert_eq!(null, [(Ok(Outcome::Whole), String::new(), -1), no_more], "{sql_type}");
    }
}

#[test]
fn an_array_of_another_type_is_an_error() {
    for (sql_type, array, _) in columns() {
        for (other, _, _) in columns() {
            assert_eq!(Column::new(&array, other).is_ok(), sql_type.arrow() == other.arrow(), "{sql_type} as {other}");
        }
    }
}

#[test]
fn a_row_that_is_not_there_is_an_error() {
    for (sql_type, array, _) in columns() {
        let calls = read(&Column::new(&array, sql_type).unwrap(), 2);
        assert!(matches!(calls[0].0, Err(Diagnostic::Engine(_))));
    }
}
