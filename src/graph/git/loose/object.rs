//! A loose object and its place, and why some are not durable.

use git2::{ObjectType, Oid};
use std::io;
use std::path::{Path, PathBuf};

/// An object to write.
pub(in crate::graph) struct Object {
    pub(in crate::graph) id: Oid,
    pub(in crate::graph) kind: ObjectType,
    pub(in crate::graph) content: Vec<u8>,
}

/// Why objects are not durable.
#[derive(Debug, thiserror::Error)]
pub(in crate::graph) enum Error {
    /// An object was not written or not synced under its temporary name, so that none of it is in its place: a second try
    /// writes another file.
    #[error("{0}")]
    Unwritten(io::Error),
    /// Objects are in their places, but the sync of a folder failed: a second try could not know what of it is on the disk.
    #[error("failed to sync a folder of objects: {0}")]
    Unsynced(io::Error),
}

impl Error {
    pub(super) fn is_not_found(&self) -> bool {
        let (Self::Unwritten(error) | Self::Unsynced(error)) = self;
        error.kind() == io::ErrorKind::NotFound
    }
}

/// Returns an object's folder, and its name there.
pub(in crate::graph) fn place(folder: &Path, id: Oid) -> (PathBuf, String) {
    let id = id.to_string();
    let (shard, name) = id.split_at(2);
    (folder.join(shard), name.to_owned())
}
