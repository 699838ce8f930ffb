//! What is examined: connections as the driver would make them, and the conversation with the host of one of them.

use std::time::{Duration, Instant};

use pipedrive_sql::call::{Call, Cancel};
use pipedrive_sql::checkup::{Account, Question, Visit};
use pipedrive_sql::settings::{Credential, DataSource, Settings, Source};
use pipedrive_sql::{Error, Warning};

use super::finding::{Cost, Finding};
use crate::connect::{self, Pairs};
use crate::dsn;
use crate::failure::Failure;

/// Longest look at a keyring or a file, and longest wait for the host where the connection has no limit of its own.
const PATIENCE: Duration = Duration::from_secs(30);

/// Everything that checks look at, and what earlier checks left for later ones.
pub(super) struct Patient {
    /// The connections.
    pub(super) connections: Vec<Connection>,
    /// Entries of data sources that another one of the same name hides.
    pub(super) hidden: Vec<DataSource>,
    /// What the host is asked.
    pub(super) questions: Vec<Question>,
    /// Scopes that the sign-in by OAuth lacks, and that were told to be missing; `None` where nobody told its scopes.
    pub(super) lacking: Option<Vec<&'static str>>,
    /// The conversation with the host.
    pub(super) visit: Option<Visit>,
    /// What came of signing in.
    pub(super) account: Option<Result<Account, Error>>,
    /// Nothing more is asked.
    pub(super) is_over: bool,
    cancel: Cancel,
}

/// A connection that was or would be made.
pub(super) struct Connection {
    /// What it is called in findings.
    pub(super) label: String,
    /// Its entry in odbc.ini.
    pub(super) entry: Option<DataSource>,
    /// What it says, by source.
    pub(super) sources: Vec<(Source, Pairs)>,
    /// What comes of that.
    pub(super) settings: Result<Settings, Error>,
    /// What connecting would warn of.
    pub(super) warnings: Vec<Warning>,
}

impl Connection {
    fn new(label: String, pairs: Pairs, entry: Option<DataSource>) -> Self {
        let own = entry.as_ref().map(DataSource::properties).unwrap_or_default();
        let sources = vec![(Source::ConnectionString, pairs), (Source::Dsn, own)];
        let (settings, warnings) = match Settings::resolve(&sources) {
            Ok((settings, warnings)) => (Ok(settings), warnings),
            Err(error) => (Err(error), Vec::new()),
        };
        Self { label, entry, sources, settings, warnings }
    }

    fn of_entry(entry: DataSource) -> Self {
        let (label, pairs) = (format!("data source '{}'", entry.name), connect::pairs_for(&entry.name));
        Self::new(label, pairs, Some(entry))
    }
}

impl Patient {
    /// The connection that a connection string describes.
    ///
    /// # Errors
    /// `NotFound` for an unknown data source.
    pub(super) fn named(pairs: Pairs, cancel: &Cancel) -> Result<Self, Failure> {
        let entry = connect::data_source(&pairs).map(connect::find).transpose()?;
        let connection = match entry {
            Some(entry) => Connection::new(format!("data source '{}'", entry.name), pairs, Some(entry)),
            None => Connection::new("connection string".to_owned(), pairs, None),
        };
        Ok(Self::new(vec![connection], Vec::new(), cancel))
    }

    /// Every data source of this driver; without one, the connection of the environment if that has a token.
    pub(super) fn of_this_computer(cancel: &Cancel) -> Self {
        let (entries, hidden) = dsn::ours();
        let mut connections: Vec<_> = entries.into_iter().map(Connection::of_entry).collect();
        if connections.is_empty() {
            let environment = Connection::new("environment".to_owned(), Vec::new(), None);
            let has_token = |settings: &Settings| *settings.credential() != Credential::Keyring;
            if environment.settings.as_ref().map_or(true, has_token) {
                connections.push(environment);
            }
        }
        Self::new(connections, hidden, cancel)
    }

    fn new(connections: Vec<Connection>, hidden: Vec<DataSource>, cancel: &Cancel) -> Self {
        let (questions, cancel) = (Vec::new(), cancel.clone());
        Self { connections, hidden, questions, lacking: None, visit: None, account: None, is_over: false, cancel }
    }

    /// The connection whose host is asked: the only one.
    pub(super) fn to_ask(&self) -> Option<&Settings> {
        match self.connections.as_slice() {
            [only] => only.settings.as_ref().ok(),
            _ => None,
        }
    }

    /// Whether the connection whose host is asked signs in by OAuth.
    pub(super) fn is_of_oauth(&self) -> bool {
        self.to_ask().is_some_and(|settings| settings.oauth().is_some())
    }

    /// The limits of a call that begins now.
    pub(super) fn call(&self) -> Call {
        let limit = self.to_ask().and_then(Settings::login_timeout).unwrap_or(PATIENCE);
        Call { cancel: self.cancel.clone(), deadline: Instant::now().checked_add(limit) }
    }

    /// What the host was asked so far.
    pub(super) fn spent(&self) -> Cost {
        let cost = self.visit.as_ref().map(Visit::cost).unwrap_or_default();
        Cost { requests: cost.requests, tokens: cost.tokens }
    }

    /// What `look` finds in each connection that can be made, with the connection's name before it.
    pub(super) fn each(&self, look: impl Fn(&Connection, &Settings) -> Vec<Finding>) -> Vec<Finding> {
        let known = self.connections.iter().filter_map(|one| Some((one, one.settings.as_ref().ok()?)));
        let found =
            known.flat_map(|(one, settings)| look(one, settings).into_iter().map(|found| found.of_connection(one)));
        let found: Vec<_> = found.collect();
        match found.is_empty() {
            true => vec![Finding::note("there is no connection to look at")],
            false => found,
        }
    }
}
