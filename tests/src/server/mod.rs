//! The HTTP side: from a request to an answer.
//!
//! A request goes through `faults` (what shall go wrong), `auth`, `endpoints` (which one), `limits` (what it costs),
//! `parameters`, then `list` (in the order of `orders`) or a single row (`rows`, written by `json`), perhaps through
//! `spoil`, and leaves through `reply`. One under `/oauth` goes to `oauth` instead. `refusal` has every answer that says no, `cursor` the cursors, `stats` the
//! counters, `control` the endpoints for edits. Answers are made on the blocking pool.

mod auth;
mod control;
mod cursor;
mod endpoints;
mod faults;
mod json;
mod limits;
mod list;
mod oauth;
mod orders;
mod parameters;
mod refusal;
mod reply;
mod rows;
mod spoil;
mod stats;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::http::{Method, Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use axum::routing::{any, get, post};

pub(crate) use auth::Secrets;
use auth::{Caller, Credential};
use endpoints::{Answer, Endpoint, Table};
pub use faults::Fault;
use faults::{Fate, Faults, Kind};
use json::{Json, Null};
use limits::Limits;
use oauth::Authority;
pub use oauth::OAuthStats;
use orders::Orders;
use parameters::{Parameters, integer};
use refusal::Refusal;
use reply::{Damage, Reply};
use stats::Counters;
pub use stats::{Recorded, Stats};

use crate::Config;
use crate::dataset::{COMPANY, Dataset, Entity, User};
use crate::edits::{Answered, Ledger, Present};

/// Everything that requests need.
pub(crate) struct Server {
    pub(crate) data: Dataset,
    pub(crate) secrets: Secrets,
    pub(crate) counters: Counters,
    pub(crate) faults: Faults,
    pub(crate) ledger: Ledger,
    pub(crate) oauth: Authority,
    limits: Limits,
    tells_limits: bool,
    refuses_admin: bool,
    clock: Option<i64>,
    orders: Orders,
}

/// A request under way; counted out when dropped.
struct Flight(Arc<Server>);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.counters.leave();
    }
}

impl Server {
    /// `url` is where it will be reached.
    pub(crate) fn new(config: &Config, secrets: Secrets, url: &str) -> Self {
        Self {
            data: Dataset::new(config),
            secrets,
            counters: Counters::default(),
            faults: Faults::default(),
            ledger: Ledger::default(),
            oauth: Authority::new(config, url),
            limits: Limits::new(config),
            tells_limits: config.tells_limits,
            refuses_admin: config.refuse_admin,
            clock: config.clock,
            orders: Orders::default(),
        }
    }

    /// The answer to an API request, as far as a fault leaves it whole.
    fn answer(&self, method: &Method, uri: &Uri, credential: Option<Credential>, fault: Option<&Kind>) -> Reply {
        let reading = self.ledger.answer(&self.data);
        // The gateway does not know whose limits to tell.
        let Some(credential) = credential else {
            return self.dated(Reply::refusal(&Refusal::Unauthorized, 0), reading.moment());
        };
        let mut page = None;
        let reply = match self.charged(method, uri, &credential) {
            Err(refusal) => Reply::refusal(&refusal, 0),
            Ok((endpoint, value)) => match self.body(reading.present(), (endpoint, value), uri, (&credential, fault)) {
                Ok(body) => {
                    page = body.page.filter(|_| reading.has_plan());
                    Reply::json(body.json, endpoint.tokens)
                }
                Err(refusal) => Reply::refusal(&refusal, endpoint.tokens),
            },
        };
        let moment = reading.moment();
        drop(reading);
        if let Some(page) = page {
            self.ledger.after_page(&self.data, page);
        }
        self.dated(self.with_limits(reply, credential.caller()), moment)
    }

    /// Finds the endpoint and charges for it.
    fn charged<'a>(
        &self,
        method: &Method,
        uri: &'a Uri,
        credential: &Credential,
    ) -> Result<(&'static Endpoint, &'a str), Refusal> {
        let (endpoint, value) = endpoints::find(uri.path()).ok_or(Refusal::UnknownPath)?;
        if method != Method::GET {
            return Err(Refusal::Method);
        }
        if !credential.allows(endpoint.scopes) || (endpoint.needs_admin() && self.refuses_admin) {
            return Err(Refusal::Scope);
        }
        self.limits.charge(credential.caller(), endpoint.tokens)?;
        Ok((endpoint, value))
    }

    /// The JSON of an endpoint; `value` stands at its placeholder.
    fn body(
        &self,
        data: Present<'_>,
        (endpoint, value): (&'static Endpoint, &str),
        uri: &Uri,
        (credential, fault): (&Credential, Option<&Kind>),
    ) -> Result<Content, Refusal> {
        let invalid = |_| Refusal::Invalid("query", "Invalid query string".to_owned());
        let Query(mut pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(invalid)?;
        match fault {
            Some(Kind::ExpiredCursor) => return Err(Refusal::Invalid("cursor", "The cursor has expired".to_owned())),
            Some(Kind::IgnoreParameter { name }) => pairs.retain(|(given, _)| given != name),
            _ => {}
        }
        let parameters = Parameters::new(endpoint, &pairs)?;
        match endpoint.answer {
            Answer::List(table) => {
                let page = list::page(data, &self.orders, table, &parameters.page()?, fault);
                let answered = table.records().map(|entity| Answered { entity, last: page.last });
                Ok(Content { json: spoil::spoiled(page.body, fault), page: answered })
            }
            Answer::Row(table) => row(data, table, value, &parameters).map(Content::from),
            Answer::Users => Ok(self.users(self.owner(credential)?).into()),
            Answer::Me => Ok(me(self.owner(credential)?).into()),
            Answer::User => Ok(self.user(integer("id", value)?, self.owner(credential)?)?.into()),
        }
    }

    /// The user whose token it is.
    fn owner(&self, credential: &Credential) -> Result<&User, Refusal> {
        self.data.users().nth(credential.user()).ok_or(Refusal::UserNotFound)
    }

    /// All users; `start` and `limit` are ignored, as recorded.
    fn users(&self, you: &User) -> Vec<u8> {
        v1(|json| json.array(|json| self.data.users().for_each(|user| rows::user(json, user, user.id == you.id))))
    }

    /// One user.
    fn user(&self, id: i64, you: &User) -> Result<Vec<u8>, Refusal> {
        let user = self.data.user(id).ok_or(Refusal::UserNotFound)?;
        Ok(v1(|json| rows::user(json, user, user.id == you.id)))
    }

    fn with_limits(&self, reply: Reply, caller: Caller) -> Reply {
        if self.tells_limits { reply.with_limits(self.limits.left(caller)) } else { reply }
    }

    /// The reply with the time that its header tells: this machine's, if that was asked for, or `moment`.
    fn dated(&self, reply: Reply, moment: i64) -> Reply {
        let of_machine = |more| chrono::Utc::now().timestamp() + more + self.oauth.clock.ahead();
        reply.dated(self.clock.map_or(moment, of_machine))
    }
}

/// An answer that a fault dictates, and whether it comes from behind the gateway, which tells the limits; `None` where
/// the fault only breaks the true answer.
fn dictated(fault: &Kind) -> Option<(Reply, bool)> {
    let refusal = match fault {
        Kind::Html { status } => return Some((Reply::html(*status), false)),
        Kind::Unauthorized => return Some((Reply::refusal(&Refusal::Unauthorized, 0), false)),
        Kind::Burst429 => Refusal::Burst,
        Kind::Daily429 => Refusal::Daily,
        Kind::Status { status } => Refusal::Status(*status),
        Kind::RefuseScope => Refusal::Scope,
        _ => return None,
    };
    Some((Reply::refusal(&refusal, 0), true))
}

/// The content of an answer.
struct Content {
    json: Vec<u8>,
    /// It is a page of records, which the edits of a plan follow.
    page: Option<Answered>,
}

impl From<Vec<u8>> for Content {
    fn from(json: Vec<u8>) -> Self {
        Self { json, page: None }
    }
}

/// One row, deleted or archived or neither. It has no `additional_data`, but that of a product has null there.
fn row(data: Present<'_>, table: Table, value: &str, parameters: &Parameters<'_>) -> Result<Vec<u8>, Refusal> {
    let shape = parameters.shape()?;
    let id = match table.fields() {
        Some(entity) => place(data, entity, value)?,
        None => integer("id", value)?,
    };
    let mut row = None;
    let mut json = Json::default();
    json.object(|json| {
        json.member("success", true);
        row = rows::row(json.name("data"), data, table, id, &shape);
        if table == Table::Products {
            json.member("additional_data", Null);
        }
    });
    row.map(|()| json.into_bytes()).ok_or(Refusal::NotFound)
}

/// The place of the field with this code, counted from 1.
fn place(data: Present<'_>, entity: Entity, code: &str) -> Result<i64, Refusal> {
    let position = data.all_fields(entity).iter().position(|field| field.code == code);
    position.and_then(|position| i64::try_from(position + 1).ok()).ok_or(Refusal::NotFound)
}

/// The envelope of v1 around users.
fn v1(data: impl FnOnce(&mut Json)) -> Vec<u8> {
    let mut json = Json::default();
    json.object(|json| {
        json.member("success", true);
        data(json.name("data"));
        json.name("additional_data").object(|json| json.member("company_id", COMPANY.id));
    });
    json.into_bytes()
}

/// The owner of the token.
fn me(user: &User) -> Vec<u8> {
    v1(|json| rows::me(json, user))
}

/// All routes.
pub(crate) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/__stats", get(stats_endpoint))
        .route("/__stats/reset", post(reset_endpoint))
        .route("/__log", get(log_endpoint))
        .route("/__faults", post(arm_endpoint).delete(disarm_endpoint))
        .route("/__edits", post(control::edit))
        .route("/__edits/plan", post(control::plan).delete(control::end_plan))
        .route("/__history", get(control::history))
        .route("/oauth/{*path}", any(oauth::serve))
        .merge(oauth::control::routes())
        .fallback(api)
        .with_state(server)
}

async fn api(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let query = server.oauth.conceal(&server.secrets.conceal(parts.uri.query().unwrap_or_default()));
    let number = server.counters.arrive(parts.method.as_str(), parts.uri.path(), query);
    let flight = Flight(Arc::clone(&server));
    let Fate { delay, fault } = server.faults.next(parts.uri.path(), parts.uri.query().unwrap_or_default());
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let damage = damage(fault.as_ref());
    server.oauth.suffer(fault.as_ref());
    let credential = server.secrets.identify(&parts.headers, &server.oauth);
    let reply = match fault.as_ref().and_then(dictated) {
        Some((reply, tells_limits)) => {
            let caller = credential.as_ref().map_or(Caller::Token, Credential::caller);
            let reply = if tells_limits { server.with_limits(reply, caller) } else { reply };
            server.dated(reply, server.ledger.answer(&server.data).moment())
        }
        None => {
            let (server, method, uri) = (Arc::clone(&server), parts.method, parts.uri);
            let answer = move || server.answer(&method, &uri, credential, fault.as_ref());
            // A panic here is a bug of the sandbox; the client sees a 500.
            let broken = |_| Reply::refusal(&Refusal::Status(500), 0);
            tokio::task::spawn_blocking(answer).await.unwrap_or_else(broken)
        }
    };
    server.counters.answer(number, reply.status(), reply.tokens);
    reply.send(&parts.headers, damage, number, flight)
}

const fn damage(fault: Option<&Kind>) -> Damage {
    match fault {
        Some(Kind::CutBody) => Damage::Cut,
        Some(Kind::CutChunks) => Damage::CutChunks,
        Some(Kind::TruncatedJson) => Damage::Truncated,
        Some(Kind::SlowBytes { millis }) => Damage::Slow(Duration::from_millis(*millis)),
        _ => Damage::None,
    }
}

async fn stats_endpoint(State(server): State<Arc<Server>>) -> Response<Body> {
    axum::Json(server.counters.stats()).into_response()
}

async fn reset_endpoint(State(server): State<Arc<Server>>) -> StatusCode {
    server.counters.reset();
    server.oauth.reset();
    StatusCode::NO_CONTENT
}

async fn log_endpoint(State(server): State<Arc<Server>>) -> Response<Body> {
    axum::Json(server.counters.records()).into_response()
}

/// Takes one fault or an array of them.
async fn arm_endpoint(State(server): State<Arc<Server>>, body: Bytes) -> Response<Body> {
    let many = serde_json::from_slice::<Vec<Fault>>(&body);
    match many.or_else(|_| serde_json::from_slice(&body).map(|fault| vec![fault])) {
        Ok(faults) => {
            faults.into_iter().for_each(|fault| server.faults.arm(fault));
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => {
            (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "text/plain")], error.to_string()).into_response()
        }
    }
}

async fn disarm_endpoint(State(server): State<Arc<Server>>) -> StatusCode {
    server.faults.clear();
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod contract;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_edits;
#[cfg(test)]
mod tests_faults;
#[cfg(test)]
mod tests_plan;
