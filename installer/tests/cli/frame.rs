//! Exit codes, JSON, completions, what is said without a terminal.

use std::process::Stdio;

use pipedrive_sandbox::Fault;

use crate::{Ran, World, json};

/// Each exit code with a command that ends so; 8 and 130 are in `dsn.rs` and `query.rs`.
const ENDS: &[(i32, &str, &[&str])] = &[
    (1, "failure", &["query", "SELEC 1"]),
    (2, "usage", &["query", "-c", "PageSize=0", "SELECT 1"]),
    (3, "sign_in", &["query", "-c", "BaseURL={url};PWD=wrong", "SELECT 1"]),
    (4, "network", &["query", "-c", "BaseURL=http://127.0.0.1:1;PWD=x;LoginTimeout=30", "SELECT 1"]),
    (5, "budget", &["query", "-c", "MaxTokens=1", "SELECT * FROM deals"]),
    (6, "not_found", &["query", "SELECT * FROM dels"]),
    (6, "not_found", &["query", "--dsn", "nowhere", "SELECT 1"]),
    (7, "permission", &["query", "SELECT * FROM products"]),
];

#[test]
fn every_kind_of_failure_has_its_exit_code_in_words_and_in_json() {
    let world = World::new();
    world.ok(&["query", "SELECT * FROM products WHERE 1 = 0"]);
    world.sandbox.arm(Fault::refuse_scope().on("/api/v2/products").times(99));
    for (code, kind, arguments) in ENDS {
        let arguments: Vec<_> = arguments.iter().map(|text| text.replace("{url}", world.sandbox.url())).collect();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let told = world.fails(*code, &arguments);
        let line = told.lines().last().unwrap();
        assert!(line.starts_with("error: "), "{told}");
        let told = world.fails(*code, &[&["--json"], arguments.as_slice()].concat());
        let error = json(told.lines().last().unwrap());
        assert_eq!(error["error"]["kind"], *kind, "{told}");
        let again = format!("error: {}", error["error"]["message"].as_str().unwrap());
        let without_number = |text: &str| text.split(" [x-correlation-id").next().map(str::to_owned);
        assert_eq!(without_number(&again), without_number(line));
    }
}

#[test]
fn signs_that_deceive_do_not_reach_the_terminal_by_an_error_or_a_warning() {
    let world = World::new();
    let told = world.fails(6, &["query", "--dsn", "a\u{202e}b\u{1b}[2J\nerror: c", "SELECT 1"]);
    assert!(told.contains(r"'a\u{202e}b\u{1b}[2J\nerror: c'") && told.lines().count() == 1, "{told:?}");
    world.write(".odbc.ini", "[Demo]\nDriver=Pipedrive\nPage\u{2066}Sise=5\n");
    let ran = world.run(&["query", "--dsn", "Demo", "SELECT 1"]);
    assert!(ran.err.contains(r"warning: 'Page\u{2066}Sise'") && !ran.err.contains('\u{2066}'), "{ran:?}");
}

#[test]
fn arguments_that_cannot_be_read_are_usage_and_help_and_version_are_no_errors() {
    let world = World::new();
    for arguments in [&["frobnicate"][..], &["dsn", "add"], &["query", "--max-rows", "0", "SELECT 1"], &[]] {
        world.fails(2, arguments);
    }
    let error = json(&world.fails(2, &["frobnicate", "--json"]));
    assert_eq!(error["error"]["kind"], "usage");
    let help = world.ok(&["--help"]);
    assert!(help.contains("Exit codes:") && help.contains("Examples:"), "{help}");
    assert_eq!(world.ok(&["--version"]), concat!("pipedrive-odbc ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(world.ok(&["--version", "--json"]).lines().count(), 1);
}

#[test]
fn every_command_helps_with_an_example() {
    let world = World::new();
    for command in ["install", "uninstall", "query", "doctor", "completions"] {
        let help = world.ok(&[command, "--help"]);
        assert!(help.contains("Example") && help.contains(&format!("pipedrive-odbc {command}")), "{help}");
    }
    for command in ["login", "logout", "status"] {
        let help = world.ok(&[command, "--help"]);
        assert!(help.contains("Example") && help.contains(&format!("pipedrive-odbc {command}")), "{help}");
    }
    for command in ["export", "import"] {
        let help = world.ok(&["fields", command, "--help"]);
        assert!(help.contains(&format!("  pipedrive-odbc fields {command}")), "{help}");
    }
    for command in ["add", "list", "show", "edit", "remove", "test"] {
        let help = world.ok(&["dsn", command, "--help"]);
        assert!(help.contains(&format!("  pipedrive-odbc dsn {command}")), "{help}");
    }
}

#[test]
fn shells_get_their_completions() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = world.ok(&["completions", shell]);
        assert!(script.contains("uninstall") && script.contains("max-rows"), "{shell}");
    }
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let world = World::new();
    for arguments in
        [&["--help"][..], &["completions", "bash"], &["dsn", "list", "--json"], &["query", "SELECT 1"], &[]]
    {
        let mut child = world.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert!(!ran.err.contains("panicked"), "{arguments:?}: {ran:?}");
        assert_eq!(ran.code, if arguments.is_empty() { 2 } else { 0 }, "{arguments:?}: {ran:?}");
    }
}

#[test]
fn without_a_terminal_nothing_waits_for_an_answer() {
    let world = World::new();
    world.ok(&["dsn", "add", "Sales", "CompanyDomain=acme"]);
    let refused = world.fails(2, &["dsn", "remove", "Sales"]);
    assert!(refused.contains("no terminal"), "{refused}");
    assert!(world.read(".odbc.ini").contains("[Sales]"));
    world.fails(1, &["query"]);
}

#[test]
fn quiet_says_errors_only() {
    let world = World::new();
    assert_eq!(world.run(&["--quiet", "query", "-c", "Colour=red", "SELECT 1"]).err, "");
    assert!(world.run(&["--quiet", "query", "SELEC"]).err.starts_with("error: "));
}
