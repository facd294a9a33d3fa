//! How a version becomes visible, whatever makes it: objects are written and synced, a ref moves, the index takes in what it names.
//!
//! Every step ends in one place, and a process may be killed between any two:
//!
//! | step | made by | a kill after it leaves |
//! |---|---|---|
//! | objects written | [`Writer::written`] | objects that nothing names; `throughline maintain --prune` removes them, `git gc` may not (`preciousObjects`) |
//! | ref moved | [`Repository::move_ref`], which returns a [`Moved`] | a version that the next start takes into the index |
//! | index written | [`Repository::acknowledge`], which takes the [`Moved`] | a version that was not acknowledged, and is there |
//!
//! Commits that are written together ([`super::group`]) have their objects synced once and are taken into the index once; each branch moves
//! once, to the last of its commits. A kill between the moves of two branches leaves all commits of the first and none of the second.
//!
//! `tests/disk/crashes.rs` stops a process in each of these windows.

use crate::graph::error::{Divergence, Error};
use crate::graph::git::store::History;
use crate::graph::git::values::Files;
use crate::graph::index;
use crate::graph::model::commit::{Commit, CommitId};
use crate::graph::model::delta::DocumentDelta;
use crate::graph::model::draft::{Draft, Recorded, Taken};
use crate::graph::model::failpoint;
use crate::graph::model::ref_name::branch_ref;
use crate::graph::read::snapshot::Snapshot;
use crate::graph::repository::writer::Writer;
use crate::graph::repository::{Repository, panics};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The windows of these steps, and of those that move other refs than a branch, by the names of their failpoints. A test stops a process
/// in each.
#[cfg(test)]
pub(in crate::graph) const WINDOWS: [&str; 7] = [
    "files written",
    "commit written",
    "ref moved",
    "ref made",
    "deletion announced",
    "ref deleted",
    "index written",
];

/// By so much, in nanoseconds, the clock may read less than when the thread began: that clock may have run fast.
const CLOCK_BEHIND_MAX: i64 = 86_400 * 1_000_000_000;

/// A ref that has moved in Git, and that the index does not know yet. From now on the answer is an acknowledgement, or the process
/// ends: it can only be handed to [`Repository::acknowledge`].
#[must_use = "the index lacks what the ref names now: acknowledge the move"]
#[derive(Debug)]
pub(in crate::graph) struct Moved(());

impl Repository {
    /// Writes the commit durably, moves the branch, and takes both into the index. Once the branch has moved the
    /// answer is an acknowledgement, or the process ends.
    pub(in crate::graph) fn publish(
        &self,
        writer: &mut Writer,
        branch: &str,
        head: &Snapshot,
        draft: &Draft,
        files: &Files,
        deltas: &[DocumentDelta],
    ) -> Result<Commit, Error> {
        let (recorded, moved) = self.record(writer, branch, Some(head), draft, files)?;
        let commit = recorded.commit.clone();
        self.index_recorded([moved], &[(recorded, branch.to_owned(), deltas)]);
        Ok(commit)
    }

    /// Writes the commit durably and moves the branch; the index still lacks both.
    pub(in crate::graph) fn record(
        &self,
        writer: &mut Writer,
        branch: &str,
        head: Option<&Snapshot>,
        draft: &Draft,
        files: &Files,
    ) -> Result<(Recorded, Moved), Error> {
        self.refuse_clock(draft)?;
        let recorded = writer.written(|history| history.write_commit(draft, files))?;
        failpoint::pass("commit written");
        let expected = head.map(|head| head.commit().id);
        match self.move_branch(writer, branch, recorded.commit.id, expected)? {
            Some(moved) => Ok((recorded, moved)),
            None => Err(self.moved_meanwhile(writer, branch, recorded.commit.id, expected)),
        }
    }

    /// Refuses a commit that would be dated more than a day before the thread began: then the clock is wrong, as one is that lost its
    /// battery, and not the one that dated the beginning. What another system recorded bears that system's dates.
    pub(super) fn refuse_clock(&self, draft: &Draft) -> Result<(), Error> {
        let first = self.index.tables()?.commit_at(0, 1)?.map(|first| first.commit.time);
        match first.filter(|first| draft.loaded.is_none() && draft.time.plus_nanos(CLOCK_BEHIND_MAX) < *first)
        {
            Some(first) => Err(Error::Clock { now: draft.time, first }),
            None => Ok(()),
        }
    }

    /// Moves a branch to a commit; `None` where it is not where it is expected.
    pub(super) fn move_branch(
        &self,
        writer: &mut Writer,
        branch: &str,
        to: CommitId,
        expected: Option<CommitId>,
    ) -> Result<Option<Moved>, Error> {
        let reference = branch_ref(branch);
        let make = |history: &History| history.move_ref(&reference, to, expected);
        self.move_ref(writer, "ref moved", &reference, Some(to), make)
    }

    /// Moves a ref by `make`, to nowhere where it is deleted; `None` where it is not where it is expected. `window` names
    /// the moment after it, for tests.
    pub(super) fn move_ref(
        &self,
        writer: &mut Writer,
        window: &'static str,
        reference: &str,
        to: Option<CommitId>,
        make: impl Fn(&History) -> Result<bool, git2::Error>,
    ) -> Result<Option<Moved>, Error> {
        // Once more, as what came before may have taken long.
        self.refuse_lost_folder()?;
        if !writer.moved(reference, to, make)? {
            return Ok(None);
        }
        failpoint::pass(window);
        Ok(Some(Moved(())))
    }

    /// Takes in what someone pushed with plain Git, and reports it to the caller that wanted to move the branch.
    pub(super) fn moved_meanwhile(
        &self,
        writer: &Writer,
        branch: &str,
        wanted: CommitId,
        expected: Option<CommitId>,
    ) -> Error {
        let taken = self.catch_up_with(writer);
        let now = taken.and_then(|()| Ok(self.index.tables()?.reference(&branch_ref(branch))?));
        match now {
            Ok(head) => Error::Conflict(Box::new(Divergence {
                expected: expected.unwrap_or(wanted),
                head: head.unwrap_or(wanted),
                conflicts: Vec::new(),
            })),
            Err(error) => error,
        }
    }

    /// Takes recorded commits into the index, with the branches that name them now.
    pub(super) fn index_recorded(&self, moved: impl IntoIterator<Item = Moved>, commits: &[Taken<'_>]) {
        let refs: Vec<_> =
            commits.iter().map(|(recorded, branch, _)| (branch_ref(branch), recorded.commit.id)).collect();
        let taken = catch_unwind(AssertUnwindSafe(|| self.index.take(commits, &refs)));
        self.acknowledge(
            moved,
            taken.unwrap_or_else(|panic| Err(index::Error::corrupt(&panics::message(&*panic)))),
        );
    }

    /// Acknowledges refs that have moved, once the index has tried to take in what they name.
    ///
    /// Ends the process where the index cannot take in what Git has already: the next start catches up. Of a damaged index
    /// nothing more is read, so that the commit is acknowledged, and the next start makes the index anew.
    pub(super) fn acknowledge<E: std::error::Error>(
        &self,
        moved: impl IntoIterator<Item = Moved>,
        taken: Result<(), E>,
    ) {
        moved.into_iter().for_each(drop);
        let Err(error) = taken else { return };
        tracing::error!(%error, "the commit is safe in Git, but the index failed; the next start brings it up");
        if self.index.refuse_damaged().is_ok() {
            std::process::abort();
        }
    }
}
