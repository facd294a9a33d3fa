//! Failures of repaired items whose intensity follows a power of age (Crow and AMSAA).

use super::{Error, History, check};
use crate::statistics::distribution::{normal, poisson, special};
use crate::statistics::survival::limits::Limits;

/// A power law: λ t^β failures of an item up to the age t, the intensity being λ β t^(β − 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerLaw {
    /// β: above 1 failures come more often with age, below 1 less often.
    pub growth: Limits,
    /// β without bias: (N − 1) ∕ N of it; (N − 2) ∕ N where the watching ended with a failure is not used, for items are watched to
    /// a set age.
    pub unbiased_growth: f64,
    /// λ.
    pub rate: f64,
    /// How many failures there are.
    pub failures: usize,
    /// The logarithm of the likelihood.
    pub log_likelihood: f64,
}

const STEPS_MAX: usize = 200;

impl PowerLaw {
    /// Fits a power law at a confidence between 0 and 1; at least two failures are needed.
    ///
    /// β solves N ∕ β + Σ ln x = λ Σ (T^β ln T − S^β ln S) with λ = N ∕ Σ (T^β − S^β). Source: Crow, *Reliability analysis for complex,
    /// repairable systems*, 1974; MIL-HDBK-189C, 2011, section 6.2. Where all items are watched from new to one age the limits are the
    /// exact ones of χ² with 2 N degrees of freedom, else those of the profile of the likelihood.
    pub fn fit(histories: &[History], confidence: f64) -> Result<Self, Error> {
        let found = check(histories)?;
        if found < 2 {
            return Err(Error::TooFewFailures { found, enough: 2 });
        }
        let likelihood = Likelihood::new(histories);
        let log_growth = likelihood.maximum();
        let growth = libm::exp(log_growth);
        let best = likelihood.at(growth).0;
        let alike = histories.iter().all(|one| one.from == 0.0 && one.to == histories[0].to);
        let tail = (1.0 - confidence) / 2.0;
        let count = found as f64;
        let (low, high) = if alike {
            let quantile = |p: f64| special::inverse(p, (0.0, count + 1.0), |x| special::gamma(count, x));
            (growth * quantile(tail) / count, growth * quantile(1.0 - tail) / count)
        } else {
            let depth = best - 0.5 * normal::quantile(tail) * normal::quantile(tail);
            (likelihood.crossing(log_growth, depth, -1.0), likelihood.crossing(log_growth, depth, 1.0))
        };
        Ok(Self {
            growth: Limits { estimate: growth, low, high },
            unbiased_growth: growth * (count - 1.0) / count,
            rate: libm::exp(libm::log(count) - likelihood.log_span(growth)),
            failures: found,
            log_likelihood: best,
        })
    }

    /// Returns the mean number of failures of an item up to an age.
    pub fn mean(&self, age: f64) -> f64 {
        self.rate * libm::pow(age, self.growth.estimate)
    }

    /// Returns the intensity at an age.
    pub fn intensity(&self, age: f64) -> f64 {
        self.mean(age) * self.growth.estimate / age
    }
}

/// The likelihood of β where λ is the most likely one.
struct Likelihood<'a> {
    histories: &'a [History],
    failures: f64,
    logs: f64,
    /// The greatest age, by which ages are divided so that no power overflows.
    greatest: f64,
}

impl<'a> Likelihood<'a> {
    fn new(histories: &'a [History]) -> Self {
        let greatest = histories.iter().map(|one| one.to).fold(0.0, f64::max);
        let ages = histories.iter().flat_map(|one| &one.failures);
        let logs = ages.map(|age| libm::log(age / greatest)).sum();
        let failures = histories.iter().map(|one| one.failures.len()).sum::<usize>() as f64;
        Self { histories, failures, logs, greatest }
    }

    /// Returns Σ (T^β − S^β) and its derivative by β, in powers of the greatest age.
    fn span(&self, growth: f64) -> (f64, f64) {
        let power = |age: f64| {
            let age = age / self.greatest;
            if age <= 0.0 {
                (0.0, 0.0)
            } else {
                (libm::pow(age, growth), libm::pow(age, growth) * libm::log(age))
            }
        };
        self.histories.iter().fold((0.0, 0.0), |(sum, slope), one| {
            let ((to, to_slope), (from, from_slope)) = (power(one.to), power(one.from));
            (sum + to - from, slope + to_slope - from_slope)
        })
    }

    fn log_span(&self, growth: f64) -> f64 {
        libm::log(self.span(growth).0) + growth * libm::log(self.greatest)
    }

    /// Returns the logarithm of the likelihood and its derivative by ln β.
    fn at(&self, growth: f64) -> (f64, f64) {
        let (n, (span, span_slope)) = (self.failures, self.span(growth));
        let log = n * (libm::log(n / span) + libm::log(growth) - 1.0 - libm::log(self.greatest))
            + (growth - 1.0) * self.logs;
        (log, n + growth * (self.logs - n * span_slope / span))
    }

    /// Returns ln β where the likelihood is greatest: its derivative falls from above 0 to below.
    fn maximum(&self) -> f64 {
        let (mut low, mut high) = (-10.0, 10.0);
        for _ in 0..STEPS_MAX {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if self.at(libm::exp(middle)).1 > 0.0 { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    }

    /// Returns β where the likelihood has fallen so far, to one side.
    fn crossing(&self, best: f64, depth: f64, sign: f64) -> f64 {
        let (mut inside, mut outside) = (best, best + sign * 12.0);
        for _ in 0..STEPS_MAX {
            let middle = f64::midpoint(inside, outside);
            if middle == inside || middle == outside {
                break;
            }
            if self.at(libm::exp(middle)).0 > depth { inside = middle } else { outside = middle }
        }
        libm::exp(inside)
    }
}

/// Returns the rate of failures with its exact limits, as of a constant intensity.
pub fn constant_rate(histories: &[History], confidence: f64) -> Result<Limits, Error> {
    let failures = check(histories)? as u64;
    let time: f64 = histories.iter().map(|one| one.to - one.from).sum();
    let (low, high) = poisson::limits(failures, confidence);
    Ok(Limits { estimate: failures as f64 / time, low: low / time, high: high / time })
}
