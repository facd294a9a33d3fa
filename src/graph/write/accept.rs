//! Taking in commits made elsewhere, with plain Git: checked as a whole first, as nothing else has checked them.
//!
//! Every file of every new commit is canonical and in its place ([`crate::graph::sync::tree_check`]); shapes, rules and links hold at each of
//! them, as each is a version from then on, for all that changed since what the thread knew. Only then a branch is made or moved on.

use super::commit::broken_by;
use super::once::Outcome;
use crate::graph::change::maker::Maker;
use crate::graph::change::transaction::Transaction;
use crate::graph::error::Error;
use crate::graph::git::store::History;
use crate::graph::model::commit::{Commit, CommitId};
use crate::graph::model::fault::Fault;
use crate::graph::model::ref_name::INCOMING;
use crate::graph::model::ref_name::{MAIN, branch_ref, is_vendors};
use crate::graph::model::request_key::RequestKey;
use crate::graph::read::snapshot::Snapshot;
use crate::graph::repository::Repository;
use crate::graph::repository::panics::caught;
use crate::graph::repository::writer::unlocked;
use crate::graph::sync::catch_up::{Missing, each_delta};
use crate::graph::sync::ontology_files::ontology_files;
use crate::graph::sync::tree_check::TreeCheck;
use crate::graph::text::document::path;
use crate::graph::text::format::Format;
use crate::model::statement::root;
use crate::ontology::Ontology;
use oxigraph::model::NamedNode;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// By how far the committer's clock may be faster than this one, in nanoseconds.
const CLOCK_SKEW: i64 = 600 * 1_000_000_000;

/// What is to be adopted.
#[derive(Clone, Debug, Default)]
pub struct AdoptRequest {
    /// `refs/incoming/NAME` or its NAME, any other ref, or a commit id.
    pub reference: String,
    /// The branch that is made or moved on; NAME where absent.
    pub branch: Option<String>,
}

/// What an adoption came to.
#[derive(Clone, Debug)]
pub struct Adopted {
    /// The branch.
    pub branch: String,
    /// Its head now.
    pub commit: Commit,
    /// How many commits were new to the thread.
    pub commits: usize,
}

impl Repository {
    /// Takes commits in that were made elsewhere, and makes a branch of them or moves one on. Where one of them is not
    /// fit, or the branch has diverged, nothing changes. Done once for a key.
    pub fn adopt(&self, request: &AdoptRequest, key: Option<&RequestKey>) -> Result<Adopted, Error> {
        let mut waiting = None;
        let outcome = self.once_counted(key, || {
            let (outcome, reference) = caught(|| self.adopt_validated(request))?;
            waiting = Some(reference);
            Ok::<_, Error>(outcome)
        })?;
        // Only now, with the key recorded: a repeated request finds one of the two.
        if let Some(reference) = waiting.filter(|reference| reference.starts_with(INCOMING)) {
            self.forget_incoming(&reference, outcome.commit.id);
        }
        let named = || request.reference.strip_prefix(INCOMING).unwrap_or(&request.reference).to_owned();
        let branch = request.branch.clone().unwrap_or_else(named);
        Ok(Adopted { branch, commit: outcome.commit, commits: outcome.commits })
    }

    fn forget_incoming(&self, reference: &str, id: CommitId) {
        let deleted = self.writer().map(|writer| unlocked(|| writer.history.delete_ref(reference, id)));
        if let Err(error) = deleted.and_then(|deleted| Ok(deleted?)) {
            tracing::warn!(%error, reference, "what was adopted still waits to be adopted; delete the ref");
        }
    }

    /// Adopts; returns what it came to, and the ref that was adopted.
    fn adopt_validated(&self, request: &AdoptRequest) -> Result<(Outcome, String), Error> {
        let mut writer = self.writer()?;
        let history = &writer.history;
        let found = history.find(&request.reference)?;
        let (reference, id) = found.ok_or_else(|| Error::UnknownRef(request.reference.clone()))?;
        let named = reference.strip_prefix(INCOMING).map(str::to_owned);
        let refuse = |reason: String| Error::Unadoptable { reference: request.reference.clone(), reason };
        let branch = request.branch.clone().or(named);
        let branch = branch.ok_or_else(|| refuse("name the branch that takes it".to_owned()))?;
        if is_vendors(&branch) {
            return Err(Error::VendorBranch(branch));
        }
        if branch == MAIN {
            // Commits keep the time at which they were made, and what an instant of main refers to never changes.
            let reason =
                "main takes no commits of an earlier time: adopt it as another branch, and merge that";
            return Err(refuse(reason.to_owned()));
        }
        let head_ref = branch_ref(&branch);
        let head = self.index.tables()?.reference(&head_ref)?;
        match head {
            Some(head) if history.merge_bases(head, id)? != [head] => {
                let reason = format!("{branch} has diverged: adopt it as another branch, and merge that");
                return Err(refuse(reason));
            }
            Some(_) => {}
            None => self.refuse_name("branch", &branch, &head_ref)?,
        }
        let commits = self.check_foreign(history, id, &refuse)?;
        if head != Some(id) {
            writer.written(History::sync_foreign)?;
            let Some(moved) = self.move_branch(&mut writer, &branch, id, head)? else {
                self.catch_up_with(&writer)?;
                return Err(refuse(format!("{branch} has moved meanwhile: try again")));
            };
            self.acknowledge([moved], self.catch_up_with(&writer));
        }
        drop(writer);
        Ok((Outcome { commit: self.snapshot_at(id)?.commit().clone(), commits }, reference))
    }

    /// Checks the commits that the thread does not know; returns how many they are.
    fn check_foreign(
        &self,
        history: &History,
        head: CommitId,
        refuse: &dyn Fn(String) -> Error,
    ) -> Result<usize, Error> {
        let tables = self.index.tables()?;
        let refs = BTreeMap::from([(String::new(), head)]);
        let missing = Missing::of(history, &refs, |id| Ok(tables.commit(id)?.is_some()))?;
        let order = missing.oldest_first(&refs);
        let latest = self.clock.now().plus_nanos(CLOCK_SKEW);
        for id in &order {
            let link = &missing.commits[id];
            if link.parents.is_empty() {
                return Err(refuse(format!("commit {id} has no parent, so it is not made on this thread")));
            }
            if link.parents.len() > 2 {
                return Err(refuse(format!("commit {id} merges more than two branches at once")));
            }
            if link.time > latest {
                return Err(refuse(format!("commit {id} is dated {}, which is yet to come", link.time)));
            }
        }
        let Some(known) = missing.known.iter().next().filter(|_| !order.is_empty()) else { return Ok(0) };
        self.check_files(history, *known, &missing, &order)?;
        // The commits of the thread that each commit is based on.
        let mut known_of: HashMap<CommitId, BTreeSet<CommitId>> = HashMap::new();
        for id in &order {
            let mut known = BTreeSet::new();
            for parent in &missing.commits[id].parents {
                match known_of.get(parent) {
                    Some(behind) => known.extend(behind),
                    None => _ = known.insert(*parent),
                }
            }
            let bases = self.newest(history, &known)?;
            for (at, base) in bases.iter().enumerate() {
                let others: Vec<Snapshot> = bases
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != at)
                    .map(|(_, base)| base.clone())
                    .collect();
                check_change(history, base, &others, *id).map_err(|error| of_commit(history, error, *id))?;
            }
            known_of.insert(*id, known);
        }
        Ok(order.len())
    }

    /// Returns versions without those that are behind another of them.
    fn newest(&self, history: &History, known: &BTreeSet<CommitId>) -> Result<Vec<Snapshot>, Error> {
        let known = known.iter().map(|id| self.snapshot_at(*id));
        let mut known = known.collect::<Result<Vec<_>, _>>()?;
        known.sort_by_key(|base| std::cmp::Reverse(base.0.placed.number));
        let mut newest: Vec<Snapshot> = Vec::new();
        for base in known {
            let id = base.commit().id;
            let mut is_behind = false;
            for other in &newest {
                is_behind |= history.merge_bases(id, other.commit().id)? == [id];
            }
            if !is_behind {
                newest.push(base);
            }
        }
        Ok(newest)
    }

    fn check_files(
        &self,
        history: &History,
        known: CommitId,
        missing: &Missing,
        order: &[CommitId],
    ) -> Result<(), Error> {
        let mut tree_check = TreeCheck::new(history, self.base(), known)?;
        // The commit of the thread that each commit's line of first parents is based on.
        let mut base_of: HashMap<CommitId, CommitId> = HashMap::new();
        let mut bases: HashMap<CommitId, Snapshot> = HashMap::new();
        let mut faults = Vec::new();
        for id in order {
            let parent = missing.commits[id].parents[0];
            let base = base_of.get(&parent).copied().unwrap_or(parent);
            base_of.insert(*id, base);
            let base: &Snapshot = match bases.entry(base) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(self.snapshot_at(base)?),
            };
            let before = |of: &NamedNode| {
                let subjects = base.whole_resource(of)?.into_iter().map(|statement| statement.subject);
                Ok(subjects.collect())
            };
            faults.extend(tree_check.faults(*id, false, &before)?);
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Faults(faults)) }
    }
}

/// Names the commit and file whose shapes, rules or links do not hold.
fn of_commit(history: &History, error: Error, commit: CommitId) -> Error {
    let format = history.format(commit).unwrap_or(Format::NEWEST);
    let fault = |of: &NamedNode, reason: String| Fault { commit, file: path(&root(of), format), reason };
    match error {
        Error::Violations(found) => {
            Error::Faults(found.iter().map(|found| fault(&found.resource, found.to_string())).collect())
        }
        Error::Linked { ref resource, .. } => Error::Faults(vec![fault(resource, error.to_string())]),
        error => error,
    }
}

/// Checks shapes, rules and links on all that changed between a version of the thread and a new commit; where the
/// ontology changed, on everything, but for what was broken before.
///
/// What is reserved to use cases may come from `others` alone, the other versions of the thread that the commit merges.
fn check_change(
    history: &History,
    base: &Snapshot,
    others: &[Snapshot],
    commit: CommitId,
) -> Result<(), Error> {
    let mut change = Transaction::new(base);
    each_delta(history, Some(base.commit().id), commit, &mut |delta| {
        let Some(first) = delta.before.first().or(delta.after.first()) else { return Ok(()) };
        let after = change.whole_resource(&first.subject)?.change();
        for removed in &delta.before {
            after.remove(removed);
        }
        after.extend(delta.after);
        Ok(())
    })?;
    change.refuse_malformed_additions()?;
    change.settle()?;
    change.refuse_dangling()?;
    let recorded = history.commit(commit)?;
    let mut violations = change.reserved(Maker::merge(others))?;
    violations.extend(if recorded.ontology == base.0.placed.ontology {
        change.broken_rules()?
    } else {
        let files = ontology_files(history, recorded.ontology)?;
        let ontology = Ontology::read(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
        let mut found = change.broken_rules_of(&ontology)?;
        if !found.is_empty() {
            let before = broken_by(base.ontology(), base)?;
            found.retain(|violation| !before.contains(violation));
        }
        found
    });
    change.refuse(violations)
}
