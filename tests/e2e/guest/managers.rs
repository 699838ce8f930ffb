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
    through_iodbc("wide.py", &[]);
}

#[test]
fn catalog_functions_through_iodbc() {
    through_iodbc("catalog.py", &[]);
}

#[test]
fn sixteen_threads_through_iodbc() {
    through_iodbc("threads.py", &[]);
}

#[test]
fn connections_leave_nothing_behind_under_iodbc() {
    through_iodbc("life.py", &["Rounds"]);
}

#[test]
fn both_managers_in_one_process() {
    Client::new(&world(), "both.py", Through::Manager).run(&[]);
}

fn through_iodbc(name: &str, tests: &[&str]) {
    let world = world();
    let client = Client::new(&world, name, Through::Manager);
    client.variable("PIPEDRIVE_ODBC_MANAGER", IODBC).variable("PIPEDRIVE_ODBC_UNIT", "4").run(tests);
}
