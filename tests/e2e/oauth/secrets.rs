//! Nothing but the store shows a secret of OAuth, whatever is done and whatever goes wrong: the client's secret, every
//! code and token that was issued, the verifiers of PKCE. The sandbox knows them all.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use pipedrive_sandbox::{Browser, Fault};
use serde_json::{Value, json};

use super::desktop::Desktop;
use crate::connecting::{Answer, Program, configuration};

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A desktop whose browser also tells how it was called, and everything that was seen of its programs.
struct Watched {
    desktop: Desktop,
    log: PathBuf,
    seen: String,
}

impl Watched {
    fn new() -> Self {
        let desktop = Desktop::new();
        let (log, calls) = (desktop.place.folder.path().join("a.log"), desktop.place.folder.path().join("calls"));
        let open = desktop.browser.folder().join("xdg-open");
        let (own, other) = (open.display(), desktop.browser.folder().join("stand-in"));
        fs::rename(&open, &other).unwrap();
        let script = format!(
            "#!/bin/sh\n{{ tr '\\0' '\\n' </proc/$$/cmdline; tr '\\0' '\\n' </proc/$$/environ; }} >>'{}'\nexec '{}' \"$@\"\n",
            calls.display(),
            other.display()
        );
        // Written by another process: a child of a test beside this one could hold it open, and it could not be executed.
        let written = std::process::Command::new("/bin/sh")
            .args(["-c", "printf %s \"$1\" >\"$0\" && chmod 755 \"$0\"", &own.to_string(), &script])
            .status();
        assert!(written.unwrap().success());
        Self { desktop, log, seen: String::new() }
    }

    fn calls(&self) -> PathBuf {
        self.desktop.place.folder.path().join("calls")
    }

    /// Connects by this data source, logs all there is to log, and makes the calls.
    fn run(&mut self, dsn: &[(String, String)], answer: &str, string: &str, calls: &Value) -> Answer {
        let log = self.log.to_str().unwrap();
        let dsn = dsn.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let dsn: Vec<_> = dsn.chain([("LogFile", log), ("Verbosity", "5")]).collect();
        let path = format!("{}:{}", self.desktop.browser.folder().display(), std::env::var("PATH").unwrap());
        let variables = [("PATH", path.as_str()), ("DISPLAY", ":7"), (Browser::ANSWER, answer)];
        Program::start(&configuration(&dsn), &variables).run(string, calls)
    }

    /// The same; all of the answer is looked at.
    fn look(&mut self, dsn: &[(String, String)], answer: &str, string: &str, calls: &Value) -> Answer {
        let answer = self.run(dsn, answer, string, calls);
        writeln!(self.seen, "{answer:?}").unwrap();
        answer
    }

    /// The same; of the calls, whose rows are tokens, what was said is looked at.
    fn tokens(&mut self, dsn: &[(String, String)], calls: &Value) -> Vec<Vec<String>> {
        let answer = self.run(dsn, "allow", "COMPLETE DSN=Test", calls);
        writeln!(self.seen, "{:?} {}", answer.records, answer.string).unwrap();
        let one = |called: crate::connecting::Called| {
            writeln!(self.seen, "{:?}", called.records).unwrap();
            called.rows().remove(0).into_iter().map(Option::unwrap).collect()
        };
        answer.calls.into_iter().map(one).collect()
    }

    /// Fails where a text holds a secret, and shows where without showing it.
    fn assert_harmless(&self, what: &str, text: &str) {
        let concealed = self.desktop.place.world.sandbox.conceal(text);
        let shown = || concealed.split_once("(withheld)").map(|(before, _)| before.chars().rev().take(300).collect());
        let before: String = shown().unwrap_or_default();
        let before: String = before.chars().rev().collect();
        assert!(concealed == text, "{what} shows a secret behind: {before}");
    }
}

/// What a program may look at: rows, plans, the tables of the system, the catalog, statements that fail.
fn everything(watched: &mut Watched, dsn: &[(String, String)]) -> Value {
    let mut answer = watched.run(dsn, "allow", "COMPLETE DSN=Test", &json!([["SQLTables"]]));
    let tables = answer.calls.remove(0).rows();
    let system = tables.iter().filter(|row| row[3].as_deref() == Some("SYSTEM TABLE"));
    let name = |row: &Vec<Option<String>>| [1, 2].map(|part| row[part].clone().unwrap()).join(".");
    let system: Vec<_> = system.map(|row| json!(["execute", format!("SELECT * FROM {}", name(row))])).collect();
    assert!(system.len() >= 2, "{tables:?}");
    let statements = [
        "SELECT * FROM users",
        "SELECT * FROM deals WHERE id < 9",
        "SELECT * FROM dels",
        "SELECT )",
        "SELECT CAST(title AS INT) FROM deals",
        "EXPLAIN SELECT * FROM deals WHERE id > 7",
        "EXPLAIN VERBOSE SELECT * FROM persons",
    ];
    let statements = statements.map(|sql| json!(["execute", sql]));
    json!(
        statements
            .into_iter()
            .chain(system)
            .chain([json!(["SQLColumns"]), json!(["SQLProcedures"])])
            .collect::<Vec<_>>()
    )
}

#[test]
fn nothing_but_the_store_shows_a_secret() {
    let mut watched = Watched::new();
    let place = &watched.desktop.place;
    let first = place.first(&[("InitiateOAuth", "GETANDREFRESH"), ("OAuthPKCE", "on")]);
    let later = place.later(&[("InitiateOAuth", "REFRESH"), ("MetadataMaxAge", "0")]);
    let (application, callback) = (place.first(&[]), place.world.sandbox.callback().to_owned());

    // By browser, with a person who first says no.
    watched.look(&first, "deny", "Test", &json!([]));
    let calls = everything(&mut watched, &first);
    let answer = watched.look(&later, "allow", "COMPLETE DSN=Test", &calls);
    assert!(answer.calls.len() >= 11 && answer.string.contains("DSN=Test"), "{answer:?}");

    // Renewed when connecting, and when a statement is refused; by a server in trouble, too.
    for fault in
        [None, Some(Fault::status(503)), Some(Fault::html(502).times(3)), Some(Fault::truncated_json().times(3))]
    {
        let sandbox = &watched.desktop.place.world.sandbox;
        sandbox.expire_access();
        fault.into_iter().for_each(|fault| sandbox.arm(fault.on("/oauth/token")));
        watched.look(&later, "allow", "DSN=Test", &json!([["execute", "SELECT id FROM deals WHERE id < 5"]]));
        watched.desktop.place.world.sandbox.disarm();
    }
    let renewing = watched.desktop.place.later(&[("InitiateOAuth", "GETANDREFRESH")]);
    watched.look(&renewing, "allow", "COMPLETE DSN=Test", &calls);
    watched.desktop.place.world.sandbox.expire_access();
    watched.look(&renewing, "allow", "COMPLETE DSN=Test", &calls);

    // Refused and failed in every way that the API knows.
    for fault in [
        Fault::unauthorized().times(2),
        Fault::refuse_scope(),
        Fault::html(403),
        Fault::daily429(),
        Fault::truncated_json().times(9),
    ] {
        watched.desktop.place.world.sandbox.arm(fault.on("/api/v2/deals"));
        watched.look(&renewing, "allow", "DSN=Test", &json!([["execute", "SELECT id FROM deals"]]));
        watched.desktop.place.world.sandbox.disarm();
    }

    // Step by step, with codes and tokens as literals and as values, good ones and used ones.
    let ask = json!([["execute", "{call GetOAuthAuthorizationURL(?)}", callback]]);
    let address = watched.tokens(&application, &ask).remove(0).remove(0);
    let back = watched.desktop.place.world.sandbox.authorize(None, true, &address).unwrap();
    let exchange = json!([["execute", "EXEC GetOAuthAccessToken AuthMode='WEB', Verifier=?", back]]);
    let refresh = watched.tokens(&application, &exchange).remove(0).remove(1);
    watched.look(&application, "allow", "DSN=Test", &exchange);
    let literal = json!([["execute", format!("EXEC RefreshOAuthAccessToken '{refresh}'")]]);
    watched.tokens(&application, &literal);
    let tries = [
        literal[0].clone(),
        json!(["execute", "EXEC RefreshOAuthAccessToken ?", refresh]),
        json!(["execute", format!("EXEC RefreshOAuthAccessToken Tokn='{refresh}'")]),
        json!(["execute", format!("EXEC GetOAuthAccessToken 'WEB', '{callback}', '{back}', 'state'")]),
        json!(["execute", format!("EXEC GetOAuthAccessToken Verifier='{back}'")]),
    ];
    let answer = watched.look(&application, "allow", "DSN=Test", &json!(tries));
    assert_eq!(answer.calls.len(), 5);
    watched.tokens(&application, &json!([["execute", "CALL GetOAuthAccessToken()"]]));

    // Wrong settings around right secrets, and secrets of the connection string.
    let (access, refresh) = watched.desktop.place.world.sandbox.issue(&["deals:read"]);
    for wrong in
        ["PageSize=0", "Timeout=soon", "CallbackURL=nowhere", "CompanyDomain=acme/5", "OAuthSettingsLocation=here"]
    {
        let given = format!("OAuthAccessToken={access};OAuthRefreshToken={refresh};OAuthVerifier={back}");
        watched.look(&application, "allow", &format!("DSN=Test;{given};{wrong}"), &json!([]));
    }
    watched.look(&first, "allow", &format!("DSN=Test;OAuthVerifier={back}"), &json!([]));
    watched.desktop.place.world.sandbox.revoke_all();
    watched.look(&later, "allow", "DSN=Test", &json!([]));

    let place = &watched.desktop.place;
    let logged = fs::read_to_string(&watched.log).unwrap();
    for part in [
        "5 plan: ",
        "POST /oauth/token: 200",
        "POST /oauth/token: 400",
        "the browser was opened for a sign-in",
        "the sign-in was renewed",
        "OAuthClientSecret=***",
        "failed, 28000",
        "EXEC RefreshOAuthAccessToken OAuthRefreshToken = ***",
    ] {
        assert!(logged.contains(part), "{part}: {logged}");
    }
    watched.assert_harmless("the log", &logged);
    watched.assert_harmless("an answer", &watched.seen);
    let calls = fs::read_to_string(watched.calls()).unwrap();
    assert!(calls.contains("/oauth/authorize?") && calls.contains("code_challenge="), "{calls}");
    watched.assert_harmless("the browser's command line or environment", &calls);
    let state = files(place.world.state.path());
    assert!(!state.is_empty());
    for file in state {
        let content = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        watched.assert_harmless(&file.display().to_string(), &content);
    }
    // The store and nothing beside it holds them, for this user alone.
    for file in files(place.folder.path()) {
        let content = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        let is_store = file == place.file();
        assert_eq!(place.world.sandbox.conceal(&content) != content, is_store, "{}", file.display());
        if is_store {
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
