//! Subscriptions.

pub(crate) mod margin_watch;
pub(crate) mod subscription;
