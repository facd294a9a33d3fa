//! Failures and the life that units had.

pub(super) mod age;
pub(super) mod clock;
pub(super) mod design_spectrum;
pub(super) mod duty;
pub(super) mod failure_rate;
pub(super) mod life_data;
pub(super) mod lifetime;
pub(super) mod observed;

mod cycle_count;
mod stay;
