//! How a commit becomes visible: written durably, its branch moved, then taken into the index.

use crate::graph::error::{Conflict, Error};
use crate::graph::git::store::Files;
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

/// By so much, in nanoseconds, the clock may read less than when the thread began: that clock may have been ahead.
const CLOCK_BEHIND_MAX: i64 = 86_400 * 1_000_000_000;

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
        let recorded = self.record(writer, branch, Some(head), draft, files)?;
        let commit = recorded.commit.clone();
        self.index_recorded(&[(recorded, branch.to_owned(), deltas)]);
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
    ) -> Result<Recorded, Error> {
        self.refuse_clock(draft)?;
        let recorded = writer.written(|history| history.write_commit(draft, files))?;
        failpoint::pass("commit written");
        let expected = head.map(|head| head.commit().id);
        if self.move_branch(writer, branch, recorded.commit.id, expected)? {
            return Ok(recorded);
        }
        Err(self.moved_meanwhile(writer, branch, recorded.commit.id, expected))
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

    /// Moves a branch to a commit; `false` where it does not stand where it is expected.
    pub(super) fn move_branch(
        &self,
        writer: &mut Writer,
        branch: &str,
        to: CommitId,
        expected: Option<CommitId>,
    ) -> Result<bool, Error> {
        // Once more, as what came before may have taken long.
        self.refuse_lost_folder()?;
        let reference = branch_ref(branch);
        let moved =
            writer.moved(&reference, Some(to), |history| history.move_ref(&reference, to, expected))?;
        if moved {
            failpoint::pass("ref moved");
        }
        Ok(moved)
    }

    /// Takes in what someone pushed with plain Git, and tells so whoever wanted to move the branch.
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
            Ok(head) => Error::Conflict(Box::new(Conflict {
                expected: expected.unwrap_or(wanted),
                head: head.unwrap_or(wanted),
                clashes: Vec::new(),
            })),
            Err(error) => error,
        }
    }

    /// Takes recorded commits into the index, with the branches that stand for them now.
    pub(super) fn index_recorded(&self, commits: &[Taken<'_>]) {
        let refs: Vec<_> =
            commits.iter().map(|(recorded, branch, _)| (branch_ref(branch), recorded.commit.id)).collect();
        let taken = catch_unwind(AssertUnwindSafe(|| self.index.take(commits, &refs)));
        self.acknowledge(taken.unwrap_or_else(|panic| Err(index::Error::corrupt(&panics::message(&*panic)))));
    }

    /// Ends the process where the index cannot take in what Git has already: the next start catches up. Of a damaged index
    /// nothing more is read, so that the commit is acknowledged, and the next start makes the index anew.
    pub(super) fn acknowledge<E: std::error::Error>(&self, taken: Result<(), E>) {
        let Err(error) = taken else { return };
        tracing::error!(%error, "the commit is safe in Git, but the index failed; the next start brings it up");
        if self.index.refuse_damaged().is_ok() {
            std::process::abort();
        }
    }
}
