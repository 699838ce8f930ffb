//! `install` and `uninstall`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::{World, driver, json, manager};

const FOREIGN: &str =
    "\u{feff}; by hand\r\n[PostgreSQL]\r\nDriver = /usr/lib/psqlodbcw.so\r\n\r\n# end, without a newline";

fn install(world: &World, more: &[&str]) -> String {
    let driver = driver();
    world.ok(&[&["install", "--driver", driver.to_str().unwrap()], more].concat())
}

#[test]
fn odbcinst_and_isql_see_the_driver() {
    let world = World::new();
    install(&world, &["--system"]);
    let drivers = manager(&world, "odbcinst", &["-q", "-d"], "");
    assert!(drivers.lines().any(|line| line == "[Pipedrive]"), "{drivers}");
    let entry = manager(&world, "odbcinst", &["-q", "-d", "-n", "Pipedrive"], "");
    assert!(entry.contains(&format!("Driver={}", driver().display())), "{entry}");
    let rows = manager(&world, "isql", &["-k", "Driver=Pipedrive", "-b", "-v"], "SELECT COUNT(*) FROM users\n");
    assert!(rows.contains("| 8 "), "{rows}");
}

#[test]
fn a_user_installs_for_himself() {
    let world = World::new();
    install(&world, &["--user"]);
    assert!(world.read(".odbcinst.ini").contains("[Pipedrive]"));
    assert_eq!(world.read("system/odbcinst.ini"), "");
    let rows = manager(&world, "isql", &["-k", "Driver=Pipedrive", "-b", "-v"], "SELECT COUNT(*) FROM users\n");
    assert!(rows.contains("| 8 "), "{rows}");
}

#[test]
fn uninstalling_gives_the_file_back_byte_for_byte() {
    let world = World::new();
    world.write("system/odbcinst.ini", FOREIGN);
    install(&world, &["--system"]);
    let once = world.read("system/odbcinst.ini");
    assert!(once.starts_with(FOREIGN) && once.len() > FOREIGN.len(), "{once}");
    let told = install(&world, &["--system"]);
    assert!(told.contains("already registered"), "{told}");
    assert_eq!(world.read("system/odbcinst.ini"), once);
    let refused = world.fails(2, &["uninstall", "--system"]);
    assert!(refused.contains("--yes"), "{refused}");
    assert_eq!(world.read("system/odbcinst.ini"), once);
    world.ok(&["uninstall", "--system", "--yes"]);
    assert_eq!(world.read("system/odbcinst.ini"), FOREIGN);
    let gone = world.fails(6, &["uninstall", "--system", "--yes"]);
    assert!(gone.contains("not registered"), "{gone}");
}

#[test]
fn iodbc_gets_its_list_and_its_own_file() {
    let world = World::new();
    let driver = driver();
    let arguments = ["install", "--user", "--iodbc", "--driver", driver.to_str().unwrap(), "--json"];
    let own = world.path("iodbc.ini");
    let output = world.command(&arguments).env("ODBCINSTINI", &own).output().unwrap();
    let told = json(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(told["files"].as_array().unwrap().len(), 2, "{told}");
    for file in ["iodbc.ini", ".odbcinst.ini"] {
        assert!(world.read(file).starts_with("[ODBC Drivers]\nPipedrive=Installed\n\n[Pipedrive]\n"), "{file}");
    }
}

#[test]
fn another_file_is_not_taken_for_the_driver() {
    let world = World::new();
    world.write("x.so", "#!/bin/sh\n");
    let script = world.path("x.so");
    let refused = world.fails(2, &["install", "--user", "--driver", script.to_str().unwrap()]);
    assert!(refused.contains("not the Pipedrive ODBC driver"), "{refused}");
    let program = env!("CARGO_BIN_EXE_pipedrive-odbc");
    let refused = world.fails(2, &["install", "--user", "--driver", program]);
    assert!(refused.contains("exports no SQLDriverConnectW"), "{refused}");
    let missing = world.fails(6, &["install", "--user", "--driver", "/nowhere/x.so"]);
    assert!(missing.contains("/nowhere/x.so"), "{missing}");
    assert_eq!(world.read(".odbcinst.ini"), "");
}

#[test]
fn a_read_only_file_or_folder_is_a_clear_error() {
    let world = World::new();
    world.write("system/odbcinst.ini", "[A]\n");
    let (driver, file, folder) = (driver(), world.path("system/odbcinst.ini"), world.path("system"));
    let arguments = ["install", "--system", "--driver", driver.to_str().unwrap()];
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    let refused = world.fails(7, &arguments);
    assert!(refused.contains("odbcinst.ini is read-only"), "{refused}");
    fs::remove_file(&file).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let refused = world.fails(7, &arguments);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(refused.contains("read-only") || refused.contains("Permission denied"), "{refused}");
    assert!(!file.exists());
}

#[test]
fn quiet_says_nothing_of_what_was_done() {
    let world = World::new();
    let driver = driver();
    let silent = [
        &["install", "--system", "--driver", driver.to_str().unwrap(), "--quiet"][..],
        &["dsn", "add", "Sales", "CompanyDomain=acme", "--quiet"],
        &["dsn", "edit", "Sales", "Timeout=5", "--quiet"],
        &["dsn", "remove", "Sales", "--yes", "--quiet"],
        &["uninstall", "--system", "--yes", "--quiet"],
    ];
    for arguments in silent {
        let ran = world.run(arguments);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""), "{arguments:?}");
    }
    // Programs asked for the document.
    let told = json(&world.ok(&["dsn", "add", "Sales", "CompanyDomain=acme", "--quiet", "--json"]));
    assert_eq!(told["action"], "added");
}

#[test]
fn a_pipe_in_place_of_a_file_is_an_error_and_nobody_waits_for_it() {
    let world = World::new();
    fs::create_dir_all(world.path("system")).unwrap();
    for name in ["system/odbcinst.ini", ".odbcinst.ini", ".odbc.ini"] {
        assert!(std::process::Command::new("mkfifo").arg(world.path(name)).status().unwrap().success());
    }
    let driver = driver();
    let library = driver.to_str().unwrap();
    for (code, arguments) in [
        (1, &["install", "--system", "--driver", library][..]),
        (1, &["install", "--user", "--driver", library]),
        (6, &["uninstall", "--system", "--yes"]),
        (1, &["dsn", "add", "Sales", "CompanyDomain=acme"]),
        (0, &["dsn", "list"]),
    ] {
        let mut command = std::process::Command::new("timeout");
        command.arg("20").arg(env!("CARGO_BIN_EXE_pipedrive-odbc")).args(arguments);
        world.apply(&mut command);
        let ran = crate::Ran::of(command.output().unwrap());
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert_eq!(ran.err.contains("no regular file"), code == 1, "{arguments:?}: {ran:?}");
    }
}
