//! Three-way merging of the statements of one resource, on (subject, predicate): never two silent values.
//!
//! Where two lines of history have several best common ancestors, each of them is tried as the base: what comes out the
//! same for all of them is merged, the rest conflicts.

use super::decisions::Decisions;
use crate::graph::model::conflict::{Conflict, ConflictKind, Take};
use crate::graph::model::spelling::spelled_as;
use crate::graph::model::statement_set::StatementSet;
use crate::model::statement::{Statement, root};
use crate::ontology::Ontology;
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet};

/// One resource as the common ancestors have it, and as both sides have it.
#[derive(Clone)]
pub(crate) struct Sides {
    pub(crate) bases: Vec<StatementSet>,
    pub(crate) ours: StatementSet,
    pub(crate) theirs: StatementSet,
}

/// Merges what `theirs` changed since the bases into `ours`. The same change on both sides is no conflict; a many-valued
/// property takes what either side added and drops what either removed; one value against another is a conflict, as is a
/// subject that one side retired and the other changed. A conflict that is decided merges as it was decided.
pub(crate) fn merge(
    sides: &Sides,
    ontology: &Ontology,
    decisions: &mut Decisions<'_>,
) -> (StatementSet, Vec<Conflict>) {
    let sides = &sides.in_one_spelling(ontology);
    if decisions.is_empty() {
        if sides.ours == sides.theirs || sides.bases.iter().all(|base| *base == sides.ours) {
            return (sides.theirs.clone(), Vec::new());
        }
        if sides.bases.iter().all(|base| *base == sides.theirs) {
            return (sides.ours.clone(), Vec::new());
        }
    }
    let mut merge = Merge { sides, ontology, decisions, merged: Vec::new(), conflicts: Vec::new() };
    merge.whole_resource();
    (merge.merged.into(), merge.conflicts)
}

impl Sides {
    /// Returns the part that is about one subject.
    fn about(&self, subject: &NamedNode) -> Self {
        let part = |side: &StatementSet| {
            let part = side.about(subject).to_vec();
            #[cfg(test)]
            tests::copied::add(part.len());
            StatementSet::of_sorted(part)
        };
        Self {
            bases: self.bases.iter().map(part).collect(),
            ours: part(&self.ours),
            theirs: part(&self.theirs),
        }
    }

    /// Spells the values of all sides as ours does, so that they are compared by value.
    fn in_one_spelling(&self, ontology: &Ontology) -> Self {
        let theirs = spelled_as(&self.theirs, &self.ours, ontology);
        let base = |base| spelled_as(&spelled_as(base, &self.ours, ontology), &theirs, ontology);
        Self { bases: self.bases.iter().map(base).collect(), ours: self.ours.clone(), theirs }
    }
}

struct Merge<'a, 'b> {
    sides: &'a Sides,
    ontology: &'a Ontology,
    decisions: &'a mut Decisions<'b>,
    merged: Vec<Statement>,
    conflicts: Vec<Conflict>,
}

impl Merge<'_, '_> {
    fn whole_resource(&mut self) {
        let all = self.sides.bases.iter().chain([&self.sides.ours, &self.sides.theirs]);
        let subjects: BTreeSet<NamedNode> =
            all.flat_map(|side| side.iter()).map(|statement| statement.subject.clone()).collect();
        // A resource goes with its fragments: retired as a whole, it conflicts with any change of them.
        let Some(resource) = subjects.iter().next().map(root) else { return };
        let whole = self.sides.clone();
        if self.subject(&resource, &whole) {
            return;
        }
        for subject in &subjects {
            let part = self.sides.about(subject);
            if !self.subject(subject, &part) {
                self.properties(subject, &part);
            }
        }
    }

    /// Settles a subject as a whole, with the part of the sides that goes with it: as it was decided, or because one side
    /// retired it while the other changed it. Returns whether that was so.
    fn subject(&mut self, subject: &NamedNode, Sides { bases, ours, theirs }: &Sides) -> bool {
        if let Some(take) = self.decisions.on(subject, None) {
            self.merged.extend_from_slice(if take == Take::Ours { ours } else { theirs });
            return true;
        }
        let Some(base) = retired(subject, bases, ours, theirs) else { return false };
        self.conflicts.push(Conflict {
            base: objects(base),
            ours: objects(ours),
            theirs: objects(theirs),
            ..Conflict::new(ConflictKind::RetiredAndChanged, subject.clone(), None)
        });
        // What is not decided stays as it is here, so that the rest can be checked.
        self.merged.extend_from_slice(ours);
        true
    }

    fn properties(&mut self, subject: &NamedNode, part: &Sides) {
        let (ours, theirs) = (properties(&part.ours), properties(&part.theirs));
        let bases: Vec<_> = part.bases.iter().map(properties).collect();
        let predicates: BTreeSet<NamedNode> =
            bases.iter().chain([&ours, &theirs]).flat_map(BTreeMap::keys).cloned().collect();
        for predicate in predicates {
            let values =
                |side: &BTreeMap<NamedNode, StatementSet>| side.get(&predicate).cloned().unwrap_or_default();
            let (here, there) = (values(&ours), values(&theirs));
            let bases: Vec<StatementSet> = bases.iter().map(values).collect();
            let decided = self.decisions.on(subject, Some(&predicate));
            let many = is_many_valued(self.ontology, &predicate);
            match (decided, unanimous(&bases, &here, &there, many)) {
                (Some(Take::Ours), _) => self.merged.extend_from_slice(&here),
                (Some(Take::Theirs), _) => self.merged.extend_from_slice(&there),
                (Some(Take::Values(values)), _) => {
                    let statement = |value| Statement::new(subject.clone(), predicate.clone(), value);
                    self.merged.extend(values.into_iter().map(statement));
                }
                (None, Some(merged)) => self.merged.extend_from_slice(&merged),
                (None, None) => {
                    self.conflicts.push(Conflict {
                        base: bases.first().map(objects).unwrap_or_default(),
                        ours: objects(&here),
                        theirs: objects(&there),
                        ..Conflict::new(ConflictKind::BothChanged, subject.clone(), Some(predicate))
                    });
                    self.merged.extend_from_slice(&here);
                }
            }
        }
    }
}

/// Finds a base whose subject one side retired while the other changed it.
fn retired<'a>(
    subject: &NamedNode,
    bases: &'a [StatementSet],
    ours: &StatementSet,
    theirs: &StatementSet,
) -> Option<&'a StatementSet> {
    let is_there = |side: &StatementSet| side.describes(subject);
    let left = match (is_there(ours), is_there(theirs)) {
        (true, false) => ours,
        (false, true) => theirs,
        _ => return None,
    };
    bases.iter().find(|base| is_there(base) && *base != left)
}

/// Merges the values of one property, where all bases come to the same; `None` is a conflict.
fn unanimous(
    bases: &[StatementSet],
    ours: &StatementSet,
    theirs: &StatementSet,
    many: bool,
) -> Option<StatementSet> {
    let mut merged = bases.iter().map(|base| three_way(base, ours, theirs, many));
    let first = merged.next().unwrap_or_else(|| (ours == theirs).then(|| ours.clone()))?;
    merged.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

fn three_way(
    base: &StatementSet,
    ours: &StatementSet,
    theirs: &StatementSet,
    many: bool,
) -> Option<StatementSet> {
    if ours == theirs || theirs == base {
        return Some(ours.clone());
    }
    if ours == base {
        return Some(theirs.clone());
    }
    let kept = |value: &&Statement| !base.contains(value) || (ours.contains(value) && theirs.contains(value));
    many.then(|| ours.iter().chain(theirs.iter()).filter(kept).cloned().collect())
}

fn is_many_valued(ontology: &Ontology, predicate: &NamedNode) -> bool {
    ontology.property(predicate.as_ref()).is_some_and(|property| !property.single_valued)
}

/// Returns the statements about one subject by property.
fn properties(about: &StatementSet) -> BTreeMap<NamedNode, StatementSet> {
    let by_predicate = about.chunk_by(|a, b| a.predicate == b.predicate);
    by_predicate.map(|values| (values[0].predicate.clone(), values.to_vec().into())).collect()
}

fn objects(statements: &StatementSet) -> Vec<Term> {
    statements.iter().map(|statement| statement.object.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::model::Literal;

    /// Counts the statements that a thread copies.
    pub(super) mod copied {
        use std::cell::Cell;

        thread_local!(static COPIED: Cell<usize> = const { Cell::new(0) });

        pub(in crate::graph::change::resource_merge) fn add(count: usize) {
            COPIED.set(COPIED.get() + count);
        }

        pub(super) fn take() -> usize {
            COPIED.take()
        }
    }

    /// A resource with so many fragments, of which one has another value.
    fn side(fragments: i64, changed: i64) -> StatementSet {
        let iri = |text: String| NamedNode::new_unchecked(text);
        let value = |n| if n == changed { -1 } else { n };
        (0..fragments)
            .map(|n| {
                let subject = iri(format!("https://a/1#{n}"));
                Statement::new(subject, iri("https://a/p".to_owned()), Literal::from(value(n)))
            })
            .collect()
    }

    #[test]
    fn each_statement_is_copied_once_a_side() {
        let ontology = Ontology::shipped().expect("an ontology");
        for fragments in [10, 1_000] {
            let sides = Sides {
                bases: vec![side(fragments, -1)],
                ours: side(fragments, 2),
                theirs: side(fragments, 5),
            };
            copied::take();
            let (merged, conflicts) = merge(&sides, &ontology, &mut Decisions::none());
            assert_eq!((merged.len(), conflicts.len()), (sides.ours.len(), 0));
            let changed = merged.iter().filter(|statement| statement.object == Literal::from(-1).into());
            assert_eq!(changed.count(), 2);
            assert_eq!(copied::take(), 3 * sides.ours.len());
        }
    }
}
