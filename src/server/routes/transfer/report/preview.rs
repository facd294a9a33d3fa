//! `POST /merge/preview`, `POST /merge/changes`, `POST /exposure`: what would come of something; nothing is written.

use super::super::multipart;
use super::super::parameters::Parameters;
use super::super::refusal::Refusal;
use super::{PAGE, Reader, main, page};
use crate::app::report::fleet::exposure::ExposureAsked;
use crate::app::report::merge::MergeAsked;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, header};
use axum::response::Response;

/// The largest body.
const BYTES_MAX: usize = 16 << 20;
/// How many resources are described where the request states nothing.
const RESOURCES: usize = 1_000;

/// Answers with what a merge would come to.
pub(in super::super) async fn merge(reader: Reader, headers: HeaderMap, body: Body) -> Response {
    let asked = reader.receive(&headers, body, BYTES_MAX).await.and_then(|body| merge_asked(&body));
    let less = "the merge of an older version of the source, or decide conflicts first";
    reader.answer(asked, less, |session, asked, wanted| session.merge_report(&asked, wanted)).await
}

/// Answers with a page of what a merge would change.
pub(in super::super) async fn merge_changes(
    reader: Reader,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let given = Parameters::read(query.as_deref().unwrap_or_default(), &PAGE, &[]);
    let page = match given.and_then(|given| page(&given, RESOURCES)) {
        Ok(page) => page,
        Err(refusal) => return reader.refuse(refusal, body),
    };
    let asked = reader.receive(&headers, body, BYTES_MAX).await.and_then(|body| merge_asked(&body));
    let less = "fewer resources (first), page by page (after)";
    let read = reader
        .answer(asked, less, move |session, asked, wanted| session.merge_changes(&asked, &page, wanted));
    read.await
}

fn merge_asked(body: &[u8]) -> Result<MergeAsked, Refusal> {
    let wrong = |error| {
        let form =
            "{\"source\": …, \"into\": …, \"decisions\": [{\"word\": \"ours\", \"text\": \"REQ-1 title\"}]}";
        Refusal::bad(format!("the body is no preview of a merge: {error}; send {form}"))
    };
    serde_json::from_slice(body).map_err(wrong)
}

/// Answers with what changes would touch.
pub(in super::super) async fn exposure(
    reader: Reader,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let asked = match exposure_asked(query.as_deref().unwrap_or_default()) {
        Ok(asked) => asked,
        Err(refusal) => return reader.refuse(refusal, body),
    };
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let content_type = content_type.to_owned();
    let body = reader.receive(&headers, body, BYTES_MAX).await;
    let asked = body.and_then(|body| {
        let files = files(&body, &content_type)?;
        match files.is_empty() && asked.retire.is_empty() {
            true => Err(Refusal::bad(
                "nothing would change: send files as the parts file of a form, or retire=IRI",
            )),
            false => Ok(ExposureAsked { files, ..asked }),
        }
    });
    let less = "fewer changes at once, or for pages of units over GraphQL";
    reader.answer(asked, less, |session, asked, wanted| session.exposure_report(&asked, wanted)).await
}

fn exposure_asked(query: &str) -> Result<ExposureAsked, Refusal> {
    let given = Parameters::read(query, &["from", "to", "at", "known"], &["retire"])?;
    let instant = |name: &str| {
        let missing = || {
            Refusal::bad(format!("{name} is missing: the field life from an instant to another one counts"))
        };
        given.value::<Instant>(name)?.ok_or_else(missing)
    };
    let window = Interval::new(instant("from")?, instant("to")?);
    Ok(ExposureAsked {
        files: Vec::new(),
        retire: given.texts("retire"),
        window: window.map_err(|error| Refusal::bad(format!("from and to: {error}")))?,
        version: given.text("at").unwrap_or_else(main),
        known: given.text("known"),
    })
}

/// Reads the files of a form, by their names; an empty body has none.
fn files(body: &[u8], content_type: &str) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let boundary = multipart::boundary(content_type);
    let boundary = boundary.ok_or_else(|| Refusal::unsupported("send the files as multipart/form-data"))?;
    let parts = multipart::parts(body, boundary).map_err(Refusal::bad)?;
    let file = |part: &multipart::FormPart<'_>| match (part.name, part.file) {
        ("file", Some(name)) => Ok((name.to_owned(), part.content.to_vec())),
        (other, _) => Err(Refusal::bad(format!("\"{other}\" is no part here: use file, with a file name"))),
    };
    parts.iter().map(file).collect()
}
