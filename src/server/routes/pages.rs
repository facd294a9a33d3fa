//! `/pages/…`: the pages for browsers. Here are paths, headers and cookies; what is on a page is made in [`crate::pages`].

use super::graphql::{crowded, turn};
use super::parameters;
use crate::app::Session;
use crate::app::access::Credentials;
use crate::graphql::{Manner, Query};
use crate::pages::{self, Address, Refused, Visitor};
use crate::server::Shared;

use crate::server::auth::browser::{COOKIE, COOKIE_TERMS, local, respond, see_other, token_of_cookie};
use crate::server::auth::{self, Peer};
use crate::server::body::Sender;
use crate::server::connection::activity::Pausing;
use crate::server::origins;
use crate::server::share::Client;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value as Json;
use std::sync::Arc;

/// The largest form.
const FORM_BYTES_MAX: usize = 64 << 10;

/// Answers with the overview.
pub(in crate::server) async fn overview(
    state: State<Shared>,
    client: Extension<Client>,
    session: Extension<Session>,
    headers: HeaderMap,
    query: RawQuery,
) -> Response {
    page(state, client, session, Path(String::new()), headers, query).await
}

/// Answers with a page; an address that leaves something open leads to the full one.
pub(in crate::server) async fn page(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(session): Extension<Session>,
    Path(path): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = match parameters::parse(query.as_deref().unwrap_or_default()) {
        Ok(parameters) => parameters,
        Err(text) => return respond(pages::refused(400, &text)),
    };
    let address = match Address::read(&path, parameters) {
        Ok(address) => address,
        Err(refused) => {
            let status = if matches!(refused, Refused::Absent(_)) { 404 } else { 400 };
            return respond(pages::refused(status, &refused.to_string()));
        }
    };
    let visitor = visitor(&shared, &session, &headers);
    let question = if address.is_full() { address.query() } else { address.locating() };
    let answer = match ask(&shared, client, session, question).await {
        Ok(answer) => answer,
        Err(response) => return response,
    };
    if !address.is_full() {
        return match address.redirect(&answer) {
            Ok(href) => see_other(&href),
            Err(refused) => respond(*refused),
        };
    }
    let rendered = tokio::task::spawn_blocking(move || address.render(&visitor, &answer)).await;
    respond(
        rendered.unwrap_or_else(|_| pages::refused(500, "The page cannot be made; the cause is in the log.")),
    )
}

/// Answers with a file that pages load; its address changes with its bytes.
pub(in crate::server) async fn asset(Path(name): Path<String>) -> Response {
    let Some(asset) = pages::asset(&name) else {
        return respond(pages::refused(404, &format!("There is no file {name:.80}.")));
    };
    let fields = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (fields, asset.text).into_response()
}

/// Asks for a token.
pub(in crate::server) async fn login(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let parameters = parameters::parse(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let then = local(value(&parameters, "then"));
    match shared.app.access().is_configured() {
        true => respond(pages::login(200, then, "")),
        false => see_other(then),
    }
}

/// Takes a token, and remembers it in a cookie where it is valid.
pub(in crate::server) async fn sign_in(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let form = match form(&shared, Sender { client, work }, &headers, body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let (then, token) = (local(value(&form, "then")), value(&form, "token").trim());
    let access = shared.app.access();
    match access.authenticate(Credentials { token: Some(token), user: None, peer }) {
        Ok(_) => with_cookie(see_other(then), &format!("{COOKIE}={token}; {COOKIE_TERMS}")),
        Err(denied) => {
            auth::note_denied(&shared, denied, peer, "/pages/login").await;
            respond(pages::login(auth::status(denied).as_u16(), then, &denied.to_string()))
        }
    }
}

/// Forgets the token.
pub(in crate::server) async fn sign_out(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match form(&shared, Sender { client, work }, &headers, body).await {
        Ok(_) => with_cookie(see_other("/pages/login"), &format!("{COOKIE}=; Max-Age=0; {COOKIE_TERMS}")),
        Err(response) => response,
    }
}

/// Asks the service for a principal.
async fn ask(shared: &Shared, client: Client, session: Session, query: Query) -> Result<Json, Response> {
    let Some(turn) = turn(shared, client).await else { return Err(crowded()) };
    let answer = Arc::clone(&shared.service).handle_query(session, query, Manner::of_pages(), turn).await;
    serde_json::from_slice(&answer.body)
        .map_err(|_| respond(pages::refused(500, "The answer cannot be read; the cause is in the log.")))
}

fn visitor(shared: &Shared, session: &Session, headers: &HeaderMap) -> Visitor {
    let principal = session.principal();
    Visitor {
        name: principal.author.name.clone(),
        role: principal.role.to_string(),
        signed_in: token_of_cookie("/pages/", headers).is_ok_and(|token| token.is_some()),
        is_known: shared.app.access().is_configured(),
    }
}

/// Receives a form; only a page of this service may send one.
async fn form(
    shared: &Shared,
    sender: Sender,
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<(String, String)>, Response> {
    if !origins::is_of_own_page(headers) {
        let text = "A form is taken from a page of this service alone; scripts use GraphQL.";
        return Err(respond(pages::refused(403, text)));
    }
    let received = shared.bodies.receive(headers, body, FORM_BYTES_MAX, &sender).await;
    let (body, _room) =
        received.map_err(|(status, text)| respond(pages::refused(status.as_u16(), &text)))?.into_parts();
    let text = String::from_utf8(body).map_err(|_| "the form is not UTF-8".to_owned());
    text.and_then(|text| parameters::parse(&text)).map_err(|text| respond(pages::refused(400, &text)))
}

fn value<'a>(values: &'a [(String, String)], name: &str) -> &'a str {
    values.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Leads `/pages` to the overview, with what follows it.
pub(in crate::server) async fn bare(uri: Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    see_other(&format!("/pages/{query}"))
}
