//! Who may send a request: the hosts that the service is known by, and pages of which origins.
//!
//! A browser sends what any page asks it to. A page elsewhere that posts a form would write samples with the rights of whoever looks at
//! it, and a page whose name is made to lead to this address (DNS rebinding) would read the answers too. So a request must name
//! an address, `localhost` or a configured host, and what a browser reports of the page (Fetch Metadata, the Origin of RFC 6454) must be
//! this service itself or a configured origin. Clients that are no browsers send neither and are not concerned.

pub(super) mod cors;

use super::Shared;
use super::routes::graphql::refused;
use crate::app::ServerSettings;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, Uri, Version, header, uri::Authority};
use axum::response::Response;
use std::net::IpAddr;

/// What any page may request: it discloses nothing and costs nothing.
const OPEN: [&str; 5] = ["/", "/health", "/health/live", "/health/ready", "/ping"];

/// Returns the refusal of a request, with the reason; `None` where it may be sent.
pub(super) fn refusal(shared: &Shared, request: &Request) -> Option<Response> {
    if let Err(reason) = check_names_are_one(request.version(), request.headers(), request.uri()) {
        return Some(refused(StatusCode::BAD_REQUEST, reason));
    }
    let checked = check(&shared.app.settings().server, request.headers(), request.uri());
    checked.err().map(|(status, reason)| refused(status, &reason))
}

/// Refuses a request that does not name one host (RFC 9112, 3.2), or names several origins: a proxy might have looked at another one
/// than this service does.
fn check_names_are_one(version: Version, headers: &HeaderMap, uri: &Uri) -> Result<(), &'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let has_several = |name: &str| headers.get_all(name).iter().nth(1).is_some();
    match (hosts.next(), hosts.next(), uri.authority()) {
        (Some(_), Some(_), _) => Err("the request has more than one Host header"),
        (Some(host), None, Some(of_uri))
            if !of_uri.as_str().as_bytes().eq_ignore_ascii_case(host.as_bytes()) =>
        {
            Err("the Host header names another host than the URI")
        }
        _ if has_several(header::ORIGIN.as_str()) => Err("the request has more than one Origin header"),
        _ if has_several("sec-fetch-site") || has_several("sec-fetch-dest") => {
            Err("the request has more than one Sec-Fetch-Site or Sec-Fetch-Dest header")
        }
        (None, _, None) if version >= Version::HTTP_11 => Err("the request has no Host header"),
        _ => Ok(()),
    }
}

fn check(settings: &ServerSettings, headers: &HeaderMap, uri: &Uri) -> Result<(), (StatusCode, String)> {
    let host = header_text(headers, "host").or_else(|| uri.authority().map(Authority::as_str));
    if let Some(host) = host
        && !is_known(settings, host)
    {
        let host = if host.is_empty() { "nothing (the Host header is empty)" } else { host };
        let reason = format!(
            "this service is not known as {host}: ask it by its address, or add the name to hosts under [server] in throughline.toml"
        );
        return Err((StatusCode::MISDIRECTED_REQUEST, reason));
    }
    if OPEN.contains(&uri.path()) || is_visit(headers, uri) || is_framed(settings, headers, uri) {
        return Ok(());
    }
    match page(headers) {
        Page::None => Ok(()),
        Page::Of(origin) if is_own(origin, host) || is_configured(settings, origin) => Ok(()),
        Page::Of(origin) => {
            let reason = format!(
                "a page of {origin} may not use this service: add the origin to origins under [server] in throughline.toml"
            );
            Err((StatusCode::FORBIDDEN, reason))
        }
        Page::Foreign => {
            Err((StatusCode::FORBIDDEN, "a page of another site may not use this service".to_owned()))
        }
    }
}

/// Returns whether a browser opens GraphiQL or one of the pages, by a link perhaps: it is shown, and changes nothing. The page that has
/// the link reads nothing of it.
fn is_visit(headers: &HeaderMap, uri: &Uri) -> bool {
    let is_document = header_text(headers, "sec-fetch-dest") == Some("document");
    let takes_pages = header_text(headers, "accept").is_some_and(|accept| accept.starts_with("text/html"));
    let has_origin = headers.contains_key(header::ORIGIN);
    let path = uri.path();
    let is_page =
        path == "/graphql" || path == "/pages" || path.starts_with("/pages/") || path.starts_with("/oslc/");
    is_page && is_document && takes_pages && !has_origin
}

/// Returns whether a browser shows a preview or a dialog of OSLC in a frame of another page; which pages may, the answer names.
fn is_framed(settings: &ServerSettings, headers: &HeaderMap, uri: &Uri) -> bool {
    let is_frame = header_text(headers, "sec-fetch-dest") == Some("iframe");
    let is_page = uri.path().starts_with("/oslc/previews/") || uri.path().starts_with("/oslc/dialogs/");
    is_frame && is_page && !settings.frames.is_empty() && !headers.contains_key(header::ORIGIN)
}

/// Returns whether a browser reports that a page of this service itself sends the request. Clients that are no browsers report nothing.
pub(super) fn is_of_own_page(headers: &HeaderMap) -> bool {
    let host = header_text(headers, "host");
    match (header_text(headers, header::ORIGIN.as_str()), header_text(headers, "sec-fetch-site")) {
        (Some(origin), site) => is_own(origin, host) && matches!(site, None | Some("same-origin")),
        (None, site) => site == Some("same-origin"),
    }
}

/// Returns whether the settings let the pages of an origin use the service.
pub(super) fn is_configured(settings: &ServerSettings, origin: &str) -> bool {
    let is_port = |rest: &str| {
        rest.is_empty()
            || rest.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
    };
    settings.origins.iter().any(|known| match known.strip_suffix(":*") {
        Some(host) => origin.strip_prefix(host).is_some_and(is_port),
        None => known == origin,
    })
}

/// The page that a browser sends a request for.
enum Page<'a> {
    /// None: a client that is no browser, an address typed in, or a page of the service itself.
    None,
    Of(&'a str),
    /// One whose origin the browser keeps back.
    Foreign,
}

fn page(headers: &HeaderMap) -> Page<'_> {
    match (header_text(headers, header::ORIGIN.as_str()), header_text(headers, "sec-fetch-site")) {
        (Some(origin), _) => Page::Of(origin),
        (None, None | Some("same-origin" | "none")) => Page::None,
        (None, Some(_)) => Page::Foreign,
    }
}

/// Returns a header as text; one that is no visible ASCII is what nothing is known as.
fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("\u{fffd}"))
}

/// Returns whether the service is known by a host: any address, `localhost`, or a configured name; ports do not count.
fn is_known(settings: &ServerSettings, host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    let name = name.strip_suffix('.').unwrap_or(name);
    name.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || settings.hosts.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Returns whether an origin is the host that was asked.
fn is_own(origin: &str, host: Option<&str>) -> bool {
    let own = origin.split_once("://").map(|(_, own)| own);
    matches!((own, host), (Some(own), Some(host)) if own.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    #[test]
    fn what_decides_is_there_once() {
        let check = |fields: &[(&str, &str)], expect: Result<(), &'static str>| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                let name = HeaderName::try_from(*name).expect("a name");
                headers.append(name, HeaderValue::from_str(value).expect("a value"));
            }
            let uri = "/graphql".parse().expect("a path");
            assert_eq!(check_names_are_one(Version::HTTP_11, &headers, &uri), expect, "{fields:?}");
        };
        let (host, own) = (("host", "10.0.0.7:7300"), ("origin", "http://10.0.0.7:7300"));
        check(&[host, own], Ok(()));
        check(
            &[host, own, ("origin", "https://evil.example")],
            Err("the request has more than one Origin header"),
        );
        check(&[host, own, own], Err("the request has more than one Origin header"));
        let sites = [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")];
        let several = "the request has more than one Sec-Fetch-Site or Sec-Fetch-Dest header";
        check(&[host, sites[0], sites[1]], Err(several));
        check(&[host, host], Err("the request has more than one Host header"));
        check(&[own], Err("the request has no Host header"));
    }

    #[test]
    fn browsers_are_believed_and_other_clients_let_pass() {
        let settings = ServerSettings {
            hosts: vec!["plant.example".to_owned()],
            origins: vec!["https://tools.example".to_owned()],
            ..ServerSettings::default()
        };
        let check = |path: &str, fields: &[(&str, &str)], expect: Result<(), (u16, &str)>| {
            let header = |(name, value): &(&str, &str)| {
                (HeaderName::try_from(*name).expect("a name"), HeaderValue::from_str(value).expect("a value"))
            };
            let headers: HeaderMap = fields.iter().map(header).collect();
            let got = super::check(&settings, &headers, &path.parse().expect("a path"));
            match (&got, expect) {
                (Ok(()), Ok(())) => {}
                (Err((status, reason)), Err((code, part))) => {
                    assert!(status.as_u16() == code && reason.contains(part), "{fields:?}: {got:?}");
                }
                (_, expect) => panic!("{fields:?}: {got:?}, not {expect:?}"),
            }
        };
        let address = ("host", "10.0.0.7:7300");
        // Clients that are no browsers.
        for host in [
            "127.0.0.1:7300",
            "[::1]:7300",
            "localhost",
            "LOCALHOST:7300",
            "plant.example",
            "Plant.Example.:80",
        ] {
            check("/write", &[("host", host)], Ok(()));
        }
        check("/write", &[], Ok(()));
        // Names that somebody else has made to lead here.
        for host in [
            "evil.example",
            "localhost.evil.example:7300",
            "plant.example.evil.example",
            "127.0.0.1.evil.example",
            "a b",
        ] {
            check("/write", &[("host", host)], Err((421, "hosts under [server]")));
        }
        check("/health", &[("host", "evil.example")], Err((421, "evil.example")));
        check(
            "/health",
            &[("host", "")],
            Err((421, "known as nothing (the Host header is empty): ask it by its address")),
        );
        // Pages of the service itself, of a configured origin, and of others.
        check("/graphql", &[address, ("origin", "http://10.0.0.7:7300")], Ok(()));
        check("/graphql", &[address, ("origin", "https://tools.example")], Ok(()));
        for origin in
            ["http://10.0.0.7:7301", "https://evil.example", "null", "http://10.0.0.7:7300.evil.example"]
        {
            check("/write", &[address, ("origin", origin)], Err((403, "origins under [server]")));
        }
        check("/graphql", &[address, ("sec-fetch-site", "same-origin")], Ok(()));
        check("/graphql", &[address, ("sec-fetch-site", "none")], Ok(()));
        check("/graphql?query=x", &[address, ("sec-fetch-site", "cross-site")], Err((403, "another site")));
        check("/sparql", &[address, ("sec-fetch-site", "same-site")], Err((403, "another site")));
        check("/health", &[address, ("sec-fetch-site", "cross-site")], Ok(()));
        // A link on another page may lead to the page that describes the service.
        check("/", &[address, ("sec-fetch-site", "cross-site")], Ok(()));
    }
}
