//! `/metrics`: what the service counts, for Prometheus. For principals that may read it.

use crate::app::{Error, Session};
use crate::server::Shared;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// Answers with all metrics, in the format of OpenMetrics where the client takes it, else in that of Prometheus.
pub(in crate::server) async fn get(
    State(shared): State<Shared>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let is_open_metrics = accepted.any(|accept| accept.contains("application/openmetrics-text"));
    let figures = match tokio::task::spawn_blocking(move || session.figures()).await {
        Ok(Ok(figures)) => figures,
        Ok(Err(error @ Error::Forbidden(_))) => {
            return (StatusCode::FORBIDDEN, format!("{error}\n")).into_response();
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the figures cannot be read");
            let text = "the figures cannot be read; the cause is in the log\n";
            return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        }
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    match shared.metrics.text(&figures, &shared.places(), is_open_metrics) {
        Ok((kind, text)) => {
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
