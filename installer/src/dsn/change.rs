//! `dsn add`, `dsn edit`, `dsn remove`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use pipedrive_sql::call::Cancel;
use pipedrive_sql::settings::{DataSource, Scope};
use serde::Serialize;

use super::keys;
use crate::arguments::{Consent, ScopeArguments};
use crate::connect::find;
use crate::failure::{Failure, Kind};
use crate::files;
use crate::ini::Ini;
use crate::install::NAME as DRIVER;
use crate::output::{Output, Show};
use crate::shell::word;

/// iODBC's list of data sources.
const LIST: &str = "ODBC Data Sources";

/// Add a data source
#[derive(Debug, Args)]
#[command(
    after_help = "For this user unless --system is said. Secrets are refused: keep them with `login`, in a file \
that TokenFile names, or in the environment.

Example:
  pipedrive-odbc dsn add Sales CompanyDomain=acme TimeZone=Europe/Berlin"
)]
pub(crate) struct Add {
    #[command(flatten)]
    scope: ScopeArguments,
    /// Its name
    name: String,
    /// Connection properties
    #[arg(value_name = "KEY=VALUE")]
    pairs: Vec<String>,
}

/// Change a data source
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pipedrive-odbc dsn edit Sales Timeout=120 TimeZone=")]
pub(crate) struct Edit {
    #[command(flatten)]
    scope: ScopeArguments,
    /// Its name
    name: String,
    /// Connection properties; without a value they are removed
    #[arg(value_name = "KEY=VALUE", required = true)]
    pairs: Vec<String>,
}

/// Remove a data source
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pipedrive-odbc dsn remove Sales --yes")]
pub(crate) struct Remove {
    #[command(flatten)]
    scope: ScopeArguments,
    #[command(flatten)]
    consent: Consent,
    /// Its name
    name: String,
}

/// What happened to a data source.
#[derive(Debug, Serialize)]
struct Done {
    name: String,
    file: PathBuf,
    action: &'static str,
}

impl Add {
    /// Adds the data source.
    ///
    /// # Errors
    /// `Usage` for the name and the pairs, `Failure` for a name that is taken, `Permission` for the file.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        keys::check_name(&self.name)?;
        let changes = keys::read(&self.pairs)?;
        if let Some(empty) = changes.iter().find(|change| change.value.is_none()) {
            return Err(Failure::usage(format!("{} has no value", empty.name)));
        }
        let scope = if self.scope.system { Scope::System } else { Scope::User };
        let file = file_for(scope)?;
        let given = |name: &str| changes.iter().find(|change| change.name == name).and_then(|c| c.value.as_deref());
        let driver = given("Driver").unwrap_or(DRIVER);
        let pairs: Vec<_> = std::iter::once(("Driver", driver))
            .chain(
                changes
                    .iter()
                    .filter(|change| change.name != "Driver")
                    .filter_map(|c| Some((c.name, c.value.as_deref()?))),
            )
            .collect();
        files::change(&file, mode(scope), |bytes| {
            let mut ini = Ini::read(bytes);
            if ini.has(&self.name) {
                let (name, file) = (&self.name, file.display());
                let text = format!(
                    "there is a data source '{name}' in {file} already; change it with: \
                     pipedrive-odbc dsn edit {}",
                    word(name)
                );
                return Err(Failure::new(Kind::Failure, text));
            }
            ini.enlist(LIST, &self.name, driver);
            ini.add(&self.name, &pairs);
            Ok(ini.bytes())
        })?;
        if DataSource::find(&self.name).is_some_and(|found| found.file != file) {
            output.warning(&format!("a data source '{}' in another file is found first: see dsn list", self.name));
        }
        if let Some(text) = of_oauth(&self.name, &given) {
            output.note(&text);
        } else if given("CompanyDomain").or_else(|| given("BaseURL")).is_none() {
            output.note("It names no CompanyDomain, so connections must say whose company they mean.");
        }
        output.done(&Done { name: self.name, file, action: "added" })
    }
}

impl Edit {
    /// Changes the data source.
    ///
    /// # Errors
    /// `NotFound`, `Usage` for the pairs, `Permission` for the file.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        let changes = keys::read(&self.pairs)?;
        let source = existing(&self.name, self.scope)?;
        let changed = write(&source, &changes)?;
        let action = if changed { "changed" } else { "unchanged" };
        output.done(&Done { name: source.name, file: source.file, action })
    }
}

/// What comes next for a data source that signs in by OAuth, which tells the company by itself; `None` for others.
fn of_oauth<'a>(name: &str, given: &impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let is = |property: &str, word: &str| given(property).is_some_and(|value| value.eq_ignore_ascii_case(word));
    let initiates = given("InitiateOAuth").is_some_and(|value| !value.eq_ignore_ascii_case("OFF"));
    if !is("AuthScheme", "OAuth") && (given("AuthScheme").is_some() || !initiates) {
        return None;
    }
    let name = word(name);
    Some(match (initiates, is("InitiateOAuth", "GETANDREFRESH")) {
        (false, _) => format!(
            "AuthScheme=OAuth alone uses OAuthAccessToken as it is. To use a sign-in that is kept and renewed: \
             pipedrive-odbc login --oauth --dsn {name} --set-dsn"
        ),
        (true, false) => format!("Sign in once with: pipedrive-odbc login --oauth --dsn {name}"),
        (true, true) => format!(
            "The first connection opens the browser, and needs OAuthClientSecret for that; or sign in now with: \
             pipedrive-odbc login --oauth --dsn {name}"
        ),
    })
}

/// Changes a data source by pairs of the form `key=value`, under the rules of `dsn edit`. Whether that changed anything.
///
/// # Errors
/// `Usage` for the pairs, `Permission` for the file.
pub(crate) fn edit(source: &DataSource, pairs: &[String]) -> Result<bool, Failure> {
    write(source, &keys::read(pairs)?)
}

fn write(source: &DataSource, changes: &[keys::Change]) -> Result<bool, Failure> {
    files::change(&source.file, mode(source.scope), |bytes| {
        let mut ini = Ini::read(bytes);
        for change in changes {
            match &change.value {
                Some(value) => ini.set(&source.name, change.keyword(), value),
                None => ini.unset(&source.name, change.keyword()),
            }
            if let (Some(driver), "Driver") = (&change.value, change.name) {
                ini.enlist(LIST, &source.name, driver);
            }
        }
        Ok(ini.bytes())
    })
}

impl Remove {
    /// Removes the data source.
    ///
    /// # Errors
    /// `NotFound`, `Usage` without consent, `Permission` for the file.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        let source = existing(&self.name, self.scope)?;
        let question = format!("Remove the data source '{}' from {}?", source.name, source.file.display());
        output.confirm(self.consent, &question, &Cancel::default())?;
        files::change(&source.file, mode(source.scope), |bytes| {
            let mut ini = Ini::read(bytes);
            ini.strike(LIST, &source.name);
            ini.remove(&source.name);
            Ok(ini.bytes())
        })?;
        output.done(&Done { name: source.name, file: source.file, action: "removed" })
    }
}

/// The data source of this name, in the files that were asked for.
fn existing(name: &str, asked: ScopeArguments) -> Result<DataSource, Failure> {
    keys::check_known_name(name)?;
    let scope = match (asked.user, asked.system) {
        (true, _) => Scope::User,
        (_, true) => Scope::System,
        _ => return find(name),
    };
    let found = DataSource::all()
        .into_iter()
        .find(|source| source.scope == scope && source.name.to_lowercase() == name.to_lowercase());
    found.ok_or_else(|| {
        let whose = if scope == Scope::User { "this user" } else { "everybody" };
        Failure::new(
            Kind::NotFound,
            format!("there is no data source '{name}' of {whose}; see: pipedrive-odbc dsn list --all"),
        )
    })
}

fn file_for(scope: Scope) -> Result<PathBuf, Failure> {
    DataSource::file_for(scope).ok_or_else(|| {
        let text = "this user has no home folder; set HOME or ODBCINI, or add the data source with --system";
        Failure::new(Kind::NotFound, text)
    })
}

/// The mode of a new file. A user's own is private, in case that somebody writes a token into it by hand.
const fn mode(scope: Scope) -> u32 {
    match scope {
        Scope::User => 0o600,
        Scope::System => 0o644,
    }
}

impl Show for Done {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "The data source '{}' was {} ({})", self.name, self.action, self.file.display())
    }
}
