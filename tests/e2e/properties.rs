//! Connection properties that shape tables and results: each does what README says of it, through the engine, and through
//! the driver by way of its connection string.

use odbc_api::{Connection, ResultSetMetadata};
use pipedrive_sandbox::dataset::{CustomValue, Entity};
use pipedrive_sandbox::{Config, Edit};
use pipedrive_sql::call::Call;
use pipedrive_sql::{ErrorKind, Session, SqlType};

use crate::engine::{World, cells, open, rows};
use crate::manager::{self, connect, connection_string, fetch, state};
use crate::queries::{Row, deals};

fn small() -> World {
    World::with(Config { deals: 620, persons: 60, organizations: 130, burst: None, ..Config::default() })
}

#[track_caller]
fn ok(session: &Session, sql: &str) -> Vec<Vec<String>> {
    rows(session, sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// A table that is not there: the message.
#[track_caller]
fn missing(session: &Session, sql: &str) -> String {
    let error = rows(session, sql, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownTable, "{error}");
    error.message().to_owned()
}

#[track_caller]
fn driven(connection: &Connection<'_>, sql: &str) -> Vec<Row> {
    manager::rows(connection, sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// What a catalog call of the driver gives in one of its columns.
fn tables(connection: &Connection<'_>) -> Vec<String> {
    let cursor = connection.preallocate().unwrap().into_tables_cursor("", "", "", "").unwrap();
    fetch(cursor)
        .unwrap()
        .into_iter()
        .map(|row| row[1..3].iter().flatten().cloned().collect::<Vec<_>>().join("."))
        .collect()
}

fn columns(connection: &Connection<'_>, table: &str) -> Vec<Row> {
    let cursor = connection.preallocate().unwrap().into_columns_cursor("", "", table, "").unwrap();
    fetch(cursor).unwrap()
}

#[test]
fn the_database_is_pipedrive() {
    let world = small();
    let connection = connect(&connection_string(&world, "Database=PIPEDRIVE;")).unwrap();
    assert_eq!(connection.current_catalog().unwrap(), "pipedrive");
    assert_eq!(driven(&connection, "SELECT COUNT(*) FROM pipedrive.crm.deals"), [[Some("620".to_owned())]]);
    for alias in ["Database", "Catalog", "Initial Catalog"] {
        let (_, message) = state(connect(&connection_string(&world, &format!("{alias}=acme;"))).map(drop).unwrap_err());
        assert!(message.contains("Database=acme cannot be used") && message.contains("is pipedrive"), "{message}");
    }
}

#[test]
fn a_bare_name_is_looked_up_in_the_schema_first_and_then_in_crm() {
    let world = small();
    let session = world.session();
    assert!(missing(&session, "SELECT * FROM fields").contains("did you mean 'meta.fields'?"));
    let meta = world.open(&[("Schema", "meta")]).unwrap();
    let sql = "SELECT COUNT(*) FROM fields WHERE fields.table_name = 'users' AND is_custom = 0";
    assert_eq!(ok(&meta, sql), [["20"]]);
    assert_eq!(ok(&meta, "SELECT COUNT(*) FROM deals d JOIN crm.deals e ON d.id = e.id"), [["620"]]);
    assert_eq!(ok(&meta, "WITH fields AS (SELECT id FROM users) SELECT COUNT(*) FROM fields"), [["8"]]);
    // A schema that is named is meant.
    assert!(missing(&meta, "SELECT * FROM meta.deals").contains("no table meta.deals; did you mean 'deals'?"));
    assert!(missing(&meta, "SELECT * FROM requests").contains("no table requests; did you mean 'sys.requests'?"));
    assert!(missing(&meta, "SELECT * FROM dealz").contains("no table dealz; did you mean 'deals'?"));
    let connection = connect(&connection_string(&world, "Schema=SYS;")).unwrap();
    let count = |sql: &str| driven(&connection, sql)[0][0].clone().unwrap().parse::<u64>().unwrap();
    assert_eq!(count("SELECT COUNT(*) FROM deals"), 620);
    assert!(count("SELECT COUNT(*) FROM requests") > 0);
    // The catalog is the same wherever names are looked up.
    assert_eq!(tables(&connection), tables(&connect(&connection_string(&world, "")).unwrap()));
    let base = driven(&connection, "SELECT COUNT(*) FROM \"deals\" WHERE \"deals\".\"id\" = 1");
    assert_eq!(base, [[Some("1".to_owned())]]);
}

#[test]
fn the_smaller_of_max_rows_and_the_statement_attribute_counts() {
    let world = small();
    let session = world.open(&[("MaxRows", "7"), ("PageSize", "50")]).unwrap();
    ok(&session, "SELECT * FROM deals WHERE 1 = 0");
    let found = |session: &Session, sql: &str, attribute| {
        let call = Call::default();
        let prepared = session.prepare(sql, &call).unwrap();
        let mut rows = session.execute(&prepared, &[], attribute, &call).unwrap();
        let mut count = 0;
        while let Some(batch) = rows.next(&call).unwrap() {
            count += batch.num_rows();
        }
        count
    };
    world.cost();
    for (attribute, expected) in [(0, 7), (3, 3), (100, 7)] {
        assert_eq!(found(&session, "SELECT id FROM deals", attribute), expected);
        assert_eq!(world.cost(), (1, 10), "a page in place of thirteen");
    }
    // It ends results, not what they are made of.
    assert_eq!(ok(&session, "SELECT COUNT(*) FROM deals"), [["620"]]);
    assert_eq!(found(&session, "SELECT id FROM deals LIMIT 5", 0), 5);
    assert_eq!(found(&session, "SELECT column_name FROM meta.fields", 0), 7);
    world.cost();
    let told = ok(&session, "EXPLAIN SELECT id FROM deals");
    assert!(told[0][2].contains("until 7 rows are found"), "{told:?}");
    let without = world.open(&[("PageSize", "50"), ("MaxRows", "0")]).unwrap();
    assert_eq!((found(&without, "SELECT id FROM deals", 0), found(&without, "SELECT id FROM deals", 3)), (620, 3));
}

#[test]
fn max_rows_of_a_connection_string_ends_results_but_not_the_catalog() {
    let world = small();
    let connection = connect(&connection_string(&world, "MaxRows=2;")).unwrap();
    assert_eq!(driven(&connection, "SELECT id FROM deals ORDER BY id").len(), 2);
    assert!(tables(&connection).len() > 2 && columns(&connection, "deals").len() > 2);
    // As with SQL_ATTR_MAX_ROWS, which is another limit beside it.
    assert!(driven(&connection, "EXPLAIN SELECT id FROM deals ORDER BY title").len() > 1);
}

#[test]
fn only_tables_of_the_property_exist() {
    let world = small();
    let pairs = [("Tables", "deals*, users ,sys.requests")];
    let session = world.open(&pairs).unwrap();
    let there = ["deals", "deals_all", "deals_archived", "deals_deleted", "users", "fields", "requests"];
    let names: Vec<_> = session.tables().iter().map(|table| table.name).collect();
    assert_eq!(names, there);
    world.cost();
    let described = ok(&session, "SELECT DISTINCT table_name FROM meta.fields ORDER BY table_name");
    assert_eq!(described.concat(), there[..5]);
    assert_eq!(world.cost(), (1, 10), "definitions of deals alone");
    for table in ["persons", "crm.persons", "\"pipedrive\".\"crm\".\"persons\""] {
        let message = missing(&session, &format!("SELECT * FROM {table}"));
        assert_eq!(message, "the property Tables leaves out the table persons; add it there to use it");
    }
    // Nothing that is left out is suggested.
    assert_eq!(missing(&session, "SELECT * FROM person"), "there is no table person");
    assert!(missing(&session, "SELECT * FROM dealz").contains("did you mean 'deals'?"));
    let all = world.session().tables();
    let persons = all.iter().find(|table| table.name == "persons").unwrap();
    let error = session.columns(persons, &Call::default()).unwrap_err();
    assert!(error.kind() == ErrorKind::UnknownTable && error.message().contains("property Tables"), "{error}");
    let deals = all.iter().find(|table| table.name == "deals").unwrap();
    let references = session.columns(deals, &Call::default()).unwrap();
    let targets: Vec<_> = references.iter().filter_map(|column| column.references.map(|to| to.1)).collect();
    assert!(!targets.is_empty() && targets.iter().all(|table| *table == "users"), "{targets:?}");
    // What other tables have is told with the property that hides them.
    let session = world.open(&[("Tables", "deals")]).unwrap();
    let call = Call::default();
    let prepared = session.prepare("SELECT id FROM deals WHERE is_archived = 1", &call).unwrap();
    let mut none = session.execute(&prepared, &[], 0, &call).unwrap();
    assert!(none.next(&call).unwrap().is_none());
    assert!(
        none.warnings().iter().any(|warning| warning.message.contains("deals_all has it, but the property Tables"))
    );
}

#[test]
fn tables_that_are_left_out_are_42s02_and_not_in_the_catalog() {
    let world = small();
    let connection = connect(&connection_string(&world, "Tables={persons,meta.*};")).unwrap();
    let own = ["meta.fields", "sys.api_usage", "sys.connection", "sys.requests", "sys.settings"];
    assert_eq!(tables(&connection), [own.as_slice(), &["crm.persons"]].concat());
    assert_eq!(columns(&connection, "deals"), Vec::<Row>::new());
    assert!(!columns(&connection, "persons").is_empty());
    let (code, message) = state(manager::rows(&connection, "SELECT * FROM deals", &[]).unwrap_err());
    assert!(code == "42S02" && message.contains("property Tables leaves out the table deals"), "{code}: {message}");
    let wrong = connect(&connection_string(&world, "Tables=person;")).map(drop).unwrap_err();
    assert!(state(wrong).1.contains("no table matches 'person'; did you mean persons?"));
}

/// The option ids of a field of a deal, as a column gives them.
fn ids(value: Option<&CustomValue>) -> Option<String> {
    match value? {
        CustomValue::Choice(id) => Some(id.to_string()),
        CustomValue::Choices(ids) => Some(ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")),
        _ => None,
    }
}

#[test]
fn option_columns_give_ids_on_request() {
    let world = small();
    let data = world.sandbox.dataset();
    let session = world.open(&[("OptionValues", "id")]).unwrap();
    let sql = "SELECT id, \"Lead Source\", \"Interests\", label_ids FROM deals ORDER BY id";
    let types: Vec<_> =
        session.prepare(sql, &Call::default()).unwrap().columns().iter().map(|column| column.sql_type).collect();
    assert_eq!(types, [SqlType::BigInt, SqlType::BigInt, SqlType::Varchar(1024), SqlType::Varchar(1024)]);
    let value = |deal: &pipedrive_sandbox::dataset::Deal, label| ids(data.labelled(Entity::Deals, &deal.custom, label));
    let labels = |ids: &[i64]| {
        Some(ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
    };
    let expected: Vec<Row> = deals(data)
        .map(|deal| {
            let own = labels(&deal.label_ids);
            vec![Some(deal.id.to_string()), value(&deal, "Lead Source"), value(&deal, "Interests"), own]
        })
        .collect();
    assert!(expected.iter().any(|row| row[2].as_ref().is_some_and(|text| text.contains(", "))));
    assert!(expected.iter().any(|row| row[3].is_some()));
    assert_eq!(cells(ok(&session, sql)), expected);
    let counted = expected.iter().filter(|row| row[1].as_deref() == Some("101")).count().to_string();
    assert_ne!(counted, "0");
    assert_eq!(ok(&session, "SELECT COUNT(*) FROM deals WHERE \"Lead Source\" = 101"), [[counted.clone()]]);
    let label = "SELECT COUNT(*) FROM deals WHERE \"Lead Source\" = 'Website'";
    assert_eq!(ok(&world.session(), label), [[counted]]);
    assert_eq!(rows(&session, label, &[]).unwrap_err().kind(), ErrorKind::Conversion);
    let told = ok(&session, "EXPLAIN SELECT id FROM deals WHERE \"Lead Source\" = 101");
    assert!(told[0][8].to_lowercase().contains("lead source") && told[0][8].contains("= 101 ["), "{told:?}");
    let sql =
        "SELECT data_type, option_count FROM meta.fields WHERE table_name = 'deals' AND column_name = 'Lead Source'";
    assert_eq!(ok(&session, sql), [["BIGINT", "6"]]);
    assert_eq!(ok(&world.session(), sql), [["VARCHAR(255)", "6"]]);
    // Built-in options: numbers, but for one that is documented as a text.
    let sql = "SELECT industry, COUNT(*) FROM organizations WHERE industry > 0 GROUP BY industry";
    assert!(!ok(&session, sql).is_empty());
    assert_eq!(ok(&session, "SELECT id FROM products WHERE category > '0' AND category NOT LIKE '%a%'").len(), {
        data.products().filter(|one| !one.is_deleted && one.category.is_some()).count()
    });
}

#[test]
fn ids_of_options_need_no_definitions_where_there_are_no_custom_fields() {
    let world = World::with(Config { refuse_admin: true, ..Config::default() });
    let session = world.open(&[("OptionValues", "id")]).unwrap();
    world.cost();
    let found = ok(&session, "SELECT priority FROM activities WHERE priority IS NOT NULL ORDER BY id LIMIT 1");
    assert!(found[0][0].parse::<i64>().is_ok(), "{found:?}");
    assert!(session.warnings().is_empty());
    assert!(world.sandbox.requests().iter().all(|request| !request.path.contains("Fields")));
    // An option that no definition has is no reason to read them again.
    let unknown = pipedrive_sandbox::dataset::UNKNOWN_OPTION.to_string();
    ok(&session, "SELECT 1 FROM organizations WHERE 1 = 0");
    world.cost();
    let found = ok(&session, "SELECT \"Certificates\", \"Customer Tier\" FROM organizations");
    assert!(found.iter().flatten().any(|cell| cell.contains(&unknown)), "nothing to find");
    assert_eq!(world.cost(), (1, 10));
}

#[test]
fn options_are_counted_by_definitions_that_are_known_and_none_are_read_for_that() {
    let world = small();
    let sql = "SELECT option_count FROM meta.fields WHERE table_name = 'activities' AND column_name = 'priority'";
    let ids = || world.open(&[("OptionValues", "id")]).unwrap();
    let read = || world.sandbox.requests().iter().any(|request| request.path.contains("activityFields"));
    assert_eq!(rows(&ids(), sql, &[]).unwrap(), [["NULL"]]);
    assert!(!read());
    assert_eq!(ok(&world.session(), sql), [["3"]]);
    assert!(read());
    world.cost();
    assert_eq!(ok(&ids(), sql), [["3"]]);
    assert!(!read());
    // Values stay ids.
    let found = ok(&ids(), "SELECT priority FROM activities WHERE priority IS NOT NULL ORDER BY id LIMIT 1");
    assert!(found[0][0].parse::<i64>().is_ok(), "{found:?}");
}

#[test]
fn ids_of_options_through_the_driver() {
    let world = small();
    let connection = connect(&connection_string(&world, "OptionValues=ID;")).unwrap();
    let described = columns(&connection, "deals");
    let named = |name: &str| described.iter().find(|row| row[3].as_deref() == Some(name)).unwrap();
    assert_eq!(named("Lead Source")[5].as_deref(), Some("BIGINT"));
    assert_eq!(named("Interests")[5].as_deref(), Some("VARCHAR"));
    let found =
        driven(&connection, "SELECT DISTINCT \"Lead Source\" FROM deals WHERE \"Lead Source\" <= 102 ORDER BY 1");
    assert_eq!(found, [[Some("101".to_owned())], [Some("102".to_owned())]]);
    let mut statement = connection.prepare("SELECT \"Lead Source\" FROM deals").unwrap();
    assert_eq!(statement.col_data_type(1).unwrap(), odbc_api::DataType::BigInt);
}

#[test]
fn address_parts_can_be_left_out() {
    let world = small();
    let session = world.open(&[("AddressParts", "off")]).unwrap();
    let all = world.session();
    for (table, address, gone) in [
        ("deals", "Installation Address", 10),
        ("persons", "postal_address", 9),
        ("organizations", "address", 9),
        ("activities", "location", 9),
    ] {
        let sql = format!("SELECT * FROM {table} WHERE 1 = 0");
        let count = |session: &Session| session.prepare(&sql, &Call::default()).unwrap().columns().len();
        assert_eq!(count(&session) + gone, count(&all), "{table}");
        let sql = format!("SELECT id, \"{address}\" FROM {table} WHERE \"{address}\" IS NOT NULL ORDER BY id");
        let found = ok(&session, &sql);
        assert!(!found.is_empty() && found == ok(&all, &sql), "{table}");
    }
    let error = rows(&session, "SELECT address_country FROM organizations", &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownColumn, "{error}");
    // Ranges of times keep theirs: they are no addresses.
    ok(&session, "SELECT \"Delivery Window\", \"Delivery Window_until\" FROM deals WHERE 1 = 0");
    let connection = connect(&connection_string(&world, "AddressParts=off;")).unwrap();
    let names: Vec<_> = columns(&connection, "organizations").into_iter().filter_map(|row| row[3].clone()).collect();
    assert!(names.contains(&"address".to_owned()) && !names.iter().any(|name| name.starts_with("address_")));
}

#[test]
fn properties_of_reading_change_what_a_statement_costs_and_gives() {
    let world = small();
    let data = world.sandbox.dataset();
    let archived = data.deals().filter(|deal| deal.is_archived && !deal.is_deleted).count();
    ok(&world.session(), "SELECT 1 FROM deals WHERE 1 = 0");
    let cost = |properties: &str, sql: &str| {
        let connection = connect(&connection_string(&world, properties)).unwrap();
        world.cost();
        (driven(&connection, sql).len(), world.cost().0)
    };
    let all = "SELECT id FROM deals";
    assert_eq!(cost("", all), (620, 2));
    assert_eq!(cost("PageSize=100;", all), (620, 7));
    assert_eq!(cost("IncludeArchived=on;", all).0, 620 + archived);
    let one = "SELECT id FROM deals WHERE id = 7";
    assert_eq!(cost("PageSize=100;", one), (1, 1));
    assert_eq!(cost("PageSize=100;Pushdown=off;", one), (1, 7));
}

#[test]
fn definitions_are_read_again_when_they_are_older_than_metadata_max_age() {
    let world = small();
    let names = |connection: &Connection<'_>| {
        columns(connection, "deals").into_iter().filter_map(|row| row[3].clone()).collect::<Vec<_>>()
    };
    let add = |name: &str| {
        let (entity, name, field_type) = (Entity::Deals, name.to_owned(), "varchar".to_owned());
        world.sandbox.edit(Edit::AddField { entity, name, field_type, options: Vec::new() }).unwrap();
    };
    let kept = connect(&connection_string(&world, "")).unwrap();
    let never = connect(&connection_string(&world, "MetadataMaxAge=0;")).unwrap();
    let second = connect(&connection_string(&world, "MetadataMaxAge=1;")).unwrap();
    names(&kept);
    names(&second);
    add("Added");
    world.cost();
    assert!(!names(&kept).contains(&"Added".to_owned()), "an hour has not passed");
    assert_eq!(world.cost(), (0, 0));
    assert!(names(&never).contains(&"Added".to_owned()));
    names(&never);
    assert_eq!(world.cost(), (2, 20), "0 reads them whenever they are needed");
    add("Later");
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    assert!(names(&second).contains(&"Later".to_owned()));
    // The proof of the token, too.
    world.cost();
    drop(connect(&connection_string(&world, "")).unwrap());
    assert_eq!(world.cost(), (0, 0));
    drop(connect(&connection_string(&world, "MetadataMaxAge=0;")).unwrap());
    assert_eq!(world.cost(), (1, 2));
}

#[test]
fn definitions_and_proofs_stand_in_the_folder_of_state_location() {
    let world = small();
    let other = tempfile::tempdir().unwrap();
    let pairs = |state: &str| {
        let mut pairs = world.pairs(&[]);
        pairs.retain(|(name, _)| name != "StateLocation");
        pairs.push(("StateLocation".to_owned(), state.to_owned()));
        pairs
    };
    let cost = |state: &str| {
        ok(&open(pairs(state)).unwrap(), "SELECT * FROM deals WHERE 1 = 0");
        world.cost()
    };
    let folder = other.path().to_str().unwrap();
    assert_eq!(cost(folder), (2, 12));
    assert_eq!(cost(folder), (0, 0), "another connection finds them");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let aside = |name: &String| name.starts_with("bu") || name == "lock" || name == "pipedrive-odbc";
    let files: Vec<_> = files.filter(|name| !aside(name)).collect();
    assert_eq!(files.len(), 2, "index and state, budget, locks and marker aside: {files:?}");
    assert_eq!(cost(world.state.path().to_str().unwrap()), (2, 12), "another folder has none");
    let string = |state: &str| connection_string(&world, "").replace(world.state.path().to_str().unwrap(), state);
    drop(connect(&string("memory")).unwrap());
    assert_eq!(world.cost(), (1, 2), "memory has none at first");
    drop(connect(&string("Memory")).unwrap());
    assert_eq!(world.cost(), (0, 0));
}

/// A workbook names the folder: what is somebody else's stays as it is.
#[test]
fn a_folder_with_files_of_others_is_left_alone_and_told() {
    let world = small();
    let foreign = tempfile::tempdir().unwrap();
    let files = [("index.json", r#"{"name":"my web site","pages":[]}"#), ("burst", "balloons")];
    for (name, content) in files {
        std::fs::write(foreign.path().join(name), content).unwrap();
    }
    let mut pairs = world.pairs(&[]);
    pairs.retain(|(name, _)| name != "StateLocation");
    pairs.push(("StateLocation".to_owned(), foreign.path().to_str().unwrap().to_owned()));
    let session = open(pairs).unwrap();
    let warnings: Vec<_> = session.warnings().into_iter().map(|warning| warning.message).collect();
    assert!(warnings.iter().any(|text| text.contains("not this driver's")), "{warnings:?}");
    ok(&session, "SELECT * FROM deals WHERE id < 10");
    drop(session);
    for (name, content) in files {
        assert_eq!(std::fs::read_to_string(foreign.path().join(name)).unwrap(), content);
    }
    assert_eq!(std::fs::read_dir(foreign.path()).unwrap().count(), files.len());
}
