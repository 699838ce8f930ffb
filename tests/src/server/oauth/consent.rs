//! `/oauth/authorize`: the question to the person, and the way back to the application with the answer.

use super::Authority;
use super::form::{Form, with_parameters};
use super::grants::Grant;
use super::page::{self, Question};
use crate::dataset::{Dataset, User};
use crate::server::reply::Reply;

/// Seconds that the page waits for an answer.
const PATIENCE: i64 = 30 * 60;

/// A question that was asked and not yet answered.
#[derive(Debug)]
pub(super) struct Pending {
    redirect_uri: String,
    state: Option<String>,
    challenge: Option<String>,
    dies: i64,
}

/// What becomes of an answer.
enum Outcome {
    /// The browser goes back to the application.
    Back(String),
    /// The browser stays; it goes nowhere that nobody registered.
    Stay(String),
}

impl Authority {
    /// `GET`: asks the person, if the application is known and wants to be told at its registered address.
    pub(super) fn ask(&self, query: &Form, data: &Dataset) -> Reply {
        let (redirect_uri, state) = match self.asker(query) {
            Ok(asker) => asker,
            Err(problem) => return self.stays(&problem),
        };
        let challenge = match asked_for(query) {
            Ok(challenge) => challenge,
            Err(error) => return self.goes_back(redirect_uri, &[("error", error)], state),
        };
        let mut now = self.state.lock();
        let ticket = now.grants.secret();
        let pending = Pending {
            redirect_uri: redirect_uri.to_owned(),
            state: state.map(str::to_owned),
            challenge,
            dies: self.clock.now() + PATIENCE,
        };
        now.pending.insert(ticket.clone(), pending);
        now.stats.pages += 1;
        let question = Question { application: &self.application.name, scopes: &now.scopes, ticket: &ticket };
        Reply::page(200, page::question(&question, active(data)))
    }

    /// `POST`: takes the person's answer to a question, once.
    pub(super) fn decide(&self, form: &Form, data: &Dataset) -> Reply {
        match self.decided(form, data) {
            Outcome::Back(address) => Reply::redirect(address),
            Outcome::Stay(problem) => self.stays(&problem),
        }
    }

    fn decided(&self, form: &Form, data: &Dataset) -> Outcome {
        let position = form.value("user").and_then(|user| user.parse().ok());
        let Some((user, _)) = active(data).find(|(user, _)| Some(*user) == position) else {
            return Outcome::Stay("This user cannot sign in.".to_owned());
        };
        let allows = match form.value("decision") {
            Some("allow") => true,
            Some("deny") => false,
            _ => return Outcome::Stay("The answer has to be Allow or Deny.".to_owned()),
        };
        let now = self.clock.now();
        let mut state = self.state.lock();
        let asked = form.value("ticket").and_then(|ticket| state.pending.remove(ticket));
        let Some(asked) = asked.filter(|asked| now < asked.dies) else {
            let problem = "This page was answered before, or waited too long. Begin again in the application.";
            return Outcome::Stay(problem.to_owned());
        };
        if !allows {
            state.stats.denials += 1;
            return Outcome::Back(back(&asked.redirect_uri, &[("error", "access_denied")], asked.state.as_deref()));
        }
        state.stats.codes += 1;
        let grant = Grant { user, scopes: state.scopes.clone() };
        let code = state.grants.code(grant, &asked.redirect_uri, asked.challenge, now);
        Outcome::Back(back(&asked.redirect_uri, &[("code", &code)], asked.state.as_deref()))
    }

    /// Where the answer goes, and the `state` that goes with it.
    fn asker<'a>(&self, query: &'a Form) -> Result<(&'a str, Option<&'a str>), String> {
        let client = query.value("client_id").ok_or("The address lacks client_id.")?;
        if client != self.client_id {
            return Err(format!("No application has the client id {client}."));
        }
        let redirect_uri = query.value("redirect_uri").ok_or("The address lacks redirect_uri.")?;
        if redirect_uri != self.application.callback {
            let problem = "The redirect_uri has to be the application's callback, letter for letter";
            return Err(format!(
                "{problem}: {} is registered, {redirect_uri} was asked for.",
                self.application.callback
            ));
        }
        Ok((redirect_uri, query.value("state")))
    }

    fn stays(&self, problem: &str) -> Reply {
        self.state.lock().stats.refusals += 1;
        Reply::page(400, page::error(problem))
    }

    fn goes_back(&self, redirect_uri: &str, parameters: &[(&str, &str)], state: Option<&str>) -> Reply {
        self.state.lock().stats.refusals += 1;
        Reply::redirect(back(redirect_uri, parameters, state))
    }
}

/// The challenge, if there is one.
///
/// # Errors
/// What RFC 6749, section 4.1.2.1, calls a request for something else than a code, or with a challenge other than S256.
fn asked_for(query: &Form) -> Result<Option<String>, &'static str> {
    if query.value("response_type").is_some_and(|wanted| wanted != "code") {
        return Err("unsupported_response_type");
    }
    let challenge = query.value("code_challenge");
    if challenge.is_some() && query.value("code_challenge_method") != Some("S256") {
        return Err("invalid_request");
    }
    Ok(challenge.map(str::to_owned))
}

fn back(redirect_uri: &str, parameters: &[(&str, &str)], state: Option<&str>) -> String {
    let state = state.map(|state| ("state", state));
    with_parameters(redirect_uri, &parameters.iter().copied().chain(state).collect::<Vec<_>>())
}

/// Those who can sign in, with their positions.
fn active(data: &Dataset) -> impl Iterator<Item = (usize, &User)> {
    data.users().enumerate().filter(|(_, user)| user.active_flag)
}
