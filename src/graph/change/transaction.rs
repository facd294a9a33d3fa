//! Changes applied to a snapshot in memory: what each touched resource was and would be.
//!
//! A *resource* is here one with all its fragments, described or not. It is what changes are applied to, as whether a
//! fragment is in its resource's document depends on whether the resource itself is described.

use super::diff::{DiffPart, DiffRange, Difference, PropertyDiff, ResourceDiff};
use super::maker::Maker;
use super::naming::Naming;
use crate::graph::error::Error;
use crate::graph::git::values::Files;
use crate::graph::model::confirmation;
use crate::graph::model::delta::DocumentDelta;
use crate::graph::model::resource_edit::ResourceEdit;
use crate::graph::model::spelling::keep_spellings;
use crate::graph::model::statement_set::StatementSet;
use crate::graph::read::overlay::Overlay;
use crate::graph::read::snapshot::Snapshot;
use crate::graph::text::document::{self, has_dot_segments};
use crate::graph::text::format::Format;
use crate::graph::text::turtle;
use crate::model::statement::change::Change;
use crate::model::statement::value::is_same;
use crate::model::statement::{Statement, root};
use crate::ontology::{Data, Ontology, Violation};
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// How many of the resources that link to one its refusal shows.
const LINKING_SHOWN: usize = 3;

/// Changes under way on one snapshot.
pub(crate) struct Transaction<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) edits: BTreeMap<String, ResourceEdit>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        Self { snapshot, edits: BTreeMap::new() }
    }

    /// Applies changes one after the other; what is added to one resource in a row is put in order once, as a resource may get
    /// thousands of links.
    pub(crate) fn apply_all(&mut self, changes: &[Change]) -> Result<(), Error> {
        self.refuse_malformed(changes)?;
        let alike = |a: &Change, b: &Change| match (added(a), added(b)) {
            (Some(a), Some(b)) => root(&a.subject) == root(&b.subject),
            _ => false,
        };
        for run in changes.chunk_by(alike) {
            match &run[0] {
                Change::Add(first) => {
                    let ontology = self.snapshot.ontology();
                    let added = run.iter().filter_map(added).cloned().map(|own| ontology.normalized(own));
                    self.whole_resource(&first.subject)?.change().extend(added);
                }
                Change::Remove(statement) => {
                    let texts = self.snapshot.ontology().texts(statement.predicate.as_ref());
                    let is_it = |other: &Statement| {
                        other.subject == statement.subject
                            && other.predicate == statement.predicate
                            && is_same(&other.object, &statement.object, texts)
                    };
                    self.whole_resource(&statement.subject)?.change().retain(|other| !is_it(other));
                }
                Change::Set { subject, predicate, values } => {
                    let ontology = self.snapshot.ontology();
                    let after = self.whole_resource(subject)?.change();
                    after.retain(|old| old.subject != *subject || old.predicate != *predicate);
                    let new = |value: &Term| {
                        let value = ontology.normalized_value(predicate, value.clone());
                        Statement::new(subject.clone(), predicate.clone(), value)
                    };
                    after.extend(values.iter().map(new));
                }
                Change::Replace { resource, statements } => self.replace(resource, statements)?,
                Change::Retire(resource) => self.retire(resource)?,
            }
        }
        Ok(())
    }

    /// Refuses values that their datatypes do not have.
    fn refuse_malformed(&self, changes: &[Change]) -> Result<(), Error> {
        let ontology = self.snapshot.ontology();
        let mut found = Vec::new();
        for change in changes {
            match change {
                Change::Add(statement) => {
                    found.extend(ontology.malformed(parts(std::slice::from_ref(statement))));
                }
                Change::Replace { statements, .. } => found.extend(ontology.malformed(parts(statements))),
                Change::Set { subject, predicate, values } => {
                    found.extend(ontology.malformed(values.iter().map(|value| (subject, predicate, value))));
                }
                Change::Remove(_) | Change::Retire(_) => {}
            }
        }
        self.refuse(found)
    }

    /// Refuses what breaks shapes or rules, named as the thread would name it after the change.
    pub(crate) fn refuse(&self, found: Vec<Violation>) -> Result<(), Error> {
        if found.is_empty() { Ok(()) } else { Err(Error::Violations(self.named(found)?)) }
    }

    /// Names what violations are about as the thread would after the change.
    pub(crate) fn named(&self, found: Vec<Violation>) -> Result<Vec<Violation>, Error> {
        if found.is_empty() {
            return Ok(found);
        }
        Naming::new(&self.overlay(), self.snapshot.base()).violations(found)
    }

    /// Refuses what is new and not written as a change would write it.
    pub(crate) fn refuse_malformed_additions(&self) -> Result<(), Error> {
        let added: Vec<_> = self.added().cloned().collect();
        let mut found = self.snapshot.ontology().malformed(parts(&added));
        found.extend(added.iter().filter_map(|statement| {
            let ontology = self.snapshot.ontology();
            let object = ontology.normalized_value(&statement.predicate, statement.object.clone());
            let message = || format!("{} is written {object} in a thread", statement.object);
            let path = || self.snapshot.ontology().field_name(&statement.predicate);
            (object != statement.object).then(|| {
                let (subject, value) = (statement.subject.clone(), Some(statement.object.clone()));
                Violation::new(subject, Some(path()), value, message(), "canonical values")
            })
        }));
        self.refuse(found)
    }

    fn replace(&mut self, resource: &NamedNode, statements: &[Statement]) -> Result<(), Error> {
        let fragment = format!("{}#", resource.as_str());
        let belongs = |subject: &NamedNode| subject == resource || subject.as_str().starts_with(&fragment);
        if let Some(stray) = statements.iter().find(|statement| !belongs(&statement.subject)) {
            let (resource, subject) = (resource.clone(), stray.subject.clone());
            return Err(Error::OutsideDocument { resource, subject });
        }
        let ontology = self.snapshot.ontology();
        let after = self.whole_resource(resource)?.change();
        after.retain(|old| !belongs(&old.subject));
        after.extend(statements.iter().cloned().map(|own| ontology.normalized(own)));
        Ok(())
    }

    pub(in crate::graph) fn retire(&mut self, resource: &NamedNode) -> Result<(), Error> {
        let fragment = format!("{}#", resource.as_str());
        let after = self.whole_resource(resource)?.change();
        let size = after.len();
        after.retain(|old| old.subject != *resource && !old.subject.as_str().starts_with(&fragment));
        if after.len() == size { Err(Error::UnknownResource(resource.clone())) } else { Ok(()) }
    }

    /// Sets what a resource is to be.
    pub(crate) fn put(&mut self, root: &NamedNode, after: StatementSet) -> Result<(), Error> {
        *self.whole_resource(root)?.change() = after;
        Ok(())
    }

    /// Sets what a resource is to be, where it is known what it was.
    pub(crate) fn put_whole(&mut self, root: String, before: StatementSet, after: StatementSet) {
        self.edits.insert(root, ResourceEdit::new(before, after));
    }

    /// Returns the resource that a subject belongs to.
    pub(crate) fn whole_resource(&mut self, subject: &NamedNode) -> Result<&mut ResourceEdit, Error> {
        let root = root(subject);
        if !self.edits.contains_key(root.as_str()) {
            let before = StatementSet::from(self.snapshot.whole_resource(&root)?);
            let after = before.clone();
            self.edits.insert(root.as_str().to_owned(), ResourceEdit::new(before, after));
        }
        Ok(self.edits.get_mut(root.as_str()).expect("the resource was put in just now"))
    }

    /// Leaves out the resources that are as they were, and refuses IRIs that would not come back from their text.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        let snapshot = self.snapshot;
        let ontology = snapshot.ontology();
        self.edits.retain(|_, edit| {
            keep_spellings(edit, ontology);
            edit.is_changed()
        });
        self.edits.values_mut().for_each(confirmation::drop_with_links);
        let mut iris = self.added().flat_map(|statement| {
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

    /// Returns what would become of the resources after one, in IRI order, each described when it is read.
    pub(crate) fn differences(&self, after: Option<&NamedNode>) -> impl Iterator<Item = ResourceDiff> {
        let first = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.as_str()));
        let following = self.edits.range::<str, _>((first, Bound::Unbounded));
        let changed = following.filter(|(_, edit)| edit.is_changed());
        changed.map(|(root, edit)| ResourceDiff {
            resource: NamedNode::new_unchecked(root),
            difference: Difference::between(edit.before().len(), edit.after().len()),
            properties: PropertyDiff::gather(edit.differences(), self.snapshot.ontology()),
        })
    }

    /// Returns what would become of some resources, and of how many in all.
    pub(crate) fn diff_part(&self, range: &DiffRange) -> DiffPart {
        let mut following = self.differences(range.after.as_ref());
        DiffPart {
            resources: following.by_ref().take(range.limit).collect(),
            has_more: following.next().is_some(),
            total: self.edits.values().filter(|edit| edit.is_changed()).count(),
        }
    }

    /// Counts the statements that come or go.
    pub(crate) fn changed(&self) -> usize {
        self.edits.values().flat_map(ResourceEdit::differences).count()
    }

    /// Checks shapes, rules, links and who may write what; the result is what breaks.
    pub(crate) fn validate(&self, maker: Maker<'_>) -> Result<Vec<Violation>, Error> {
        self.refuse_dangling()?;
        let mut found = self.reserved(maker)?;
        found.extend(self.broken_rules()?);
        Ok(found)
    }

    /// Checks shapes and rules on all that the change can break.
    pub(crate) fn broken_rules(&self) -> Result<Vec<Violation>, Error> {
        crate::graph::model::failpoint::pass("validate");
        let (before, after) = (self.before(), self.overlay());
        let ontology = self.snapshot.ontology();
        let focus = ontology.focus(&before, &after, &self.changed_subjects())?;
        Ok(ontology.validate_change(&before, &after, &focus)?)
    }

    /// Checks everything under another ontology, as that can break what was not changed.
    pub(crate) fn broken_rules_of(&self, ontology: &Ontology) -> Result<Vec<Violation>, Error> {
        let overlay = self.overlay();
        let mut focus = instances_of_all(ontology, &overlay)?;
        focus.extend(self.changed_subjects());
        focus.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        focus.dedup();
        Ok(ontology.validate(Some(self.snapshot), &overlay, &focus)?)
    }

    /// Returns the snapshot as it would be.
    pub(crate) fn overlay(&self) -> Overlay<'_> {
        let before = self.edits.values().map(|edit| &**edit.before());
        let after = self.edits.values().map(|edit| &**edit.after());
        Overlay::new(self.snapshot, before, after)
    }

    /// Returns the snapshot as it is; what is known of it already is not read again.
    fn before(&self) -> Overlay<'_> {
        Overlay::new(self.snapshot, [], self.edits.values().map(|edit| &**edit.before()))
    }

    fn changed_subjects(&self) -> Vec<NamedNode> {
        let changed = self.edits.values().flat_map(ResourceEdit::differences);
        let mut subjects: Vec<_> = changed.map(|(statement, _)| &statement.subject).collect();
        subjects.sort_unstable();
        subjects.dedup();
        subjects.into_iter().cloned().collect()
    }

    /// Returns the statements that are new.
    pub(crate) fn added(&self) -> impl Iterator<Item = &Statement> {
        let differences = self.edits.values().flat_map(ResourceEdit::differences);
        differences.filter_map(|(statement, comes)| comes.then_some(statement))
    }

    /// Returns the subjects that lose all their statements.
    pub(crate) fn removed_subjects(&self) -> BTreeSet<NamedNode> {
        let mut removed = BTreeSet::new();
        for edit in self.edits.values() {
            let losing =
                edit.differences().filter(|(_, comes)| !comes).map(|(statement, _)| &statement.subject);
            removed.extend(losing.filter(|subject| !edit.after().describes(subject)).cloned());
        }
        removed
    }

    /// Refuses to let a subject vanish while others still link to it.
    pub(crate) fn refuse_dangling(&self) -> Result<(), Error> {
        match self.dangling()?.into_iter().next() {
            Some((resource, inbound)) => Err(self.linked(resource, inbound)?),
            None => Ok(()),
        }
    }

    /// Reports what cannot go while others link to it.
    pub(crate) fn linked(&self, resource: NamedNode, inbound: Vec<Statement>) -> Result<Error, Error> {
        let overlay = self.overlay();
        // What goes is named as it was.
        let name = Naming::new(self.snapshot, self.snapshot.base()).of(&resource)?;
        let mut naming = Naming::new(&overlay, self.snapshot.base());
        let mut linking: BTreeMap<NamedNode, &Statement> = BTreeMap::new();
        for link in &inbound {
            linking.entry(root(&link.subject)).or_insert(link);
        }
        let links = linking.iter().take(LINKING_SHOWN).map(|(resource, link)| {
            let field = self.field_name(&overlay, link)?;
            Ok(format!("{} links to it by {field}", naming.of(resource)?))
        });
        let mut shown = links.collect::<Result<Vec<_>, Error>>()?;
        let more = linking.len().saturating_sub(LINKING_SHOWN);
        shown.extend((more > 0).then(|| format!("and {more} more")));
        let reason = format!("{name} cannot be retired: {}; change or retire these first", shown.join(", "));
        Ok(Error::Linked { resource, inbound, reason })
    }

    /// Returns the name of a link's field in the class of its subject; that of the property where no class declares it.
    fn field_name(&self, overlay: &Overlay<'_>, link: &Statement) -> Result<String, Error> {
        let ontology = self.snapshot.ontology();
        let about = overlay.about(&link.subject)?;
        let classes = about.iter().filter(|statement| statement.predicate.as_ref() == rdf::TYPE);
        let mut classes = classes.filter_map(|statement| match &statement.object {
            Term::NamedNode(class) => ontology.class(class.as_ref()),
            _ => None,
        });
        let field = classes.find_map(|class| class.field_of(link.predicate.as_ref()));
        Ok(field.map_or_else(|| ontology.field_name(&link.predicate), |field| field.name.clone()))
    }

    /// Returns the subjects that vanish while others still link to them, with those links.
    pub(crate) fn dangling(&self) -> Result<Vec<(NamedNode, Vec<Statement>)>, Error> {
        let removed = self.removed_subjects();
        if removed.is_empty() {
            return Ok(Vec::new());
        }
        let overlay = self.overlay();
        let mut dangling = Vec::new();
        for subject in removed {
            let mut inbound = overlay.matching(None, None, Some(&Term::from(subject.clone())))?;
            inbound.retain(|link| root(&link.subject) != root(&subject));
            if !inbound.is_empty() {
                dangling.push((subject, inbound));
            }
        }
        Ok(dangling)
    }

    /// Returns the files that change, and the same for the index.
    pub(crate) fn files_and_deltas(&self, format: Format) -> (Files, Vec<DocumentDelta>) {
        (self.files(format), self.edits.values().cloned().map(ResourceEdit::into_delta).collect())
    }

    /// Returns the files that change in a tree of a format.
    pub(crate) fn files(&self, format: Format) -> Files {
        let mut files = Files::new();
        for (root, edit) in &self.edits {
            let old = documents(root, edit.before().iter());
            let new = documents(root, edit.after().iter());
            for resource in old.keys().filter(|resource| !new.contains_key(*resource)) {
                files.insert(document::path(&NamedNode::new_unchecked(*resource), format), None);
            }
            for (resource, statements) in &new {
                if old.get(resource) != Some(statements) {
                    let text = turtle::write(statements.iter().copied(), self.snapshot.base());
                    let path = document::path(&NamedNode::new_unchecked(*resource), format);
                    files.insert(path, Some(text.into_bytes()));
                }
            }
        }
        files
    }

    /// Returns what changes, for the index; nothing is in memory twice.
    pub(crate) fn into_deltas(self) -> Vec<DocumentDelta> {
        self.edits.into_values().map(ResourceEdit::into_delta).collect()
    }
}

fn parts(statements: &[Statement]) -> impl Iterator<Item = (&NamedNode, &NamedNode, &Term)> {
    statements.iter().map(|statement| (&statement.subject, &statement.predicate, &statement.object))
}

/// Returns the statement that a change adds.
fn added(change: &Change) -> Option<&Statement> {
    match change {
        Change::Add(statement) => Some(statement),
        _ => None,
    }
}

/// Returns everything that is an instance of one of the ontology's classes.
pub(crate) fn instances_of_all<D: Data<Error = Error>>(
    ontology: &Ontology,
    data: &D,
) -> Result<Vec<NamedNode>, Error> {
    let mut instances = Vec::new();
    for class in ontology.classes() {
        let typed = data.matching(None, Some(&rdf::TYPE.into_owned()), Some(&class.iri.clone().into()))?;
        instances.extend(typed.into_iter().map(|statement| statement.subject));
    }
    instances.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    instances.dedup();
    Ok(instances)
}

/// Splits a resource into its documents: one where the resource is described, else one for each fragment.
pub(in crate::graph) fn documents<'a>(
    root: &'a str,
    statements: impl Iterator<Item = &'a Statement> + Clone,
) -> BTreeMap<&'a str, Vec<&'a Statement>> {
    let mut documents: BTreeMap<&str, Vec<&Statement>> = BTreeMap::new();
    let is_described = statements.clone().any(|statement| statement.subject.as_str() == root);
    for statement in statements {
        let resource = if is_described { root } else { statement.subject.as_str() };
        documents.entry(resource).or_default().push(statement);
    }
    documents
}
