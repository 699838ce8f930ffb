//! What goes wrong when signing in by OAuth: each with its SQLSTATE, and with words that name the way out.

use std::thread;
use std::time::Duration;

use pipedrive_sandbox::Browser;
use pipedrive_sandbox::browser::visit;
use serde_json::{Value, json};

use super::desktop::Desktop;
use super::{Place, wait_until};
use crate::connecting::Called;

const DAY: u64 = 86_400;
/// What unixODBC hands on of a message, in its characters.
const LONGEST: usize = 512;

/// SQLSTATE and message, as an application gets them.
type Records = Vec<(String, String)>;

/// A case: what it is, how it comes about, the SQLSTATE, what the message has to say.
type Case = (&'static str, fn(&Desktop) -> Records, &'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    ("denied", |desktop| first(desktop, &[], "deny"), "28000", &["access was denied in the browser", "connect again"]),
    (
        "nobody finishes",
        |desktop| first(desktop, &[("LoginTimeout", "2")], "nothing"),
        "HYT00",
        &["nobody finished the sign-in within 2 seconds", "for another 5 minutes", "/oauth/authorize?"],
    ),
    ("port taken", port_taken, "28000", &["CallbackURL=http://localhost:", "another program uses that port"]),
    (
        "clock",
        clock_ahead,
        "01000",
        &["OAuthTokenTimestamp is 6", "minutes ahead of this computer's clock", "milliseconds since 1970 in UTC"],
    ),
    ("revoked", |desktop| after(desktop, || desktop.place.world.sandbox.revoke_all()), "28000", OVER),
    ("uninstalled", |desktop| after(desktop, || desktop.place.world.sandbox.uninstall()), "28000", OVER),
    ("used elsewhere", |desktop| after(desktop, || used_elsewhere(desktop)), "28000", OVER),
    (
        "not used",
        |desktop| after(desktop, || sleep_for_61_days(desktop)),
        "28000",
        &[
            "no longer good",
            "it was not used for 61 days, and Pipedrive ends it after 60",
            "settings.json",
            "login --oauth",
        ],
    ),
    (
        "missing scope of records",
        |desktop| scoped(desktop, "deals:read", "SELECT name FROM persons").records,
        "42000",
        &[
            "does not allow /api/v2/persons, from which the table persons is read: Scope and URL mismatch",
            "needs the scope contacts:read",
            "add the scope to the application in Pipedrive's Developer Hub, and sign in anew",
        ],
    ),
    (
        "missing scope of definitions",
        |desktop| scoped(desktop, "activities:read", "SELECT priority FROM activities").records,
        "01000",
        &["crm.activities has its built-in columns only", "/api/v2/activityFields", "the scope admin", "Developer Hub"],
    ),
    (
        "wrong client secret",
        |desktop| first(desktop, &[("OAuthClientSecret", "0123456789abcdef")], "allow"),
        "28000",
        &["does not know the OAuth application", "client is invalid", "check OAuthClientId and OAuthClientSecret"],
    ),
    (
        "wrong callback in the browser",
        wrong_callback_in_the_browser,
        "HYT00",
        &["If the page refuses, check OAuthClientId and CallbackURL", "redirect_uri="],
    ),
    (
        "wrong callback for a code",
        wrong_callback_for_a_code,
        "28000",
        &["redirect_uri", "CallbackURL must be, letter for letter, the address that is registered", "Developer Hub"],
    ),
    (
        "a code of somebody else's",
        |desktop| first(desktop, &[("OAuthVerifier", "0123456789abcdef")], "allow"),
        "28000",
        &["the code was not taken", "within five minutes", "sign in anew"],
    ),
    (
        "no store",
        |desktop| first(desktop, &[("OAuthSettingsLocation", "/proc/no/place.json")], "allow"),
        "28000",
        &["/proc/no"],
    ),
];

/// A sign-in that the server takes no more.
const OVER: &[&str] = &[
    "the OAuth sign-in in ",
    "settings.json is no longer good",
    "refresh_token is invalid",
    "it was revoked, the application was uninstalled, or its refresh token was used elsewhere",
    "`pipedrive-odbc login --oauth`",
    "InitiateOAuth=GETANDREFRESH",
];

#[test]
fn what_goes_wrong_is_told_with_its_reason_and_the_way_out() {
    for (what, make, state, parts) in CASES {
        let desktop = Desktop::new();
        let records = make(&desktop);
        let (found, message) = records.first().unwrap_or_else(|| panic!("{what}: nothing was said"));
        assert_eq!(found, state, "{what}: {message}");
        for part in *parts {
            assert!(message.contains(part), "{what}: '{part}' is missing in: {message}");
        }
        assert_eq!(desktop.place.world.sandbox.conceal(message), *message, "{what}");
        assert!(message.encode_utf16().count() < LONGEST, "{what}: cut: {message}");
    }
}

/// A first connection with these properties in place of those that are right.
fn first(desktop: &Desktop, other: &[(&str, &str)], answer: &str) -> Records {
    let mut dsn = desktop.first();
    for (name, value) in other {
        dsn.retain(|(own, _)| own != name);
        dsn.push(((*name).to_owned(), (*value).to_owned()));
    }
    desktop.connect(&dsn, answer, "Test").records
}

fn port_taken(desktop: &Desktop) -> Records {
    let port = desktop.place.world.sandbox.callback().rsplit(':').next().unwrap().parse().unwrap();
    let _other = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    first(desktop, &[("LoginTimeout", "2")], "allow")
}

/// An address of this computer that nobody registered.
fn elsewhere() -> String {
    format!("http://localhost:{}", super::free_port())
}

fn clock_ahead(desktop: &Desktop) -> Records {
    let (access, refresh) = desktop.place.world.sandbox.issue(&["deals:read"]);
    let ahead = (chrono::Utc::now().timestamp_millis() + 3_660_000).to_string();
    let dsn = desktop.place.first(&[
        ("InitiateOAuth", "REFRESH"),
        ("OAuthAccessToken", &access),
        ("OAuthRefreshToken", &refresh),
        ("OAuthTokenTimestamp", &ahead),
    ]);
    desktop.connect(&dsn, "allow", "Test").records
}

/// What a later connection is told after a sign-in came to its end.
fn after(desktop: &Desktop, end: impl FnOnce()) -> Records {
    drop(desktop.place.signed_in());
    end();
    let later = desktop.place.later(&[("InitiateOAuth", "REFRESH"), ("MetadataMaxAge", "0")]);
    let records = desktop.connect(&later, "allow", "Test").records;
    assert_eq!(desktop.opened(), 0, "REFRESH opens no browser");
    records
}

fn kept(desktop: &Desktop) -> Value {
    serde_json::from_str(&desktop.place.kept()).unwrap()
}

/// Another program has a copy of the refresh token, and uses it first.
fn used_elsewhere(desktop: &Desktop) {
    let refresh = kept(desktop)["refresh_token"].as_str().unwrap().to_owned();
    let mut other = desktop.place.first(&[]);
    other.retain(|(name, _)| name != "OAuthSettingsLocation");
    let file = desktop.place.folder.path().join("other.json");
    other.push(("OAuthSettingsLocation".to_owned(), file.to_str().unwrap().to_owned()));
    let calls = json!([["execute", "EXEC RefreshOAuthAccessToken ?", refresh]]);
    let mut answer = desktop.program(&other, "allow").program.run("Test", &calls);
    assert_eq!(answer.calls.remove(0).rows().len(), 1);
    desktop.place.world.sandbox.expire_access();
}

/// Neither this computer nor anybody else has used the sign-in for as long.
fn sleep_for_61_days(desktop: &Desktop) {
    let mut sign_in = kept(desktop);
    for moment in ["issued_at", "expires_at"] {
        if let Some(millis) = sign_in[moment].as_u64() {
            sign_in[moment] = json!(millis - 61 * DAY * 1000);
        }
    }
    std::fs::write(desktop.place.file(), sign_in.to_string()).unwrap();
    desktop.place.world.sandbox.advance(Duration::from_secs(61 * DAY));
}

/// A statement on a connection whose token has this scope and no other.
fn scoped(desktop: &Desktop, scope: &str, sql: &str) -> Called {
    let (access, _) = desktop.place.world.sandbox.issue(&[scope]);
    let dsn = desktop.place.later(&[("AuthScheme", "OAuth"), ("OAuthAccessToken", &access)]);
    let mut answer = desktop.program(&dsn, "allow").program.run("Test", &json!([["execute", sql]]));
    assert!(!answer.calls.is_empty(), "{answer:?}");
    answer.calls.remove(0)
}

/// The page refuses the application, and the browser stays there; a browser that runs already tells nobody.
fn wrong_callback_in_the_browser(_: &Desktop) -> Records {
    let desktop = Desktop { place: Place::new(), browser: Browser::watched().unwrap() };
    let records = first(&desktop, &[("CallbackURL", &elsewhere()), ("LoginTimeout", "2")], "allow");
    assert!(desktop.browser.failed().unwrap().contains("the page has status 400"));
    records
}

/// The code was got with the registered address, and is exchanged with another.
fn wrong_callback_for_a_code(desktop: &Desktop) -> Records {
    let sandbox = &desktop.place.world.sandbox;
    let (client, callback) = (sandbox.client_id(), sandbox.callback());
    let address = format!("{}/oauth/authorize?client_id={client}&redirect_uri={callback}", sandbox.url());
    let back = sandbox.authorize(None, true, &address).unwrap();
    first(desktop, &[("CallbackURL", &elsewhere()), ("OAuthVerifier", &back)], "allow")
}

/// Any page can send a browser to the callback, and any program can knock there.
#[test]
fn a_stranger_who_calls_back_first_is_sent_away_and_the_sign_in_goes_on() {
    let desktop = Desktop::new();
    let sandbox = &desktop.place.world.sandbox;
    let mut running = desktop.program(&desktop.first(), "nothing");
    thread::scope(|scope| {
        let connecting = scope.spawn(|| running.program.connect("Test"));
        wait_until("a browser", || desktop.opened() == 1);
        let callback = sandbox.callback();
        for (query, status) in
            [("?code=0123456789abcdef&state=guessed", 400), ("?code=0123456789abcdef", 400), ("", 404)]
        {
            let (found, page) = visit(&format!("{callback}/{query}"), None).unwrap();
            assert_eq!(found, status, "{query}");
            assert!(page.contains("This is not the sign-in that is waited for"), "{page}");
        }
        assert_eq!(sandbox.oauth().token_requests, 0, "nothing of it was sent");
        let back = sandbox.authorize(None, true, &desktop.browser.opened().unwrap()[0]).unwrap();
        let (status, page) = visit(&back, None).unwrap();
        assert!(status == 200 && page.contains("You are signed in"), "{status} {page}");
        connecting.join().unwrap().assert_silent();
    });
}
