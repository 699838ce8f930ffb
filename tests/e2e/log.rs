//! The log of a connection: who gets what, which Verbosity shows what, several connections and processes, full files.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use pipedrive_sandbox::Fault;
use serde_json::json;
use tempfile::TempDir;

use crate::calls::run_with;
use crate::engine::World;
use crate::manager::{connect, connection_string, rows, state};
use crate::pyodbc::script;
use crate::queries::Bound;

/// A connection string with a log.
fn with_log(world: &World, file: &Path, more: &str) -> String {
    connection_string(world, &format!("LogFile={};{more}", file.display()))
}

/// Lines as `(process, connection, verbosity, text)`; each has to be one.
fn lines(file: &Path) -> Vec<(String, String, String, String)> {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.starts_with("# Pipedrive ODBC log, format 1; driver "), "{text}");
    let line = |line: &str| {
        let mut parts = line.splitn(5, ' ').map(str::to_owned);
        let moment = parts.next().unwrap();
        assert!(moment.len() == 24 && moment.ends_with('Z'), "torn: {line}");
        let mut next = || parts.next().unwrap_or_else(|| panic!("torn: {line}"));
        (next(), next(), next(), next())
    };
    text.lines().skip(1).map(line).collect()
}

/// What a file says, times and addresses filtered, without repetitions.
fn texts(file: &Path) -> Vec<String> {
    let mut texts: Vec<_> = lines(file).into_iter().map(|(_, _, level, text)| format!("{level} {text}")).collect();
    texts.dedup();
    texts
}

fn place() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn calls_and_refused_files() {
    let place = place();
    run_with(&World::new(), "log.py", &[("PIPEDRIVE_LOGS", place.path())]);
}

#[test]
fn connections_have_logs_of_their_own() {
    let (world, place) = (World::new(), place());
    let (one, two) = (place.path().join("one.log"), place.path().join("two.log"));
    let first = connect(&with_log(&world, &one, "Verbosity=3;")).unwrap();
    let second = connect(&with_log(&world, &two, "Verbosity=3;")).unwrap();
    let none = connect(&connection_string(&world, "")).unwrap();
    rows(&first, "SELECT id FROM stages WHERE id = 1", &[]).unwrap();
    rows(&second, "SELECT id FROM pipelines", &[]).unwrap();
    rows(&none, "SELECT id FROM users", &[]).unwrap();
    drop((first, second, none));
    for (file, own, others) in
        [(one, "stages", ["pipelines", "FROM users"]), (two, "pipelines", ["stages", "FROM users"])]
    {
        let all = texts(&file).join("\n");
        assert!(all.contains(&format!("FROM {own}")) && all.contains(&format!("/api/v2/{own}")), "{all}");
        assert!(others.iter().all(|other| !all.contains(other)), "{all}");
    }
}

/// What each Verbosity shows of the same work, and what it keeps to itself.
#[test]
fn each_verbosity_shows_its_part() {
    let (world, place) = (World::new(), place());
    let shown = |verbosity: u8| {
        let file = place.path().join(format!("{verbosity}.log"));
        let connection = connect(&with_log(&world, &file, &format!("Verbosity={verbosity};"))).unwrap();
        let sql = "SELECT id /* a note */ FROM deals WHERE title = 'Lit''eral' AND id = ?";
        rows(&connection, sql, &[Bound::Integer(424_242)]).unwrap();
        rows(&connection, "SELECT CAST('Lit-eral' AS DATE)", &[]).unwrap_err();
        rows(&connection, "SELECT id FROM dels WHERE id = 31337", &[]).unwrap_err();
        drop(connection);
        texts(&file).join("\n")
    };
    // Each with the first Verbosity that has it.
    let parts = [
        (1, "1 pipedrive-odbc "),
        (1, "APIToken=***"),
        (1, "1 connected to 127.0.0.1"),
        (1, "failed, 42S02: "),
        (1, "failed, 22"),
        (1, "1 disconnected after"),
        (2, "2 statement 1: SELECT id FROM deals WHERE title = "),
        (2, "2 statement 1: all rows; rows 0, requests "),
        (2, "2 not prepared: SELECT id FROM "),
        (3, "3 GET /api/v2/deals/424242"),
        (3, ": 404; tries 1, tokens "),
        (4, "4 SQLExec"),
        (4, "SQL_ERROR [42S02]"),
        (5, "5 values of parameters: ["),
        (5, "5 plan: "),
        (5, "'Lit''eral'"),
        (5, "FROM dels WHERE id = 31337"),
    ];
    for verbosity in 1..=5 {
        let text = shown(verbosity);
        for (from, part) in parts {
            assert_eq!(text.contains(part), verbosity >= from, "Verbosity={verbosity}, {part}:\n{text}");
        }
        assert!(!text.contains("a note"), "{text}");
        assert!(!text.contains(world.sandbox.token()), "{text}");
        assert!(verbosity >= 5 || !text.contains("eral") && !text.contains("dels"), "{text}");
        // The value of a pushed filter is part of the request.
        assert_eq!(text.contains("424242"), verbosity >= 3, "{text}");
        assert!(verbosity >= 5 || !text.contains("BigInt(424242)"), "{text}");
    }
}

/// What a row holds and what a parameter is are nobody's business but Verbosity 5's, also where an error quotes them.
#[test]
fn values_that_errors_quote_are_masked() {
    let (world, place) = (World::new(), place());
    let title = world.session();
    let title = crate::engine::rows(&title, "SELECT title FROM deals WHERE id = 1", &[]).unwrap().remove(0).remove(0);
    for verbosity in [1, 4, 5] {
        let file = place.path().join(format!("{verbosity}.log"));
        let connection = connect(&with_log(&world, &file, &format!("Verbosity={verbosity};"))).unwrap();
        let told = state(rows(&connection, "SELECT CAST(title AS INT) FROM deals WHERE id = 1", &[]).unwrap_err());
        assert!(told.1.contains(&title), "the application is told: {told:?}");
        let value = [Bound::Text("seven-of-nine")];
        let told = state(rows(&connection, "SELECT id FROM deals WHERE id = ?", &value).unwrap_err());
        assert!(told.1.contains("seven-of-nine"), "the application is told: {told:?}");
        drop(connection);
        let text = texts(&file).join("\n");
        assert_eq!(text.matches("failed, 22018: ").count(), 2, "{text}");
        for quoted in [title.as_str(), "seven-of-nine"] {
            assert_eq!(text.contains(quoted), verbosity == 5, "{quoted}: {text}");
        }
    }
}

/// Text that is no literal to SQL, and what the engine says of a pattern.
#[test]
fn text_in_wrong_quotes_and_patterns_are_in_no_log_below_the_highest() {
    let (world, place) = (World::new(), place());
    for verbosity in [1, 2, 4, 5] {
        let file = place.path().join(format!("{verbosity}.log"));
        let connection = connect(&with_log(&world, &file, &format!("Verbosity={verbosity};"))).unwrap();
        for text in ["\"WORD\"", "`WORD`", "\u{201c}WORD\u{201d}", "1 # WORD", "WORD(title)"] {
            rows(&connection, &format!("SELECT id FROM deals WHERE title = {text}"), &[]).unwrap_err();
        }
        rows(&connection, "SELECT id FROM \"WORD\"", &[]).unwrap_err();
        let sql = "SELECT id FROM deals WHERE regexp_like(title, 'ab(WORD')";
        let (_, message) = state(rows(&connection, sql, &[]).unwrap_err());
        assert!(message.contains("the pattern is no regular expression; see its character 3"), "{message}");
        drop(connection);
        let text = texts(&file).join("\n");
        assert_eq!(text.contains("WORD"), verbosity == 5, "{text}");
        assert!(text.contains("failed, 42S22: ") && text.contains("failed, 42S02: "), "{text}");
    }
}

#[test]
fn tries_and_their_failures_are_told() {
    let (world, place) = (World::new(), place());
    let file = place.path().join("a.log");
    let connection = connect(&with_log(&world, &file, "Verbosity=3;")).unwrap();
    world.sandbox.arm(Fault::status(503).on("/api/v2/pipelines").times(2));
    rows(&connection, "SELECT id FROM pipelines", &[]).unwrap();
    drop(connection);
    let text = texts(&file).join("\n");
    for part in [
        "3 GET /api/v2/pipelines: try 1 failed, the next comes after ",
        "3 GET /api/v2/pipelines: try 2 failed, the next comes after ",
        ": 200; tries 3, tokens ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Runs `count` statements through pyodbc in a process of its own.
fn process(string: &str, count: usize) -> Child {
    let statements: Vec<_> =
        (0..count).map(|n| json!({"name": n.to_string(), "sql": format!("SELECT {n} AS c{n}")})).collect();
    let mut command = script("main_job.py");
    command.arg(string).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().expect("Python is missing; run `cargo xtask test`");
    serde_json::to_writer(child.stdin.take().unwrap(), &json!(statements)).unwrap();
    child
}

#[test]
fn two_processes_tear_and_lose_no_line_while_the_file_is_set_aside() {
    const EACH: usize = 150;
    let (world, place) = (World::new(), place());
    let file = place.path().join("a.log");
    // Big enough that two files hold everything, and small enough that one does not.
    let string = with_log(&world, &file, "Verbosity=3;LogMaxSize=30KB;");
    let mut children = [process(&string, EACH), process(&string, EACH)];
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    let older = place.path().join("a.log.1");
    let all: Vec<_> = lines(&older).into_iter().chain(lines(&file)).collect();
    assert!(!place.path().join("a.log.2").exists(), "both files were needed, and no third");
    for child in children {
        let own: Vec<_> = all.iter().filter(|(process, ..)| *process == child.id().to_string()).collect();
        for number in 0..EACH {
            let text = format!(": SELECT ? AS c{number}");
            assert_eq!(own.iter().filter(|(.., line)| line.ends_with(&text)).count(), 1, "{text}");
        }
    }
}
