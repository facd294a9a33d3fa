//! `/query`: InfluxQL as InfluxDB 1.x takes it, for Grafana and other clients, answered in its JSON or CSV.
//!
//! A query is a parameter of the URL or of a form, and is only read: statements that would change something are refused. As in InfluxDB an error
//! of the query's text is a 400, and one of a statement is in its place among the results. `chunked` is accepted: the answer is one chunk.

use crate::app::access::Operation;
use crate::app::{Answered, InfluxFailure, Session};
use crate::exchange::samples::influxql::answer::{self, StatementResult, Style};
use crate::exchange::samples::influxql::statement::Statement;
use crate::exchange::samples::influxql::{self, Parameters};
use crate::graphql;
use crate::model::sync::cancellation::Cancellation;
use crate::model::{accept, utf8};
use crate::server::Shared;
use crate::server::body::Sender;
use crate::server::connection::activity::Pausing;
use crate::server::reads::{Answer, Unread};
use crate::server::routes::parameters;
use crate::server::share::Client;
use crate::telemetry::Precision;
use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The largest query.
const BYTES_MAX: usize = 1 << 20;
/// Seconds after which a client may try again what cannot be answered now.
const RETRY_SECONDS: &str = "5";

const VERSION: HeaderName = HeaderName::from_static("x-influxdb-version");
const JSON: &str = "application/json";
const CSV: &str = "text/csv; charset=utf-8";

/// Answers the query in the URL.
pub(in crate::server) async fn get(
    State(shared): State<Shared>,
    RawQuery(url): RawQuery,
    Extension(client): Extension<Client>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let media = Media::of(&headers);
    let asked = QueryParameters::default().with(url.as_deref().unwrap_or(""));
    answer(&shared, session, client, media, asked).await
}

/// Answers a query that is a parameter of the form that the body is, or in the URL.
pub(in crate::server) async fn post(
    State(shared): State<Shared>,
    RawQuery(url): RawQuery,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let media = Media::of(&headers);
    if let Err(error) = session.authorize(Operation::Read) {
        return media.refusal(StatusCode::FORBIDDEN, &error.to_string(), Style::default());
    }
    let received =
        match shared.process.bodies.receive(&headers, body, BYTES_MAX, &Sender { client, work }).await {
            Ok(received) => received,
            Err((status, text)) => return media.refusal(status, &text, Style::default()),
        };
    let asked = posted(url.as_deref().unwrap_or(""), &headers, &received.bytes);
    drop(received);
    answer(&shared, session, client, media, asked).await
}

/// What a request asks; a parameter of the form takes the place of one in the URL.
#[derive(Default)]
struct QueryParameters {
    query: Option<String>,
    database: Option<String>,
    parameters: Option<String>,
    style: Style,
}

impl QueryParameters {
    /// Takes in the parameters of a URL or a form. Others than these mean nothing here: `u` and `p` are credentials, which were looked at.
    fn with(mut self, text: &str) -> Result<Self, String> {
        for (name, value) in parameters::parse(text)? {
            match name.as_str() {
                "q" => self.query = Some(value),
                "db" => self.database = Some(value).filter(|name| !name.is_empty()),
                "params" => self.parameters = Some(value).filter(|text| !text.is_empty()),
                "pretty" => self.style.pretty = value == "true",
                "epoch" => self.style.epoch = epoch(&value)?,
                _ => {}
            }
        }
        Ok(self)
    }

    /// Reads the statements.
    fn statements(&self) -> Result<Vec<Statement>, String> {
        let query = self.query.as_deref().filter(|query| !query.trim().is_empty());
        let query = query.ok_or("missing required parameter \"q\"")?;
        let parameters: Parameters = match &self.parameters {
            Some(text) => serde_json::from_str(text)
                .map_err(|error| format!("error parsing query parameters: {error}"))?,
            None => Parameters::new(),
        };
        influxql::parse(query, &parameters).map_err(|error| format!("error parsing query: {error}"))
    }
}

/// Returns how many nanoseconds one unit of times in the answer has; `None`: times are RFC 3339.
fn epoch(name: &str) -> Result<Option<i64>, String> {
    if name.is_empty() || name == "rfc3339" {
        return Ok(None);
    }
    let known = Precision::named(name).map(|precision| Some(precision.nanos()));
    known.ok_or_else(|| format!("\"{name}\" is no epoch: use ns, u, ms, s, m or h"))
}

/// Reads a posted request.
fn posted(url: &str, headers: &HeaderMap, body: &[u8]) -> Result<QueryParameters, String> {
    let asked = QueryParameters::default().with(url)?;
    let content = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = content.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if media_type != "application/x-www-form-urlencoded" {
        return match body.is_empty() || asked.query.is_some() {
            true => Ok(asked),
            false => {
                Err("send the query as the parameter q, in the URL or in application/x-www-form-urlencoded"
                    .to_owned())
            }
        };
    }
    let body = utf8::without_mark(body).map_err(|error| format!("the body {error}"))?;
    asked.with(std::str::from_utf8(body).map_err(|_| "the body is not UTF-8".to_owned())?)
}

/// The media type of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Media {
    Json,
    Csv,
}

impl Media {
    /// Chooses what a client accepts; JSON where it accepts neither, as InfluxDB does.
    fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let accepted = accepted.collect::<Vec<_>>().join(",");
        let offers = [vec![JSON], vec!["text/csv", "application/csv"]];
        match accept::best(&accepted, &offers) {
            Some(1) if !accepted.is_empty() => Self::Csv,
            _ => Self::Json,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Json => JSON,
            Self::Csv => CSV,
        }
    }

    /// Refuses a request as a whole.
    fn refusal(self, status: StatusCode, message: &str, style: Style) -> Response {
        let body = match self {
            Self::Json => answer::error_json(message, style),
            Self::Csv => answer::error_csv(message),
        };
        let mut response = self.response(status, Body::from(body));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
        }
        response
    }

    fn response(self, status: StatusCode, body: Body) -> Response {
        let fields = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.name())),
            (header::VARY, HeaderValue::from_static("accept")),
            (VERSION, HeaderValue::from_static(env!("CARGO_PKG_VERSION"))),
        ];
        (status, fields, body).into_response()
    }
}

async fn answer(
    shared: &Shared,
    session: Session,
    client: Client,
    media: Media,
    asked: Result<QueryParameters, String>,
) -> Response {
    let style = asked.as_ref().map_or_else(|_| Style::default(), |asked| asked.style);
    match answered(shared, session, client, media, asked).await {
        Ok(bytes) => match shared.process.bodies.answer(bytes, client) {
            Ok(body) => media.response(StatusCode::OK, body),
            Err(text) => media.refusal(StatusCode::SERVICE_UNAVAILABLE, &text, style),
        },
        Err(Refused(status, text)) => media.refusal(status, &text, style),
    }
}

/// Why a query is not answered.
struct Refused(StatusCode, String);

impl From<Unread> for Refused {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Crowded(text) => Self(StatusCode::SERVICE_UNAVAILABLE, text),
            Unread::TooLarge(text) => Self(StatusCode::UNPROCESSABLE_ENTITY, text),
            Unread::Failed(error) => {
                tracing::error!(%error, "a query in InfluxQL failed");
                Self(StatusCode::INTERNAL_SERVER_ERROR, "the query was not answered".to_owned())
            }
        }
    }
}

async fn answered(
    shared: &Shared,
    session: Session,
    client: Client,
    media: Media,
    asked: Result<QueryParameters, String>,
) -> Result<Vec<u8>, Refused> {
    session.authorize(Operation::Read).map_err(|error| Refused(StatusCode::FORBIDDEN, error.to_string()))?;
    let asked = asked.map_err(|text| Refused(StatusCode::BAD_REQUEST, text))?;
    let settings = &shared.app.settings().server;
    let answer = Answer::within(settings, "a shorter time, longer buckets or fewer series");
    let read = shared
        .process
        .dashboards
        .read(client, settings, move |wanted| make(&session, &asked, media, (answer, wanted)));
    read.await
}

fn make(
    session: &Session,
    asked: &QueryParameters,
    media: Media,
    (mut answer, wanted): (Answer, &Cancellation),
) -> Result<Vec<u8>, Refused> {
    let statements = asked.statements().map_err(|text| Refused(StatusCode::BAD_REQUEST, text))?;
    let answered = session.influxql(&statements, asked.database.as_deref(), wanted);
    let answered = answered.map_err(|error| Refused(StatusCode::FORBIDDEN, error.to_string()))?;
    let results: Vec<StatementResult> = answered.into_iter().map(result).collect();
    let written = match media {
        Media::Json => answer::write_json(&results, asked.style, &mut answer),
        Media::Csv => answer::write_csv(&results, &mut answer),
    };
    Ok(answer.finish(written)?)
}

fn result(answered: Answered) -> StatementResult {
    let Answered { series, messages, failure, zone } = answered;
    let error = failure.map(|failure| match failure {
        InfluxFailure::Refused(text) => text,
        InfluxFailure::Failed(error) => {
            let (_, fields) = graphql::described(error);
            let text = fields.get("message").and_then(|message| message.as_str());
            text.unwrap_or("the service failed; the cause is in its log").to_owned()
        }
    });
    StatementResult { series, messages, error, zone }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_read() {
        let asked =
            QueryParameters::default().with("q=SHOW+DATABASES&db=&epoch=ms&pretty=true&u=a&p=b&chunked=true");
        let asked = asked.expect("a request");
        assert_eq!(
            (asked.database.as_deref(), asked.style.epoch, asked.style.pretty),
            (None, Some(1_000_000), true)
        );
        assert_eq!(asked.statements().map(|statements| statements.len()), Ok(1));
        let check = |text: &str, expect: &str| {
            let refused = QueryParameters::default().with(text).and_then(|asked| asked.statements());
            assert!(refused.as_ref().is_err_and(|error| error.starts_with(expect)), "{text}: {refused:?}");
        };
        check("", "missing required parameter \"q\"");
        check("q=", "missing required parameter \"q\"");
        check("q=x&epoch=y", "\"y\" is no epoch");
        check("q=x&params=[]", "error parsing query parameters: ");
        check("q=SELEC", "error parsing query: found SELEC, expected SELECT, SHOW at line 1, char 1");
    }

    #[test]
    fn csv_is_for_who_asks_for_it() {
        let check = |accept: &str, expect: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_str(accept).expect("a value"));
            assert_eq!(Media::of(&headers).name(), expect, "{accept}");
        };
        check("application/csv", CSV);
        check("text/csv;q=0.5, application/json;q=0.1", CSV);
        check("*/*", JSON);
        check("application/x-msgpack", JSON);
        assert_eq!(Media::of(&HeaderMap::new()).name(), JSON);
    }
}
