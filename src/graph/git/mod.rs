//! Git, and nothing above it: objects, packs and refs, and what makes them last.

pub(super) mod commit_object;
pub mod durability;
pub(super) mod files;
pub(super) mod incoming;
pub(super) mod library;
pub(super) mod lookup;
pub(super) mod loose;
pub(super) mod merge_base;
pub(super) mod pack;
pub(crate) mod store;
pub(super) mod tree;
pub(super) mod values;
