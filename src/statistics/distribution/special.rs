//! The regularised incomplete gamma and beta functions, from which the chi-square and Student's t distributions follow.
//!
//! Source: NIST Digital Library of Mathematical Functions, §8.7.1 and §8.9.2 (gamma), §8.17.22 (beta); the continued fractions
//! are evaluated by Lentz's method as in Press et al., *Numerical Recipes*, 3rd edition, sections 6.2 and 6.4. The crate
//! `statrs` has both, but takes its logarithms from the platform, so its bits differ between machines.

/// Where a sum or fraction has converged.
const PRECISION: f64 = 1e-16;
/// Replaces a zero denominator.
const TINY: f64 = 1e-300;
/// A bound on the terms: some multiples of √10¹⁶, for a sum of `a` near 10¹⁶ needs about √a of them.
const TERMS_MAX: u32 = 1_000_000_000;

/// Returns P(a, x), the regularised lower incomplete gamma function, for `a` > 0 and `x` ≥ 0.
pub(in crate::statistics) fn gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let scale = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 { scale * gamma_series(a, x) } else { 1.0 - scale * gamma_fraction(a, x) }
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0 / a, 1.0 / a);
    for n in 1..TERMS_MAX {
        term *= x / (a + f64::from(n));
        sum += term;
        if term < sum * PRECISION {
            break;
        }
    }
    sum
}

fn gamma_fraction(a: f64, x: f64) -> f64 {
    let term = |n: u32| (-f64::from(n) * (f64::from(n) - a), x + 1.0 - a + 2.0 * f64::from(n));
    1.0 / fraction(x + 1.0 - a, term)
}

/// Returns I(x; a, b), the regularised incomplete beta function, for `a`, `b` > 0 and `x` from 0 to 1.
pub(in crate::statistics) fn beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    // The fraction converges quickly on this side of the mean.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta(b, a, 1.0 - x);
    }
    let gammas = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b);
    let scale = libm::exp(gammas + a * libm::log(x) + b * libm::log1p(-x));
    let term = |n: u32| {
        let half = f64::from(n / 2);
        let (above, below) = if n.is_multiple_of(2) {
            (half * (b - half) * x, (a + 2.0 * half - 1.0) * (a + 2.0 * half))
        } else {
            (-(a + half) * (a + b + half) * x, (a + 2.0 * half) * (a + 2.0 * half + 1.0))
        };
        (above / below, 1.0)
    };
    scale / (a * fraction(1.0, term))
}

/// Returns `first + a₁ ∕ (b₁ + a₂ ∕ (b₂ + …))`, `term(n)` being aₙ and bₙ.
fn fraction(first: f64, term: impl Fn(u32) -> (f64, f64)) -> f64 {
    let kept_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut value = kept_from_zero(first);
    let (mut c, mut d) = (value, 0.0);
    for n in 1..TERMS_MAX {
        let (above, beside) = term(n);
        d = 1.0 / kept_from_zero(beside + above * d);
        c = kept_from_zero(beside + above / c);
        value *= c * d;
        if (c * d - 1.0).abs() < 2.0 * f64::EPSILON {
            break;
        }
    }
    value
}

/// Returns where a function that grows from below `target` to above it reaches it, between `low` and a first guess `high` that
/// is doubled until it is high enough; halved until nothing changes any more.
pub(in crate::statistics) fn inverse(
    target: f64,
    (mut low, mut high): (f64, f64),
    grows: impl Fn(f64) -> f64,
) -> f64 {
    while grows(high) < target && high < f64::MAX / 4.0 {
        (low, high) = (high, 2.0 * high);
    }
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if grows(middle) < target { low = middle } else { high = middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_agree_with_the_tables() {
        // Against SciPy 1.17: gammainc(a, x), betainc(a, b, x).
        let check = |found: f64, expect: f64| assert!((found - expect).abs() < 1e-12, "{found} {expect}");
        check(gamma(1.0, 2.0), 1.0 - (-2.0_f64).exp());
        check(gamma(0.5, 0.5), 0.682_689_492_137_085_9);
        check(gamma(10.0, 4.0), 0.008_132_242_796_933_871);
        check(gamma(3.0, 0.0), 0.0);
        check(beta(2.0, 3.0, 0.5), 0.6875);
        check(beta(0.5, 0.5, 0.25), 1.0 / 3.0);
        check(beta(5.0, 1.0, 0.9), 0.9_f64.powi(5));
        check(beta(2.0, 2.0, 1.0), 1.0);
    }

    #[test]
    fn an_inverse_is_found_on_both_sides_of_the_guess() {
        let square = |x: f64| x * x;
        assert!((inverse(4.0, (0.0, 3.0), square) - 2.0).abs() < 1e-15);
        assert!((inverse(1e6, (0.0, 3.0), square) - 1e3).abs() < 1e-12);
    }
}
