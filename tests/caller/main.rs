//! A C host in small: loads the driver, or a driver manager, and calls ODBC's functions in every state and wrongly.
//!
//! It needs nothing of the project but the library, so that it is light under valgrind; the tests of `../e2e/guest/`
//! start it. It prints a tally and ends with 1 when something is not as it must be.
//!
//! - `functions.rs`: ODBC's functions as rows; `word.rs`: their arguments; `odbc.rs`: their numbers
//! - `host.rs`: the loaded library; `memory.rs`: buffers between guard bytes
//! - `smoke.rs`: whether both fit together
//! - `arguments/`: wrong arguments, generated
//! - `watchdog.rs`: ends the program when a call does not come back
//! - `states/`: the walk over the reference's state tables
//! - `random/`: calls at random

#![expect(unsafe_code, reason = "a C host calls C functions of a library that it loads")]
#![expect(clippy::panic, clippy::expect_used, reason = "a program of tests: what goes wrong in it ends it")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its report")]

mod arguments;
mod functions;
mod host;
mod memory;
mod odbc;
mod random;
mod smoke;
mod states;
mod watchdog;
mod word;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::host::Host;
use crate::states::Target;

/// Calls ODBC's functions as a C host does.
#[derive(Debug, Parser)]
#[command(name = "odbc-caller")]
pub(crate) struct Arguments {
    /// What to call
    walk: Walk,
    /// The driver's file, or libodbc.so.2
    #[arg(long)]
    library: PathBuf,
    /// The connection string
    #[arg(long)]
    connection: String,
    /// A data source that says the same
    #[arg(long, default_value = "caller")]
    source: String,
    /// The folder with the reference's tables
    #[arg(long)]
    reference: Option<PathBuf>,
    /// Functions to call; all without
    #[arg(long)]
    only: Vec<String>,
    /// Where a random walk begins
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Calls of a random walk
    #[arg(long, default_value_t = 2_000)]
    steps: usize,
    /// Seconds that a call may take
    #[arg(long, default_value_t = 60)]
    patience: u64,
    /// Print every call before it is made
    #[arg(long)]
    trace: bool,
    /// Pass text in UTF-16
    #[arg(long)]
    wide: bool,
    /// Leave out what other calls come near
    #[arg(long)]
    sparing: bool,
}

/// A way through the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Walk {
    /// Connect, query, disconnect
    Smoke,
    /// Wrong arguments to every function
    Arguments,
    /// Every row of the state tables
    States,
    /// Calls at random
    Random,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    watchdog::watch(Duration::from_secs(arguments.patience));
    let mut host = Host::load(&arguments.library, arguments.wide);
    host.trace = arguments.trace;
    let failures = match arguments.walk {
        Walk::Smoke => smoke::walk(&host, &arguments.connection),
        Walk::Arguments => {
            arguments::walk(&host, &arguments.connection, arguments.reference.as_deref(), arguments.sparing)
        }
        Walk::States => {
            let target = Target { string: &arguments.connection, source: &arguments.source };
            let table = arguments.reference.as_deref().expect("--reference names the folder of the tables");
            states::walk(&host, &target, &table.join("states.tsv"), &arguments.only)
        }
        Walk::Random => {
            let target = Target { string: &arguments.connection, source: &arguments.source };
            let length = random::Length { seed: arguments.seed, steps: arguments.steps };
            random::walk(&host, &target, random::listed(arguments.reference.as_deref()), length)
        }
    };
    for failure in &failures {
        eprintln!("FAILED: {failure}");
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
