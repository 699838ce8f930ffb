//! Handles that are none: null, freed, of another kind, of another connection, addresses and numbers.

use super::call::{Call, Handles};
use super::judge::Judge;
use super::place::Place;
use super::stand::{Bench, automatic};
use crate::functions::{FUNCTIONS, Function, Kind};
use crate::odbc::*;
use crate::word::Word;

/// Kinds of handles.
const KINDS: [i16; 4] = [SQL_HANDLE_ENV, SQL_HANDLE_DBC, SQL_HANDLE_STMT, SQL_HANDLE_DESC];

/// SQL_ATTR_APP_ROW_DESC and SQL_ATTR_APP_PARAM_DESC.
const OF_APPLICATION: [i32; 2] = [10_010, 10_011];
/// SQL_ATTR_IMP_ROW_DESC.
const IMP_ROW_DESC: i32 = 10_012;

/// Tries all of them.
pub(super) fn try_all(judge: &mut Judge<'_>, bench: &mut Bench<'_>, string: &str) {
    let freed = freed(judge, bench);
    for function in FUNCTIONS.iter().filter(|function| judge.host.has(function.name)) {
        for (index, parameter) in function.parameters.iter().enumerate() {
            let right = match parameter.kind {
                Kind::Env => SQL_HANDLE_ENV,
                Kind::Dbc => SQL_HANDLE_DBC,
                Kind::Stmt => SQL_HANDLE_STMT,
                Kind::Desc => SQL_HANDLE_DESC,
                Kind::Any => {
                    of_a_named_kind(judge, bench, function, &freed);
                    continue;
                }
                _ => continue,
            };
            for wrong in wrong_handles(&bench.handles, &freed, right) {
                refuses(judge, bench, function, index, wrong);
            }
        }
    }
    freeing(judge, bench);
    of_another_connection(judge, bench, string);
    bench.works(judge, "wrong handles");
}

/// A handle of each kind that was freed.
fn freed(judge: &mut Judge<'_>, bench: &Bench<'_>) -> Vec<Word> {
    let host = judge.host;
    let Handles { environment, connection, .. } = bench.handles;
    let parents = [Word::NULL, environment, connection, connection];
    let freed = KINDS.iter().zip(parents).map(|(kind, parent)| {
        let handle = host.allocated(*kind, parent);
        assert_eq!(host.call("SQLFreeHandle", &[(*kind).into(), handle]), SQL_SUCCESS);
        handle
    });
    freed.collect()
}

/// What is no handle of the kind `right`.
fn wrong_handles(handles: &Handles, freed: &[Word], right: i16) -> Vec<Word> {
    let alive = [handles.environment, handles.connection, handles.statement, handles.descriptor];
    let others = KINDS.iter().zip(alive).filter(|(kind, _)| **kind != right).map(|(_, handle)| handle);
    let numbers = [0, 1, 2, 0xFFFF_FFFF, usize::MAX, usize::MAX / 2 + 1].map(Word);
    // Near a live one, as after a slip in arithmetic.
    let near = alive
        .iter()
        .flat_map(|handle| [handle.0 ^ 1 << 40, handle.0.wrapping_add(1 << 32), handle.0 ^ 1 << 63])
        .map(Word);
    let near = near.filter(|near| !alive.contains(near));
    others.chain(freed.iter().copied()).chain(numbers).chain(near).collect()
}

/// The call says SQL_INVALID_HANDLE and touches nothing.
fn refuses(judge: &mut Judge<'_>, bench: &Bench<'_>, function: &'static Function, index: usize, wrong: Word) {
    let mut call = Call::good(judge.host, function, &bench.handles, 1);
    // A good call's target of SQLCopyDesc has the records of what is wrong with the source.
    call.words[index] = wrong;
    expect_invalid(judge, function, call);
}

fn expect_invalid(judge: &mut Judge<'_>, function: &'static Function, call: Call) {
    let words = call.words.clone();
    let ended = judge.call(function.name, &words, &[], call.owner);
    let outputs = function
        .parameters
        .iter()
        .zip(&call.places)
        .filter(|(parameter, _)| !matches!(parameter.kind, Kind::Text | Kind::Data));
    let touched =
        outputs.filter_map(|(parameter, place)| Some((parameter, place.as_ref()?))).filter(|(parameter, place)| {
            // A handle that could not be allocated is null.
            let null = parameter.kind == Kind::OutHandle
                && place.contents().iter().all(|byte| *byte == 0)
                && place.is_intact();
            !place.is_untouched() && !null
        });
    let touched: Vec<_> = touched.map(|(parameter, _)| parameter.name).collect();
    judge.holds(ended.code == SQL_INVALID_HANDLE && touched.is_empty(), || {
        format!("{}{words:?} = {ended:?} on no handle; it wrote {touched:?}", function.name)
    });
}

/// Functions that are told the kind of their handle: each kind with what is no handle of it.
fn of_a_named_kind(judge: &mut Judge<'_>, bench: &Bench<'_>, function: &'static Function, freed: &[Word]) {
    for named in KINDS {
        let right = match (function.name, named) {
            // The parent's kind; that of an environment is not asked for.
            ("SQLAllocHandle", SQL_HANDLE_ENV) => continue,
            ("SQLAllocHandle", SQL_HANDLE_DBC) => SQL_HANDLE_ENV,
            ("SQLAllocHandle", _) => SQL_HANDLE_DBC,
            ("SQLEndTran", SQL_HANDLE_STMT | SQL_HANDLE_DESC) => continue,
            _ => named,
        };
        for wrong in wrong_handles(&bench.handles, freed, right) {
            let mut call = Call::good(judge.host, function, &bench.handles, 1);
            (call.words[0], call.words[1]) = (named.into(), wrong);
            expect_invalid(judge, function, call);
        }
    }
    for unknown in [-32_768i16, -1, 0, 5, 6, 32_767] {
        for handle in [Word::NULL, Word(1), freed[1]] {
            let mut call = Call::good(judge.host, function, &bench.handles, 1);
            (call.words[0], call.words[1]) = (unknown.into(), handle);
            expect_invalid(judge, function, call);
        }
    }
}

/// What must not be freed, and kinds of handles that there are not.
fn freeing(judge: &mut Judge<'_>, bench: &Bench<'_>) {
    let Handles { environment, connection, statement, descriptor, .. } = bench.handles;
    let implicit = automatic(judge, statement, IMP_ROW_DESC);
    for (kind, handle, state) in [
        (SQL_HANDLE_ENV, environment, "HY010"),
        (SQL_HANDLE_DBC, connection, "HY010"),
        (SQL_HANDLE_DESC, implicit, "HY017"),
    ] {
        judge.refused("SQLFreeHandle", &[kind.into(), handle], &[], (kind, handle), &[state]);
    }
    for (kind, handle) in KINDS.into_iter().zip([environment, connection, statement, descriptor]) {
        for unknown in [-32_768i16, -1, 0, 5, 6, 32_767] {
            let ended = judge.call("SQLFreeHandle", &[unknown.into(), handle], &[], (kind, handle));
            judge.holds(ended.code == SQL_INVALID_HANDLE, || format!("SQLFreeHandle of kind {unknown}: {ended:?}"));
            judge.refused("SQLEndTran", &[unknown.into(), handle, 0i16.into()], &[], (kind, handle), &["HY092"]);
            let mut output = Place::new(8, 1);
            let words = [unknown.into(), handle, output.word()];
            judge.refused("SQLAllocHandle", &words, &[&output], (kind, handle), &["HY092"]);
        }
    }
    for kind in [SQL_HANDLE_STMT, SQL_HANDLE_DESC] {
        let handle = if kind == SQL_HANDLE_STMT { statement } else { descriptor };
        judge.refused("SQLEndTran", &[kind.into(), handle, 0i16.into()], &[], (kind, handle), &["HY092"]);
    }
}

/// Descriptors of another connection of another environment, of another statement, and what is no descriptor.
fn of_another_connection(judge: &mut Judge<'_>, bench: &Bench<'_>, string: &str) {
    let host = judge.host;
    let environment = host.environment();
    let connection = host.allocated(SQL_HANDLE_DBC, environment);
    host.connect(connection, string);
    let descriptor = host.allocated(SQL_HANDLE_DESC, connection);
    let other = host.allocated(SQL_HANDLE_STMT, connection);
    let implicit = automatic(judge, other, OF_APPLICATION[0]);
    let statement = bench.handles.statement;
    for number in OF_APPLICATION {
        for wrong in [descriptor, implicit, other, statement, bench.handles.connection, Word(1), Word(usize::MAX)] {
            let words = [statement, number.into(), wrong, 0i16.into()];
            judge.refused("SQLSetStmtAttr", &words, &[], (SQL_HANDLE_STMT, statement), &["HY024", "HY017"]);
        }
    }
    // The other environment ends under them.
    let codes = [
        host.call("SQLDisconnect", &[connection]),
        host.call("SQLFreeHandle", &[SQL_HANDLE_DBC.into(), connection]),
        host.call("SQLFreeHandle", &[SQL_HANDLE_ENV.into(), environment]),
        host.call("SQLFetch", &[other]),
        host.call("SQLCopyDesc", &[descriptor, bench.handles.descriptor]),
    ];
    let expected = [SQL_SUCCESS, SQL_SUCCESS, SQL_SUCCESS, SQL_INVALID_HANDLE, SQL_INVALID_HANDLE];
    judge.holds(codes == expected, || format!("another environment ends: {codes:?}"));
}
