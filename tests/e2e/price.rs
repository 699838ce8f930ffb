//! What statements cost, in requests and tokens as the sandbox counts them.

use pipedrive_sandbox::Config;
use pipedrive_sql::call::Call;

use crate::engine::{World, rows};

#[test]
fn the_first_connect_costs_one_request_and_the_next_one_none() {
    let world = World::new();
    drop(world.session());
    assert_eq!(world.cost(), (1, 2));
    drop(world.session());
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn definitions_are_read_once_and_by_need() {
    let world = World::new();
    let session = world.session();
    session.tables();
    world.cost();
    let deals = rows(&session, "SELECT * FROM deals", &[]).unwrap();
    assert_eq!(deals.len(), 2300);
    assert_eq!(world.cost(), (6, 60), "five pages and the definitions of deals");
    rows(&session, "SELECT * FROM deals", &[]).unwrap();
    assert_eq!(world.cost(), (5, 50));
    let next = world.session();
    rows(&next, "SELECT * FROM deals", &[]).unwrap();
    assert_eq!(world.cost(), (5, 50), "the next session finds the definitions in the state folder");
    rows(&session, "SELECT name FROM persons WHERE id = 1", &[]).unwrap();
    assert_eq!(world.cost(), (2, 11), "the definitions of persons and one record");
}

#[test]
fn a_preview_costs_one_request() {
    let world = World::new();
    let session = world.session();
    let call = Call::default();
    let prepared = session.prepare("SELECT * FROM deals", &call).unwrap();
    world.cost();
    let mut open = session.execute(&prepared, &[], 0, &call).unwrap();
    assert_eq!(world.cost(), (0, 0), "nothing is read before the first fetch");
    let batch = open.next(&call).unwrap().unwrap();
    assert!(batch.num_rows() >= 200);
    drop(open);
    assert_eq!(world.cost(), (1, 10));
    for sql in
        ["SELECT * FROM deals LIMIT 10", "SELECT TOP 10 * FROM deals", "SELECT id FROM deals WHERE value > 0 LIMIT 10"]
    {
        assert_eq!(rows(&session, sql, &[]).unwrap().len(), 10, "{sql}");
        assert_eq!(world.cost(), (1, 10), "{sql}");
    }
    let prepared = session.prepare("SELECT * FROM deals", &call).unwrap();
    let mut limited = session.execute(&prepared, &[], 7, &call).unwrap();
    assert_eq!(limited.next(&call).unwrap().unwrap().num_rows(), 7);
    assert!(limited.next(&call).unwrap().is_none());
    assert_eq!(world.cost(), (1, 10), "max_rows acts like LIMIT");
}

#[test]
fn the_first_of_many_rows_is_there_before_the_second_page_is_asked_for() {
    let world = World::with(Config { deals: 100_000, ..Config::default() });
    let session = world.session();
    let call = Call::default();
    let prepared = session.prepare("SELECT id, title FROM deals", &call).unwrap();
    world.cost();
    let mut open = session.execute(&prepared, &[], 0, &call).unwrap();
    assert!(open.next(&call).unwrap().is_some());
    assert_eq!(world.sandbox.stats().requests, 1);
}

#[test]
fn after_two_pages_the_next_one_is_asked_for_while_rows_are_taken() {
    let world = World::with(Config { deals: 620, burst: None, ..Config::default() });
    let session = world.open(&[("PageSize", "50")]).unwrap();
    let call = Call::default();
    for sql in ["SELECT id FROM deals ORDER BY id DESC", "SELECT id FROM deals WHERE add_time >= '2024-01-01'"] {
        let prepared = session.prepare(sql, &call).unwrap();
        world.cost();
        let mut open = session.execute(&prepared, &[], 0, &call).unwrap();
        let mut asked = Vec::new();
        for _ in 0..4 {
            open.next(&call).unwrap().unwrap();
            // What is read ahead needs a moment to be sent.
            std::thread::sleep(std::time::Duration::from_millis(300));
            asked.push(world.sandbox.stats().requests);
        }
        assert_eq!(asked, [1, 2, 4, 5], "{sql}");
    }
}

#[test]
fn what_can_never_be_true_costs_nothing() {
    let world = World::new();
    let session = world.session();
    session.prepare("SELECT * FROM deals", &Call::default()).unwrap();
    world.cost();
    for condition in ["1 = 0", "id = 1 AND id = 2", "id = 0", "id = NULL", "status = 'nothing'", "id IN (NULL)"] {
        let sql = format!("SELECT * FROM deals WHERE {condition}");
        assert!(rows(&session, &sql, &[]).unwrap().is_empty(), "{sql}");
        assert_eq!(world.cost(), (0, 0), "{sql}");
    }
}

#[test]
fn keys_are_single_gets_up_to_three_and_ids_from_four_on() {
    let world = World::new();
    let session = world.session();
    session.prepare("SELECT * FROM deals", &Call::default()).unwrap();
    let ids: Vec<i64> = crate::queries::deals(world.sandbox.dataset()).map(|deal| deal.id).take(120).collect();
    world.cost();
    for (count, cost) in [(1, (1, 1)), (2, (2, 2)), (3, (3, 3)), (4, (1, 10)), (50, (1, 10)), (120, (2, 20))] {
        let list = ids[..count].iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let found = rows(&session, &format!("SELECT id FROM deals WHERE id IN ({list})"), &[]).unwrap();
        assert_eq!(found.len(), count);
        assert_eq!(world.cost(), cost, "{count} keys");
    }
}

#[test]
fn a_statement_stops_before_it_spends_more_than_max_tokens() {
    let world = World::new();
    let session = world.open(&[("MaxTokens", "30")]).unwrap();
    session.prepare("SELECT * FROM deals", &Call::default()).unwrap();
    world.cost();
    let error = rows(&session, "SELECT id FROM deals", &[]).unwrap_err();
    assert_eq!(error.kind(), pipedrive_sql::ErrorKind::Budget, "{error}");
    assert!(error.message().contains("MaxTokens"), "{error}");
    assert_eq!(world.cost(), (3, 30));
}

#[test]
fn explain_costs_nothing_and_names_the_calls() {
    let world = World::new();
    let session = world.session();
    session.prepare("SELECT * FROM deals", &Call::default()).unwrap();
    world.cost();
    let plan = rows(&session, "EXPLAIN SELECT title FROM deals WHERE status = 'won' AND value > 5", &[]).unwrap();
    let text = plan.concat().join(" ");
    assert!(text.contains("GET /api/v2/deals") && text.contains("status=won"), "{text}");
    assert!(text.contains("value"), "the predicate that is evaluated here is named: {text}");
    assert_eq!(world.cost(), (0, 0));
}
