//! The normal distribution, also far out in its tails.

use core::f64::consts::{FRAC_1_SQRT_2, PI};

/// Returns ln φ(u), the logarithm of the density.
pub(in crate::statistics) fn log_density(u: f64) -> f64 {
    -0.5 * u * u - 0.5 * libm::log(2.0 * PI)
}

/// Returns ln (1 − Φ(u)), the logarithm of the probability of a value above `u`; beyond 30 by the asymptotic series of DLMF §7.12.1.
pub(in crate::statistics) fn log_survival(u: f64) -> f64 {
    if u < 0.0 {
        return libm::log1p(-0.5 * libm::erfc(-u * FRAC_1_SQRT_2));
    }
    if u < 30.0 {
        return libm::log(0.5 * libm::erfc(u * FRAC_1_SQRT_2));
    }
    let square = 1.0 / (u * u);
    let series = -square * (1.0 - square * (3.0 - square * (15.0 - square * 105.0)));
    log_density(u) - libm::log(u) + libm::log1p(series)
}

/// Returns Φ(u), the probability of a value up to `u`.
pub(in crate::statistics) fn probability(u: f64) -> f64 {
    0.5 * libm::erfc(-u * FRAC_1_SQRT_2)
}

/// Returns the value below which lies the share `p`, above 0 and below 1.
pub(in crate::statistics) fn quantile(p: f64) -> f64 {
    if p > 0.5 {
        return -quantile(1.0 - p);
    }
    // A rational approximation (Abramowitz and Stegun, formula 26.2.23), then Newton's steps on ln Φ, which is concave.
    let t = libm::sqrt(-2.0 * libm::log(p));
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut u = above / below - t;
    for _ in 0..8 {
        let log = log_survival(-u);
        let step = (log - libm::log(p)) / libm::exp(log_density(u) - log);
        u -= step;
        if step.abs() <= 1e-15 * u.abs() {
            break;
        }
    }
    u
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_the_tables() {
        // Against SciPy 1.17: norm.logsf(u), norm.ppf(p).
        let check = |found: f64, expect: f64| {
            assert!((found - expect).abs() <= 1e-12 * expect.abs().max(1.0), "{found} {expect}");
        };
        check(log_survival(0.0), -core::f64::consts::LN_2);
        check(log_survival(-3.0), -0.001_350_809_964_748_192_5);
        check(log_survival(10.0), -53.231_285_150_512_48);
        check(log_survival(29.999), -454.291_211_196_123_9);
        check(log_survival(30.0), -454.321_243_956_343_27);
        check(log_survival(40.0), -804.608_442_013_753_8);
        check(quantile(0.975), 1.959_963_984_540_054);
        check(quantile(0.1), -1.281_551_565_544_600_4);
        check(quantile(0.5), 0.0);
        check(quantile(1e-10), -6.361_340_902_404_056);
        check(probability(1.959_963_984_540_054), 0.975);
    }
}
