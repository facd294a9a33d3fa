//! One file for each path.

pub(super) mod audit;
pub(super) mod compression;
pub(super) mod graphql;
pub(super) mod health;
pub(super) mod hooks;
pub(super) mod influx;
pub(super) mod metrics;
pub(super) mod oslc;
pub(super) mod pages;
pub(super) mod parameters;
pub(super) mod socket;
pub(super) mod sparql;
pub(super) mod transfer;
