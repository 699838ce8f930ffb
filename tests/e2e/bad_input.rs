//! Bad input: each with its kind and a message that says what to do. The SQLSTATEs are asserted through the driver
//! manager (`states.rs`).

use std::io::Read;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use pipedrive_sandbox::{Config, Fault};
use pipedrive_sql::call::{Call, Cancel};
use pipedrive_sql::settings::{Credential, Settings, Source, parse_connection_string};
use pipedrive_sql::{Error, ErrorKind, Session, WarningKind};

use crate::engine::{World, open, rows};

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[track_caller]
fn assert_error(error: &Error, kind: ErrorKind, parts: &[&str]) {
    assert_eq!(error.kind(), kind, "{error}");
    for part in parts {
        assert!(error.message().to_lowercase().contains(&part.to_lowercase()), "'{part}' is missing in: {error}");
    }
}

#[test]
fn a_wrong_token_and_no_token_are_sign_in_errors() {
    let world = World::new();
    let wrong = open(pairs(&[("BaseURL", world.sandbox.url()), ("APIToken", "wrong"), ("StateLocation", "memory")]));
    assert_error(&wrong.unwrap_err(), ErrorKind::SignIn, &["token"]);
    let none = open(pairs(&[("BaseURL", world.sandbox.url()), ("StateLocation", "memory")]));
    assert_error(&none.unwrap_err(), ErrorKind::SignIn, &["APIToken"]);
}

#[test]
fn hosts_that_do_not_answer_are_network_errors_that_name_them() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = open(pairs(&[("BaseURL", &format!("http://127.0.0.1:{port}")), ("APIToken", "x")]));
    assert_error(&refused.unwrap_err(), ErrorKind::Network, &["127.0.0.1"]);
    let unknown = open(pairs(&[("BaseURL", "https://no-such-host.invalid"), ("APIToken", "x")]));
    assert_error(&unknown.unwrap_err(), ErrorKind::Network, &["no-such-host.invalid"]);
}

#[test]
fn a_missing_host_and_the_token_of_another_company_are_property_errors() {
    let missing = open(pairs(&[]));
    assert_error(&missing.unwrap_err(), ErrorKind::Property, &["CompanyDomain"]);
    let world = World::new();
    let other = world.open(&[("CompanyDomain", "someone-else")]);
    assert_error(&other.unwrap_err(), ErrorKind::Property, &["someone-else"]);
}

#[test]
fn unknown_keywords_warn_and_braces_and_semicolons_are_values() {
    let text = "BaseURL=https://acme.pipedrive.com;APIToken={a;b}}c};ApiTokn=x;";
    let (settings, warnings) =
        Settings::resolve(&[(Source::ConnectionString, parse_connection_string(text).unwrap())]).unwrap();
    let Credential::Value(token, _) = settings.credential() else { panic!("no token") };
    assert_eq!(token.expose(), "a;b}c");
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].kind, WarningKind::UnknownProperty);
    assert!(warnings[0].message.contains("ApiTokn") && warnings[0].message.contains("APIToken"), "{warnings:?}");
}

#[test]
fn statements_that_are_not_offered_are_refused_without_a_request() {
    let world = World::new();
    let session = world.session();
    world.cost();
    let refused = [
        "COPY (SELECT 1) TO 'out.csv'",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/hostname'",
        "SET datafusion.execution.batch_size = 1",
        "SELECT * INTO t FROM deals",
        "CREATE TABLE t AS SELECT 1",
        "INSERT INTO deals VALUES (1)",
        "UPDATE deals SET title = 'x'",
        "DELETE FROM deals",
        "DROP TABLE deals",
        "SHOW TABLES",
        "SELECT 1; SELECT 2",
    ];
    for sql in refused {
        let error = session.prepare(sql, &Call::default()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Syntax | ErrorKind::NotSupported), "{sql}: {error}");
    }
    let file = session.prepare("SELECT * FROM '/etc/hostname'", &Call::default()).unwrap_err();
    assert!(matches!(file.kind(), ErrorKind::Syntax | ErrorKind::UnknownTable), "{file}");
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn unknown_names_come_with_a_suggestion_and_errors_with_their_place() {
    let world = World::new();
    let session = world.session();
    let error = |sql: &str| session.prepare(sql, &Call::default()).unwrap_err();
    assert_error(&error("SELECT * FROM dels"), ErrorKind::UnknownTable, &["dels", "deals"]);
    assert_error(&error("SELECT titel FROM deals"), ErrorKind::UnknownColumn, &["titel", "title"]);
    assert_error(&error("SELECT id\nFROM deals\nWHERE )"), ErrorKind::Syntax, &["line 3", "column 7"]);
    assert_error(&error("SELECT {fn SOUNDEX(title)} FROM deals"), ErrorKind::Syntax, &["SOUNDEX"]);
}

/// Runs a statement over several pages while `fault` is armed for the second one.
fn with_fault(fault: Fault) -> Error {
    let world = World::new();
    let session = world.session();
    session.prepare("SELECT id FROM deals", &Call::default()).unwrap();
    world.sandbox.arm(fault.on("/api/v2/deals").after(1).times(50));
    rows(&session, "SELECT id FROM deals", &[]).unwrap_err()
}

#[test]
fn a_damaged_answer_in_mid_scan_is_an_error_never_a_short_result() {
    assert_error(&with_fault(Fault::cut_body()), ErrorKind::Network, &[]);
    assert_error(&with_fault(Fault::html(200)), ErrorKind::Network, &["html"]);
    assert_error(&with_fault(Fault::html(403)), ErrorKind::Network, &["html"]);
    assert_error(&with_fault(Fault::repeated_cursor()), ErrorKind::Network, &["cursor"]);
}

#[test]
fn the_spent_budget_of_the_day_fails_at_once_and_names_the_reset() {
    let started = Instant::now();
    assert_error(&with_fault(Fault::daily429()), ErrorKind::Budget, &["reset"]);
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_burst_429_and_passing_server_errors_are_waited_out() {
    for fault in [Fault::burst429(), Fault::status(503)] {
        let world = World::new();
        let session = world.session();
        world.sandbox.arm(fault.on("/api/v2/deals").after(1).times(1));
        let found = rows(&session, "SELECT COUNT(*) FROM deals", &[]).unwrap();
        let deals = world.sandbox.dataset().deals().filter(|deal| !deal.is_deleted && !deal.is_archived).count();
        assert_eq!(found, [[deals.to_string()]]);
    }
}

fn slow() -> (World, Session) {
    let world = World::with(Config::default());
    let session = world.session();
    session.prepare("SELECT id FROM deals", &Call::default()).unwrap();
    world.sandbox.arm(Fault::delay(Duration::from_secs(20)).on("/api/v2/deals").times(50));
    (world, session)
}

#[test]
fn a_time_out_and_a_cancel_end_the_wait_at_once() {
    let (_world, session) = slow();
    let prepared = session.prepare("SELECT id FROM deals", &Call::default()).unwrap();
    let started = Instant::now();
    let call = Call { deadline: Some(started + Duration::from_millis(300)), ..Call::default() };
    let mut open = session.execute(&prepared, &[], 0, &Call::default()).unwrap();
    assert_error(&open.next(&call).unwrap_err(), ErrorKind::Timeout, &[]);

    let cancel = Cancel::default();
    let call = Call { cancel: cancel.clone(), deadline: None };
    let mut open = session.execute(&prepared, &[], 0, &Call::default()).unwrap();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        cancel.cancel();
    });
    assert_error(&open.next(&call).unwrap_err(), ErrorKind::Cancelled, &[]);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_secret_of_the_data_source_does_not_go_to_the_host_of_a_workbook() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let string = pairs(&[("BaseURL", &url)]);
    let dsn = pairs(&[("APIToken", "of-the-dsn"), ("CompanyDomain", "acme")]);
    let outcome = Settings::resolve(&[(Source::ConnectionString, string), (Source::Dsn, dsn)])
        .and_then(|(settings, _)| Session::open(settings, &Call::default()));
    assert_error(&outcome.unwrap_err(), ErrorKind::SignIn, &["BaseURL"]);
    // Whatever was sent would be here by now: loopback connects before `connect` returns.
    let received = listener.accept().map(|(mut stream, _)| stream.read(&mut [0; 64]));
    assert!(received.is_err(), "the listener received a connection");
}
