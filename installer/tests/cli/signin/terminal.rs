//! The prompt, on a pseudo-terminal.

use std::process::{Command, Stdio};

use super::inside::{lock, oauth, prompter};
use super::oauth::SECRET;
use crate::{Ran, World, json};

/// Runs a command on a terminal of its own, types when it is asked, and prints what the terminal showed, the exit
/// status, and whether the terminal echoes again.
const TERMINAL: &str = r#"
import json, os, pty, select, signal, sys, termios, time
typed, command = sys.argv[1].encode().decode("unicode_escape").encode(), sys.argv[2:]
# What else is asked, and the answers; a signal is one, too.
more = [(asked.encode(), answer) for asked, answer in json.loads(os.environ.pop("ANSWERS", "[]"))]
process, terminal = pty.fork()
if process == 0:
    os.execv(command[0], command)
shown, answered, echo, end = b"", False, None, time.time() + 30
while time.time() < end:
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:
            break
    # The prompt is there a moment before the terminal is silent.
    echo = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
    if typed and b"(not shown)" in shown and not answered and not echo:
        os.write(terminal, typed)
        answered = True
    for number, (asked, answer) in enumerate(more):
        # A signal at a silent prompt is for when it is silent.
        if asked in shown and not (echo and b"(not shown)" in asked):
            if answer.startswith("SIG"):
                os.kill(process, getattr(signal, answer))
            else:
                os.write(terminal, answer.encode() + b"\n")
            del more[number]
            break
else:
    os.kill(process, signal.SIGKILL)
code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
print(json.dumps({"shown": shown.decode(), "code": code, "answered": answered, "echo": echo}))
"#;

fn on_a_terminal(world: &World, typed: &str, arguments: &[&str]) -> serde_json::Value {
    answering(world, typed, arguments, &[])
}

/// The same, with answers to other questions.
fn answering(world: &World, typed: &str, arguments: &[&str], answers: &[(&str, &str)]) -> serde_json::Value {
    let mut command = Command::new("python3");
    command.args(["-c", TERMINAL, typed, env!("CARGO_BIN_EXE_pipedrive-odbc")]).args(arguments);
    world.apply(&mut command);
    command.env_remove("PIPEDRIVE_API_TOKEN").env_remove("PIPEDRIVE_BASE_URL");
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env("ANSWERS", serde_json::to_string(answers).unwrap());
    let ran = Ran::of(command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    json(&ran.out)
}

#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn prompt() {
    let world = World::new();
    let token = world.sandbox.token();
    world.ok(&["dsn", "add", "Demo", &format!("BaseURL={}", world.sandbox.url())]);
    let login = ["login", "--dsn", "Demo"];
    let given_up = on_a_terminal(&world, "\\x03", &login);
    assert_eq!((&given_up["code"], &given_up["answered"]), (&130.into(), &true.into()), "{given_up}");
    assert_eq!((&given_up["echo"], world.sandbox.stats().requests), (&true.into(), 0), "{given_up}");
    let ended = answering(&world, "", &login, &[("(not shown)", "SIGTERM")]);
    assert_eq!((&ended["code"], &ended["echo"]), (&130.into(), &true.into()), "{ended}");
    // Nothing, and Ctrl-D.
    for nothing in ["\\n", "\\x04"] {
        let told = on_a_terminal(&world, nothing, &login);
        assert!(told["code"] == 2 && told["shown"].as_str().unwrap().contains("nothing was sent"), "{told}");
    }
    let told = on_a_terminal(&world, &format!("{token}\\n"), &login);
    let shown = told["shown"].as_str().unwrap();
    assert_eq!((&told["code"], &told["answered"], &told["echo"]), (&0.into(), &true.into(), &true.into()), "{told}");
    for part in ["Personal preferences > API", "API token for the data source 'Demo'", "Signed in"] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(!shown.contains(token) && !shown.contains(&token[..8]), "{shown}");
    let mut status = world.command(&["status", "--dsn", "Demo"]);
    assert!(status.env_remove("PIPEDRIVE_API_TOKEN").output().unwrap().status.success());
}

#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn locked() {
    let world = World::new();
    let typed = format!("{}\\n", world.sandbox.token());
    world.ok(&["dsn", "add", "Demo", &format!("BaseURL={}", world.sandbox.url())]);
    let login = ["login", "--dsn", "Demo"];
    prompter(false);
    lock();
    let told = on_a_terminal(&world, &typed, &login);
    assert_eq!((&told["code"], &told["answered"]), (&3.into(), &false.into()), "{told}");
    assert!(told["shown"].as_str().unwrap().contains("the keyring is locked"), "{told}");
    assert_eq!(world.sandbox.stats().requests, 0);
    prompter(true);
    let told = on_a_terminal(&world, &typed, &login);
    assert_eq!((&told["code"], &told["answered"]), (&0.into(), &true.into()), "{told}");
}

/// The application of a sign-in that is locked up is looked for behind the lock.
#[test]
#[ignore = "runs in a session of its own, started by the test beside it"]
fn locked_by_oauth() {
    let world = super::oauth::world();
    let own = ["login", "--oauth", "--dsn", "Demo"];
    oauth(&world, &["--set-dsn"]);
    prompter(false);
    lock();
    for more in ["--address", "--no-browser"] {
        let told = on_a_terminal(&world, "", &[&own[..], &[more]].concat());
        let shown = told["shown"].as_str().unwrap();
        assert!(told["code"] == 3 && shown.contains("the keyring is locked"), "{told}");
        assert!(!shown.contains("Developer Hub"), "{told}");
    }
    let logout = ["logout", "--dsn", "Demo"];
    let told = on_a_terminal(&world, "", &logout);
    assert!(told["code"] == 3 && told["shown"].as_str().unwrap().contains("the keyring is locked"), "{told}");
    prompter(true);
    let told = on_a_terminal(&world, "", &[&own[..], &["--address"]].concat());
    assert!(told["code"] == 0 && told["shown"].as_str().unwrap().contains("/oauth/authorize?"), "{told}");
    // Signing out has it unlocked, too.
    lock();
    let told = on_a_terminal(&world, "", &logout);
    assert!(told["code"] == 0 && told["shown"].as_str().unwrap().contains("has forgotten the sign-in"), "{told}");
}

/// The client secret is typed unseen; the code is asked for below the address; what revoking does is asked before.
#[test]
fn client_secret_code_and_consent_are_asked_for() {
    let world = super::oauth::world();
    let (client, place) = (world.sandbox.client_id(), world.path("private/oauth.json"));
    let own = ["login", "--oauth", "--dsn", "Demo", "--client-id", client, "--location", place.to_str().unwrap()];
    let address = super::fed(&world, SECRET, &[&own[..], &["--client-secret-stdin", "--address"]].concat(), &[]);
    let back = world.sandbox.authorize(None, true, address.out.trim()).unwrap();
    let answers = [("browser came back to: ", back.as_str())];
    let told = answering(&world, &format!("{SECRET}\\n"), &[&own[..], &["--set-dsn"]].concat(), &answers);
    let shown = told["shown"].as_str().unwrap();
    assert_eq!((&told["code"], &told["answered"]), (&0.into(), &true.into()), "{told}");
    for part in ["No browser is opened here", "no desktop session", "/oauth/authorize?", "Signed in by OAuth"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains(SECRET), "{shown}");
    let revoke = ["logout", "--dsn", "Demo", "--revoke"];
    let no = answering(&world, "", &revoke, &[("[y/N]", "n")]);
    assert!(no["code"] == 1 && place.exists() && world.sandbox.oauth().revocations == 0, "{no}");
    assert!(no["shown"].as_str().unwrap().contains("uninstalls the application"), "{no}");
    let yes = answering(&world, "", &revoke, &[("[y/N]", "y")]);
    assert!(yes["code"] == 0 && !place.exists() && world.sandbox.oauth().revocations == 1, "{yes}");
}

/// Nobody has to press Enter, or Ctrl-C again, to be rid of a question.
#[test]
fn the_first_signal_ends_a_question_and_nothing_is_done() {
    let world = super::oauth::world();
    super::oauth::signed_in(&world, &["--set-dsn"]);
    for signal in ["SIGINT", "SIGTERM"] {
        for command in [&["logout", "--dsn", "Demo", "--revoke"][..], &["doctor", "--dsn", "Demo", "--probe-api"]] {
            let told = answering(&world, "", command, &[("[y/N]", signal)]);
            assert_eq!((&told["code"], &told["echo"]), (&130.into(), &true.into()), "{told}");
            assert!(told["shown"].as_str().unwrap().contains("stopped; nothing was done"), "{told}");
        }
        // One that listens to no signal is ended by it.
        let told = answering(&world, "", &["dsn", "remove", "Demo"], &[("[y/N]", signal)]);
        assert!(told["code"].as_i64().unwrap() < 0, "{told}");
    }
    assert!(world.path("private/oauth.json").exists() && world.sandbox.oauth().revocations == 0);
    assert!(world.read(".odbc.ini").contains("[Demo]"));
}

/// The hidden prompt of the client secret; `prompt` has that of the API token.
#[test]
fn the_first_signal_ends_a_hidden_prompt_and_the_terminal_echoes_again() {
    let world = super::oauth::world();
    let (client, place) = (world.sandbox.client_id(), world.path("private/oauth.json"));
    let own = ["login", "--oauth", "--dsn", "Demo", "--client-id", client, "--location", place.to_str().unwrap()];
    for signal in ["SIGINT", "SIGTERM", "SIGHUP"] {
        let told = answering(&world, "", &own, &[("(not shown)", signal)]);
        assert_eq!((&told["code"], &told["echo"]), (&130.into(), &true.into()), "{told}");
        assert!(told["shown"].as_str().unwrap().contains("(not shown): \r\nerror: stopped"), "{told}");
    }
    assert!(!place.exists() && world.sandbox.oauth_requests().is_empty());
}
