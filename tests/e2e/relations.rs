//! Tables are relations: which rows `deals` and its siblings have, whatever a statement says, and which lists are read.

use std::collections::BTreeSet;

use pipedrive_sandbox::dataset::{Dataset, Deal, Status};
use pipedrive_sql::Session;

use crate::engine::{World, rows};

/// Ids that a statement gives, each once.
#[track_caller]
fn ids(session: &Session, sql: &str) -> BTreeSet<i64> {
    let found = rows(session, sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let ids: BTreeSet<i64> = found.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(ids.len(), found.len(), "{sql} gives a row twice");
    ids
}

fn of(data: &Dataset, belongs: impl Fn(&Deal) -> bool) -> BTreeSet<i64> {
    data.deals().filter(belongs).map(|deal| deal.id).collect()
}

#[test]
fn each_table_has_its_rows_and_all_has_them_all() {
    let world = World::new();
    let data = world.sandbox.dataset();
    let session = world.session();
    let live = of(data, |deal| !deal.is_archived && !deal.is_deleted);
    let archived = of(data, |deal| deal.is_archived && !deal.is_deleted);
    let deleted = of(data, |deal| deal.is_deleted);
    assert!(live.len() > 2000 && archived.len() > 10 && deleted.len() > 10);
    assert_eq!(ids(&session, "SELECT id FROM deals"), live);
    assert_eq!(ids(&session, "SELECT id FROM deals_archived"), archived);
    assert_eq!(ids(&session, "SELECT id FROM deals_deleted"), deleted);
    assert_eq!(ids(&session, "SELECT id FROM deals_all"), of(data, |_| true));
    let both = world.open(&[("IncludeArchived", "true")]).unwrap();
    assert_eq!(ids(&both, "SELECT id FROM deals"), of(data, |deal| !deal.is_deleted));
    assert_eq!(ids(&both, "SELECT id FROM deals WHERE is_archived = 1"), archived);
    let remarks = |session: &Session| session.tables().into_iter().find(|table| table.name == "deals").unwrap().remarks;
    assert!(remarks(&both).contains("archived ones included") && !remarks(&session).contains("included"));
}

#[test]
fn definitions_of_deals_are_read_once_for_all_tables_of_deals() {
    let world = World::new();
    let session = world.session();
    for table in ["deals", "deals_archived", "deals_deleted", "deals_all"] {
        rows(&session, &format!("SELECT * FROM {table} WHERE 1 = 0"), &[]).unwrap();
    }
    assert_eq!(world.cost(), (2, 12), "users/me and dealFields");
}

#[test]
fn flags_choose_lists() {
    let world = World::new();
    let data = world.sandbox.dataset();
    let session = world.session();
    rows(&session, "SELECT * FROM deals_all WHERE 1 = 0", &[]).unwrap();
    let paths = || {
        let asked: BTreeSet<String> =
            world.sandbox.requests().iter().map(|request| request.path.trim_start_matches("/api").to_owned()).collect();
        world.sandbox.reset_stats();
        asked.into_iter().collect::<Vec<_>>().join(" ")
    };
    paths();
    type Belongs = fn(&Deal) -> bool;
    let cases: [(&str, Belongs, &str); 7] = [
        ("is_archived = 1", |deal| deal.is_archived, "/v2/deals /v2/deals/archived"),
        ("is_archived = 0", |deal| !deal.is_archived, "/v2/deals /v2/deals/archived"),
        (
            "is_deleted = 1 AND is_archived = 0",
            |deal| deal.is_deleted && !deal.is_archived,
            "/v2/deals /v2/deals/archived",
        ),
        ("is_deleted = 0 AND is_archived = 0", |deal| !deal.is_deleted && !deal.is_archived, "/v2/deals"),
        ("NOT is_deleted = 1 AND is_archived = 1", |deal| deal.is_archived && !deal.is_deleted, "/v2/deals/archived"),
        ("is_deleted = 1", |deal| deal.is_deleted, "/v2/deals /v2/deals/archived"),
        (
            "is_archived = 1 OR is_deleted = 1",
            |deal| deal.is_archived || deal.is_deleted,
            "/v2/deals /v2/deals/archived",
        ),
    ];
    for (condition, belongs, lists) in cases {
        let found = ids(&session, &format!("SELECT id FROM deals_all WHERE {condition}"));
        assert_eq!((found, paths().as_str()), (of(data, belongs), lists), "{condition}");
    }
}

#[test]
fn one_key_finds_its_row_in_whichever_list_it_is() {
    let world = World::new();
    let data = world.sandbox.dataset();
    let session = world.session();
    let one = |belongs: fn(&Deal) -> bool| data.deals().find(belongs).unwrap().id;
    let live = one(|deal| !deal.is_archived && !deal.is_deleted);
    let archived = one(|deal| deal.is_archived && !deal.is_deleted);
    let deleted = one(|deal| deal.is_deleted && !deal.is_archived);
    for (table, has) in [
        ("deals", [true, false, false]),
        ("deals_archived", [false, true, false]),
        ("deals_deleted", [false, false, true]),
        ("deals_all", [true, true, true]),
    ] {
        for (id, has) in [live, archived, deleted].into_iter().zip(has) {
            let found = ids(&session, &format!("SELECT id FROM {table} WHERE id = {id}"));
            assert_eq!(found.contains(&id), has, "{table} {id}");
        }
    }
}

#[test]
fn what_a_table_leaves_out_is_nowhere_in_it_and_the_warning_says_where() {
    let world = World::new();
    let session = world.session();
    let call = pipedrive_sql::call::Call::default();
    for condition in ["is_archived = 1", "status = 'deleted'", "is_deleted = 1"] {
        let prepared = session.prepare(&format!("SELECT id FROM deals WHERE {condition}"), &call).unwrap();
        world.cost();
        let mut found = session.execute(&prepared, &[], 0, &call).unwrap();
        assert!(found.next(&call).unwrap().is_none(), "{condition}");
        assert_eq!(world.cost(), (0, 0), "{condition}");
        let warnings = found.warnings();
        assert_eq!(warnings.len(), 1, "{condition}: {warnings:?}");
        assert!(warnings[0].message.contains("deals_all"), "{condition}: {}", warnings[0].message);
    }
}

/// A predicate that reaches the scan and one that does not see the same rows: nothing about which rows exist depends on a
/// filter being seen.
#[test]
fn a_condition_never_makes_a_row_appear() {
    let world = World::new();
    let session = world.session();
    let all = ids(&session, "SELECT id FROM deals");
    let won = of(world.sandbox.dataset(), |deal| deal.status == Status::Won && !deal.is_archived && !deal.is_deleted);
    for condition in [
        "is_archived = 1",
        "is_deleted = 1",
        "status = 'deleted'",
        "status IN ('won', 'deleted')",
        "id IN (SELECT id FROM deals_archived)",
        "id IN (SELECT id FROM deals_deleted)",
        "COALESCE(is_archived, 1) = 1",
    ] {
        for shape in [
            "SELECT id FROM deals WHERE {}",
            "SELECT id FROM (SELECT * FROM deals) d WHERE {}",
            "WITH d AS (SELECT * FROM deals) SELECT id FROM d WHERE {}",
            "SELECT id FROM (SELECT * FROM deals ORDER BY id LIMIT 5000) d WHERE {}",
            "SELECT id FROM deals WHERE CASE WHEN {} THEN 1 ELSE 0 END = 1",
            "SELECT id FROM deals GROUP BY id, is_archived, is_deleted, status HAVING {}",
        ] {
            let sql = shape.replace("{}", condition);
            let found = ids(&session, &sql);
            assert!(found.is_subset(&all), "{sql}");
            assert_eq!(found, if condition.contains("won") { won.clone() } else { BTreeSet::new() }, "{sql}");
        }
    }
    let joined =
        "SELECT a.id FROM deals a LEFT JOIN deals b ON a.id = b.id AND b.is_archived = 1 WHERE b.id IS NOT NULL";
    assert!(ids(&session, joined).is_empty());
}
