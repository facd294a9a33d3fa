//! What is taken in, refused and handed on.

pub(super) mod arrivals;
pub(super) mod bodies;
pub(super) mod changes;
pub(super) mod refused;
pub(super) mod taps;
