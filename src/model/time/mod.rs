//! Instants, stretches of time, and clocks.

pub mod bounds;
pub mod clock;
pub mod duration;
pub mod instant;
pub mod interval;
pub mod period;
