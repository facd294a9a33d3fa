//! `/audit`: the audit log as lines of JSON, for operators. `?after=SEQUENCE&limit=COUNT` asks for the entries after one; without `after`
//! the last ones are answered.

use super::parameters;
use crate::app::{Error, Session, access};
use crate::server::Shared;
use crate::server::reads::{Answer, Unread};
use crate::server::share::Client;
use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::io::Write as _;

/// How many entries are answered where the request states nothing, and at the most.
const ENTRIES: usize = 1_000;
const ENTRIES_MAX: usize = 10_000;

/// Seconds after which a client may try again what cannot be answered now.
const RETRY_SECONDS: &str = "5";

/// The media type of lines of JSON.
const LINES: [(HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];

/// Answers with entries.
pub(in crate::server) async fn get(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    match answered(&shared, client, session, query.as_deref().unwrap_or_default()).await {
        Ok(body) => (LINES, body).into_response(),
        Err(Refused(status, message)) => {
            let mut response = (status, message + "\n").into_response();
            if status == StatusCode::SERVICE_UNAVAILABLE {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
            }
            response
        }
    }
}

/// Why nothing is answered.
struct Refused(StatusCode, String);

impl From<Unread> for Refused {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Crowded(text) => Self(StatusCode::SERVICE_UNAVAILABLE, text),
            Unread::TooLarge(text) => Self(StatusCode::PAYLOAD_TOO_LARGE, text),
            Unread::Failed(error) => {
                tracing::error!(%error, "the audit log was not read");
                let text = "the service failed; the cause is in its log";
                Self(StatusCode::INTERNAL_SERVER_ERROR, text.to_owned())
            }
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let unavailable = |text: String| Self(StatusCode::SERVICE_UNAVAILABLE, text);
        match error {
            Error::Forbidden(forbidden) => Self(StatusCode::FORBIDDEN, forbidden.to_string()),
            Error::Access(access::Error::Cancelled(cancelled)) => unavailable(cancelled.to_string()),
            // Who may read the log learns what is wrong with it.
            Error::Access(access::Error::Malformed { path, reason }) => {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                tracing::error!(%file, %reason, "the audit log is damaged");
                unavailable(format!(
                    "the audit log is damaged: {file}: {reason}\nwhat is left of it is in the folder audit of the thread, as lines of JSON"
                ))
            }
            error => {
                tracing::error!(%error, "the audit log was not read");
                unavailable("the audit log cannot be read; the cause is in the log".to_owned())
            }
        }
    }
}

async fn answered(shared: &Shared, client: Client, session: Session, query: &str) -> Result<Body, Refused> {
    let (after, limit) = asked(query).map_err(|text| Refused(StatusCode::BAD_REQUEST, text))?;
    let settings = &shared.app.settings().server;
    let mut answer = Answer::within(settings, "fewer entries (limit), page by page (after)");
    let read = shared.process.reports.read(client, settings, move |wanted| {
        let entries = session.audit(after, limit, wanted)?;
        let written = entries.iter().try_for_each(|entry| {
            serde_json::to_writer(&mut answer, entry)?;
            answer.write_all(b"\n")
        });
        Ok::<_, Refused>(answer.finish(written)?)
    });
    let bytes = read.await?;
    shared.process.bodies.answer(bytes, client).map_err(|text| Refused(StatusCode::SERVICE_UNAVAILABLE, text))
}

fn asked(query: &str) -> Result<(Option<u64>, usize), String> {
    let (mut after, mut limit) = (None, ENTRIES);
    for (name, value) in parameters::parse(query)? {
        let wrong = || format!("\"{value}\" is no value of {name}: use a whole number");
        match name.as_str() {
            "after" => after = Some(value.parse().map_err(|_| wrong())?),
            "limit" => limit = value.parse().map_err(|_| wrong())?,
            _ => return Err(format!("\"{name}\" is no parameter: use after and limit")),
        }
    }
    if limit == 0 || limit > ENTRIES_MAX {
        return Err(format!("limit is 1 to {ENTRIES_MAX}"));
    }
    Ok((after, limit))
}

#[cfg(test)]
mod tests {
    use super::asked;

    #[test]
    fn what_is_asked_is_checked() {
        assert_eq!(asked(""), Ok((None, 1_000)));
        assert_eq!(asked("after=7&limit=2"), Ok((Some(7), 2)));
        for (query, part) in [
            ("after=-1", "whole number"),
            ("limit=0", "1 to 10000"),
            ("limit=10001", "1 to"),
            ("of=x", "no parameter"),
        ] {
            assert!(asked(query).expect_err(query).contains(part), "{query}");
        }
    }
}
