//! `doctor`: looks at everything between an application and Pipedrive, and says what is wrong and what helps.
//!
//! - this file: the command, and the list of checks
//! - `finding.rs`: what a check finds, and the report
//! - `patient.rs`: what is examined: the connections, and the conversation with the host
//! - `oauth.rs`: the sign-in by OAuth that is kept
//! - without a request: `driver.rs` and `dependencies.rs` (the library), `manager.rs` (driver managers, registration),
//!   `source.rs` (data sources, secrets in their files), `here.rs` (token, keyring, state, log, the way to the host)
//! - `host.rs`: what the host is asked
//! - `assumptions.rs`: `--probe-api`
//!
//! A check is a row of [`CHECKS`]. It changes nothing but what it asks costs, and shows no secret. What is worse than a
//! note has a cure: the type sees to it.

mod assumptions;
mod dependencies;
mod driver;
mod finding;
mod here;
mod host;
mod manager;
mod oauth;
mod patient;
mod source;

use clap::Args;
use pipedrive_sql::checkup;

use crate::connect::{Pairs, pairs_for, pairs_of};
use crate::dsn;
use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::query::Interrupt;
use crate::shell::word;
use finding::{Cost, Examined, Finding, Level, Report};
use patient::Patient;

/// Find out what is wrong, and what helps
#[derive(Debug, Args)]
#[command(
    after_help = "Without --dsn and --connection-string every data source of this driver is looked at; the host \
is asked when there is exactly one, or none and the environment says where to go. What asking costs is told before. \
Ends with code 8 when something is worse than a note.

Examples:
  pipedrive-odbc doctor
  pipedrive-odbc doctor --dsn Sales --json
  pipedrive-odbc doctor --offline
  pipedrive-odbc doctor --dsn Sales --probe-api --yes"
)]
pub(crate) struct Doctor {
    /// Data source to examine
    #[arg(long, value_name = "NAME", conflicts_with = "connection_string")]
    dsn: Option<String>,
    /// Keywords and values to examine, as in CompanyDomain=acme;TimeZone=UTC
    #[arg(long, short, value_name = "STRING")]
    connection_string: Option<String>,
    /// Send nothing
    #[arg(long, conflicts_with = "probe_api")]
    offline: bool,
    /// Put what the driver takes for granted of Pipedrive to the test on this account, by reading only
    #[arg(long)]
    probe_api: bool,
    /// Do not ask before API tokens are spent on --probe-api
    #[arg(long, short, requires = "probe_api")]
    yes: bool,
}

/// A check.
struct Check {
    /// Its name.
    name: &'static str,
    /// What it looks at.
    looks_at: &'static str,
    /// Whether it asks the host.
    asks: bool,
    run: fn(&mut Patient) -> Vec<Finding>,
}

const fn looking(name: &'static str, looks_at: &'static str, run: fn(&mut Patient) -> Vec<Finding>) -> Check {
    Check { name, looks_at, asks: false, run }
}

const fn asking(name: &'static str, looks_at: &'static str, run: fn(&mut Patient) -> Vec<Finding>) -> Check {
    Check { name, looks_at, asks: true, run }
}

/// Every check, in the order in which they run: those without a request first.
const CHECKS: &[Check] = &[
    looking(
        "driver library",
        "the file, its processor, version and functions, and the libraries it needs",
        driver::look,
    ),
    looking("driver managers", "unixODBC and iODBC, the files that they read, what redirects them", manager::look),
    looking(
        "registration",
        "the driver's entries in odbcinst.ini, and the files that they name",
        manager::registration,
    ),
    looking("data sources", "keywords, values and drivers in odbc.ini", source::look),
    looking("secrets in files", "secrets in odbc.ini, and who can read them", source::secrets),
    looking("token", "where the API token or the sign-in comes from, and whether it can be had", here::token),
    looking(
        "OAuth sign-in",
        "where it is kept, until when it is good, and which tables its scopes leave out",
        oauth::look,
    ),
    looking("keyring", "whether it can be asked, and what it has", here::keyring),
    looking("state folder", "whether it can be written, its versions, modes and size", here::state),
    looking("log file", "whether LogFile is, or can become, a log of this driver", here::log),
    looking("way to the host", "the proxy and the certificates in force", here::way),
    asking("connection", "whether the host is reached, and its certificate verifies", host::connection),
    asking("clock", "this computer's clock against the host's", host::clock),
    asking("sign-in", "whose the token is", host::sign_in),
    asking("tables", "one row of each list that tables are made of", host::tables),
    asking("field definitions", "one field of each kind of record", host::definitions),
    asking("limits", "what is left of the day's API tokens", host::limits),
];

impl Doctor {
    /// Runs the checks.
    ///
    /// # Errors
    /// `Findings` for anything worse than a note; `NotFound` for an unknown data source, `Interrupted`.
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        let interrupt = Interrupt::watch()?;
        if self.probe_api {
            return assumptions::run(self.pairs()?, self.yes, &interrupt, output);
        }
        let mut patient = match self.is_named() {
            true => Patient::named(self.pairs()?, interrupt.cancel())?,
            false => Patient::of_this_computer(interrupt.cancel()),
        };
        let report = self.examine(&mut patient, output);
        if interrupt.cancel().is_cancelled() {
            return Err(Failure::new(Kind::Interrupted, "stopped; what was not asked cost nothing"));
        }
        output.value(&report)?;
        verdict(&report)
    }

    const fn is_named(&self) -> bool {
        self.dsn.is_some() || self.connection_string.is_some()
    }

    fn pairs(&self) -> Result<Pairs, Failure> {
        match (&self.dsn, &self.connection_string) {
            (Some(name), _) => Ok(pairs_for(name)),
            (None, Some(text)) => pairs_of(text),
            (None, None) => only_one(),
        }
    }

    fn examine(&self, patient: &mut Patient, output: &Output) -> Report {
        let mut checks = Vec::new();
        let (looking, asking): (Vec<_>, Vec<_>) = CHECKS.iter().partition(|check| !check.asks);
        checks.extend(looking.iter().map(|check| check.examine(patient)));
        let mut announced = Cost::default();
        if !self.offline
            && let Some(settings) = patient.to_ask()
        {
            patient.questions = checkup::questions(settings);
            announced = checkup::price(&patient.questions).into();
            output.note(&format!(
                "Asking the host takes {} requests, {} API tokens by list price (--offline asks nothing).",
                announced.requests, announced.tokens
            ));
            checks.extend(asking.iter().map(|check| check.examine(patient)));
        }
        let findings = checks.iter().flat_map(|check| &check.findings);
        let worst = findings.map(Finding::level).max().unwrap_or(Level::Ok);
        Report { worst, announced, spent: patient.spent(), checks }
    }
}

/// The only data source of this driver; without one, the environment.
fn only_one() -> Result<Pairs, Failure> {
    let names: Vec<_> = dsn::ours().0.into_iter().map(|entry| entry.name).collect();
    match names.as_slice() {
        [] => Ok(Vec::new()),
        [only] => Ok(pairs_for(only)),
        several => {
            let names: Vec<_> = several.iter().map(|name| word(name)).collect();
            Err(Failure::usage(format!("there are several data sources; name one: --dsn {}", names.join(" or "))))
        }
    }
}

impl Check {
    fn examine(&self, patient: &mut Patient) -> Examined {
        let mut findings = (self.run)(patient);
        if let ([only], true) = (patient.connections.as_slice(), self.asks) {
            findings = findings.into_iter().map(|found| found.at(only)).collect();
        }
        Examined { check: self.name, looks_at: self.looks_at, findings }
    }
}

fn verdict(report: &Report) -> Result<(), Failure> {
    if report.worst <= Level::Note {
        return Ok(());
    }
    let counted = |level: Level, word: &str| match report.count(level) {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    let text = format!("{}, {}", counted(Level::Problem, "problem"), counted(Level::Warning, "warning"));
    Err(Failure::new(Kind::Findings, text))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use pipedrive_sql::settings::{Settings, Source};

    use super::*;

    #[test]
    fn checks_have_names_of_their_own_and_those_that_ask_come_last() {
        let names: HashSet<_> = CHECKS.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), CHECKS.len());
        assert!(CHECKS.is_sorted_by_key(|check| check.asks));
    }

    #[test]
    fn the_documentation_has_the_price() {
        let pairs = [("CompanyDomain", "acme"), ("APIToken", "x")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let (settings, _) = Settings::resolve(&[(Source::ConnectionString, pairs)]).unwrap();
        let price = checkup::price(&checkup::questions(&settings));
        let told = format!("{} requests and {} API tokens for all tables", price.requests, price.tokens);
        assert!(include_str!("../../../docs/command.md").contains(&told), "docs/command.md lacks: {told}");
    }

    #[test]
    fn the_documentation_has_every_check() {
        let text = include_str!("../../../docs/command.md");
        for check in CHECKS {
            let row = format!("| {} | {} |", check.name, check.looks_at);
            assert!(text.contains(&row), "docs/command.md lacks: {row}");
        }
    }
}
