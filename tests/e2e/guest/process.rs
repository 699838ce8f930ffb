//! The host's process ends, forks, and unloads the driver.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use pipedrive_sandbox::Config;
use tempfile::TempDir;

use super::managers::through_iodbc;
use super::{Client, Through};
use crate::engine::World;

fn world() -> World {
    World::with(Config { deals: 1_200, burst: None, ..Config::default() })
}

#[test]
fn a_forked_child_gets_errors_and_can_begin_anew() {
    Client::new(&world(), "process.py", Through::Manager).run(&["Fork"]);
}

#[test]
fn a_forked_child_gets_errors_and_can_begin_anew_without_a_manager() {
    Client::new(&world(), "process.py", Through::Driver).run(&["Fork"]);
}

#[test]
fn a_forked_child_gets_errors_and_can_begin_anew_through_iodbc() {
    through_iodbc(&world(), "process.py", &["Fork"]);
}

/// The log is the parent's and the child's, each with its own lines.
#[test]
fn forks_do_not_disturb_a_log() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let log = folder.path().join("fork.log");
    let properties = world.pairs(&[("LogFile", log.to_str().unwrap()), ("Verbosity", "1")]);
    let client = Client::with_properties(&world, "process.py", Through::Driver, &properties);
    client.run(&["Fork.test_the_child_first", "Fork.test_forks_among_sixteen_busy_threads"]);
    let text = std::fs::read_to_string(log).unwrap();
    let processes: HashSet<_> = text.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert!(processes.len() > 25, "the parent, and a child each: {}", processes.len());
}

#[test]
fn the_driver_stays_when_it_is_unloaded() {
    Client::new(&world(), "process.py", Through::Driver).run(&["Unload"]);
    Client::new(&world(), "process.py", Through::Manager).run(&["Unload"]);
}

#[test]
fn the_process_ends_at_once_while_a_scan_runs() {
    let folder = tempfile::tempdir().unwrap();
    let program = compiled(&folder);
    let world = world();
    for through in [Through::Manager, Through::Driver] {
        let client = Client::new(&world, "process.py", through);
        client.variable("PIPEDRIVE_ODBC_EXIT", &program).run(&["Exit"]);
    }
}

/// `exit.c`, made by the compiler that linked this test.
fn compiled(folder: &TempDir) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/exit.c");
    let program = folder.path().join("exit");
    let status = Command::new("cc").arg(source).arg("-o").arg(&program).args(["-lodbc", "-lpthread"]).status();
    assert!(status.is_ok_and(|status| status.success()), "cc failed; run `cargo xtask test`");
    program
}
