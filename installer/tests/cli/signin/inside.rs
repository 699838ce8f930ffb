//! What runs within a session that has a keyring.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pipedrive_sandbox::{Config, Fault, Tls};

use super::oauth::SECRET;
use super::{fed, holding};
use crate::named_files::assert_secret_files;
use crate::{Ran, World, driver, json};

const LOGIN: &[&str] = &["login", "--dsn", "Demo", "--token-stdin"];
const WRONG: &str = "5ec4e7a9c0ffee5ec4e7a9c0ffee5ec4e7a9c0ff";

/// A world with the driver and the data source `Demo`, which holds no token.
fn world() -> World {
    let world = World::new();
    world.ok(&["install", "--system", "--driver", driver().to_str().unwrap()]);
    world.ok(&["dsn", "add", "Demo", &format!("BaseURL={}", world.sandbox.url()), "LoginTimeout=3"]);
    world
}

fn run(world: &World, arguments: &[&str]) -> Ran {
    fed(world, "", arguments, &[])
}

#[track_caller]
fn ok(world: &World, input: &str, arguments: &[&str]) -> serde_json::Value {
    let ran = fed(world, input, &[arguments, &["--json"]].concat(), &[]);
    assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
    json(&ran.out)
}

/// Signs in, and sees that whoever lists processes meanwhile finds no token.
fn watched_login(world: &World) -> serde_json::Value {
    world.sandbox.arm(Fault::delay(Duration::from_millis(800)).on("/api/v1/users/me").times(1));
    let mut command = world.command(&[LOGIN, &["--json"]].concat());
    command.env_remove("PIPEDRIVE_API_TOKEN").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{}", world.sandbox.token()).unwrap();
    std::thread::sleep(Duration::from_millis(400));
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let seen = ["cmdline", "environ"].map(|name| fs::read_to_string(process.join(name)).unwrap());
    assert!(seen[0].contains("login") && !seen.concat().contains(world.sandbox.token()), "{seen:?}");
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    json(&ran.out)
}

/// What isql says of the data source, as a user with nothing in the environment.
fn isql(world: &World) -> String {
    let mut command = Command::new("isql");
    command.args(["Demo", "-b", "-v"]);
    world.apply(&mut command);
    command.env_remove("PIPEDRIVE_API_TOKEN").env_remove("PIPEDRIVE_BASE_URL");
    fs::write(world.path("input.sql"), "SELECT COUNT(*) FROM deals\n").unwrap();
    command.stdin(fs::File::open(world.path("input.sql")).unwrap());
    let ran = Ran::of(command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap());
    ran.out + &ran.err
}

/// What the keyring has of this driver.
fn entries() -> String {
    let found = Command::new("secret-tool").args(["search", "--all", "service", "pipedrive-odbc"]).output().unwrap();
    String::from_utf8(found.stdout).unwrap()
}

/// Locks the keyring.
pub(super) fn lock() {
    let collection = "array:objpath:/org/freedesktop/secrets/collection/login";
    ask_the_bus(
        "org.freedesktop.secrets",
        &["/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", collection],
    );
}

fn ask_the_bus(of: &str, call: &[&str]) {
    let mut command = Command::new("dbus-send");
    command.args(["--session", "--print-reply", &format!("--dest={of}")]).args(call);
    assert!(command.output().unwrap().status.success(), "{call:?}");
}

/// What shows the keyring's dialog from here on: a program that unlocks the keyring itself, or does nothing, and fails
/// then, as one does that has no screen. (A dialog that is answered takes a conversation that only libgcr speaks.)
pub(super) fn prompter(unlocks: bool) {
    const UNLOCK: &str = r#"
import dbus
bus, path = dbus.SessionBus(), "/org/freedesktop/secrets"
service = bus.get_object("org.freedesktop.secrets", path)
_, session = service.OpenSession("plain", "", dbus_interface="org.freedesktop.Secret.Service")
secret = (session, dbus.ByteArray(b""), dbus.ByteArray(b"password"), "text/plain")
secret = dbus.Struct(secret, signature="oayays")
unlock = service.get_dbus_method(
    "UnlockWithMasterPassword", "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")
unlock(path + "/collection/login", secret)
raise SystemExit(1)
"#;
    let (program, services) = (home().join("prompter.py"), home().join("share/dbus-1/services"));
    fs::write(&program, if unlocks { UNLOCK } else { "raise SystemExit(1)" }).unwrap();
    fs::create_dir_all(&services).unwrap();
    let name = "org.gnome.keyring.SystemPrompter";
    let entry = format!("[D-BUS Service]\nName={name}\nExec=/usr/bin/python3 {}\n", program.display());
    fs::write(services.join(format!("{name}.service")), entry).unwrap();
    ask_the_bus("org.freedesktop.DBus", &["/", "org.freedesktop.DBus.ReloadConfig"]);
}

fn home() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "the session that runs this test names its home folder")]
    let home = std::env::var_os("PIPEDRIVE_ODBC_TEST_HOME");
    home.unwrap().into()
}

#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn signs_in_and_connects() {
    let world = world();
    let (url, token) = (world.sandbox.url(), world.sandbox.token());
    let user = world.sandbox.dataset().users().next().unwrap();
    assert!(isql(&world).contains("no sign-in for the data source 'Demo'"));
    let told = watched_login(&world);
    assert_eq!((&told["user"], &told["base_url"]), (&user.name.as_str().into(), &url.into()), "{told}");
    assert_eq!((&told["connection_string"], &told["data_source"]), (&"DSN=Demo".into(), &"Demo".into()));
    let rows = isql(&world);
    assert!(rows.contains("| 230 "), "{rows}");
    let status = ok(&world, "", &["status", "--dsn", "demo"]);
    let expected = "the keyring's sign-in for the data source 'Demo'";
    assert_eq!((&status["signed_in"], &status["token_from"]), (&true.into(), &expected.into()), "{status}");
    assert_eq!((&status["user"], &status["keyring"]["reachable"]), (&user.name.as_str().into(), &true.into()));
    assert!(status["day_left"].as_u64().unwrap() < status["day_limit"].as_u64().unwrap(), "{status}");
    let folder = PathBuf::from(status["state_folder"].as_str().unwrap());
    assert!(fs::read_to_string(folder.join("index.json")).unwrap().contains(&user.name));
    world.sandbox.reset_stats();
    let offline = ok(&world, "", &["status", "--dsn", "Demo", "--offline"]);
    assert_eq!((&offline["user"], &offline["signed_in"]), (&user.name.as_str().into(), &().into()), "{offline}");
    assert_eq!((&offline["day_left"], world.sandbox.stats().requests), (&status["day_left"], 0));
    // A second sign-in asks again, although the proof is fresh.
    let again = fed(&world, token, LOGIN, &[]);
    assert!(again.out.contains("connect with  DSN=Demo") && again.err.is_empty(), "{again:?}");
    assert_eq!(world.sandbox.stats().requests, 1);
    // What is nearer than the keyring is used in its place.
    let hidden = fed(&world, token, LOGIN, &[("PIPEDRIVE_TOKEN_FILE", "/x")]);
    assert!(hidden.code == 0 && hidden.err.contains("connections do not use the kept token yet"), "{hidden:?}");
    for folder in [world.home.path().to_owned(), home()] {
        assert_eq!(holding(&folder, token), [""; 0]);
    }
    let gone = ok(&world, "", &["logout", "--dsn", "DEMO"]);
    assert_eq!((&gone["removed"], &gone["data_source"]), (&true.into(), &"Demo".into()), "{gone}");
    assert_eq!(entries(), "");
    let index = fs::read_to_string(folder.join("index.json")).unwrap();
    assert!(!index.contains(&user.name), "the proof is gone: {index}");
    assert!(isql(&world).contains("no sign-in for the data source 'Demo'"));
    assert_eq!(ok(&world, "", &["logout", "--dsn", "Demo"])["removed"], false);
    let status = run(&world, &["status", "--dsn", "Demo"]);
    assert!(status.code == 3 && status.out.contains("signed in     no"), "{status:?}");
    // A data source that is no more can be signed out of.
    ok(&world, token, LOGIN);
    world.ok(&["dsn", "remove", "Demo", "--yes"]);
    assert_eq!(ok(&world, "", &["logout", "--dsn", "demo"])["removed"], true);
    assert_eq!(run(&world, &["logout", "--dsn", "demo"]).code, 6);
}

#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn for_a_host() {
    let world = world();
    let (url, token) = (world.sandbox.url(), world.sandbox.token());
    let unknown = fed(&world, token, &["login", "--base-url", "https://crm.example.com", "--token-stdin"], &[]);
    assert!(
        unknown.code == 6 && unknown.err.contains("no data source has BaseURL=https://crm.example.com"),
        "{unknown:?}"
    );
    let address = format!("{url}/");
    let told = ok(&world, token, &["login", "--base-url", &address, "--token-stdin"]);
    assert_eq!((&told["data_source"], &told["connection_string"]), (&().into(), &"DSN=Demo".into()), "{told}");
    assert!(isql(&world).contains("| 230 "));
    let status = ok(&world, "", &["status", "--dsn", "Demo"]);
    assert_eq!(status["token_from"], format!("the keyring's sign-in for {url}"), "{status}");
    // The data source's own is forgotten, the host's serves on, and that is told.
    ok(&world, token, LOGIN);
    let gone = run(&world, &["logout", "--dsn", "Demo"]);
    assert!(gone.code == 0 && gone.err.contains(&format!("logout --base-url {url}")), "{gone:?}");
    assert!(isql(&world).contains("| 230 "));
    assert_eq!(ok(&world, "", &["logout", "--base-url", url])["removed"], true);
    assert!(isql(&world).contains("no sign-in"));
    // The environment may name the host.
    let environment = [("PIPEDRIVE_BASE_URL", url)];
    let told = fed(&world, token, &["login", "--token-stdin"], &environment);
    assert!(told.code == 0 && told.out.contains("Driver=Pipedrive\n"), "{told:?}");
    assert_eq!(fed(&world, "", &["status"], &environment).code, 0);
    let file = world.path("token");
    fs::write(&file, token).unwrap();
    let from_file = ["login", "--token-file", file.to_str().unwrap()];
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(fed(&world, "", &from_file, &environment).code, 0);
    let refused = |path: &str| fed(&world, "", &["login", "--token-file", path], &environment);
    assert_secret_files(&world, "--token-file", refused);
    // Another token is nearer.
    let nearer = fed(&world, token, &["login", "--token-stdin"], &[environment[0], ("PIPEDRIVE_API_TOKEN", WRONG)]);
    assert!(
        nearer.code == 0 && nearer.err.contains("connections use another token: that of the environment"),
        "{nearer:?}"
    );
    assert!(!nearer.err.contains(WRONG));
    assert_eq!(fed(&world, "", &["logout"], &environment).code, 0);
    assert_eq!(run(&world, &["logout"]).code, 2, "whose is not known");
}

#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn not_kept() {
    let world = world();
    let (url, token) = (world.sandbox.url(), world.sandbox.token());
    let wrong = fed(&world, WRONG, &[LOGIN, &["--json"]].concat(), &[]);
    assert_eq!((wrong.code, wrong.out.as_str()), (3, ""), "{wrong:?}");
    assert_eq!(json(&wrong.err)["error"]["kind"], "sign_in");
    assert!(wrong.err.contains("which comes from standard input") && !wrong.err.contains(WRONG), "{wrong:?}");
    for input in ["", "  \n", "two words\n", &"x".repeat(5000)] {
        let ran = fed(&world, input, LOGIN, &[]);
        assert!(ran.code == 2 && !ran.err.contains("words\n") && !ran.err.contains("xxx"), "{ran:?}");
    }
    let none = run(&world, &["login", "--dsn", "Demo"]);
    assert!(none.code == 2 && none.err.contains("no terminal") && none.err.contains("--token-stdin"), "{none:?}");
    world.ok(&["dsn", "add", "Other", &format!("BaseURL={url}"), "CompanyDomain=globex"]);
    let other = fed(&world, token, &["login", "--dsn", "Other", "--token-stdin"], &[]);
    assert!(other.code == 2 && other.err.contains("CompanyDomain says 'globex'"), "{other:?}");
    assert!(!other.err.contains(token));
    let status = fed(&world, "", &["status", "--dsn", "Other", "--json"], &[("PIPEDRIVE_API_TOKEN", "")]);
    assert_eq!((status.code, &json(&status.out)["signed_in"]), (3, &false.into()), "{status:?}");
    assert_eq!(entries(), "", "nothing was kept");
}

#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn locked() {
    let world = world();
    let token = world.sandbox.token();
    ok(&world, token, LOGIN);
    lock();
    world.sandbox.reset_stats();
    let started = Instant::now();
    let status = run(&world, &["status", "--dsn", "Demo", "--json"]);
    assert_eq!((status.code, &json(&status.out)["keyring"]["reachable"]), (3, &true.into()), "{status:?}");
    assert!(json(&status.out)["keyring"]["told"].as_str().unwrap().contains("locked"), "{status:?}");
    for arguments in [LOGIN, &["logout", "--dsn", "Demo"]] {
        let ran = fed(&world, token, arguments, &[]);
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
        assert!(ran.err.contains("keyring") && !ran.err.contains(token), "{ran:?}");
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(world.sandbox.stats().requests, 0, "nothing was spent on a token that cannot be kept");
    assert_eq!(holding(world.home.path(), token), [""; 0]);
}

#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn forgotten() {
    let world = world();
    let token = world.sandbox.token();
    let user = world.sandbox.dataset().users().next().unwrap();
    let proof = || world.read(".local/state/pipedrive-odbc/index.json").contains(&user.name);
    // Unlocked while it is asked to forget.
    prompter(true);
    ok(&world, token, LOGIN);
    assert!(proof());
    lock();
    assert_eq!(ok(&world, "", &["logout", "--dsn", "Demo"])["removed"], true);
    assert!(entries().is_empty() && !proof(), "{}", world.read(".local/state/pipedrive-odbc/index.json"));
    // What a later version keeps tells no token.
    ok(&world, token, LOGIN);
    let mut later = Command::new("secret-tool");
    later.args(["store", "--label=later", "service", "pipedrive-odbc", "username", "token demo"]);
    let mut later = later.stdin(Stdio::piped()).spawn().unwrap();
    later.stdin.take().unwrap().write_all(br#"{"format":99}"#).unwrap();
    assert!(later.wait().unwrap().success() && proof());
    assert_eq!(ok(&world, "", &["logout", "--dsn", "Demo"])["removed"], true);
    assert!(entries().is_empty() && !proof());
}

#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn certificate() {
    let world = World::with(Config { tls: Some(Tls::default()), ..Config::default() });
    let (url, token) = (world.sandbox.url(), world.sandbox.token());
    world.ok(&["dsn", "add", "Demo", &format!("BaseURL={url}"), "LoginTimeout=10"]);
    let stranger = fed(&world, token, LOGIN, &[]);
    assert!(stranger.code == 4 && entries().is_empty(), "{stranger:?}");
    let authority = world.sandbox.certificates().unwrap().authority_file();
    world.ok(&["dsn", "edit", "Demo", &format!("SSLServerCert={}", authority.display())]);
    assert_eq!(ok(&world, token, LOGIN)["base_url"], url);
    assert_eq!(ok(&world, "", &["status", "--dsn", "Demo"])["signed_in"], true);
    // Its proxy, too.
    ok(&world, "", &["logout", "--dsn", "Demo"]);
    world.ok(&["dsn", "edit", "Demo", "ProxyServer=127.0.0.1", "ProxyPort=1"]);
    let proxy = fed(&world, token, LOGIN, &[]);
    assert!(proxy.code == 4 && proxy.err.contains("proxy") && entries().is_empty(), "{proxy:?}");
}

#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn a_token_beside_oauth() {
    let world = super::oauth::world();
    oauth(&world, &["--set-dsn"]);
    let ran = fed(&world, world.sandbox.token(), LOGIN, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let warning = ran.err.lines().find(|line| line.starts_with("warning:")).unwrap();
    assert!(warning.contains("'Demo' signs in by OAuth") && !warning.contains("comes before"), "{ran:?}");
    assert!(ok(&world, "", &["status", "--dsn", "Demo"])["token_from"].as_str().unwrap().contains("OAuth"));
    // The command that it names is what it takes.
    let command = warning.split_once("pipedrive-odbc ").unwrap().1;
    world.ok(&command.split(' ').collect::<Vec<_>>());
    let status = ok(&world, "", &["status", "--dsn", "Demo"]);
    assert_eq!(status["token_from"], "the keyring's sign-in for the data source 'Demo'", "{status}");
    assert_eq!(fed(&world, world.sandbox.token(), LOGIN, &[]).err, "");
    // The environment's, where no data source is meant.
    let environment = [("PIPEDRIVE_BASE_URL", world.sandbox.url()), ("PIPEDRIVE_OAUTH_ACCESS_TOKEN", WRONG)];
    let ran = fed(&world, world.sandbox.token(), &["login", "--token-stdin"], &environment);
    assert!(ran.code == 0 && ran.err.contains("the environment has connections sign in by OAuth"), "{ran:?}");
}

/// Signs in by OAuth; the code comes back by hand.
pub(super) fn oauth(world: &World, more: &[&str]) -> serde_json::Value {
    let client = world.sandbox.client_id();
    let own = [&["login", "--oauth", "--dsn", "Demo", "--client-id", client, "--client-secret-stdin"], more].concat();
    let address = ok(world, SECRET, &[&own[..], &["--address"]].concat());
    let back = world.sandbox.authorize(None, true, address["address"].as_str().unwrap()).unwrap();
    ok(world, &format!("{SECRET}\n{back}\n"), &[&own[..], &["--code-stdin"]].concat())
}

#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn by_oauth() {
    let world = super::oauth::world();
    let told = oauth(&world, &["--set-dsn"]);
    assert_eq!((&told["oauth"]["location"], &told["next_step"]), (&"keyring://Demo".into(), &().into()), "{told}");
    assert!(!world.read(".odbc.ini").contains("OAuthSettingsLocation"), "the place is the usual one");
    assert!(isql(&world).contains("| 30 "), "the driver finds it");
    for folder in [world.home.path().to_owned(), home()] {
        assert_eq!(holding(&folder, SECRET), [""; 0]);
    }
    // One that was kept before the data source signed in by OAuth goes with it.
    let entry = ["store", "--label=test", "service", "pipedrive-odbc", "username", "token demo"];
    let mut child = Command::new("secret-tool").args(entry).stdin(Stdio::piped()).spawn().unwrap();
    let content = format!(r#"{{"format":1,"base":"{}","token":"{}"}}"#, world.sandbox.url(), world.sandbox.token());
    write!(child.stdin.take().unwrap(), "{content}").unwrap();
    assert!(child.wait().unwrap().success());
    let gone = ok(&world, "", &["logout", "--dsn", "DEMO"]);
    assert_eq!((&gone["removed"], &gone["oauth"]["removed"]), (&true.into(), &true.into()), "{gone}");
    assert_eq!(entries(), "");
    assert!(isql(&world).contains("nobody is signed in"));
    // A data source that does not use its sign-in, and one that is no more, can be signed out of.
    for change in [&["dsn", "edit", "Demo", "AuthScheme=Basic"][..], &["dsn", "remove", "Demo", "--yes"]] {
        oauth(&world, &[]);
        world.ok(change);
        let gone = ok(&world, "", &["logout", "--dsn", "Demo"]);
        assert_eq!((&gone["removed"], &gone["oauth"]["removed"]), (&true.into(), &true.into()), "{gone}");
        assert_eq!(entries(), "");
    }
}
