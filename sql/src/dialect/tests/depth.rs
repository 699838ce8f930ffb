//! Deep and long statements on a stack of 8 MB, as the runtime's threads have it.

use std::time::{Duration, Instant};

use super::*;

/// Runs on a thread like those of the runtime; `None` for a statement that was refused as too complex.
fn on_big_stack(sql: String) -> Option<Vec<Vec<String>>> {
    let started = Instant::now();
    let work = move || (rows(&sql), time_of_thread().unwrap_or_else(|| started.elapsed()));
    let (outcome, taken) = std::thread::Builder::new().stack_size(8 << 20).spawn(work).unwrap().join().unwrap();
    assert!(taken < Duration::from_secs(5), "took {taken:?}");
    match outcome {
        Ok(rows) => Some(rows),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::TooComplex, "{error}");
            None
        }
    }
}

/// Time that this thread had a processor, which does not depend on what else the machine does; Linux tells it.
fn time_of_thread() -> Option<Duration> {
    let numbers = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = numbers.split(' ').next()?.parse().ok()?;
    (nanos > 0).then(|| Duration::from_nanos(nanos))
}

fn repeated(count: usize, separator: &str, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(separator)
}

#[test]
fn five_thousand_ors_over_one_column() {
    let terms = repeated(5000, " OR ", |n| format!("id = {n}"));
    assert_eq!(on_big_stack(format!("SELECT COUNT(*) FROM deals WHERE {terms}")), Some(vec![vec!["3".into()]]));
}

#[test]
fn ors_over_two_columns_are_answered_up_to_a_limit() {
    let sql = |count| {
        let terms = repeated(count, " OR ", |n| format!("(id = {n} AND owner_id > {n})"));
        format!("SELECT COUNT(*) FROM deals WHERE {terms}")
    };
    assert_eq!(on_big_stack(sql(2500)), Some(vec![vec!["3".into()]]));
    assert_eq!(on_big_stack(sql(5000)), None);
}

#[test]
fn two_hundred_parentheses() {
    let sql = format!("SELECT {}1{}", "(".repeat(200), ")".repeat(200));
    assert_eq!(on_big_stack(sql), Some(vec![vec!["1".into()]]));
}

#[test]
fn sixty_derived_tables() {
    let mut sql = "SELECT 1 AS x".to_owned();
    for level in 0..60 {
        sql = format!("SELECT x FROM ({sql}) AS t{level}");
    }
    assert_eq!(on_big_stack(sql), Some(vec![vec!["1".into()]]));
}

#[test]
fn a_hundred_nested_cases() {
    let mut sql = "0".to_owned();
    for level in 0..100 {
        sql = format!("CASE WHEN id = {level} THEN {level} ELSE {sql} END");
    }
    let rows = on_big_stack(format!("SELECT {sql} FROM deals WHERE id = 1"));
    assert!(rows.is_none_or(|rows| rows == [["1"]]));
}

#[test]
fn two_hundred_unions() {
    let sql = repeated(200, " UNION ALL ", |n| format!("SELECT {n} AS x"));
    let rows = on_big_stack(format!("SELECT COUNT(*), SUM(x) FROM ({sql}) AS t"));
    assert!(rows.is_none_or(|rows| rows == [["200", "19900"]]));
}

#[test]
fn far_beyond_every_limit_it_is_refused() {
    for sql in [
        format!("SELECT {}1{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("SELECT {}1{}", "CASE WHEN 1 = 1 THEN ".repeat(5_000), " END".repeat(5_000)),
        format!("SELECT {}1", "- ".repeat(50_000)),
        format!("SELECT {}1 = 1", "NOT ".repeat(20_000)),
        format!("{}SELECT 1 AS x{}", "SELECT * FROM (".repeat(2_000), ") t".repeat(2_000)),
        repeated(20_000, " UNION ALL ", |n| format!("SELECT {n} AS x")),
    ] {
        assert_eq!(on_big_stack(sql), None);
    }
}

#[test]
fn the_longest_leaning_chain_that_tokens_pass_is_dropped_without_harm() {
    let chain = vec!["1"; 12_000].join(" - ");
    assert_eq!(on_big_stack(format!("SELECT {chain}")), None);
    // The parser gives up at the end of the chain and drops what it has.
    let broken = format!("SELECT {} FROM t WHERE )", vec!["a"; 12_000].join(" OR "));
    let outcome =
        std::thread::Builder::new().stack_size(8 << 20).spawn(move || rows(&broken).map(drop)).unwrap().join();
    assert_eq!(outcome.unwrap().unwrap_err().kind(), ErrorKind::Syntax);
}
