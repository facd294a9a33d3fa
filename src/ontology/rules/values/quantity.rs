//! Rule *unit fits*: the unit beside a property measures the property's quantity kind; and a circular quantity,
//! such as a direction, has no mean and no percentile.

use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::Subject;
use crate::ontology::rules::reader::{self, Reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::tl;
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, Term};

const RULE: &str = "unit fits";

pub(in crate::ontology::rules) fn check<D: Data>(
    ontology: &Ontology,
    data: &Reader<'_, D>,
    subject: &Subject<'_>,
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    let Some(property) = subject.target(tl::PROPERTY) else { return Ok(()) };
    let (unit, statistic) = (subject.target(tl::UNIT), subject.value(tl::STATISTIC));
    if unit.is_none() && statistic.is_none() {
        return Ok(());
    }
    for kind in data.targets(property, tl::QUANTITY_KIND)? {
        found.extend(unit.and_then(|unit| misfit(ontology, subject, unit, &kind)));
        found.extend(statistic.and_then(|statistic| meaningless(ontology, subject, statistic, &kind)));
    }
    Ok(())
}

fn misfit(
    ontology: &Ontology,
    subject: &Subject<'_>,
    unit: &NamedNode,
    kind: &NamedNode,
) -> Option<Violation> {
    let units = ontology.units();
    // An unknown unit is the shapes' affair.
    let known = units.get(unit.as_ref())?;
    if units.fits(unit.as_ref(), kind.as_ref()) {
        return None;
    }
    let wanted = units.quantity_kind(kind.as_ref()).map_or(kind.as_str(), |kind| kind.label.as_str());
    let message = format!(
        "{} measures {}, but the property is of the kind {wanted}",
        known.symbol,
        units.labels(known)
    );
    Some(subject.violation(RULE, Some(ontology.field_name_of(tl::UNIT)), Some(unit.clone().into()), message))
}

fn meaningless(
    ontology: &Ontology,
    subject: &Subject<'_>,
    statistic: &Term,
    kind: &NamedNode,
) -> Option<Violation> {
    let circular = ontology.units().quantity_kind(kind.as_ref()).is_some_and(|kind| kind.circular);
    let name = reader::text(statistic)?;
    if !circular || matches!(name, "MIN" | "MAX") {
        return None;
    }
    let message = format!("{name} has no meaning for a circular quantity");
    Some(subject.violation(
        RULE,
        Some(ontology.field_name_of(tl::STATISTIC)),
        Some(statistic.clone()),
        message,
    ))
}
