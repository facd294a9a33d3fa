//! Charts with a memory, which find small shifts: weighted means and cumulative sums.

use super::chart::{Chart, ChartPoint};

/// Returns the chart of exponentially weighted means, z = λ x + (1 − λ) z, from the target on: with the weight λ above 0 and up to 1, and
/// limits at L σ √(λ (1 − (1 − λ)²ⁱ) ∕ (2 − λ)). Source: Montgomery 2012, 9.2; λ = 0.2 with L = 2.962 has about the run length of a
/// Shewhart chart where nothing has shifted (Lucas and Saccucci, Technometrics 32, 1990).
pub fn weighted_means(values: &[f64], target: f64, sigma: f64, weight: f64, width: f64) -> Chart {
    let (mut mean, mut rest) = (target, 1.0);
    let mut points = Vec::with_capacity(values.len());
    for value in values {
        mean = weight * value + (1.0 - weight) * mean;
        rest *= (1.0 - weight) * (1.0 - weight);
        let limit = width * sigma * (weight * (1.0 - rest) / (2.0 - weight)).sqrt();
        points.push(ChartPoint { value: mean, lower: target - limit, upper: target + limit });
    }
    Chart { centre: target, points }
}

/// The cumulative sums after each value.
#[derive(Clone, Debug, PartialEq)]
pub struct CumulativeSums {
    /// What lies above the target by more than the slack: C⁺ = max(0, x − (µ + k σ) + C⁺).
    pub upper: Vec<f64>,
    /// What lies below it: C⁻ = max(0, (µ − k σ) − x + C⁻).
    pub lower: Vec<f64>,
    /// A sum above this is a signal: h σ.
    pub limit: f64,
}

/// Returns the tabular cumulative sums of values about a target, with a slack of k = ½ and a limit of h = 5 standard deviations as a
/// rule. Source: Montgomery 2012, 9.1.
pub fn cumulative_sums(
    values: &[f64],
    target: f64,
    sigma: f64,
    (slack, limit): (f64, f64),
) -> CumulativeSums {
    let (mut above, mut below) = (0.0_f64, 0.0_f64);
    let (mut upper, mut lower) = (Vec::new(), Vec::new());
    for value in values {
        above = (above + value - target - slack * sigma).max(0.0);
        below = (below + target - slack * sigma - value).max(0.0);
        upper.push(above);
        lower.push(below);
    }
    CumulativeSums { upper, lower, limit: limit * sigma }
}
