//! What is noted of every request, whatever answers it.

use super::Shared;
use super::metrics::NO_ROUTE;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;

/// Counts a request, and forbids browsers to guess what its answer is.
pub(super) async fn observe(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = request.method().clone();
    let _in_flight = shared.metrics.begin();
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let route = route.as_deref().unwrap_or(NO_ROUTE);
    shared.metrics.answered(route, &method, response.status().as_u16(), began.elapsed());
    response
}
