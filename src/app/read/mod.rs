//! Use cases that only read.

pub(super) mod branch_rule;
pub(super) mod export;
pub(super) mod exposure;
pub(super) mod foreign;
pub(super) mod influxql;
pub(super) mod oslc;
pub(super) mod telemetry;
