//! What a connection needs of this computer: the token, the keyring, the state folder, the log, the way to the host.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pipedrive_sql::auth::{Keeping, Trouble};
use pipedrive_sql::checkup::{self, Route};
use pipedrive_sql::settings::{Credential, LogSettings, Settings};
use pipedrive_sql::{state, trace};

use super::finding::Finding;
use super::patient::Patient;
use super::source::mode;
use crate::shell::word;
use crate::signin::{NOBODY, sign_in};

/// Longest wait for a keyring.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes beyond which a state folder has something in it that does not belong there.
const LARGE: u64 = 64 << 20;
/// Variables by which programs are led through a proxy, as the HTTP client reads them.
const PROXIES: &[&str] = &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Looks for the API token, or the sign-in.
pub(super) fn token(patient: &mut Patient) -> Vec<Finding> {
    patient.each(|one, settings| {
        let name = one.entry.as_ref().map(|entry| entry.name.as_str());
        let mode = match settings.credential() {
            Credential::File(path, _) => mode(path),
            _ => String::new(),
        };
        vec![match checkup::token(settings, &patient.call()) {
            Ok(_) if settings.oauth().is_some_and(|oauth| oauth.signs_nobody_in()) => {
                Finding::problem(NOBODY, sign_in(name))
            }
            Ok(from) if settings.oauth().is_some() => Finding::ok(format!("connections use {from}")),
            Ok(from) => Finding::ok(format!("the API token comes from {from}{mode}")),
            Err(error) => Finding::error(&error),
        }]
    })
}

/// Looks into the keyring for API tokens. A connection that needs it and has nothing there is a finding of [`token`].
pub(super) fn keyring(patient: &mut Patient) -> Vec<Finding> {
    let settings = patient.connections.iter().filter_map(|one| one.settings.as_ref().ok());
    let settings = settings.filter(|settings| settings.oauth().is_none());
    let mut keepings: Vec<_> = settings.flat_map(checkup::keepings).collect();
    if keepings.is_empty() {
        // Whether there is a keyring is good to know before anything is kept.
        keepings.push(Keeping::Host("https://api.pipedrive.com".to_owned()));
    }
    let mut findings: Vec<Finding> = Vec::new();
    for keeping in keepings {
        let (found, goes_on) = kept(&keeping);
        if !findings.contains(&found) {
            findings.push(found);
        }
        if !goes_on {
            break;
        }
    }
    findings
}

/// What the keyring has, and whether it can be asked further.
fn kept(keeping: &Keeping) -> (Finding, bool) {
    match keeping.find(PATIENCE) {
        Ok(kept) => {
            (Finding::ok(format!("the keyring has a sign-in for {keeping}, to be sent to {}", kept.base)), true)
        }
        Err(Trouble::NoEntry(_)) => {
            (Finding::ok(format!("the keyring answers, and has no sign-in for {keeping}")), true)
        }
        Err(trouble @ Trouble::Unreadable(_)) => (Finding::warning(trouble.what(), trouble.cure()), true),
        // What serves in its place matters to connections that need it, and is told there.
        Err(trouble) => (Finding::note(trouble.what()), false),
    }
}

/// Looks at state folders.
pub(super) fn state(patient: &mut Patient) -> Vec<Finding> {
    let mut seen: Vec<Option<PathBuf>> = Vec::new();
    let settings = patient.connections.iter().filter_map(|one| one.settings.as_ref().ok());
    for place in settings.map(|settings| settings.state_location().map(Path::to_owned)) {
        if !seen.contains(&place) {
            seen.push(place);
        }
    }
    let findings: Vec<_> = seen.iter().flat_map(|place| place.as_deref().map_or_else(in_memory, folder)).collect();
    if findings.is_empty() { vec![Finding::note("there is no connection to look at")] } else { findings }
}

fn in_memory() -> Vec<Finding> {
    vec![Finding::note("state stays in memory: each process reads field definitions anew")]
}

fn folder(path: &Path) -> Vec<Finding> {
    let (found, name) = (state::inspect(path), path.display());
    let mut findings = Vec::new();
    if let Some(trouble) = &found.trouble {
        let cure = "let this user write there, or set StateLocation to another folder";
        findings.push(Finding::problem(format!("{name} cannot be written: {trouble}"), cure));
    }
    findings.extend(found.later.iter().map(|file| {
        let cure = "install that version for all programs, or set StateLocation to another folder for this one";
        Finding::problem(format!("{} was written by a later version of this driver", file.display()), cure)
    }));
    findings.extend(found.damaged.iter().map(|file| {
        Finding::note(format!("{} cannot be read; it counts as missing and is written anew", file.display()))
    }));
    findings.extend(found.open.iter().map(|(file, access)| {
        let cure = format!("make it its owner's alone: chmod go-rwx {}", word(&file.display().to_string()));
        Finding::warning(format!("others can {access} {}{}", file.display(), mode(file)), cure)
    }));
    if found.bytes > LARGE {
        let cure = "remove it; the driver makes it anew, and names of custom columns are chosen anew";
        findings.push(Finding::warning(format!("{name} has {} MB", found.bytes >> 20), cure));
    }
    if findings.is_empty() {
        findings.push(match found.exists {
            true => Finding::ok(format!("{name}{}, {} files, {} bytes", mode(path), found.files, found.bytes)),
            false => Finding::ok(format!("{name} is made by the first connection")),
        });
    }
    findings
}

/// Looks at log files.
pub(super) fn log(patient: &mut Patient) -> Vec<Finding> {
    let logs = patient.connections.iter().filter_map(|one| Some((one, LogSettings::resolve(&one.sources).ok()??)));
    let findings: Vec<_> = logs.map(|(one, log)| log_of(&log).of(&one.label)).collect();
    if findings.is_empty() { vec![Finding::ok("no connection writes a log")] } else { findings }
}

fn log_of(log: &LogSettings) -> Finding {
    let (file, verbosity) = (log.file().display(), log.verbosity());
    match trace::look(log.file()) {
        Ok(Some(size)) => Finding::ok(format!("{file}{}, {size} bytes, Verbosity {verbosity}", mode(log.file()))),
        Ok(None) => Finding::ok(format!("{file} is made by the first connection, Verbosity {verbosity}")),
        Err(reason) => Finding::warning(
            format!("no log is written to {file}: {reason}"),
            "set LogFile to a file that is not there yet, in a folder that exists and that this user may write",
        ),
    }
}

/// Tells how requests get to the host.
pub(super) fn way(patient: &mut Patient) -> Vec<Finding> {
    patient.each(|_, settings| vec![by(&checkup::route(settings), settings)])
}

fn by(route: &Route, settings: &Settings) -> Finding {
    let host = &route.host;
    let trust = match (route.is_encrypted, route.trusts_system) {
        (false, _) => "by plain http, which this computer itself may do",
        (true, true) => "by https, with the certificates that this computer trusts",
        (true, false) => "by https, with the certificates of SSLServerCert",
    };
    let proxy = match (&route.proxy, route.names_proxy || route.is_loopback) {
        (Some(proxy), _) => format!("through the proxy {proxy} (ProxyServer)"),
        (None, true) => "without a proxy".to_owned(),
        (None, false) => system_proxy(),
    };
    let company = match settings.company_domain() {
        None if host.starts_with("api.pipedrive.com") => ", which tells the company that the token belongs to",
        _ => "",
    };
    Finding::ok(format!("{host}{company}, {trust}, {proxy}"))
}

/// The proxy of the environment. User and password that it may hold are left out.
fn system_proxy() -> String {
    let found = PROXIES.iter().find_map(|name| Some((name, variable(name)?)));
    match found {
        Some((name, value)) => {
            let address = value.rsplit_once('@').map_or(value.as_str(), |(_, address)| address);
            format!("through the proxy {address} ({name}), unless NO_PROXY leaves the host out")
        }
        None => "without a proxy, unless this computer's settings name one".to_owned(),
    }
}

#[expect(clippy::disallowed_methods, reason = "what the HTTP client reads of the environment is told to people")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
