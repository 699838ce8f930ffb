//! The probes of `docs/ASSUMPTIONS.md`: what they find on a host that behaves, on one that does not, what they cost.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use pipedrive_sandbox::{Config, EditPlan, Fault, Running};
use pipedrive_sql::call::Call;
use pipedrive_sql::probe::{self, Finding, Outcome, PROBES};
use pipedrive_sql::{ErrorKind, Session};

use crate::engine::World;

/// Runs every probe; none is left out.
fn findings(session: &Session) -> Vec<Finding> {
    let Outcome { findings, stopped } = run(session);
    assert_eq!((findings.len(), stopped), (PROBES.len(), None));
    findings
}

fn run(session: &Session) -> Outcome {
    probe::run(session, |_| {}, &Call::default())
}

/// The names of probes that a run got to.
fn names(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| &*finding.probe).collect()
}

/// The finding of one probe.
fn of<'a>(findings: &'a [Finding], name: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.probe == name).unwrap_or_else(|| panic!("no finding of {name}"))
}

/// The names of probes with this verdict.
fn with_word<'a>(findings: &'a [Finding], word: &str) -> Vec<&'a str> {
    findings.iter().filter(|finding| finding.verdict.word() == word).map(|finding| &*finding.probe).collect()
}

fn all_names() -> Vec<&'static str> {
    PROBES.iter().map(|probe| probe.name).collect()
}

/// Every request was a GET, and all of them together cost no more than was announced.
fn check_price(sandbox: &Running) -> (u64, u64) {
    assert!(sandbox.requests().iter().all(|request| request.method == "GET"));
    let (stats, price) = (sandbox.stats(), probe::plan());
    assert!(stats.requests <= price.requests.into() && stats.tokens <= price.tokens.into(), "{stats:?}, {price:?}");
    (stats.requests, stats.tokens)
}

#[test]
fn a_host_that_behaves_confirms_everything() {
    let world = World::new();
    let session = world.session();
    world.cost();
    let steps = Arc::new(Mutex::new(Vec::new()));
    let told = steps.clone();
    let tell = move |step: probe::Step<'_>| told.lock().unwrap().push((step.done, step.of, step.finding.probe.clone()));
    let findings = probe::run(&session, tell, &Call::default()).findings;
    assert_eq!(with_word(&findings, "confirmed"), all_names(), "{findings:#?}");
    // No refutation, so no record was asked for to make sure.
    assert_eq!(check_price(&world.sandbox), (44, 434));
    let steps = steps.lock().unwrap();
    let expected: Vec<_> = all_names().iter().zip(1..).map(|(name, n)| (n, PROBES.len(), (*name).to_owned())).collect();
    assert_eq!(*steps, expected);
    // What is kept is what was found, for other sessions, too.
    assert_eq!(probe::kept(&world.session()), findings);
}

#[test]
fn the_price_does_not_grow_with_the_company() {
    let world = World::with(Config { deals: 100_000, ..Config::default() });
    let session = world.session();
    world.cost();
    let findings = findings(&session);
    assert_eq!(with_word(&findings, "refuted"), [""; 0], "{findings:#?}");
    check_price(&world.sandbox);
}

#[test]
fn an_empty_company_decides_little_and_refutes_nothing() {
    let empty =
        Config { deals: 0, persons: 0, organizations: 0, activities: 0, products: 0, users: 1, ..Config::default() };
    let world = World::with(empty);
    let session = world.session();
    world.cost();
    let findings = findings(&session);
    let confirmed = [
        "stages.pipeline_id",
        "id_range",
        "time_marks",
        "timezone_name",
        "headers.date",
        "headers.burst",
        "headers.day",
    ];
    let rest = ["custom_fields.most", "prices", "api_token"];
    let expected: BTreeSet<_> = confirmed.into_iter().chain(rest).collect();
    let found: BTreeSet<_> = with_word(&findings, "confirmed").into_iter().collect();
    assert_eq!(found, expected, "{findings:#?}");
    assert_eq!(with_word(&findings, "refuted"), [""; 0], "{findings:#?}");
    check_price(&world.sandbox);
}

/// A fault that lasts, the probes that it refutes at least, and what they say.
fn cases() -> Vec<(Fault, &'static [&'static str], &'static str)> {
    let deals = "/api/v2/deals";
    vec![
        (ignore("owner_id").on(deals), &["deals.owner_id"], "none of those asked for"),
        (ignore("person_id").on(deals), &["deals.person_id"], "none of those asked for"),
        (ignore("org_id").on(deals), &["deals.org_id"], "none of those asked for"),
        (ignore("pipeline_id").on(deals), &["deals.pipeline_id"], "none of those asked for"),
        (ignore("stage_id").on(deals), &["deals.stage_id"], "none of those asked for"),
        (ignore("owner_id").on("/api/v2/persons"), &["persons.owner_id"], "none of those asked for"),
        (ignore("org_id").on("/api/v2/persons"), &["persons.org_id"], "none of those asked for"),
        (ignore("owner_id").on("/api/v2/organizations"), &["organizations.owner_id"], "none of those asked for"),
        (ignore("owner_id").on("/api/v2/activities"), &["activities.owner_id"], "none of those asked for"),
        (ignore("deal_id").on("/api/v2/activities"), &["activities.deal_id"], "none of those asked for"),
        (ignore("person_id").on("/api/v2/activities"), &["activities.person_id"], "none of those asked for"),
        (ignore("org_id").on("/api/v2/activities"), &["activities.org_id"], "none of those asked for"),
        (ignore("done").on("/api/v2/activities"), &["activities.done"], "none of those asked for"),
        (ignore("owner_id").on("/api/v2/products"), &["products.owner_id"], "none of those asked for"),
        (ignore("pipeline_id").on("/api/v2/stages"), &["stages.pipeline_id"], "none of those asked for"),
        (Fault::lacking_row("owner_id").times(99).on(deals), &["deals.owner_id"], "are missing"),
        (Fault::lacking_row("done").times(99), &["activities.done"], "are missing"),
        (Fault::lacking_row("pipeline_id").times(99).on("/api/v2/stages"), &["stages.pipeline_id"], "are missing"),
        (Fault::lacking_row("status").times(99).on(deals), &["status.list", "status.values"], "are missing"),
        (Fault::lacking_row("updated_since").times(99).on(deals), &["updated_range"], "are missing"),
        (ignore("status").on(deals), &["status.list", "bin"], "deleted"),
        (ignore("ids").on(deals), &["ids", "both_ends"], "rows"),
        (Fault::drop_ids().times(99).on(deals), &["ids", "both_ends"], "missing"),
        (ignore("updated_since").on(deals), &["updated_range"], "none of those asked for"),
        (ignore("updated_until").on(deals), &["updated_range"], "none of those asked for"),
        (ignore("sort_by").on(deals), &["sort_by.add_time", "sort_by.update_time"], "behind id"),
        (ignore("sort_direction").on(deals), &["sort_by.id", "sort_by.add_time", "both_ends"], "behind id"),
        (ignore("cursor").on(deals), &["both_ends"], "behind id"),
        (ignore("limit").on(deals), &["page_size"], "500 were asked for"),
        (ignore("custom_fields").on(deals), &["custom_fields.narrow", "custom_fields.most"], "keys"),
        (ignore("include_fields").on(deals), &["include_fields"], "next_activity_id"),
        (Fault::disorder().times(99).on(deals), &["sort_by.id", "sort_by.add_time", "both_ends"], "behind id"),
        (Fault::foreign_rows().times(99).on(deals), &["deals.owner_id", "status.list", "flags"], "id"),
        (Fault::missing_member("is_archived").times(99).on("/api/v2/deals/archived"), &["archive"], "not marked"),
        (
            Fault::status(400).times(99).on("/api/v2/persons").after(1),
            &["persons.owner_id"],
            "did not take the request",
        ),
    ]
}

fn ignore(parameter: &str) -> Fault {
    Fault::ignore_parameter(parameter).times(99)
}

#[test]
fn a_host_that_answers_wrongly_is_seen_by_the_right_probe() {
    let mut wrong = Vec::new();
    for (fault, names, words) in cases() {
        let world = World::with(Config { deals: 520, persons: 120, activities: 150, burst: None, ..Config::default() });
        let session = world.session();
        world.cost();
        world.sandbox.arm(fault.clone());
        let findings = findings(&session);
        check_price(&world.sandbox);
        let refuted = with_word(&findings, "refuted");
        let blamed = names.iter().all(|name| refuted.contains(name));
        let said = names.iter().any(|name| of(&findings, name).verdict.text().contains(words));
        if !blamed || !said {
            wrong.push(format!(
                "{fault:?}: {:#?}",
                findings.iter().filter(|one| one.verdict.word() != "confirmed").collect::<Vec<_>>()
            ));
        }
        // What one parameter does is no other one's fault.
        let single = format!("{fault:?}").contains("IgnoreParameter") && names.len() == 1;
        if single && refuted != names {
            wrong.push(format!("{fault:?} is blamed on {refuted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_list_that_may_not_be_read_leaves_its_probes_undecided() {
    let world = World::new();
    let session = world.session();
    world.sandbox.arm(Fault::refuse_scope().on("/api/v2/activities").times(99));
    let findings = findings(&session);
    let expected =
        ["activities.owner_id", "activities.deal_id", "activities.person_id", "activities.org_id", "activities.done"];
    let rest = ["activities.custom_fields", "activities.duration"];
    assert_eq!(with_word(&findings, "undecided"), [&expected[..], &rest[..]].concat(), "{findings:#?}");
    assert!(of(&findings, "activities.done").verdict.text().contains("activities:read"));
    let asked = world.sandbox.stats().by_path["/api/v2/activities"];
    assert_eq!(asked, 1, "a refused list was asked for again");
}

#[test]
fn nothing_is_sent_once_the_budget_is_spent() {
    let world = World::new();
    let session = world.session();
    world.cost();
    world.sandbox.arm(Fault::daily429().after(9).times(99));
    let Outcome { findings, stopped } = run(&session);
    let error = stopped.unwrap();
    assert!(error.kind() == ErrorKind::Budget && error.message().contains("budget"), "{error}");
    assert_eq!(world.sandbox.stats().requests, 10);
    assert_eq!(of(&findings, "deals.owner_id").verdict.word(), "confirmed");
    assert!(!names(&findings).contains(&"users"), "{findings:#?}");
    assert_eq!(with_word(&findings, "refuted"), [""; 0]);
}

#[test]
fn nothing_is_sent_once_the_account_is_closed() {
    let world = World::new();
    let session = world.session();
    world.cost();
    world.sandbox.arm(Fault::status(402).after(5).times(99));
    let Outcome { findings, stopped } = run(&session);
    assert_eq!(stopped.unwrap().kind(), ErrorKind::Account);
    assert_eq!(world.sandbox.stats().requests, 6);
    assert_eq!(with_word(&findings, "refuted"), [""; 0]);
}

#[test]
fn a_host_that_fails_is_left_alone() {
    for (answers, confirmed) in [(0, 0), (2, 1)] {
        let world = World::new();
        let session = world.session();
        world.cost();
        world.sandbox.arm(Fault::html(200).after(answers).times(99));
        let Outcome { findings, stopped } = run(&session);
        assert_eq!(stopped.unwrap().kind(), ErrorKind::Network);
        assert_eq!(world.sandbox.stats().requests, u64::from(answers) + 3);
        assert_eq!(with_word(&findings, "refuted"), [""; 0], "{findings:#?}");
        let lists = with_word(&findings, "confirmed").into_iter().filter(|name| name.starts_with("deals."));
        assert_eq!(lists.count(), confirmed, "{findings:#?}");
    }
}

/// What people do while the probes run is not held against Pipedrive.
#[test]
fn edits_refute_nothing() {
    for seed in 1..4 {
        let world =
            World::with(Config { deals: 300, persons: 100, organizations: 60, activities: 100, ..Config::default() });
        let session = world.session();
        world.cost();
        world.sandbox.edit_between_pages(EditPlan { seed, per_page: 4 });
        let findings = findings(&session);
        assert!(world.sandbox.history().len() > 50);
        assert_eq!(with_word(&findings, "refuted"), [""; 0], "seed {seed}: {findings:#?}");
        assert!(with_word(&findings, "confirmed").len() > PROBES.len() / 2, "seed {seed}: {findings:#?}");
        check_price(&world.sandbox);
    }
}

#[test]
fn a_refused_token_ends_the_run_and_what_was_found_is_kept() {
    let world = World::new();
    let session = world.session();
    world.sandbox.arm(Fault::unauthorized().after(3).times(99));
    world.cost();
    let Outcome { findings, stopped } = run(&session);
    assert_eq!(stopped.unwrap().kind(), ErrorKind::SignIn);
    // What the answers so far tell is judged, and nothing more is sent.
    assert_eq!(names(&findings)[..2], ["deals.owner_id", "deals.person_id"]);
    assert!(findings.len() < 12 && findings.iter().all(|finding| finding.verdict.is_settled()), "{findings:#?}");
    assert_eq!(world.sandbox.stats().requests, 4);
    assert_eq!(probe::kept(&session), findings);
}

#[test]
fn a_run_that_is_cancelled_keeps_what_it_found() {
    let world = World::new();
    let session = world.session();
    let call = Call::default();
    let cancel = call.cancel.clone();
    let stop = move |step: probe::Step<'_>| {
        if step.done == 4 {
            cancel.cancel();
        }
    };
    let Outcome { findings, stopped } = probe::run(&session, stop, &call);
    assert_eq!(stopped.unwrap().kind(), ErrorKind::Cancelled);
    let kept = probe::kept(&session);
    assert_eq!(names(&findings), names(&kept)[..findings.len()]);
    assert!(findings.len() >= 4, "{}", findings.len());
    assert!((4..PROBES.len()).contains(&kept.len()), "{}", kept.len());
    assert!(kept.iter().all(|finding| finding.verdict.word() == "confirmed"));
}

/// An undecided run takes nothing away from what an earlier one settled.
#[test]
fn what_was_settled_stays() {
    let world = World::new();
    let before = findings(&world.session());
    world.sandbox.arm(Fault::refuse_scope().on("/api/v2").times(999));
    let session = world.session();
    let after = findings(&session);
    assert_eq!(of(&after, "ids").verdict.word(), "undecided");
    let kept = probe::kept(&session);
    assert_eq!(of(&kept, "ids"), of(&before, "ids"));
}

/// Findings may be shown to anybody: they have ids, counts and names of parameters.
#[test]
fn findings_tell_nothing_that_records_hold() {
    let world = World::with(Config { deals: 300, persons: 200, activities: 100, ..Config::default() });
    let session = world.session();
    let mut told = findings(&session);
    for fault in [Fault::disorder(), Fault::foreign_rows(), ignore("status"), Fault::lost_keys("x")] {
        world.sandbox.arm(fault.times(60));
        told.extend(findings(&session));
    }
    let text = serde_json::to_string(&told).unwrap();
    let data = world.sandbox.dataset();
    let people = world.sandbox.persons().into_iter().map(|person| person.name);
    let deals = world.sandbox.deals().into_iter().map(|deal| deal.title).filter(|title| title.len() > 5);
    let users = data.users().flat_map(|user| [user.name.clone(), user.email.clone()]);
    for secret in people.chain(deals).chain(users).chain([world.sandbox.token().to_owned()]) {
        assert!(!text.contains(&secret), "{secret}");
    }
}

/// The document names every probe, in tables of four columns, and no other.
#[test]
fn the_document_names_every_probe() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ASSUMPTIONS.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (assumed, _) = text.split_once("## What the sandbox decides").unwrap();
    let rows = assumed.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let mut named = BTreeSet::new();
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 4, "{row}");
        let probes: Vec<_> = cells[3].split('`').skip(1).step_by(2).collect();
        assert!(!probes.is_empty() || matches!(cells[3].trim(), "none" | "probe"), "{row}");
        named.extend(probes);
    }
    assert_eq!(named, all_names().into_iter().collect());
}
