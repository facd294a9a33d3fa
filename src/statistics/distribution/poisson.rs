//! Exact limits of the mean of a Poisson distribution of which one count was observed.
//!
//! Source: F. Garwood, *Fiducial limits for the Poisson distribution*, Biometrika 28 (1936), 437–442; the same limits as
//! IEC 60605-4 gives for a test that ends after a set time.

use super::special::{gamma, inverse};

/// Returns the lower and the upper limit of the mean, at a confidence between 0 and 1: with α = 1 − confidence and γ(p, k) the
/// quantile p of the gamma distribution of shape k, which is half of that of the chi-square distribution of 2 k degrees of
/// freedom, γ(α/2, n) and γ(1 − α/2, n + 1). Of no events at all the lower limit is 0.
pub fn limits(count: u64, confidence: f64) -> (f64, f64) {
    let tail = (1.0 - confidence) / 2.0;
    let count = count as f64;
    let quantile = |p: f64, shape: f64| inverse(p, (0.0, shape + 1.0), |x| gamma(shape, x));
    let lower = if count == 0.0 { 0.0 } else { quantile(tail, count) };
    (lower, quantile(1.0 - tail, count + 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against R 4: `poisson.test(n, conf.level = c)$conf.int`.
    #[test]
    fn limits_agree_with_published_tables() {
        let check = |count, confidence, lower: f64, upper: f64| {
            let found = limits(count, confidence);
            let near = |found: f64, expect: f64| (found - expect).abs() <= 1e-5 * expect.max(1.0);
            assert!(near(found.0, lower) && near(found.1, upper), "{count} at {confidence}: {found:?}");
        };
        check(0, 0.95, 0.0, 3.688_879);
        check(1, 0.95, 0.025_318, 5.571_643);
        check(5, 0.95, 1.623_486, 11.668_332);
        check(10, 0.95, 4.795_389, 18.390_356);
        check(100, 0.95, 81.363_97, 121.627_0);
        check(10, 0.9, 5.425_406, 16.962_219);
    }

    #[test]
    fn the_bits_are_fixed() {
        let (lower, upper) = limits(10, 0.95);
        assert_eq!(
            (lower.to_bits(), upper.to_bits()),
            (4_617_085_146_113_637_586, 4_625_869_642_720_756_520)
        );
    }

    #[test]
    fn great_counts_have_limits_too() {
        let (lower, upper) = limits(1_000_000, 0.95);
        assert!(
            lower > 998_000.0 && lower < 998_100.0 && upper > 1_001_900.0 && upper < 1_002_000.0,
            "{lower} {upper}"
        );
    }
}
