//! The versioned graph.

pub(crate) mod catch_up;
pub mod commit;
pub mod diff;
pub(crate) mod document;
pub mod error;
pub(crate) mod history;
pub mod import;
pub mod index;
pub(crate) mod literal;
mod log;
pub(crate) mod merge;
mod objects;
pub mod oracle;
pub(crate) mod overlay;
pub mod page;
pub mod repository;
pub mod snapshot;
pub mod sparql;
pub mod text;
pub(crate) mod transaction;
pub(crate) mod version;

pub use commit::{Author, Commit, CommitId};
pub use diff::{Diff, Difference, PropertyDiff, ResourceDiff};
pub use error::{Clash, Conflict, Error};
pub use import::{ImportRequest, Imported};
pub use page::{Comparison, Filter, Order, Page, PageQuery, TextTest};
pub use repository::{CommitRequest, Committed, Repository};
pub use snapshot::Snapshot;

#[cfg(test)]
mod laws;

#[cfg(test)]
mod tests;
