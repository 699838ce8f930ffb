//! The sign-in by OAuth that is kept: where, until when, and what it may read.

use pipedrive_sql::auth::OAuthStanding;
use pipedrive_sql::checkup::{self, Question, Subject};
use pipedrive_sql::session::oauth_standing;
use pipedrive_sql::settings::{Settings, StoreLocation};

use super::finding::Finding;
use super::patient::{Connection, Patient};
use super::source::mode;
use crate::signin::{Kept, says_oauth, when};

/// What helps where nothing renews a sign-in.
const ANEW: &str = "sign in anew with `pipedrive-odbc login --oauth`, which keeps what renews it";

/// What is seen of a sign-in.
#[derive(Default)]
struct Seen {
    findings: Vec<Finding>,
    /// Scopes that it lacks; `None` where nobody told its scopes.
    lacking: Option<Vec<&'static str>>,
}

impl From<Vec<Finding>> for Seen {
    fn from(findings: Vec<Finding>) -> Self {
        Self { findings, lacking: None }
    }
}

/// Looks at the sign-ins of connections that use one.
pub(super) fn look(patient: &mut Patient) -> Vec<Finding> {
    let (mut findings, mut lacking) = (Vec::new(), None);
    for one in &patient.connections {
        let seen = match &one.settings {
            Ok(settings) => used(settings, patient),
            Err(_) if says_oauth(&one.sources) => refused(one, patient),
            Err(_) => Seen::default(),
        };
        findings.extend(seen.findings.into_iter().map(|found| found.of_connection(one)));
        lacking = seen.lacking;
    }
    if findings.is_empty() {
        findings.push(Finding::ok("no connection signs in by OAuth"));
    }
    // Of several connections none is asked for anything.
    patient.lacking = lacking;
    findings
}

/// The sign-in of a connection, if it signs in by OAuth.
fn used(settings: &Settings, patient: &Patient) -> Seen {
    match settings.oauth() {
        None => Seen::default(),
        Some(oauth) if !oauth.uses_kept() => {
            vec![Finding::note("InitiateOAuth=OFF: OAuthAccessToken is used as it is given, and nothing renews it")]
                .into()
        }
        Some(_) => found(settings, patient),
    }
}

/// The sign-in of a connection that says OAuth and cannot be made, where what is wrong leaves it to be found.
fn refused(one: &Connection, patient: &Patient) -> Seen {
    let mut findings =
        vec![Finding::note("OAuth would sign in, and cannot: its settings are refused, as is told above")];
    if let Ok((settings, _)) = Settings::resolve_for_oauth(&one.sources) {
        findings.extend(found(&settings, patient).findings);
    }
    findings.into()
}

/// What is kept for a connection.
fn found(settings: &Settings, patient: &Patient) -> Seen {
    match oauth_standing(settings, &patient.call()) {
        Ok(Some(standing)) => kept(settings, settings.oauth().and_then(|oauth| oauth.location()), &standing),
        Ok(None) => vec![Finding::note("no sign-in is kept yet")].into(),
        Err(error) => vec![Finding::error(&error)].into(),
    }
}

fn kept(settings: &Settings, location: Option<&StoreLocation>, standing: &OAuthStanding) -> Seen {
    let mode = match location {
        Some(StoreLocation::File(path)) => mode(path),
        _ => String::new(),
    };
    let (place, end) = (&standing.location, when(&Kept::of(standing)));
    let client = &standing.client_id;
    let mut findings = vec![
        Finding::ok(format!("the sign-in is kept in {place}{mode}, for the application {client}")),
        match standing.renews {
            true => Finding::ok(format!("the access token: {end}")),
            false => Finding::warning(format!("nothing renews the access token: {end}"), ANEW),
        },
    ];
    let scopes = scopes(&checkup::questions(settings), &standing.scopes);
    findings.extend(scopes.findings);
    Seen { findings, lacking: scopes.lacking }
}

/// What the scopes allow, and a finding for each one that is not among them, with the tables that need it.
fn scopes(questions: &[Question], scopes: &[String]) -> Seen {
    if scopes.is_empty() {
        return vec![Finding::note("the server did not tell what the sign-in may read")].into();
    }
    let mut lacks: Vec<Lack> = Vec::new();
    for question in questions.iter().filter(|question| !allows(scopes, question.scope)) {
        match lacks.iter_mut().find(|lack| lack.scope == question.scope && lack.subject == question.subject) {
            Some(lack) => lack.tables.extend(&question.tables),
            None => lacks.push(Lack::of(question)),
        }
    }
    let lacking = lacks.iter().map(|lack| lack.scope).collect();
    let mut findings: Vec<_> = lacks.iter().filter_map(|lack| lack.finding(&lacks)).collect();
    if findings.is_empty() {
        findings.push(Finding::ok(format!("its scopes are enough for every table: {}", scopes.join(", "))));
    }
    Seen { findings, lacking: Some(lacking) }
}

/// A scope that a sign-in lacks for something.
struct Lack {
    scope: &'static str,
    subject: Subject,
    tables: Vec<&'static str>,
}

impl Lack {
    fn of(question: &Question) -> Self {
        Self { scope: question.scope, subject: question.subject, tables: question.tables.clone() }
    }

    /// The finding; `None` where every table is among those that the same scope keeps from being read at all.
    fn finding(&self, all: &[Self]) -> Option<Finding> {
        let is_unread = |table: &str| {
            let mut same = all.iter().filter(|lack| lack.scope == self.scope && lack.subject == Subject::Records);
            self.subject == Subject::Definitions && same.any(|lack| lack.tables.contains(&table))
        };
        let mut tables: Vec<_> = self.tables.iter().copied().filter(|table| !is_unread(table)).collect();
        tables.sort_unstable();
        tables.dedup();
        let (named, scope) = (tables.join(", "), self.scope);
        let cure = format!("{}, or leave the tables out with the property Tables", add(scope));
        match (tables.is_empty(), self.subject) {
            (true, _) => None,
            (false, Subject::Records) => {
                Some(Finding::problem(format!("{named} cannot be read without the scope {scope}"), cure))
            }
            (false, Subject::Definitions) => {
                let text = format!("{named} without custom fields and labels: they need the scope {scope}");
                Some(Finding::warning(text, cure))
            }
        }
    }
}

/// What helps where a scope is missing.
pub(super) fn add(scope: &str) -> String {
    format!(
        "add the scope {scope} to the application in Pipedrive's Developer Hub and sign in anew with `pipedrive-odbc login \
         --oauth`"
    )
}

/// Whether one of the scopes is the needed one, or includes it: whoever may change something may read it.
fn allows(scopes: &[String], needed: &str) -> bool {
    let full = needed.strip_suffix(":read").map(|what| format!("{what}:full"));
    scopes.iter().any(|scope| scope == needed || Some(scope) == full.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_to_change_includes_the_one_to_read() {
        let scopes = ["base", "deals:full", "contacts:read"].map(str::to_owned);
        for (needed, expected) in [
            ("deals:read", true),
            ("contacts:read", true),
            ("contacts:full", false),
            ("products:read", false),
            ("admin", false),
            ("base", true),
        ] {
            assert_eq!(allows(&scopes, needed), expected, "{needed}");
        }
    }
}
