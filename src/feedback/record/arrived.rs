//! The samples that have arrived since a review was opened.

use crate::feedback::error::Error;
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::interval::Interval;
use crate::telemetry::{Piece, Plan, Plausible, SeriesId, Summary, View};
use crate::twins::Observation;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The samples that one view has and another has not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Arrived {
    /// How many instants have a sample that had none.
    pub samples: i64,
    /// The hours that samples cover now and did not before.
    pub hours: f64,
    /// How many samples were replaced by a later arrival.
    pub overwritten: i64,
    /// How many arrived after a sample of a later instant.
    pub late: i64,
    /// In how many series.
    pub series: usize,
}

/// Counts what has arrived between two views in the series that observe something now, while they do. What the earlier view
/// does not answer it had not seen.
pub fn arrived(
    then: &View,
    now: &View,
    observations: &BTreeMap<SeriesId, Observation>,
    window: Interval,
) -> Result<Arrived, Error> {
    let mut pieces = Vec::new();
    for (cell, (series, observation)) in observations.iter().enumerate() {
        let piece = |within: &Interval| Piece {
            series: *series,
            within: *within,
            conversion: Conversion::IDENTITY,
            transform: Transform::None,
            hold_ns: observation.hold_ns,
            cell,
            guards: Arc::new([]),
            plausible: Plausible::ALL,
        };
        pieces.extend(observation.within.iter().map(piece));
    }
    let plan =
        Plan { cells: observations.len(), buckets: vec![window], limits: Vec::new(), quantiles: false };
    let after = now.aggregate(&pieces, &plan)?;
    pieces.retain(|piece| then.answers(piece.series, piece.within));
    let before = then.aggregate(&pieces, &plan)?;
    let pairs = before.iter().flatten().zip(after.iter().flatten());
    Ok(pairs.fold(Arrived::default(), |sum, (before, after)| sum.and(before, after)))
}

impl Arrived {
    fn and(self, before: &Summary, after: &Summary) -> Self {
        let more = |count: fn(&Summary) -> u64| count(after) as i64 - count(before) as i64;
        let (samples, overwritten) = (more(|of| of.count), more(|of| of.overwritten));
        Self {
            samples: self.samples + samples,
            hours: self.hours + after.hours() - before.hours(),
            overwritten: self.overwritten + overwritten,
            late: self.late + more(|of| of.late),
            series: self.series + usize::from((samples, overwritten) != (0, 0)),
        }
    }
}
