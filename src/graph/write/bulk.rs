//! Publishing commits of many resources: the objects of all are one pack, and the index is made ready while Git writes it.

use super::publish::Moved;
use crate::graph::error::Error;
use crate::graph::git::store::History;
use crate::graph::git::values::Files;
use crate::graph::index::prepare::Prepared;
use crate::graph::model::commit::{Commit, CommitId};
use crate::graph::model::delta::DocumentDelta;
use crate::graph::model::draft::{Draft, Recorded};
use crate::graph::model::failpoint;
use crate::graph::model::ref_name::branch_ref;
use crate::graph::repository::Repository;
use crate::graph::repository::writer::Writer;
use std::sync::mpsc;

/// A commit to be made on a branch.
#[derive(Clone, Copy)]
pub(in crate::graph) struct Publication<'a> {
    pub(in crate::graph) branch: &'a str,
    /// The branch's head, where there is one.
    pub(in crate::graph) head: Option<CommitId>,
    pub(in crate::graph) draft: &'a Draft,
    pub(in crate::graph) files: &'a Files,
    pub(in crate::graph) deltas: &'a [DocumentDelta],
}

/// From how many resources on the index is made ready meanwhile: that takes a thread, and a sync of the index, which takes in what is
/// small unsynced.
pub(super) const PREPARED_MIN: usize = if cfg!(test) { 2 } else { 256 };

/// Why not all branches moved.
enum Refusal<'a> {
    /// A branch has another head than expected.
    Moved(Publication<'a>, CommitId),
    Failed(Error),
}

impl Repository {
    /// Makes a commit of many resources.
    pub(super) fn publish_many(&self, writer: &mut Writer, commit: Publication<'_>) -> Result<Commit, Error> {
        self.publish_prepared(writer, [commit], |history| {
            Ok([history.write_commit(commit.draft, commit.files)?])
        })
    }

    /// Makes a commit on one branch and merges it into another. Where the second branch has moved meanwhile, the first one
    /// keeps its commit.
    pub(super) fn publish_merged(
        &self,
        writer: &mut Writer,
        vendor: Publication<'_>,
        merge: Publication<'_>,
    ) -> Result<Commit, Error> {
        self.publish_prepared(writer, [vendor, merge], |history| {
            history.write_merged((vendor.draft, vendor.files), (merge.draft, merge.files))
        })
    }

    /// Writes commits, of which each merges the one before, moves their branches, and takes them into the index, which is made ready
    /// meanwhile.
    fn publish_prepared<const N: usize>(
        &self,
        writer: &mut Writer,
        publications: [Publication<'_>; N],
        write: impl FnOnce(&History) -> Result<[Recorded; N], git2::Error>,
    ) -> Result<Commit, Error> {
        publications.iter().try_for_each(|one| self.refuse_clock(one.draft))?;
        let (sender, receiver) = mpsc::channel();
        let prepared = publications.map(|one| Prepared {
            draft: one.draft,
            branch: one.branch,
            reference: branch_ref(one.branch),
            documents: one.deltas,
        });
        let (mut recorded, moved, refusal, indexed) = std::thread::scope(|scope| {
            let index = scope.spawn(move || self.index.take_prepared(&prepared, &receiver));
            let (recorded, moved, refusal) = self.write_and_move(writer, publications, write);
            if refusal.is_none() {
                // Where the index has failed, nobody listens, and it reports that itself.
                let _ = sender.send(recorded.clone());
            }
            drop(sender);
            (recorded, moved, refusal, index.join())
        });
        match (refusal, indexed) {
            (None, Ok(taken)) => self.acknowledge(moved, taken),
            // Both branches have moved: what was recorded is not reported as an error.
            (None, Err(_)) => {
                self.acknowledge(
                    moved,
                    Err(crate::graph::index::Error::corrupt("the index thread panicked")),
                );
            }
            (Some(refusal), _) => {
                return Err(self.refused(writer, &publications, (recorded, moved), refusal));
            }
        }
        recorded.pop().map(|recorded| recorded.commit).ok_or(Error::Stopped)
    }

    /// Writes the commits and moves their branches; returns the commits whose branches moved.
    fn write_and_move<'a, const N: usize>(
        &self,
        writer: &mut Writer,
        publications: [Publication<'a>; N],
        write: impl FnOnce(&History) -> Result<[Recorded; N], git2::Error>,
    ) -> (Vec<Recorded>, Vec<Moved>, Option<Refusal<'a>>) {
        let (mut done, mut moves) = (Vec::new(), Vec::new());
        let recorded = match writer.written(write) {
            Ok(recorded) => recorded,
            Err(error) => return (done, moves, Some(Refusal::Failed(error))),
        };
        failpoint::pass("commit written");
        for (recorded, publication) in recorded.into_iter().zip(publications) {
            let id = recorded.commit.id;
            match self.move_branch(writer, publication.branch, id, publication.head) {
                Ok(Some(moved)) => {
                    done.push(recorded);
                    moves.push(moved);
                }
                Ok(None) => return (done, moves, Some(Refusal::Moved(publication, id))),
                Err(error) => return (done, moves, Some(Refusal::Failed(error))),
            }
        }
        (done, moves, None)
    }

    /// Takes in what came to be all the same, and reports why not all did.
    fn refused(
        &self,
        writer: &Writer,
        publications: &[Publication<'_>],
        (recorded, moved): (Vec<Recorded>, Vec<Moved>),
        refusal: Refusal<'_>,
    ) -> Error {
        // The source's commit is recorded on its own branch; the next import merges it.
        let taken: Vec<_> = recorded
            .into_iter()
            .zip(publications)
            .map(|(recorded, one)| (recorded, one.branch.to_owned(), one.deltas))
            .collect();
        if !taken.is_empty() {
            self.index_recorded(moved, &taken);
        }
        match refusal {
            Refusal::Failed(error) => error,
            Refusal::Moved(publication, id) => {
                self.moved_meanwhile(writer, publication.branch, id, publication.head)
            }
        }
    }
}
