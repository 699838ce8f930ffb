//! `status` and `logout`.

use std::fs;
use std::path::PathBuf;

use pipedrive_sandbox::Fault;
use serde_json::Value;

use super::{QUIET_BUS, ok, place, run, secrets, signed_in, world};
use crate::json;
use crate::signin::{fed, holding};

#[test]
fn the_status_tells_who_it_is_where_it_is_kept_and_until_when() {
    let world = world();
    let user = world.sandbox.dataset().users().next().unwrap().name.clone();
    world.ok(&["dsn", "edit", "Demo", "AuthScheme=OAuth", "InitiateOAuth=GETANDREFRESH"]);
    world.ok(&["dsn", "edit", "Demo", &format!("OAuthSettingsLocation={}", place(&world).display())]);
    // Nobody is signed in, and no browser is opened to change that.
    let none = fed(&world, "", &["status", "--dsn", "Demo", "--json"], &[("DISPLAY", ":0"), QUIET_BUS[0]]);
    let told = json(&none.out);
    assert_eq!((none.code, &told["signed_in"], &told["oauth"]), (3, &false.into(), &Value::Null), "{none:?}");
    assert!(none.err.contains("pipedrive-odbc login --oauth") && !none.err.contains("API token"), "{none:?}");
    signed_in(&world, &[]);
    world.sandbox.reset_stats();
    let offline = ok(&world, "", &["status", "--dsn", "Demo", "--offline"]);
    assert_eq!((&offline["user"], &offline["signed_in"]), (&user.as_str().into(), &Value::Null), "{offline}");
    assert_eq!((world.sandbox.stats().requests, world.sandbox.oauth().token_requests), (0, 0));
    let online = ok(&world, "", &["status", "--dsn", "Demo"]);
    let from = format!("the OAuth sign-in in {}", place(&world).display());
    assert_eq!((&online["user"], &online["token_from"]), (&user.as_str().into(), &from.as_str().into()), "{online}");
    assert_eq!((&online["signed_in"], &online["keyring"]), (&true.into(), &Value::Null), "{online}");
    assert_eq!(online["oauth"]["client_id"], world.sandbox.client_id());
    let told = run(&world, "", &["status", "--dsn", "Demo"]);
    for part in ["kept in", "scopes", "deals:read", "expires 20", "renewed by itself", "left today"] {
        assert!(told.out.contains(part), "{part}: {told:?}");
    }
    assert!(!told.out.contains("keyring"), "{told:?}");
    for secret in secrets(&world) {
        assert!(!format!("{online}{told:?}").contains(&secret));
    }
    // It was taken back elsewhere.
    world.sandbox.uninstall();
    let over = run(&world, "", &["status", "--dsn", "Demo", "--json"]);
    assert_eq!((over.code, &json(&over.out)["signed_in"]), (3, &false.into()), "{over:?}");
    assert!(over.err.contains("no longer good") && over.err.contains("login --oauth"), "{over:?}");
}

#[test]
fn logout_forgets_the_sign_in_and_its_proof_and_nothing_else() {
    let world = world();
    let user = world.sandbox.dataset().users().next().unwrap().name.clone();
    signed_in(&world, &["--set-dsn"]);
    // A second sign-in leaves no proof of the first.
    signed_in(&world, &[]);
    let folder = PathBuf::from(ok(&world, "", &["status", "--dsn", "Demo"])["state_folder"].as_str().unwrap());
    let index = || fs::read_to_string(folder.join("index.json")).unwrap();
    assert_eq!(index().matches(&user).count(), 1, "{}", index());
    let all = secrets(&world);
    for secret in &all {
        assert_eq!(holding(world.home.path(), secret), [place(&world).display().to_string()]);
    }
    let gone = ok(&world, "", &["logout", "--dsn", "Demo"]);
    assert_eq!((&gone["removed"], &gone["oauth"]["removed"]), (&true.into(), &true.into()), "{gone}");
    assert_eq!((&gone["oauth"]["revoked"], &gone["data_source"]), (&false.into(), &"Demo".into()), "{gone}");
    assert!(!place(&world).exists() && !index().contains(&user), "{}", index());
    for secret in &all {
        assert_eq!(holding(world.home.path(), secret), [""; 0]);
    }
    assert_eq!(world.sandbox.oauth().revocations, 0);
    let again = ok(&world, "", &["logout", "--dsn", "Demo"]);
    assert_eq!(again["removed"], false);
    let status = run(&world, "", &["status", "--dsn", "Demo"]);
    assert!(status.code == 3 && status.err.contains("nobody is signed in"), "{status:?}");
}

#[test]
fn revoking_asks_before_and_forgets_nothing_that_pipedrive_does_not_take_back() {
    let world = world();
    signed_in(&world, &["--set-dsn"]);
    let revoke = ["logout", "--dsn", "Demo", "--revoke"];
    let unasked = run(&world, "", &revoke);
    assert!(unasked.code == 2 && unasked.err.contains("uninstalls the application"), "{unasked:?}");
    world.sandbox.arm(Fault::status(500).on("/oauth/revoke").times(99));
    let refused = run(&world, "", &[&revoke[..], &["--yes"]].concat());
    assert_eq!((refused.code, refused.out.as_str()), (4, ""), "{refused:?}");
    for part in ["nothing was deleted", "kept still", "without --revoke"] {
        assert!(refused.err.contains(part), "{refused:?}");
    }
    world.sandbox.disarm();
    assert!(place(&world).exists());
    assert_eq!(run(&world, "", &["query", "--dsn", "Demo", "SELECT id FROM deals LIMIT 1"]).code, 0);
    let all = secrets(&world);
    let gone = ok(&world, "", &[&revoke[..], &["--yes"]].concat());
    assert_eq!((&gone["oauth"]["removed"], &gone["oauth"]["revoked"]), (&true.into(), &true.into()), "{gone}");
    assert!(!place(&world).exists() && world.sandbox.oauth().revocations == 1);
    // The tokens are worth nothing to whoever copied them.
    let string = format!("BaseURL={};AuthScheme=OAuth;OAuthAccessToken={}", world.sandbox.url(), all[0]);
    assert_eq!(run(&world, "", &["query", "-c", &string, "SELECT id FROM deals"]).code, 3);
    let again = ok(&world, "", &[&revoke[..], &["--yes"]].concat());
    assert_eq!((&again["oauth"]["removed"], &again["oauth"]["revoked"]), (&false.into(), &false.into()), "{again}");
    let whose = run(&world, "", &["logout", "--revoke", "--yes"]);
    assert!(whose.code == 2 && whose.err.contains("--location PLACE"), "{whose:?}");
}

#[test]
fn settings_that_are_refused_hide_nothing_of_the_sign_in_and_commands_name_the_data_source() {
    let world = world();
    signed_in(&world, &["--set-dsn"]);
    let own = world.read(".odbc.ini");
    world.write(".odbc.ini", &format!("{own}\nTimeZone=Nowhere\n"));
    let status = run(&world, "", &["status", "--dsn", "Demo", "--json"]);
    assert!(status.code == 2 && json(&status.out)["data_source"] == "Demo", "{status:?}");
    let doctor = run(&world, "", &["doctor", "--dsn", "Demo", "--offline"]);
    assert!(!doctor.out.contains("no connection signs in by OAuth"), "{doctor:?}");
    assert!(doctor.out.contains("OAuth would sign in, and cannot"), "{doctor:?}");
    world.write(".odbc.ini", &own);
    fs::remove_file(place(&world)).unwrap();
    for command in [&["status", "--dsn", "Demo"][..], &["doctor", "--dsn", "Demo"], &["dsn", "test", "Demo"]] {
        let ran = run(&world, "", command);
        let told = format!("{}{}", ran.out, ran.err);
        assert!(told.contains("`pipedrive-odbc login --oauth --dsn Demo`"), "{ran:?}");
    }
}
