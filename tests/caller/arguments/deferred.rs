//! Buffers that are named in one call and used in another: columns, parameters, statuses, at odd addresses, without
//! room, with lengths that are none.

use super::call::VARCHAR;
use super::judge::{Ended, Judge};
use super::place::Place;
use super::stand::{Bench, Stand};
use crate::odbc::*;
use crate::word::Word;

/// Rows of every kind of value, and of NULLs.
const SQL: &str = "SELECT 'a value' AS a, 7 AS b, DATE '2026-04-01' AS c, CAST('9.5' AS DECIMAL(19, 4)) AS d \
                   UNION ALL SELECT NULL, NULL, NULL, NULL UNION ALL SELECT 'z', 8, NULL, NULL ORDER BY b";
/// Its columns.
const COLUMNS: u16 = 4;
/// C types with a size of their own or without: text, wide text, binary, numbers, moments, a GUID.
const C_TYPES: &[i16] = &[1, -8, 2, 93, -2, 4, 5, 7, 8, -7, -25, 91, -11, 99];
/// Of them the ones that a sparing run tries, and of the capacities.
const FEW: usize = 3;
/// Bytes of buffers: none, odd numbers, room for all.
const CAPACITIES: &[usize] = &[ROOM, 1, 3, 0, 2];
/// SQL_ATTR_ROW_STATUS_PTR, SQL_ATTR_ROWS_FETCHED_PTR, SQL_ATTR_ROW_ARRAY_SIZE.
const STATUS: i32 = 25;
const FETCHED: i32 = 26;
const ARRAY_SIZE: i32 = 27;
/// SQL_ATTR_ROW_BIND_OFFSET_PTR, SQL_ATTR_PARAM_BIND_OFFSET_PTR, SQL_ATTR_PARAM_STATUS_PTR,
/// SQL_ATTR_PARAMS_PROCESSED_PTR.
const ROW_OFFSET: i32 = 23;
const PARAMETER_OFFSET: i32 = 17;
const PARAMETER_STATUS: i32 = 20;
const PROCESSED: i32 = 21;
/// Rows of a rowset, and the bytes of each that a buffer has at most.
const ROWS: usize = 3;
const ROOM: usize = 64;

/// Tries all of them.
pub(super) fn try_all(judge: &mut Judge<'_>, bench: &mut Bench<'_>, sparing: bool) {
    let (types, capacities) = if sparing { (FEW, FEW) } else { (C_TYPES.len(), CAPACITIES.len()) };
    for c_type in C_TYPES.iter().copied().take(types) {
        for capacity in CAPACITIES.iter().copied().take(capacities) {
            let shift = capacity % 2 + 1;
            columns(judge, bench.handles.statement, c_type, capacity, shift, true);
        }
        columns(judge, bench.handles.statement, c_type, ROOM, 1, false);
        parameters(judge, bench.handles.statement, c_type, sparing);
    }
    bench.works(judge, "columns and parameters at odd addresses");
    for huge in [isize::MAX, -1, 1 << 40] {
        huge_rowset(judge, bench.handles.statement, huge);
        bench.works(judge, "a huge rowset");
    }
    offsets(judge, bench);
    fetched_as_in_odbc_2(judge, bench);
    bench.works(judge, "SQLExtendedFetch");
    bench.stand_at(Stand::NeedData);
    pieces(judge, bench);
    bench.stand_at(Stand::Allocated);
}

/// Binds every column as one C type and fetches a rowset, with lengths or without.
fn columns(judge: &mut Judge<'_>, statement: Word, c_type: i16, capacity: usize, shift: usize, lengths: bool) {
    let own = (SQL_HANDLE_STMT, statement);
    let (mut status, mut fetched) = (Place::new(2 * ROWS, shift), Place::new(8, shift));
    set(judge, statement, STATUS, status.word());
    set(judge, statement, FETCHED, fetched.word());
    set(judge, statement, ARRAY_SIZE, Word(ROWS));
    let mut data: Vec<_> = (0..COLUMNS).map(|_| Place::new(ROWS * ROOM, shift)).collect();
    let mut told: Vec<_> = (0..COLUMNS).map(|_| Place::new(ROWS * 8, shift)).collect();
    for (column, (data, told)) in (1..=COLUMNS).zip(data.iter_mut().zip(&mut told)) {
        let length = if lengths { told.word() } else { Word::NULL };
        let words = [statement, column.into(), c_type.into(), data.word(), Word(capacity), length];
        judge.call("SQLBindCol", &words, &[], own);
    }
    query(judge, statement);
    let places: Vec<_> = data.iter().chain(&told).chain([&status, &fetched]).collect();
    let ended = judge.call("SQLFetch", &[statement], &places, own);
    // A pair of types that is not converted is refused before the first row.
    let refused = ended.code == SQL_ERROR && matches!(&*ended.state, "07006" | "HY003");
    let rows = usize::try_from(fetched.size()).unwrap_or_default();
    judge.holds(refused || rows == ROWS, || format!("C type {c_type}, {capacity} bytes: {ended:?}, {rows} rows"));
    judge.holds(lengths || refused || ended.code != SQL_SUCCESS, || format!("NULL without an indicator: {ended:?}"));
    for option in [0u16, 2] {
        judge.host.call("SQLFreeStmt", &[statement, option.into()]);
    }
    set(judge, statement, STATUS, Word::NULL);
    set(judge, statement, FETCHED, Word::NULL);
    set(judge, statement, ARRAY_SIZE, Word(1));
}

fn set(judge: &mut Judge<'_>, statement: Word, attribute: i32, value: Word) {
    let ended = judge.call(
        "SQLSetStmtAttr",
        &[statement, attribute.into(), value, 0i32.into()],
        &[],
        (SQL_HANDLE_STMT, statement),
    );
    judge.holds(ended.succeeded(), || format!("attribute {attribute}: {ended:?}"));
}

fn query(judge: &mut Judge<'_>, statement: Word) {
    let mut sql = judge.host.text(SQL);
    let words = [statement, sql.word(), SQL_NTS.into()];
    let ended = judge.call("SQLExecDirect", &words, &[], (SQL_HANDLE_STMT, statement));
    judge.holds(ended.code == SQL_SUCCESS, || format!("the query: {ended:?}"));
}

/// A rowset of more rows than there can be: the rows that there are come, at once.
fn huge_rowset(judge: &mut Judge<'_>, statement: Word, huge: isize) {
    let own = (SQL_HANDLE_STMT, statement);
    let (mut fetched, mut data, mut told) = (Place::new(8, 1), Place::new(ROWS * ROOM, 1), Place::new(ROWS * 8, 1));
    set(judge, statement, FETCHED, fetched.word());
    let words = [statement, ARRAY_SIZE.into(), huge.into(), 0i32.into()];
    let ended = judge.call("SQLSetStmtAttr", &words, &[], own);
    let words = [statement, 1u16.into(), SQL_C_CHAR.into(), data.word(), Word(ROOM), told.word()];
    judge.call("SQLBindCol", &words, &[], own);
    query(judge, statement);
    let fetch = judge.call("SQLFetch", &[statement], &[&fetched, &data, &told], own);
    judge.holds(!ended.succeeded() || fetch.succeeded() && fetched.size() == 3, || {
        format!("a rowset of {huge} rows: {ended:?}, {fetch:?}, {} rows", fetched.size())
    });
    set(judge, statement, FETCHED, Word::NULL);
    set(judge, statement, ARRAY_SIZE, Word(1));
}

/// Offsets at odd addresses, forwards and backwards, of columns and of parameters with their statuses.
fn offsets(judge: &mut Judge<'_>, bench: &mut Bench<'_>) {
    for offset in [-11_isize, 0, 5, 13] {
        let statement = bench.handles.statement;
        let own = (SQL_HANDLE_STMT, statement);
        let mut told = Place::of(&offset.to_ne_bytes(), 1);
        let (mut row, mut text) = (Place::new(100, 0), Place::of(&[b'x'; 100], 0));
        let (mut status, mut processed) = (Place::new(2, 1), Place::new(8, 1));
        set(judge, statement, ROW_OFFSET, told.word());
        set(judge, statement, PARAMETER_OFFSET, told.word());
        set(judge, statement, PARAMETER_STATUS, status.word());
        set(judge, statement, PROCESSED, processed.word());
        let (base, length) = (row.word().0 + 20, row.word().0 + 60);
        let words = [statement, 1u16.into(), SQL_C_CHAR.into(), Word(base), Word(8), Word(length)];
        judge.call("SQLBindCol", &words, &[], own);
        let (one, length) = (Word::from(1i16), text.word().0 + 60);
        let words = [statement, one, one, SQL_C_CHAR.into(), VARCHAR.into(), Word(20), Word::NULL];
        let words: Vec<_> = words.into_iter().chain([Word(text.word().0 + 20), Word(8), Word(length)]).collect();
        judge.call("SQLBindParameter", &words, &[], own);
        let at = usize::try_from(60 + offset).unwrap_or_default();
        text.fill(at, &1isize.to_ne_bytes());
        let mut sql = judge.host.text("SELECT 'a value' WHERE ? = 'x'");
        judge.call("SQLExecDirect", &[statement, sql.word(), SQL_NTS.into()], &[&text, &status, &processed], own);
        let fetched = judge.call("SQLFetch", &[statement], &[&row], own);
        let at = usize::try_from(20 + offset).unwrap_or_default();
        let good = row.contents()[at..].starts_with(b"a value\0") && status.short() == 0 && processed.size() == 1;
        judge.holds(fetched.code == SQL_SUCCESS && good, || format!("an offset of {offset}: {fetched:?}"));
        bench.renew();
    }
}

/// SQLExtendedFetch with and without its outputs.
fn fetched_as_in_odbc_2(judge: &mut Judge<'_>, bench: &mut Bench<'_>) {
    for (counts, statuses) in [(true, true), (true, false), (false, true), (false, false)] {
        let statement = bench.handles.statement;
        let (mut count, mut status) = (Place::new(8, 1), Place::new(2, 1));
        query(judge, statement);
        let count_word = if counts { count.word() } else { Word::NULL };
        let status_word = if statuses { status.word() } else { Word::NULL };
        for direction in [2u16, 0, 7, 32_768, 65_535] {
            let words = [statement, direction.into(), 0isize.into(), count_word, status_word];
            judge.refused("SQLExtendedFetch", &words, &[&count, &status], (SQL_HANDLE_STMT, statement), &["HY106"]);
        }
        let words = [statement, 1u16.into(), 0isize.into(), count_word, status_word];
        let ended = judge.call("SQLExtendedFetch", &words, &[&count, &status], (SQL_HANDLE_STMT, statement));
        let told = (!counts || count.size() == 1) && (!statuses || status.short() == 0);
        judge.holds(ended.code == SQL_SUCCESS && told, || format!("SQLExtendedFetch {counts} {statuses}: {ended:?}"));
        bench.renew();
    }
}

/// Lengths of a parameter, and whether the value may then be any: none of them makes a text longer than it is.
const LENGTHS: [isize; 12] = [0, 1, 4, 16, -1, -2, -3, -4, -5, -6, -100, isize::MIN];

/// Executes with a parameter of this C type at an odd address, with each length, and with parts of it null.
fn parameters(judge: &mut Judge<'_>, statement: Word, c_type: i16, sparing: bool) {
    let (own, one) = ((SQL_HANDLE_STMT, statement), Word::from(1i16));
    let mut sql = judge.host.text("SELECT 'a value' WHERE ? = 'x'");
    judge.call("SQLPrepare", &[statement, sql.word(), SQL_NTS.into()], &[], own);
    for length in LENGTHS {
        let ways = [(true, true), (false, true), (true, false)];
        let few = sparing && !matches!(length, 0 | 4 | -3);
        for (has_data, has_length) in ways.into_iter().take(if few { 1 } else { 3 }) {
            let (mut data, mut told) = (Place::of(&[0; ROOM], 1), Place::of(&length.to_ne_bytes(), 3));
            let data_word = if has_data { data.word() } else { Word::NULL };
            let length_word = if has_length { told.word() } else { Word::NULL };
            let words = [
                statement,
                one,
                one,
                c_type.into(),
                VARCHAR.into(),
                20usize.into(),
                Word::NULL,
                data_word,
                Word(ROOM),
                length_word,
            ];
            let bound = judge.call("SQLBindParameter", &words, &[], own);
            let executed = judge.call("SQLExecute", &[statement], &[&data, &told], own);
            let none = bound.succeeded() && !has_data && length > 0;
            judge.holds(!none || executed.state == "HY090", || {
                format!("a parameter of C type {c_type} at null with {length} bytes: {executed:?}")
            });
            if executed.code == SQL_NEED_DATA {
                judge.call("SQLCancel", &[statement], &[], own);
            }
            judge.host.call("SQLFreeStmt", &[statement, 0u16.into()]);
            judge.host.call("SQLFreeStmt", &[statement, 3u16.into()]);
        }
    }
}

/// Pieces of a parameter: of no length, null, negative, at odd addresses; the dialog ends or goes on, and never more.
fn pieces(judge: &mut Judge<'_>, bench: &mut Bench<'_>) {
    let expected = |length: isize, has_data: bool| match length {
        SQL_NULL_DATA | 0 => true,
        -3 => has_data,
        length => has_data && length > 0,
    };
    for length in [0, 1, 3, SQL_NULL_DATA, -2, -3, -4, -6, -100, isize::MIN] {
        for has_data in [true, false] {
            let own = (SQL_HANDLE_STMT, bench.handles.statement);
            let mut data = Place::of(b"x\0\0\0", 1);
            let words = [own.1, if has_data { data.word() } else { Word::NULL }, length.into()];
            let Ended { code, state } = judge.call("SQLPutData", &words, &[&data], own);
            let told = matches!(&*state, "HY090" | "HY009" | "HY020");
            let good = expected(length, has_data);
            judge.holds(if good { code == SQL_SUCCESS } else { code == SQL_ERROR && told }, || {
                format!("a piece of {length} bytes, at null: {}: {code} {state}", !has_data)
            });
            bench.renew();
        }
    }
}
