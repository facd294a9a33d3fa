//! Two cohorts side by side: is a statistic lower or higher on the right, by how much, and how sure is that?

pub(super) mod compare;
pub(super) mod demonstration;
pub(super) mod effectiveness;
pub(super) mod lives;

use super::error::Error;
use super::margin::cohort::{Shortfall, Side};
use super::margin::constraint::Statistic;
use super::sufficiency::Sufficiency;
use crate::graph::CommitId;
use crate::model::number::quantity::Transform;
use crate::statistics::difference::{self, ConfidenceInterval, Resampling, TooFewUnits, Values};
use crate::statistics::effect;
use crate::telemetry::Watermark;
use oxigraph::model::NamedNode;
use std::collections::BTreeSet;

/// What is compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// What is observed.
    pub property: NamedNode,
    /// The statistic of each unit.
    pub statistic: Statistic,
    /// What is done to each value first.
    pub transform: Transform,
    /// The unit of all values; `None` where nothing was bound, or to a signal without unit. The difference is one of
    /// values in this unit: it converts into others without their offset.
    pub unit: Option<NamedNode>,
    /// The version from which it is known who was where.
    pub commit: CommitId,
    /// The telemetry that was known.
    pub watermark: Watermark,
}

/// Two cohorts compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What is compared.
    pub compared: Compared,
    /// The cohort that is compared with.
    pub left: Side,
    /// The cohort that is compared.
    pub right: Side,
    /// The units that count on both sides: each is compared with itself.
    pub paired_units: usize,
    /// The mean over the units of the right less that of the left; `None` where a side has none.
    pub difference: Option<f64>,
    /// How far percentiles that are not exact may have moved the difference; 0 for all other statistics.
    pub resolution: f64,
    /// Where the true difference probably lies; `None` where too little was observed.
    pub interval: Option<ConfidenceInterval>,
    /// How the interval was found.
    pub resampling: Resampling,
    /// The difference in standard deviations of the units; where all of them are on both sides, of the differences of each with
    /// itself.
    pub hedges_g: Option<f64>,
    /// How much more often a unit of the right lies above one of the left than below.
    pub cliffs_delta: Option<f64>,
    /// What can be concluded.
    pub verdict: ComparisonVerdict,
    /// Why nothing can, the left side first.
    pub shortfalls: (Option<Shortfall>, Option<Shortfall>),
    /// Why nothing can, though each side has units enough.
    pub too_few_units: Option<TooFewUnits>,
}

/// How the right side compares with the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComparisonVerdict {
    /// The whole interval lies below zero, by more than the resolution.
    Lower,
    /// The whole interval lies above zero, by more than the resolution.
    Higher,
    /// The interval includes zero: no difference is shown.
    NoDifference,
    /// A side is too small, too little of it was observed, or the sides together show nothing at the confidence.
    Unknown,
}

impl Comparison {
    /// Compares what was observed of two cohorts.
    pub(super) fn of(
        compared: Compared,
        left: Side,
        right: Side,
        resampling: Resampling,
        sufficiency: Sufficiency,
    ) -> Result<Self, Error> {
        resampling.check()?;
        let (lefts, rights) = (left.values(), right.values());
        let shortfalls = (left.shortfall(sufficiency), right.shortfall(sufficiency));
        let is_known = shortfalls == (None, None);
        let found = is_known.then(|| difference::interval(&values(&left), &values(&right), resampling));
        let (interval, too_few_units) = match found.transpose() {
            Ok(interval) => (interval, None),
            Err(difference::Error::TooFewUnits(too_few)) => (None, Some(too_few)),
            Err(error) => return Err(error.into()),
        };
        let hedges_g = match differences(&left, &right) {
            Some(differences) => effect::paired_hedges_g(&differences),
            None => effect::hedges_g(&lefts, &rights),
        };
        let resolution = resolution(&left) + resolution(&right);
        Ok(Self {
            paired_units: paired(&left, &right),
            difference: right.mean().zip(left.mean()).map(|(right, left)| right - left),
            resolution,
            interval,
            resampling,
            hedges_g: hedges_g.filter(|_| interval.is_some()),
            cliffs_delta: effect::cliffs_delta(&lefts, &rights).filter(|_| interval.is_some()),
            verdict: verdict(interval, resolution),
            shortfalls,
            too_few_units,
            compared,
            left,
            right,
        })
    }
}

fn verdict(interval: Option<ConfidenceInterval>, resolution: f64) -> ComparisonVerdict {
    match interval {
        None => ComparisonVerdict::Unknown,
        Some(interval) if interval.high + resolution < 0.0 => ComparisonVerdict::Lower,
        Some(interval) if interval.low - resolution > 0.0 => ComparisonVerdict::Higher,
        Some(_) => ComparisonVerdict::NoDifference,
    }
}

fn values(side: &Side) -> Values<'_> {
    side.counted().map(|(unit, value)| (unit.twin.as_str(), value)).collect()
}

fn paired(left: &Side, right: &Side) -> usize {
    let known: BTreeSet<&str> = left.counted().map(|(unit, _)| unit.twin.as_str()).collect();
    right.counted().filter(|(unit, _)| known.contains(unit.twin.as_str())).count()
}

/// Returns the difference of each unit with itself; `None` where a unit counts on one side alone.
fn differences(left: &Side, right: &Side) -> Option<Vec<f64>> {
    let (left, right) = (values(left), values(right));
    let is_paired = left.len() == right.len();
    left.iter().map(|(name, left)| Some(right.get(name).filter(|_| is_paired)? - left)).collect()
}

/// Returns how far the mean of a side may be off.
fn resolution(side: &Side) -> f64 {
    let within: Vec<f64> = side.counted().map(|(unit, _)| unit.within).collect();
    effect::mean(&within).unwrap_or(0.0)
}
