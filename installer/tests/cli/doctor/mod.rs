//! `doctor`.
//!
//! - this file: a healthy computer: nothing found, the announced price kept, nothing sent with `--offline`
//! - `broken.rs`: configurations that are wrong, each named with its cure
//! - `keyring.rs`: a keyring that is empty, has a sign-in, is locked
//! - `oauth.rs`: data sources that sign in by OAuth
//! - `refused.rs`: hosts that refuse, and what is said of each
//! - `assumptions.rs`: `--probe-api`

mod assumptions;
mod broken;
mod keyring;
mod oauth;
mod refused;

use pipedrive_sandbox::Config;
use serde_json::Value;

use crate::{World, driver, json};

/// A small company whose host has this machine's time.
pub(crate) fn config() -> Config {
    Config { deals: 20, persons: 20, organizations: 10, activities: 10, clock: Some(0), ..Config::default() }
}

/// A world in which everything is as it should be.
pub(crate) fn healthy() -> World {
    settled(World::with(config()))
}

/// Installs the driver and adds a data source.
pub(crate) fn settled(world: World) -> World {
    world.ok(&["install", "--system", "--driver", driver().to_str().unwrap()]);
    world.ok(&["dsn", "add", "Sales", "Timeout=30"]);
    world
}

/// What a run said, and its exit code. Whatever it found, a cure stands with it, and no secret is in it.
#[track_caller]
pub(crate) fn examined(world: &World, arguments: &[&str]) -> (i32, Value) {
    let ran = world.run(&[&["--json", "doctor"], arguments].concat());
    let report = json(&ran.out);
    let told = world.run(&[&["doctor"], arguments].concat());
    for text in [&ran.out, &ran.err, &told.out, &told.err] {
        assert!(!text.contains(world.sandbox.token()), "{text}");
    }
    let checks = report["checks"].as_array().unwrap();
    for finding in checks.iter().flat_map(|check| check["findings"].as_array().unwrap()) {
        let is_bad = ["warning", "problem"].contains(&finding["level"].as_str().unwrap());
        assert_eq!(finding["cure"].as_str().is_some_and(|cure| cure.len() > 10), is_bad, "{finding}");
        assert!(told.out.contains(finding["cure"].as_str().unwrap_or_default()), "{}", told.out);
    }
    assert!(checks.iter().all(|check| !check["findings"].as_array().unwrap().is_empty()), "{report}");
    assert_eq!(ran.code == 0, ["ok", "note"].contains(&report["worst"].as_str().unwrap()), "{ran:?}");
    (ran.code, report)
}

/// The findings of a check, as `level: text -> cure`.
#[track_caller]
pub(crate) fn of(report: &Value, check: &str) -> String {
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|own| own["check"] == check).unwrap_or_else(|| panic!("no {check} in {report}"));
    let lines = found["findings"].as_array().unwrap().iter().map(|finding| {
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        format!("{}: {} -> {}\n", text("level"), text("text"), text("cure"))
    });
    lines.collect()
}

/// The check has these words in one finding of this level.
#[track_caller]
pub(crate) fn assert_found(report: &Value, check: &str, level: &str, parts: &[&str]) {
    let found = of(report, check);
    let has = |line: &str| line.starts_with(&format!("{level}: ")) && parts.iter().all(|part| line.contains(part));
    assert!(found.lines().any(has), "{level} {parts:?} is missing in {check}:\n{found}");
}

#[test]
fn a_healthy_computer_has_nothing_worse_than_notes() {
    let world = healthy();
    let (code, report) = examined(&world, &[]);
    assert_eq!(code, 0, "{report:#}");
    let library = driver();
    let version = concat!("version ", env!("CARGO_PKG_VERSION"), ", ");
    assert_found(&report, "driver library", "ok", &[library.to_str().unwrap(), version]);
    assert_found(&report, "driver library", "ok", &["functions of ODBC"]);
    assert_found(&report, "driver library", "ok", &["libraries that it needs are here"]);
    assert_found(&report, "driver managers", "ok", &["unixODBC"]);
    assert_found(&report, "driver managers", "note", &["ODBCSYSINI", "redirects"]);
    let file = world.path("system/odbcinst.ini");
    assert_found(&report, "registration", "ok", &["[Pipedrive]", file.to_str().unwrap()]);
    assert_found(&report, "data sources", "ok", &["data source 'Sales': 1 property,"]);
    assert_found(&report, "token", "ok", &["PIPEDRIVE_API_TOKEN"]);
    assert_found(&report, "way to the host", "ok", &["plain http", "without a proxy"]);
    assert_found(&report, "clock", "ok", &["0 s"]);
    let user = world.sandbox.dataset().users().next().unwrap();
    assert_found(&report, "sign-in", "ok", &[&user.name]);
    assert_found(&report, "sign-in", "ok", &["administrator"]);
    assert_found(&report, "tables", "ok", &["deals", "deals_archived", "users"]);
    assert_found(&report, "field definitions", "ok", &["deals"]);
    assert_found(&report, "limits", "ok", &["of 150000 API tokens", "ReserveTokens=10% keeps 15000"]);
}

#[test]
fn the_price_is_announced_and_kept() {
    let world = healthy();
    let ran = world.run(&["--json", "doctor", "--dsn", "Sales"]);
    let (stats, report) = (world.sandbox.stats(), json(&ran.out));
    for cost in ["announced", "spent"] {
        assert_eq!(
            (&report[cost]["requests"], &report[cost]["tokens"]),
            (&stats.requests.into(), &stats.tokens.into())
        );
    }
    assert!(stats.requests > 10, "{stats:?}");
    let note = json(ran.err.lines().next().unwrap());
    let note = note["note"].as_str().unwrap();
    assert!(note.contains(&format!("{} requests, {} API tokens", stats.requests, stats.tokens)), "{note}");
    assert!(stats.by_path.values().all(|count| *count == 1), "{stats:?}");
    assert!(world.sandbox.requests().iter().all(|request| request.method == "GET"));
}

#[test]
fn offline_sends_nothing() {
    let world = healthy();
    let (code, report) = examined(&world, &["--offline"]);
    assert_eq!((code, world.sandbox.stats().requests), (0, 0), "{report:#}");
    assert!(report["checks"].as_array().unwrap().iter().all(|check| check["check"] != "connection"));
    assert_eq!(report["announced"]["tokens"], 0);
}

#[test]
fn several_data_sources_are_looked_at_and_one_that_is_named_is_asked() {
    let world = healthy();
    world.ok(&["dsn", "add", "Support", "PageSize=100"]);
    let (_, report) = examined(&world, &[]);
    assert_eq!(world.sandbox.stats().requests, 0);
    assert_found(&report, "data sources", "note", &["--dsn"]);
    assert_found(&report, "token", "ok", &["data source 'Support'"]);
    let (code, report) = examined(&world, &["--dsn", "support"]);
    assert_eq!(code, 0, "{report:#}");
    assert!(world.sandbox.stats().requests > 10);
    let gone = world.fails(6, &["doctor", "--dsn", "Nowhere"]);
    assert!(gone.contains("dsn add Nowhere"), "{gone}");
}

#[test]
fn a_connection_string_is_examined_and_tables_that_it_leaves_out_are_not_asked_about() {
    let world = healthy();
    let (url, token) = (world.sandbox.url().to_owned(), world.sandbox.token().to_owned());
    let string = format!("BaseURL={url};PWD={token};Tables=stages;StateLocation=memory");
    let ran = world.run(&["--json", "doctor", "-c", &string]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let report = json(&ran.out);
    assert_eq!(world.sandbox.stats().by_path.keys().collect::<Vec<_>>(), ["/api/v1/users/me", "/api/v2/stages"]);
    assert_found(&report, "token", "ok", &["the connection string"]);
    assert_found(&report, "state folder", "note", &["memory"]);
    assert!(!ran.out.contains(&token) && !ran.err.contains(&token));
}

#[test]
fn a_computer_without_anything_is_told_where_to_begin() {
    let world = World::with(config());
    let output = world.command(&["--json", "doctor"]).env_remove("PIPEDRIVE_API_TOKEN").output().unwrap();
    assert_eq!(output.status.code(), Some(8));
    let report = json(&String::from_utf8(output.stdout).unwrap());
    assert_found(&report, "registration", "problem", &["pipedrive-odbc install"]);
    assert_found(&report, "data sources", "note", &["dsn add"]);
    assert_eq!(world.sandbox.stats().requests, 0);
}
