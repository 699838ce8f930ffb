//! Names of custom columns on two machines: pins exported on one and given to the other, by the property FieldMap or by
//! import.

use std::fs;
use std::path::PathBuf;

use pipedrive_sandbox::dataset::Entity;
use pipedrive_sandbox::{Edit, Fault};
use pipedrive_sql::call::Call;
use pipedrive_sql::model::{FieldMap, NameStyle};
use pipedrive_sql::state::Folder;
use pipedrive_sql::{ErrorKind, Session};
use tempfile::TempDir;

use crate::engine::{World, open, rows};
use crate::manager::{self, connect, connection_string, state};

/// The key of a custom field of deals.
fn key(world: &World, label: &str) -> String {
    world.sandbox.fields(Entity::Deals).into_iter().find(|field| field.is_custom && field.name == label).unwrap().code
}

fn rename(world: &World, from: &str, to: &str) {
    let edit = Edit::RenameField { entity: Entity::Deals, key: key(world, from), name: to.to_owned() };
    world.sandbox.edit(edit).unwrap();
}

/// The custom columns of deals, in order.
fn names(session: &Session) -> Vec<String> {
    let sql = "SELECT column_name FROM meta.fields WHERE table_name = 'deals' AND is_custom = 1 ORDER BY ordinal";
    rows(session, sql, &[]).unwrap().concat()
}

/// A session with a state folder of its own, as on another machine.
fn elsewhere(world: &World, more: &[(&str, &str)]) -> (TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    let mut pairs = world.pairs(more);
    pairs.retain(|(name, _)| name != "StateLocation");
    pairs.push(("StateLocation".to_owned(), folder.path().to_str().unwrap().to_owned()));
    let session = open(pairs).unwrap();
    (folder, session)
}

fn written(folder: &TempDir, text: &str) -> PathBuf {
    let file = folder.path().join("names.json");
    fs::write(&file, text).unwrap();
    file
}

/// A desktop that saw fields before one was renamed, and the file that it exports.
fn desktop(world: &World) -> (Vec<String>, String) {
    let session = world.session();
    let names = names(&session);
    rename(world, "Lead Source", "Source of lead");
    // Who sees the old name given to another field must not mix them up.
    rename(world, "Campaign", "Lead Source");
    let map = session.field_map(&Call::default()).unwrap();
    assert!(names.contains(&"Lead Source".to_owned()) && names.contains(&"Campaign".to_owned()));
    (names, map.to_json())
}

#[test]
fn a_server_names_columns_as_the_desktop_did() {
    let world = World::new();
    let (expected, json) = desktop(&world);
    let (_folder, alone) = elsewhere(&world, &[]);
    let discovered = names(&alone);
    assert!(discovered.contains(&"Source of lead".to_owned()) && discovered != expected, "{discovered:?}");
    let place = tempfile::tempdir().unwrap();
    let file = written(&place, &json);
    let (_folder, mapped) = elsewhere(&world, &[("FieldMap", file.to_str().unwrap())]);
    assert_eq!(names(&mapped), expected);
    // By import, also where other names were pinned already.
    let map = FieldMap::read(&file).unwrap();
    let changed = alone.import_field_map(&map, &Call::default()).unwrap();
    assert!(changed > 0);
    assert_eq!(names(&alone), expected);
    assert_eq!(alone.import_field_map(&map, &Call::default()).unwrap(), 0);
    // The columns have the values of the same fields.
    let sql = "SELECT id, \"Lead Source\", \"Campaign\" FROM deals ORDER BY id LIMIT 50";
    let found = rows(&world.session(), sql, &[]).unwrap();
    assert_eq!(rows(&mapped, sql, &[]).unwrap(), found);
    assert_eq!(rows(&alone, sql, &[]).unwrap(), found);
}

#[test]
fn the_driver_reads_the_file_that_the_connection_string_names() {
    let world = World::new();
    let (_, json) = desktop(&world);
    let file = written(&world.state, &json);
    let (folder, _session) = elsewhere(&world, &[]);
    let string = connection_string(&world, &format!("FieldMap={};", file.display()));
    let string = string.replace(
        &format!("StateLocation={}", world.state.path().display()),
        &format!("StateLocation={}", folder.path().display()),
    );
    let connection = connect(&string).unwrap();
    manager::rows(&connection, "SELECT \"Lead Source\", \"Campaign\" FROM deals WHERE 1 = 0", &[]).unwrap();
    fs::write(&file, "{}").unwrap();
    let (code, message) = state(connect(&string).map(drop).unwrap_err());
    assert_eq!(code, "08001", "{message}");
    assert!(message.contains("FieldMap=") && message.contains("no field map"), "{message}");
}

#[test]
fn pins_are_exported_from_the_state_folder_without_a_request() {
    let world = World::new();
    let session = world.session();
    names(&session);
    let (folder, _) = Folder::at(world.state.path());
    let owners = folder.owners().unwrap();
    assert_eq!(owners.len(), 1);
    world.cost();
    let kept = folder.field_map(&owners[0], NameStyle::Label).unwrap();
    assert_eq!(world.cost(), (0, 0));
    let now = session.field_map(&Call::default()).unwrap();
    assert_eq!(world.cost(), (4, 40), "deals, persons, organizations, products");
    for record in ["deals", "persons", "organizations", "products"] {
        assert!(!kept.pins(record).is_empty());
        assert_eq!(kept.pins(record), now.pins(record));
    }
    assert_eq!(FieldMap::parse(now.to_json().as_bytes()).unwrap(), now);
    // What may not be read now is exported as it was known, and told.
    world.sandbox.arm(Fault::refuse_scope().on("/api/v2/productFields"));
    assert!(session.warnings().is_empty());
    assert_eq!(session.field_map(&Call::default()).unwrap(), now);
    let warned = session.warnings();
    assert!(warned.len() == 1 && warned[0].message.contains("names of products"), "{warned:?}");
}

#[test]
fn a_field_that_is_gone_or_yet_to_come_is_kept_in_the_map() {
    let world = World::new();
    let session = world.session();
    names(&session);
    let gone = key(&world, "Campaign");
    world.sandbox.edit(Edit::DeleteField { entity: Entity::Deals, key: gone.clone() }).unwrap();
    let map = session.field_map(&Call::default()).unwrap();
    assert_eq!(map.pins("deals").last().map(|pin| (&pin.key, &*pin.name)), Some((&gone, "Campaign")));
    let place = tempfile::tempdir().unwrap();
    let file = written(&place, r#"{"format": 1, "entities": {"deals": {"unknown-key": "Hotline"}}}"#);
    let (_folder, session) = elsewhere(&world, &[("FieldMap", file.to_str().unwrap())]);
    let found = names(&session);
    let hotline = format!("Hotline_{}", &key(&world, "Hotline")[..4]);
    assert!(found.contains(&hotline) && !found.contains(&"Hotline".to_owned()), "the name waits: {found:?}");
}

#[test]
fn names_whose_columns_would_clash_are_told_with_both_fields() {
    let world = World::new();
    let (one, other) = (key(&world, "Contract Value"), key(&world, "Hotline"));
    let place = tempfile::tempdir().unwrap();
    let text = format!(r#"{{"format": 1, "entities": {{"deals": {{"{one}": "Fee", "{other}": "Fee_currency"}}}}}}"#);
    let file = written(&place, &text);
    let (_folder, session) = elsewhere(&world, &[("FieldMap", file.to_str().unwrap())]);
    let error = rows(&session, "SELECT id FROM deals", &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Property);
    for part in ["FieldMap", "'Fee_currency'", &one, &other] {
        assert!(error.message().contains(part), "{error}");
    }
}
