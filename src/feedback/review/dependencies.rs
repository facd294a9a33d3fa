//! Which changes of the graph affect a review: those of its subject, and of the units, lots, signals and properties
//! that its margins come from.

use super::subject::ReviewSubject;
use crate::feedback::error::Error;
use crate::feedback::margin::constraint::Constraint;
use crate::graph::Snapshot;
use crate::model::statement::{Statement, root};
use crate::ontology::terms::tl;
use crate::twins::{self, Observation};
use oxigraph::model::{NamedNode, Term};
use std::collections::HashSet;

/// The resources that a review depends on.
#[derive(Clone, Debug, Default)]
pub struct ReviewDependencies {
    /// A change of these, or of what links to them, affects the review.
    linked: HashSet<NamedNode>,
    /// A change of these does, but not of what links to them.
    own: HashSet<NamedNode>,
    /// A change of these does not.
    left_out: HashSet<NamedNode>,
}

impl ReviewDependencies {
    /// Leaves out a resource: the review itself, and what was recorded for it.
    pub fn leave_out(&mut self, resource: NamedNode) {
        self.left_out.insert(resource);
    }

    /// Adds what a subject depends on at a version, and the signals that its observations come from.
    pub fn add<'a>(
        &mut self,
        subject: &ReviewSubject,
        snapshot: &Snapshot,
        observations: impl IntoIterator<Item = &'a Observation>,
    ) -> Result<(), Error> {
        self.linked.extend(subject.designs.iter().chain(&subject.requirements).cloned());
        for design in subject.designs_of(snapshot)? {
            self.add_design(subject, snapshot, &design)?;
        }
        self.own.extend(observations.into_iter().flat_map(|found| &found.signals).map(root));
        Ok(())
    }

    fn add_design(
        &mut self,
        subject: &ReviewSubject,
        snapshot: &Snapshot,
        design: &NamedNode,
    ) -> Result<(), Error> {
        if subject.requirements.is_empty() {
            self.linked.extend(snapshot.targets(design, tl::SATISFIES)?);
        }
        self.own.extend(snapshot.targets(design, tl::REVISION_OF)?);
        let constraints = Constraint::of_design(snapshot, design)?;
        self.own.extend(constraints.into_iter().map(|constraint| constraint.property));
        for member in twins::population(snapshot, design, Some(subject.window))?.members {
            self.linked.extend([member.item, member.unit].into_iter().chain(member.lot));
            self.own.insert(member.asset);
        }
        Ok(())
    }

    /// Returns whether a change of a resource affects the review; `statements` are its statements before and after.
    pub fn affected_by(&self, resource: &NamedNode, statements: &[&Statement]) -> bool {
        let links = |statement: &&Statement| match &statement.object {
            Term::NamedNode(target) => self.linked.contains(&root(target)),
            _ => false,
        };
        let touches = self.linked.contains(resource) || self.own.contains(resource);
        (touches || statements.iter().any(links)) && !self.left_out.contains(resource)
    }
}
