//! `query`: rows, formats, Ctrl-C, closed pipes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use pipedrive_sandbox::{Config, Fault};

use crate::{Ran, World, json};

/// A world whose deals take 23 slow pages.
fn slow() -> World {
    let world = World::with(Config { deals: 2_300, ..Config::default() });
    world.sandbox.arm(Fault::delay(Duration::from_millis(150)).on("/api/v2/deals").times(10_000));
    world
}

const SMALL_PAGES: &str = "PageSize=100";

pub(crate) fn spawn(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

pub(crate) fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[track_caller]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn every_format_has_the_same_rows() {
    let world = World::new();
    let sql = "SELECT id, title, value, add_time, lost_reason FROM deals ORDER BY id";
    let deals = world.sandbox.deals();
    let listed: Vec<_> = deals.iter().filter(|deal| !deal.is_archived && !deal.is_deleted).collect();
    let csv = world.ok(&["query", "--quiet", sql]);
    assert!(csv.starts_with("id,title,value,add_time,lost_reason\r\n"), "{csv}");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), listed.len());
    for (row, deal) in rows.iter().zip(&listed) {
        assert_eq!((&row[0], &row[1]), (deal.id.to_string().as_str(), deal.title.as_str()));
    }
    let array = json(&world.ok(&["query", "--quiet", "--json", sql]));
    let lines = world.ok(&["query", "--quiet", "--format", "jsonl", sql]);
    let objects: Vec<_> = lines.lines().map(json).collect();
    assert_eq!(array.as_array().unwrap(), &objects);
    assert_eq!(objects.len(), rows.len());
    assert_eq!(objects[0]["id"], listed[0].id);
    let table = world.ok(&["query", "--quiet", "--format", "table", sql]);
    assert_eq!(table.lines().count(), rows.len() + 2);
    assert!(table.contains("(null)"), "{table}");
}

#[test]
fn the_last_line_tells_what_it_cost() {
    let world = World::new();
    let ran = world.run(&["query", "SELECT id FROM deals LIMIT 3"]);
    let stats = world.sandbox.stats();
    let expected = format!("3 rows, {} requests, {} API tokens, ", stats.requests, stats.tokens);
    assert!(ran.code == 0 && ran.err.starts_with(&expected), "{expected}: {ran:?}");
    let ran = world.run(&["query", "--json", "SELECT id FROM deals LIMIT 3"]);
    assert_eq!(json(&ran.err)["summary"]["rows"], 3);
    assert_eq!(world.run(&["query", "--quiet", "SELECT 1"]).err, "");
}

#[test]
fn statements_come_from_arguments_pipes_and_have_parameters_and_limits() {
    let world = World::new();
    assert_eq!(world.ok(&["query", "SELECT 1 AS one"]), "one\r\n1\r\n");
    let asked = ["query", "--param", "7", "--param", "-1", "SELECT id FROM deals WHERE id = ? AND id > ?"];
    assert_eq!(world.ok(&asked), "id\r\n7\r\n");
    let refused = world.fails(2, &["query", "SELECT id FROM deals WHERE id = ?"]);
    assert!(refused.contains("1 parameter marker"), "{refused}");
    assert_eq!(world.ok(&["query", "--max-rows", "2", "SELECT id FROM deals"]).lines().count(), 3);
    for arguments in [&["query", "-"][..], &["query"]] {
        let mut child = spawn(world.command(arguments).stdin(Stdio::piped()));
        child.stdin.take().unwrap().write_all("SELECT 'Zoë' AS name\n".as_bytes()).unwrap();
        assert_eq!(Ran::of(child.wait_with_output().unwrap()).out, "name\r\nZoë\r\n");
    }
}

#[test]
fn a_data_source_or_a_connection_string_says_where_to_go() {
    let world = World::new();
    world.ok(&["dsn", "add", "Demo", "MaxTokens=5"]);
    let refused = world.fails(5, &["query", "--dsn", "demo", "SELECT * FROM deals"]);
    assert!(refused.contains("MaxTokens=5"), "{refused}");
    let (url, token) = (world.sandbox.url().to_owned(), world.sandbox.token().to_owned());
    let string = format!("DSN=Demo;MaxTokens=500;BaseURL={url};PWD={token}");
    assert_eq!(world.ok(&["query", "-c", &string, "SELECT COUNT(*) AS n FROM deals"]), "n\r\n230\r\n");
    let refused = world.fails(2, &["query", "-c", &format!("BaseURL={url};{token}"), "SELECT 1"]);
    assert!(!refused.contains(&token), "{refused}");
    let warned = world.run(&["query", "-c", "Colour=red", "SELECT 1"]);
    assert!(warned.code == 0 && warned.err.contains("warning: 'Colour' is not a connection property"), "{warned:?}");
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let world = World::new();
    let file = world.path("deals.csv");
    let name = file.to_str().unwrap();
    let ran = world.run(&["query", "--output", name, "SELECT id FROM deals"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    assert_eq!(world.read("deals.csv").lines().count(), 231);
    world.sandbox.arm(Fault::status(400).on("/api/v2/deals").after(1).times(9));
    let ran = world.run(&["query", "-c", SMALL_PAGES, "--output", name, "SELECT title FROM deals"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert_eq!(world.read("deals.csv").lines().count(), 231, "the old file stays");
    let left = std::fs::read_dir(world.home.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".tmp"));
    assert_eq!(left.count(), 0);
}

#[test]
fn rows_come_before_the_last_page_is_read_and_a_closed_pipe_ends_the_traffic() {
    let world = slow();
    let mut child = spawn(&mut world.command(&["query", "-c", SMALL_PAGES, "SELECT id, title, add_time FROM deals"]));
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("id,"), "{line}");
    assert!(world.sandbox.stats().by_path["/api/v2/deals"] < 10);
    drop(reader);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(world.sandbox.stats().by_path["/api/v2/deals"] < 20);
}

#[test]
fn ctrl_c_stops_the_traffic_and_tells_what_was_given_up() {
    let world = slow();
    let mut command =
        world.command(&["query", "-c", SMALL_PAGES, "SELECT COUNT(*), SUM(value), MAX(title) FROM deals"]);
    let child = spawn(&mut command);
    wait_until("no traffic", || world.sandbox.stats().by_path.get("/api/v2/deals").is_some_and(|count| *count > 3));
    interrupt(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    assert!(ran.err.contains("interrupted after 0 rows") && ran.err.contains("given up"), "{ran:?}");
    let stopped_at = world.sandbox.stats().requests;
    thread::sleep(Duration::from_millis(500));
    assert_eq!(world.sandbox.stats().requests, stopped_at);
    assert!(stopped_at < 20, "{stopped_at}");
}

#[test]
fn a_second_ctrl_c_ends_a_command_that_cannot_go_on() {
    let world = World::with(Config { deals: 2_300, ..Config::default() });
    // Nobody reads the pipe, so the command waits in the middle of a line.
    let mut child = spawn(&mut world.command(&["query", "SELECT * FROM deals"]));
    wait_until("no page", || world.sandbox.stats().by_path.contains_key("/api/v2/deals"));
    thread::sleep(Duration::from_millis(1_500));
    interrupt(&child);
    thread::sleep(Duration::from_millis(500));
    assert!(child.try_wait().unwrap().is_none(), "the first one is heard between batches");
    interrupt(&child);
    wait_until("it goes on", || child.try_wait().unwrap().is_some());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// Files in the home folder that are drafts.
fn drafts(world: &World) -> usize {
    let names = std::fs::read_dir(world.home.path()).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with(".tmp")).count()
}

/// Starts to write a file, and waits until rows are in its draft.
fn writing(world: &World) -> Child {
    let file = world.path("deals.csv");
    let sql = "SELECT id, title FROM deals";
    let child = spawn(&mut world.command(&["query", "-c", SMALL_PAGES, "--output", file.to_str().unwrap(), sql]));
    wait_until("no draft", || drafts(world) == 1 && world.sandbox.stats().by_path.contains_key("/api/v2/deals"));
    child
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn signals_that_end_a_command_leave_no_draft() {
    for name in ["-INT", "-TERM", "-HUP"] {
        let world = slow();
        let child = writing(&world);
        signal(&child, name);
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert!(ran.code == 130 && ran.err.contains("interrupted after"), "{name}: {ran:?}");
        assert_eq!((drafts(&world), world.path("deals.csv").exists()), (0, false), "{name}");
    }
}

#[test]
fn a_second_ctrl_c_leaves_no_draft() {
    let world = slow();
    let child = writing(&world);
    // Both are heard before a command that stands still can tell what it gave up.
    signal(&child, "-STOP");
    signal(&child, "-INT");
    signal(&child, "-TERM");
    signal(&child, "-CONT");
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    assert_eq!((drafts(&world), world.path("deals.csv").exists()), (0, false), "{ran:?}");
}

#[test]
fn nohup_keeps_a_command_going() {
    let world = slow();
    let file = world.path("deals.csv");
    let mut command = Command::new("nohup");
    command.arg(env!("CARGO_BIN_EXE_pipedrive-odbc")).args(["query", "-c", SMALL_PAGES, "-o"]).arg(&file);
    world.apply(command.arg("SELECT id FROM deals LIMIT 900"));
    let child = spawn(&mut command);
    wait_until("no draft", || drafts(&world) == 1);
    signal(&child, "-HUP");
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, world.read("deals.csv").lines().count()), (0, 901), "{ran:?}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_statement_or_a_field_map() {
    let world = World::new();
    let run = |arguments: &[&str], input: &str| {
        let mut child = spawn(world.command(arguments).stdin(Stdio::piped()));
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    };
    let ran = run(&["query", "--quiet", "-"], "\u{feff}SELECT 1 AS one");
    assert_eq!((ran.code, ran.out.as_str()), (0, "one\r\n1\r\n"), "{ran:?}");
    let ran = run(&["query", "--quiet", "-"], "\u{feff}\u{feff}SELECT 1 AS one");
    assert_ne!(ran.code, 0, "one mark is skipped: {ran:?}");
    let map = r#"{"format": 1, "names": "label", "entities": {}}"#;
    for (name, mark) in [("plain.json", ""), ("marked.json", "\u{feff}")] {
        world.write(name, &format!("{mark}{map}"));
        let connection = format!("FieldMap={}", world.path(name).display());
        let ran = run(&["query", "--quiet", "-c", &connection, "SELECT COUNT(*) AS n FROM deals"], "");
        assert_eq!((ran.code, ran.out.as_str()), (0, "n\r\n230\r\n"), "{name}: {ran:?}");
    }
}

#[test]
fn a_read_only_file_is_not_replaced_and_no_row_is_asked_for() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    world.write("deals.csv", "mine");
    std::fs::set_permissions(world.path("deals.csv"), std::fs::Permissions::from_mode(0o444)).unwrap();
    let file = world.path("deals.csv");
    let ran = world.run(&["query", "-o", file.to_str().unwrap(), "SELECT id FROM deals"]);
    assert!(ran.err.contains("is read-only; make it writable"), "{ran:?}");
    assert_eq!((world.read("deals.csv").as_str(), drafts(&world)), ("mine", 0));
    assert!(!world.sandbox.stats().by_path.contains_key("/api/v2/deals"));
}

/// What a command shows on a terminal of 100 columns.
fn on_terminal(world: &World, command: &str) -> String {
    let program = env!("CARGO_BIN_EXE_pipedrive-odbc");
    let line = format!("stty cols 100 rows 30; {program} {command}");
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]);
    world.apply(&mut script);
    Ran::of(script.env("TERM", "xterm").env("SHELL", "/bin/sh").output().unwrap()).out
}

#[test]
fn a_terminal_gets_a_table_and_a_long_read_tells_how_far_it_is() {
    let world = slow();
    let shown = on_terminal(&world, "query --quiet \"SELECT 1 AS one, 'x' AS letter\"");
    assert_eq!(shown.replace("\r\n", "\n"), "one  letter\n---  ------\n  1  x\n");
    let shown = on_terminal(&world, &format!("query -c {SMALL_PAGES} 'SELECT MAX(title) FROM deals' > /dev/null"));
    assert!(shown.contains("API tokens, ") && shown.contains("Ctrl-C stops"), "{shown:?}");
    let silent =
        on_terminal(&world, &format!("query --quiet -c {SMALL_PAGES} 'SELECT MAX(title) FROM deals' > /dev/null"));
    assert_eq!(silent, "");
}
