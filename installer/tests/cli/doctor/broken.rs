//! Configurations that are wrong: each is named, with its cure, and nothing is sent for it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::{assert_found, examined, healthy, of, settled};
use crate::{World, driver, json};

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A copy of the driver in which each mention of these bytes is another one of the same length.
fn changed(world: &World, from: &[u8], to: &[u8]) -> String {
    let mut bytes = fs::read(driver()).unwrap();
    let (first, mut at, mut count) = (from[0], 0, 0);
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == first) {
        at += found;
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
            count += 1;
        }
        at += 1;
    }
    assert!(count > 0);
    let path = world.path("libpipedriveodbc.so");
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn register(world: &World, library: &str) {
    world.write("system/odbcinst.ini", &format!("[Pipedrive]\nDriver={library}\n"));
}

#[test]
fn a_library_that_is_gone_or_something_else_is_a_problem() {
    let world = healthy();
    let gone = world.path("gone.so");
    register(&world, gone.to_str().unwrap());
    let (code, report) = examined(&world, &["--offline"]);
    assert_eq!(code, 8);
    for check in ["driver library", "registration"] {
        assert_found(&report, check, "problem", &["gone.so", "No such file", "install --driver"]);
    }
    world.write("gone.so", "#!/bin/sh\n");
    let (_, report) = examined(&world, &["--offline"]);
    assert_found(&report, "driver library", "problem", &["not the Pipedrive ODBC driver", "install"]);
}

#[test]
fn another_version_is_a_warning() {
    let world = healthy();
    let own = concat!("pipedrive-odbc/", env!("CARGO_PKG_VERSION"), " ");
    let other = own.replace(|letter: char| letter.is_ascii_digit(), "7");
    register(&world, &changed(&world, own.as_bytes(), other.as_bytes()));
    let (code, report) = examined(&world, &["--offline"]);
    assert_eq!(code, 8);
    assert_found(&report, "driver library", "warning", &["has version 7.7.7", "the same package"]);
}

#[test]
fn a_library_that_the_driver_needs_and_that_is_not_here_is_named_with_its_package() {
    let world = healthy();
    register(&world, &changed(&world, b"libgcc_s.so.1\0", b"libgcc_s.so.9\0"));
    let (_, report) = examined(&world, &["--offline"]);
    assert_found(&report, "driver library", "problem", &["needs libgcc_s.so.9", "libgcc-s1", "Fedora"]);
}

#[test]
fn a_function_that_is_not_exported_is_named() {
    let world = healthy();
    register(&world, &changed(&world, b"\0SQLFetchScroll\0", b"\0XQLFetchScroll\0"));
    let (_, report) = examined(&world, &["--offline"]);
    assert_found(&report, "driver library", "problem", &["does not offer SQLFetchScroll", "anew"]);
}

#[test]
fn a_registration_that_another_one_shadows_is_a_warning() {
    let world = healthy();
    let copy = changed(&world, b"libgcc_s.so.1\0", b"libgcc_s.so.1\0");
    world.write(".odbcinst.ini", &format!("[pipedrive]\nDriver={copy}\n"));
    let (_, report) = examined(&world, &["--offline"]);
    assert_found(&report, "registration", "warning", &["system/odbcinst.ini is not used", "uninstall --user"]);
    world.write(".odbcinst.ini", &format!("[Pipedrive]\nDriver={}\n", driver().display()));
    let (code, report) = examined(&world, &["--offline"]);
    assert_eq!(code, 0, "the same library twice is fine: {report:#}");
}

#[test]
fn a_variable_that_leads_nowhere_is_a_warning() {
    let world = healthy();
    let output =
        world.command(&["--json", "doctor", "--offline"]).env("ODBCSYSINI", "/no/such/folder").output().unwrap();
    let report = json(&String::from_utf8(output.stdout).unwrap());
    assert_found(&report, "driver managers", "warning", &["ODBCSYSINI=/no/such/folder", "unset ODBCSYSINI"]);
}

#[test]
fn wrong_keywords_values_and_drivers_are_named() {
    let world = healthy();
    for (text, level, parts) in [
        ("Driver=Pipedrive\nPageSize=0", "problem", &["PageSize=0", "1 to 500"][..]),
        ("Driver=Pipedrive\nPageSise=5", "warning", &["PageSise", "PageSize"]),
        ("Driver=/gone/libpipedriveodbc.so", "problem", &["/gone/libpipedriveodbc.so", "pipedrive-odbc install"]),
    ] {
        world.write(".odbc.ini", &format!("[Sales]\n{text}\n"));
        let (code, report) = examined(&world, &["--offline"]);
        assert_eq!(code, 8);
        assert_found(&report, "data sources", level, &[&["data source 'Sales'"], parts].concat());
    }
    world.write(".odbc.ini", "[Sales]\nTimeout=5\n");
    let (_, report) = examined(&world, &["--offline", "--dsn", "Sales"]);
    assert_found(&report, "data sources", "problem", &["names no driver", "dsn edit Sales Driver=Pipedrive"]);
    world.write(".odbc.ini", "[It's mine]\nTimeout=5\n");
    let (_, report) = examined(&world, &["--offline", "--dsn", "It's mine"]);
    assert_found(&report, "data sources", "problem", &[r"dsn edit 'It'\''s mine' Driver=Pipedrive"]);
}

#[test]
fn a_secret_that_others_can_read_is_a_problem_and_one_that_they_cannot_a_note() {
    let world = healthy();
    let secret = "5ec4e7a9c0ffee5ec4e7a9c0ffee5ec4e7a9c0ff";
    world.write(".odbc.ini", &format!("[Sales]\nDriver=Pipedrive\nPWD={secret}\n"));
    let file = world.path(".odbc.ini");
    for (bits, level, parts) in [
        (0o644, "problem", &["others can read PWD", "mode 644", "chmod 600", "TokenFile", "new token"][..]),
        (0o666, "problem", &["others can read and change PWD", "mode 666", "dsn edit Sales PWD="]),
        (0o600, "note", &["PWD", "mode 600"]),
    ] {
        mode(&file, bits);
        let ran = world.run(&["doctor", "--offline"]);
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{ran:?}");
        let (_, report) = examined(&world, &["--offline"]);
        assert_found(&report, "secrets in files", level, parts);
        assert!(!report.to_string().contains(secret), "{report}");
    }
}

#[test]
fn a_token_file_that_others_can_read_is_a_problem() {
    let world = healthy();
    world.write("token", world.sandbox.token());
    let file = world.path("token");
    let entry = format!("[Sales]\nDriver=Pipedrive\nBaseURL={}\nTokenFile={}\n", world.sandbox.url(), file.display());
    world.write(".odbc.ini", &entry);
    mode(&file, 0o644);
    let (_, report) = examined(&world, &["--offline"]);
    assert_found(&report, "token", "problem", &["everybody can read it", "chmod 400"]);
    mode(&file, 0o777);
    let (_, report) = examined(&world, &["--offline"]);
    assert_found(&report, "token", "problem", &["everybody can read and change it", "chmod 400"]);
    mode(&file, 0o400);
    let (code, report) = examined(&world, &["--offline"]);
    assert_eq!(code, 0, "{report:#}");
    assert_found(&report, "token", "ok", &["TokenFile", "(mode 400)"]);
}

#[test]
fn no_token_and_no_keyring_is_a_problem_that_names_the_ways() {
    let world = healthy();
    let mut command = world.command(&["--json", "doctor", "--dsn", "Sales"]);
    command.env_remove("PIPEDRIVE_API_TOKEN").env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/no/such/bus");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(8));
    let report = json(&String::from_utf8(output.stdout).unwrap());
    assert_found(&report, "token", "problem", &["no API token", "Personal preferences"]);
    assert_found(&report, "keyring", "note", &["no session bus"]);
    assert_found(&report, "connection", "note", &["not asked"]);
    assert_eq!(world.sandbox.stats().requests, 0);
}

#[test]
fn a_state_folder_of_a_later_version_or_that_others_can_read_is_told() {
    let world = healthy();
    world.ok(&["query", "--dsn", "Sales", "SELECT id FROM stages"]);
    let folder = world.path(".local/state/pipedrive-odbc");
    let (code, report) = examined(&world, &["--offline"]);
    assert_eq!(code, 0, "{report:#}");
    assert_found(&report, "state folder", "ok", &["(mode 700)", "files"]);
    mode(&folder, 0o755);
    let (_, report) = examined(&world, &["--offline"]);
    assert_found(&report, "state folder", "warning", &["others can read", "mode 755", "chmod go-rwx"]);
    mode(&folder, 0o700);
    let index = folder.join("index.json");
    let later = fs::read_to_string(&index).unwrap().replace("\"format\":1", "\"format\":99");
    fs::write(&index, &later).unwrap();
    let (code, report) = examined(&world, &["--offline"]);
    assert_eq!(code, 8);
    assert_found(&report, "state folder", "problem", &["index.json", "later version", "StateLocation"]);
    assert_eq!(fs::read_to_string(&index).unwrap(), later, "left alone");
}

#[test]
fn a_state_folder_that_cannot_be_made_is_a_problem() {
    let world = healthy();
    world.write("file", "");
    let place = world.path("file/state");
    world.ok(&["dsn", "edit", "Sales", "StateLocation=memory"]);
    let entry = world.read(".odbc.ini").replace("=memory", &format!("={}", place.display()));
    world.write(".odbc.ini", &entry);
    let (_, report) = examined(&world, &["--offline"]);
    assert_found(&report, "state folder", "problem", &["is no folder", "StateLocation"]);
}

#[test]
fn a_log_file_that_is_a_pipe_or_somebody_elses_is_a_warning_and_is_not_touched() {
    let world = healthy();
    let pipe = world.path("pipe.log");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    world.write("foreign.log", "mine\n");
    for (name, part) in [("pipe.log", "no ordinary file"), ("foreign.log", "something else in it")] {
        world.ok(&["dsn", "edit", "Sales", &format!("LogFile={}", world.path(name).display())]);
        let (code, report) = examined(&world, &["--offline"]);
        assert_eq!(code, 8);
        assert_found(&report, "log file", "warning", &[name, part, "set LogFile"]);
    }
    assert_eq!(world.read("foreign.log"), "mine\n");
    world.ok(&["dsn", "edit", "Sales", &format!("LogFile={}", world.path("new.log").display())]);
    let (code, report) = examined(&world, &["--offline"]);
    assert_eq!(code, 0, "{report:#}");
    assert!(of(&report, "log file").contains("made by the first connection") && !world.path("new.log").exists());
    world.ok(&["query", "--dsn", "Sales", "SELECT 1"]);
    let (_, report) = examined(&world, &["--offline"]);
    assert_found(&report, "log file", "ok", &["new.log (mode 600)", "bytes", "Verbosity 1"]);
}

#[test]
fn a_proxy_of_the_environment_is_told_without_its_password() {
    let world = settled(World::with(super::config()));
    world.ok(&["dsn", "edit", "Sales", "CompanyDomain=acme"]);
    let mut command = world.command(&["doctor", "--offline", "--dsn", "Sales"]);
    let output =
        command.env_remove("PIPEDRIVE_BASE_URL").env("HTTPS_PROXY", "http://user:SECRET@proxy.example:3128").output();
    let told = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(
        told.contains("acme.pipedrive.com") && told.contains("the proxy proxy.example:3128 (HTTPS_PROXY)"),
        "{told}"
    );
    assert!(!told.contains("SECRET"), "{told}");
}

#[test]
fn a_state_folder_that_has_grown_is_a_warning_and_a_damaged_file_a_note() {
    let world = healthy();
    world.ok(&["query", "--dsn", "Sales", "SELECT id FROM stages"]);
    let folder = world.path(".local/state/pipedrive-odbc");
    for (name, size) in [("large", 65 << 20), ("damaged.json", 0)] {
        let file = fs::File::create(folder.join(name)).unwrap();
        file.set_len(size).unwrap();
        mode(&folder.join(name), 0o600);
    }
    let (_, report) = examined(&world, &["--offline"]);
    assert_found(&report, "state folder", "warning", &["65 MB", "remove it"]);
    assert_found(&report, "state folder", "note", &["damaged.json cannot be read"]);
}

#[test]
fn a_data_source_that_another_file_hides_is_a_note() {
    let world = healthy();
    world.ok(&["dsn", "add", "--system", "Sales", "Timeout=5"]);
    let (code, report) = examined(&world, &["--offline"]);
    assert_eq!(code, 0, "{report:#}");
    assert_found(&report, "data sources", "note", &["'Sales' of ", "system/odbc.ini is not used"]);
}

#[test]
fn a_proxy_that_is_not_there_is_told_before_and_after_asking() {
    let world = healthy();
    world.ok(&["dsn", "edit", "Sales", "ProxyServer=127.0.0.1:1"]);
    let (code, report) = examined(&world, &[]);
    assert_eq!((code, world.sandbox.stats().requests), (8, 0));
    assert_found(&report, "way to the host", "ok", &["the proxy 127.0.0.1:1 (ProxyServer)"]);
    assert_found(&report, "connection", "problem", &["proxy 127.0.0.1:1 cannot be reached", "check ProxyServer"]);
}
