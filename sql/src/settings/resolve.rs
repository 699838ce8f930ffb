//! From keywords and values of several sources to settings: every rule of which value holds, and what is refused.

use std::path::PathBuf;
use std::sync::Arc;

use super::environment::Environment;
use super::values::{Given, Values};
use super::{
    Credential, InForce, Intermediary, LogSettings, OAuth, Origin, Selection, Settings, Source, TokenSource, Way,
    admit, origin, property,
};
use crate::model::{CATALOG, FieldMap, NameStyle, OptionValues, Shape};
use crate::{Result, Warning, WarningKind};

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

    pub(super) fn resolve_in(
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
