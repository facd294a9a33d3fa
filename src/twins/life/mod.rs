//! Failures and the life that units had.

pub(super) mod clock;
pub(super) mod failure_rate;
pub(super) mod observed;
