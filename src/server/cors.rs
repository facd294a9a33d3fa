//! Lets pages of configured origins read answers (the CORS protocol of the Fetch standard). [`super::guard`] has refused all others before.

use super::Shared;
use super::origins::is_configured;
use crate::app::ServerSettings;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What pages may send, and may read beside the body.
const METHODS: &str = "GET, POST";
const SENT: &str = "authorization, content-type, accept";
const READ: &str = "retry-after, throughline-commit, throughline-note, www-authenticate";
/// For how many seconds a browser need not ask again.
const ASKED_FOR: &str = "600";

/// Answers what a browser asks before it sends a request of a page, and marks answers for pages of configured origins.
pub(super) async fn cors(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let settings = &shared.app.settings().server;
    let Some(origin) = allowed(settings, request.headers()) else { return next.run(request).await };
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match is_preflight {
        true => preflight(),
        false => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
}

/// Returns the origin of a request where it is one of those configured.
fn allowed(settings: &ServerSettings, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let is_allowed = origin.to_str().is_ok_and(|origin| is_configured(settings, origin));
    is_allowed.then(|| origin.clone())
}

fn preflight() -> Response {
    let fields = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, SENT),
        (header::ACCESS_CONTROL_MAX_AGE, ASKED_FOR),
    ];
    (StatusCode::NO_CONTENT, fields).into_response()
}
