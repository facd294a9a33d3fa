//! The answer for one cell and bucket: many tallies together, in the unit of the answer.

use super::distribution::{Distribution, Point};
use super::moments::Moments;
use crate::model::number::quantity::Transform;
use crate::model::number::rank;
use crate::telemetry::aggregate::beyond::Beyond;
use crate::telemetry::aggregate::mapping::Mapping;
use crate::telemetry::error::Error;
use crate::telemetry::read::fragment::Fragments;
use crate::telemetry::read::tally::{Tally, earlier, later};
use crate::telemetry::series::sample::Sample;
use std::sync::{Arc, OnceLock};

/// What a sample counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SampleWeight {
    /// The time that it counts for.
    Time,
    /// One.
    Sample,
}

/// One bar of a histogram: values of `[from, to)`, the last one's `to` included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The lowest value.
    pub from: f64,
    /// The value above the highest.
    pub to: f64,
    /// How many samples; an edge is right to [`Summary::resolution`].
    pub count: u64,
    /// The time that they count for, in nanoseconds.
    pub time_ns: u128,
}

/// The aggregate of one cell in one bucket. Merging has no order: the same parts give the same bits.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Samples.
    pub count: u64,
    /// The time that they count for, in nanoseconds.
    pub time_ns: u128,
    /// The time within the pieces, cut at the buckets, that lies in the weight of any sample, whether or not that one counts; in nanoseconds.
    pub covered_ns: u128,
    /// The time of samples of which it is not known whether the guards hold, in nanoseconds.
    pub undecided_ns: u128,
    /// The smallest value.
    pub min: Option<f64>,
    /// The greatest value.
    pub max: Option<f64>,
    /// The earliest sample.
    pub first: Option<Sample>,
    /// The latest sample.
    pub last: Option<Sample>,
    /// Samples that a later arrival replaced.
    pub overwritten: u64,
    /// Samples that arrived after a sample of a later instant.
    pub late: u64,
    /// Samples that do not count, because no sensor of the series can measure such a value.
    pub implausible: Beyond,
    /// For each limit of the plan, the samples that do not satisfy it: exact.
    pub beyond: Vec<Beyond>,
    plain: Moments,
    weighted: Moments,
    fragments: Fragments,
    /// How the values are distributed, once that was asked.
    distribution: OnceLock<Arc<Distribution>>,
}

impl Summary {
    /// Makes the summary of nothing, for a plan with so many limits.
    pub(in crate::telemetry) fn empty(limits: usize) -> Self {
        Self { beyond: vec![Beyond::default(); limits], ..Self::default() }
    }

    /// Adds a tally that was made for this mapping.
    pub(in crate::telemetry) fn absorb(&mut self, tally: Tally, mapping: Mapping) {
        self.overwritten += tally.overwritten;
        self.late += tally.late;
        if tally.count == 0 {
            return;
        }
        let mapping = mapping.of_tally();
        self.count += tally.count;
        self.time_ns += tally.time;
        self.plain.absorb(&tally.plain, u128::from(tally.count), mapping);
        self.weighted.absorb(&tally.weighted, tally.time, mapping);
        let (min, max) = extremes(&tally, mapping);
        self.widen(Some(min), Some(max));
        let map = |sample: Sample| Sample { value: mapping.apply(sample.value), ..sample };
        self.first = earlier(self.first, tally.first.map(map));
        self.last = later(self.last, tally.last.map(map));
        self.fragments.0.extend(tally.fragments.0);
        self.distribution = OnceLock::new();
    }

    fn widen(&mut self, min: Option<f64>, max: Option<f64>) {
        self.min = self.min.into_iter().chain(min).reduce(f64::min);
        self.max = self.max.into_iter().chain(max).reduce(f64::max);
    }

    /// Adds another summary of the same plan.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.time_ns += other.time_ns;
        self.covered_ns += other.covered_ns;
        self.undecided_ns += other.undecided_ns;
        self.widen(other.min, other.max);
        self.first = earlier(self.first, other.first);
        self.last = later(self.last, other.last);
        self.overwritten += other.overwritten;
        self.late += other.late;
        self.implausible.merge(other.implausible);
        self.plain.merge(&other.plain);
        self.weighted.merge(&other.weighted);
        self.fragments.merge(&other.fragments);
        self.distribution = OnceLock::new();
        let limits = self.beyond.len().max(other.beyond.len());
        self.beyond.resize(limits, Beyond::default());
        for (mine, theirs) in self.beyond.iter_mut().zip(&other.beyond) {
            mine.merge(*theirs);
        }
    }

    /// Returns what all samples weigh together: a count, or nanoseconds.
    pub fn total(&self, weight: SampleWeight) -> f64 {
        match weight {
            SampleWeight::Time => self.time_ns as f64,
            SampleWeight::Sample => self.count as f64,
        }
    }

    /// Returns the time that the samples count for, in hours.
    pub fn hours(&self) -> f64 {
        self.time_ns as f64 / 3.6e12
    }

    /// Returns the sum of the values; with [`SampleWeight::Time`], of value × seconds. Infinity where it is beyond a double.
    pub fn sum(&self, weight: SampleWeight) -> f64 {
        match weight {
            SampleWeight::Time => self.weighted.sum() / 1e9,
            SampleWeight::Sample => self.plain.sum(),
        }
    }

    /// Returns the mean: rounded, but never outside the values.
    pub fn mean(&self, weight: SampleWeight) -> Option<f64> {
        let (moments, total) = self.moments(weight)?;
        let mean = moments.mean(total);
        Some(self.min.zip(self.max).map_or(mean, |(min, max)| mean.clamp(min, max)))
    }

    /// Returns how large the numbers are that the mean is rounded at.
    pub fn mean_magnitude(&self, weight: SampleWeight) -> Option<f64> {
        self.moments(weight).map(|(moments, total)| moments.magnitude(total))
    }

    /// Returns the standard deviation of the population.
    pub fn stddev(&self, weight: SampleWeight) -> Option<f64> {
        let (moments, total) = self.moments(weight)?;
        Some(if self.min == self.max { 0.0 } else { moments.deviation(total) })
    }

    fn moments(&self, weight: SampleWeight) -> Option<(&Moments, f64)> {
        let moments = match weight {
            SampleWeight::Time => &self.weighted,
            SampleWeight::Sample => &self.plain,
        };
        let total = self.total(weight);
        (total > 0.0).then_some((moments, total))
    }

    /// Returns the quantile `p` of 0…1 by nearest rank on weight: the smallest value such that values up to it
    /// weigh at least `p` of all; right to [`Self::resolution`], exact at 0 and 1. `None` where nothing was
    /// counted, or the plan did not ask for quantiles.
    pub fn percentile(&self, p: f64, weight: SampleWeight) -> Result<Option<f64>, Error> {
        let points = self.distribution()?;
        let weigh = |point: &Point| match weight {
            SampleWeight::Time => point.time_ns,
            SampleWeight::Sample => u128::from(point.count),
        };
        let total: u128 = points.iter().map(weigh).sum();
        if total == 0 {
            return Ok(None);
        }
        if p <= 0.0 {
            return Ok(self.min);
        }
        if p >= 1.0 {
            return Ok(self.max);
        }
        let rank = rank::rank(p, total);
        let mut below = 0;
        let reached = points.iter().find(|point| {
            below += weigh(point);
            below >= rank
        });
        Ok(reached.map(|point| point.value))
    }

    /// Returns the values in ascending order, with what each counts.
    pub fn distribution(&self) -> Result<&[Point], Error> {
        Ok(&self.settled()?.points)
    }

    /// Returns the time of the points up to a value.
    pub fn time_up_to(&self, value: f64) -> Result<u128, Error> {
        let Distribution { points, times, .. } = self.settled()?;
        let end = points.partition_point(|point| point.value <= value);
        Ok(times.get(end.wrapping_sub(1)).copied().unwrap_or(0))
    }

    /// Returns how far a point of the distribution may be off the values that it counts, half the width of a bin: 0 where up to 256 different
    /// values were counted, else less than 0.1 % of the range from the 1st to the 99th percentile of the samples, unless samples were
    /// dropped that would be needed for that.
    pub fn resolution(&self) -> Result<f64, Error> {
        Ok(self.settled()?.resolution)
    }

    /// Returns the same with points that are off by a resolution at most; `None` where they are so already.
    pub fn finer(&self, resolution: f64) -> Result<Option<Self>, Error> {
        let is_coarser = resolution > 0.0 && self.resolution()? > resolution;
        let Some(bounds) = self.min.zip(self.max).filter(|_| is_coarser) else { return Ok(None) };
        let found = Arc::new(Distribution::within(&self.fragments, bounds, resolution)?);
        Ok(Some(Self { distribution: OnceLock::from(found), ..self.clone() }))
    }

    /// Puts the fragments together the first time; an error is not kept, so that the next call tries again.
    fn settled(&self) -> Result<&Distribution, Error> {
        if let Some(known) = self.distribution.get() {
            return Ok(known);
        }
        let bounds = self.min.zip(self.max);
        let found = bounds.map(|bounds| Distribution::of(&self.fragments, bounds)).transpose()?;
        Ok(self.distribution.get_or_init(|| Arc::new(found.unwrap_or_default())))
    }

    /// Returns `bars` bars of equal width from the smallest to the greatest value.
    pub fn histogram(&self, bars: usize) -> Result<Vec<Bar>, Error> {
        let (Some(min), Some(max)) = (self.min, self.max) else { return Ok(Vec::new()) };
        let bars = if min == max { bars.min(1) } else { bars };
        let edge =
            |bar: usize| if bar == bars { max } else { min + (max - min) * (bar as f64 / bars as f64) };
        let mut histogram: Vec<Bar> =
            (0..bars).map(|bar| Bar { from: edge(bar), to: edge(bar + 1), count: 0, time_ns: 0 }).collect();
        for point in self.distribution()? {
            let bar = histogram.partition_point(|bar| bar.from <= point.value).saturating_sub(1);
            if let Some(bar) = histogram.get_mut(bar) {
                bar.count += point.count;
                bar.time_ns += point.time_ns;
            }
        }
        Ok(histogram)
    }
}

impl PartialEq for Summary {
    fn eq(&self, other: &Self) -> bool {
        let figures =
            |of: &Self| (of.count, of.time_ns, of.min, of.max, of.first, of.last, of.overwritten, of.late);
        let accounts = |of: &Self| (of.covered_ns, of.undecided_ns, of.implausible);
        figures(self) == figures(other)
            && accounts(self) == accounts(other)
            && self.beyond == other.beyond
            && self.plain == other.plain
            && self.weighted == other.weighted
            && self.settled().ok() == other.settled().ok()
    }
}

fn extremes(tally: &Tally, mapping: Mapping) -> (f64, f64) {
    match mapping.transform {
        Transform::None => {
            let (a, b) = (mapping.apply(tally.min), mapping.apply(tally.max));
            (a.min(b), a.max(b))
        }
        Transform::Abs => (mapping.apply(tally.least), mapping.apply(tally.min.abs().max(tally.max.abs()))),
    }
}
