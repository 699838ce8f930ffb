//! Whose sign-in it is: that of a data source, of a company, or of another host that a data source names.

use std::time::{Duration, Instant};

use clap::Args;
use pipedrive_sql::Warning;
use pipedrive_sql::auth::Keeping;
use pipedrive_sql::call::{Call, Cancel};
use pipedrive_sql::settings::{DataSource, Settings, Source};

use crate::connect::{Pairs, find, pairs_for};
use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::shell::word;
use crate::signin::says_oauth;

/// Which sign-in a command is about. Nothing named means what the environment says.
#[derive(Debug, Args)]
pub(super) struct Target {
    /// That of this data source
    #[arg(long, value_name = "NAME", conflicts_with_all = ["company", "base_url"])]
    pub(super) dsn: Option<String>,
    /// That of this company: the name before .pipedrive.com
    #[arg(long, value_name = "NAME", conflicts_with = "base_url")]
    pub(super) company: Option<String>,
    /// That of another host, which a data source must name as its BaseURL
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
}

/// What a target comes to.
#[derive(Debug)]
pub(super) struct Place {
    /// The data source that the sign-in is for; none for that of a host.
    pub(super) data_source: Option<String>,
    /// A data source that connects there.
    pub(super) example: Option<String>,
    /// As whose what the person says besides counts: a secret goes only where its own source says.
    giver: Source,
    sources: Vec<(Source, Pairs)>,
}

impl Target {
    /// What the arguments name.
    ///
    /// # Errors
    /// `NotFound` for a data source that does not exist, or an address that no data source names.
    pub(super) fn place(&self) -> Result<Place, Failure> {
        if let Some(name) = &self.dsn {
            return find(name).map(|entry| Place::of(entry, true));
        }
        if let Some(url) = &self.base_url {
            return of_address(url);
        }
        let pairs = self.company.iter().map(|name| ("CompanyDomain".to_owned(), name.clone())).collect();
        if self.company.as_ref().is_some_and(|name| name.trim().is_empty()) {
            return Err(Failure::usage("--company needs a name, such as acme for acme.pipedrive.com"));
        }
        let giver = if self.company.is_some() { Source::ConnectionString } else { Source::Environment };
        Ok(Place { data_source: None, example: None, giver, sources: vec![(Source::ConnectionString, pairs)] })
    }
}

impl Place {
    fn of(entry: DataSource, own: bool) -> Self {
        let mut sources = vec![(Source::Dsn, entry.properties())];
        if own {
            sources.insert(0, (Source::ConnectionString, pairs_for(&entry.name)));
        }
        Self { data_source: own.then(|| entry.name.clone()), example: Some(entry.name), giver: Source::Dsn, sources }
    }

    /// A data source that odbc.ini does not have, and a keyring may.
    pub(super) fn of_no_entry(name: &str) -> Self {
        let sources = vec![(Source::ConnectionString, pairs_for(name))];
        Self { data_source: Some(name.to_owned()), example: None, giver: Source::Dsn, sources }
    }

    /// What a connection is told, and before it what the person says besides.
    pub(super) fn with(&self, pairs: Pairs) -> Vec<(Source, Pairs)> {
        std::iter::once((self.giver, pairs)).chain(self.sources.iter().cloned()).collect()
    }

    /// The settings of a token that is, or shall be, in the keyring.
    ///
    /// # Errors
    /// `Usage` for properties that cannot be used.
    pub(super) fn for_keyring(&self, output: &Output) -> Result<Settings, Failure> {
        told(Settings::resolve_for_sign_in(&self.sources)?, output)
    }

    /// The settings that a connection has.
    ///
    /// # Errors
    /// Those of connecting before anything is sent.
    pub(super) fn for_connection(&self, output: &Output) -> Result<Settings, Failure> {
        told(Settings::resolve(&self.sources)?, output)
    }

    /// Whether what describes the place says that OAuth signs in.
    pub(super) fn says_oauth(&self) -> bool {
        says_oauth(&self.sources)
    }

    /// What the keyring is asked for by a connection, in this order.
    pub(super) fn keepings(&self, settings: &Settings) -> Vec<Keeping> {
        let host = settings.names_host().then(|| Keeping::Host(settings.base_url().to_owned()));
        self.data_source.clone().map(Keeping::DataSource).into_iter().chain(host).collect()
    }

    /// What the command keeps or forgets, where requests go to `base_url`.
    pub(super) fn keeping(&self, base_url: &str) -> Keeping {
        match &self.data_source {
            Some(name) => Keeping::DataSource(name.clone()),
            None => Keeping::Host(base_url.to_owned()),
        }
    }
}

/// The limits of signing in.
pub(super) fn call(settings: &Settings, cancel: &Cancel) -> Call {
    let deadline = settings.login_timeout().and_then(|limit| Instant::now().checked_add(limit));
    Call { cancel: cancel.clone(), deadline }
}

/// How long a keyring may take that asks nobody.
pub(super) fn limit(settings: &Settings) -> Duration {
    settings.login_timeout().unwrap_or(LONGEST)
}

/// A keyring that asks nobody and takes longer than this is stuck.
const LONGEST: Duration = Duration::from_secs(30);

/// A sign-in for an address that no data source names could never be used: a connection string that names an address
/// brings its own token.
fn of_address(url: &str) -> Result<Place, Failure> {
    let resolve = |pairs: Pairs| Settings::resolve_for_sign_in(&[(Source::Dsn, pairs)]).map(|(settings, _)| settings);
    let wanted = resolve(vec![("BaseURL".to_owned(), url.to_owned())])?;
    let goes_there = |entry: &DataSource| {
        let properties = entry.properties();
        let names = properties.iter().any(|(keyword, value)| is_address(keyword) && !value.is_empty());
        names && resolve(properties).is_ok_and(|settings| settings.base_url() == wanted.base_url())
    };
    if let Some(entry) = DataSource::all().into_iter().find(goes_there) {
        return Ok(Place::of(entry, false));
    }
    let environment = resolve(Vec::new()).ok().filter(Settings::names_host);
    if environment.is_some_and(|settings| settings.base_url() == wanted.base_url()) {
        return Ok(Place { data_source: None, example: None, giver: Source::Environment, sources: Vec::new() });
    }
    let text = format!(
        "no data source has BaseURL={}, and a kept token goes only to an address that a data source names; make one \
         with: pipedrive-odbc dsn add NAME BaseURL={}",
        wanted.base_url(),
        word(wanted.base_url())
    );
    Err(Failure::new(Kind::NotFound, text))
}

fn is_address(keyword: &str) -> bool {
    pipedrive_sql::settings::property(keyword.trim()).is_some_and(|property| property.name() == "BaseURL")
}

pub(super) fn told((settings, warnings): (Settings, Vec<Warning>), output: &Output) -> Result<Settings, Failure> {
    warnings.iter().for_each(|warning| output.warning(&warning.message));
    Ok(settings)
}
