//! Limits of a fit by the profile of its likelihood.
//!
//! A value of a quantity is inside the limits if some parameters with that value are hardly less likely than the most likely ones:
//! 2 (ln L − ln L(value)) ≤ c. Source: Meeker and Escobar, *Statistical Methods for Reliability Data*, 1998, section 8.3.3.
//!
//! For many failures c is the quantile of χ² with one degree of freedom, which for few makes limits that are too narrow.
//! [`Cutoff::SmallSample`] takes c = r ln (1 + t² ∕ (r − 1)), where t is the quantile of Student's distribution with r − 1 degrees of
//! freedom and r counts failures: what makes the limits of a lognormal median exact where nothing is censored, for then the
//! statistic is that function of Student's t (Lehmann and Romano, *Testing Statistical Hypotheses*, 2005, section 5.2), and in the
//! simulations of `throughline bench lives` covers for the other quantities as well. It becomes χ² as r grows.

use super::family::Family;
use super::fit::Fit;
use super::likelihood::{Likelihood, Point};
use super::lives::{Error, Lives};
use crate::statistics::distribution::{normal, student};

/// An estimate with its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The most likely value.
    pub estimate: f64,
    /// The lower limit; 0 where nothing bounds it from below.
    pub low: f64,
    /// The upper limit; infinite where nothing bounds it from above.
    pub high: f64,
}

/// How much less likely than the most likely parameters others may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cutoff {
    /// As for many failures.
    ChiSquare,
    /// Wider where failures are few.
    #[default]
    SmallSample,
}

/// A quantity of a distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// β of a Weibull distribution, σ of a lognormal one.
    Shape,
    /// η of a Weibull distribution, the median of a lognormal one.
    Scale,
    /// The age before which this share fails.
    Quantile(f64),
    /// The probability to survive this age.
    Reliability(f64),
}

/// A fit with what is needed to find limits.
#[derive(Debug)]
pub struct Profiles {
    likelihood: Likelihood,
    fit: Fit,
    cutoff: f64,
}

/// The likelihood where one quantity is fixed: its logarithm, the slope by the quantity, the other parameter and how that moves.
#[derive(Clone, Copy)]
struct Ridge {
    log: f64,
    slope: f64,
    other: f64,
    other_slope: f64,
}

const STEPS_MAX: usize = 60;
/// How far the root of the statistic may be off; a limit is then right to about 1e-9 standard errors.
const PRECISION: f64 = 1e-9;

impl Cutoff {
    /// Returns c at a confidence between 0 and 1.
    pub fn value(self, failures: f64, confidence: f64) -> f64 {
        let tail = (1.0 - confidence) / 2.0;
        match self {
            Self::SmallSample if failures >= 2.0 => {
                let t = student::upper_quantile(tail, failures - 1.0);
                failures * libm::log1p(t * t / (failures - 1.0))
            }
            _ => normal::quantile(tail) * normal::quantile(tail),
        }
    }
}

impl Profiles {
    /// Makes ready to find limits at a confidence between 0 and 1.
    pub fn new(fit: Fit, lives: &Lives, confidence: f64, cutoff: Cutoff) -> Self {
        let cutoff = cutoff.value(fit.failures, confidence);
        Self { likelihood: Likelihood::new(fit.family, lives), fit, cutoff }
    }

    /// Fits a distribution and makes ready to find its limits.
    pub fn fitted(family: Family, lives: &Lives, confidence: f64, cutoff: Cutoff) -> Result<Self, Error> {
        Ok(Self::new(Fit::new(family, lives)?, lives, confidence, cutoff))
    }

    /// Returns the fit.
    pub fn fit(&self) -> &Fit {
        &self.fit
    }

    /// Returns the logarithm of the likelihood of a location and the logarithm of a scale.
    pub(super) fn log_likelihood(&self, mu: f64, lambda: f64) -> f64 {
        self.likelihood.at(Point { mu, lambda }).log
    }

    /// Returns a quantity with its limits.
    pub fn limits(&self, of: Quantity) -> Limits {
        let (fit, family) = (&self.fit, self.fit.family);
        let along = Along::of(of, family);
        let ends = [-1.0, 1.0].map(|sign| self.end(along, sign));
        let (estimate, value): (f64, &dyn Fn(f64) -> f64) = match of {
            Quantity::Shape if family == Family::Weibull => (fit.shape(), &|lambda| libm::exp(-lambda)),
            Quantity::Shape => (fit.shape(), &libm::exp),
            Quantity::Scale => (fit.scale(), &libm::exp),
            Quantity::Quantile(p) => (fit.quantile(p), &libm::exp),
            Quantity::Reliability(age) => (fit.reliability(age), &|u| libm::exp(family.log_survival(u))),
        };
        let ends = ends.map(value);
        Limits { estimate, low: ends[0].min(ends[1]), high: ends[0].max(ends[1]) }
    }

    /// Finds where the profile is as low as the cutoff allows, below or above the estimate: by Newton's method on the signed root
    /// of the statistic, which is nearly straight, kept inside what is known to bracket it. Infinite where it never is.
    fn end(&self, along: Along, sign: f64) -> f64 {
        let (best, root) = (self.fit.log_likelihood, self.cutoff.sqrt());
        let (centre, other) = along.coordinates(self.fit.point());
        let mut spread = along.spread(&self.fit);
        if !spread.is_finite() || spread <= 0.0 {
            spread = 1.0;
        }
        let (mut inside, mut outside) = (centre, sign * f64::INFINITY);
        let mut at = centre + sign * root * spread;
        let mut guess = other + along.drift(&self.fit) * (at - centre);
        for _ in 0..STEPS_MAX {
            let Some(ridge) = self.ridge(along, at, guess) else {
                outside = at;
                at = f64::midpoint(inside, outside);
                guess = other;
                continue;
            };
            let found = (2.0 * (best - ridge.log)).max(0.0).sqrt();
            if (found - root).abs() < PRECISION {
                return at;
            }
            if found < root {
                inside = at;
            } else {
                outside = at;
            }
            // The root grows by this with each step outwards.
            let slope = -sign * ridge.slope / found.max(1e-6);
            let mut next = at + sign * (root - found) / slope;
            let reach = (at - centre).abs();
            if slope.is_nan() || slope <= 0.0 || (next - at).abs() > 2.0 * reach {
                next = at + sign * 2.0 * reach;
            }
            let within =
                if sign > 0.0 { next > inside && next < outside } else { next < inside && next > outside };
            if !within {
                next = if outside.is_finite() {
                    f64::midpoint(inside, outside)
                } else {
                    at + sign * 2.0 * reach
                };
            }
            if next == at {
                return at;
            }
            if (next - centre).abs() > 60.0 {
                return sign * f64::INFINITY;
            }
            guess = ridge.other + ridge.other_slope * (next - at);
            at = next;
        }
        at
    }

    /// Climbs to the most likely other parameter where one quantity is fixed.
    fn ridge(&self, along: Along, fixed: f64, start: f64) -> Option<Ridge> {
        let mut other = start;
        let mut score = along.score(&self.likelihood, fixed, other);
        if !score.log.is_finite() {
            return None;
        }
        for _ in 0..STEPS_MAX {
            let curved = score.other_other < 0.0;
            let step = if curved { -score.other / score.other_other } else { score.other.signum() * 0.25 };
            let mut step = step.clamp(-1.0, 1.0);
            let gain = 0.5 * step * score.other;
            if curved && gain < 1e-13 {
                break;
            }
            loop {
                let next = along.score(&self.likelihood, fixed, other + step);
                if next.log.is_finite() && next.log >= score.log - 1e-13 * score.log.abs() {
                    (other, score) = (other + step, next);
                    break;
                }
                step /= 4.0;
                if step.abs() < 1e-12 {
                    return Some(score.ridge(other));
                }
            }
        }
        Some(score.ridge(other))
    }
}

/// One parameter along which the likelihood is profiled, and the other one: both of μ = a + b σ and λ = ln σ, where the parameter is
/// λ, a, or −b.
#[derive(Clone, Copy)]
enum Along {
    /// λ; the other is μ.
    Scale,
    /// μ + u σ, the logarithm of a quantile; the other is λ.
    Quantile(f64),
    /// (ln t − μ) ∕ σ; the other is λ.
    Standard(f64),
}

/// Derivatives of the likelihood by the fixed parameter and the other one.
struct AlongScore {
    log: f64,
    fixed: f64,
    other: f64,
    fixed_other: f64,
    other_other: f64,
}

impl AlongScore {
    fn ridge(&self, other: f64) -> Ridge {
        let other_slope = -self.fixed_other / self.other_other;
        let other_slope = if other_slope.is_finite() { other_slope } else { 0.0 };
        Ridge { log: self.log, slope: self.fixed, other, other_slope }
    }
}

impl Along {
    fn of(quantity: Quantity, family: Family) -> Self {
        match quantity {
            Quantity::Shape => Self::Scale,
            Quantity::Scale => Self::Quantile(0.0),
            Quantity::Quantile(p) => Self::Quantile(family.quantile(p)),
            Quantity::Reliability(age) => Self::Standard(libm::log(age)),
        }
    }

    /// Returns the fixed and the other parameter of a point.
    fn coordinates(self, point: Point) -> (f64, f64) {
        let sigma = libm::exp(point.lambda);
        match self {
            Self::Scale => (point.lambda, point.mu),
            Self::Quantile(u) => (point.mu + u * sigma, point.lambda),
            Self::Standard(age) => ((age - point.mu) / sigma, point.lambda),
        }
    }

    /// Returns how the fixed parameter changes with μ and with λ.
    fn gradient(self, fit: &Fit) -> (f64, f64) {
        match self {
            Self::Scale => (0.0, 1.0),
            Self::Quantile(u) => (1.0, u * fit.sigma),
            Self::Standard(age) => (-1.0 / fit.sigma, -(age - fit.mu) / fit.sigma),
        }
    }

    /// Returns the standard error of the fixed parameter by the observed information.
    fn spread(self, fit: &Fit) -> f64 {
        let ([mm, ml, ll], (m, l)) = (fit.covariance(), self.gradient(fit));
        (mm * m * m + 2.0 * ml * m * l + ll * l * l).sqrt()
    }

    /// Returns how the other parameter moves with the fixed one, at the estimate.
    fn drift(self, fit: &Fit) -> f64 {
        let ([mm, ml, ll], (m, l)) = (fit.covariance(), self.gradient(fit));
        let variance = mm * m * m + 2.0 * ml * m * l + ll * l * l;
        let with_other = match self {
            Self::Scale => mm * m + ml * l,
            _ => ml * m + ll * l,
        };
        let drift = with_other / variance;
        if drift.is_finite() { drift } else { 0.0 }
    }

    fn score(self, likelihood: &Likelihood, fixed: f64, other: f64) -> AlongScore {
        if let Self::Scale = self {
            let score = likelihood.at(Point { mu: other, lambda: fixed });
            return AlongScore {
                log: score.log,
                fixed: score.lambda,
                other: score.mu,
                fixed_other: score.mu_lambda,
                other_other: score.mu_mu,
            };
        }
        let sigma = libm::exp(other);
        // μ, and its derivatives by the fixed parameter, by λ, by both, and by λ twice.
        let (mu, by_fixed, by_other, by_both, by_other_twice) = match self {
            Self::Scale => (other, 0.0, 1.0, 0.0, 0.0),
            Self::Quantile(u) => (fixed - u * sigma, 1.0, -u * sigma, 0.0, -u * sigma),
            Self::Standard(age) => (age - fixed * sigma, -sigma, -fixed * sigma, -sigma, -fixed * sigma),
        };
        let score = likelihood.at(Point { mu, lambda: other });
        AlongScore {
            log: score.log,
            fixed: score.mu * by_fixed,
            other: score.mu * by_other + score.lambda,
            fixed_other: score.mu_mu * by_fixed * by_other + score.mu_lambda * by_fixed + score.mu * by_both,
            other_other: score.mu_mu * by_other * by_other
                + 2.0 * score.mu_lambda * by_other
                + score.lambda_lambda
                + score.mu * by_other_twice,
        }
    }
}
