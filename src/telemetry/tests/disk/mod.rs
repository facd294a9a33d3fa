//! What disks, kills and full folders do to a store.

pub(super) mod backups;
pub(super) mod crashes;
pub(super) mod flips;
pub(super) mod formats;
pub(super) mod full_disk;
pub(super) mod headers;
pub(super) mod losses;
pub(super) mod upkeep;
