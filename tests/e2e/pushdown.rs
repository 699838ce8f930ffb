//! Push-down changes what a statement costs, never what it gives: each runs with `Pushdown=on` and `off`.

use pipedrive_sandbox::Config;
use pipedrive_sql::call::Call;

use crate::engine::{World, rows};

/// Statements whose rows have one order, and the requests that they cost with push-down, on pages of 50 rows.
const ORDERED: &[(&str, u64)] = &[
    // By key: the list comes that way, in either direction, and stops.
    ("SELECT id FROM deals ORDER BY id LIMIT 10", 1),
    ("SELECT id FROM deals ORDER BY id DESC LIMIT 10", 1),
    ("SELECT id FROM deals ORDER BY id DESC LIMIT 10 OFFSET 45", 2),
    ("SELECT id, title FROM deals ORDER BY id DESC, title LIMIT 60", 2),
    ("SELECT id FROM deals WHERE id > 600 ORDER BY id", 2),
    ("SELECT id FROM deals WHERE id > 600 ORDER BY id DESC", 2),
    ("SELECT id FROM deals WHERE id <= 60 ORDER BY id DESC", 3),
    ("SELECT id FROM deals WHERE id IN (9, 3, 7, 5, 400, 1000000) ORDER BY id DESC", 3),
    ("SELECT -id FROM deals WHERE owner_id > 0 ORDER BY id DESC LIMIT 5", 1),
    // By a moment: one page, as long as enough rows of it pass.
    ("SELECT id, update_time FROM deals ORDER BY update_time DESC, id LIMIT 10", 1),
    ("SELECT id, add_time FROM deals ORDER BY add_time, id LIMIT 10", 1),
    ("SELECT id FROM deals WHERE status = 'won' ORDER BY update_time DESC, id LIMIT 10", 1),
    ("SELECT id FROM deals WHERE title LIKE '%a%' ORDER BY add_time DESC, id LIMIT 10", 1),
    // NULLs come last, wherever Pipedrive has them; first they cost the whole list.
    ("SELECT id, update_time FROM deals ORDER BY update_time, id LIMIT 10", 1),
    ("SELECT id, update_time FROM deals ORDER BY update_time DESC NULLS FIRST, id LIMIT 10", 13),
    // Not enough on a page.
    ("SELECT id FROM deals WHERE title LIKE '%coffee%' AND value > 20000 ORDER BY update_time DESC, id LIMIT 30", 14),
    ("SELECT id FROM deals WHERE title LIKE '%zzz%' ORDER BY add_time DESC, id LIMIT 3", 13),
    ("SELECT id, update_time FROM deals ORDER BY update_time DESC, id LIMIT 49", 1),
    ("SELECT id, update_time FROM deals ORDER BY update_time DESC, id LIMIT 10 OFFSET 100", 13),
    // The largest and the smallest are the first.
    ("SELECT MAX(id) FROM deals", 1),
    ("SELECT MIN(id) FROM deals WHERE status = 'won'", 1),
    ("SELECT MAX(update_time) AS latest FROM deals", 1),
    ("SELECT MIN(update_time) FROM deals", 1),
    ("SELECT MAX(add_time) FROM persons WHERE owner_id > 0", 1),
    ("SELECT MAX(id), MIN(id) FROM deals", 13),
    ("SELECT MAX(title) FROM deals", 13),
    ("SELECT owner_id, MAX(id) FROM deals GROUP BY owner_id ORDER BY owner_id", 13),
    ("SELECT MAX(id) FROM deals WHERE id < 0", 0),
    ("SELECT MAX(id) FROM deals WHERE id BETWEEN 200 AND 600", 1),
    ("SELECT MIN(id) FROM deals WHERE id BETWEEN 200 AND 600", 1),
    ("SELECT id FROM deals WHERE id BETWEEN 200 AND 600 ORDER BY id DESC LIMIT 5", 1),
    // The branches of a union come one after the other, and only if they are wanted.
    ("SELECT id FROM deals UNION ALL SELECT id FROM persons LIMIT 10", 1),
    ("SELECT id FROM deals WHERE id IN (3, 4) UNION ALL SELECT id FROM persons LIMIT 30", 3),
    ("SELECT * FROM (SELECT id FROM persons UNION ALL SELECT id FROM deals UNION ALL SELECT 7) u LIMIT 5 OFFSET 8", 1),
    (
        "SELECT id, 'd' FROM deals WHERE id IN (3, 4) UNION ALL SELECT 1, 'x' UNION ALL SELECT id, 'p' FROM persons WHERE id = 5",
        3,
    ),
    ("SELECT MAX(update_time) FROM deals WHERE update_time IS NULL", 14),
    // From a key on.
    ("SELECT id FROM deals WHERE id > 100 ORDER BY id LIMIT 20", 3),
    ("SELECT id FROM deals WHERE id < 600 ORDER BY id DESC LIMIT 20", 1),
    // Text is never sorted by the server.
    ("SELECT title, id FROM deals ORDER BY title, id LIMIT 5", 13),
];

/// Statements whose rows have no order.
const UNORDERED: &[(&str, u64)] = &[
    ("SELECT id FROM deals WHERE add_time >= '2026-06-01'", 2),
    ("SELECT id FROM deals WHERE add_time < '2024-03-01'", 1),
    ("SELECT id FROM deals WHERE add_time BETWEEN '2026-03-01' AND '2026-06-01 12:00:00.5'", 4),
    ("SELECT id FROM deals WHERE update_time >= '2026-09-01'", 2),
    ("SELECT id FROM deals WHERE update_time < '2025-01-01'", 3),
    ("SELECT id FROM deals WHERE CAST(update_time AS DATE) = '2026-09-14'", 1),
    ("SELECT id FROM deals WHERE update_time >= '2026-09-01' OR update_time IS NULL", 13),
    ("SELECT id FROM deals WHERE update_time IS NULL", 13),
    ("SELECT id FROM deals WHERE modified_time >= '2026-09-01'", 3),
    ("SELECT id FROM deals WHERE modified_time >= '2026-09-01' AND status = 'open'", 2),
    ("SELECT id FROM deals WHERE modified_time >= '2000-01-01'", 13),
    ("SELECT id FROM deals WHERE update_time >= '2000-01-01'", 13),
    ("SELECT id FROM deals WHERE add_time >= '2000-01-01' AND add_time < '2024-03-01'", 1),
    (
        "SELECT d.id FROM (SELECT id FROM deals UNION ALL SELECT id FROM persons) d JOIN (SELECT id FROM organizations WHERE id IN (3, 4)) o ON o.id = d.id",
        6,
    ),
    ("SELECT id FROM deals UNION SELECT id FROM persons", 26),
    (
        "SELECT COUNT(*) FROM (SELECT owner_id FROM deals UNION ALL SELECT owner_id FROM persons) u WHERE owner_id = 1",
        2,
    ),
    ("SELECT id FROM deals WHERE id < 0 OR id > 610", 13),
    ("SELECT id FROM deals WHERE id BETWEEN 40 AND 90", 3),
    ("SELECT id FROM deals WHERE id NOT BETWEEN 40 AND 90", 13),
    ("SELECT id FROM deals WHERE owner_id = 1 OR status = 'won'", 13),
    ("SELECT id FROM deals WHERE status <> 'lost'", 7),
    ("SELECT id FROM deals WHERE NOT (status = 'won' OR status = 'open')", 6),
    ("SELECT id FROM persons WHERE modified_time >= '2026-09-20'", 2),
    ("SELECT id FROM organizations WHERE update_time > '2026-09-20' AND update_time <= '2026-09-28'", 1),
    ("SELECT d.id, p.name FROM deals d JOIN persons p ON d.person_id = p.id WHERE d.update_time >= '2026-09-20'", 3),
    ("SELECT d.id, p.name FROM deals d LEFT JOIN persons p ON d.person_id = p.id WHERE d.id IN (5, 9, 12)", 6),
    ("SELECT d.id FROM deals d LEFT JOIN persons p ON d.person_id = p.id WHERE d.id IN (5, 9, 12)", 3),
    ("SELECT id FROM persons WHERE id IN (SELECT person_id FROM deals WHERE update_time >= '2026-09-20')", 3),
    ("SELECT p.id FROM persons p WHERE NOT EXISTS (SELECT 1 FROM deals d WHERE d.person_id = p.id)", 26),
    ("SELECT a.id FROM deals a JOIN deals b ON a.id = b.id WHERE b.id IN (3, 4)", 4),
    ("SELECT COUNT(*) FROM deals d JOIN persons p ON d.person_id = p.id WHERE p.id = -1", 0),
];

#[test]
fn rows_are_the_same_and_cost_what_they_must() {
    let world = World::with(Config { deals: 620, persons: 560, organizations: 130, burst: None, ..Config::default() });
    let on = world.open(&[("PageSize", "50")]).unwrap();
    let off = world.open(&[("PageSize", "50"), ("Pushdown", "off")]).unwrap();
    for table in ["deals", "persons", "organizations"] {
        rows(&on, &format!("SELECT * FROM {table} WHERE 1 = 0"), &[]).unwrap();
    }
    let mut failures = Vec::new();
    for (sql, price, ordered) in ORDERED
        .iter()
        .map(|(sql, price)| (sql, price, true))
        .chain(UNORDERED.iter().map(|(sql, price)| (sql, price, false)))
    {
        world.cost();
        let mut found = rows(&on, sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let (requests, _) = world.cost();
        let mut expected = rows(&off, sql, &[]).unwrap();
        if found.is_empty() && *price > 0 && !sql.contains("zzz") {
            failures.push(format!("{sql}: no rows, so nothing is compared"));
        }
        if !ordered {
            found.sort();
            expected.sort();
        }
        if found != expected {
            failures.push(format!("{sql}: {} rows, {} expected", found.len(), expected.len()));
        }
        // Where the two ends of a long list meet, a page may have been asked for in vain.
        if requests != *price && !(*price > 10 && requests + 1 == *price) {
            failures.push(format!("{sql}: {requests} requests, {price} expected"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_union_reads_no_branch_before_its_rows_are_wanted() {
    let world = World::with(Config { deals: 120, persons: 90, organizations: 60, burst: None, ..Config::default() });
    let session = world.open(&[("PageSize", "50")]).unwrap();
    for table in ["deals", "persons", "organizations"] {
        rows(&session, &format!("SELECT * FROM {table} WHERE 1 = 0"), &[]).unwrap();
    }
    let call = Call::default();
    for (sql, price) in [
        ("SELECT id FROM deals UNION ALL SELECT id FROM persons UNION ALL SELECT id FROM organizations", 1),
        ("SELECT title FROM deals WHERE id > 0 UNION ALL SELECT name FROM persons WHERE name <> ''", 1),
        ("SELECT x.id + 1 FROM (SELECT id FROM deals UNION ALL SELECT id FROM persons) x WHERE x.id > 0", 1),
    ] {
        world.cost();
        let prepared = session.prepare(sql, &call).unwrap();
        let mut found = session.execute(&prepared, &[], 0, &call).unwrap();
        assert!(found.next(&call).unwrap().is_some_and(|batch| batch.num_rows() > 0));
        drop(found);
        std::thread::sleep(std::time::Duration::from_millis(100));
        assert_eq!(world.cost().0, price, "{sql}");
    }
}
