//! All statements that one resource ever had, and when: read from the lifespans of its rows, so that the cost follows the
//! resource's own history and not the graph's.
//!
//! A *change* is named by the commit that made it. A merge that takes a value from one of its sides makes nothing: the
//! commit on that side did. It makes a change where it has what none of its parents has, or drops what no side dropped.

use crate::graph::change::diff::{Difference, PropertyDiff, resource_diff};
use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::commits::Placed;
use crate::graph::index::read::ancestry::Ancestry;
use crate::graph::index::rows::key;
use crate::graph::index::rows::lifespan::{Lifespan, Lineage, OPEN, visible};
use crate::graph::model::commit::{Commit, CommitId};
use crate::graph::read::snapshot::Snapshot;
use crate::model::statement::Statement;
use crate::model::time::instant::Instant;
use oxigraph::model::NamedNode;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// What one commit changed in a resource and its fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceChange {
    /// The commit.
    pub commit: Commit,
    /// What became of the resource.
    pub difference: Difference,
    /// The properties that changed, by subject and predicate.
    pub properties: Vec<PropertyDiff>,
}

/// All statements that a resource and its fragments ever had.
#[derive(Debug)]
pub struct Timeline {
    snapshot: Snapshot,
    resource: NamedNode,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    /// Subject, predicate, object.
    ids: [u64; 3],
    spans: Vec<Lifespan>,
}

/// What a commit did to the rows, by their index.
#[derive(Clone, Debug, Default)]
struct Events {
    added: BTreeSet<usize>,
    removed: BTreeSet<usize>,
}

type Places = BTreeMap<(u32, u32), Events>;

impl Snapshot {
    /// Reads all statements that a resource and its fragments ever had.
    pub fn timeline(&self, resource: &NamedNode) -> Result<Timeline, Error> {
        let mut rows = Vec::new();
        for id in self.0.view.whole_resource_ids(resource)? {
            for (key, spans) in self.0.view.lifespans_by_row(&key::prefix(key::SPO, &[id]))? {
                rows.push(Row { ids: [id, key::id(&key, 1)?, key::id(&key, 2)?], spans });
            }
        }
        Ok(Timeline { snapshot: self.clone(), resource: resource.clone(), rows })
    }
}

impl Timeline {
    /// Returns a version's statements about the resource and its fragments.
    pub fn statements_at(&self, version: CommitId) -> Result<BTreeSet<Statement>, Error> {
        let lineage = self.lineage(version)?;
        let rows = self.rows.iter().filter(|row| visible(&row.spans, &lineage).is_some());
        Ok(rows.map(|row| self.statement(row)).collect::<Result<_, _>>()?)
    }

    /// Returns the changes behind the snapshot's version, newest first: at most `limit` of them, after the commit
    /// `after`.
    pub fn changes(&self, after: Option<CommitId>, limit: usize) -> Result<Vec<ResourceChange>, Error> {
        let mut changes = Vec::new();
        let mut walk = Walk::new(self, after)?;
        while changes.len() < limit
            && let Some(place) = walk.next()?
        {
            self.snapshot.0.view.wanted.check().map_err(index::Error::from)?;
            changes.extend(self.change(&walk.places[&(place.lane, place.ordinal)], place)?);
        }
        Ok(changes)
    }

    /// Returns what happened to the rows at each place behind the snapshot's version.
    fn places(&self) -> Result<Places, Error> {
        let behind = self.snapshot.0.view.ancestry()?;
        let mut places = Places::new();
        for (index, row) in self.rows.iter().enumerate() {
            for span in &row.spans {
                if behind.holds(span.lane, span.born) {
                    let events = places.entry((span.lane, span.born)).or_default();
                    if span.tombstone { &mut events.removed } else { &mut events.added }.insert(index);
                }
                if !span.tombstone && span.died != OPEN && behind.holds(span.lane, span.died) {
                    places.entry((span.lane, span.died)).or_default().removed.insert(index);
                }
            }
        }
        Ok(places)
    }

    /// Returns what the commit at a place changed; `None` where it only merged what others had changed.
    fn change(&self, events: &Events, placed: Placed) -> Result<Option<ResourceChange>, Error> {
        let here = self.snapshot.0.view.tables.lineage(&placed)?;
        let mut events = events.clone();
        for parent in placed.commit.parents.iter().skip(1) {
            self.leave_out(&mut events, &here, *parent)?;
        }
        if events.added.is_empty() && events.removed.is_empty() {
            return Ok(None);
        }
        let difference = self.difference(&events, &placed.commit, &here)?;
        let statements = |rows: &BTreeSet<usize>| -> Result<BTreeSet<Statement>, index::Error> {
            rows.iter().map(|row| self.statement(&self.rows[*row])).collect()
        };
        let (removed, added) = (statements(&events.removed)?, statements(&events.added)?);
        let ontology = self.snapshot.ontology();
        let properties = resource_diff(self.resource.as_str(), &removed, &added, ontology).properties;
        if properties.is_empty() {
            return Ok(None);
        }
        Ok(Some(ResourceChange { commit: placed.commit, difference, properties }))
    }

    /// Leaves out what a merge took from one of its other parents.
    fn leave_out(&self, events: &mut Events, here: &Lineage, parent: CommitId) -> Result<(), Error> {
        let there = self.lineage(parent)?;
        events.added.retain(|row| visible(&self.rows[*row].spans, &there).is_none());
        if events.removed.is_empty() {
            return Ok(());
        }
        let mut behind = Behind { timeline: self, lineage: &there, ancestry: OnceCell::new() };
        let mut left = BTreeSet::new();
        for &index in &events.removed {
            let row = &self.rows[index];
            let was_dropped_there = visible(&row.spans, &there).is_none() && behind.has(row)?;
            if !was_dropped_there && !self.is_property_as(row, here, &there) {
                left.insert(index);
            }
        }
        events.removed = left;
        Ok(())
    }

    /// Returns whether the property of a row has the same values at two places.
    fn is_property_as(&self, row: &Row, here: &Lineage, there: &Lineage) -> bool {
        let values = self.rows.iter().filter(|other| other.ids[..2] == row.ids[..2]);
        values
            .map(|row| (visible(&row.spans, here).is_some(), visible(&row.spans, there).is_some()))
            .all(|(here, there)| here == there)
    }

    fn difference(&self, events: &Events, commit: &Commit, here: &Lineage) -> Result<Difference, Error> {
        let any = |at: &Lineage| self.rows.iter().any(|row| visible(&row.spans, at).is_some());
        if events.added.is_empty() && !any(here) {
            return Ok(Difference::Removed);
        }
        if events.removed.is_empty() {
            let mut before = commit.parents.iter().map(|parent| Ok(any(&self.lineage(*parent)?)));
            let existed: Result<Vec<bool>, Error> = before.by_ref().collect();
            if !existed?.contains(&true) {
                return Ok(Difference::Added);
            }
        }
        Ok(Difference::Changed)
    }

    fn lineage(&self, commit: CommitId) -> Result<Lineage, Error> {
        let tables = &self.snapshot.0.view.tables;
        let placed = tables.commit(commit)?.ok_or_else(|| Error::UnknownVersion(commit.to_string()))?;
        Ok(tables.lineage(&placed)?)
    }

    fn statement(&self, row: &Row) -> Result<Statement, index::Error> {
        self.snapshot.0.view.statement(row.ids)
    }
}

/// What lies behind a place, along all parents where that along first parents does not answer.
struct Behind<'a> {
    timeline: &'a Timeline,
    lineage: &'a Lineage,
    ancestry: OnceCell<Ancestry>,
}

impl Behind<'_> {
    /// Returns whether a row began at a place behind.
    fn has(&mut self, row: &Row) -> Result<bool, Error> {
        let born = || row.spans.iter().filter(|span| !span.tombstone);
        let is_on_lineage =
            |span: &Lifespan| self.lineage.iter().any(|&(lane, last)| span.lane == lane && span.born <= last);
        // Most often a branch drops what it began with. All that lies behind is as much as there ever were merges.
        if born().any(is_on_lineage) {
            return Ok(true);
        }
        if self.ancestry.get().is_none() {
            let ancestry = Ancestry::of(&self.timeline.snapshot.0.view.tables, self.lineage)?;
            self.ancestry = OnceCell::from(ancestry);
        }
        let ancestry = self.ancestry.get();
        Ok(ancestry.is_some_and(|behind| born().any(|span| behind.holds(span.lane, span.born))))
    }
}

/// The places at which something happened, newest first. The order of commits strictly increases along a lane, so the newest of
/// all is among the newest of each.
struct Walk<'a> {
    timeline: &'a Timeline,
    places: Places,
    /// The newest place of each lane that is still to come.
    open: BinaryHeap<(Instant, CommitId, u32, u32)>,
}

impl<'a> Walk<'a> {
    fn new(timeline: &'a Timeline, after: Option<CommitId>) -> Result<Self, Error> {
        let places = timeline.places()?;
        let mut lanes: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (lane, ordinal) in places.keys() {
            lanes.entry(*lane).or_default().push(*ordinal);
        }
        let mut walk = Self { timeline, places, open: BinaryHeap::new() };
        let after = match after {
            None => None,
            Some(id) => {
                let known = timeline.snapshot.0.view.tables.commit(id)?;
                let commit = known.ok_or_else(|| Error::Cursor(id.to_string()))?.commit;
                Some((commit.order, commit.id))
            }
        };
        for (lane, ordinals) in lanes {
            if let Some(ordinal) = walk.newest(lane, &ordinals, after)? {
                walk.push(lane, ordinal)?;
            }
        }
        Ok(walk)
    }

    /// Finds the newest of a lane's ordinals that comes after the cursor, by bisection.
    fn newest(
        &self,
        lane: u32,
        ordinals: &[u32],
        after: Option<(Instant, CommitId)>,
    ) -> Result<Option<u32>, Error> {
        let Some(after) = after else { return Ok(ordinals.last().copied()) };
        let (mut low, mut high) = (0, ordinals.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let commit = self.at(lane, ordinals[middle])?.commit;
            if (commit.order, commit.id) < after { low = middle + 1 } else { high = middle }
        }
        Ok(low.checked_sub(1).map(|at| ordinals[at]))
    }

    fn next(&mut self) -> Result<Option<Placed>, Error> {
        let Some((_, _, lane, ordinal)) = self.open.pop() else { return Ok(None) };
        let before = self.places.range((lane, 0)..(lane, ordinal)).next_back();
        if let Some((&(lane, ordinal), _)) = before {
            self.push(lane, ordinal)?;
        }
        self.at(lane, ordinal).map(Some)
    }

    fn push(&mut self, lane: u32, ordinal: u32) -> Result<(), Error> {
        let commit = self.at(lane, ordinal)?.commit;
        self.open.push((commit.order, commit.id, lane, ordinal));
        Ok(())
    }

    fn at(&self, lane: u32, ordinal: u32) -> Result<Placed, Error> {
        let placed = self.timeline.snapshot.0.view.tables.commit_at(lane, ordinal)?;
        Ok(placed.ok_or_else(|| index::Error::corrupt("missing place"))?)
    }
}

impl index::read::view::View {
    /// Returns the statement of a row.
    pub(crate) fn statement(&self, ids: [u64; 3]) -> Result<Statement, index::Error> {
        Ok(Statement { subject: self.iri(ids[0])?, predicate: self.iri(ids[1])?, object: self.term(ids[2])? })
    }
}
