//! `dsn test`: connects as the driver does, and tells what it found.

use std::io::{self, Write};
use std::time::Instant;

use clap::Args;
use pipedrive_sql::session::TableDescription;
use serde::Serialize;

use crate::connect::{Connected, pairs_for};
use crate::failure::{Failure, Kind};
use crate::output::{Output, Show, columns, visible};
use crate::query::Interrupt;
use crate::signin::somebody;

/// Connect, and tell who is signed in where
#[derive(Debug, Args)]
#[command(
    after_help = "Signing in costs 2 API tokens, or none while a fresh proof is kept; with --tables one row of each \
table is read, which costs 5 to 20 tokens each.

Example:
  pipedrive-odbc dsn test Sales --tables"
)]
pub(crate) struct Test {
    /// Its name
    name: String,
    /// Read one row of every table, to see which ones this user may read
    #[arg(long)]
    tables: bool,
}

/// What a connection found.
#[derive(Debug, Serialize)]
struct Found {
    data_source: String,
    company: String,
    company_domain: String,
    user: String,
    email: String,
    host: String,
    milliseconds: u64,
    requests: u64,
    tokens: u64,
    tables: Vec<Table>,
}

/// A table of the company.
#[derive(Debug, Serialize)]
struct Table {
    name: String,
    /// Whether a row could be read; `None` when nobody tried.
    reachable: Option<bool>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

impl Test {
    /// Tests the data source.
    ///
    /// # Errors
    /// Those of connecting; `Findings` when a table cannot be read.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        let interrupt = Interrupt::watch()?;
        let started = Instant::now();
        let connected = Connected::open(pairs_for(&self.name), interrupt.cancel(), output)?;
        somebody(connected.settings(), Some(&self.name))?;
        let mut tables = Vec::new();
        for table in connected.session.tables().iter().filter(|table| !table.system) {
            tables.push(self.look(table, &connected)?);
        }
        connected.tell_warnings(output);
        let (identity, cost) = (connected.session.identity(), connected.session.cost());
        let unreachable = tables.iter().filter(|table| table.reachable == Some(false)).count();
        let found = Found {
            data_source: self.name,
            company: identity.company_name,
            company_domain: identity.company_domain,
            user: identity.user_name,
            email: identity.user_email,
            host: identity.host,
            milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            requests: cost.requests,
            tokens: cost.tokens,
            tables,
        };
        output.value(&found)?;
        match unreachable {
            0 => Ok(()),
            count => {
                Err(Failure::new(Kind::Findings, format!("{count} of {} tables cannot be read", found.tables.len())))
            }
        }
    }

    /// Tries a table if that was asked for. An error that concerns every table ends the test.
    fn look(&self, table: &TableDescription, connected: &Connected) -> Result<Table, Failure> {
        let name = format!("{}.{}", table.schema, table.name);
        if !self.tables {
            return Ok(Table { name, reachable: None, fault: None });
        }
        match read_one(&name, connected) {
            Ok(()) => Ok(Table { name, reachable: Some(true), fault: None }),
            Err(failure) if matches!(failure.kind(), Kind::Permission | Kind::Failure | Kind::NotFound) => {
                Ok(Table { name, reachable: Some(false), fault: Some(failure.to_string()) })
            }
            Err(failure) => Err(failure),
        }
    }
}

fn read_one(table: &str, connected: &Connected) -> Result<(), Failure> {
    let prepared = connected.session.prepare(&format!("SELECT id FROM {table} LIMIT 1"), &connected.call())?;
    let mut rows = connected.session.execute(&prepared, &[], 1, &connected.call())?;
    rows.next(&connected.call())?;
    Ok(())
}

impl Show for Found {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "The data source '{}' works", visible(&self.data_source))?;
        let with = |name: &str, more: &str| if more.is_empty() { name.to_owned() } else { format!("{name} ({more})") };
        let rows = [
            ["company".to_owned(), with(&self.company, &self.company_domain)],
            ["user".to_owned(), with(&self.user, &self.email)],
            ["host".to_owned(), self.host.clone()],
            ["time".to_owned(), format!("{} ms", self.milliseconds)],
            ["cost".to_owned(), format!("{} requests, {} API tokens", self.requests, self.tokens)],
        ];
        columns(out, &rows)?;
        let verdict = |table: &Table| match (&table.reachable, &table.fault) {
            (None, _) => "offered".to_owned(),
            (Some(true), _) => "can be read".to_owned(),
            (Some(false), fault) => fault.clone().unwrap_or_default(),
        };
        let tables: Vec<_> = self.tables.iter().map(|table| [table.name.clone(), verdict(table)]).collect();
        columns(out, &tables)
    }
}
