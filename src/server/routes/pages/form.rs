//! What a form of a page sends: received, checked to come from a page of this service, and done; then the browser is led to the page that
//! shows it. What is not done is shown in the same form again, with the reason.

use super::{address, ask, show};
use crate::app::{Mount, Session};
use crate::graphql::Manner;
use crate::pages::{self, Address, Outcome, Sent};
use crate::server::Shared;
use crate::server::auth::browser::{respond, see_other};
use crate::server::body::Sender;
use crate::server::connection::activity::Pausing;
use crate::server::origins;
use crate::server::routes::parameters;
use crate::server::share::Client;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

/// The largest form.
const FORM_BYTES_MAX: usize = 256 << 10;

/// Why a form without the right token is not done.
const OTHER_TOKEN: &str = "The page was made for another sign-in, or before the service was started anew. What you typed is still here: look at it and send it again.";

/// Does what a form of the overview asks for.
pub(in crate::server) async fn send_from_overview(
    state: State<Shared>,
    client: Extension<Client>,
    work: Extension<Pausing>,
    session: Extension<Session>,
    query: RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    send(state, (client, work, session), Path(String::new()), query, headers, body).await
}

/// Does what a form of a page asks for.
pub(in crate::server) async fn send(
    State(shared): State<Shared>,
    (Extension(client), Extension(work), Extension(session)): (
        Extension<Client>,
        Extension<Pausing>,
        Extension<Session>,
    ),
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let address = match address(&shared.mount, &path, query.as_deref()) {
        Ok(address) if address.is_full() => address,
        Ok(_) => return refused(&shared, 400, "The form belongs to no page: open the page first."),
        Err(response) => return response,
    };
    let sender = Sender { client, work };
    let values = match form(&shared, sender, &headers, body).await {
        Ok(values) => values,
        Err(response) => return response,
    };
    let sent = Sent::new(values);
    act(&shared, (client, session), &headers, address, sent).await
}

/// Does what a form asks for, and leads to the page that shows it.
pub(super) async fn act(
    shared: &Shared,
    (client, session): (Client, Session),
    headers: &HeaderMap,
    address: Address,
    mut sent: Sent,
) -> Response {
    let Some(action) = address.action(&sent) else {
        return refused(shared, 400, "No form of the pages asks for this.");
    };
    if !shared.form_key.is_of(sent.value("token"), session.principal()) {
        token_refusal(&mut sent);
        return show(shared, client, session, headers, address, Some((403, sent))).await;
    }
    let request = address.request(action, &sent);
    let answer = match ask(shared, client, session.clone(), request, Manner::of_pages(false)).await {
        Ok(answer) => answer,
        Err(response) => return response,
    };
    match address.outcome(action, sent, &answer) {
        Outcome::Done(href) => see_other(&shared.mount, &href),
        Outcome::Refused(status, sent) => {
            show(shared, client, session, headers, address, Some((status, *sent))).await
        }
    }
}

/// Receives a form; only a page of this service may send one.
pub(super) async fn form(
    shared: &Shared,
    sender: Sender,
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<(String, String)>, Response> {
    is_own(&shared.mount, headers)?;
    let received = shared.process.bodies.receive(headers, body, FORM_BYTES_MAX, &sender).await;
    let (body, _room) =
        received.map_err(|(status, text)| refused(shared, status.as_u16(), &text))?.into_parts();
    fields(&shared.mount, body)
}

/// Refuses a form by a page with the reason.
pub(super) fn refused(shared: &Shared, status: u16, text: &str) -> Response {
    respond(pages::refused(&shared.mount, status, text))
}

/// Refuses a form that no page of this service sent.
#[expect(clippy::result_large_err, reason = "the answer itself")]
pub(super) fn is_own(mount: &Mount, headers: &HeaderMap) -> Result<(), Response> {
    if origins::is_of_own_page(headers) {
        return Ok(());
    }
    let text = "A form is taken from a page of this service alone; scripts use GraphQL.";
    Err(respond(pages::refused(mount, 403, text)))
}

/// Reads the values of a form.
#[expect(clippy::result_large_err, reason = "the answer itself")]
pub(super) fn fields(mount: &Mount, body: Vec<u8>) -> Result<Vec<(String, String)>, Response> {
    let text = String::from_utf8(body).map_err(|_| "the form is not UTF-8".to_owned());
    text.and_then(|text| parameters::parse(&text)).map_err(|text| respond(pages::refused(mount, 400, &text)))
}

/// Refuses a form without the right token.
pub(super) fn token_refusal(sent: &mut Sent) {
    sent.refuse(OTHER_TOKEN);
}

/// Returns a value of a form; empty where it is absent.
pub(super) fn value<'a>(values: &'a [(String, String)], name: &str) -> &'a str {
    values.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

/// Sets a cookie.
pub(super) fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
