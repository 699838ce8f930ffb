//! What a statement, a company's day and a token's burst window allow, and that the processes of a machine keep to it
//! together. Other processes are this test's own binary, started again.
//!
//! `cargo xtask test -- budget::figures --ignored --nocapture` prints how much of the burst window several processes use.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, thread};

use pipedrive_sandbox::{Config, Fault};
use pipedrive_sql::call::Call;
use pipedrive_sql::{Error, ErrorKind, Session};
use serde_json::{Value, json};

use crate::engine::{World, open, rows};
use crate::manager::connection_string;
use crate::pyodbc::answers;

/// Set for another process: what it shall do.
const CHILD: &str = "PIPEDRIVE_ODBC_BUDGET_CHILD";
/// 23 pages of 100 rows, one after the other.
const WHOLE: &str = "SELECT id FROM deals ORDER BY id DESC";
/// One page.
const ONE: &str = "SELECT id FROM deals LIMIT 5";
/// Tokens that are left of [`DAY`] when [`WHOLE`] was read in pages of 100, behind users/me and definitions.
const LEFT: u64 = 55;
const DAY: u64 = 2 + 10 + 230 + LEFT;
/// More than [`LEFT`] without the price of a page.
const RESERVE: &str = "50";

/// Another process: opens a session with these properties and does `what`.
fn process(world: &World, more: &[(&str, &str)], what: &Value) -> Child {
    let task = json!({"pairs": world.pairs(more), "what": what});
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["budget::child", "--exact", "--ignored", "--nocapture"]).env(CHILD, task.to_string());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn succeeded(output: &Output) {
    let said = [&*output.stdout, &*output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
#[ignore = "runs as the child of the tests below"]
fn child() {
    let task: Value = serde_json::from_str(&std::env::var(CHILD).unwrap()).unwrap();
    let session = open(serde_json::from_value(task["pairs"].clone()).unwrap()).unwrap();
    if let Some(start) = task["what"]["spend"].as_u64() {
        thread::sleep(Duration::from_millis(start.saturating_sub(now())));
        return spend(&session);
    }
    match task["what"]["sql"].as_str() {
        Some(sql) => drop(rows(&session, sql, &[]).unwrap()),
        None => {
            let [start, end] = ["start", "end"].map(|name| task["what"][name].as_u64().unwrap());
            thread::sleep(Duration::from_millis(start.saturating_sub(now())));
            thread::scope(|scope| (0..3).for_each(|_| drop(scope.spawn(|| scan_until(&session, end)))));
        }
    }
}

/// Reads deals in small pages, again and again.
fn scan_until(session: &Session, end: u64) {
    let call = Call::default();
    let prepared = session.prepare("SELECT id FROM deals", &call).unwrap();
    while now() < end {
        let mut rows = session.execute(&prepared, &[], 0, &call).unwrap();
        while now() < end && rows.next(&call).unwrap().is_some() {}
    }
}

/// Reads deals until the reserve stops it.
fn spend(session: &Session) {
    loop {
        if let Err(error) = rows(session, WHOLE, &[]) {
            return assert_refused(&error, &["ReserveTokens"]);
        }
    }
}

/// Milliseconds since 1970.
fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn short_day() -> Config {
    Config { daily_tokens: DAY, ..Config::default() }
}

/// The ledger's file, with these members.
fn write_ledger(world: &World, members: &str) {
    fs::write(ledger(world), format!("{{\"format\":1,{members}}}")).unwrap();
}

fn ledger(world: &World) -> std::path::PathBuf {
    // A folder with files in it is the driver's if it has this one.
    fs::write(world.state.path().join("pipedrive-odbc"), "State of the Pipedrive ODBC driver\n").unwrap();
    let host = world.sandbox.url().trim_start_matches("http://").replace(':', "-");
    let company = pipedrive_sandbox::dataset::COMPANY.id;
    world.state.path().join(format!("budget-{host}-{company}.json"))
}

fn warnings(session: &Session) -> String {
    session.warnings().into_iter().map(|warning| warning.message).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn assert_refused(error: &Error, parts: &[&str]) {
    assert_eq!(error.kind(), ErrorKind::Budget, "{error}");
    for part in parts {
        assert!(error.message().contains(part), "'{part}' is missing in: {error}");
    }
}

/// A session and the definitions of deals: 12 tokens.
fn ready(world: &World) -> Session {
    let session = world.open(&[("ReserveTokens", RESERVE)]).unwrap();
    session.prepare(ONE, &Call::default()).unwrap();
    session
}

#[test]
fn a_process_refuses_what_another_one_has_left_to_the_reserve_without_a_request() {
    let world = World::with(short_day());
    let session = ready(&world);
    let sandbox = process(&world, &[("ReserveTokens", RESERVE), ("PageSize", "100")], &json!({"sql": WHOLE}));
    succeeded(&sandbox.wait_with_output().unwrap());
    assert_eq!(world.cost(), (25, DAY - LEFT));
    let error = rows(&session, ONE, &[]).unwrap_err();
    assert_refused(&error, &["55 of 297 API tokens", "ReserveTokens=50 is kept", "/api/v2/deals", "ReserveTokens=0"]);
    let late = world.open(&[("ReserveTokens", "54")]).unwrap();
    assert_eq!(warnings(&late), "", "a single record may still be read");
    assert_eq!(rows(&late, "SELECT id FROM deals WHERE id = 1", &[]).unwrap().len(), 1);
    let late = world.open(&[("ReserveTokens", "99%")]).unwrap();
    let warning = warnings(&late);
    assert!(warning.contains("54 of 297") && warning.contains("ReserveTokens=99% (295 tokens)"), "{warning}");
    assert_refused(&rows(&late, "SELECT id FROM deals WHERE id = 1", &[]).unwrap_err(), &["54 of 297"]);
    assert_refused(&late.prepare("SELECT * FROM persons", &Call::default()).unwrap_err(), &["personFields"]);
    assert_eq!(world.cost(), (1, 1), "nothing but the single record");
    let free = world.open(&[("ReserveTokens", "0")]).unwrap();
    assert_eq!(rows(&free, ONE, &[]).unwrap().len(), 5);
    assert_eq!(world.cost(), (1, 10));
}

/// A company with 3000 tokens a day, of which connections with these properties leave one half; its answers take time.
fn half_a_day() -> World {
    let world = World::with(Config { daily_tokens: 3000, burst: Some(1000), ..Config::default() });
    world.sandbox.arm(Fault::delay(Duration::from_millis(20)).times(10_000));
    drop(world.open(&HALF).unwrap().prepare(ONE, &Call::default()).unwrap());
    world
}

const HALF: [(&str, &str); 3] = [("ReserveTokens", "1500"), ("PageSize", "100"), ("MaxConcurrency", "50")];

#[test]
fn processes_that_spend_at_once_leave_the_reserve_alone() {
    let world = half_a_day();
    let what = json!({"spend": now() + 3000});
    let children: Vec<_> = (0..6).map(|_| process(&world, &HALF, &what)).collect();
    for child in children {
        succeeded(&child.wait_with_output().unwrap());
    }
    let spent = world.cost().1;
    assert!((1450..=1500).contains(&spent), "{spent} tokens");
}

#[test]
fn connections_that_spend_at_once_leave_the_reserve_alone() {
    let world = half_a_day();
    let sessions = [(); 8].map(|()| world.open(&HALF).unwrap());
    thread::scope(|scope| sessions.iter().for_each(|session| drop(scope.spawn(|| spend(session)))));
    let spent = world.cost().1;
    assert!((1420..=1500).contains(&spent), "{spent} tokens");
}

#[test]
fn asking_again_what_is_left_counts_in_max_tokens() {
    let world = World::with(short_day());
    drop(ready(&world));
    // Of the same day, whatever the time is.
    let (told_at, resets) = (now() - 3_600_000, now() + 6 * 3_600_000);
    write_ledger(&world, &format!("\"limit\":{DAY},\"remaining\":0,\"told_at\":{told_at},\"resets\":{resets}"));
    world.cost();
    let run = || process(&world, &[("MaxTokens", "11")], &json!({"sql": ONE})).wait_with_output().unwrap();
    let output = run();
    let said = String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned();
    assert!(said.contains("MaxTokens=11") && said.contains("has cost 2 "), "{said}");
    assert_eq!(world.cost(), (1, 2));
    succeeded(&run());
    assert_eq!(world.cost(), (1, 10));
}

#[test]
fn an_old_word_is_no_reason_for_a_warning() {
    let warns = |told_at: u64| {
        let world = World::with(Config { tells_limits: false, ..short_day() });
        write_ledger(&world, &format!("\"limit\":{DAY},\"remaining\":0,\"told_at\":{told_at}"));
        warnings(&world.open(&[("ReserveTokens", RESERVE)]).unwrap()).contains("will be refused")
    };
    assert!(warns(now()));
    assert!(!warns(now() - 16 * 60_000), "the first statement asks again");
    assert!(!warns(now() + 3_600_000), "the clock was put back");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_state_folder_does_not_hang_the_connection() {
    for name in ["burst", "index.json", "lock", "budget.lock"] {
        let world = World::new();
        drop(ledger(&world));
        assert!(Command::new("mkfifo").arg(world.state.path().join(name)).status().unwrap().success());
        let session = world.session();
        let told = warnings(&session);
        assert!(
            told.contains(&format!("{name} in it is no ordinary file")) && told.contains("each process alone"),
            "{told}"
        );
        assert_eq!(rows(&session, ONE, &[]).unwrap().len(), 5);
    }
}

#[test]
fn a_refusal_comes_through_the_driver_with_its_sqlstate() {
    let world = World::with(short_day());
    write_ledger(
        &world,
        &format!("\"limit\":297,\"remaining\":30,\"told_at\":{},\"resets\":{}", now(), now() + 7_200_000),
    );
    let input = json!([{"name": "late", "sql": ONE}]);
    let answer = answers(&["--errors", &connection_string(&world, "ReserveTokens=50;")], &input).remove(0);
    // users/me told better: it had to be asked for the company.
    assert!(answer["rows"].is_array(), "{answer}");
    write_ledger(
        &world,
        &format!("\"limit\":297,\"remaining\":30,\"told_at\":{},\"resets\":{}", now(), now() + 7_200_000),
    );
    world.cost();
    let answer = answers(&["--errors", &connection_string(&world, "ReserveTokens=50;")], &input).remove(0);
    assert_eq!(answer["error"]["sqlstate"], "HY000", "{answer}");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("30 of 297 API tokens") && message.contains("begins at"), "{message}");
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn by_default_a_tenth_of_the_day_is_left_where_pipedrive_tells_it() {
    for (tells_limits, spent) in [(true, 270), (false, 300)] {
        let world = World::with(Config { daily_tokens: 300, tells_limits, ..Config::default() });
        let session = world.open(&[("PageSize", "50")]).unwrap();
        let error = rows(&session, WHOLE, &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Budget);
        assert_eq!(error.message().contains("ReserveTokens=10% (30 tokens)"), tells_limits, "{error}");
        let tokens = world.cost().1;
        assert!(tokens > spent - 10 && tokens <= spent, "{tokens} tokens");
    }
}

#[test]
fn without_the_headers_the_processes_count_what_they_send() {
    let world = World::with(Config { tells_limits: false, ..short_day() });
    // The limit was told once, three days ago.
    write_ledger(&world, &format!("\"limit\":{DAY},\"remaining\":1,\"told_at\":{}", now() - 3 * 86_400_000));
    let session = ready(&world);
    let other = process(&world, &[("ReserveTokens", RESERVE), ("PageSize", "100")], &json!({"sql": WHOLE}));
    succeeded(&other.wait_with_output().unwrap());
    assert_eq!(world.cost(), (25, DAY - LEFT));
    // What is known is old, so it is worth a request to ask; the answer does not tell, but has its price.
    assert_refused(&rows(&session, ONE, &[]).unwrap_err(), &["53 of 297"]);
    assert_eq!(world.cost(), (1, 2));
    assert_refused(&rows(&session, ONE, &[]).unwrap_err(), &["53 of 297"]);
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn a_reserve_that_cannot_be_kept_is_told() {
    let world = World::with(Config { tells_limits: false, ..Config::default() });
    let told = warnings(&world.open(&[("ReserveTokens", "5000")]).unwrap());
    assert!(told.contains("ReserveTokens=5000 may not be kept"), "{told}");
    let other = World::new();
    assert_eq!(warnings(&other.open(&[("ReserveTokens", "5000")]).unwrap()), "");
}

#[test]
fn a_new_day_is_whole_and_an_old_word_is_asked_for_again() {
    let (hour, resets) = (3_600_000, now() + 6 * 3_600_000);
    // A process whose ledger says for so long that nothing is left, while the host has enough.
    let outcome = |age: u64| {
        let world = World::with(short_day());
        drop(ready(&world));
        assert!(fs::read_to_string(ledger(&world)).unwrap().contains("\"counted\":12"), "written when it closes");
        let at = now() - age;
        world.cost();
        write_ledger(&world, &format!("\"limit\":{DAY},\"remaining\":0,\"told_at\":{at},\"resets\":{resets}"));
        let output = process(&world, &[], &json!({"sql": ONE})).wait_with_output().unwrap();
        (output.status.success(), world.cost())
    };
    assert_eq!(outcome(0), (false, (0, 0)), "told a moment ago");
    assert_eq!(outcome(hour), (true, (2, 12)), "told an hour ago: it is asked for again");
    assert_eq!(outcome(20 * hour), (true, (1, 10)), "told yesterday");
}

#[test]
fn a_spent_day_is_told_to_the_other_processes_with_its_end() {
    let world = World::with(short_day());
    let session = ready(&world);
    world.sandbox.arm(Fault::daily429().on("/api/v2/deals"));
    assert_refused(&rows(&session, ONE, &[]).unwrap_err(), &["resets at"]);
    world.cost();
    let output = process(&world, &[], &json!({"sql": ONE})).wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("0 of 297 API tokens") && said.contains("begins at 00:00 UTC"), "{said}");
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn a_ledger_that_cannot_be_used_is_no_trouble_and_told() {
    let world = World::with(short_day());
    fs::write(ledger(&world), "{\"format\":1,\"limit\":").unwrap();
    drop(ready(&world));
    assert!(fs::read_to_string(ledger(&world)).unwrap().contains("\"limit\":297"), "a damaged file is replaced");

    let world = World::with(short_day());
    let later = "{\"format\":2,\"tokens\":\"many\"}";
    fs::write(ledger(&world), later).unwrap();
    let session = ready(&world);
    assert!(warnings(&session).contains("by this process alone"));
    assert_eq!(rows(&session, ONE, &[]).unwrap().len(), 5);
    drop(session);
    assert_eq!(fs::read_to_string(ledger(&world)).unwrap(), later);

    // Below a file there is no folder.
    let world = World::with(short_day());
    let place = world.state.path().join("file");
    fs::write(&place, "").unwrap();
    let place = place.join("state");
    for location in ["memory", place.to_str().unwrap()] {
        world.cost();
        let world = World::with(short_day());
        let pairs = |more: &[(&str, &str)]| {
            let own = [("StateLocation", location), ("ReserveTokens", RESERVE), ("PageSize", "100")];
            let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
            [&own[..], &world.pairs(more)].concat()
        };
        let (one, other) = (open(pairs(&[])).unwrap(), open(pairs(&[])).unwrap());
        assert_eq!(rows(&one, WHOLE, &[]).unwrap().len(), 2300);
        world.cost();
        assert_refused(&rows(&other, ONE, &[]).unwrap_err(), &["of 297"]);
        assert_eq!(world.cost(), (0, 0), "connections of a process share what is left in any case");
    }
}

#[test]
fn max_tokens_counts_definitions_joins_and_further_tries() {
    let world = World::new();
    let cold = world.open(&[("MaxTokens", "19")]).unwrap();
    world.cost();
    assert_refused(&rows(&cold, ONE, &[]).unwrap_err(), &["MaxTokens=19", "has cost 10"]);
    assert_eq!(world.cost(), (1, 10), "the definitions");
    assert_eq!(rows(&cold, ONE, &[]).unwrap().len(), 5, "they are known now");
    assert_refused(
        &cold
            .prepare(
                "SELECT * FROM deals d JOIN persons p ON p.id = d.person_id JOIN organizations o ON o.id = d.org_id",
                &Call::default(),
            )
            .unwrap_err(),
        &["MaxTokens=19"],
    );
    world.cost();
    world.sandbox.arm(Fault::status(503).on("/api/v2/deals"));
    assert_refused(&rows(&cold, ONE, &[]).unwrap_err(), &["MaxTokens=19", "has cost 10", "503"]);
    assert_eq!(world.cost().0, 1);
    let join = "SELECT COUNT(*) FROM deals d JOIN persons p ON p.id = d.person_id";
    let session = world.open(&[("MaxTokens", "60")]).unwrap();
    session.prepare("SELECT * FROM persons", &Call::default()).unwrap();
    world.cost();
    assert_refused(&rows(&session, join, &[]).unwrap_err(), &["MaxTokens=60"]);
    assert_eq!(world.cost(), (6, 60));
}

#[test]
fn no_more_requests_are_under_way_than_max_concurrency_says() {
    let peak = |most: &str| {
        let world = World::new();
        let sessions = [(); 2].map(|()| world.open(&[("MaxConcurrency", most), ("PageSize", "100")]).unwrap());
        sessions[0].prepare(ONE, &Call::default()).unwrap();
        world.sandbox.arm(Fault::delay(Duration::from_millis(30)).times(1000));
        world.cost();
        thread::scope(|scope| {
            for session in sessions.iter().cycle().take(8) {
                scope.spawn(|| rows(session, "SELECT id FROM deals WHERE id IN (1, 2, 3)", &[]).unwrap());
            }
        });
        world.sandbox.stats().peak_concurrency
    };
    assert_eq!(peak("1"), 1);
    assert_eq!(peak("3"), 3);
    assert!(peak("50") > 10, "more than by default");
}

/// Lets so many processes scan for some seconds: requests that the sandbox took, and that it turned away.
fn burst(processes: u64, limit: u32, seconds: u64) -> (u64, u64) {
    let world = World::with(Config { burst: Some(limit), daily_tokens: 10_000_000, ..Config::default() });
    drop(ready(&world));
    // Time to start, and for the window to be empty again.
    let start = now() + 3000 + 500 * processes;
    let what = json!({"start": start, "end": start + seconds * 1000});
    let children: Vec<_> = (0..processes).map(|_| process(&world, &[("PageSize", "5")], &what)).collect();
    world.cost();
    for child in children {
        succeeded(&child.wait_with_output().unwrap());
    }
    let turned_away = world.sandbox.requests().iter().filter(|request| request.status == Some(429)).count();
    (world.cost().0, u64::try_from(turned_away).unwrap())
}

#[test]
fn processes_that_share_a_token_provoke_no_429_and_use_most_of_its_window() {
    for (processes, limit) in [(2, 20), (2, 80), (4, 20)] {
        let (requests, turned_away) = burst(processes, limit, 6);
        assert_eq!(turned_away, 0, "{processes} processes, limit {limit}");
        let allowed = u64::from(limit) * 3;
        assert!(requests * 10 >= allowed * 8, "{processes} processes, limit {limit}: {requests} of {allowed}");
    }
}

#[test]
#[ignore = "takes minutes; prints figures"]
fn figures() {
    println!("processes  limit  requests/s  allowed/s  used  429");
    for limit in [20, 80] {
        for processes in [1, 2, 4, 8] {
            let (requests, turned_away) = burst(processes, limit, 11);
            // The first window may be filled at once, besides what the following time lets through.
            let (requests, allowed) = (requests as f64 / 11.0, f64::from(limit) * (1.0 / 11.0 + 0.5));
            let used = 100.0 * requests / allowed;
            println!("{processes:>9}  {limit:>5}  {requests:>10.1}  {allowed:>9.1}  {used:>3.0}%  {turned_away:>3}");
        }
    }
}
