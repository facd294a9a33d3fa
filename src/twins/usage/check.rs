//! Constraints, as far as the join has to know them: what is to be counted exactly, in which unit, under which conditions.

use super::question::{Check, Condition};
use crate::graph::Snapshot;
use crate::model::number::numeral::Numeral;
use crate::model::number::quantity::Transform;
use crate::ontology::terms::tl;
use crate::telemetry::Comparator;
use crate::thread::{self, Record};
use crate::twins::error::Error;
use oxigraph::model::NamedNode;
use std::cmp::Ordering;

impl Check {
    /// Reads the check of a constraint; `None` where it is incomplete. BETWEEN is checked at both ends, so that one can
    /// name the one that was broken.
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
    let upper = || record.text(tl::UPPER_LIMIT);
    comparison(record.text(tl::COMPARATOR)?, record.text(tl::LIMIT)?, upper)
}

/// Makes a comparison of limits as they are written. One that no double is written as lies between two decimals that are:
/// less than 85.00000000000000001 is at most 85.
fn comparison<'a>(comparator: &str, limit: &str, upper: impl Fn() -> Option<&'a str>) -> Option<Comparator> {
    let (near, side) = nearest(limit)?;
    Some(match (comparator, side) {
        ("LE", Ordering::Greater | Ordering::Equal) | ("LT", Ordering::Greater) => Comparator::Le(near),
        ("LT", Ordering::Less | Ordering::Equal) | ("LE", Ordering::Less) => Comparator::Lt(near),
        ("GE", Ordering::Less | Ordering::Equal) | ("GT", Ordering::Less) => Comparator::Ge(near),
        ("GT", Ordering::Greater | Ordering::Equal) | ("GE", Ordering::Greater) => Comparator::Gt(near),
        ("BETWEEN", _) => {
            let (highest, above) = nearest(upper()?)?;
            let lower = if side.is_gt() { near.next_up() } else { near };
            Comparator::Between(lower, if above.is_lt() { highest.next_down() } else { highest })
        }
        _ => return None,
    })
}

/// Returns the double next to a limit, and on which side of it the limit lies.
fn nearest(limit: &str) -> Option<(f64, Ordering)> {
    match Numeral::parse(limit) {
        Some(number) => Some(number.nearest()),
        None => Some((limit.parse().ok()?, Ordering::Equal)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Comparator::{Between, Ge, Gt, Le, Lt};

    #[test]
    fn a_limit_that_no_double_holds_is_compared_as_its_decimal() {
        let check = |limit: &str, expect: [Comparator; 4]| {
            let found = ["LE", "LT", "GE", "GT"].map(|name| comparison(name, limit, || None));
            assert_eq!(found, expect.map(Some), "{limit}");
        };
        check("85", [Le(85.0), Lt(85.0), Ge(85.0), Gt(85.0)]);
        check("35.3", [Le(35.3), Lt(35.3), Ge(35.3), Gt(35.3)]);
        check("85.00000000000000001", [Le(85.0), Le(85.0), Gt(85.0), Gt(85.0)]);
        check("84.99999999999999999", [Lt(85.0), Lt(85.0), Ge(85.0), Ge(85.0)]);
        let between = |lower, upper| comparison("BETWEEN", lower, || Some(upper));
        assert_eq!(between("1", "2"), Some(Between(1.0, 2.0)));
        let inside = Between(1_f64.next_up(), 2_f64.next_down());
        assert_eq!(between("1.00000000000000001", "1.99999999999999999"), Some(inside));
        assert_eq!(between("0.99999999999999999", "2.00000000000000001"), Some(Between(1.0, 2.0)));
    }
}
