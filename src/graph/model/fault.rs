//! What is wrong with a file of a commit: it is not as the thread's own are.

use super::commit::CommitId;
use std::fmt;

/// A file of a commit that is not as the thread's own are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The commit.
    pub commit: CommitId,
    /// The file's path in the tree.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in commit {}: {}", self.file, self.commit, self.reason)
    }
}
