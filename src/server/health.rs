//! `/health` and `/ping`, as clients of InfluxDB's APIs expect them.

use super::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use serde_json::{Value, json};

/// Tells that the service answers, and what it holds; it fails where nothing can be written until a restart.
pub(super) async fn health(State(shared): State<Shared>) -> (StatusCode, Json<Value>) {
    let head = tokio::task::spawn_blocking(move || {
        let commit = shared.app.snapshot("main")?.commit().id.to_string();
        let watermark = shared.app.view(None)?.watermark().to_string();
        let writable = shared.app.repository().is_writable() && shared.app.telemetry().is_writable();
        Ok::<_, crate::app::Error>((commit, watermark, writable))
    });
    let (status, body) = match head.await {
        Ok(Ok((_, _, false))) => {
            fail("an earlier write failed: restart the service, which checks what is there")
        }
        Ok(Ok((commit, watermark, true))) => (
            StatusCode::OK,
            json!({
                "name": "throughline",
                "status": "pass",
                "message": "ready for queries and writes",
                "checks": [],
                "version": env!("CARGO_PKG_VERSION"),
                "commit": commit,
                "watermark": watermark,
            }),
        ),
        failed => {
            tracing::error!(?failed, "the thread cannot be read");
            fail("the thread cannot be read")
        }
    };
    (status, Json(body))
}

fn fail(message: &str) -> (StatusCode, Value) {
    let body = json!({ "name": "throughline", "status": "fail", "message": message, "checks": [] });
    (StatusCode::SERVICE_UNAVAILABLE, body)
}

/// Answers with 204 and the version headers that InfluxDB clients look for.
pub(super) async fn ping() -> (StatusCode, [(HeaderName, &'static str); 2]) {
    let headers = [
        (HeaderName::from_static("x-influxdb-build"), "throughline"),
        (HeaderName::from_static("x-influxdb-version"), env!("CARGO_PKG_VERSION")),
    ];
    (StatusCode::NO_CONTENT, headers)
}
