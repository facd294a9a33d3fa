//! A change before it is committed: what it does to resources, what differs, what is reserved, how it merges.

pub(super) mod decisions;
pub mod diff;
pub(super) mod links;
pub(super) mod maker;
pub(super) mod naming;
pub(crate) mod prepared;
pub(super) mod reserved;
pub(super) mod resource_merge;
pub(super) mod sides;
pub(crate) mod transaction;
