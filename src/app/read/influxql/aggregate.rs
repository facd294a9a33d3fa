//! Aggregates of groups in buckets: from the store's summaries where they are exact, else from the samples.

use super::catalog::Measurement;
use super::error::Failure;
use super::group::{Key, Portion};
use super::reading::Database;
use super::window::Windows;
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::{Piece, Plan, Plausible, Sample, SampleWeight, Summary};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A function of the samples in a bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Function {
    Count,
    Sum,
    Mean,
    Min,
    Max,
    First,
    Last,
    Spread,
    Stddev,
    Median,
    Mode,
    /// Of a hundred.
    Percentile(f64),
}

impl Function {
    /// Returns whether its value is that of one sample, whose time it has where it is alone.
    pub(super) fn is_selector(self) -> bool {
        matches!(self, Self::Min | Self::Max | Self::First | Self::Last | Self::Percentile(_))
    }

    /// Returns whether summaries of the store have it exactly; of several series the first of two samples at one instant is not kept.
    fn is_summed(self, portions: &[Portion]) -> bool {
        match self {
            Self::Median | Self::Mode | Self::Percentile(_) => false,
            Self::First => portions.windows(2).all(|pair| pair[0].series == pair[1].series),
            _ => true,
        }
    }
}

/// What was found in a bucket with samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// The value; a deviation of one sample has none.
    pub(super) value: Option<f64>,
    /// The instant of the sample that it is of, where that is known.
    pub(super) at: Option<i64>,
}

/// For each function, what was found in each bucket.
pub(super) type Table = Vec<Vec<Option<Found>>>;

/// How many summaries are in memory at once.
const SUMMARIES_MAX: usize = 20_000;
/// How many samples are looked through for the one with a value that is known.
const SCANNED_MAX: u64 = 4_096;
/// Into how many parts a span is cut where there are more.
const PARTS: i64 = 64;

/// Computes functions of a field in each bucket, and hands over the table of each group: no more of them are in memory than are computed together.
pub(super) fn each_table(
    database: &Database<'_>,
    measurement: &Measurement,
    (field, functions): (&str, &[Function]),
    groups: &BTreeMap<Key, Vec<Portion>>,
    windows: &Windows,
    mut each: impl FnMut(&Key, &[Portion], &Table) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let groups: Vec<(&Key, &Vec<Portion>)> = groups.iter().collect();
    for chunk in groups.chunks((SUMMARIES_MAX / windows.len().max(1)).max(1)) {
        database.check()?;
        let is_summed = |portions: &[Portion]| portions.iter().all(|portion| portion.rest.is_none());
        let summed = chunk.iter().enumerate().filter(|(_, (_, portions))| is_summed(portions));
        let pieces = summed.flat_map(|(cell, (_, portions))| {
            portions.iter().map(move |portion| piece(portion, portion.within, cell))
        });
        let plan = plan(chunk.len(), windows.spans.clone());
        let cells = database.view().aggregate(&pieces.collect::<Vec<_>>(), &plan)?;
        for ((key, portions), summaries) in chunk.iter().zip(cells) {
            let from_summaries = |function: Function| is_summed(portions) && function.is_summed(portions);
            let samples = match functions.iter().all(|function| from_summaries(*function)) {
                true => Vec::new(),
                false => samples(database, measurement, field, portions)?,
            };
            let mut table = Table::new();
            for function in functions {
                database.check()?;
                table.push(match from_summaries(*function) {
                    true => summaries.iter().map(|summary| of_summary(*function, summary)).collect(),
                    false => {
                        let spans = windows.spans.iter();
                        spans.map(|span| of_samples(*function, within(&samples, *span))).collect()
                    }
                });
            }
            each(key, portions, &table)?;
        }
    }
    Ok(())
}

fn plan(cells: usize, buckets: Vec<Interval>) -> Plan {
    Plan { cells, buckets, limits: Vec::new(), quantiles: false }
}

/// Asks for the samples of a portion as they are.
fn piece(portion: &Portion, within: Interval, cell: usize) -> Piece {
    Piece {
        series: portion.series,
        within,
        conversion: Conversion::IDENTITY,
        transform: Transform::None,
        hold_ns: 0,
        cell,
        guards: Arc::new([]),
        plausible: Plausible::ALL,
    }
}

fn of_summary(function: Function, summary: &Summary) -> Option<Found> {
    if summary.count == 0 {
        return None;
    }
    let plain = |value| Found { value, at: None };
    let of = |sample: Option<Sample>| {
        sample.map(|sample| Found { value: Some(sample.value), at: Some(sample.at.nanos()) })
    };
    let count = summary.count as f64;
    match function {
        Function::Count => Some(plain(Some(count))),
        Function::Sum => Some(plain(Some(summary.sum(SampleWeight::Sample)))),
        Function::Mean => Some(plain(summary.mean(SampleWeight::Sample))),
        Function::Min => Some(plain(summary.min)),
        Function::Max => Some(plain(summary.max)),
        Function::First => of(summary.first),
        Function::Last => of(summary.last),
        Function::Spread => Some(plain(summary.max.zip(summary.min).map(|(max, min)| max - min))),
        Function::Stddev => {
            let of_population = summary.stddev(SampleWeight::Sample).filter(|_| summary.count > 1);
            Some(plain(of_population.map(|deviation| deviation * (count / (count - 1.0)).sqrt())))
        }
        Function::Median | Function::Mode | Function::Percentile(_) => None,
    }
}

/// Computes a function of samples in time order.
fn of_samples(function: Function, samples: &[Sample]) -> Option<Found> {
    let (first, last) = (samples.first()?, samples.last()?);
    let plain = |value| Some(Found { value: Some(value), at: None });
    let of = |sample: &Sample| Some(Found { value: Some(sample.value), at: Some(sample.at.nanos()) });
    let values = || samples.iter().map(|sample| sample.value);
    let count = samples.len() as f64;
    // Of several samples at one instant the greatest value counts.
    let greatest_at = |at: Instant| {
        let there = samples.iter().filter(|sample| sample.at == at);
        there.reduce(|a, b| if b.value > a.value { b } else { a })
    };
    match function {
        Function::Count => plain(count),
        Function::Sum => plain(values().sum()),
        Function::Mean => plain(values().sum::<f64>() / count),
        Function::Min => samples.iter().reduce(|a, b| if b.value < a.value { b } else { a }).and_then(of),
        Function::Max => samples.iter().reduce(|a, b| if b.value > a.value { b } else { a }).and_then(of),
        Function::First => greatest_at(first.at).and_then(of),
        Function::Last => greatest_at(last.at).and_then(of),
        Function::Spread => plain(values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min)),
        Function::Stddev => {
            let mean = values().sum::<f64>() / count;
            let squares: f64 = values().map(|value| (value - mean).powi(2)).sum();
            let value = (samples.len() > 1).then(|| (squares / (count - 1.0)).sqrt());
            Some(Found { value, at: None })
        }
        Function::Median | Function::Mode | Function::Percentile(_) => of_sorted(function, samples),
    }
}

/// Computes a function of samples by their values; those of one value are in time order.
fn of_sorted(function: Function, samples: &[Sample]) -> Option<Found> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(|a, b| a.value.total_cmp(&b.value));
    let middle = sorted.len() / 2;
    match function {
        Function::Median if sorted.len().is_multiple_of(2) => {
            let (low, high) = (sorted[middle - 1].value, sorted[middle].value);
            Some(Found { value: Some(low + (high - low) / 2.0), at: None })
        }
        Function::Median => Some(Found { value: Some(sorted[middle].value), at: None }),
        Function::Mode => Some(Found { value: Some(mode(&sorted)), at: None }),
        Function::Percentile(percent) => {
            let rank = (sorted.len() as f64 * percent / 100.0 + 0.5).floor() - 1.0;
            let place = (rank >= 0.0).then_some(rank as usize)?;
            sorted.get(place).map(|sample| Found { value: Some(sample.value), at: Some(sample.at.nanos()) })
        }
        _ => None,
    }
}

/// Returns the most frequent of sorted values; of several as frequent, as InfluxDB chooses: a later one whose first sample is not after the last one
/// of those before.
fn mode(sorted: &[Sample]) -> f64 {
    let first = sorted[0];
    let (mut most, mut value, mut time) = (0, first.value, first.at);
    let (mut count, mut current, mut since) = (0, first.value, first.at);
    for sample in sorted {
        if sample.value != current {
            (count, current, since) = (1, sample.value, sample.at);
            continue;
        }
        count += 1;
        if most > count || (most == count && since > time) {
            continue;
        }
        (most, value, time) = (count, sample.value, sample.at);
    }
    value
}

fn within(samples: &[Sample], span: Interval) -> &[Sample] {
    let start = samples.partition_point(|sample| sample.at < span.from());
    let end = samples.partition_point(|sample| sample.at < span.to());
    &samples[start..end]
}

/// Reads the samples of portions that satisfy the conditions on fields, in time order.
pub(super) fn samples(
    database: &Database<'_>,
    measurement: &Measurement,
    field: &str,
    portions: &[Portion],
) -> Result<Vec<Sample>, Failure> {
    let mut all = Vec::new();
    for portion in portions {
        let mut samples = database.samples(portion.series, portion.within, None)?;
        if let Some(rest) = &portion.rest {
            let points = &measurement.points[portion.points];
            let mut others: BTreeMap<&str, BTreeMap<Instant, f64>> = BTreeMap::new();
            for name in rest.fields().into_iter().filter(|name| *name != field) {
                let Some(series) = points.fields.get(name) else { continue };
                let read = database.samples(series.id, portion.within, None)?;
                others.insert(name, read.into_iter().map(|sample| (sample.at, sample.value)).collect());
            }
            samples.retain(|sample| {
                rest.holds(&|name| match name == field {
                    true => Some(sample.value),
                    false => others.get(name)?.get(&sample.at).copied(),
                })
            });
        }
        all.extend(samples);
    }
    // Those of one instant stay in the order of their series.
    all.sort_by_key(|sample| sample.at);
    Ok(all)
}

/// Returns the instant of the first sample of any portion within a span.
pub(super) fn first_at<'p>(
    database: &Database<'_>,
    portions: impl Iterator<Item = &'p Portion>,
    span: Interval,
) -> Result<Option<i64>, Failure> {
    let pieces: Vec<Piece> = portions.map(|portion| piece(portion, portion.within, 0)).collect();
    let cells = database.view().aggregate(&pieces, &plan(1, vec![span]))?;
    Ok(cells.first().and_then(|cell| cell.first()?.first).map(|sample| sample.at.nanos()))
}

/// Returns for each of some series whether it has a sample in a span.
pub(super) fn have_samples(
    database: &Database<'_>,
    series: &[crate::telemetry::SeriesId],
    span: Interval,
) -> Result<Vec<bool>, Failure> {
    let mut have = Vec::new();
    for chunk in series.chunks(SUMMARIES_MAX) {
        database.check()?;
        let portion = |series: &_| Portion {
            points: 0,
            series: *series,
            within: span,
            context: std::rc::Rc::default(),
            rest: None,
        };
        let pieces = chunk.iter().enumerate().map(|(cell, series)| piece(&portion(series), span, cell));
        let cells = database.view().aggregate(&pieces.collect::<Vec<_>>(), &plan(chunk.len(), vec![span]))?;
        have.extend(cells.iter().map(|cell| cell.first().is_some_and(|summary| summary.count > 0)));
    }
    Ok(have)
}

/// Returns the instant of the earliest sample that has the least or greatest value of a group: the span with it is cut into parts until few
/// samples are left.
pub(super) fn extreme_at(
    database: &Database<'_>,
    function: Function,
    value: f64,
    portions: &[Portion],
    span: Interval,
) -> Result<Option<i64>, Failure> {
    let (mut from, mut to) = (span.from().nanos().max(0), span.to().nanos());
    loop {
        let Ok(span) = Interval::new(Instant::from_nanos(from), Instant::from_nanos(to)) else {
            return Ok(None);
        };
        let width = (to - from) / PARTS + 1;
        let parts = (0..PARTS).filter_map(|part| {
            let start = from.checked_add(width.checked_mul(part)?)?;
            let end = start.saturating_add(width).min(to);
            Interval::new(Instant::from_nanos(start), Instant::from_nanos(end)).ok()
        });
        let parts: Vec<Interval> = parts.collect();
        let pieces: Vec<Piece> = portions
            .iter()
            .filter_map(|portion| Some(piece(portion, portion.within.intersect(span)?, 0)))
            .collect();
        let cells = database.view().aggregate(&pieces, &plan(1, parts.clone()))?;
        let has_it = |summary: &Summary| match function {
            Function::Min => summary.min == Some(value),
            _ => summary.max == Some(value),
        };
        let place = cells.first().and_then(|cell| cell.iter().position(has_it));
        let Some((part, count)) = place.map(|place| (parts[place], cells[0][place].count)) else {
            return Ok(None);
        };
        if count > SCANNED_MAX && part.nanos() > 1 {
            (from, to) = (part.from().nanos(), part.to().nanos());
            continue;
        }
        let mut earliest: Option<i64> = None;
        for within in
            portions.iter().filter_map(|portion| Some((portion.series, portion.within.intersect(part)?)))
        {
            let samples = database.samples(within.0, within.1, None)?;
            let found = samples.iter().find(|sample| sample.value == value).map(|sample| sample.at.nanos());
            earliest = earliest.into_iter().chain(found).min();
        }
        return Ok(earliest);
    }
}

/// Returns the start of the span that has the last samples of a series, so many or more.
pub(super) fn start_of_last(
    database: &Database<'_>,
    portion: &Portion,
    count: usize,
) -> Result<Option<Interval>, Failure> {
    let whole = plan(1, vec![portion.within]);
    let cells = database.view().aggregate(&[piece(portion, portion.within, 0)], &whole)?;
    let Some(summary) = cells.first().and_then(|cell| cell.first()) else { return Ok(None) };
    let Some(last) = summary.last else { return Ok(None) };
    let end = last.at.plus_nanos(1);
    // Each part is twice as long as the one after it.
    let mut parts = Vec::new();
    let (mut to, mut length) = (end, 1_000_000_000i64);
    while to > portion.within.from() && to.nanos() > 0 {
        let from = to.plus_nanos(-length).max(portion.within.from());
        parts.extend(Interval::new(from, to));
        (to, length) = (from, length.saturating_mul(2));
    }
    parts.reverse();
    let cells = database.view().aggregate(&[piece(portion, portion.within, 0)], &plan(1, parts.clone()))?;
    let (mut counted, mut start) = (0, portion.within.from());
    for (part, summary) in parts.iter().zip(&cells[0]).rev() {
        counted += summary.count;
        start = part.from();
        if counted >= count as u64 {
            break;
        }
    }
    Ok(Interval::new(start, end).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_samples() {
        let check = |function: Function, values: &[f64], expect: Option<f64>| {
            let sample = |(second, value): (usize, &f64)| Sample {
                at: Instant::from_seconds(second as i64),
                value: *value,
            };
            let samples: Vec<Sample> = values.iter().enumerate().map(sample).collect();
            let found = of_samples(function, &samples).and_then(|found| found.value);
            assert_eq!(found, expect, "{function:?} {values:?}");
        };
        let values = [4.0, 1.0, 3.0, 1.0];
        check(Function::Count, &values, Some(4.0));
        check(Function::Mean, &values, Some(2.25));
        check(Function::Spread, &values, Some(3.0));
        check(Function::First, &values, Some(4.0));
        check(Function::Last, &values, Some(1.0));
        check(Function::Median, &values, Some(2.0));
        check(Function::Median, &values[..3], Some(3.0));
        check(Function::Mode, &values, Some(1.0));
        check(Function::Mode, &[3.0, 2.0], Some(2.0));
        check(Function::Mode, &[1.0, 1.0, 5.0, 5.0], Some(1.0));
        check(Function::Mode, &[5.0, 5.0, 1.0, 1.0], Some(5.0));
        check(Function::Percentile(50.0), &values, Some(1.0));
        check(Function::Percentile(100.0), &values, Some(4.0));
        check(Function::Percentile(1.0), &values, None);
        check(Function::Stddev, &[1.0], None);
        check(Function::Stddev, &[1.0, 3.0], Some(2.0f64.sqrt()));
        check(Function::Sum, &[], None);
    }
}
