//! A page of deals to an Arrow batch, beside serde_json's parse of the same bytes to a `Value`, in one run.
//!
//! All columns are read, custom fields included. Both sides read the same pages in turns, so that a slow moment of the
//! machine falls on both; the medians are compared.
#![expect(clippy::print_stdout, reason = "a program that speaks to people")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to say")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use pipedrive_sandbox::{Config, Running, Sandbox};
use pipedrive_sql::decode::{Layout, LayoutColumn, page};
use pipedrive_sql::model::{FieldDefinition, Shape, Table, entity};
use pipedrive_sql::zone::Zone;
use serde_json::Value;

/// How much faster than serde_json it has to be.
const WANTED: f64 = 1.5;
/// Deals of the company: four pages.
const DEALS: usize = 2_000;
/// Turns; each reads every page on both sides.
const TURNS: usize = 60;

fn main() -> ExitCode {
    let sandbox = Sandbox::start(Config { deals: DEALS, burst: None, ..Config::default() }).unwrap();
    let pages = pages(&sandbox);
    let layout = layout(&sandbox);
    let bytes: usize = pages.iter().map(Vec::len).sum();

    let mut turns: Vec<(Duration, Duration)> = (0..TURNS).map(|_| (value(&pages), arrow(&pages, &layout))).collect();
    // The first ones fill caches and the allocator.
    turns.drain(..TURNS / 10);
    let value = median(turns.iter().map(|turn| turn.0));
    let arrow = median(turns.iter().map(|turn| turn.1));
    let ratio = value.as_secs_f64() / arrow.as_secs_f64();
    let speed = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();

    println!(
        "Decoding {DEALS} deals, {} columns, {:.1} MB of JSON",
        layout.schema().fields().len(),
        bytes as f64 / 1e6
    );
    println!("  serde_json to Value   {:6.1} ms  {:4.0} MB/s", value.as_secs_f64() * 1e3, speed(value));
    println!("  to an Arrow batch     {:6.1} ms  {:4.0} MB/s", arrow.as_secs_f64() * 1e3, speed(arrow));
    println!("  ratio                 {ratio:6.2}     (wanted: {WANTED} or more)");
    if ratio < WANTED { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn value(pages: &[Vec<u8>]) -> Duration {
    let started = Instant::now();
    for page in pages {
        let value: Value = serde_json::from_slice(page).unwrap();
        std::hint::black_box(&value);
    }
    started.elapsed()
}

fn arrow(pages: &[Vec<u8>], layout: &Layout) -> Duration {
    let started = Instant::now();
    for bytes in pages {
        let page = page(bytes, layout).unwrap();
        assert_eq!(page.batch.num_rows(), 500);
        std::hint::black_box(&page);
    }
    started.elapsed()
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// All columns of deals, as a connection with default properties decodes them.
fn layout(sandbox: &Running) -> Layout {
    let mut answer: Value = serde_json::from_slice(&get(sandbox, "/api/v2/dealFields?limit=500")).unwrap();
    let fields: Vec<FieldDefinition> = serde_json::from_value(answer["data"].take()).unwrap();
    let table = Table::new(entity("deals").unwrap(), &fields, &Shape::default(), &mut Vec::new());
    let keys = table.columns.iter().filter_map(|column| column.custom_key.clone()).collect();
    Layout::new(table.columns.iter().map(LayoutColumn::from).collect(), Zone::UTC).with_keys(keys)
}

/// All pages of deals.
fn pages(sandbox: &Running) -> Vec<Vec<u8>> {
    let mut pages = vec![get(sandbox, "/api/v2/deals?limit=500")];
    while pages.len() < DEALS / 500 {
        let last: Value = serde_json::from_slice(pages.last().unwrap()).unwrap();
        let cursor = last["additional_data"]["next_cursor"].as_str().unwrap();
        pages.push(get(sandbox, &format!("/api/v2/deals?limit=500&cursor={cursor}")));
    }
    pages
}

fn get(sandbox: &Running, target: &str) -> Vec<u8> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let request = reqwest::Client::new().get(format!("{}{target}", sandbox.url()));
        let answer = request.header("x-api-token", sandbox.token()).send().await.unwrap();
        answer.error_for_status().unwrap().bytes().await.unwrap().to_vec()
    })
}
