//! The OAuth 2.0 server of the account, under `/oauth`: people allow an application, applications get tokens.
//!
//! * `consent`: `/oauth/authorize`, the question to the person and the way back; `page` has its HTML.
//! * `token`: `/oauth/token` and `/oauth/revoke`; `problem` has their refusals.
//! * `grants`: which codes and tokens are good, and for what; `scopes`: what a token may be used for; `clock`: until when.
//! * `form`: names and values; `statistics`: what is counted; `control`: the sandbox's own endpoints under `/__oauth`.
//! * here: the server's state, and a request's way through it.
//!
//! Faults befall these paths only when they are armed for them, `Fault::status(503).on("/oauth/token")` for example: a
//! fault without a path is one of the API. A delay comes before the work, so a client that goes away meanwhile has
//! changed nothing; a body that is cut, or trickles, comes after it: the refresh token is rotated, and nobody knows the
//! new one.
//!
//! Where nobody knows what Pipedrive does, this server decides:
//! * The user is chosen on the page, among those who are active; each question is answered once, within 30 minutes.
//! * A wrong `response_type`, or a challenge other than S256, goes back to the application as RFC 6749 says. A code with
//!   a challenge needs its verifier (RFC 7636); the words of that refusal are made up.
//! * A code that is refused for its address or verifier stays good; an exchanged code ends no tokens when it comes again.
//! * Client id and secret are taken from `Authorization: Basic` only, as they are.
//! * `redirect_uri` that is not there counts as one that is no URI. Parameters that are not there are refused in the
//!   words that are known for `grant_type`.
//! * A refresh ends no access tokens. A user may hold many refresh tokens; to revoke one of them ends all of that user.
//! * A refresh token that was not used for 60 days is refused in the words for a wrong one.
//! * A refresh keeps the scopes of the sign-in, whatever the application has got since.
//! * To revoke what is no good token is a success, as RFC 7009 says.
//! * The grant `exchange_api_token` is known and refused.

mod clock;
mod consent;
pub(in crate::server) mod control;
mod form;
mod grants;
mod page;
mod problem;
mod scopes;
mod statistics;
mod token;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, Response};
use parking_lot::Mutex;

use super::faults::{Fate, Kind};
use super::refusal::Refusal;
use super::reply::Reply;
use super::{Recorded, Server, damage, dictated};
use crate::dataset::{self, Dataset};
use crate::{Application, Config};
use clock::Clock;
use consent::Pending;
use form::{Form, WITHHELD};
use grants::{Grant, Grants, Tokens};
pub(super) use scopes::Scopes;
pub use statistics::OAuthStats;

/// The longest form that is read, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// The OAuth server.
pub(crate) struct Authority {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) application: Application,
    /// The sandbox's own address.
    url: String,
    pub(super) clock: Clock,
    state: Mutex<Now>,
}

/// What changes while it runs.
struct Now {
    grants: Grants,
    /// Questions that wait for their answer, by ticket.
    pending: HashMap<String, Pending>,
    /// What the next sign-in grants.
    scopes: Scopes,
    rotates: bool,
    stats: OAuthStats,
    records: Vec<Recorded>,
    /// Records that were forgotten by resets.
    forgotten: usize,
}

impl Authority {
    pub(super) fn new(config: &Config, url: &str) -> Self {
        let application = config.oauth.clone();
        let made =
            |given: &Option<String>, position| given.clone().unwrap_or_else(|| dataset::secret(config.seed, position));
        let state = Now {
            grants: Grants::default(),
            pending: HashMap::new(),
            scopes: Scopes::new(&application.scopes),
            rotates: application.rotates,
            stats: OAuthStats::default(),
            records: Vec::new(),
            forgotten: 0,
        };
        Self {
            client_id: made(&application.client_id, 3),
            client_secret: made(&application.client_secret, 4),
            application,
            url: url.to_owned(),
            clock: Clock::default(),
            state: Mutex::new(state),
        }
    }

    /// What an access token stands for, with its number; `None` for one that is not good.
    pub(super) fn identify(&self, access: &str) -> Option<(u64, Grant)> {
        self.state.lock().grants.identify(access, self.clock.now())
    }

    /// A text without the client's secret and without any code, token or verifier.
    pub(crate) fn conceal(&self, text: &str) -> String {
        self.state.lock().grants.conceal(&text.replace(&self.client_secret, WITHHELD), WITHHELD)
    }

    /// Tokens for the first user that no sign-in was asked for.
    pub(crate) fn issue<S: AsRef<str>>(&self, scopes: &[S]) -> Tokens {
        let grant = Grant { user: 0, scopes: Scopes::new(scopes) };
        self.state.lock().grants.tokens(grant, self.life(), self.clock.now())
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Ends all access tokens, as their time would.
    pub(crate) fn expire_access(&self) {
        self.state.lock().grants.expire_access();
    }

    /// Ends all access and refresh tokens.
    pub(crate) fn revoke_all(&self) {
        self.state.lock().grants.revoke_all();
    }

    /// Ends what a fault ends, before its request is looked at.
    pub(super) fn suffer(&self, fault: Option<&Kind>) {
        match fault {
            Some(Kind::ExpireAccess) => self.expire_access(),
            Some(Kind::RevokeAll) => self.revoke_all(),
            _ => {}
        }
    }

    /// Ends all tokens, codes and questions.
    pub(crate) fn uninstall(&self) {
        let mut state = self.state.lock();
        state.grants.uninstall();
        state.pending.clear();
    }

    /// Whether a refresh gives a new refresh token.
    pub(crate) fn rotate(&self, on: bool) {
        self.state.lock().rotates = on;
    }

    /// What the next sign-in grants.
    pub(crate) fn grant_scopes<S: AsRef<str>>(&self, scopes: &[S]) {
        self.state.lock().scopes = Scopes::new(scopes);
    }

    /// The counts so far.
    pub(crate) fn stats(&self) -> OAuthStats {
        self.state.lock().stats
    }

    /// The requests so far, oldest first; the form of a `POST` stands in place of a query.
    pub(crate) fn records(&self) -> Vec<Recorded> {
        self.state.lock().records.clone()
    }

    /// Begins to count and to record anew.
    pub(crate) fn reset(&self) {
        let mut state = self.state.lock();
        state.forgotten += state.records.len();
        state.records.clear();
        state.stats = OAuthStats::default();
    }

    /// How long an access token lives, in seconds.
    fn life(&self) -> i64 {
        i64::try_from(self.application.expires_in.as_secs()).unwrap_or(i64::MAX / 2)
    }

    /// The answer to a request; `form` is its query, or what it posts.
    fn answer(&self, parts: &Parts, form: &Form, data: &Dataset) -> Reply {
        match (parts.uri.path(), &parts.method) {
            ("/oauth/authorize", &Method::GET) => self.ask(form, data),
            ("/oauth/authorize", &Method::POST) => self.decide(form, data),
            ("/oauth/token", &Method::POST) => self.token(&parts.headers, form),
            ("/oauth/revoke", &Method::POST) => self.revoke(&parts.headers, form),
            ("/oauth/authorize" | "/oauth/token" | "/oauth/revoke", _) => Reply::refusal(&Refusal::Method, 0),
            _ => Reply::refusal(&Refusal::UnknownPath, 0),
        }
    }

    /// Records a request that arrived; gives its number.
    fn arrive(&self, parts: &Parts, form: &Form) -> usize {
        let query = form.concealed(|text| self.conceal(text));
        let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
        let mut state = self.state.lock();
        state.stats.token_requests += u64::from(path == "/oauth/token");
        state.records.push(Recorded { method, path, query, status: None, tokens: 0 });
        state.forgotten + state.records.len() - 1
    }

    /// Notes the answer to a request.
    fn answered(&self, number: usize, status: u16) {
        let mut state = self.state.lock();
        let Some(place) = number.checked_sub(state.forgotten) else { return };
        if let Some(record) = state.records.get_mut(place) {
            record.status = Some(status);
        }
    }
}

/// Any request under `/oauth`.
pub(super) async fn serve(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    // A body that breaks off, or does not end, is one without parameters.
    let body = axum::body::to_bytes(body, MOST_BYTES).await.unwrap_or_else(|_| Bytes::new());
    let form = match parts.method {
        Method::POST => Form::read(&body),
        _ => Form::read(parts.uri.query().unwrap_or_default().as_bytes()),
    };
    let number = server.oauth.arrive(&parts, &form);
    let Fate { delay, fault } = server.faults.next(parts.uri.path(), parts.uri.query().unwrap_or_default());
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    server.oauth.suffer(fault.as_ref());
    let reply = match fault.as_ref().and_then(dictated) {
        Some((reply, _)) => reply,
        None => server.oauth.answer(&parts, &form, &server.data),
    };
    server.oauth.answered(number, reply.status());
    let moment = server.ledger.look(&server.data).moment();
    server.dated(reply, moment).send(&parts.headers, damage(fault.as_ref()), number, ())
}

#[cfg(test)]
mod tests;
