//! Two rates of failure compared, exactly.

use crate::statistics::distribution::special::{beta, inverse};
use crate::statistics::survival::limits::Limits;

/// Failures and the exposure in which they came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observed {
    /// How many failures.
    pub failures: u64,
    /// What they are of, above 0: hours, cycles, or those of a Weibull distribution of known shape.
    pub exposure: f64,
}

/// A ratio of two rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateRatio {
    /// The rate of the right over that of the left, with its limits; without failures on the left its estimate and upper limit are
    /// infinite.
    pub ratio: Limits,
    /// The probability of failures divided as unequally or more, if the rates are equal; twice that of the smaller tail.
    pub p: f64,
}

/// Compares two rates at a confidence between 0 and 1; `None` where nothing failed, or nothing was observed on a side.
///
/// Of all failures the share of the right is binomial with p = ρ E ∕ (1 + ρ E), E being the ratio of the exposures, so that the exact
/// limits of p (Clopper and Pearson, Biometrika 26, 1934) are those of ρ. Source: Przyborowski and Wilenski, Biometrika 31, 1940;
/// Lehmann and Romano, *Testing Statistical Hypotheses*, 2005, section 4.5.
pub fn rate_ratio(left: Observed, right: Observed, confidence: f64) -> Option<RateRatio> {
    let total = left.failures + right.failures;
    if total == 0 || !(left.exposure > 0.0 && right.exposure > 0.0) {
        return None;
    }
    let (of, tail) = (right.failures as f64, (1.0 - confidence) / 2.0);
    let others = left.failures as f64;
    let low =
        if right.failures == 0 { 0.0 } else { inverse(tail, (0.0, 1.0), |p| beta(of, others + 1.0, p)) };
    let high =
        if left.failures == 0 { 1.0 } else { inverse(1.0 - tail, (0.0, 1.0), |p| beta(of + 1.0, others, p)) };
    let exposures = left.exposure / right.exposure;
    let ratio = |p: f64| p / (1.0 - p) * exposures;
    let estimate = of / others * exposures;
    // The probabilities of so many or fewer, and of so many or more, if the rates are equal.
    let p = right.exposure / (left.exposure + right.exposure);
    let up_to = if left.failures == 0 { 1.0 } else { 1.0 - beta(of + 1.0, others, p) };
    let from = if right.failures == 0 { 1.0 } else { beta(of, others + 1.0, p) };
    let ratio = Limits { estimate, low: ratio(low), high: ratio(high) };
    Some(RateRatio { ratio, p: (2.0 * up_to.min(from)).min(1.0) })
}
