//! `GET /show`, `GET /blame`, `GET /search`, `GET /suspects`, `GET /ontology`: resources at one version, and the ontology that they follow.

use super::super::parameters::Parameters;
use super::super::refusal::Refusal;
use super::{PAGE, Reader, main, page};
use crate::app::report::search::SearchAsked;
use crate::app::report::suspect::SuspectsAsked;
use axum::extract::RawQuery;
use axum::response::Response;

/// How many resources a search lists where the request states nothing.
const FOUND: usize = 50;
/// How many suspect links are listed where the request states nothing.
const LINKS: usize = 1_000;

/// How less of one resource is asked for.
const LESS_OF_ONE: &str = "single fields of the resource over GraphQL";

/// Answers with a resource as Turtle.
pub(in super::super) async fn show(reader: Reader, RawQuery(query): RawQuery) -> Response {
    let asked = named(query.as_deref());
    let read = reader.answer(asked, LESS_OF_ONE, |session, (resource, at), wanted| {
        session.resource_report(&resource, &at, wanted)
    });
    read.await
}

/// Answers with the statements of a resource and the commits that made them.
pub(in super::super) async fn blame(reader: Reader, RawQuery(query): RawQuery) -> Response {
    let asked = named(query.as_deref());
    let read = reader.answer(asked, LESS_OF_ONE, |session, (resource, at), wanted| {
        session.blame_report(&resource, &at, wanted)
    });
    read.await
}

/// Answers with a page of the resources that have certain words.
pub(in super::super) async fn search(reader: Reader, RawQuery(query): RawQuery) -> Response {
    let asked = search_asked(query.as_deref().unwrap_or_default());
    let less = "fewer resources (first), page by page (after)";
    reader.answer(asked, less, |session, asked, wanted| session.search_report(&asked, wanted)).await
}

fn search_asked(query: &str) -> Result<SearchAsked, Refusal> {
    let given = Parameters::read(query, &[&["text", "at"], &PAGE[..]].concat(), &[])?;
    let missing = || Refusal::bad("text is missing: it has the words to search for");
    Ok(SearchAsked {
        text: given.text("text").ok_or_else(missing)?,
        version: given.text("at").unwrap_or_else(main),
        page: page(&given, FOUND)?,
    })
}

/// Answers with a page of the suspect links of a version.
pub(in super::super) async fn suspects(reader: Reader, RawQuery(query): RawQuery) -> Response {
    let asked = suspects_asked(query.as_deref().unwrap_or_default());
    let less = "fewer links (first), page by page (after)";
    reader.answer(asked, less, |session, asked, wanted| session.suspects_report(&asked, wanted)).await
}

fn suspects_asked(query: &str) -> Result<SuspectsAsked, Refusal> {
    let given = Parameters::read(query, &[&["at"], &PAGE[..]].concat(), &[])?;
    Ok(SuspectsAsked { version: given.text("at").unwrap_or_else(main), page: page(&given, LINKS)? })
}

/// Answers with the files of the ontology of a version.
pub(in super::super) async fn ontology(reader: Reader, RawQuery(query): RawQuery) -> Response {
    let given = Parameters::read(query.as_deref().unwrap_or_default(), &["at"], &[]);
    let asked = given.map(|given| given.text("at").unwrap_or_else(main));
    let less = "a version with smaller files of the ontology";
    reader.answer(asked, less, |session, at, _| session.ontology_report(&at)).await
}

/// Reads which resource is asked for, and at which version.
fn named(query: Option<&str>) -> Result<(String, String), Refusal> {
    let given = Parameters::read(query.unwrap_or_default(), &["resource", "at"], &[])?;
    let missing = || Refusal::bad("resource is missing: it is an IRI, or an identifier");
    Ok((given.text("resource").ok_or_else(missing)?, given.text("at").unwrap_or_else(main)))
}
