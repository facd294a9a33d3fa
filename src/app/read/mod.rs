//! Use cases that only read.

pub(super) mod exposure;
pub(super) mod telemetry;
