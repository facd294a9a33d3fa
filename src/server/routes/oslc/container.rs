//! The resources of one kind: queries by `GET`, a new one by `POST`.

use super::context::PARAMETER;
use super::fault::Fault;
use super::reply::{Content, Reply};
use super::request::{Answering, OslcRequest};
use super::resource::{described, tagged};
use crate::app::{Describer, OslcDocument, OslcQuery, Outward};
use crate::exchange::rdf::oslc::address::with_parameters;
use crate::exchange::rdf::oslc::document::Document;
use crate::exchange::rdf::oslc::domain::Kind;
use crate::exchange::rdf::oslc::query::{Prefixes, search_terms};
use crate::exchange::rdf::oslc::vocabulary::{CORE, DCTERMS, LDP, RDFS};
use axum::body::Body;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::Response;
use oxigraph::model::NamedNode;

/// How many resources a page has where the request states nothing, and at the most; a larger page is asked for in vain, and the answer
/// leads to the next one.
const ITEMS: usize = 100;
const ITEMS_MAX: usize = 1_000;

const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
const ACCEPTED: &str = "text/turtle, application/rdf+xml, application/ld+json";

/// Answers a query.
pub(super) async fn query(asked: OslcRequest) -> Response {
    asked.answer(answered).await
}

/// Creates a resource.
pub(super) async fn create(asked: OslcRequest, body: Body) -> Response {
    let received = asked.receive(body).await;
    asked
        .answer(move |answering| {
            let kind = answering.kind("/oslc/")?;
            let document = OslcDocument { format: answering.notation_of_body()?, bytes: received? };
            let branch = answering.branch()?;
            let session = &answering.asked.session;
            let (version, made) = session.oslc_create(&branch, &answering.addresses, kind, &document)?;
            let outward = Outward { version: &version, addresses: &answering.addresses };
            let address = outward.address(&made.iri)?;
            let reply = Reply::new(StatusCode::CREATED, Content::Document(described(&made, outward)?));
            Ok(tagged(reply, &made).with(header::LOCATION, address.as_str()))
        })
        .await
}

impl Answering {
    /// Returns the kind that the path names behind a prefix.
    pub(super) fn kind(&self, prefix: &str) -> Result<&'static Kind, Fault> {
        let path = self.rest(prefix);
        let kind = path.split_once('/').and_then(|(domain, plural)| Kind::of_path(domain, plural));
        kind.ok_or_else(|| {
            Fault::absent(format!(
                "there are no resources at {path}: the catalogue at /oslc/catalog leads to them"
            ))
        })
    }

    fn page_size(&self) -> Result<usize, Fault> {
        let wrong =
            |text: &str| Fault::bad(format!("oslc.pageSize is a whole number from 1, not \"{text}\""));
        let Some(text) = self.asked.parameter("oslc.pageSize")? else { return Ok(ITEMS) };
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong(&text));
        }
        // A number with more digits is a large one.
        match text.parse().unwrap_or(usize::MAX) {
            0 => Err(wrong(&text)),
            size => Ok(size.min(ITEMS_MAX)),
        }
    }
}

fn answered(answering: &Answering) -> Result<Reply, Fault> {
    let kind = answering.kind("/oslc/")?;
    let asked = &answering.asked;
    if let Some(paging) = asked.parameter("oslc.paging")?
        && !matches!(paging.as_str(), "true" | "false")
    {
        return Err(Fault::bad(format!("oslc.paging is true or false, not \"{paging}\"")));
    }
    let prefixes = match asked.parameter("oslc.prefix")? {
        Some(text) => Prefixes::read(&text).map_err(|error| Fault::bad(error.to_string()))?,
        None => Prefixes::default(),
    };
    let unread = |error: crate::exchange::rdf::oslc::query::Error| Fault::bad(error.to_string());
    let mut query =
        OslcQuery { limit: answering.page_size()?, after: asked.parameter("after")?, ..OslcQuery::default() };
    if let Some(text) = asked.parameter("oslc.where")? {
        query.conditions = prefixes.conditions(&text).map_err(unread)?;
    }
    if let Some(text) = asked.parameter("oslc.orderBy")? {
        query.order = prefixes.order(&text).map_err(unread)?;
    }
    if let Some(text) = asked.parameter("oslc.searchTerms")? {
        query.terms = search_terms(&text).map_err(unread)?;
    }
    let select = match asked.parameter("oslc.select")? {
        Some(text) => Some(("oslc.select", text)),
        None => asked.parameter("oslc.properties")?.map(|text| ("oslc.properties", text)),
    };
    let selection = select.map(|(name, text)| prefixes.selection(name, &text)).transpose().map_err(unread)?;
    let (_, version) = answering.version()?;
    let page = asked.session.oslc_page(&version, &answering.addresses, kind, &query)?;
    let outward = Outward { version: &version, addresses: &answering.addresses };
    let mut describer = Describer::new(outward, selection);
    let container = answering.addresses.container(kind);
    for iri in &page.items {
        let member = outward.address(iri)?;
        describer.document.add(&container, (RDFS, "member"), member.clone());
        describer.document.add(&container, (LDP, "contains"), member);
        describer.add(iri)?;
    }
    let mut document = describer.document;
    document.type_of(&container, (LDP, "BasicContainer"));
    document.type_of(&container, (LDP, "Container"));
    let next = page.next.as_ref().map(|cursor| {
        let commit = answering.addresses.commit(&version.commit().id.to_string());
        next_page(answering, &container, cursor, &commit)
    });
    response_info(&mut document, answering, &container, page.total, next.as_ref());
    let mut reply = Reply::from(document).with(ACCEPT_POST, ACCEPTED);
    if let Some(next) = next {
        reply = reply.with(header::LINK, format!("<{}>; rel=\"next\"", next.as_str()));
    }
    Ok(reply)
}

/// Describes the page: how many resources there are, and where the next ones are.
fn response_info(
    document: &mut Document,
    answering: &Answering,
    container: &NamedNode,
    total: usize,
    next: Option<&NamedNode>,
) {
    let parameters = answering.asked.parameters.as_deref().unwrap_or_default();
    let info =
        with_parameters(container, parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let info =
        if info == *container { NamedNode::new_unchecked(format!("{}?", container.as_str())) } else { info };
    document.type_of(&info, (CORE, "ResponseInfo"));
    document.text(&info, (DCTERMS, "title"), "Results");
    document.integer(&info, (CORE, "totalCount"), total as u64);
    if let Some(next) = next {
        document.add(&info, (CORE, "nextPage"), next.clone());
    }
}

/// Returns the address of the page behind a cursor, at the commit of this page: whatever changes meanwhile, nothing is listed twice or left
/// out.
fn next_page(answering: &Answering, container: &NamedNode, cursor: &str, commit: &NamedNode) -> NamedNode {
    let parameters = answering.asked.parameters.as_deref().unwrap_or_default();
    let kept = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| *name != "after" && *name != PARAMETER);
    with_parameters(container, kept.chain([("after", cursor), (PARAMETER, commit.as_str())]))
}
