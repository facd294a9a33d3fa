//! The circumstances of a field event: what the unit was, where it sat and what sat in it at that instant, how old it was, and
//! what has become of the others of its lot.
//!
//! A unit that fails is often taken out at the very instant of the event. So the configuration described is the one that was in
//! force until the instant; where the unit came into service only then, the one from the instant on.

use super::population::{Certainty, Membership};
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::thread::Record;
use crate::twins::configuration;
use crate::twins::error::Error;
use crate::twins::facts::service::Service;
use crate::twins::facts::{Facts, spans};
use oxigraph::model::NamedNode;

/// What is known of a field event from the version alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Circumstances {
    /// The event.
    pub event: NamedNode,
    /// The unit that it happened to.
    pub unit: NamedNode,
    /// When.
    pub at: Instant,
    /// The revision that the unit had.
    pub revision: Option<NamedNode>,
    /// The lot that the unit comes from.
    pub lot: Option<NamedNode>,
    /// The units that it sat in, nearest first.
    pub parents: Vec<Parent>,
    /// What was installed in it at any depth, each component before what is inside it.
    pub components: Vec<Membership>,
    /// How old it was.
    pub age: Age,
    /// Its life before the event: from its commissioning, or else the first known start of its service; where neither is
    /// known, all the time before.
    pub life: Interval,
    /// An instant at which the configuration was as described here.
    pub(in crate::twins) moment: Instant,
}

/// A unit that another one sat in.
#[derive(Clone, Debug, PartialEq)]
pub struct Parent {
    /// The unit.
    pub unit: NamedNode,
    /// The positions from it down to the other one, with `/`; empty where none is named.
    pub position: String,
    /// The revision that it had.
    pub revision: Option<NamedNode>,
    /// The lot that it comes from.
    pub lot: Option<NamedNode>,
    /// Whether it is known that the other one sat there.
    pub certainty: Certainty,
}

/// How old a unit was; `None` where the version does not state since when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Age {
    /// The hours since it was commissioned, or else since the first known start of its service.
    pub hours: Option<f64>,
    /// The hours since it was installed where it last sat.
    pub installed_hours: Option<f64>,
    /// The hours that it certainly was in service, in one place or another; stretches without a known start count nothing.
    pub service_hours: f64,
}

/// The other units of a lot, and those of them that failed in the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct Siblings {
    /// The lot.
    pub lot: NamedNode,
    /// The other units, in IRI order.
    pub units: Vec<NamedNode>,
    /// Their failures of the same mode, in time order; those that were found to be none are left out.
    pub failures: Vec<SiblingFailure>,
}

/// A failure of one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct SiblingFailure {
    /// The event.
    pub event: NamedNode,
    /// The unit.
    pub unit: NamedNode,
    /// When.
    pub at: Instant,
    /// The hours since the unit was commissioned, or else since the first known start of its service.
    pub hours: Option<f64>,
}

/// Returns the circumstances of a field event.
pub fn circumstances(snapshot: &Snapshot, event: &NamedNode) -> Result<Circumstances, Error> {
    let facts = Facts::new(snapshot);
    let (unit, at) = happened(snapshot, event)?;
    let services = facts.services(&unit)?;
    let moment = moment(&services, at);
    let (revision, lot) = configuration::identity(&facts, &unit, moment)?;
    let start = birth(&facts, &unit)?.filter(|birth| *birth < at);
    let life = spans::between(start, Some(at)).ok_or_else(|| Error::NotAnEvent(event.clone()))?;
    Ok(Circumstances {
        event: event.clone(),
        at,
        revision,
        lot,
        parents: parents(&facts, &services, moment)?,
        components: configuration::inside(&facts, &unit, moment)?,
        age: age(&facts, &unit, &services, (at, moment))?,
        life,
        moment,
        unit,
    })
}

/// Returns the other units of the lot that the unit of an event comes from; `None` where no lot is known.
pub fn siblings(snapshot: &Snapshot, event: &NamedNode) -> Result<Option<Siblings>, Error> {
    let facts = Facts::new(snapshot);
    let (unit, _) = happened(snapshot, event)?;
    let Some(lot) = facts.twin(&unit)?.built_by.clone() else { return Ok(None) };
    let mode = snapshot.target(event, tl::FAILURE_MODE)?;
    let mut units = snapshot.subjects(tl::BUILT_BY, &lot.clone().into())?;
    units.retain(|other| *other != unit);
    units.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    let mut failures = Vec::new();
    for other in units.iter().filter(|_| mode.is_some()) {
        let birth = birth(&facts, other)?;
        let same = facts.failures(other)?;
        failures.extend(same.iter().filter(|failure| failure.mode == mode).map(|failure| SiblingFailure {
            event: failure.event.clone(),
            unit: other.clone(),
            at: failure.at,
            hours: birth.map(|birth| hours_between(birth, failure.at)),
        }));
    }
    failures.sort_by(|a, b| (a.at, a.event.as_str()).cmp(&(b.at, b.event.as_str())));
    Ok(Some(Siblings { lot, units, failures }))
}

/// Returns the unit and the instant of an event.
fn happened(snapshot: &Snapshot, event: &NamedNode) -> Result<(NamedNode, Instant), Error> {
    let record = Record::read(snapshot, event)?;
    let fields = record.target(tl::ON).zip(record.instant(tl::AT));
    fields.ok_or_else(|| Error::NotAnEvent(event.clone()))
}

/// Returns the instant whose configuration counts: just before the event, where the unit was in service then.
fn moment(services: &[Service], at: Instant) -> Instant {
    let before = at.plus_nanos(-1);
    if services.iter().any(|service| service.within.contains(before)) { before } else { at }
}

fn parents(facts: &Facts<'_>, services: &[Service], moment: Instant) -> Result<Vec<Parent>, Error> {
    let mut parents = Vec::new();
    for service in services.iter().filter(|service| service.within.contains(moment)) {
        for seat in service.seats.iter() {
            let (revision, lot) = configuration::identity(facts, &seat.parent, moment)?;
            parents.push(Parent {
                unit: seat.parent.clone(),
                position: seat.position.clone(),
                revision,
                lot,
                certainty: if service.certain { Certainty::Certain } else { Certainty::Unknown },
            });
        }
    }
    Ok(parents)
}

/// Returns when a unit was commissioned, or else the first known start of its service.
fn birth(facts: &Facts<'_>, unit: &NamedNode) -> Result<Option<Instant>, Error> {
    let commissioned = spans::start(facts.twin(unit)?.life);
    let services = facts.services(unit)?;
    Ok(commissioned.or_else(|| services.iter().filter_map(|service| spans::start(service.within)).min()))
}

fn age(
    facts: &Facts<'_>,
    unit: &NamedNode,
    services: &[Service],
    (at, moment): (Instant, Instant),
) -> Result<Age, Error> {
    let installations = facts.installations(unit)?;
    let spans = installations.iter().flat_map(|installation| &installation.spans);
    let mut sitting = spans.filter(|span| span.certain && span.within.contains(moment));
    let installed = sitting.find_map(|span| spans::start(span.within));
    let before = spans::between(None, Some(at));
    let certain = services.iter().filter(|service| service.certain && spans::start(service.within).is_some());
    let lived = certain.filter_map(|service| before.and_then(|before| service.within.intersect(before)));
    let lived = Interval::union(lived.collect());
    Ok(Age {
        hours: birth(facts, unit)?.map(|birth| hours_between(birth, at)),
        installed_hours: installed.map(|from| hours_between(from, at)),
        service_hours: spans::hours(lived.iter().map(|span| i128::from(span.nanos())).sum()),
    })
}

fn hours_between(from: Instant, to: Instant) -> f64 {
    spans::hours(i128::from(to.nanos()) - i128::from(from.nanos()))
}
