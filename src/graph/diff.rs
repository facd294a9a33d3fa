//! What differs between two versions. The walk over the two Git trees skips equal folders, so the cost follows the
//! change and not the graph.

use super::commit::CommitId;
use super::document::root;
use super::error::Error;
use super::index::update::DocumentDelta;
use super::repository::Repository;
use super::snapshot::Snapshot;
use crate::model::statement::Statement;
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet};

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

impl Diff {
    /// Compares families of statements, each with its resource, before and after; in the order of resources.
    pub(super) fn of<'a>(
        families: impl Iterator<Item = (&'a str, BTreeSet<Statement>, BTreeSet<Statement>)>,
    ) -> Self {
        let resources = families
            .filter(|(_, before, after)| before != after)
            .map(|(resource, before, after)| resource_diff(resource, &before, &after))
            .collect();
        Self { resources }
    }
}

impl Repository {
    /// Returns what differs between two versions; with `reach`, only what touches that resource: itself, and
    /// resources that link to it before or after.
    pub fn diff(&self, from: &Snapshot, to: &Snapshot, reach: Option<&NamedNode>) -> Result<Diff, Error> {
        let mut by_resource: BTreeMap<String, (BTreeSet<Statement>, BTreeSet<Statement>)> = BTreeMap::new();
        for delta in self.deltas(from.commit().id, to.commit().id)? {
            for (statements, after) in [(delta.before, false), (delta.after, true)] {
                for statement in statements {
                    let root = root(&statement.subject).into_string();
                    let sides = by_resource.entry(root).or_default();
                    if after {
                        sides.1.insert(statement)
                    } else {
                        sides.0.insert(statement)
                    };
                }
            }
        }
        let resources = by_resource
            .into_iter()
            .filter(|(resource, (before, after))| {
                let touches = |reach: &NamedNode| {
                    *resource == root(reach).as_str()
                        || before.iter().chain(after).any(|s| s.object == Term::from(reach.clone()))
                };
                before != after && reach.is_none_or(touches)
            })
            .map(|(resource, (before, after))| resource_diff(&resource, &before, &after))
            .collect();
        Ok(Diff { resources })
    }

    /// Returns the documents that differ between two commits.
    pub(super) fn deltas(&self, from: CommitId, to: CommitId) -> Result<Vec<DocumentDelta>, Error> {
        super::catch_up::deltas(&self.fresh_reader()?, Some(from), to)
    }
}

/// Tells what differs in one resource between two sets of statements about it.
pub(super) fn resource_diff(
    resource: &str,
    before: &BTreeSet<Statement>,
    after: &BTreeSet<Statement>,
) -> ResourceDiff {
    let mut properties: BTreeMap<(String, String), PropertyDiff> = BTreeMap::new();
    for (statement, added) in
        before.difference(after).map(|s| (s, false)).chain(after.difference(before).map(|s| (s, true)))
    {
        let key = (statement.subject.as_str().to_owned(), statement.predicate.as_str().to_owned());
        let property = properties.entry(key).or_insert_with(|| PropertyDiff {
            subject: statement.subject.clone(),
            predicate: statement.predicate.clone(),
            removed: Vec::new(),
            added: Vec::new(),
        });
        if added { &mut property.added } else { &mut property.removed }.push(statement.object.clone());
    }
    let difference = match (before.is_empty(), after.is_empty()) {
        (true, _) => Difference::Added,
        (_, true) => Difference::Removed,
        _ => Difference::Changed,
    };
    let resource = NamedNode::new_unchecked(resource);
    ResourceDiff { resource, difference, properties: properties.into_values().collect() }
}
