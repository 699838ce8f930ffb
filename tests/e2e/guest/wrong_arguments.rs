//! Wrong arguments to every function of the driver: an error with a SQLSTATE that the reference lists, or what the
//! function does anyway; nothing written where nothing may be, no handle the worse for it, no finding of valgrind.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use pipedrive_sandbox::Config;

use super::Through;
use super::caller::Caller;
use crate::engine::World;
use crate::manager::driver;

/// Fewest calls of a whole run, and of one that leaves out what other calls come near.
const WHOLE: usize = 2_000_000;
const SPARING: usize = 30_000;

fn world() -> World {
    World::with(Config { burst: None, ..Config::default() })
}

fn caller(world: &World, more: &[&str]) -> Caller {
    let caller = Caller::new(world, "arguments", Through::Driver).with(more);
    match reference() {
        Some(folder) => caller.with(&["--reference", folder.to_str().unwrap()]),
        None => caller,
    }
}

/// The folder of the reference's tables; without it SQLSTATEs are not compared.
fn reference() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "tests alone look for the tables")]
    let named = std::env::var("PIPEDRIVE_REFERENCE").map(PathBuf::from);
    let shared = named.unwrap_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let folder = shared.join("odbc/reference");
    if folder.join("sqlstates.tsv").exists() {
        return Some(folder);
    }
    // Past the test runner, which keeps what passing tests print to itself.
    let line = format!("SKIPPED: SQLSTATEs of wrong arguments, for there is no sqlstates.tsv in {}", folder.display());
    drop(writeln!(io::stderr(), "{line}; PIPEDRIVE_REFERENCE names the folder that has odbc/reference"));
    None
}

/// The number of calls that a report tells of.
fn calls(report: &str) -> usize {
    let number = report.lines().find_map(|line| line.strip_prefix("arguments: ")?.split(' ').next()?.parse().ok());
    number.unwrap_or_else(|| panic!("no tally: {report}"))
}

/// The program's table of functions, by which arguments are made.
const TABLE: &str = include_str!("../../caller/functions.rs");

#[test]
fn every_function_that_the_driver_exports_is_called() {
    let symbols = Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(driver()).output().unwrap();
    let symbols = String::from_utf8(symbols.stdout).unwrap();
    let names: Vec<_> = symbols.lines().filter_map(|line| line.split(' ').next()).collect();
    let has = |name: &str, twins: &str| TABLE.contains(&format!("\n    {twins} {name}("));
    let known = |name: &&str| {
        has(name, "narrow") || has(name, "twins") || name.strip_suffix('W').is_some_and(|narrow| has(narrow, "twins"))
    };
    let (called, forgotten): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| known(name));
    assert!(called.len() > 70 && forgotten.is_empty(), "{forgotten:?}");
}

#[test]
fn no_argument_is_too_wrong() {
    let world = world();
    let report = caller(&world, &[]).run();
    assert!(calls(&report) > WHOLE, "{report}");
}

#[test]
fn no_argument_is_too_wrong_in_utf16() {
    let world = world();
    let report = caller(&world, &["--wide", "--sparing"]).run();
    assert!(calls(&report) > SPARING, "{report}");
}

#[test]
fn valgrind_finds_nothing_behind_wrong_arguments() {
    let world = world();
    let report = caller(&world, &["--wide", "--sparing"]).under_valgrind().run();
    assert!(calls(&report) > SPARING, "{report}");
}
