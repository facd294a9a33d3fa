//! The executor: arguments, limits, batches and turns.

pub(super) mod batch;
mod boundaries;
pub(super) mod engine;
pub(super) mod federation;
mod ids;
pub(super) mod limits;
mod messages;
pub(super) mod sdl;
pub(super) mod turns;
pub(super) mod variables;
