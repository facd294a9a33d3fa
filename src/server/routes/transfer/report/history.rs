//! `GET /log`, `GET /diff`, `GET /tags`, `POST /tags`: what the command line asks a service for, with the answers that it prints.

use super::super::parameters::Parameters;
use super::super::refusal::Refusal;
use super::{PAGE, Reader, main, page};
use crate::app::Session;
use crate::app::report::change::DiffAsked;
use crate::app::report::log::LogAsked;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

/// How many commits are listed where the request states nothing.
const COMMITS: usize = 50;
/// How many resources are compared where the request states nothing.
const RESOURCES: usize = 1_000;

/// Answers with a page of the commits behind a version.
pub(in super::super) async fn log(reader: Reader, RawQuery(query): RawQuery) -> Response {
    let asked = log_asked(query.as_deref().unwrap_or_default());
    let less = "fewer commits (first), page by page (after)";
    reader.answer(asked, less, |session, asked, wanted| session.log_report(&asked, wanted)).await
}

fn log_asked(query: &str) -> Result<LogAsked, Refusal> {
    let given = Parameters::read(query, &[&["version", "resource", "changes"], &PAGE[..]].concat(), &[])?;
    Ok(LogAsked {
        version: given.text("version").unwrap_or_else(main),
        resource: given.text("resource"),
        with_changes: given.flag("changes")?,
        page: page(&given, COMMITS)?,
    })
}

/// Answers with a page of what differs between two versions.
pub(in super::super) async fn diff(reader: Reader, RawQuery(query): RawQuery) -> Response {
    let asked = diff_asked(query.as_deref().unwrap_or_default());
    let less = "fewer resources (first), page by page (after)";
    reader.answer(asked, less, |session, asked, wanted| session.diff_report(&asked, wanted)).await
}

fn diff_asked(query: &str) -> Result<DiffAsked, Refusal> {
    let given = Parameters::read(query, &[&["from", "to", "affects"], &PAGE[..]].concat(), &[])?;
    let missing = || Refusal::bad("from is missing: it names the version to start from");
    Ok(DiffAsked {
        from: given.text("from").ok_or_else(missing)?,
        to: given.text("to").unwrap_or_else(main),
        reach: given.text("affects"),
        page: page(&given, RESOURCES)?,
    })
}

/// Lists the tags.
pub(in super::super) async fn tags(reader: Reader) -> Response {
    let less = "pages of tags over GraphQL";
    let read = reader.answer(Ok(()), less, |session, (), wanted| {
        let tags = session.tags()?.into_iter().map(|(name, commit)| {
            json!({ "name": name, "commit": commit.id.to_string(), "time": commit.time.to_string() })
        });
        let unreadable = session.unreadable_tags()?.into_iter();
        let unreadable = unreadable.map(|(name, reason)| json!({ "name": name, "reason": reason }));
        let listed =
            json!({ "tags": tags.collect::<Vec<_>>(), "unreadable": unreadable.collect::<Vec<_>>() });
        wanted.check().map_err(crate::graph::IndexError::from).map_err(crate::graph::Error::from)?;
        Ok(listed)
    });
    read.await
}

/// Makes a tag.
pub(in super::super) async fn tag(
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    tagged(session, query.as_deref().unwrap_or_default()).await.unwrap_or_else(IntoResponse::into_response)
}

async fn tagged(session: Session, query: &str) -> Result<Response, Refusal> {
    session.authorize(crate::app::access::Operation::Tag)?;
    let given = Parameters::read(query, &["name", "at", "message"], &[])?;
    let name = given.text("name").ok_or_else(|| Refusal::bad("name is missing: it names the tag"))?;
    let at = given.text("at").unwrap_or_else(main);
    let message = given.text("message").unwrap_or_else(|| name.clone());
    let made = tokio::task::spawn_blocking(move || {
        let commit = session.tag(&name, &at, &message, None)?;
        Ok::<_, Refusal>(
            json!({ "name": name, "commit": commit.id.to_string(), "time": commit.time.to_string() }),
        )
    });
    Ok(Json(made.await.map_err(Refusal::failed)??).into_response())
}
