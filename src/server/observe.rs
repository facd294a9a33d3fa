//! What is noted of every request, whatever answers it: its id, its count, and its entry in the log.

use super::Shared;
use super::auth::{Peer, Who};
use super::metrics::{InFlight, NO_ROUTE};
use crate::app::ThreadName;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use std::time::{Duration, Instant};
use tracing::Span;

/// The header with the id of a request, in both directions.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is taken from a client.
const ID_BYTES_MAX: usize = 64;

/// A request under way, with what is noted of it.
pub(super) struct Observed {
    began: Instant,
    id: String,
    route: Option<MatchedPath>,
    method: Method,
    asked: Option<LoggedRequest>,
    span: Span,
    _in_flight: InFlight,
}

impl Observed {
    /// Begins to observe a request.
    pub(super) fn begin(shared: &Shared, request: &Request) -> Self {
        let id = given_id(request.headers()).unwrap_or_else(|| shared.app.clock().new_id().to_string());
        Self {
            began: Instant::now(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            method: request.method().clone(),
            asked: shared.app.settings().log.requests.then(|| LoggedRequest::of(shared, request)),
            span: tracing::error_span!(
                "request",
                id = id.as_str(),
                thread = shared.mount.name().map(ThreadName::as_str)
            ),
            id,
            _in_flight: shared.metrics.begin(),
        }
    }

    /// Returns the span of the request: all that is logged within it carries its id.
    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Counts the request, logs it where that is wanted, and forbids browsers to guess what its answer is.
    pub(super) fn end(self, shared: &Shared, mut response: Response) -> Response {
        let Self { began, id, route, method, asked, span, .. } = self;
        let headers = response.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.extend(HeaderValue::try_from(id).ok().map(|id| (REQUEST_ID, id)));
        let took = began.elapsed();
        let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
        shared.metrics.answered(route, &method, response.status().as_u16(), took);
        // GraphQL names its operation instead, with the hash of the document.
        let is_slow = route != "/graphql" && shared.is_slow(took);
        if asked.is_some() || is_slow {
            let _entered = span.enter();
            if let Some(asked) = asked {
                asked.log(&response, took);
            }
            if is_slow {
                tracing::warn!(target: "throughline::slow", route, seconds = took.as_secs_f64(), "a slow request");
            }
        }
        response
    }
}

/// What the log has of a request: no query of its URL, no header and nothing of its body.
struct LoggedRequest {
    method: Method,
    path: String,
    client: Option<Peer>,
}

impl LoggedRequest {
    fn of(shared: &Shared, request: &Request) -> Self {
        let (method, path) = (request.method().clone(), shared.mount.path(request.uri().path()));
        Self { method, path, client: request.extensions().get::<Peer>().copied() }
    }

    fn log(self, response: &Response, took: Duration) {
        let client = self.client.map(|client| client.0.to_string()).unwrap_or_default();
        let principal = response.extensions().get::<Who>().map(|who| who.0.as_str()).unwrap_or_default();
        tracing::info!(
            target: "throughline::request",
            method = self.method.as_str(),
            path = self.path,
            status = response.status().as_u16(),
            seconds = took.as_secs_f64(),
            client,
            principal,
            "request"
        );
    }
}

/// Returns the id that a request brings, where it is one that can be written anywhere.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let mut given = headers.get_all(REQUEST_ID).iter();
    let (Some(id), None) = (given.next(), given.next()) else { return None };
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    let id = id.to_str().ok()?;
    ((1..=ID_BYTES_MAX).contains(&id.len()) && id.as_bytes().iter().all(is_plain)).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_ids_are_taken() {
        let check = |given: &[&'static str], expect: Option<&str>| {
            let mut headers = HeaderMap::new();
            for id in given {
                headers.append(REQUEST_ID, HeaderValue::from_static(id));
            }
            assert_eq!(given_id(&headers).as_deref(), expect, "{given:?}");
        };
        check(&["a-1_B.c:7"], Some("a-1_B.c:7"));
        check(&[], None);
        check(&[""], None);
        check(&["a", "b"], None);
        check(&["a b"], None);
        check(&["\"}"], None);
        check(
            &["0123456789012345678901234567890123456789012345678901234567890123"],
            Some("0123456789012345678901234567890123456789012345678901234567890123"),
        );
        check(&["01234567890123456789012345678901234567890123456789012345678901234"], None);
    }
}
