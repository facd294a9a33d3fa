//! `/api/v2/write` and `/write`: InfluxDB line protocol. All good lines of a request are stored; where lines are bad, the
//! answer is InfluxDB's 400 and names them by number. Errors are written in the JSON of the API that was asked: v2's
//! `code` and `message`, v1's `error`. What is no error, but may surprise the sender, is in the header `throughline-note` and in the
//! service's log: text beside numbers, which some clients send with every point, must not make them drop or repeat a batch.

use crate::app::access::Operation;
use crate::app::{self, Session};
use crate::graphql::{Caller, Permit, Queue};
use crate::model::sync::cache::BoundedCache;
use crate::server::Shared;
use crate::server::body::{Received, Refused, Sender};
use crate::server::connection::activity::Pausing;
use crate::server::routes::parameters;
use crate::server::share::Client;
use crate::telemetry::{self, Precision, Written};
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Which of InfluxDB's APIs is spoken.
#[derive(Clone, Copy, Debug)]
enum Dialect {
    V1,
    V2,
}

/// Seconds after which a client may try again what cannot be stored now.
const RETRY_SECONDS: &str = "5";
/// Bodies that unpack to no more bytes are of one class: they wait for others of their class, where clients take turns, and for none of
/// a larger one.
const CLASSES: [usize; 3] = [64 << 10, 1 << 20, usize::MAX];
/// How long a body may wait to be stored.
const TURN_MAX: Duration = Duration::from_secs(30);

/// Stores the samples of a body sent to the v2 API.
pub(in crate::server) async fn v2(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    write(Dialect::V2, (shared, session), query.as_deref(), &headers, body, Sender { client, work }).await
}

/// Stores the samples of a body sent to the v1 API.
pub(in crate::server) async fn v1(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    write(Dialect::V1, (shared, session), query.as_deref(), &headers, body, Sender { client, work }).await
}

async fn write(
    dialect: Dialect,
    (shared, session): (Shared, Session),
    query: Option<&str>,
    headers: &HeaderMap,
    body: Body,
    sender: Sender,
) -> Response {
    let noted = Arc::clone(&shared.noted);
    match store(dialect, (shared, session), query, headers, body, sender).await {
        Ok(written) => {
            log_notes(&noted, &written);
            with_notes(dialect.answer(&written), &written)
        }
        Err(refused) => dialect.refuse(refused.0, &refused.1),
    }
}

/// The header that carries what a write did that its sender may not expect.
const NOTE: HeaderName = HeaderName::from_static("throughline-note");

/// Adds the notes of a write to its answer.
fn with_notes(mut response: Response, written: &Written) -> Response {
    let notes = written.notes();
    response.headers_mut().extend(notes.iter().filter_map(|note| Some((NOTE, header_text(note)?))));
    response
}

/// Logs the notes of a write. A field of text comes with every batch of its client, so it is logged once.
fn log_notes(noted: &BoundedCache<String, ()>, written: &Written) {
    if let Some(replaced) = &written.replaced {
        tracing::warn!("line protocol: {replaced}");
    }
    if let Some(skipped) = &written.skipped
        && noted.get(&skipped.field).is_none()
    {
        noted.insert(skipped.field.clone(), (), skipped.field.len());
        tracing::warn!("line protocol: {skipped}; this field is not logged again");
    }
}

/// Writes a text in the visible ASCII that headers may hold; other characters become question marks.
fn header_text(text: &str) -> Option<HeaderValue> {
    let visible = |char: char| if matches!(char, ' '..='~') { char } else { '?' };
    HeaderValue::from_str(&text.chars().take(NOTE_CHARS_MAX).map(visible).collect::<String>()).ok()
}

/// Proxies refuse headers that are much longer.
const NOTE_CHARS_MAX: usize = 1000;

async fn store(
    dialect: Dialect,
    (shared, session): (Shared, Session),
    query: Option<&str>,
    headers: &HeaderMap,
    body: Body,
    sender: Sender,
) -> Result<Written, Refused> {
    // Before the body is received: nothing of it is of use.
    session.authorize(Operation::Ingest).map_err(not_stored)?;
    let precision = dialect.precision(query.unwrap_or_default())?;
    let packed = is_packed(headers)?;
    let bytes_max = shared.app.settings().server.body_bytes_max;
    let received = shared.process.bodies.receive(headers, body, bytes_max, &sender).await?;
    let writer = Writer { shared, session, precision, client: sender.client, bytes_max };
    if !packed {
        let class = CLASSES.partition_point(|bytes_max| *bytes_max < received.bytes.len());
        return writer.on_a_thread(class, move |writer| writer.ingest(received)).await;
    }
    writer.store_packed(received).await
}

/// What the bodies of one request are stored with.
#[derive(Clone)]
struct Writer {
    shared: Shared,
    session: Session,
    precision: Precision,
    client: Client,
    bytes_max: usize,
}

impl Writer {
    /// Unpacks a body and stores it: one that turns out to be larger than its class begins anew in the next one.
    async fn store_packed(self, mut packed: Received) -> Result<Written, Refused> {
        for (class, bytes_max) in CLASSES.into_iter().enumerate() {
            let tried = self.on_a_thread(class, move |writer| {
                Ok(match writer.unpack(&packed, bytes_max)? {
                    Some(unpacked) => Ok(writer.ingest(unpacked)?),
                    None => Err(packed),
                })
            });
            match tried.await? {
                Ok(written) => return Ok(written),
                Err(larger) => packed = larger,
            }
        }
        Err(not_written())
    }

    fn unpack(&self, packed: &Received, stop_at: usize) -> Result<Option<Received>, Refused> {
        self.shared.process.bodies.unpack(&packed.bytes, self.client, stop_at, self.bytes_max)
    }

    fn ingest(&self, lines: Received) -> Result<Written, Refused> {
        let (bytes, _room) = lines.into_parts();
        self.session.ingest_lines(&bytes, self.precision).map_err(not_stored)
    }

    /// Works on a thread where waiting is allowed, in a place among the bodies of a class. The place goes with the work, which goes on
    /// where the client has closed its connection, so that no body is left half stored; one that waits for a place is dropped with it.
    async fn on_a_thread<T: Send + 'static>(
        &self,
        class: usize,
        work: impl FnOnce(&Self) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let places = &self.shared.process.writes[class.min(CLASSES.len() - 1)];
        let place = place(places, self.client.caller()).await?;
        let writer = self.clone();
        let worked = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&writer)
        });
        worked.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a write panicked");
            Err((StatusCode::INTERNAL_SERVER_ERROR, "the samples may be stored or not".to_owned()))
        })
    }
}

/// Waits for a place.
async fn place(places: &Queue, caller: Caller) -> Result<Permit, Refused> {
    match tokio::time::timeout(TURN_MAX, places.take(caller)).await {
        Ok(Ok(place)) => Ok(place),
        _ => {
            let text = "too many bodies of samples are being stored: try again later";
            Err((StatusCode::SERVICE_UNAVAILABLE, text.to_owned()))
        }
    }
}

fn not_written() -> Refused {
    (StatusCode::INTERNAL_SERVER_ERROR, "the samples were not stored".to_owned())
}

fn not_stored(error: app::Error) -> Refused {
    match error {
        app::Error::Telemetry(telemetry::Error::Precision(message) | telemetry::Error::Encoding(message)) => {
            (StatusCode::BAD_REQUEST, message)
        }
        app::Error::Forbidden(forbidden) => (StatusCode::FORBIDDEN, forbidden.to_string()),
        error => {
            tracing::error!("a request to write samples failed: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
        }
    }
}

/// Returns whether a body is gzip; other encodings are refused.
fn is_packed(headers: &HeaderMap) -> Result<bool, Refused> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase());
    match encoding.as_deref() {
        None | Some(b"" | b"identity") => Ok(false),
        Some(b"gzip") => Ok(true),
        Some(other) => {
            let other = String::from_utf8_lossy(other).into_owned();
            Err((
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!("\"{other}\" is no encoding of bodies: use gzip"),
            ))
        }
    }
}

impl Dialect {
    /// Reads the one parameter that counts; `org`, `bucket`, `db` and others are accepted and mean nothing here.
    fn precision(self, query: &str) -> Result<Precision, Refused> {
        let parameters = parameters::parse(query).map_err(|message| (StatusCode::BAD_REQUEST, message))?;
        let given = parameters.iter().find(|(name, value)| name == "precision" && !value.is_empty());
        let Some((_, name)) = given else { return Ok(Precision::default()) };
        let known = match self {
            Self::V1 => "n, u, ms, s, m or h",
            Self::V2 => "ns, us, ms or s",
        };
        let found = Precision::named(name).filter(|precision| match self {
            Self::V1 => true,
            Self::V2 => !matches!(precision, Precision::Minutes | Precision::Hours),
        });
        found.ok_or_else(|| (StatusCode::BAD_REQUEST, format!("\"{name}\" is no precision: use {known}")))
    }

    fn answer(self, written: &Written) -> Response {
        let Some(first) = written.rejected.first() else { return StatusCode::NO_CONTENT.into_response() };
        let refused_lines =
            written.rejected.iter().map(|line| format!("line {}: {}", line.line, line.message));
        let messages: Vec<_> = refused_lines.chain(written.notes()).collect();
        let count = written.rejected_count;
        let refused = if count == 1 { "1 line was" } else { &format!("{count} lines were") };
        let stored = if written.samples == 1 { "1 sample" } else { &format!("{} samples", written.samples) };
        let message = format!("partial write: {refused} refused, {stored} stored\n{}", messages.join("\n"));
        let body = match self {
            Self::V1 => json!({ "error": format!("{message}\ndropped={count}") }),
            Self::V2 => {
                json!({ "code": "invalid", "message": message, "line": first.line, "err": first.message })
            }
        };
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }

    fn refuse(self, status: StatusCode, message: &str) -> Response {
        let body = match self {
            Self::V1 => json!({ "error": message }),
            Self::V2 => json!({ "code": code(status), "message": message }),
        };
        let mut response = (status, Json(body)).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
        }
        response
    }
}

/// Returns what InfluxDB's v2 API calls a status.
fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::PAYLOAD_TOO_LARGE => "request too large",
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => "unavailable",
        StatusCode::INTERNAL_SERVER_ERROR => "internal error",
        _ => "invalid",
    }
}
