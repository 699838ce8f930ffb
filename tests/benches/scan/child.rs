//! The processes that are measured: this program once more, with a task.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use odbc_api::buffers::TextRowSet;
use odbc_api::{ConnectionOptions, Cursor, Environment};
use pipedrive_sandbox::Running;

use crate::plain;

/// The statement that is measured.
const SQL: &str = "SELECT * FROM deals";
/// Rows of a fetch, and the longest text of a bound column, in bytes.
const ROWSET: usize = 100;
const TEXT: usize = 255;
/// Where the measured process finds the connection string, the sandbox's address and its token.
const STRING: &str = "PIPEDRIVE_BENCH_CONNECTION";
const URL: &str = "PIPEDRIVE_BENCH_URL";
const TOKEN: &str = "PIPEDRIVE_BENCH_TOKEN";

/// What a measured process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// Connects.
    Connect,
    /// Connects, and fetches one row.
    FirstRow,
    /// Connects, and fetches all rows into bound buffers.
    Scan,
    /// Reads the same records without a driver.
    Plain,
}

const TASKS: [(&str, Task); 4] =
    [("connect", Task::Connect), ("first-row", Task::FirstRow), ("scan", Task::Scan), ("plain", Task::Plain)];

/// What a measured process needed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    pub(super) rows: u64,
    /// Until the connection was there.
    pub(super) connect: Duration,
    /// From there to the last row that was asked for.
    pub(super) fetch: Duration,
    /// CPU seconds of the whole process, those of the system for it included.
    pub(super) cpu: f64,
    /// Memory at its peak, program files included, in MB.
    pub(super) memory: f64,
}

/// Runs a task in a process of its own; the state folder is what it knows beforehand.
pub(super) fn measure(task: Task, sandbox: &Running, state: &Path) -> Figures {
    let name = TASKS.iter().find(|known| known.1 == task).unwrap().0;
    let (url, token) = (sandbox.url(), sandbox.token());
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child", name]).env(URL, url).env(TOKEN, token).env("LC_ALL", "C.UTF-8");
    if task != Task::Plain {
        let driver = variable("PIPEDRIVE_ODBC_DRIVER");
        let state = state.display();
        command.env(STRING, format!("Driver={driver};APIToken={token};BaseURL={url};StateLocation={state};"));
    }
    let output = command.stderr(std::process::Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{name} failed");
    let numbers: Vec<f64> =
        String::from_utf8(output.stdout).unwrap().split_whitespace().map(|word| word.parse().unwrap()).collect();
    let [rows, connect, fetch, cpu, memory] = numbers[..] else { panic!("{numbers:?}") };
    let (connect, fetch) = (Duration::from_secs_f64(connect), Duration::from_secs_f64(fetch));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows are counted in whole numbers")]
    let rows = rows as u64;
    Figures { rows, connect, fetch, cpu, memory }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is told by its environment, as tests are")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; run `cargo xtask bench`"))
}

impl Task {
    /// The task of this process, where it is one that is measured.
    pub(super) fn from_arguments() -> Option<Self> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let ["child", name] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] else { return None };
        TASKS.iter().find(|known| known.0 == name).map(|known| known.1)
    }

    /// Does it, and prints what it needed.
    pub(super) fn run(self) {
        let started = Instant::now();
        let (rows, connect) = match self {
            Self::Plain => (plain::read(&variable(URL), &variable(TOKEN)), Duration::ZERO),
            _ => self.through_the_driver(started),
        };
        let fetch = started.elapsed() - connect;
        let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
        let cpu = (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6;
        // Linux counts in kB, macOS in bytes.
        let unit = if cfg!(target_os = "macos") { 1.0 } else { 1024.0 };
        let memory = usage.max_rss() as f64 * unit / 1e6;
        println!("{rows} {} {} {cpu} {memory}", connect.as_secs_f64(), fetch.as_secs_f64());
    }

    fn through_the_driver(self, started: Instant) -> (u64, Duration) {
        let environment = Environment::new().unwrap();
        let options = ConnectionOptions::default();
        let connection = environment.connect_with_connection_string(&variable(STRING), options).unwrap();
        let connect = started.elapsed();
        if self == Self::Connect {
            return (0, connect);
        }
        let mut cursor = connection.execute(SQL, (), None).unwrap().unwrap();
        if self == Self::FirstRow {
            return (u64::from(cursor.next_row().unwrap().is_some()), connect);
        }
        let buffer = TextRowSet::for_cursor(ROWSET, &mut cursor, Some(TEXT)).unwrap();
        let mut bound = cursor.bind_buffer(buffer).unwrap();
        let mut rows = 0;
        while let Some(batch) = bound.fetch().unwrap() {
            rows += batch.num_rows();
        }
        (rows as u64, connect)
    }
}
