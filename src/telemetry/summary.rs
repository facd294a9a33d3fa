//! The answer for one cell and bucket: what many tallies say together, in the unit of the answer.

use super::exact::Exact;
use super::mapping::Mapping;
use super::sample::Sample;
use super::sketch::{self, Sketch};
use super::tally::{Sums, Tally, earlier, later};
use crate::model::quantity::Transform;
use smallvec::SmallVec;

/// What a sample counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weight {
    /// The time that it speaks for.
    Time,
    /// One.
    Sample,
}

/// Samples that do not satisfy a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beyond {
    /// How many.
    pub count: u64,
    /// The time that they speak for, in nanoseconds.
    pub time_ns: u128,
}

impl Beyond {
    /// Adds more of them.
    pub(super) fn merge(&mut self, more: Self) {
        self.count += more.count;
        self.time_ns += more.time_ns;
    }
}

/// Values that lie close together, and how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// What stands for them: within 1 % of each.
    pub value: f64,
    /// How many.
    pub count: u64,
    /// The time that they speak for, in nanoseconds.
    pub time_ns: u128,
}

/// One bar of a histogram: values of `[from, to)`, the last one's `to` included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The lowest value.
    pub from: f64,
    /// The value above the highest.
    pub to: f64,
    /// How many samples, to the sketch's 1 %.
    pub count: u64,
    /// The time that they speak for, in nanoseconds.
    pub time_ns: u128,
}

/// The aggregate of one cell in one bucket. Merging has no order: the same parts give the same bits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Samples.
    pub count: u64,
    /// The time that they speak for, in nanoseconds.
    pub time_ns: u128,
    /// The time within the pieces, cut at the buckets, for which any sample speaks, whether or not it counts; in nanoseconds.
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
    sketches: SmallVec<[(f64, Sketch); 1]>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Moments {
    sum: Exact,
    squares: Exact,
}

impl Moments {
    fn merge(&mut self, other: &Self) {
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }

    /// Adds sums over `weight`, mapped: as they are where the unit stays, else converted and rounded once.
    fn absorb(&mut self, sums: &Sums, weight: u128, mapping: Mapping) {
        let gather = |sum: &mut Exact| {
            sum.merge(&sums.above);
            match mapping.transform {
                Transform::None => sum.merge(&sums.below),
                Transform::Abs => sum.subtract_sum(&sums.below),
            }
        };
        if mapping.keeps_unit() {
            gather(&mut self.sum);
            self.squares.merge(&sums.squares);
            return;
        }
        let mut sum = Exact::default();
        gather(&mut sum);
        let (sum, squares) = (sum.value(), sums.squares.value());
        let (scale, offset) = (mapping.conversion.scale, mapping.conversion.offset);
        let (absolute, weighed) = (mapping.transform == Transform::Abs, weight as f64);
        let scale = if absolute { scale.abs() } else { scale };
        let converted = mapping.conversion.apply_to_sum(sum, weight);
        self.sum.add(if absolute { converted.abs() } else { converted });
        self.squares.add(scale * scale * squares + 2.0 * scale * offset * sum + offset * offset * weighed);
    }

    fn mean(&self, total: f64) -> f64 {
        self.sum.value() / total
    }

    fn deviation(&self, total: f64) -> f64 {
        let mean = self.mean(total);
        (self.squares.value() / total - mean * mean).max(0.0).sqrt()
    }
}

impl Summary {
    /// Makes the summary of nothing, for a plan with so many limits.
    pub(super) fn empty(limits: usize) -> Self {
        Self { beyond: vec![Beyond::default(); limits], ..Self::default() }
    }

    /// Adds a tally that was made for this mapping.
    pub(super) fn absorb(&mut self, tally: Tally, mapping: Mapping) {
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
        self.absorb_sketch(tally.sketch, mapping);
    }

    fn absorb_sketch(&mut self, sketch: Sketch, mapping: Mapping) {
        let absolute = mapping.transform == Transform::Abs;
        let scale = match (mapping.only_scales(), absolute) {
            (true, false) => mapping.conversion.scale,
            (true, true) => mapping.conversion.scale.abs(),
            (false, _) => 1.0,
        };
        let target = self.sketch(scale);
        if !absolute && target.is_empty() {
            *target = sketch;
            return;
        }
        for (key, bin) in sketch.bins() {
            target.add(if absolute { key.abs() } else { key }, bin.count, bin.time);
        }
    }

    /// Returns the sketch of values that are yet to be scaled by `scale`.
    fn sketch(&mut self, scale: f64) -> &mut Sketch {
        let place = self.sketches.binary_search_by(|(have, _)| have.total_cmp(&scale));
        let index = place.unwrap_or_else(|index| {
            self.sketches.insert(index, (scale, Sketch::default()));
            index
        });
        &mut self.sketches[index].1
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
        for (scale, sketch) in &other.sketches {
            self.sketch(*scale).merge(sketch);
        }
        let limits = self.beyond.len().max(other.beyond.len());
        self.beyond.resize(limits, Beyond::default());
        for (mine, theirs) in self.beyond.iter_mut().zip(&other.beyond) {
            mine.merge(*theirs);
        }
    }

    /// Returns what all samples weigh together: a count, or nanoseconds.
    pub fn total(&self, weight: Weight) -> f64 {
        match weight {
            Weight::Time => self.time_ns as f64,
            Weight::Sample => self.count as f64,
        }
    }

    /// Returns the time that the samples speak for, in hours.
    pub fn hours(&self) -> f64 {
        self.time_ns as f64 / 3.6e12
    }

    /// Returns the sum of the values; with [`Weight::Time`], of value × seconds.
    pub fn sum(&self, weight: Weight) -> f64 {
        match weight {
            Weight::Time => self.weighted.sum.value() / 1e9,
            Weight::Sample => self.plain.sum.value(),
        }
    }

    /// Returns the mean: rounded, but never outside the values.
    pub fn mean(&self, weight: Weight) -> Option<f64> {
        let (moments, total) = self.moments(weight)?;
        let mean = moments.mean(total);
        Some(self.min.zip(self.max).map_or(mean, |(min, max)| mean.clamp(min, max)))
    }

    /// Returns the standard deviation of the population.
    pub fn stddev(&self, weight: Weight) -> Option<f64> {
        let (moments, total) = self.moments(weight)?;
        Some(if self.min == self.max { 0.0 } else { moments.deviation(total) })
    }

    fn moments(&self, weight: Weight) -> Option<(&Moments, f64)> {
        let moments = match weight {
            Weight::Time => &self.weighted,
            Weight::Sample => &self.plain,
        };
        let total = self.total(weight);
        (total > 0.0).then_some((moments, total))
    }

    /// Returns the quantile `p` of 0…1 by nearest rank on weight: the smallest value such that values up to it
    /// weigh at least `p` of all; right to 1 % of the value, exact at 0 and 1. `None` where nothing was
    /// counted, or the plan did not ask for quantiles.
    pub fn percentile(&self, p: f64, weight: Weight) -> Option<f64> {
        let points = self.distribution();
        let weigh = |point: &Point| match weight {
            Weight::Time => point.time_ns,
            Weight::Sample => u128::from(point.count),
        };
        let total: u128 = points.iter().map(weigh).sum();
        if total == 0 {
            return None;
        }
        if p <= 0.0 {
            return self.min;
        }
        if p >= 1.0 {
            return self.max;
        }
        let rank = ((p * total as f64).ceil() as u128).clamp(1, total);
        let mut below = 0;
        let reached = points.iter().find(|point| {
            below += weigh(point);
            below >= rank
        });
        reached.map(|point| point.value)
    }

    /// Returns the sketch: values in ascending order, each standing for those within 1 % of it.
    pub fn distribution(&self) -> Vec<Point> {
        let (Some(min), Some(max)) = (self.min, self.max) else { return Vec::new() };
        let mut points: Vec<Point> = Vec::new();
        for (scale, sketch) in &self.sketches {
            points.extend(sketch.bins().map(|(key, bin)| Point {
                value: (sketch::centre(key) * scale).clamp(min, max),
                count: bin.count,
                time_ns: bin.time,
            }));
        }
        points.sort_by(|a, b| a.value.total_cmp(&b.value));
        points
    }

    /// Returns `bars` bars of equal width from the smallest to the greatest value.
    pub fn histogram(&self, bars: usize) -> Vec<Bar> {
        let (Some(min), Some(max)) = (self.min, self.max) else { return Vec::new() };
        let bars = if min == max { bars.min(1) } else { bars };
        let edge =
            |bar: usize| if bar == bars { max } else { min + (max - min) * (bar as f64 / bars as f64) };
        let mut histogram: Vec<Bar> =
            (0..bars).map(|bar| Bar { from: edge(bar), to: edge(bar + 1), count: 0, time_ns: 0 }).collect();
        for point in self.distribution() {
            let bar = histogram.partition_point(|bar| bar.from <= point.value).saturating_sub(1);
            if let Some(bar) = histogram.get_mut(bar) {
                bar.count += point.count;
                bar.time_ns += point.time_ns;
            }
        }
        histogram
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
