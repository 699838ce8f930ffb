//! The token appears nowhere: not in errors, warnings, EXPLAIN, system tables, state files, logs, panics.

use std::fmt::{Debug, Write as _};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use pipedrive_sandbox::{Config, Fault};
use pipedrive_sql::call::Call;
use pipedrive_sql::settings::{Settings, Source};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::engine::{World, open, rows};
use crate::manager::{connect, connection_string, state};

/// A token that is easy to find.
const TOKEN: &str = "5ec4e7a9c0ffee5ec4e7a9c0ffee5ec4e7a9c0ff";

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
    let connection = connect(&connection_string(&world, "PageSize=0;")).map(drop);
    let _ = writeln!(seen, "{:?}", state(connection.unwrap_err()));
    let connection = connect(&connection_string(&world, "")).unwrap();
    let _ = writeln!(seen, "{:?}", crate::manager::rows(&connection, "SELECT * FROM nothing", &[]));
    drop((connection, session.prepare("SELECT 1", &Call::default())));
    assert!(seen.len() > 2000, "something was looked at");
    assert!(!seen.contains(TOKEN), "{}", around(&seen));
    for file in fs::read_dir(world.state.path()).unwrap() {
        // Not every file is text.
        let content = String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned();
        assert!(!content.contains(TOKEN), "{}", around(&content));
    }
    let logged = log.text.lock().unwrap();
    assert!(logged.contains("/api/v2/deals"), "requests are logged");
    assert!(!logged.contains(TOKEN), "{}", around(&logged));
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
    let at = text.find(TOKEN).unwrap_or_default();
    let context: String = text.chars().skip(text[..at].chars().count().saturating_sub(200)).take(240).collect();
    context
}
