//! pyodbc: a wide application that reads typed values.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::engine::World;
use crate::manager::connection_string;
use crate::queries::{Bound, Row, queries};

/// A script of `tests/clients`, with the Python that `cargo xtask test` names, which has pyodbc.
pub(crate) fn script(name: &str) -> Command {
    let python = std::env::var_os("PIPEDRIVE_ODBC_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Runs `tests/clients/main_job.py`; one JSON answer a query.
pub(crate) fn answers(arguments: &[&str], input: &Value) -> Vec<Value> {
    let mut command = script("main_job.py");
    command.args(arguments);
    run(command, input)
}

/// The answers of a command that runs `tests/clients/main_job.py`.
pub(crate) fn run(mut command: Command, input: &Value) -> Vec<Value> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("Python is missing; run `cargo xtask test`");
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the client failed; run `cargo xtask test`, which installs pyodbc");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn parameter(bound: &Bound) -> Value {
    match bound {
        Bound::Integer(number) => json!(number),
        Bound::Decimal(digits) => json!({ "decimal": digits }),
        Bound::Timestamp(moment) => json!({ "timestamp": moment }),
        Bound::Text(text) => json!(text),
    }
}

/// Cells as the other clients give them: the client writes moments with milliseconds.
fn rows(answer: &Value) -> Vec<Row> {
    let cell = |cell: &Value| cell.as_str().map(|text| text.strip_suffix(".000").unwrap_or(text).to_owned());
    let row = |row: &Value| row.as_array().unwrap().iter().map(cell).collect();
    answer["rows"].as_array().unwrap_or_else(|| panic!("{answer}")).iter().map(row).collect()
}

#[test]
fn the_ten_queries() {
    let world = World::new();
    let string = connection_string(&world, "");
    let warm = ["deals", "persons", "organizations", "stages"];
    let warm: Vec<_> =
        warm.iter().map(|table| json!({"name": table, "sql": format!("SELECT * FROM {table} WHERE 1 = 0")})).collect();
    answers(&[&string], &json!(warm));
    world.cost();
    for query in queries(world.sandbox.dataset()) {
        let parameters: Vec<_> = query.parameters.iter().map(parameter).collect();
        let input = json!([{"name": query.name, "sql": query.sql, "params": parameters}]);
        let answer = answers(&[&string], &input);
        query.check(rows(&answer[0]), world.cost());
    }
}

#[test]
fn a_second_process_finds_a_proven_token_and_the_definitions() {
    let world = World::new();
    let string = connection_string(&world, "");
    answers(&[&string], &json!([]));
    assert_eq!(world.cost(), (1, 2));
    let input = json!([{"name": "deals", "sql": "SELECT * FROM deals WHERE 1 = 0"}]);
    answers(&[&string], &input);
    assert_eq!(world.cost(), (1, 10), "the definitions alone");
    answers(&[&string], &input);
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn errors_come_with_their_sqlstates() {
    let world = World::new();
    let string = connection_string(&world, "");
    let input = json!([
        {"name": "table", "sql": "SELECT * FROM dels"},
        {"name": "column", "sql": "SELECT titel FROM deals"},
        {"name": "syntax", "sql": "SELECT FROM WHERE"},
        {"name": "parameters", "sql": "SELECT id FROM deals WHERE id = ?", "params": ["seven"]},
        {"name": "after", "sql": "SELECT 1"},
    ]);
    let found: Vec<_> = answers(&["--errors", &string], &input)
        .iter()
        .map(|answer| answer["error"]["sqlstate"].as_str().unwrap_or("none").to_owned())
        .collect();
    assert_eq!(found, ["42S02", "42S22", "42000", "22018", "none"]);
    let refused = answers(&["--errors", &string.replace(world.sandbox.token(), "wrong")], &json!([]));
    assert_eq!(refused[0]["error"]["sqlstate"], "28000");
}
