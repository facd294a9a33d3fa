//! Subcommands that look after a folder.

pub(super) mod audit;
pub(super) mod backup;
pub(super) mod config;
pub(super) mod fsck;
pub(super) mod init;
pub(super) mod job;
pub(super) mod maintain;
pub(super) mod migrate;
pub(super) mod monitor;
pub(super) mod reindex;
pub(super) mod serve;
pub(super) mod token;
pub(super) mod trust_clock;
