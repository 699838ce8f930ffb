//! What the host is asked, and what its answers mean. An answer that the next ones would repeat ends the asking.

use std::path::Path;

use pipedrive_sql::checkup::{Account, Question, Subject, Visit};
use pipedrive_sql::{Error, ErrorKind};

use super::finding::Finding;
use super::oauth;
use super::patient::Patient;

/// Seconds by which clocks may differ before TLS and sign-ins suffer.
const TOLERANCE: u64 = 60;

/// Reaches the host, which is signing in.
pub(super) fn connection(patient: &mut Patient) -> Vec<Finding> {
    let call = patient.call();
    let prepared = patient.to_ask().map(|settings| Visit::prepare(settings, &call));
    let mut visit = match prepared {
        Some(Ok(visit)) => visit,
        Some(Err(error)) => {
            patient.is_over = true;
            return vec![unprepared(&error)];
        }
        None => return vec![not_asked()],
    };
    let account = visit.sign_in(&call);
    patient.visit = Some(visit);
    patient.is_over = account.is_err();
    let finding = match &account {
        Err(error) if is_of_the_way(error) => Finding::error(error),
        Ok(account) => Finding::ok(format!("{} answers", account.host)),
        Err(_) => Finding::ok("the host answers"),
    };
    patient.account = Some(account);
    vec![finding]
}

/// Without a token nothing is sent; that there is none was told by the check of the token.
fn unprepared(error: &Error) -> Finding {
    match error.kind() {
        ErrorKind::Network => Finding::error(error),
        _ => Finding::note("not asked, since there is no token that may be sent there"),
    }
}

fn is_of_the_way(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout)
}

fn not_asked() -> Finding {
    Finding::note("not asked, for what is told above")
}

/// Compares the clocks.
pub(super) fn clock(patient: &mut Patient) -> Vec<Finding> {
    let Some(ahead) = patient.visit.as_ref().and_then(Visit::ahead) else {
        return vec![Finding::note("the host told no time")];
    };
    let (seconds, way) = (ahead.unsigned_abs(), if ahead < 0 { "behind" } else { "ahead of" });
    if seconds <= TOLERANCE {
        return vec![Finding::ok(format!("this computer's clock is {seconds} s {way} the host's"))];
    }
    let text = format!("this computer's clock is {seconds} s {way} the host's: certificates and sign-ins can fail");
    let has_systemd = Path::new("/run/systemd/system").is_dir();
    vec![Finding::warning(text, set_clock(std::env::consts::OS, has_systemd))]
}

/// How the clock is set and kept on this system.
fn set_clock(system: &str, has_systemd: bool) -> &'static str {
    match system {
        "linux" if has_systemd => "set the clock, and have it kept: timedatectl set-ntp true",
        "macos" => "set the clock, and have it kept: System Settings > General > Date & Time",
        "windows" => "set the clock, and have it kept: Settings > Time & language, or w32tm /resync",
        _ => "set the clock, and have it kept by a time service such as chrony; a container has the clock of its host",
    }
}

/// Tells whose the token is.
pub(super) fn sign_in(patient: &mut Patient) -> Vec<Finding> {
    match &patient.account {
        Some(Ok(account)) => signed_in(account),
        Some(Err(error)) if !is_of_the_way(error) => vec![Finding::error(error)],
        _ => vec![not_asked()],
    }
}

fn signed_in(account: &Account) -> Vec<Finding> {
    let me = &account.me;
    let company = format!("company {} ({}) at {}", me.company_name, me.company_domain, account.host);
    let user = format!("user {} ({}), time zone {}", me.name, me.email, me.timezone_name);
    let admin = match me.is_admin {
        Some(true) => Finding::ok("the user is an administrator of the account"),
        Some(false) => Finding::note(
            "the user is no administrator of the account: tables have the records that the user may see, and \
             definitions of activities may be refused",
        ),
        None => Finding::note("Pipedrive does not tell whether the user is an administrator"),
    };
    vec![Finding::ok(company), Finding::ok(user), admin]
}

/// Asks for one row of each list.
pub(super) fn tables(patient: &mut Patient) -> Vec<Finding> {
    let way = Way::of(patient);
    ask(patient, Subject::Records, "can be read", |question, error| {
        let text = format!("{}: {}", question.tables.join(", "), way.words(error));
        Finding::problem(text, format!("{}, or leave the tables out with the property Tables", way.cure(question)))
    })
}

/// Asks for one field of each kind of record.
pub(super) fn definitions(patient: &mut Patient) -> Vec<Finding> {
    let way = Way::of(patient);
    ask(patient, Subject::Definitions, "have their custom fields and labels", |question, error| {
        let tables = question.tables.join(", ");
        let text = format!("{tables} without custom fields and labels: {}", way.words(error));
        Finding::warning(text, way.cure(question))
    })
}

/// By what the connection signs in, on which it depends what helps against a refusal.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// An API token.
    Token,
    /// OAuth: a scope that is missing was told already, so that it is the user's permission.
    KnownScopes,
    /// OAuth, and nobody told the scopes.
    UnknownScopes,
}

/// What helps where a user lacks a permission.
const PERMISSION: &str = "give the user who signed in the permission in Pipedrive, or sign in as one who has it with \
                          `pipedrive-odbc login --oauth`";

impl Way {
    fn of(patient: &Patient) -> Self {
        match (patient.is_of_oauth(), &patient.lacking) {
            (false, _) => Self::Token,
            (true, Some(_)) => Self::KnownScopes,
            (true, None) => Self::UnknownScopes,
        }
    }

    /// The words of a refusal; those about the scope are left out where the cure has better ones.
    fn words(self, error: &Error) -> String {
        match self {
            Self::Token => error.message().to_owned(),
            Self::KnownScopes | Self::UnknownScopes => error.what().to_owned(),
        }
    }

    fn cure(self, question: &Question) -> String {
        let scope = question.scope;
        match (self, question.subject) {
            (Self::Token, Subject::Records) => format!("grant the scope {scope} and the permission in Pipedrive"),
            (Self::Token, Subject::Definitions) => {
                format!("grant the scope {scope}, or have a user with that permission make the token")
            }
            (Self::KnownScopes, _) => PERMISSION.to_owned(),
            (Self::UnknownScopes, _) => format!("{}; where that is so, {PERMISSION}", oauth::add(scope)),
        }
    }
}

/// Asks the questions about `subject`. A refusal concerns its tables alone; any other error concerns all that follows.
fn ask(
    patient: &mut Patient,
    subject: Subject,
    good: &str,
    refused: impl Fn(&Question, &Error) -> Finding,
) -> Vec<Finding> {
    let questions: Vec<_> = patient.questions.iter().filter(|question| question.subject == subject).cloned().collect();
    let (mut fine, mut bad, mut findings) = (Vec::<&str>::new(), Vec::<&str>::new(), Vec::new());
    // Refused for a scope of which the check of the sign-in has told.
    let mut told = Vec::<&str>::new();
    // One list may have trouble of its own; a second failure in a row is the host's.
    let mut has_failed = false;
    for question in &questions {
        let call = patient.call();
        let Some(visit) = patient.visit.as_ref().filter(|_| !patient.is_over) else { break };
        let Err(error) = visit.ask(question, &call) else {
            fine.extend(&question.tables);
            has_failed = false;
            continue;
        };
        bad.extend(&question.tables);
        if error.kind() == ErrorKind::Forbidden {
            match patient.lacking.as_ref().is_some_and(|lacking| lacking.contains(&question.scope)) {
                true => told.extend(&question.tables),
                false => findings.push(refused(question, &error)),
            }
            has_failed = false;
        } else {
            findings.push(Finding::error(&error).of(&question.tables.join(", ")));
            let again = std::mem::replace(&mut has_failed, error.kind() == ErrorKind::Network);
            patient.is_over = ends(&error) || (again && has_failed);
        }
    }
    // A table of two lists is fine when both are.
    fine.retain(|table| !bad.contains(table));
    if !fine.is_empty() {
        findings.insert(0, Finding::ok(format!("{} {good}", once(fine))));
    }
    if !told.is_empty() {
        let text =
            format!("{}: refused for want of the scopes that the OAuth sign-in lacks, as is told above", once(told));
        findings.push(Finding::note(text));
    }
    if patient.is_over {
        findings.push(not_asked());
    }
    findings
}

/// The tables, each named once.
fn once(tables: Vec<&str>) -> String {
    let mut named = Vec::new();
    for table in tables {
        if !named.contains(&table) {
            named.push(table);
        }
    }
    named.join(", ")
}

/// Whether the next request would meet the same error.
fn ends(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::SignIn | ErrorKind::Account | ErrorKind::Budget | ErrorKind::Timeout | ErrorKind::Cancelled
    )
}

/// Tells what is left of the limits.
pub(super) fn limits(patient: &mut Patient) -> Vec<Finding> {
    let Some(visit) = &patient.visit else { return vec![not_asked()] };
    let limits = visit.limits();
    let mut findings = vec![match (limits.left, limits.day) {
        (Some(left), Some(day)) => Finding::ok(format!(
            "{left} of {day} API tokens are left of the company's day; ReserveTokens={} keeps {} of them",
            limits.reserve,
            limits.reserve.of(limits.day)
        )),
        (Some(left), None) => Finding::ok(format!("{left} API tokens are left of the company's day")),
        (None, _) => Finding::note("the host does not tell what is left of the company's day"),
    }];
    findings.push(match limits.burst {
        Some(burst) => Finding::ok(format!("{burst} requests are allowed in two seconds")),
        None => Finding::note("the host does not tell how many requests are allowed in two seconds: four go at once"),
    });
    if let Some(Ok(account)) = &patient.account {
        findings.extend(account.warnings.iter().map(|warning| Finding::warned(&warning.message)));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_set_by_what_the_system_has() {
        for (system, has_systemd, part) in [
            ("linux", true, "timedatectl"),
            ("linux", false, "chrony"),
            ("macos", false, "System Settings"),
            ("windows", false, "w32tm"),
        ] {
            let cure = set_clock(system, has_systemd);
            assert!(cure.contains(part) && cure.starts_with("set the clock"), "{system}: {cure}");
            assert_eq!(cure.contains("timedatectl"), has_systemd, "{system}: {cure}");
        }
    }
}
