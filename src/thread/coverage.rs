//! How completely the thread is linked.

use crate::graph::{Error, Snapshot};
use crate::model::statement::Statement;
use crate::ontology::FieldKind;
use crate::ontology::terms::tl;
use oxigraph::model::{NamedNode, Term};
use std::collections::HashSet;
use std::sync::Arc;

/// How many instances of a class have at least one link, field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The class's name.
    pub class: String,
    /// The field's name, of a link or of the way back.
    pub field: String,
    /// How many instances there are.
    pub total: usize,
    /// Those without any, in IRI order.
    pub without: Vec<NamedNode>,
}

/// Returns how well each class with instances is linked: for each of its links and each way back, who has none.
pub fn coverage(snapshot: &Snapshot) -> Result<Vec<Coverage>, Error> {
    let mut found = Vec::new();
    for class in snapshot.ontology().classes().iter().filter(|class| !class.is_abstract && !class.fragment) {
        let instances = snapshot.instances(class.iri.as_ref())?;
        if instances.is_empty() {
            continue;
        }
        let links = class.fields.iter().filter(|field| matches!(field.kind, FieldKind::Link(_)));
        let links = links.map(|field| (&field.name, &field.predicate, false));
        let ways_back = class.inverses.iter().map(|inverse| (&inverse.name, &inverse.predicate, true));
        for (field, predicate, backward) in links.chain(ways_back) {
            let linked = linked(snapshot, predicate, backward)?;
            let without = instances.iter().filter(|instance| !linked.contains(*instance)).cloned();
            found.push(Coverage {
                class: class.name.clone(),
                field: field.clone(),
                total: instances.len(),
                without: without.collect(),
            });
        }
    }
    Ok(found)
}

/// Returns the ends of a predicate's statements: the subjects, or backwards the targets.
fn linked(snapshot: &Snapshot, predicate: &NamedNode, backward: bool) -> Result<HashSet<NamedNode>, Error> {
    let links = snapshot.matching(None, Some(predicate.as_ref()), None)?;
    let end = |link: Statement| match (backward, link.object) {
        (false, _) => Some(link.subject),
        (true, Term::NamedNode(target)) => Some(target),
        (true, _) => None,
    };
    Ok(links.into_iter().filter_map(end).collect())
}

/// What a requirement needs to be covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A design revision that satisfies it.
    Design,
    /// Something that verifies it.
    Verification,
    /// For each of its constraints, a signal that observes the constraint's property.
    Observation,
}

/// How many requirements have one of the things that they need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementCoverage {
    /// What they need.
    pub need: Need,
    /// How many requirements need it; a requirement without constraints needs no observation.
    pub total: usize,
    /// Those that lack it, in IRI order.
    pub without: Vec<NamedNode>,
}

/// Returns which requirements no design satisfies, nothing verifies, or no signal observes. Obsolete ones do not count.
pub fn requirement_coverage(snapshot: &Snapshot) -> Result<Vec<RequirementCoverage>, Error> {
    coverage_of(snapshot, &requirements(snapshot)?)
}

fn coverage_of(snapshot: &Snapshot, requirements: &[NamedNode]) -> Result<Vec<RequirementCoverage>, Error> {
    let mut covered = Vec::new();
    for (need, predicate) in [(Need::Design, tl::SATISFIES), (Need::Verification, tl::VERIFIES)] {
        let linked = linked(snapshot, &predicate.into_owned(), true)?;
        let without =
            requirements.iter().filter(|requirement| !linked.contains(*requirement)).cloned().collect();
        covered.push(RequirementCoverage { need, total: requirements.len(), without });
    }
    covered.push(observation(snapshot, requirements)?);
    Ok(covered)
}

/// Returns the requirements that are not obsolete, in IRI order.
fn requirements(snapshot: &Snapshot) -> Result<Vec<NamedNode>, Error> {
    let mut requirements = Vec::new();
    for requirement in snapshot.instances(tl::REQUIREMENT)? {
        if snapshot.text(&requirement, tl::STATUS)?.as_deref() != Some("OBSOLETE") {
            requirements.push(requirement);
        }
    }
    Ok(requirements)
}

/// How many requirements have one of the things that they need, at one version and at another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageChange {
    /// At the one.
    pub before: RequirementCoverage,
    /// At the other.
    pub after: RequirementCoverage,
    /// The requirements that are there at the other.
    there: Arc<HashSet<NamedNode>>,
}

impl CoverageChange {
    /// Returns the requirements that lack it at the one, and are there and have it at the other, in IRI order.
    pub fn covered(&self) -> impl Iterator<Item = &NamedNode> {
        let has_it = |one: &NamedNode| self.there.contains(one) && !self.after.without.contains(one);
        self.before.without.iter().filter(move |requirement| has_it(requirement))
    }

    /// Returns the requirements that lack it at the other and did not at the one, in IRI order.
    pub fn uncovered(&self) -> impl Iterator<Item = &NamedNode> {
        self.after.without.iter().filter(|requirement| !self.before.without.contains(requirement))
    }
}

/// Returns how requirements are covered at two versions, need by need.
pub fn coverage_change(before: &Snapshot, after: &Snapshot) -> Result<Vec<CoverageChange>, Error> {
    let there = requirements(after)?;
    let (before, after) = (requirement_coverage(before)?, coverage_of(after, &there)?);
    let there = Arc::new(there.into_iter().collect());
    let change = |(before, after)| CoverageChange { before, after, there: Arc::clone(&there) };
    Ok(before.into_iter().zip(after).map(change).collect())
}

fn observation(snapshot: &Snapshot, requirements: &[NamedNode]) -> Result<RequirementCoverage, Error> {
    let mut observed = HashSet::new();
    for signal in snapshot.instances(tl::SIGNAL_CLASS)? {
        observed.extend(snapshot.target(&signal, tl::PROPERTY)?);
    }
    let (mut total, mut without) = (0, Vec::new());
    for requirement in requirements {
        let constraints = snapshot.targets(requirement, tl::CONSTRAINT)?;
        total += usize::from(!constraints.is_empty());
        for constraint in constraints {
            if snapshot
                .target(&constraint, tl::PROPERTY)?
                .is_none_or(|property| !observed.contains(&property))
            {
                without.push(requirement.clone());
                break;
            }
        }
    }
    Ok(RequirementCoverage { need: Need::Observation, total, without })
}
