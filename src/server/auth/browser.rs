//! What the server does for browsers that open pages: the cookie of those who have signed in, where those are led who have not, and the
//! headers of a page.

use crate::app::access::{CALLBACK, Denied};
use crate::pages::{self, Rendered};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// The cookie that carries the token of whoever has signed in; the prefix binds it to this host and to HTTPS (RFC 6265bis, 4.1.3).
pub(in crate::server) const COOKIE: &str = "__Host-throughline";
/// What the cookie is set with.
pub(in crate::server) const COOKIE_TERMS: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";

/// The page loads its style sheet and its script, and nothing from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

/// Answers a browser that is not let in: it is asked for a token. One that comes from another site is led here once more, as it keeps the
/// cookie back on the first step.
pub(in crate::server) fn denied(
    request: &Request,
    denied: Denied,
    status: StatusCode,
    has_issuer: bool,
) -> Response {
    let here = request.uri().path_and_query().map_or("/pages/", |here| here.as_str());
    let here = if here == "/" { "/pages/" } else { here };
    let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if denied == Denied::Absent && matches!(site, Some("cross-site" | "same-site")) {
        return respond(pages::continued(here));
    }
    match denied {
        // A session that is over, or was before a restart, is no reason to report anything.
        Denied::Absent | Denied::Expired if has_issuer => {
            see_other(&format!("/pages/login?then={}", pages::encoded(here)))
        }
        Denied::Absent => see_other(&format!("/pages/login?then={}", pages::encoded(here))),
        _ => respond(pages::login(status.as_u16(), local(here), &denied.to_string(), has_issuer)),
    }
}

/// Returns whether a browser asks for a page, and is to be answered with one.
pub(in crate::server) fn is_page(uri: &Uri, headers: &HeaderMap) -> bool {
    let takes_pages = || {
        headers
            .get_all(header::ACCEPT)
            .iter()
            .any(|accept| accept.as_bytes().windows(9).any(|part| part == b"text/html"))
    };
    let path = uri.path();
    path.starts_with("/pages") || ((path == "/" || path.starts_with("/oslc/")) && takes_pages())
}

/// Returns whether a path is answered to anybody: the form that asks for a token, and what it loads.
pub(in crate::server) fn is_open(path: &str) -> bool {
    matches!(path, "/pages/login" | "/pages/login/start" | CALLBACK) || path.starts_with("/pages/assets/")
}

/// The cookie of a browser that is signing in at an issuer; it comes back from there, by a link of another site.
pub(in crate::server) const LOGIN_COOKIE: &str = "__Host-throughline-login";
/// What that cookie is set with.
pub(in crate::server) const LOGIN_COOKIE_TERMS: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// Returns the value of a cookie; one that is there twice may have been set by somebody else.
pub(in crate::server) fn cookie<'a>(name: &str, headers: &'a HeaderMap) -> Result<Option<&'a str>, Denied> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut own = pairs.filter(|(own, _)| *own == name).map(|(_, value)| value);
    match (own.next(), own.next()) {
        (Some(""), None) => Ok(None),
        (value, None) => Ok(value),
        _ => Err(Denied::Malformed),
    }
}

/// Returns the token in the cookie of a browser that has signed in, for the paths that browsers use.
pub(in crate::server) fn token_of_cookie<'a>(
    path: &str,
    headers: &'a HeaderMap,
) -> Result<Option<&'a str>, Denied> {
    let is_of_browsers = path == "/"
        || path.starts_with("/pages")
        || path.starts_with("/oslc/")
        || path == "/graphql"
        || path == "/schema.graphql";
    if !is_of_browsers {
        return Ok(None);
    }
    cookie(COOKIE, headers)
}

/// Returns a path of the pages; the overview in the place of anything else, so that no link leads to another host.
pub(in crate::server) fn local(path: &str) -> &str {
    let is_local = (path.starts_with("/pages/") || path.starts_with("/oslc/"))
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_local { path } else { "/pages/" }
}

/// Leads a browser to another page.
pub(in crate::server) fn see_other(href: &str) -> Response {
    let location = HeaderValue::from_str(href).unwrap_or(HeaderValue::from_static("/pages/"));
    (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
    )
        .into_response()
}

/// Sends a page, with what browsers are to do with it.
pub(in crate::server) fn respond(rendered: Rendered) -> Response {
    let status = StatusCode::from_u16(rendered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fields: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, rendered.media_type),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // Without the origin of the page, its own forms would be those of anybody.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let mut response = (status, fields, rendered.body).into_response();
    let file = rendered
        .file
        .and_then(|name| HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).ok());
    if let Some(file) = file {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    }
    response
}
