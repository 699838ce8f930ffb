//! Deep and long statements, called from a thread with 256 kB of stack: an answer or a clear error, and the process
//! lives. A stack overflow is an abort, and it would take Excel with it.

use std::time::{Duration, Instant};

use pipedrive_sql::{ErrorKind, Session};

use crate::engine::{World, rows};

/// The stack of threads in some services and thread pools.
const SMALL_STACK: usize = 256 << 10;

/// How long any of these may take in a debug build.
const LIMIT: Duration = Duration::from_secs(5);

/// The rows, or `None` for a statement that was refused as too complex.
fn from_a_small_stack(session: &Session, sql: String) -> Option<Vec<Vec<String>>> {
    let session = session.clone();
    let started = Instant::now();
    let work = move || rows(&session, &sql, &[]);
    let outcome = std::thread::Builder::new().stack_size(SMALL_STACK).spawn(work).unwrap().join().unwrap();
    assert!(started.elapsed() < LIMIT, "took {:?}", started.elapsed());
    match outcome {
        Ok(rows) => Some(rows),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::TooComplex, "{error}");
            None
        }
    }
}

fn repeated(count: usize, separator: &str, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(separator)
}

#[test]
fn five_thousand_ors_over_one_column_find_their_rows() {
    let world = World::new();
    let terms = repeated(5000, " OR ", |n| format!("id = {}", n + 1));
    let found = from_a_small_stack(&world.session(), format!("SELECT COUNT(*) FROM stages WHERE {terms}"));
    let stages = world.sandbox.dataset().stages().count();
    assert_eq!(found, Some(vec![vec![stages.to_string()]]));
}

#[test]
fn five_thousand_ors_over_two_columns_are_answered_or_refused() {
    let world = World::new();
    let terms = repeated(5000, " OR ", |n| format!("(id = {n} AND order_nr > {n})"));
    let found = from_a_small_stack(&world.session(), format!("SELECT COUNT(*) FROM stages WHERE {terms}"));
    let count = world.sandbox.dataset().stages().filter(|stage| stage.order_nr > stage.id).count();
    assert!(found.is_none_or(|rows| rows == [[count.to_string()]]));
}

#[test]
fn two_hundred_parentheses() {
    let world = World::new();
    let found = from_a_small_stack(&world.session(), format!("SELECT {}1{}", "(".repeat(200), ")".repeat(200)));
    assert!(found.is_none_or(|rows| rows == [["1"]]));
}

#[test]
fn sixty_derived_tables() {
    let world = World::new();
    let mut sql = "SELECT 1 AS x".to_owned();
    for level in 0..60 {
        sql = format!("SELECT x FROM ({sql}) AS t{level}");
    }
    let found = from_a_small_stack(&world.session(), sql);
    assert!(found.is_none_or(|rows| rows == [["1"]]));
}

#[test]
fn a_hundred_nested_cases() {
    let world = World::new();
    let mut sql = "0".to_owned();
    for level in 0..100 {
        sql = format!("CASE WHEN id = {level} THEN {level} ELSE {sql} END");
    }
    let found = from_a_small_stack(&world.session(), format!("SELECT {sql} FROM stages WHERE id = 1"));
    assert!(found.is_none_or(|rows| rows == [["1"]]));
}

#[test]
fn two_hundred_unions() {
    let world = World::new();
    let sql = repeated(200, " UNION ALL ", |n| format!("SELECT {n} AS x"));
    let found = from_a_small_stack(&world.session(), format!("SELECT COUNT(*), SUM(x) FROM ({sql}) AS t"));
    assert!(found.is_none_or(|rows| rows == [["200", "19900"]]));
}

#[test]
fn far_beyond_every_limit_it_is_refused() {
    let world = World::new();
    let session = world.session();
    for sql in [
        format!("SELECT {}1{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("SELECT {}1{}", "CASE WHEN 1 = 1 THEN ".repeat(5_000), " END".repeat(5_000)),
        format!("SELECT {}1", "- ".repeat(50_000)),
        format!("SELECT {}1 = 1", "NOT ".repeat(20_000)),
        format!("{}SELECT 1 AS x{}", "SELECT * FROM (".repeat(2_000), ") t".repeat(2_000)),
        repeated(20_000, " UNION ALL ", |n| format!("SELECT {n} AS x")),
    ] {
        let shown = sql.chars().take(40).collect::<String>();
        assert_eq!(from_a_small_stack(&session, sql), None, "{shown}");
    }
}

#[test]
fn whatever_nests_is_answered_or_refused() {
    let world = World::new();
    let session = world.session();
    let chained = |count: usize, link: fn(usize) -> String| {
        let links: String = (0..count).map(|n| format!(", c{} AS ({})", n + 1, link(n))).collect();
        format!("WITH c0 AS (SELECT 1 AS x){links} SELECT * FROM c{count}")
    };
    for sql in [
        format!("SELECT id FROM {}stages{}", "(".repeat(200), ")".repeat(200)),
        format!("SELECT id FROM users, {}stages s{}", "(".repeat(200), ")".repeat(200)),
        format!("SELECT {}1{}", "SUM(".repeat(60), ") OVER ()".repeat(60)),
        format!("SELECT 1{}", " IN (1)".repeat(1000)),
        format!("SELECT 1{}", " BETWEEN 0 AND 1".repeat(1600)),
        format!("SELECT id FROM stages WHERE (id{}) = 1", " BETWEEN 0 AND 1".repeat(30)),
        format!("SELECT {}id{} FROM stages", "COALESCE(".repeat(40), ", 2)".repeat(40)),
        format!("SELECT 1{}", " IS NULL".repeat(2000)),
        format!("SELECT '2026-01-01'{}", "::VARCHAR".repeat(1500)),
        chained(800, |n| format!("SELECT * FROM c{n}")),
        chained(800, |n| format!("SELECT * FROM c{n}")).replace(" AS (", " (x) AS ("),
        chained(40, |n| format!("{}SELECT * FROM c{n}{}", "SELECT * FROM (".repeat(20), ") t".repeat(20))),
        chained(30, |n| format!("SELECT a.x FROM c{n} a JOIN c{n} b ON a.x = b.x")),
        format!("SELECT 1 WHERE {}1 = 1{}", "EXISTS (SELECT 1 FROM users WHERE ".repeat(40), ")".repeat(40)),
        format!("SELECT id FROM users WHERE {}id{}", "id IN (SELECT id FROM users WHERE ".repeat(40), ")".repeat(40)),
    ] {
        from_a_small_stack(&session, sql);
    }
}

/// As deep as the limits let it be: this must be answered.
#[test]
fn up_to_the_limits_there_is_an_answer() {
    let world = World::new();
    let session = world.session();
    let links: String = (0..60).map(|n| format!(", c{} AS (SELECT * FROM c{n})", n + 1)).collect();
    for sql in [
        format!("SELECT COUNT(*) FROM {}stages{} WHERE id = 1", "(".repeat(40), ")".repeat(40)),
        format!("SELECT COUNT(*) FROM stages WHERE id = 1 AND (1{})", " BETWEEN 0 AND 1".repeat(10)),
        format!("SELECT CAST('1' AS INTEGER){}", "::INTEGER".repeat(100)),
        format!("SELECT {}id{} FROM stages WHERE id = 1", "COALESCE(".repeat(10), ", 2)".repeat(10)),
        format!("SELECT CHAR_LENGTH({}'x'{})", "REPEAT(".repeat(100), ", 1)".repeat(100)),
        format!("WITH c0 AS (SELECT 1 AS x){links} SELECT * FROM c60"),
        format!("SELECT 1 WHERE {}1 = 1{}", "EXISTS (SELECT 1 FROM stages WHERE ".repeat(12), ")".repeat(12)),
    ] {
        let shown = sql.chars().take(40).collect::<String>();
        assert_eq!(from_a_small_stack(&session, sql), Some(vec![vec!["1".to_owned()]]), "{shown}");
    }
}
