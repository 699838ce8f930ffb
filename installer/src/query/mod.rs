//! `query`: runs a statement and prints its rows as they come.
//!
//! - `cells.rs`: a value as text, as SQL writes it
//! - `format.rs`: what a format is, and which there are; `table.rs`, `csv.rs`, `json.rs`: each of them
//! - `progress.rs`: what a terminal shows while it takes long
//! - `interrupt.rs`: Ctrl-C
//!
//! Nothing holds the result: a batch is written before the next one is asked for; only `table` looks at the first
//! thousand rows before it writes any.

mod cells;
mod csv;
mod format;
mod interrupt;
mod json;
mod progress;
mod table;

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use pipedrive_sql::{Rows, Value};
use serde::Serialize;

use crate::connect::{Connected, Pairs, pairs_for, pairs_of};
use crate::failure::{Failure, Kind};
use crate::files::Draft;
use crate::output::Output;
use format::{Format, FormatName};
pub(crate) use interrupt::Interrupt;
use progress::Progress;

/// Run a SQL statement and print its rows
#[derive(Debug, Args)]
#[command(after_help = "Without --dsn and --connection-string the variables PIPEDRIVE_COMPANY_DOMAIN and \
PIPEDRIVE_API_TOKEN say where to go. A format is table on a terminal, else csv; with --json it is json.

Examples:
  pipedrive-odbc query --dsn Sales \"SELECT status, COUNT(*) FROM deals GROUP BY status\"
  pipedrive-odbc query --dsn Sales --param won \"SELECT * FROM deals WHERE status = ?\" > won.csv
  pipedrive-odbc query --dsn Sales --format jsonl --output persons.jsonl - < persons.sql")]
pub(crate) struct Query {
    /// Data source to ask
    #[arg(long, value_name = "NAME", conflicts_with = "connection_string")]
    dsn: Option<String>,
    /// Keywords and values, as in CompanyDomain=acme;TimeZone=UTC
    #[arg(long, short, value_name = "STRING")]
    connection_string: Option<String>,
    /// How rows are written
    #[arg(long, short, value_enum)]
    format: Option<FormatName>,
    /// File that the rows go to; it appears when all of them are there
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Rows to read at most
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    max_rows: Option<u64>,
    /// Value of a parameter marker (?), in their order
    #[arg(long = "param", value_name = "VALUE", allow_hyphen_values = true)]
    parameters: Vec<String>,
    /// The statement; - or nothing reads it from standard input
    sql: Option<String>,
}

/// What a statement gave and cost.
#[derive(Debug, Clone, Copy, Serialize)]
struct Summary {
    rows: u64,
    requests: u64,
    tokens: u64,
    milliseconds: u64,
}

impl Query {
    /// Runs the statement.
    ///
    /// # Errors
    /// Any kind.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        let sql = self.statement()?;
        let interrupt = Interrupt::watch()?;
        let started = Instant::now();
        let connected = Connected::open(self.pairs()?, interrupt.cancel(), output)?;
        let mut run = Run { connected, written: 0, started };
        match self.write(&sql, &mut run, *output) {
            Ok(()) => {
                output.summary(&run.summary());
                Ok(())
            }
            Err(failure) if failure.kind() == Kind::Interrupted => Err(run.given_up()),
            Err(failure) => Err(failure),
        }
    }

    fn pairs(&self) -> Result<Pairs, Failure> {
        match (&self.dsn, &self.connection_string) {
            (Some(name), _) => Ok(pairs_for(name)),
            (None, Some(text)) => pairs_of(text),
            (None, None) => Ok(Vec::new()),
        }
    }

    fn statement(&self) -> Result<String, Failure> {
        match self.sql.as_deref() {
            Some(sql) if sql != "-" => Ok(sql.to_owned()),
            None if io::stdin().is_terminal() => {
                Err(Failure::usage("there is no statement; say it as an argument, or - to type it on standard input"))
            }
            _ => {
                let mut text = String::new();
                let read = io::stdin().lock().read_to_string(&mut text);
                read.map_err(|error| Failure::usage(format!("standard input cannot be read as UTF-8 text: {error}")))?;
                // Editors on Windows put the mark at the start of a file; it is no part of the statement.
                Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
            }
        }
    }

    /// The rows on their way to the file or to standard output.
    fn write(&self, sql: &str, run: &mut Run, output: Output) -> Result<(), Failure> {
        match &self.output {
            Some(path) if is_replaceable(path) => {
                let mut draft = Draft::new(path)?;
                self.rows(sql, run, output, draft.writer(), false)?;
                draft.finish()
            }
            Some(path) => {
                let file = std::fs::OpenOptions::new().write(true).open(path);
                let mut file = file.map_err(|error| Failure::file("write", path, &error))?;
                self.rows(sql, run, output, &mut file, false)
            }
            None => self.rows(sql, run, output, &mut io::stdout().lock(), io::stdout().is_terminal()),
        }
    }

    fn rows(
        &self,
        sql: &str,
        run: &mut Run,
        output: Output,
        out: &mut dyn Write,
        on_terminal: bool,
    ) -> Result<(), Failure> {
        let session = run.connected.session.clone();
        let progress = Progress::watch(session.clone(), output.is_quiet() || output.is_json());
        let prepared = session.prepare(sql, &run.connected.call())?;
        let values: Vec<_> = self.parameters.iter().cloned().map(Value::Text).collect();
        let max_rows = self.max_rows.unwrap_or_default();
        let mut rows = session.execute(&prepared, &values, max_rows, &run.connected.call())?;
        let name = self.format.unwrap_or_else(|| FormatName::usual(output, on_terminal));
        let mut format = name.format(&rows.columns());
        let written = copy(&mut rows, format.as_mut(), out, run, (progress, on_terminal));
        rows.warnings().iter().for_each(|warning| output.warning(&warning.message));
        run.connected.tell_warnings(&output);
        written
    }
}

/// A statement that runs.
struct Run {
    connected: Connected,
    /// Rows that were given to the format.
    written: u64,
    started: Instant,
}

impl Run {
    fn summary(&self) -> Summary {
        let cost = self.connected.session.cost();
        let milliseconds = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Summary { rows: self.written, requests: cost.requests, tokens: cost.tokens, milliseconds }
    }

    fn given_up(&self) -> Failure {
        let text = format!("interrupted after {}; the rows behind them were given up", self.summary());
        Failure::new(Kind::Interrupted, text)
    }
}

/// Writes row after row. The progress line goes before rows come to the same terminal.
fn copy(
    rows: &mut Rows,
    format: &mut dyn Format,
    out: &mut dyn Write,
    run: &mut Run,
    (progress, on_terminal): (Progress, bool),
) -> Result<(), Failure> {
    let mut progress = Some(progress);
    let mut out = BufWriter::new(out);
    while let Some(batch) = rows.next(&run.connected.call())? {
        run.written += u64::try_from(batch.num_rows()).unwrap_or_default();
        if on_terminal {
            progress = None;
        } else if let Some(progress) = &progress {
            progress.rows(run.written);
        }
        format.batch(&batch, &mut out).and_then(|()| out.flush()).map_err(|error| Failure::output(&error))?;
    }
    drop(progress);
    format.end(&mut out).and_then(|()| out.flush()).map_err(|error| Failure::output(&error))
}

/// Whether a new file can take the place of a path: not that of a device or a pipe.
fn is_replaceable(path: &Path) -> bool {
    std::fs::metadata(path).map_or(true, |metadata| metadata.is_file() || metadata.is_dir())
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: u64, one: &str| match count {
            1 => format!("1 {one}"),
            many => format!("{many} {one}s"),
        };
        let (seconds, tenths) = (self.milliseconds / 1000, self.milliseconds % 1000 / 100);
        let (rows, requests) = (count(self.rows, "row"), count(self.requests, "request"));
        write!(f, "{rows}, {requests}, {}, {seconds}.{tenths} s", count(self.tokens, "API token"))
    }
}
