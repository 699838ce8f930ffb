//! Through the driver, with a browser: the stand-in for `xdg-open` of the sandbox.

use std::time::Duration;

use pipedrive_sandbox::Browser;

use super::Place;
use crate::connecting::{Answer, Program, configuration};
use crate::isql::Configuration;

/// A process on a desktop, whose browser does what the person does.
pub(super) struct Desktop {
    pub(super) place: Place,
    pub(super) browser: Browser,
}

impl Desktop {
    pub(super) fn new() -> Self {
        Self::at(Place::new())
    }

    pub(super) fn at(place: Place) -> Self {
        let browser = Browser::program(&sandbox_program()).unwrap();
        Self { place, browser }
    }

    pub(super) fn opened(&self) -> usize {
        self.browser.opened().unwrap().len()
    }

    /// A process whose data source has these properties; `answer` is what the person does.
    pub(super) fn program(&self, dsn: &[(String, String)], answer: &str) -> Running {
        let dsn: Vec<_> = dsn.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", self.browser.folder().display());
        let configuration = configuration(&dsn);
        let variables = [("PATH", path.as_str()), ("DISPLAY", ":7"), (Browser::ANSWER, answer)];
        Running { program: Program::start(&configuration, &variables), _configuration: configuration }
    }

    pub(super) fn connect(&self, dsn: &[(String, String)], answer: &str, string: &str) -> Answer {
        self.program(dsn, answer).program.connect(string)
    }

    pub(super) fn first(&self) -> Vec<(String, String)> {
        self.place.first(&[("InitiateOAuth", "GETANDREFRESH")])
    }
}

/// A process and its files.
pub(super) struct Running {
    pub(super) program: Program,
    _configuration: Configuration,
}

fn sandbox_program() -> std::path::PathBuf {
    env!("CARGO_BIN_EXE_pipedrive-sandbox").into()
}

#[test]
fn a_person_signs_in_once_and_later_connections_need_two_words() {
    let desktop = Desktop::new();
    desktop.connect(&desktop.first(), "allow", "Test").assert_silent();
    assert_eq!(desktop.opened(), 1);
    let later = desktop.place.later(&[("InitiateOAuth", "GETANDREFRESH"), ("MetadataMaxAge", "0")]);
    desktop.connect(&later, "allow", "Test").assert_silent();
    desktop.connect(&later, "allow", "DSN=Test").assert_silent();
    // The sign-in was taken back: a person is asked again, by the application that is kept.
    desktop.place.world.sandbox.revoke_all();
    desktop.connect(&later, "allow", "COMPLETE DSN=Test").assert_silent();
    assert_eq!(desktop.opened(), 2);
}

#[test]
fn a_person_who_says_no_is_heard() {
    let desktop = Desktop::new();
    let answer = desktop.connect(&desktop.first(), "deny", "Test");
    answer.assert_refused("28000", &["access was denied in the browser"]);
    assert!(!desktop.place.file().exists());
    // The next try asks again.
    desktop.connect(&desktop.first(), "allow", "Test").assert_silent();
    assert_eq!(desktop.opened(), 2);
}

#[test]
fn a_browser_that_nobody_uses_ends_with_the_login_time_out_and_can_be_finished_later() {
    let desktop = Desktop::new();
    let mut dsn = desktop.first();
    dsn.push(("LoginTimeout".to_owned(), "2".to_owned()));
    let mut running = desktop.program(&dsn, "nothing");
    let program = &mut running.program;
    let answer = program.connect("Test");
    answer.assert_refused("HYT00", &["within 2 seconds", "http://127.0.0.1"]);
    answer.assert_within(Duration::from_secs(4));
    // The person who closed the page gets it again: the same one.
    program.connect("Test").assert_refused("HYT00", &["within 2 seconds", "/oauth/authorize?"]);
    let opened = desktop.browser.opened().unwrap();
    assert!(opened.len() == 2 && opened[0] == opened[1], "{opened:?}");
    // Another program waits for this one.
    desktop.connect(&dsn, "allow", "Test").assert_refused("HYT00", &["another program signs in"]);
    assert_eq!(desktop.opened(), 2);
    let back = desktop.place.world.sandbox.authorize(None, true, &desktop.browser.opened().unwrap()[0]).unwrap();
    pipedrive_sandbox::browser::visit(&back, None).unwrap();
    program.connect("Test").assert_silent();
    assert_eq!((desktop.opened(), desktop.place.world.sandbox.oauth().exchanges), (2, 1));
}

/// A person says no once, however many connections wait.
#[test]
fn a_person_says_no_once_for_all_connections_of_a_program() {
    let desktop = Desktop::new();
    let answer = desktop.connect(&desktop.first(), "deny", "TOGETHER 6 COMPLETE DSN=Test");
    answer.assert_refused("28000", &["access was denied in the browser"]);
    assert_eq!(desktop.opened(), 1);
}

/// Who corrects the settings gets another page at once, not the one of before.
#[test]
fn corrected_settings_are_not_kept_waiting_by_the_page_of_before() {
    let desktop = Desktop::new();
    let mut running = desktop.program(&desktop.first(), "nothing");
    for (pkce, opened) in [("on", 1), ("off", 2), ("off", 3)] {
        let string = format!("COMPLETE DSN=Test;LoginTimeout=1;OAuthPKCE={pkce}");
        running.program.connect(&string).assert_refused("HYT00", &["nobody finished the sign-in"]);
        assert_eq!(desktop.opened(), opened);
    }
    let opened = desktop.browser.opened().unwrap();
    assert!(opened[0].contains("code_challenge=") && !opened[1].contains("code_challenge="), "{opened:?}");
    assert_eq!(opened[1], opened[2], "the same sign-in, opened again");
}

/// Whoever is signed in already is not kept waiting by a browser that nobody uses.
#[test]
fn a_browser_that_is_open_keeps_no_renewal_waiting() {
    let desktop = Desktop::new();
    desktop.connect(&desktop.first(), "allow", "Test").assert_silent();
    let session = desktop.place.open_later("REFRESH").unwrap();
    let count = "SELECT COUNT(*) FROM deals";
    // Another application's first sign-in at the same place, which nobody finishes.
    let mut dsn = desktop.first();
    dsn.retain(|(name, _)| name != "OAuthClientId");
    dsn.push(("OAuthClientId".to_owned(), "0123456789abcdef".to_owned()));
    dsn.push(("LoginTimeout".to_owned(), "2".to_owned()));
    let mut running = desktop.program(&dsn, "nothing");
    running.program.connect("Test").assert_refused("HYT00", &["nobody finished the sign-in"]);
    desktop.place.world.sandbox.expire_access();
    let started = std::time::Instant::now();
    assert_eq!(crate::engine::rows(&session, count, &[]).unwrap(), [["1200"]]);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(desktop.place.world.sandbox.oauth().refreshes, 1);
}

/// Several programs whose sign-in was revoked: one browser, and all of them connect.
#[test]
fn eight_programs_whose_sign_in_was_revoked_open_one_browser() {
    let desktop = Desktop::new();
    desktop.connect(&desktop.first(), "allow", "Test").assert_silent();
    desktop.place.world.sandbox.revoke_all();
    let later = desktop.place.later(&[("InitiateOAuth", "GETANDREFRESH"), ("MetadataMaxAge", "0")]);
    let mut programs: Vec<_> = (0..8).map(|_| desktop.program(&later, "allow")).collect();
    std::thread::scope(|scope| {
        for program in &mut programs {
            scope.spawn(|| program.program.connect("Test").assert_silent());
        }
    });
    assert_eq!(desktop.opened(), 2);
}

#[test]
fn no_browser_where_dialogs_are_forbidden_or_there_is_no_desktop() {
    let desktop = Desktop::new();
    let answer = desktop.connect(&desktop.first(), "allow", "DSN=Test");
    answer.assert_refused("28000", &["SQL_DRIVER_NOPROMPT", "/oauth/authorize?", "OAuthVerifier", "login --oauth"]);
    let dsn = desktop.first();
    let dsn: Vec<_> = dsn.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let none = [("DISPLAY", ""), ("WAYLAND_DISPLAY", "")];
    let answer = crate::connecting::connect(&dsn, &none, "Test");
    answer.assert_refused("28000", &["no desktop session", "DISPLAY", "/oauth/authorize?"]);
    assert_eq!(desktop.opened(), 0);
}

/// A sign-in that is kept has its application; a secret of the environment is for whoever says nothing else.
#[test]
fn a_client_secret_of_the_environment_does_not_stand_in_the_way() {
    let place = Place::new();
    drop(place.signed_in());
    let string = format!("InitiateOAuth=REFRESH;OAuthSettingsLocation={}", place.file().display());
    let variables = [("PIPEDRIVE_OAUTH_CLIENT_ID", "another"), ("PIPEDRIVE_OAUTH_CLIENT_SECRET", "5ec4e7")];
    let none: [(&str, &str); 0] = [];
    let memory = ("StateLocation", "memory");
    crate::connecting::connect(&none, &variables, &format!("DRIVER=Pipedrive;{string};StateLocation=memory"))
        .assert_silent();
    let base = [("BaseURL", place.world.sandbox.url()), memory];
    place.world.sandbox.expire_access();
    crate::connecting::connect(&base, &variables, &format!("DSN=Test;{string}")).assert_silent();
    assert_eq!(place.world.sandbox.oauth().refreshes, 1);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let desktop = Desktop::new();
    let callback = desktop.place.world.sandbox.callback().to_owned();
    let port = callback.rsplit(':').next().unwrap().parse().unwrap();
    let _other = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let mut dsn = desktop.first();
    dsn.push(("LoginTimeout".to_owned(), "2".to_owned()));
    desktop.connect(&dsn, "allow", "Test").assert_refused("28000", &[&callback, "another program uses that port"]);
    assert_eq!(desktop.opened(), 0);
}

/// Sixteen programs whose user has not signed in yet: one browser, one sign-in.
#[test]
fn sixteen_programs_open_one_browser() {
    let desktop = Desktop::new();
    let dsn = desktop.first();
    let mut programs: Vec<_> = (0..16).map(|_| desktop.program(&dsn, "allow")).collect();
    std::thread::scope(|scope| {
        for program in &mut programs {
            scope.spawn(|| program.program.connect("Test").assert_silent());
        }
    });
    assert_eq!((desktop.opened(), desktop.place.world.sandbox.oauth().exchanges), (1, 1));
    // And one renewal, whatever the number of programs.
    desktop.place.world.sandbox.expire_access();
    std::fs::remove_dir_all(desktop.place.world.state.path()).unwrap();
    std::thread::scope(|scope| {
        for program in &mut programs {
            scope.spawn(|| program.program.connect("Test").assert_silent());
        }
    });
    assert_eq!(desktop.place.world.sandbox.oauth().refreshes, 1);
}
