//! The units that a change touches: how long they carry the designs that it reaches, before it and after it, and where.

use crate::feedback::error::Error;
use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::ontology::terms::{dcterms, tl};
use crate::thread;
use crate::twins::{self, Certainty, Membership};
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// The units that carry one of several designs, before a change or after it. Only time in which a unit certainly carries one
/// counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExposedUnits {
    /// Each unit, in IRI order.
    pub units: Vec<ExposedUnit>,
    /// Each site, by name; units whose site is not known come first.
    pub sites: Vec<ExposedSite>,
}

/// A unit, and for how long it carries one of the designs.
#[derive(Clone, Debug, PartialEq)]
pub struct ExposedUnit {
    /// The unit.
    pub unit: NamedNode,
    /// Its identifier.
    pub serial: Option<String>,
    /// The hours before the change.
    pub hours_before: f64,
    /// The hours after it.
    pub hours_after: f64,
    /// Whether the change makes it carry other designs, at other times or in other places.
    pub is_moved: bool,
}

/// A site, and for how long units carry one of the designs there.
#[derive(Clone, Debug, PartialEq)]
pub struct ExposedSite {
    /// The site of the asset; `None` where it is not known.
    pub site: Option<String>,
    /// How many units are there, before the change or after it.
    pub unit_count: usize,
    /// The hours before the change.
    pub hours_before: f64,
    /// The hours after it.
    pub hours_after: f64,
}

/// When a unit carries one of the designs, in two versions.
type Times = [Vec<Carrying>; 2];

/// A stretch in which a unit is of a design, or carries so many single items of it.
struct Carrying {
    within: Interval,
    items: Option<f64>,
}

/// The times of a unit, and the stretches that they are made of.
#[derive(Default)]
struct Met {
    times: Times,
    stretches: [Vec<(NamedNode, Membership)>; 2],
}

impl ExposedUnits {
    pub(super) fn of(
        versions: [&Snapshot; 2],
        designs: &BTreeSet<NamedNode>,
        window: Interval,
    ) -> Result<Self, Error> {
        let mut units: BTreeMap<String, (NamedNode, Met)> = BTreeMap::new();
        let mut sites: BTreeMap<Option<String>, BTreeMap<String, Times>> = BTreeMap::new();
        for (at, snapshot) in versions.into_iter().enumerate() {
            for design in designs {
                for member in members(snapshot, design, window)? {
                    let Some(within) = member.during(window) else { continue };
                    let items = (member.item != member.unit).then_some(member.quantity);
                    let carrying = || Carrying { within, items };
                    let site = sites.entry(snapshot.text(&member.asset, tl::SITE)?).or_default();
                    let key = member.unit.as_str().to_owned();
                    site.entry(key.clone()).or_default()[at].push(carrying());
                    let (_, met) = units.entry(key).or_insert_with(|| (member.unit.clone(), Met::default()));
                    met.times[at].push(carrying());
                    met.stretches[at].push((design.clone(), member));
                }
            }
        }
        let units = units.into_values().map(|(unit, met)| ExposedUnit::of(versions, unit, met));
        let sites = sites.into_iter().map(|(site, units)| ExposedSite::of(site, units));
        Ok(Self { units: units.collect::<Result<_, _>>()?, sites: sites.collect() })
    }

    /// Returns all hours before the change, and after it.
    pub fn hours(&self) -> (f64, f64) {
        // The sum of nothing would be written -0.
        let of =
            |hours: fn(&ExposedUnit) -> f64| self.units.iter().map(hours).fold(0.0, |all, some| all + some);
        (of(|unit| unit.hours_before), of(|unit| unit.hours_after))
    }
}

impl ExposedUnit {
    fn of([before, after]: [&Snapshot; 2], unit: NamedNode, met: Met) -> Result<Self, Error> {
        let serial = match after.text(&unit, dcterms::IDENTIFIER)? {
            Some(serial) => Some(serial),
            None => before.text(&unit, dcterms::IDENTIFIER)?,
        };
        let is_moved = met.stretches[0] != met.stretches[1];
        let [hours_before, hours_after] = met.times.map(hours);
        Ok(Self { unit, serial, hours_before, hours_after, is_moved })
    }
}

impl ExposedSite {
    fn of(site: Option<String>, units: BTreeMap<String, Times>) -> Self {
        let unit_count = units.len();
        let (mut hours_before, mut hours_after) = (0.0, 0.0);
        for [before, after] in units.into_values() {
            hours_before += hours(before);
            hours_after += hours(after);
        }
        Self { site, unit_count, hours_before, hours_after }
    }
}

/// Returns the hours of some stretches: a unit that is of two designs at a time lives through each hour once, and each of the single
/// items that it carries lives through its own.
fn hours(times: Vec<Carrying>) -> f64 {
    let (items, own): (Vec<_>, Vec<_>) = times.into_iter().partition(|carrying| carrying.items.is_some());
    let own = Interval::union(own.into_iter().map(|carrying| carrying.within).collect());
    let own: i128 = own.iter().map(|span| i128::from(span.nanos())).sum();
    let items = items.iter().map(|carrying| carrying.items.unwrap_or(1.0) * carrying.within.nanos() as f64);
    items.fold(own as f64, |all, some| all + some) / 3.6e12
}

/// Returns the stretches in which units certainly carry a design; none where the version does not know it.
fn members(snapshot: &Snapshot, design: &NamedNode, window: Interval) -> Result<Vec<Membership>, Error> {
    if !thread::is_instance(snapshot, design, tl::DESIGN_REVISION)? {
        return Ok(Vec::new());
    }
    let mut members = twins::population(snapshot, design, Some(window))?.members;
    members.retain(|member| member.certainty == Certainty::Certain);
    Ok(members)
}
