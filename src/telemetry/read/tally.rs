//! What is known of a set of samples of one series, in the series' own unit: the value of a bucket.
//!
//! Every part is exact and independent of order (integers, sums without rounding, extremes), so a tally is a
//! function of the set alone: however the set was cut, stored or merged, the bits are the same.

use super::fragment::Fragments;
use crate::telemetry::aggregate::exact::Exact;
use crate::telemetry::series::sample::Sample;

/// Sums over samples, those above zero apart from those below, so that the sign can be dropped later.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::telemetry) struct Sums {
    /// Σ v of v ≥ 0.
    pub(in crate::telemetry) above: Exact,
    /// Σ v of v < 0.
    pub(in crate::telemetry) below: Exact,
    /// Σ v².
    pub(in crate::telemetry) squares: Exact,
}

impl Sums {
    #[inline]
    fn add(&mut self, value: f64) {
        if value >= 0.0 {
            self.above.add(value);
        } else {
            self.below.add(value);
        }
        self.squares.add_square(value, 1);
    }

    fn add_times(&mut self, value: f64, times: u64) {
        let half = if value >= 0.0 { &mut self.above } else { &mut self.below };
        half.add_times(value, times);
        self.squares.add_square(value, times);
    }

    fn subtract_times(&mut self, value: f64, times: u64) {
        let half = if value >= 0.0 { &mut self.above } else { &mut self.below };
        half.subtract_times(value, times);
        self.squares.subtract_square_times(value, times);
    }

    fn merge_times(&mut self, other: &Self, times: u64) {
        self.above.merge_times(&other.above, times);
        self.below.merge_times(&other.below, times);
        self.squares.merge_times(&other.squares, times);
    }

    fn clear(&mut self) {
        self.above.clear();
        self.below.clear();
        self.squares.clear();
    }

    pub(in crate::telemetry) fn merge(&mut self, other: &Self) {
        self.above.merge(&other.above);
        self.below.merge(&other.below);
        self.squares.merge(&other.squares);
    }
}

/// The value of a set of samples.
#[derive(Clone, Debug)]
pub(in crate::telemetry) struct Tally {
    /// Samples.
    pub(in crate::telemetry) count: u64,
    /// The time they weigh, in nanoseconds.
    pub(in crate::telemetry) time: u128,
    /// Sums in which every sample weighs 1.
    pub(in crate::telemetry) plain: Sums,
    /// Sums in which every sample weighs its nanoseconds.
    pub(in crate::telemetry) weighted: Sums,
    /// The smallest value.
    pub(in crate::telemetry) min: f64,
    /// The greatest value.
    pub(in crate::telemetry) max: f64,
    /// The smallest magnitude.
    pub(in crate::telemetry) least: f64,
    /// The earliest sample.
    pub(in crate::telemetry) first: Option<Sample>,
    /// The latest sample.
    pub(in crate::telemetry) last: Option<Sample>,
    /// How the values are distributed; code that adds samples adds to this as well.
    pub(in crate::telemetry) fragments: Fragments,
    /// Samples that a later arrival replaced.
    pub(in crate::telemetry) overwritten: u64,
    /// Samples that arrived after a sample of a later instant.
    pub(in crate::telemetry) late: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            count: 0,
            time: 0,
            plain: Sums::default(),
            weighted: Sums::default(),
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            least: f64::INFINITY,
            first: None,
            last: None,
            fragments: Fragments::default(),
            overwritten: 0,
            late: 0,
        }
    }
}

/// Samples of equal weight, one after the other, as most are: their sums are weighted together.
#[derive(Clone, Debug, Default)]
pub(in crate::telemetry) struct Run {
    weight: u64,
    count: usize,
    first: f64,
    sums: Sums,
}

impl Run {
    #[inline]
    fn add(&mut self, tally: &mut Tally, value: f64, weight: u64) {
        if weight != self.weight {
            self.end(tally);
            self.weight = weight;
        }
        if self.count == 0 {
            // A run of one is not worth the detour: the first waits to see whether a second comes.
            self.first = value;
        } else {
            self.sums.add(value);
        }
        self.count += 1;
    }

    /// Puts what is still waiting into the tally.
    pub(in crate::telemetry) fn end(&mut self, tally: &mut Tally) {
        match self.count {
            0 => return,
            1 => {}
            _ => {
                tally.plain.merge(&self.sums);
                tally.weighted.merge_times(&self.sums, self.weight);
                self.sums.clear();
            }
        }
        tally.plain.add(self.first);
        tally.weighted.add_times(self.first, self.weight);
        self.count = 0;
    }
}

impl Tally {
    /// Counts a sample, but not where it lies, and only after [`Run::end`] in the sums. The samples of one tally may come in
    /// any order.
    #[inline]
    pub(in crate::telemetry) fn add(&mut self, run: &mut Run, sample: Sample, weight: u64) {
        // Zero has one sign here, else the extremes would depend on the order.
        let value = sample.value + 0.0;
        self.count += 1;
        self.time += u128::from(weight);
        run.add(self, value, weight);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.least = self.least.min(value.abs());
        self.first = earlier(self.first, Some(sample));
        self.last = later(self.last, Some(sample));
    }

    /// Lets a value that was counted weigh so much more.
    pub(in crate::telemetry) fn add_time(&mut self, value: f64, time: u64) {
        self.time += u128::from(time);
        self.weighted.add_times(value + 0.0, time);
    }

    /// Lets a value that was counted weigh so much less.
    pub(super) fn take_time(&mut self, value: f64, time: u64) {
        self.time -= u128::from(time);
        self.weighted.subtract_times(value, time);
    }

    /// Adds another tally of the same unit.
    pub(in crate::telemetry) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.time += other.time;
        self.plain.merge(&other.plain);
        self.weighted.merge(&other.weighted);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.least = self.least.min(other.least);
        self.first = earlier(self.first, other.first);
        self.last = later(self.last, other.last);
        self.fragments.merge(&other.fragments);
        self.overwritten += other.overwritten;
        self.late += other.late;
    }
}

/// Returns the earlier of two samples, the smaller of two at one instant.
#[inline]
pub(in crate::telemetry) fn earlier(a: Option<Sample>, b: Option<Sample>) -> Option<Sample> {
    let (Some(x), Some(y)) = (a, b) else { return a.or(b) };
    if x.at.cmp(&y.at).then(x.value.total_cmp(&y.value)).is_le() { a } else { b }
}

/// Returns the later of two samples, the greater of two at one instant.
#[inline]
pub(in crate::telemetry) fn later(a: Option<Sample>, b: Option<Sample>) -> Option<Sample> {
    let (Some(x), Some(y)) = (a, b) else { return a.or(b) };
    if x.at.cmp(&y.at).then(x.value.total_cmp(&y.value)).is_ge() { a } else { b }
}
