//! The time series of all twins: durable ingest, immutable chunks, watermarks, and one aggregate call.
//!
//! A series is (twin, measurement, field, other tags), a sample (instant, double), stored as sent; what it means is
//! not known here. [`Store`] takes samples in and is on the disk when it returns; [`View`] answers as of one watermark.

mod arrivals;
mod batch;
mod blocks;
mod bytes;
mod catalog;
mod check;
mod column;
mod columns;
mod committer;
mod compact;
mod counter;
mod dictionary;
mod entry;
mod error;
mod exact;
mod fold;
mod form;
mod frames;
mod gone;
mod grain;
mod guard;
mod horizon;
mod ledger;
mod limit;
mod line;
mod lines;
mod log;
mod maker;
mod mapping;
mod name;
mod notes;
mod part;
mod parts;
mod pins;
mod plan;
mod points;
mod retain;
mod rollup;
mod row;
mod salvage;
mod sample;
mod seal;
mod sealer;
mod series;
mod settings;
mod sketch;
mod slot;
mod source;
mod stamps;
mod state;
mod store;
mod summary;
mod tally;
mod tap;
mod track;
mod view;
mod watermark;

#[cfg(test)]
mod tests;

pub use batch::{Batch, Rejected, Written};
pub use check::{Checked, Damage, check};
pub use counter::Increase;
pub use error::Error;
pub use line::Precision;
pub use notes::{Replaced, SkippedText};
pub use pins::Pin;
pub use plan::{Comparator, Guard, Piece, Plan, Plausible};
pub use salvage::salvage;
pub use sample::Sample;
pub use series::{Key, Series, SeriesId};
pub use settings::{Rollups, Rule, Settings};
pub use state::States;
pub use store::Store;
pub use summary::{Bar, Beyond, Point, Summary, Weight};
pub use tap::{Arrival, Tap};
pub use view::View;
pub use watermark::{Malformed as MalformedWatermark, Watermark};
