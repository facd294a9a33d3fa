//! `/api/v2/write` and `/write`: InfluxDB line protocol. All good lines of a request are stored; where lines are bad, the
//! answer is InfluxDB's 400 and names them by number.

use super::{Shared, WRITE_BYTES_MAX};
use crate::app;
use crate::telemetry::{self, Precision, Written};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use std::io::Read as _;
use std::sync::Arc;

/// The parameters that count; `org`, `bucket` and `db` are accepted and mean nothing here.
#[derive(Deserialize)]
pub(super) struct Parameters {
    precision: Option<String>,
}

/// Stores the samples of a body.
pub(super) async fn write(
    State(shared): State<Shared>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let precision = match parameters.precision.as_deref() {
        None => Precision::default(),
        Some(name) => match Precision::named(name) {
            Some(precision) => precision,
            None => {
                return refuse(
                    StatusCode::BAD_REQUEST,
                    "invalid",
                    &format!("\"{name}\" is no precision: use ns, us, ms or s"),
                );
            }
        },
    };
    let packed = headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip"));
    // The permit goes with the work, which goes on where the client has gone away.
    let Ok(permit) = Arc::clone(&shared.writes).acquire_owned().await else { return closed() };
    let stored = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let unpacked = if packed { Some(unpack(&body)?) } else { None };
        let lines = unpacked.as_deref().unwrap_or(&body);
        shared.app.ingest_lines(lines, precision).map_err(|error| match error {
            app::Error::Telemetry(telemetry::Error::Precision(message)) => (StatusCode::BAD_REQUEST, message),
            error => {
                tracing::error!(%error, "samples were not stored");
                (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            }
        })
    });
    match stored.await {
        Ok(Ok(written)) => answer(&written),
        Ok(Err((status, message))) => {
            let code = if status == StatusCode::SERVICE_UNAVAILABLE { "unavailable" } else { "invalid" };
            refuse(status, code, &message)
        }
        Err(error) => {
            tracing::error!(%error, "a write panicked");
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "internal error", "the samples were not stored")
        }
    }
}

fn unpack(body: &[u8]) -> Result<Vec<u8>, (StatusCode, String)> {
    let mut unpacked = Vec::new();
    let limit = WRITE_BYTES_MAX as u64 + 1;
    let read = flate2::read::MultiGzDecoder::new(body).take(limit).read_to_end(&mut unpacked);
    match read {
        Ok(size) if size as u64 == limit => {
            let message = format!("the body unpacks to more than {WRITE_BYTES_MAX} bytes: send it in parts");
            Err((StatusCode::PAYLOAD_TOO_LARGE, message))
        }
        Ok(_) => Ok(unpacked),
        Err(error) => Err((StatusCode::BAD_REQUEST, format!("the body is no gzip: {error}"))),
    }
}

fn answer(written: &Written) -> Response {
    let Some(first) = written.rejected.first() else { return StatusCode::NO_CONTENT.into_response() };
    let told: Vec<_> =
        written.rejected.iter().map(|line| format!("line {}: {}", line.line, line.message)).collect();
    let count = written.rejected_count;
    let message = format!(
        "partial write: {count} lines were refused, {} samples stored\n{}",
        written.samples,
        told.join("\n")
    );
    let body = json!({ "code": "invalid", "message": message, "line": first.line, "error": first.message });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

fn closed() -> Response {
    refuse(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the service is closing")
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "code": code, "message": message }))).into_response()
}
