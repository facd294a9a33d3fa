//! Answers: summaries, increases of counters, and states.

pub(super) mod aggregate;
pub(super) mod counter;
pub(super) mod distribution;
mod fold;
pub(super) mod moments;
pub(super) mod state;
pub(super) mod summary;
