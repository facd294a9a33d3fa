//! The tracked resource set of a stream: its base in pages, and its change log in segments.

use super::context::PARAMETER;
use super::fault::Fault;
use super::reply::Reply;
use super::request::{Answering, OslcRequest};
use crate::exchange::rdf::oslc::address::with_parameters;
use crate::exchange::rdf::oslc::configuration::Named;
use crate::exchange::rdf::oslc::tracked;
use axum::http::header;
use axum::response::Response;
use oxigraph::model::NamedNode;

/// How many events a segment has, and how many members a page of the base.
const EVENTS: usize = 500;
const MEMBERS: usize = 1_000;

/// Answers with the set and the latest segment of its change log.
pub(super) async fn set(asked: OslcRequest) -> Response {
    asked
        .answer(|answering| {
            let (named, version) = answering.version()?;
            let session = &answering.asked.session;
            let segment = session.tracked_segment(&version, 0, EVENTS, &answering.wanted)?;
            let set = answering.at("trs", &named);
            let base = answering.at("trs/base", &named);
            let of = |iri: &NamedNode| answering.member(iri);
            Ok(tracked::set(&answering.addresses, &set, &base, &segment, &of).into())
        })
        .await
}

/// Answers with a segment of earlier events.
pub(super) async fn changelog(asked: OslcRequest) -> Response {
    asked
        .answer(|answering| {
            let commit = answering.needed("commit")?;
            let place = answering.needed("place")?;
            let wrong = || Fault::bad(format!("place is a whole number, not \"{place}\""));
            let place: u64 = place.parse().map_err(|_| wrong())?;
            let (_, version) = answering.configuration(Named::Commit(commit.clone()))?;
            let session = &answering.asked.session;
            let segment = session.tracked_segment(&version, place, EVENTS, &answering.wanted)?;
            let address = tracked::Start { commit, place }.address(&answering.addresses);
            let of = |iri: &NamedNode| answering.member(iri);
            Ok(tracked::segment(&answering.addresses, &address, &segment, &of).into())
        })
        .await
}

/// Answers with a page of the base; without a page the client is led to the first one of the base as it is now.
pub(super) async fn base(asked: OslcRequest) -> Response {
    asked.answer(page).await
}

fn page(answering: &Answering) -> Result<Reply, Fault> {
    let asked = &answering.asked;
    let (named, version) = answering.version()?;
    let base = answering.at("trs/base", &named);
    let Some(commit) = asked.parameter("commit")? else {
        let first = answering.page_address(&named, &version.commit().id.to_string(), 0, None);
        return Ok(Reply::see_other(first.as_str()));
    };
    let kind = answering.needed("kind")?;
    let kind: usize =
        kind.parse().map_err(|_| Fault::bad(format!("kind is a whole number, not \"{kind}\"")))?;
    let after = asked.parameter("after")?;
    let (_, version) = answering.configuration(Named::Commit(commit.clone()))?;
    let here = answering.page_address(&named, &commit, kind, after.as_deref());
    let page = asked.session.tracked_members(&version, (kind, after), MEMBERS)?;
    let cutoff = asked.session.tracked_cutoff(&version, &answering.wanted)?;
    let next = page.next.map(|(kind, after)| answering.page_address(&named, &commit, kind, after.as_deref()));
    let members = page.members.iter().map(|iri| answering.member(iri));
    let document = tracked::base_page(&here, &base, cutoff.as_ref(), members, next.as_ref());
    let mut reply = Reply::from(document).with(header::LINK, "<http://www.w3.org/ns/ldp#Page>; rel=\"type\"");
    if let Some(next) = next {
        reply = reply.with(header::LINK, format!("<{}>; rel=\"next\"", next.as_str()));
    }
    Ok(reply)
}

impl Answering {
    fn needed(&self, name: &str) -> Result<String, Fault> {
        self.asked.parameter(name)?.ok_or_else(|| {
            Fault::bad(format!("the parameter {name} is missing: follow the links of the set at /oslc/trs"))
        })
    }

    /// Returns an address that names the stream, where that is not main.
    fn at(&self, path: &str, named: &Named) -> NamedNode {
        let address = self.addresses.below(path);
        let context = named.address(&self.addresses);
        let is_main = *named == Named::Stream("main".to_owned());
        let parameters = (!is_main).then_some((PARAMETER, context.as_str()));
        with_parameters(&address, parameters.into_iter())
    }

    fn page_address(&self, named: &Named, commit: &str, kind: usize, after: Option<&str>) -> NamedNode {
        let context = named.address(&self.addresses);
        let (is_main, kind) = (*named == Named::Stream("main".to_owned()), kind.to_string());
        let mut parameters = vec![("commit", commit), ("kind", &kind)];
        parameters.extend(after.map(|after| ("after", after)));
        if !is_main {
            parameters.push((PARAMETER, context.as_str()));
        }
        with_parameters(&self.addresses.below("trs/base"), parameters.into_iter())
    }

    /// Returns the address of a tracked resource, which is the same in the base and in every event, also after the resource was removed.
    fn member(&self, iri: &NamedNode) -> NamedNode {
        self.addresses.of(iri, |_| false)
    }
}
