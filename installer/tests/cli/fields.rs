//! Names of custom columns on their way from one machine to another.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use pipedrive_sandbox::Fault;

use crate::{World, json};

#[test]
fn names_are_carried_from_one_machine_to_another() {
    let world = World::new();
    world.ok(&["dsn", "add", "Demo", "Timeout=30"]);
    let map = world.ok(&["fields", "export", "--dsn", "Demo"]);
    let names = json(&map);
    assert_eq!(names["format"], 1);
    let deals = names["entities"]["deals"].as_object().unwrap();
    let name = deals.values().next().unwrap().as_str().unwrap().to_owned();
    let file = world.path("fields.json");
    let path = file.to_str().unwrap();
    let told = world.run(&["fields", "export", "--dsn", "Demo", "--output", path, "--json"]);
    assert_eq!((told.code, told.out.as_str()), (0, ""), "{told:?}");
    assert_eq!(world.read("fields.json"), map);
    let count: usize =
        names["entities"].as_object().unwrap().values().map(|fields| fields.as_object().unwrap().len()).sum();
    assert_eq!(json(&told.err)["summary"]["fields"], count);
    // Another machine: nothing is known there yet.
    let state = world.path("elsewhere");
    world.ok(&["dsn", "add", "Server", &format!("StateLocation={}", state.display())]);
    world.write("fields.json", &map.replace(&format!("\"{name}\""), "\"Carried Name\""));
    let read = json(&world.ok(&["fields", "import", path, "--dsn", "Server", "--json"]));
    assert_eq!((&read["fields"], &read["changed"]), (&count.into(), &count.into()), "{read}");
    let rows = |data_source: &str, name: &str| {
        let sql = format!("SELECT \"{name}\" FROM deals WHERE id < 40 ORDER BY id");
        world.ok(&["query", "--dsn", data_source, "--format", "csv", &sql])
    };
    let (here, there) = (rows("Demo", &name), rows("Server", "Carried Name"));
    assert!(there.starts_with("Carried Name\r\n"), "{there}");
    assert!(here.lines().skip(1).eq(there.lines().skip(1)) && here.lines().count() > 5, "{here}");
    let again = world.ok(&["fields", "import", path, "--dsn", "Server"]);
    assert!(again.contains(", 0 of them new"), "{again}");
    // The first machine has its own names still.
    world.fails(6, &["query", "--dsn", "Demo", "SELECT \"Carried Name\" FROM deals WHERE id = 1"]);
}

#[test]
fn nothing_is_spent_on_a_file_that_cannot_be_written() {
    let world = World::new();
    world.ok(&["dsn", "add", "Demo", "Timeout=30"]);
    world.write("old.json", "mine");
    let old = world.path("old.json");
    fs::set_permissions(&old, fs::Permissions::from_mode(0o444)).unwrap();
    assert!(Command::new("mkfifo").arg(world.path("pipe")).status().unwrap().success());
    for (path, code, part) in [
        (Path::new("/no/such/folder/x"), 6, "/no/such/folder"),
        (world.home.path(), 2, "no regular file"),
        (&world.path("pipe"), 2, "no regular file"),
        (&old, 7, "read-only"),
    ] {
        let told = world.fails(code, &["fields", "export", "--dsn", "Demo", "--output", path.to_str().unwrap()]);
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(world.sandbox.stats().requests, 0);
    assert_eq!(world.read("old.json"), "mine");
    // One that can be written stays as it is when reading fails.
    fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).unwrap();
    world.sandbox.arm(Fault::unauthorized().times(99));
    world.fails(3, &["fields", "export", "--dsn", "Demo", "--output", old.to_str().unwrap()]);
    assert_eq!(world.read("old.json"), "mine");
    let left: Vec<_> = fs::read_dir(world.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_str().unwrap().starts_with(".tmp")), "{left:?}");
}

#[test]
fn what_cannot_be_imported_says_why() {
    let world = World::new();
    world.ok(&["dsn", "add", "Demo", "Timeout=30"]);
    world.ok(&["dsn", "add", "Memory", "StateLocation=memory"]);
    world.ok(&["dsn", "add", "Slug", "CustomFieldNames=slug"]);
    world.write(
        "map.json",
        r#"{"format": 1, "names": "label", "entities": {"deals": {"abc": "Region"}, "robots": {}}}"#,
    );
    world.write("none.json", "SECRET");
    let (map, none) = (world.path("map.json"), world.path("none.json"));
    let (map, none) = (map.to_str().unwrap(), none.to_str().unwrap());
    let told = world.fails(6, &["fields", "import", "/no/such/file", "--dsn", "Demo"]);
    assert!(told.contains("/no/such/file"), "{told}");
    let told = world.fails(2, &["fields", "import", none, "--dsn", "Demo"]);
    assert!(told.contains("no field map") && told.contains(none) && !told.contains("SECRET"), "{told}");
    assert_eq!(world.sandbox.stats().requests, 0, "the file is looked at first");
    let told = world.fails(2, &["fields", "import", map, "--dsn", "Memory"]);
    assert!(told.contains("StateLocation"), "{told}");
    let ran = world.run(&["fields", "import", map, "--dsn", "Slug"]);
    assert!(ran.code == 0 && ran.err.contains("another CustomFieldNames") && ran.err.contains("'robots'"), "{ran:?}");
    world.fails(6, &["fields", "export", "--dsn", "nowhere"]);
}
