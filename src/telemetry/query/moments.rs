//! Mean and deviation of values from several units, from exact sums of the values as they were sent.
//!
//! The deviation is that of the raw values times the scale. It is taken from `n Σ v² − (Σ v)²`, which is summed without rounding: where values
//! are far greater than what they differ by, as temperatures in kelvin or instants in seconds, nothing cancels.

use crate::model::number::quantity::Transform;
use crate::telemetry::aggregate::exact::Exact;
use crate::telemetry::aggregate::mapping::Mapping;
use crate::telemetry::read::tally::Sums;

/// Sums of raw values by the way to the unit of the answer, in the order of these.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::telemetry) struct Moments(Vec<Raw>);

#[derive(Clone, Debug, PartialEq)]
struct Raw {
    mapping: Mapping,
    weight: u128,
    sum: Exact,
    squares: Exact,
}

impl Moments {
    /// Adds sums over a weight, which are yet to be mapped.
    pub(in crate::telemetry) fn absorb(&mut self, sums: &Sums, weight: u128, mapping: Mapping) {
        let mut sum = sums.above.clone();
        match mapping.transform {
            Transform::None => sum.merge(&sums.below),
            Transform::Abs => sum.subtract_sum(&sums.below),
        }
        match self.place(mapping) {
            Ok(known) => self.0[known].add(weight, &sum, &sums.squares),
            Err(place) => self.0.insert(place, Raw { mapping, weight, sum, squares: sums.squares.clone() }),
        }
    }

    /// Adds other sums.
    pub(in crate::telemetry) fn merge(&mut self, other: &Self) {
        for raw in &other.0 {
            match self.place(raw.mapping) {
                Ok(known) => self.0[known].add(raw.weight, &raw.sum, &raw.squares),
                Err(place) => self.0.insert(place, raw.clone()),
            }
        }
    }

    fn place(&self, mapping: Mapping) -> Result<usize, usize> {
        self.0.binary_search_by_key(&mapping.order(), |raw| raw.mapping.order())
    }

    /// Returns the sum; infinity where it is beyond a double.
    pub(in crate::telemetry) fn sum(&self) -> f64 {
        let mut sum = Exact::default();
        for mapped in self.0.iter().map(Raw::mapped_sum) {
            if mapped.is_infinite() {
                return mapped;
            }
            sum.add(mapped);
        }
        sum.value()
    }

    /// Returns the mean over all weight, which is a double where the sum is none.
    pub(in crate::telemetry) fn mean(&self, total: f64) -> f64 {
        match self.sum() {
            sum if sum.is_finite() => sum / total,
            _ => self
                .0
                .iter()
                .filter(|raw| raw.weight > 0)
                .map(|raw| raw.mean() * (raw.weight as f64 / total))
                .sum(),
        }
    }

    /// Returns how large the numbers are that a mean is rounded at: a mean of large values of both signs that cancel is as exact as one
    /// of small ones.
    pub(in crate::telemetry) fn magnitude(&self, total: f64) -> f64 {
        let of = |raw: &Raw| {
            (raw.mean().abs() + raw.mapping.conversion.offset.abs()) * (raw.weight as f64 / total)
        };
        self.0.iter().filter(|raw| raw.weight > 0).map(of).sum()
    }

    /// Returns the standard deviation of the population over all weight.
    pub(in crate::telemetry) fn deviation(&self, total: f64) -> f64 {
        if let [raw] = &self.0[..] {
            return raw.deviation();
        }
        let mean = self.mean(total);
        let squares = self.0.iter().filter(|raw| raw.weight > 0).map(|raw| {
            let weight = raw.weight as f64;
            let off = raw.mapped_sum() / weight - mean;
            (raw.deviation().powi(2) + off * off) * (weight / total)
        });
        squares.sum::<f64>().sqrt()
    }
}

impl Raw {
    fn add(&mut self, weight: u128, sum: &Exact, squares: &Exact) {
        self.weight += weight;
        self.sum.merge(sum);
        self.squares.merge(squares);
    }

    fn mapped_sum(&self) -> f64 {
        if self.mapping.keeps_unit() {
            return self.sum.value();
        }
        let converted = self.mapping.conversion.apply_to_sum(self.sum.value(), self.weight);
        if self.mapping.transform == Transform::Abs { converted.abs() } else { converted }
    }

    /// Returns the mean of the mapped values, of which the sum may be beyond a double.
    fn mean(&self) -> f64 {
        let mean = self.sum.value_over_2_64() / (self.weight as f64 / 2f64.powi(64));
        if self.mapping.keeps_unit() {
            return mean;
        }
        let converted = self.mapping.conversion.apply(mean);
        if self.mapping.transform == Transform::Abs { converted.abs() } else { converted }
    }

    fn deviation(&self) -> f64 {
        let mut squares = Exact::default();
        squares.merge_times_wide(&self.squares, self.weight);
        squares.subtract_square(&self.sum);
        squares.value().max(0.0).sqrt() / self.weight as f64 * self.mapping.conversion.scale.abs()
    }
}
