//! The token and the proxy's password appear nowhere: not in errors, warnings, EXPLAIN, system tables, state files,
//! logs, panics. `oauth.rs` has the same of a sign-in by OAuth.

mod oauth;

use std::fmt::{Debug, Write as _};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use pipedrive_sandbox::{Config, Fault};
use pipedrive_sql::Session;
use pipedrive_sql::call::Call;
use pipedrive_sql::settings::{Settings, Source};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::connect_proxy::ConnectProxy;
use crate::engine::{World, open, rows};
use crate::manager::{connect, connection_string, state};

/// A token that is easy to find.
const TOKEN: &str = "5ec4e7a9c0ffee5ec4e7a9c0ffee5ec4e7a9c0ff";

/// A password of a proxy that is as easy to find, and the end of the header that would carry it.
const PASSWORD: &str = "0pen-5e5ame-0pen-5e5ame";
const HEADER: &str = "bWU6MHBlbi01ZTVhbWUtMHBlbi01ZTVhbWU=";

/// Writes everything that is logged, at every level, from every crate, into one text.
#[derive(Clone, Default)]
struct Everything {
    text: Arc<Mutex<String>>,
}

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = writeln!(self.text.lock().unwrap(), "{field}={value:?}");
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn the_token_is_in_no_output() {
    let log = Everything::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let world = World::with(Config { token: Some(TOKEN.to_owned()), ..Config::default() });
    let mut seen = String::new();
    let session = world.session();
    let statements = [
        "SELECT * FROM deals WHERE id = 1",
        "SELECT * FROM sys.requests",
        "SELECT * FROM sys.api_usage",
        "SELECT * FROM sys.connection",
        "SELECT * FROM sys.settings",
        "SELECT * FROM meta.fields",
        "EXPLAIN SELECT * FROM deals WHERE status = 'won'",
        "EXPLAIN ANALYZE SELECT * FROM deals WHERE status = 'won'",
        "SELECT * FROM dels",
        "SELECT )",
    ];
    for sql in statements {
        let _ = writeln!(seen, "{:?}", rows(&session, sql, &[]));
    }
    for fault in [Fault::status(500), Fault::html(403), Fault::unauthorized(), Fault::daily429(), Fault::cut_body()] {
        world.sandbox.arm(fault.on("/api/v2/deals").times(9));
        let _ = writeln!(seen, "{:?}", rows(&session, "SELECT id FROM deals", &[]));
    }
    let _ = writeln!(seen, "{session:?} {:?} {:?}", session.warnings(), session.identity());
    let settings = Settings::resolve(&[(Source::ConnectionString, world.pairs(&[]))]).unwrap();
    let prepared = session.prepare("SELECT id FROM deals WHERE id = ?", &Call::default()).unwrap();
    let _ = writeln!(seen, "{}", words_of_panic(settings));
    let _ = writeln!(seen, "{}", words_of_panic((session.clone(), prepared)));
    let wrong = world.pairs(&[("Timeout", "soon")]);
    let _ = writeln!(seen, "{:?}", open(wrong).map(drop));
    let proxy = ConnectProxy::asking(world.sandbox.url(), "another header");
    let address = format!("127.0.0.1:{}", proxy.port());
    let own = [("ProxyServer", address.as_str()), ("ProxyUser", "me"), ("ProxyPassword", PASSWORD)];
    let settings = Settings::resolve(&[(Source::ConnectionString, world.pairs(&own))]).unwrap();
    let _ = writeln!(seen, "{settings:?} {:?}", Session::open(settings.0.clone(), &Call::default()));
    let _ = writeln!(seen, "{:?}", world.open(&[own.as_slice(), &[("MetadataMaxAge", "0")]].concat()).map(drop));
    assert!(proxy.saw(HEADER), "the password was sent");
    let connection = connect(&connection_string(&world, "PageSize=0;")).map(drop);
    let _ = writeln!(seen, "{:?}", state(connection.unwrap_err()));
    let connection = connect(&connection_string(&world, "")).unwrap();
    let _ = writeln!(seen, "{:?}", crate::manager::rows(&connection, "SELECT * FROM nothing", &[]));
    drop((connection, session.prepare("SELECT 1", &Call::default())));
    assert!(seen.len() > 2000, "something was looked at");
    assert!(!seen.contains(TOKEN), "{}", around(&seen));
    assert!(!seen.contains(PASSWORD) && !seen.contains(HEADER), "the proxy's password is shown");
    for file in fs::read_dir(world.state.path()).unwrap() {
        // Not every file is text.
        let content = String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned();
        assert!(!content.contains(TOKEN), "{}", around(&content));
    }
    let of_oauth = oauth::in_the_engine();
    let logged = log.text.lock().unwrap();
    assert!(logged.contains("/oauth/token"), "renewals are logged");
    for secret in &of_oauth {
        assert!(!logged.contains(secret), "{}", around_of(&logged, secret));
    }
    assert!(logged.contains("/api/v2/deals"), "requests are logged");
    assert!(!logged.contains(TOKEN), "{}", around(&logged));
    assert!(!logged.contains(PASSWORD) && !logged.contains(HEADER), "the proxy's password is logged");
}

/// Through the driver, everything is logged: statements that fail, faults of the host, wrong connection strings, a token
/// under a misspelt keyword and one that another source gave.
#[test]
fn no_secret_is_in_a_log_of_the_highest_verbosity() {
    const MISSPELT: &str = "0dd5ecre70dd5ecre70dd5ecre70dd5ecre7";
    const SECOND: &str = "5ec0nd70ken5ec0nd70ken5ec0nd70ken";
    let secrets = [TOKEN, MISSPELT, SECOND];
    let world = World::with(Config { token: Some(TOKEN.to_owned()), ..Config::default() });
    let place = tempfile::tempdir().unwrap();
    let log = place.path().join("a.log");
    let own = |more: &str| {
        let more = format!("ApiTokne={MISSPELT};PWD={SECOND};LogFile={};Verbosity=5;{more}", log.display());
        connection_string(&world, &more)
    };
    let mut seen = String::new();
    for wrong in ["PageSize=0;", "Timeout=soon;", "CompanyDomain=acme/5;", "AuthScheme=Kerberos;"] {
        let refused = connect(&own(wrong)).map(drop);
        let _ = writeln!(seen, "{:?}", state(refused.unwrap_err()));
    }
    let refused = connect(&own("").replace(TOKEN, SECOND)).map(drop);
    let _ = writeln!(seen, "{:?}", state(refused.unwrap_err()));
    let only_misspelt = own("").replace(&format!("APIToken={TOKEN};"), "").replace(&format!("PWD={SECOND};"), "");
    let _ = writeln!(seen, "{:?}", state(connect(&only_misspelt).map(drop).unwrap_err()));
    let connection = connect(&own("")).unwrap();
    let read = |sql: &str| format!("{:?}", crate::manager::rows(&connection, sql, &[]).map(|rows| rows.len()));
    for sql in ["SELECT * FROM deals", "SELECT * FROM dels", "SELECT )", "EXPLAIN SELECT * FROM deals"] {
        let _ = writeln!(seen, "{}", read(sql));
    }
    // A statement that quotes the token: neither text nor error of it may show it.
    read(&format!("SELECT CAST('{TOKEN}' AS DATE)"));
    for fault in [Fault::status(500), Fault::html(403), Fault::unauthorized(), Fault::daily429(), Fault::cut_body()] {
        world.sandbox.arm(fault.on("/api/v2/deals").times(9));
        let _ = writeln!(seen, "{}", read("SELECT id FROM deals"));
    }
    drop(connection);
    let logged = fs::read_to_string(&log).unwrap();
    for part in
        ["5 plan: ", "GET /api/v2/deals", "failed, 28000", "failed, 42S02", "APIToken=***", "CAST('***' AS DATE)"]
    {
        assert!(logged.contains(part), "{part}: {logged}");
    }
    for secret in secrets {
        assert!(!logged.contains(secret), "{}", around_of(&logged, secret));
        assert!(!seen.contains(secret), "{}", around_of(&seen, secret));
    }
}

/// What a panic tells that shows a value, as `expect` and assertions do.
fn words_of_panic(value: impl Debug) -> String {
    let shown = AssertUnwindSafe(|| panic!("a fault, made by this test: {value:?}"));
    let payload = catch_unwind(shown).unwrap_err();
    let words = payload.downcast_ref::<String>().unwrap().clone();
    assert!(words.contains("a fault, made by this test: "), "{words}");
    words
}

/// What stands around the token, so that the leak can be found.
fn around(text: &str) -> String {
    around_of(text, TOKEN)
}

fn around_of(text: &str, secret: &str) -> String {
    let at = text.find(secret).unwrap_or_default();
    let context: String = text.chars().skip(text[..at].chars().count().saturating_sub(200)).take(240).collect();
    context
}
