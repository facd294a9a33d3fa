//! What happened: the log, the timeline of a resource, what differs between two versions, and who follows.

pub(super) mod comparison;
pub(super) mod follow;
pub(super) mod log;
pub(super) mod sources;
pub mod timeline;
