//! The time series of all twins: durable ingest, immutable chunks, watermarks, and one aggregate call.
//!
//! A series is (twin, measurement, field, other tags), a sample (instant, double), stored as sent; what it means is
//! not known here. [`Store`] takes samples in and is on the disk when it returns; [`View`] answers as of one watermark.

mod aggregate;
mod error;
mod file;
mod ingest;
mod log;
mod part;
mod query;
mod read;
mod repair;
mod series;
mod settings;
mod store;

#[cfg(test)]
mod tests;

pub use aggregate::beyond::Beyond;
pub use error::Error;
pub use ingest::batch::Batch;
pub use ingest::line::Precision;
pub use ingest::lines::twins as twins_of_lines;
pub use ingest::notes::{Replaced, SkippedText};
pub use ingest::refusals::Rejected;
pub use ingest::timestamp_precision::coarser_precision;
pub use ingest::written::Written;
pub use log::tap::{Arrival, Tap};
pub use query::counter::Increase;
pub use query::distribution::Point;
pub use query::state::States;
pub use query::summary::{Bar, SampleWeight, Summary};
pub use read::derived::Derived;
pub use read::plan::{Comparator, Guard, Piece, Plan, Plausible};
pub use repair::backup::{Backup, verify_backup};
pub use repair::check::{Checked, Damage, check};
pub use repair::salvage::salvage;
pub use series::key::{Series, SeriesId, SeriesKey};
pub use series::sample::Sample;
pub use series::watermark::{Malformed as MalformedWatermark, Watermark};
pub use settings::{Rollups, Rule, Settings, WrittenSettings};
pub use store::Store;
pub use store::deletion::Selection;
pub use store::figures::Figures;
pub use store::pins::Pin;
pub use store::view::View;
