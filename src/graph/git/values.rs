//! What Git's objects and refs are to the code above them: their ids, the files of a commit, and what differs or cannot be read.

use crate::graph::model::commit::CommitId;
use git2::{ErrorCode, Oid};
use sha1::{Digest as _, Sha1};
use std::collections::BTreeMap;

/// A file that differs between two commits: its path, its blob before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChangedFile {
    pub(crate) path: String,
    pub(crate) before: Option<Oid>,
    pub(crate) after: Option<Oid>,
}

/// A document that comes to lie elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) blob: Oid,
}

/// Refs that cannot be read, or whose history cannot, by their full names, and why.
pub(crate) type Unreadable = BTreeMap<String, String>;

/// Files to write: path to new content, `None` to remove.
pub(crate) type Files = BTreeMap<String, Option<Vec<u8>>>;

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
pub(in crate::graph) fn git_error(error: std::io::Error) -> git2::Error {
    git2::Error::new(ErrorCode::GenericError, git2::ErrorClass::Os, error.to_string())
}

/// Returns whether a file of Git ends in the SHA-1 of what is before, as indexes of packs and caches do.
pub(in crate::graph) fn ends_in_sum(bytes: &[u8]) -> bool {
    bytes.split_last_chunk::<20>().is_some_and(|(all, sum)| Sha1::digest(all)[..] == sum[..])
}

pub(in crate::graph) fn oid(id: CommitId) -> Oid {
    Oid::from_bytes(&id.0).expect("20 bytes make an object id")
}

pub(in crate::graph) fn commit_id(oid: Oid) -> CommitId {
    let mut bytes = [0; 20];
    bytes.copy_from_slice(oid.as_bytes());
    CommitId(bytes)
}
