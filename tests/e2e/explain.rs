//! EXPLAIN: what it says of a statement, and that this is what is done.

use pipedrive_sandbox::Config;
use pipedrive_sql::Session;
use serde_json::Value;

use crate::engine::{World, rows};

fn world() -> (World, Session) {
    let world = World::with(Config { deals: 620, persons: 560, organizations: 130, burst: None, ..Config::default() });
    let session = world.session();
    for table in ["deals", "deals_all", "persons", "organizations"] {
        rows(&session, &format!("SELECT * FROM {table} WHERE 1 = 0"), &[]).unwrap();
    }
    world.cost();
    (world, session)
}

/// One line a step: table, action, what is checked here.
fn told(session: &Session, sql: &str) -> String {
    let steps = rows(session, &format!("EXPLAIN {sql}"), &[]).unwrap();
    let line = |step: &Vec<String>| match (step[1].as_str(), step[8].as_str()) {
        ("NULL", _) => step[2].clone(),
        (table, "NULL") => format!("{table}: {}", step[2]),
        (table, here) => format!("{table}: {}. Here: {here}", step[2]),
    };
    steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn statements_are_told_in_sentences() {
    let (world, session) = world();
    for (sql, expected) in [
        ("SELECT id FROM deals", "deals: Reads all rows, page by page"),
        ("SELECT 1", "In the driver: asks nothing of Pipedrive"),
        (
            "SELECT id FROM deals ORDER BY add_time LIMIT 5",
            "deals: Reads the rows with the earliest add_time, page by page until the first 5 are known\nIn the driver: sort",
        ),
        (
            "SELECT id FROM deals WHERE modified_time >= '2026-06-01'",
            "deals: Reads the rows that Pipedrive selects, page by page, then those that were never changed, from the \
             largest add_time down to 2026-06-01T00:00:00Z. Here: modified_time >= '2026-06-01 00:00:00' [Pipedrive \
             leaves out most of the others]",
        ),
        ("SELECT id FROM deals WHERE id = 7", "deals: Reads one record by its id"),
        ("SELECT id FROM deals WHERE id IN (7, 8)", "deals: Reads 2 records by their ids, all at the same time"),
        ("SELECT id FROM deals WHERE id = 1 AND id = 2", "deals: Reads nothing: no row can satisfy the conditions"),
        (
            "SELECT id FROM deals WHERE status = 'won' AND title LIKE 'A%'",
            "deals: Reads the rows that Pipedrive selects, page by page. Here: title LIKE 'A%' [Pipedrive cannot \
             filter by title in this way]",
        ),
        (
            "SELECT id FROM deals WHERE owner_id IN (1, 2) AND value > 5 LIMIT 3",
            "deals: Reads all rows, page by page, until 3 rows are found. Here: (owner_id = 1 OR owner_id = 2) [Pipedrive \
             takes one value of owner_id at a time] AND value > 5 [Pipedrive cannot filter by value in this way]",
        ),
        (
            "SELECT id FROM deals WHERE add_time >= '2026-06-01'",
            "deals: Reads all rows, from the largest add_time down to 2026-06-01T00:00:00Z, page by page. \
             Here: add_time >= '2026-06-01 00:00:00' [reading ends there]",
        ),
        (
            "SELECT id FROM deals ORDER BY update_time DESC LIMIT 5",
            "deals: Reads one page of the rows with the latest update_time, for the first 5; the whole list if these are \
             not among them\nIn the driver: sort",
        ),
        (
            "SELECT d.id, p.name FROM deals d JOIN persons p ON d.person_id = p.id WHERE d.stage_id = 2",
            "deals: Reads the rows that Pipedrive selects, page by page\npersons: Reads all rows, page by page; or asks \
             for the keys that the other side of the join has, where that takes fewer requests\nIn the driver: join",
        ),
        ("SELECT id FROM deals ORDER BY owner_id LIMIT 5", "deals: Reads all rows, page by page\nIn the driver: sort"),
        (
            "SELECT d.id FROM (SELECT id FROM deals UNION ALL SELECT id FROM persons) d JOIN (SELECT id FROM organizations \
             WHERE id IN (3, 4)) o ON o.id = d.id",
            "organizations: Reads 2 records by their ids, all at the same time\ndeals: Reads all rows, page by page; or asks \
             for the keys that the other side of the join has, where that takes fewer requests\npersons: Reads all rows, \
             page by page; or asks for the keys that the other side of the join has, where that takes fewer requests\nIn \
             the driver: union, then join",
        ),
        (
            "SELECT id FROM deals WHERE id IN (5, 6, 7, 8)",
            "deals: Reads 4 records by their ids, 100 a request; ids without a record are asked for once more",
        ),
        (
            "SELECT id FROM deals_all WHERE is_deleted = 0",
            "deals_all: Reads the rows that Pipedrive selects, page by page, from 2 lists, then what changed meanwhile in \
             those that were read first",
        ),
    ] {
        assert_eq!(told(&session, sql), expected, "{sql}");
    }
    assert_eq!(world.cost(), (0, 0), "EXPLAIN asks nothing");
}

#[test]
fn analyze_tells_what_the_sandbox_counts() {
    let (world, session) = world();
    let sql =
        "SELECT d.id, p.name FROM deals d JOIN persons p ON d.person_id = p.id WHERE d.update_time >= '2026-08-01'";
    for (explain, member) in [("EXPLAIN ANALYZE", None), ("EXPLAIN ANALYZE FORMAT JSON", Some("requests"))] {
        let answer = rows(&session, &format!("{explain} {sql}"), &[]).unwrap();
        let (requests, tokens) = world.cost();
        assert!(requests > 1);
        match member {
            None => {
                let sum =
                    |column: usize| answer.iter().filter_map(|step| step[column].parse::<u64>().ok()).sum::<u64>();
                assert_eq!((sum(9), sum(10)), (requests, tokens));
                assert!(answer[1][2].contains("Done: asked for"), "{answer:?}");
            }
            Some(_) => {
                let plan: Value = serde_json::from_str(&answer[0][0]).unwrap();
                assert_eq!((plan["requests"].as_u64(), plan["tokens"].as_u64()), (Some(requests), Some(tokens)));
                assert_eq!(plan["steps"][0]["table"], "deals");
            }
        }
    }
}

#[test]
fn estimates_are_known_once_a_list_was_read() {
    let (world, session) = world();
    let estimate = |sql: &str| rows(&session, &format!("EXPLAIN {sql}"), &[]).unwrap()[0][4..7].join(" ");
    assert_eq!(estimate("SELECT id FROM deals"), "NULL NULL NULL");
    rows(&session, "SELECT id FROM deals", &[]).unwrap();
    assert_eq!(estimate("SELECT id FROM deals"), "620 2 20");
    world.cost();
    rows(&session, "SELECT id FROM deals", &[]).unwrap();
    assert_eq!(world.cost(), (2, 20), "as estimated");
    for unknown in ["LIMIT 5", "WHERE id > 100", "WHERE add_time > '2026-01-01'", "ORDER BY update_time LIMIT 3"] {
        let filter = if unknown == "LIMIT 5" { "WHERE title LIKE '%x%' LIMIT 5" } else { unknown };
        assert_eq!(estimate(&format!("SELECT id FROM deals {filter}")), "NULL NULL NULL", "{filter}");
    }
    assert_eq!(estimate("SELECT id FROM deals LIMIT 5"), "5 1 10");
    assert_eq!(estimate("SELECT id FROM deals WHERE id IN (1, 2)"), "2 2 2");
    // What is not there is asked for twice, and the first hundred may be enough.
    assert_eq!(estimate("SELECT id FROM deals WHERE id IN (1, 2, 3, 4, 5000)"), "5 NULL NULL");
    assert_eq!(estimate("SELECT id FROM deals WHERE id IN (1, 2, 3, 4, 5000) ORDER BY id DESC LIMIT 2"), "2 NULL NULL");
}
