//! The sandbox's own endpoints for the OAuth server: to let time pass, to end tokens, to see what was asked.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::server::Server;
use crate::server::control::refused;

/// `{"seconds": 3600}`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

/// `{"on": true}`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    on: bool,
}

/// `{"scopes": ["deals:read"]}`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    scopes: Vec<String>,
}

/// The routes under `/__oauth`.
pub(in crate::server) fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/__oauth", get(statistics))
        .route("/__oauth/log", get(log))
        .route("/__oauth/advance", post(advance))
        .route("/__oauth/expire", post(expire))
        .route("/__oauth/revoke", post(revoke))
        .route("/__oauth/uninstall", post(uninstall))
        .route("/__oauth/rotate", post(rotate))
        .route("/__oauth/scopes", post(scopes))
        .route("/__oauth/issue", post(issue))
}

async fn statistics(State(server): State<Arc<Server>>) -> Response<Body> {
    Json(server.oauth.stats()).into_response()
}

async fn log(State(server): State<Arc<Server>>) -> Response<Body> {
    Json(server.oauth.records()).into_response()
}

async fn advance(State(server): State<Arc<Server>>, body: Bytes) -> Response<Body> {
    done(&body, |Advance { seconds }| server.oauth.advance(Duration::from_secs(seconds)))
}

async fn expire(State(server): State<Arc<Server>>) -> StatusCode {
    server.oauth.expire_access();
    StatusCode::NO_CONTENT
}

async fn revoke(State(server): State<Arc<Server>>) -> StatusCode {
    server.oauth.revoke_all();
    StatusCode::NO_CONTENT
}

async fn uninstall(State(server): State<Arc<Server>>) -> StatusCode {
    server.oauth.uninstall();
    StatusCode::NO_CONTENT
}

async fn rotate(State(server): State<Arc<Server>>, body: Bytes) -> Response<Body> {
    done(&body, |Switch { on }| server.oauth.rotate(on))
}

async fn scopes(State(server): State<Arc<Server>>, body: Bytes) -> Response<Body> {
    done(&body, |Named { scopes }| server.oauth.grant_scopes(&scopes))
}

/// Answers like `/oauth/token`.
async fn issue(State(server): State<Arc<Server>>, body: Bytes) -> Response<Body> {
    match serde_json::from_slice::<Named>(&body) {
        Ok(Named { scopes }) => {
            let tokens = server.oauth.issue(&scopes);
            ([(header::CONTENT_TYPE, "application/json")], server.oauth.tokens_json(&tokens)).into_response()
        }
        Err(error) => refused(&error),
    }
}

fn done<T: DeserializeOwned>(body: &[u8], act: impl FnOnce(T)) -> Response<Body> {
    match serde_json::from_slice(body) {
        Ok(told) => {
            act(told);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => refused(&error),
    }
}
