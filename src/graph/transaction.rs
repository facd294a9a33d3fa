//! Changes applied to a snapshot in memory: what each touched family of statements was and would be.
//!
//! A *family* is a resource with all its fragments, described or not. It is what changes are applied to, as whether a
//! fragment stands in its resource's document depends on whether the resource itself is described.

use super::confirmation;
use super::document::{has_dot_segments, root};
use super::error::Error;
use super::history::Files;
use super::index::update::DocumentDelta;
use super::literal::canonical;
use super::overlay::Overlay;
use super::snapshot::Snapshot;
use super::{document, text};
use crate::model::change::Change;
use crate::model::statement::Statement;
use crate::ontology::Violation;
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet};

/// The statements of one family before and after.
#[derive(Clone, Debug, Default)]
pub(crate) struct Family {
    pub(crate) before: Vec<Statement>,
    pub(crate) after: BTreeSet<Statement>,
}

impl Family {
    fn is_changed(&self) -> bool {
        self.before.len() != self.after.len() || !self.before.iter().eq(self.after.iter())
    }
}

/// Changes under way on one snapshot.
pub(crate) struct Transaction<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) families: BTreeMap<String, Family>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        Self { snapshot, families: BTreeMap::new() }
    }

    /// Applies one change.
    pub(crate) fn apply(&mut self, change: Change) -> Result<(), Error> {
        match change {
            Change::Replace { resource, statements } => self.replace(&resource, statements),
            Change::Set { subject, predicate, values } => {
                let family = self.family(&subject)?;
                family.after.retain(|old| old.subject != subject || old.predicate != predicate);
                family.after.extend(
                    values
                        .into_iter()
                        .map(|value| Statement::new(subject.clone(), predicate.clone(), canonical(value))),
                );
                Ok(())
            }
            Change::Add(statement) => {
                let statement = Statement { object: canonical(statement.object), ..statement };
                self.family(&statement.subject)?.after.insert(statement);
                Ok(())
            }
            Change::Remove(statement) => {
                let statement = Statement { object: canonical(statement.object), ..statement };
                self.family(&statement.subject)?.after.remove(&statement);
                Ok(())
            }
            Change::Retire(resource) => self.retire(&resource),
        }
    }

    fn replace(&mut self, resource: &NamedNode, statements: Vec<Statement>) -> Result<(), Error> {
        let fragment = format!("{}#", resource.as_str());
        let belongs = |subject: &NamedNode| subject == resource || subject.as_str().starts_with(&fragment);
        if let Some(stray) = statements.iter().find(|statement| !belongs(&statement.subject)) {
            let (resource, subject) = (resource.clone(), stray.subject.clone());
            return Err(Error::OutsideDocument { resource, subject });
        }
        let family = self.family(resource)?;
        family.after.retain(|old| !belongs(&old.subject));
        family
            .after
            .extend(statements.into_iter().map(|new| Statement { object: canonical(new.object), ..new }));
        Ok(())
    }

    fn retire(&mut self, resource: &NamedNode) -> Result<(), Error> {
        let fragment = format!("{}#", resource.as_str());
        let family = self.family(resource)?;
        let size = family.after.len();
        family.after.retain(|old| old.subject != *resource && !old.subject.as_str().starts_with(&fragment));
        if family.after.len() == size { Err(Error::UnknownResource(resource.clone())) } else { Ok(()) }
    }

    /// Sets what a family is to be.
    pub(crate) fn put(&mut self, root: &NamedNode, after: BTreeSet<Statement>) -> Result<(), Error> {
        self.family(root)?.after = after;
        Ok(())
    }

    fn family(&mut self, subject: &NamedNode) -> Result<&mut Family, Error> {
        let root = root(subject);
        if !self.families.contains_key(root.as_str()) {
            let before = self.snapshot.family(&root)?;
            let after = before.iter().cloned().collect();
            self.families.insert(root.as_str().to_owned(), Family { before, after });
        }
        Ok(self.families.get_mut(root.as_str()).expect("the family was put in just now"))
    }

    /// Leaves out the families that are as they were, and refuses IRIs that would not come back from their text.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        self.families.retain(|_, family| family.is_changed());
        for family in self.families.values_mut() {
            confirmation::drop_with_links(&family.before, &mut family.after);
        }
        let statements = self.families.values().flat_map(|family| &family.after);
        let mut iris = statements.flat_map(|statement| {
            let object = match &statement.object {
                Term::NamedNode(iri) => Some(iri),
                _ => None,
            };
            [&statement.subject, &statement.predicate].into_iter().chain(object)
        });
        match iris.find(|iri| has_dot_segments(iri)) {
            Some(iri) => Err(Error::DotSegments(iri.clone())),
            None => Ok(()),
        }
    }

    /// Counts the statements that come or go.
    pub(crate) fn changed(&self) -> usize {
        let count = |family: &Family| {
            let kept = family.before.iter().filter(|old| family.after.contains(old)).count();
            family.before.len() + family.after.len() - 2 * kept
        };
        self.families.values().map(count).sum()
    }

    /// Checks shapes, rules and links; the result is what breaks.
    pub(crate) fn validate(&self) -> Result<Vec<Violation>, Error> {
        let before = self.families.values().flat_map(|family| &family.before);
        let after = self.families.values().flat_map(|family| &family.after);
        let overlay = Overlay::new(self.snapshot, before, after);
        self.refuse_dangling(&overlay)?;
        let mut changed: Vec<NamedNode> = self.changed_subjects().into_iter().collect();
        changed.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        let ontology = self.snapshot.ontology();
        let focus = ontology.focus(self.snapshot, &overlay, &changed)?;
        Ok(ontology.validate(Some(self.snapshot), &overlay, &focus)?)
    }

    fn changed_subjects(&self) -> BTreeSet<NamedNode> {
        let mut subjects = BTreeSet::new();
        for family in self.families.values() {
            let before: BTreeSet<&Statement> = family.before.iter().collect();
            let after: BTreeSet<&Statement> = family.after.iter().collect();
            subjects.extend(before.symmetric_difference(&after).map(|statement| statement.subject.clone()));
        }
        subjects
    }

    /// Refuses to let a subject vanish while others still link to it.
    fn refuse_dangling(&self, overlay: &Overlay<'_>) -> Result<(), Error> {
        use crate::ontology::Data;
        for (root, family) in &self.families {
            let still: BTreeSet<&str> =
                family.after.iter().map(|statement| statement.subject.as_str()).collect();
            let gone: BTreeSet<&NamedNode> = family
                .before
                .iter()
                .map(|statement| &statement.subject)
                .filter(|subject| !still.contains(subject.as_str()))
                .collect();
            for subject in gone {
                let inbound = overlay.matching(None, None, Some(&Term::from(subject.clone())))?;
                let inbound: Vec<_> =
                    inbound.into_iter().filter(|link| !in_family(&link.subject, root)).collect();
                if !inbound.is_empty() {
                    return Err(Error::Linked { resource: subject.clone(), inbound });
                }
            }
        }
        Ok(())
    }

    /// Returns the files that change, and the same for the index.
    pub(crate) fn files_and_deltas(&self) -> (Files, Vec<DocumentDelta>) {
        let mut files = Files::new();
        let mut deltas = Vec::with_capacity(self.families.len());
        for (root, family) in &self.families {
            let after: Vec<Statement> = family.after.iter().cloned().collect();
            let old = documents(root, &family.before);
            let new = documents(root, &after);
            for resource in old.keys().filter(|resource| !new.contains_key(*resource)) {
                files.insert(document::path(resource), None);
            }
            for (resource, statements) in &new {
                if old.get(resource) != Some(statements) {
                    let text = text::write(statements, self.snapshot.base());
                    files.insert(document::path(resource), Some(text.into_bytes()));
                }
            }
            deltas.push(DocumentDelta { before: family.before.clone(), after });
        }
        (files, deltas)
    }
}

fn in_family(subject: &NamedNode, root: &str) -> bool {
    subject.as_str().strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
}

/// Splits a family into its documents: one where the resource is described, else one for each fragment.
fn documents(root: &str, statements: &[Statement]) -> BTreeMap<NamedNode, Vec<Statement>> {
    let mut documents: BTreeMap<NamedNode, Vec<Statement>> = BTreeMap::new();
    let described = statements.iter().any(|statement| statement.subject.as_str() == root);
    for statement in statements {
        let resource = if described { NamedNode::new_unchecked(root) } else { statement.subject.clone() };
        documents.entry(resource).or_default().push(statement.clone());
    }
    documents
}
