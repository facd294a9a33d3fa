//! A tracked resource set: the change log, made of the commits of a branch, and the base, made of one version.

use super::address::Addresses;
use super::document::Document;
use super::vocabulary::{LDP, RDF, TRS, named};
use oxigraph::model::NamedNode;

/// How many events one commit may have: orders of one commit are below those of the next.
pub const EVENTS_OF_COMMIT_MAX: u64 = 1_000_000_000;

/// What became of a tracked resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It is new.
    Created,
    /// It has changed.
    Modified,
    /// It was removed.
    Deleted,
}

impl Happened {
    const fn class(self) -> &'static str {
        match self {
            Self::Created => "Creation",
            Self::Modified => "Modification",
            Self::Deleted => "Deletion",
        }
    }
}

/// An event of the change log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The commit.
    pub commit: String,
    /// How many commits are on the line of first parents up to that one.
    pub depth: u64,
    /// The place among the events of the commit, in the order of IRIs from 0.
    pub place: u64,
    /// The resource.
    pub resource: NamedNode,
    /// What became of it.
    pub happened: Happened,
}

impl Event {
    /// Returns the number by which events are ordered: later commits have greater ones; of one commit, the first IRI has the greatest.
    pub const fn order(&self) -> u64 {
        self.depth * EVENTS_OF_COMMIT_MAX + (EVENTS_OF_COMMIT_MAX - 1 - self.place)
    }

    /// Returns the name of the event, which is the same for whoever asks.
    pub fn iri(&self) -> NamedNode {
        NamedNode::new_unchecked(format!("urn:throughline:event:{}:{}", self.commit, self.place))
    }
}

/// Where a segment of the change log begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The commit whose events come first.
    pub commit: String,
    /// The place among its events.
    pub place: u64,
}

impl Start {
    /// Returns the address of the segment.
    pub fn address(&self, addresses: &Addresses) -> NamedNode {
        addresses.below(&format!("trs/changelog?commit={}&place={}", self.commit, self.place))
    }
}

/// A segment of the change log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Its events, the latest first.
    pub events: Vec<Event>,
    /// Where the segment of earlier events begins; none at the end.
    pub previous: Option<Start>,
}

/// Describes a tracked resource set, with the latest segment of its change log.
pub fn set(
    addresses: &Addresses,
    address: &NamedNode,
    base: &NamedNode,
    segment: &Segment,
    of: &dyn Fn(&NamedNode) -> NamedNode,
) -> Document {
    let mut document = Document::default();
    document.type_of(address, (TRS, "TrackedResourceSet"));
    document.add(address, (TRS, "base"), base.clone());
    let log = NamedNode::new_unchecked(format!("{}#changelog", address.as_str()));
    document.add(address, (TRS, "changeLog"), log.clone());
    add_segment(&mut document, addresses, &log, segment, of);
    document
}

/// Describes a segment of the change log.
pub fn segment(
    addresses: &Addresses,
    address: &NamedNode,
    segment: &Segment,
    of: &dyn Fn(&NamedNode) -> NamedNode,
) -> Document {
    let mut document = Document::default();
    add_segment(&mut document, addresses, address, segment, of);
    document
}

fn add_segment(
    document: &mut Document,
    addresses: &Addresses,
    log: &NamedNode,
    segment: &Segment,
    of: &dyn Fn(&NamedNode) -> NamedNode,
) {
    document.type_of(log, (TRS, "ChangeLog"));
    for event in &segment.events {
        let iri = event.iri();
        document.add(log, (TRS, "change"), iri.clone());
        document.type_of(&iri, (TRS, event.happened.class()));
        document.add(&iri, (TRS, "changed"), of(&event.resource));
        document.integer(&iri, (TRS, "order"), event.order());
    }
    if let Some(previous) = &segment.previous {
        document.add(log, (TRS, "previous"), previous.address(addresses));
    }
}

/// Describes a page of the base. `members` are addresses of resources.
pub fn base_page(
    page: &NamedNode,
    base: &NamedNode,
    cutoff: Option<&Event>,
    members: impl IntoIterator<Item = NamedNode>,
    next: Option<&NamedNode>,
) -> Document {
    let mut document = Document::default();
    document.type_of(base, (TRS, "Base"));
    document.type_of(base, (LDP, "DirectContainer"));
    document.type_of(base, (LDP, "Container"));
    document.add(base, (LDP, "membershipResource"), base.clone());
    document.add(base, (LDP, "hasMemberRelation"), named(LDP, "member"));
    let cutoff = cutoff.map_or_else(|| named(RDF, "nil"), Event::iri);
    document.add(base, (TRS, "cutoffEvent"), cutoff);
    for member in members {
        document.add(base, (LDP, "member"), member);
    }
    document.type_of(page, (LDP, "Page"));
    document.add(page, (LDP, "pageOf"), base.clone());
    document.add(page, (LDP, "nextPage"), next.cloned().unwrap_or_else(|| named(RDF, "nil")));
    document
}
