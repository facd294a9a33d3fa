//! Estimators as pure functions of numbers: no store, no clock, and the same bits on every machine, for all transcendental
//! functions come from `libm`.

pub mod coverage;
pub mod demonstration;
pub mod difference;
pub mod duty;
pub mod effect;
pub mod poisson;
pub mod recurrence;
pub mod survival;

mod normal;
mod permutation;
mod sample;
mod special;
mod student;
