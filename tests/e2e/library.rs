//! The driver's file itself: what it exports and what it needs.

use std::process::Command;

use crate::manager::driver;

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).arg(driver()).output().unwrap();
    assert!(output.status.success(), "{program} failed");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn it_exports_odbc_functions_only() {
    let symbols = output("nm", &["-D", "--defined-only", "--format=posix"]);
    let names: Vec<_> = symbols.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"SQLDriverConnectW") && names.contains(&"SQLFetch"), "{names:?}");
    let foreign: Vec<_> = names.iter().filter(|name| !name.starts_with("SQL")).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[test]
fn it_does_not_need_the_driver_manager() {
    let needed = output("readelf", &["-d"]);
    let needed: Vec<_> = needed.lines().filter(|line| line.contains("(NEEDED)")).collect();
    assert!(!needed.is_empty());
    assert!(!needed.iter().any(|line| line.contains("odbc")), "{needed:?}");
}

#[test]
fn it_stays_in_the_process() {
    assert!(output("readelf", &["-d"]).contains("NODELETE"));
}
