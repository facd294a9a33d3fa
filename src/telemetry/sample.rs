//! A value at an instant.

use crate::model::instant::Instant;

/// A value at an instant, as it was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Instant,
    /// How much, in the unit of the series.
    pub value: f64,
}
