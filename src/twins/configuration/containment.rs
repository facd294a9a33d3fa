//! Where a lot, a design or a unit is: every asset that carries it, at any depth, through what was built out of it too.
//!
//! An asset carries a lot where a unit that the lot made is in service in it, where the lot itself is installed in it, and where
//! the same holds for a build that consumed the lot, or consumed such a build, and so on; and where a rework order that the lot
//! went into was performed on it. A lot whose single items are tracked, as units or by installations, may have been taken out of
//! what consumed it since: what is reached through such a step is possible, never certain.

use super::population::{Certainty, Membership};
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::thread::{self, Record};
use crate::twins::error::Error;
use crate::twins::facts::candidate::{self, ItemKind};
use crate::twins::facts::member::Member;
use crate::twins::facts::{Facts, spans};
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// When something is looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    /// At an instant.
    At(Instant),
    /// At any time of a window.
    Within(Interval),
}

/// Every asset that carries an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Containment {
    /// When.
    pub when: When,
    /// The assets, in IRI order.
    pub carriers: Vec<Carrier>,
    /// The units that are in service nowhere at the instant though not retired: in store, or where nobody wrote down; in IRI
    /// order. Of a window none are named.
    pub loose: Vec<NamedNode>,
}

/// An asset with all of the item that it carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Carrier {
    /// The outermost unit.
    pub asset: NamedNode,
    /// The site that the version gives it.
    pub site: Option<String>,
    /// Whether at least one stretch is certain.
    pub certainty: Certainty,
    /// What it carries, in the order of place and time.
    pub carried: Vec<Carried>,
}

/// One stretch of service in a carrier.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// What, where and how long: at an instant the hours are those from its start to the instant.
    pub membership: Membership,
    /// The units that it sits in, from the asset down.
    pub inside: Vec<NamedNode>,
    /// The builds that lead from the item asked about to what is carried, each of which consumed the one before; empty where
    /// nothing lies between.
    pub through: Vec<NamedNode>,
}

/// Returns every asset that carries a Part, a DesignRevision, a Build or a TwinInstance.
pub fn containment(snapshot: &Snapshot, item: &NamedNode, when: When) -> Result<Containment, Error> {
    let mut search = Search { facts: &Facts::new(snapshot), when, found: Vec::new(), loose: BTreeSet::new() };
    search.take(item, &ConsumptionPath::default())?;
    for (build, path) in consumers(search.facts, lots_of(snapshot, item)?)? {
        search.take(&build, &path)?;
        search.take_reworked(&build, &path)?;
    }
    if thread::is_instance(snapshot, item, tl::BUILD)? {
        search.take_reworked(item, &ConsumptionPath::default())?;
    }
    search.finish()
}

/// How a build was reached from the item asked about.
#[derive(Clone, Debug)]
struct ConsumptionPath {
    through: Vec<NamedNode>,
    certain: bool,
}

impl Default for ConsumptionPath {
    fn default() -> Self {
        Self { through: Vec::new(), certain: true }
    }
}

/// Returns the builds that make an item: itself, or those of its revisions. A unit is what it is, whatever else its lot made.
fn lots_of(snapshot: &Snapshot, item: &NamedNode) -> Result<Vec<NamedNode>, Error> {
    if thread::is_instance(snapshot, item, tl::BUILD)? {
        return Ok(vec![item.clone()]);
    }
    let mut revisions = snapshot.subjects(tl::REVISION_OF, &item.clone().into())?;
    revisions.push(item.clone());
    let mut lots = Vec::new();
    for revision in revisions {
        for record in snapshot.subjects(tl::REALIZES, &revision.into())? {
            if thread::is_instance(snapshot, &record, tl::BUILD)? {
                lots.push(record);
            }
        }
    }
    Ok(lots)
}

/// Returns the builds that consumed a lot, directly or through others, each with the shortest certain path to it, else the shortest.
fn consumers(facts: &Facts<'_>, lots: Vec<NamedNode>) -> Result<BTreeMap<NamedNode, ConsumptionPath>, Error> {
    let asked: BTreeSet<NamedNode> = lots.iter().cloned().collect();
    let mut reached: BTreeMap<NamedNode, ConsumptionPath> = BTreeMap::new();
    let mut edge: Vec<(NamedNode, ConsumptionPath)> =
        lots.into_iter().map(|lot| (lot, ConsumptionPath::default())).collect();
    while !edge.is_empty() {
        let mut next = Vec::new();
        for (lot, path) in edge {
            let certain = path.certain && !is_tracked(facts.snapshot, &lot)?;
            for build in facts.snapshot.subjects(tl::CONSUMED, &lot.clone().into())? {
                let better = reached.get(&build).is_none_or(|known| certain && !known.certain);
                if asked.contains(&build) || !better {
                    continue;
                }
                let through = [&path.through[..], std::slice::from_ref(&build)].concat();
                let path = ConsumptionPath { through, certain };
                reached.insert(build.clone(), path.clone());
                next.push((build, path));
            }
        }
        edge = next;
    }
    Ok(reached)
}

/// Returns whether the version follows the single items of a lot, as units or by installations of the lot.
fn is_tracked(snapshot: &Snapshot, lot: &NamedNode) -> Result<bool, Error> {
    let lot = lot.clone().into();
    Ok(!snapshot.subjects(tl::BUILT_BY, &lot)?.is_empty()
        || !snapshot.subjects(tl::COMPONENT, &lot)?.is_empty())
}

/// What was found so far.
struct Search<'a> {
    facts: &'a Facts<'a>,
    when: When,
    found: Vec<(NamedNode, Carried)>,
    loose: BTreeSet<NamedNode>,
}

impl Search<'_> {
    /// Takes the stretches of an item, and its units that are nowhere.
    fn take(&mut self, item: &NamedNode, path: &ConsumptionPath) -> Result<(), Error> {
        let mut placed = BTreeSet::new();
        for member in self.facts.members(item)?.iter() {
            if self.keep(member, path)? {
                placed.insert(member.item.clone());
            }
        }
        let When::At(at) = self.when else { return Ok(()) };
        for candidate in candidate::candidates(self.facts, item)? {
            let active = candidate.tenures.iter().any(|tenure| tenure.span.within.contains(at));
            let alive =
                candidate.kind == ItemKind::Twin && self.facts.twin(&candidate.item)?.life.contains(at);
            if active && alive && !placed.contains(&candidate.item) {
                self.loose.insert(candidate.item);
            }
        }
        Ok(())
    }

    /// Takes the unit that a rework order was performed on, from the order's instant on; without one it is only possible.
    fn take_reworked(&mut self, order: &NamedNode, path: &ConsumptionPath) -> Result<(), Error> {
        let record = Record::read(self.facts.snapshot, order)?;
        let (Some(unit), at) = (record.target(tl::PERFORMED_ON), record.instant(tl::BUILT_AT)) else {
            return Ok(());
        };
        let Some(since) = spans::between(at, None) else { return Ok(()) };
        for member in self.facts.members(&unit)?.iter() {
            let Some(within) = member.within.intersect(since) else { continue };
            let certain = member.certain && at.is_some();
            self.keep(&Member { within, certain, ..member.clone() }, path)?;
        }
        Ok(())
    }

    /// Keeps a stretch where it is within the time asked for; returns whether it is.
    fn keep(&mut self, member: &Member, path: &ConsumptionPath) -> Result<bool, Error> {
        let window = match self.when {
            // Where it is nobody knows: it is named among those that are nowhere.
            When::At(at) if !member.within.contains(at) || !member.placed => return Ok(false),
            When::At(at) => Interval::new(member.within.from(), at).ok(),
            When::Within(window) => Some(window),
        };
        let Some(mut membership) = Membership::of(self.facts, member, window)? else { return Ok(false) };
        if window.is_none() {
            // It begins at the very instant.
            membership.hours = 0.0;
        }
        if !path.certain {
            membership.certainty = Certainty::Unknown;
        }
        let inside = member.seats.iter().rev().map(|seat| seat.parent.clone()).collect();
        self.found
            .push((member.asset().clone(), Carried { membership, inside, through: path.through.clone() }));
        Ok(true)
    }

    /// Gathers what was found by asset.
    fn finish(self) -> Result<Containment, Error> {
        let mut by_asset: BTreeMap<String, (NamedNode, Vec<Carried>)> = BTreeMap::new();
        for (asset, carried) in self.found {
            let key = asset.as_str().to_owned();
            by_asset.entry(key).or_insert_with(|| (asset, Vec::new())).1.push(carried);
        }
        let mut carriers = Vec::with_capacity(by_asset.len());
        for (asset, mut carried) in by_asset.into_values() {
            carried.sort_by(|a, b| order(a).cmp(&order(b)));
            let certain = carried.iter().map(|carried| carried.membership.certainty).min();
            carriers.push(Carrier {
                site: self.facts.twin(&asset)?.site.clone(),
                certainty: certain.unwrap_or(Certainty::Unknown),
                asset,
                carried,
            });
        }
        let placed: BTreeSet<&NamedNode> = carriers
            .iter()
            .flat_map(|carrier| &carrier.carried)
            .map(|carried| &carried.membership.item)
            .collect();
        let loose = self.loose.iter().filter(|unit| !placed.contains(unit)).cloned().collect();
        Ok(Containment { when: self.when, carriers, loose })
    }
}

fn order(carried: &Carried) -> (&str, &str, Option<Instant>, usize) {
    let membership = &carried.membership;
    (&membership.path, membership.item.as_str(), membership.from, carried.through.len())
}
