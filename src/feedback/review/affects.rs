//! Which changes of the graph bear on a review: those of what is on its agenda, and of the units, lots, signals and properties
//! that its margins come from.

use super::agenda::Agenda;
use crate::feedback::error::Error;
use crate::feedback::margin::constraint::Constraint;
use crate::graph::Snapshot;
use crate::model::statement::{Statement, root};
use crate::ontology::terms::tl;
use crate::twins::{self, Observation};
use oxigraph::model::{NamedNode, Term};
use std::collections::HashSet;

/// The resources that a review reaches.
#[derive(Clone, Debug, Default)]
pub struct ReviewReach {
    /// A change of these, or of what links to them, bears on the review.
    linked: HashSet<NamedNode>,
    /// A change of these does, but not of what links to them.
    own: HashSet<NamedNode>,
    /// A change of these does not.
    left_out: HashSet<NamedNode>,
}

impl ReviewReach {
    /// Leaves out a resource: the review itself, and what was recorded for it.
    pub fn leave_out(&mut self, resource: NamedNode) {
        self.left_out.insert(resource);
    }

    /// Adds what an agenda reaches at a version, and the signals that its observations come from.
    pub fn add<'a>(
        &mut self,
        agenda: &Agenda,
        snapshot: &Snapshot,
        observations: impl IntoIterator<Item = &'a Observation>,
    ) -> Result<(), Error> {
        self.linked.extend(agenda.designs.iter().chain(&agenda.requirements).cloned());
        for design in agenda.designs_of(snapshot)? {
            self.add_design(agenda, snapshot, &design)?;
        }
        self.own.extend(observations.into_iter().flat_map(|found| &found.signals).map(root));
        Ok(())
    }

    fn add_design(&mut self, agenda: &Agenda, snapshot: &Snapshot, design: &NamedNode) -> Result<(), Error> {
        if agenda.requirements.is_empty() {
            self.linked.extend(snapshot.targets(design, tl::SATISFIES)?);
        }
        self.own.extend(snapshot.targets(design, tl::REVISION_OF)?);
        let constraints = Constraint::of_design(snapshot, design)?;
        self.own.extend(constraints.into_iter().map(|constraint| constraint.property));
        for member in twins::population(snapshot, design, Some(agenda.window))?.members {
            self.linked.extend([member.item, member.unit].into_iter().chain(member.lot));
            self.own.insert(member.asset);
        }
        Ok(())
    }

    /// Tells whether a change of a resource bears on the review; `said` is what it said before and says after.
    pub fn touches(&self, resource: &NamedNode, said: &[&Statement]) -> bool {
        let links = |statement: &&Statement| match &statement.object {
            Term::NamedNode(target) => self.linked.contains(&root(target)),
            _ => false,
        };
        let touches = self.linked.contains(resource) || self.own.contains(resource);
        (touches || said.iter().any(links)) && !self.left_out.contains(resource)
    }
}
