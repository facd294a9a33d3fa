//! Each use case once. [`App`] is the only owner of a repository and a telemetry store together, and the only writer.
//!
//! Everything here is synchronous. Nothing here knows GraphQL, HTTP or the command line.

mod application;
mod backup;
mod clear;
mod decide;
mod error;
mod evidence;
mod exposure;
mod import;
mod ingest;
mod monitor;
mod reading;
mod resolution;
mod retry;
mod review;
mod scope;
mod server_settings;
mod settings;
mod upkeep;

pub use application::App;
pub use backup::{BackedUp, Restored, restore};
pub use clear::ClearRequest;
pub use decide::DecisionRequest;
pub use error::Error;
pub use evidence::{EvidenceRequest, Recorded};
pub use exposure::Exposed;
pub use import::{ImportOptions, Imported, ReadReport, Reading, SourceFile, SourceStatements};
pub use ingest::Ingested;
pub use monitor::{Monitor, MonitorRun, Monitors, Schedule, Watched};
pub use reading::telemetry_to_read;
pub use resolution::{Choice, resolution};
pub use review::{OpenRequest, Opened, REVIEW, SignRequest};
pub use scope::Scope;
pub use server_settings::ServerSettings;
pub use settings::{MaintenanceSettings, Settings};
pub use upkeep::Upkeep;

#[cfg(test)]
mod tests;
