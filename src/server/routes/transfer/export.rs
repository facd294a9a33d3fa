//! `GET /export`: the statements of a version in any notation, or samples as a table. The same version gives the same bytes, which its entity tag
//! names.

use super::parameters::Parameters;
use super::refusal::Refusal;
use super::streams;
use crate::app::access::Operation;
use crate::app::{SamplePlace, SamplesAsked, Session};
use crate::exchange::rdf::Format;
use crate::graphql::Code;
use crate::model::accept;
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::server::Shared;
use crate::server::reads::{Answer, Unread, read_within};
use crate::server::share::Client;
use crate::telemetry::View;
use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

const ONCE: [&str; 9] = ["version", "format", "source", "from", "to", "asKnownAt", "after", "limit", "name"];
const MANY: [&str; 3] = ["twin", "measurement", "signal"];
/// How many samples one page may have.
const PAGE_MAX: usize = 100_000;

const COMMIT: HeaderName = HeaderName::from_static("throughline-commit");
const WATERMARK: HeaderName = HeaderName::from_static("throughline-watermark");
const NEXT: HeaderName = HeaderName::from_static("throughline-next");

/// A notation: its name, its media type, and what writes it. All statements are in one graph, which has no name, so N-Quads are N-Triples.
const NOTATIONS: [(&str, &str, Format); 5] = [
    ("turtle", "text/turtle", Format::Turtle),
    ("ntriples", "application/n-triples", Format::NTriples),
    ("nquads", "application/n-quads", Format::NTriples),
    ("jsonld", "application/ld+json", Format::JsonLd),
    ("rdfxml", "application/rdf+xml", Format::RdfXml),
];

/// Answers with a file.
pub(super) async fn get(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
    Extension(client): Extension<Client>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let answered = async {
        session.authorize(Operation::Read)?;
        let given = Parameters::read(&query, &ONCE, &MANY)?;
        let place = Arc::clone(&shared.process.transfers.exports)
            .try_acquire_owned()
            .map_err(|_| Refusal::crowded("too many exports are being written: try again later"))?;
        match given.text("source").as_deref() {
            None | Some("thread") => statements(&shared, session, &given, &headers, place).await,
            Some("telemetry") => samples(&shared, session, &given, (&query, client), &headers, place).await,
            Some(other) => Err(Refusal::bad(format!("\"{other}\" is no source: use thread or telemetry"))),
        }
    };
    answered.await.unwrap_or_else(IntoResponse::into_response)
}

async fn statements(
    shared: &Shared,
    session: Session,
    given: &Parameters,
    headers: &HeaderMap,
    place: OwnedSemaphorePermit,
) -> Result<Response, Refusal> {
    let foreign = ["from", "to", "asKnownAt", "after", "limit"].into_iter().chain(MANY);
    if let Some(name) = foreign.into_iter().find(|name| !given.texts(name).is_empty()) {
        return Err(Refusal::bad(format!("{name} is for source=telemetry")));
    }
    let (media_type, format) = notation(given, headers)?;
    let version = given.text("version").unwrap_or_else(|| "main".to_owned());
    let sent = Cancellation::until_abandoned();
    let within = shared.app.settings().server.time_max;
    let (read, version, sent) = read_within(within, move |_| {
        let snapshot = session.snapshot(&version)?.while_wanted(&sent);
        Ok::<_, Refusal>((session, snapshot, sent))
    })
    .await?;
    let commit = version.commit().id.to_string();
    let fields = [(COMMIT, commit.clone())];
    if is_known(headers, &commit) {
        return Ok(response(StatusCode::NOT_MODIFIED, media_type, &commit, fields, Body::empty()));
    }
    let body = streams::written(shared.app.settings().server.patience, &sent, move |out| {
        let _place = place;
        read.export(&version, format, out)
    });
    Ok(response(StatusCode::OK, media_type, &commit, fields, body))
}

/// Chooses the notation: by the parameter, else by what the client accepts.
fn notation(given: &Parameters, headers: &HeaderMap) -> Result<(&'static str, Format), Refusal> {
    if let Some(name) = given.text("format") {
        let found = NOTATIONS.iter().find(|(own, ..)| *own == name);
        let names = NOTATIONS.map(|(name, ..)| name).join(", ");
        let (_, media_type, format) =
            found.ok_or_else(|| Refusal::bad(format!("\"{name}\" is no format here: use {names}")))?;
        return Ok((media_type, *format));
    }
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let accept = accept.collect::<Vec<_>>().join(",");
    if accept.trim().is_empty() {
        return Ok((NOTATIONS[0].1, NOTATIONS[0].2));
    }
    let offers = NOTATIONS.map(|(_, media_type, _)| vec![media_type]);
    let found = accept::best(&accept, &offers).map(|place| (NOTATIONS[place].1, NOTATIONS[place].2));
    found.ok_or_else(|| {
        let offered = NOTATIONS.map(|(_, media_type, _)| media_type).join(", ");
        Refusal::new(StatusCode::NOT_ACCEPTABLE, Code::BadInput, format!("an export can be {offered}"))
    })
}

/// Where a page of samples goes on, and as of which watermark.
#[derive(Serialize, Deserialize)]
struct Cursor {
    watermark: String,
    after: SamplePlace,
}

impl Cursor {
    fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn read(text: &str) -> Result<Self, Refusal> {
        let read = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.ok_or_else(|| Refusal::bad("after is not the cursor of a page of samples"))
    }
}

async fn samples(
    shared: &Shared,
    session: Session,
    given: &Parameters,
    (query, client): (&str, Client),
    headers: &HeaderMap,
    place: OwnedSemaphorePermit,
) -> Result<Response, Refusal> {
    match given.text("format").as_deref() {
        None | Some("csv") => {}
        Some(other) => return Err(Refusal::bad(format!("\"{other}\" is no format of samples: use csv"))),
    }
    if given.text("version").is_some() {
        return Err(Refusal::bad("samples have no version: use asKnownAt, with a watermark or an instant"));
    }
    let cursor = given.text("after").map(|after| Cursor::read(&after)).transpose()?;
    let as_known_at = match (&cursor, given.text("asKnownAt")) {
        (Some(_), Some(_)) => {
            return Err(Refusal::bad("a cursor has its watermark: leave asKnownAt out"));
        }
        (Some(cursor), None) => Some(cursor.watermark.clone()),
        (None, given) => given,
    };
    let (asked, limit) = asked(given, cursor.map(|cursor| cursor.after))?;
    let within = shared.app.settings().server.time_max;
    let (session, view) = read_within(within, move |_| {
        let view = session.view(as_known_at.as_deref())?;
        Ok::<_, Refusal>((session, view))
    })
    .await?;
    let watermark = view.watermark().to_string();
    let mut fields = vec![(WATERMARK, watermark.clone())];
    if is_known(headers, &watermark) {
        return Ok(response(StatusCode::NOT_MODIFIED, CSV, &watermark, fields, Body::empty()));
    }
    if limit.is_none() {
        let sent = Cancellation::until_abandoned();
        let view = view.while_wanted(&sent);
        let body = streams::written(shared.app.settings().server.patience, &sent, move |out| {
            let _place = place;
            session.export_samples(&view, &asked, out).map(drop)
        });
        return Ok(response(StatusCode::OK, CSV, &watermark, fields, body));
    }
    let answer = Answer::within(&shared.app.settings().server, "fewer samples (limit)");
    let (bytes, last) = read_within(within, move |wanted| {
        let _place = place;
        page(&session, &view.while_wanted(wanted), &asked, answer)
    })
    .await?;
    if let Some(after) = last {
        let cursor = Cursor { watermark: watermark.clone(), after }.write();
        let rest =
            query.split('&').filter(|pair| !pair.starts_with("after=") && !pair.starts_with("asKnownAt="));
        let rest = rest.collect::<Vec<_>>().join("&");
        let path = shared.mount.path("/export");
        fields.push((header::LINK, format!("<{path}?{rest}&after={cursor}>; rel=\"next\"")));
        fields.push((NEXT, cursor));
    }
    let body = shared.process.bodies.answer(bytes, client).map_err(Refusal::crowded)?;
    Ok(response(StatusCode::OK, CSV, &watermark, fields, body))
}

const CSV: &str = "text/csv; charset=utf-8; header=present";

fn page(
    session: &Session,
    view: &View,
    asked: &SamplesAsked,
    mut answer: Answer,
) -> Result<(Vec<u8>, Option<SamplePlace>), Refusal> {
    let page = session.export_samples(view, asked, &mut answer);
    let last = page.as_ref().ok().and_then(|page| page.last.clone());
    match answer.finish(page.as_ref().map(drop)) {
        Ok(bytes) => Ok((bytes, last)),
        Err(too_large @ Unread::TooLarge(_)) => Err(too_large.into()),
        Err(unread) => Err(page.map_or_else(Refusal::from, |_| unread.into())),
    }
}

fn asked(given: &Parameters, after: Option<SamplePlace>) -> Result<(SamplesAsked, Option<usize>), Refusal> {
    let limit: Option<usize> = given.value("limit")?;
    if limit.is_some_and(|limit| limit == 0 || limit > PAGE_MAX) {
        return Err(Refusal::bad(format!("limit is 1 to {PAGE_MAX}; without it all samples are sent")));
    }
    let from = given.value::<Instant>("from")?.unwrap_or(Instant::MIN);
    let to = given.value::<Instant>("to")?.unwrap_or(Instant::MAX);
    let within = Interval::new(from, to).map_err(|error| Refusal::bad(format!("from and to: {error}")))?;
    let [twins, measurements, signals] = MANY.map(|name| given.texts(name));
    let asked =
        SamplesAsked { twins, measurements, signals, within, after, limit: limit.unwrap_or(usize::MAX) };
    Ok((asked, limit))
}

/// Returns whether a client has what the tag names (RFC 9110, 13.1.2).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let tags = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = tags.flat_map(|value| value.split(','));
    tags.any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known).trim_matches('"') == tag
    })
}

fn response(
    status: StatusCode,
    media_type: &'static str,
    tag: &str,
    fields: impl IntoIterator<Item = (HeaderName, String)>,
    body: Body,
) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    // What a name such as main leads to may be another version the next time.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    let tagged = HeaderValue::from_str(&format!("\"{tag}\"")).ok();
    headers.extend(tagged.map(|tag| (header::ETAG, tag)));
    let value = |(name, text): (HeaderName, String)| Some((name, HeaderValue::from_str(&text).ok()?));
    headers.extend(fields.into_iter().filter_map(value));
    response
}
