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

/// Looks at the sign-ins of connections that use one.
pub(super) fn look(patient: &mut Patient) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in &patient.connections {
        let found = match &one.settings {
            Ok(settings) => used(settings, patient),
            Err(_) if says_oauth(&one.sources) => refused(one, patient),
            Err(_) => Vec::new(),
        };
        findings.extend(found.into_iter().map(|found| found.of_connection(one)));
    }
    if findings.is_empty() {
        findings.push(Finding::ok("no connection signs in by OAuth"));
    }
    findings
}

/// The sign-in of a connection, if it signs in by OAuth.
fn used(settings: &Settings, patient: &Patient) -> Vec<Finding> {
    match settings.oauth() {
        None => Vec::new(),
        Some(oauth) if !oauth.uses_kept() => {
            vec![Finding::note("InitiateOAuth=OFF: OAuthAccessToken is used as it is given, and nothing renews it")]
        }
        Some(_) => found(settings, patient),
    }
}

/// The sign-in of a connection that says OAuth and cannot be made, where what is wrong leaves it to be found.
fn refused(one: &Connection, patient: &Patient) -> Vec<Finding> {
    let mut findings =
        vec![Finding::note("OAuth would sign in, and cannot: its settings are refused, as is told above")];
    if let Ok((settings, _)) = Settings::resolve_for_oauth(&one.sources) {
        findings.extend(found(&settings, patient));
    }
    findings
}

/// What is kept for a connection.
fn found(settings: &Settings, patient: &Patient) -> Vec<Finding> {
    match oauth_standing(settings, &patient.call()) {
        Ok(Some(standing)) => kept(settings, settings.oauth().and_then(|oauth| oauth.location()), &standing),
        Ok(None) => vec![Finding::note("no sign-in is kept yet")],
        Err(error) => vec![Finding::error(&error)],
    }
}

fn kept(settings: &Settings, location: Option<&StoreLocation>, standing: &OAuthStanding) -> Vec<Finding> {
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
    findings.extend(scopes(settings, standing));
    findings
}

/// What the scopes allow, and a finding for each table and scope that is not among them.
fn scopes(settings: &Settings, standing: &OAuthStanding) -> Vec<Finding> {
    if standing.scopes.is_empty() {
        return vec![Finding::note("the server did not tell what the sign-in may read")];
    }
    let questions = checkup::questions(settings);
    let lacking = questions.iter().filter(|question| !allows(&standing.scopes, question.scope));
    let mut findings: Vec<Finding> = Vec::new();
    for question in lacking {
        for found in question.tables.iter().map(|table| lacks(table, question)) {
            if !findings.contains(&found) {
                findings.push(found);
            }
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok(format!("its scopes are enough for every table: {}", standing.scopes.join(", "))));
    }
    findings
}

/// Whether one of the scopes is the needed one, or includes it: whoever may change something may read it.
fn allows(scopes: &[String], needed: &str) -> bool {
    let full = needed.strip_suffix(":read").map(|what| format!("{what}:full"));
    scopes.iter().any(|scope| scope == needed || Some(scope) == full.as_ref())
}

fn lacks(table: &str, question: &Question) -> Finding {
    let scope = question.scope;
    let cure = format!(
        "add the scope {scope} to the application in Pipedrive's Developer Hub and sign in anew with `pipedrive-odbc login \
         --oauth`, or leave the table out with the property Tables"
    );
    match question.subject {
        Subject::Records => Finding::problem(format!("{table} cannot be read without the scope {scope}"), cure),
        Subject::Definitions => {
            Finding::warning(format!("{table} has no custom fields and labels without the scope {scope}"), cure)
        }
    }
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
