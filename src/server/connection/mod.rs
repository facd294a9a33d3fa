//! Connections: accepted, given a place, watched, and closed.

pub(super) mod activity;
mod connections;
pub(super) mod listener;
pub(super) mod stream;
pub(super) mod threads;
pub(super) mod tls;
