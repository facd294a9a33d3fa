//! The versioned graph.

pub(crate) mod catch_up;
pub mod commit;
pub(crate) mod document;
pub mod error;
pub(crate) mod history;
pub mod index;
pub(crate) mod literal;
pub(crate) mod merge;
pub(crate) mod overlay;
pub mod repository;
pub mod snapshot;
pub(crate) mod sparql;
pub mod text;
pub(crate) mod transaction;
pub(crate) mod version;

pub use commit::{Author, Commit, CommitId};
pub use error::{Clash, Conflict, Error};
pub use repository::{CommitRequest, Committed, Repository};
pub use snapshot::Snapshot;
