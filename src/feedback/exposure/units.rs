//! The units that a change touches: how long they carry the designs that it reaches, before it and after it, and where.

use crate::feedback::Error;
use crate::graph::Snapshot;
use crate::model::interval::Interval;
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

/// Hours of two versions, and the stretches that they are made of.
#[derive(Default)]
struct Met {
    hours: [f64; 2],
    stretches: [Vec<(NamedNode, Membership)>; 2],
}

#[derive(Default)]
struct Place {
    hours: [f64; 2],
    units: BTreeSet<NamedNode>,
}

impl ExposedUnits {
    pub(super) fn of(
        versions: [&Snapshot; 2],
        designs: &BTreeSet<NamedNode>,
        window: Interval,
    ) -> Result<Self, Error> {
        let mut units: BTreeMap<String, (NamedNode, Met)> = BTreeMap::new();
        let mut sites: BTreeMap<Option<String>, Place> = BTreeMap::new();
        for (at, snapshot) in versions.into_iter().enumerate() {
            for design in designs {
                for member in members(snapshot, design, window)? {
                    let site = sites.entry(snapshot.text(&member.asset, tl::SITE)?).or_default();
                    site.hours[at] += member.hours;
                    site.units.insert(member.unit.clone());
                    let key = member.unit.as_str().to_owned();
                    let (_, met) = units.entry(key).or_insert_with(|| (member.unit.clone(), Met::default()));
                    met.hours[at] += member.hours;
                    met.stretches[at].push((design.clone(), member));
                }
            }
        }
        let units = units.into_values().map(|(unit, met)| ExposedUnit::of(versions, unit, &met));
        let site = |(site, Place { hours: [hours_before, hours_after], units }): (Option<String>, Place)| {
            ExposedSite { site, unit_count: units.len(), hours_before, hours_after }
        };
        Ok(Self { units: units.collect::<Result<_, _>>()?, sites: sites.into_iter().map(site).collect() })
    }

    /// Returns all hours before the change, and after it.
    pub fn hours(&self) -> (f64, f64) {
        let of = |hours: fn(&ExposedUnit) -> f64| self.units.iter().map(hours).sum();
        (of(|unit| unit.hours_before), of(|unit| unit.hours_after))
    }
}

impl ExposedUnit {
    fn of([before, after]: [&Snapshot; 2], unit: NamedNode, met: &Met) -> Result<Self, Error> {
        let serial = match after.text(&unit, dcterms::IDENTIFIER)? {
            Some(serial) => Some(serial),
            None => before.text(&unit, dcterms::IDENTIFIER)?,
        };
        let [hours_before, hours_after] = met.hours;
        let is_moved = met.stretches[0] != met.stretches[1];
        Ok(Self { unit, serial, hours_before, hours_after, is_moved })
    }
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
