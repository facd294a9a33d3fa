//! Rule *unit fits*: the unit beside a property measures the property's quantity kind; and a circular quantity,
//! such as a direction, has no mean and no percentile. A reliability is a share at an age: its limit has no dimension, and the unit of the
//! age measures the property. Duty is a share of what was tested: its limit has no dimension either.

use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::Subject;
use crate::ontology::rules::reader::{self, Reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::{tl, unit};
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

const RULE: &str = "unit fits";

pub(in crate::ontology::rules) fn check<D: Data>(
    ontology: &Ontology,
    data: &Reader<'_, D>,
    subject: &Subject<'_>,
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    let Some(property) = subject.target(tl::PROPERTY) else { return Ok(()) };
    let statistic = subject.value(tl::STATISTIC);
    let name = statistic.and_then(reader::text);
    let is_reliability = name == Some("RELIABILITY");
    // What states a result, such as evidence, has the unit of a share too, but names no age.
    let is_result = is_reliability && !subject.profile.is_a(tl::CONSTRAINT_CLASS);
    if name == Some("DUTY") || is_result {
        found.extend(no_share(ontology, subject, name.unwrap_or_default()));
        return Ok(());
    }
    let field = if is_reliability { tl::AGE_UNIT } else { tl::UNIT };
    let unit = subject.target(field);
    if is_reliability {
        found.extend(incomplete(ontology, subject));
    }
    if unit.is_none() && statistic.is_none() {
        return Ok(());
    }
    for kind in data.targets(property, tl::QUANTITY_KIND)? {
        found.extend(unit.and_then(|unit| misfit(ontology, subject, (field, unit), &kind)));
        found.extend(statistic.and_then(|statistic| meaningless(ontology, subject, statistic, &kind)));
    }
    Ok(())
}

fn misfit(
    ontology: &Ontology,
    subject: &Subject<'_>,
    (field, unit): (NamedNodeRef<'_>, &NamedNode),
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
    Some(subject.violation(RULE, Some(ontology.field_name_of(field)), Some(unit.clone().into()), message))
}

/// Refuses a reliability without an age, or whose limit is no share.
fn incomplete(ontology: &Ontology, subject: &Subject<'_>) -> Option<Violation> {
    for field in [tl::AGE, tl::AGE_UNIT] {
        if subject.value(field).is_none() {
            let message = "RELIABILITY is the share that survives an age: it needs the age and its unit";
            return Some(subject.violation(
                RULE,
                Some(ontology.field_name_of(field)),
                None,
                message.to_owned(),
            ));
        }
    }
    no_share(ontology, subject, "RELIABILITY")
}

/// Refuses a limit whose unit is none of a share.
fn no_share(ontology: &Ontology, subject: &Subject<'_>, statistic: &str) -> Option<Violation> {
    let limit = subject.target(tl::UNIT)?;
    let is_share = ontology.units().conversion(unit::UNITLESS, limit.as_ref()).is_ok();
    let known = ontology.units().get(limit.as_ref()).filter(|_| !is_share)?;
    let message = format!(
        "{} is no unit of a share: {statistic} is given in unit:UNITLESS or unit:PERCENT",
        known.symbol
    );
    Some(subject.violation(RULE, Some(ontology.field_name_of(tl::UNIT)), Some(limit.clone().into()), message))
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
