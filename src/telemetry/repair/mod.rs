//! Checks, salvages and copies a store.

pub(super) mod backup;
pub(super) mod check;
mod headers;
pub(super) mod salvage;
