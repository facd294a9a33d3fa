//! What a run of monitors saw and did.

use crate::feedback::Filing;
use crate::graph::{CommitId, Committed};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::Watermark;

/// What a run saw and did.
#[derive(Clone, Debug)]
pub struct MonitorRun {
    /// When it began.
    pub at: Instant,
    /// The version that was read.
    pub read: CommitId,
    /// The telemetry that was known.
    pub watermark: Watermark,
    /// Each monitor.
    pub watched: Vec<Watched>,
    /// What the violations came to, the known ones too.
    pub filings: Vec<Filing>,
    /// The commit; `None` where nothing was new.
    pub committed: Option<Committed>,
}

/// What one monitor saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// Its name.
    pub monitor: String,
    /// When it looked at.
    pub window: Interval,
    /// How many margins of requirements it judged.
    pub margins: usize,
    /// How many of them are violated.
    pub violated: usize,
    /// How many of them are unknown.
    pub unknown: usize,
    /// What kept it from looking at an item or a requirement.
    pub problems: Vec<String>,
}
