//! Reports on files that came in: an import into the graph, readings into the telemetry.

pub mod import;
pub mod ingest;
