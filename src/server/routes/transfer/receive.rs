//! From a request to the work that it asks for: checked, a place taken, the body received, the work done on a thread where waiting is allowed.

use super::jobs::{self, Sessions};
use super::order::Order;
use super::refusal::Refusal;
use super::run::{Done, Run};
use super::streams::spool;
use crate::app::{Job, JobDraft, JobKind as Kind, JobOrder, Mount, Session};
use crate::model::sync::cancellation::Cancellation;
use crate::server::Shared;
use crate::server::body::{Received, Sender};
use crate::server::connection::activity::Pausing;
use crate::server::share::Client;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a body may wait for its turn.
const TURN_MAX: Duration = Duration::from_secs(120);
/// A larger body becomes a job.
const JOB_BYTES: u64 = 16 << 20;
/// Work that is not a job ends with its client, and after this at the latest.
const WORK_MAX: Duration = Duration::from_secs(3600);

/// The header that names the commit that was made.
const COMMIT: HeaderName = HeaderName::from_static("throughline-commit");

/// Imports what the body is.
pub(super) async fn import(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let request = Request { shared, session, query: query.unwrap_or_default(), headers, body };
    answer(Kind::Import, request, Sender { client, work }).await
}

/// Stores the readings that the body is.
pub(super) async fn ingest(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let request = Request { shared, session, query: query.unwrap_or_default(), headers, body };
    answer(Kind::Ingest, request, Sender { client, work }).await
}

/// A request that brings a body.
struct Request {
    shared: Shared,
    session: Session,
    query: String,
    headers: HeaderMap,
    body: Body,
}

async fn answer(kind: Kind, request: Request, sender: Sender) -> Response {
    let done = match checked(kind, &request) {
        Ok(checked) if checked.is_job => submit(kind, request, checked, &sender).await,
        Ok(checked) => work(kind, request, checked, &sender).await.map(done),
        Err(refusal) => {
            // Else a client that is still sending would not read the refusal.
            request.shared.process.bodies.discard(request.body);
            Err(refusal)
        }
    };
    done.unwrap_or_else(IntoResponse::into_response)
}

fn done(done: Value) -> Response {
    let commit = done.get("commit").and_then(Value::as_str).map(HeaderValue::from_str);
    let mut response = (StatusCode::OK, Json(done)).into_response();
    response.headers_mut().extend(commit.and_then(Result::ok).map(|commit| (COMMIT, commit)));
    response
}

/// A request that may bring its body.
struct Checked {
    order: Order,
    content_type: String,
    is_packed: bool,
    is_job: bool,
    /// How many bytes the body has, where that is announced.
    announced: Option<u64>,
    bytes_max: usize,
    _place: OwnedSemaphorePermit,
}

/// Checks all that can be checked before the body is received.
fn checked(kind: Kind, request: &Request) -> Result<Checked, Refusal> {
    let Request { shared, session, query, headers, .. } = request;
    session.authorize(kind.operation())?;
    let content_type = content_type(headers)?.to_owned();
    let order = Order::read(kind, query, &content_type)?;
    let is_packed = is_packed(headers)?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let is_job = order.is_job() || announced.is_some_and(|bytes: u64| bytes > JOB_BYTES);
    let _place = try_place(&shared.process.transfers.received)?;
    let settings = shared.app.settings();
    let bytes_max = match kind {
        Kind::Import => {
            let import_max = usize::try_from(settings.import_bytes_max).unwrap_or(usize::MAX);
            import_max.min(settings.server.bodies_bytes_max)
        }
        Kind::Ingest => settings.server.body_bytes_max,
        Kind::Backup => 0,
    };
    Ok(Checked { order, content_type, is_packed, is_job, announced, bytes_max, _place })
}

/// Receives a body and works on it while its client waits.
async fn work(kind: Kind, request: Request, checked: Checked, sender: &Sender) -> Result<Value, Refusal> {
    let Request { shared, session, headers, body, .. } = request;
    let Checked { order, is_packed, bytes_max, _place, .. } = checked;
    let client = sender.client;
    let received = shared.process.bodies.receive(&headers, body, bytes_max, sender).await?;
    let worked = Arc::clone(&shared.process.transfers.worked[kind as usize]).acquire_owned();
    let Ok(Ok(place)) = tokio::time::timeout(TURN_MAX, worked).await else { return Err(crowded()) };
    let wanted = Cancellation::at(Instant::now() + WORK_MAX);
    // Dropped with this future: the client has closed its connection.
    let interest = wanted.abandon_on_drop();
    let done = tokio::task::spawn_blocking(move || {
        let _place = place;
        let received = unpacked(&shared, received, is_packed, client, bytes_max)?;
        let (bytes, _room) = received.into_parts();
        let (key, before, progress) = (None, Done::default(), &|_| {});
        order.run(&Run { session: &session, wanted, key, before, progress }, bytes)
    });
    let done = done.await;
    drop(interest);
    done.unwrap_or_else(|error| Err(Refusal::failed(error)))
}

/// Receives a body onto the disk, and makes a job of it.
async fn submit(
    kind: Kind,
    request: Request,
    checked: Checked,
    sender: &Sender,
) -> Result<Response, Refusal> {
    let Request { shared, session, query, body, .. } = request;
    let Checked { content_type, is_packed, announced, _place, .. } = checked;
    let (settings, bytes) = (shared.app.settings(), announced.unwrap_or_default());
    let bytes_max = settings.import_bytes_max;
    if bytes > bytes_max {
        shared.process.bodies.discard(body);
        return Err(crate::app::Error::ImportTooLarge { max: bytes_max }.into());
    }
    let drafted = Draft::new(&session, kind, bytes)?;
    let path = drafted.draft.as_ref().map(JobDraft::body).unwrap_or_default();
    let bytes = spool(body, path, bytes_max, settings.server.patience, sender).await?;
    let order = JobOrder { parameters: query, content_type, packed: is_packed, bytes };
    let mount = shared.mount.clone();
    let job = tokio::task::spawn_blocking(move || drafted.submit(&shared.job_sessions, kind, order));
    accepted(&mount, &job.await.map_err(Refusal::failed)??)
}

/// Answers with the job that was made.
pub(super) fn accepted(mount: &Mount, job: &Job) -> Result<Response, Refusal> {
    let place = HeaderValue::from_str(&mount.path(&format!("/jobs/{}", job.id))).map_err(Refusal::failed)?;
    let answer = (StatusCode::ACCEPTED, [(header::LOCATION, place)], Json(json!({ "job": job.id })));
    Ok(answer.into_response())
}

/// Imports a body that a page of the service has, or returns what would come of it, as the query states; a refusal is JSON with its reason.
pub(in crate::server) async fn import_of_page(
    shared: &Shared,
    session: Session,
    (query, content_type): (&str, &str),
    body: Vec<u8>,
) -> Result<Value, Value> {
    let work = async {
        session.authorize(Kind::Import.operation())?;
        let order = Order::read(Kind::Import, query, content_type)?;
        let worked = Arc::clone(&shared.process.transfers.worked[Kind::Import as usize]).acquire_owned();
        let Ok(Ok(place)) = tokio::time::timeout(TURN_MAX, worked).await else { return Err(crowded()) };
        let wanted = Cancellation::at(Instant::now() + WORK_MAX);
        let interest = wanted.abandon_on_drop();
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            let (key, before, progress) = (None, Done::default(), &|_| {});
            order.run(&Run { session: &session, wanted, key, before, progress }, body)
        });
        let done = done.await;
        drop(interest);
        done.unwrap_or_else(|error| Err(Refusal::failed(error)))
    };
    work.await.map_err(|refusal: Refusal| Value::Object(refusal.fields))
}

/// Makes a job of a body that a page of the service has, and returns its id; a refusal is JSON with its reason.
pub(in crate::server) async fn job_of_page(
    shared: &Shared,
    session: Session,
    (query, content_type): (String, String),
    body: Vec<u8>,
) -> Result<String, Value> {
    let work = async {
        session.authorize(Kind::Import.operation())?;
        Order::read(Kind::Import, &query, &content_type)?;
        let bytes = body.len() as u64;
        let drafted = Draft::new(&session, Kind::Import, bytes)?;
        let order = JobOrder { parameters: query, content_type, packed: false, bytes };
        let sessions = Arc::clone(&shared.job_sessions);
        let job = tokio::task::spawn_blocking(move || {
            let path = drafted.draft.as_ref().map(JobDraft::body).unwrap_or_default();
            write_new(&path, &body)
                .map_err(|error| Refusal::crowded(format!("the file cannot be kept: {error}")))?;
            drafted.submit(&sessions, Kind::Import, order)
        });
        job.await.map_err(Refusal::failed)?.map(|job| job.id)
    };
    work.await.map_err(|refusal: Refusal| Value::Object(refusal.fields))
}

/// Writes a file, and waits until it is on the disk.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A job whose body is being received; it goes where it is not submitted.
pub(super) struct Draft {
    draft: Option<JobDraft>,
    session: Session,
}

impl Draft {
    /// Begins a job whose body has so many bytes.
    pub(super) fn new(session: &Session, kind: Kind, bytes: u64) -> Result<Self, Refusal> {
        Ok(Self { draft: Some(session.draft_job(kind, bytes)?), session: session.clone() })
    }

    pub(super) fn submit(mut self, sessions: &Sessions, kind: Kind, order: JobOrder) -> Result<Job, Refusal> {
        let draft = self.draft.take().ok_or_else(|| Refusal::failed("a job was submitted twice"))?;
        let id = draft.id().to_owned();
        // Before it can be begun.
        jobs::remember(sessions, &id, Some(self.session.clone()));
        let submitted = self.session.submit_job(draft, kind, order);
        Ok(submitted.inspect_err(|_| drop(jobs::remember(sessions, &id, None)))?)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(draft) = &self.draft {
            self.session.discard_job(draft);
        }
    }
}

fn unpacked(
    shared: &Shared,
    received: Received,
    is_packed: bool,
    client: Client,
    bytes_max: usize,
) -> Result<Received, Refusal> {
    if !is_packed {
        return Ok(received);
    }
    let unpacked = shared.process.bodies.unpack(&received.bytes, client, bytes_max, bytes_max)?;
    unpacked.ok_or_else(|| Refusal::failed("a body was not unpacked"))
}

fn try_place(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Refusal> {
    Arc::clone(places).try_acquire_owned().map_err(|_| crowded())
}

fn crowded() -> Refusal {
    Refusal::crowded("too many files are being imported or stored: try again later")
}

/// Returns the content type of the body.
fn content_type(headers: &HeaderMap) -> Result<&str, Refusal> {
    let value = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str);
    value.unwrap_or(Ok("")).map_err(|_| Refusal::unsupported("the content type is no visible ASCII"))
}

/// Returns whether a body is gzip; other encodings are refused.
pub(super) fn is_packed(headers: &HeaderMap) -> Result<bool, Refusal> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase());
    match encoding.as_deref() {
        None | Some(b"" | b"identity") => Ok(false),
        Some(b"gzip") => Ok(true),
        Some(other) => {
            let other = String::from_utf8_lossy(other);
            Err(Refusal::unsupported(format!("\"{other}\" is no encoding of bodies: use gzip")))
        }
    }
}
