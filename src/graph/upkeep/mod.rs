//! Checks, packs and copies a repository.

pub mod fsck;
pub(super) mod maintenance;
pub(super) mod mirror;
pub(super) mod prune;
