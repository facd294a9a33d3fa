//! What differs between two versions, by resource and property.

use super::document::root;
use super::error::Error;
use super::index;
use super::index::update::DocumentDelta;
use super::repository::Repository;
use super::snapshot::Snapshot;
use crate::model::difference::differing;
use crate::model::statement::Statement;
use crate::model::value::Value;
use crate::ontology::Ontology;
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeSet, HashSet};

/// What differs between two versions, by resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// The resources that differ, in IRI order.
    pub resources: Vec<ResourceDiff>,
}

/// What became of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
}

impl Difference {
    /// Tells what became of a resource by how many statements there were and are.
    pub(super) fn between(before: usize, after: usize) -> Self {
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
    /// The values that are gone.
    pub removed: Vec<Term>,
    /// The values that are new.
    pub added: Vec<Term>,
}

impl Repository {
    /// Returns what differs between two versions; with `reach`, only what touches that resource: itself, and
    /// resources that link to it or a fragment of it before or after. It must be there at one of the two.
    pub fn diff(&self, from: &Snapshot, to: &Snapshot, reach: Option<&NamedNode>) -> Result<Diff, Error> {
        Ok(Diff { resources: self.differences(from, to, reach)?.part(None, usize::MAX)? })
    }

    /// Returns what differs between two versions in the resources that are wanted, each told with what it said before and
    /// says after.
    pub fn diff_where(
        &self,
        from: &Snapshot,
        to: &Snapshot,
        wanted: impl Fn(&NamedNode, &[&Statement]) -> bool,
    ) -> Result<Diff, Error> {
        let differences = Differences { repository: self, from, to, wanted: Box::new(wanted) };
        Ok(Diff { resources: differences.part(None, usize::MAX)? })
    }

    /// Returns what [`Self::diff`] does, to be read in parts.
    pub fn differences<'a>(
        &'a self,
        from: &'a Snapshot,
        to: &'a Snapshot,
        reach: Option<&'a NamedNode>,
    ) -> Result<Differences<'a>, Error> {
        if let Some(reach) = reach
            && from.document(reach)?.is_empty()
            && to.document(reach)?.is_empty()
        {
            return Err(Error::UnknownResource(reach.clone()));
        }
        let wanted = move |resource: &NamedNode, said: &[&Statement]| {
            reach.is_none_or(|reach| {
                *resource == root(reach) || said.iter().any(|statement| leads_to(statement, reach))
            })
        };
        Ok(Differences { repository: self, from, to, wanted: Box::new(wanted) })
    }
}

/// What differs between two versions, compared as it is read: of all the resources that differ only the names are in memory.
pub struct Differences<'a> {
    repository: &'a Repository,
    from: &'a Snapshot,
    to: &'a Snapshot,
    wanted: Box<Wanted<'a>>,
}

/// Tells of a resource, with what it said before and says after, whether it is wanted.
type Wanted<'a> = dyn Fn(&NamedNode, &[&Statement]) -> bool + 'a;

impl Differences<'_> {
    /// Calls `each` with the resources that differ, in IRI order, those after one, until it returns `false`.
    pub fn each<E: From<Error>>(
        &self,
        after: Option<&NamedNode>,
        mut each: impl FnMut(ResourceDiff) -> Result<bool, E>,
    ) -> Result<(), E> {
        let (from, to) = (self.from.commit().id, self.to.commit().id);
        let mut refused = None;
        self.repository.each_delta_after(from, to, after.map(NamedNode::as_str), &mut |delta| {
            self.to.0.view.wanted.check().map_err(index::Error::from)?;
            let Some(diff) = self.compared(&delta) else { return Ok(true) };
            match each(diff) {
                Ok(goes_on) => Ok(goes_on),
                Err(error) => {
                    refused = Some(error);
                    Ok(false)
                }
            }
        })?;
        refused.map_or(Ok(()), Err)
    }

    /// Returns the resources that differ after one, so many at the most.
    pub fn part(&self, after: Option<&NamedNode>, limit: usize) -> Result<Vec<ResourceDiff>, Error> {
        let mut part = Vec::new();
        if limit > 0 {
            self.each::<Error>(after, |diff| {
                part.push(diff);
                Ok(part.len() < limit)
            })?;
        }
        Ok(part)
    }

    /// Counts the resources that differ, without holding what differs in them.
    pub fn count(&self) -> Result<usize, Error> {
        let mut count = 0;
        self.each::<Error>(None, |_| {
            count += 1;
            Ok(true)
        })?;
        Ok(count)
    }

    fn compared(&self, DocumentDelta { before, after }: &DocumentDelta) -> Option<ResourceDiff> {
        let first = before.first().or(after.first()).filter(|_| before != after)?;
        let resource = root(&first.subject);
        if !(self.wanted)(&resource, &before.iter().chain(after).collect::<Vec<_>>()) {
            return None;
        }
        let compared = compare(resource, before.iter(), after.iter(), self.to.ontology());
        Some(compared).filter(|diff| !diff.properties.is_empty())
    }
}

impl std::fmt::Debug for Differences<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Differences({} to {})", self.from.commit().id, self.to.commit().id)
    }
}

/// Tells whether a statement links to a resource or one of its fragments.
fn leads_to(statement: &Statement, resource: &NamedNode) -> bool {
    match &statement.object {
        Term::NamedNode(target) => {
            let rest = target.as_str().strip_prefix(resource.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
        }
        _ => false,
    }
}

/// Tells what differs in one resource between two sets of statements about it.
pub(super) fn resource_diff(
    resource: &str,
    before: &BTreeSet<Statement>,
    after: &BTreeSet<Statement>,
    ontology: &Ontology,
) -> ResourceDiff {
    compare(NamedNode::new_unchecked(resource), before.iter(), after.iter(), ontology)
}

/// Compares two sorted lists of statements about one resource.
pub(super) fn compare<'a>(
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

    /// Gathers what comes, told with `true`, or goes, in the order of statements.
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

    /// Leaves out values that only came to be written otherwise; tells whether anything is left.
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
