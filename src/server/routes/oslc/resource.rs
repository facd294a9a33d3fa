//! One resource: read in any notation, as a compact representation or as a page; replaced; retired.

use super::fault::Fault;
use super::reply::{COMPACT, COMPACT_JSON, Content, Notation, Reply, digests};
use super::request::{Answering, OslcRequest};
use crate::app::{Describer, Mount, OslcDocument, OslcExpected, OslcResource, Outward};
use crate::exchange::rdf::oslc::address::with_parameters;
use crate::exchange::rdf::oslc::configuration::Named;
use crate::exchange::rdf::oslc::document::Document;
use crate::exchange::rdf::oslc::preview::Compact;
use crate::exchange::rdf::oslc::query::Prefixes;
use crate::pages;
use axum::body::Body;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::Response;
use oxigraph::model::NamedNode;

const PREFIX: &str = "/oslc/resources/";

/// Answers with a resource.
pub(super) async fn get(asked: OslcRequest) -> Response {
    let preferred = Notation::preferred_compact(&asked.headers);
    let accepted = || Notation::asked(&asked.headers, &[Notation::Compact, Notation::Html]);
    let notation = match preferred.map_or_else(accepted, Ok) {
        Ok(notation) => notation,
        Err(fault) => return Reply::refusal(&fault, &Notation::default()),
    };
    let applied = move |reply: Reply| match preferred {
        Some(_) => reply.with(HeaderName::from_static("preference-applied"), "return=representation"),
        None => reply,
    };
    asked.answer_in(notation, move |answering| answered(answering, notation).map(applied)).await
}

fn answered(answering: &Answering, notation: Notation) -> Result<Reply, Fault> {
    let (named, version) = answering.version()?;
    let iri = answering.iri(PREFIX)?;
    let outward = Outward { version: &version, addresses: &answering.addresses };
    let resource = OslcResource::needed(&version, &iri)?;
    let reply = match notation {
        Notation::Compact => {
            let compact = compact(answering, &resource, &outward)?;
            return Ok(Reply::new(StatusCode::OK, Content::Text(COMPACT, compact.xml())));
        }
        Notation::CompactJson => {
            let compact = compact(answering, &resource, &outward)?;
            return Ok(Reply::new(StatusCode::OK, Content::Text(COMPACT_JSON, compact.json())));
        }
        Notation::Html => {
            let mount = &answering.asked.shared.mount;
            return Ok(Reply::see_other(&page_of(mount, &resource, &version.shorten(&iri), &named)));
        }
        Notation::Rdf(_) => match answering.asked.parameter("oslc.properties")? {
            Some(text) => {
                let prefixes = answering.asked.parameter("oslc.prefix")?;
                let unread = |error: crate::exchange::rdf::oslc::query::Error| Fault::bad(error.to_string());
                let prefixes = prefixes.map_or_else(|| Ok(Prefixes::default()), |text| Prefixes::read(&text));
                let selection =
                    prefixes.map_err(unread)?.selection("oslc.properties", &text).map_err(unread)?;
                let mut describer = Describer::new(outward, Some(selection));
                describer.add(&iri)?;
                Reply::from(describer.document)
            }
            None => tagged(described(&resource, outward)?.into(), &resource),
        },
    };
    let address = outward.address(&iri)?;
    let compact = format!("<{}>; rel=\"http://open-services.net/ns/core#Compact\"", address.as_str());
    Ok(reply.with(header::LINK, compact))
}

/// Replaces a resource.
pub(super) async fn replace(asked: OslcRequest, body: Body) -> Response {
    let received = asked.receive(body).await;
    asked
        .answer(move |answering| {
            let iri = answering.iri(PREFIX)?;
            let document = OslcDocument { format: answering.notation_of_body()?, bytes: received? };
            let expected = answering.expected()?.ok_or_else(|| {
                Fault::bad("If-Match is missing: it names the entity tag of the resource as it was read")
            })?;
            let branch = answering.branch()?;
            let session = &answering.asked.session;
            let (version, resource) =
                session.oslc_replace(&branch, &answering.addresses, &iri, (&document, &expected))?;
            let outward = Outward { version: &version, addresses: &answering.addresses };
            Ok(tagged(described(&resource, outward)?.into(), &resource))
        })
        .await
}

/// Retires a resource.
pub(super) async fn retire(asked: OslcRequest) -> Response {
    asked
        .answer(move |answering| {
            let iri = answering.iri(PREFIX)?;
            let expected = answering.expected()?.unwrap_or(OslcExpected::Any);
            answering.asked.session.oslc_retire(&answering.branch()?, &iri, &expected)?;
            Ok(Reply::new(StatusCode::NO_CONTENT, Content::Nothing))
        })
        .await
}

impl Answering {
    /// Returns the IRI of the resource that the path names.
    pub(super) fn iri(&self, prefix: &str) -> Result<NamedNode, Fault> {
        let path = self.rest(prefix);
        self.addresses
            .iri_of_path(path)
            .ok_or_else(|| Fault::absent(format!("{path} is the address of no resource")))
    }

    /// Returns what the client expects of the resource; none where it states nothing.
    fn expected(&self) -> Result<Option<OslcExpected>, Fault> {
        let Some(tags) = self.asked.header(&header::IF_MATCH)? else { return Ok(None) };
        Ok(Some(if tags == "*" { OslcExpected::Any } else { OslcExpected::Digests(digests(&tags)) }))
    }
}

/// Describes a resource whole.
pub(super) fn described(resource: &OslcResource, outward: Outward<'_>) -> Result<Document, Fault> {
    Ok(resource.document(outward.version, outward.addresses)?)
}

/// Marks an answer with the entity tag of a resource.
pub(super) fn tagged(mut reply: Reply, resource: &OslcResource) -> Reply {
    reply.digest = Some(resource.digest());
    reply
}

/// Returns what other tools show of a resource.
fn compact(answering: &Answering, resource: &OslcResource, outward: &Outward<'_>) -> Result<Compact, Fault> {
    let address = outward.address(&resource.iri)?;
    let path = address.as_str().split_once(PREFIX).map(|(_, path)| path.to_owned()).unwrap_or_default();
    let named = answering.context()?;
    let is_main = named == Named::Stream("main".to_owned());
    let context = (!is_main).then(|| named.address(&answering.addresses));
    let page = |size: &str| {
        let page = answering.addresses.below(&format!("previews/{size}/{path}"));
        let parameters = context.iter().map(|context| (super::context::PARAMETER, context.as_str()));
        with_parameters(&page, parameters).into_string()
    };
    Ok(Compact {
        address: address.as_str().to_owned(),
        title: resource.title().to_owned(),
        short_title: resource.identifier().to_owned(),
        previews: [page("small"), page("large")],
    })
}

/// Returns the address of the page that shows a resource in a configuration.
pub(super) fn page_of(mount: &Mount, resource: &OslcResource, id: &str, at: &Named) -> String {
    let page = match resource.kind.name {
        "Requirement" => "requirement",
        "DesignRevision" => "design",
        "Finding" => "finding",
        "ChangeRequest" => "change",
        _ => "record",
    };
    let at = match at.version() {
        "main" => String::new(),
        version => format!("&at={}", pages::encoded(version)),
    };
    format!("{mount}/pages/{page}?id={}{at}", pages::encoded(id))
}
