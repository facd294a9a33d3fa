//! Capability: how many times the spread of a process fits into its tolerance.

use super::chart::{deviation, mean};
use crate::statistics::distribution::{normal, special};

/// An index with its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Index {
    /// The estimate.
    pub estimate: f64,
    /// Its lower limit.
    pub low: f64,
    /// Its upper limit.
    pub high: f64,
}

/// The tolerance of a characteristic.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tolerance {
    /// The lower limit.
    pub lower: Option<f64>,
    /// The upper limit.
    pub upper: Option<f64>,
}

impl Tolerance {
    /// Returns whether a value keeps it.
    pub fn holds(&self, value: f64) -> bool {
        self.lower.is_none_or(|lower| value >= lower) && self.upper.is_none_or(|upper| value <= upper)
    }

    /// Returns whether neither limit is known.
    pub fn is_open(&self) -> bool {
        self.lower.is_none() && self.upper.is_none()
    }
}

/// How capable a process is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Capability {
    /// Cp: the tolerance over six short-term σ; only with both limits.
    pub cp: Option<Index>,
    /// Cpk: the distance of the mean to the nearer limit over three short-term σ.
    pub cpk: Option<Index>,
    /// Pp: as Cp, with the standard deviation of all values.
    pub pp: Option<Index>,
    /// Ppk: as Cpk, with that.
    pub ppk: Option<Index>,
}

/// Returns how capable a process is: of its values, its short-term σ with the degrees of freedom of that, and its tolerance, at a
/// confidence between 0 and 1. An index of a spread that is 0 is none.
///
/// Cp and Pp have exact limits by χ² of the degrees of freedom ν: Ĉ √(χ²(α∕2; ν) ∕ ν) and Ĉ √(χ²(1 − α∕2; ν) ∕ ν). Cpk and Ppk have
/// approximate ones: Ĉ ± z √(1 ∕ (9 n) + Ĉ² ∕ (2 ν)). Sources: Kane, *Process capability indices*, Journal of Quality Technology 18, 1986; Bissell,
/// *How reliable is your capability index?*, Applied Statistics 39, 1990; ISO 22514-2.
pub fn capability(
    values: &[f64],
    (sigma, freedom): (f64, f64),
    tolerance: Tolerance,
    confidence: f64,
) -> Capability {
    let (Some(centre), Some(overall)) = (mean(values), deviation(values)) else {
        return Capability::default();
    };
    let count = values.len() as f64;
    let both = tolerance.lower.zip(tolerance.upper);
    let potential = |sigma: f64, freedom: f64| {
        let (lower, upper) = both.filter(|_| sigma > 0.0)?;
        Some(by_spread((upper - lower) / (6.0 * sigma), freedom, confidence))
    };
    let actual = |sigma: f64, freedom: f64| {
        let above = tolerance.upper.map(|upper| (upper - centre) / (3.0 * sigma));
        let below = tolerance.lower.map(|lower| (centre - lower) / (3.0 * sigma));
        let nearer = [above, below].into_iter().flatten().min_by(f64::total_cmp);
        nearer.filter(|_| sigma > 0.0).map(|estimate| by_distance(estimate, count, freedom, confidence))
    };
    Capability {
        cp: potential(sigma, freedom),
        cpk: actual(sigma, freedom),
        pp: potential(overall, count - 1.0),
        ppk: actual(overall, count - 1.0),
    }
}

fn by_spread(estimate: f64, freedom: f64, confidence: f64) -> Index {
    let tail = (1.0 - confidence) / 2.0;
    let factor = |p: f64| (chi_square_quantile(p, freedom) / freedom).sqrt();
    Index { estimate, low: estimate * factor(tail), high: estimate * factor(1.0 - tail) }
}

fn by_distance(estimate: f64, count: f64, freedom: f64, confidence: f64) -> Index {
    let z = -normal::quantile((1.0 - confidence) / 2.0);
    let width = z * (1.0 / (9.0 * count) + estimate * estimate / (2.0 * freedom)).sqrt();
    Index { estimate, low: estimate - width, high: estimate + width }
}

/// Returns the quantile of the χ² distribution.
fn chi_square_quantile(p: f64, freedom: f64) -> f64 {
    special::inverse(p, (0.0, freedom + 1.0), |x| special::gamma(freedom / 2.0, x / 2.0))
}
