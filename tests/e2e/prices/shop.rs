//! A large account, and what statements cost there.
//!
//! Every statement has a session of its own, so that none profits or suffers from what another one has read; field
//! definitions are known. Tests that run side by side share the account and pay for a statement once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use pipedrive_sandbox::{Config, Dataset};
use pipedrive_sql::call::Call;
use pipedrive_sql::{Error, Value};

use super::list::How;
use crate::engine::World;
use crate::manager::connection_string;
use crate::pyodbc::script;

/// Rows of a preview that is closed.
const PREVIEW: usize = 200;
/// Requests up to which no list was read from both ends.
pub(super) const UNSPLIT: u64 = 10;
/// How long the sandbox may still work on a call that was given up.
const SETTLING: Duration = Duration::from_millis(200);

/// Requests and tokens.
pub(super) type Cost = (u64, u64);

/// What a statement gave and cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paid {
    pub(super) rows: usize,
    pub(super) cost: Cost,
}

impl Paid {
    /// As the list has it.
    pub(super) fn cells(self) -> Vec<String> {
        vec![self.rows.to_string(), self.cost.0.to_string(), self.cost.1.to_string()]
    }
}

/// What a statement gave; or what it was refused with, and what that cost.
type Outcome = Result<Paid, (String, Cost)>;

/// The account.
pub(super) struct Shop {
    world: World,
    paid: Mutex<HashMap<(String, String, How), Outcome>>,
}

/// The one that is open, if any.
static OPEN: Mutex<Weak<Shop>> = Mutex::new(Weak::new());

impl Shop {
    /// The account of the tests that run at present, with definitions known.
    pub(super) fn enter() -> Arc<Self> {
        let mut open = OPEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(shop) = open.upgrade() {
            return shop;
        }
        let config = Config {
            deals: 100_000,
            persons: 50_000,
            organizations: 30_000,
            daily_tokens: 100_000_000,
            burst: None,
            ..Config::default()
        };
        let world = World::with(config);
        let session = world.session();
        for table in session.tables() {
            session.columns(&table, &Call::default()).unwrap();
        }
        let shop = Arc::new(Self { world, paid: Mutex::default() });
        *open = Arc::downgrade(&shop);
        shop
    }

    /// The records behind the account.
    pub(super) fn data(&self) -> &Dataset {
        self.world.sandbox.dataset()
    }

    /// What a statement gives and costs, or catalog calls where the text begins with the name of one.
    pub(super) fn buy(&self, statement: &str, values: &str, how: How) -> Outcome {
        let mut paid = self.paid.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let key = (statement.to_owned(), values.to_owned(), how);
        paid.entry(key).or_insert_with(|| self.run(statement, values, how)).clone()
    }

    fn run(&self, statement: &str, values: &str, how: How) -> Outcome {
        self.world.cost();
        let rows = if statement.starts_with("SQL") {
            self.call(statement)
        } else {
            self.read(statement, &bound(values), how).map_err(|error| error.message().to_owned())
        };
        let cost = self.settled_cost();
        rows.map(|rows| Paid { rows, cost }).map_err(|message| (message, cost))
    }

    /// The cost of what has just been read. Where a long list was, a call that was given up may still be counted; it
    /// must not be counted to the next statement.
    fn settled_cost(&self) -> Cost {
        if self.world.sandbox.stats().requests > UNSPLIT {
            std::thread::sleep(SETTLING);
        }
        self.world.cost()
    }

    fn read(&self, statement: &str, values: &[Value], how: How) -> Result<usize, Error> {
        let (session, call) = (self.world.session(), Call::default());
        let prepared = session.prepare(statement, &call)?;
        if how == How::Described {
            assert!(!prepared.columns().is_empty(), "{statement}");
            return Ok(0);
        }
        let fetch = |most| -> Result<usize, Error> {
            let (mut open, mut rows) = (session.execute(&prepared, values, 0, &call)?, 0);
            while rows < most
                && let Some(batch) = open.next(&call)?
            {
                rows += batch.num_rows();
            }
            Ok(rows.min(most))
        };
        match how {
            How::First => fetch(PREVIEW),
            How::Again => {
                fetch(usize::MAX)?;
                self.world.cost();
                fetch(usize::MAX)
            }
            How::All | How::Described => fetch(usize::MAX),
        }
    }

    /// Makes catalog calls through the driver manager, on a connection of their own, and counts the rows.
    fn call(&self, calls: &str) -> Result<usize, String> {
        let mut command = script("catalog_calls.py");
        command.arg(calls).env("PIPEDRIVE_ODBC_CONNECTION", connection_string(&self.world, ""));
        let output = command.output().expect("Python is missing; run `cargo xtask test`");
        let rows = String::from_utf8_lossy(&output.stdout).trim().parse();
        rows.map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Values between commas: numbers, and texts in single quotes.
fn bound(values: &str) -> Vec<Value> {
    let value = |text: &str| match text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        Some(text) => Value::Text(text.to_owned()),
        None => Value::BigInt(text.parse().unwrap_or_else(|_| panic!("{text:?} is no value"))),
    };
    values.split(", ").filter(|text| !text.is_empty()).map(value).collect()
}
