//! Rules on single values and identifiers.

pub(super) mod acyclic;
pub(super) mod identifier;
pub(super) mod interval;
pub(super) mod key;
pub(super) mod literal;
pub(super) mod model;
pub(super) mod quantity;
pub(super) mod term;
mod text;
