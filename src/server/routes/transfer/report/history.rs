//! `GET /log`, `GET /diff`, `GET /tags`, `POST /tags`: what the command line asks a service for, with the answers that it prints.

use super::super::parameters::Parameters;
use super::super::refusal::Refusal;
use super::{answer, limit, main};
use crate::app::Session;
use crate::app::report::change::DiffAsked;
use crate::app::report::log::LogAsked;
use axum::Extension;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// How many commits are listed where the request states nothing, and at the most.
const COMMITS: usize = 50;
const COMMITS_MAX: usize = 10_000;
/// How many resources are compared where the request states nothing, and at the most.
const RESOURCES: usize = 1_000;
const RESOURCES_MAX: usize = 10_000;

/// Answers with the commits behind a version.
pub(in super::super) async fn log(
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = || {
        let query = query.as_deref().unwrap_or_default();
        let given = Parameters::read(query, &["version", "resource", "changes", "limit"], &[])?;
        let limit = limit(&given, COMMITS, COMMITS_MAX)?;
        Ok(LogAsked {
            version: given.text("version").unwrap_or_else(main),
            resource: given.text("resource"),
            with_changes: given.flag("changes")?,
            limit,
        })
    };
    match asked() {
        Ok(asked) => answer(move || session.log_report(&asked)).await,
        Err(refusal) => Refusal::into_response(refusal),
    }
}

/// Answers with a page of what differs between two versions.
pub(in super::super) async fn diff(
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = || {
        let query = query.as_deref().unwrap_or_default();
        let given = Parameters::read(query, &["from", "to", "affects", "after", "limit"], &[])?;
        let missing = || Refusal::bad("from is missing: it names the version to start from");
        Ok(DiffAsked {
            from: given.text("from").ok_or_else(missing)?,
            to: given.text("to").unwrap_or_else(main),
            reach: given.text("affects"),
            after: given.text("after"),
            limit: limit(&given, RESOURCES, RESOURCES_MAX)?,
        })
    };
    match asked() {
        Ok(asked) => answer(move || session.diff_report(&asked)).await,
        Err(refusal) => Refusal::into_response(refusal),
    }
}

/// Lists the tags.
pub(in super::super) async fn tags(Extension(session): Extension<Session>) -> Response {
    answer(move || {
        let tags = session.tags()?.into_iter().map(|(name, commit)| {
            json!({ "name": name, "commit": commit.id.to_string(), "time": commit.time.to_string() })
        });
        let unreadable = session.unreadable_tags()?.into_iter();
        let unreadable = unreadable.map(|(name, reason)| json!({ "name": name, "reason": reason }));
        Ok(json!({ "tags": tags.collect::<Vec<_>>(), "unreadable": unreadable.collect::<Vec<_>>() }))
    })
    .await
}

/// Makes a tag.
pub(in super::super) async fn tag(
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    if let Err(error) = session.authorize(crate::app::access::Operation::Tag) {
        return Refusal::from(error).into_response();
    }
    let given = Parameters::read(query.as_deref().unwrap_or_default(), &["name", "at", "message"], &[]);
    let given = given.and_then(|given| match given.text("name") {
        Some(name) => Ok((name, given)),
        None => Err(Refusal::bad("name is missing: it names the tag")),
    });
    match given {
        Ok((name, given)) => {
            let at = given.text("at").unwrap_or_else(main);
            let message = given.text("message").unwrap_or_else(|| name.clone());
            answer(move || {
                let commit = session.tag(&name, &at, &message, None)?;
                Ok(json!({ "name": name, "commit": commit.id.to_string(), "time": commit.time.to_string() }))
            })
            .await
        }
        Err(refusal) => refusal.into_response(),
    }
}
