//! Many threads, under each of unixODBC's four ways of locking, and without a manager.

use super::{Client, Through};
use crate::engine::World;
use pipedrive_sandbox::Config;

fn run(through: Through) {
    let world = World::with(Config { deals: 1_200, burst: None, ..Config::default() });
    Client::new(&world, "threads.py", through).run(&[]);
}

#[test]
fn sixteen_threads_where_the_manager_locks_nothing() {
    run(Through::Threading(0));
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
