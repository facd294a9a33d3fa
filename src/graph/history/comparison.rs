//! What differs between two versions, by resource: found by the index, which records the subjects that each commit touches.
//!
//! The two versions are on two lines of first parents that meet somewhere; whatever differs between them was touched
//! by a commit after that place, on one line or the other. So the cost follows what those commits touched, and not the
//! graph. Where they touched far more than may differ (an import lies between, or on both lines), the walk over the two Git
//! trees is quicker, and answers the same.

use crate::graph::change::diff::{Diff, ResourceDiff, compare};
use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::read::tables::Tables;
use crate::graph::index::read::view::{TwoPlaces, View};
use crate::graph::index::rows::key;
use crate::graph::index::rows::lifespan::Lineage;
use crate::graph::model::commit::CommitId;
use crate::graph::model::delta::DocumentDelta;
use crate::graph::read::snapshot::{Known, Snapshot};
use crate::graph::repository::Repository;
use crate::graph::sync::catch_up;
use crate::model::statement::{Statement, root};
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::{BTreeSet, HashSet};

/// From how many touched subjects on the Git trees are compared instead.
const TOUCHED_MAX: usize = if cfg!(test) { 12 } else { 100_000 };

/// From how many resources on two threads read them.
const FAMILIES_A_THREAD: usize = if cfg!(test) { 2 } else { 500 };

/// How many resources are read at once, and how many at first, as a page needs no more.
const FAMILIES_AT_ONCE: usize = if cfg!(test) { 5 } else { 4_000 };
const FAMILIES_AT_FIRST: usize = if cfg!(test) { 2 } else { 250 };

impl Repository {
    /// Returns the resources that differ between two versions, each as a whole or with those of its documents that differ;
    /// in the order of resources.
    #[cfg(test)]
    pub(in crate::graph) fn deltas(&self, from: CommitId, to: CommitId) -> Result<Vec<DocumentDelta>, Error> {
        let mut deltas = Vec::new();
        self.each_delta(from, to, &mut |delta| {
            deltas.push(delta);
            Ok(())
        })?;
        Ok(deltas)
    }

    /// Calls `each` with the resources that differ between two versions, each as a whole or with those of its documents that differ;
    /// in the order of resources.
    pub(in crate::graph) fn each_delta(
        &self,
        from: CommitId,
        to: CommitId,
        each: &mut dyn FnMut(DocumentDelta) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.each_delta_after(from, to, None, &mut |delta| each(delta).map(|()| true))
    }

    /// Like [`Self::each_delta`], for the resources after one, until `each` returns `false`. Of all that differs only the names are
    /// in memory.
    pub(in crate::graph) fn each_delta_after(
        &self,
        from: CommitId,
        to: CommitId,
        after: Option<&str>,
        each: &mut dyn FnMut(DocumentDelta) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let tables = self.index.tables()?;
        let (Some(from_place), Some(to_place)) = (tables.commit(from)?, tables.commit(to)?) else {
            return catch_up::each_delta_after(&self.fresh_reader()?, Some(from), to, after, each);
        };
        let lineages = [tables.lineage(&from_place)?, tables.lineage(&to_place)?];
        let Some(subjects) = tables.touched_between(&lineages, TOUCHED_MAX)? else {
            return catch_up::each_delta_after(&self.fresh_reader()?, Some(from), to, after, each);
        };
        let places = TwoPlaces::new(&tables, lineages)?;
        let comparison = Comparison { view: View::new(tables, &to_place)?, places };
        let roots = comparison.roots(subjects, after)?;
        let (mut left, mut at_once) = (roots.as_slice(), FAMILIES_AT_FIRST);
        while !left.is_empty() {
            let (now, rest) = left.split_at(at_once.min(left.len()));
            for delta in comparison.whole_resources(now)? {
                if !each(delta)? {
                    return Ok(());
                }
            }
            (left, at_once) = (rest, FAMILIES_AT_ONCE.min(at_once * 4));
        }
        Ok(())
    }

    /// Returns the resources that were touched between two versions, on the line of either; `None` where more than `most`
    /// subjects were, counted once a commit. The others are equal at both.
    pub(in crate::graph) fn touched(
        &self,
        from: &Snapshot,
        to: &Snapshot,
        most: usize,
    ) -> Result<Option<HashSet<String>>, Error> {
        let view = &to.0.view;
        let lineages = [view.tables.lineage(&from.0.placed)?, view.tables.lineage(&to.0.placed)?];
        let Some(subjects) = view.tables.touched_between(&lineages, most)? else { return Ok(None) };
        let mut roots = HashSet::with_capacity(subjects.len());
        for subject in subjects {
            if let Term::NamedNode(iri) = view.term(subject)? {
                roots.insert(root(&iri).into_string());
            }
        }
        Ok(Some(roots))
    }
}

impl Tables {
    /// Returns the subjects that were touched on either line after the place where both meet; `None` where that are more
    /// than `most`, counted once a commit.
    fn touched_between(
        &self,
        [a, b]: &[Lineage; 2],
        most: usize,
    ) -> Result<Option<HashSet<u64>>, index::Error> {
        // Both lead down to lane 0.
        let meeting = a.iter().find_map(|&(lane, last)| {
            let other = b.iter().find(|(other, _)| *other == lane)?;
            Some((lane, last.min(other.1)))
        });
        let meeting = meeting.ok_or_else(|| index::Error::corrupt("lineages that do not meet"))?;
        let (mut subjects, mut left) = (HashSet::new(), most);
        for lineage in [a, b] {
            for &(lane, last) in lineage {
                let first = if lane == meeting.0 { meeting.1 + 1 } else { 1 };
                if !self.add_touched(lane, first, last, &mut subjects, &mut left)? {
                    return Ok(None);
                }
                if lane == meeting.0 {
                    break;
                }
            }
        }
        Ok(Some(subjects))
    }
}

/// What reads resources at two places at once.
struct Comparison {
    view: View,
    places: TwoPlaces,
}

impl Comparison {
    /// Returns the resources of subjects in IRI order, those after one.
    fn roots(&self, subjects: HashSet<u64>, after: Option<&str>) -> Result<Vec<String>, index::Error> {
        let mut roots = BTreeSet::new();
        for subject in subjects {
            let root = root(&self.view.iri(subject)?).into_string();
            if after.is_none_or(|after| root.as_str() > after) {
                roots.insert(root);
            }
        }
        Ok(roots.into_iter().collect())
    }

    fn whole_resources(&self, roots: &[String]) -> Result<Vec<DocumentDelta>, index::Error> {
        let (first, second) = roots.split_at(roots.len() / 2);
        if first.len() < FAMILIES_A_THREAD {
            return self.differing(roots);
        }
        std::thread::scope(|scope| {
            let second = scope.spawn(|| self.differing(second));
            let mut deltas = self.differing(first)?;
            deltas.extend(second.join().expect("reading the index does not panic")?);
            Ok(deltas)
        })
    }

    fn differing(&self, roots: &[String]) -> Result<Vec<DocumentDelta>, index::Error> {
        let mut deltas = Vec::with_capacity(roots.len());
        for root in roots {
            let delta = self.whole_resource(root)?;
            if delta.before != delta.after {
                deltas.push(delta);
            }
        }
        Ok(deltas)
    }

    /// Returns the ids of a resource and of the fragments of it that are described at one of the places.
    fn described_ids(&self, root: &str) -> Result<Vec<u64>, index::Error> {
        let id = self.view.iri_id(NamedNodeRef::new_unchecked(root))?;
        let mut found: Vec<_> = id.into_iter().collect();
        if let Some(id) = id {
            self.view.each_at(&key::prefix(key::FRAGMENTS, &[id]), &self.places, |row, _| {
                found.push(key::id(row, 1)?);
                Ok(())
            })?;
        }
        Ok(found)
    }

    fn whole_resource(&self, root: &str) -> Result<DocumentDelta, index::Error> {
        let mut delta = DocumentDelta::default();
        for id in self.described_ids(root)? {
            let known = Known::subject(self.view.iri(id)?);
            self.view.each_at(&key::prefix(key::SPO, &[id]), &self.places, |row, [was, is]| {
                let statement = known.statement(key::ids(row)?, &self.view)?;
                if was && is {
                    delta.before.push(statement.clone());
                }
                if was && !is { &mut delta.before } else { &mut delta.after }.push(statement);
                Ok(())
            })?;
        }
        delta.before.sort_unstable();
        delta.after.sort_unstable();
        Ok(delta)
    }
}

impl Repository {
    /// Returns what differs between two versions; with `reach`, only what touches that resource: itself, and
    /// resources that link to it or a fragment of it before or after. It must be there at one of the two.
    pub fn diff(&self, from: &Snapshot, to: &Snapshot, reach: Option<&NamedNode>) -> Result<Diff, Error> {
        Ok(Diff { resources: self.differences(from, to, reach)?.part(None, usize::MAX)? })
    }

    /// Returns what differs between two versions in the resources that are wanted, which is decided from the statements of each
    /// before and after; to be read in parts.
    pub fn differences_where<'a>(
        &'a self,
        from: &'a Snapshot,
        to: &'a Snapshot,
        wanted: impl Fn(&NamedNode, &[&Statement]) -> bool + 'a,
    ) -> Differences<'a> {
        Differences { repository: self, from, to, wanted: Box::new(wanted) }
    }

    /// Returns what [`Self::diff`] does, to be read in parts.
    pub fn differences<'a>(
        &'a self,
        from: &'a Snapshot,
        to: &'a Snapshot,
        reach: Option<&'a NamedNode>,
    ) -> Result<Differences<'a>, Error> {
        if let Some(reach) = reach
            && from.document(reach)?.is_empty()
            && to.document(reach)?.is_empty()
        {
            return Err(Error::UnknownResource(reach.clone()));
        }
        let wanted = move |resource: &NamedNode, statements: &[&Statement]| {
            reach.is_none_or(|reach| {
                *resource == root(reach) || statements.iter().any(|statement| leads_to(statement, reach))
            })
        };
        Ok(Differences { repository: self, from, to, wanted: Box::new(wanted) })
    }
}

/// What differs between two versions, compared as it is read: of all the resources that differ only the names are in memory.
pub struct Differences<'a> {
    repository: &'a Repository,
    from: &'a Snapshot,
    to: &'a Snapshot,
    wanted: Box<Wanted<'a>>,
}

/// Decides about a resource, from its statements before and after, whether it is wanted.
type Wanted<'a> = dyn Fn(&NamedNode, &[&Statement]) -> bool + 'a;

impl Differences<'_> {
    /// Calls `each` with the resources that differ, in IRI order, those after one, until it returns `false`.
    pub fn each<E: From<Error>>(
        &self,
        after: Option<&NamedNode>,
        mut each: impl FnMut(ResourceDiff) -> Result<bool, E>,
    ) -> Result<(), E> {
        let (from, to) = (self.from.commit().id, self.to.commit().id);
        let mut refused = None;
        self.repository.each_delta_after(from, to, after.map(NamedNode::as_str), &mut |delta| {
            self.to.0.view.wanted.check().map_err(index::Error::from)?;
            let Some(diff) = self.compared(&delta) else { return Ok(true) };
            match each(diff) {
                Ok(goes_on) => Ok(goes_on),
                Err(error) => {
                    refused = Some(error);
                    Ok(false)
                }
            }
        })?;
        refused.map_or(Ok(()), Err)
    }

    /// Returns the resources that differ after one, so many at the most.
    pub fn part(&self, after: Option<&NamedNode>, limit: usize) -> Result<Vec<ResourceDiff>, Error> {
        let mut part = Vec::new();
        if limit > 0 {
            self.each::<Error>(after, |diff| {
                part.push(diff);
                Ok(part.len() < limit)
            })?;
        }
        Ok(part)
    }

    /// Counts the resources that differ, without holding what differs in them.
    pub fn count(&self) -> Result<usize, Error> {
        let mut count = 0;
        self.each::<Error>(None, |_| {
            count += 1;
            Ok(true)
        })?;
        Ok(count)
    }

    fn compared(&self, DocumentDelta { before, after }: &DocumentDelta) -> Option<ResourceDiff> {
        let first = before.first().or(after.first()).filter(|_| before != after)?;
        let resource = root(&first.subject);
        if !(self.wanted)(&resource, &before.iter().chain(after).collect::<Vec<_>>()) {
            return None;
        }
        let compared = compare(resource, before.iter(), after.iter(), self.to.ontology());
        Some(compared).filter(|diff| !diff.properties.is_empty())
    }
}

impl std::fmt::Debug for Differences<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Differences({} to {})", self.from.commit().id, self.to.commit().id)
    }
}

/// Returns whether a statement links to a resource or one of its fragments.
fn leads_to(statement: &Statement, resource: &NamedNode) -> bool {
    match &statement.object {
        Term::NamedNode(target) => {
            let rest = target.as_str().strip_prefix(resource.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
        }
        _ => false,
    }
}
