//! Fits of a distribution to lives by maximum likelihood.
//!
//! Failures count with their density, suspended items with the probability to survive, failures between two ages with that of the
//! interval, and each of them divided by the probability to reach the age from which the item was watched. Source: Meeker and Escobar,
//! *Statistical Methods for Reliability Data*, 1998, sections 8.3 (censoring) and 11.6 (truncation).

use super::family::Family;
use super::likelihood::{Likelihood, Point, Score};
use super::lives::{Error, Lives};

/// A distribution with its most likely parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Which.
    pub family: Family,
    /// μ, the location of the logarithm of lives.
    pub mu: f64,
    /// σ, their scale.
    pub sigma: f64,
    /// The logarithm of the likelihood, densities being those of ages.
    pub log_likelihood: f64,
    /// How many items failed.
    pub failures: f64,
    /// The observed information: minus the second derivatives by μ and ln σ: μμ, μλ, λλ.
    pub(super) information: [f64; 3],
}

/// A scale outside these bounds, as ln σ, is that of a likelihood without a maximum.
const LAMBDA_BOUNDS: (f64, f64) = (-9.0, 9.0);
/// More steps are never needed from a start within the data.
const STEPS_MAX: usize = 200;
/// The gain in likelihood that a further step promises where it has converged.
const GAIN_MIN: f64 = 1e-16;

impl Fit {
    /// Fits a distribution to lives; at least two items must have failed at different ages.
    pub fn new(family: Family, lives: &Lives) -> Result<Self, Error> {
        let found = lives.failure_ages();
        if found < 2 {
            return Err(Error::TooFewFailures { found, enough: 2 });
        }
        let likelihood = Likelihood::new(family, lives);
        Self::of(&likelihood)
    }

    pub(super) fn of(likelihood: &Likelihood) -> Result<Self, Error> {
        let family = likelihood.family;
        let failures = likelihood.failures;
        let (point, score) = maximum(likelihood, likelihood.start())
            .ok_or(Error::NoMaximum { family: family.name(), failures })?;
        Ok(Self {
            family,
            mu: point.mu,
            sigma: libm::exp(point.lambda),
            log_likelihood: score.log,
            failures,
            information: [-score.mu_mu, -score.mu_lambda, -score.lambda_lambda],
        })
    }

    /// Returns the standardised value of an age.
    pub(super) fn standard(&self, age: f64) -> f64 {
        (libm::log(age) - self.mu) / self.sigma
    }

    /// Returns the shape: β = 1 ∕ σ of a Weibull distribution, σ of a lognormal one.
    pub fn shape(&self) -> f64 {
        match self.family {
            Family::Weibull => 1.0 / self.sigma,
            Family::Lognormal => self.sigma,
        }
    }

    /// Returns the scale exp μ: η of a Weibull distribution, which 63.2 % of items do not reach; the median of a lognormal one.
    pub fn scale(&self) -> f64 {
        libm::exp(self.mu)
    }

    /// Returns the age before which the share `p` of items fails, above 0 and below 1: B10 for 0.1.
    pub fn quantile(&self, p: f64) -> f64 {
        libm::exp(self.mu + self.sigma * self.family.quantile(p))
    }

    /// Returns the probability to survive an age.
    pub fn reliability(&self, age: f64) -> f64 {
        if age <= 0.0 { 1.0 } else { libm::exp(self.family.log_survival(self.standard(age))) }
    }

    /// Returns the cumulative hazard −ln S up to an age.
    pub fn cumulative_hazard(&self, age: f64) -> f64 {
        if age <= 0.0 { 0.0 } else { -self.family.log_survival(self.standard(age)) }
    }

    /// Returns Akaike's information criterion, the smaller the better: −2 ln L + 2 k (Akaike, 1974).
    pub fn aic(&self) -> f64 {
        4.0 - 2.0 * self.log_likelihood
    }

    pub(super) fn point(&self) -> Point {
        Point { mu: self.mu, lambda: libm::log(self.sigma) }
    }

    /// Returns the inverse of the observed information: the variances of μ and ln σ with their covariance between.
    pub(super) fn covariance(&self) -> [f64; 3] {
        let [mm, ml, ll] = self.information;
        let determinant = mm * ll - ml * ml;
        [ll / determinant, -ml / determinant, mm / determinant]
    }
}

/// Climbs to the maximum by Newton's method, damped as by Levenberg; `None` where there is none.
fn maximum(likelihood: &Likelihood, start: Point) -> Option<(Point, Score)> {
    let mut point = start;
    let mut score = likelihood.at(point);
    if !score.is_finite() {
        return None;
    }
    let mut damping = 0.0;
    for _ in 0..STEPS_MAX {
        let Some((step, gain)) = step(&score, damping) else {
            damping = f64::max(2.0 * damping, 1e-3 * (score.mu_mu.abs() + score.lambda_lambda.abs() + 1e-6));
            continue;
        };
        if damping == 0.0 && gain < GAIN_MIN {
            return Some((point, score));
        }
        let next = Point { mu: point.mu + step.0, lambda: point.lambda + step.1 };
        if !(LAMBDA_BOUNDS.0..=LAMBDA_BOUNDS.1).contains(&next.lambda) {
            return None;
        }
        let found = likelihood.at(next);
        // Near the maximum a step changes less than rounding does.
        let rounding = 1e-13 * score.log.abs();
        if found.is_finite() && found.log >= score.log - if gain < 1e-9 { rounding } else { 0.0 } {
            (point, score) = (next, found);
            damping = if damping < 1e-9 { 0.0 } else { damping / 8.0 };
        } else if gain < 1e-9 {
            return Some((point, score));
        } else {
            damping = f64::max(4.0 * damping, 1e-3 * (score.mu_mu.abs() + score.lambda_lambda.abs()));
        }
    }
    None
}

/// Returns a step uphill and what it gains by the quadratic that fits the likelihood here; `None` where that has no maximum.
fn step(score: &Score, damping: f64) -> Option<((f64, f64), f64)> {
    let (mm, ml, ll) = (-score.mu_mu + damping, -score.mu_lambda, -score.lambda_lambda + damping);
    let determinant = mm * ll - ml * ml;
    if !(mm > 0.0 && determinant > 1e-14 * mm * ll) {
        return None;
    }
    let step = (
        (ll * score.mu - ml * score.lambda) / determinant,
        (mm * score.lambda - ml * score.mu) / determinant,
    );
    let gain = 0.5 * (step.0 * score.mu + step.1 * score.lambda);
    // No step goes further than the data can show.
    let far = (step.0.abs() / 5.0).max(step.1.abs() / 1.5).max(1.0);
    Some(((step.0 / far, step.1 / far), gain))
}
