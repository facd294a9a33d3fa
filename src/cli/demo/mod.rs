//! The demo: a fleet of process pumps with two years of field life, and the truths that were planted in it.

pub mod answers;
mod command;
mod figures;
pub mod fleet;
pub mod load;
mod noise;
mod outlook;
pub mod story;
#[cfg(test)]
mod tables;
pub mod telemetry;

pub(super) use command::{Arguments, run};
