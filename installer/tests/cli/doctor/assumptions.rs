//! `doctor --probe-api`.

use std::time::Duration;

use pipedrive_sandbox::{Config, Fault};
use pipedrive_sql::probe::{self, PROBES};

use super::healthy;
use crate::query::{interrupt, spawn, wait_until};
use crate::{Ran, World, json};

/// A company of the usual size: a small one leaves much undecided.
fn usual() -> World {
    super::settled(World::with(Config { clock: None, ..Config::default() }))
}

#[test]
fn nothing_is_asked_without_consent_and_the_price_is_told() {
    let world = healthy();
    let refused = world.fails(2, &["doctor", "--dsn", "Sales", "--probe-api"]);
    let price = probe::plan();
    assert!(refused.contains(&format!("{} requests, {} API tokens", price.requests, price.tokens)), "{refused}");
    assert!(refused.contains("--yes"), "{refused}");
    assert_eq!(world.sandbox.stats().requests, 0);
    world.fails(2, &["doctor", "--yes"]);
    // What cannot be opened has no price.
    let gone = world.fails(6, &["doctor", "--dsn", "Nowhere", "--probe-api", "--yes"]);
    let wrong = world.fails(2, &["doctor", "-c", "TimeZone=Nowhere", "--probe-api", "--yes"]);
    let mut bare = world.command(&["doctor", "--dsn", "Sales", "--probe-api", "--yes"]);
    bare.env_remove("PIPEDRIVE_API_TOKEN").env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/no/such/bus");
    let bare = Ran::of(bare.output().unwrap());
    assert!(bare.code == 3 && bare.err.contains("there is no API token"), "{bare:?}");
    for told in [&gone, &wrong, &bare.err] {
        assert!(!told.contains("put to the test"), "{told}");
    }
    assert_eq!(world.sandbox.stats().requests, 0);
    world.fails(2, &["doctor", "--offline", "--probe-api"]);
}

#[test]
fn each_verdict_stands_with_its_assumption_and_is_kept() {
    let world = usual();
    let told = json(&world.ok(&["--json", "doctor", "--dsn", "Sales", "--probe-api", "--yes"]));
    let assumptions = told["assumptions"].as_array().unwrap();
    assert_eq!(assumptions.len(), PROBES.len());
    for (own, probe) in assumptions.iter().zip(PROBES) {
        assert_eq!((&own["probe"], &own["assumption"]), (&probe.name.into(), &probe.assumption.into()));
        assert_eq!(own["verdict"], "confirmed", "{own}");
    }
    let (stats, price) = (world.sandbox.stats(), probe::plan());
    assert_eq!((&told["spent"]["requests"], &told["spent"]["tokens"]), (&stats.requests.into(), &stats.tokens.into()));
    assert!(
        stats.requests <= u64::from(price.requests) + 1 && stats.tokens <= u64::from(price.tokens) + 2,
        "{stats:?}"
    );
    assert_eq!(told["announced"]["tokens"], price.tokens);
    let state = std::fs::read_dir(world.path(".local/state/pipedrive-odbc")).unwrap();
    let kept = state.filter_map(|entry| std::fs::read_to_string(entry.unwrap().path()).ok());
    assert!(kept.into_iter().any(|text| text.contains("\"status.list\"")));
}

/// Of a run that was cut short: what was settled, what was not reached, why, and what it has cost.
#[track_caller]
fn assert_cut(world: &World, code: i32, kind: &str, part: &str) {
    world.sandbox.reset_stats();
    let ran = world.run(&["--json", "doctor", "--probe-api", "--yes"]);
    assert_eq!(ran.code, code, "{ran:?}");
    let (stats, told) = (world.sandbox.stats(), json(&ran.out));
    let verdicts: Vec<_> = told["assumptions"].as_array().unwrap().iter().map(|own| own["verdict"].as_str()).collect();
    let count = |word: &str| verdicts.iter().filter(|verdict| **verdict == Some(word)).count();
    let (confirmed, undecided, open) = (count("confirmed"), count("undecided"), count("not_reached"));
    assert!(confirmed > 0 && open > 0 && confirmed + undecided + open == PROBES.len(), "{told:#}");
    assert_eq!(told["stopped"]["kind"], kind);
    assert!(told["stopped"]["message"].as_str().unwrap().contains(part), "{}", told["stopped"]);
    assert_eq!(told["spent"]["requests"], stats.requests);
    // Requests that are refused count at their list price, of which the sandbox charges nothing; they are three at most.
    let tokens = told["spent"]["tokens"].as_u64().unwrap();
    assert!((stats.tokens..=stats.tokens + 30).contains(&tokens), "{tokens}, {stats:?}");
    let error = json(ran.err.lines().last().unwrap());
    let reached = format!("{} of {} assumptions were reached", confirmed + undecided, PROBES.len());
    assert!(
        error["error"]["kind"] == kind && error["error"]["message"].as_str().unwrap().contains(&reached),
        "{error}"
    );
}

#[test]
fn a_run_that_is_cut_short_shows_what_was_settled_and_what_it_has_cost() {
    for (fault, code, kind, part) in [
        (Fault::unauthorized(), 3, "sign_in", "refused the API token"),
        (Fault::daily429(), 5, "budget", "budget of this day"),
        (Fault::status(402), 9, "account", "not open"),
        (Fault::html(200), 4, "network", "page of HTML"),
    ] {
        let world = usual();
        world.sandbox.arm(fault.on("/api/v2").after(6).times(999));
        assert_cut(&world, code, kind, part);
        let ran = world.run(&["doctor", "--probe-api", "--yes"]);
        assert!(ran.out.contains("open       ") && ran.out.contains("not reached"), "{ran:?}");
        assert!(ran.out.contains("ended early: "), "{ran:?}");
        assert!(ran.out.contains(" API tokens; the verdicts are kept for"), "{ran:?}");
        assert!(ran.code == code && ran.err.contains("assumptions were reached: "), "{ran:?}");
    }
}

#[test]
fn ctrl_c_shows_what_was_settled_until_then() {
    let world = usual();
    world.sandbox.arm(Fault::delay(Duration::from_secs(20)).on("/api/v2").after(6));
    let child = spawn(&mut world.command(&["--json", "doctor", "--probe-api", "--yes"]));
    wait_until("the seventh list is asked for", || world.sandbox.stats().requests == 8);
    interrupt(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    let told = json(&ran.out);
    assert_eq!(told["stopped"]["kind"], "interrupted", "{told:#}");
    assert_eq!(told["assumptions"][0]["verdict"], "confirmed", "{told:#}");
    assert_eq!(told["assumptions"][PROBES.len() - 1]["verdict"], "not_reached", "{told:#}");
    // The request that was given up may count or not.
    let requests = told["spent"]["requests"].as_u64().unwrap();
    assert!([7, 8].contains(&requests), "{told:#}");
}

#[test]
fn an_assumption_that_does_not_hold_is_a_finding() {
    let world = usual();
    world.sandbox.arm(Fault::lacking_row("pipeline_id").on("/api/v2/stages").times(9));
    // The only data source is the one that is meant.
    let ran = world.run(&["doctor", "--probe-api", "--yes"]);
    assert_eq!(ran.code, 8, "{ran:?}");
    world.ok(&["dsn", "add", "Support", "PageSize=100"]);
    let several = world.fails(2, &["doctor", "--probe-api", "--yes"]);
    assert!(several.contains("--dsn Sales or Support"), "{several}");
    assert!(ran.out.contains("REFUTED    stages.pipeline_id"), "{}", ran.out);
    assert!(ran.err.contains("ASSUMPTIONS.md") && ran.err.contains("API tokens"), "{}", ran.err);
    assert!(!ran.out.contains(world.sandbox.token()) && !ran.err.contains(world.sandbox.token()));
}
