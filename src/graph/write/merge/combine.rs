//! What two lines of history come to together, before anything is written.

use crate::graph::change::decisions::Decisions;
use crate::graph::change::maker::Maker;
use crate::graph::change::resource_merge::{Sides, merge};
use crate::graph::change::transaction::Transaction;
use crate::graph::error::{Divergence, Error};
use crate::graph::git::values::Files;
use crate::graph::model::commit::CommitId;
use crate::graph::model::confirmation;
use crate::graph::model::conflict::{Conflict, Resolution};
use crate::graph::model::delta::DocumentDelta;
use crate::graph::model::statement_set::StatementSet;
use crate::graph::read::snapshot::Snapshot;
use crate::graph::repository::Repository;
use crate::graph::write::commit::broken_by;
use crate::model::statement::change::Change;
use crate::model::statement::{Statement, root};
use crate::ontology::{FROZEN, Ontology, REVIEW, Violation, is_review_open};
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// How many subjects that were touched on the branch are looked through, to read only what both sides changed there; or two
/// for each resource that the other side changed.
const TOUCHED_HERE_MAX: usize = if cfg!(test) { 4 } else { 256 };

/// The branch as it would be after a merge.
pub(crate) struct Combined<'a> {
    pub(super) merged: Transaction<'a>,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) ontology_files: Files,
    /// The ontology that the result has, where it is not the branch's own.
    ontology: Option<Ontology>,
    /// The resources that both sides changed.
    shared: BTreeSet<String>,
}

/// One resource on the other side: as each base has it, and as it is now.
struct TheirResource {
    bases: Vec<StatementSet>,
    now: StatementSet,
}

impl Repository {
    /// Takes what `theirs` changed since the bases into `ours`.
    pub(super) fn combine<'a>(
        &self,
        bases: &[Snapshot],
        ours: &'a Snapshot,
        theirs: &Snapshot,
        resolutions: &[Resolution],
    ) -> Result<Combined<'a>, Error> {
        let mut decisions = Decisions::new(resolutions, ours.ontology())?;
        let (ontology, ontology_files) = self.combined_ontology(bases, ours, theirs)?;
        let rules = ontology.as_ref().unwrap_or_else(|| ours.ontology());
        let mut merged = Transaction::new(ours);
        let (mut conflicts, mut shared) = (Vec::new(), BTreeSet::new());
        let edits = self.their_resources(bases, theirs)?;
        let changed_here = match bases {
            [base] if decisions.is_empty() => {
                self.touched(base, ours, TOUCHED_HERE_MAX.max(2 * edits.len()))?
            }
            _ => None,
        };
        for (root, TheirResource { mut bases, now }) in edits {
            if changed_here.as_ref().is_some_and(|changed| !changed.contains(&root)) {
                // Only the other side differs from the base.
                merged.put_whole(root, bases.pop().unwrap_or_default(), without_unlinked(now));
                continue;
            }
            let before = StatementSet::from(ours.whole_resource(&NamedNode::new_unchecked(&root))?);
            let sides = Sides { bases, ours: before.clone(), theirs: now };
            if sides.bases.iter().any(|base| *base != sides.ours) {
                shared.insert(root.clone());
            }
            let (after, more) = merge(&sides, rules, &mut decisions);
            conflicts.extend(more);
            merged.put_whole(root, before, without_unlinked(after));
        }
        merged.settle()?;
        let side = crate::graph::change::links::Theirs::version(theirs);
        crate::graph::change::links::settle(&mut merged, &side, bases, &mut decisions, &mut conflicts)?;
        decisions.all_used()?;
        for conflict in &mut conflicts {
            conflict.ours_commit = ours.last_change(&conflict.subject, conflict.predicate.as_ref())?;
            conflict.theirs_commit = theirs.last_change(&conflict.subject, conflict.predicate.as_ref())?;
        }
        Ok(Combined { merged, conflicts, ontology_files, ontology, shared })
    }

    /// Returns every resource that the other side changed since one of the bases.
    fn their_resources(
        &self,
        bases: &[Snapshot],
        theirs: &Snapshot,
    ) -> Result<BTreeMap<String, TheirResource>, Error> {
        let to = theirs.commit().id;
        if let [base] = bases {
            let mut changed = BTreeMap::new();
            self.each_delta(base.commit().id, to, &mut |delta| {
                let (root, resource) = only_base(delta, base, theirs)?;
                changed.insert(root, resource);
                Ok(())
            })?;
            return Ok(changed);
        }
        let mut roots = BTreeSet::new();
        for base in bases {
            self.each_delta(base.commit().id, to, &mut |delta| {
                roots.extend(root_of(&delta));
                Ok(())
            })?;
        }
        let whole_resource = |of: &Snapshot, root: &str| -> Result<StatementSet, Error> {
            Ok(of.whole_resource(&NamedNode::new_unchecked(root))?.into())
        };
        roots
            .into_iter()
            .map(|root| {
                let now = whole_resource(theirs, &root)?;
                let bases = bases.iter().map(|base| whole_resource(base, &root)).collect::<Result<_, _>>()?;
                Ok((root, TheirResource { bases, now }))
            })
            .collect()
    }
}

/// Leaves out the confirmations of links that are not there.
fn without_unlinked(mut statements: StatementSet) -> StatementSet {
    confirmation::drop_without_links(&mut statements);
    statements
}

/// Takes a resource from what differs between the base and the other side.
fn only_base(
    delta: DocumentDelta,
    base: &Snapshot,
    theirs: &Snapshot,
) -> Result<(String, TheirResource), Error> {
    let root = root_of(&delta).unwrap_or_default();
    let is_described = |side: &[Statement]| side.iter().any(|statement| statement.subject.as_str() == root);
    // Fragments of a resource that nobody describes are in files of their own, of which only some may differ.
    let (before, now) = if is_described(&delta.before) || is_described(&delta.after) {
        (delta.before, delta.after)
    } else {
        let resource = NamedNode::new_unchecked(&root);
        (base.whole_resource(&resource)?, theirs.whole_resource(&resource)?)
    };
    Ok((
        root,
        TheirResource { bases: vec![StatementSet::of_sorted(before)], now: StatementSet::of_sorted(now) },
    ))
}

fn root_of(delta: &DocumentDelta) -> Option<String> {
    let first = delta.before.first().or(delta.after.first())?;
    Some(root(&first.subject).into_string())
}

impl Combined<'_> {
    /// Returns whether nothing would change.
    pub(super) fn is_empty(&self) -> bool {
        self.merged.edits.is_empty() && self.ontology_files.is_empty()
    }

    /// Refuses what conflicts and was not decided.
    pub(super) fn refuse_conflicts(&self, base: &Snapshot) -> Result<(), Error> {
        if self.conflicts.is_empty() {
            return Ok(());
        }
        let (expected, head): (CommitId, _) = (base.commit().id, self.merged.snapshot.commit().id);
        Err(Error::Conflict(Box::new(Divergence { expected, head, conflicts: self.conflicts.clone() })))
    }

    /// Applies what else the commit changes.
    pub(super) fn change(&mut self, changes: &[Change]) -> Result<(), Error> {
        self.merged.apply_all(changes)?;
        self.merged.settle()
    }

    /// Returns what the result breaks under another ontology, without what the branch breaks already.
    fn newly_broken(&self, ontology: &Ontology) -> Result<Vec<Violation>, Error> {
        let mut found = self.merged.broken_rules_of(ontology)?;
        if !found.is_empty() {
            let ours = self.merged.snapshot;
            let before = broken_by(ours.ontology(), ours)?;
            found.retain(|violation| !before.contains(violation));
        }
        Ok(found)
    }

    /// Returns the shapes and rules that the result breaks, compared with either side: the branch, which everything that
    /// changes on it is checked against, and the other side, whose released content is frozen too, as what it has signed is.
    ///
    /// What is reserved to use cases may be taken over from `sides` alone.
    pub(super) fn violations(&self, theirs: &Snapshot, sides: &[Snapshot]) -> Result<Vec<Violation>, Error> {
        let mut violations = self.merged.reserved(Maker::merge(sides))?;
        violations.extend(match &self.ontology {
            Some(ontology) => self.newly_broken(ontology)?,
            None => self.merged.broken_rules()?,
        });
        let mut against_theirs = Transaction::new(theirs);
        for root in &self.shared {
            let resource = NamedNode::new_unchecked(root);
            let after = match self.merged.edits.get(root) {
                Some(edit) => edit.after().clone(),
                // It stays as the branch has it, which may not be as the other side released it.
                None => self.merged.snapshot.whole_resource(&resource)?.into(),
            };
            against_theirs.put(&resource, after)?;
        }
        against_theirs.settle()?;
        let known: BTreeSet<String> = violations.iter().map(ToString::to_string).collect();
        for found in against_theirs.broken_rules()? {
            if !known.contains(&found.to_string()) && self.binds(&found)? {
                violations.push(found);
            }
        }
        Ok(violations)
    }

    /// Returns whether what the result breaks against the other side prevents the merge. A review that is signed
    /// on the branch too stays as the branch signed it: else no merge of the two could be made.
    fn binds(&self, found: &Violation) -> Result<bool, Error> {
        match found.rule.as_str() {
            FROZEN => Ok(true),
            REVIEW => Ok(is_review_open(&self.merged.snapshot.statements(&found.resource)?)),
            _ => Ok(false),
        }
    }
}
