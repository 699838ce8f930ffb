//! Signing in by OAuth: against the sandbox's server of OAuth, whose page a stand-in for the browser answers.
//!
//! - `flows.rs`: the first connection and the later ones, without a browser
//! - `renewal.rs`: access tokens that expire or are refused, rotation, tokens that were lost
//! - `interrupted.rs`: statements and connections that are given up in mid-renewal
//! - `processes.rs`: processes that end, or are killed, in mid-renewal or with their browser open
//! - `procedures.rs`: step by step, by the procedures
//! - `wrong.rs`: what goes wrong, each with its SQLSTATE and its words
//! - `secrets.rs`: nothing but the store shows a secret
//! - `desktop.rs`: through the driver, with a browser
//! - `chromium.rs`, `webdriver.rs`: the same with a real browser

#[cfg(target_os = "linux")]
mod chromium;
mod desktop;
mod flows;
mod interrupted;
mod procedures;
mod processes;
mod renewal;
mod secrets;
#[cfg(target_os = "linux")]
mod webdriver;
mod wrong;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use pipedrive_sandbox::{Application, Config};
use pipedrive_sql::{Result, Session};
use tempfile::TempDir;

use crate::engine::{World, open};

/// A sandbox, and a folder in which sign-ins are kept.
pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with(Application::default())
    }

    /// With this application; its callback is on a free port.
    pub(crate) fn with(application: Application) -> Self {
        let oauth = Application { callback: format!("http://localhost:{}", free_port()), ..application };
        Self::of(Config { deals: 1_200, burst: None, oauth, ..Config::default() })
    }

    pub(crate) fn of(config: Config) -> Self {
        Self { world: World::with(config), folder: tempfile::tempdir().unwrap() }
    }

    /// The file that the sign-in is kept in.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("settings.json")
    }

    /// Where to go and where the sign-in is kept: what later connections name, besides InitiateOAuth.
    pub(crate) fn later(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let (file, state) = (self.file(), self.world.state.path().to_str().unwrap().to_owned());
        let own = [("BaseURL", self.world.sandbox.url()), ("StateLocation", &state)];
        let own = own.into_iter().chain([("OAuthSettingsLocation", file.to_str().unwrap())]);
        // As in a world's own pairs.
        let own = own.chain(more.iter().copied()).chain([("ResultReuse", "0")]);
        own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The same with the application: what a first connection names.
    pub(crate) fn first(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let sandbox = &self.world.sandbox;
        let own = [
            ("AuthScheme", "OAuth"),
            ("OAuthClientId", sandbox.client_id()),
            ("OAuthClientSecret", sandbox.client_secret()),
            ("CallbackURL", sandbox.callback()),
        ];
        self.later(&[&own, more].concat())
    }

    pub(crate) fn open_first(&self, more: &[(&str, &str)]) -> Result<Session> {
        open(self.first(more))
    }

    pub(crate) fn open_later(&self, initiate: &str) -> Result<Session> {
        open(self.later(&[("InitiateOAuth", initiate)]))
    }

    /// Signs in by tokens that were got elsewhere.
    pub(crate) fn signed_in(&self) -> Session {
        let (access, refresh) = self.world.sandbox.issue(&["deals:read", "users:read", "contacts:read"]);
        let tokens = [("InitiateOAuth", "REFRESH"), ("OAuthAccessToken", &access), ("OAuthRefreshToken", &refresh)];
        self.open_first(&tokens).unwrap()
    }

    /// The content of the file.
    pub(crate) fn kept(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until something is so that will be soon.
#[track_caller]
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what} did not come about");
        std::thread::sleep(Duration::from_millis(2));
    }
}
