//! Which resources no longer have the values of some properties that they had at first: found by one pass over the rows of these
//! properties, whatever the length of the history, and at later versions from what was touched since.

use super::snapshot::Snapshot;
use super::version_cache::{Found, Latest};
use crate::graph::error::Error;
use crate::graph::index::read::ancestry::Ancestry;
use crate::graph::index::rows::key;
use crate::graph::index::rows::lifespan::{Lifespan, OPEN};
use crate::model::statement::root;
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What was met of a subject so far.
struct Met {
    /// The commit that first made the first row met.
    origin: u32,
    /// Whether its class was among the rows, which is stated when it is made.
    typed: bool,
    /// Whether something was added later, or was removed.
    rewritten: bool,
}

/// From how many touched subjects on all rows are passed over instead.
const TOUCHED_MAX: usize = if cfg!(test) { 12 } else { 20_000 };

impl Snapshot {
    /// Returns the resources of which, behind this version, values of one of these properties were added or removed after the
    /// resource or fragment was made; in IRI order. Some of them may have their first values again, or no longer exist.
    pub fn rewritten(&self, predicates: &[NamedNode]) -> Result<Vec<NamedNode>, Error> {
        let place = (self.0.placed.lane, self.0.placed.ordinal);
        let resources = match self.nearest(&self.0.latest.rewritten, predicates)? {
            Some(before) if before.place == place => before.what.clone(),
            Some(before) => match self.rewritten_since(&before)? {
                Some(since) => &before.what | &since,
                None => self.rewritten_of_all(predicates)?,
            },
            None => self.rewritten_of_all(predicates)?,
        };
        let named = resources.iter().map(NamedNode::new_unchecked).collect();
        if !self.0.view.tables.is_preview() {
            let commit = self.commit().id;
            self.0.latest.rewritten.insert(Found {
                commit,
                place,
                about: predicates.to_vec(),
                what: resources,
            });
        }
        Ok(named)
    }

    /// Passes over all rows of the properties.
    pub(in crate::graph) fn rewritten_of_all(
        &self,
        predicates: &[NamedNode],
    ) -> Result<BTreeSet<String>, Error> {
        let view = &self.0.view;
        let behind = view.ancestry()?;
        let mut subjects: HashMap<u64, Met> = HashMap::new();
        for predicate in std::iter::once(rdf::TYPE).chain(predicates.iter().map(NamedNodeRef::from)) {
            let Some(id) = self.iri_id(predicate)? else { continue };
            let typed = predicate == rdf::TYPE;
            view.each_lifespan(&key::prefix(key::POS, &[id]), |row, span| {
                if behind.holds(span.lane, span.born) {
                    meet(&mut subjects, key::id(row, 2)?, span, typed, behind);
                }
                Ok(true)
            })?;
        }
        self.resources_of(subjects)
    }

    /// Looks at what was touched since an earlier version; `None` where that is too much.
    fn rewritten_since(&self, before: &Found<BTreeSet<String>>) -> Result<Option<BTreeSet<String>>, Error> {
        let view = &self.0.view;
        let behind = view.ancestry()?;
        let Some(touched) = view.touched_since(before.place, TOUCHED_MAX)? else { return Ok(None) };
        let mut predicates = Vec::new();
        for predicate in std::iter::once(rdf::TYPE).chain(before.about.iter().map(NamedNodeRef::from)) {
            predicates.extend(self.iri_id(predicate)?.map(|id| (id, predicate == rdf::TYPE)));
        }
        let mut subjects: HashMap<u64, Met> = HashMap::new();
        for subject in touched {
            view.each_lifespan(&key::prefix(key::SPO, &[subject]), |row, span| {
                let predicate = key::id(row, 1)?;
                if let Some((_, typed)) = predicates.iter().find(|(id, _)| *id == predicate)
                    && behind.holds(span.lane, span.born)
                {
                    // What was rewritten stays so, whatever else there was: a long history is not read to its end.
                    return Ok(!meet(&mut subjects, subject, span, *typed, behind));
                }
                Ok(true)
            })?;
        }
        Ok(Some(self.resources_of(subjects)?))
    }

    /// Returns what was found about some properties or classes at the nearest ancestor along first parents.
    pub(super) fn nearest<T>(
        &self,
        latest: &Latest<T>,
        about: &[NamedNode],
    ) -> Result<Option<Arc<Found<T>>>, Error> {
        let view = &self.0.view;
        let mut nearest: Option<(_, Arc<_>)> = None;
        for found in latest.about(about) {
            let (lane, ordinal) = found.place;
            let Some(distance) = view.distance_from(found.place) else { continue };
            // Another commit may have taken the place since: a branch can be moved with plain Git.
            let there = view.tables.commit_at(lane, ordinal)?;
            let is_same = there.is_some_and(|placed| placed.commit.id == found.commit);
            if is_same && nearest.as_ref().is_none_or(|(other, _)| distance < *other) {
                nearest = Some((distance, found));
            }
        }
        Ok(nearest.map(|(_, found)| found))
    }

    fn resources_of(&self, subjects: HashMap<u64, Met>) -> Result<BTreeSet<String>, Error> {
        let mut resources = BTreeSet::new();
        for (subject, met) in subjects {
            if (met.rewritten || !met.typed)
                && let Term::NamedNode(iri) = self.0.view.term(subject)?
            {
                resources.insert(root(&iri).into_string());
            }
        }
        Ok(resources)
    }
}

/// Takes a lifespan of a subject in; returns whether the subject was rewritten.
fn meet(
    subjects: &mut HashMap<u64, Met>,
    subject: u64,
    span: &Lifespan,
    typed: bool,
    behind: &Ancestry,
) -> bool {
    let ended = span.tombstone || (span.died != OPEN && behind.holds(span.lane, span.died));
    let met = subjects.entry(subject).or_insert(Met { origin: span.origin, typed: false, rewritten: false });
    met.typed |= typed;
    met.rewritten |= ended || met.origin != span.origin;
    met.rewritten
}
