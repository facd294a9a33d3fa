//! `/pages/…`: the pages for browsers. Here are paths, headers and cookies; what is on a page is made in [`crate::pages`].

pub(in crate::server) mod bring;
mod form;
pub(in crate::server) mod login;
pub(in crate::server) mod oidc;

pub(in crate::server) use form::{send, send_from_overview};

use super::graphql::{crowded, turn};
use super::parameters;
use crate::app::access::Operation;
use crate::app::{Error, Mount, Session};
use crate::graphql::{Manner, Query};
use crate::pages::{self, Address, Refused, Sent, Visitor};
use crate::server::Shared;
use crate::server::auth::browser::{respond, see_other, token_of_cookie};
use crate::server::share::Client;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value as Json;
use std::sync::Arc;

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

/// Answers with the page that takes files.
pub(in crate::server) async fn bring_page(
    state: State<Shared>,
    client: Extension<Client>,
    session: Extension<Session>,
    headers: HeaderMap,
    query: RawQuery,
) -> Response {
    page(state, client, session, Path("bring".to_owned()), headers, query).await
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
    let address = match address(&shared.mount, &path, query.as_deref()) {
        Ok(address) => address,
        Err(response) => return response,
    };
    if address.is_full() {
        return show(&shared, client, session, &headers, address, None).await;
    }
    // With the newest commit and watermark, what else is open is looked up once for all who come by.
    let address = match address.is_open() {
        false => address,
        true => match frame_of(&shared, client, session.clone()).await {
            Ok(frame) => address.at_head(&frame),
            Err(response) => return response,
        },
    };
    let located =
        kept(&shared, client, session, (&address, address.locating_key()), address.locating()).await;
    match located {
        Err(response) => response,
        Ok(answer) => match address.redirect(&answer) {
            Ok(href) => see_other(&shared.mount, &href),
            Err(refused) => respond(*refused),
        },
    }
}

/// Reads the address of a page.
#[expect(clippy::result_large_err, reason = "the answer itself")]
fn address(mount: &Mount, path: &str, query: Option<&str>) -> Result<Address, Response> {
    let refused = |status, text: &str| respond(pages::refused(mount, status, text));
    let parameters = parameters::parse(query.unwrap_or_default()).map_err(|text| refused(400, &text))?;
    Address::read(mount, path, parameters).map_err(|error| {
        let status = if matches!(error, Refused::Absent(_)) { 404 } else { 400 };
        refused(status, &error.to_string())
    })
}

/// Shows the page of a full address; with what a form sent that was not done, and the status of that.
async fn show(
    shared: &Shared,
    client: Client,
    session: Session,
    headers: &HeaderMap,
    address: Address,
    sent: Option<(u16, Sent)>,
) -> Response {
    let visitor = visitor(shared, &session, headers);
    let frame = frame_of(shared, client, session.clone());
    let (frame, answer) = tokio::join!(frame, answer(shared, client, session.clone(), &address));
    let (frame, answer) = match (frame, answer) {
        (Ok(frame), Ok(answer)) => (frame, answer),
        (Err(response), _) | (_, Err(response)) => return response,
    };
    let answer = bring::with_upload(shared, &session, &address, answer);
    render(shared, address, (visitor, frame, answer), sent).await
}

/// Asks for what is around every page.
async fn frame_of(shared: &Shared, client: Client, session: Session) -> Result<Json, Response> {
    ask(shared, client, session, Address::framing(), Manner::of_pages(true)).await
}

/// Renders a page; with what a form sent that was not done, and the status of that.
async fn render(
    shared: &Shared,
    address: Address,
    (visitor, frame, answer): (Visitor, Json, Arc<Json>),
    sent: Option<(u16, Sent)>,
) -> Response {
    let rendered = tokio::task::spawn_blocking(move || {
        let (status, sent) = sent.unzip();
        let mut rendered = address.render(&visitor, &frame, &answer, sent.as_ref());
        if let Some(status) = status.filter(|_| rendered.status == 200) {
            rendered.status = status;
        }
        rendered
    });
    let failed = |_| pages::refused(&shared.mount, 500, "The page cannot be made; the cause is in the log.");
    respond(rendered.await.unwrap_or_else(failed))
}

/// Answers with a file that pages load; its address changes with its bytes.
pub(in crate::server) async fn asset(State(shared): State<Shared>, Path(name): Path<String>) -> Response {
    let Some(asset) = pages::asset(&name) else {
        return respond(pages::refused(&shared.mount, 404, &format!("There is no file {name:.80}.")));
    };
    let fields = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (fields, asset.text).into_response()
}

/// Answers a page's document. The answer for a committed version and a watermark never changes, and is kept while there is room.
async fn answer(
    shared: &Shared,
    client: Client,
    session: Session,
    address: &Address,
) -> Result<Arc<Json>, Response> {
    kept(shared, client, session, (address, address.key()), address.query()).await
}

/// Answers a request whose answer may be kept: under the key, where there is one and the answer is of a commit and a watermark.
async fn kept(
    shared: &Shared,
    client: Client,
    session: Session,
    (address, key): (&Address, Option<String>),
    query: Query,
) -> Result<Arc<Json>, Response> {
    let answers = &shared.process.page_answers;
    // The threads of a service share the room, and no answer.
    let key = key.map(|key| format!("{} {key}", shared.mount));
    if let Some(known) = key.as_ref().and_then(|key| answers.get(key)) {
        // Whoever asks is checked anew: an answer that is kept is no right to it.
        let refused = |error: Error| respond(pages::refused(&shared.mount, 403, &error.to_string()));
        session.authorize(Operation::Read).map_err(refused)?;
        return Ok(known);
    }
    let Some(turn) = turn(shared, client).await else { return Err(crowded()) };
    let answer = Arc::clone(&shared.service).handle_query(session, query, Manner::of_pages(true), turn).await;
    let read = read(&shared.mount, &answer.body)?;
    let (read, bytes) = (Arc::new(read), answer.body.len());
    if let Some(key) = key.filter(|_| address.is_lasting(&read)) {
        // As values it takes several times what it takes as text.
        answers.insert(key, Arc::clone(&read), bytes * 4);
    }
    Ok(read)
}

#[expect(clippy::result_large_err, reason = "the answer itself")]
fn read(mount: &Mount, body: &[u8]) -> Result<Json, Response> {
    serde_json::from_slice(body).map_err(|_| {
        respond(pages::refused(mount, 500, "The answer cannot be read; the cause is in the log."))
    })
}

/// Asks the service for a principal.
async fn ask(
    shared: &Shared,
    client: Client,
    session: Session,
    query: Query,
    manner: Manner,
) -> Result<Json, Response> {
    let Some(turn) = turn(shared, client).await else { return Err(crowded()) };
    let answer = Arc::clone(&shared.service).handle_query(session, query, manner, turn).await;
    read(&shared.mount, &answer.body)
}

fn visitor(shared: &Shared, session: &Session, headers: &HeaderMap) -> Visitor {
    let principal = session.principal();
    Visitor {
        name: principal.author.name.clone(),
        role: principal.role,
        author: principal.author.person().is_ok().then(|| principal.author.to_string()),
        form_token: shared.form_key.token(principal),
        signed_in: token_of_cookie(&shared.cookies, "/pages/", headers).is_ok_and(|token| token.is_some()),
        is_known: shared.app.access().is_configured(),
    }
}

/// Leads `/pages` to the overview, with what follows it.
pub(in crate::server) async fn bare(State(shared): State<Shared>, uri: Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    see_other(&shared.mount, &shared.mount.path(&format!("/pages/{query}")))
}
