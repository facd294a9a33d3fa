//! The values of two sides, some of whose units may be on both.

use std::collections::{BTreeMap, BTreeSet};

/// The value of each unit, by name.
pub type Values<'a> = BTreeMap<&'a str, f64>;

/// Two sides, each value relative to the mean of its side, units in the order of their names.
pub(super) struct Sample {
    /// The units of one side alone.
    pub(super) singles: Vec<Unit>,
    /// The units of both, the value on the left first.
    pub(super) pairs: Vec<[Unit; 2]>,
    /// The mean of the right less that of the left.
    pub(super) difference: f64,
    /// Differences of values no greater than this come from rounding.
    pub(super) rounding: f64,
    counts: [f64; 2],
}

/// A value of a unit.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) value: f64,
    pub(super) is_right: bool,
}

impl Sample {
    pub(super) fn new(left: &Values<'_>, right: &Values<'_>) -> Self {
        let mean = |side: &Values<'_>| side.values().sum::<f64>() / side.len() as f64;
        let means = [mean(left), mean(right)];
        let on_left = |value: f64| Unit { value: value - means[0], is_right: false };
        let on_right = |value: f64| Unit { value: value - means[1], is_right: true };
        let (mut singles, mut pairs) = (Vec::new(), Vec::new());
        for name in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
            match (left.get(name), right.get(name)) {
                (Some(left), Some(right)) => pairs.push([on_left(*left), on_right(*right)]),
                (Some(left), None) => singles.push(on_left(*left)),
                (None, Some(right)) => singles.push(on_right(*right)),
                (None, None) => {}
            }
        }
        let size = left.values().chain(right.values()).fold(0.0_f64, |size, value| size.max(value.abs()));
        Self {
            singles,
            pairs,
            difference: means[1] - means[0],
            rounding: 1e-12 * size,
            counts: [left.len() as f64, right.len() as f64],
        }
    }

    /// Counts the single units on the side of the first of them.
    pub(super) fn first_side(&self) -> usize {
        let Some(first) = self.singles.first() else { return 0 };
        self.singles.iter().filter(|single| single.is_right == first.is_right).count()
    }

    /// Returns whether the sides have as many units, so that exchanging them turns the difference around.
    pub(super) fn is_balanced(&self) -> bool {
        self.counts[0] == self.counts[1]
    }

    /// Returns the variance of the difference: the sum over units of the square of what each adds to it, a unit of both sides
    /// being one. Without such units it is Welch's, with such units alone that of the paired test.
    pub(super) fn variance(&self) -> f64 {
        let singles = self.singles.iter().map(|unit| self.share(*unit));
        singles
            .chain(self.pairs.iter().map(|[left, right]| self.share(*right) - self.share(*left)))
            .map(|share| share * share)
            .sum()
    }

    /// Returns the degrees of freedom of the variance: those of Welch without units on both sides, one less than the units
    /// where all are on both, and between them in proportion (Derrick, Russ, Toher and White, *Test statistics for the
    /// comparison of means for two samples that include both paired and independent observations*, Journal of Modern Applied
    /// Statistical Methods 16, 2017).
    pub(super) fn freedom(&self) -> f64 {
        let [left, right] = [false, true].map(|side| {
            let units = self.singles.iter().chain(self.pairs.iter().flatten());
            units.filter(|unit| unit.is_right == side).map(|unit| self.share(*unit).powi(2)).sum::<f64>()
        });
        let parts = left * left / (self.counts[0] - 1.0) + right * right / (self.counts[1] - 1.0);
        let welch = (left + right) * (left + right) / parts;
        let (singles, pairs) = (self.singles.len() as f64, self.pairs.len() as f64);
        let freedom = match (singles > 0.0, pairs > 0.0) {
            (_, false) => welch,
            (false, true) => pairs - 1.0,
            (true, true) => pairs - 1.0 + (welch - pairs + 1.0) * singles / (singles + 2.0 * pairs),
        };
        freedom.max(1.0)
    }

    /// Returns what a value adds to the error of its side's mean, made greater for few units.
    fn share(&self, unit: Unit) -> f64 {
        let count = self.counts[usize::from(unit.is_right)];
        unit.value / (count * (count - 1.0)).sqrt()
    }
}
