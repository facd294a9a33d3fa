//! Subcommands that change a thread.

pub(super) mod accept;
pub(super) mod branch;
pub(super) mod import;
pub(super) mod ingest;
pub(super) mod merge;
pub(super) mod outbox;
pub(super) mod pull;
pub(super) mod revert;
pub(super) mod review;
pub(super) mod tag;
