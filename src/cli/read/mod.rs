//! Subcommands that ask.

pub(super) mod blame;
pub(super) mod diff;
pub(super) mod export;
pub(super) mod exposure;
pub(super) mod log;
pub(super) mod ontology;
pub(super) mod query;
pub(super) mod schema;
pub(super) mod search;
pub(super) mod series;
pub(super) mod show;
pub(super) mod sparql;
pub(super) mod suspects;
