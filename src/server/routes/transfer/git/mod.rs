//! `/thread.git`: the repository of the thread for Git's clients (smart HTTP). What they send and receive passes through `git http-backend`, as
//! it is run by any web server. They read all of it, and push to `refs/incoming/` alone, from where `adopt` takes commits in.

mod backend;
mod packet;
mod push;

use super::receive::is_packed;
use super::refusal::Refusal;
use super::streams;
use crate::app::Session;
use crate::app::access::Operation;
use crate::graphql::Code;
use crate::model::sync::cancellation::Cancellation;
use crate::server::Shared;
use crate::server::body::Sender;
use crate::server::connection::activity::Pausing;
use crate::server::share::Client;
use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use backend::{Backend, GitRequest, command};
use push::{Failed, Push};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// The largest request of a client that fetches: what it wants and has.
const BYTES_MAX: usize = 16 << 20;
/// The services that there are.
const UPLOAD_PACK: &str = "git-upload-pack";
const RECEIVE_PACK: &str = "git-receive-pack";

/// Answers with the refs.
pub(super) async fn refs(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let push_bytes_max = match query.strip_prefix("service=") {
        Some(UPLOAD_PACK) => None,
        Some(RECEIVE_PACK) => match session.authorize(Operation::Push) {
            Ok(()) => Some(push_bytes_max(&shared)),
            Err(error) => return Refusal::from(error).into_response(),
        },
        _ => {
            let text = "only Git's smart protocol is answered here: use git clone, fetch or push";
            return Refusal::new(StatusCode::FORBIDDEN, Code::Forbidden, text).into_response();
        }
    };
    let asked =
        GitRequest { method: Method::GET, path: "/info/refs", query, body: Vec::new(), push_bytes_max };
    answer(&shared, session, asked, &headers).await.unwrap_or_else(IntoResponse::into_response)
}

/// Answers with objects.
pub(super) async fn upload_pack(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let answered = async {
        session.authorize(Operation::Read)?;
        let sender = Sender { client, work };
        let received = shared.process.bodies.receive(&headers, body, BYTES_MAX, &sender).await?;
        let (body, _room) = received.into_parts();
        let (method, path, query) = (Method::POST, "/git-upload-pack", String::new());
        answer(&shared, session, GitRequest { method, path, query, body, push_bytes_max: None }, &headers)
            .await
    };
    answered.await.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(
    shared: &Shared,
    session: Session,
    asked: GitRequest,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let place = Arc::clone(&shared.process.transfers.exports).try_acquire_owned();
    let place = place.map_err(|_| Refusal::crowded("too much is being exported: try again later"))?;
    let command = command(&session.repository_folder()?, &asked, headers);
    let begun = tokio::task::spawn_blocking(move || Backend::start(command, asked.body)).await;
    let mut backend = begun.map_err(Refusal::failed)?.map_err(Refusal::failed)?;
    let (status, fields) = (backend.status, std::mem::take(&mut backend.fields));
    let body =
        streams::written(shared.app.settings().server.patience, &Cancellation::default(), move |out| {
            let _place = place;
            backend.copy(out)
        });
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().extend(fields);
    Ok(response)
}

/// Returns how many bytes a push may have, packed and unpacked.
fn push_bytes_max(shared: &Shared) -> usize {
    let settings = shared.app.settings();
    let import_max = usize::try_from(settings.import_bytes_max).unwrap_or(usize::MAX);
    import_max.min(settings.server.bodies_bytes_max)
}

/// Takes commits that are to be adopted.
pub(super) async fn receive_pack(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let taken = match checked(&shared, &session, &headers) {
        Ok(checked) => take(&shared, session, checked, headers, body, Sender { client, work }).await,
        Err(refusal) => {
            // Else a client that is still sending would not read the refusal.
            shared.process.bodies.discard(body);
            Err(refusal)
        }
    };
    taken.unwrap_or_else(IntoResponse::into_response)
}

/// A push that may bring its body.
struct Checked {
    is_packed: bool,
    _place: OwnedSemaphorePermit,
}

/// Checks all that can be checked before the body is received.
fn checked(shared: &Shared, session: &Session, headers: &HeaderMap) -> Result<Checked, Refusal> {
    session.authorize(Operation::Push)?;
    let kind = format!("application/x-{RECEIVE_PACK}-request");
    if headers.get(header::CONTENT_TYPE).is_none_or(|given| given.as_bytes() != kind.as_bytes()) {
        return Err(Refusal::unsupported(format!("a push has the content type {kind}: use git push")));
    }
    let is_packed = is_packed(headers)?;
    let place = Arc::clone(&shared.process.transfers.pushes).try_acquire_owned();
    let _place =
        place.map_err(|_| Refusal::crowded("too many pushes are being received: try again later"))?;
    Ok(Checked { is_packed, _place })
}

async fn take(
    shared: &Shared,
    session: Session,
    checked: Checked,
    headers: HeaderMap,
    body: Body,
    sender: Sender,
) -> Result<Response, Refusal> {
    let bytes_max = push_bytes_max(shared);
    let received = shared.process.bodies.receive(&headers, body, bytes_max, &sender).await?;
    let shared = shared.clone();
    let taken = tokio::task::spawn_blocking(move || {
        let received = match checked.is_packed {
            true => {
                let unpacked =
                    shared.process.bodies.unpack(&received.bytes, sender.client, bytes_max, bytes_max)?;
                unpacked.ok_or_else(|| Refusal::failed("a push was not unpacked"))?
            }
            false => received,
        };
        let (body, _room) = received.into_parts();
        let _checked = checked;
        pushed(&session, body, &headers, bytes_max)
    });
    let report = taken.await.map_err(Refusal::failed)??;
    let kind = HeaderValue::from_static("application/x-git-receive-pack-result");
    let fields =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    Ok((StatusCode::OK, fields, report).into_response())
}

/// Returns the report of a push.
fn pushed(
    session: &Session,
    body: Vec<u8>,
    headers: &HeaderMap,
    bytes_max: usize,
) -> Result<Vec<u8>, Refusal> {
    let Some(push) = Push::read(&body).map_err(Refusal::bad)? else { return Ok(Vec::new()) };
    let (method, path, query) = (Method::POST, "/git-receive-pack", String::new());
    let asked = GitRequest { method, path, query, body, push_bytes_max: Some(bytes_max) };
    let done = session.push(push.describe(), |folder| {
        push.refuse_others()?;
        let report = backend::push(command(folder, &asked, headers), &asked.body).map_err(Failed::of_git)?;
        push.check(report)
    });
    match done {
        Ok(report) | Err(Failed::Reported { report, .. }) => Ok(report),
        Err(Failed::Refused(refusal)) => Err(refusal),
    }
}
