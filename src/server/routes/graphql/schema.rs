//! `/schema.graphql`: the schema that requests are answered by now, for tools that read it from a file.

use super::refused;
use crate::app::Session;
use crate::app::access::Operation;
use crate::server::Shared;
use crate::server::share::Client;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// Answers with the schema.
pub(in crate::server) async fn schema(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(session): Extension<Session>,
) -> Response {
    if let Err(error) = session.authorize(Operation::Read) {
        return refused(StatusCode::FORBIDDEN, &error.to_string());
    }
    let service = Arc::clone(&shared.service);
    let printed = tokio::task::spawn_blocking(move || service.printed_schema()).await;
    let Ok(text) = printed else {
        return refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the schema cannot be read; the cause is in the log",
        );
    };
    match shared.process.bodies.answer(text.as_bytes().to_vec(), client) {
        Ok(body) => {
            let fields = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))];
            (fields, body).into_response()
        }
        Err(text) => refused(StatusCode::SERVICE_UNAVAILABLE, &text),
    }
}
