//! The engines: two sessions of the driver's engine and DuckDB, over one company.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use pipedrive_sandbox::Config;
use pipedrive_sandbox::dataset::{Dataset, Status};
use pipedrive_sql::call::Call;
use pipedrive_sql::{Result, Session};
use serde_json::{Value as Json, json};

use super::catalog::{self, Table};
use super::dialects;
use super::render::Text;
use super::value::Cell;
use crate::engine::World;
use crate::pyodbc::script;

/// Rows, each a list of values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A company and whoever answers statements about it.
pub(super) struct Company {
    pub(super) world: World,
    /// Push-down on.
    pub(super) on: Session,
    /// Push-down off.
    pub(super) off: Session,
    pub(super) tables: Vec<Table>,
    page_size: String,
    duck: RefCell<Duck>,
}

/// A host that once said that the day is spent is asked all the same.
const WHOLE_DAY: (&str, &str) = ("ReserveTokens", "0");

impl Company {
    /// A company of this make, read with pages of this size, and a DuckDB with the same rows.
    pub(super) fn new(config: Config, page_size: usize) -> Self {
        let world = World::with(config);
        let page_size = page_size.to_string();
        let on = world.open(&[("PageSize", &page_size), WHOLE_DAY]).unwrap();
        let off = world.open(&[("Pushdown", "off"), ("PageSize", &page_size), WHOLE_DAY]).unwrap();
        let mut duck = Duck::start();
        let mut tables = Vec::new();
        for (table, rows) in catalog::read(&off) {
            check(&table, &rows, world.sandbox.dataset());
            duck.load(&table, &rows);
            tables.push(table);
        }
        Self { world, on, off, tables, page_size, duck: RefCell::new(duck) }
    }

    /// A further session with push-down on, whose pages are as large.
    pub(super) fn session(&self) -> Session {
        self.world.open(&[("PageSize", &self.page_size), WHOLE_DAY]).unwrap()
    }

    /// Takes back the faults that met no request.
    pub(super) fn disarm(&self) {
        self.world.sandbox.disarm();
    }

    /// DuckDB's answer.
    pub(super) fn ask_duck(&self, text: &Text) -> Result<Answer, String> {
        self.duck.borrow_mut().ask(&json!({ "sql": text.sql }))
    }
}

/// All rows of a statement.
pub(super) fn rows(session: &Session, text: &Text) -> Result<Answer> {
    let call = Call::default();
    let prepared = session.prepare(&text.sql, &call)?;
    let mut found = session.execute(&prepared, &text.values, 0, &call)?;
    let mut rows = Vec::new();
    while let Some(batch) = found.next(&call)? {
        let row = |row| batch.columns().iter().map(|column| Cell::from_arrow(column.as_ref(), row)).collect();
        rows.extend((0..batch.num_rows()).map(row));
    }
    Ok(Answer { rows })
}

/// A DuckDB behind a pipe; it ends with its input.
struct Duck {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Duck {
    fn start() -> Self {
        let mut command = script("duck.py");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("run `cargo xtask test`");
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output }
    }

    fn load(&mut self, table: &Table, rows: &[Vec<Cell>]) {
        let texts = |row: &Vec<Cell>| row.iter().map(|cell| (*cell != Cell::Null).then(|| cell.text())).collect();
        let texts: Vec<Vec<Option<String>>> = rows.iter().map(texts).collect();
        self.ask(&json!({ "sql": dialects::load(table), "rows": texts })).unwrap();
    }

    fn ask(&mut self, question: &Json) -> Result<Answer, String> {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{question}").expect("DuckDB is missing; run `cargo xtask test`, which installs it");
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let answer: Json = serde_json::from_str(&line).expect("DuckDB is missing; run `cargo xtask test`");
        let Some(rows) = answer["rows"].as_array() else {
            return Err(answer["error"].as_str().unwrap_or_default().to_owned());
        };
        let cell = |cell: &Json| cell.as_str().map_or(Cell::Null, Cell::from_told);
        Ok(Answer { rows: rows.iter().map(|row| row.as_array().unwrap().iter().map(cell).collect()).collect() })
    }
}

impl Drop for Duck {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}

/// What both engines are fed with is what the company has: the ids of a table are those of the records that lists hold.
fn check(table: &Table, rows: &[Vec<Cell>], dataset: &Dataset) {
    let Some(mut expected) = listed(&table.name, dataset) else { return };
    let key = table.columns.iter().position(|column| column.is_key).unwrap();
    let id = |row: &Vec<Cell>| match row[key] {
        Cell::Exact { unscaled, scale: 0 } => i64::try_from(unscaled).unwrap(),
        ref other => panic!("{other:?} is no id"),
    };
    let mut found: Vec<_> = rows.iter().map(id).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected, "ids of {}", table.name);
}

/// The ids that a table must have; `None` for a table whose records the data set does not list.
fn listed(table: &str, dataset: &Dataset) -> Option<Vec<i64>> {
    let deals = || dataset.deals().filter(|deal| !deal.is_archived && deal.status != Status::Deleted);
    Some(match table {
        "deals" => deals().map(|deal| deal.id).collect(),
        "persons" => dataset.persons().filter(|person| !person.is_deleted).map(|person| person.id).collect(),
        "organizations" => {
            let organizations = dataset.organizations().filter(|organization| !organization.is_deleted);
            organizations.map(|organization| organization.id).collect()
        }
        "pipelines" => dataset.pipelines().map(|pipeline| pipeline.id).collect(),
        "stages" => dataset.stages().map(|stage| stage.id).collect(),
        "users" => dataset.users().map(|user| user.id).collect(),
        _ => return None,
    })
}
