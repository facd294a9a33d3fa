//! Distributions of lives whose logarithm has a location and a scale.
//!
//! ln t = μ + σ u, where u has the smallest extreme value distribution (t is Weibull with η = exp μ and β = 1 ∕ σ) or the standard
//! normal one (t is lognormal). Source: Meeker and Escobar, *Statistical Methods for Reliability Data*, 1998, chapter 4.

use crate::statistics::distribution::normal;

/// A distribution of lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Of weakest links: wear-out where the shape is above 1, early failures where it is below.
    Weibull,
    /// Of damage that multiplies, such as fatigue cracks.
    Lognormal,
}

/// A logarithm of a probability, and its first and second derivative.
pub(super) type Term = [f64; 3];

/// The logarithm of the probability between `a` and `b`, and its derivatives: a, b, aa, ab, bb.
pub(super) type PairTerm = [f64; 6];

impl Family {
    /// Returns its name in sentences.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weibull => "Weibull distribution",
            Self::Lognormal => "lognormal distribution",
        }
    }

    /// Returns the standardised value below which lies the share `p`, above 0 and below 1.
    pub fn quantile(self, p: f64) -> f64 {
        match self {
            Self::Weibull => libm::log(-libm::log1p(-p)),
            Self::Lognormal => normal::quantile(p),
        }
    }

    /// Returns the logarithm of the probability to survive the standardised value `u`.
    pub fn log_survival(self, u: f64) -> f64 {
        match self {
            Self::Weibull => -libm::exp(u),
            Self::Lognormal => normal::log_survival(u),
        }
    }

    /// Returns ln f(u).
    #[inline]
    pub(super) fn density(self, u: f64) -> Term {
        match self {
            Self::Weibull => {
                let hazard = libm::exp(u);
                [u - hazard, 1.0 - hazard, -hazard]
            }
            Self::Lognormal => [normal::log_density(u), -u, -1.0],
        }
    }

    /// Returns ln S(u).
    #[inline]
    pub(super) fn survival(self, u: f64) -> Term {
        match self {
            Self::Weibull => [-libm::exp(u); 3],
            Self::Lognormal => {
                let log = normal::log_survival(u);
                let hazard = libm::exp(normal::log_density(u) - log);
                [log, -hazard, -hazard * (hazard - u)]
            }
        }
    }

    /// Returns ln F(u).
    pub(super) fn failure(self, u: f64) -> Term {
        match self {
            Self::Weibull => {
                let sum = libm::exp(u);
                let odds = 1.0 / libm::expm1(sum);
                [log_complement(sum), sum * odds, sum * odds * (1.0 - sum * (1.0 + odds))]
            }
            Self::Lognormal => {
                let [log, first, second] = self.survival(-u);
                [log, -first, second]
            }
        }
    }

    /// Returns ln (F(b) − F(a)).
    pub(super) fn between(self, a: f64, b: f64) -> PairTerm {
        match self {
            Self::Weibull => {
                let (from, to) = (libm::exp(a), libm::exp(b));
                let odds = 1.0 / libm::expm1(to - from);
                let (by_from, by_to, square) = (-1.0 - odds, odds, odds * (1.0 + odds));
                [
                    -from + log_complement(to - from),
                    by_from * from,
                    by_to * to,
                    -square * from * from + by_from * from,
                    square * from * to,
                    -square * to * to + by_to * to,
                ]
            }
            Self::Lognormal => {
                // In the tail that holds both, where the difference keeps its digits.
                let (near, far) = if a > 0.0 { (a, b) } else { (-b, -a) };
                let log = normal::log_survival(near);
                let log = log + log_complement(log - normal::log_survival(far));
                let (at_a, at_b) =
                    (libm::exp(normal::log_density(a) - log), libm::exp(normal::log_density(b) - log));
                [log, -at_a, at_b, at_a * (a - at_a), at_a * at_b, -at_b * (b + at_b)]
            }
        }
    }
}

/// Returns ln (1 − e^−x) for `x` above 0.
fn log_complement(x: f64) -> f64 {
    libm::log(-libm::expm1(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_values() {
        let h = 1e-5;
        let check = |name: &str, term: &dyn Fn(f64) -> Term| {
            for u in [-3.0, -0.4, 0.7, 1.9] {
                let ([_, first, second], low, high) = (term(u), term(u - h), term(u + h));
                assert!((first - (high[0] - low[0]) / (2.0 * h)).abs() < 1e-7, "{name} {u}");
                assert!((second - (high[1] - low[1]) / (2.0 * h)).abs() < 1e-6, "{name} {u}");
            }
        };
        for family in [Family::Weibull, Family::Lognormal] {
            check("density", &|u| family.density(u));
            check("survival", &|u| family.survival(u));
            check("failure", &|u| family.failure(u));
            for (a, b) in [(-2.0, -1.0), (-0.5, 0.6), (0.8, 1.4)] {
                let [_, by_a, by_b, aa, ab, bb] = family.between(a, b);
                let across = |at: usize, da: f64, db: f64| {
                    (family.between(a + da, b + db)[at] - family.between(a - da, b - db)[at]) / (2.0 * h)
                };
                let near =
                    |found: f64, expect: f64| assert!((found - expect).abs() < 1e-6, "{family:?} {a} {b}");
                near(by_a, across(0, h, 0.0));
                near(by_b, across(0, 0.0, h));
                near(aa, across(1, h, 0.0));
                near(ab, across(1, 0.0, h));
                near(bb, across(2, 0.0, h));
            }
            // Together they are everything.
            let total = libm::exp(family.failure(0.3)[0]) + libm::exp(family.survival(0.3)[0]);
            assert!((total - 1.0).abs() < 1e-15);
        }
    }
}
