//! The keyring of a Linux desktop, for real: GNOME Keyring in a session of its own, through the driver manager.
//!
//! Each test starts a session with a home folder of its own (`clients/keyring_session.sh`) and runs one of the tests of
//! `inside` in it, which are ignored otherwise.

use std::process::Command;

/// Runs a test of `inside` in a session of its own, with these variables besides.
#[track_caller]
fn in_a_session(name: &str, variables: &[(&str, &str)]) {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/keyring_session.sh")).arg(home.path());
    command.arg(std::env::current_exe().unwrap());
    command.args([&format!("keyring::inside::{name}"), "--exact", "--ignored", "--nocapture"]);
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("test result: ok. 1 passed"), "{said}");
}

#[test]
fn a_sign_in_is_kept_found_and_forgotten() {
    in_a_session("kept_found_and_forgotten", &[]);
}

#[test]
fn a_sign_in_that_is_not_there_is_told() {
    in_a_session("not_there", &[]);
}

#[test]
fn a_locked_keyring_is_told_without_a_dialog() {
    in_a_session("locked", &[]);
}

/// With a display a dialog would open and wait for somebody, without limit.
#[test]
fn a_locked_keyring_on_a_desktop_is_told_without_a_dialog() {
    in_a_session("locked", &[("KEYRING_SESSION_DISPLAY", ":97")]);
}

#[test]
fn a_keyring_that_does_not_answer_is_given_up() {
    in_a_session("silent", &[]);
}

#[test]
fn a_bus_that_appears_later_is_found_by_the_same_process() {
    in_a_session("a_later_bus", &[]);
}

#[test]
fn a_sign_in_goes_only_to_the_address_it_was_made_for() {
    in_a_session("goes_only_where_it_was_made_for", &[]);
}

#[test]
fn what_another_program_wrote_is_not_taken_for_a_sign_in() {
    in_a_session("written_by_others", &[]);
}

#[test]
fn sixteen_programs_share_one_oauth_sign_in() {
    in_a_session("one_oauth_sign_in_for_sixteen", &[]);
}

#[test]
fn a_process_that_is_killed_while_it_writes_leaves_an_oauth_sign_in_or_the_reason() {
    in_a_session("killed_while_an_oauth_sign_in_is_written", &[]);
}

/// The tokens that the server has just given are lost for later programs, which is told; nobody is asked for a password.
#[test]
fn a_keyring_that_is_locked_while_a_sign_in_is_renewed_is_told_without_a_dialog() {
    in_a_session("locked_in_mid_renewal", &[]);
    in_a_session("locked_in_mid_renewal", &[("KEYRING_SESSION_DISPLAY", ":97")]);
}

#[test]
fn a_statement_that_waits_for_a_keyring_is_cancelled_at_once_and_the_program_goes_on() {
    in_a_session("cancelled_while_it_does_not_answer", &[]);
}

mod inside {
    //! What runs within a session.

    use std::io::{Read, Write};
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use pipedrive_sandbox::{Browser, Fault};
    use pipedrive_sql::auth::{Keeping, Trouble};
    use serde_json::json;

    use crate::connecting::{Program, Stranger, configuration};
    use crate::engine::World;
    use crate::isql::Configuration;
    use crate::oauth::{Place, wait_until};

    /// Longer than any answer takes.
    const LONG: Duration = Duration::from_secs(30);
    /// What a look-up may take that waits for nobody.
    const SHORT: Duration = Duration::from_secs(5);
    const TOKEN: &str = "5ec4e7a9c0ffee5ec4e7a9c0ffee5ec4e7a9c0ff";
    const MEMORY: (&str, &str) = ("StateLocation", "memory");

    fn source() -> Keeping {
        Keeping::DataSource("Test".to_owned())
    }

    fn variable(name: &str) -> String {
        std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: this runs in a session of its own"))
    }

    fn home() -> PathBuf {
        PathBuf::from(variable("PIPEDRIVE_ODBC_TEST_HOME"))
    }

    /// A program that uses this configuration in this session.
    fn program(configuration: &Configuration, more: &[(&str, &str)]) -> Program {
        let bus = variable("DBUS_SESSION_BUS_ADDRESS");
        Program::start(configuration, &[&[("DBUS_SESSION_BUS_ADDRESS", bus.as_str())], more].concat())
    }

    #[track_caller]
    fn run(command: &mut Command) -> String {
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// Locks what was unlocked.
    fn lock() {
        let collection = "array:objpath:/org/freedesktop/secrets/collection/login";
        let service = ["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"];
        run(Command::new("dbus-send").args(service).args(["org.freedesktop.Secret.Service.Lock", collection]));
    }

    /// The process that keeps the secrets of this session.
    fn keyring_process() -> String {
        let bus = ["--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"];
        let ask = ["org.freedesktop.DBus.GetConnectionUnixProcessID", "string:org.freedesktop.secrets"];
        let said = run(Command::new("dbus-send").args(bus).args(ask));
        said.split_whitespace().last().unwrap().to_owned()
    }

    /// Everything that is said on the bus.
    struct Monitor {
        child: Child,
    }

    impl Monitor {
        fn start() -> Self {
            let mut child = Command::new("dbus-monitor").arg("--session").stdout(Stdio::piped()).spawn().unwrap();
            // It says something of itself once it listens.
            let mut byte = [0];
            child.stdout.as_mut().unwrap().read_exact(&mut byte).unwrap();
            thread::sleep(Duration::from_millis(300));
            Self { child }
        }

        fn stop(mut self) -> String {
            thread::sleep(Duration::from_millis(300));
            self.child.kill().unwrap();
            let mut said = String::new();
            self.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
            self.child.wait().unwrap();
            said
        }
    }

    #[test]
    #[ignore = "runs in a session of its own, started by the test beside it"]
    fn kept_found_and_forgotten() {
        let world = World::new();
        let (url, token) = (world.sandbox.url(), world.sandbox.token());
        let host = Keeping::Host(format!("{url}/"));
        for keeping in [source(), host.clone()] {
            assert!(matches!(keeping.find(LONG), Err(Trouble::NoEntry(_))));
            keeping.keep(url, TOKEN, LONG).unwrap();
            keeping.keep(&format!("{url}/"), token, LONG).unwrap();
            let kept = keeping.find(LONG).unwrap();
            assert_eq!((kept.base.as_str(), kept.token.expose()), (url, token), "the later one counts");
        }
        assert_eq!(Keeping::DataSource(" tEST ".to_owned()).find(LONG).unwrap().base, url, "names have no case");
        // Another program reads what the documents say.
        let words = ["lookup", "service", "pipedrive-odbc", "username", "token test"];
        let content = run(Command::new("secret-tool").args(words));
        assert_eq!(content.trim(), format!(r#"{{"format":1,"base":"{url}","token":"{token}"}}"#));
        // A data source that names the host, and one that leaves it to the sign-in.
        for dsn in [&[("BaseURL", url), MEMORY][..], &[MEMORY]] {
            let configuration = configuration(dsn);
            let mut program = program(&configuration, &[]);
            for string in ["DSN=Test", "Test", "DSN=Test;PWD=", "UID=me;DSN=Test"] {
                program.connect(string).assert_silent();
            }
        }
        // The host's sign-in serves where the data source has none.
        source().forget(LONG).unwrap();
        program(&configuration(&[("BaseURL", url), MEMORY]), &[]).connect("DSN=Test").assert_silent();
        program(&configuration(&[MEMORY]), &[("PIPEDRIVE_BASE_URL", url)]).connect("DSN=Test").assert_silent();
        // The keyring is asked last.
        let wrong = configuration(&[("BaseURL", url), ("PWD", TOKEN), MEMORY]);
        program(&wrong, &[]).connect("DSN=Test").assert_refused("28000", &["comes from the data source"]);
        host.keep(url, TOKEN, LONG).unwrap();
        let refused = program(&configuration(&[("BaseURL", url), MEMORY]), &[]).connect("DSN=Test");
        refused.assert_refused("28000", &[&format!("comes from the keyring's sign-in for {url}")]);
        refused.assert_without(TOKEN);
        host.forget(LONG).unwrap();
        assert!(matches!(host.forget(LONG), Err(Trouble::NoEntry(_))));
        assert!(matches!(host.find(LONG), Err(Trouble::NoEntry(_))));
        // What could not be used when it is found again is not kept.
        for (base, token) in [("ftp://acme", TOKEN), (url, "a b"), (url, ""), (url, &TOKEN.repeat(40))] {
            assert!(host.keep(base, token, LONG).is_err(), "{base} {token}");
        }
    }

    #[test]
    #[ignore = "runs in a session of its own, started by the test beside it"]
    fn not_there() {
        let configuration = configuration(&[("CompanyDomain", "acme"), MEMORY]);
        let mut program = program(&configuration, &[]);
        for string in ["DSN=Test", "Test"] {
            let answer = program.connect(string);
            let parts = ["no sign-in for the data source 'Test'", "https://acme.pipedrive.com", "pipedrive-odbc login"];
            answer.assert_refused("28000", &parts);
            answer.assert_within(SHORT);
        }
        let string = format!("Driver={};CompanyDomain=acme;StateLocation=memory", crate::manager::driver().display());
        program.connect(&string).assert_refused("28000", &["no sign-in for https://acme.pipedrive.com;", "TokenFile"]);
    }

    #[test]
    #[ignore = "runs in a session of its own, started by the test beside it"]
    fn locked() {
        let world = World::new();
        source().keep(world.sandbox.url(), world.sandbox.token(), LONG).unwrap();
        let configuration = configuration(&[("BaseURL", world.sandbox.url()), MEMORY]);
        let mut program = program(&configuration, &[]);
        program.connect("DSN=Test").assert_silent();
        lock();
        let monitor = Monitor::start();
        for string in ["DSN=Test", "Test"] {
            let answer = program.connect(string);
            answer.assert_refused("28000", &["the keyring is locked", "TokenFile", "PIPEDRIVE_API_TOKEN"]);
            answer.assert_within(SHORT);
        }
        assert_eq!(source().find(LONG), Err(Trouble::Locked));
        let other = Keeping::DataSource("never kept".to_owned());
        assert_eq!(other.find(LONG), Err(Trouble::Locked), "a locked keyring does not tell what it has not");
        let said = monitor.stop();
        assert!(said.contains("member=SearchItems"), "{said}");
        for dialog in ["member=Unlock", "member=Prompt", "SystemPrompter"] {
            assert!(!said.contains(dialog), "{dialog}: {said}");
        }
        // The same words are there when somebody is to be asked, as the command does.
        let monitor = Monitor::start();
        assert!(source().forget(Duration::from_secs(3)).is_err());
        let said = monitor.stop();
        assert!(said.contains("member=Unlock") && said.contains("member=Prompt"), "{said}");
    }

    #[test]
    #[ignore = "runs in a session of its own, started by the test beside it"]
    fn silent() {
        let configuration = configuration(&[("CompanyDomain", "acme"), ("LoginTimeout", "4"), MEMORY]);
        let mut program = program(&configuration, &[]);
        program.connect("DSN=Test").assert_refused("28000", &["no sign-in"]);
        let daemon = keyring_process();
        let signal = |name: &str| drop(run(Command::new("kill").args([name, &daemon])));
        signal("-STOP");
        let answer = program.connect("DSN=Test");
        let found = source().find(Duration::from_millis(300));
        signal("-CONT");
        answer.assert_refused("HYT00", &["the keyring did not answer", "TokenFile"]);
        answer.assert_within(Duration::from_secs(5));
        assert_eq!(found, Err(Trouble::TimedOut(Duration::from_millis(300))));
        program.connect("DSN=Test").assert_refused("28000", &["no sign-in"]);
    }

    #[test]
    #[ignore = "runs in a session of its own, started by the test beside it"]
    fn a_later_bus() {
        let world = World::new();
        let place = home().join("later-bus");
        let address = format!("unix:path={}", place.display());
        let configuration = configuration(&[("BaseURL", world.sandbox.url()), MEMORY]);
        let mut late = program(&configuration, &[("DBUS_SESSION_BUS_ADDRESS", &address)]);
        let answer = late.connect("DSN=Test");
        answer.assert_refused("28000", &["no session bus", "TokenFile"]);
        answer.assert_within(SHORT);
        let bus = ["--session", "--nofork", "--nopidfile", &format!("--address={address}")];
        let mut bus = Command::new("dbus-daemon").args(bus).spawn().unwrap();
        let started = Instant::now();
        while !place.exists() {
            assert!(started.elapsed() < LONG, "the bus did not start");
            thread::sleep(Duration::from_millis(20));
        }
        let mut keyring = Command::new("gnome-keyring-daemon");
        keyring.args(["--unlock", "--components=secrets"]).env("DBUS_SESSION_BUS_ADDRESS", &address);
        let control = home().join("later");
        keyring.env("XDG_RUNTIME_DIR", &control).env("XDG_DATA_HOME", &control);
        std::fs::create_dir(&control).unwrap();
        let mut keyring = keyring.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        keyring.stdin.take().unwrap().write_all(b"password").unwrap();
        keyring.wait().unwrap();
        let content = format!(r#"{{"format":1,"base":"{}","token":"{}"}}"#, world.sandbox.url(), world.sandbox.token());
        write(&content, Some(&address));
        late.connect("DSN=Test").assert_silent();
        late.connect("Test").assert_silent();
        bus.kill().unwrap();
        bus.wait().unwrap();
        late.connect("DSN=Test").assert_refused("28000", &["no session bus"]);
    }

    /// Has another program write the entry of the data source.
    fn write(content: &str, bus: Option<&str>) {
        let words = ["store", "--label=test", "service", "pipedrive-odbc", "username", "token test"];
        let mut tool = Command::new("secret-tool");
        if let Some(bus) = bus {
            tool.env("DBUS_SESSION_BUS_ADDRESS", bus);
        }
        let mut tool = tool.args(words).stdin(Stdio::piped()).spawn().unwrap();
        tool.stdin.take().unwrap().write_all(content.as_bytes()).unwrap();
        assert!(tool.wait().unwrap().success());
    }

    #[test]
    #[ignore = "runs in a session of its own, started by the test beside it"]
    fn goes_only_where_it_was_made_for() {
        let (stranger, driver) = (Stranger::start(), crate::manager::driver());
        let url = stranger.url();
        let dsn = format!("DSN=Test;BaseURL={url}");
        let bare = format!("Driver={};StateLocation=memory;BaseURL={url}", driver.display());
        for base in ["https://acme.pipedrive.com", url.as_str()] {
            source().keep(base, TOKEN, LONG).unwrap();
            Keeping::Host(url.clone()).keep(base, TOKEN, LONG).unwrap();
            // Named by the connection string: by nobody's leave, whatever was kept.
            for string in [&dsn, &bare] {
                let answer = program(&configuration(&[MEMORY]), &[]).connect(string);
                answer
                    .assert_refused("28000", &["works only with a token of the connection string", "Nothing was sent"]);
                answer.assert_without(TOKEN);
                assert_eq!(stranger.connections(), 0, "{string}");
            }
            // Named by the data source or the environment: only if it was made for that.
            let made = base == url;
            let said = if made { "refused the API token" } else { "nothing was sent: the keyring's sign-in" };
            for (dsn, environment) in [(Some(&url), None), (None, Some(&url))] {
                let dsn: Vec<_> = dsn.map(|url| ("BaseURL", url.as_str())).into_iter().chain([MEMORY]).collect();
                let environment = environment.map(|url| ("PIPEDRIVE_BASE_URL", url.as_str()));
                let environment: Vec<_> = environment.into_iter().collect();
                let answer = program(&configuration(&dsn), &environment).connect("DSN=Test");
                answer.assert_refused("28000", &[said]);
                answer.assert_without(TOKEN);
                assert_eq!(stranger.connections(), usize::from(made), "{base}");
            }
        }
        // A company of the connection string is not the one that was signed in to.
        source().keep("https://acme.pipedrive.com", TOKEN, LONG).unwrap();
        let answer = program(&configuration(&[MEMORY]), &[]).connect("DSN=Test;CompanyDomain=globex");
        answer.assert_refused(
            "28000",
            &["https://acme.pipedrive.com", "https://globex.pipedrive.com", "nothing was sent"],
        );
    }

    #[test]
    #[ignore = "runs in a session of its own, started by the test beside it"]
    fn written_by_others() {
        let configuration = configuration(&[("CompanyDomain", "acme"), MEMORY]);
        let mut program = program(&configuration, &[]);
        let newer = format!(r#"{{"format":2,"base":"https://acme.pipedrive.com","token":"{TOKEN}"}}"#);
        let nowhere = format!(r#"{{"format":1,"base":"http://acme.pipedrive.com","token":"{TOKEN}"}}"#);
        let no_token = r#"{"format":1,"base":"https://acme.pipedrive.com","token":"a b"}"#;
        for content in [TOKEN, &newer, &nowhere, no_token, "{}"] {
            write(content, None);
            let answer = program.connect("DSN=Test");
            answer.assert_refused("28000", &["cannot be read", "the data source 'Test'", "pipedrive-odbc login"]);
            answer.assert_without(TOKEN);
        }
    }

    /// A data source whose OAuth sign-in is in the keyring.
    fn team(place: &Place, initiate: &str) -> Configuration {
        let mut dsn = place.first(&[("InitiateOAuth", initiate), ("MetadataMaxAge", "0")]);
        for (name, value) in &mut dsn {
            if name == "OAuthSettingsLocation" {
                *value = "keyring://The team".to_owned();
            }
        }
        Configuration::new(&dsn)
    }

    /// A program on a desktop of this session; all of them take turns.
    fn on_a_desktop(configuration: &Configuration, browser: &Browser) -> Program {
        let path = format!("{}:{}", browser.folder().display(), variable("PATH"));
        let state = home().join("state");
        let desktop = [("PATH", path.as_str()), ("DISPLAY", ":7"), (Browser::ANSWER, "allow")];
        program(configuration, &[&desktop[..], &[("XDG_STATE_HOME", state.to_str().unwrap())]].concat())
    }

    fn browser() -> Browser {
        Browser::program(env!("CARGO_BIN_EXE_pipedrive-sandbox").as_ref()).unwrap()
    }

    /// What the keyring has of the team's sign-in, with its secrets.
    fn entries() -> String {
        let mut search = Command::new("secret-tool");
        let output = search.args(["search", "--all", "service", "pipedrive-odbc"]).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    }

    /// One browser, and one renewal later on, whatever the number of programs.
    #[test]
    #[ignore = "runs in a session of its own, started by the test beside it"]
    fn one_oauth_sign_in_for_sixteen() {
        let (place, browser) = (Place::new(), browser());
        let sandbox = &place.world.sandbox;
        let configuration = team(&place, "GETANDREFRESH");
        let mut programs: Vec<_> = (0..16).map(|_| on_a_desktop(&configuration, &browser)).collect();
        for round in 0..2 {
            thread::scope(|scope| {
                for program in &mut programs {
                    scope.spawn(|| program.connect("Test").assert_silent());
                }
            });
            let stats = sandbox.oauth();
            assert_eq!((browser.opened().unwrap().len(), stats.exchanges, stats.refreshes), (1, 1, round), "{stats:?}");
            sandbox.expire_access();
        }
        assert!(!place.file().exists());
        assert!(entries().contains(sandbox.client_secret()), "it is in the keyring");
    }

    #[test]
    #[ignore = "runs in a session of its own, started by the test beside it"]
    fn locked_in_mid_renewal() {
        let (place, browser) = (Place::new(), browser());
        let sandbox = &place.world.sandbox;
        on_a_desktop(&team(&place, "GETANDREFRESH"), &browser).connect("Test").assert_silent();
        sandbox.expire_access();
        sandbox.arm(Fault::delay(Duration::from_secs(3)).on("/oauth/token"));
        let renewing = team(&place, "REFRESH");
        let (before, monitor) = (sandbox.oauth().token_requests, Monitor::start());
        let mut program = on_a_desktop(&renewing, &browser);
        let answer = thread::scope(|scope| {
            // SQL_DRIVER_NOPROMPT.
            let connecting = scope.spawn(|| program.connect("DSN=Test"));
            wait_until("the renewal", || sandbox.oauth().token_requests > before);
            lock();
            connecting.join().unwrap()
        });
        answer.assert_warned(&["could not be kept in keyring://The team", "the keyring is locked", "unlock it"]);
        answer.assert_within(Duration::from_secs(15));
        let said = monitor.stop();
        for dialog in ["member=Unlock", "member=Prompt", "SystemPrompter"] {
            assert!(!said.contains(dialog), "{dialog}: {said}");
        }
        assert_eq!(sandbox.oauth().refreshes, 1);
    }

    #[test]
    #[ignore = "runs in a session of its own, started by the test beside it"]
    fn cancelled_while_it_does_not_answer() {
        let (place, browser) = (Place::new(), browser());
        let sandbox = &place.world.sandbox;
        let configuration = team(&place, "GETANDREFRESH");
        on_a_desktop(&configuration, &browser).connect("Test").assert_silent();
        let daemon = keyring_process();
        let signal = |name: &str| drop(run(Command::new("kill").args([name, &daemon])));
        let mut program = on_a_desktop(&configuration, &browser);
        sandbox.arm(Fault::delay(Duration::from_secs(2)).on("/api/v2/deals"));
        let deals = "SELECT COUNT(*) FROM deals";
        let calls = json!([["cancel", 4, deals], ["execute", "SELECT 1"]]);
        let mut answer = thread::scope(|scope| {
            let calling = scope.spawn(|| program.run("Test", &calls));
            wait_until("the statement", || sandbox.stats().by_path.contains_key("/api/v2/deals"));
            // The host refuses its token, two seconds later: another is fetched, and for that the keyring is asked.
            sandbox.expire_access();
            signal("-STOP");
            calling.join().unwrap()
        });
        let connected = program.connect("DSN=Test;LoginTimeout=3");
        signal("-CONT");
        connected.assert_refused("HYT00", &["keyring://The team could not be reached in time", "waits for somebody"]);
        connected.assert_within(Duration::from_secs(4));
        let (next, cancelled) = (answer.calls.pop().unwrap(), answer.calls.pop().unwrap());
        cancelled.assert_refused("HY008", &["cancelled"]);
        cancelled.assert_within(Duration::from_secs(4) + SHORT);
        next.assert_within(SHORT);
        assert_eq!(next.rows(), [[Some("1".to_owned())]]);
        // The same program once more: the renewal that was under way has ended, or does now.
        assert_eq!(program.query("Test", deals), [[Some("1200".to_owned())]]);
        assert_eq!(sandbox.oauth().refreshes, 1);
    }

    /// Of a sign-in in five entries: the old one is left, the new one, or the reason why neither works; and in the end
    /// nothing of those before.
    #[test]
    #[ignore = "runs in a session of its own, started by the test beside it"]
    fn killed_while_an_oauth_sign_in_is_written() {
        let (place, browser) = (Place::new(), browser());
        let sandbox = &place.world.sandbox;
        let (renewing, asking) = (team(&place, "REFRESH"), team(&place, "GETANDREFRESH"));
        for pause in [0, 100, 250, 450, 700] {
            on_a_desktop(&asking, &browser).connect("Test").assert_silent();
            sandbox.expire_access();
            let before = sandbox.oauth().token_requests;
            let mut killed = on_a_desktop(&renewing, &browser);
            killed.begin("Test");
            wait_until("the renewal", || sandbox.oauth().token_requests > before);
            thread::sleep(Duration::from_millis(pause));
            killed.kill();
            let answer = on_a_desktop(&renewing, &browser).connect("Test");
            if !answer.records.is_empty() {
                answer.assert_refused("28000", &["cut short, and the tokens that the server gave then are lost"]);
            }
        }
        on_a_desktop(&asking, &browser).connect("Test").assert_silent();
        sandbox.expire_access();
        on_a_desktop(&renewing, &browser).connect("Test").assert_silent();
        let found = entries();
        assert_eq!(found.matches("attribute.username = oauth the team ").count(), 5, "{found}");
    }
}
