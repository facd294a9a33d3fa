//! What the command line asks a service for, with the answers that it prints.

pub(super) mod history;
pub(super) mod resource;

use super::parameters::Parameters;
use super::refusal::Refusal;
use crate::app::Error;
use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Reads how many are asked for.
fn limit(given: &Parameters, default: usize, max: usize) -> Result<usize, Refusal> {
    let limit = given.value("limit")?.unwrap_or(default);
    if (1..=max).contains(&limit) { Ok(limit) } else { Err(Refusal::bad(format!("limit is 1 to {max}"))) }
}

/// Returns the version that is read where none is named.
fn main() -> String {
    "main".to_owned()
}

/// Reads on a thread that may wait, and answers in JSON.
async fn answer<T: Serialize + Send + 'static>(
    read: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Response {
    match tokio::task::spawn_blocking(read).await.map_err(Refusal::failed) {
        Ok(Ok(report)) => Json(report).into_response(),
        Ok(Err(error)) => Refusal::from(error).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
