//! The factors of control charts for samples of a normal distribution.

use core::f64::consts::PI;

/// Returns c₄, the mean of the standard deviation of samples of `size` ≥ 2 values where σ is 1: √(2 ∕ (n − 1)) Γ(n ∕ 2) ∕ Γ((n − 1) ∕ 2).
/// Source: Montgomery, *Introduction to Statistical Quality Control*, 7th edition 2012, appendix VI.
pub fn c4(size: usize) -> f64 {
    let n = size as f64;
    let gammas = libm::lgamma(n / 2.0) - libm::lgamma((n - 1.0) / 2.0);
    (2.0 / (n - 1.0)).sqrt() * libm::exp(gammas)
}

/// Returns d₂ of pairs, the mean of their range where σ is 1: 2 ∕ √π.
pub fn d2_of_pairs() -> f64 {
    2.0 / PI.sqrt()
}

/// Returns d₃ of pairs, the standard deviation of their range where σ is 1: √(2 − 4 ∕ π).
pub fn d3_of_pairs() -> f64 {
    (2.0 - 4.0 / PI).sqrt()
}
