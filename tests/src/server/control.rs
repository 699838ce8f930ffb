//! The sandbox's own endpoints for edits: to do them, to plan them, to see what happened.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;

use super::Server;
use crate::edits::{Edit, EditPlan};

/// Does one edit or an array of them, up to the first that is refused; gives what happened.
pub(super) async fn edit(State(server): State<Arc<Server>>, body: Bytes) -> Response<Body> {
    let edits = match one_or_many::<Edit>(&body) {
        Ok(edits) => edits,
        Err(error) => return refused(&error),
    };
    let done: Result<Vec<_>, _> = edits.into_iter().map(|edit| server.ledger.edit(&server.data, edit)).collect();
    match done {
        Ok(changes) => Json(changes).into_response(),
        Err(error) => refused(&error),
    }
}

/// Begins a plan.
pub(super) async fn plan(State(server): State<Arc<Server>>, body: Bytes) -> Response<Body> {
    match serde_json::from_slice(&body) {
        Ok(plan) => {
            server.ledger.plan(plan);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => refused(&error),
    }
}

/// Ends the plan that runs.
pub(super) async fn end_plan(State(server): State<Arc<Server>>) -> StatusCode {
    server.ledger.plan(EditPlan::default());
    StatusCode::NO_CONTENT
}

/// What happened so far.
pub(super) async fn history(State(server): State<Arc<Server>>) -> Response<Body> {
    Json(server.ledger.history()).into_response()
}

/// A value or an array of values.
///
/// # Errors
/// Those of the form that the text seems to have.
pub(super) fn one_or_many<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<Vec<T>> {
    if body.trim_ascii_start().starts_with(b"[") {
        return serde_json::from_slice(body);
    }
    serde_json::from_slice(body).map(|one| vec![one])
}

/// 400 with the reason as text.
pub(super) fn refused(error: &impl std::fmt::Display) -> Response<Body> {
    (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "text/plain")], error.to_string()).into_response()
}
