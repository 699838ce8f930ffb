//! `login --oauth`, `status` and `logout` of a sign-in by OAuth. The sandbox is the server, and its `authorize` the person.
//!
//! Without a keyring, with the sign-in in a file; `inside.rs` has the keyring.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use pipedrive_sandbox::{Application, Config, Fault, browser};
use serde_json::Value;

use super::{NO_BUS, fed, holding};
use crate::query::{interrupt, wait_until};
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
    let readable = fed(&world, "", &[&own[..], &from_file].concat(), &base);
    assert!(readable.code == 3 && readable.err.contains("--client-secret-file /"), "{readable:?}");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(fed(&world, "", &[&own[..], &from_file].concat(), &base).code, 0);
    for content in ["", "two words"] {
        fs::write(&file, content).unwrap();
        let wrong = fed(&world, "", &[&own[..], &from_file].concat(), &base);
        assert!(wrong.code == 3 && wrong.err.contains("put the client secret into it"), "{wrong:?}");
    }
}

/// A folder with an `xdg-open` that writes down the address.
pub(super) fn opener(world: &World) -> String {
    let folder = world.path("bin");
    fs::create_dir(&folder).unwrap();
    let opened = world.path("opened");
    let draft = world.path("opened.draft");
    let script = format!("#!/bin/sh\nprintf %s \"$1\" > '{}'\nmv '{0}' '{}'\n", draft.display(), opened.display());
    fs::write(folder.join("xdg-open"), script).unwrap();
    fs::set_permissions(folder.join("xdg-open"), Permissions::from_mode(0o755)).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the stand-in stands before the others")]
    let path = std::env::var("PATH").unwrap();
    format!("{}:{path}", folder.display())
}

/// Begins a sign-in in the browser of a desktop.
fn begun(world: &World, path: &str) -> Child {
    fs::write(world.path("secret"), SECRET).unwrap();
    fs::set_permissions(world.path("secret"), Permissions::from_mode(0o600)).unwrap();
    let (file, place) = (world.path("secret"), place(world));
    let arguments = login(world, place.to_str().unwrap(), &["--json", "--client-secret-file", file.to_str().unwrap()]);
    let mut command = world.command(&arguments);
    command.env_remove("PIPEDRIVE_API_TOKEN").env_remove("PIPEDRIVE_BASE_URL");
    command.env("PATH", path).env("DISPLAY", ":0").env("DBUS_SESSION_BUS_ADDRESS", NO_BUS);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn the_browser_of_a_desktop_is_opened_and_waited_for() {
    let world = world();
    let path = opener(&world);
    let child = begun(&world, &path);
    wait_until("the browser is opened", || world.path("opened").exists());
    let address = fs::read_to_string(world.path("opened")).unwrap();
    let back = world.sandbox.authorize(Some(1), true, &address).unwrap();
    // Somebody who does not know the state is no answer.
    let stranger = back.split_once("state=").unwrap().0.to_owned() + "state=guessed";
    assert_eq!(browser::visit(&stranger, None).unwrap().0, 400);
    let (status, page) = browser::visit(&back, None).unwrap();
    assert!(status == 200 && page.contains("You are signed in"), "{page}");
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    let user = world.sandbox.dataset().users().nth(1).unwrap().name.clone();
    assert_eq!(json(&ran.out)["user"], user.as_str(), "{ran:?}");
    // For the case that none comes up, it is told what is waited for, and where.
    assert_eq!(lines(&ran, "address"), [address]);
    assert!(lines(&ran, "note").iter().any(|note| note.contains("Waiting") && note.contains("Ctrl-C")), "{ran:?}");
    for secret in secrets(&world) {
        assert!(!ran.out.contains(&secret) && !ran.err.contains(&secret), "{ran:?}");
    }
}

#[test]
fn who_says_no_is_not_signed_in_and_is_told_so_here_and_in_the_browser() {
    let world = world();
    let path = opener(&world);
    let child = begun(&world, &path);
    wait_until("the browser is opened", || world.path("opened").exists());
    let address = fs::read_to_string(world.path("opened")).unwrap();
    let back = world.sandbox.authorize(None, false, &address).unwrap();
    assert!(browser::visit(&back, None).unwrap().1.contains("You are not signed in"));
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
    assert!(ran.err.contains("access was denied") && !place(&world).exists(), "{ran:?}");
    // By hand, too.
    let ran = redeemed(&world, &allowed(&world, false), &[]);
    assert!(ran.code == 3 && ran.err.contains("access was denied"), "{ran:?}");
}

#[test]
fn ctrl_c_stops_waiting_and_nothing_is_kept() {
    let world = world();
    let path = opener(&world);
    let child = begun(&world, &path);
    wait_until("the browser is opened", || world.path("opened").exists());
    let stopped = Instant::now();
    interrupt(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{ran:?}");
    assert!(stopped.elapsed() < Duration::from_secs(5) && !place(&world).exists(), "{ran:?}");
    // A prompt, too: its standard input stays open.
    let place = place(&world);
    let arguments = login(&world, place.to_str().unwrap(), &["--client-secret-stdin"]);
    let mut command = world.command(&arguments);
    command.env_remove("PIPEDRIVE_BASE_URL").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let open = child.stdin.take();
    std::thread::sleep(Duration::from_millis(500));
    interrupt(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{ran:?}");
    drop(open);
}

#[test]
fn a_desktop_without_a_browser_has_the_address_opened_by_hand() {
    let world = world();
    fs::create_dir(world.path("bin")).unwrap();
    let child = begun(&world, world.path("bin").to_str().unwrap());
    std::thread::sleep(Duration::from_millis(1500));
    interrupt(&child);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    let warning = lines(&ran, "warning").join("\n");
    assert!(warning.contains("no browser was opened") && warning.contains("--no-browser"), "{ran:?}");
    assert_eq!(lines(&ran, "address").len(), 1, "{ran:?}");
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

#[test]
fn a_data_source_by_which_nobody_signs_in_does_not_work() {
    let world = world();
    signed_in(&world, &["--set-dsn"]);
    world.ok(&["dsn", "edit", "Demo", "InitiateOAuth="]);
    for command in
        [&["status", "--dsn", "Demo"][..], &["status", "--dsn", "Demo", "--offline"], &["dsn", "test", "Demo"]]
    {
        let ran = run(&world, "", command);
        assert!(ran.code == 3 && ran.err.contains("nobody is signed in: AuthScheme=OAuth alone"), "{ran:?}");
    }
    let told = run(&world, "", &["status", "--dsn", "Demo", "--json"]);
    assert_eq!((&json(&told.out)["signed_in"], &json(&told.out)["oauth"]), (&false.into(), &Value::Null), "{told:?}");
}

#[test]
fn what_is_refused_is_not_kept_and_is_told_with_what_to_do() {
    let world = world();
    let place = place(&world);
    let location = place.to_str().unwrap();
    for (verifier, code, part) in [
        ("wrong", 3, "the code was not taken"),
        ("", 2, "no code was given"),
        ("http://localhost/back?state=x", 2, "without a code"),
    ] {
        let ran = redeemed(&world, verifier, &[]);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{verifier}: {ran:?}");
        assert!(ran.err.contains(part), "{verifier}: {ran:?}");
    }
    // A code is good once.
    let back = allowed(&world, true);
    assert_eq!(redeemed(&world, &back, &[]).code, 0);
    let ran = redeemed(&world, &back, &[]);
    assert!(ran.code == 3 && ran.err.contains("good for one sign-in"), "{ran:?}");
    fs::remove_file(&place).unwrap();
    let wrong = run(
        &world,
        &format!("5ec4e7wrong\n{}\n", allowed(&world, true)),
        &login(&world, location, &["--client-secret-stdin", "--code-stdin", "--json"]),
    );
    assert!(wrong.code == 3 && wrong.err.contains("OAuthClientSecret"), "{wrong:?}");
    assert!(!wrong.err.contains("5ec4e7wrong"), "{wrong:?}");
    // Another company's.
    world.ok(&["dsn", "edit", "Demo", "CompanyDomain=globex"]);
    let other = redeemed(&world, &allowed(&world, true), &[]);
    assert!(other.code == 2 && other.err.contains("CompanyDomain says 'globex'"), "{other:?}");
    assert!(other.err.contains("the OAuth sign-in belongs to") && !other.err.contains("API token"), "{other:?}");
    assert!(!place.exists(), "nothing is kept");
    assert_eq!(holding(world.home.path(), SECRET), [""; 0]);
}

#[test]
fn nobody_is_asked_for_anything_that_could_not_be_kept() {
    let world = world();
    let client = world.sandbox.client_id();
    let own = ["login", "--oauth", "--dsn", "Demo", "--client-id", client, "--client-secret-stdin", "--code-stdin"];
    let others = world.path("others");
    fs::create_dir(&others).unwrap();
    fs::set_permissions(&others, Permissions::from_mode(0o777)).unwrap();
    let others = others.join("x.json");
    for (location, code, part) in [
        (None, 3, "no session bus"),
        (Some("keyring://crm"), 3, "--location /path/to/it"),
        (Some("memory://crm"), 2, "lasts as long as the process"),
        (Some(others.to_str().unwrap()), 3, "others can write to the folder"),
        (Some("crm.json"), 2, "OAuthSettingsLocation"),
    ] {
        let location = location.map(|location| vec!["--location", location]).unwrap_or_default();
        let ran = run(&world, &format!("{SECRET}\nx\n"), &[&own[..], &location].concat());
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{location:?}: {ran:?}");
        assert!(ran.err.contains(part) && !ran.err.contains("/oauth/authorize"), "{location:?}: {ran:?}");
    }
    assert!(world.sandbox.oauth_requests().is_empty());
}

#[test]
fn without_a_terminal_the_ways_are_named() {
    let world = world();
    let place = place(&world);
    let location = place.to_str().unwrap();
    let none = run(&world, "", &["login", "--oauth", "--dsn", "Demo"]);
    assert!(none.code == 2 && none.err.contains("--client-id") && none.err.contains("Developer Hub"), "{none:?}");
    let none = run(&world, "", &login(&world, location, &[]));
    assert!(none.code == 2 && none.err.contains("--client-secret-stdin"), "{none:?}");
    let none = run(&world, SECRET, &login(&world, location, &["--client-secret-stdin", "--no-browser"]));
    assert!(none.code == 2 && none.err.contains("--code-stdin") && none.err.contains("/oauth/authorize?"), "{none:?}");
    // A callback of another computer is one where nobody waits here.
    let elsewhere = ["--client-secret-stdin", "--callback", "https://app.example.com/back"];
    let variables = [("DISPLAY", ":0"), QUIET_BUS[0]];
    let none = fed(&world, SECRET, &login(&world, location, &elsewhere), &variables);
    assert!(none.code == 2 && none.err.contains("No browser is opened here: CallbackURL is no plain"), "{none:?}");
    assert!(none.err.contains("redirect_uri=https%3A%2F%2Fapp.example.com%2Fback"), "{none:?}");
    // What is of OAuth is of no use without it.
    for option in ["--no-browser", "--code-stdin", "--set-dsn", "--client-secret-stdin", "--address"] {
        let alone = run(&world, "", &["login", "--dsn", "Demo", option]);
        assert!(alone.code == 2 && alone.err.contains("--oauth"), "{option}: {alone:?}");
    }
    let both = run(&world, "", &["login", "--oauth", "--dsn", "Demo", "--token-stdin"]);
    assert_eq!(both.code, 2, "{both:?}");
}

#[test]
fn no_secret_is_an_argument() {
    let world = world();
    for option in ["--client-secret", "--oauth-client-secret", "--code", "--verifier"] {
        for argument in [vec![option.to_owned(), SECRET.to_owned()], vec![format!("{option}={SECRET}")]] {
            let argument: Vec<_> = argument.iter().map(String::as_str).collect();
            for json in [&["login", "--oauth"][..], &["--json", "login", "--oauth"], &["login"]] {
                let told = world.fails(2, &[json, argument.as_slice()].concat());
                assert!(told.contains("list of processes") && !told.contains(SECRET), "{argument:?}: {told}");
            }
        }
    }
    assert!(world.sandbox.oauth_requests().is_empty());
}

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

/// Every command that has to do with a sign-in, for people and for programs, as it succeeds and as it fails.
#[test]
fn no_secret_of_a_sign_in_is_in_any_output_or_in_the_list_of_processes() {
    let world = world();
    let (place, log) = (place(&world), world.path("private/demo.log"));
    let location = place.to_str().unwrap();
    let mut said = String::new();
    let mut say = |ran: Ran| said.push_str(&format!("{ran:?}"));
    let back = allowed(&world, true);
    let code = back.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned();
    // Whoever lists processes meanwhile.
    world.sandbox.arm(Fault::delay(Duration::from_millis(800)).on("/oauth/token").times(1));
    let own = login(&world, location, &["--client-secret-stdin", "--code-stdin", "--set-dsn"]);
    let mut command = world.command(&own);
    command.env_remove("PIPEDRIVE_API_TOKEN").env_remove("PIPEDRIVE_BASE_URL").envs(QUIET_BUS.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{SECRET}\n{back}\n").as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(400));
    let seen = ["cmdline", "environ"].map(|name| fs::read_to_string(format!("/proc/{}/{name}", child.id())).unwrap());
    assert!(seen[0].contains("login") && !seen.concat().contains(SECRET) && !seen.concat().contains(&code), "{seen:?}");
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    say(ran);
    let mut all = secrets(&world);
    all.push(code);
    world.ok(&["dsn", "edit", "Demo", &format!("LogFile={}", log.display()), "Verbosity=5"]);
    // Renewed, so that there are others, too.
    world.sandbox.expire_access();
    let (query, sql) = (["query", "--dsn", "Demo"], ["SELECT * FROM deals", "SELECT * FROM sys.requests", "SELECT )"]);
    sql.iter().for_each(|sql| say(run(&world, "", &[&query[..], &[sql]].concat())));
    say(run(&world, "", &[&query[..], &["EXPLAIN SELECT id FROM deals"]].concat()));
    let renewed = secrets(&world);
    assert_ne!(renewed[..2], all[..2], "both tokens are new");
    all.extend(renewed);
    for json in [&[][..], &["--json"]] {
        for command in [
            &["status", "--dsn", "Demo"][..],
            &["status", "--dsn", "Demo", "--offline"],
            &["doctor", "--dsn", "Demo"],
            &["dsn", "show", "Demo"],
            &["dsn", "test", "Demo"],
            &["logout", "--dsn", "Demo", "--revoke"],
        ] {
            say(run(&world, "", &[command, json].concat()));
        }
    }
    // A code that was used, and faults of the server that quote what they were sent.
    say(redeemed(&world, &back, &[]));
    for fault in [Fault::status(500), Fault::html(403), Fault::status(400)] {
        world.sandbox.arm(fault.on("/oauth/token").times(3));
        let fresh = allowed(&world, true);
        all.push(fresh.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned());
        say(redeemed(&world, &fresh, &[]));
        world.sandbox.disarm();
    }
    world.sandbox.arm(Fault::status(500).on("/oauth/revoke").times(9));
    say(run(&world, "", &["logout", "--dsn", "Demo", "--revoke", "--yes"]));
    world.sandbox.uninstall();
    say(run(&world, "", &["status", "--dsn", "Demo"]));
    said.push_str(&fs::read_to_string(&log).unwrap());
    assert!(said.contains("/api/v2/deals") && said.contains("no longer good") && said.len() > 10_000, "{said}");
    for secret in all {
        assert!(secret.len() > 8 && !said.contains(&secret), "{secret} in {said}");
        let kept = holding(world.home.path(), &secret);
        assert!(kept.iter().all(|file| *file == place.display().to_string()), "{secret} in {kept:?}");
    }
}
