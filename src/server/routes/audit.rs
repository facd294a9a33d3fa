//! `/audit`: the audit log as lines of JSON, for operators. `?after=SEQUENCE&limit=COUNT` asks for the entries after one; without `after`
//! the last ones are answered.

use super::parameters;
use crate::app::{Error, Session, access};
use crate::server::Shared;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// How many entries are answered where the request states nothing, and at the most.
const ENTRIES: usize = 1_000;
const ENTRIES_MAX: usize = 10_000;

/// The media type of lines of JSON.
const LINES: [(HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];

/// Answers with entries.
pub(in crate::server) async fn get(
    State(_): State<Shared>,
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    let (after, limit) = match asked(query.as_deref().unwrap_or_default()) {
        Ok(asked) => asked,
        Err(message) => return (StatusCode::BAD_REQUEST, message + "\n").into_response(),
    };
    let read = tokio::task::spawn_blocking(move || session.audit(after, limit)).await;
    match read {
        Ok(Ok(entries)) => {
            let lines = entries.iter().filter_map(|entry| serde_json::to_string(entry).ok());
            (LINES, lines.map(|line| line + "\n").collect::<String>()).into_response()
        }
        Ok(Err(error @ Error::Forbidden(_))) => (StatusCode::FORBIDDEN, format!("{error}\n")).into_response(),
        // Who may read the log learns what is wrong with it.
        Ok(Err(Error::Access(access::Error::Malformed { path, reason }))) => {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            tracing::error!(%file, %reason, "the audit log is damaged");
            let text = format!(
                "the audit log is damaged: {file}: {reason}\nwhat is left of it is in the folder audit of the thread, as lines of JSON\n"
            );
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the audit log was not read");
            (StatusCode::SERVICE_UNAVAILABLE, "the audit log cannot be read; the cause is in the log\n")
                .into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
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
