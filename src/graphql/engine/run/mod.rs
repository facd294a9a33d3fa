//! Runs a document: plans its selections, resolves, completes and writes the answer.

pub(super) mod answer;
pub(super) mod batch;
pub(super) mod complete;
mod cursor;
pub(crate) mod execute;
pub(crate) mod lookahead;
pub(super) mod plan;
pub(super) mod selection;
