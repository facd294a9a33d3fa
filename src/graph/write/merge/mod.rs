//! Merging two lines of history, and undoing a commit: both are three-way on (subject, predicate), and neither ever
//! leaves two silent values. What conflicts is a value ([`Conflict`]); what a person decides of it ([`Resolution`]) is part of
//! the commit.

mod combine;

#[cfg(test)]
mod tests;

use crate::graph::change::links::Theirs;
use crate::graph::model::conflict::{Conflict, Resolution};
pub(crate) use combine::Combined;

use super::bulk::{PREPARED_MIN, Publication};
use super::commit::{Committed, refuse_present};
use crate::graph::change::diff::{DiffPart, DiffRange, ResourceDiff};
use crate::graph::error::{Divergence, Error};
use crate::graph::index;
use crate::graph::model::commit::{Author, Commit, CommitId, check_message};
use crate::graph::model::draft::Draft;
use crate::graph::model::ref_name::is_vendor;
use crate::graph::model::request_key::RequestKey;
use crate::graph::read::snapshot::Snapshot;
use crate::graph::repository::Repository;
use crate::graph::repository::panics::caught;
use crate::graph::repository::writer::Writer;
use crate::model::statement::change::Change;
use crate::model::sync::cancellation::Cancellation;
use crate::ontology::Violation;
use oxigraph::model::NamedNode;

/// What a merge is asked for.
#[derive(Clone, Debug, Default)]
pub struct MergeRequest {
    /// The version whose changes are taken in, by any of its names.
    pub source: String,
    /// The branch that takes them.
    pub into: String,
    /// The merge commit's message; which was merged into which where absent.
    pub message: Option<String>,
    /// Who merges.
    pub author: Author,
    /// What is decided of the conflicts, and of anything else that the merge touches.
    pub resolutions: Vec<Resolution>,
    /// What else the merge commit changes, after the resolutions: what mends a rule that the merged result breaks.
    pub changes: Vec<Change>,
    /// The head that the preview was made against; where the branch has moved since, the merge is refused.
    pub expected_head: Option<CommitId>,
    /// Until when it is wanted: it is given up where that ends before anything of it is written.
    pub wanted: Cancellation,
    /// A name for this merge: the same key again answers with the same commit.
    pub idempotency_key: Option<RequestKey>,
}

impl MergeRequest {
    /// Makes the source one commit, whatever its name comes to mean meanwhile; the message still has the name.
    #[must_use]
    pub fn of_commit(self, source: CommitId) -> Self {
        Self { message: Some(self.message()), source: source.to_string(), ..self }
    }

    fn message(&self) -> String {
        self.message.clone().unwrap_or_else(|| format!("Merge {} into {}", self.source, self.into))
    }
}

/// What a revert is asked for.
#[derive(Clone, Debug, Default)]
pub struct RevertRequest {
    /// The commit to undo, by any of its names; of a merge, what it brought to its first parent is undone.
    pub commit: String,
    /// The branch that takes the commit which undoes it.
    pub branch: String,
    /// That commit's message.
    pub message: Option<String>,
    /// Who reverts.
    pub author: Author,
    /// What is decided where later work has changed the same things.
    pub resolutions: Vec<Resolution>,
    /// Until when it is wanted: it is given up where that ends before anything of it is written.
    pub wanted: Cancellation,
    /// A name for this revert: the same key again answers with the same commit.
    pub idempotency_key: Option<RequestKey>,
}

/// What a merge would come to; nothing is written.
#[derive(Clone, Debug)]
pub struct MergePreview {
    /// The head of the branch that would take the merge.
    pub into: Commit,
    /// The version whose changes would be taken in.
    pub source: Commit,
    /// The best common ancestors.
    pub bases: Vec<Commit>,
    /// Whether the branch has all of the source already.
    pub merged_already: bool,
    /// The conflicts of both sides, in the order of resources.
    pub conflicts: Vec<Conflict>,
    /// Which shapes and rules the result would break, with the conflicts left as the branch has them.
    pub violations: Vec<Violation>,
    /// What the merge would change on the branch: the first resources, and how many all are;
    /// [`Repository::each_merge_change`] reads the others.
    pub diff: DiffPart,
}

impl MergePreview {
    /// Returns whether the merge would be made as it is.
    pub fn is_clean(&self) -> bool {
        self.conflicts.is_empty() && self.violations.is_empty()
    }
}

impl Repository {
    /// Returns what a merge would come to, with these resolutions.
    pub fn merge_preview(
        &self,
        source: &str,
        into: &str,
        resolutions: &[Resolution],
        wanted: &Cancellation,
    ) -> Result<MergePreview, Error> {
        let ours = self.head(into)?.while_wanted(wanted);
        let theirs = self.snapshot(source)?.while_wanted(wanted);
        let bases = self.merge_bases(&ours, &theirs)?;
        let combined = self.combine(&bases, &ours, &theirs, resolutions)?;
        wanted.check().map_err(index::Error::from)?;
        let id = theirs.commit().id;
        Ok(MergePreview {
            into: ours.commit().clone(),
            source: theirs.commit().clone(),
            merged_already: bases.iter().any(|base| base.commit().id == id),
            bases: bases.iter().map(|base| base.commit().clone()).collect(),
            violations: combined
                .merged
                .named(combined.violations(&theirs, std::slice::from_ref(&theirs))?)?,
            diff: combined.merged.diff_part(&DiffRange::default()),
            conflicts: combined.conflicts,
        })
    }

    /// Calls `each` with what a merge would change on the branch, the resources after one in IRI order, until it returns `false`. The
    /// versions are the heads of a preview.
    pub fn each_merge_change<E: From<Error>>(
        &self,
        (source, into): (CommitId, CommitId),
        resolutions: &[Resolution],
        after: Option<&NamedNode>,
        wanted: &Cancellation,
        mut each: impl FnMut(ResourceDiff) -> Result<bool, E>,
    ) -> Result<(), E> {
        let ours = self.snapshot_at(into)?.while_wanted(wanted);
        let theirs = self.snapshot_at(source)?.while_wanted(wanted);
        let bases = self.merge_bases(&ours, &theirs)?;
        let combined = self.combine(&bases, &ours, &theirs, resolutions)?;
        for diff in combined.merged.differences(after) {
            wanted.check().map_err(|why| Error::Index(index::Error::from(why)))?;
            if !each(diff)? {
                break;
            }
        }
        Ok(())
    }

    /// Merges a version into a branch. What conflicts and is not decided is refused as a conflict, what the result breaks as
    /// violations; then nothing has changed. What the branch has already makes no commit; everything else makes a merge
    /// commit, so that the first parents of a branch stay its own.
    pub fn merge(&self, request: &MergeRequest) -> Result<Committed, Error> {
        caught(|| self.merge_validated(request))
    }

    fn merge_validated(&self, request: &MergeRequest) -> Result<Committed, Error> {
        request.message.as_deref().map_or(Ok(()), check_message)?;
        let mut writer = self.writer()?;
        // Its client may have left while others wrote.
        request.wanted.check_only().map_err(index::Error::from)?;
        if let Some(made) = self.made_under(request.idempotency_key.as_ref(), &request.into)? {
            return Ok(made);
        }
        let wanted = &request.wanted;
        let ours = self.head_expected(&request.into, request.expected_head)?.while_wanted(wanted);
        let theirs = self.snapshot(&request.source)?.while_wanted(wanted);
        let bases = self.merge_bases(&ours, &theirs)?;
        let id = theirs.commit().id;
        if bases.iter().any(|base| base.commit().id == id) {
            return Ok(Committed::nothing(&ours));
        }
        let mut combined = self.combine(&bases, &ours, &theirs, &request.resolutions)?;
        combined.refuse_conflicts(&bases[0])?;
        combined.change(&request.changes)?;
        let draft = Draft {
            parents: vec![ours.commit().id, id],
            author: request.author.clone(),
            time: ours.next_instant(&*self.clock).max(theirs.next_instant(&*self.clock)),
            message: request.message(),
            loaded: None,
            idempotency_key: request.idempotency_key.clone(),
        };
        let sides = std::slice::from_ref(&theirs);
        self.publish_combined(&mut writer, &request.into, combined, (&theirs, sides), &draft)
    }

    /// Makes a commit that undoes another one and keeps what came after it. What later commits changed in the same
    /// places conflicts, as in a merge.
    pub fn revert(&self, request: &RevertRequest) -> Result<Committed, Error> {
        caught(|| self.revert_validated(request))
    }

    fn revert_validated(&self, request: &RevertRequest) -> Result<Committed, Error> {
        request.message.as_deref().map_or(Ok(()), check_message)?;
        let mut writer = self.writer()?;
        // Its client may have left while others wrote.
        request.wanted.check_only().map_err(index::Error::from)?;
        if let Some(made) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            return Ok(made);
        }
        let wanted = &request.wanted;
        let ours = self.head_expected(&request.branch, None)?.while_wanted(wanted);
        let undone = self.snapshot(&request.commit)?.while_wanted(wanted);
        let id = undone.commit().id;
        if self.read().merge_bases(id, ours.commit().id)? != [id] {
            return Err(Error::NotBehind { commit: id, branch: request.branch.clone() });
        }
        let Some(&parent) = undone.commit().parents.first() else { return Err(Error::FirstCommit) };
        let before = self.snapshot_at(parent)?.while_wanted(wanted);
        let combined = self.combine(std::slice::from_ref(&undone), &ours, &before, &request.resolutions)?;
        combined.refuse_conflicts(&undone)?;
        if combined.is_empty() {
            return Ok(Committed::nothing(&ours));
        }
        let subject = undone.commit().message.lines().next().unwrap_or_default();
        let message = match &request.message {
            Some(message) => message.clone(),
            None => format!("Revert \"{subject}\"\n\nThis undoes commit {id}."),
        };
        let draft = Draft {
            parents: vec![ours.commit().id],
            author: request.author.clone(),
            time: ours.next_instant(&*self.clock),
            message,
            loaded: None,
            idempotency_key: request.idempotency_key.clone(),
        };
        // What was decided is not undone by going back.
        self.publish_combined(&mut writer, &request.branch, combined, (&before, &[]), &draft)
    }

    fn publish_combined(
        &self,
        writer: &mut Writer,
        branch: &str,
        combined: Combined<'_>,
        (theirs, sides): (&Snapshot, &[Snapshot]),
        draft: &Draft,
    ) -> Result<Committed, Error> {
        crate::graph::change::links::refuse_left_behind(&combined.merged, &Theirs::version(theirs))?;
        combined.merged.refuse(combined.violations(theirs, sides)?)?;
        let Combined { merged, ontology_files, .. } = combined;
        let (ours, changed) = (merged.snapshot, merged.changed());
        let format = writer.history.format(ours.commit().id)?;
        let (agrees, files) = std::thread::scope(|scope| {
            let files = scope.spawn(|| merged.files(format));
            (merged.refuse_disagreement(&writer.history, format), files.join())
        });
        agrees?;
        let mut files = files.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        files.extend(ontology_files);
        let deltas = merged.into_deltas();
        // The last moment at which nothing is written.
        ours.0.view.wanted.check().map_err(index::Error::from)?;
        let commit = if deltas.len() < PREPARED_MIN {
            self.publish(writer, branch, ours, draft, &files, &deltas)?
        } else {
            let (head, files, deltas) = (Some(ours.commit().id), &files, deltas.as_slice());
            self.publish_many(writer, Publication { branch, head, draft, files, deltas })?
        };
        Ok(Committed { commit, changed, broken: Vec::new(), replayed: false })
    }

    /// Returns the head of a branch that may take commits, where it is as expected.
    fn head_expected(&self, branch: &str, expected: Option<CommitId>) -> Result<Snapshot, Error> {
        if is_vendor(branch) {
            return Err(Error::VendorBranch(branch.to_owned()));
        }
        refuse_present(branch)?;
        let ours = self.head(branch)?;
        let head = ours.commit().id;
        match expected.filter(|expected| *expected != head) {
            Some(expected) => {
                Err(Error::Conflict(Box::new(Divergence { expected, head, conflicts: Vec::new() })))
            }
            None => Ok(ours),
        }
    }

    /// Returns the best common ancestors of two versions; at least one.
    fn merge_bases(&self, ours: &Snapshot, theirs: &Snapshot) -> Result<Vec<Snapshot>, Error> {
        let (a, b) = (ours.commit().id, theirs.commit().id);
        let bases = self.read().merge_bases(a, b)?;
        if bases.is_empty() {
            return Err(Error::Unrelated { a, b });
        }
        bases.into_iter().map(|id| self.snapshot_at(id)).collect()
    }
}
