//! Every number that stands for something: information types, attributes, fields, C types, SQL types, options.
//!
//! Values that a library might follow as pointers are set on handles that do nothing afterwards but be freed.

use super::call::{Handles, VARCHAR};
use super::judge::Judge;
use super::place::Place;
use super::stand::{Bench, Stand, automatic};
use crate::odbc::*;
use crate::word::Word;

/// Numbers above the small ones in which ODBC has some: information types, attributes, descriptor fields.
const HIGH: [std::ops::Range<i32>; 4] = [999..1_100, 9_990..10_100, 20_000..20_010, 29_990..30_010];

/// Sweeps all of them. `sparing` tries the numbers near those that ODBC knows, and one in five hundred of the others.
pub(super) fn sweep_all(judge: &mut Judge<'_>, bench: &mut Bench<'_>, string: &str, sparing: bool) {
    let numbers = numbers(sparing);
    bench.stand_at(Stand::OnRow);
    information(judge, bench, &numbers);
    readable(judge, bench, &numbers);
    fields_of_columns(judge, bench, &numbers);
    diagnostics(judge, bench, &numbers);
    types(judge, bench, &numbers);
    bench.works(judge, "reading every number");
    settable(judge, bench, string, &numbers);
    options(judge, bench, &numbers);
    bench.works(judge, "setting every number");
}

/// Numbers of 16 bits, with or without a sign.
fn numbers(sparing: bool) -> Vec<i32> {
    let wanted = |number: &i32| {
        !sparing || (-160..200).contains(number) || HIGH.iter().any(|high| high.contains(number)) || number % 500 == 0
    };
    (-32_768..=65_535).filter(wanted).collect()
}

/// Capacities of buffers, the last one too huge for the buffer but not for what is written.
const CAPACITIES: [i16; 5] = [0, 1, 3, 400, i16::MAX];

fn information(judge: &mut Judge<'_>, bench: &Bench<'_>, numbers: &[i32]) {
    let Handles { environment, connection, .. } = bench.handles;
    let closed = judge.host.allocated(SQL_HANDLE_DBC, environment);
    for number in numbers.iter().filter(|number| **number >= 0) {
        let mut known = None;
        for capacity in CAPACITIES {
            let (mut value, mut written) = (Place::new(4_096, 1), Place::new(2, 1));
            let words = [connection, Word::from(*number), value.word(), capacity.into(), written.word()];
            let ended = judge.call("SQLGetInfo", &words, &[&value, &written], (SQL_HANDLE_DBC, connection));
            let same = *known.get_or_insert(ended.code == SQL_ERROR) == (ended.code == SQL_ERROR);
            judge.holds(same, || format!("SQLGetInfo of {number} ends as {ended:?} with a capacity of {capacity}"));
            judge.holds(ended.code != SQL_ERROR || matches!(&*ended.state, "HY096" | "HYC00"), || {
                format!("{number}: {ended:?}")
            });
            // Only whole values of 2 and 4 bytes, or text that ends within what there is room for.
            let fits = !ended.succeeded() || matches!(written.short(), 2 | 4) || ends(judge, &value, capacity);
            judge.holds(fits, || format!("SQLGetInfo of {number} with a capacity of {capacity}: {}", written.short()));
            if known == Some(true) {
                break;
            }
        }
        let words = [closed, Word::from(*number), Word::NULL, 0i16.into(), Word::NULL];
        judge.call("SQLGetInfo", &words, &[], (SQL_HANDLE_DBC, closed));
    }
    judge.host.call("SQLFreeHandle", &[SQL_HANDLE_DBC.into(), closed]);
}

/// Whether text ends within a capacity in bytes.
fn ends(judge: &Judge<'_>, value: &Place, capacity: i16) -> bool {
    let width = if judge.host.wide { 2 } else { 1 };
    let units = usize::try_from(capacity).unwrap_or_default() / width;
    units == 0 && value.is_untouched() || value.is_terminated(units, width)
}

/// Attributes and fields of descriptors, read.
fn readable(judge: &mut Judge<'_>, bench: &Bench<'_>, numbers: &[i32]) {
    let Handles { environment, connection, statement, descriptor, .. } = bench.handles;
    let attributes = [
        ("SQLGetEnvAttr", SQL_HANDLE_ENV, environment),
        ("SQLGetConnectAttr", SQL_HANDLE_DBC, connection),
        ("SQLGetStmtAttr", SQL_HANDLE_STMT, statement),
    ];
    for number in numbers.iter().chain(&[i32::MIN, i32::MAX, 65_536]) {
        for (name, kind, handle) in attributes {
            let (mut value, mut written) = (Place::new(2_048, 1), Place::new(4, 3));
            let words = [handle, (*number).into(), value.word(), i32::MAX.into(), written.word()];
            let ended = judge.call(name, &words, &[&value, &written], (kind, handle));
            let judged = ended.code != SQL_ERROR || value.is_untouched() && !matches!(&*ended.state, "HY000" | "HY024");
            judge.holds(judged, || format!("{name} of {number}: {ended:?}"));
        }
    }
    let automatic = [10_010, 10_011, 10_012, 10_013].map(|number| automatic(judge, statement, number));
    for descriptor in automatic.into_iter().chain([descriptor]) {
        for field in numbers.iter().filter(|number| i16::try_from(**number).is_ok()) {
            for record in records(*field) {
                let (mut value, mut written) = (Place::new(2_048, 1), Place::new(4, 3));
                let words =
                    [descriptor, (*record).into(), (*field).into(), value.word(), i32::MAX.into(), written.word()];
                let ended = judge.call("SQLGetDescField", &words, &[&value, &written], (SQL_HANDLE_DESC, descriptor));
                judge.holds(ended.code != SQL_ERROR || value.is_untouched(), || format!("{record} {field}: {ended:?}"));
            }
        }
    }
}

/// Records to ask a field of: what is near no field is told from one as from any other.
fn records(field: i32) -> &'static [i16] {
    match field {
        -10..60 | 990..1_110 => &[-1, 0, 1, 2, 3, i16::MAX],
        _ => &[1],
    }
}

fn fields_of_columns(judge: &mut Judge<'_>, bench: &Bench<'_>, numbers: &[i32]) {
    let statement = bench.handles.statement;
    for field in numbers.iter().filter(|number| **number >= 0) {
        for column in [0u16, 1, 2, 3, u16::MAX] {
            let (mut text, mut written, mut number) = (Place::new(2_048, 1), Place::new(2, 1), Place::new(8, 1));
            let words = [
                statement,
                column.into(),
                (*field).into(),
                text.word(),
                i16::MAX.into(),
                written.word(),
                number.word(),
            ];
            let places = [&text, &written, &number];
            let ended = judge.call("SQLColAttribute", &words, &places, (SQL_HANDLE_STMT, statement));
            let told = !(ended.succeeded() && text.is_untouched() && number.is_untouched());
            judge.holds(told, || format!("SQLColAttribute {field} of {column} says nothing: {ended:?}"));
            if ended.state == "HY091" {
                break;
            }
        }
    }
}

fn diagnostics(judge: &mut Judge<'_>, bench: &Bench<'_>, numbers: &[i32]) {
    let Handles { environment, connection, statement, descriptor, .. } = bench.handles;
    let handles = [environment, connection, statement, descriptor];
    for (kind, handle) in [SQL_HANDLE_ENV, SQL_HANDLE_DBC, SQL_HANDLE_STMT, SQL_HANDLE_DESC].into_iter().zip(handles) {
        // Something to be told of.
        let (own, kind_word) = ((kind, handle), Word::from(kind));
        judge.call("SQLFreeHandle", &[0i16.into(), handle], &[], own);
        for field in numbers.iter().filter(|number| i16::try_from(**number).is_ok()) {
            // What is no field at all is told from one record as from any other.
            let near = (-5..60).contains(field) || (-1_260..-1_240).contains(field);
            for record in if near { &[i16::MIN, -1, 0, 1, 2, i16::MAX][..] } else { &[0, 1] } {
                for capacity in if near { &[-1, 0, 1, i16::MAX][..] } else { &[i16::MAX] } {
                    let (mut value, mut written) = (Place::new(2_048, 1), Place::new(2, 1));
                    let words = [
                        kind_word,
                        handle,
                        (*record).into(),
                        (*field).into(),
                        value.word(),
                        (*capacity).into(),
                        written.word(),
                    ];
                    let ended = judge.call("SQLGetDiagField", &words, &[&value, &written], own);
                    judge.holds(ended.succeeded() || value.is_untouched(), || format!("diagnostic {field}: {ended:?}"));
                }
            }
        }
    }
}

/// C types and SQL types, of columns, parameters and SQLGetTypeInfo.
fn types(judge: &mut Judge<'_>, bench: &mut Bench<'_>, numbers: &[i32]) {
    for number in numbers.iter().filter(|number| i16::try_from(**number).is_ok()) {
        let (statement, code) = (bench.handles.statement, Word::from(*number));
        let own = (SQL_HANDLE_STMT, statement);
        for column in [1u16, 2] {
            let (mut data, mut length) = (Place::new(64, 1), Place::new(8, 1));
            let words = [statement, column.into(), code, data.word(), 64isize.into(), length.word()];
            let ended = judge.call("SQLGetData", &words, &[&data, &length], own);
            // A value of a fixed size is whole, and any other no longer than what was told.
            let told = !ended.succeeded() || length.size() >= 0;
            judge.holds(told, || format!("SQLGetData as {number}: {ended:?} {}", length.size()));
            let ended = judge.call("SQLBindCol", &words, &[&data, &length], own);
            let unbound = [statement, column.into(), SQL_C_CHAR.into(), Word::NULL, 0isize.into(), Word::NULL];
            judge.holds(judge.host.call("SQLBindCol", &unbound) == SQL_SUCCESS, || format!("unbind after {ended:?}"));
        }
        let one = Word::from(1i16);
        let (mut data, mut length) = (Place::new(64, 1), Place::new(8, 1));
        for (c_type, sql_type) in [(code, VARCHAR.into()), (SQL_C_CHAR.into(), code), (code, code)] {
            let words = [
                statement,
                one,
                one,
                c_type,
                sql_type,
                20usize.into(),
                Word::NULL,
                data.word(),
                64isize.into(),
                length.word(),
            ];
            judge.call("SQLBindParameter", &words, &[&data, &length], own);
        }
        judge.host.call("SQLFreeStmt", &[statement, 3u16.into()]);
    }
    let statement = judge.host.allocated(SQL_HANDLE_STMT, bench.handles.connection);
    // One in a few dozen: each makes a result.
    let some = numbers.iter().filter(|number| (-200..200).contains(*number) || *number % 64 == 0);
    for number in some.filter(|number| i16::try_from(**number).is_ok()) {
        judge.call("SQLGetTypeInfo", &[statement, (*number).into()], &[], (SQL_HANDLE_STMT, statement));
        judge.host.call("SQLFreeStmt", &[statement, 0u16.into()]);
    }
    judge.host.call("SQLFreeHandle", &[SQL_HANDLE_STMT.into(), statement]);
}

/// Values for attributes and fields: numbers, and addresses that nothing stands at.
const VALUES: [isize; 7] = [0, 1, 2, 3, -1, isize::MAX, 0x1_0000_0001];

/// Attributes and fields of descriptors, set on handles that are freed then.
fn settable(judge: &mut Judge<'_>, bench: &mut Bench<'_>, string: &str, numbers: &[i32]) {
    let environment = judge.host.environment();
    let connection = judge.host.allocated(SQL_HANDLE_DBC, environment);
    judge.host.connect(connection, string);
    let statement = judge.host.allocated(SQL_HANDLE_STMT, connection);
    // One without connections, which could keep it from being changed.
    let lone = judge.host.environment();
    let attributes = [
        ("SQLSetEnvAttr", SQL_HANDLE_ENV, lone),
        ("SQLSetConnectAttr", SQL_HANDLE_DBC, connection),
        ("SQLSetStmtAttr", SQL_HANDLE_STMT, statement),
    ];
    for number in numbers.iter().chain(&[i32::MIN, i32::MAX, 65_536]) {
        for (name, kind, handle) in attributes {
            // Text: SQL_ATTR_TRACEFILE, SQL_ATTR_TRANSLATE_LIB, SQL_ATTR_CURRENT_CATALOG.
            let is_text = kind == SQL_HANDLE_DBC && matches!(number, 105 | 106 | 109);
            let values = if is_text { texts(judge, handle, *number) } else { VALUES.map(Word::from).to_vec() };
            for value in values {
                let ended = judge.call(name, &[handle, (*number).into(), value, 0i32.into()], &[], (kind, handle));
                if ended.state == "HY092" {
                    break;
                }
            }
        }
    }
    let explicit = judge.host.allocated(SQL_HANDLE_DESC, connection);
    fields(judge, explicit, numbers);
    // Freed without a fetch: what was set may point anywhere.
    let codes = [
        judge.host.call("SQLFreeHandle", &[SQL_HANDLE_STMT.into(), statement]),
        judge.host.call("SQLDisconnect", &[connection]),
        judge.host.call("SQLFreeHandle", &[SQL_HANDLE_DBC.into(), connection]),
        judge.host.call("SQLFreeHandle", &[SQL_HANDLE_ENV.into(), environment]),
        judge.host.call("SQLFreeHandle", &[SQL_HANDLE_ENV.into(), lone]),
    ];
    judge.holds(codes == [SQL_SUCCESS; 5], || format!("the end of what was set: {codes:?}"));
    for number in [10_010, 10_011, 10_012, 10_013] {
        let own = automatic(judge, bench.handles.statement, number);
        fields(judge, own, numbers);
        bench.renew();
    }
}

/// Null and wrong lengths for an attribute that is text; nothing that a library could read in vain.
fn texts(judge: &mut Judge<'_>, connection: Word, number: i32) -> Vec<Word> {
    let mut text = Place::of(judge.host.text("pipedrive").contents(), 1);
    // The last one ends within a unit of wide text.
    for length in [-32_768i32, -4, -2, -1, 5].into_iter().take(if judge.host.wide { 5 } else { 4 }) {
        let words = [connection, number.into(), text.word(), length.into()];
        judge.refused(
            "SQLSetConnectAttr",
            &words,
            &[&text],
            (SQL_HANDLE_DBC, connection),
            &["HY090", "HYC00", "HY092"],
        );
    }
    for length in [0, 4, i32::from(SQL_NTS)] {
        let words = [connection, number.into(), text.word(), length.into()];
        judge.call("SQLSetConnectAttr", &words, &[&text], (SQL_HANDLE_DBC, connection));
    }
    vec![Word::NULL]
}

fn fields(judge: &mut Judge<'_>, descriptor: Word, numbers: &[i32]) {
    let own = (SQL_HANDLE_DESC, descriptor);
    for field in numbers.iter().filter(|number| i16::try_from(**number).is_ok()) {
        for record in records(*field) {
            for value in VALUES {
                // Fields of text are followed as a pointer: null is the only other value.
                let mut text = Place::of(judge.host.text("a name").contents(), 1);
                let value =
                    if is_text(*field) { if value == 0 { Word::NULL } else { text.word() } } else { value.into() };
                let words = [descriptor, (*record).into(), (*field).into(), value, SQL_NTS.into()];
                let ended = judge.call("SQLSetDescField", &words, &[&text], own);
                if ended.state == "HY091" {
                    break;
                }
            }
        }
    }
}

/// SQL_DESC_NAME and the other fields that are text, settable or not.
const fn is_text(field: i32) -> bool {
    matches!(field, 1_011 | 14..=18 | 22 | 23 | 27..=29)
}

/// Options of SQLFreeStmt, directions of fetches, operations and completions.
fn options(judge: &mut Judge<'_>, bench: &mut Bench<'_>, numbers: &[i32]) {
    bench.stand_at(Stand::OnRow);
    let Handles { environment, connection, .. } = bench.handles;
    for number in numbers {
        let (statement, code) = (bench.handles.statement, Word::from(*number));
        let own = (SQL_HANDLE_STMT, statement);
        // 1 is SQL_FETCH_NEXT, and SQL_DROP.
        if i16::try_from(*number).is_ok() && *number != 1 {
            judge.refused("SQLFetchScroll", &[statement, code, 1isize.into()], &[], own, &["HY106"]);
            let words = [SQL_HANDLE_DBC.into(), connection, code];
            let ended = judge.call("SQLEndTran", &words, &[], (SQL_HANDLE_DBC, connection));
            judge.holds((ended.code == SQL_ERROR) == (*number != 0), || format!("SQLEndTran {number}: {ended:?}"));
        }
        if !matches!(*number, 0..=3) && *number >= 0 {
            judge.refused("SQLFreeStmt", &[statement, code], &[], own, &["HY092"]);
            let (none, empty) = (Word::NULL, 0i16.into());
            let closed = judge.host.allocated(SQL_HANDLE_DBC, environment);
            let words = [closed, none, none, empty, none, empty, none, code];
            judge.refused("SQLDriverConnect", &words, &[], (SQL_HANDLE_DBC, closed), &["HY110"]);
            judge.host.call("SQLFreeHandle", &[SQL_HANDLE_DBC.into(), closed]);
        }
    }
}
