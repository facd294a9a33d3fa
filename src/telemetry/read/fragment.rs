//! How the values of a tally are distributed: sketches of parts of its samples, each with the way back to these samples.
//!
//! A fragment is the sketch of a rollup, which stays in the block it was read in, or one of samples. Fragments are put together
//! only when somebody asks (see `distribution`): most answers ask for few percentiles of what they count. The bins that the fragments of
//! one answer keep in memory are bounded: of those beyond, only the level is kept, and they are read again when they are needed.

use super::condition::Conditions;
use super::plan::Plausible;
use super::source::Source;
use super::track::SeriesSnapshot;
use crate::model::sync::cancellation::Cancellation;
use crate::telemetry::aggregate::bin_codec;
use crate::telemetry::aggregate::bins::Columns;
use crate::telemetry::aggregate::mapping::Mapping;
use crate::telemetry::aggregate::old_bins::OldBin;
use crate::telemetry::aggregate::sketch::Sketch;
use crate::telemetry::aggregate::weights::Hold;
use crate::telemetry::error::Error;
use crate::telemetry::file::bytes::Short;
use crate::telemetry::part::{Extent, Part};
use crate::telemetry::series::key::SeriesId;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The fragments of one answer keep so many bytes of blocks and bins in memory.
const KEPT_BYTES: usize = 64 << 20;

#[cfg(test)]
thread_local! {
    /// How many bytes the fragments of the next answers may keep.
    pub(in crate::telemetry) static KEPT: std::cell::Cell<usize> = const { std::cell::Cell::new(KEPT_BYTES) };
}

/// How many bytes the fragments of one answer may still keep.
#[derive(Debug)]
pub(in crate::telemetry) struct Room(AtomicUsize);

impl Room {
    /// Makes the room of one answer.
    pub(in crate::telemetry) fn new() -> Self {
        #[cfg(test)]
        return Self(AtomicUsize::new(KEPT.get()));
        #[cfg(not(test))]
        Self(AtomicUsize::new(KEPT_BYTES))
    }

    /// Drops the bins of a fragment where there is no room for them and they can be read again.
    pub(in crate::telemetry) fn keep(&self, mut fragment: Fragment) -> Result<Fragment, Error> {
        let Body::Encoded(bytes, range) = &fragment.body else { return Ok(fragment) };
        let length = bytes.len();
        let take = |left: usize| left.checked_sub(length);
        let is_kept = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
        if !is_kept && (fragment.stored.is_some() || fragment.origin.is_some()) {
            fragment.body = Body::Dropped { level: fragment.level()?, range: range.clone() };
        }
        Ok(fragment)
    }
}

/// Fragments, in no order that matters.
#[derive(Clone, Debug, Default)]
pub(in crate::telemetry) struct Fragments(pub(in crate::telemetry) Vec<Arc<Fragment>>);

/// Samples that were counted together.
#[derive(Clone, Debug)]
pub(in crate::telemetry) struct Fragment {
    /// Where their values lie.
    pub(in crate::telemetry) body: Body,
    /// Values, and how much more time they count for than the sketch has.
    pub(in crate::telemetry) adjusted: Vec<(f64, i128)>,
    /// From the unit of the series to that of the answer.
    pub(in crate::telemetry) mapping: Mapping,
    /// The block that it lies in, if it was stored.
    pub(in crate::telemetry) stored: Option<(Arc<Part>, Extent)>,
    /// Where the samples can be read again.
    pub(in crate::telemetry) origin: Option<Origin>,
}

/// The form of a sketch.
#[derive(Clone, Debug)]
pub(in crate::telemetry) enum Body {
    /// Bins as bytes.
    Encoded(Arc<Vec<u8>>, Range<usize>),
    /// Bins that are read again: from the range of the stored block, or else from the samples.
    Dropped {
        /// Their level.
        level: i32,
        /// Where they are in the stored block.
        range: Range<usize>,
    },
    /// Bins of an old rollup whose samples have expired.
    OldBins(Arc<Vec<OldBin>>),
}

/// Where the samples of a fragment can be read again.
#[derive(Clone, Debug)]
pub(in crate::telemetry) struct Origin {
    /// The samples.
    pub(in crate::telemetry) samples: Arc<Samples>,
    /// The first instant, and the first one after.
    pub(in crate::telemetry) span: (i64, i64),
}

/// The samples of a series as they were when an answer was made, and which of them count.
#[derive(Debug)]
pub(in crate::telemetry) struct Samples {
    /// The series and what it was.
    pub(in crate::telemetry) series: Arc<(SeriesId, SeriesSnapshot)>,
    /// As of when.
    pub(in crate::telemetry) position: u64,
    /// The hold.
    pub(in crate::telemetry) hold: Hold,
    /// The values that count.
    pub(in crate::telemetry) plausible: Plausible,
    /// What holds where a sample counts.
    pub(in crate::telemetry) conditions: Arc<Conditions>,
    /// Whether they are still asked for.
    pub(in crate::telemetry) wanted: Cancellation,
}

impl Fragments {
    /// Adds the fragments of another.
    pub(in crate::telemetry) fn merge(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }
}

impl Fragment {
    /// Returns the error of bins that cannot be read.
    fn damaged(&self, _: Short) -> Error {
        match &self.stored {
            Some((part, extent)) => part.damaged(*extent),
            None => Error::damaged(Path::new("(memory)"), "a sketch that was just made cannot be read"),
        }
    }

    /// Gives of each bin its smallest and greatest value, its count and its time, before any adjustment.
    pub(super) fn each(&self, mut take: impl FnMut((f64, f64), u64, u128)) -> Result<(), Error> {
        match &self.body {
            Body::OldBins(bins) => bins.iter().for_each(|bin| take(bin.span, bin.count, bin.time)),
            body => {
                let damaged = |short| self.damaged(short);
                let (bytes, range) = self.bytes(body)?;
                let encoded = bin_codec::open(&bytes[range]).map_err(damaged)?;
                let mut columns = Columns::default();
                encoded.read(&mut columns).map_err(damaged)?;
                columns.bins().for_each(|bin| take(encoded.grid.span(bin.key), bin.count, bin.time));
            }
        }
        Ok(())
    }

    /// Returns the level of the bins.
    pub(in crate::telemetry) fn level(&self) -> Result<i32, Error> {
        match &self.body {
            Body::Encoded(bytes, range) => {
                let encoded = bin_codec::open(&bytes[range.clone()]).map_err(|short| self.damaged(short))?;
                Ok(encoded.grid.level)
            }
            Body::Dropped { level, .. } => Ok(*level),
            Body::OldBins(bins) => Ok(OldBin::level(bins)),
        }
    }

    /// Returns how far the bins of an old rollup may be off their values.
    pub(in crate::telemetry) fn rough(&self) -> f64 {
        match &self.body {
            Body::Encoded(..) | Body::Dropped { .. } => 0.0,
            Body::OldBins(bins) => bins.iter().map(OldBin::off).fold(0.0, f64::max),
        }
    }

    /// Returns the bytes of the bins, read again where they were dropped.
    fn bytes(&self, body: &Body) -> Result<(Arc<Vec<u8>>, Range<usize>), Error> {
        match (body, &self.stored, &self.origin) {
            (Body::Encoded(bytes, range), ..) => Ok((Arc::clone(bytes), range.clone())),
            (Body::Dropped { range, .. }, Some((part, extent)), _) => {
                Ok((Arc::new(part.read(*extent)?), range.clone()))
            }
            (_, _, Some(origin)) => {
                let (mut sketch, mut bytes) = (Sketch::default(), Vec::new());
                origin.add_to(&mut sketch)?;
                sketch.write(&mut bytes);
                let range = 0..bytes.len();
                Ok((Arc::new(bytes), range))
            }
            _ => Err(self.damaged(Short)),
        }
    }

    /// Adds the values to a sketch; `columns` is room for it.
    pub(in crate::telemetry) fn add_to(
        &self,
        sketch: &mut Sketch,
        columns: &mut Columns,
    ) -> Result<(), Error> {
        match &self.body {
            Body::OldBins(bins) => {
                sketch.coarsen(OldBin::level(bins));
                bins.iter().for_each(|bin| sketch.add(bin.centre, bin.count, bin.time));
            }
            body => {
                let (bytes, range) = self.bytes(body)?;
                sketch.read(&bytes[range], columns).map_err(|short| self.damaged(short))?;
            }
        }
        self.adjusted.iter().for_each(|(value, time)| sketch.add_time(*value, *time));
        Ok(())
    }
}

impl Origin {
    /// Reads the samples again and counts them.
    pub(in crate::telemetry) fn add_to(&self, sketch: &mut Sketch) -> Result<(), Error> {
        let Samples { series, position, hold, plausible, conditions, wanted } = &*self.samples;
        let mut source = Source::of_moment(series.0, series.1.clone(), *position);
        let ((mut cursor, end), mut gate) = (self.span, conditions.gate(self.span.0)?);
        let (mut rows, mut weighed) = (Vec::new(), Vec::new());
        while cursor < end {
            wanted.check().map_err(Error::Cancelled)?;
            let next = source.stretch(cursor, end);
            source.weighed((cursor, next), *hold, &mut rows, &mut weighed)?;
            for sample in weighed.iter().filter(|sample| plausible.contains(sample.value)) {
                if gate.holds(sample.at)? {
                    sketch.add(sample.value, 1, u128::from(sample.weight));
                }
            }
            cursor = next;
        }
        Ok(())
    }
}
