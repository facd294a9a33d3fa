//! Who sends a request: what it carries is handed to [`Access`], and the session of the principal goes with the request. Without a principal
//! nothing is answered but `/health`; a WebSocket may bring the token in its first message instead, as browsers set no headers there.

pub(super) mod browser;
pub(super) mod form_token;
pub(super) mod issuer;

use super::Shared;
use crate::app::access::{Credentials, Denied, Look, Principal, is_session};
use crate::app::{Mount, Session};
use crate::graphql::Code;
use crate::graphql::service::refuse_transport;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;

/// What is answered to anybody: whether the service is alive, which whatever starts and stops it asks.
const OPEN: [&str; 3] = ["/health", "/health/live", "/health/ready"];

/// Who sent a request, for the log.
#[derive(Clone, Debug)]
pub(super) struct Who(pub(super) String);

/// Where files come in and go out: errors there are JSON.
const FILES: [&str; 17] = [
    "/import",
    "/ingest",
    "/export",
    "/jobs",
    "/backup",
    "/log",
    "/diff",
    "/tags",
    "/show",
    "/blame",
    "/search",
    "/suspects",
    "/ontology",
    "/reviews",
    "/series",
    "/merge/",
    "/exposure",
];

/// A request that came through the socket in the folder of the thread: whoever can write there works on this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local;

/// Returns whether a path is answered to anybody.
fn is_open(path: &str) -> bool {
    // A message to a hook is let in by its signature.
    OPEN.contains(&path) || path.starts_with("/hooks/") || browser::is_open(path)
}

/// The address that a request comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// Finds out who sends a request, which then has the session; refuses one of nobody.
pub(super) async fn authenticate(
    shared: &Shared,
    request: &mut Request,
) -> Result<Option<Who>, Box<Response>> {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0);
    let found = match request.extensions().get::<Local>() {
        Some(Local) => Ok(shared.app.session(Principal::local())),
        None => session(shared, request.uri(), request.headers(), peer).await,
    };
    let mut who = None;
    match found {
        Ok(session) => {
            who = shared.app.settings().log.requests.then(|| Who(session.principal().author.to_string()));
            request.extensions_mut().insert(session);
        }
        Err(_) if is_open(request.uri().path()) => {}
        Err(Denied::Absent) if is_socket(request) => {}
        Err(denied) => {
            let is_page = browser::is_page(request.uri(), request.headers());
            let has_issuer = shared.app.access().login().is_some();
            // A browser that opens a page knows no other way to be asked for a token.
            if is_page && denied == Denied::Absent {
                let page = browser::denied(&shared.mount, request, denied, status(denied), has_issuer);
                return Err(Box::new(page));
            }
            let path = request.uri().path().to_owned();
            note_denied(shared, denied, peer, &path).await;
            return Err(Box::new(match is_page {
                true => browser::denied(&shared.mount, request, denied, status(denied), has_issuer),
                false => refuse(&shared.mount, &path, denied),
            }));
        }
    }
    Ok(who)
}

/// Notes that somebody was not let in: on a thread where waiting for the disk is allowed, few at a time, while the client waits.
pub(super) async fn note_denied(shared: &Shared, denied: Denied, peer: IpAddr, path: &str) {
    shared.metrics.unauthenticated();
    // Never closed.
    let _place = shared.process.denials.acquire().await;
    let (app, path) = (Arc::clone(&shared.app), path.to_owned());
    drop(tokio::task::spawn_blocking(move || app.access().note_denied(denied, peer, &path)).await);
}

/// Returns whether a request asks for the WebSocket of `/graphql`.
fn is_socket(request: &Request) -> bool {
    let upgrade = request.headers().get(header::UPGRADE).and_then(|value| value.to_str().ok());
    request.method() == Method::GET
        && request.uri().path() == "/graphql"
        && upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"))
}

async fn session(shared: &Shared, uri: &Uri, headers: &HeaderMap, peer: IpAddr) -> Result<Session, Denied> {
    let access = shared.app.access();
    let known = access.look();
    if !known.is_configured() {
        return Ok(shared.app.session(Principal::local()));
    }
    let token = match only(headers, header::AUTHORIZATION.as_str())? {
        Some(value) => Some(token_of(value)?),
        None if uri.path() == QUERY => token_of_url(uri)?,
        None => match browser::token_of_cookie(&shared.cookies, uri.path(), headers)? {
            // A session is a browser's alone: nothing else may carry one.
            Some(cookie) if is_session(cookie) => return Ok(shared.app.session(access.of_session(cookie)?)),
            token => token.map(str::to_owned),
        },
    };
    let user = match &access.settings().proxy {
        Some(proxy) if token.is_none() => only(headers, &proxy.header)?,
        _ => None,
    };
    admit(shared, known, Credentials { token: token.as_deref(), user, peer }).await
}

/// Begins a session of whoever credentials prove, by what a look has found; the keys of an issuer are fetched where it takes others, or the
/// first.
pub(super) async fn admit(
    shared: &Shared,
    known: Look,
    credentials: Credentials<'_>,
) -> Result<Session, Denied> {
    let access = shared.app.access();
    let principal = match (access.authenticate_by(known, credentials), &shared.keys) {
        (Err(denied @ (Denied::UnknownKey | Denied::Unavailable)), Some(keys))
            if credentials.token.is_some() =>
        {
            if keys.renew().await {
                access.authenticate(credentials)
            } else {
                Err(denied)
            }
        }
        (found, _) => found,
    };
    Ok(shared.app.session(principal?))
}

/// Begins a session for the payload of `connection_init`; `None` where it proves nothing about who sends it.
pub(super) async fn session_of_payload(
    shared: &Shared,
    payload: Option<&Value>,
    peer: IpAddr,
) -> Result<Option<Session>, Denied> {
    let Some(Value::Object(fields)) = payload else { return Ok(None) };
    let is_proof = |name: &str| name.eq_ignore_ascii_case("authorization") || name == "token";
    let mut proofs = fields.iter().filter(|(name, _)| is_proof(name));
    let (name, value) = match (proofs.next(), proofs.next()) {
        (None, _) => return Ok(None),
        (Some(proof), None) => proof,
        _ => return Err(Denied::Malformed),
    };
    let value = value.as_str().ok_or(Denied::Malformed)?;
    let token = if name == "token" { value.to_owned() } else { token_of(value)? };
    let credentials = Credentials { token: Some(&token), user: None, peer };
    admit(shared, shared.app.access().look(), credentials).await.map(Some)
}

/// Returns the one value of a header; one that is there twice may have come past a proxy that looked at the other.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Denied> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(|value| Some(value.trim())).map_err(|_| Denied::Malformed),
        _ => Err(Denied::Malformed),
    }
}

/// Reads the token of an `Authorization` header: `Bearer TOKEN`, `Token TOKEN` as clients of InfluxDB's v2 API send it, or `Basic` with the
/// token as the password, as those of its v1 API and Git do.
fn token_of(value: &str) -> Result<String, Denied> {
    let (scheme, proof) = value.split_once(' ').ok_or(Denied::Malformed)?;
    let proof = proof.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Ok(proof.to_owned()),
        // Clients of the v1 API that send through the v2 API write USER:PASSWORD.
        "token" => Ok(proof.rsplit_once(':').map_or(proof, |(_, password)| password).to_owned()),
        "basic" => {
            let decoded = STANDARD.decode(proof).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let decoded = decoded.ok_or(Denied::Malformed)?;
            let (_, password) = decoded.split_once(':').ok_or(Denied::Malformed)?;
            Ok(password.to_owned())
        }
        _ => Err(Denied::Malformed),
    }
}

/// Where clients of InfluxDB's v1 API may write their credentials into the URL: to read, and nowhere else.
const QUERY: &str = "/query";

/// Returns the token that is the password `p` in the URL of a query of InfluxDB's v1 API.
fn token_of_url(uri: &Uri) -> Result<Option<String>, Denied> {
    let pairs = uri.query().unwrap_or("").split('&');
    let mut passwords = pairs.filter_map(|pair| pair.strip_prefix("p=")).filter(|text| !text.is_empty());
    match (passwords.next(), passwords.next()) {
        (None, _) => Ok(None),
        (Some(text), None) => {
            let decoded = percent_decode_str(text).decode_utf8().map_err(|_| Denied::Malformed)?;
            Ok(Some(decoded.into_owned()))
        }
        _ => Err(Denied::Malformed),
    }
}

/// Returns the status of a refusal.
pub(super) const fn status(denied: Denied) -> StatusCode {
    match denied {
        Denied::Absent | Denied::Unknown | Denied::UnknownKey | Denied::Expired => StatusCode::UNAUTHORIZED,
        Denied::Malformed => StatusCode::BAD_REQUEST,
        Denied::NoRole | Denied::NoClaim => StatusCode::FORBIDDEN,
        Denied::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Answers a refusal in the form of errors that a path has.
pub(super) fn in_form_of(path: &str, status: StatusCode, message: &str) -> Response {
    let code = match status {
        StatusCode::FORBIDDEN => (Code::Forbidden, "forbidden"),
        StatusCode::SERVICE_UNAVAILABLE => (Code::Unavailable, "unavailable"),
        StatusCode::TOO_MANY_REQUESTS => (Code::Unavailable, "too many requests"),
        StatusCode::PAYLOAD_TOO_LARGE => (Code::LimitExceeded, "request too large"),
        StatusCode::BAD_REQUEST => (Code::BadInput, "invalid"),
        _ => (Code::Unauthenticated, "unauthorized"),
    };
    match path {
        "/graphql" => {
            let answer = refuse_transport(status.as_u16(), code.0, message);
            let kind = HeaderValue::from_static(answer.media_type);
            (status, [(header::CONTENT_TYPE, kind)], answer.body).into_response()
        }
        "/api/v2/write" => (status, Json(json!({ "code": code.1, "message": message }))).into_response(),
        "/write" | "/query" => (status, Json(json!({ "error": message }))).into_response(),
        path if FILES.iter().any(|files| path.starts_with(files)) => {
            (status, Json(json!({ "code": code.0.as_str(), "message": message }))).into_response()
        }
        _ => (status, format!("{message}\n")).into_response(),
    }
}

/// Refuses a request to a thread in the form of errors that its path has. Each thread is a realm of its own, so that no client sends
/// the credentials of one to another.
pub(super) fn refuse(mount: &Mount, path: &str, denied: Denied) -> Response {
    let status = status(denied);
    let mut response = in_form_of(path, status, &denied.to_string());
    if status == StatusCode::UNAUTHORIZED {
        let realm =
            mount.name().map_or_else(|| "throughline".to_owned(), |name| format!("throughline {name}"));
        let error = if denied == Denied::Absent { "" } else { ", error=\"invalid_token\"" };
        let schemes = [
            format!("Bearer realm=\"{realm}\"{error}"),
            format!("Basic realm=\"{realm}\", charset=\"UTF-8\""),
        ];
        for scheme in schemes.into_iter().filter_map(|scheme| HeaderValue::try_from(scheme).ok()) {
            response.headers_mut().append(header::WWW_AUTHENTICATE, scheme);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_in_any_scheme_that_is_known() {
        let check = |value: &str, expect: Result<&str, Denied>| {
            assert_eq!(token_of(value), expect.map(str::to_owned), "{value}");
        };
        check("Bearer tl_a", Ok("tl_a"));
        check("bEARER   tl_a ", Ok("tl_a"));
        check("Token tl_a", Ok("tl_a"));
        check("token user:tl_a", Ok("tl_a"));
        check("Basic dXNlcjp0bF9h", Ok("tl_a"));
        check("basic OnRsX2E=", Ok("tl_a"));
        check("Basic dXNlcg==", Err(Denied::Malformed));
        check("Basic %%%", Err(Denied::Malformed));
        check("Basic /w==", Err(Denied::Malformed));
        check("Digest tl_a", Err(Denied::Malformed));
        check("tl_a", Err(Denied::Malformed));
        check("", Err(Denied::Malformed));
    }

    #[test]
    fn a_token_in_the_url_is_the_password() {
        let check = |uri: &'static str, expect: Result<Option<&str>, Denied>| {
            let found = token_of_url(&Uri::from_static(uri));
            assert_eq!(found, expect.map(|token| token.map(str::to_owned)), "{uri}");
        };
        check("/query?q=x&u=grafana&p=tl_a%2B", Ok(Some("tl_a+")));
        check("/query?p=", Ok(None));
        check("/query", Ok(None));
        check("/query?p=a&p=b", Err(Denied::Malformed));
    }

    #[test]
    fn a_header_that_is_there_twice_counts_for_nothing() {
        let mut headers = HeaderMap::new();
        assert_eq!(only(&headers, "x-user"), Ok(None));
        headers.append("x-user", HeaderValue::from_static(" ada "));
        assert_eq!(only(&headers, "x-user"), Ok(Some("ada")));
        headers.append("x-user", HeaderValue::from_static("eve"));
        assert_eq!(only(&headers, "x-user"), Err(Denied::Malformed));
    }
}
