//! Lets pages of configured origins read answers (the CORS protocol of the Fetch standard). [`super::refusal`] has refused all others before.

use super::is_configured;
use crate::app::ServerSettings;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What pages may send, and may read beside the body.
const METHODS: &str = "GET, POST, PUT, DELETE";
const SENT: &str = "authorization, content-type, accept, if-match, configuration-context, oslc-core-version";
const READ: &str = "retry-after, throughline-commit, throughline-note, www-authenticate, etag, location, link, oslc-core-version";
/// For how many seconds a browser need not ask again.
const ASKED_FOR: &str = "600";

/// Returns whether a browser asks what it may send before it sends a request of a page.
pub(in crate::server) fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Marks an answer for the pages of a configured origin.
pub(in crate::server) fn mark(mut response: Response, origin: HeaderValue) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
}

/// Returns the origin of a request where it is one of those configured.
pub(in crate::server) fn allowed(settings: &ServerSettings, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let is_allowed = origin.to_str().is_ok_and(|origin| is_configured(settings, origin));
    is_allowed.then(|| origin.clone())
}

/// Answers what a browser asks before it sends a request of a page.
pub(in crate::server) fn preflight() -> Response {
    let fields = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, SENT),
        (header::ACCESS_CONTROL_MAX_AGE, ASKED_FOR),
    ];
    (StatusCode::NO_CONTENT, fields).into_response()
}
