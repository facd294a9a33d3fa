//! Monitors: what the service holds against the requirements by itself, again and again.

mod run;
mod schedule;
mod settings;

pub use run::{MonitorRun, Watched};
pub use schedule::Schedule;
pub use settings::{Monitor, Monitors};

#[cfg(test)]
mod tests;
