//! What a check found, and all of it together.

use std::io::{self, Write};

use pipedrive_sql::probe::Price;
use pipedrive_sql::{Error, ErrorKind};
use serde::Serialize;

use super::patient::Connection;
use crate::output::{Show, visible};
use crate::shell::for_data_source;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// Good to know.
    Note,
    /// It works, and should be otherwise.
    Warning,
    /// It does not work.
    Problem,
}

/// One thing that was found. What is worse than a note has its cure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    level: Level,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cure: Option<String>,
}

impl Finding {
    /// As it should be.
    pub(super) fn ok(text: impl Into<String>) -> Self {
        Self { level: Level::Ok, text: text.into(), cure: None }
    }

    /// Good to know.
    pub(super) fn note(text: impl Into<String>) -> Self {
        Self { level: Level::Note, text: text.into(), cure: None }
    }

    /// It works, and should be otherwise.
    pub(super) fn warning(text: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { level: Level::Warning, text: text.into(), cure: Some(cure.into()) }
    }

    /// It does not work.
    pub(super) fn problem(text: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { level: Level::Problem, text: text.into(), cure: Some(cure.into()) }
    }

    /// A problem that the driver would report in these words.
    pub(super) fn error(error: &Error) -> Self {
        Self::problem(error.what(), error.cure().unwrap_or_else(|| usual_cure(error.kind())))
    }

    /// What the driver would warn of. Its warnings are sentences of its own, which say behind the last semicolon what to
    /// do; nothing that a host tells is in them.
    pub(super) fn warned(message: &str) -> Self {
        match message.rsplit_once("; ") {
            Some((text, cure)) => Self::warning(text, cure),
            None => Self::warning(message, usual_cure(ErrorKind::Property)),
        }
    }

    /// The same with a name before it.
    pub(super) fn of(mut self, name: &str) -> Self {
        self.text = format!("{name}: {}", self.text);
        self
    }

    /// The same with the connection's name before it, and commands that can be pasted for its data source.
    pub(super) fn of_connection(self, one: &Connection) -> Self {
        self.at(one).of(&one.label)
    }

    /// The same with commands that can be pasted for the data source of the connection.
    pub(super) fn at(mut self, one: &Connection) -> Self {
        if let Some(entry) = &one.entry {
            self.cure = self.cure.map(|cure| for_data_source(&cure, &entry.name));
        }
        self
    }

    /// How bad it is.
    pub(super) const fn level(&self) -> Level {
        self.level
    }
}

/// What to do about an error that does not say so itself.
const fn usual_cure(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::SignIn => {
            "sign in anew: `pipedrive-odbc login` for an API token, `pipedrive-odbc login --oauth` for OAuth"
        }
        ErrorKind::Forbidden => "ask the administrator of the account for the permission",
        ErrorKind::Network => "check network, proxy and firewall, and CompanyDomain or BaseURL; then try again",
        ErrorKind::Timeout => "try again, or raise LoginTimeout",
        ErrorKind::Account => "check the subscription of the account",
        ErrorKind::Budget => "wait until the next day begins, or use fewer programs with this account",
        ErrorKind::Property => "change or remove the property with: pipedrive-odbc dsn edit",
        _ => "try again; if it stays, please report it",
    }
}

/// A check and what it found.
#[derive(Debug, Serialize)]
pub(super) struct Examined {
    /// Its name.
    pub(super) check: &'static str,
    /// What it looks at.
    pub(super) looks_at: &'static str,
    /// What it found.
    pub(super) findings: Vec<Finding>,
}

/// Everything that was found.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Check by check.
    pub(super) checks: Vec<Examined>,
    /// The worst of it.
    pub(super) worst: Level,
    /// What asking the host was announced to cost.
    pub(super) announced: Cost,
    /// What it cost.
    pub(super) spent: Cost,
}

/// Requests and API tokens.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Cost {
    /// Requests.
    pub(super) requests: u64,
    /// API tokens, by list price.
    pub(super) tokens: u64,
}

impl From<Price> for Cost {
    fn from(price: Price) -> Self {
        Self { requests: price.requests.into(), tokens: price.tokens.into() }
    }
}

impl Report {
    /// Findings of this level.
    pub(super) fn count(&self, level: Level) -> usize {
        self.checks.iter().flat_map(|check| &check.findings).filter(|finding| finding.level == level).count()
    }
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "WARNING",
            Self::Problem => "PROBLEM",
        }
    }
}

impl Show for Report {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        for check in &self.checks {
            writeln!(out, "{}", check.check)?;
            for Finding { level, text, cure } in &check.findings {
                writeln!(out, "  {:<8} {}", level.word(), visible(text))?;
                if let Some(cure) = cure {
                    writeln!(out, "           -> {}", visible(cure))?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cure_is_the_error_s_own_and_no_words_of_a_host() {
        let error = Error::new(ErrorKind::SignIn, "it was refused: a; b");
        let (bare, cured) = (Finding::error(&error), Finding::error(&error.with_cure("copy it again; or wait")));
        assert_eq!(bare.text, "it was refused: a; b");
        assert!(bare.cure.unwrap().contains("pipedrive-odbc login"));
        assert_eq!((&*cured.text, cured.cure.as_deref()), ("it was refused: a; b", Some("copy it again; or wait")));
        let warned = Finding::warned("'a' is unknown; did you mean b?");
        assert_eq!((&*warned.text, warned.cure.as_deref()), ("'a' is unknown", Some("did you mean b?")));
    }

    #[test]
    fn an_error_without_a_cure_gets_that_of_its_kind() {
        for kind in [ErrorKind::SignIn, ErrorKind::Budget, ErrorKind::Account, ErrorKind::Network, ErrorKind::General] {
            let cure = Finding::error(&Error::new(kind, "it failed")).cure.unwrap();
            assert!(cure.len() > 10, "{cure}");
        }
    }
}
