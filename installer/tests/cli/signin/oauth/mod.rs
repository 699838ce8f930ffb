//! `login --oauth`, `status` and `logout` of a sign-in by OAuth. The sandbox is the server, and its `authorize` the person.
//! The sign-in is in a file here; `inside.rs` has the keyring.
//!
//! - this file: signing in by an address and the code that comes back, with data source and without
//! - `browser.rs`: the browser of a desktop
//! - `refused.rs`: what is refused, what nobody is asked for, what no output holds
//! - `standing.rs`: `status` and `logout`

mod browser;
mod refused;
mod standing;

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use pipedrive_sandbox::{Application, Config};
use serde_json::Value;

pub(super) use browser::opener;

use super::{NO_BUS, fed};
use crate::named_files::assert_secret_files;
use crate::{Ran, World, driver, json};

/// Words that are secrets of the application, and easy to find.
pub(crate) const SECRET: &str = "5ec4e7c11e47";

/// A world whose application comes back to a port of its own, with the data source `Demo`, which knows nothing of OAuth.
pub(crate) fn world() -> World {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let oauth = Application {
        client_secret: Some(SECRET.to_owned()),
        callback: format!("http://localhost:{port}/back"),
        ..Application::default()
    };
    let world =
        World::with(Config { deals: 30, persons: 5, organizations: 5, activities: 5, oauth, ..Config::default() });
    world.ok(&["install", "--system", "--driver", driver().to_str().unwrap()]);
    world.ok(&["dsn", "add", "Demo", &format!("BaseURL={}", world.sandbox.url()), &callback(port)]);
    fs::create_dir(world.path("private")).unwrap();
    fs::set_permissions(world.path("private"), Permissions::from_mode(0o700)).unwrap();
    world
}

fn callback(port: u16) -> String {
    format!("CallbackURL=http://localhost:{port}/back")
}

/// Where sign-ins are kept here.
pub(crate) fn place(world: &World) -> PathBuf {
    world.path("private/oauth.json")
}

const QUIET_BUS: &[(&str, &str)] = &[("DBUS_SESSION_BUS_ADDRESS", NO_BUS)];

fn run(world: &World, input: &str, arguments: &[&str]) -> Ran {
    fed(world, input, arguments, QUIET_BUS)
}

#[track_caller]
fn ok(world: &World, input: &str, arguments: &[&str]) -> Value {
    let ran = run(world, input, &[arguments, &["--json"]].concat());
    assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
    json(&ran.out)
}

/// What `login` takes for `Demo` and the file, besides `more`.
fn login<'a>(world: &'a World, location: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let own = ["login", "--oauth", "--dsn", "Demo", "--client-id", world.sandbox.client_id(), "--location", location];
    [&own, more].concat()
}

/// The address that the person's browser comes back to.
fn allowed(world: &World, allow: bool) -> String {
    let place = place(world);
    let arguments = login(world, place.to_str().unwrap(), &["--client-secret-stdin", "--address"]);
    let told = ok(world, &format!("{SECRET}\n"), &arguments);
    world.sandbox.authorize(None, allow, told["address"].as_str().unwrap()).unwrap()
}

/// Signs in by hand, with what the browser came back with.
fn redeemed(world: &World, verifier: &str, more: &[&str]) -> Ran {
    let place = place(world);
    let own = [&["--client-secret-stdin", "--code-stdin", "--json"], more].concat();
    run(world, &format!("{SECRET}\n{verifier}\n"), &login(world, place.to_str().unwrap(), &own))
}

/// Signs `Demo` in, the sign-in in a file.
#[track_caller]
pub(crate) fn signed_in(world: &World, more: &[&str]) -> Value {
    let ran = redeemed(world, &allowed(world, true), more);
    assert_eq!(ran.code, 0, "{ran:?}");
    json(&ran.out)
}

/// The secrets of the sign-in that is kept.
fn secrets(world: &World) -> Vec<String> {
    let kept = json(&fs::read_to_string(place(world)).unwrap());
    let member = |name: &str| kept[name].as_str().unwrap_or_else(|| panic!("{name} in {kept}")).to_owned();
    ["access_token", "refresh_token", "client_secret"].map(member).into()
}

/// The warnings, notes and addresses of standard error.
fn lines(ran: &Ran, what: &str) -> Vec<String> {
    let lines = ran.err.lines().map(json).filter_map(|line| line[what].as_str().map(str::to_owned));
    lines.collect()
}

#[test]
fn an_address_and_the_code_that_comes_back_sign_in_without_a_desktop_and_a_terminal() {
    let world = world();
    let user = world.sandbox.dataset().users().next().unwrap().name.clone();
    let back = allowed(&world, true);
    let code = back.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned();
    let ran = redeemed(&world, &code, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let told = json(&ran.out);
    assert_eq!((&told["user"], &told["data_source"]), (&user.as_str().into(), &"Demo".into()), "{told}");
    let kept = &told["oauth"];
    assert_eq!((&kept["location"], &kept["renews"]), (&place(&world).to_str().unwrap().into(), &true.into()), "{told}");
    assert!(kept["scopes"].as_array().unwrap().contains(&"deals:read".into()), "{told}");
    let lives = kept["expires_at"].as_i64().unwrap() - kept["issued_at"].as_i64().unwrap();
    assert!((3590..=3600).contains(&lives), "{told}");
    // The address comes before the code is asked for, as an object of its own.
    let address = lines(&ran, "address").pop().unwrap();
    assert!(address.starts_with(&format!("{}/oauth/authorize?", world.sandbox.url())), "{ran:?}");
    assert_eq!(fs::metadata(place(&world)).unwrap().permissions().mode() & 0o777, 0o600);
    // What the data source lacks is told as a command, and that command is what it takes.
    let step = told["next_step"].as_str().unwrap();
    let expected = format!(
        "pipedrive-odbc dsn edit Demo AuthScheme=OAuth InitiateOAuth=REFRESH OAuthSettingsLocation={}",
        place(&world).display()
    );
    assert_eq!(step, expected);
    assert!(lines(&ran, "warning").iter().any(|warning| warning.contains(step)), "{ran:?}");
    assert_ne!(run(&world, "", &["dsn", "test", "Demo"]).code, 0);
    world.ok(&step.split(' ').skip(1).collect::<Vec<_>>());
    let rows = run(&world, "", &["query", "--dsn", "Demo", "--format", "csv", "SELECT COUNT(*) AS n FROM deals"]);
    assert_eq!((rows.code, rows.out.as_str()), (0, "n\r\n30\r\n"), "{rows:?}");
    assert_eq!(run(&world, "", &["dsn", "test", "Demo"]).code, 0);
    // The whole address does as well, and then there is nothing left to do.
    let again = signed_in(&world, &[]);
    assert_eq!((&again["next_step"], &again["connection_string"]), (&Value::Null, &"DSN=Demo".into()), "{again}");
    assert!(!world.read(".odbc.ini").contains(SECRET));
}

#[test]
fn the_data_source_is_set_where_that_is_asked_for() {
    let world = world();
    let told = signed_in(&world, &["--set-dsn"]);
    assert_eq!(told["next_step"], Value::Null);
    let entry = world.read(".odbc.ini");
    for pair in ["AuthScheme=OAuth", "InitiateOAuth=REFRESH", "OAuthSettingsLocation=/"] {
        assert!(entry.contains(pair), "{entry}");
    }
    assert_eq!(run(&world, "", &["query", "--dsn", "Demo", "SELECT id FROM deals LIMIT 1"]).code, 0);
    // A file that cannot be changed does not undo the sign-in.
    world.ok(&["dsn", "edit", "Demo", "InitiateOAuth="]);
    fs::set_permissions(world.path(".odbc.ini"), Permissions::from_mode(0o400)).unwrap();
    let unset = redeemed(&world, &allowed(&world, true), &["--set-dsn"]);
    assert_eq!((unset.code, &json(&unset.out)["oauth"]["renews"]), (7, &true.into()), "{unset:?}");
    assert_eq!(json(&unset.out)["next_step"], "pipedrive-odbc dsn edit Demo InitiateOAuth=REFRESH");
    fs::set_permissions(world.path(".odbc.ini"), Permissions::from_mode(0o600)).unwrap();
    world.ok(&["dsn", "edit", "Demo", "InitiateOAuth=REFRESH"]);
    // It was another application's.
    world.ok(&["dsn", "edit", "Demo", "OAuthClientId=another"]);
    assert_ne!(run(&world, "", &["query", "--dsn", "Demo", "SELECT id FROM deals LIMIT 1"]).code, 0);
    let told = signed_in(&world, &[]);
    let step = format!("pipedrive-odbc dsn edit Demo OAuthClientId={}", world.sandbox.client_id());
    assert_eq!(told["next_step"], step.as_str());
    signed_in(&world, &["--set-dsn"]);
    assert_eq!(run(&world, "", &["query", "--dsn", "Demo", "SELECT id FROM deals LIMIT 1"]).code, 0);
    let nowhere = run(&world, "", &["login", "--oauth", "--client-id", "x", "--set-dsn"]);
    assert!(nowhere.code == 2 && nowhere.err.contains("--dsn NAME"), "{nowhere:?}");
}

#[test]
fn the_environment_and_a_place_are_enough() {
    let world = world();
    let (url, place) = (world.sandbox.url(), place(&world));
    let location = place.to_str().unwrap();
    let settings = [
        ("PIPEDRIVE_BASE_URL", url),
        ("PIPEDRIVE_OAUTH_CLIENT_ID", world.sandbox.client_id()),
        ("PIPEDRIVE_OAUTH_CLIENT_SECRET", SECRET),
        QUIET_BUS[0],
    ];
    let callback = world.read(".odbc.ini");
    let callback = callback.lines().find_map(|line| line.strip_prefix("CallbackURL=")).unwrap();
    let own = ["login", "--oauth", "--json", "--location", location, "--callback", callback];
    let address = fed(&world, "", &[&own[..], &["--address"]].concat(), &settings);
    let back = world.sandbox.authorize(None, true, json(&address.out)["address"].as_str().unwrap()).unwrap();
    let ran = fed(&world, &back, &[&own[..], &["--code-stdin"]].concat(), &settings);
    assert_eq!(ran.code, 0, "{ran:?}");
    let string = format!("Driver=Pipedrive;InitiateOAuth=REFRESH;OAuthSettingsLocation={location};");
    assert_eq!(json(&ran.out)["connection_string"], string.as_str());
    let base = [("PIPEDRIVE_BASE_URL", url), QUIET_BUS[0]];
    let query = ["query", "--connection-string", string.trim_start_matches("Driver=Pipedrive;"), "SELECT 1 FROM deals"];
    let rows = fed(&world, "", &query, &base);
    assert_eq!(rows.code, 0, "{rows:?}");
    let status = fed(&world, "", &["status", "--location", location, "--json"], &base);
    assert_eq!((status.code, &json(&status.out)["signed_in"]), (0, &true.into()), "{status:?}");
    let gone = fed(&world, "", &["logout", "--location", location, "--json"], &base);
    assert_eq!((gone.code, &json(&gone.out)["oauth"]["removed"]), (0, &true.into()), "{gone:?}");
    assert!(!place.exists());
    // A file of the secret serves where the environment has none.
    let file = world.path("secret");
    fs::write(&file, SECRET).unwrap();
    let from_file = ["--client-id", settings[1].1, "--client-secret-file", file.to_str().unwrap(), "--address"];
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(fed(&world, "", &[&own[..], &from_file].concat(), &base).code, 0);
    let option = "--client-secret-file";
    let refused = |path: &str| {
        let from_file = ["--client-id", settings[1].1, option, path, "--address"];
        let ran = fed(&world, "", &[&own[..], &from_file].concat(), &base);
        assert!(!ran.err.contains("API token"), "{ran:?}");
        ran
    };
    assert_secret_files(&world, option, refused);
}

#[test]
fn who_signs_in_anew_gives_neither_client_id_nor_client_secret_again() {
    let world = world();
    signed_in(&world, &["--set-dsn"]);
    world.sandbox.uninstall();
    let query = ["query", "--dsn", "Demo", "SELECT id FROM deals LIMIT 1"];
    assert_eq!(run(&world, "", &query).code, 3);
    let own = ["login", "--oauth", "--dsn", "Demo"];
    let address = ok(&world, "", &[&own[..], &["--address"]].concat());
    let back = world.sandbox.authorize(None, true, address["address"].as_str().unwrap()).unwrap();
    let told = ok(&world, &back, &[&own[..], &["--code-stdin"]].concat());
    assert_eq!((&told["oauth"]["renews"], &told["next_step"]), (&true.into(), &Value::Null), "{told}");
    assert_eq!(run(&world, "", &query).code, 0);
    // A new client secret, which is all that changed.
    let address = ok(&world, SECRET, &[&own[..], &["--address", "--client-secret-stdin"]].concat());
    assert!(address["address"].as_str().unwrap().contains(world.sandbox.client_id()), "{address}");
    // Another application, or another host, gets nothing of it.
    let other = run(&world, "", &[&own[..], &["--address", "--client-id", "another"]].concat());
    assert!(other.code == 2 && other.err.contains("--client-secret-stdin"), "{other:?}");
    world.ok(&["dsn", "edit", "Demo", "BaseURL=http://127.0.0.1:1"]);
    let elsewhere = run(&world, "", &[&own[..], &["--address"]].concat());
    assert!(elsewhere.code == 2 && elsewhere.err.contains("--client-id"), "{elsewhere:?}");
}

/// The address is on standard error, and an answer only where it is what was asked for. Quiet leaves it out where the code
/// is there already, and nowhere else.
#[test]
fn quiet_leaves_the_address_out_where_the_code_is_given_and_not_where_a_person_needs_it() {
    let world = world();
    let place = place(&world);
    let location = place.to_str().unwrap();
    for (options, code, told) in [
        (&["--code-stdin"][..], 0, true),
        (&["--code-stdin", "--json"], 0, true),
        (&["--code-stdin", "--quiet"], 0, false),
        (&["--code-stdin", "--quiet", "--json"], 0, false),
        (&["--no-browser", "--quiet"], 2, true),
        (&["--quiet"], 2, true),
    ] {
        let back = allowed(&world, true);
        let arguments = login(&world, location, &[&["--client-secret-stdin", "--set-dsn"], options].concat());
        let ran = run(&world, &format!("{SECRET}\n{back}\n"), &arguments);
        assert_eq!((ran.code, ran.err.contains("/oauth/authorize?")), (code, told), "{options:?}: {ran:?}");
        assert!(!ran.out.contains("/oauth/authorize?"), "{options:?}: {ran:?}");
        if options.contains(&"--quiet") && code == 0 {
            assert_eq!(ran.err, "", "{options:?}");
        }
    }
    let asked = login(&world, location, &["--client-secret-stdin", "--address", "--quiet"]);
    let ran = run(&world, SECRET, &asked);
    assert!(ran.code == 0 && ran.out.contains("/oauth/authorize?") && ran.err.is_empty(), "{ran:?}");
}
