//! A further predicate never makes a row appear, wherever it stands.
//!
//! The rows of a statement are read with push-down off; with one more predicate and push-down on, a part of them comes,
//! each at most as often. A predicate in the ON of a LEFT JOIN takes partners, and no row of the left side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use pipedrive_sandbox::Config;
use pipedrive_sql::Session;

use super::catalog::{self, Table};
use super::dialects::Dialect;
use super::engine::{Answer, rows};
use super::generate::{Claim, claim};
use super::known::is_known;
use super::render::render;
use super::value::Cell;
use super::verdict::{Difference, concerns_values, line, normalized, refuses};
use super::{Found, Run, ask_each};
use crate::engine::World;

/// Rows that a message shows.
const SHOWN: usize = 4;

/// Statements whose predicate took some rows and left others.
type Telling = AtomicUsize;

/// A company and two sessions; nobody else is asked.
struct Pair {
    /// Push-down on.
    on: Session,
    /// Push-down off.
    off: Session,
    tables: Vec<Table>,
    _world: World,
}

/// A company whose larger tables have some pages: most of the time goes into reading all of them.
fn pair(number: usize) -> Pair {
    let config = Config {
        seed: 31 + u64::try_from(number).unwrap(),
        deals: 150,
        persons: 90,
        organizations: 40,
        activities: 150,
        daily_tokens: u64::MAX / 2,
        burst: None,
        custom_fields: number == 0,
        ..Config::default()
    };
    let world = World::with(config);
    let page_size = ["40", "15"][number];
    let on = world.open(&[("PageSize", page_size)]).unwrap();
    let off = world.open(&[("Pushdown", "off"), ("PageSize", page_size)]).unwrap();
    let tables = catalog::read(&off).into_iter().map(|(table, _)| table).collect();
    Pair { on, off, tables, _world: world }
}

/// Asks for the rows without the predicate, then with it.
fn ask(pair: &Pair, seed: u64, telling: &Telling, found: &mut Found) {
    let claim = claim(&pair.tables, seed);
    let [base, text] = [&claim.base, &claim.narrowed].map(|query| render(query, Dialect::Pipedrive));
    let (all, some) = match (rows(&pair.off, &base), rows(&pair.on, &text)) {
        (Ok(all), Ok(some)) => (all, some),
        (Err(error), _) | (_, Err(error)) if refuses(&error) => {
            return found.refused.push(format!("seed {seed}: {error}"));
        }
        // A value that no cast takes, say: push-down is not to blame where its absence gives the same error.
        (Ok(_), Err(error))
            if concerns_values(&error) && rows(&pair.off, &text).is_err_and(|other| other.kind() == error.kind()) =>
        {
            found.failed += 1;
            return;
        }
        (Err(error), _) | (_, Err(error)) => {
            let text = format!("{error}\n  base: {}\n  with the predicate: {}", base.sql, text.sql);
            let difference = Difference { class: String::new(), text };
            if is_known(&difference, &claim.narrowed) {
                found.known += 1;
            } else {
                found.different.push(format!("seed {seed}: {}", difference.text));
            }
            return;
        }
    };
    telling.fetch_add(usize::from(!some.rows.is_empty() && some.rows.len() < all.rows.len()), Ordering::Relaxed);
    match wrong(&claim, &all, &some) {
        None => found.same += 1,
        Some(why) => found.different.push(format!(
            "seed {seed}: {why}\n  base: {}\n  values: {:?}\n  with the predicate: {}\n  values: {:?}",
            base.sql, base.values, text.sql, text.values
        )),
    }
}

/// What is wrong with the rows that came with the predicate, if anything.
fn wrong(claim: &Claim, all: &Answer, some: &Answer) -> Option<String> {
    let (all, some) = (normalized(all), normalized(some));
    match claim.left {
        None => appeared(&all, &some),
        Some(keys) => lonely(keys, &all, &some),
    }
}

/// Rows that come more often than without the predicate.
fn appeared(all: &[Vec<Cell>], some: &[Vec<Cell>]) -> Option<String> {
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    all.iter().for_each(|row| *left.entry(line(row)).or_default() += 1);
    let more = some.iter().map(|row| line(row)).filter(|row| {
        let count = left.entry(row.clone()).or_default();
        *count == 0 || {
            *count -= 1;
            false
        }
    });
    let more: Vec<_> = more.collect();
    let shown = || more.iter().take(SHOWN).map(|row| format!("\n    appeared: {row}")).collect::<String>();
    (!more.is_empty())
        .then(|| format!("{} of {} rows appeared, {} before{}", more.len(), some.len(), all.len(), shown()))
}

/// Pairs that appeared; left rows that are there no more, or that are there alone and with a partner, or alone twice.
fn lonely(keys: usize, all: &[Vec<Cell>], some: &[Vec<Cell>]) -> Option<String> {
    let left = |row: &Vec<Cell>| line(&row[..keys]);
    let (alone, pairs): (Vec<_>, Vec<_>) = some.iter().cloned().partition(|row| row[keys] == Cell::Null);
    let with_partner: BTreeSet<_> = pairs.iter().map(left).collect();
    let without: BTreeSet<_> = alone.iter().map(left).collect();
    let expected: BTreeSet<_> = all.iter().map(left).collect();
    if without.len() < alone.len() || !without.is_disjoint(&with_partner) {
        return Some("a left row came too often".to_owned());
    }
    let found: BTreeSet<_> = without.union(&with_partner).cloned().collect();
    let apart: Vec<_> = expected.symmetric_difference(&found).take(SHOWN).collect();
    if !apart.is_empty() {
        return Some(format!("{} left rows, {} before; apart are {apart:?}", found.len(), expected.len()));
    }
    appeared(all, &pairs)
}

#[test]
fn a_further_predicate_makes_no_row_appear() {
    let Some(run) = Run::of("monotony", 1, 120) else { return };
    let telling = Telling::default();
    ask_each(&run, pair, |pair, seed, found| ask(pair, seed, &telling, found)).check(&run);
    let telling = telling.into_inner();
    println!("{telling} predicates took some rows and left others");
    assert!(run.statements < 120 || telling * 10 > 120, "{telling} predicates took some rows and left others");
}

#[test]
fn rows_that_appear_and_left_rows_that_go_are_noticed() {
    let rows = |rows: &[[i64; 2]]| -> Vec<Vec<Cell>> {
        let cell = |number: &i64| if *number == 0 { Cell::Null } else { Cell::integer(*number) };
        rows.iter().map(|row| row.iter().map(cell).collect()).collect()
    };
    let all = rows(&[[1, 5], [1, 6], [2, 0]]);
    assert_eq!(appeared(&all, &all[1..]), None);
    assert!(appeared(&all, &rows(&[[1, 5], [1, 5]])).is_some());
    assert!(appeared(&all, &rows(&[[3, 5]])).is_some());
    assert_eq!(lonely(1, &all, &rows(&[[1, 6], [2, 0]])), None);
    assert_eq!(lonely(1, &all, &rows(&[[1, 0], [2, 0]])), None);
    for wrong in [&[[1, 6]][..], &[[1, 6], [1, 0], [2, 0]], &[[1, 0], [1, 0], [2, 0]], &[[1, 5], [2, 5]]] {
        assert!(lonely(1, &all, &rows(wrong)).is_some(), "{wrong:?}");
    }
}
