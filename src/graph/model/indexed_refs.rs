//! The refs that the index was last brought up to.

use super::commit::CommitId;
use std::collections::{BTreeMap, BTreeSet};

/// The refs that the index was last brought up to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stamps {
    /// Refs by their full names.
    pub(crate) refs: BTreeMap<String, CommitId>,
    /// The names of refs that the service was about to delete.
    pub(crate) deleting: BTreeSet<String>,
    /// The refs of an index that could not be used any more, until the new one is brought up to Git.
    pub(crate) replaced: BTreeMap<String, CommitId>,
    /// The refs whose files or history cannot be read, with the commits that they were last known to stand for.
    pub(crate) unreadable: BTreeMap<String, CommitId>,
    /// Whether they were read from a damaged index, and may be older than the last acknowledged commits.
    pub(crate) may_lag: bool,
}

impl Stamps {
    /// Returns the commit that a ref was last known to stand for.
    pub(in crate::graph) fn known(&self, name: &str) -> Option<CommitId> {
        let known = self.refs.get(name).or_else(|| self.unreadable.get(name));
        known.or_else(|| self.replaced.get(name)).copied()
    }
}
