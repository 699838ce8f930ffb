//! Data sources: keywords, values, drivers; secrets in their files.

use std::fs;
use std::path::Path;

use pipedrive_sql::settings::{DataSource, Property, exposed, property};

use super::finding::Finding;
use super::manager;
use super::patient::{Connection, Patient};
use crate::shell::word;

/// Looks at keywords and values.
pub(super) fn look(patient: &mut Patient) -> Vec<Finding> {
    if patient.connections.is_empty() {
        let text = "there is no data source of this driver (pipedrive-odbc dsn add NAME CompanyDomain=...), and the \
                    environment names no token";
        return vec![Finding::note(text)];
    }
    let drivers = manager::entries();
    let mut findings: Vec<_> = patient.connections.iter().flat_map(|one| examine(one, &drivers)).collect();
    findings.extend(patient.hidden.iter().map(hidden));
    if patient.connections.len() > 1 {
        findings.push(Finding::note("there are several; name one with --dsn to have its host asked"));
    }
    findings
}

fn examine(one: &Connection, drivers: &[manager::Entry]) -> Vec<Finding> {
    let mut findings = Vec::new();
    match &one.settings {
        Err(error) => findings.push(Finding::error(error)),
        Ok(_) if one.warnings.is_empty() => findings.push(Finding::ok(place(one))),
        Ok(_) => findings.extend(one.warnings.iter().map(|warning| Finding::warned(&warning.message))),
    }
    findings.extend(one.entry.as_ref().and_then(|entry| driver(entry, drivers)));
    findings.into_iter().map(|found| found.of_connection(one)).collect()
}

fn place(one: &Connection) -> String {
    match &one.entry {
        Some(entry) => {
            let (file, scope) = (entry.file.display(), manager::word(entry.scope));
            let count = match entry.properties().len() {
                1 => "1 property".to_owned(),
                count => format!("{count} properties"),
            };
            format!("{count}, all known and valid, in {file} ({scope})")
        }
        None => "every property is known and valid".to_owned(),
    }
}

/// What is wrong with the driver that an entry names.
fn driver(entry: &DataSource, drivers: &[manager::Entry]) -> Option<Finding> {
    let named = entry.pairs.iter().find(|(keyword, _)| keyword.eq_ignore_ascii_case("Driver"));
    match named {
        Some((_, driver)) if manager::is_known(driver, drivers) => None,
        Some((_, driver)) => {
            let cure = "register the driver: pipedrive-odbc install";
            Some(Finding::problem(format!("its driver '{driver}' is neither a file nor registered"), cure))
        }
        None => {
            let cure = format!("name it: pipedrive-odbc dsn edit {} Driver=Pipedrive", word(&entry.name));
            Some(Finding::problem("it names no driver, so that no driver manager can open it", cure))
        }
    }
}

fn hidden(entry: &DataSource) -> Finding {
    Finding::note(format!(
        "data source '{}' of {} is not used: a file that is read before has one of that name",
        entry.name,
        entry.file.display()
    ))
}

/// Looks for secrets in the files of data sources.
pub(super) fn secrets(patient: &mut Patient) -> Vec<Finding> {
    let entries = patient.connections.iter().filter_map(|one| one.entry.as_ref()).chain(&patient.hidden);
    let findings: Vec<_> = entries.flat_map(secrets_of).collect();
    match findings.is_empty() {
        true => vec![Finding::ok("no odbc.ini holds a secret of this driver")],
        false => findings,
    }
}

fn secrets_of(entry: &DataSource) -> Vec<Finding> {
    let exposed = exposed(entry);
    let held = entry
        .pairs
        .iter()
        .filter(|(keyword, value)| !value.is_empty() && property(keyword.trim()).is_some_and(Property::is_secret));
    let (name, file, mode) = (&entry.name, entry.file.display(), mode(&entry.file));
    held.map(|(keyword, _)| match exposed.iter().find(|secret| secret.keyword == *keyword) {
        Some(secret) => Finding::problem(
            format!("others can {} {keyword} of data source '{name}' in {file}{mode}", secret.access),
            format!(
                "chmod 600 {}, or take it out (pipedrive-odbc dsn edit {} {}=) and {}",
                word(&file.to_string()),
                word(name),
                word(keyword),
                instead(keyword)
            ),
        ),
        None => Finding::note(format!(
            "{keyword} of data source '{name}' is in {file}{mode}; {} keeps it out of copies of that file",
            keeper(keyword)
        )),
    })
    .collect()
}

/// Whether it is a secret of OAuth, rather than of an API token or a proxy.
fn is_of_oauth(keyword: &str) -> bool {
    property(keyword.trim()).is_some_and(|property| property.name().starts_with("OAuth"))
}

/// What serves in place of a secret in a file, and what to do about one that others could read.
fn instead(keyword: &str) -> &'static str {
    if is_of_oauth(keyword) {
        "sign in with `pipedrive-odbc login --oauth`; then have a new client secret made in Pipedrive's Developer Hub"
    } else {
        "use TokenFile or `pipedrive-odbc login`; then have Pipedrive make a new token"
    }
}

/// What keeps a secret better than a file of data sources.
fn keeper(keyword: &str) -> &'static str {
    if is_of_oauth(keyword) {
        "a sign-in that is kept (pipedrive-odbc login --oauth)"
    } else {
        "the keyring (pipedrive-odbc login) or TokenFile"
    }
}

/// The mode of a file, where files have one.
#[cfg(unix)]
pub(super) fn mode(file: &Path) -> String {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(file).map_or_else(|_| String::new(), |metadata| format!(" (mode {:03o})", metadata.mode() & 0o7777))
}

/// The mode of a file, where files have one.
#[cfg(not(unix))]
pub(super) fn mode(_: &Path) -> String {
    String::new()
}
