//! What a client discovers: root services, catalogue, service providers and resource shapes.

use super::fault::Fault;
use super::reply::{Notation, Reply};
use super::request::OslcRequest;
use crate::exchange::rdf::Format;
use crate::exchange::rdf::oslc::domain::{Domain, KINDS};
use crate::exchange::rdf::oslc::{service, shape as shapes};
use axum::response::Response;

/// Answers with the root services: RDF/XML where the client accepts anything, as those who read it expect.
pub(super) async fn root(asked: OslcRequest) -> Response {
    let notation = match Notation::asked(&asked.headers, &[]) {
        Ok(notation) if asked.headers.contains_key(axum::http::header::ACCEPT) => notation,
        Ok(_) => Notation::Rdf(Format::RdfXml),
        Err(fault) => return Reply::refusal(&fault, &Notation::default()),
    };
    asked.answer_in(notation, |answering| Ok(service::root_services(&answering.addresses).into())).await
}

/// Answers with the catalogue.
pub(super) async fn catalogue(asked: OslcRequest) -> Response {
    asked.answer(|answering| Ok(service::catalogue(&answering.addresses).into())).await
}

/// Answers with a service provider.
pub(super) async fn provider(asked: OslcRequest) -> Response {
    asked
        .answer(|answering| {
            let path = answering.rest("/oslc/");
            let domain = Domain::of_path(path).ok_or_else(|| {
                Fault::absent(format!(
                    "\"{path}\" is no service provider: the catalogue at /oslc/catalog lists them"
                ))
            })?;
            let (_, version) = answering.version()?;
            let can_create = |kind: &crate::exchange::rdf::oslc::domain::Kind| {
                kind.class_in(version.ontology()).is_some_and(|class| class.made_by().is_none())
            };
            Ok(service::provider(&answering.addresses, domain, can_create).into())
        })
        .await
}

/// Answers with a resource shape.
pub(super) async fn shape(asked: OslcRequest) -> Response {
    asked
        .answer(|answering| {
            let name = answering.rest("/oslc/shapes/");
            let (_, version) = answering.version()?;
            let kind = KINDS.iter().find(|kind| kind.name == name);
            let shape = kind.and_then(|kind| shapes::shape(&answering.addresses, kind, version.ontology()));
            let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
            let absent =
                || Fault::absent(format!("there is no shape {name}: there are {}", names.join(", ")));
            Ok(shape.ok_or_else(absent)?.into())
        })
        .await
}
