//! Shewhart charts: each point against limits three standard deviations from the centre line.

use super::constants::{c4, d2_of_pairs, d3_of_pairs};

/// Limits lie so many standard deviations from the centre line.
pub const SIGMAS: f64 = 3.0;

/// A chart: its points in order, each with its limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The centre line.
    pub centre: f64,
    /// The points.
    pub points: Vec<ChartPoint>,
}

/// A point of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChartPoint {
    /// What is drawn.
    pub value: f64,
    /// The lower limit.
    pub lower: f64,
    /// The upper limit.
    pub upper: f64,
}

impl Chart {
    /// Returns how many standard deviations each point lies from the centre line; nothing where the process does not vary.
    pub fn scores(&self) -> Vec<f64> {
        let score = |point: &ChartPoint| SIGMAS * (point.value - self.centre) / (point.upper - self.centre);
        self.points.iter().filter(|point| point.upper > self.centre).map(score).collect()
    }
}

impl ChartPoint {
    /// Returns whether it lies outside its limits.
    pub fn is_out(&self) -> bool {
        self.value < self.lower || self.value > self.upper
    }
}

/// The charts of a series, and what they estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Charts {
    /// The place: single values, or means of subgroups.
    pub location: Chart,
    /// The spread: moving ranges, or standard deviations of subgroups.
    pub spread: Chart,
    /// The standard deviation of single values within a short time.
    pub sigma: f64,
    /// The degrees of freedom that it rests on.
    pub freedom: f64,
}

/// Returns the charts of single values and of their moving ranges; `None` for fewer than two. Limits are those of the first `base` values. σ is the mean range of neighbours over d₂;
/// the factors of the range chart are D₄ = 1 + 3 d₃ ∕ d₂ and D₃ = 0. Its degrees of freedom are about 0.62 (n − 1). Sources: Montgomery 2012,
/// 6.4; Palm and Wheeler, *Equivalent degrees of freedom for estimates of the process standard deviation*, 1990.
pub fn individuals(values: &[f64], base: usize) -> Option<Charts> {
    let ranges: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let base = base.min(values.len());
    let (centre, mean_range) = (mean(&values[..base])?, mean(&ranges[..base.checked_sub(1)?])?);
    let sigma = mean_range / d2_of_pairs();
    let upper = mean_range * (1.0 + SIGMAS * d3_of_pairs() / d2_of_pairs());
    let limits = |value: &f64| ChartPoint {
        value: *value,
        lower: centre - SIGMAS * sigma,
        upper: centre + SIGMAS * sigma,
    };
    let of_range = |value: &f64| ChartPoint { value: *value, lower: 0.0, upper };
    Some(Charts {
        location: Chart { centre, points: values.iter().map(limits).collect() },
        spread: Chart { centre: mean_range, points: ranges.iter().map(of_range).collect() },
        sigma,
        freedom: 0.62 * (base as f64 - 1.0),
    })
}

/// Returns the charts of the means and standard deviations of subgroups, of two values at least each; `None` without two subgroups. Limits
/// are those of the first `base` subgroups. σ is pooled: √(Σ (nᵢ − 1) sᵢ² ∕ Σ (nᵢ − 1)). A mean has limits at ± 3 σ ∕ √nᵢ, a standard deviation at
/// c₄ σ ± 3 σ √(1 − c₄²), not below 0. Source: Montgomery 2012, 6.3.
pub fn means_and_deviations(groups: &[Vec<f64>], base: usize) -> Option<Charts> {
    let known = &groups[..base.min(groups.len())];
    if known.len() < 2 || groups.iter().any(|group| group.len() < 2) {
        return None;
    }
    let (mut squares, mut freedom, mut sum, mut count) = (0.0, 0.0, 0.0, 0.0);
    for group in known {
        let centre = mean(group)?;
        squares += group.iter().fold(0.0, |sum, value| sum + (value - centre) * (value - centre));
        freedom += group.len() as f64 - 1.0;
        sum += group.iter().fold(0.0, |sum, value| sum + value);
        count += group.len() as f64;
    }
    let (sigma, centre) = ((squares / freedom).sqrt(), sum / count);
    let (mut location, mut spread) = (Vec::new(), Vec::new());
    for group in groups {
        let size = group.len() as f64;
        let width = SIGMAS * sigma / size.sqrt();
        location.push(ChartPoint { value: mean(group)?, lower: centre - width, upper: centre + width });
        let factor = c4(group.len());
        let width = SIGMAS * sigma * (1.0 - factor * factor).max(0.0).sqrt();
        spread.push(ChartPoint {
            value: deviation(group)?,
            lower: (factor * sigma - width).max(0.0),
            upper: factor * sigma + width,
        });
    }
    let usual = known.iter().fold(0.0, |sum, group| sum + c4(group.len())) / known.len() as f64;
    Some(Charts {
        location: Chart { centre, points: location },
        spread: Chart { centre: usual * sigma, points: spread },
        sigma,
        freedom,
    })
}

/// Returns the mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    let sum = values.iter().fold(0.0, |sum, value| sum + value);
    (!values.is_empty()).then(|| sum / values.len() as f64)
}

/// Returns the standard deviation of a sample, with n − 1; `None` for fewer than two values.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let centre = mean(values).filter(|_| values.len() > 1)?;
    let squares = values.iter().fold(0.0, |sum, value| sum + (value - centre) * (value - centre));
    Some((squares / (values.len() as f64 - 1.0)).sqrt())
}

/// Returns the autocorrelation of neighbours, r₁ = Σ (xᵢ − x̄)(xᵢ₊₁ − x̄) ∕ Σ (xᵢ − x̄)²; beyond ± 1.96 ∕ √n the limits of charts, which take
/// values to be independent, are too narrow. Source: Box, Jenkins and Reinsel, *Time Series Analysis*, 4th edition 2008, 2.1.
pub fn autocorrelation(values: &[f64]) -> Option<f64> {
    let centre = mean(values).filter(|_| values.len() > 2)?;
    let squares = values.iter().fold(0.0, |sum, value| sum + (value - centre) * (value - centre));
    let products = values.windows(2).fold(0.0, |sum, pair| sum + (pair[0] - centre) * (pair[1] - centre));
    (squares > 0.0).then(|| products / squares)
}
