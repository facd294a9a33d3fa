//! Figures of a repository for those who watch it.

use super::Repository;
use crate::graph::error::Error;
use crate::model::sync::cache::CacheUse;

/// Figures of a repository at one moment.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Commits that branches, tags and kept versions reach, as the index has them.
    pub commits: u64,
    /// Commits that wait to be written.
    pub waiting: usize,
    /// How many commits there were in the groups that were written together: the sum, and by upper bounds.
    pub groups: (u64, Vec<(f64, u64)>),
    /// Updates of the index that are not synced to its file: after a kill so many are read again from Git.
    pub index_unsynced: u64,
    /// The cache of what was worked out of versions.
    pub versions: CacheUse,
}

impl Repository {
    /// Returns figures of now.
    pub fn figures(&self) -> Result<Figures, Error> {
        Ok(Figures {
            commits: self.commit_count()?,
            waiting: self.queue.waiting(),
            groups: self.queue.groups(),
            index_unsynced: self.index.unsynced(),
            versions: self.memory.usage(),
        })
    }
}
