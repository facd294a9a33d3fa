//! How often an interval of [`difference`](super::difference) holds the true difference, and limits of
//! [`survival`](super::survival) the true quantity, measured by drawing units of a known distribution again and again.

use super::difference::{self, Error, Resampling};
use super::sample::Values;
use super::survival::limits::{Cutoff, Profiles, Quantity};
use super::survival::{End, Family, Lives, Observation};
use crate::model::random;

/// How the values of units are distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Normal.
    Normal,
    /// Exponential: skewed, with a light tail.
    Exponential,
    /// The exponential function of a normal value: skewed, with a heavy tail.
    Lognormal,
    /// Normal, but one unit in ten lies ten times as far out, on either side.
    Outliers,
    /// Normal, but one unit in ten lies ten standard deviations higher.
    HighOutliers,
}

/// How many units are on the left alone, on the right alone, and on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// On the left alone.
    pub left: usize,
    /// On the right alone.
    pub right: usize,
    /// On both.
    pub both: usize,
}

/// Comparisons of sides between which there is no difference in the mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trials {
    /// How values are distributed.
    pub distribution: Distribution,
    /// How many units there are.
    pub sizes: Sizes,
    /// How much further the values of the right are spread; 1 for sides that are alike.
    pub right_spread: f64,
    /// How often sides are drawn.
    pub count: usize,
    /// How each interval is found.
    pub how: Resampling,
}

/// What became of trials.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coverage {
    /// How many there were.
    pub trials: usize,
    /// How many intervals contained the true difference: the others found a difference where there is none.
    pub covered: usize,
    /// How many times too few units left no interval.
    pub unknown: usize,
    /// How many intervals of Welch's t alone contained it.
    pub welch_covered: usize,
    /// The mean width of the intervals.
    pub width: f64,
    /// The mean width of Welch's.
    pub welch_width: f64,
}

impl Distribution {
    /// Every distribution with its name.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Normal, "normal"),
        (Self::Exponential, "exponential"),
        (Self::Lognormal, "lognormal"),
        (Self::Outliers, "outliers"),
        (Self::HighOutliers, "high outliers"),
    ];

    /// Draws a value; the mean of all is zero.
    fn draw(self, numbers: &mut Numbers) -> f64 {
        match self {
            Self::Normal => numbers.normal(),
            Self::Exponential => -libm::log(numbers.uniform()) - 1.0,
            Self::Lognormal => libm::exp(numbers.normal()) - libm::exp(0.5),
            Self::Outliers => numbers.normal() * if numbers.uniform() < 0.1 { 10.0 } else { 1.0 },
            Self::HighOutliers => numbers.normal() + if numbers.uniform() < 0.1 { 9.0 } else { -1.0 },
        }
    }
}

impl Trials {
    /// Compares sides that are drawn anew each time.
    pub fn measure(&self) -> Result<Coverage, Error> {
        let Sizes { left, right, both } = self.sizes;
        let mut measured = Measured::default();
        for trial in 0..self.count {
            let mut numbers = Numbers::new(self.how.seed, trial);
            let mut values =
                |count: usize| (0..count).map(|_| self.distribution.draw(&mut numbers)).collect::<Vec<_>>();
            // A unit on both sides has much of its own, and less that differs between them.
            let (own, base) = ([values(left + both), values(right + both)], values(both));
            let value = |side: usize, number: usize| match number.checked_sub([left, right][side]) {
                Some(pair) => base[pair] + own[side][number] / 2.0,
                None => own[side][number],
            };
            let lefts: Vec<f64> = (0..left + both).map(|number| value(0, number)).collect();
            let rights: Vec<f64> =
                (0..right + both).map(|number| self.right_spread * value(1, number)).collect();
            measured.take(&lefts, &rights, both, self.how)?;
        }
        Ok(measured.mean())
    }

    /// Splits one fleet at random into a left and a right, so that every difference found is a false one.
    pub fn measure_splits(&self) -> Result<Coverage, Error> {
        let mut numbers = Numbers::new(self.how.seed, self.count);
        let count = self.sizes.left + self.sizes.right;
        let mut fleet: Vec<f64> = (0..count).map(|_| self.distribution.draw(&mut numbers)).collect();
        let mut measured = Measured::default();
        for _ in 0..self.count {
            for place in 0..count {
                fleet.swap(place, place + random::below(numbers.word(), count - place));
            }
            let (left, right) = fleet.split_at(self.sizes.left);
            measured.take(left, right, 0, self.how)?;
        }
        Ok(measured.mean())
    }
}

#[derive(Default)]
struct Measured(Coverage);

impl Measured {
    /// Compares two sides; the last `both` values of each are of the same units.
    fn take(&mut self, left: &[f64], right: &[f64], both: usize, how: Resampling) -> Result<(), Error> {
        let names = |side: &[f64], mark: char| -> Vec<String> {
            let alone = side.len() - both;
            let name = |number: usize| match number.checked_sub(alone) {
                Some(pair) => format!("{pair:04}"),
                None => format!("{number:04}{mark}"),
            };
            (0..side.len()).map(name).collect()
        };
        let (left_names, right_names) = (names(left, 'l'), names(right, 'r'));
        let left: Values<'_> = left_names.iter().map(String::as_str).zip(left.iter().copied()).collect();
        let right: Values<'_> = right_names.iter().map(String::as_str).zip(right.iter().copied()).collect();
        let covers = |low: f64, high: f64| usize::from(low <= 0.0 && high >= 0.0);
        let found = &mut self.0;
        found.trials += 1;
        let (low, high) = difference::welch(&left, &right, how.confidence);
        found.welch_covered += covers(low, high);
        found.welch_width += high - low;
        match difference::interval(&left, &right, how) {
            Ok(interval) => {
                found.covered += covers(interval.low, interval.high);
                found.width += interval.high - interval.low;
            }
            Err(Error::TooFewUnits(_)) => found.unknown += 1,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn mean(self) -> Coverage {
        let Coverage { trials, unknown, width, welch_width, .. } = self.0;
        let known = trials - unknown;
        Coverage { width: width / known as f64, welch_width: welch_width / trials as f64, ..self.0 }
    }
}

impl Coverage {
    /// Returns the share of intervals that contained the true difference, of those that were found.
    pub fn share(&self) -> f64 {
        self.covered as f64 / (self.trials - self.unknown) as f64
    }

    /// Returns the share of trials in which a difference was found, where there is none.
    pub fn found(&self) -> f64 {
        (self.trials - self.unknown - self.covered) as f64 / self.trials as f64
    }

    /// Returns the share of Welch's intervals that contained the true difference.
    pub fn welch_share(&self) -> f64 {
        self.welch_covered as f64 / self.trials as f64
    }
}

/// Lives of a known distribution, drawn again and again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LifeTrials {
    /// The distribution, of scale 1.
    pub family: Family,
    /// Its shape.
    pub shape: f64,
    /// How many items.
    pub items: usize,
    /// The age at which items that have not failed are suspended.
    pub until: f64,
    /// Trials with fewer failures do not count.
    pub failures_min: usize,
    /// How often items are drawn.
    pub count: usize,
    /// The seed of the draws.
    pub seed: u64,
}

/// How often the limits of lives contained the true quantity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LifeCoverage {
    /// How many trials counted.
    pub trials: usize,
    /// How often the limits of the shape, of the scale, of B10 and of the reliability at half of the scale contained the true one.
    pub covered: [usize; 4],
}

impl LifeTrials {
    /// Fits items that are drawn anew each time, and finds the limits at 95 %.
    pub fn measure(&self, cutoff: Cutoff) -> LifeCoverage {
        let sigma = match self.family {
            Family::Weibull => 1.0 / self.shape,
            Family::Lognormal => self.shape,
        };
        let half = libm::exp(self.family.log_survival(libm::log(0.5) / sigma));
        let quantities = [
            (Quantity::Shape, self.shape),
            (Quantity::Scale, 1.0),
            (Quantity::Quantile(0.1), libm::exp(sigma * self.family.quantile(0.1))),
            (Quantity::Reliability(0.5), half),
        ];
        let mut found = LifeCoverage::default();
        for trial in 0..self.count {
            let mut numbers = Numbers::new(self.seed, trial);
            let ages = (0..self.items).map(|_| libm::exp(sigma * self.family.quantile(numbers.uniform())));
            let end = |age: f64| if age > self.until { End::Suspended(self.until) } else { End::Failed(age) };
            let lives = Lives::new(ages.map(|age| Observation { entry: 0.0, end: end(age), count: 1.0 }));
            let enough = lives.as_ref().is_ok_and(|lives| lives.failures() >= self.failures_min as f64);
            let fitted = lives.and_then(|lives| Profiles::fitted(self.family, &lives, 0.95, cutoff));
            let Some(profiles) = fitted.ok().filter(|_| enough) else { continue };
            found.trials += 1;
            for (covered, (quantity, truth)) in found.covered.iter_mut().zip(quantities) {
                let limits = profiles.limits(quantity);
                *covered += usize::from(limits.low <= truth && truth <= limits.high);
            }
        }
        found
    }
}

impl LifeCoverage {
    /// Returns the smallest share of limits that contained the true quantity, of all quantities.
    pub fn least(&self) -> f64 {
        let least = self.covered.iter().min().copied().unwrap_or(0);
        least as f64 / self.trials as f64
    }
}

/// Random numbers that follow each other.
struct Numbers {
    seed: u64,
    place: u64,
}

impl Numbers {
    fn new(seed: u64, trial: usize) -> Self {
        Self { seed: random::mix(!seed, trial as u64), place: 0 }
    }

    fn word(&mut self) -> u64 {
        self.place += 1;
        random::mix(self.seed, self.place)
    }

    /// Returns a number between 0 and 1, neither of them.
    fn uniform(&mut self) -> f64 {
        ((self.word() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Box and Muller, Annals of Mathematical Statistics 29, 1958.
    fn normal(&mut self) -> f64 {
        let length = (-2.0 * libm::log(self.uniform())).sqrt();
        length * libm::cos(std::f64::consts::TAU * self.uniform())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOW: Resampling = Resampling { confidence: 0.95, resamples: 1_000, seed: 20 };

    fn trials(
        distribution: Distribution,
        (left, right, both): (usize, usize, usize),
        count: usize,
    ) -> Trials {
        Trials { distribution, sizes: Sizes { left, right, both }, right_spread: 1.0, count, how: HOW }
    }

    /// The quick form of `throughline bench intervals`.
    #[test]
    fn intervals_hold_the_true_difference_as_often_as_they_promise() {
        let check = |sizes, count| {
            for (distribution, name) in Distribution::ALL {
                let found = trials(distribution, sizes, count).measure().expect("intervals");
                assert!(found.share() >= 0.93 && found.unknown == 0, "{name} {sizes:?}: {found:?}");
            }
        };
        check((5, 5, 0), 400);
        check((10, 10, 0), 300);
        check((5, 30, 0), 100);
        check((30, 30, 0), 150);
        check((0, 0, 5), 400);
        check((0, 0, 10), 100);
        check((1, 1, 5), 400);
    }

    #[test]
    fn welchs_interval_alone_does_not_where_skewed_sides_differ_in_size() {
        let found = trials(Distribution::HighOutliers, (5, 30, 0), 100).measure().expect("intervals");
        assert!(found.welch_share() < 0.9, "{found:?}");
    }

    #[test]
    fn a_fleet_that_is_split_at_random_shows_no_difference() {
        for (distribution, name) in Distribution::ALL {
            let found = trials(distribution, (6, 6, 0), 500).measure_splits().expect("intervals");
            assert!(found.found() <= 0.06, "{name}: {found:?}");
        }
    }

    #[test]
    fn sides_that_are_spread_otherwise_are_covered_where_values_are_normal() {
        for right_spread in [0.2, 5.0] {
            let found = Trials { right_spread, ..trials(Distribution::Normal, (5, 20, 0), 100) }.measure();
            assert!(found.expect("intervals").share() >= 0.93, "{right_spread}: {found:?}");
        }
    }

    /// The quick form of `throughline bench lives`.
    #[test]
    fn limits_of_lives_cover_what_they_promise() {
        let trials = |family: Family, items: usize, until: f64| {
            let (count, failures_min) = (1_000, 5);
            LifeTrials { family, shape: 2.0, items, until, failures_min, count, seed: 7 }
        };
        for family in [Family::Weibull, Family::Lognormal] {
            for (items, until) in [(5, f64::MAX), (10, f64::MAX), (50, 0.6)] {
                let found = trials(family, items, until).measure(Cutoff::SmallSample);
                assert!(found.trials > 900 && found.least() >= 0.93, "{family:?} {items} {until}: {found:?}");
            }
            // Those of many failures do not.
            let found = trials(family, 5, f64::MAX).measure(Cutoff::ChiSquare);
            assert!(found.least() < 0.92, "{family:?}: {found:?}");
        }
    }

    #[test]
    fn too_few_units_leave_no_interval() {
        let found = trials(Distribution::Normal, (25, 0, 5), 1).measure().expect("trials");
        assert_eq!((found.unknown, found.covered), (1, 0));
    }
}
