//! A value at an instant.

use crate::model::time::instant::Instant;

/// A value at an instant, as it was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Instant,
    /// How much, in the unit of the series.
    pub value: f64,
}

/// Instants that can be stored end here: 2262-01-01, close to what 64 bits of nanoseconds can represent.
pub(in crate::telemetry) const LATEST: i64 = 9_214_646_400_000_000_000;
