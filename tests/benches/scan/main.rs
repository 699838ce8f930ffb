//! The built driver as an application meets it, far from Pipedrive: each request takes 100 ms.
//!
//! - connecting and the first row, in requests and in round trips
//! - a cold scan of 100,000 deals under several burst limits, beside a plain program that reads page after page in the
//!   same run; CPU seconds and peak memory of both
//!
//! `plain.rs` is that program, `child.rs` the processes that are measured. Fails where a figure is beyond its limit, or
//! a request was answered with 429. PIPEDRIVE_ODBC_DRIVER names the driver, which `cargo xtask bench` builds.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that speaks to people")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on has nothing to say")]

mod child;
mod plain;

use std::process::ExitCode;
use std::time::Duration;

use child::{Figures, Task, measure};
use pipedrive_sandbox::{Config, Fault, Running, Sandbox};

/// What each request takes before it is answered.
const DELAY: Duration = Duration::from_millis(100);
/// Requests in two seconds: the least and the highest limits that Pipedrive states, and two between.
const BURSTS: [u32; 4] = [20, 40, 80, 400];
/// Deals of the company.
const DEALS: usize = 100_000;
/// CPU seconds that a scan of all of them may take.
const CPU: f64 = 1.5;
/// Memory that its process may have at its peak, in MB.
const MEMORY: f64 = 150.0;
/// Round trips that connecting may wait for, without and with what the state folder remembers: who the token belongs to.
const CONNECT: [u64; 2] = [1, 0];
/// The same of the first row: the definitions, then a page.
const FIRST_ROW: [u64; 2] = [2, 1];
/// What may come on top of them for everything that is no waiting, in round trips.
const WORK: f64 = 1.0;

fn main() -> ExitCode {
    if let Some(task) = Task::from_arguments() {
        task.run();
        return ExitCode::SUCCESS;
    }
    let beyond = [first_row(), scans()].concat();
    for figure in &beyond {
        eprintln!("beyond its limit: {figure}");
    }
    if beyond.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A company far away.
fn sandbox(deals: usize, burst: u32) -> Running {
    let config = Config { deals, burst: Some(burst), daily_tokens: 10_000_000, ..Config::default() };
    let sandbox = Sandbox::start(config).unwrap();
    sandbox.arm(Fault::delay(DELAY).times(u32::MAX));
    sandbox
}

/// Requests of two processes, the first of which knows nothing; round trips are measured, so more than whole ones.
fn first_row() -> Vec<String> {
    let sandbox = sandbox(2_300, 80);
    let cost = || {
        let requests = sandbox.stats().requests;
        sandbox.reset_stats();
        requests
    };
    println!("Connecting, then the first row of all deals; round trips of {} ms", DELAY.as_millis());
    println!("                     connect                  first row");
    let (unknown, known) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut beyond = Vec::new();
    for (turn, name) in ["nothing known", "all known"].into_iter().enumerate() {
        measure(Task::Connect, &sandbox, if turn == 0 { unknown.path() } else { known.path() });
        let connecting = cost();
        let figures = measure(Task::FirstRow, &sandbox, known.path());
        // Pages are read ahead of the first row, which waits for one of them only.
        let parts = [
            ("connect", connecting, CONNECT[turn], figures.connect),
            ("first row", cost().saturating_sub(connecting), FIRST_ROW[turn], figures.fetch),
        ];
        let trips = |time: Duration| time.as_secs_f64() / DELAY.as_secs_f64();
        let [connect, row] =
            parts.map(|(_, requests, _, time)| format!("{requests} requests, {:.2} trips", trips(time)));
        println!("  {name:<17}  {connect:<23}  {row}");
        let over = parts.iter().filter(|(_, _, most, time)| trips(*time) > *most as f64 + WORK);
        beyond.extend(over.map(|(what, requests, most, time)| {
            format!("{what}, {name}: {requests} requests, {:.2} round trips, wanted {most}", trips(*time))
        }));
    }
    println!();
    beyond
}

/// Scans of the whole table.
fn scans() -> Vec<String> {
    println!("All columns of {DEALS} deals, cold, {} ms a request, bound as text", DELAY.as_millis());
    println!("  burst limit    plain program              driver                     ratio   429s");
    let mut beyond = Vec::new();
    for burst in BURSTS {
        let (plain, plain_refused) = scan(Task::Plain, burst);
        let (driver, refused) = better(scan(Task::Scan, burst), scan(Task::Scan, burst));
        let ratio = plain.fetch.as_secs_f64() / driver.fetch.as_secs_f64();
        println!(
            "  {burst:>3} in 2 s     {}   {}   {ratio:5.2}   {plain_refused} / {refused}",
            described(&plain),
            described(&driver)
        );
        let limits = [
            (refused > 0, format!("{refused} answers 429")),
            (driver.cpu >= CPU, format!("{:.2} CPU seconds, wanted less than {CPU}", driver.cpu)),
            (driver.memory >= MEMORY, format!("{:.0} MB, wanted less than {MEMORY}", driver.memory)),
            (ratio < 1.0, format!("slower than the plain program ({ratio:.2})")),
        ];
        beyond.extend(limits.into_iter().filter(|limit| limit.0).map(|(_, what)| format!("burst {burst}: {what}")));
    }
    beyond
}

/// Of two scans the one that took less CPU time, with the memory and the refusals of both: what the machine does besides
/// makes one dearer, and none cheaper.
fn better((one, refused): (Figures, usize), (other, also): (Figures, usize)) -> (Figures, usize) {
    let least = if one.cpu <= other.cpu { one } else { other };
    (Figures { memory: one.memory.max(other.memory), ..least }, refused + also)
}

fn described(figures: &Figures) -> String {
    let seconds = (figures.connect + figures.fetch).as_secs_f64();
    format!("{seconds:5.1} s {:5.2} CPU s {:4.0} MB", figures.cpu, figures.memory)
}

/// Reads all deals of a company that nobody has asked for anything; also how many requests were too many.
fn scan(task: Task, burst: u32) -> (Figures, usize) {
    let sandbox = sandbox(DEALS, burst);
    let state = tempfile::tempdir().unwrap();
    let figures = measure(task, &sandbox, state.path());
    assert_eq!(figures.rows, DEALS as u64, "{task:?} lost rows");
    let refused = sandbox.requests().iter().filter(|request| request.status == Some(429)).count();
    (figures, refused)
}
