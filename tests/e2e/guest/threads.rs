//! Many threads, under each of unixODBC's four ways of locking, and without a manager.

use super::{Client, Through};
use crate::engine::World;
use pipedrive_sandbox::Config;

fn run(through: Through) {
    run_these(through, &[]);
}

fn run_these(through: Through, tests: &[&str]) {
    let world = World::with(Config { deals: 1_200, burst: None, ..Config::default() });
    Client::new(&world, "threads.py", through).run(tests);
}

#[test]
fn sixteen_threads_where_the_manager_locks_nothing() {
    // Not one statement by two threads: the manager itself has no lock for what it keeps of a statement.
    let tests = [
        "Threads.test_sixteen_threads_with_a_connection_each",
        "Threads.test_sixteen_connections_of_one_environment",
        "Threads.test_sixteen_threads_with_a_statement_each",
    ];
    run_these(Through::Threading(0), &tests);
}

#[test]
fn sixteen_threads_where_the_manager_locks_statements() {
    run(Through::Threading(1));
}

#[test]
fn sixteen_threads_where_the_manager_locks_connections() {
    run(Through::Threading(2));
}

#[test]
fn sixteen_threads_where_the_manager_locks_environments() {
    run(Through::Threading(3));
}

#[test]
fn sixteen_threads_without_a_manager() {
    run(Through::Driver);
}
