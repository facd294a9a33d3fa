//! The files of the repository beside its objects and refs: what leads to all refs, the hook that
//! guards them, its configuration, and what Git's own tools read besides.

pub(in crate::graph) mod configuration;
pub(super) mod packed_refs;
pub(in crate::graph) mod read_by_git;
pub(super) mod ref_draft;
pub(in crate::graph) mod ref_files;
pub(in crate::graph) mod update_hook;
