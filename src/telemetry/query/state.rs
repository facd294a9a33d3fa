//! States: values that name what a twin was in, such as 0 for stopped and 1 for running.
//!
//! A sample holds from its instant to the next one of its series; before a gap, where the next one is further away than the piece's hold,
//! for a period, as everywhere (without a hold: until the next). It does not hold beyond the piece, and its time is cut at the buckets
//! exactly. What was before the first sample of a piece is not known. Of two samples that follow each other in a piece with different values, the later one's bucket counts a transition.
//! With conditions, a sample counts where they hold at its instant.

use crate::model::sync::cancellation::Cancellation;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::aggregate::mapping::Mapping;
use crate::telemetry::aggregate::weights::Hold;
use crate::telemetry::error::Error;
use crate::telemetry::read::condition::{Conditions, Gate};
use crate::telemetry::read::plan::{Piece, Plan};
use crate::telemetry::read::source::Source;
use crate::telemetry::read::tally::{earlier, later};
use crate::telemetry::read::track::Tracks;
use crate::telemetry::series::sample::{LATEST, Sample};
use std::collections::BTreeMap;

/// More different values than this are no states.
const STATES_MAX: usize = 1000;

/// How long twins were in which state, in one cell and bucket. Merging has no order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct States {
    /// Samples.
    pub count: u64,
    /// How often a sample differed from the one before.
    pub transitions: u64,
    /// The earliest sample.
    pub first: Option<Sample>,
    /// The latest sample.
    pub last: Option<Sample>,
    times: BTreeMap<Value, u128>,
}

/// A value in its order; zero has one sign.
#[derive(Clone, Copy, Debug)]
struct Value(f64);

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl States {
    /// Returns each value with the nanoseconds that it lasted, in ascending order.
    pub fn times_ns(&self) -> impl Iterator<Item = (f64, u128)> + '_ {
        self.times.iter().map(|(value, time)| (value.0, *time))
    }

    /// Adds another one.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.transitions += other.transitions;
        self.first = earlier(self.first, other.first);
        self.last = later(self.last, other.last);
        for (value, time) in &other.times {
            *self.times.entry(*value).or_default() += time;
        }
    }
}

/// The states of pieces: one for each cell and bucket of the plan.
pub(in crate::telemetry) fn states(
    pieces: &[Piece],
    plan: &Plan,
    tracks: &Tracks,
    position: u64,
    wanted: &Cancellation,
) -> Result<Vec<Vec<States>>, Error> {
    let mut cells = vec![vec![States::default(); plan.buckets.len()]; plan.cells];
    for piece in pieces {
        wanted.check().map_err(Error::Cancelled)?;
        let track = tracks.get(&piece.series).ok_or(Error::NoSeries(piece.series))?;
        let (from, to) =
            (piece.within.from().nanos().clamp(0, LATEST), piece.within.to().nanos().clamp(0, LATEST));
        let mut source = Source::open(track, from, to, position);
        let conditions = Conditions::of(tracks, position, &piece.guards, (from, to))?;
        let gate = conditions.gate(from)?;
        let mut holding =
            Holding { piece, gate, buckets: &plan.buckets, cells: &mut cells[piece.cell], open: None };
        let mut cursor = from;
        while cursor < to {
            wanted.check().map_err(Error::Cancelled)?;
            let next = source.stretch(cursor, to);
            source
                .samples(cursor, next, usize::MAX)?
                .into_iter()
                .try_for_each(|sample| holding.take(sample))?;
            cursor = next;
        }
        holding.end_piece(&mut source, to)?;
    }
    Ok(cells)
}

/// A piece on its way.
struct Holding<'a> {
    piece: &'a Piece,
    gate: Gate<'a>,
    buckets: &'a [Interval],
    cells: &'a mut [States],
    /// The last sample so far, and whether it counts.
    open: Option<(Sample, bool)>,
}

impl Holding<'_> {
    /// Takes a sample; one that is not plausible ends what was before, and nothing holds until the next.
    fn take(&mut self, raw: Sample) -> Result<(), Error> {
        if !self.piece.plausible.contains(raw.value) {
            self.end(raw.at.nanos())?;
            self.open = self.open.map(|(before, _)| (before, false));
            return Ok(());
        }
        let mapping = Mapping { conversion: self.piece.conversion, transform: self.piece.transform };
        let sample = Sample { value: mapping.apply(raw.value) + 0.0, ..raw };
        self.end(sample.at.nanos())?;
        let counts = self.gate.holds(sample.at.nanos())?;
        let before = self.open.replace((sample, counts)).map(|(before, _)| before);
        let index = self.buckets.partition_point(|bucket| bucket.to() <= sample.at);
        let bucket = self.buckets.get(index).filter(|bucket| bucket.contains(sample.at) && counts);
        if bucket.is_some() {
            let states = &mut self.cells[index];
            states.count += 1;
            states.transitions += u64::from(before.is_some_and(|before| before.value != sample.value));
            states.first = earlier(states.first, Some(sample));
            states.last = later(states.last, Some(sample));
        }
        Ok(())
    }

    /// Returns how long a sample holds.
    fn hold(&self) -> Hold {
        if self.piece.hold_ns > 0 { Hold::of(self.piece.hold_ns) } else { Hold::ENDLESS }
    }

    /// Lets the last sample hold until the next one at `next`, if it holds so long.
    fn end(&mut self, next: i64) -> Result<(), Error> {
        let Some((sample, true)) = self.open else { return Ok(()) };
        let from = sample.at.nanos();
        let counted = self.hold().counted(next.abs_diff(from));
        self.lasted(sample, from.saturating_add_unsigned(counted))
    }

    /// Lets the last sample hold until the end of the piece, if it holds so long; the next one may come after it.
    fn end_piece(&mut self, source: &mut Source, to: i64) -> Result<(), Error> {
        let Some((sample, true)) = self.open else { return Ok(()) };
        let from = sample.at.nanos();
        let counted = match self.hold() {
            Hold::ENDLESS => u64::MAX,
            hold => source.weight_of(from, to, hold)?,
        };
        self.lasted(sample, to.min(from.saturating_add_unsigned(counted)))
    }

    /// Adds the time of a sample up to `to` to its state.
    fn lasted(&mut self, sample: Sample, to: i64) -> Result<(), Error> {
        let first = self.buckets.partition_point(|bucket| bucket.to() <= sample.at);
        let Ok(lasted) = Interval::new(sample.at, Instant::from_nanos(to)) else { return Ok(()) };
        for (bucket, states) in self.buckets.iter().zip(&mut *self.cells).skip(first) {
            let Some(span) = bucket.intersect(lasted) else { break };
            *states.times.entry(Value(sample.value)).or_default() += u128::from(span.nanos().unsigned_abs());
            if states.times.len() > STATES_MAX {
                return Err(Error::TooManyStates { series: self.piece.series, most: STATES_MAX });
            }
        }
        Ok(())
    }
}
