//! Procedures: what RefreshMetadata changes and costs, what stops a call, and what a log gets of one.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use pipedrive_sandbox::dataset::Entity;
use pipedrive_sandbox::{Edit, Fault};
use pipedrive_sql::call::Call;
use pipedrive_sql::{Error, ErrorKind, Session, Value};

use crate::calls::run_with;
use crate::engine::{World, rows};
use crate::manager::{self, connect, connection_string, state};
use crate::queries::Bound;

#[test]
fn python_programs_call_and_list_them() {
    run_with(&World::new(), "procedures_pyodbc.py", &[]);
}

/// Makes a custom field of deals.
fn add(world: &World, name: &str) {
    let (name, field_type) = (name.to_owned(), "varchar".to_owned());
    let edit = Edit::AddField { entity: Entity::Deals, name, field_type, options: Vec::new() };
    world.sandbox.edit(edit).unwrap();
}

fn has(session: &Session, table: &str, column: &str) -> bool {
    match rows(session, &format!("SELECT \"{column}\" FROM {table} WHERE 1 = 0"), &[]) {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::UnknownColumn => false,
        Err(error) => panic!("{error}"),
    }
}

/// The first column of what a call gives.
fn tables(session: &Session, sql: &str) -> Vec<String> {
    rows(session, sql, &[]).unwrap().into_iter().map(|mut row| row.remove(0)).collect()
}

#[test]
fn a_new_field_is_there_once_definitions_are_read_anew() {
    let world = World::new();
    let (session, other) = (world.session(), world.session());
    for table in ["deals", "deals_archived"] {
        assert!(!has(&session, table, "Fresh"));
    }
    assert!(!has(&other, "deals", "Fresh"));
    add(&world, "Fresh");
    assert!(!has(&session, "deals", "Fresh"), "definitions are kept for MetadataMaxAge");
    world.cost();
    assert_eq!(tables(&session, "EXEC RefreshMetadata 'deals'"), ["deals"]);
    assert_eq!(world.cost(), (1, 10));
    for table in ["deals", "deals_archived", "deals_all"] {
        assert!(has(&session, table, "Fresh"), "{table}");
    }
    assert!(has(&world.session(), "deals", "Fresh"), "a later connection has them of the state folder");
    assert!(!has(&other, "deals", "Fresh"), "a connection that knew others keeps them");
    assert_eq!(world.cost(), (0, 0));
}

#[test]
fn a_prepared_statement_keeps_the_columns_that_it_was_prepared_with() {
    let world = World::new();
    let (session, call) = (world.session(), Call::default());
    let plain = session.prepare("SELECT * FROM deals", &call).unwrap();
    let marked = session.prepare("SELECT * FROM deals WHERE id = ?", &call).unwrap();
    let columns = plain.columns().len();
    let late = session.prepare("SELECT * FROM deals WHERE id = ?", &call).unwrap();
    add(&world, "Fresh");
    rows(&session, "EXEC RefreshMetadata", &[]).unwrap();
    for (prepared, values) in [(&plain, vec![]), (&marked, vec![Value::BigInt(1)])] {
        let mut found = session.execute(prepared, &values, 1, &call).unwrap();
        assert_eq!(found.next(&call).unwrap().unwrap().num_columns(), columns);
    }
    let fields = world.sandbox.fields(Entity::Deals);
    let gone = fields.into_iter().find(|field| field.is_custom && field.name == "Lead Source").unwrap();
    world.sandbox.edit(Edit::DeleteField { entity: Entity::Deals, key: gone.code }).unwrap();
    rows(&session, "EXEC RefreshMetadata", &[]).unwrap();
    for (prepared, values) in [(&plain, vec![]), (&marked, vec![Value::BigInt(2)]), (&late, vec![Value::BigInt(2)])] {
        let outcome = session.execute(prepared, &values, 1, &call).and_then(|mut found| found.next(&call).map(drop));
        let error = outcome.unwrap_err();
        assert!(error.message().contains("prepare the statement anew"), "{error}");
    }
    let planned = session.prepare("SELECT * FROM deals", &call).unwrap();
    assert_eq!(planned.columns().last().map(|column| column.name.clone()).as_deref(), Some("Fresh"));
}

#[test]
fn the_tables_of_the_connection_are_read_and_no_others() {
    let world = World::new();
    let session = world.open(&[("Tables", "deals_archived,deals_deleted,persons,stages")]).unwrap();
    world.cost();
    assert_eq!(tables(&session, "EXEC RefreshMetadata"), ["deals_archived", "persons"]);
    assert_eq!(world.cost(), (2, 20));
    let error = rows(&session, "EXEC RefreshMetadata 'products'", &[]).unwrap_err();
    assert!(error.kind() == ErrorKind::UnknownTable && error.message().contains("Tables"), "{error}");
    // Activities have no custom fields, so their definitions give labels alone.
    let session = world.open(&[("OptionValues", "id")]).unwrap();
    assert_eq!(tables(&session, "EXEC RefreshMetadata"), ["deals", "organizations", "persons", "products"]);
    assert_eq!(tables(&session, "EXEC RefreshMetadata 'activities'"), ["activities"]);
    // The archive is in one table with the rest.
    let session = world.open(&[("IncludeArchived", "true")]).unwrap();
    let count = |session: &Session| rows(session, "SELECT COUNT(*) FROM deals", &[]).unwrap();
    let before = count(&session);
    rows(&session, "EXEC RefreshMetadata 'deals'", &[]).unwrap();
    assert_eq!(count(&session), before);
}

#[test]
fn what_is_refused_is_a_warning_and_stays_as_it_was() {
    let world = World::new();
    let session = world.session();
    assert!(has(&session, "deals", "Lead Source"));
    world.sandbox.arm(Fault::refuse_scope().on("/api/v2/dealFields"));
    assert_eq!(tables(&session, "EXEC RefreshMetadata"), ["activities", "organizations", "persons", "products"]);
    let warned = session.warnings();
    assert!(warned.len() == 1 && warned[0].message.contains("crm.deals"), "{warned:?}");
    assert!(has(&session, "deals", "Lead Source"));
}

fn refused(session: &Session, sql: &str, call: &Call) -> Error {
    let prepared = session.prepare(sql, &Call::default()).unwrap();
    session.execute(&prepared, &[], 0, call).map(drop).unwrap_err()
}

#[test]
fn limits_of_statements_are_those_of_calls() {
    let world = World::new();
    let session = world.open(&[("MaxTokens", "20")]).unwrap();
    let error = refused(&session, "EXEC RefreshMetadata", &Call::default());
    assert!(error.kind() == ErrorKind::Budget && error.message().contains("MaxTokens=20"), "{error}");
    assert_eq!(tables(&session, "EXEC RefreshMetadata 'deals'"), ["deals"], "each call has the whole of it");
    let session = world.open(&[("MaxRows", "2")]).unwrap();
    assert_eq!(tables(&session, "EXEC RefreshMetadata").len(), 2);
    world.sandbox.arm(Fault::delay(Duration::from_secs(20)).on("/api/v2/dealFields").times(50));
    let started = Instant::now();
    let call = Call { deadline: Some(started + Duration::from_millis(200)), ..Call::default() };
    assert_eq!(refused(&session, "EXEC RefreshMetadata 'deals'", &call).kind(), ErrorKind::Timeout);
    let call = Call::default();
    let cancel = call.cancel.clone();
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        cancel.cancel();
    });
    assert_eq!(refused(&session, "EXEC RefreshMetadata 'deals'", &call).kind(), ErrorKind::Cancelled);
    assert!(started.elapsed() < Duration::from_secs(10));
}

/// Which Verbosity shows what of calls that work, that fail and that cannot be read; secrets are in no log, wherever the
/// application put them.
#[test]
fn a_log_shows_calls_and_never_their_secrets() {
    let world = World::new();
    let place = tempfile::tempdir().unwrap();
    for verbosity in 1..=5 {
        let file = place.path().join(format!("{verbosity}.log"));
        let string = connection_string(&world, &format!("LogFile={};Verbosity={verbosity};", file.display()));
        let connection = connect(&string).unwrap();
        let secret = [Bound::Text("hush-bound-7")];
        manager::rows(&connection, "{call RefreshMetadata('products')}", &[]).unwrap();
        manager::rows(&connection, "EXEC RefreshMetadata ?", &[Bound::Text("persons")]).unwrap();
        for (sql, values) in [
            ("EXEC RefreshOAuthAccessToken 'hush-''literal-1'", &[][..]),
            ("EXEC GetOAuthAccessToken 'WEB', @Verifier = N'hush-2', State = 'state-of-mine'", &[]),
            ("{call RefreshOAuthAccessToken(?)}", &secret),
            ("CALL GetOAuthAccessToken(?)", &secret),
            ("EXEC RefreshOAuthAccessTokens 'hush-3'", &[]),
            ("EXEC RefreshOAuthAccessToken Token = 'hush-4'", &[]),
            ("EXEC RefreshOAuthAccessToken 'hush-5', 'hush-6'", &[]),
            ("EXEC RefreshOAuthAccessToken \"hush-7\"", &[]),
            ("EXEC RefreshOAuthAccessToken 'hush-8", &[]),
            ("EXPLAIN EXEC RefreshOAuthAccessToken 'hush-9'", &[]),
            ("SELECT 1; EXEC RefreshOAuthAccessToken 'hush-10'", &[]),
            ("{?=call RefreshOAuthAccessToken('hush-11')}", &[]),
            ("CALL GetOAuthAccessToken('hush-12')", &[]),
        ] {
            let (_, message) = state(manager::rows(&connection, sql, values).unwrap_err());
            assert!(!message.contains("hush"), "{message}");
        }
        // What was a secret in a call is one wherever it comes again.
        manager::rows(&connection, "SELECT 'hush-bound-7', 'hush-2', 'hush-''literal-1'", &[]).unwrap();
        drop(connection);
        let text = fs::read_to_string(&file).unwrap();
        let parts = [
            (2, ": EXEC RefreshMetadata TableName = ?\n"),
            (2, ": EXEC RefreshOAuthAccessToken OAuthRefreshToken = ***\n"),
            (2, ": all rows; rows 1, requests 1, tokens 10, "),
            (3, "GET /api/v2/productFields"),
            (5, "EXEC RefreshMetadata TableName = 'products'"),
            (5, "values of parameters: [Some(\"persons\")]"),
            (5, "values of parameters: [***]"),
            (5, "AuthMode = 'WEB', Verifier = ***, State = 'state-of-mine'"),
        ];
        for (from, part) in parts {
            assert_eq!(text.contains(part), verbosity >= from, "Verbosity={verbosity}, {part}:\n{text}");
        }
        assert!(!text.contains("hush"), "Verbosity={verbosity}:\n{text}");
        assert!(verbosity >= 5 || !text.contains("state-of-mine"), "Verbosity={verbosity}:\n{text}");
    }
}
