//! Subscriptions.

pub(crate) mod event;
pub(crate) mod margin_watch;
pub(crate) mod subscription;
