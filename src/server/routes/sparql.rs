//! `/sparql`: queries as the SPARQL 1.1 Protocol carries them, at the version that the parameter `version` names.
//!
//! An answer is sent while it is made. What fails before the first bytes are made has a matching status; what fails
//! later breaks the connection off, so that nobody takes a part for the whole.
//!
//! Few queries are evaluated at once. Where all their places are taken, a query is tried for a moment in a place apart, then for a
//! longer one: what is quick is answered there, and waits for nothing much slower than itself; all else waits for its turn, and
//! begins anew. Clients take turns for the places of each kind. Only so many queries may wait; the next one is refused at once.

use super::parameters;
use crate::server::Shared;
use crate::server::body::Sender;
use crate::server::connection::activity::Pausing;
use crate::server::share::Client;

use crate::app::access::Operation;
use crate::app::{self, Session};
use crate::graph::read::sparql::{Error, Format, Limits, Query};
use crate::graph::{self, Snapshot};
use crate::graphql::{Caller, Permit, Queue};
use crate::model::{accept, utf8};
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// The largest query.
const BYTES_MAX: usize = 4 << 20;
/// A query of no more bytes is small.
const SMALL_BYTES_MAX: usize = 64 << 10;
/// How long a query may be tried, at first and once more.
const TRIAL_TIMES_MAX: [Duration; 2] = [Duration::from_millis(25), Duration::from_millis(500)];
/// How many terms it may hold meanwhile.
const TRIAL_TERMS_MAX: u64 = 1_000_000;
/// The largest answer to a query that is tried: it is sent as a whole.
const TRIAL_BYTES_MAX: u64 = 1 << 20;
/// How long an evaluation may wait for the client to take its answer, in all.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// How many pieces of an answer may wait for the client.
const PIECES_MAX: usize = 4;

/// The header that names the commit that has answered.
const COMMIT: HeaderName = HeaderName::from_static("throughline-commit");

/// Answers the query in the URL.
pub(in crate::server) async fn get(
    State(shared): State<Shared>,
    RawQuery(url): RawQuery,
    Extension(client): Extension<Client>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let asked = QueryParameters::default().with(url.as_deref().unwrap_or(""));
    answer((shared, session, client.caller()), asked.and_then(QueryParameters::whole), (), &headers)
        .await
        .unwrap_or_else(Refusal::into_response)
}

/// Answers a query that is the body, or a parameter of the form that the body is.
pub(in crate::server) async fn post(
    State(shared): State<Shared>,
    RawQuery(url): RawQuery,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(error) = session.authorize(Operation::Read) {
        return version_refusal(&error).into_response();
    }
    let sender = Sender { client, work };
    let received = match shared.process.bodies.receive(&headers, body, BYTES_MAX, &sender).await {
        Ok(received) => received,
        Err((status, text)) => return Refusal(status, text).into_response(),
    };
    let asked = posted(url.as_deref().unwrap_or(""), &headers, &received.bytes);
    // The text takes the room of the body until it is read.
    let (_, room) = received.into_parts();
    let asker = (shared, session, client.caller());
    answer(asker, asked, room, &headers).await.unwrap_or_else(Refusal::into_response)
}

/// Why a request is refused: a status and a text for a person.
struct Refusal(StatusCode, String);

impl Refusal {
    fn bad(text: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, text.into())
    }

    fn into_response(self) -> Response {
        (self.0, self.1 + "\n").into_response()
    }
}

/// What a request asks.
#[derive(Default)]
struct QueryParameters {
    query: Option<String>,
    version: Option<String>,
}

impl QueryParameters {
    /// Takes in the parameters of a URL or a form.
    fn with(mut self, text: &str) -> Result<Self, Refusal> {
        for (name, value) in parameters::parse(text).map_err(Refusal::bad)? {
            let place = match name.as_str() {
                "query" => &mut self.query,
                "version" => &mut self.version,
                "update" | "using-graph-uri" | "using-named-graph-uri" => return Err(read_only()),
                "default-graph-uri" | "named-graph-uri" => {
                    let text =
                        "a version has one graph, which has no name: choose it with the parameter version";
                    return Err(Refusal::bad(format!("{name} is not supported: {text}")));
                }
                // Clients add parameters of other services, such as format; the protocol lets them.
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(Refusal::bad(format!("the parameter {name} is given twice")));
            }
        }
        Ok(self)
    }

    /// Returns what is asked, where a query is.
    fn whole(self) -> Result<(String, String), Refusal> {
        let query = self
            .query
            .ok_or_else(|| Refusal::bad("the parameter query is missing: it holds a SPARQL query"))?;
        Ok((query, self.version.unwrap_or_else(|| "main".to_owned())))
    }
}

fn read_only() -> Refusal {
    Refusal(StatusCode::FORBIDDEN, Error::Update.to_string())
}

/// Reads a posted request: the query and the version.
fn posted(url: &str, headers: &HeaderMap, body: &[u8]) -> Result<(String, String), Refusal> {
    let content = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut parts = content.split(';').map(|part| part.trim().to_ascii_lowercase());
    let media_type = parts.next().unwrap_or_default();
    let charset =
        parts.find_map(|part| part.strip_prefix("charset=").map(|name| name.trim_matches('"').to_owned()));
    let unsupported = |text: String| Err(Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    if let Some(charset) =
        charset.filter(|charset| !matches!(charset.as_str(), "utf-8" | "utf8" | "us-ascii"))
    {
        return unsupported(format!("the charset {charset} is not supported: send UTF-8"));
    }
    let body = utf8::without_mark(body).map_err(|error| Refusal::bad(format!("the body {error}")))?;
    let text = std::str::from_utf8(body).map_err(|_| Refusal::bad("the body is not UTF-8"))?;
    let mut asked = QueryParameters::default().with(url)?;
    match media_type.as_str() {
        "application/x-www-form-urlencoded" => asked = asked.with(text)?,
        "application/sparql-query" if asked.query.is_some() => {
            return Err(Refusal::bad("there are two queries: one in the URL, one in the body"));
        }
        "application/sparql-query" => asked.query = Some(text.to_owned()),
        "application/sparql-update" => return Err(read_only()),
        _ => {
            let offered = "application/sparql-query, or as a parameter in application/x-www-form-urlencoded";
            return unsupported(format!("send the query as {offered}"));
        }
    }
    asked.whole()
}

async fn answer(
    (shared, session, caller): (Shared, Session, Caller),
    asked: Result<(String, String), Refusal>,
    room: impl Send,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    session.authorize(Operation::Read).map_err(|error| version_refusal(&error))?;
    let (text, version) = asked?;
    let (query, large) = parsed(&shared, caller, text).await?;
    drop(room);
    let format = negotiate(&query, headers)?;
    let (cancelled, time) = (Arc::default(), shared.app.settings().server.time_max);
    let version = read(session, version).await?;
    let asked = Question { version, query: Arc::new(query), format, cancelled, time, caller, _large: large };
    // Dropped with this future, or later with the body: the client has disconnected.
    let mut interest = Interest { pieces: None, cancelled: Arc::clone(&asked.cancelled) };
    let place = match shared.process.evaluations.try_take() {
        Some(place) => place,
        None => match asked.try_in(&shared.process.trials).await? {
            Some(answer) => return Ok(asked.response(Body::from(answer))),
            None => turn(&shared.process.evaluations, caller, time).await?,
        },
    };
    interest.pieces = Some(asked.clone().started(place).await?);
    Ok(asked.response(Body::from_stream(interest.into_stream())))
}

/// Parses a query. A large one takes many times its bytes in memory and some time: it waits for a place of its own, and keeps it
/// until it is answered.
async fn parsed(
    shared: &Shared,
    caller: Caller,
    text: String,
) -> Result<(Query, Option<Arc<Permit>>), Refusal> {
    if text.len() <= SMALL_BYTES_MAX {
        return Ok((Query::read(text).map_err(|error| refusal(&error))?, None));
    }
    let place = turn(&shared.process.large_queries, caller, shared.app.settings().server.time_max).await?;
    let parsed = tokio::task::spawn_blocking(move || Query::read(text));
    let query = parsed.await.map_err(unanswered)?.map_err(|error| refusal(&error))?;
    Ok((query, Some(Arc::new(place))))
}

/// Reads the version that is asked.
async fn read(session: Session, version: String) -> Result<Snapshot, Refusal> {
    let read = tokio::task::spawn_blocking(move || session.snapshot(&version)).await.map_err(unanswered)?;
    read.map_err(|error| version_refusal(&error))
}

/// Waits for a place, so long at the most.
async fn turn(places: &Queue, caller: Caller, time_max: Duration) -> Result<Permit, Refusal> {
    match tokio::time::timeout(time_max, places.take(caller)).await {
        Ok(Ok(place)) => Ok(place),
        _ => Err(crowded()),
    }
}

fn crowded() -> Refusal {
    let text = "too many slow queries are being answered: try again later, or ask for less at once";
    Refusal(StatusCode::SERVICE_UNAVAILABLE, text.to_owned())
}

fn unanswered<E>(_: E) -> Refusal {
    Refusal(StatusCode::INTERNAL_SERVER_ERROR, "the query was not answered".to_owned())
}

/// A query at one version, and whether to stop.
#[derive(Clone)]
struct Question {
    version: Snapshot,
    query: Arc<Query>,
    format: Format,
    cancelled: Arc<AtomicBool>,
    /// How long it may be evaluated.
    time: Duration,
    caller: Caller,
    /// The place of a large query.
    _large: Option<Arc<Permit>>,
}

impl Question {
    /// Answers what is quick and small in one of the places for trials; `None` where it is not.
    async fn try_in(&self, trials: &[Queue; 2]) -> Result<Option<Vec<u8>>, Refusal> {
        for (places, time_max) in trials.iter().zip(TRIAL_TIMES_MAX) {
            let place = turn(places, self.caller, self.time).await?;
            let answer = self.clone().tried(place, time_max).await?;
            if answer.is_some() {
                return Ok(answer);
            }
        }
        Ok(None)
    }

    async fn tried(self, place: Permit, time: Duration) -> Result<Option<Vec<u8>>, Refusal> {
        let answered = tokio::task::spawn_blocking(move || {
            let _place = place;
            let (terms, bytes) = (TRIAL_TERMS_MAX, TRIAL_BYTES_MAX);
            let limits = Limits { time, terms, bytes, cancelled: self.cancelled };
            let mut answer = Vec::new();
            self.version.answer(&self.query, self.format, &limits, &mut answer).map(|()| answer)
        });
        match answered.await.map_err(unanswered)? {
            Ok(answer) => Ok(Some(answer)),
            Err(Error::Late(_) | Error::Memory | Error::Size(_)) => Ok(None),
            Err(error) => Err(refusal(&error)),
        }
    }

    /// Begins to answer; returns once the first bytes are made.
    async fn started(self, place: Permit) -> Result<mpsc::Receiver<Piece>, Refusal> {
        let (head, started) = oneshot::channel();
        let (sender, pieces) = mpsc::channel(PIECES_MAX);
        let out = Pieces { head: Some(head), sender, patience: WAIT_MAX, runtime: Handle::current() };
        // The place goes with the work, which ends soon after the client has disconnected.
        tokio::task::spawn_blocking(move || {
            let _place = place;
            out.fill(self);
        });
        started.await.map_err(unanswered)??;
        Ok(pieces)
    }

    fn response(&self, body: Body) -> Response {
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.format.content_type()));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        let commit = HeaderValue::from_str(&self.version.commit().id.to_string()).ok();
        headers.extend(commit.map(|commit| (COMMIT, commit)));
        response
    }
}

/// Chooses the format of an answer.
fn negotiate(query: &Query, headers: &HeaderMap) -> Result<Format, Refusal> {
    let formats = Format::of(query.form());
    let accept: Vec<_> =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let accept = accept.join(",");
    if accept.trim().is_empty() {
        return Ok(formats[0]);
    }
    let offers: Vec<_> =
        formats.iter().map(|format| [&[format.media_type], format.aliases].concat()).collect();
    accept::best(&accept, &offers).map(|place| formats[place]).ok_or_else(|| {
        let offered: Vec<_> = formats.iter().map(|format| format.media_type).collect();
        let text = format!("the answer to {} can be {}", query.form().as_str(), offered.join(", "));
        Refusal(StatusCode::NOT_ACCEPTABLE, text)
    })
}

/// Maps a failed query to an HTTP status.
fn refusal(error: &Error) -> Refusal {
    let status = match error {
        Error::Malformed(_)
        | Error::Update
        | Error::Service
        | Error::Dataset
        | Error::Complex(_)
        | Error::Failed(_) => StatusCode::BAD_REQUEST,
        Error::Memory | Error::Size(_) | Error::Text(_) | Error::Pattern(_) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Error::Format { .. } => StatusCode::NOT_ACCEPTABLE,
        Error::Late(_) | Error::Cancelled => StatusCode::SERVICE_UNAVAILABLE,
        Error::Write(error) if error.kind() == io::ErrorKind::InvalidInput => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Error::Write(_) | Error::Index(_) => {
            tracing::error!(%error, "a query failed");
            let text = "the service failed; the cause is in its log";
            return Refusal(StatusCode::INTERNAL_SERVER_ERROR, text.to_owned());
        }
    };
    Refusal(status, error.to_string())
}

/// Maps a version that cannot be read to an HTTP status.
fn version_refusal(error: &app::Error) -> Refusal {
    let status = match error {
        app::Error::Graph(
            graph::Error::UnknownVersion(_)
            | graph::Error::BeforeFirst { .. }
            | graph::Error::UnknownBranch(_),
        ) => StatusCode::NOT_FOUND,
        app::Error::Graph(graph::Error::AmbiguousVersion(_)) => StatusCode::BAD_REQUEST,
        app::Error::Forbidden(_) => StatusCode::FORBIDDEN,
        _ => {
            tracing::error!(%error, "a version cannot be read");
            return Refusal(StatusCode::INTERNAL_SERVER_ERROR, "the version cannot be read".to_owned());
        }
    };
    Refusal(status, error.to_string())
}

type Piece = Result<Bytes, io::Error>;

/// A client that waits for an answer; when it is dropped, the evaluation ends.
struct Interest {
    pieces: Option<mpsc::Receiver<Piece>>,
    cancelled: Arc<AtomicBool>,
}

impl Interest {
    fn into_stream(mut self) -> impl futures_util::Stream<Item = Piece> {
        futures_util::stream::poll_fn(move |context| match &mut self.pieces {
            Some(pieces) => pieces.poll_recv(context),
            None => std::task::Poll::Ready(None),
        })
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// The answer on its way: word that it begins with the first piece, or a refusal in its place.
struct Pieces {
    head: Option<oneshot::Sender<Result<(), Refusal>>>,
    sender: mpsc::Sender<Piece>,
    /// How long the client may still be waited for.
    patience: Duration,
    runtime: Handle,
}

impl Pieces {
    /// Evaluates a query and sends its answer.
    fn fill(mut self, asked: Question) {
        let Question { version, query, format, cancelled, time, _large, .. } = asked;
        let limits = Limits { cancelled, ..Limits::within(time) };
        match version.answer(&query, format, &limits, &mut self).map_err(|error| refusal(&error)) {
            Ok(()) => self.begin(),
            // Nobody listens where this fails.
            Err(refusal) => match self.head.take() {
                Some(head) => drop(head.send(Err(refusal))),
                None => drop(self.send(Err(io::Error::other(refusal.1)))),
            },
        }
    }

    /// Signals that the answer begins, if that is still to be done.
    fn begin(&mut self) {
        if let Some(head) = self.head.take() {
            drop(head.send(Ok(())));
        }
    }

    fn send(&mut self, piece: Piece) -> io::Result<()> {
        let began = Instant::now();
        let sent = self.runtime.block_on(self.sender.send_timeout(piece, self.patience));
        self.patience = self.patience.saturating_sub(began.elapsed());
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begin();
        self.send(Ok(Bytes::copy_from_slice(bytes)))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn clients_take_turns() {
        let places = Queue::new(1, 100);
        let taken = places.try_take();
        let (done, mut order) = mpsc::channel(3);
        for (name, client) in [("a1", 1), ("a2", 1), ("b1", 2)] {
            let (places, done) = (places.clone(), done.clone());
            let caller = Caller::of([10, 0, 0, client].into());
            let before = places.waiting();
            let waits = places.clone();
            tokio::spawn(async move {
                let place = turn(&places, caller, Duration::from_secs(180)).await;
                done.send((name, place.is_ok())).await.expect("somebody listens");
            });
            while waits.waiting() == before {
                tokio::task::yield_now().await;
            }
        }
        drop(taken);
        let mut names = Vec::new();
        for _ in 0..3 {
            names.push(order.recv().await.expect("each gets a place"));
        }
        assert_eq!(names, [("a1", true), ("b1", true), ("a2", true)]);
    }

    #[test]
    fn a_query_that_takes_too_long_is_told_so() {
        let Refusal(status, text) = refusal(&Error::Late(Duration::from_secs(7)));
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(text.contains("after 7 s"), "{text}");
    }
}
