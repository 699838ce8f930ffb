//! ODBC's C functions one by one, as `tests/clients/*.py` call them through the driver manager: what SQLGetInfo and
//! SQLGetFunctions claim, each claim with the call that shows it.

use std::path::Path;

use pipedrive_sandbox::Config;

use crate::engine::World;
use crate::manager::connection_string;
use crate::pyodbc::script;

/// Runs a script's tests against a sandbox of its own.
fn run(name: &str) {
    run_in(&World::new(), name);
}

/// Runs a script's tests against this sandbox.
fn run_in(world: &World, name: &str) {
    run_with(world, name, &[]);
}

/// The same, with places in the environment.
pub(crate) fn run_with(world: &World, name: &str, places: &[(&str, &Path)]) {
    let mut command = script(name);
    command.env("PIPEDRIVE_ODBC_CONNECTION", connection_string(world, ""));
    command.env("PIPEDRIVE_SANDBOX", world.sandbox.url()).env("PIPEDRIVE_TOKEN", world.sandbox.token());
    command.envs(places.iter().copied());
    let output = command.env("LC_ALL", "C.UTF-8").output().expect("Python is missing; run `cargo xtask test`");
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}:\n{report}");
    let ran = report.lines().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse().ok());
    assert!(ran.unwrap_or(0) > 0 && !report.contains("skipped"), "{name} tested nothing:\n{report}");
}

#[test]
fn connection_product_and_limits() {
    run("info.py");
}

#[test]
fn catalog_functions() {
    run("catalog.py");
}

#[test]
fn rows_cursors_and_cancelling() {
    run("fetch.py");
}

#[test]
fn parameters() {
    run("parameters.py");
}

#[test]
fn procedures() {
    run("procedures.py");
}

#[test]
fn transactions() {
    run("transactions.py");
}

#[test]
fn definitions_that_are_refused() {
    run_in(&World::with(Config { refuse_admin: true, ..Config::default() }), "refused.py");
}
