//! `doctor --probe-api`.

use pipedrive_sandbox::{Config, Fault};
use pipedrive_sql::probe::{self, PROBES};

use super::healthy;
use crate::{World, json};

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
