//! The slope of a series by the median of the slopes between its points (Theil and Sen).

use crate::model::random;

/// A straight line through a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The value at the time 0.
    pub start: f64,
    /// How much it goes up in a unit of time.
    pub slope: f64,
}

/// How the uncertainty of a line is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// How often the series is drawn again.
    pub resamples: usize,
    /// The same seed gives the same lines.
    pub seed: u64,
}

/// More points are gathered in stretches, each a point of its medians: the slopes between all pairs of so many are taken.
const POINTS_MAX: usize = 64;

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 400, seed: 1 }
    }
}

impl Line {
    /// Fits a line to points of time and value: the slope is the median of those between all pairs of points at different times, the
    /// start the median of what is left. `None` for fewer than two times. Up to 29 % of the points may be anything. Source: Sen, *Estimates
    /// of the regression coefficient based on Kendall's tau*, Journal of the American Statistical Association 63, 1968.
    pub fn fit(points: &[(f64, f64)]) -> Option<Self> {
        let points = gathered(points);
        let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
        for (at, (time, value)) in points.iter().enumerate() {
            let later = points[at + 1..].iter().filter(|(later, _)| later != time);
            slopes.extend(later.map(|(later, other)| (other - value) / (later - time)));
        }
        let slope = median(&mut slopes)?;
        let mut starts: Vec<f64> = points.iter().map(|(time, value)| value - slope * time).collect();
        Some(Self { start: median(&mut starts)?, slope })
    }

    /// Returns the value at a time.
    pub fn at(&self, time: f64) -> f64 {
        self.start + self.slope * time
    }

    /// Returns lines that are as likely as this one, of points in order of time: its residuals are drawn again in blocks that follow each
    /// other, so that what goes on for a while stays together. Source: Künsch, *The jackknife and the bootstrap for general stationary
    /// observations*, Annals of Statistics 17, 1989; blocks of n^⅓ points (Hall, Horowitz and Jing, Biometrika 82, 1995).
    pub fn resampled(&self, points: &[(f64, f64)], how: Bootstrap) -> Vec<Self> {
        let points = gathered(points);
        let count = points.len();
        // A line through n points leaves residuals that are too small by this factor.
        let widened = if count > 2 { (count as f64 / (count as f64 - 2.0)).sqrt() } else { 1.0 };
        let residuals: Vec<f64> =
            points.iter().map(|(time, value)| (value - self.at(*time)) * widened).collect();
        let length = (libm::cbrt(count as f64).ceil() as usize).clamp(1, count.max(1));
        let mut lines = Vec::with_capacity(how.resamples);
        for resample in 0..how.resamples {
            let seed = random::mix(how.seed, resample as u64);
            let block = |number: usize| random::below(random::mix(seed, number as u64), count - length + 1);
            let drawn = points.iter().enumerate().map(|(place, (time, _))| {
                let residual = residuals[block(place / length) + place % length];
                (*time, self.at(*time) + residual)
            });
            lines.extend(Self::fit(&drawn.collect::<Vec<_>>()));
        }
        lines
    }
}

/// Gathers neighbours where there are more points than are compared: each stretch is its medians, so that no point is dropped and an
/// outlier does not move it.
fn gathered(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= POINTS_MAX {
        return points.to_vec();
    }
    let stretch = |stretch: &[(f64, f64)]| {
        let mut times: Vec<f64> = stretch.iter().map(|(time, _)| *time).collect();
        let mut values: Vec<f64> = stretch.iter().map(|(_, value)| *value).collect();
        Some((median(&mut times)?, median(&mut values)?))
    };
    points.chunks(points.len().div_ceil(POINTS_MAX)).filter_map(stretch).collect()
}

fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) =
        (!values.is_empty()).then(|| values.select_nth_unstable_by(middle, f64::total_cmp))?;
    let upper = *upper;
    let lower = below.iter().copied().max_by(f64::total_cmp);
    Some(if even { f64::midpoint(lower.unwrap_or(upper), upper) } else { upper })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_not_moved_by_outliers() {
        let check = |points: &[(f64, f64)], expect: Option<(f64, f64)>| {
            let found = Line::fit(points).map(|line| (line.start, line.slope));
            assert_eq!(found, expect, "{points:?}");
        };
        check(&[], None);
        check(&[(1.0, 2.0)], None);
        check(&[(1.0, 2.0), (1.0, 3.0)], None);
        check(&[(0.0, 1.0), (2.0, 5.0)], Some((1.0, 2.0)));
        check(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0), (3.0, 90.0), (4.0, 9.0)], Some((1.0, 2.0)));
        // SciPy 1.17: theilslopes([2, 4, 3, 7, 8, 6, 9], [0, 1, 2, 3, 5, 6, 8]).slope; our start is the median of what is left.
        let found =
            Line::fit(&[(0.0, 2.0), (1.0, 4.0), (2.0, 3.0), (3.0, 7.0), (5.0, 8.0), (6.0, 6.0), (8.0, 9.0)]);
        let found = found.expect("a line");
        assert!((found.slope - 0.75).abs() < 1e-12, "{found:?}");
        let many: Vec<(f64, f64)> = (0..10_000).map(|n| (f64::from(n), 3.0 * f64::from(n))).collect();
        check(&many, Some((0.0, 3.0)));
    }

    #[test]
    fn drawn_again_a_line_is_the_same_but_for_its_noise() {
        let points: Vec<(f64, f64)> = (0..60_u64)
            .map(|n| {
                let noise = (random::mix(5, n) >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
                (n as f64, 2.0 * n as f64 + noise)
            })
            .collect();
        let line = Line::fit(&points).expect("a line");
        let how = Bootstrap { resamples: 200, seed: 3 };
        let lines = line.resampled(&points, how);
        assert_eq!(lines, line.resampled(&points, how));
        let inside = lines.iter().filter(|found| (found.slope - 2.0).abs() < 0.01).count();
        assert!(lines.len() == 200 && inside > 180, "{inside}");
        assert!(lines.iter().any(|found| found.slope != line.slope));
    }
}
