//! Signing in step by step, by the procedures, as applications do that keep the tokens themselves.

use serde_json::{Value, json};

use super::desktop::Desktop;
use crate::connecting::{Answer, Called};

const COUNT: &str = "SELECT COUNT(*) FROM deals";

type Pairs = Vec<(String, String)>;

/// Connects by this data source in a process of its own, without a browser, and makes the calls.
fn run(desktop: &Desktop, dsn: &Pairs, calls: &Value) -> Answer {
    desktop.program(dsn, "nothing").program.run("DSN=Test", calls)
}

fn call(desktop: &Desktop, dsn: &Pairs, call: &[&str]) -> Called {
    let words: Vec<&str> = ["execute"].iter().chain(call).copied().collect();
    let mut answer = run(desktop, dsn, &json!([words]));
    answer.calls.pop().unwrap_or_else(|| panic!("{answer:?}"))
}

/// The one row of a procedure.
fn row(called: Called) -> Vec<String> {
    let mut rows = called.rows();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0).into_iter().map(Option::unwrap).collect()
}

/// A data source with an access token and nothing else.
fn with_token(desktop: &Desktop, access: &str) -> Pairs {
    let later = desktop.place.later(&[("AuthScheme", "OAuth"), ("OAuthAccessToken", access), ("MetadataMaxAge", "0")]);
    later.into_iter().filter(|(name, _)| name != "OAuthSettingsLocation").collect()
}

/// A web application: it sends the person's browser away and gets it back, keeps the tokens, and renews them.
#[test]
fn a_web_application_signs_in_and_renews_by_hand() {
    let desktop = Desktop::new();
    let sandbox = &desktop.place.world.sandbox;
    let application = desktop.place.first(&[]);
    let address = row(call(&desktop, &application, &["{call GetOAuthAuthorizationURL(?)}", sandbox.callback()]));
    let back = sandbox.authorize(None, true, &address[0]).unwrap();
    let tokens = row(call(&desktop, &application, &["EXEC GetOAuthAccessToken AuthMode='WEB', Verifier=?", &back]));
    let [access, refresh, lifetime] = tokens.try_into().unwrap();
    assert_eq!((lifetime.as_str(), sandbox.oauth().exchanges), ("3599", 1));
    let with = |access: &str| with_token(&desktop, access);
    assert_eq!(call(&desktop, &with(&access), &[COUNT]).rows(), [[Some("1200".to_owned())]]);
    sandbox.expire_access();
    let refused = run(&desktop, &with(&access), &json!([]));
    refused.assert_refused("28000", &["refused the access token", "give a new OAuthAccessToken"]);
    let renewed = row(call(&desktop, &application, &["EXEC RefreshOAuthAccessToken ?", &refresh]));
    let [newer, next, lifetime] = renewed.try_into().unwrap();
    assert!(newer != access && next != refresh && lifetime == "3599");
    assert_eq!(call(&desktop, &with(&newer), &[COUNT]).rows(), [[Some("1200".to_owned())]]);
    let twice = call(&desktop, &application, &["{call RefreshOAuthAccessToken(?)}", &refresh]);
    twice.assert_refused("28000", &["the refresh token was not taken", "it was used already", "GetOAuthAccessToken"]);
    row(call(&desktop, &application, &["CALL RefreshOAuthAccessToken(OAuthRefreshToken => ?)", &next]));
    assert_eq!((sandbox.oauth().refreshes, desktop.opened()), (2, 0));
}

/// A program on a desktop calls for a browser, also where connecting may open none. Later connections name InitiateOAuth
/// and OAuthSettingsLocation.
#[test]
fn a_program_on_a_desktop_calls_for_a_browser_and_later_connections_find_the_sign_in() {
    for (round, string) in (1..).zip(["COMPLETE DSN=Test", "Test", "DSN=Test"]) {
        let desktop = Desktop::new();
        let mut program = desktop.program(&desktop.place.first(&[]), "allow");
        let calls = json!([["execute", COUNT], ["execute", "EXEC GetOAuthAccessToken"], ["execute", COUNT]]);
        let mut calls = program.program.run(string, &calls).calls;
        let (after, tokens, before) = (calls.pop().unwrap(), calls.pop().unwrap(), calls.pop().unwrap());
        // The connection stays what it was: tokens belong to the next one.
        for nobody in [before, after] {
            nobody.assert_refused("28000", &["nobody is signed in on this connection", "GetOAuthAccessToken"]);
        }
        let [access, _, _] = row(tokens).try_into().unwrap();
        assert!(desktop.place.kept().contains(&access), "{round}: it is kept");
        let later = desktop.place.later(&[("InitiateOAuth", "REFRESH")]);
        assert_eq!(call(&desktop, &later, &[COUNT]).rows(), [[Some("1200".to_owned())]]);
        desktop.place.world.sandbox.expire_access();
        assert_eq!(call(&desktop, &later, &[COUNT]).rows(), [[Some("1200".to_owned())]]);
        let stats = desktop.place.world.sandbox.oauth();
        assert_eq!((desktop.opened(), stats.exchanges, stats.refreshes), (1, 1, 1), "{stats:?}");
    }
}

/// A person who was sent away by one page must not come back into the session of another.
#[test]
fn a_browser_that_comes_back_with_another_state_is_refused() {
    let desktop = Desktop::new();
    let sandbox = &desktop.place.world.sandbox;
    let application = desktop.place.first(&[]);
    let ask = ["{call GetOAuthAuthorizationURL(?, ?)}", sandbox.callback(), "my state"];
    let address = row(call(&desktop, &application, &ask));
    assert!(address[0].contains("state=my+state"), "{address:?}");
    let back = sandbox.authorize(None, true, &address[0]).unwrap();
    let exchange = "EXEC GetOAuthAccessToken @AuthMode='WEB', @Verifier=?, @State=?";
    let refused = call(&desktop, &application, &[exchange, &back, "another state"]);
    refused.assert_refused("28000", &["another sign-in than the one of this State", "nothing was sent"]);
    assert_eq!((sandbox.oauth().token_requests, desktop.place.file().exists()), (0, false));
    row(call(&desktop, &application, &[exchange, &back, "my state"]));
}

/// The tokens that the store holds go on there when they are renewed by hand.
#[test]
fn a_sign_in_that_is_kept_gets_what_a_call_renewed() {
    let desktop = Desktop::new();
    drop(desktop.place.signed_in());
    let kept: Value = serde_json::from_str(&desktop.place.kept()).unwrap();
    let refresh = kept["refresh_token"].as_str().unwrap();
    let application = desktop.place.first(&[]);
    let [access, next, _] =
        row(call(&desktop, &application, &["EXEC RefreshOAuthAccessToken ?", refresh])).try_into().unwrap();
    assert!(desktop.place.kept().contains(&access) && desktop.place.kept().contains(&next));
    let later = desktop.place.later(&[("InitiateOAuth", "REFRESH")]);
    assert_eq!(call(&desktop, &later, &[COUNT]).rows(), [[Some("1200".to_owned())]]);
    assert_eq!(desktop.place.world.sandbox.oauth().refreshes, 1);
}

/// What an application asks before it knows how to sign in works, and costs nothing; the rest says why it does not.
#[test]
fn a_connection_without_a_token_answers_or_says_why() {
    let desktop = Desktop::new();
    desktop.place.world.sandbox.reset_stats();
    let catalog =
        json!([["SQLTables"], ["SQLProcedures"], ["SQLGetTypeInfo"], ["SQLGetInfo", 17], ["execute", "SELECT 1"]]);
    let answer = run(&desktop, &desktop.place.first(&[]), &catalog);
    let rows: Vec<_> = answer.calls.into_iter().map(|called| called.rows().len()).collect();
    assert!(rows[0] > 12 && rows[1] == 4 && rows[2] > 8 && rows[3..] == [1, 1], "{rows:?}");
    let statements =
        ["SELECT id FROM deals", "SELECT * FROM users", "EXPLAIN SELECT * FROM deals", "EXEC RefreshMetadata"];
    let statements = statements.map(|sql| json!(["execute", sql]));
    let calls: Vec<_> = statements.into_iter().chain([json!(["SQLColumns"])]).collect();
    let answer = run(&desktop, &desktop.place.first(&[]), &json!(calls));
    assert_eq!(answer.calls.len(), 5);
    for called in &answer.calls {
        called.assert_refused(
            "28000",
            &["nobody is signed in on this connection", "GetOAuthAccessToken", "GETANDREFRESH"],
        );
    }
    assert_eq!((desktop.place.world.cost(), desktop.place.world.sandbox.oauth().token_requests), ((0, 0), 0));
}
