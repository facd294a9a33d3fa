//! The commits behind a version, newest first.

use super::commit::{Commit, CommitId};
use super::error::Error;
use super::index;
use super::index::lifespan::OPEN;
use super::repository::Repository;
use super::snapshot::Snapshot;
use oxigraph::model::NamedNode;
use std::collections::{BTreeSet, BinaryHeap, HashSet};

impl Repository {
    /// Returns the commits behind a version, newest first, at most `limit` of them, after the commit `after`; with
    /// `resource`, only those that changed it or a fragment of it on the version's own lines of history.
    pub fn log(
        &self,
        version: &Snapshot,
        resource: Option<&NamedNode>,
        after: Option<CommitId>,
        limit: usize,
    ) -> Result<Vec<Commit>, Error> {
        let commits: Box<dyn Iterator<Item = Result<Commit, Error>>> = match resource {
            Some(resource) => Box::new(version.changes_of(resource)?.into_iter().map(Ok)),
            None => Box::new(Ancestors::of(version)),
        };
        let mut passed = after.is_none();
        let mut log = Vec::new();
        for commit in commits {
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

impl Snapshot {
    /// Returns the commits that changed a resource, newest first, from the lifespans of its rows.
    pub fn changes_of(&self, resource: &NamedNode) -> Result<Vec<Commit>, Error> {
        let view = &self.0.view;
        let mut places = BTreeSet::new();
        for subject in view.family_ids(resource)? {
            for span in view.lifespans(subject)? {
                places.insert((span.lane, span.born));
                if span.died != OPEN {
                    places.insert((span.lane, span.died));
                }
            }
        }
        let mut commits = Vec::new();
        for (lane, ordinal) in places {
            if view.is_behind(lane, ordinal)
                && let Some(placed) = view.tables.commit_at(lane, ordinal)?
            {
                commits.push(placed.commit);
            }
        }
        commits.sort_by_key(|commit| std::cmp::Reverse((commit.time, commit.id)));
        Ok(commits)
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
        let open = BinaryHeap::from([(commit.time, commit.id)]);
        Self { version: version.clone(), open, seen: HashSet::from([commit.id]) }
    }

    fn step(&mut self, id: CommitId) -> Result<Commit, Error> {
        let tables = &self.version.0.view.tables;
        let missing = || Error::from(index::Error::corrupt("missing commit"));
        let commit = tables.commit(id)?.ok_or_else(missing)?.commit;
        for parent in &commit.parents {
            if self.seen.insert(*parent) {
                let time = tables.commit(*parent)?.ok_or_else(missing)?.commit.time;
                self.open.push((time, *parent));
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
