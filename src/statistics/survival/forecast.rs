//! How many of the items in service will fail in a time to come.

use super::fit::Fit;
use super::limits::{Cutoff, Profiles};
use super::lives::Lives;
use super::weibayes::Weibayes;
use crate::statistics::distribution::special;

/// An item in service: its age, and how much older it will become if it does not fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InService {
    /// How old it is.
    pub age: f64,
    /// How much older it will be at the end.
    pub more: f64,
    /// How many items.
    pub count: f64,
}

/// How many will fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// The number expected of the most likely parameters.
    pub expected: f64,
    /// No fewer will fail, at half of one less the confidence.
    pub low: f64,
    /// No more will fail, at half of one less the confidence.
    pub high: f64,
}

/// What a forecast is made by: parameters, each with its weight.
pub struct Predictor {
    best: Curve,
    /// Of all parameters that are likely; they add up to 1.
    weighted: Vec<(Curve, f64)>,
    confidence: f64,
}

#[derive(Clone, Copy)]
enum Curve {
    Fit(Fit),
    /// η and β.
    Weibull(f64, f64),
}

/// The grid of parameters: so many steps to each side, so many standard errors apart.
const STEPS: i32 = 14;
const STEP: f64 = 0.5;
/// Parameters that are less likely than the best by more than this, as a logarithm, add nothing.
const DEPTH: f64 = 14.0;

impl Predictor {
    /// Makes ready to forecast by a fit. Items fail independently of each other with p = 1 − S(age + more) ∕ S(age). The parameters
    /// are weighted by their likelihood over μ and ln σ, which makes prediction intervals of location-scale distributions exact
    /// where nothing is censored (Lawless and Fredette, *Frequentist prediction intervals and predictive distributions*, Biometrika 92,
    /// 2005); so few failures make wide intervals.
    pub fn of_fit(fit: Fit, lives: &Lives, confidence: f64) -> Self {
        let profiles = Profiles::new(fit, lives, confidence, Cutoff::ChiSquare);
        let [mm, ml, ll] = fit.covariance();
        let (along, across) = (mm.sqrt(), (ll - ml * ml / mm).max(0.0).sqrt());
        let centre = fit.point();
        let mut weighted = Vec::new();
        for a in -STEPS..=STEPS {
            for b in -STEPS..=STEPS {
                let (a, b) = (f64::from(a) * STEP, f64::from(b) * STEP);
                let mu = centre.mu + a * along;
                let lambda = centre.lambda + a * ml / along + b * across;
                let depth = fit.log_likelihood - profiles.log_likelihood(mu, lambda);
                if depth < DEPTH {
                    let curve = Fit { mu, sigma: libm::exp(lambda), ..fit };
                    weighted.push((Curve::Fit(curve), libm::exp(-depth)));
                }
            }
        }
        // A likelihood that is flat in a direction has no grid.
        if weighted.is_empty() {
            weighted.push((Curve::Fit(fit), 1.0));
        }
        Self { best: Curve::Fit(fit), weighted: normed(weighted), confidence }
    }

    /// Makes ready to forecast by a distribution of known shape; η^−β is weighted as that of a rate of which the failures were seen
    /// in the exposure (with half a failure more, as Jeffreys has it).
    pub fn of_weibayes(of: &Weibayes, confidence: f64) -> Self {
        let shape = of.failures + 0.5;
        let quantile = |p: f64| special::inverse(p, (0.0, shape + 1.0), |x| special::gamma(shape, x));
        let scale = |mean: f64| libm::pow(of.exposure / mean, 1.0 / of.shape);
        let count = 200;
        let middles = (0..count).map(|n| (f64::from(n) + 0.5) / f64::from(count));
        let weighted = middles.map(|p| (Curve::Weibull(scale(quantile(p)), of.shape), 1.0)).collect();
        let best = Curve::Weibull(scale(of.failures.max(0.5)), of.shape);
        Self { best, weighted: normed(weighted), confidence }
    }

    /// Forecasts how many of the items fail, each once at the most.
    pub fn forecast(&self, items: &[InService]) -> Forecast {
        let (expected, _) = moments(self.best, items);
        let parts: Vec<(f64, f64, f64)> = self
            .weighted
            .iter()
            .map(|(curve, weight)| {
                let (mean, variance) = moments(*curve, items);
                (mean, variance, *weight)
            })
            .collect();
        let total = items.iter().fold(0.0, |sum, item| sum + item.count);
        let below = |count: f64| {
            parts.iter().map(|(mean, variance, weight)| weight * up_to(count, *mean, *variance)).sum::<f64>()
        };
        let tail = (1.0 - self.confidence) / 2.0;
        let quantile = |p: f64| {
            // The least whole number with at least the probability p up to it.
            let (mut low, mut high) = (-1.0_f64, total.ceil().max(0.0));
            while high - low > 1.0 {
                let middle = f64::midpoint(low, high).floor();
                if below(middle) >= p { high = middle } else { low = middle }
            }
            high
        };
        Forecast { expected, low: quantile(tail), high: quantile(1.0 - tail) }
    }
}

fn normed(mut weighted: Vec<(Curve, f64)>) -> Vec<(Curve, f64)> {
    let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
    weighted.iter_mut().for_each(|(_, weight)| *weight /= total);
    weighted
}

/// Returns the mean and the variance of how many fail.
fn moments(curve: Curve, items: &[InService]) -> (f64, f64) {
    let hazard = |age: f64| match curve {
        Curve::Fit(fit) => fit.cumulative_hazard(age),
        Curve::Weibull(scale, shape) => libm::pow(age / scale, shape),
    };
    items.iter().fold((0.0, 0.0), |(mean, variance), item| {
        let p = -libm::expm1(hazard(item.age) - hazard(item.age + item.more));
        (mean + item.count * p, variance + item.count * p * (1.0 - p))
    })
}

/// Returns the probability of a count up to this one, of a sum of independent trials with this mean and variance: the binomial
/// distribution of the same mean and variance (Ehm, Statistics & Probability Letters 11, 1991).
fn up_to(count: f64, mean: f64, variance: f64) -> f64 {
    if count < 0.0 {
        return 0.0;
    }
    if mean <= 0.0 {
        return 1.0;
    }
    let p = ((mean - variance) / mean).clamp(1e-12, 1.0);
    let trials = mean / p;
    if count >= trials {
        return 1.0;
    }
    // Rare failures of many items are a Poisson process.
    if p < 1e-6 {
        return 1.0 - special::gamma(count + 1.0, mean);
    }
    special::beta(trials - count, count + 1.0, 1.0 - p)
}
