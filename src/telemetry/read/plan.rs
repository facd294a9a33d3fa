//! What is asked of the store in one call: pieces of series, and how they are cut and counted.

use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::interval::Interval;
use crate::telemetry::series::key::SeriesId;
use std::sync::Arc;

/// A stretch of one series, as the join found it.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The series.
    pub series: SeriesId,
    /// The stretch.
    pub within: Interval,
    /// From the unit of the series to the unit of the answer.
    pub conversion: Conversion,
    /// What is done to the converted value.
    pub transform: Transform,
    /// The longest stretch to the next sample that a sample counts for whole, in nanoseconds; for a longer one it counts two thirds of
    /// this. Zero or less: 1.5 hours.
    pub hold_ns: i64,
    /// Where in the answer the piece counts.
    pub cell: usize,
    /// Only samples at whose instant all of these hold count; the time of the others is in [`crate::telemetry::query::summary::Summary::undecided_ns`] where
    /// it is not known whether they hold.
    pub guards: Arc<[Guard]>,
    /// Only samples with these values count.
    pub plausible: Plausible,
}

/// From which value to which a sensor can measure, both included, in the unit of the series. A sample beyond is a fault of the
/// sensor or of its line: what was true in its time is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plausible {
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
}

impl Plausible {
    /// All values.
    pub const ALL: Self = Self { min: f64::NEG_INFINITY, max: f64::INFINITY };

    /// Returns whether a value is one of these.
    #[inline]
    pub fn contains(self, value: f64) -> bool {
        self.min <= value && value <= self.max
    }
}

impl Default for Plausible {
    fn default() -> Self {
        Self::ALL
    }
}

/// Holds where the last value of another series lies within the bounds, fails where it does not, and is undecided where that value
/// is older than `hold_ns` or there is none.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The other series; `None`: nothing observes the condition, so that it is undecided throughout.
    pub series: Option<SeriesId>,
    /// From its unit to the unit of the bounds.
    pub conversion: Conversion,
    /// What is done to the converted value.
    pub transform: Transform,
    /// What must hold.
    pub comparator: Comparator,
    /// A value holds from its instant until the next one, but less than this many nanoseconds; zero or less: less than an hour.
    pub hold_ns: i64,
    /// Beyond these the value is not known, so that the guard is undecided.
    pub plausible: Plausible,
}

/// A comparison with its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparator {
    /// At most the limit.
    Le(f64),
    /// Below the limit.
    Lt(f64),
    /// At least the limit.
    Ge(f64),
    /// Above the limit.
    Gt(f64),
    /// From the first to the second limit, both included.
    Between(f64, f64),
}

impl Comparator {
    /// Returns whether a value satisfies the comparison.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::Le(limit) => value <= limit,
            Self::Lt(limit) => value < limit,
            Self::Ge(limit) => value >= limit,
            Self::Gt(limit) => value > limit,
            Self::Between(lower, upper) => lower <= value && value <= upper,
        }
    }

    /// Returns the limit, the lower one of two.
    pub fn limit(self) -> f64 {
        match self {
            Self::Le(limit)
            | Self::Lt(limit)
            | Self::Ge(limit)
            | Self::Gt(limit)
            | Self::Between(limit, _) => limit,
        }
    }
}

/// How the pieces of one call are cut and counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// How many cells the answer has.
    pub cells: usize,
    /// Disjoint spans in time order; every cell is answered for each of them.
    pub buckets: Vec<Interval>,
    /// For each, the samples that do not satisfy it are counted exactly.
    pub limits: Vec<Comparator>,
    /// Whether percentiles and histograms will be asked of the answer; without them it comes faster.
    pub quantiles: bool,
}

impl Plan {
    /// Asks for one cell over one span, percentiles included.
    pub fn whole(window: Interval) -> Self {
        Self { cells: 1, buckets: vec![window], limits: Vec::new(), quantiles: true }
    }
}
