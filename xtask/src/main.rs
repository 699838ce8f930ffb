//! `cargo xtask`: what a newcomer and the continuous integration run.
//!
//! - `demo.rs`: SQL over a local Pipedrive through isql; `test.rs`: every test; `fuzz.rs`: more statements than the tests
//! - `bench.rs`: figures of the optimised driver
//! - `tools.rs`: what must be installed; `packages.rs`: how it gets there; `python.rs`: pyodbc in an environment of its own
//! - `build.rs`: cargo with its progress in sight; `sandbox.rs`: the local Pipedrive as a child process
//! - `odbc.rs`: an ODBC configuration that is nobody's but ours; `isql.rs`: statements in, rows out; `layout.rs`: rows
//!   for the eye
//!
//! No dependencies: it must speak within seconds, before unixODBC's development files exist.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that speaks to people")]

mod bench;
mod build;
mod demo;
mod failure;
mod fuzz;
mod isql;
mod layout;
mod odbc;
mod packages;
mod python;
mod sandbox;
mod test;
mod tools;

use std::process::ExitCode;

use failure::{Failure, Result};

const USAGE: &str = "\
Usage:
  cargo xtask demo [--keep]     SQL over a local Pipedrive through isql; --keep leaves it running until Ctrl-C
  cargo xtask test [-- ARGS]    every test; ARGS go to the test programs, such as part of a test's name
  cargo xtask fuzz [--seed N] [--statements N] [--faults | --edits | --reused | --monotony]
                                random statements, answered with and without push-down and by DuckDB; --faults: by a
                                host that misbehaves; --edits: while records change; --reused: the same with pages
                                from memory; --monotony: with a predicate more, which adds no row
  cargo xtask bench             decoding, scans, the first row, the library's size, each beside what it is compared with
  cargo xtask setup             installs unixODBC with its development files, and nothing else";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        ["demo"] => demo::run(false),
        ["demo", "--keep"] => demo::run(true),
        ["setup"] => tools::install(&[tools::ISQL, tools::ODBC_FILES]),
        ["test"] => test::run_tests(&[]),
        ["test", "--", rest @ ..] => test::run_tests(rest),
        ["bench"] => bench::bench(),
        ["fuzz", rest @ ..] => fuzz::fuzz(rest),
        other => Err(Failure::new(format!("'{}' is not a command.\n\n{USAGE}", other.join(" ")))),
    }
}
