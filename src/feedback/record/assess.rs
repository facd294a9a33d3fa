//! Usage against a requirement: pure, from what the usage counted.

use super::evidence::Evidence;
use crate::feedback::error::Error;
use crate::feedback::margin::Context;
use crate::feedback::margin::constraint::Constraint;
use crate::feedback::sufficiency::Sufficiency;
use crate::graph::Snapshot;
use crate::ontology::terms::tl;
use crate::thread;
use crate::twins::Usage;
use oxigraph::model::NamedNode;

/// Holds a usage against every constraint that a requirement puts on the property asked about. The usage must come from
/// [`crate::twins::usage`], or name the constraints' checks, at the same version.
pub fn assess(snapshot: &Snapshot, usage: &Usage, requirement: &NamedNode) -> Result<Evidence, Error> {
    let constraints = constraints(snapshot, usage, requirement)?;
    let design = snapshot.target(&usage.question.item, tl::REVISION_OF)?.map(|_| &usage.question.item);
    let context = Context {
        snapshot,
        watermark: usage.watermark,
        question: &usage.question,
        design,
        sufficiency: Sufficiency::default(),
    };
    let mut margins = Vec::new();
    for constraint in &constraints {
        if constraint.window.is_some() {
            return Err(Error::Windowed(constraint.iri.clone()));
        }
        let portion =
            usage.checked(&constraint.check).ok_or_else(|| Error::NotChecked(constraint.iri.clone()))?;
        margins.push(context.margin(constraint, portion)?);
    }
    Evidence::of(snapshot, margins)
}

fn constraints(
    snapshot: &Snapshot,
    usage: &Usage,
    requirement: &NamedNode,
) -> Result<Vec<Constraint>, Error> {
    let given = snapshot.commit().id;
    if usage.commit != given {
        return Err(Error::OtherVersion { asked: usage.commit, given });
    }
    if !thread::is_instance(snapshot, requirement, tl::REQUIREMENT)? {
        return Err(Error::NotARequirement(requirement.clone()));
    }
    let mut constraints = Constraint::of_requirement(snapshot, requirement)?;
    constraints
        .retain(|constraint| constraint.property == usage.question.property && constraint.life.is_none());
    if constraints.is_empty() {
        let (requirement, property) = (requirement.clone(), usage.question.property.clone());
        return Err(Error::NoConstraint { requirement, property });
    }
    Ok(constraints)
}
