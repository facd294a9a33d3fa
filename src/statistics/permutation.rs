//! Whether units show that a difference is not the one assumed: the studentised permutation test.
//!
//! If the right is the left shifted by the assumed difference, then after shifting it back it makes no difference which side a
//! unit is on: units of one side alone may be distributed over the sides in any other way, and the two values of a unit on both
//! sides may be exchanged. So the observed difference, in units of its standard error, is one draw of as many as there are such
//! arrangements, whatever the distribution of the values, and the share of arrangements that lie as far out is an exact
//! significance level. Where the sides differ otherwise than by a shift it is one for many units (Janssen, *Studentized permutation
//! tests for non-i.i.d. hypotheses and the generalized Behrens–Fisher problem*, Statistics & Probability Letters 36, 1997; Chung and
//! Romano, *Exact and asymptotically robust permutation tests*, Annals of Statistics 41, 2013).

use super::sample::{Sample, Unit};
use crate::model::random;

/// How an interval is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampling {
    /// The probability with which the interval holds the true difference, between 0 and 1.
    pub confidence: f64,
    /// How many arrangements of the units are examined, where there are more.
    pub resamples: usize,
    /// Where the random numbers begin: the same seed gives the same interval.
    pub seed: u64,
}

impl Default for Resampling {
    /// 95 %, 10,000 resamples.
    fn default() -> Self {
        Self { confidence: 0.95, resamples: 10_000, seed: 1 }
    }
}

/// The arrangements of a sample.
pub(super) struct Arrangements {
    /// Each is a difference and its variance, depending on the assumed difference.
    arrangements: Vec<Arrangement>,
    /// The one observed, where the others are drawn at random and it is not among them.
    drawn: usize,
    deviation: f64,
}

struct Arrangement {
    difference: Linear,
    variance: Quadratic,
}

/// Where an assumed difference is examined: at its lower or its upper end.
#[derive(Clone, Copy)]
pub(super) enum End {
    Low,
    High,
}

impl Arrangements {
    /// Takes all arrangements where there are no more than `how.resamples`, else that many at random. The values of the sample
    /// are relative to the means of their sides.
    pub(super) fn new(sample: &Sample, how: Resampling) -> Self {
        let count = count(sample);
        let all = count <= how.resamples as f64;
        let number = if all { count as usize } else { how.resamples };
        let observed = Arrangement::of(sample, |single| sample.singles[single].is_right, |_| false);
        let arrangement = |number: usize| {
            let chosen =
                if all { Chosen::of_rank(sample, number) } else { Chosen::draw(sample, how.seed, number) };
            // The observed one is counted once.
            let is_counted = all || !chosen.is_observed(sample);
            is_counted.then(|| {
                Arrangement::of(sample, |single| chosen.is_right[single], |pair| chosen.is_exchanged[pair])
            })
        };
        Self {
            arrangements: (0..number).filter_map(arrangement).collect(),
            drawn: usize::from(!all),
            deviation: observed.variance.at(0.0).sqrt(),
        }
    }

    /// Returns whether the test rejects, at the level `tail`, an assumed difference that is `shift` away from the observed one.
    pub(super) fn reject(&self, shift: f64, end: End, tail: f64) -> bool {
        let beyond = |arrangement: &&Arrangement| match end {
            End::Low => self.beside(arrangement, shift) >= Side::Alike,
            End::High => self.beside(arrangement, shift) <= Side::Alike,
        };
        let beyond = self.arrangements.iter().filter(beyond).count() + self.drawn;
        // A level of one arrangement in twenty is reached by one of twenty.
        beyond as f64 <= tail * self.total() + 1e-6
    }

    /// Returns the share of arrangements, the observed one left out, whose difference lies above it, those alike counted half.
    pub(super) fn share_above(&self, shift: f64) -> f64 {
        let mut halves = 0;
        for arrangement in &self.arrangements {
            halves += match self.beside(arrangement, shift) {
                Side::Below => 0,
                Side::Alike => 1,
                Side::Above => 2,
            };
        }
        // Where all are examined, the observed one is among those alike.
        let observed = 1 - self.drawn;
        (halves - observed) as f64 / 2.0 / (self.arrangements.len() - observed) as f64
    }

    fn total(&self) -> f64 {
        (self.arrangements.len() + self.drawn) as f64
    }

    /// Compares the studentised difference of an arrangement with the observed one. Both sides of the comparison are
    /// multiplied by both standard errors, of which that of the arrangement may be zero.
    fn beside(&self, arrangement: &Arrangement, shift: f64) -> Side {
        let arranged = arrangement.difference.at(shift) * self.deviation;
        let observed = -shift * arrangement.variance.at(shift).max(0.0).sqrt();
        let rounding = 1e-11 * (arranged.abs() + observed.abs());
        if (arranged - observed).abs() <= rounding {
            Side::Alike
        } else if arranged > observed {
            Side::Above
        } else {
            Side::Below
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Below,
    Alike,
    Above,
}

/// Counts the arrangements of a sample.
pub(super) fn count(sample: &Sample) -> f64 {
    let exchanges = 2.0_f64.powi(i32::try_from(sample.pairs.len()).unwrap_or(i32::MAX));
    exchanges * choices(sample.singles.len(), sample.first_side())
}

/// Counts the ways to choose `some` of `all`; infinite where there are more than can be counted.
fn choices(all: usize, some: usize) -> f64 {
    let some = some.min(all - some);
    (0..some).fold(1.0, |ways, n| ways * (all - n) as f64 / (n + 1) as f64).round()
}

/// Which side each single unit is on, and which pairs are exchanged.
struct Chosen {
    is_right: Vec<bool>,
    is_exchanged: Vec<bool>,
}

impl Chosen {
    /// Returns the arrangement of a rank, from 0 to their count: the exchanges as the bits of a number, then the choice in the
    /// combinatorial number system (Knuth, *The Art of Computer Programming* 4A, section 7.2.1.3, theorem L).
    fn of_rank(sample: &Sample, rank: usize) -> Self {
        let exchanges = 1_usize << sample.pairs.len();
        let is_exchanged = (0..sample.pairs.len()).map(|pair| (rank % exchanges) >> pair & 1 == 1).collect();
        let (mut rank, mut left_to_choose) = ((rank / exchanges) as f64, sample.first_side());
        let mut is_first = vec![false; sample.singles.len()];
        for single in (0..sample.singles.len()).rev() {
            if left_to_choose == 0 {
                break;
            }
            let without = if single < left_to_choose { 0.0 } else { choices(single, left_to_choose) };
            if rank >= without {
                (is_first[single], rank) = (true, rank - without);
                left_to_choose -= 1;
            }
        }
        Self { is_right: sides(sample, &is_first), is_exchanged }
    }

    /// Draws one at random; equal numbers give the same one.
    fn draw(sample: &Sample, seed: u64, number: usize) -> Self {
        let seed = random::mix(seed, number as u64);
        let count = sample.singles.len();
        let mut order: Vec<usize> = (0..count).collect();
        let mut is_first = vec![false; count];
        for place in 0..sample.first_side() {
            let other = place + random::below(random::mix(seed, place as u64), count - place);
            order.swap(place, other);
            is_first[order[place]] = true;
        }
        let exchanged = |pair: usize| random::mix(seed, (count + pair) as u64) >> 63 == 1;
        Self {
            is_right: sides(sample, &is_first),
            is_exchanged: (0..sample.pairs.len()).map(exchanged).collect(),
        }
    }
}

impl Chosen {
    fn is_observed(&self, sample: &Sample) -> bool {
        let is_where_it_is = |(single, right): (&Unit, &bool)| single.is_right == *right;
        !self.is_exchanged.contains(&true) && sample.singles.iter().zip(&self.is_right).all(is_where_it_is)
    }
}

/// The side of the first single unit is the one that is chosen, so that swapped sides are arranged alike.
fn sides(sample: &Sample, is_first: &[bool]) -> Vec<bool> {
    let first_is_right = sample.singles.first().is_some_and(|single| single.is_right);
    is_first.iter().map(|first| *first == first_is_right).collect()
}

impl Arrangement {
    fn of(sample: &Sample, is_right: impl Fn(usize) -> bool, is_exchanged: impl Fn(usize) -> bool) -> Self {
        let mut groups = Groups::default();
        for (number, single) in sample.singles.iter().enumerate() {
            groups.add(is_right(number), Linear::of(single));
        }
        for (number, pair) in sample.pairs.iter().enumerate() {
            let (left, right) = (Linear::of(&pair[0]), Linear::of(&pair[1]));
            if is_exchanged(number) { groups.add_pair(right, left) } else { groups.add_pair(left, right) }
        }
        Self {
            difference: groups.right.mean().plus(groups.left.mean().times(-1.0)),
            variance: groups.variance(),
        }
    }
}

/// A number that depends on the assumed difference θ as `at_zero + slope · θ`.
#[derive(Clone, Copy, Default)]
struct Linear {
    at_zero: f64,
    slope: f64,
}

/// One that depends on it as `[a, b, c]`: a + b · θ + c · θ².
#[derive(Clone, Copy, Default)]
struct Quadratic([f64; 3]);

impl Linear {
    /// Shifts the value of a unit of the right back by the assumed difference.
    fn of(unit: &Unit) -> Self {
        Self { at_zero: unit.value, slope: if unit.is_right { -1.0 } else { 0.0 } }
    }

    fn at(self, shift: f64) -> f64 {
        self.at_zero + self.slope * shift
    }

    fn plus(self, other: Self) -> Self {
        Self { at_zero: self.at_zero + other.at_zero, slope: self.slope + other.slope }
    }

    fn times(self, factor: f64) -> Self {
        Self { at_zero: self.at_zero * factor, slope: self.slope * factor }
    }

    fn product(self, other: Self) -> Quadratic {
        let middle = self.at_zero * other.slope + self.slope * other.at_zero;
        Quadratic([self.at_zero * other.at_zero, middle, self.slope * other.slope])
    }
}

impl Quadratic {
    fn at(self, shift: f64) -> f64 {
        let [a, b, c] = self.0;
        a + shift * (b + shift * c)
    }

    fn plus(self, other: Self) -> Self {
        let ([a, b, c], [d, e, f]) = (self.0, other.0);
        Self([a + d, b + e, c + f])
    }

    fn times(self, factor: f64) -> Self {
        let [a, b, c] = self.0;
        Self([a * factor, b * factor, c * factor])
    }
}

/// The sums over the values of one side.
#[derive(Default)]
struct Group {
    count: f64,
    sum: Linear,
    squares: Quadratic,
}

/// The sums over both sides.
#[derive(Default)]
struct Groups {
    left: Group,
    right: Group,
    pairs: f64,
    paired_left: Linear,
    paired_right: Linear,
    products: Quadratic,
}

impl Group {
    fn add(&mut self, value: Linear) {
        self.count += 1.0;
        self.sum = self.sum.plus(value);
        self.squares = self.squares.plus(value.product(value));
    }

    fn mean(&self) -> Linear {
        self.sum.times(1.0 / self.count)
    }

    /// Returns the sum of the squares of the distances from the mean.
    fn spread(&self) -> Quadratic {
        self.squares.plus(self.sum.product(self.sum).times(-1.0 / self.count))
    }

    fn weight(&self) -> f64 {
        1.0 / (self.count * (self.count - 1.0))
    }
}

impl Groups {
    fn add(&mut self, is_right: bool, value: Linear) {
        if is_right { self.right.add(value) } else { self.left.add(value) }
    }

    fn add_pair(&mut self, left: Linear, right: Linear) {
        self.left.add(left);
        self.right.add(right);
        self.pairs += 1.0;
        self.paired_left = self.paired_left.plus(left);
        self.paired_right = self.paired_right.plus(right);
        self.products = self.products.plus(left.product(right));
    }

    /// Returns the variance of the difference of the means, as [`Sample::variance`] does.
    fn variance(&self) -> Quadratic {
        let (left, right) = (self.left.mean(), self.right.mean());
        let together = self
            .products
            .plus(left.product(self.paired_right).times(-1.0))
            .plus(right.product(self.paired_left).times(-1.0))
            .plus(left.product(right).times(self.pairs));
        let (left, right) = (self.left.weight(), self.right.weight());
        let apart = self.left.spread().times(left).plus(self.right.spread().times(right));
        apart.plus(together.times(-2.0 * (left * right).sqrt()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::Values;
    use super::*;
    use std::collections::BTreeSet;

    fn named(side: &[(String, f64)]) -> Values<'_> {
        side.iter().map(|(name, value)| (name.as_str(), *value)).collect()
    }

    fn sample(left: usize, right: usize, both: usize) -> Sample {
        let value = |number: usize| (number * number % 11) as f64;
        let name = |side: &str, number: usize| format!("{number:02}{side}");
        let values = |side: &str, count: usize| -> Vec<(String, f64)> {
            let own = (0..count).map(|number| (name(side, number), value(number + side.len())));
            own.chain((0..both).map(|number| (name("both", number), value(number + 3 * side.len()))))
                .collect()
        };
        let (left, right) = (values("l", left), values("ri", right));
        Sample::new(&named(&left), &named(&right))
    }

    #[test]
    fn every_arrangement_has_one_rank() {
        let check = |left, right, both, expect: usize| {
            let sample = sample(left, right, both);
            assert_eq!(count(&sample), expect as f64);
            let of_rank = |rank| {
                let chosen = Chosen::of_rank(&sample, rank);
                assert_eq!(chosen.is_right.iter().filter(|right| **right).count(), right);
                (chosen.is_right, chosen.is_exchanged)
            };
            assert_eq!((0..expect).map(of_rank).collect::<BTreeSet<_>>().len(), expect);
        };
        check(5, 5, 0, 252);
        check(2, 4, 0, 15);
        check(4, 2, 1, 30);
        check(0, 0, 6, 64);
        check(1, 1, 5, 64);
        check(3, 0, 2, 4);
    }

    #[test]
    fn the_variance_of_sums_is_that_of_the_sample() {
        for (left, right, both) in [(5, 5, 0), (5, 9, 0), (0, 0, 7), (1, 1, 5), (4, 3, 6), (9, 0, 2)] {
            let sample = sample(left, right, both);
            let observed = Arrangement::of(&sample, |single| sample.singles[single].is_right, |_| false);
            for shift in [0.0, 3.5, -200.0] {
                let found = observed.variance.at(shift);
                assert!((found - sample.variance()).abs() < 1e-9, "{found} {}", sample.variance());
                assert!((observed.difference.at(shift) + shift).abs() < 1e-9);
            }
        }
    }
}
