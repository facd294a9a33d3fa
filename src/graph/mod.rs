//! The versioned graph.

pub mod change;
pub mod error;
pub mod git;
pub mod history;
pub mod index;
pub mod model;
pub mod read;
pub mod repository;
pub(crate) mod sync;
pub mod text;
pub mod upkeep;
pub mod write;

pub use change::diff::{Diff, DiffPart, DiffRange, Difference, PropertyDiff, ResourceDiff};
pub use error::{Divergence, Error};
pub use history::comparison::Differences;
pub use history::follow::{FollowEvent, Follower};
pub use history::sources::{SourceShare, described};
pub use history::timeline::{ResourceChange, Timeline};
pub use index::Error as IndexError;
#[cfg(test)]
pub(crate) use index::read::rows_read;
pub use index::storage::catch_panics::is_guarded;
pub use model::commit::{Author, Commit, CommitId, NotAPerson};
pub use model::conflict::{Conflict, ConflictKind, Resolution, Take};
#[cfg(test)]
pub(crate) use model::failpoint::{arm as arm_window, fail as fail_window, startle as startle_window};
pub use model::fault::Fault;
pub use model::request_key::RequestKey;
pub use read::blame::Blame;
pub use read::page::{Comparison, Filter, Order, Page, PageQuery, TextTest};
pub use read::snapshot::Snapshot;
pub use read::version_cache::Remembered;
pub use repository::Repository;
pub use repository::figures::Figures;
pub use repository::open_to_read::ReadFrom;
pub use repository::temporary::Temporary;
pub use upkeep::fsck::{Access, Checked, Damage, Depth};
pub use upkeep::maintenance::Maintained;
pub use upkeep::mirror::{MirroredRefs, restore_mirror};
pub use write::accept::{AdoptRequest, Adopted};
pub use write::commit::{CommitRequest, Committed};
pub use write::import::{ImportRequest, Imported};
pub use write::merge::{MergePreview, MergeRequest, RevertRequest};
pub use write::migrate::Migrated;
pub use write::preview::ChangePreview;

#[cfg(test)]
pub(crate) mod tests;
