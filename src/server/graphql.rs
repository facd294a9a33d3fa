//! `/graphql`: the GraphQL-over-HTTP specification's side of HTTP.

use super::{Shared, socket};
use crate::graphql::{Answer, Manner, Query};
use crate::model::utf8;
use axum::body::Bytes;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query as Parameters, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// Answers a request whose body is JSON.
pub(super) async fn post(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(manner) = manner(&headers, false) else { return not_acceptable() };
    let content = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = content.split(';').next().unwrap_or("").trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        let text = "send the request as application/json";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, text).into_response();
    }
    let body = match utf8::without_mark(&body) {
        Ok(body) => body.to_vec(),
        Err(error) => return (StatusCode::BAD_REQUEST, format!("the body {error}")).into_response(),
    };
    let Some(turn) = turn(&shared).await else { return closing() };
    respond(Arc::clone(&shared.service).handle(body, manner, turn).await)
}

/// The parameters of a GET.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
}

/// Answers a query in the URL, or takes a WebSocket; mutations need POST.
pub(super) async fn get(
    State(shared): State<Shared>,
    headers: HeaderMap,
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    if let Ok(upgrade) = socket {
        return socket::upgrade(upgrade, shared);
    }
    let Some(manner) = manner(&headers, true) else { return not_acceptable() };
    let variables = match asked.variables.as_deref().map(serde_json::from_str).transpose() {
        Ok(variables) => variables.unwrap_or_default(),
        Err(error) => {
            return (StatusCode::BAD_REQUEST, format!("\"variables\" is no JSON: {error}")).into_response();
        }
    };
    let query =
        Query { query: asked.query, operation_name: asked.operation_name, variables, ..Query::default() };
    let Some(turn) = turn(&shared).await else { return closing() };
    respond(Arc::clone(&shared.service).handle_query(query, manner, turn).await)
}

/// Waits for a turn; `None` where the service closes.
async fn turn(shared: &Shared) -> Option<OwnedSemaphorePermit> {
    Arc::clone(&shared.queries).acquire_owned().await.ok()
}

fn closing() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "the service is closing").into_response()
}

fn manner(headers: &HeaderMap, read_only: bool) -> Option<Manner> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    Manner::accepting(accept, read_only)
}

fn not_acceptable() -> Response {
    let text = "answers are application/graphql-response+json or application/json";
    (StatusCode::NOT_ACCEPTABLE, text).into_response()
}

fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media_type = HeaderValue::from_static(answer.media_type);
    (status, [(header::CONTENT_TYPE, media_type)], answer.body).into_response()
}
