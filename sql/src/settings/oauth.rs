//! What a connection says of OAuth: the application, tokens that were got elsewhere, where the sign-in is kept.
//!
//! Which server signs in follows from the host of the API: Pipedrive's own for Pipedrive's hosts, else the one below
//! BaseURL. Each secret here is under the rule of `credential.rs`; a sign-in that is kept goes only where it was made
//! for, past nothing that a connection string put in between.

use std::path::PathBuf;

use chrono::Utc;

use super::callback::Callback;
use super::credential::carried_away;
use super::environment::Environment;
use super::values::{Given, Values};
use super::{Secret, Source, StoreLocation, TokenSource, is_token};
use crate::{Result, Warning, WarningKind};

/// Pipedrive's server of OAuth.
const AUTHORITY: &str = "https://oauth.pipedrive.com";
/// Milliseconds since 1970 are more than this since 1973; seconds will be in some three thousand years.
const LEAST_MILLIS: u64 = 100_000_000_000;
/// Minutes by which clocks of two computers may differ without anybody minding.
const CLOCKS_DIFFER: i64 = 5;
/// Properties that are sent to the server of OAuth or the API and must not be seen by another.
const SECRETS: &[&str] = &["OAuthClientSecret", "OAuthAccessToken", "OAuthRefreshToken", "OAuthVerifier"];

/// What a connection may do to have an access token (InitiateOAuth).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Initiate {
    /// Nothing: it uses the one that it was given.
    Off,
    /// Refresh one that was got elsewhere.
    Refresh,
    /// Have a person sign in, and refresh from then on.
    GetAndRefresh,
}

/// The application that is registered in Pipedrive's Developer Hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Application {
    /// Its client id.
    pub(crate) id: String,
    /// Its client secret.
    pub(crate) secret: Secret,
}

/// Tokens that settings give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GivenTokens {
    /// OAuthAccessToken.
    pub(crate) access: Option<Secret>,
    /// OAuthRefreshToken.
    pub(crate) refresh: Option<Secret>,
    /// OAuthExpiresIn, in seconds.
    pub(crate) expires_in: Option<u64>,
    /// OAuthTokenTimestamp, in milliseconds since 1970.
    pub(crate) issued_at: Option<i64>,
}

/// What a connection says of OAuth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth {
    pub(crate) initiate: Initiate,
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) callback: Callback,
    /// Whether a source says it.
    pub(crate) names_callback: bool,
    pub(crate) tokens: GivenTokens,
    pub(crate) verifier: Option<Secret>,
    /// Tokens and codes of the settings that a person's new sign-in takes the place of.
    pub(crate) replaced: Vec<Secret>,
    /// The client id is the environment's, which may speak of other connections.
    pub(crate) is_client_of_environment: bool,
    pub(crate) pkce: bool,
    pub(crate) store: Option<StoreLocation>,
    /// Whether a source says so.
    pub(crate) names_store: bool,
    /// The folder for locks of stores that are no file.
    pub(crate) locks: Option<PathBuf>,
    /// Whether a browser may be opened: not where the application forbids dialogs, nor without a desktop.
    pub(crate) may_ask: bool,
    /// Whether there is a desktop session that a browser could be in.
    pub(crate) has_desktop: bool,
    /// The secrets that sources give, and which source.
    secrets: Vec<(&'static str, Source)>,
}

impl OAuth {
    /// Whether the sources ask for OAuth without saying so: by an access token or a way to get one, given by a source
    /// not weaker than the one that gives an API token; or by an application or a place for a sign-in, given by a
    /// stronger one. The environment's application may be meant for other connections.
    pub(super) fn is_meant(values: &Values) -> bool {
        let rank = |given: Option<&Given>| given.map(|given| given.source.rank());
        let of_users = |name: &str| values.given(name).filter(|given| given.source != Source::Environment);
        let initiates = values.given("InitiateOAuth").filter(|given| !given.value.eq_ignore_ascii_case("OFF"));
        let says = [rank(initiates), rank(values.given("OAuthAccessToken"))].into_iter().flatten().min();
        let hints = [rank(of_users("OAuthClientId")), rank(of_users("OAuthSettingsLocation"))];
        let hints = hints.into_iter().flatten().min();
        let token = [rank(values.given("APIToken")), rank(values.given("TokenFile"))].into_iter().flatten().min();
        says.is_some_and(|says| token.is_none_or(|token| says <= token))
            || hints.is_some_and(|hints| token.is_none_or(|token| hints < token))
    }

    /// A value that speaks of this connection: a token of the environment does not where a stronger source says how to
    /// sign in.
    fn own<'a>(values: &'a Values, name: &str) -> Option<&'a Given> {
        let says = |name: &str| values.given(name).is_some_and(|given| given.source != Source::Environment);
        let is_secret = ["OAuthAccessToken", "OAuthClientSecret"].contains(&name);
        let says = says("InitiateOAuth") || says("OAuthSettingsLocation");
        // The application's secret completes an id of another source, unless that leads it elsewhere.
        let is_led = || {
            let of_string = |name: &str| values.given(name).is_some_and(|given| given.source.is_of_string());
            values.given("BaseURL").is_some_and(|given| given.source != Source::Environment)
                || of_string("OAuthSettingsLocation")
        };
        let is_other = is_secret && says && (name == "OAuthAccessToken" || is_led());
        values.given(name).filter(|given| !(is_other && given.source == Source::Environment))
    }

    /// The tokens and codes that sources give for this connection.
    pub(super) fn decisive(values: &Values) -> Vec<Secret> {
        let names = ["OAuthAccessToken", "OAuthRefreshToken", "OAuthVerifier"];
        names.iter().filter_map(|name| Some(Secret::new(Self::own(values, name)?.value.clone()))).collect()
    }

    pub(super) fn choose(
        values: &Values,
        data_source: Option<&str>,
        environment: &Environment,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self> {
        // One of the environment may be meant for other connections.
        if values.given("APIToken").is_some_and(|given| given.source != Source::Environment) {
            let text = "APIToken (or PWD) is not used with AuthScheme=OAuth; leave it out";
            warnings.push(Warning::new(WarningKind::General, text));
        }
        let (client_id, issued_at) = (word(values, "OAuthClientId")?, timestamp(values)?);
        let ahead = issued_at.map_or(0, |time| (time - Utc::now().timestamp_millis()).div_euclid(60_000));
        if ahead > CLOCKS_DIFFER {
            let text = format!(
                "OAuthTokenTimestamp is {ahead} minutes ahead of this computer's clock; check the clock, or the property: it \
                 takes milliseconds since 1970 in UTC"
            );
            warnings.push(Warning::new(WarningKind::General, text));
        }
        let store = values.store("OAuthSettingsLocation")?;
        let names_store = store.is_some();
        let store = store.or_else(|| Some(StoreLocation::Keyring(data_source.or(client_id.as_deref())?.to_owned())));
        Ok(Self {
            initiate: initiate(values.choice("InitiateOAuth")?),
            client_secret: secret(values, "OAuthClientSecret")?
                .filter(|_| Self::own(values, "OAuthClientSecret").is_some()),
            callback: values.callback("CallbackURL")?,
            names_callback: values.given("CallbackURL").is_some(),
            tokens: GivenTokens {
                access: secret(values, "OAuthAccessToken")?.filter(|_| Self::own(values, "OAuthAccessToken").is_some()),
                refresh: secret(values, "OAuthRefreshToken")?,
                expires_in: values.number("OAuthExpiresIn")?,
                issued_at,
            },
            verifier: secret(values, "OAuthVerifier")?,
            replaced: Vec::new(),
            is_client_of_environment: values
                .given("OAuthClientId")
                .is_some_and(|given| given.source == Source::Environment),
            pkce: values.flag("OAuthPKCE")?,
            locks: environment.state_folder(),
            may_ask: true,
            has_desktop: environment.has_desktop(),
            secrets: SECRETS.iter().filter_map(|name| Some((*name, Self::own(values, name)?.source))).collect(),
            client_id,
            store,
            names_store,
        })
    }

    /// Where the sign-in is kept; `None` where nothing says so.
    pub const fn location(&self) -> Option<&StoreLocation> {
        self.store.as_ref()
    }

    /// The client id of the OAuth application.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Whether a source gives the client secret.
    pub const fn has_client_secret(&self) -> bool {
        self.client_secret.is_some()
    }

    /// Whether connections use, and renew, the sign-in that is kept.
    pub fn uses_kept(&self) -> bool {
        self.initiate != Initiate::Off
    }

    /// Whether nothing signs connections in: no sign-in that is kept is used, and no access token given.
    pub fn signs_nobody_in(&self) -> bool {
        !self.uses_kept() && self.tokens.access.is_none()
    }

    /// The tokens and codes that say which sign-in is meant.
    pub(crate) fn given(&self) -> Vec<Secret> {
        let given = [&self.tokens.access, &self.tokens.refresh, &self.verifier];
        given.into_iter().flatten().chain(&self.replaced).cloned().collect()
    }

    /// The application, where both halves of it are known.
    pub(crate) fn application(&self) -> Option<Application> {
        Some(Application { id: self.client_id.clone()?, secret: self.client_secret.clone()? })
    }

    /// Whether a connection string has secrets of another source written into a file that it names.
    ///
    /// # Errors
    /// `SignIn`, with the names of property and sources.
    pub(super) fn admit_store(&self, values: &Values) -> Result<()> {
        let given = values.given("OAuthSettingsLocation").filter(|given| given.source.is_of_string());
        let (Some(given), Some(StoreLocation::File(_))) = (given, &self.store) else { return Ok(()) };
        match self.secrets.iter().find(|(_, source)| *source != Source::ConnectionString) {
            Some((_, source)) => Err(carried_away("OAuthSettingsLocation", given.source, TokenSource::OAuth(*source))),
            None => Ok(()),
        }
    }

    /// The secrets that sources give, and which source.
    pub(super) fn secrets(&self) -> &[(&'static str, Source)] {
        &self.secrets
    }

    /// Whether connecting may have to wait for a person.
    pub(super) fn may_wait_for_a_person(&self) -> bool {
        self.initiate == Initiate::GetAndRefresh && self.verifier.is_none()
    }
}

/// The base address of the server of OAuth that belongs to a host of the API.
pub(super) fn authority(base: &str, is_pipedrive: bool) -> &str {
    if is_pipedrive { AUTHORITY } else { base }
}

fn initiate(word: &str) -> Initiate {
    match word {
        "REFRESH" => Initiate::Refresh,
        "GETANDREFRESH" => Initiate::GetAndRefresh,
        _ => Initiate::Off,
    }
}

fn word(values: &Values, name: &str) -> Result<Option<String>> {
    match values.given(name) {
        Some(given) if !is_token(&given.value) => {
            Err(given.wrong("it takes one word of visible letters; copy it again"))
        }
        given => Ok(given.map(|given| given.value.clone())),
    }
}

fn secret(values: &Values, name: &str) -> Result<Option<Secret>> {
    Ok(word(values, name)?.map(Secret::new))
}

fn timestamp(values: &Values) -> Result<Option<i64>> {
    const NAME: &str = "OAuthTokenTimestamp";
    let Some(millis) = values.number(NAME)? else { return Ok(None) };
    match (i64::try_from(millis), values.given(NAME)) {
        (Ok(time), _) if millis >= LEAST_MILLIS => Ok(Some(time)),
        (_, Some(given)) => Err(given.wrong("it takes milliseconds since 1970, such as 1767225600000")),
        (_, None) => Ok(None),
    }
}
