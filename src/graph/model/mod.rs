//! Values that the other folders exchange: commits, documents as sets of statements, conflicts, faults, names of refs.

pub mod commit;
pub(crate) mod confirmation;
pub(super) mod conflict;
pub(super) mod delta;
pub(super) mod draft;
pub(super) mod failpoint;
pub(super) mod fault;
pub(super) mod indexed_refs;
pub(super) mod ref_name;
pub(super) mod request_key;
pub(super) mod resource_edit;
pub(super) mod spelling;
pub(super) mod statement_set;
