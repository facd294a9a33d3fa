//! Long work and work that recurs.

pub(super) mod archive;
pub(super) mod backup;
pub(super) mod brokers;
mod evidence;
pub(super) mod health;
pub(super) mod job;
pub(super) mod monitor;
pub(super) mod policies;
pub(super) mod queue;
pub(super) mod upkeep;
