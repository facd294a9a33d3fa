//! The demo: a fleet of process pumps with two years of field life, and the truths that were planted in it.

pub mod fleet;
mod noise;
pub mod story;
#[cfg(test)]
mod tables;
pub mod telemetry;
