//! How good past forecasts were: whether the truth lay within their intervals, and how long before it they were made.

use super::forecast::{ForecastOutcome, ForecastRecord};
use crate::feedback::error::Error;
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use oxigraph::model::NamedNode;

/// The score of forecasts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ForecastScore {
    /// How many were made.
    pub made: usize,
    /// How many are pending.
    pub pending: usize,
    /// How many came true.
    pub came_true: usize,
    /// How many expired.
    pub expired: usize,
    /// How many units left service before.
    pub withdrawn: usize,
    /// How many of those that came true did so within their interval.
    pub covered: usize,
    /// The median of the hours from the making of a forecast that came true to the crossing.
    pub lead_hours: Option<f64>,
    /// The median of the hours by which the crossing came later than expected.
    pub error_hours: Option<f64>,
}

impl ForecastScore {
    /// Scores the forecasts of a constraint, or of an item; of all where neither is given.
    pub fn of(
        snapshot: &Snapshot,
        constraint: Option<&NamedNode>,
        item: Option<&NamedNode>,
    ) -> Result<Self, Error> {
        let of = |record: &ForecastRecord| {
            constraint.is_none_or(|constraint| record.constraint == *constraint)
                && item.is_none_or(|item| record.design.as_ref() == Some(item) || record.twin == *item)
        };
        let records = ForecastRecord::all(snapshot)?;
        Ok(Self::count(records.iter().filter(|record| of(record))))
    }

    fn count<'a>(records: impl Iterator<Item = &'a ForecastRecord>) -> Self {
        let mut score = Self::default();
        let (mut leads, mut errors) = (Vec::new(), Vec::new());
        for record in records {
            score.made += 1;
            match (record.outcome, record.crossed_at) {
                (ForecastOutcome::Pending, _) => score.pending += 1,
                (ForecastOutcome::Expired, _) => score.expired += 1,
                (ForecastOutcome::Withdrawn, _) => score.withdrawn += 1,
                (ForecastOutcome::CameTrue, crossed) => {
                    score.came_true += 1;
                    let Some(crossed) = crossed else { continue };
                    let is_late_enough = record.earliest.is_none_or(|earliest| earliest <= crossed);
                    let is_early_enough = record.latest.is_none_or(|latest| crossed <= latest);
                    score.covered += usize::from(is_late_enough && is_early_enough);
                    leads.push(hours(record.made_at, crossed));
                    errors.push(hours(record.expected_at, crossed));
                }
            }
        }
        score.lead_hours = median(&mut leads);
        score.error_hours = median(&mut errors);
        score
    }

    /// Returns the share of forecasts with a known outcome whose interval held the crossing; one that expired did not.
    pub fn coverage(&self) -> Option<f64> {
        let known = self.came_true + self.expired;
        (known > 0).then(|| self.covered as f64 / known as f64)
    }
}

fn hours(from: Instant, to: Instant) -> f64 {
    (to.nanos() as f64 - from.nanos() as f64) / 3.6e12
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied()?;
    let is_even = values.len().is_multiple_of(2);
    Some(if is_even { f64::midpoint(values[middle - 1], upper) } else { upper })
}
