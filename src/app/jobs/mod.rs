//! Long work and work that recurs.

pub(super) mod backup;
pub(super) mod monitor;
pub(super) mod upkeep;
