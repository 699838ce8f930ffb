//! Bad input through the driver manager: each with its SQLSTATE and a message that helps.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use pipedrive_sandbox::Fault;

use crate::engine::World;
use crate::manager::{connect, connection_string, driver, rows, state};

/// Connects with these properties alone; the SQLSTATE and message of the refusal.
#[track_caller]
fn refused(properties: &str) -> (String, String) {
    let string = format!("Driver={};StateLocation=memory;{properties}", driver().display());
    state(connect(&string).map(drop).unwrap_err())
}

#[track_caller]
fn assert_state(found: (String, String), expected: &str, parts: &[&str]) {
    let (state, message) = found;
    assert_eq!(state, expected, "{message}");
    for part in parts {
        assert!(message.to_lowercase().contains(&part.to_lowercase()), "'{part}' is missing in: {message}");
    }
}

#[test]
fn connecting_with_a_wrong_token_or_host() {
    let world = World::new();
    let url = world.sandbox.url();
    assert_state(refused(&format!("APIToken=wrong;BaseURL={url}")), "28000", &["token"]);
    assert_state(refused(&format!("BaseURL={url}")), "28000", &["APIToken"]);
    assert_state(refused(""), "08001", &["CompanyDomain", "APIToken"]);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_state(refused(&format!("APIToken=x;BaseURL=http://127.0.0.1:{port}")), "08001", &["127.0.0.1"]);
    assert_state(refused("APIToken=x;BaseURL=https://no-such-host.invalid"), "08001", &["no-such-host.invalid"]);
    let token = world.sandbox.token();
    let other = refused(&format!("APIToken={token};BaseURL={url};CompanyDomain=someone-else"));
    assert_state(other, "08001", &["someone-else"]);
}

#[test]
fn a_connection_with_an_unknown_keyword_works() {
    let world = World::new();
    let connection = connect(&connection_string(&world, "Servr=x;")).unwrap();
    assert_eq!(rows(&connection, "SELECT 1", &[]).unwrap(), [[Some("1".to_owned())]]);
}

#[test]
fn statements_that_cannot_be() {
    let world = World::new();
    let connection = connect(&connection_string(&world, "")).unwrap();
    let cases: &[(&str, &str, &[&str])] = &[
        ("SELECT * FROM dels", "42S02", &["dels", "deals"]),
        ("SELECT titel FROM deals", "42S22", &["titel", "title"]),
        ("SELECT id\nFROM deals\nWHERE )", "42000", &["line 3", "column 7"]),
        ("COPY (SELECT 1) TO 'out.csv'", "42000", &["COPY"]),
        ("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/hostname'", "42000", &["CREATE"]),
        ("SET datafusion.execution.batch_size = 1", "42000", &["SET"]),
        ("SELECT * INTO t FROM deals", "42000", &["INTO"]),
        ("SELECT {fn SOUNDEX(title)} FROM deals", "42000", &["SOUNDEX"]),
        ("SELECT 1/0", "22012", &[]),
        ("SELECT CAST('abc' AS INTEGER)", "22018", &["abc"]),
        ("SELECT 9223372036854775807 + 1", "22003", &[]),
    ];
    for (sql, expected, parts) in cases {
        let error = rows(&connection, sql, &[]).map(drop).unwrap_err();
        let (state, message) = state(error);
        assert_eq!(&state, expected, "{sql}: {message}");
        for part in *parts {
            assert!(message.contains(part), "{sql}: '{part}' is missing in: {message}");
        }
    }
}

/// Runs a statement over several pages while `fault` is armed for the second one.
fn with_fault(fault: Fault) -> (String, String) {
    let world = World::new();
    let connection = connect(&connection_string(&world, "")).unwrap();
    drop(connection.prepare("SELECT id FROM deals").unwrap());
    world.sandbox.arm(fault.on("/api/v2/deals").after(1).times(50));
    state(rows(&connection, "SELECT id FROM deals", &[]).map(drop).unwrap_err())
}

#[test]
fn damage_in_mid_scan_is_an_error_never_a_short_result() {
    assert_state(with_fault(Fault::cut_body()), "08S01", &[]);
    assert_state(with_fault(Fault::truncated_json()), "08S01", &[]);
    assert_state(with_fault(Fault::html(200)), "08S01", &["HTML"]);
    assert_state(with_fault(Fault::repeated_cursor()), "08S01", &["cursor"]);
    assert_state(with_fault(Fault::unauthorized()), "28000", &[]);
    assert_state(with_fault(Fault::daily429()), "HY000", &["reset"]);
}

#[test]
fn the_query_time_out_is_hyt00() {
    let world = World::new();
    let connection = connect(&connection_string(&world, "")).unwrap();
    drop(connection.prepare("SELECT id FROM deals").unwrap());
    world.sandbox.arm(Fault::delay(Duration::from_secs(20)).on("/api/v2/deals").times(50));
    let started = Instant::now();
    let outcome = connection.execute("SELECT id FROM deals", (), Some(1)).and_then(|cursor| match cursor {
        Some(cursor) => crate::manager::fetch(cursor).map(drop),
        None => Ok(()),
    });
    assert_state(state(outcome.unwrap_err()), "HYT00", &[]);
    assert!(started.elapsed() < Duration::from_secs(10));
}
