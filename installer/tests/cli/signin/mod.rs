//! `login`, `logout`, `status`, with a keyring for real: GNOME Keyring in a session of its own.
//!
//! - `inside.rs`: what runs within such a session; each test there is ignored and started by the one beside it here
//! - `terminal.rs`: the prompt, on a pseudo-terminal
//! - `oauth.rs`: signing in by OAuth; `documented.rs`: what `docs/oauth.md` says
//!
//! What needs no keyring is here.

mod documented;
mod inside;
pub(crate) mod oauth;
mod terminal;

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Ran, World, json};

/// Where nobody listens.
const NO_BUS: &str = "unix:path=/nonexistent/bus";

/// Runs the command with this standard input, without the environment's token.
pub(crate) fn fed(world: &World, input: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = world.command(arguments);
    command.env_remove("PIPEDRIVE_API_TOKEN").env_remove("PIPEDRIVE_BASE_URL").envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that needs no input may be gone already.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    Ran::of(child.wait_with_output().unwrap())
}

/// The files below a folder that hold `text`.
pub(crate) fn holding(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if path.is_file() && fs::read(&path).unwrap().windows(text.len()).any(|part| part == text.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// Runs a test of `inside` or `terminal` in a session of its own, with an unlocked keyring.
#[track_caller]
fn in_a_session(name: &str) {
    let home = tempfile::tempdir().unwrap();
    let mut command = session(home.path());
    command.arg(std::env::current_exe().unwrap());
    command.args([&format!("signin::{name}"), "--exact", "--ignored", "--nocapture"]);
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("test result: ok. 1 passed"), "{said}");
}

/// What runs the program that is named behind it in a session of its own, with an unlocked keyring.
pub(crate) fn session(home: &Path) -> Command {
    let mut command = Command::new("sh");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/clients/keyring_session.sh")).arg(home);
    command
}

#[test]
fn who_signs_in_connects_with_a_data_source_that_holds_no_token() {
    in_a_session("inside::signs_in_and_connects");
}

#[test]
fn a_sign_in_by_oauth_is_kept_in_the_keyring_under_the_name_of_the_data_source() {
    in_a_session("inside::by_oauth");
}

#[test]
fn every_command_and_connection_string_of_the_page_about_oauth_works() {
    in_a_session("documented::followed");
}

#[test]
fn a_sign_in_for_a_host_serves_every_data_source_that_names_it() {
    in_a_session("inside::for_a_host");
}

#[test]
fn a_token_that_is_refused_or_of_another_company_is_not_kept() {
    in_a_session("inside::not_kept");
}

#[test]
fn a_locked_keyring_is_told_and_nothing_waits_for_ever() {
    in_a_session("inside::locked");
}

#[test]
fn a_locked_keyring_is_unlocked_before_the_token_is_asked_for_or_it_is_not_asked_for() {
    in_a_session("terminal::locked");
}

#[test]
fn a_locked_keyring_is_unlocked_before_the_application_of_its_sign_in_is_missed() {
    in_a_session("terminal::locked_by_oauth");
}

#[test]
fn a_token_for_a_data_source_that_signs_in_by_oauth_is_told_to_be_of_no_use_there() {
    in_a_session("inside::a_token_beside_oauth");
}

#[test]
fn who_signs_out_leaves_no_proof_of_a_sign_in_that_could_not_be_read() {
    in_a_session("inside::forgotten");
}

#[test]
fn signing_in_uses_the_certificate_and_the_proxy_of_the_data_source() {
    in_a_session("inside::certificate");
}

#[test]
fn the_prompt_shows_no_token() {
    in_a_session("terminal::prompt");
}

#[test]
fn a_token_that_is_an_argument_is_refused_and_not_repeated() {
    let world = World::new();
    let secret = "5ec4e7a9c0ffee5ec4e7a9c0ffee5ec4e7a9c0ff";
    let joined =
        ["--token=", "--api-token=", "--apitoken=", "--pwd=", "--password="].map(|name| name.to_owned() + secret);
    let joined = joined.iter().map(|argument| vec![argument.as_str()]);
    for argument in [vec!["--token", secret], vec![secret], vec!["--token-stdin", secret]].into_iter().chain(joined) {
        for json in [&["login"][..], &["login", "--json"]] {
            let told = world.fails(2, &[json, argument.as_slice()].concat());
            for part in ["list of processes", "--token-stdin"] {
                assert!(told.contains(part), "{argument:?}: {told}");
            }
            assert!(!told.contains(secret), "{told}");
        }
    }
    // A name that nobody thought of.
    let told = world.fails(2, &["login", &format!("--api_token={secret}")]);
    assert!(!told.contains(secret), "{told}");
    assert_eq!(world.sandbox.stats().requests, 0);
}

#[test]
fn without_a_terminal_the_token_needs_a_way() {
    let world = World::new();
    // There is a keyring to ask in sessions only, and it is asked before the token is.
    let told = world.fails(2, &["login", "--token-stdin", "--token-file", "x"]);
    assert!(told.contains("cannot be used with"), "{told}");
    for arguments in [["login", "--dsn", "none"], ["status", "--dsn", "none"], ["logout", "--dsn", "none"]] {
        let ran = fed(&world, "", &arguments, &[("DBUS_SESSION_BUS_ADDRESS", NO_BUS)]);
        let code = if arguments[0] == "logout" { 3 } else { 6 };
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
    }
    for arguments in [["login", "--company", " "], ["login", "--company", "a.b"], ["logout", "--company", "a/b"]] {
        assert_eq!(fed(&world, "", &arguments, &[]).code, 2, "{arguments:?}");
    }
}

#[test]
fn without_a_bus_the_ways_out_are_named_and_nothing_is_written() {
    let world = World::new();
    let (url, token) = (world.sandbox.url(), world.sandbox.token());
    world.ok(&["dsn", "add", "Demo", &format!("BaseURL={url}")]);
    let no_bus = [("DBUS_SESSION_BUS_ADDRESS", NO_BUS)];
    let ran = fed(&world, token, &["login", "--dsn", "Demo", "--token-stdin"], &no_bus);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
    for part in ["no session bus", "dsn edit Demo TokenFile=", "chmod 600", "PIPEDRIVE_API_TOKEN", "was not kept"] {
        assert!(ran.err.contains(part), "{part}: {ran:?}");
    }
    assert!(!ran.err.contains("pipedrive-odbc login"), "that is what was tried: {ran:?}");
    assert_eq!(world.sandbox.stats().requests, 0, "nothing was sent in vain");
    assert_eq!(holding(world.home.path(), token), [""; 0]);
    let ran = fed(&world, "", &["logout", "--dsn", "Demo", "--json"], &no_bus);
    assert_eq!((ran.code, &json(&ran.err)["error"]["kind"]), (3, &"sign_in".into()), "{ran:?}");
    // Nobody is signed in; the rest is told all the same.
    let ran = fed(&world, "", &["status", "--dsn", "Demo", "--json"], &no_bus);
    assert_eq!(ran.code, 3, "{ran:?}");
    let told = json(&ran.out);
    assert_eq!((&told["signed_in"], &told["keyring"]["reachable"]), (&false.into(), &false.into()), "{told}");
    assert_eq!((&told["base_url"], &told["token_from"]), (&url.into(), &().into()), "{told}");
    // The file that was named serves.
    world.write("token", token);
    fs::set_permissions(world.path("token"), Permissions::from_mode(0o600)).unwrap();
    world.ok(&["dsn", "edit", "Demo", &format!("TokenFile={}", world.path("token").display())]);
    let ran = fed(&world, "", &["status", "--dsn", "Demo", "--json"], &no_bus);
    let told = json(&ran.out);
    assert_eq!((ran.code, &told["signed_in"]), (0, &true.into()), "{told}");
    assert!(told["token_from"].as_str().unwrap().contains("TokenFile of the data source"), "{told}");
    let ran = fed(&world, "", &["status", "--dsn", "Demo"], &no_bus);
    assert!(ran.out.contains("signed in     yes") && ran.out.contains("no session bus"), "{ran:?}");
    assert!(!ran.out.contains(token), "{ran:?}");
}

#[test]
fn the_status_of_a_token_that_is_refused_or_a_host_that_is_gone() {
    let world = World::new();
    let url = world.sandbox.url();
    let ask = |base: &str, token: &str, more: &[&str]| {
        let variables =
            [("PIPEDRIVE_BASE_URL", base), ("PIPEDRIVE_API_TOKEN", token), ("DBUS_SESSION_BUS_ADDRESS", NO_BUS)];
        let ran = fed(&world, "", &[&["status", "--json"], more].concat(), &variables);
        (ran.code, json(&ran.out)["signed_in"].clone(), ran)
    };
    let (code, signed_in, ran) = ask(url, "5ec4e7a9c0ffee", &[]);
    assert_eq!((code, signed_in), (3, false.into()), "{ran:?}");
    assert!(!ran.out.contains("5ec4e7a9c0ffee") && !ran.err.contains("5ec4e7a9c0ffee"), "{ran:?}");
    let (code, signed_in, ran) = ask("http://127.0.0.1:1", "5ec4e7a9c0ffee", &[]);
    assert_eq!((code, signed_in), (4, ().into()), "{ran:?}");
    // Neither a token nor a place for it.
    let nowhere = fed(&world, "", &["status", "--json"], &[("DBUS_SESSION_BUS_ADDRESS", NO_BUS)]);
    assert_eq!((nowhere.code, &json(&nowhere.out)["signed_in"]), (3, &false.into()), "{nowhere:?}");
    // Offline nothing is claimed that nothing proves.
    let nowhere = fed(&world, "", &["status", "--offline", "--json"], &[("DBUS_SESSION_BUS_ADDRESS", NO_BUS)]);
    assert_eq!((nowhere.code, &json(&nowhere.out)["signed_in"]), (3, &().into()), "{nowhere:?}");
    world.sandbox.reset_stats();
    let (code, signed_in, ran) = ask(url, world.sandbox.token(), &["--offline"]);
    assert_eq!((code, signed_in, &json(&ran.out)["user"]), (0, ().into(), &().into()), "{ran:?}");
    assert_eq!(world.sandbox.stats().requests, 0);
    assert_eq!(ask(url, world.sandbox.token(), &[]).0, 0);
    let (_, _, ran) = ask(url, world.sandbox.token(), &["--offline"]);
    let user = world.sandbox.dataset().users().next().unwrap();
    assert_eq!(json(&ran.out)["user"], user.name.as_str(), "{ran:?}");
    assert_eq!(world.sandbox.stats().requests, 1);
}
