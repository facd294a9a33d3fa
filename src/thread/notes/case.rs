//! One resource before and after, as a rule reads it.

use super::{Note, NoteKind};
use crate::graph::{Error, PropertyDiff, ResourceDiff, Snapshot};
use crate::model::statement::Statement;
use crate::ontology::{Ontology, Unit};
use crate::thread::record::Record;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::HashSet;

/// A difference with the versions on its two sides.
pub(super) struct Case<'a> {
    pub(super) before: &'a Snapshot,
    pub(super) after: &'a Snapshot,
    pub(super) diff: &'a ResourceDiff,
}

impl<'a> Case<'a> {
    pub(super) fn new(before: &'a Snapshot, after: &'a Snapshot, diff: &'a ResourceDiff) -> Self {
        Self { before, after, diff }
    }

    pub(super) fn ontology(&self) -> &Ontology {
        self.after.ontology()
    }

    pub(super) fn resource(&self) -> &NamedNode {
        &self.diff.resource
    }

    /// Reads the earlier statements of a subject.
    pub(super) fn was(&self, subject: &NamedNode) -> Result<Record, Error> {
        Record::read(self.before, subject)
    }

    /// Reads the later statements of a subject: the earlier ones and the difference.
    pub(super) fn is(&self, subject: &NamedNode) -> Result<Record, Error> {
        let own = self.diff.properties.iter().filter(|diff| diff.subject == *subject);
        self.changed(subject, own)
    }

    /// Reads the later statements of a subject by all its differences.
    fn changed<'d>(
        &self,
        subject: &NamedNode,
        own: impl Iterator<Item = &'d PropertyDiff> + Clone,
    ) -> Result<Record, Error> {
        let removed = own.clone().flat_map(|diff| diff.removed.iter().map(|value| (&diff.predicate, value)));
        let removed: HashSet<(&NamedNode, &Term)> = removed.collect();
        let mut statements = self.before.statements(subject)?;
        statements.retain(|statement| !removed.contains(&(&statement.predicate, &statement.object)));
        for diff in own {
            let new = |value: &Term| Statement::new(subject.clone(), diff.predicate.clone(), value.clone());
            statements.extend(diff.added.iter().map(new));
        }
        statements.sort_unstable();
        Ok(Record::of(subject.clone(), statements))
    }

    /// Returns the differences in a property of the resource itself.
    pub(super) fn property(&self, predicate: NamedNodeRef<'_>) -> Option<&PropertyDiff> {
        self.diff
            .properties
            .iter()
            .find(|diff| diff.subject == *self.resource() && diff.predicate == predicate)
    }

    /// Returns the fragments that differ and are or were of a class, with their statements before and after.
    pub(super) fn fragments(
        &self,
        class: NamedNodeRef<'_>,
    ) -> Result<Vec<(NamedNode, Record, Record)>, Error> {
        let mut found = Vec::new();
        for own in self.diff.properties.chunk_by(|one, next| one.subject == next.subject) {
            let subject = &own[0].subject;
            let (was, is) = (self.was(subject)?, self.changed(subject, own.iter())?);
            if [&was, &is].iter().any(|record| record.is_a(self.ontology(), class)) {
                found.push((subject.clone(), was, is));
            }
        }
        Ok(found)
    }

    /// Returns whether the resource is or was of a class.
    pub(super) fn is_a(&self, class: NamedNodeRef<'_>) -> Result<bool, Error> {
        let (was, is) = (self.was(self.resource())?, self.is(self.resource())?);
        Ok([was, is].iter().any(|record| record.is_a(self.ontology(), class)))
    }

    /// Begins a note on the resource.
    pub(super) fn note(&self, kind: NoteKind, text: String) -> Note {
        Note {
            kind,
            resource: self.resource().clone(),
            subject: self.resource().clone(),
            before: None,
            after: None,
            related: Vec::new(),
            position: None,
            at: None,
            text,
        }
    }

    /// Writes a resource for a reader.
    pub(super) fn name(&self, iri: &NamedNode) -> String {
        self.after.shorten(iri)
    }

    /// Writes the resource of the difference for a reader.
    pub(super) fn own_name(&self) -> String {
        self.name(self.resource())
    }

    /// Returns the unit that a record names.
    pub(super) fn unit(&self, record: &Record, predicate: NamedNodeRef<'_>) -> Option<&Unit> {
        let unit = record.target(predicate)?;
        self.ontology().units().get(unit.as_ref())
    }
}

/// Returns the IRIs among values.
pub(super) fn iris(values: &[Term]) -> impl Iterator<Item = &NamedNode> {
    values.iter().filter_map(|value| match value {
        Term::NamedNode(iri) => Some(iri),
        _ => None,
    })
}

/// Returns the lexical form of the first literal.
pub(super) fn text(values: &[Term]) -> Option<&str> {
    values.iter().find_map(|value| match value {
        Term::Literal(literal) => Some(literal.value()),
        _ => None,
    })
}
