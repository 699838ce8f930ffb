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
        Through::Driver => (20, 845),
        _ => (53 + 3 * usize::from(!width.is_empty()), 808),
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
    let reports = ["1", "2", "3", "4", "5", "6"].iter().enumerate().map(|(index, seed)| {
        walk_at_random(Caller::new(&world(), "random", Through::Driver).with(WIDTHS[index % 2]), seed, "3000")
    });
    let reports = reports.collect::<String>();
    for function in SUCCEED {
        assert!(succeeded(&reports, function), "{function} never came to a good end:\n{reports}");
    }
}

#[test]
fn calls_at_random_through_unixodbc() {
    let reports = ["11", "12", "13"].iter().enumerate().map(|(index, seed)| {
        walk_at_random(Caller::new(&world(), "random", Through::Manager).with(WIDTHS[index % 2]), seed, "2000")
    });
    let reports = reports.collect::<String>();
    for function in ["SQLExecute", "SQLFetch", "SQLFreeHandle"] {
        assert!(succeeded(&reports, function), "{function} never came to a good end:\n{reports}");
    }
}

#[test]
fn valgrind_finds_nothing_in_calls_at_random() {
    let report = walk_at_random(Caller::new(&world(), "random", Through::Driver).under_valgrind(), "21", "1500");
    assert!(succeeded(&report, "SQLFetch"), "{report}");
}

/// Functions that do something in some walk, so that what follows upon it is walked, too.
const SUCCEED: &[&str] = &[
    "SQLDescribeParam",
    "SQLExecute",
    "SQLExtendedFetch",
    "SQLFetch",
    "SQLFreeHandle",
    "SQLGetData",
    "SQLParamData",
    "SQLPutData",
];

/// Whether the function did something at some time (0, or 1 with a warning), by lines such as `random: SQLFetch returned {-1, 0, 100}`.
fn succeeded(reports: &str, function: &str) -> bool {
    let start = format!("random: {function} returned {{");
    let codes = reports.lines().filter_map(|line| line.strip_prefix(&start)?.strip_suffix('}'));
    codes.flat_map(|codes| codes.split(", ")).any(|code| matches!(code, "0" | "1"))
}

fn walk_at_random(caller: Caller, seed: &str, steps: &str) -> String {
    let report =
        caller.with(&["--seed", seed, "--steps", steps]).with(&reference("sqlstates.tsv").unwrap_or_default()).run();
    assert!(report.contains(&format!("random: seed {seed}, {steps} steps, ")), "{report}");
    report
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
    let report = Caller::new(&world(), "states", Through::Driver).with(&reference).with(&only).under_valgrind().run();
    let scenes = figures(&report).get("scenes").copied().unwrap_or_default();
    assert!(scenes > 500, "{report}");
}
