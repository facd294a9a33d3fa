//! What disks, kills and other programs do to a repository.

#[cfg(test)]
pub(in crate::graph) mod crashes;
pub(super) mod damaged;
pub(super) mod flips;
pub(super) mod full_disk;
mod garbled_refs;
pub(super) mod git_beside;
pub(super) mod lost;
pub(super) mod lost_refs;
pub(super) mod mirrors;
pub(super) mod packing;
pub(super) mod panics;
pub(super) mod pruning;
pub(super) mod stopped;
