//! A snapshot as it would be under a change: what validation reads before anything is written.

use super::error::Error;
use super::snapshot::Snapshot;
use crate::model::statement::Statement;
use crate::ontology::Data;
use foldhash::fast::RandomState;
use oxigraph::model::{NamedNode, Term};
use std::collections::HashMap;

/// A snapshot in which some subjects say something else.
pub(crate) struct Overlay<'a> {
    snapshot: &'a Snapshot,
    /// All statements of every subject that the change touches; none where it is gone.
    subjects: HashMap<&'a NamedNode, Vec<&'a Statement>, RandomState>,
    objects: HashMap<&'a Term, Vec<&'a Statement>, RandomState>,
}

impl<'a> Overlay<'a> {
    /// Lays `after` over the subjects that occur in `before` or `after`.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        before: impl IntoIterator<Item = &'a Statement>,
        after: impl IntoIterator<Item = &'a Statement>,
    ) -> Self {
        let mut subjects: HashMap<&NamedNode, Vec<&Statement>, RandomState> = HashMap::default();
        let mut objects: HashMap<&Term, Vec<&Statement>, RandomState> = HashMap::default();
        for statement in before {
            subjects.entry(&statement.subject).or_default();
        }
        for statement in after {
            subjects.entry(&statement.subject).or_default().push(statement);
            objects.entry(&statement.object).or_default().push(statement);
        }
        Self { snapshot, subjects, objects }
    }
}

impl Data for Overlay<'_> {
    type Error = Error;

    fn matching(
        &self,
        subject: Option<&NamedNode>,
        predicate: Option<&NamedNode>,
        object: Option<&Term>,
    ) -> Result<Vec<Statement>, Error> {
        let fits = |statement: &Statement| {
            subject.is_none_or(|subject| *subject == statement.subject)
                && predicate.is_none_or(|predicate| *predicate == statement.predicate)
                && object.is_none_or(|object| *object == statement.object)
        };
        let fitting = |laid: &[&Statement]| -> Vec<Statement> {
            laid.iter().filter(|statement| fits(statement)).map(|statement| (*statement).clone()).collect()
        };
        if let Some(laid) = subject.and_then(|subject| self.subjects.get(subject)) {
            return Ok(fitting(laid));
        }
        let mut found = self.snapshot.matching(subject, predicate.map(NamedNode::as_ref), object)?;
        if subject.is_some() {
            return Ok(found);
        }
        found.retain(|statement| !self.subjects.contains_key(&statement.subject));
        match object {
            Some(object) => found.extend(self.objects.get(object).into_iter().flat_map(|laid| fitting(laid))),
            None => found.extend(self.subjects.values().flat_map(|laid| fitting(laid))),
        }
        Ok(found)
    }

    fn may_be_linked(&self, node: &NamedNode) -> Result<bool, Error> {
        let laid = self.objects.contains_key(&Term::from(node.clone()));
        Ok(laid || self.snapshot.may_be_linked(node)?)
    }
}

impl Data for Snapshot {
    type Error = Error;

    fn matching(
        &self,
        subject: Option<&NamedNode>,
        predicate: Option<&NamedNode>,
        object: Option<&Term>,
    ) -> Result<Vec<Statement>, Error> {
        self.matching(subject, predicate.map(NamedNode::as_ref), object)
    }

    fn may_be_linked(&self, node: &NamedNode) -> Result<bool, Error> {
        Ok(self.is_target(node)?)
    }
}
