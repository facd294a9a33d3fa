//! `GET /show`, `GET /blame`, `GET /search`, `GET /suspects`, `GET /ontology`: resources at one version, and the ontology that they follow.

use super::super::parameters::Parameters;
use super::super::refusal::Refusal;
use super::{answer, limit, main};
use crate::app::Session;
use crate::app::report::search::SearchAsked;
use axum::Extension;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};

/// How many resources a search lists where the request states nothing, and at the most.
const FOUND: usize = 50;
const FOUND_MAX: usize = 10_000;

/// Answers with a resource as Turtle.
pub(in super::super) async fn show(
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    match named(query.as_deref()) {
        Ok((resource, at)) => answer(move || session.resource_report(&resource, &at)).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Answers with the statements of a resource and the commits that made them.
pub(in super::super) async fn blame(
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    match named(query.as_deref()) {
        Ok((resource, at)) => answer(move || session.blame_report(&resource, &at)).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Answers with the resources that have certain words.
pub(in super::super) async fn search(
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = || {
        let given = Parameters::read(query.as_deref().unwrap_or_default(), &["text", "at", "limit"], &[])?;
        let missing = || Refusal::bad("text is missing: it has the words to search for");
        Ok(SearchAsked {
            text: given.text("text").ok_or_else(missing)?,
            version: given.text("at").unwrap_or_else(main),
            limit: limit(&given, FOUND, FOUND_MAX)?,
        })
    };
    match asked() {
        Ok(asked) => answer(move || session.search_report(&asked)).await,
        Err(refusal) => Refusal::into_response(refusal),
    }
}

/// Answers with the suspect links of a version.
pub(in super::super) async fn suspects(
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    match Parameters::read(query.as_deref().unwrap_or_default(), &["at"], &[]) {
        Ok(given) => {
            let at = given.text("at").unwrap_or_else(main);
            answer(move || session.suspects_report(&at)).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Answers with the files of the ontology of a version.
pub(in super::super) async fn ontology(
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    match Parameters::read(query.as_deref().unwrap_or_default(), &["at"], &[]) {
        Ok(given) => {
            let at = given.text("at").unwrap_or_else(main);
            answer(move || session.ontology_report(&at)).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Reads which resource is asked for, and at which version.
fn named(query: Option<&str>) -> Result<(String, String), Refusal> {
    let given = Parameters::read(query.unwrap_or_default(), &["resource", "at"], &[])?;
    let missing = || Refusal::bad("resource is missing: it is an IRI, or an identifier");
    Ok((given.text("resource").ok_or_else(missing)?, given.text("at").unwrap_or_else(main)))
}
