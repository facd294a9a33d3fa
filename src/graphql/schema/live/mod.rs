//! What goes on while a client looks: subscriptions, and jobs.

pub(crate) mod event;
pub(crate) mod job;
pub(crate) mod margin_watch;
pub(crate) mod subscription;
