//! Hosts that refuse: each refusal is told by the check that it concerns, with its cure, and no more is asked for nothing.

use std::time::{Duration, Instant};

use pipedrive_sandbox::{Config, Fault, Flaw, Tls};

use super::{assert_found, config, examined, healthy, of, settled};
use crate::query::{interrupt, spawn, wait_until};
use crate::{Ran, World, json};

/// A world behind https whose data source trusts what it is told to.
fn secure(flaw: Option<Flaw>) -> World {
    let world = settled(World::with(Config { tls: Some(Tls { flaw, ..Tls::default() }), ..config() }));
    let authority = world.sandbox.certificates().unwrap().authority_file();
    world.ok(&["dsn", "edit", "Sales", &format!("SSLServerCert={}", authority.display())]);
    world
}

#[test]
fn a_certificate_that_verifies_is_fine() {
    let world = secure(None);
    let (code, report) = examined(&world, &[]);
    assert_eq!(code, 0, "{report:#}");
    assert_found(&report, "way to the host", "ok", &["https", "SSLServerCert"]);
    assert_found(&report, "connection", "ok", &["answers"]);
}

#[test]
fn a_certificate_that_does_not_verify_is_a_problem_and_sees_no_token() {
    for (flaw, parts) in [
        (Flaw::OtherAuthority, &["no secure connection", "SSLServerCert"][..]),
        (Flaw::Expired, &["has expired", "clock"]),
        (Flaw::OtherHost, &["another host", "BaseURL"]),
    ] {
        let world = secure(Some(flaw));
        let (code, report) = examined(&world, &[]);
        assert_eq!((code, world.sandbox.stats().requests), (8, 0));
        assert_found(&report, "connection", "problem", parts);
        assert_found(&report, "tables", "note", &["not asked"]);
    }
}

#[test]
fn a_refused_token_is_a_problem_of_signing_in_alone() {
    let world = healthy();
    world.sandbox.arm(Fault::unauthorized().times(99));
    let (code, report) = examined(&world, &[]);
    assert_eq!(code, 8);
    assert_found(&report, "sign-in", "problem", &["refused the API token", "copy it again"]);
    assert_found(&report, "clock", "ok", &["0 s"]);
    assert_found(&report, "connection", "ok", &["answers"]);
    assert_found(&report, "tables", "note", &["not asked"]);
    // Two runs: one as JSON, one for people.
    assert_eq!(world.sandbox.stats().requests, 2);
}

#[test]
fn a_list_that_is_refused_is_named_with_its_scope_and_the_others_are_asked() {
    let world = healthy();
    world.sandbox.arm(Fault::refuse_scope().on("/api/v2/products").times(9));
    let (code, report) = examined(&world, &[]);
    assert_eq!(code, 8);
    assert_found(&report, "tables", "problem", &["products: ", "scope products:read", "Tables"]);
    assert_found(&report, "tables", "ok", &["deals", "users"]);
    assert!(!of(&report, "tables").lines().next().unwrap().contains("products"));
}

#[test]
fn a_table_of_two_lists_cannot_be_read_when_one_is_refused() {
    let world = healthy();
    world.sandbox.arm(Fault::refuse_scope().on("/api/v2/deals/archived").times(9));
    let (_, report) = examined(&world, &[]);
    assert_found(&report, "tables", "problem", &["deals_all", "deals_archived", "deals:read"]);
    let fine = of(&report, "tables").lines().next().unwrap().to_owned();
    assert!(fine.starts_with("ok: ") && fine.contains("deals,") && !fine.contains("deals_all"), "{fine}");
}

#[test]
fn definitions_that_are_refused_are_a_warning_with_their_own_scope() {
    let world = settled(World::with(Config { refuse_admin: true, ..config() }));
    let (code, report) = examined(&world, &[]);
    assert_eq!(code, 8);
    assert_found(&report, "field definitions", "warning", &["activities without custom fields", "scope admin"]);
    assert_found(&report, "field definitions", "ok", &["deals"]);
}

#[test]
fn a_spent_day_ends_the_asking() {
    let world = healthy();
    world.sandbox.arm(Fault::daily429().on("/api/v2").times(99));
    let (code, report) = examined(&world, &[]);
    assert_eq!(code, 8);
    assert_found(&report, "tables", "problem", &["API budget of this day is spent", "wait"]);
    assert_found(&report, "field definitions", "note", &["not asked"]);
    assert!(world.sandbox.stats().requests <= 4, "two runs, each with users/me and one list");
}

#[test]
fn a_reserve_that_is_all_that_is_left_is_a_warning() {
    let world = settled(World::with(Config { daily_tokens: 100, ..config() }));
    world.ok(&["dsn", "edit", "Sales", "ReserveTokens=99%"]);
    let (_, report) = examined(&world, &[]);
    assert_found(&report, "limits", "warning", &["ReserveTokens=99%", "ReserveTokens=0"]);
}

#[test]
fn a_clock_that_is_wrong_is_a_warning_either_way() {
    for (more, words) in [(3600, "behind"), (-3600, "ahead of")] {
        let world = settled(World::with(Config { clock: Some(more), ..config() }));
        let (code, report) = examined(&world, &[]);
        assert_eq!(code, 8);
        assert_found(&report, "clock", "warning", &["s ", words, "set the clock"]);
    }
    let world = settled(World::with(Config { clock: Some(-30), ..config() }));
    assert_eq!(examined(&world, &[]).0, 0);
}

#[test]
fn a_host_that_is_not_there_is_a_problem() {
    let world = healthy();
    world.ok(&["dsn", "edit", "Sales", "LoginTimeout=2"]);
    let mut command = world.command(&["doctor", "--dsn", "Sales"]);
    let output = command.env("PIPEDRIVE_BASE_URL", "http://127.0.0.1:1").output().unwrap();
    assert_eq!(output.status.code(), Some(8));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("127.0.0.1:1") && told.contains("->"), "{told}");
}

#[test]
fn a_list_with_trouble_of_its_own_ends_nothing_and_a_host_that_fails_twice_ends_the_asking() {
    for (path, asked) in [("/api/v2/products", true), ("/api/v2", false)] {
        let world = healthy();
        world.sandbox.arm(Fault::status(503).on(path).times(99));
        let ran = world.run(&["--json", "doctor"]);
        assert_eq!(ran.code, 8, "{ran:?}");
        let report = json(&ran.out);
        assert_found(&report, "tables", "problem", &["trouble of its own (status 503)", "try again"]);
        assert_eq!(of(&report, "tables").contains("not asked"), !asked, "{report:#}");
        assert_eq!(world.sandbox.stats().by_path.contains_key("/api/v1/users"), asked);
    }
}

/// A host may write semicolons, too; what stands behind one is no cure.
#[test]
fn what_a_host_tells_of_its_trouble_is_no_cure() {
    for (status, at, check, parts) in [
        (402, "/api/v1/users/me", "sign-in", ["is not open: ", "-> check its subscription"]),
        (503, "/api/v1/users/me", "connection", ["trouble of its own (status 503)", "-> try again in some minutes"]),
        (503, "/api/v2/products", "tables", ["products: ", "-> try again in some minutes"]),
    ] {
        let world = healthy();
        world.ok(&["dsn", "edit", "Sales", "LoginTimeout=30"]);
        world.sandbox.arm(Fault::status(status).on(at).times(99));
        let (code, report) = examined(&world, &[]);
        assert_eq!(code, 8);
        assert_found(&report, check, "problem", &parts);
        assert_eq!(of(&report, "tables").contains("not asked"), at.contains("users"), "{report:#}");
    }
}

#[test]
fn the_cure_of_a_time_out_is_its_own() {
    let world = healthy();
    world.ok(&["dsn", "edit", "Sales", "LoginTimeout=1"]);
    world.sandbox.arm(Fault::delay(Duration::from_secs(5)).on("/api/v1/users/me").times(9));
    let (code, report) = examined(&world, &[]);
    assert_eq!(code, 8);
    assert_found(&report, "connection", "problem", &["the time-out passed -> raise the query or login time-out"]);
}

#[test]
fn ctrl_c_stops_the_asking() {
    let world = healthy();
    world.sandbox.arm(Fault::delay(Duration::from_secs(20)).on("/api/v2"));
    let child = spawn(&mut world.command(&["doctor"]));
    wait_until("a list is asked for", || world.sandbox.stats().requests == 2);
    let stopped = Instant::now();
    interrupt(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{ran:?}");
    assert!(stopped.elapsed() < Duration::from_secs(10) && world.sandbox.stats().requests == 2);
}
