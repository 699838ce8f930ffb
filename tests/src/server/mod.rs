//! The HTTP side: from a request to an answer.
//!
//! A request goes through `faults` (what shall go wrong), `auth`, `endpoints` (which one), `limits` (what it costs),
//! `parameters`, then `list` (in the order of `orders`) or a single row (`rows`, written by `json`), perhaps through
//! `spoil`, and leaves through `reply`. `refusal` has every answer that says no, `cursor` the cursors, `stats` the
//! counters, `control` the endpoints for edits. Answers are made on the blocking pool.

mod auth;
mod control;
mod cursor;
mod endpoints;
mod faults;
mod json;
mod limits;
mod list;
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
use axum::routing::{get, post};

use auth::Credential;
pub(crate) use auth::Secrets;
use endpoints::{Answer, Endpoint, Table};
pub use faults::Fault;
use faults::{Fate, Faults, Kind};
use json::{Json, Null};
use limits::Limits;
use orders::Orders;
use parameters::{Parameters, integer};
use refusal::Refusal;
use reply::{Damage, Reply};
use stats::Counters;
pub use stats::{Recorded, Stats};

use crate::Config;
use crate::dataset::{COMPANY, Dataset, Entity};
use crate::edits::{Answered, Ledger, Present};

/// Everything that requests need.
pub(crate) struct Server {
    pub(crate) data: Dataset,
    pub(crate) secrets: Secrets,
    pub(crate) counters: Counters,
    pub(crate) faults: Faults,
    pub(crate) ledger: Ledger,
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
    pub(crate) fn new(config: &Config, secrets: Secrets) -> Self {
        Self {
            data: Dataset::new(config),
            secrets,
            counters: Counters::default(),
            faults: Faults::default(),
            ledger: Ledger::default(),
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
            return Reply::refusal(&Refusal::Unauthorized, 0).dated(reading.moment());
        };
        let mut page = None;
        let reply = match self.charged(method, uri, credential) {
            Err(refusal) => Reply::refusal(&refusal, 0),
            Ok((endpoint, value)) => match self.body(reading.present(), (endpoint, value), uri, fault) {
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
        self.with_limits(reply, credential).dated(moment)
    }

    /// Finds the endpoint and charges for it.
    fn charged<'a>(
        &self,
        method: &Method,
        uri: &'a Uri,
        credential: Credential,
    ) -> Result<(&'static Endpoint, &'a str), Refusal> {
        let (endpoint, value) = endpoints::find(uri.path()).ok_or(Refusal::UnknownPath)?;
        if method != Method::GET {
            return Err(Refusal::Method);
        }
        if endpoint.is_admin && self.refuses_admin {
            return Err(Refusal::Scope);
        }
        self.limits.charge(credential, endpoint.tokens)?;
        Ok((endpoint, value))
    }

    /// The JSON of an endpoint; `value` stands at its placeholder.
    fn body(
        &self,
        data: Present<'_>,
        (endpoint, value): (&'static Endpoint, &str),
        uri: &Uri,
        fault: Option<&Kind>,
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
            Answer::Users => Ok(self.users().into()),
            Answer::Me => self.user(None).map(Content::from),
            Answer::User => self.user(Some(integer("id", value)?)).map(Content::from),
        }
    }

    /// All users; `start` and `limit` are ignored, as recorded.
    fn users(&self) -> Vec<u8> {
        v1(|json| json.array(|json| self.data.users().for_each(|user| rows::user(json, user))))
    }

    /// One user, or the owner of the token.
    fn user(&self, id: Option<i64>) -> Result<Vec<u8>, Refusal> {
        match id {
            Some(id) => {
                let user = self.data.user(id).ok_or(Refusal::UserNotFound)?;
                Ok(v1(|json| rows::user(json, user)))
            }
            None => {
                let user = self.data.users().next().ok_or(Refusal::UserNotFound)?;
                Ok(v1(|json| rows::me(json, user)))
            }
        }
    }

    /// An answer that a fault dictates; `None` where the fault only breaks the true one.
    fn dictated(&self, fault: &Kind, credential: Option<Credential>) -> Option<Reply> {
        let refusal = match fault {
            Kind::Html { status } => return Some(Reply::html(*status)),
            Kind::Unauthorized => return Some(Reply::refusal(&Refusal::Unauthorized, 0)),
            Kind::Burst429 => Refusal::Burst,
            Kind::Daily429 => Refusal::Daily,
            Kind::Status { status } => Refusal::Status(*status),
            Kind::RefuseScope => Refusal::Scope,
            _ => return None,
        };
        Some(self.with_limits(Reply::refusal(&refusal, 0), credential.unwrap_or(Credential::Token)))
    }

    fn with_limits(&self, reply: Reply, credential: Credential) -> Reply {
        if self.tells_limits { reply.with_limits(self.limits.left(credential)) } else { reply }
    }
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
        .fallback(api)
        .with_state(server)
}

async fn api(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let query = server.secrets.conceal(parts.uri.query().unwrap_or_default());
    let number = server.counters.arrive(parts.method.as_str(), parts.uri.path(), query);
    let flight = Flight(Arc::clone(&server));
    let Fate { delay, fault } = server.faults.next(parts.uri.path(), parts.uri.query().unwrap_or_default());
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let damage = damage(fault.as_ref());
    let credential = server.secrets.identify(&parts.headers);
    let reply = match fault.as_ref().and_then(|fault| server.dictated(fault, credential)) {
        Some(reply) => reply.dated(server.ledger.answer(&server.data).moment()),
        None => {
            let (server, method, uri) = (Arc::clone(&server), parts.method, parts.uri);
            let answer = move || server.answer(&method, &uri, credential, fault.as_ref());
            // A panic here is a bug of the sandbox; the client sees a 500.
            let broken = |_| Reply::refusal(&Refusal::Status(500), 0);
            tokio::task::spawn_blocking(answer).await.unwrap_or_else(broken)
        }
    };
    let reply = match server.clock {
        Some(more) => reply.dated(chrono::Utc::now().timestamp() + more),
        None => reply,
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
