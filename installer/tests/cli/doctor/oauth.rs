//! Data sources that sign in by OAuth: what is kept of the sign-in, and what it may read.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use pipedrive_sandbox::Fault;

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

/// Findings that are worse than a note and name this.
fn worse(report: &serde_json::Value, name: &str) -> Vec<String> {
    let checks = report["checks"].as_array().unwrap().iter();
    let findings = checks.flat_map(|check| check["findings"].as_array().unwrap());
    let worse = findings.filter(|found| ["warning", "problem"].contains(&found["level"].as_str().unwrap()));
    worse.filter(|found| found["text"].as_str().unwrap().contains(name)).map(ToString::to_string).collect()
}

#[test]
fn a_scope_that_is_missing_is_one_finding_that_names_the_tables_that_need_it() {
    let world = using(&["deals:read"]);
    for more in [&["--offline"][..], &[]] {
        let (code, report) = examined(&world, &[DEMO, more].concat());
        assert_eq!(code, 8);
        for (tables, scope) in [
            ("organizations, persons", "contacts:read"),
            ("activities", "activities:read"),
            ("products", "products:read"),
            ("users", "users:read"),
        ] {
            let text = format!("{tables} cannot be read without the scope {scope}");
            let parts =
                [text.as_str(), &format!("add the scope {scope} "), "Developer Hub", "login --oauth --dsn Demo"];
            assert_found(&report, "OAuth sign-in", "problem", &parts);
            assert_eq!(worse(&report, scope).len(), 1, "{scope}: {report:#}");
        }
        let parts = ["activities without custom fields", "the scope admin", "add the scope admin"];
        assert_found(&report, "OAuth sign-in", "warning", &parts);
        assert_eq!((worse(&report, "activities").len(), worse(&report, "products").len()), (2, 1), "{report:#}");
        let told = of(&report, "OAuth sign-in");
        for fine in ["deals", "deals_all", "pipelines", "stages"] {
            assert!(!told.contains(&format!(" {fine}")), "{fine}: {told}");
        }
        assert!(!report.to_string().contains("make the token"), "{report:#}");
    }
    // What was refused is told, and where its cure stands.
    let (_, report) = examined(&world, DEMO);
    assert_found(&report, "tables", "ok", &["deals", "stages can be read"]);
    assert_found(&report, "tables", "note", &["persons", "products", "users: refused for want of the scopes", "above"]);
    assert_found(&report, "field definitions", "note", &["activities", "as is told above"]);
    // Tables that nobody wants need no scope.
    world.ok(&["dsn", "edit", "Demo", "Tables=deals*"]);
    let (code, report) = examined(&world, &["--dsn", "Demo", "--offline"]);
    assert_eq!(code, 0, "{report:#}");
    assert_found(&report, "OAuth sign-in", "ok", &["enough for every table"]);
}

/// The application may read it, and the user may not.
#[test]
fn what_a_user_may_not_read_is_no_matter_of_scopes_where_those_are_known() {
    let world = using(ALL);
    world.sandbox.arm(Fault::refuse_scope().on("/api/v2/products").times(9));
    world.sandbox.arm(Fault::refuse_scope().on("/api/v2/activityFields").times(9));
    let (code, report) = examined(&world, DEMO);
    assert_eq!(code, 8);
    let cure = "-> give the user who signed in the permission in Pipedrive, or sign in as one who has it";
    assert_found(&report, "tables", "problem", &["products: ", cure, "login --oauth --dsn Demo", "Tables"]);
    assert_found(&report, "field definitions", "warning", &["activities without custom fields", cure]);
    for wrong in ["make the token", "add the scope", "grant the scope"] {
        assert!(!report.to_string().contains(wrong), "{wrong}: {report:#}");
    }
}

/// A token that is given as it is tells nothing of its scopes.
#[test]
fn what_is_refused_may_be_a_matter_of_scopes_where_nobody_told_them() {
    let world = world();
    let (access, _) = world.sandbox.issue(&["deals:read", "contacts:read", "activities:read", "users:read"]);
    let url = world.sandbox.url();
    let string = format!("BaseURL={url};AuthScheme=OAuth;OAuthAccessToken={access};StateLocation=memory");
    let (code, report) = examined(&world, &["-c", &string]);
    assert_eq!(code, 8);
    let cure = ["products: ", "-> add the scope products:read to the application", "permission in Pipedrive"];
    assert_found(&report, "tables", "problem", &cure);
    let parts = ["activities without custom fields", "-> add the scope admin", "sign in as one who has it"];
    assert_found(&report, "field definitions", "warning", &parts);
    assert!(!report.to_string().contains("make the token"), "{report:#}");
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
