//! Questions about units in the field.

pub(super) mod circumstances;
pub(super) mod comparing;
pub(super) mod duty;
pub(super) mod exposure;
pub(super) mod field;
pub(super) mod foresight;
pub(super) mod line;
pub(super) mod lives;
pub(super) mod models;
pub(super) mod resource_history;
