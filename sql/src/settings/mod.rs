//! Connection properties, declared once.
//!
//! - `property.rs`: the table of properties: name, aliases, type, default, secret, help
//! - `connection_string.rs`: ODBC's `keyword=value;` grammar, read and written
//! - `data_source.rs`: data sources in odbc.ini
//! - `values.rs`: which value each property has, and of which source
//! - `origin.rs`: the host that requests go to, and whether the token may go there
//! - `time_zone.rs`: what TimeZone may say, and the zone that it comes to
//! - `environment.rs`: the only place that reads the environment
//! - `secret.rs`: a value that never shows itself
//!
//! Drives the driver, the README and later the command and the builder. Knows neither HTTP nor SQL.

mod connection_string;
mod data_source;
mod environment;
mod origin;
mod property;
mod secret;
mod time_zone;
mod values;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::NameStyle;
use crate::{Error, ErrorKind, Result, Warning, WarningKind};
use environment::Environment;
use values::{Given, Values};

pub use connection_string::{parse_connection_string, write_connection_string};
pub use data_source::{DataSource, Scope};
pub(crate) use origin::Origin;
pub use property::{Kind, LONGEST, PROPERTIES, Property, nearest, property};
pub use secret::Secret;
pub use time_zone::TimeZone;

/// Where a property came from, the strongest source first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The connection string (or the user and password of SQLConnect).
    ConnectionString,
    /// The data source's entry in odbc.ini or the registry.
    Dsn,
    /// An environment variable.
    Environment,
}

/// What a connection needs to know, resolved from its sources.
#[derive(Debug, Clone)]
pub struct Settings {
    origin: Origin,
    token: Secret,
    company: Option<String>,
    state: Option<PathBuf>,
    metadata_max_age: u64,
    timeout: u64,
    login_timeout: u64,
    custom_field_names: NameStyle,
    time_zone: TimeZone,
    page_size: usize,
    pushdown: bool,
    include_archived: bool,
    max_tokens: Option<u64>,
}

impl Settings {
    /// Resolves keyword and value pairs; an earlier source wins, and within one the first mention. The environment
    /// of the process (`PIPEDRIVE_API_TOKEN` and its like) is the last source. Unknown keywords become warnings with
    /// a suggestion; an empty value counts as not given.
    ///
    /// # Errors
    /// `Property` for a value that cannot be used and for a missing CompanyDomain, `SignIn` for a missing token and
    /// for one that must not go to the host.
    pub fn resolve(sources: &[(Source, Vec<(String, String)>)]) -> Result<(Self, Vec<Warning>)> {
        Self::resolve_in(sources, &Environment::of_process())
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
        check_scheme(&values)?;
        let origin = Origin::choose(&values)?;
        let settings = Self {
            token: token(&values, &origin)?,
            company: company(&values, &origin)?,
            state: state(&values, environment, &mut warnings)?,
            metadata_max_age: values.number("MetadataMaxAge")?.unwrap_or_default(),
            timeout: values.number("Timeout")?.unwrap_or_default(),
            login_timeout: values.number("LoginTimeout")?.unwrap_or_default(),
            custom_field_names: name_style(values.choice("CustomFieldNames")?),
            time_zone: values.time_zone("TimeZone")?,
            page_size: values.number("PageSize")?.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(1),
            pushdown: values.flag("Pushdown")?,
            include_archived: values.flag("IncludeArchived")?,
            max_tokens: values.number("MaxTokens")?,
            origin,
        };
        Ok((settings, warnings))
    }

    /// Where requests go.
    pub(crate) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The address below which `/api/v1` and `/api/v2` are, such as `https://acme.pipedrive.com`.
    pub fn base_url(&self) -> &str {
        self.origin.base()
    }

    /// The personal API token.
    pub const fn token(&self) -> &Secret {
        &self.token
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
        self.custom_field_names
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

    /// Whether the token belongs to the company that CompanyDomain names; `found` is what Pipedrive says of it.
    ///
    /// # Errors
    /// `Property` when it belongs to another one. A host that does not tell the company is taken at its word.
    pub fn check_company(&self, found: &str) -> Result<()> {
        match &self.company {
            Some(company) if !found.is_empty() && !found.eq_ignore_ascii_case(company) => {
                let text = format!(
                    "the API token belongs to the company '{found}', but CompanyDomain says '{company}'; use a token \
                     of '{company}', or set CompanyDomain={found}"
                );
                Err(Error::new(ErrorKind::Property, text))
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

/// OAuth is a word that users of such drivers know, so its answer says more than which words are allowed.
fn check_scheme(values: &Values) -> Result<()> {
    match values.given("AuthScheme") {
        Some(given) if given.value.eq_ignore_ascii_case("OAuth") => {
            Err(given.wrong("this version does not offer OAuth; use Basic with a personal API token"))
        }
        _ => values.choice("AuthScheme").map(drop),
    }
}

fn token(values: &Values, origin: &Origin) -> Result<Secret> {
    let Some(given) = values.given("APIToken") else {
        let text =
            "there is no API token: set APIToken (or PWD); Pipedrive shows yours under Personal preferences > API";
        return Err(Error::new(ErrorKind::SignIn, text));
    };
    origin.admit(given.source)?;
    if !given.value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(given.wrong("a token has letters and digits only; copy it again"));
    }
    Ok(Secret::new(given.value.clone()))
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
