//! Every way to make a version; all end in one protocol, `publish`.

pub(crate) mod accept;
pub(super) mod bulk;
pub(super) mod commit;
pub(super) mod group;
pub mod import;
pub mod merge;
pub(super) mod migrate;
pub(super) mod once;
pub(super) mod preview;
pub(super) mod publish;
pub(super) mod refs;
