//! One file for each path.

pub(super) mod audit;
pub(super) mod graphql;
pub(super) mod health;
pub(super) mod parameters;
pub(super) mod socket;
pub(super) mod sparql;
pub(super) mod write;
