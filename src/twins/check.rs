//! Constraints, as far as the join has to know them: what is to be counted exactly, in which unit, under which conditions.

use super::error::Error;
use super::question::{Check, Condition};
use crate::graph::Snapshot;
use crate::model::quantity::Transform;
use crate::ontology::terms::tl;
use crate::telemetry::Comparator;
use crate::thread::{self, Record};
use oxigraph::model::NamedNode;

impl Check {
    /// Reads the check of a constraint; `None` where it is incomplete. BETWEEN is checked at both ends, so that one can
    /// tell which was broken.
    pub fn of(snapshot: &Snapshot, constraint: &NamedNode) -> Result<Option<Self>, Error> {
        let record = Record::read(snapshot, constraint)?;
        let transform = transform(&record);
        let Some(comparator) = comparator(&record) else { return Ok(None) };
        let limits = match comparator {
            Comparator::Between(lower, upper) => {
                vec![Comparator::Ge(lower), Comparator::Le(upper), comparator]
            }
            one => vec![one],
        };
        let conditions = conditions(snapshot, &record)?;
        Ok(Some(Self { transform, unit: record.target(tl::UNIT), conditions, limits }))
    }
}

/// Returns the checks of all constraints on a property, each once.
pub(super) fn checks_on(snapshot: &Snapshot, property: &NamedNode) -> Result<Vec<Check>, Error> {
    let mut checks: Vec<Check> = Vec::new();
    for constraint in snapshot.subjects(tl::PROPERTY, &property.clone().into())? {
        if !thread::is_instance(snapshot, &constraint, tl::CONSTRAINT_CLASS)? {
            continue;
        }
        checks.extend(Check::of(snapshot, &constraint)?.filter(|check| !checks.contains(check)));
    }
    Ok(checks)
}

/// Reads a comparison with its limits; `None` where it is incomplete.
pub fn comparator(record: &Record) -> Option<Comparator> {
    let limit = record.number(tl::LIMIT)?;
    Some(match record.text(tl::COMPARATOR)? {
        "LE" => Comparator::Le(limit),
        "LT" => Comparator::Lt(limit),
        "GE" => Comparator::Ge(limit),
        "GT" => Comparator::Gt(limit),
        "BETWEEN" => Comparator::Between(limit, record.number(tl::UPPER_LIMIT)?),
        _ => return None,
    })
}

/// Reads what is done to each value first.
pub fn transform(record: &Record) -> Transform {
    if record.text(tl::TRANSFORM) == Some("ABS") { Transform::Abs } else { Transform::None }
}

/// Reads the conditions that a record names; incomplete ones are left out.
pub fn conditions(snapshot: &Snapshot, record: &Record) -> Result<Vec<Condition>, Error> {
    let mut conditions = Vec::new();
    for iri in record.targets(tl::CONDITION) {
        conditions.extend(condition(&Record::read(snapshot, &iri)?));
    }
    Ok(conditions)
}

fn condition(record: &Record) -> Option<Condition> {
    let comparator = comparator(record)?;
    Some(Condition { property: record.target(tl::PROPERTY)?, comparator, unit: record.target(tl::UNIT) })
}
