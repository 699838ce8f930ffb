//! What a connection must say to use a sign-in that is kept, and whether a data source says it.

use pipedrive_sql::auth::OAuthStanding;
use pipedrive_sql::settings::{DataSource, Settings, Source, write_connection_string};

use crate::connect::{Pairs, pairs_for};
use crate::dsn;
use crate::failure::Failure;
use crate::install::NAME as DRIVER;
use crate::shell::word;
use crate::signin::target::Place;

/// What a program connects with, and what its data source lacks for that.
pub(super) struct Later {
    /// The connection string.
    pub(super) connection_string: String,
    /// The data source, and the pairs that it lacks.
    lacks: Option<(DataSource, Vec<String>)>,
}

impl Later {
    /// What serves the sign-in that was kept for these settings.
    pub(super) fn of(place: &Place, settings: &Settings, kept: &OAuthStanding) -> Self {
        let entry = place.example.as_deref().and_then(DataSource::find);
        let Some(entry) = entry else {
            return Self { connection_string: without_a_data_source(settings, kept), lacks: None };
        };
        let lacks = lacking(&entry, kept);
        let connection_string = format!("DSN={}", entry.name);
        Self { connection_string, lacks: (!lacks.is_empty()).then_some((entry, lacks)) }
    }

    /// The command that makes the data source use the sign-in; `None` where it does.
    pub(super) fn step(&self) -> Option<String> {
        let (entry, pairs) = self.lacks.as_ref()?;
        let pairs: Vec<_> = pairs.iter().map(|pair| assignment(pair)).collect();
        Some(format!("pipedrive-odbc dsn edit {} {}", word(&entry.name), pairs.join(" ")))
    }

    /// Does that.
    ///
    /// # Errors
    /// `Permission` for the file of the data source.
    pub(super) fn take(&mut self) -> Result<bool, Failure> {
        let Some((entry, pairs)) = &self.lacks else { return Ok(false) };
        let changed = dsn::edit(entry, pairs)?;
        self.lacks = None;
        Ok(changed)
    }
}

/// The pairs that a data source lacks to use the sign-in.
fn lacking(entry: &DataSource, kept: &OAuthStanding) -> Vec<String> {
    let sources = [(Source::ConnectionString, pairs_for(&entry.name)), (Source::Dsn, entry.properties())];
    let resolved =
        |outcome: pipedrive_sql::Result<(Settings, _)>| outcome.ok().map(|(settings, _): (_, Vec<_>)| settings);
    let connects = resolved(Settings::resolve(&sources));
    let oauth = connects.as_ref().and_then(Settings::oauth);
    let mut pairs = Vec::new();
    if oauth.is_none() {
        pairs.push("AuthScheme=OAuth".to_owned());
    }
    if oauth.is_none_or(|oauth| !oauth.uses_kept()) {
        pairs.push("InitiateOAuth=REFRESH".to_owned());
    }
    // Where it would look for one, and for whose, if it did.
    let would = resolved(Settings::resolve_for_oauth(&sources));
    let (location, client) = would.as_ref().and_then(Settings::oauth).map_or((None, None), |oauth| {
        (oauth.location().map(ToString::to_string), oauth.client_id().map(str::to_owned))
    });
    if !location.is_some_and(|location| is_same(&location, &kept.location)) {
        pairs.push(format!("OAuthSettingsLocation={}", kept.location));
    }
    if client.is_some_and(|client| client != kept.client_id) {
        pairs.push(format!("OAuthClientId={}", kept.client_id));
    }
    pairs
}

/// Names in a keyring have no case, and paths have.
fn is_same(one: &str, other: &str) -> bool {
    if one.contains("://") { one.to_lowercase() == other.to_lowercase() } else { one == other }
}

/// The shortest that finds the sign-in again.
fn without_a_data_source(settings: &Settings, kept: &OAuthStanding) -> String {
    let mut pairs: Pairs = vec![("Driver".to_owned(), DRIVER.to_owned())];
    if let Some(company) = settings.company_domain() {
        pairs.push(("CompanyDomain".to_owned(), company.to_owned()));
    }
    pairs.push(("InitiateOAuth".to_owned(), "REFRESH".to_owned()));
    pairs.push(("OAuthSettingsLocation".to_owned(), kept.location.clone()));
    write_connection_string(&pairs)
}

/// A property and its value as one word of a shell.
fn assignment(pair: &str) -> String {
    pair.split_once('=').map_or_else(|| word(pair), |(name, value)| format!("{name}={}", word(value)))
}
