//! Estimators as pure functions of numbers: no store, no clock, and the same bits on every machine, for all transcendental
//! functions come from `libm`.

pub mod contrast;
pub mod control;
pub mod coverage;
pub mod demonstration;
pub mod difference;
pub mod distribution;
pub mod duty;
pub mod effect;
pub mod recurrence;
pub mod survival;
pub mod trend;

mod permutation;
mod sample;
