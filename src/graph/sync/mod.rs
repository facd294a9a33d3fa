//! Brings the index up to Git, and checks what others committed.

pub(super) mod agreement;
pub(crate) mod catch_up;
pub(super) mod lost_refs;
pub(super) mod ontology_files;
pub(super) mod settings;
pub(super) mod tree_check;
