//! The price list: what statements cost on a large account, in requests and tokens as the sandbox counts them.
//!
//! - `../../../docs/prices.md`: the golden file, and a page for users; statements are added there
//! - `list.rs`: the file as entries, and entries as the file
//! - `shop.rs`: the account, and what a statement costs there
//! - `limits.rs`: promises, apart from what was measured
//!
//! `PRICES_WRITE=1 cargo xtask test -- prices` rewrites the figures of the file; read that diff like code.

mod limits;
mod list;
mod shop;

use std::fs;
use std::path::{Path, PathBuf};

use list::{Entry, List};
use shop::{Shop, UNSPLIT};

/// Statements that the list has at least.
const LEAST: usize = 40;

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/prices.md")
}

#[expect(clippy::disallowed_methods, reason = "a switch of this test")]
fn rewrites() -> bool {
    std::env::var_os("PRICES_WRITE").is_some()
}

/// What the shop says of an entry, as the cells that the file has for it. Refusals that cost something, and statements
/// that work although they are listed as refused, are failures in themselves.
fn cells(shop: &Shop, entry: &Entry) -> Result<Vec<String>, String> {
    let statement = &entry.statement;
    match (shop.buy(statement, &entry.values, entry.how), entry.refused) {
        (Ok(paid), false) => Ok(paid.cells()),
        (Err((message, (0, 0))), true) => Ok(vec![list::first_words(&message)]),
        (Err((_, (requests, _))), true) => Err(format!("{statement}\n  was refused after {requests} requests")),
        (Ok(_), true) => Err(format!("{statement}\n  works; give it a price, in a section above")),
        (Err((message, _)), false) => Err(format!("{statement}\n  {message}")),
    }
}

/// Whether cells say the same, but for the page where the two ends of a long list meet: it is asked for from both, and
/// whether the host counts the call that is given up is a matter of time.
fn agree(listed: &[String], found: &[String]) -> bool {
    let figures = |cells: &[String]| cells.iter().map(|cell| cell.parse().ok()).collect::<Option<Vec<u64>>>();
    let (Some(listed_figures), Some(found_figures)) = (figures(listed), figures(found)) else { return listed == found };
    let ([rows, requests, tokens], [found_rows, found_requests, found_tokens]) = (&*listed_figures, &*found_figures)
    else {
        return false;
    };
    let pages = if *requests > UNSPLIT { (requests / 100).max(1) } else { 0 };
    rows == found_rows && requests.abs_diff(*found_requests) <= pages && tokens.abs_diff(*found_tokens) <= 10 * pages
}

/// The list with what was measured in place of what it says, and what is wrong with it.
fn measured(shop: &Shop, list: &List) -> (List, Vec<String>) {
    let (mut renewed, mut wrong) = (list.clone(), Vec::new());
    for entry in renewed.entries_mut() {
        match cells(shop, entry) {
            Ok(cells) if agree(&entry.cells, &cells) => {}
            Ok(cells) if rewrites() => entry.cells = cells,
            Ok(cells) => wrong.push(format!("{}\n  {cells:?}, not {:?}", entry.statement, entry.cells)),
            Err(problem) => wrong.push(problem),
        }
    }
    (renewed, wrong)
}

#[test]
fn the_list_is_what_the_sandbox_counts() {
    let list = List::read(&fs::read_to_string(path()).unwrap());
    assert!(list.entries().filter(|entry| !entry.refused).count() >= LEAST);
    let (renewed, wrong) = measured(&Shop::enter(), &list);
    if renewed != list {
        fs::write(path(), renewed.to_string()).unwrap();
    }
    let how = "`PRICES_WRITE=1 cargo xtask test -- prices` rewrites the figures of docs/prices.md";
    assert!(wrong.is_empty(), "{how}\n{}", wrong.join("\n"));
}

#[test]
fn figures_agree_to_a_page_where_lists_are_long() {
    let cells = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    for (listed, found, agrees) in [
        ("5 1 10", "5 1 10", true),
        ("5 1 10", "5 2 20", false),
        ("841 10 100", "841 10 110", false),
        ("5149 12 120", "5149 12 110", true),
        ("5149 12 120", "5148 12 120", false),
        ("100000 201 2010", "100000 203 2030", true),
        ("100000 201 2010", "100000 204 2040", false),
        ("? ? ?", "5 1 10", false),
        ("no such table", "no such table", true),
        ("no such table", "no such column", false),
    ] {
        assert_eq!(agree(&cells(listed), &cells(found)), agrees, "{listed}: {found}");
    }
}

#[test]
fn a_pending_statement_that_works_is_not_passed_over() {
    let text = "## Pending\n| one | `SELECT 1` |  |  | no |\n| two | `SELECT nothing FROM deals` |  |  | no |\n";
    let found = List::read(text);
    let shop = Shop::enter();
    let answers: Vec<_> = found.entries().map(|entry| cells(&shop, entry)).collect();
    assert!(answers[0].as_ref().is_err_and(|problem| problem.contains("works")), "{answers:?}");
    assert!(answers[1].as_ref().is_ok_and(|cells| cells[0].contains("nothing")), "{answers:?}");
}
