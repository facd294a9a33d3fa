//! What differs between two versions, by resource and property.

use crate::model::statement::Statement;
use crate::model::statement::difference::differing;
use crate::model::statement::value::Value;
use crate::ontology::Ontology;
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeSet, HashSet};

/// What differs between two versions, by resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// The resources that differ, in IRI order.
    pub resources: Vec<ResourceDiff>,
}

/// How many resources a preview describes; the others are read after them.
pub(in crate::graph) const PREVIEWED_MAX: usize = if cfg!(test) { 3 } else { 1_000 };

/// Which resources are wanted of those that differ, in IRI order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffRange {
    /// Only those after this one.
    pub after: Option<NamedNode>,
    /// How many at the most.
    pub limit: usize,
}

impl Default for DiffRange {
    fn default() -> Self {
        Self { after: None, limit: PREVIEWED_MAX }
    }
}

/// Some of the resources that differ, and how many all are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffPart {
    /// Those that were wanted, in IRI order.
    pub resources: Vec<ResourceDiff>,
    /// Whether others follow them.
    pub has_more: bool,
    /// How many differ, wanted or not.
    pub total: usize,
}

/// What became of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It is new.
    Added,
    /// It was removed.
    Removed,
    /// Its statements changed.
    Changed,
}

impl Difference {
    /// Returns what became of a resource by how many statements there were and are.
    pub(in crate::graph) fn between(before: usize, after: usize) -> Self {
        match (before, after) {
            (0, _) => Self::Added,
            (_, 0) => Self::Removed,
            _ => Self::Changed,
        }
    }
}

/// What differs in one resource and its fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceDiff {
    /// The resource.
    pub resource: NamedNode,
    /// What became of it.
    pub difference: Difference,
    /// The properties that differ, by subject and predicate.
    pub properties: Vec<PropertyDiff>,
}

/// What differs in one property of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyDiff {
    /// The resource or its fragment.
    pub subject: NamedNode,
    /// The property.
    pub predicate: NamedNode,
    /// The values that were removed.
    pub removed: Vec<Term>,
    /// The values that are new.
    pub added: Vec<Term>,
}

/// Returns what differs in one resource between two sets of statements about it.
pub(in crate::graph) fn resource_diff(
    resource: &str,
    before: &BTreeSet<Statement>,
    after: &BTreeSet<Statement>,
    ontology: &Ontology,
) -> ResourceDiff {
    compare(NamedNode::new_unchecked(resource), before.iter(), after.iter(), ontology)
}

/// Compares two sorted lists of statements about one resource.
pub(in crate::graph) fn compare<'a>(
    resource: NamedNode,
    before: impl ExactSizeIterator<Item = &'a Statement>,
    after: impl ExactSizeIterator<Item = &'a Statement>,
    ontology: &Ontology,
) -> ResourceDiff {
    let difference = Difference::between(before.len(), after.len());
    let properties = PropertyDiff::between(before, after, ontology);
    ResourceDiff { resource, difference, properties }
}

impl PropertyDiff {
    /// Compares two sorted lists of statements, by subject and predicate; values in several spellings do not differ.
    pub fn between<'a>(
        before: impl Iterator<Item = &'a Statement>,
        after: impl Iterator<Item = &'a Statement>,
        ontology: &Ontology,
    ) -> Vec<Self> {
        Self::gather(differing(before, after), ontology)
    }

    /// Gathers what is added, marked with `true`, or removed, in the order of statements.
    pub(super) fn gather<'a>(
        differences: impl Iterator<Item = (&'a Statement, bool)>,
        ontology: &Ontology,
    ) -> Vec<Self> {
        let mut properties: Vec<Self> = Vec::new();
        for (statement, is_added) in differences {
            let is_next =
                |last: &&mut Self| last.subject == statement.subject && last.predicate == statement.predicate;
            if properties.last_mut().filter(is_next).is_none() {
                properties.push(Self::of(statement));
            }
            if let Some(last) = properties.last_mut() {
                if is_added { &mut last.added } else { &mut last.removed }.push(statement.object.clone());
            }
        }
        properties.retain_mut(|property| property.drop_spellings(ontology));
        properties
    }

    /// Leaves out values that only came to be written otherwise; returns whether anything is left.
    fn drop_spellings(&mut self, ontology: &Ontology) -> bool {
        if !self.removed.is_empty() && !self.added.is_empty() {
            let texts = ontology.texts(self.predicate.as_ref());
            let values = |terms: &[Term]| -> HashSet<Value> {
                terms.iter().map(|term| Value::of(term, texts)).collect()
            };
            let (was, is) = (values(&self.removed), values(&self.added));
            self.removed.retain(|term| !is.contains(&Value::of(term, texts)));
            self.added.retain(|term| !was.contains(&Value::of(term, texts)));
        }
        !self.removed.is_empty() || !self.added.is_empty()
    }

    /// Begins the comparison of the property that a statement is of.
    fn of(statement: &Statement) -> Self {
        let (subject, predicate) = (statement.subject.clone(), statement.predicate.clone());
        Self { subject, predicate, removed: Vec::new(), added: Vec::new() }
    }
}
