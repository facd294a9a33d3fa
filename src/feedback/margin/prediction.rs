//! Predictions of simulations and tests, for comparison with what the field shows.

use super::constraint::{Constraint, Statistic};
use crate::feedback::error::Error;
use crate::graph::Snapshot;
use crate::model::number::quantity::Conversion;
use crate::model::time::instant::Instant;
use crate::ontology::terms::tl;
use crate::telemetry::Comparator;
use crate::thread::Record;
use crate::twins::{self, Condition};
use oxigraph::model::NamedNode;

/// One value that a test or simulation gave for the statistic of a constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The TestResult or SimulationRun.
    pub source: NamedNode,
    /// The value, in the unit of the constraint; `None` where it does not convert into that.
    pub value: Option<f64>,
    /// The value as it is recorded, where it is in that unit.
    pub recorded: Option<String>,
    /// When it was found.
    pub at: Option<Instant>,
}

/// Limits that differ by less of their size are the same limit in two units.
const ROUNDING: f64 = 1e-9;

/// Returns the predictions of a design for the statistic of a constraint, earliest first. A prediction made under
/// conditions applies to a constraint under the same ones only; one without conditions applies to any constraint.
pub fn predictions(
    snapshot: &Snapshot,
    design: &NamedNode,
    constraint: &Constraint,
) -> Result<Vec<Prediction>, Error> {
    let mut found = Vec::new();
    for source in snapshot.subjects(tl::OF, &design.clone().into())? {
        let record = Record::read(snapshot, &source)?;
        if concerns(snapshot, &record, constraint) && holds_alike(snapshot, &record, constraint)? {
            found.extend(prediction(snapshot, &record, constraint)?);
        }
    }
    found.sort_by(|a, b| (a.at, a.source.as_str()).cmp(&(b.at, b.source.as_str())));
    Ok(found)
}

fn concerns(snapshot: &Snapshot, record: &Record, constraint: &Constraint) -> bool {
    let is = |class| record.is_a(snapshot.ontology(), class);
    let verifies = record.targets(tl::VERIFIES);
    (is(tl::TEST_RESULT) || is(tl::SIMULATION_RUN))
        && record.target(tl::PROPERTY).as_ref() == Some(&constraint.property)
        && record.text(tl::STATISTIC).and_then(Statistic::named) == Some(constraint.statistic)
        && twins::transform(record) == constraint.transform
        && constraint.requirement.as_ref().is_none_or(|own| verifies.is_empty() || verifies.contains(own))
}

/// Returns whether a record names no conditions, or those of the constraint.
fn holds_alike(snapshot: &Snapshot, record: &Record, constraint: &Constraint) -> Result<bool, Error> {
    let own = twins::conditions(snapshot, record)?;
    let asked = &constraint.check.conditions;
    if own.len() != asked.len() {
        return Ok(own.is_empty());
    }
    for own in &own {
        let mut is_asked = false;
        for asked in asked {
            is_asked |= is_same(snapshot, own, asked)?;
        }
        if !is_asked {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_same(snapshot: &Snapshot, one: &Condition, other: &Condition) -> Result<bool, Error> {
    use Comparator::{Between, Ge, Gt, Le, Lt};
    let by = match (&one.unit, &other.unit) {
        (Some(from), Some(to)) => conversion(snapshot, &one.property, from, to).ok(),
        (from, to) => (from == to).then_some(Conversion::IDENTITY),
    };
    let (Some(by), true) = (by, one.property == other.property) else { return Ok(false) };
    let is_near =
        |own: f64, limit: f64| (by.apply(own) - limit).abs() <= ROUNDING * (limit.abs() + by.offset.abs());
    Ok(match (one.comparator, other.comparator) {
        (Le(own), Le(limit)) | (Lt(own), Lt(limit)) | (Ge(own), Ge(limit)) | (Gt(own), Gt(limit)) => {
            is_near(own, limit)
        }
        (Between(own, upper), Between(limit, other)) => is_near(own, limit) && is_near(upper, other),
        _ => false,
    })
}

/// Returns how values of a property convert; those of a difference without offset.
fn conversion(
    snapshot: &Snapshot,
    property: &NamedNode,
    from: &NamedNode,
    to: &NamedNode,
) -> Result<Conversion, Error> {
    let kind = snapshot.target(property, tl::QUANTITY_KIND)?;
    let kind = kind.as_ref().map(NamedNode::as_ref);
    Ok(snapshot.ontology().units().conversion_of(kind, from.as_ref(), to.as_ref())?)
}

fn prediction(
    snapshot: &Snapshot,
    record: &Record,
    constraint: &Constraint,
) -> Result<Option<Prediction>, Error> {
    let Some(value) = record.number(tl::VALUE) else { return Ok(None) };
    let is_converted = record.target(tl::UNIT).is_some_and(|from| Some(from) != constraint.unit);
    let recorded = record.text(tl::VALUE).filter(|_| !is_converted).map(str::to_owned);
    let value = match (record.target(tl::UNIT), &constraint.unit) {
        (Some(from), Some(to)) => match conversion(snapshot, &constraint.property, &from, to) {
            Ok(by) => Some(by.apply(value)),
            Err(Error::Units(_)) => None,
            Err(error) => return Err(error),
        },
        _ => Some(value),
    };
    Ok(Some(Prediction { source: record.subject.clone(), value, recorded, at: record.instant(tl::AT) }))
}
