//! Reads one version: resources, pages, SPARQL, and what is found by name or text.

pub(super) mod arrival;
pub mod blame;
pub mod changed_since_first;
pub(super) mod literal_scan;
pub(super) mod log_walk;
pub mod oracle;
pub(crate) mod overlay;
pub mod page;
pub(crate) mod recent_changes;
pub mod snapshot;
pub mod sparql;
pub(crate) mod version;
pub(super) mod version_cache;
