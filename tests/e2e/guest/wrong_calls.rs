//! Every call in every state of the reference's state tables, and calls at random: what an application does wrong is an
//! error with its SQLSTATE, never more.
//!
//! Under valgrind go the random walk and those functions of the table walk that change states, straight on the driver: a
//! manager has findings of its own, and the rest of the table is the same code in the driver.

use std::collections::BTreeMap;

use pipedrive_sandbox::Config;

use super::Through;
use super::caller::{Caller, reference};
use crate::engine::World;

/// A small company without limits: a walk asks often.
fn world() -> World {
    World::with(Config { deals: 30, burst: None, daily_tokens: 100_000_000, ..Config::default() })
}

const WIDTHS: [&[&str]; 2] = [&[], &["--wide"]];

#[test]
fn the_program_and_the_libraries_fit_together() {
    for through in [Through::Driver, Through::Manager] {
        for width in WIDTHS {
            let report = Caller::new(&world(), "smoke", through).with(width).run();
            assert!(report.contains("'a value'"), "{report}");
        }
    }
}

#[test]
fn every_row_of_the_state_tables() {
    for width in WIDTHS {
        walk_the_tables(Through::Driver, width);
    }
}

#[test]
fn every_row_of_the_state_tables_through_unixodbc() {
    for width in WIDTHS {
        walk_the_tables(Through::Manager, width);
    }
}

/// Each row has a fate, and rows that are not offered are as many as their reasons say; what the driver comes to offer
/// changes these figures, and must.
fn walk_the_tables(through: Through, width: &[&str]) {
    let Some(reference) = reference("states.tsv") else { return };
    let report = Caller::new(&world(), "states", through).with(&reference).with(width).run();
    let figures = figures(&report);
    let figure = |name: &str| figures.get(name).copied().unwrap_or_else(|| panic!("no '{name}': {report}"));
    assert_eq!(figure("failed"), 0, "{report}");
    assert_eq!(figure("lines"), 1_308, "{report}");
    assert_eq!(figure("held") + figure("different") + figure("not offered"), figure("rows"), "{report}");
    let (different, unoffered) = match through {
        Through::Driver => (17, 845),
        _ => (50 + 3 * usize::from(!width.is_empty()), 808),
    };
    assert_eq!((figure("different"), figure("not offered")), (different, unoffered), "{report}");
}

/// The figures of the report's first two lines, by the words before or behind them.
fn figures(report: &str) -> BTreeMap<String, usize> {
    let parts =
        report.lines().filter_map(|line| line.strip_prefix("states: ")).take(2).flat_map(|line| line.split(", "));
    let named = parts.filter_map(|part| {
        let (first, last) = (part.split_once(' ')?, part.rsplit_once(' ')?);
        let before = first.0.parse().map(|figure| (first.1.to_owned(), figure));
        before.or_else(|_| last.1.parse().map(|figure| (last.0.to_owned(), figure))).ok()
    });
    named.collect()
}

#[test]
fn calls_at_random() {
    for (index, seed) in ["1", "2", "3", "4", "5", "6"].iter().enumerate() {
        walk_at_random(Caller::new(&world(), "random", Through::Driver).with(WIDTHS[index % 2]), seed, "3000");
    }
}

#[test]
fn calls_at_random_through_unixodbc() {
    for (index, seed) in ["11", "12", "13"].iter().enumerate() {
        walk_at_random(Caller::new(&world(), "random", Through::Manager).with(WIDTHS[index % 2]), seed, "2000");
    }
}

#[test]
fn valgrind_finds_nothing_in_calls_at_random() {
    walk_at_random(Caller::new(&world(), "random", Through::Driver).under_valgrind(), "21", "1500");
}

fn walk_at_random(caller: Caller, seed: &str, steps: &str) {
    let report =
        caller.with(&["--seed", seed, "--steps", steps]).with(&reference("sqlstates.tsv").unwrap_or_default()).run();
    let succeeded =
        |function: &str| report.contains(&format!("random: {function} returned {{")) && report.contains("0");
    assert!(report.contains(&format!("random: seed {seed}, {steps} steps, ")), "{report}");
    assert!(
        ["SQLFetch", "SQLPutData", "SQLExtendedFetch", "SQLFreeHandle"].iter().all(|name| succeeded(name)),
        "{report}"
    );
}

/// Functions that change the state of a handle, or look at it.
const CHANGING: &[&str] = &[
    "SQLAllocHandle",
    "SQLCancel",
    "SQLCloseCursor",
    "SQLCopyDesc",
    "SQLDisconnect",
    "SQLExecDirect",
    "SQLExecute",
    "SQLExtendedFetch",
    "SQLFetch",
    "SQLFreeHandle",
    "SQLGetData",
    "SQLParamData",
    "SQLPrepare",
    "SQLPutData",
];

#[test]
fn valgrind_finds_nothing_in_the_functions_that_change_states() {
    let Some(reference) = reference("states.tsv") else { return };
    let only = CHANGING.iter().map(|function| format!("--only={function}")).collect::<Vec<_>>();
    Caller::new(&world(), "states", Through::Driver).with(&reference).with(&only).under_valgrind().run();
}
