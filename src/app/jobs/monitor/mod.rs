//! Monitors: what the service holds against the requirements by itself, again and again.

mod outcome;
mod run;
mod schedule;

pub use crate::app::settings::monitors::{Monitor, Monitors};
pub use outcome::{MonitorRun, Watched};
pub use schedule::Schedule;

#[cfg(test)]
mod tests;
