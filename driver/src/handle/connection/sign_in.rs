//! From a connection string and a DSN to a session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use pipedrive_sql::call::{Call, Cancel};
use pipedrive_sql::settings::{DataSource, Exposed, LogSettings, Settings, Source, exposed, sources_of_string};
use pipedrive_sql::trace::Trace;
use pipedrive_sql::{Error, Session, Warning};

use super::{Connection, Link};
use crate::diagnostics::{Diagnostic, Result};
use crate::handle::manager::Manager;
use crate::info::Facts;
use crate::odbc::SQL_ATTR_LOGIN_TIMEOUT;

/// Keywords and values in the order of mention.
pub(crate) type Pairs = Vec<(String, String)>;

/// Whether a browser may be opened for a person to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialogs {
    /// SQLConnect says nothing of dialogs; SQLDriverConnect may allow them.
    Allowed,
    /// SQL_DRIVER_NOPROMPT.
    Forbidden,
}

const DSN: &str = "DSN";
const DRIVER: &str = "DRIVER";

impl Connection {
    /// Opens the connection. `pairs` are what the application said; the entry of its data source stands behind them.
    ///
    /// # Errors
    /// 08002, IM002, 28000, 08001, HYT00 and others of signing in.
    pub(crate) fn connect(&mut self, pairs: Pairs, dialogs: Dialogs) -> Result<()> {
        if self.is_open() {
            return Err(Diagnostic::AlreadyConnected);
        }
        let name = data_source_name(&pairs).unwrap_or_default().to_owned();
        let entry = stored(&name, &pairs)?;
        let readable = entry.as_ref().map(told).unwrap_or_default();
        let entry = entry.map(|entry| entry.properties()).unwrap_or_default();
        let mut sources = sources_of_string(pairs);
        sources.push((Source::Dsn, entry));
        self.open_log(&sources)?;
        let (settings, warnings) = Settings::resolve(&sources).map_err(Diagnostic::Connecting)?;
        let settings = match dialogs {
            Dialogs::Allowed => settings,
            Dialogs::Forbidden => settings.without_dialogs(),
        };
        self.records.post_all(warnings);
        self.records.post_all(readable);
        let timeout = settings.timeout();
        let session = self.open(settings).map_err(Diagnostic::Connecting)?;
        self.records.post_all(session.warnings());
        let facts = Facts { data_source: name.clone(), identity: session.identity() };
        let cursor_names = Mutex::default();
        let (odbc2, width, trace) = (self.odbc2, self.records.width, self.trace.clone());
        self.link = Some(Arc::new(Link { session, trace, odbc2, width, timeout, facts, cursor_names }));
        self.records.server = name;
        Ok(())
    }

    /// Opens the log before anything else: what goes wrong later is what it is for.
    fn open_log(&mut self, sources: &[(Source, Pairs)]) -> Result<()> {
        self.trace = Trace::default();
        if let Some(settings) = LogSettings::resolve(sources).map_err(Diagnostic::Connecting)? {
            let (trace, warning) = Trace::open(&settings, Manager::calling().name());
            self.trace = trace;
            self.records.post_all(warning);
        }
        Ok(())
    }

    /// SQL_ATTR_LOGIN_TIMEOUT, or the setting where the application says nothing; 0 waits for ever.
    fn open(&self, settings: Settings) -> Result<Session, Error> {
        let limit = match self.values.explicit(SQL_ATTR_LOGIN_TIMEOUT) {
            Some(seconds) => limit(seconds),
            None => settings.login_timeout(),
        };
        Session::open_traced(settings, &self.trace, &Call { cancel: Cancel::default(), deadline: deadline(limit) })
    }
}

/// The time limit that an attribute of so many seconds sets; 0 is none.
pub(crate) fn limit(seconds: usize) -> Option<Duration> {
    u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs)
}

/// When a limit has passed that begins now; `None` without one, and for a time so far off that it cannot be told.
pub(crate) fn deadline(limit: Option<Duration>) -> Option<Instant> {
    Instant::now().checked_add(limit?)
}

/// The data source of a connection string: with DRIVER before DSN there is none.
fn data_source_name(pairs: &[(String, String)]) -> Option<&str> {
    let first = pairs.iter().find(|(keyword, _)| is(keyword, DSN) || is(keyword, DRIVER));
    first.filter(|(keyword, _)| is(keyword, DSN)).map(|(_, value)| value.trim()).filter(|name| !name.is_empty())
}

/// What to say of secrets of the data source that others can read.
fn told(entry: &DataSource) -> Vec<Warning> {
    exposed(entry).iter().map(Exposed::warning).collect()
}

/// The entry of the data source.
fn stored(name: &str, pairs: &[(String, String)]) -> Result<Option<DataSource>> {
    if name.is_empty() {
        return Ok(None);
    }
    match DataSource::find(name) {
        Some(entry) => Ok(Some(entry)),
        // A complete string needs no entry, however the application named the connection.
        None if pairs.iter().any(|(keyword, _)| says_something(keyword)) => Ok(None),
        None => Err(Diagnostic::UnknownDataSource(name.to_owned())),
    }
}

fn says_something(keyword: &str) -> bool {
    ![DSN, DRIVER, "UID"].iter().any(|known| is(keyword, known))
}

fn is(keyword: &str, known: &str) -> bool {
    keyword.trim().eq_ignore_ascii_case(known)
}

/// What SQLConnect says, as pairs: an empty user or password counts as not given.
pub(crate) fn login(data_source: Option<String>, user: Option<String>, password: Option<String>) -> Pairs {
    let name = data_source.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "Default".to_owned());
    let given = [("UID", user), ("PWD", password)];
    let given = given.into_iter().filter_map(|(keyword, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some((keyword.to_owned(), value))
    });
    std::iter::once((DSN.to_owned(), name)).chain(given).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &[(&str, &str)]) -> Pairs {
        text.iter().map(|(keyword, value)| ((*keyword).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn of_dsn_and_driver_the_first_counts() {
        for (given, expected) in [
            (pairs(&[("dsn", "crm"), ("DRIVER", "x")]), Some("crm")),
            (pairs(&[("DRIVER", "x"), ("DSN", "crm")]), None),
            (pairs(&[("PWD", "t"), ("Dsn", " crm ")]), Some("crm")),
            (pairs(&[("DSN", " ")]), None),
            (pairs(&[]), None),
        ] {
            assert_eq!(data_source_name(&given), expected, "{given:?}");
        }
    }

    #[test]
    fn an_unknown_data_source_is_an_error_unless_the_string_says_where_to_go() {
        let name = "no such data source of this test";
        let alone = stored(name, &pairs(&[("DSN", name), ("UID", "me")]));
        assert_eq!(alone.map_err(|error| error.sqlstate()), Err("IM002"));
        assert_eq!(stored(name, &pairs(&[("DSN", name), ("BaseURL", "http://127.0.0.1:1")])), Ok(None));
    }

    #[test]
    fn an_empty_password_counts_as_not_given() {
        assert_eq!(login(Some("crm".into()), Some(String::new()), Some(String::new())), pairs(&[("DSN", "crm")]));
        let full = login(Some("crm".into()), Some("me".into()), Some("t".into()));
        assert_eq!(full, pairs(&[("DSN", "crm"), ("UID", "me"), ("PWD", "t")]));
        assert_eq!(login(None, None, None), pairs(&[("DSN", "Default")]));
    }
}
