//! The files of the repository beside its objects and refs: what leads to all refs, the hook that
//! guards them, and its configuration.

pub(in crate::graph) mod configuration;
pub(super) mod packed_refs;
pub(super) mod ref_draft;
pub(in crate::graph) mod ref_files;
pub(in crate::graph) mod update_hook;
