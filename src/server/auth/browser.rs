//! What the server does for browsers that open pages: the cookie of those who have signed in, where those are led who have not, and the
//! headers of a page.

use crate::app::Mount;
use crate::app::access::{CALLBACK, Denied};
use crate::pages::{self, Rendered};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// What the cookies of a thread are called; the prefix binds them to this host and to HTTPS, and has them sent with every path (RFC 6265bis,
/// 4.1.3), so that the name alone distinguishes the threads of one service.
#[derive(Debug)]
pub(in crate::server) struct CookieNames {
    /// That with the token of whoever has signed in.
    pub(in crate::server) session: String,
    /// That of a browser that is signing in at an issuer; it comes back from there, by a link of another site.
    pub(in crate::server) login: String,
}

impl CookieNames {
    /// Names the cookies of a thread; a name of a thread has no full stop.
    pub(in crate::server) fn of(mount: &Mount) -> Self {
        let end = mount.name().map(|name| format!(".{name}")).unwrap_or_default();
        let named = |purpose: &str| format!("__Host-throughline{purpose}{end}");
        Self { session: named(""), login: named("-login") }
    }
}

/// What the cookie of a session is set with.
pub(in crate::server) const COOKIE_TERMS: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";

/// The page loads its style sheet and its script, and nothing from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

/// Answers a browser that is not let in: it is asked for a token. One that comes from another site is led here once more, as it keeps the
/// cookie back on the first step.
pub(in crate::server) fn denied(
    mount: &Mount,
    request: &Request,
    denied: Denied,
    status: StatusCode,
    has_issuer: bool,
) -> Response {
    let here = request.uri().path_and_query().map_or("/pages/", |here| here.as_str());
    let here = mount.path(if here == "/" { "/pages/" } else { here });
    let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if denied == Denied::Absent && matches!(site, Some("cross-site" | "same-site")) {
        return respond(pages::continued(mount, &here));
    }
    match denied {
        // A session that is over, or was before a restart, is no reason to report anything.
        Denied::Absent | Denied::Expired if has_issuer || denied == Denied::Absent => {
            let login = mount.path("/pages/login");
            see_other(mount, &format!("{login}?then={}", pages::encoded(&here)))
        }
        _ => {
            let (status, reason) = (status.as_u16(), denied.to_string());
            respond(pages::login(mount, status, &local(mount, &here), &reason, has_issuer))
        }
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

/// What the cookie of a browser that is signing in is set with.
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
    names: &CookieNames,
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
    cookie(&names.session, headers)
}

/// Returns a path of the pages of a thread; its overview in the place of anything else, so that no link leads to another host or thread.
pub(in crate::server) fn local(mount: &Mount, path: &str) -> String {
    let is_page =
        |inside: &str| (inside.starts_with("/pages/") || inside.starts_with("/oslc/")) && !leads_up(inside);
    let is_local = mount.inside(path).is_some_and(is_page)
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_local { path.to_owned() } else { mount.path("/pages/") }
}

/// Returns whether a path has a segment that leads out of the folder it is in, in any of the spellings that browsers resolve.
fn leads_up(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split('/')
        .any(|segment| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."))
}

/// Leads a browser to another page; to the overview where no header can carry the address.
pub(in crate::server) fn see_other(mount: &Mount, href: &str) -> Response {
    let overview = || HeaderValue::from_str(&mount.path("/pages/"));
    let location = HeaderValue::from_str(href).or_else(|_| overview());
    let location = location.ok().map(|location| (header::LOCATION, location));
    let mut response =
        (StatusCode::SEE_OTHER, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))])
            .into_response();
    response.headers_mut().extend(location);
    response
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ThreadName;

    #[test]
    fn no_link_leads_out_of_the_pages_of_a_thread() {
        let press = Mount::of(ThreadName::new("press").expect("a name"));
        let check =
            |mount: &Mount, path: &str, expect: &str| assert_eq!(local(mount, path), expect, "{path}");
        check(&press, "/t/press/pages/unit?id=a/../b", "/t/press/pages/unit?id=a/../b");
        check(&press, "/pages/unit", "/t/press/pages/");
        check(&press, "/t/press/pages/../../plant/pages/", "/t/press/pages/");
        check(&press, "/t/press/pages/%2e%2E/../plant", "/t/press/pages/");
        check(&press, "/t/press/pages/.%2e/x", "/t/press/pages/");
        let first = Mount::default();
        check(&first, "/pages/unit..x", "/pages/unit..x");
        check(&first, "/pages/../t/press/pages/", "/pages/");
        check(&first, "//other.example/pages/", "/pages/");
    }
}
