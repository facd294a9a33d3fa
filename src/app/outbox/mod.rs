//! The outbox: what happened in the thread is delivered to other systems, at least once and in order for each of them.

pub(in crate::app) mod deliver;
mod derivation;
mod event;
mod file_drop;
pub(in crate::app) mod target_state;
pub(in crate::app) mod targets;
mod undelivered;
