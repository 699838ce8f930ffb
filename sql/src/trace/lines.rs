//! Events as lines: `2026-03-01T12:00:00.000Z process connection verbosity text`.
//!
//! A line is one line, whatever its text holds, and shows no secret that is known to the connection: that is the last
//! of several guards, since none is passed to tracing in the first place.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use chrono::{SecondsFormat, Utc};
use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use super::Inner;
use super::file::LogFile;
use super::level::level;
use crate::settings::Secret;

/// Most characters of a line's text; statements can have megabytes.
const LONGEST: usize = 20_000;

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

/// The layer of one connection.
pub(super) struct Lines {
    log: Weak<Inner>,
    writer: Arc<Writer>,
    verbosity: u8,
}

impl Lines {
    pub(super) const fn new(log: Weak<Inner>, writer: Arc<Writer>, verbosity: u8) -> Self {
        Self { log, writer, verbosity }
    }

    /// The log that it belongs to.
    pub(super) fn log(&self) -> Option<Arc<Inner>> {
        self.log.upgrade()
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_event() && level(metadata.target()).is_some_and(|level| level <= self.verbosity)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        self.writer.write(level(event.metadata().target()).unwrap_or_default(), &text.0);
    }
}

/// An event's message, then its fields.
#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

/// Writes the lines of one connection.
#[derive(Debug)]
pub(super) struct Writer {
    file: Arc<LogFile>,
    connection: u64,
    secrets: Mutex<Vec<Secret>>,
}

impl Writer {
    /// A writer for the process's next connection that has a log.
    pub(super) fn new(file: Arc<LogFile>, secrets: Vec<Secret>) -> Self {
        static CONNECTIONS: AtomicU64 = AtomicU64::new(0);
        let connection = CONNECTIONS.fetch_add(1, Ordering::Relaxed) + 1;
        Self { file, connection, secrets: Mutex::new(secrets) }
    }

    pub(super) fn hide(&self, secret: &Secret) {
        let mut secrets = self.secrets.lock();
        if !secret.expose().is_empty() && !secrets.contains(secret) {
            secrets.push(secret.clone());
        }
    }

    pub(super) fn write(&self, level: u8, text: &str) {
        let (moment, process) = (Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true), std::process::id());
        let text = one_line(&self.without_secrets(text));
        self.file.write(&format!("{moment} {process} c{} {level} {text}\n", self.connection));
    }

    fn without_secrets(&self, text: &str) -> String {
        let secrets = self.secrets.lock();
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose(), HIDDEN))
    }
}

/// The text without line breaks and other control characters, cut when it is long.
pub(super) fn one_line(text: &str) -> String {
    let breaks = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    let mut line: String = text.chars().take(LONGEST).map(|letter| if breaks(letter) { ' ' } else { letter }).collect();
    if line.len() < text.len() && text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}
