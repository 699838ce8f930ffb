//! The same library under unixODBC and iODBC, whose characters have two and four bytes, and both in one process.

use pipedrive_sandbox::Config;

use super::{Client, Through};
use crate::engine::World;

fn world() -> World {
    World::with(Config { deals: 700, burst: None, ..Config::default() })
}

/// iODBC before 3.52.14, as Debian has it.
const IODBC: &str = "libiodbc.so.2";

#[test]
fn text_through_unixodbc() {
    Client::new(&world(), "wide.py", Through::Manager).run(&[]);
}

#[test]
fn text_without_a_manager() {
    Client::new(&world(), "wide.py", Through::Driver).run(&[]);
}

#[test]
fn text_through_iodbc() {
    in_iodbc("wide.py", &[]);
}

#[test]
fn catalog_functions_through_iodbc() {
    in_iodbc("catalog.py", &[]);
}

#[test]
fn sixteen_threads_through_iodbc() {
    in_iodbc("threads.py", &[]);
}

#[test]
fn connections_leave_nothing_behind_under_iodbc() {
    in_iodbc("life.py", &["Rounds"]);
}

#[test]
fn both_managers_in_one_process() {
    Client::new(&world(), "both.py", Through::Manager).run(&[]);
}

fn in_iodbc(name: &str, tests: &[&str]) {
    through_iodbc(&world(), name, tests);
}

/// Runs these of a script's tests, all of them where none is named.
#[track_caller]
pub(super) fn through_iodbc(world: &World, name: &str, tests: &[&str]) {
    let client = Client::new(world, name, Through::Manager);
    client.variable("PIPEDRIVE_ODBC_MANAGER", IODBC).variable("PIPEDRIVE_ODBC_UNIT", "4").run(tests);
}
