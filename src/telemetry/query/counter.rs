//! Counters: values that only grow, until whatever counts starts anew.
//!
//! The increase is that of Prometheus' `increase` without its extrapolation to the ends of the window: the steps between samples that
//! follow each other within a piece add up, and at a reset the counter has counted from 0 to the new reading. Not every fall is a
//! reset, see [`is_reset`]: one that is none is a step down, which the step up that follows it makes good, so the increase of a
//! stretch without a reset is the last reading less the first, and that of buckets adds up to that of the whole. Readings are added up as
//! the decimals that were sent, without rounding. A step belongs to the bucket of its later sample; with conditions, it counts where
//! they hold at that instant. No step leads from one piece to another: what a part counted before it was installed here is
//! not this place's. Units convert without their offset. So neither cuts nor order leave a trace.
//!
//! Rollups hold the steps inside their slot (first, last, and what was lost at resets), so the cost follows slots.

use crate::model::number::decimal::DecimalSum;
use crate::model::number::quantity::Conversion;
use crate::model::sync::cancellation::Cancellation;
use crate::telemetry::error::Error;
use crate::telemetry::read::condition::{Conditions, Gate};
use crate::telemetry::read::plan::{Piece, Plan};
use crate::telemetry::read::rollup::{Resets, is_reset};
use crate::telemetry::read::source::Source;
use crate::telemetry::read::track::Tracks;
use crate::telemetry::series::sample::{LATEST, Sample};

/// How much counters went up in one cell and bucket. Merging has no order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Increase {
    /// Samples.
    pub count: u64,
    /// How often a counter began anew.
    pub resets: u64,
    /// The time that the steps took, in nanoseconds.
    pub time_ns: u128,
    sum: DecimalSum,
}

impl Increase {
    /// Returns how much the counters went up, in the unit of the answer.
    pub fn total(&self) -> f64 {
        self.sum.value()
    }

    /// Returns how much they went up in a second, over the time that was observed.
    pub fn rate(&self) -> Option<f64> {
        (self.time_ns > 0).then(|| self.total() / (self.time_ns as f64 / 1e9))
    }

    /// Adds another one.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.resets += other.resets;
        self.time_ns += other.time_ns;
        self.sum.merge(&other.sum);
    }
}

/// The increase of pieces: one for each cell and bucket of the plan.
pub(in crate::telemetry) fn increase(
    pieces: &[Piece],
    plan: &Plan,
    tracks: &Tracks,
    position: u64,
    wanted: &Cancellation,
) -> Result<Vec<Vec<Increase>>, Error> {
    let mut cells = vec![vec![Increase::default(); plan.buckets.len()]; plan.cells];
    for piece in pieces {
        wanted.check().map_err(Error::Cancelled)?;
        let track = tracks.get(&piece.series).ok_or(Error::NoSeries(piece.series))?;
        let (from, to) = (piece.within.from().nanos(), piece.within.to().nanos());
        let conditions = Conditions::of(tracks, position, &piece.guards, (from, to))?;
        let gate = conditions.gate(from)?;
        let source = Source::open(track, from, to, position);
        let mut counting = Counting { piece, source, gate, before: None };
        for (bucket, increase) in plan.buckets.iter().zip(&mut cells[piece.cell]) {
            let Some(span) = bucket.intersect(piece.within) else { continue };
            wanted.check().map_err(Error::Cancelled)?;
            let mut raw = Raw::default();
            counting.span(
                span.from().nanos().clamp(0, LATEST),
                span.to().nanos().clamp(0, LATEST),
                &mut raw,
            )?;
            raw.add_to(increase, piece.conversion.of_differences());
        }
    }
    Ok(cells)
}

/// The steps of one piece in one bucket, in the unit of the series.
#[derive(Default)]
struct Raw {
    count: u64,
    resets: u64,
    time: i64,
    sum: DecimalSum,
    /// From which to which reading steps without a reset lead that are not in the sum yet.
    steps: Option<(f64, f64)>,
}

impl Raw {
    fn step(&mut self, from: Sample, to: Sample) {
        self.time += to.at.nanos() - from.at.nanos();
        let is_reset = is_reset(from.value, to.value);
        self.resets += u64::from(is_reset);
        // A counter that began anew has counted from 0.
        let from = if is_reset { 0.0 } else { from.value };
        match &mut self.steps {
            Some((_, end)) if !is_reset && *end == from => *end = to.value,
            _ => {
                self.end_steps();
                self.steps = Some((from, to.value));
            }
        }
    }

    /// Adds steps that a rollup has added up.
    fn leap(&mut self, first: Sample, last: Sample, resets: &Resets) {
        self.end_steps();
        self.resets += resets.count;
        self.time += last.at.nanos() - first.at.nanos();
        self.sum.merge(&resets.lost);
        self.sum.add(last.value);
        self.sum.subtract(first.value);
    }

    fn end_steps(&mut self) {
        if let Some((start, end)) = self.steps.take() {
            self.sum.add(end);
            self.sum.subtract(start);
        }
    }

    fn add_to(mut self, increase: &mut Increase, conversion: Conversion) {
        self.end_steps();
        increase.count += self.count;
        increase.resets += self.resets;
        increase.time_ns += u128::from(self.time.unsigned_abs());
        if conversion.is_identity() {
            increase.sum.merge(&self.sum);
        } else {
            increase.sum.add(conversion.apply(self.sum.value()));
        }
    }
}

/// A piece on its way through its buckets.
struct Counting<'a> {
    piece: &'a Piece,
    source: Source,
    gate: Gate<'a>,
    /// The last sample so far.
    before: Option<Sample>,
}

impl Counting<'_> {
    /// Counts the samples of a bucket, which follow those of the one before.
    fn span(&mut self, from: i64, to: i64, raw: &mut Raw) -> Result<(), Error> {
        let mut cursor = from;
        if self.piece.guards.is_empty() {
            let rollups: Vec<_> = self.source.rollups(from, to).cloned().collect();
            for rollup in rollups {
                let slot = rollup.entry.slot;
                if slot.start < cursor {
                    continue;
                }
                let rolled_up = rollup.read()?;
                let (Some(resets), Some(first), Some(last)) =
                    (&rolled_up.resets, rolled_up.tally.first, rolled_up.tally.last)
                else {
                    continue;
                };
                let plausible = self.piece.plausible;
                if !(plausible.contains(rolled_up.tally.min) && plausible.contains(rolled_up.tally.max)) {
                    continue;
                }
                self.samples(cursor, slot.start, raw)?;
                self.take(first, raw)?;
                raw.count += rolled_up.tally.count - 1;
                raw.leap(first, last, resets);
                self.before = Some(last);
                cursor = slot.end();
            }
        }
        self.samples(cursor, to, raw)
    }

    fn samples(&mut self, from: i64, to: i64, raw: &mut Raw) -> Result<(), Error> {
        let mut cursor = from;
        while cursor < to {
            let next = self.source.stretch(cursor, to);
            for sample in self.source.samples(cursor, next, usize::MAX)? {
                self.take(sample, raw)?;
            }
            cursor = next;
        }
        Ok(())
    }

    /// Counts a sample; one that is not plausible is passed over, so that the step over it counts.
    fn take(&mut self, sample: Sample, raw: &mut Raw) -> Result<(), Error> {
        if !self.piece.plausible.contains(sample.value) {
            return Ok(());
        }
        let before = self.before.replace(sample);
        if self.gate.holds(sample.at.nanos())? {
            raw.count += 1;
            before.into_iter().for_each(|before| raw.step(before, sample));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::telemetry::read::rollup::is_reset;

    #[test]
    fn a_dip_is_no_reset() {
        let check =
            |from: f64, to: f64, expect: bool| assert_eq!(is_reset(from, to), expect, "{from} to {to}");
        check(215.6, 215.7, false);
        check(215.7, 215.7, false);
        check(215.7, 215.6, false);
        check(1000.0, 901.0, false);
        check(1000.0, 900.0, true);
        check(215.8, 0.0, true);
        check(215.8, 3.5, true);
        // By one in the last digit.
        check(0.5, 0.4, false);
        check(5.0, 4.0, false);
        check(0.003, 0.002, false);
        check(f64::from(0.5f32), f64::from(0.4f32), false);
        check(0.5, 0.3, true);
        check(0.55, 0.45, true);
        check(5.5, 4.5, true);
        check(1e-12, 5e-13, true);
        // To zero, but for a step in the last decimal.
        check(1.0, 0.0, true);
        check(0.1, 0.0, false);
        check(0.001, 0.0, false);
        check(f64::from(0.1f32), 0.0, false);
        check(0.2, 0.0, true);
        check(0.25, 0.0, true);
        check(0.0, -0.5, true);
        check(0.0, -1.0, false);
        check(-100.0, -105.0, false);
        check(-100.0, -120.0, true);
        // A counter of 16 bits that wraps.
        check(65_535.0, 3.0, true);
    }
}
