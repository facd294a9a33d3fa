//! Which series observe what, where, and when.

pub(super) mod health;
pub(super) mod observation;
pub(super) mod readings;
pub(super) mod resolver;
pub(super) mod unbound_series;
