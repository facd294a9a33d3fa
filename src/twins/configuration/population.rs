//! Who carries a design, a lot or a revision: which units, where, and exactly when.

use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::twins::binding::readings;
use crate::twins::error::Error;
use crate::twins::facts::member::Member;
use crate::twins::facts::{Facts, spans};
use crate::twins::usage::grid;
use crate::twins::usage::question::TwinFilter;
use oxigraph::model::NamedNode;
use std::collections::{BTreeSet, HashSet};

/// The units that carry an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// Each stretch of service, in order of item and time.
    pub members: Vec<Membership>,
}

impl Population {
    /// Counts the items that certainly were in service.
    pub fn unit_count(&self) -> usize {
        let certain = self.members.iter().filter(|member| member.certainty == Certainty::Certain);
        certain.map(|member| (&member.item, &member.unit)).collect::<BTreeSet<_>>().len()
    }
}

impl Population {
    /// Returns the stretches of each item by itself with the number of its places, in order of the items' names: of those
    /// that were in at least so many. A place is a path in an asset; an item in service by itself is in one.
    pub fn by_item(&self, places_min: usize) -> Vec<(usize, &[Membership])> {
        let items = self.members.chunk_by(|a, b| a.item == b.item);
        let counted = items.map(|stays| {
            let seated = stays.iter().filter(|stay| stay.asset != stay.item);
            let places: BTreeSet<_> = seated.map(|stay| (&stay.asset, &stay.path)).collect();
            (places.len().max(1), stays)
        });
        counted.filter(|(places, _)| *places >= places_min).collect()
    }
}

/// Whether a stretch is known or only possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// The version states so.
    Certain,
    /// It may have been so: a start, an end or a revision is not known. Its hours are attributed to nobody.
    Unknown,
}

/// One item in service in one place for one stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// What is in service: a twin, a lot whose single items are not tracked, or a software revision.
    pub item: NamedNode,
    /// The unit that it counts for: the item itself where it is a twin, else the one that carries it.
    pub unit: NamedNode,
    /// The top-most unit: the item itself where it sits in nothing.
    pub asset: NamedNode,
    /// The positions from the asset down to the item, with `/`; empty for the asset itself.
    pub path: String,
    /// The first instant; `None`: open.
    pub from: Option<Instant>,
    /// The first instant after; `None`: still so.
    pub to: Option<Instant>,
    /// Whether it is known.
    pub certainty: Certainty,
    /// The hours of it within the window asked for; without a window, up to the commit of the version. A start that is
    /// open counts from the window's start, without a window it counts nothing.
    pub hours: f64,
    /// How many single items it is: those of a lot that is installed together, else 1.
    pub quantity: f64,
    /// The revision that the item had; `None` where the version does not state it.
    pub revision: Option<NamedNode>,
    /// The lot that the item comes from.
    pub lot: Option<NamedNode>,
}

impl Membership {
    /// Returns what of it lies in a window.
    pub fn during(&self, window: Interval) -> Option<Interval> {
        spans::between(self.from, self.to).and_then(|within| within.intersect(window))
    }

    pub(in crate::twins) fn of(
        facts: &Facts<'_>,
        member: &Member,
        window: Option<Interval>,
    ) -> Result<Option<Self>, Error> {
        let Some(inside) = window.map_or(Some(member.within), |window| member.within.intersect(window))
        else {
            return Ok(None);
        };
        let end = spans::end(inside).unwrap_or_else(|| facts.snapshot.commit().time);
        let known = spans::start(inside).and_then(|from| Interval::new(from, end).ok());
        Ok(Some(Self {
            item: member.item.clone(),
            unit: member.unit().clone(),
            asset: member.asset().clone(),
            path: member.path().to_owned(),
            from: spans::start(member.within),
            to: spans::end(member.within),
            certainty: if member.certain { Certainty::Certain } else { Certainty::Unknown },
            hours: known.map_or(0.0, |known| spans::hours(known.nanos().into())),
            quantity: member.quantity,
            revision: member.revision.clone(),
            lot: member.lot(facts)?,
        }))
    }
}

/// Returns the names by which telemetry may come in that concerns an item in a window: those of its units and of all
/// that they sit in.
pub fn senders(snapshot: &Snapshot, item: &NamedNode, window: Interval) -> Result<HashSet<String>, Error> {
    let facts = Facts::new(snapshot);
    let mut senders = BTreeSet::new();
    for member in facts.members(item)?.iter() {
        if member.within.intersect(window).is_some() {
            senders.extend(member.seats.iter().map(|seat| seat.parent.clone()));
            senders.insert(member.item.clone());
        }
    }
    let mut names = HashSet::new();
    for sender in senders {
        names.extend(readings::names_of(snapshot, &sender)?);
    }
    Ok(names)
}

/// Returns the units that carry a Part, a DesignRevision, a Build or are a TwinInstance, with every stretch that touches
/// the window; without a window, of all time.
pub fn population(
    snapshot: &Snapshot,
    item: &NamedNode,
    window: Option<Interval>,
) -> Result<Population, Error> {
    population_among(snapshot, item, window, &TwinFilter::default())
}

/// Returns the population as [`population`] does, of the units that count.
pub fn population_among(
    snapshot: &Snapshot,
    item: &NamedNode,
    window: Option<Interval>,
    among: &TwinFilter,
) -> Result<Population, Error> {
    let facts = Facts::new(snapshot);
    let mut members = Vec::new();
    for member in facts.members(item)?.iter() {
        if grid::passes(&facts, member, among)? {
            members.extend(Membership::of(&facts, member, window)?);
        }
    }
    Ok(Population { members })
}
