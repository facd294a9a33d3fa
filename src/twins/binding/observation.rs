//! Which series any question about an item can read: what a pin must hold so that all of them are answered for ever.

use super::resolver::{Binder, Found};
use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::telemetry::{SeriesId, View};
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// A series that observes an item, on whatever unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// When it does: disjoint, in time order.
    pub within: Vec<Interval>,
    /// How long a sample counts at most, in nanoseconds; zero or less: 1.5 hours.
    pub hold_ns: i64,
    /// The signals that give it its meanings.
    pub signals: BTreeSet<NamedNode>,
}

impl Observation {
    /// Adds when and by which signals the same series observes another item.
    pub fn join(&mut self, other: Self) {
        self.within.extend(other.within);
        self.within = Interval::union(std::mem::take(&mut self.within));
        self.hold_ns = self.hold_ns.max(other.hold_ns);
        self.signals.extend(other.signals);
    }
}

/// Returns the series that observe some property on the units of a Part, DesignRevision, Build or TwinInstance while they
/// certainly were it, within a window. No question about that item in that window reads more, whatever its property,
/// conditions and cuts.
pub fn observations(
    snapshot: &Snapshot,
    view: &View,
    item: &NamedNode,
    window: Interval,
) -> Result<BTreeMap<SeriesId, Observation>, Error> {
    let facts = Facts::new(snapshot);
    let binder = Binder::new(&facts, view);
    let members = facts.members(item)?;
    binder.expect(members.iter());
    let properties = snapshot.instances(tl::PROPERTY_CLASS)?;
    let mut found: BTreeMap<SeriesId, Observation> = BTreeMap::new();
    for member in members.iter().filter(|member| member.certain) {
        let Some(within) = member.within.intersect(window) else { continue };
        for property in &properties {
            // A condition is looked for wherever a property is, and further.
            for binding in binder.bind_condition(member, property, within)? {
                let Found::Series(signal, series) = &binding.found else { continue };
                let observation = found.entry(*series).or_default();
                observation.within.push(binding.within);
                observation.hold_ns = observation.hold_ns.max(signal.hold_ns());
                observation.signals.insert(signal.iri.clone());
            }
        }
    }
    for observation in found.values_mut() {
        observation.within = Interval::union(std::mem::take(&mut observation.within));
    }
    Ok(found)
}
