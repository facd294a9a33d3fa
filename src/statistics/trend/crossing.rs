//! When a line reaches a limit.

use super::slope::{Bootstrap, Line};

/// When a series reaches a limit, counted from the end of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossing {
    /// The line through the series.
    pub line: Line,
    /// The limits of its slope.
    pub slope_low: f64,
    /// The limits of its slope.
    pub slope_high: f64,
    /// How long it takes by the line; 0 where it is reached, `None` where the line leads away from the limit.
    pub time: Option<f64>,
    /// It takes no less, at half of one less the confidence; `None`: more than this share of the lines never reach it.
    pub earliest: Option<f64>,
    /// It takes no more; `None`: it may never be reached.
    pub latest: Option<f64>,
    /// The share of lines that reach it at all.
    pub share: f64,
}

/// The limit and the side of it that is to be kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// Values above it break it.
    Above(f64),
    /// Values below it break it.
    Below(f64),
}

/// Fewer points make no trend.
pub const POINTS_MIN: usize = 8;

/// Returns when a series, in order of time, reaches a limit, at a confidence between 0 and 1; `None` for fewer than [`POINTS_MIN`] points.
/// The interval holds for a series that goes on as it has: it is that of the line, not of single values around it.
pub fn crossing(points: &[(f64, f64)], limit: Limit, confidence: f64, how: Bootstrap) -> Option<Crossing> {
    let end = points.last().filter(|_| points.len() >= POINTS_MIN)?.0;
    let line = Line::fit(points)?;
    let lines = line.resampled(points, how);
    let mut slopes: Vec<f64> = lines.iter().map(|line| line.slope).collect();
    let mut times: Vec<f64> =
        lines.iter().map(|line| time(*line, limit, end).unwrap_or(f64::INFINITY)).collect();
    slopes.sort_unstable_by(f64::total_cmp);
    times.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - confidence) / 2.0;
    let finite = |value: f64| value.is_finite().then_some(value);
    let reached = times.iter().filter(|time| time.is_finite()).count();
    Some(Crossing {
        line,
        slope_low: quantile(&slopes, tail)?,
        slope_high: quantile(&slopes, 1.0 - tail)?,
        time: time(line, limit, end),
        earliest: finite(quantile(&times, tail)?),
        latest: finite(quantile(&times, 1.0 - tail)?),
        share: reached as f64 / times.len() as f64,
    })
}

fn time(line: Line, limit: Limit, end: f64) -> Option<f64> {
    let (distance, towards) = match limit {
        Limit::Above(limit) => (limit - line.at(end), line.slope),
        Limit::Below(limit) => (line.at(end) - limit, -line.slope),
    };
    if distance <= 0.0 {
        return Some(0.0);
    }
    (towards > 0.0).then(|| distance / towards)
}

/// Returns the value of rank p n.
fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let place = (p * sorted.len() as f64).ceil() as usize;
    sorted.get(place.saturating_sub(1).min(sorted.len().checked_sub(1)?)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::random;

    fn noise(place: u64, n: u64) -> f64 {
        // The sum of uniform numbers is nearly normal.
        (0..12).map(|k| (random::mix(place, 12 * n + k) >> 11) as f64 / (1_u64 << 53) as f64).sum::<f64>()
            - 6.0
    }

    fn series(place: u64, slope: f64) -> Vec<(f64, f64)> {
        (0..40_u64).map(|n| (n as f64, 50.0 + slope * n as f64 + noise(place, n))).collect()
    }

    #[test]
    fn a_limit_is_reached_or_not() {
        let how = Bootstrap { resamples: 200, seed: 1 };
        let check = |points: &[(f64, f64)], limit: Limit, expect: Option<f64>| {
            let found = crossing(points, limit, 0.95, how).expect("a trend");
            match (found.time, expect) {
                (Some(time), Some(expect)) => assert!((time - expect).abs() < 1e-9, "{found:?}"),
                (time, expect) => assert_eq!(time, expect, "{found:?}"),
            }
        };
        let straight: Vec<(f64, f64)> = (0..10).map(|n| (f64::from(n), 2.0 * f64::from(n))).collect();
        check(&straight, Limit::Above(28.0), Some(5.0));
        check(&straight, Limit::Above(18.0), Some(0.0));
        check(&straight, Limit::Below(-1.0), None);
        check(&straight, Limit::Below(20.0), Some(0.0));
        assert_eq!(crossing(&straight[..7], Limit::Above(28.0), 0.95, how), None);
    }

    #[test]
    fn intervals_hold_the_time() {
        let how = Bootstrap { resamples: 200, seed: 1 };
        let (mut held, mut never) = (0, 0);
        for place in 0..200 {
            // 50 + 0.5 t reaches 90 at 80: 41 after the last point.
            let found = crossing(&series(place, 0.5), Limit::Above(90.0), 0.95, how).expect("a trend");
            let (earliest, latest) = (found.earliest.expect("one"), found.latest.unwrap_or(f64::INFINITY));
            held += usize::from(earliest <= 41.0 && 41.0 <= latest);
            // Without a trend nobody knows when.
            let flat = crossing(&series(1_000 + place, 0.0), Limit::Above(90.0), 0.95, how).expect("a trend");
            never += usize::from(flat.latest.is_none());
        }
        assert!(held >= 180 && never >= 180, "{held} {never} of 200");
    }
}
