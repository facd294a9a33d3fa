//! The instances of classes, and their values.

use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::rows::key;
use crate::graph::index::storage::packed::Direction;
use crate::graph::read::snapshot::Snapshot;
use foldhash::HashSet;
use oxigraph::model::vocab::rdf;
use oxigraph::model::{Literal, NamedNode, Term};
use std::sync::Arc;

impl Snapshot {
    pub(super) fn members(&self, classes: &[u64]) -> Result<HashSet<u64>, Error> {
        let mut members = HashSet::default();
        for &class in classes {
            self.each_member(class, |id| _ = members.insert(id))?;
        }
        Ok(members)
    }

    /// Returns the instances of some classes that have no literal of a property. A version never changes, so that they are
    /// looked for once.
    pub(super) fn members_without(
        &self,
        classes: &[u64],
        predicate: Option<u64>,
    ) -> Result<Arc<Vec<u64>>, Error> {
        let about: Vec<u64> = classes.iter().copied().chain(predicate).collect();
        self.remember(&name_of(&about), || {
            let mut members = self.members(classes)?;
            if let Some(predicate) = predicate {
                for &class in classes {
                    let prefix = key::prefix(key::ORDERED, &[class, predicate]);
                    self.0.view.scan(&prefix, Direction::Forward, |row, _| {
                        members.remove(&key::value_and_subject(row)?.1);
                        Ok(true)
                    })?;
                }
            }
            Ok(members.into_iter().collect())
        })
    }

    pub(super) fn is_member(&self, id: u64, classes: &[u64]) -> Result<bool, Error> {
        let Some(is_a) = self.iri_id(rdf::TYPE)? else { return Ok(false) };
        let mut found = false;
        self.0.view.scan(&key::prefix(key::SPO, &[id, is_a]), Direction::Forward, |row, _| {
            found = classes.contains(&key::id(row, 2)?);
            Ok(!found)
        })?;
        Ok(found)
    }

    pub(super) fn each_member(&self, class: u64, mut each: impl FnMut(u64)) -> Result<(), Error> {
        let Some(is_a) = self.iri_id(rdf::TYPE)? else { return Ok(()) };
        self.0.view.scan(&key::prefix(key::POS, &[is_a, class]), Direction::Forward, |row, _| {
            each(key::id(row, 2)?);
            Ok(true)
        })?;
        Ok(())
    }

    pub(super) fn literals(&self, subject: u64, predicate: u64) -> Result<Vec<Literal>, index::Error> {
        let view = &self.0.view;
        let mut literals = Vec::new();
        view.scan(&key::prefix(key::SPO, &[subject, predicate]), Direction::Forward, |row, _| {
            if let Term::Literal(literal) = view.term(key::id(row, 2)?)? {
                literals.push(literal);
            }
            Ok(true)
        })?;
        Ok(literals)
    }
}

/// Names what is remembered about some classes and properties.
pub(super) fn name_of(ids: &[u64]) -> NamedNode {
    NamedNode::new_unchecked(ids.iter().map(u64::to_string).collect::<Vec<_>>().join(" "))
}
