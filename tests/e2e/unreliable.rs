//! A host that answers wrongly: all rows, or an error that names the cause; never fewer.

use std::time::Duration;

use pipedrive_sandbox::dataset::Entity;
use pipedrive_sandbox::{Config, Edit, Fault};
use pipedrive_sql::{ErrorKind, Session};

use crate::engine::{World, rows};

/// What must come of it.
enum Outcome {
    /// The rows that a host without faults gives.
    Rows,
    /// An error of this kind whose text has these words.
    Error(ErrorKind, &'static str),
}

use Outcome::{Error, Rows};

const ALL: &str = "SELECT id, title FROM deals";
const KEYS: &str = "SELECT id FROM deals WHERE id BETWEEN 20 AND 200";
/// More keys than there is room for in the last request.
const MANY: &str = "SELECT id FROM deals WHERE id BETWEEN 20 AND 519";
const JOIN: &str =
    "SELECT d.id, p.name FROM deals d JOIN persons p ON d.person_id = p.id WHERE d.update_time >= '2026-08-01'";
const LATEST: &str = "SELECT id FROM deals ORDER BY update_time DESC, id LIMIT 10";
const RECENT: &str = "SELECT id FROM deals WHERE add_time >= '2026-01-01'";

/// Statements, what befalls the third page or the first that it can befall, and what must come of it.
fn cases() -> Vec<(&'static str, Fault, Outcome)> {
    vec![
        (ALL, Fault::cut_body().after(2), Rows),
        (ALL, Fault::cut_body().after(2).times(9), Error(ErrorKind::Network, "cut off")),
        (ALL, Fault::truncated_json().after(2), Error(ErrorKind::Network, "ended early")),
        (ALL, Fault::status(503).after(2), Rows),
        (ALL, Fault::status(500).after(2).times(9), Error(ErrorKind::Network, "500")),
        (ALL, Fault::burst429().after(2), Rows),
        (ALL, Fault::unauthorized().after(2), Error(ErrorKind::SignIn, "")),
        (ALL, Fault::refuse_scope().after(2), Error(ErrorKind::Forbidden, "deals:read")),
        (ALL, Fault::expired_cursor().after(2), Error(ErrorKind::General, "cursor")),
        (ALL, Fault::repeated_cursor().after(2), Error(ErrorKind::Network, "cursor that it had given before")),
        // Out of order, so the list is read anew; once more, and it is an error.
        (ALL, Fault::repeat_page().after(2), Rows),
        (ALL, Fault::repeat_page().after(2).times(9), Error(ErrorKind::Network, "twice")),
        (ALL, Fault::foreign_rows().after(2), Rows),
        (ALL, Fault::disorder().after(2), Rows),
        (ALL, Fault::slow_bytes(Duration::from_millis(2)).after(2), Rows),
        (ALL, Fault::missing_member("id").after(2), Error(ErrorKind::Network, "no id")),
        (ALL, Fault::ignore_parameter("cursor").after(2), Error(ErrorKind::Network, "cursor that it had given before")),
        // A record that comes when it is asked for again was left out before, and so may be others.
        (KEYS, Fault::drop_ids(), Error(ErrorKind::Network, "left out record")),
        (KEYS, Fault::drop_ids().after(1), Error(ErrorKind::Network, "left out record")),
        (MANY, Fault::drop_ids().times(99), Error(ErrorKind::Network, "left out record")),
        (KEYS, Fault::ignore_parameter("ids"), Error(ErrorKind::Network, "not asked for")),
        (KEYS, Fault::disorder(), Rows),
        (JOIN, Fault::drop_ids(), Error(ErrorKind::Network, "left out record")),
        (JOIN, Fault::ignore_parameter("updated_since"), Rows),
        (LATEST, Fault::ignore_parameter("sort_by"), Rows),
        (LATEST, Fault::ignore_parameter("sort_direction"), Rows),
        (LATEST, Fault::disorder(), Rows),
        (RECENT, Fault::ignore_parameter("sort_by"), Rows),
        (RECENT, Fault::ignore_parameter("sort_direction"), Rows),
        (RECENT, Fault::disorder(), Rows),
        ("SELECT id FROM deals WHERE id > 500 ORDER BY id DESC", Fault::disorder(), Error(ErrorKind::Network, "order")),
        ("SELECT id FROM deals WHERE status = 'won'", Fault::ignore_parameter("status").times(99), Rows),
        ("SELECT id FROM deals WHERE status = 'won' LIMIT 7", Fault::ignore_parameter("status").times(99), Rows),
        ("SELECT id FROM deals WHERE stage_id = 2", Fault::ignore_parameter("stage_id"), Rows),
        ("SELECT id FROM deals_deleted", Fault::ignore_parameter("status"), Error(ErrorKind::Network, "is_deleted")),
        ("SELECT id FROM deals_all", Fault::foreign_rows().after(1), Rows),
    ]
}

fn sorted(session: &Session, sql: &str) -> Result<Vec<Vec<String>>, pipedrive_sql::Error> {
    let mut rows = rows(session, sql, &[])?;
    rows.sort();
    Ok(rows)
}

#[test]
fn all_rows_or_an_error_that_names_the_cause() {
    let mut failures = Vec::new();
    for (sql, fault, outcome) in cases() {
        // A world of its own: what the driver learns from one fault must not help it with the next.
        let config = Config { deals: 520, persons: 300, organizations: 40, burst: None, ..Config::default() };
        let world = World::with(config);
        let expected = sorted(&world.open(&[("PageSize", "50")]).unwrap(), sql).unwrap();
        let session = world.open(&[("PageSize", "50")]).unwrap();
        world.sandbox.arm(fault.clone().on("/api/v2"));
        let armed = world.sandbox.faults_left();
        let wrong = match (outcome, sorted(&session, sql)) {
            (Rows, Ok(found)) if found == expected => None,
            (Rows, Ok(found)) => Some(format!("{} rows, {} expected", found.len(), expected.len())),
            (Error(kind, words), Err(error)) if error.kind() == kind && error.message().contains(words) => None,
            (Error(_, words), Ok(found)) => Some(format!("{} rows, no '{words}'", found.len())),
            (_, Err(error)) => Some(format!("{:?}: {error}", error.kind())),
        };
        let met = world.sandbox.faults_left() < armed;
        let wrong = wrong.or_else(|| (!met).then(|| "the fault was not met".to_owned()));
        failures.extend(wrong.map(|wrong| format!("{sql}: {fault:?}: {wrong}")));
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn a_few_rows_that_lie_in_order_by_chance_do_not_hide_a_host_that_ignores_sort_by() {
    let mut failures = Vec::new();
    let tables = ["deals", "persons", "organizations", "activities"];
    let orders = tables.into_iter().flat_map(|table| ["", " DESC"].map(|direction| (table, direction)));
    let statements = orders
        .map(|(table, direction)| format!("SELECT id FROM {table} ORDER BY update_time{direction}, id LIMIT 1"))
        .chain([RECENT.to_owned()]);
    for (sql, size) in statements.flat_map(|sql| ["2", "3", "4"].map(|size| (sql.clone(), size))) {
        let sql = sql.as_str();
        let world =
            World::with(Config { deals: 120, persons: 60, organizations: 40, burst: None, ..Config::default() });
        let expected = sorted(&world.open(&[("Pushdown", "off")]).unwrap(), sql).unwrap();
        let session = world.open(&[("PageSize", size)]).unwrap();
        world.sandbox.arm(Fault::ignore_parameter("sort_by").times(999).on("/api/v2"));
        let found = sorted(&session, sql);
        if found.as_ref().ok() != Some(&expected) {
            failures.push(format!("{size} a page: {sql}: {found:?}"));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// What narrows the bin down further could leave a page of live deals empty, and nothing would tell.
#[test]
fn a_host_that_gives_live_deals_in_place_of_deleted_ones_is_noticed_however_narrow_the_question() {
    let world = World::with(Config::default());
    let session = world.session();
    let deleted = rows(&session, "SELECT id, person_id FROM deals_deleted WHERE person_id IS NOT NULL", &[]);
    let deleted = deleted.unwrap();
    assert!(deleted.len() > 3, "{deleted:?}");
    for row in &deleted {
        let (id, person) = (&row[0], &row[1]);
        let sql = format!("SELECT id FROM deals_deleted WHERE person_id = {person}");
        for after in [0, 1] {
            let expected = sorted(&session, &sql).unwrap();
            assert!(expected.contains(&vec![id.clone()]), "{expected:?}");
            world.sandbox.arm(Fault::ignore_parameter("status").on("/api/v2/deals").after(after));
            match sorted(&session, &sql) {
                Ok(found) => assert_eq!(found, expected, "{sql}, after {after}"),
                Err(error) => assert!(error.message().contains("is_deleted"), "{error}"),
            }
            world.sandbox.disarm();
        }
    }
}

#[test]
fn a_field_that_was_deleted_since_its_definition_was_read_is_an_error_and_the_next_statement_knows() {
    let world = World::new();
    let sql = "SELECT id, \"Lead Source\" FROM deals";
    rows(&world.session(), sql, &[]).unwrap();
    // Definitions of an hour ago, kept in the state folder.
    age_definitions(&world);
    let session = world.session();
    let field = world.sandbox.fields(Entity::Deals).into_iter().find(|field| field.name == "Lead Source").unwrap();
    world.sandbox.edit(Edit::DeleteField { entity: Entity::Deals, key: field.code }).unwrap();
    let error = rows(&session, sql, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownColumn, "{error}");
    assert!(error.message().contains("Lead Source") && error.message().contains("deleted"), "{error}");
    assert_eq!(rows(&session, sql, &[]).unwrap_err().kind(), ErrorKind::UnknownColumn);
    assert_eq!(rows(&session, "SELECT id FROM deals", &[]).unwrap().len(), 2300);
}

#[test]
fn a_field_that_was_added_since_is_a_column_of_the_next_statement() {
    let world = World::new();
    rows(&world.session(), "SELECT * FROM deals WHERE 1 = 0", &[]).unwrap();
    age_definitions(&world);
    let session = world.session();
    let added = Edit::AddField {
        entity: Entity::Deals,
        name: "Harvest".into(),
        field_type: "varchar".into(),
        options: Vec::new(),
    };
    world.sandbox.edit(added).unwrap();
    assert_eq!(rows(&session, "SELECT Harvest FROM deals", &[]).unwrap_err().kind(), ErrorKind::UnknownColumn);
    // All fields are sent with more than fifteen of them asked for; one that is not defined is noticed.
    rows(&session, "SELECT * FROM deals", &[]).unwrap();
    assert_eq!(rows(&session, "SELECT Harvest FROM deals", &[]).unwrap().len(), 2300);
}

/// Makes the kept definitions ten minutes older than they are.
fn age_definitions(world: &World) {
    let mut aged = 0;
    for file in std::fs::read_dir(world.state.path()).unwrap().map(|file| file.unwrap().path()) {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let Ok(mut state) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
        let Some(definitions) = find(&mut state, "definitions") else { continue };
        for (_, one) in definitions.as_object_mut().unwrap() {
            one["read_at"] = (one["read_at"].as_u64().unwrap() - 600).into();
            aged += 1;
        }
        std::fs::write(&file, state.to_string()).unwrap();
    }
    assert!(aged > 0, "no definitions were kept");
}

fn find<'a>(value: &'a mut serde_json::Value, name: &str) -> Option<&'a mut serde_json::Value> {
    let members = value.as_object_mut()?;
    if members.contains_key(name) {
        return members.get_mut(name);
    }
    members.values_mut().find_map(|member| find(member, name))
}
