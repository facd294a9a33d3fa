//! What goes on while a client looks: subscriptions, jobs, and the clients of brokers.

pub(crate) mod broker;
pub(crate) mod event;
pub(crate) mod job;
pub(crate) mod margin_watch;
pub(crate) mod subscription;
