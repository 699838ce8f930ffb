//! The secrets of a sign-in by OAuth: the application's, the code, the access tokens and the refresh tokens.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use pipedrive_sandbox::{Application, Config, Fault};
use pipedrive_sql::Session;
use pipedrive_sql::session::oauth_address;
use pipedrive_sql::settings::{Settings, Source};
use tempfile::TempDir;

use super::{around_of, words_of_panic};
use crate::engine::{World, open, rows};
use crate::manager::{connect, driver, state};

/// A client secret that is easy to find.
const SECRET: &str = "c11e475ec4e7c11e475ec4e7";
/// A code that nobody gave.
const WRONG: &str = "c0dec0dec0dec0dec0dec0de";

/// A company with an application, and a folder for its sign-in.
struct Place {
    world: World,
    folder: TempDir,
    secrets: Vec<String>,
}

impl Place {
    fn new() -> Self {
        let oauth = Application { client_secret: Some(SECRET.to_owned()), ..Application::default() };
        let world = World::with(Config { deals: 50, oauth, ..Config::default() });
        let secrets = vec![SECRET.to_owned(), WRONG.to_owned()];
        Self { world, folder: tempfile::tempdir().unwrap(), secrets }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("oauth.json")
    }

    /// A connection that keeps its sign-in; secrets stand before the host, as they must.
    fn pairs(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let (file, state) = (self.file(), self.world.state.path().to_str().unwrap());
        let application = [("OAuthClientId", self.world.sandbox.client_id()), ("OAuthClientSecret", SECRET)];
        let place = [("StateLocation", state), ("OAuthSettingsLocation", file.to_str().unwrap())];
        let host = [("BaseURL", self.world.sandbox.url()), ("AuthScheme", "OAuth")];
        let pairs = application.iter().chain(more).chain(&place).chain(&host);
        pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The code that comes back from a new sign-in.
    fn code(&mut self) -> String {
        let sources = [(Source::ConnectionString, self.pairs(&[]))];
        let address = oauth_address(&Settings::resolve(&sources).unwrap().0).unwrap();
        let back = self.world.sandbox.authorize(None, true, &address).unwrap();
        let code = back.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned();
        self.secrets.push(code.clone());
        code
    }

    /// Notes the tokens that are kept now.
    fn note(&mut self) {
        let kept: serde_json::Value = serde_json::from_slice(&fs::read(self.file()).unwrap()).unwrap();
        let tokens = ["access_token", "refresh_token"].map(|name| kept[name].as_str().unwrap().to_owned());
        self.secrets.extend(tokens);
    }

    fn tokens(&mut self) -> (String, String) {
        let (access, refresh) = self.world.sandbox.issue(&["deals:read", "users:read"]);
        self.secrets.extend([access.clone(), refresh.clone()]);
        (access, refresh)
    }

    /// None of the secrets is in this text, nor in the state folder.
    fn assert_kept(&self, text: &str) {
        assert!(self.secrets.len() >= 8, "{:?}", self.secrets);
        for secret in &self.secrets {
            assert!(secret.len() > 15 && !text.contains(secret), "{}", around_of(text, secret));
            for file in fs::read_dir(self.world.state.path()).unwrap() {
                let content = String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned();
                assert!(!content.contains(secret), "{}", around_of(&content, secret));
            }
        }
    }
}

/// What the engine says on the ways of a sign-in, and on ways that lead nowhere. The secrets are given with it, so that
/// they can be looked for in everything that was logged meanwhile.
pub(super) fn in_the_engine() -> Vec<String> {
    let (mut place, mut seen) = (Place::new(), String::new());
    let tell = |seen: &mut String, opened: pipedrive_sql::Result<Session>| {
        let _ = writeln!(seen, "{opened:?}");
        opened.ok()
    };
    let wrong = [("InitiateOAuth", "GETANDREFRESH"), ("OAuthVerifier", WRONG)];
    tell(&mut seen, open(place.pairs(&wrong)));
    for fault in [Fault::status(500), Fault::html(403), Fault::cut_body()] {
        let code = place.code();
        place.world.sandbox.arm(fault.on("/oauth/token").times(9));
        tell(&mut seen, open(place.pairs(&[("InitiateOAuth", "GETANDREFRESH"), ("OAuthVerifier", &code)])));
        place.world.sandbox.disarm();
    }
    let code = place.code();
    let pairs = place.pairs(&[("InitiateOAuth", "GETANDREFRESH"), ("OAuthVerifier", &code)]);
    let settings = Settings::resolve(&[(Source::ConnectionString, pairs.clone())]).unwrap();
    let _ = writeln!(seen, "{settings:?} {}", words_of_panic(settings.clone()));
    let session = tell(&mut seen, open(pairs)).unwrap();
    place.note();
    for sql in ["SELECT id FROM deals LIMIT 1", "SELECT * FROM sys.requests", "EXPLAIN SELECT id FROM deals"] {
        let _ = writeln!(seen, "{:?}", rows(&session, sql, &[]));
    }
    place.world.sandbox.expire_access();
    let _ = writeln!(seen, "{:?}", rows(&session, "SELECT id FROM deals WHERE id = 2", &[]));
    place.note();
    let _ = writeln!(seen, "{session:?} {:?} {:?}", session.warnings(), session.standing());
    place.world.sandbox.uninstall();
    let _ = writeln!(seen, "{:?}", rows(&session, "SELECT id FROM deals WHERE id = 3", &[]));
    fs::remove_file(place.file()).unwrap();
    let (access, refresh) = place.tokens();
    let given = [("InitiateOAuth", "REFRESH"), ("OAuthAccessToken", &*access), ("OAuthRefreshToken", &*refresh)];
    tell(&mut seen, open(place.pairs(&given)));
    let _ = writeln!(seen, "{}", words_of_panic(Settings::resolve(&[(Source::ConnectionString, place.pairs(&given))])));
    place.world.sandbox.revoke_all();
    tell(&mut seen, open(place.pairs(&[("InitiateOAuth", "REFRESH")])));
    assert!(seen.contains("no longer good") && seen.contains("the code was not taken"), "{seen}");
    place.assert_kept(&seen);
    place.secrets
}

/// Through the driver everything is logged: codes, tokens under their names and misspelt, renewals, refusals.
#[test]
fn no_secret_of_oauth_is_in_a_log_of_the_highest_verbosity() {
    let (mut place, mut seen) = (Place::new(), String::new());
    let log = place.folder.path().join("a.log");
    let string = |place: &Place, more: &[(&str, &str)]| {
        let mut string = format!("Driver={};", driver().display());
        for (name, value) in place.pairs(more) {
            let _ = write!(string, "{name}={value};");
        }
        format!("{string}LogFile={};Verbosity=5", log.display())
    };
    let failed = |string: String| format!("{:?}\n", state(connect(&string).map(drop).unwrap_err()));
    seen += &failed(string(&place, &[("InitiateOAuth", "GETANDREFRESH"), ("OAuthVerifier", WRONG)]));
    seen += &failed(string(&place, &[("InitiateOAuth", "REFRESH"), ("OAuthAcessToken", WRONG)]));
    let (access, refresh) = place.tokens();
    let tokens = [("OAuthAccessToken", &*access), ("OAuthRefreshToken", &*refresh)];
    let given = [&[("InitiateOAuth", "REFRESH")], &tokens[..]].concat();
    seen += &failed(string(&place, &[&given[..], &[("PageSize", "0")]].concat()));
    let connection = connect(&string(&place, &given)).unwrap();
    let read = |sql: &str| format!("{:?}\n", crate::manager::rows(&connection, sql, &[]).map(|rows| rows.len()));
    seen += &read("SELECT id FROM deals");
    place.world.sandbox.expire_access();
    seen += &read("SELECT id FROM deals WHERE id = 2");
    place.note();
    // Statements that quote them: the application gets its own words back, the log does not have them.
    read(&format!("SELECT CAST('{refresh}' AS DATE)"));
    read(&format!("SELECT '{SECRET}' FROM nothing"));
    place.world.sandbox.uninstall();
    seen += &read("SELECT id FROM deals WHERE id = 3");
    drop(connection);
    fs::remove_file(place.file()).unwrap();
    let code = place.code();
    drop(connect(&string(&place, &[("InitiateOAuth", "GETANDREFRESH"), ("OAuthVerifier", &code)])).unwrap());
    place.note();
    let logged = fs::read_to_string(&log).unwrap();
    for part in ["POST /oauth/token: 200", "POST /oauth/token: 400", "the sign-in was renewed", "CAST('***' AS DATE)"] {
        assert!(logged.contains(part), "{part}: {logged}");
    }
    place.assert_kept(&logged);
    place.assert_kept(&seen);
}

#[test]
fn an_address_to_sign_in_at_holds_no_secret() {
    let place = Place::new();
    let sources = [(Source::ConnectionString, place.pairs(&[("OAuthPKCE", "on")]))];
    let settings = Settings::resolve(&sources).unwrap().0;
    let address = oauth_address(&settings).unwrap();
    assert!(address.contains("code_challenge=") && !address.contains(SECRET), "{address}");
}
