//! Values over time: what is put into empty buckets, what is computed along a curve, and arithmetic of two curves. Pure.
//!
//! The order of the points is that of the answer, so the latest may come first. Each function does what InfluxDB's reducer of that name does,
//! in the same order of operations, so that the same values give the same bits.

use crate::exchange::samples::influxql::statement::{Fill, Operator};

/// A point of a curve; `None`: there is one, without a value.
pub(super) type Point = (i64, Option<f64>);

/// A function along a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Transform {
    /// The change to the point before by unit of time; negative ones are left out where they are not wanted.
    Derivative { unit: i64, negative: bool },
    /// The change to the point before.
    Difference { negative: bool },
    /// The mean of so many points.
    MovingAverage(usize),
    /// The sum of all points so far.
    CumulativeSum,
    /// The time since the point before, in whole units.
    Elapsed(i64),
}

impl Transform {
    /// Computes the function along a curve; points without a value are passed over.
    pub(super) fn apply(self, curve: &[Point], descending: bool) -> Vec<Point> {
        let points = curve.iter().filter_map(|(at, value)| Some((*at, (*value)?)));
        let computed: Vec<(i64, f64)> = match self {
            Self::Derivative { unit, negative } => changes(points, negative, |(before, old), (at, new)| {
                let elapsed = if descending { before - at } else { at - before };
                if elapsed > 0 { (new - old) / (elapsed as f64 / unit as f64) } else { 0.0 }
            }),
            Self::Difference { negative } => changes(points, negative, |(_, old), (_, new)| new - old),
            Self::MovingAverage(count) => moving_average(points, count),
            Self::CumulativeSum => points
                .scan(0.0, |sum, (at, value)| {
                    *sum += value;
                    Some((at, *sum))
                })
                .collect(),
            Self::Elapsed(unit) => {
                let points: Vec<_> = points.collect();
                points.windows(2).map(|pair| (pair[1].0, ((pair[1].0 - pair[0].0) / unit) as f64)).collect()
            }
        };
        computed.into_iter().map(|(at, value)| (at, Some(value))).collect()
    }
}

/// Computes something of each point and the one before; of several at one instant the first counts.
fn changes(
    points: impl Iterator<Item = (i64, f64)>,
    negative: bool,
    compute: impl Fn((i64, f64), (i64, f64)) -> f64,
) -> Vec<(i64, f64)> {
    let mut before: Option<(i64, f64)> = None;
    let mut changes = Vec::new();
    for point in points {
        let Some(known) = before else {
            before = Some(point);
            continue;
        };
        if known.0 == point.0 {
            continue;
        }
        before = Some(point);
        if negative || point.1 >= known.1 {
            changes.push((point.0, compute(known, point)));
        }
    }
    changes
}

fn moving_average(points: impl Iterator<Item = (i64, f64)>, count: usize) -> Vec<(i64, f64)> {
    let (mut ring, mut place, mut sum) = (Vec::new(), 0, 0.0);
    let mut means = Vec::new();
    for (at, value) in points {
        if ring.len() < count {
            ring.push(value);
        } else {
            sum -= ring[place];
            ring[place] = value;
        }
        sum += value;
        place = (place + 1) % count;
        if ring.len() == count {
            means.push((at, sum / count as f64));
        }
    }
    means
}

/// Makes a curve of what was found in each bucket, with something in the empty ones; none where all are empty.
pub(super) fn fill(starts: &[i64], found: &[Option<Option<f64>>], with: Fill) -> Vec<Point> {
    let mut before: Option<(usize, Option<f64>)> = None;
    let (mut curve, mut next) = (Vec::new(), 0);
    if found.iter().all(Option::is_none) {
        return curve;
    }
    for (index, (at, value)) in starts.iter().zip(found).enumerate() {
        if let Some(value) = value {
            before = Some((index, *value));
            curve.push((*at, *value));
            continue;
        }
        let filled = match with {
            Fill::None => continue,
            Fill::Null => None,
            Fill::Number(number) => Some(number),
            Fill::Previous => before.and_then(|(_, value)| value),
            Fill::Linear => {
                if next <= index {
                    next = (index..found.len()).find(|place| found[*place].is_some()).unwrap_or(found.len());
                }
                before.and_then(|before| line(found, before, index, next))
            }
        };
        curve.push((*at, filled));
    }
    curve
}

/// Returns the value at a bucket on the line from the one before it to the next one that is not empty, `end`.
fn line(
    found: &[Option<Option<f64>>],
    before: (usize, Option<f64>),
    index: usize,
    end: usize,
) -> Option<f64> {
    let (start, value) = (before.0, before.1?);
    let next = found.get(end)?.as_ref().copied().flatten()?;
    let slope = (next - value) / (end - start) as f64;
    Some(slope * (index - start) as f64 + value)
}

/// Computes with two curves, point by point; one that the other lacks is the fill's, where that is a number or the previous one.
pub(super) fn combine(
    left: &[Point],
    operator: Operator,
    right: &[Point],
    (with, descending): (Fill, bool),
) -> Vec<Point> {
    let start = match with {
        Fill::Number(number) => Some(number),
        _ => None,
    };
    let mut fills = (start, start);
    let mut combined = Vec::new();
    for (at, values) in rows(&[left, right], descending) {
        let a = values[0].flatten().or(fills.0);
        let b = values[1].flatten().or(fills.1);
        if with == Fill::Previous {
            fills = (a, b);
        }
        combined.push((at, a.zip(b).and_then(|(a, b)| operator.computes(a, b))));
    }
    combined
}

/// Joins curves by time: each point with what every curve has there, one row after the other.
pub(super) fn rows<'c>(
    curves: &'c [&'c [Point]],
    descending: bool,
) -> impl Iterator<Item = (i64, Vec<Option<Option<f64>>>)> + 'c {
    let mut places = vec![0; curves.len()];
    std::iter::from_fn(move || {
        let heads =
            curves.iter().zip(&places).filter_map(|(curve, place)| curve.get(*place)).map(|(at, _)| *at);
        let at = if descending { heads.max() } else { heads.min() }?;
        let values = curves.iter().zip(&mut places).map(|(curve, place)| {
            let (_, value) = curve.get(*place).filter(|(head, _)| *head == at)?;
            *place += 1;
            Some(*value)
        });
        Some((at, values.collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn curve(values: &[Option<f64>]) -> Vec<Point> {
        values.iter().enumerate().map(|(second, value)| (second as i64 * SECOND, *value)).collect()
    }

    #[test]
    fn functions_along_a_curve() {
        let check = |transform: Transform, values: &[Option<f64>], expect: &[(i64, f64)]| {
            let expect: Vec<Point> = expect.iter().map(|(at, value)| (at * SECOND, Some(*value))).collect();
            assert_eq!(transform.apply(&curve(values), false), expect, "{transform:?}");
        };
        let values = [Some(1.0), None, Some(5.0), Some(3.0)];
        let derivative = |negative| Transform::Derivative { unit: SECOND, negative };
        check(derivative(true), &values, &[(2, 2.0), (3, -2.0)]);
        check(derivative(false), &values, &[(2, 2.0)]);
        check(Transform::Difference { negative: true }, &values, &[(2, 4.0), (3, -2.0)]);
        check(Transform::Difference { negative: false }, &values, &[(2, 4.0)]);
        check(Transform::MovingAverage(2), &values, &[(2, 3.0), (3, 4.0)]);
        check(Transform::CumulativeSum, &values, &[(0, 1.0), (2, 6.0), (3, 9.0)]);
        check(Transform::Elapsed(SECOND), &values, &[(2, 2.0), (3, 1.0)]);
        let mut latest_first = curve(&values);
        latest_first.reverse();
        let falling = derivative(true).apply(&latest_first, true);
        assert_eq!(falling, [(2 * SECOND, Some(2.0)), (0, Some(-2.0))]);
    }

    #[test]
    fn empty_buckets_are_filled() {
        let check = |with: Fill, expect: &[Option<f64>]| {
            let found = [None, Some(Some(2.0)), None, None, Some(Some(8.0)), None];
            let starts: Vec<i64> = (0..6).map(|second| second * SECOND).collect();
            assert_eq!(fill(&starts, &found, with), curve(expect), "{with:?}");
        };
        check(Fill::Null, &[None, Some(2.0), None, None, Some(8.0), None]);
        check(Fill::Previous, &[None, Some(2.0), Some(2.0), Some(2.0), Some(8.0), Some(8.0)]);
        check(Fill::Linear, &[None, Some(2.0), Some(4.0), Some(6.0), Some(8.0), None]);
        check(Fill::Number(0.0), &[Some(0.0), Some(2.0), Some(0.0), Some(0.0), Some(8.0), Some(0.0)]);
        assert_eq!(fill(&[0, 1], &[None, Some(Some(1.0))], Fill::None), [(1, Some(1.0))]);
        assert_eq!(fill(&[0, 1], &[None, None], Fill::Number(0.0)), []);
    }

    #[test]
    fn curves_are_combined() {
        let check = |with: Fill, expect: &[Option<f64>]| {
            let (left, right) = (curve(&[Some(8.0), Some(6.0), None]), curve(&[Some(2.0)]));
            assert_eq!(combine(&left, Operator::Divide, &right, (with, false)), curve(expect), "{with:?}");
        };
        check(Fill::Null, &[Some(4.0), None, None]);
        check(Fill::Number(2.0), &[Some(4.0), Some(3.0), Some(1.0)]);
        check(Fill::Previous, &[Some(4.0), Some(3.0), Some(3.0)]);
    }
}
