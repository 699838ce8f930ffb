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
mod secret;
mod selection;
mod store_location;
mod time_zone;
mod values;
mod way;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::model::{CATALOG, FieldMap, NameStyle, OptionValues, Shape};
use crate::{Error, ErrorKind, Result, Warning, WarningKind};
use environment::Environment;
use values::{Given, Values};

pub(crate) use callback::Callback;
pub use connection_string::{parse_connection_string, write_connection_string};
pub use credential::{Credential, TokenSource};
pub(crate) use credential::{Intermediary, admit, is_token};
pub use data_source::{DataSource, Scope};
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

/// Seconds that a person has to sign in, where no LoginTimeout is given.
const A_PERSONS_TIME: u64 = 120;
/// Properties that say what the API token is.
const TOKENS: &[&str] = &["APIToken", "TokenFile"];

/// Properties that say how to sign in, and by which tokens.
const OF_SIGNING_IN: &[&str] = &[
    "AuthScheme",
    "InitiateOAuth",
    "OAuthAccessToken",
    "OAuthRefreshToken",
    "OAuthExpiresIn",
    "OAuthTokenTimestamp",
    "OAuthVerifier",
];

impl Settings {
    /// Resolves keyword and value pairs; an earlier source wins, and within one the first mention. The environment
    /// of the process (`PIPEDRIVE_API_TOKEN` and its like) is the last source. Unknown keywords become warnings with
    /// a suggestion; an empty value counts as not given. A token that no source names is no error here: opening a
    /// session looks for it in the keyring.
    ///
    /// # Errors
    /// `Property` for a value that cannot be used, `SignIn` for a token that must not go to the host.
    pub fn resolve(sources: &[(Source, Vec<(String, String)>)]) -> Result<(Self, Vec<Warning>)> {
        Self::resolve_in(sources, &Environment::of_process())
    }

    /// The same for a token that a person gives by hand, to be kept in the keyring: tokens that the sources name are
    /// left out, and the host is one that a kept token may go to.
    ///
    /// # Errors
    /// `Property` for a value that cannot be used, `SignIn` for a host that takes no kept token.
    pub fn resolve_for_sign_in(sources: &[(Source, Vec<(String, String)>)]) -> Result<(Self, Vec<Warning>)> {
        let is_other = |(keyword, _): &&(String, String)| {
            property(keyword.trim()).is_none_or(|property| !TOKENS.contains(&property.name()))
        };
        let others = |pairs: &[(String, String)]| pairs.iter().filter(is_other).cloned().collect();
        let sources: Vec<_> = sources.iter().map(|(source, pairs)| (*source, others(pairs))).collect();
        let (settings, warnings) = Self::resolve_in(&sources, &Environment::of_process().without(TOKENS))?;
        settings.admit(TokenSource::Keyring)?;
        Ok((settings, warnings))
    }

    /// The same for a person who signs in by OAuth, whatever the sources say of how to sign in; tokens and codes that they
    /// name are left out.
    ///
    /// # Errors
    /// `Property` for a value that cannot be used, `SignIn` for a secret that must not go to the host.
    pub fn resolve_for_oauth(given: &[(Source, Vec<(String, String)>)]) -> Result<(Self, Vec<Warning>)> {
        let is_other = |(keyword, _): &&(String, String)| {
            property(keyword.trim()).is_none_or(|property| ![TOKENS, OF_SIGNING_IN].concat().contains(&property.name()))
        };
        let others = |pairs: &[(String, String)]| pairs.iter().filter(is_other).cloned().collect();
        let mut sources: Vec<_> = given.iter().map(|(source, pairs)| (*source, others(pairs))).collect();
        let wanted = [("AuthScheme", "OAuth"), ("InitiateOAuth", "GETANDREFRESH")];
        let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        sources.push((Source::Dsn, wanted));
        let environment = Environment::of_process().without(&[TOKENS, OF_SIGNING_IN].concat());
        let (mut settings, warnings) = Self::resolve_in(&sources, &environment)?;
        if let Credential::OAuth(oauth) = &mut settings.credential {
            oauth.replaced = OAuth::decisive(&Values::choose(given).0);
        }
        Ok((settings, warnings))
    }

    /// Whether the values of a data source can be used. Which host and which token a connection has is not asked: both
    /// may come from elsewhere.
    ///
    /// # Errors
    /// `Property` for a value that cannot be used.
    pub fn check(pairs: &[(String, String)]) -> Result<()> {
        // Behind the others, so that they count only where nothing else says so.
        let stand_ins = [("CompanyDomain", "any"), ("APIToken", "any"), ("StateLocation", "memory")];
        let stand_ins = stand_ins.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let pairs = pairs.iter().cloned().chain(stand_ins).collect();
        Self::resolve_in(&[(Source::Dsn, pairs)], &Environment::default()).map(drop)
    }

    fn resolve_in(
        sources: &[(Source, Vec<(String, String)>)],
        environment: &Environment,
    ) -> Result<(Self, Vec<Warning>)> {
        let mut sources = sources.to_vec();
        sources.push((Source::Environment, environment.properties()));
        let (values, mut warnings) = Values::choose(&sources);
        check_database(&values)?;
        let origin = Origin::choose(&values)?;
        let (data_source, intermediaries) = (data_source(&sources), Intermediary::of(&values));
        let credential = if is_oauth(&values)? {
            let oauth = OAuth::choose(&values, data_source.as_deref(), environment, &mut warnings)?;
            oauth.admit_store(&values)?;
            Credential::OAuth(Box::new(oauth))
        } else {
            Credential::choose(&values)?
        };
        match &credential {
            Credential::OAuth(oauth) => {
                for (_, source) in oauth.secrets() {
                    admit(TokenSource::OAuth(*source), &origin, &intermediaries)?;
                }
            }
            Credential::Keyring => {}
            given => admit(given.source(), &origin, &intermediaries)?,
        }
        let settings = Self {
            login_timeout: login_timeout(&values, &credential)?,
            credential,
            intermediaries,
            data_source,
            way: Way::choose(&values, &origin, &mut warnings)?,
            company: company(&values, &origin)?,
            state: state(&values, environment, &mut warnings)?,
            metadata_max_age: values.number("MetadataMaxAge")?.unwrap_or_default(),
            timeout: values.number("Timeout")?.unwrap_or_default(),
            schema: values.choice("Schema")?,
            shape: shape(&values, &mut warnings)?,
            selection: selection(&values)?,
            max_rows: values.number("MaxRows")?.unwrap_or_default(),
            time_zone: values.time_zone("TimeZone")?,
            page_size: values.number("PageSize")?.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(1),
            pushdown: values.flag("Pushdown")?,
            include_archived: values.flag("IncludeArchived")?,
            max_tokens: values.number("MaxTokens")?,
            log: LogSettings::choose(&values, &sources)?,
            reserve_tokens: values.reserve("ReserveTokens")?,
            max_concurrency: values.number("MaxConcurrency")?.and_then(|most| usize::try_from(most).ok()).unwrap_or(1),
            result_reuse: values.number("ResultReuse")?.unwrap_or_default(),
            in_force: InForce::all(&values),
            origin,
        };
        Ok((settings, warnings))
    }

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

    /// The server of OAuth: Pipedrive's own, or the one below BaseURL.
    ///
    /// # Errors
    /// None: the addresses were checked.
    pub(crate) fn authority(&self) -> Result<Origin> {
        Origin::authority(&self.origin)
    }

    /// Whether a sign-in that is kept may be sent past what stands in between: nothing of that may be a connection string's.
    ///
    /// # Errors
    /// `SignIn`, with the names of property and sources.
    pub(crate) fn admit_way_of_kept(&self) -> Result<()> {
        match self.intermediaries.iter().find(|way| way.source.is_of_string()) {
            Some(way) => Err(credential::carried_away(way.property, way.source, TokenSource::SignIn)),
            None => Ok(()),
        }
    }

    /// Whether a sign-in that was kept for this host may be sent: to no other one, and past nothing that a connection
    /// string puts in between. Nor may the host of a sign-in lead a secret of the settings away.
    ///
    /// # Errors
    /// `SignIn`, with the names of property and sources.
    pub(crate) fn admit_kept(&self, host: Option<&Origin>) -> Result<()> {
        self.admit_way_of_kept()?;
        let Some(host) = host else { return self.origin.admit(TokenSource::SignIn) };
        if self.origin.is_named() {
            let own = host.base() == self.origin.base();
            return if own { Ok(()) } else { self.origin.admit(TokenSource::SignIn) };
        }
        match self.oauth().and_then(|oauth| oauth.secrets().first()) {
            Some((name, source)) if !host.is_pipedrive() => {
                let text = format!(
                    "nothing was sent: {name} comes from {source}, which does not name the host {} that the sign-in is kept \
                     for",
                    host.base()
                );
                Err(Error::new(ErrorKind::SignIn, text)
                    .with_cure(format!("name it there as BaseURL, or leave {name} out")))
            }
            _ => Ok(()),
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

    /// Whether a token that was found elsewhere may be sent.
    ///
    /// # Errors
    /// `SignIn`, with the names of property and sources.
    pub(crate) fn admit(&self, token: TokenSource) -> Result<()> {
        admit(token, &self.origin, &self.intermediaries)
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

    /// Whether the sign-in belongs to the company that CompanyDomain names; `found` is what Pipedrive says of it.
    ///
    /// # Errors
    /// `Property` when it belongs to another one. A host that does not tell the company is taken at its word.
    pub fn check_company(&self, found: &str) -> Result<()> {
        match &self.company {
            Some(company) if !found.is_empty() && !found.eq_ignore_ascii_case(company) => {
                let (what, cure) = match self.credential {
                    Credential::OAuth(_) => ("OAuth sign-in", "sign in to"),
                    _ => ("API token", "use a token of"),
                };
                let text = format!("the {what} belongs to the company '{found}', but CompanyDomain says '{company}'");
                let cure = format!("{cure} '{company}', or set CompanyDomain={found}");
                Err(Error::new(ErrorKind::Property, text).with_cure(cure))
            }
            _ => Ok(()),
        }
    }
}

const fn limit(seconds: u64) -> Option<Duration> {
    match seconds {
        0 => None,
        seconds => Some(Duration::from_secs(seconds)),
    }
}

/// Whether OAuth signs in: where AuthScheme says so, or says nothing and the rest means it.
fn is_oauth(values: &Values) -> Result<bool> {
    let word = values.choice("AuthScheme")?;
    Ok(if values.given("AuthScheme").is_some() { word == "OAuth" } else { OAuth::is_meant(values) })
}

/// Seconds that connecting may take; a person needs more than a program, if nobody says how much.
fn login_timeout(values: &Values, credential: &Credential) -> Result<u64> {
    let seconds = values.number("LoginTimeout")?.unwrap_or_default();
    Ok(match credential {
        Credential::OAuth(oauth) if oauth.may_wait_for_a_person() && values.given("LoginTimeout").is_none() => {
            A_PERSONS_TIME
        }
        _ => seconds,
    })
}

/// The data source that the application names: of DSN and DRIVER the first counts.
fn data_source(sources: &[(Source, Vec<(String, String)>)]) -> Option<String> {
    let string = sources.iter().filter(|(source, _)| source.is_of_string());
    let is = |keyword: &str, known: &str| keyword.trim().eq_ignore_ascii_case(known);
    let mut pairs = string.flat_map(|(_, pairs)| pairs);
    let (keyword, name) = pairs.find(|(keyword, _)| is(keyword, "DSN") || is(keyword, "DRIVER"))?;
    Some(name.trim()).filter(|name| is(keyword, "DSN") && !name.is_empty()).map(str::to_owned)
}

/// Tools that ask for a database send what a person typed there, so the answer says what the only one is.
fn check_database(values: &Values) -> Result<()> {
    match values.given("Database") {
        Some(given) if !given.value.eq_ignore_ascii_case(CATALOG) => {
            Err(given.wrong(&format!("the only database, or catalog, is {CATALOG}; leave the property out")))
        }
        _ => Ok(()),
    }
}

fn shape(values: &Values, warnings: &mut Vec<Warning>) -> Result<Shape> {
    Ok(Shape {
        names: name_style(values.choice("CustomFieldNames")?),
        option_values: if values.choice("OptionValues")? == "id" { OptionValues::Id } else { OptionValues::Label },
        address_parts: values.flag("AddressParts")?,
        map: Arc::new(field_map(values, warnings)?),
    })
}

fn field_map(values: &Values, warnings: &mut Vec<Warning>) -> Result<FieldMap> {
    let (Some(path), Some(given)) = (values.file("FieldMap")?, values.given("FieldMap")) else {
        return Ok(FieldMap::default());
    };
    let map = FieldMap::read(&path).map_err(|error| given.wrong(error.message()))?;
    let unknown = map.unknown_entities().map(|entity| format!("FieldMap names fields of '{entity}', {NO_FIELDS}"));
    warnings.extend(unknown.map(|text| Warning::new(WarningKind::General, text)));
    Ok(map)
}

/// What is wrong with an entity of a field map: it may be one of a later version.
const NO_FIELDS: &str = "which this version knows no custom fields of; they were ignored";

fn selection(values: &Values) -> Result<Selection> {
    let Some(given) = values.given("Tables") else { return Ok(Selection::default()) };
    Selection::read(&given.value).map_err(|wrong| given.wrong(&wrong))
}

/// The company to check; one that an earlier source's host replaced says nothing.
fn company(values: &Values, origin: &Origin) -> Result<Option<String>> {
    let meant = |given: &&Given| origin.is_meant_by(given.source);
    values.given("CompanyDomain").filter(meant).map(origin::company).transpose()
}

fn state(values: &Values, environment: &Environment, warnings: &mut Vec<Warning>) -> Result<Option<PathBuf>> {
    if let Some(given) = values.folder("StateLocation")? {
        return Ok(given);
    }
    let folder = environment.state_folder();
    if folder.is_none() {
        let text =
            "there is no home folder to keep field definitions and names of custom columns in; set StateLocation";
        warnings.push(Warning::new(WarningKind::General, text));
    }
    Ok(folder)
}

fn name_style(word: &str) -> NameStyle {
    match word {
        "slug" => NameStyle::Slug,
        "key" => NameStyle::Key,
        _ => NameStyle::Label,
    }
}

#[cfg(test)]
mod tests;
