//! The commits behind a version, newest first.

use super::commit::{Commit, CommitId};
use super::error::Error;
use super::index;
use super::repository::Repository;
use super::snapshot::Snapshot;
use oxigraph::model::NamedNode;
use std::collections::{BinaryHeap, HashSet};

impl Repository {
    /// Returns the commits behind a version, newest first, at most `limit` of them, after the commit `after`; with
    /// `resource`, only those that changed it or a fragment of it; see [`super::timeline`].
    pub fn log(
        &self,
        version: &Snapshot,
        resource: Option<&NamedNode>,
        after: Option<CommitId>,
        limit: usize,
    ) -> Result<Vec<Commit>, Error> {
        if let Some(resource) = resource {
            let changes = version.timeline(resource)?.changes(after, limit)?;
            return Ok(changes.into_iter().map(|change| change.commit).collect());
        }
        let mut passed = after.is_none();
        let mut log = Vec::new();
        for commit in Ancestors::of(version) {
            let commit = commit?;
            if passed {
                log.push(commit);
            } else {
                passed = Some(commit.id) == after;
            }
            if log.len() == limit {
                break;
            }
        }
        Ok(log)
    }
}

/// All commits behind a version, newest first.
struct Ancestors {
    version: Snapshot,
    open: BinaryHeap<(crate::model::instant::Instant, CommitId)>,
    seen: HashSet<CommitId>,
}

impl Ancestors {
    fn of(version: &Snapshot) -> Self {
        let commit = version.commit();
        let open = BinaryHeap::from([(commit.order, commit.id)]);
        Self { version: version.clone(), open, seen: HashSet::from([commit.id]) }
    }

    fn step(&mut self, id: CommitId) -> Result<Commit, Error> {
        let tables = &self.version.0.view.tables;
        let missing = || Error::from(index::Error::corrupt("missing commit"));
        let commit = tables.commit(id)?.ok_or_else(missing)?.commit;
        for parent in &commit.parents {
            if self.seen.insert(*parent) {
                let order = tables.commit(*parent)?.ok_or_else(missing)?.commit.order;
                self.open.push((order, *parent));
            }
        }
        Ok(commit)
    }
}

impl Iterator for Ancestors {
    type Item = Result<Commit, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let (_, id) = self.open.pop()?;
        Some(self.step(id))
    }
}
