//! `POST /hooks/NAME`: what other systems report. A message is let in by its signature, and not by a token.

use crate::app::{HeaderOf, HookError, HookMessage, HookOutcome};
use crate::graphql::{self, Code};
use crate::server::Shared;
use crate::server::body::Sender;
use crate::server::connection::activity::Pausing;
use crate::server::share::Client;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::json;
use std::sync::Arc;

/// So many bytes a message may have.
const BYTES_MAX: usize = 1 << 20;

#[derive(Debug)]
struct Headers(HeaderMap);

impl HeaderOf for Headers {
    fn header(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }
}

/// Deals with a message.
pub(in crate::server) async fn post(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let sender = Sender { client, work };
    let received = match shared.process.bodies.receive(&headers, body, BYTES_MAX, &sender).await {
        Ok(received) => received,
        Err((status, reason)) => return refuse(status, &reason),
    };
    let app = Arc::clone(&shared.app);
    let headers = Headers(headers);
    let taken = tokio::task::spawn_blocking(move || {
        app.take_hook(&name, HookMessage { header: &headers, body: &received.bytes })
    });
    match taken.await {
        Ok(Ok(HookOutcome::Done(commit))) => {
            Json(json!({ "outcome": "DONE", "commit": commit.to_string() })).into_response()
        }
        Ok(Ok(HookOutcome::Unmatched)) => {
            (StatusCode::ACCEPTED, Json(json!({ "outcome": "UNMATCHED" }))).into_response()
        }
        Ok(Err(error)) => refused(error),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refused(error: HookError) -> Response {
    let (status, reason) = match error {
        HookError::Unknown(_) => (StatusCode::NOT_FOUND, error.to_string()),
        HookError::Unsigned(_) => (StatusCode::UNAUTHORIZED, error.to_string()),
        HookError::Message(_) => (StatusCode::BAD_REQUEST, error.to_string()),
        HookError::Refused(error) => {
            let (code, fields) = graphql::described(error);
            let message = fields.get("message").and_then(|message| message.as_str()).unwrap_or_default();
            (status(code), message.to_owned())
        }
    };
    refuse(status, &reason)
}

const fn status(code: Code) -> StatusCode {
    match code {
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::Conflict => StatusCode::CONFLICT,
        Code::ShapeViolation => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Timeout | Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn refuse(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "errors": [{ "message": reason }] }))).into_response()
}
