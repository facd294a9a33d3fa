//! `/graphql`: the GraphQL-over-HTTP specification's side of HTTP. Whatever is refused is answered as a GraphQL error in JSON.

pub(in crate::server) mod graphiql;
pub(in crate::server) mod schema;

use super::socket;
use crate::app::Session;
use crate::app::access::Denied;
use crate::graphql::service::{MEDIA_TYPE, OLDER_MEDIA_TYPE, refuse_transport};
use crate::graphql::{Answer, Code, Manner, Query, Turn, check_numbers, json_fault};
use crate::model::{accept, utf8};
use crate::server::Shared;
use crate::server::auth::{self, Peer};
use crate::server::body::Sender;
use crate::server::body::parsed::Lacking;
use crate::server::connection::activity::Pausing;
use crate::server::share::Client;
use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query as Parameters, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Instant;

/// The largest request.
const BYTES_MAX: usize = 16 << 20;

/// Answers a request whose body is JSON.
pub(in crate::server) async fn post(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(manner) = manner(&headers, false) else { return not_acceptable() };
    if let Err(text) = check_body(&headers) {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, &text);
    }
    let sender = Sender { client, work };
    let (body, room) = match shared.process.bodies.receive(&headers, body, BYTES_MAX, &sender).await {
        Ok(received) => received.into_parts(),
        Err((status, text)) => return refused(status, &text),
    };
    let body = match utf8::without_mark(&body) {
        Ok(plain) if plain.len() < body.len() => plain.to_vec(),
        Ok(_) => body,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &format!("the body {error}")),
    };
    let _values = match shared.process.parsed.take(&body, client.caller()).await {
        Ok(place) => place,
        Err(Lacking::TooMuch(text)) => return refused(StatusCode::PAYLOAD_TOO_LARGE, &text),
        Err(Lacking::Later(text)) => return refused(StatusCode::SERVICE_UNAVAILABLE, &text),
    };
    let began = Instant::now();
    let Some(turn) = turn(&shared, client).await else { return crowded() };
    let answer = Arc::clone(&shared.service).handle(session, body, manner, turn).await;
    shared.note_operation(&answer.about, began.elapsed());
    drop(room);
    respond(&shared, answer, client)
}

/// Refuses a body that is not JSON in UTF-8, uncompressed.
fn check_body(headers: &HeaderMap) -> Result<(), String> {
    let value = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let mut content = value(header::CONTENT_TYPE).unwrap_or("").split(';').map(str::trim);
    if !content.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json")) {
        return Err("send the request as application/json".to_owned());
    }
    let parameters = content.filter_map(|parameter| parameter.split_once('='));
    let charset = parameters.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    if let Some((_, charset)) = charset
        && !["utf-8", "utf8"].iter().any(|known| charset.trim().trim_matches('"').eq_ignore_ascii_case(known))
    {
        return Err(format!("the charset {charset} is not read: JSON is sent in UTF-8 (RFC 8259)"));
    }
    match value(header::CONTENT_ENCODING) {
        Some(coding) if !coding.trim().eq_ignore_ascii_case("identity") => {
            Err(format!("the content coding {coding} is not read: send the request without Content-Encoding"))
        }
        _ => Ok(()),
    }
}

/// The parameters of a GET.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) struct UrlParameters {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl UrlParameters {
    fn into_query(self) -> Result<Query, String> {
        let (variables, extensions) =
            (json("variables", self.variables)?, json("extensions", self.extensions)?);
        if !extensions.is_null() && !extensions.is_object() {
            return Err("\"extensions\" must be an object".to_owned());
        }
        let (query, document_id, operation_name) = (self.query, self.document_id, self.operation_name);
        Ok(Query { query, document_id, operation_name, variables, extensions })
    }
}

/// Reads a parameter that is JSON; null where it is absent or empty.
fn json(name: &str, text: Option<String>) -> Result<Json, String> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(Json::Null) };
    check_numbers(&text)?;
    serde_json::from_str(&text).map_err(|error| json_fault(&error, &format!("\"{name}\"")))
}

/// Answers a query in the URL, or takes a WebSocket; mutations need POST.
pub(in crate::server) async fn get(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(peer): Extension<Peer>,
    session: Option<Extension<Session>>,
    headers: HeaderMap,
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    asked: Result<Parameters<UrlParameters>, QueryRejection>,
) -> Response {
    if let Ok(upgrade) = socket {
        return socket::upgrade(upgrade, shared, (client, peer), session.map(|Extension(session)| session));
    }
    let Some(Extension(session)) = session else {
        return auth::refuse(&shared.mount, "/graphql", Denied::Absent);
    };
    if wants_page(&headers) {
        return graphiql::page();
    }
    let Some(manner) = manner(&headers, true) else { return not_acceptable() };
    let asked = match asked {
        Ok(Parameters(asked)) => asked,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.body_text()),
    };
    let query = match asked.into_query() {
        Ok(query) => query,
        Err(text) => return refused(StatusCode::BAD_REQUEST, &text),
    };
    let began = Instant::now();
    let Some(turn) = turn(&shared, client).await else { return crowded() };
    let answer = Arc::clone(&shared.service).handle_query(session, query, manner, turn).await;
    shared.note_operation(&answer.about, began.elapsed());
    let is_mutation = answer.status == StatusCode::METHOD_NOT_ALLOWED.as_u16();
    let mut response = respond(&shared, answer, client);
    if is_mutation {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

/// Answers any other method.
pub(in crate::server) async fn other_method(method: Method) -> Response {
    let text = format!("/graphql does not take {method}: send queries by GET or POST, mutations by POST");
    refused(StatusCode::METHOD_NOT_ALLOWED, &text)
}

/// Waits for a turn.
pub(super) async fn turn(shared: &Shared, client: Client) -> Option<Turn> {
    shared.process.turns.take(client.caller(), shared.app.settings().server.time_max).await
}

pub(super) fn crowded() -> Response {
    refused(StatusCode::SERVICE_UNAVAILABLE, "too many requests are being answered: try again later")
}

fn manner(headers: &HeaderMap, read_only: bool) -> Option<Manner> {
    Manner::accepting(Some(&accepted(headers)), read_only)
}

fn accepted(headers: &HeaderMap) -> String {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accept.collect::<Vec<_>>().join(",")
}

/// Returns whether somebody opens the address in a browser.
fn wants_page(headers: &HeaderMap) -> bool {
    let offers = [MEDIA_TYPE, OLDER_MEDIA_TYPE, "text/html"].map(|name| vec![name]);
    accept::best(&accepted(headers), &offers) == Some(2)
}

fn not_acceptable() -> Response {
    let text = "answers are application/graphql-response+json or application/json";
    refused(StatusCode::NOT_ACCEPTABLE, text)
}

/// Refuses a request before it is read as GraphQL.
pub(in crate::server) fn refused(status: StatusCode, message: &str) -> Response {
    let code = match status {
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN => Code::Forbidden,
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => Code::LimitExceeded,
        StatusCode::REQUEST_TIMEOUT => Code::Timeout,
        StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
        _ => Code::BadInput,
    };
    let answer = refuse_transport(status.as_u16(), code, message);
    into_response(&answer, Body::from(answer.body.clone()))
}

fn respond(shared: &Shared, mut answer: Answer, client: Client) -> Response {
    let bytes = std::mem::take(&mut answer.body);
    match shared.process.bodies.answer(bytes, client) {
        Ok(body) => into_response(&answer, body),
        Err(text) => {
            let answer = answer.replaced(503, Code::Unavailable, &text);
            into_response(&answer, Body::from(answer.body.clone()))
        }
    }
}

fn into_response(answer: &Answer, body: Body) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.media_type));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}
