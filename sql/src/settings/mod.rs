//! Connection properties, declared once.
//!
//! - `property.rs`: the table of properties: name, aliases, type, default, secret, help
//! - `connection_string.rs`: ODBC's `keyword=value;` grammar, read and written
//! - `data_source.rs`: data sources in odbc.ini
//! - `mixed.rs`: whose the pairs of a connection string are
//! - `exposed.rs`: secrets in an odbc.ini that others can read
//! - `values.rs`: which value each property has, and of which source
//! - `in_force.rs`: what holds for each property, for people to look at
//! - `log.rs`: the log file that a connection asks for
//! - `resolve.rs`: from sources to settings; `admission.rs`: where what signs in may go
//! - `credential.rs`: where the API token is, and which ways it may take
//! - `oauth.rs`, `callback.rs`, `store_location.rs`: what a connection says of OAuth
//! - `origin.rs`: the host that requests go to, and whether the token may go there
//! - `selection.rs`: which tables the property Tables leaves
//! - `way/`: what stands between here and the host: the proxy, the certificates to trust
//! - `store_location.rs`: what OAuthSettingsLocation may say
//! - `reserve.rs`: what ReserveTokens may say, and the tokens that it comes to
//! - `time_zone.rs`: what TimeZone may say, and the zone that it comes to
//! - `environment.rs`: the only place that reads the environment
//! - `secret.rs`: a value that never shows itself
//!
//! Drives the driver, the README and later the command and the builder. Knows neither HTTP nor SQL.

mod admission;
mod callback;
mod connection_string;
mod credential;
mod data_source;
mod environment;
mod exposed;
mod in_force;
mod log;
mod mixed;
mod oauth;
mod origin;
mod property;
mod reserve;
mod resolve;
mod secret;
mod selection;
mod store_location;
mod time_zone;
mod values;
mod way;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::{NameStyle, Shape};

pub(crate) use callback::Callback;
pub use connection_string::{parse_connection_string, write_connection_string};
pub use credential::{Credential, TokenSource};
pub(crate) use credential::{Intermediary, admit, is_token};
pub use data_source::{DataSource, Scope};
pub use environment::without_secrets;
pub(crate) use exposed::others_can;
pub use exposed::{Exposed, exposed};
pub use in_force::InForce;
pub use log::LogSettings;
pub(crate) use log::TELLING;
pub use mixed::sources_of_string;
pub use oauth::OAuth;
pub(crate) use oauth::{Application, Initiate};
pub(crate) use origin::Origin;
pub use property::{Kind, LEAST_SIZE, LONGEST, PROPERTIES, Property, nearest, property};
pub use reserve::Reserve;
pub use secret::Secret;
pub use selection::Selection;
pub use store_location::StoreLocation;
pub use time_zone::TimeZone;
pub(crate) use way::{Fingerprint, Proxy, Trust, Way};

/// Where a property came from, the strongest source first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The connection string (or the user and password of SQLConnect).
    ConnectionString,
    /// A part of a connection string that vouches for nothing: it may be a workbook's, and the secrets a file's that
    /// FILEDSN names. (`mixed.rs`)
    FileDsn,
    /// The data source's entry in odbc.ini or the registry.
    Dsn,
    /// An environment variable.
    Environment,
}

impl Source {
    /// All of them.
    #[cfg(test)]
    const ALL: [Self; 4] = [Self::ConnectionString, Self::FileDsn, Self::Dsn, Self::Environment];

    /// Whether whoever wrote the application's document may have given it.
    const fn is_of_string(self) -> bool {
        matches!(self, Self::ConnectionString | Self::FileDsn)
    }

    /// Place in the order of sources, the strongest first.
    const fn rank(self) -> u8 {
        match self {
            Self::ConnectionString | Self::FileDsn => 0,
            Self::Dsn => 1,
            Self::Environment => 2,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConnectionString => "the connection string",
            Self::FileDsn => "the connection string, before its secrets",
            Self::Dsn => "the data source",
            Self::Environment => "the environment",
        })
    }
}

/// What a connection needs to know, resolved from its sources.
#[derive(Debug, Clone)]
pub struct Settings {
    origin: Origin,
    credential: Credential,
    intermediaries: Vec<Intermediary>,
    data_source: Option<String>,
    way: Way,
    company: Option<String>,
    state: Option<PathBuf>,
    metadata_max_age: u64,
    timeout: u64,
    login_timeout: u64,
    schema: &'static str,
    shape: Shape,
    selection: Selection,
    max_rows: u64,
    time_zone: TimeZone,
    page_size: usize,
    pushdown: bool,
    include_archived: bool,
    max_tokens: Option<u64>,
    log: Option<LogSettings>,
    reserve_tokens: Reserve,
    max_concurrency: usize,
    result_reuse: u64,
    in_force: Vec<InForce>,
}

impl Settings {
    /// Where requests go.
    pub(crate) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The proxy on the way there, and the certificates to trust.
    pub(crate) const fn way(&self) -> &Way {
        &self.way
    }

    /// The address below which `/api/v1` and `/api/v2` are, such as `https://acme.pipedrive.com`.
    pub fn base_url(&self) -> &str {
        self.origin.base()
    }

    /// Whether a source names the host; else the token tells the company, and [`Self::base_url`] is who is asked.
    pub const fn names_host(&self) -> bool {
        self.origin.is_named()
    }

    /// Where the personal API token is.
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// What the connection says of OAuth, where that signs in.
    pub const fn oauth(&self) -> Option<&OAuth> {
        match &self.credential {
            Credential::OAuth(oauth) => Some(oauth),
            _ => None,
        }
    }

    /// The same settings for an application that forbids dialogs.
    #[must_use]
    pub fn without_dialogs(mut self) -> Self {
        if let Credential::OAuth(oauth) = &mut self.credential {
            oauth.may_ask = false;
        }
        self
    }

    /// The same settings for whoever wants to know how things stand: nobody is asked to sign in.
    #[must_use]
    pub fn without_a_person(mut self) -> Self {
        if let Credential::OAuth(oauth) = &mut self.credential {
            oauth.may_ask = false;
            if oauth.initiate == Initiate::GetAndRefresh {
                oauth.initiate = Initiate::Refresh;
            }
        }
        self
    }

    /// The same settings with another application, and its callback where that is known.
    pub(crate) fn with_application(mut self, application: Application, callback: Option<Callback>) -> Self {
        if let Credential::OAuth(oauth) = &mut self.credential {
            (oauth.client_id, oauth.client_secret) = (Some(application.id), Some(application.secret));
            oauth.callback = callback.unwrap_or_else(|| oauth.callback.clone());
        }
        self
    }

    /// The same settings for a sign-in that is worth nothing unless it is kept.
    pub(crate) fn keeping(mut self) -> Self {
        if let Credential::OAuth(oauth) = &mut self.credential {
            oauth.names_store = true;
        }
        self
    }

    /// The same settings for another host.
    pub(crate) fn at(&self, origin: Origin) -> Self {
        Self { origin, ..self.clone() }
    }

    /// The data source that the connection string names; none with DRIVER before DSN.
    pub fn data_source(&self) -> Option<&str> {
        self.data_source.as_deref()
    }

    /// The company that the token must belong to, when CompanyDomain says so.
    pub fn company_domain(&self) -> Option<&str> {
        self.company.as_deref()
    }

    /// The folder that state is kept in; `None` means memory.
    pub fn state_location(&self) -> Option<&Path> {
        self.state.as_deref()
    }

    /// Seconds for which field definitions and a proven token are kept.
    pub const fn metadata_max_age(&self) -> u64 {
        self.metadata_max_age
    }

    /// How long a statement may take by default; `None` for no limit.
    pub const fn timeout(&self) -> Option<Duration> {
        limit(self.timeout)
    }

    /// How long connecting may take by default; `None` for no limit.
    pub const fn login_timeout(&self) -> Option<Duration> {
        limit(self.login_timeout)
    }

    /// What custom columns are called.
    pub const fn custom_field_names(&self) -> NameStyle {
        self.shape.names
    }

    /// The schema in which a table without one is looked for first.
    pub const fn schema(&self) -> &'static str {
        self.schema
    }

    /// What the columns of tables are like.
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Which tables there are.
    pub const fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Most rows of a result; 0 for no limit.
    pub const fn max_rows(&self) -> u64 {
        self.max_rows
    }

    /// The zone of timestamps, as far as it is known before the account is.
    pub const fn time_zone(&self) -> TimeZone {
        self.time_zone
    }

    /// Rows that one request asks for, 1 to 500.
    pub const fn page_size(&self) -> usize {
        self.page_size
    }

    /// Whether Pipedrive filters where it can.
    pub const fn pushdown(&self) -> bool {
        self.pushdown
    }

    /// Whether `deals` has archived deals, too.
    pub const fn include_archived(&self) -> bool {
        self.include_archived
    }

    /// API tokens that one statement may cost; `None` for no limit.
    pub const fn max_tokens(&self) -> Option<u64> {
        self.max_tokens
    }

    /// The log file that the connection asks for.
    pub const fn log(&self) -> Option<&LogSettings> {
        self.log.as_ref()
    }

    /// API tokens of the company's day that statements leave untouched.
    pub const fn reserve_tokens(&self) -> Reserve {
        self.reserve_tokens
    }

    /// Most requests under way at once with this host and token, 1 to 50.
    pub const fn max_concurrency(&self) -> usize {
        self.max_concurrency
    }

    /// The greatest age of an answer that serves again; `None` where none does.
    pub const fn result_reuse(&self) -> Option<Duration> {
        limit(self.result_reuse)
    }

    /// Every property that the driver uses, with what holds for it.
    pub fn in_force(&self) -> &[InForce] {
        &self.in_force
    }
}

const fn limit(seconds: u64) -> Option<Duration> {
    match seconds {
        0 => None,
        seconds => Some(Duration::from_secs(seconds)),
    }
}

#[cfg(test)]
mod tests;
