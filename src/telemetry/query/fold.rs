//! One piece within one bucket: what rollups serve, and the samples beside them.

use crate::model::sync::cancellation::Cancellation;
use crate::model::time::instant::Instant;
use crate::telemetry::aggregate::beyond::Beyond;
use crate::telemetry::aggregate::mapping::Mapping;
use crate::telemetry::aggregate::sketch::Sketch;
use crate::telemetry::aggregate::weights::{Hold, Weighed};
use crate::telemetry::error::Error;
use crate::telemetry::part::ROLLUPS_SINCE;
use crate::telemetry::part::blocks::Blocks;
use crate::telemetry::read::condition::{Decision, Gate};
use crate::telemetry::read::fragment::{Body, Fragment, Origin, Room, Samples};
use crate::telemetry::read::limit::Allowed;
use crate::telemetry::read::plan::{Piece, Plan, Plausible};
use crate::telemetry::read::rollup::{Added, Rollup};
use crate::telemetry::read::source::Source;
use crate::telemetry::read::tally::{Run, Tally};
use crate::telemetry::read::track::StoredRollup;
use crate::telemetry::series::row::Row;
use crate::telemetry::series::sample::Sample;
use std::sync::Arc;

/// What was found for one bucket of a sheet.
#[derive(Default)]
pub(super) struct BucketResult {
    pub(super) tally: Tally,
    pub(super) beyond: Vec<Beyond>,
    pub(super) covered: u128,
    pub(super) undecided: u128,
    pub(super) implausible: Beyond,
}

impl BucketResult {
    pub(super) fn new(plan: &Plan) -> Box<Self> {
        Box::new(Self { beyond: vec![Beyond::default(); plan.limits.len()], ..Self::default() })
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.tally.merge(&other.tally);
        self.covered += other.covered;
        self.undecided += other.undecided;
        add_beyond(&mut self.beyond, &other.beyond);
        self.implausible.merge(other.implausible);
    }
}

pub(super) fn add_beyond(sums: &mut [Beyond], more: &[Beyond]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        sum.merge(*more);
    }
}

/// Room that is used again for each stretch.
#[derive(Default)]
pub(super) struct Buffers {
    pub(super) rows: Vec<Row>,
    pub(super) weighed: Vec<Weighed>,
}

/// Until when the last sample of a bucket counts in later ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub(super) end: i64,
    pub(super) is_plausible: bool,
}

/// One piece within one bucket.
pub(super) struct Fold<'a> {
    pub(super) piece: &'a Piece,
    pub(super) plan: &'a Plan,
    pub(super) mapping: Mapping,
    pub(super) allowed: &'a [Allowed],
    pub(super) part: &'a mut BucketResult,
    pub(super) blocks: &'a Blocks,
    pub(super) wanted: &'a Cancellation,
    pub(super) buffers: &'a mut Buffers,
    /// Where the samples can be read again, if the plan asks how they are distributed.
    pub(super) known: Option<&'a Arc<Samples>>,
    pub(super) room: &'a Room,
    /// The end of the bucket, and what counts beyond it.
    pub(super) to: i64,
    pub(super) reach: Option<Reach>,
}

impl Fold<'_> {
    /// Counts the time at the start of the bucket that a sample before it counts for.
    pub(super) fn begin(&mut self, from: i64, before: Option<Reach>) {
        let Some(Reach { end, is_plausible }) = before.filter(|before| before.end > from) else { return };
        let covered = u128::from(self.cover(from, end.abs_diff(from), is_plausible));
        if is_plausible {
            self.part.covered += covered;
        } else {
            self.part.implausible.time_ns += covered;
        }
    }

    /// Returns how much of the time from `at` on lies in the bucket; takes note of what lies beyond it.
    fn cover(&mut self, at: i64, time: u64, is_plausible: bool) -> u64 {
        let end = at.saturating_add_unsigned(time);
        if end <= self.to {
            return time;
        }
        self.reach = Some(Reach { end, is_plausible });
        time - end.abs_diff(self.to)
    }

    /// Counts what rollups can serve of `[from, to)`; returns what they leave, in order.
    pub(super) fn rollups(
        &mut self,
        source: &mut Source,
        from: i64,
        to: i64,
    ) -> Result<Vec<(i64, i64)>, Error> {
        let (mut gaps, mut cursor) = (Vec::new(), from);
        if self.piece.guards.is_empty() && self.mapping.serves_rollups() {
            let known = Arc::clone(&source.snapshot().rollups);
            let within = |rollup: &&StoredRollup| rollup.entry.slot.start < to;
            let first = known.partition_point(|rollup| rollup.entry.slot.start < from);
            for rollup in known[first..].iter().take_while(within) {
                let slot = rollup.entry.slot;
                // Most lie in a longer one that served.
                if slot.start >= cursor && source.serves_before(rollup, to) && self.rollup(source, rollup)? {
                    gaps.extend((cursor < slot.start).then_some((cursor, slot.start)));
                    cursor = slot.end();
                }
            }
        }
        gaps.extend((cursor < to).then_some((cursor, to)));
        Ok(gaps)
    }

    /// Counts a rollup; returns whether it could serve.
    fn rollup(&mut self, source: &mut Source, rollup: &StoredRollup) -> Result<bool, Error> {
        let hold = Hold::of(self.piece.hold_ns);
        if hold.nanos() < rollup.entry.usual && rollup.entry.version >= ROLLUPS_SINCE {
            return Ok(false);
        }
        let slot = rollup.entry.slot;
        let block = self.blocks.read(&rollup.part, rollup.entry.extent)?;
        let damaged = |_| rollup.part.damaged(rollup.entry.extent);
        let (mut alone, before) = (Tally::default(), self.part.tally.time);
        // A limit or a value that is not plausible may show that the rollup cannot serve after all.
        let (plausible, is_sure) =
            (self.piece.plausible, self.allowed.is_empty() && self.piece.plausible == Plausible::ALL);
        let tally = if is_sure { &mut self.part.tally } else { &mut alone };
        let added = Rollup::add_to(tally, (slot.start, rollup.entry.version), &block, self.piece.hold_ns)
            .map_err(damaged)?;
        let Some(Added { body, mut adjusted, last, is_open }) = added else { return Ok(false) };
        let mut open = None;
        if let Some(last) = last.filter(|_| is_open) {
            let weight = source.weight_of(last.at.nanos(), slot.end(), hold)?;
            tally.add_time(last.value, weight);
            adjusted.push((last.value, i128::from(weight)));
            open = Some((last.at.nanos(), weight));
        }
        let known = self.known.filter(|_| !source.is_expired(slot));
        let origin = known.map(|known| Origin { samples: Arc::clone(known), span: (slot.start, slot.end()) });
        let stored = Some((Arc::clone(&rollup.part), rollup.entry.extent));
        let fragment = Fragment { body, adjusted, mapping: self.mapping, stored, origin };
        if !is_sure {
            if !(plausible.contains(alone.min) && plausible.contains(alone.max)) {
                return Ok(false);
            }
            let beyond = self.allowed.iter().map(|allowed| allowed.beyond(&alone, &fragment));
            let Some(beyond) = beyond.collect::<Result<Option<Vec<_>>, _>>()? else { return Ok(false) };
            add_beyond(&mut self.part.beyond, &beyond);
            self.part.tally.merge(&alone);
        }
        if self.plan.quantiles {
            self.part.tally.fragments.0.push(Arc::new(self.room.keep(fragment)?));
        }
        let beyond = open.map_or(0, |(at, weight)| weight - self.cover(at, weight, true));
        self.part.covered += self.part.tally.time - before - u128::from(beyond);
        Ok(true)
    }

    /// Counts the samples of `[from, to)`.
    pub(super) fn samples(
        &mut self,
        source: &mut Source,
        from: i64,
        to: i64,
        gate: &mut Gate<'_>,
    ) -> Result<(), Error> {
        let hold = Hold::of(self.piece.hold_ns);
        let (mut cursor, mut run, mut sketch) = (from, Run::default(), Sketch::default());
        while cursor < to {
            self.wanted.check().map_err(Error::Cancelled)?;
            let next = source.stretch(cursor, to);
            let Buffers { rows, weighed } = &mut *self.buffers;
            source.weighed((cursor, next), hold, rows, weighed)?;
            for index in 0..self.buffers.weighed.len() {
                let sample = self.buffers.weighed[index];
                let is_plausible = self.piece.plausible.contains(sample.value);
                let covered = u128::from(self.cover(sample.at, sample.weight, is_plausible));
                if is_plausible {
                    self.part.covered += covered;
                    self.count(&mut run, &mut sketch, sample, gate.decide(sample.at)?);
                } else {
                    self.pass_over(sample, covered);
                }
            }
            cursor = next;
        }
        run.end(&mut self.part.tally);
        self.keep(&sketch, from, to)
    }

    /// Takes note of a sample that is not plausible, of which so much time lies in the bucket.
    fn pass_over(&mut self, sample: Weighed, covered: u128) {
        let BucketResult { tally, implausible, .. } = self.part;
        implausible.merge(Beyond { count: 1, time_ns: covered });
        tally.overwritten += u64::from(sample.overwritten);
        tally.late += u64::from(sample.late);
    }

    /// Keeps how the samples of `[from, to)` are distributed.
    fn keep(&mut self, sketch: &Sketch, from: i64, to: i64) -> Result<(), Error> {
        let Some(known) = self.known.filter(|_| !sketch.is_empty()) else { return Ok(()) };
        let origin = Some(Origin { samples: Arc::clone(known), span: (from, to) });
        let mut bytes = Vec::new();
        sketch.write(&mut bytes);
        let range = 0..bytes.len();
        let body = Body::Encoded(Arc::new(bytes), range);
        let (mapping, adjusted) = (self.mapping, Vec::new());
        let fragment = Fragment { body, adjusted, mapping, stored: None, origin };
        self.part.tally.fragments.0.push(Arc::new(self.room.keep(fragment)?));
        Ok(())
    }

    #[inline]
    fn count(&mut self, run: &mut Run, sketch: &mut Sketch, sample: Weighed, decision: Decision) {
        let BucketResult { tally, beyond, undecided, .. } = self.part;
        tally.overwritten += u64::from(sample.overwritten);
        tally.late += u64::from(sample.late);
        match decision {
            Decision::Holds => {}
            Decision::Fails => return,
            Decision::Undecided => {
                *undecided += u128::from(sample.weight);
                return;
            }
        }
        let (mapping, Weighed { at, value, weight, .. }) = (self.mapping, sample);
        tally.add(run, Sample { at: Instant::from_nanos(at), value: mapping.tallied(value) }, weight);
        if self.plan.quantiles {
            sketch.add(value, 1, u128::from(weight));
        }
        for (allowed, beyond) in self.allowed.iter().zip(beyond) {
            if !allowed.contains(value) {
                beyond.count += 1;
                beyond.time_ns += u128::from(weight);
            }
        }
    }
}
