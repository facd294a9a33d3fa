//! How much must go well before chance no longer explains it.

use super::distribution::special::{beta, gamma, inverse};

/// Returns how many trials with no more than `failures` failures have at most the probability `risk`, where each fails with the
/// probability `p` above 0: the smallest n for which the binomial distribution gives it; without failures (1 − p)ⁿ ≤ `risk`.
pub fn trials(p: f64, failures: usize, risk: f64) -> f64 {
    let failures = failures as f64;
    if p >= 1.0 {
        return failures + 1.0;
    }
    // The binomial distribution as an incomplete beta function (DLMF §8.17.5), which falls with n.
    let exact = inverse(-risk, (failures, failures + 1.0), |n| -beta(n - failures, failures + 1.0, 1.0 - p));
    (exact - 1e-9).ceil()
}

/// Returns how long no more than `failures` failures have at most the probability `risk`, where they come at `rate` above 0: by
/// the Poisson distribution, without failures −ln `risk` ∕ `rate`.
pub fn exposure(rate: f64, failures: usize, risk: f64) -> f64 {
    let shape = failures as f64 + 1.0;
    inverse(1.0 - risk, (0.0, shape), |mean| gamma(shape, mean)) / rate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_are_the_fewest_that_chance_does_not_explain() {
        let check = |p: f64, failures: usize, risk: f64, expect: f64| {
            assert_eq!(trials(p, failures, risk), expect, "{p} {failures}");
        };
        check(1.0, 0, 0.05, 1.0);
        check(0.5, 0, 0.05, 5.0);
        check(0.5, 0, 0.0625, 4.0);
        check(1.0 / 6.0, 0, 0.05, 17.0);
        check(0.01, 0, 0.05, 299.0);
        // Of seven, one or none has 8 ∕ 128, of eight 9 ∕ 256.
        check(0.5, 1, 0.05, 8.0);
        check(1.0, 2, 0.05, 3.0);
    }

    #[test]
    fn exposure_is_that_of_the_poisson_distribution() {
        let check = |rate: f64, failures: usize, expect: f64| {
            let found = exposure(rate, failures, 0.05);
            assert!((found - expect).abs() < 1e-9 * expect, "{rate} {failures}: {found}");
        };
        check(1.0, 0, -(0.05_f64.ln()));
        check(0.01, 0, -(0.05_f64.ln()) * 100.0);
        // Half of χ²(0.95, 4).
        check(1.0, 1, 4.743_864_518_390_577);
    }
}
