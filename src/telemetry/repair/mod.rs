//! Checks, salvages and copies a store.

pub(super) mod backup;
pub(super) mod check;
pub(super) mod salvage;
