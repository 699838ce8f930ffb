//! Programs without wide text, in locales of two charsets and in none.

use std::path::Path;
use std::process::Command;

use pipedrive_sandbox::Config;

use super::{Client, Through};
use crate::engine::World;

/// A locale that systems of today have no more; `localedef` makes it.
const LATIN1: &str = "en_US.ISO-8859-1";

#[test]
fn a_utf8_locale() {
    run("C.UTF-8", "utf-8");
}

#[test]
fn an_iso_8859_1_locale() {
    run(LATIN1, "iso-8859-1");
}

/// A program that says nothing, or whose system has nothing else, means UTF-8.
#[test]
fn no_locale() {
    run("POSIX", "utf-8");
}

fn run(locale: &str, charset: &str) {
    let world = World::with(Config { deals: 700, burst: None, ..Config::default() });
    let locales = tempfile::tempdir().unwrap();
    if locale == LATIN1 {
        make(&locales.path().join(LATIN1));
    }
    for through in [Through::Manager, Through::Driver] {
        let client = Client::new(&world, "narrow.py", through).variable("LOCPATH", locales.path());
        // Python must not put a locale of its own in the place of this one.
        let client = client.variable("PYTHONCOERCECLOCALE", "0").variable("PYTHONUTF8", "0");
        client.variable("LC_ALL", locale).variable("PIPEDRIVE_ODBC_CHARSET", charset).run(&[]);
    }
}

fn make(place: &Path) {
    let output = Command::new("localedef").args(["-i", "en_US", "-f", "ISO-8859-1"]).arg(place).output();
    let output = output.expect("localedef is missing; run `cargo xtask test`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
