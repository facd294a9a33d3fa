//! The control of a process by statistics: what is usual, signals of what is not, and how well tolerances are kept.

pub mod capability;
pub mod chart;
pub mod constants;
pub mod memory;
pub mod nelson;

#[cfg(test)]
mod tests;
