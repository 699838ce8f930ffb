use std::sync::Arc;

use pipedrive_sql::arrow::array::{ArrayRef, Int64Array};

use super::*;
use crate::handle::descriptor::{Record, Role};
use crate::text::Width;

const SQL_C_SBIGINT: i16 = -25;

/// A result of one BIGINT column.
fn numbers(values: &[Option<i64>]) -> Cursor {
    let array: ArrayRef = Arc::new(Int64Array::from(values.to_vec()));
    let rows = RecordBatch::try_from_iter_with_nullable([("n", array, true)]).expect("a batch");
    let column = ColumnDescription { name: "n".into(), sql_type: SqlType::BigInt, nullable: true, base: None };
    Cursor::new([column].into(), Source::Whole(Some(rows)))
}

fn rowset(size: usize, status: &mut [u16], fetched: &mut usize) -> Rowset {
    Rowset {
        size,
        status: vouched(status.as_mut_ptr()),
        fetched: vouched(std::ptr::from_mut(fetched)),
        max_length: 0,
        retrieves: true,
        extended: false,
    }
}

#[expect(unsafe_code, reason = "the test vouches for its own buffers")]
fn vouched<T>(pointer: *mut T) -> Address {
    // SAFETY: the buffers of these tests outlive the cursors that write to them.
    unsafe { Address::vouched(pointer.cast()) }
}

fn bound(data: &mut [i64], lengths: &mut [isize], bind_type: usize) -> Descriptor {
    let mut ard = Descriptor::automatic(Role::Application, false, Width::Two);
    ard.header.bind_type = bind_type;
    let length = vouched(lengths.as_mut_ptr());
    let record = Record {
        concise: SQL_C_SBIGINT,
        data: vouched(data.as_mut_ptr()),
        octet_length_ptr: length,
        indicator_ptr: length,
        ..Record::default()
    };
    ard.bind(1, record);
    ard
}

fn fetch(cursor: &mut Cursor, ard: &Descriptor, rowset: &Rowset) -> Outcome {
    cursor.fetch(ard, rowset, &Call::default(), &mut Records::default()).expect("a fetch")
}

#[test]
fn the_last_rowset_is_short_and_says_so() {
    let mut cursor = numbers(&[Some(1), None, Some(3)]);
    let (mut data, mut lengths) = ([0; 2], [0; 2]);
    let (mut status, mut fetched) = ([9; 2], 0);
    let ard = bound(&mut data, &mut lengths, 0);
    let rowset = rowset(2, &mut status, &mut fetched);
    assert_eq!(fetch(&mut cursor, &ard, &rowset), Outcome::Done);
    assert_eq!((fetched, status, data[0], lengths[1]), (2, [SQL_ROW_SUCCESS; 2], 1, SQL_NULL_DATA));
    assert_eq!(cursor.row_number(), Some(1));
    assert_eq!(fetch(&mut cursor, &ard, &rowset), Outcome::Done);
    assert_eq!((fetched, status, data[0]), (1, [SQL_ROW_SUCCESS, SQL_ROW_NOROW], 3));
    assert_eq!(cursor.row_number(), Some(3));
    assert_eq!(fetch(&mut cursor, &ard, &rowset), Outcome::NoData);
    assert_eq!((fetched, status, cursor.row_number()), (0, [SQL_ROW_NOROW; 2], None));
    assert_eq!(fetch(&mut cursor, &ard, &rowset), Outcome::NoData);
}

#[test]
fn rows_can_be_bound_row_by_row() {
    let mut cursor = numbers(&[Some(7), Some(8)]);
    // Structures of a value and its length.
    let mut data = [0i64; 4];
    let mut lengths = [0isize; 4];
    let (mut status, mut fetched) = ([9; 2], 0);
    let ard = bound(&mut data, &mut lengths, 16);
    let rowset = rowset(2, &mut status, &mut fetched);
    assert_eq!(fetch(&mut cursor, &ard, &rowset), Outcome::Done);
    assert_eq!((data, lengths), ([7, 0, 8, 0], [8, 0, 8, 0]));
}

#[test]
fn the_offset_moves_every_address() {
    let mut cursor = numbers(&[Some(7)]);
    let (mut data, mut lengths) = ([0; 2], [0; 2]);
    let (mut status, mut fetched) = ([9; 1], 0);
    let mut offset = 8isize;
    let mut ard = bound(&mut data, &mut lengths, 0);
    ard.header.bind_offset = vouched(&raw mut offset);
    let rowset = rowset(1, &mut status, &mut fetched);
    assert_eq!(fetch(&mut cursor, &ard, &rowset), Outcome::Done);
    assert_eq!((data, lengths), ([0, 7], [0, 8]));
}

#[test]
fn a_row_that_cannot_be_written_is_an_error_of_its_own() {
    let mut cursor = numbers(&[Some(1), None]);
    let mut data = [0; 2];
    let (mut status, mut fetched) = ([9; 2], 0);
    let mut ard = Descriptor::automatic(Role::Application, false, Width::Two);
    ard.bind(1, Record { concise: SQL_C_SBIGINT, data: vouched(data.as_mut_ptr()), ..Record::default() });
    let rowset = rowset(2, &mut status, &mut fetched);
    let mut records = Records::default();
    let outcome = cursor.fetch(&ard, &rowset, &Call::default(), &mut records).expect("a fetch");
    assert_eq!((outcome, fetched, status), (Outcome::Done, 2, [SQL_ROW_SUCCESS, SQL_ROW_ERROR]));
    let record = records.record(1).expect("a record");
    assert_eq!((record.diagnostic.sqlstate(), record.row, record.column), ("22002", 2, 1));
}

#[test]
fn a_block_of_rows_is_not_read_by_single_columns() {
    let mut cursor = numbers(&[Some(1), Some(2), Some(3)]);
    let ard = Descriptor::automatic(Role::Application, false, Width::Two);
    let (mut status, mut fetched) = ([9; 2], 0);
    let read = |cursor: &mut Cursor, column| {
        let mut value = 0i64;
        let moved = cursor.read(column, |sql_type, _| {
            Ok(Buffer {
                c_type: CType::resolve(SQL_C_SBIGINT, sql_type)?,
                data: vouched(&raw mut value),
                capacity: 8,
                octet_length: Address::NULL,
                indicator: Address::NULL,
                precision: 0,
                scale: 0,
                max_length: 0,
            })
        });
        moved.map(|moved| (moved, value)).map_err(|error| error.sqlstate())
    };
    assert_eq!(read(&mut cursor, 1), Err("24000"));
    let block = rowset(2, &mut status, &mut fetched);
    assert_eq!(fetch(&mut cursor, &ard, &block), Outcome::Done);
    assert_eq!(read(&mut cursor, 1), Err("HY109"));
    let single = Rowset { size: 1, ..block };
    assert_eq!(fetch(&mut cursor, &ard, &single), Outcome::Done);
    assert_eq!(read(&mut cursor, 0), Err("07009"));
    assert_eq!(read(&mut cursor, 2), Err("07009"));
    assert_eq!(read(&mut cursor, 1), Ok((Moved::Whole, 3)));
    assert_eq!(read(&mut cursor, 1), Ok((Moved::NoData, 0)));
}

#[test]
fn a_failed_result_fails_again_and_never_ends_quietly() {
    let why = Diagnostic::NotConnected;
    let mut cursor = Cursor::new(numbers(&[]).columns.clone(), Source::Failed(why.clone()));
    let ard = Descriptor::automatic(Role::Application, false, Width::Two);
    let (mut status, mut fetched) = ([9; 1], 0);
    let rowset = rowset(1, &mut status, &mut fetched);
    for _ in 0..2 {
        let outcome = cursor.fetch(&ard, &rowset, &Call::default(), &mut Records::default());
        assert_eq!(outcome, Err(why.clone()));
    }
}
