//! Data sources that sign in by OAuth: what is kept of the sign-in, and what it may read.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use super::{assert_found, examined, of};
use crate::World;
use crate::signin::oauth::{SECRET, place, signed_in, world};

const DEMO: &[&str] = &["--dsn", "Demo"];

/// A world whose data source `Demo` uses a sign-in with these scopes.
fn using(scopes: &[&str]) -> World {
    let world = world();
    world.sandbox.grant_scopes(scopes);
    signed_in(&world, &["--set-dsn"]);
    world
}

const ALL: &[&str] = &["deals:read", "contacts:full", "activities:read", "products:read", "users:read", "admin"];

#[test]
fn a_sign_in_that_is_good_has_nothing_against_it_and_no_advice_about_tokens() {
    let world = using(ALL);
    let (_, report) = examined(&world, DEMO);
    let file = place(&world).display().to_string();
    assert_found(&report, "OAuth sign-in", "ok", &["kept in", &file, "(mode 600)", world.sandbox.client_id()]);
    assert_found(&report, "OAuth sign-in", "ok", &["expires 20", "renewed by itself"]);
    assert_found(&report, "OAuth sign-in", "ok", &["enough for every table", "contacts:full"]);
    assert_found(&report, "token", "ok", &["connections use the OAuth sign-in in", &file]);
    assert_found(&report, "sign-in", "ok", &[&world.sandbox.dataset().users().next().unwrap().name]);
    assert_found(&report, "secrets in files", "ok", &["no odbc.ini holds a secret"]);
    assert!(!report.to_string().contains(SECRET));
    for check in ["token", "OAuth sign-in", "connection", "sign-in", "tables"] {
        assert!(!of(&report, check).contains("API token"), "{check}: {}", of(&report, check));
    }
    // A token that has expired is one that is renewed.
    world.sandbox.expire_access();
    let (_, report) = examined(&world, DEMO);
    assert_found(&report, "tables", "ok", &["deals", "persons"]);
}

#[test]
fn scopes_that_are_missing_are_named_for_each_table_that_needs_them() {
    let world = using(&["deals:read"]);
    let (code, report) = examined(&world, &["--dsn", "Demo", "--offline"]);
    assert_eq!(code, 8);
    for (table, scope) in [
        ("persons", "contacts:read"),
        ("organizations", "contacts:read"),
        ("activities", "activities:read"),
        ("products", "products:read"),
        ("users", "users:read"),
    ] {
        let parts = [&format!("{table} cannot be read without the scope {scope}"), "Developer Hub", "login --oauth"];
        assert_found(&report, "OAuth sign-in", "problem", &parts);
    }
    let told = of(&report, "OAuth sign-in");
    assert_found(&report, "OAuth sign-in", "warning", &["activities has no custom fields", "the scope admin"]);
    for fine in ["deals", "deals_all", "pipelines", "stages"] {
        assert!(!told.contains(&format!(": {fine} ")), "{fine}: {told}");
    }
    // Tables that nobody wants need no scope.
    world.ok(&["dsn", "edit", "Demo", "Tables=deals*"]);
    let (code, report) = examined(&world, &["--dsn", "Demo", "--offline"]);
    assert_eq!(code, 0, "{report:#}");
    assert_found(&report, "OAuth sign-in", "ok", &["enough for every table"]);
}

#[test]
fn a_sign_in_that_is_missing_over_or_open_to_others_is_a_problem() {
    let world = using(ALL);
    let file = place(&world);
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let (code, report) = examined(&world, DEMO);
    assert_eq!(code, 8);
    assert_found(&report, "OAuth sign-in", "problem", &["its group or everybody can read", "chmod 600"]);
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    world.sandbox.uninstall();
    let (code, report) = examined(&world, DEMO);
    assert_eq!(code, 8);
    let said = of(&report, "connection") + &of(&report, "sign-in");
    assert!(said.contains("no longer good") && said.contains("login --oauth"), "{said}");
    fs::remove_file(&file).unwrap();
    let (code, report) = examined(&world, DEMO);
    assert_eq!(code, 8);
    assert_found(&report, "token", "problem", &["nobody is signed in", "login --oauth"]);
    assert_found(&report, "OAuth sign-in", "note", &["no sign-in is kept yet"]);
    world.ok(&["dsn", "edit", "Demo", "InitiateOAuth="]);
    let (_, report) = examined(&world, &["--dsn", "Demo", "--offline"]);
    assert_found(&report, "token", "problem", &["AuthScheme=OAuth alone", "InitiateOAuth=REFRESH"]);
    assert_found(&report, "OAuth sign-in", "note", &["InitiateOAuth=OFF"]);
}

#[test]
fn secrets_of_oauth_in_a_file_have_advice_of_their_own() {
    let world = world();
    let own = world.read(".odbc.ini");
    world.write(".odbc.ini", &format!("{own}\nOAuthClientSecret={SECRET}\n"));
    let (_, report) = examined(&world, &["--dsn", "Demo", "--offline"]);
    assert_found(&report, "secrets in files", "note", &["OAuthClientSecret", "login --oauth"]);
    fs::set_permissions(world.path(".odbc.ini"), Permissions::from_mode(0o644)).unwrap();
    let (_, report) = examined(&world, &["--dsn", "Demo", "--offline"]);
    assert_found(&report, "secrets in files", "problem", &["others can read OAuthClientSecret", "new client secret"]);
    assert!(!of(&report, "secrets in files").contains("TokenFile") && !report.to_string().contains(SECRET));
}
