//! `pipedrive-odbc`: installs the driver, manages data sources, signs in, queries and finds faults.
//!
//! - `arguments.rs`: the command line: every command, what all of them take
//! - `install.rs`: `install` and `uninstall`: the driver's entry in odbcinst.ini
//! - `dsn/`: `dsn add | list | show | edit | remove | test`: data sources in odbc.ini
//! - `signin/`: `login`, `logout`, `status`: the sign-ins that are kept: API tokens, OAuth
//! - `fields.rs`: `fields export | import`: names of custom columns
//! - `query/`: `query`: a statement's rows as a table, CSV or JSON
//! - `doctor/`: `doctor`: what is wrong, and what helps
//! - `completions.rs`: `completions`: what shells complete
//! - `connect.rs`: from a data source or a connection string to a session, as the driver goes
//! - `ini.rs`: ini files, bytes in and bytes out; `files.rs`: files replaced as a whole; `places.rs`: where the driver
//!   managers have theirs; `library.rs`: whether a file is our driver; `elf.rs`: libraries of Linux as bytes
//! - `shell.rs`: words of command lines that are suggested
//! - `output.rs`: the one way out: values on stdout, everything else on stderr, for people or as JSON
//! - `prompt.rs`: what a person types, or a pipe brings
//! - `failure.rs`: kinds of failure and their exit codes
//!
//! A command makes a value; `output.rs` shows it. Standard output holds nothing but what was asked for.

mod arguments;
mod completions;
mod connect;
mod doctor;
mod dsn;
mod elf;
mod failure;
mod fields;
mod files;
mod ini;
mod install;
mod library;
mod output;
mod places;
mod prompt;
mod query;
mod shell;
mod signin;

use std::process::ExitCode;

use arguments::Arguments;
use clap::Parser;
use clap::error::ErrorKind;
use failure::Failure;
use output::Output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refused) => return no_arguments(&refused),
    };
    let output = Output::new(arguments.json, arguments.quiet);
    match arguments.run(&output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(&output, &failure),
    }
}

fn end(output: &Output, failure: &Failure) -> ExitCode {
    output.failure(failure);
    ExitCode::from(failure.kind().code())
}

/// Help and version were asked for, or the arguments cannot be read.
fn no_arguments(refused: &clap::Error) -> ExitCode {
    let is_answer = matches!(refused.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let json = std::env::args_os().any(|argument| argument == "--json");
    if json && !is_answer {
        let text = refused.render().to_string();
        let text = text.trim_start_matches("error: ").trim();
        return end(&Output::new(true, false), &Failure::usage(text));
    }
    // Who closed the pipe wants no more help.
    drop(refused.print());
    if is_answer { ExitCode::SUCCESS } else { ExitCode::from(failure::Kind::Usage.code()) }
}
