//! What was measured on the units and lots of an item, by characteristic, each value in one unit.

use crate::feedback::error::Error;
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::ontology::terms::{dcterms, tl, unit};
use crate::statistics::control::capability::Tolerance;
use crate::thread::{self, Record};
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// A value that was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredValue {
    /// The measurement.
    pub measurement: NamedNode,
    /// The unit or lot that it is of.
    pub item: NamedNode,
    /// The lot, or the lot that made the unit.
    pub lot: Option<NamedNode>,
    /// Where the lot was built.
    pub site: Option<String>,
    /// The machine, cavity, line or gauge.
    pub station: Option<String>,
    /// When: at the instant of the measurement, or failing that of the lot's.
    pub at: Option<Instant>,
    /// The value, in the unit of its characteristic.
    pub value: f64,
    /// The tolerance, in that unit.
    pub tolerance: Tolerance,
    /// What the tolerance makes of the value; `None` without limits.
    pub keeps: Option<bool>,
    /// The verdict that is stated.
    pub stated: Option<String>,
}

impl MeasuredValue {
    /// Returns whether a stated verdict is another than the limits give.
    pub fn is_contradicted(&self) -> bool {
        match (self.keeps, self.stated.as_deref()) {
            (Some(keeps), Some("PASS")) => !keeps,
            (Some(keeps), Some("FAIL")) => keeps,
            _ => false,
        }
    }
}

/// The values of one characteristic.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The unit of all values: that of the first measurement in IRI order.
    pub unit: Option<NamedNode>,
    /// Those with an instant, in order of time and then of the measurements' IRIs, then those without.
    pub values: Vec<MeasuredValue>,
    /// Measurements without a value.
    pub without_value: usize,
    /// Measurements whose unit does not convert.
    pub unconverted: usize,
}

/// Returns what was measured on the units and lots of a Part, DesignRevision, Build or TwinInstance, by characteristic.
pub(in crate::feedback) fn measured(
    snapshot: &Snapshot,
    item: &NamedNode,
) -> Result<BTreeMap<String, Measured>, Error> {
    let mut items: BTreeSet<Named> = BTreeSet::new();
    for lot in lots(snapshot, item)? {
        let units = snapshot.subjects(tl::BUILT_BY, &lot.clone().into())?;
        items.extend(units.into_iter().map(Named));
        items.insert(Named(lot));
    }
    if thread::is_instance(snapshot, item, tl::PART_CLASS)? {
        items.extend(snapshot.subjects(tl::PART, &item.clone().into())?.into_iter().map(Named));
    }
    items.insert(Named(item.clone()));
    let mut measurements: BTreeMap<Named, NamedNode> = BTreeMap::new();
    for Named(of) in items {
        for measurement in snapshot.subjects(tl::OF, &of.clone().into())? {
            if thread::is_instance(snapshot, &measurement, tl::MEASUREMENT)? {
                measurements.insert(Named(measurement), of.clone());
            }
        }
    }
    let (mut by_name, mut lots) = (BTreeMap::new(), BTreeMap::new());
    for (Named(measurement), of) in measurements {
        take(snapshot, &measurement, of, &mut lots, &mut by_name)?;
    }
    for measured in by_name.values_mut() {
        let order = |value: &MeasuredValue| (value.at.is_none(), value.at);
        measured.values.sort_by_key(order);
    }
    Ok(by_name)
}

/// A resource in IRI order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named(NamedNode);

impl Ord for Named {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.as_str().cmp(other.0.as_str())
    }
}

impl PartialOrd for Named {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Returns the lots of an item: itself, those of a design revision, or those of all revisions of a part.
fn lots(snapshot: &Snapshot, item: &NamedNode) -> Result<Vec<NamedNode>, Error> {
    if thread::is_instance(snapshot, item, tl::BUILD)? {
        return Ok(vec![item.clone()]);
    }
    let mut revisions = snapshot.subjects(tl::REVISION_OF, &item.clone().into())?;
    revisions.push(item.clone());
    let mut lots = Vec::new();
    for revision in revisions {
        for lot in snapshot.subjects(tl::REALIZES, &revision.into())? {
            if thread::is_instance(snapshot, &lot, tl::BUILD)? {
                lots.push(lot);
            }
        }
    }
    Ok(lots)
}

/// What is known of a lot.
#[derive(Clone, Default)]
struct Lot {
    site: Option<String>,
    at: Option<Instant>,
}

fn take(
    snapshot: &Snapshot,
    measurement: &NamedNode,
    item: NamedNode,
    lots: &mut BTreeMap<String, Lot>,
    by_name: &mut BTreeMap<String, Measured>,
) -> Result<(), Error> {
    let record = Record::read(snapshot, measurement)?;
    let measured = by_name.entry(name(snapshot, &record)?).or_default();
    let number = |predicate| record.number(predicate).filter(|number| number.is_finite());
    let Some(value) = number(tl::MEASURED) else {
        measured.without_value += 1;
        return Ok(());
    };
    let from = record.target(tl::UNIT).unwrap_or_else(|| unit::UNITLESS.into_owned());
    let to = measured.unit.get_or_insert_with(|| from.clone());
    let units = snapshot.ontology().units();
    let Ok(by) = units.conversion(from.as_ref(), to.as_ref()) else {
        measured.unconverted += 1;
        return Ok(());
    };
    let tolerance = Tolerance {
        lower: number(tl::LOWER).map(|limit| by.apply(limit)),
        upper: number(tl::UPPER).map(|limit| by.apply(limit)),
    };
    let lot = match thread::is_instance(snapshot, &item, tl::BUILD)? {
        true => Some(item.clone()),
        false => snapshot.target(&item, tl::BUILT_BY)?,
    };
    let known = lot.as_ref().map(|lot| lot_of(snapshot, lot, lots)).transpose()?.unwrap_or_default();
    // What is stated decides, not what a conversion makes of it.
    let stated = Tolerance { lower: number(tl::LOWER), upper: number(tl::UPPER) };
    measured.values.push(MeasuredValue {
        measurement: measurement.clone(),
        item,
        lot,
        site: known.site,
        station: record.text(tl::STATION).map(str::to_owned),
        at: record.instant(tl::AT).or(known.at),
        value: by.apply(value),
        keeps: (!stated.is_open()).then(|| stated.holds(value)),
        tolerance,
        stated: record.text(tl::VERDICT).map(str::to_owned),
    });
    Ok(())
}

fn lot_of(snapshot: &Snapshot, lot: &NamedNode, known: &mut BTreeMap<String, Lot>) -> Result<Lot, Error> {
    if let Some(lot) = known.get(lot.as_str()) {
        return Ok(lot.clone());
    }
    let record = Record::read(snapshot, lot)?;
    let found = Lot { site: record.text(tl::SITE).map(str::to_owned), at: record.instant(tl::BUILT_AT) };
    known.insert(lot.as_str().to_owned(), found.clone());
    Ok(found)
}

/// Returns the name of a characteristic: as the plan names it, or the property of the constraint that was measured against.
fn name(snapshot: &Snapshot, record: &Record) -> Result<String, Error> {
    if let Some(name) = record.text(tl::CHARACTERISTIC) {
        return Ok(name.to_owned());
    }
    let constraint = record.target(tl::CONSTRAINT);
    let property = constraint.map(|iri| snapshot.target(&iri, tl::PROPERTY)).transpose()?.flatten();
    let Some(property) = property else { return Ok("UNKNOWN".to_owned()) };
    Ok(snapshot.text(&property, dcterms::TITLE)?.unwrap_or_else(|| snapshot.shorten(&property)))
}
