//! The tracked resource set of a branch: which resources each commit on its line of first parents has created, changed or removed.

use super::refusal::OslcRefusal;
use super::resource::kind_of;
use crate::app::application::App;
use crate::app::error::Error;
use crate::exchange::rdf::oslc::alias::{ALIASES, LinkDirection};
use crate::exchange::rdf::oslc::domain::KINDS;
use crate::exchange::rdf::oslc::tracked::{Event, Happened, Segment, Start};
use crate::graph::{self, CommitId, PageQuery, ResourceDiff, Snapshot};
use crate::model::sync::cancellation::Cancellation;
use oxigraph::model::{NamedNode, Term};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many commits are looked through for one segment; one that has found less than it could ends there, and another one goes on.
const COMMITS_MAX: usize = 2_000;

/// What the commit of a version did to tracked resources, in the order of their IRIs.
type Events = Vec<(NamedNode, Happened)>;

impl App {
    /// Returns a segment of the change log: events of the version's commit from a place on, and of those before it.
    pub(in crate::app) fn tracked_segment(
        &self,
        version: &Snapshot,
        place: u64,
        limit: usize,
        wanted: &Cancellation,
    ) -> Result<Segment, OslcRefusal> {
        let (mut version, mut place) = (version.clone(), place);
        let mut segment = Segment::default();
        for _ in 0..COMMITS_MAX {
            wanted.check().map_err(|why| graph::Error::Index(graph::IndexError::Cancelled(why)))?;
            let events = self.tracked_events(&version)?;
            let room = limit - segment.events.len();
            let commit = version.commit();
            let begin = usize::try_from(place).unwrap_or(usize::MAX);
            for (at, (resource, happened)) in (0_u64..).zip(events.iter()).skip(begin).take(room) {
                segment.events.push(Event {
                    commit: commit.id.to_string(),
                    depth: version.depth(),
                    place: at,
                    resource: resource.clone(),
                    happened: *happened,
                });
            }
            let next = place.saturating_add(room as u64);
            if next < events.len() as u64 {
                segment.previous = Some(Start { commit: commit.id.to_string(), place: next });
                return Ok(segment);
            }
            let Some(parent) = commit.parents.first().copied() else { return Ok(segment) };
            if segment.events.len() == limit {
                segment.previous = Some(Start { commit: parent.to_string(), place: 0 });
                return Ok(segment);
            }
            (version, place) = (self.repository().snapshot_at(parent)?.while_wanted(wanted), 0);
        }
        segment.previous = Some(Start { commit: version.commit().id.to_string(), place });
        Ok(segment)
    }

    /// Returns the last event at or before a version; none where nothing was ever tracked.
    pub(in crate::app) fn tracked_cutoff(
        &self,
        version: &Snapshot,
        wanted: &Cancellation,
    ) -> Result<Option<Event>, OslcRefusal> {
        let mut version = version.clone();
        loop {
            let segment = self.tracked_segment(&version, 0, 1, wanted)?;
            if let Some(event) = segment.events.into_iter().next() {
                return Ok(Some(event));
            }
            let Some(start) = segment.previous else { return Ok(None) };
            let id: CommitId =
                start.commit.parse().map_err(|_| OslcRefusal::Content(start.commit.clone()))?;
            version = self.repository().snapshot_at(id)?.while_wanted(wanted);
        }
    }

    fn tracked_events(&self, version: &Snapshot) -> Result<Arc<Events>, OslcRefusal> {
        let about = NamedNode::new_unchecked("urn:throughline:events");
        version.remember(&about, || self.found_events(version))
    }

    fn found_events(&self, version: &Snapshot) -> Result<Events, OslcRefusal> {
        let mut events = BTreeMap::new();
        match version.commit().parents.first() {
            None => {
                for kind in &KINDS {
                    let made = version.instances(kind.class)?;
                    events.extend(made.into_iter().map(|iri| (iri.into_string(), Happened::Created)));
                }
            }
            Some(parent) => {
                let before = self.repository().snapshot_at(*parent)?;
                let mut linked = Vec::new();
                let differences = self.repository().differences(&before, version, None)?;
                differences.each::<Error>(None, |diff| {
                    // Where nothing is stated of a resource itself, each of its fragments may be a resource of its own.
                    let subjects = diff.properties.iter().map(|property| &property.subject);
                    for resource in subjects.chain([&diff.resource]) {
                        if !events.contains_key(resource.as_str())
                            && let Some(happened) = happened(&before, version, resource)?
                        {
                            events.insert(resource.as_str().to_owned(), happened);
                        }
                    }
                    linked.extend(targets(&diff));
                    Ok(true)
                })?;
                // What links to a resource is part of its description.
                for target in linked {
                    if !events.contains_key(target.as_str()) && kind_of(version, &target)?.is_some() {
                        events.insert(target.into_string(), Happened::Modified);
                    }
                }
            }
        }
        Ok(events.into_iter().map(|(iri, happened)| (NamedNode::new_unchecked(iri), happened)).collect())
    }
}

fn happened(
    before: &Snapshot,
    after: &Snapshot,
    resource: &NamedNode,
) -> Result<Option<Happened>, graph::Error> {
    Ok(match (kind_of(before, resource)?, kind_of(after, resource)?) {
        (None, None) => None,
        (None, Some(_)) => Some(Happened::Created),
        (Some(_), None) => Some(Happened::Deleted),
        (Some(_), Some(_)) => Some(Happened::Modified),
    })
}

/// Returns the resources that links of a resource which an inverse alias shows were added to or removed from.
fn targets(diff: &ResourceDiff) -> impl Iterator<Item = NamedNode> {
    let is_shown = |predicate: &NamedNode| {
        ALIASES
            .iter()
            .any(|alias| alias.way == LinkDirection::Inverse && alias.property == predicate.as_ref())
    };
    let shown = diff.properties.iter().filter(move |property| is_shown(&property.predicate));
    let objects = shown.flat_map(|property| property.removed.iter().chain(&property.added));
    objects.filter_map(|object| match object {
        Term::NamedNode(target) => Some(target.clone()),
        _ => None,
    })
}

/// A page of the members of a tracked resource set.
#[derive(Clone, Debug)]
pub struct TrackedPage {
    /// The members.
    pub members: Vec<NamedNode>,
    /// Where the next page begins: the place of the kind, and the cursor in it.
    pub next: Option<(usize, Option<String>)>,
}

/// Returns a page of the resources that a version has, kind by kind.
pub(in crate::app) fn members(
    version: &Snapshot,
    (kind, after): (usize, Option<String>),
    limit: usize,
) -> Result<TrackedPage, OslcRefusal> {
    let Some(of) = KINDS.get(kind) else { return Ok(TrackedPage { members: Vec::new(), next: None }) };
    let page = version.page(&PageQuery {
        class: of.class.into_owned(),
        filter: None,
        order: Vec::new(),
        after,
        before: None,
        limit,
        from_end: false,
        total: false,
    })?;
    let next = match page.items.last().filter(|_| page.has_more) {
        Some((_, cursor)) => Some((kind, Some(cursor.clone()))),
        None => Some((kind + 1, None)).filter(|(kind, _)| *kind < KINDS.len()),
    };
    Ok(TrackedPage { members: page.items.into_iter().map(|(iri, _)| iri).collect(), next })
}
