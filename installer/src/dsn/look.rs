//! `dsn list` and `dsn show`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use pipedrive_sql::settings::{DataSource, Scope, property};
use serde::Serialize;

use super::keys::shown;
use crate::connect::find;
use crate::failure::Failure;
use crate::ini::Ini;
use crate::install::NAME as DRIVER;
use crate::output::{Output, Show, columns, visible};
use crate::shell::word as quoted;
use crate::{files, places};

/// What the file of our library is called, on every platform.
pub(crate) const LIBRARY: &str = "pipedriveodbc";

/// List the data sources of this driver
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pipedrive-odbc dsn list --all --json")]
pub(crate) struct List {
    /// Those of other drivers, too
    #[arg(long)]
    all: bool,
}

/// Show a data source; secrets are masked
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pipedrive-odbc dsn show Sales")]
pub(crate) struct ShowOne {
    /// Its name
    name: String,
}

/// Data sources in the order in which they are found.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Listed(Vec<Entry>);

/// One of them.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    scope: &'static str,
    driver: Option<String>,
    /// Its BaseURL or company; nothing for other drivers.
    host: Option<String>,
    file: PathBuf,
    /// Another entry of this name is found first.
    hidden: bool,
}

/// A data source and its keywords.
#[derive(Debug, Serialize)]
struct Shown {
    name: String,
    scope: &'static str,
    file: PathBuf,
    keywords: Vec<Pair>,
}

/// A keyword and its value, masked where it may be a secret.
#[derive(Debug, Serialize)]
struct Pair {
    keyword: String,
    value: String,
}

impl List {
    /// Lists the data sources.
    ///
    /// # Errors
    /// Those of the output.
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        let mut entries = found();
        entries.retain(|(_, is_ours, _)| *is_ours || self.all);
        let entries: Vec<_> =
            entries.into_iter().map(|(source, is_ours, hidden)| entry(source, is_ours, hidden)).collect();
        if entries.is_empty() {
            output.note("There are none; add one with: pipedrive-odbc dsn add NAME CompanyDomain=...");
        }
        output.value(&Listed(entries))
    }
}

impl ShowOne {
    /// Shows a data source.
    ///
    /// # Errors
    /// `NotFound`, and those of the output.
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        let source = find(&self.name)?;
        let properties = source.properties();
        let pair = |(keyword, value): &(String, String)| {
            let of_manager = !properties.iter().any(|(own, _)| own == keyword);
            Pair { keyword: keyword.clone(), value: shown(keyword, value, of_manager) }
        };
        let keywords: Vec<_> = source.pairs.iter().map(pair).collect();
        let is_secret = |(keyword, value): &(String, String)| {
            !value.is_empty() && property(keyword.trim()).is_some_and(|property| property.is_secret())
        };
        let secrets: Vec<_> = source.pairs.iter().filter(|pair| is_secret(pair)).collect();
        if !secrets.is_empty() {
            let emptied: String = secrets.iter().map(|(keyword, _)| format!(" {}=", keyword.trim())).collect();
            output.warning(&format!(
                "{} holds a secret; take it out with: pipedrive-odbc dsn edit {}{emptied}",
                source.file.display(),
                quoted(&source.name)
            ));
        }
        output.value(&Shown { name: source.name, scope: word(source.scope), file: source.file, keywords })
    }
}

/// The data sources of this driver: those that are used, and those that another entry of the same name hides.
pub(crate) fn ours() -> (Vec<DataSource>, Vec<DataSource>) {
    let ours = found().into_iter().filter(|(_, is_ours, _)| *is_ours);
    let (hidden, used): (Vec<_>, Vec<_>) = ours.partition(|(_, _, hidden)| *hidden);
    let alone = |entries: Vec<(DataSource, bool, bool)>| entries.into_iter().map(|(source, ..)| source).collect();
    (alone(used), alone(hidden))
}

/// Every data source, whether it is of this driver, and whether another entry of its name is found first.
fn found() -> Vec<(DataSource, bool, bool)> {
    let drivers = our_drivers();
    let mut names: Vec<String> = Vec::new();
    let found = DataSource::all().into_iter().map(|source| {
        let hidden = names.contains(&source.name.to_lowercase());
        names.push(source.name.to_lowercase());
        let is_ours = value(&source, "Driver").is_some_and(|driver| is_ours(&drivers, &driver));
        (source, is_ours, hidden)
    });
    found.collect()
}

fn entry(source: DataSource, is_ours: bool, hidden: bool) -> Entry {
    let of_url = || value(&source, "BaseURL").map(|url| shown("BaseURL", &url, false));
    let of_company = || {
        ["CompanyDomain", "Company", "Server"].iter().find_map(|name| Some(shown(name, &value(&source, name)?, false)))
    };
    let host = if is_ours { of_url().or_else(of_company) } else { None };
    let driver = value(&source, "Driver");
    Entry { scope: word(source.scope), driver, host, hidden, name: source.name, file: source.file }
}

fn value(source: &DataSource, keyword: &str) -> Option<String> {
    source.pairs.iter().find(|(own, _)| own.eq_ignore_ascii_case(keyword)).map(|(_, value)| value.clone())
}

/// The names in odbcinst.ini, in lower case, whose library is ours.
fn our_drivers() -> Vec<String> {
    let files = [Scope::User, Scope::System].into_iter().filter_map(|scope| places::driver_files(scope).ok()).flatten();
    let mut names = vec![DRIVER.to_lowercase()];
    for ini in files.filter_map(|file| files::read(&file).ok()).map(|bytes| Ini::read(&bytes)) {
        let is_ours = |name: &String| ini.value(name, "Driver").is_some_and(|path| path.contains(LIBRARY));
        names.extend(ini.sections().into_iter().filter(is_ours).map(|name| name.to_lowercase()));
    }
    names
}

fn is_ours(drivers: &[String], driver: &str) -> bool {
    driver.contains(LIBRARY) || drivers.contains(&driver.to_lowercase())
}

const fn word(scope: Scope) -> &'static str {
    match scope {
        Scope::User => "user",
        Scope::System => "system",
    }
}

impl Show for Listed {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let titles = ["NAME", "SCOPE", "DRIVER", "HOST", "FILE"].map(str::to_owned);
        let row = |entry: &Entry| {
            let scope = if entry.hidden { format!("{}, hidden", entry.scope) } else { entry.scope.to_owned() };
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            [entry.name.clone(), scope, text(&entry.driver), text(&entry.host), entry.file.display().to_string()]
        };
        if self.0.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = std::iter::once(titles).chain(self.0.iter().map(row)).collect();
        columns(out, &rows)
    }
}

impl Show for Shown {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "[{}] of {} ({})", visible(&self.name), self.scope, self.file.display())?;
        let rows: Vec<_> = self.keywords.iter().map(|pair| [pair.keyword.clone(), pair.value.clone()]).collect();
        columns(out, &rows)
    }
}
