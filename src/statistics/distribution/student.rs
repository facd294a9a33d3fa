//! Student's t distribution.

use super::special::{beta, inverse};

/// Returns the probability of a value up to `t` with `freedom` > 0 degrees of freedom.
pub(in crate::statistics) fn probability(t: f64, freedom: f64) -> f64 {
    let beyond = beta(freedom / 2.0, 0.5, freedom / (freedom + t * t)) / 2.0;
    if t > 0.0 { 1.0 - beyond } else { beyond }
}

/// Returns the value that is exceeded with the probability `tail`, above 0 and at most ½.
pub(in crate::statistics) fn upper_quantile(tail: f64, freedom: f64) -> f64 {
    // The smaller probability is the exact one, so the search runs on the lower tail.
    inverse(-tail, (0.0, 2.0), |t| -probability(-t, freedom))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_the_tables() {
        // Against SciPy 1.17: t.cdf(t, v).
        let check = |t: f64, freedom: f64, p: f64| {
            assert!((probability(t, freedom) - p).abs() < 1e-11, "{t}: {}", probability(t, freedom));
            assert!(
                (upper_quantile(1.0 - p, freedom) - t).abs() < 1e-7,
                "{p}: {}",
                upper_quantile(1.0 - p, freedom)
            );
            assert!((probability(-t, freedom) - (1.0 - p)).abs() < 1e-11);
        };
        check(0.0, 3.0, 0.5);
        check(1.0, 1.0, 0.75);
        check(2.776_445_105_197_793_4, 4.0, 0.975);
        check(2.364_624_251_592_784, 7.0, 0.975);
        check(1.962_339_080_826_408_3, 1000.0, 0.975);
    }
}
