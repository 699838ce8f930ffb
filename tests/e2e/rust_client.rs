//! A Rust application: `odbc-api` through the driver manager.

use odbc_api::Cursor;
use odbc_api::buffers::TextRowSet;

use crate::engine::World;
use crate::manager::{connect, connection_string, fetch, rows};
use crate::queries::queries;

#[test]
fn the_ten_queries() {
    let world = World::new();
    let connection = connect(&connection_string(&world, "")).unwrap();
    for table in ["deals", "persons", "organizations", "stages"] {
        drop(connection.prepare(&format!("SELECT * FROM {table}")).unwrap());
    }
    world.cost();
    for query in queries(world.sandbox.dataset()) {
        let found = rows(&connection, &query.sql, &query.parameters);
        let found = found.unwrap_or_else(|error| panic!("{}: {error}", query.name));
        query.check(found, world.cost());
    }
}

#[test]
fn connecting_costs_one_request_once() {
    let world = World::new();
    drop(connect(&connection_string(&world, "")).unwrap());
    assert_eq!(world.cost(), (1, 2));
    drop(connect(&connection_string(&world, "")).unwrap());
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn two_hundred_rows_of_an_open_select_cost_one_request() {
    let world = World::new();
    let connection = connect(&connection_string(&world, "")).unwrap();
    drop(connection.prepare("SELECT * FROM deals").unwrap());
    world.cost();
    let mut cursor = connection.execute("SELECT id, title FROM deals", (), None).unwrap().unwrap();
    let buffer = TextRowSet::for_cursor(200, &mut cursor, Some(4096)).unwrap();
    let mut bound = cursor.bind_buffer(buffer).unwrap();
    assert_eq!(bound.fetch().unwrap().unwrap().num_rows(), 200);
    drop(bound);
    assert_eq!(world.cost(), (1, 10));
}

#[test]
fn the_catalog_lists_tables_and_columns_with_their_custom_fields() {
    let world = World::new();
    let connection = connect(&connection_string(&world, "")).unwrap();
    world.cost();
    let tables =
        fetch(connection.preallocate().unwrap().into_tables_cursor("pipedrive", "%", "%", "").unwrap()).unwrap();
    let named = |schema: &str, table: &str, kind: &str| {
        let name = [schema, table, kind].map(|text| Some(text.to_owned()));
        tables.iter().any(|row| row[1..4] == name)
    };
    assert!(named("crm", "deals", "TABLE") && named("sys", "requests", "SYSTEM TABLE"), "{tables:?}");
    assert_eq!(world.cost(), (0, 0));
    let columns = connection.preallocate().unwrap().into_columns_cursor("pipedrive", "crm", "deals", "%").unwrap();
    let columns = fetch(columns).unwrap();
    let names: Vec<_> = columns.iter().filter_map(|row| row[3].as_deref()).collect();
    assert_eq!(names[..3], ["id", "title", "owner_id"]);
    assert!(names.contains(&"Lead Source") && names.contains(&"Contract Value_currency"), "{names:?}");
    assert_eq!(world.cost(), (1, 10));
}
