//! The host's process ends, forks, and unloads the driver.

use std::path::{Path, PathBuf};
use std::process::Command;

use pipedrive_sandbox::Config;
use tempfile::TempDir;

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
fn the_driver_stays_when_it_is_unloaded() {
    Client::new(&world(), "process.py", Through::Driver).run(&["Unload"]);
    Client::new(&world(), "process.py", Through::Manager).run(&["Unload"]);
}

#[test]
fn the_process_ends_at_once_while_a_scan_runs() {
    let folder = tempfile::tempdir().unwrap();
    let program = compiled(&folder);
    Client::new(&world(), "process.py", Through::Manager).variable("PIPEDRIVE_ODBC_EXIT", program).run(&["Exit"]);
}

/// `exit.c`, made by the compiler that linked this test.
fn compiled(folder: &TempDir) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/exit.c");
    let program = folder.path().join("exit");
    let status = Command::new("cc").arg(source).arg("-o").arg(&program).args(["-lodbc", "-lpthread"]).status();
    assert!(status.is_ok_and(|status| status.success()), "cc failed; run `cargo xtask test`");
    program
}
