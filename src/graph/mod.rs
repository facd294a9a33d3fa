//! The versioned graph.

pub(crate) mod adopt;
mod agreement;
mod arrival;
pub mod blame;
mod bulk;
mod canon;
pub(crate) mod catch_up;
pub mod check;
pub mod commit;
mod comparison;
pub(crate) mod confirmation;
pub mod diff;
pub(crate) mod document;
pub mod error;
mod family;
pub mod folder;
mod folder_lock;
mod follow;
pub(crate) mod format;
pub(crate) mod history;
pub mod import;
pub mod index;
mod log;
mod lookup;
mod loose;
mod loose_read;
mod lost_refs;
mod maintenance;
mod memory;
pub mod merge;
mod merge_base;
mod migrate;
mod mirror;
mod objects;
mod ontology_files;
pub mod oracle;
pub(crate) mod overlay;
mod pack;
pub mod page;
mod panics;
mod plain;
mod prune;
mod reading;
mod refs;
pub mod repository;
mod reserved;
mod respell;
pub mod rewritten;
mod said;
pub mod snapshot;
mod sources;
pub mod sparql;
mod suppose;
mod temporary;
pub mod text;
mod texts;
pub mod timeline;
pub(crate) mod transaction;
pub(crate) mod version;
mod window;

pub use adopt::{AdoptRequest, Adopted};
pub use blame::Blame;
pub use canon::Fault;
pub use check::{Access, Checked, Damage, Depth};
pub use commit::{Author, Commit, CommitId, NotAPerson};
pub use diff::{Diff, Difference, Differences, PropertyDiff, ResourceDiff};
pub use error::{Conflict, Error};
pub use follow::{Follower, News};
pub use import::{ImportRequest, Imported};
pub use index::Error as IndexError;
pub use index::guard::is_guarded;
pub use maintenance::Maintained;
pub use memory::Remembered;
pub use merge::{Clash, ClashKind, MergePreview, MergeRequest, Resolution, RevertRequest, Take};
pub use migrate::Migrated;
pub use mirror::{MirroredRefs, restore_mirror};
pub use page::{Comparison, Filter, Order, Page, PageQuery, TextTest};
pub use reading::ReadFrom;
pub use repository::{CommitRequest, Committed, Repository};
pub use snapshot::Snapshot;
pub use sources::{SourceShare, described};
pub use suppose::Supposed;
pub use temporary::Temporary;
pub use timeline::{ResourceChange, Timeline};
#[cfg(test)]
pub(crate) use window::{arm as arm_window, fail as fail_window, startle as startle_window};

#[cfg(test)]
mod crashes;

#[cfg(test)]
pub(crate) mod laws;

#[cfg(test)]
mod tests;
