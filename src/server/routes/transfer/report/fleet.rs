//! `GET /reviews`, `GET /series`, `DELETE /series`: reviews, and the series of the telemetry store.

use super::super::parameters::Parameters;
use super::super::refusal::Refusal;
use super::{PAGE, Reader, main, page};
use crate::app::access::Operation;
use crate::app::report::fleet::review::ReviewAsked;
use crate::app::report::page::PageAsked;
use crate::telemetry::Selection;
use axum::Json;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};

/// How many series are listed where the request states nothing.
const SERIES: usize = 1_000;

/// The names of the parameters that choose series.
const CHOSEN: [&str; 3] = ["twin", "measurement", "field"];

/// Lists the reviews, or answers with what has changed since one was opened.
pub(in super::super) async fn reviews(reader: Reader, RawQuery(query): RawQuery) -> Response {
    let given = Parameters::read(query.as_deref().unwrap_or_default(), &["id", "at"], &[]);
    let (id, version) = match given {
        Ok(given) => (given.text("id"), given.text("at").unwrap_or_else(main)),
        Err(refusal) => return refusal.into_response(),
    };
    let Some(identifier) = id else {
        let less = "pages of reviews over GraphQL";
        let listed = reader
            .answer(Ok(version), less, |session, version, wanted| session.reviews_report(&version, wanted));
        return listed.await;
    };
    let asked = Ok(ReviewAsked { identifier, version });
    let less = "pages of changes over GraphQL";
    reader.answer(asked, less, |session, asked, wanted| session.review_report(&asked, wanted)).await
}

/// Lists a page of series.
pub(in super::super) async fn series(reader: Reader, RawQuery(query): RawQuery) -> Response {
    let asked = series_asked(query.as_deref().unwrap_or_default());
    let less = "fewer series (first), page by page (after)";
    let read =
        reader.answer(asked, less, |session, (selection, page), _| session.series_report(&selection, &page));
    read.await
}

fn series_asked(query: &str) -> Result<(Selection, PageAsked), Refusal> {
    let given = Parameters::read(query, &[&CHOSEN[..], &PAGE].concat(), &[])?;
    Ok((selection(&given), page(&given, SERIES)?))
}

/// Deletes series.
pub(in super::super) async fn delete_series(reader: Reader, RawQuery(query): RawQuery) -> Response {
    deleted(reader, query.as_deref().unwrap_or_default()).await.unwrap_or_else(IntoResponse::into_response)
}

async fn deleted(reader: Reader, query: &str) -> Result<Response, Refusal> {
    let Reader { session, .. } = reader;
    session.authorize(Operation::Maintain)?;
    let given = Parameters::read(query, &[&CHOSEN[..], &["dryRun"]].concat(), &[])?;
    if CHOSEN.iter().all(|name| given.text(name).is_none()) {
        return Err(Refusal::bad("which series? give twin, measurement or field"));
    }
    let is_dry = given.flag("dryRun")?;
    let selection = selection(&given);
    // What is begun is done, though the client goes away: a part of the series deleted would be nobody's wish.
    let done = tokio::task::spawn_blocking(move || session.delete_series(&selection, is_dry));
    Ok(Json(done.await.map_err(Refusal::failed)??).into_response())
}

fn selection(given: &Parameters) -> Selection {
    let [twin, measurement, field] = CHOSEN.map(|name| given.text(name).unwrap_or_else(|| "*".to_owned()));
    Selection { twin, measurement, field }
}
