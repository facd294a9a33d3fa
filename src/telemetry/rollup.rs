//! The value of a whole slot, kept so that its samples need not be read again.
//!
//! A rollup must serve any `hold`. It therefore keeps the weights that samples have without one (see `grain`), and for the
//! few stretches of time that are unusually long the values that count for them, so that these can be cut to any
//! `hold` not below the usual length. Since sums are exact, what is cut leaves no trace.
//!
//! Samples with a hold of more than an hour are weighed in days. Where samples are rare, so that such a hold is likely, a rollup of a day
//! or more keeps both values.
//!
//! ```text
//! value in grains of days: length (varint; 0 where there is none), then as the value in grains of hours; not up to version 3 of a part
//! value in grains of hours:
//! count · time · overwritten · late · usual length (varints) · min, max, least (f64)
//! first, last: nanoseconds after the slot's start (varint), value (f64) · six sums (see `exact`)
//! long stretches: how many (varint), then value (f64) and length × 2, + 1 where it lies before the first sample of its
//! grain (varint; up to version 3 of a part the length alone, in which the two stretches around a grain are one) ·
//! cells: length (varint), then as in `cells`; up to version 4 of a part bins (see `old_bins`)
//! falls: 0, or falls + 1 (varint) and the sum of the values before them (see `exact`); nothing in version 1 of a part
//! resets: as the falls, where these are 0; nothing where an older program wrote
//! ```

use super::bytes::{Reader, Short, put_varint};
use super::counter::is_reset;
use super::exact::Exact;
use super::gather::{Gather, KEPT_FINER};
use super::grain::{self, Weighed};
use super::old_bins::OldBin;
use super::sample::Sample;
use super::spread::Body;
use super::tally::{Run, Tally, earlier, later};
use crate::model::instant::Instant;
use std::sync::Arc;

/// Where a counter began anew: what is needed to add it up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ebb {
    /// How often.
    pub(super) resets: u64,
    /// Σ of the values before.
    pub(super) lost: Exact,
}

impl Ebb {
    /// Goes from one value to the next.
    #[inline]
    pub(super) fn step(&mut self, from: f64, to: f64) {
        if is_reset(from, to) {
            self.resets += 1;
            self.lost.add(from);
        }
    }

    /// Adds what happened elsewhere.
    pub(super) fn merge(&mut self, other: &Self) {
        self.resets += other.resets;
        self.lost.merge(&other.lost);
    }
}

/// A stretch of time longer than the usual ones, and the value that counts for it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Long {
    value: f64,
    length: u64,
    /// Whether it lies before the first sample of its grain, so that it counts whole or not at all.
    before: bool,
}

impl Long {
    /// Returns how much of it does not count under a hold.
    fn beyond(self, hold: u64) -> u64 {
        match self.length {
            length if self.before && length > hold => length,
            length => length - grain::counted(length, hold),
        }
    }
}

/// The value of a slot under any hold that is not below `usual`. What is added to it comes in time order.
#[derive(Clone, Debug)]
pub(super) struct Rollup {
    /// The value without a hold.
    pub(super) tally: Tally,
    gather: Gather,
    /// The longest stretch that is not among the long ones.
    pub(super) usual: u64,
    long: Vec<Long>,
    /// Where a counter began anew; not known of all that older programs wrote.
    pub(super) ebb: Option<Ebb>,
    /// The same samples weighed in grains of days, where they are rare.
    pub(super) daily: Option<Box<Self>>,
}

impl Default for Rollup {
    fn default() -> Self {
        Self {
            tally: Tally::default(),
            gather: Gather::default(),
            usual: 0,
            long: Vec::new(),
            ebb: Some(Ebb::default()),
            daily: None,
        }
    }
}

impl Rollup {
    /// Counts samples that were weighed without a hold.
    pub(super) fn add(&mut self, samples: &[Weighed]) {
        let mut run = Run::default();
        let mut before = self.tally.last.map(|last| last.value);
        for sample in samples {
            let Weighed { at, value, weight, .. } = *sample;
            if let (Some(ebb), Some(before)) = (&mut self.ebb, before.replace(value)) {
                ebb.step(before, value);
            }
            self.tally.add(&mut run, Sample { at: Instant::from_nanos(at), value }, weight);
            self.gather.add(value, 1, u128::from(weight));
            self.tally.overwritten += u64::from(sample.overwritten);
            self.tally.late += u64::from(sample.late);
            self.long.push(Long { value, length: weight - sample.before, before: false });
            if sample.before > 0 {
                self.long.push(Long { value, length: sample.before, before: true });
            }
        }
        run.end(&mut self.tally);
        self.keep_longest();
    }

    /// Adds the rollup of another slot.
    pub(super) fn merge(&mut self, other: &Self) {
        self.ebb = self.ebb.take().zip(other.ebb.as_ref()).map(|(mut ebb, more)| {
            if let (Some(last), Some(first)) = (self.tally.last, other.tally.first) {
                ebb.step(last.value, first.value);
            }
            ebb.merge(more);
            ebb
        });
        self.tally.merge(&other.tally);
        self.gather.merge(&other.gather);
        self.usual = self.usual.max(other.usual);
        self.long.extend(&other.long);
        self.keep_longest();
    }

    /// Keeps few stretches apart: one for 64 samples and a few more.
    fn keep_longest(&mut self) {
        let most = 8 + self.tally.count as usize / 64;
        self.long.sort_unstable_by(|a, b| {
            b.length.cmp(&a.length).then(a.value.total_cmp(&b.value)).then(a.before.cmp(&b.before))
        });
        if let Some(long) = self.long.get(most) {
            self.usual = self.usual.max(long.length);
        }
        let usual = self.usual;
        self.long.retain(|long| long.length > usual);
    }

    /// Takes stretches that are hardly longer than the usual one for usual: those of a clock that jitters need no room.
    pub(super) fn settle(&mut self) {
        let near = self.usual + self.usual / 8;
        let longest = self.long.iter().map(|long| long.length).filter(|length| *length <= near).max();
        self.usual = self.usual.max(longest.unwrap_or(0));
        let usual = self.usual;
        self.long.retain(|long| long.length > usual);
    }

    /// Tells whether there may have been more long stretches than there is room for: then even the usual one is clearly longer
    /// than the mean.
    pub(super) fn lacks_room(&self) -> bool {
        4 * u128::from(self.usual) * u128::from(self.tally.count) > 5 * self.tally.time
    }

    /// Appends the rollup as bytes.
    pub(super) fn write(&self, start: i64, bytes: &mut Vec<u8>) {
        let mut daily = Vec::new();
        self.daily.iter().for_each(|rollup| rollup.write_one(start, &mut daily));
        put_varint(bytes, daily.len() as u64);
        bytes.extend(daily);
        self.write_one(start, bytes);
    }

    fn write_one(&self, start: i64, bytes: &mut Vec<u8>) {
        let tally = &self.tally;
        put_varint(bytes, tally.count);
        put_varint(bytes, tally.time as u64);
        put_varint(bytes, tally.overwritten);
        put_varint(bytes, tally.late);
        put_varint(bytes, self.usual);
        [tally.min, tally.max, tally.least].iter().for_each(|value| bytes.extend(value.to_le_bytes()));
        for sample in [tally.first, tally.last].into_iter().flatten() {
            put_varint(bytes, (sample.at.nanos() - start) as u64);
            bytes.extend(sample.value.to_le_bytes());
        }
        for sums in [&tally.plain, &tally.weighted] {
            [&sums.above, &sums.below, &sums.squares].into_iter().for_each(|sum: &Exact| sum.write(bytes));
        }
        put_varint(bytes, self.long.len() as u64);
        for long in &self.long {
            bytes.extend(long.value.to_le_bytes());
            put_varint(bytes, long.length << 1 | u64::from(long.before));
        }
        let mut cells = Vec::new();
        self.gather.write(KEPT_FINER, &mut cells);
        put_varint(bytes, cells.len() as u64);
        bytes.extend(cells);
        // An older program, to which every fall is a reset, reads that the falls are not known.
        put_varint(bytes, 0);
        put_varint(bytes, self.ebb.as_ref().map_or(0, |ebb| ebb.resets + 1));
        self.ebb.iter().for_each(|ebb| ebb.lost.write(bytes));
    }

    /// Reads a rollup of a slot that starts at `start`, from a part of some version.
    pub(super) fn read(start: i64, version: u32, bytes: &[u8]) -> Result<Self, Short> {
        let (daily, hourly) = split(version, bytes)?;
        let mut rollup = Self::read_one(start, version, hourly)?;
        if !daily.is_empty() {
            rollup.daily = Some(Box::new(Self::read_one(start, version, daily)?));
        }
        Ok(rollup)
    }

    fn read_one(start: i64, version: u32, bytes: &[u8]) -> Result<Self, Short> {
        let mut rollup = Self::default();
        let mut reader = Reader(bytes);
        (rollup.usual, rollup.long) = read_scalars(start, version, &mut reader, &mut rollup.tally)?;
        if version < CELLS_SINCE {
            for bin in OldBin::read(rollup.usual, &mut reader)? {
                rollup.gather.add(bin.centre, bin.count, bin.time);
            }
        } else {
            rollup.gather.read(read_cells(&mut reader)?)?;
        }
        rollup.ebb = read_ebb(&mut reader)?;
        Ok(rollup)
    }

    /// Adds the rollup in a block to a tally, every stretch cut to `hold` where that is above zero. Returns where its values lie;
    /// `None` where only the samples can tell the value under that hold.
    pub(super) fn add_to(
        tally: &mut Tally,
        (start, version): (i64, u32),
        block: &Arc<Vec<u8>>,
        hold: i64,
    ) -> Result<Option<Values>, Short> {
        let (daily, hourly) = split(version, block)?;
        let (bytes, end) = match grain::of(hold) {
            grain::HOUR => (hourly, block.len()),
            grain::DAY if !daily.is_empty() => (daily, block.len() - hourly.len()),
            _ => return Ok(None),
        };
        if hold > 0 && hold.unsigned_abs() < read_usual(bytes)? {
            return Ok(None);
        }
        let mut reader = Reader(bytes);
        let (usual, long) = read_scalars(start, version, &mut reader, tally)?;
        let hold = u64::try_from(hold).ok().filter(|hold| *hold > 0).unwrap_or(u64::MAX);
        let cuts = long.iter().map(|long| (long.value, long.beyond(hold))).filter(|(_, beyond)| *beyond > 0);
        let cuts: Vec<(f64, u64)> = cuts.collect();
        for (value, beyond) in &cuts {
            tally.time -= u128::from(*beyond);
            tally.weighted.subtract_times(*value, *beyond);
        }
        let body = if version < CELLS_SINCE {
            Body::Bins(Arc::new(OldBin::read(usual, &mut reader)?))
        } else {
            let length = usize::try_from(reader.varint()?).map_err(|_| Short)?;
            let from = end - reader.0.len();
            reader.take(length)?;
            Body::Cells(Arc::clone(block), from..from + length)
        };
        Ok(Some((body, cuts)))
    }
}

/// Where the values of a rollup lie, and those that a hold cuts, with the time that is cut.
pub(super) type Values = (Body, Vec<(f64, u64)>);

/// From this version of a part on rollups have cells instead of bins.
const CELLS_SINCE: u32 = 5;

fn read_cells<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Short> {
    let length = usize::try_from(reader.varint()?).map_err(|_| Short)?;
    reader.take(length)
}

/// Splits a rollup into its value in grains of days, which may be empty, and that in grains of hours.
fn split(version: u32, bytes: &[u8]) -> Result<(&[u8], &[u8]), Short> {
    let mut reader = Reader(bytes);
    let length = if version < 4 { 0 } else { reader.varint()? };
    let daily = reader.take(usize::try_from(length).map_err(|_| Short)?)?;
    Ok((daily, reader.0))
}

/// Reads the usual length, the fifth number of a value.
fn read_usual(bytes: &[u8]) -> Result<u64, Short> {
    let mut reader = Reader(bytes);
    (0..4).try_for_each(|_| reader.varint().map(|_| ()))?;
    reader.varint()
}

/// Reads the resets. An older program counted every fall: its count is that of the resets only where there was none.
fn read_ebb(reader: &mut Reader<'_>) -> Result<Option<Ebb>, Short> {
    match read_falls(reader)? {
        Some(falls) => Ok((falls.resets == 0).then_some(falls)),
        None => read_falls(reader),
    }
}

fn read_falls(reader: &mut Reader<'_>) -> Result<Option<Ebb>, Short> {
    let count = if reader.0.is_empty() { 0 } else { reader.varint()? };
    let Some(resets) = count.checked_sub(1) else { return Ok(None) };
    let mut ebb = Ebb { resets, lost: Exact::default() };
    ebb.lost.read(reader)?;
    Ok(Some(ebb))
}

fn read_scalars(
    start: i64,
    version: u32,
    reader: &mut Reader<'_>,
    tally: &mut Tally,
) -> Result<(u64, Vec<Long>), Short> {
    let count = reader.varint()?;
    tally.count += count;
    tally.time += u128::from(reader.varint()?);
    tally.overwritten += reader.varint()?;
    tally.late += reader.varint()?;
    let usual = reader.varint()?;
    tally.min = tally.min.min(reader.f64()?);
    tally.max = tally.max.max(reader.f64()?);
    tally.least = tally.least.min(reader.f64()?);
    if count > 0 {
        tally.first = earlier(tally.first, Some(read_sample(start, reader)?));
        tally.last = later(tally.last, Some(read_sample(start, reader)?));
    }
    for sums in [&mut tally.plain, &mut tally.weighted] {
        for sum in [&mut sums.above, &mut sums.below, &mut sums.squares] {
            sum.read(reader)?;
        }
    }
    let long = (0..reader.varint()?).map(|_| read_long(version, reader));
    Ok((usual, long.collect::<Result<_, Short>>()?))
}

fn read_long(version: u32, reader: &mut Reader<'_>) -> Result<Long, Short> {
    let (value, length) = (reader.f64()?, reader.varint()?);
    Ok(match version {
        ..4 => Long { value, length, before: false },
        _ => Long { value, length: length >> 1, before: length & 1 == 1 },
    })
}

fn read_sample(start: i64, reader: &mut Reader<'_>) -> Result<Sample, Short> {
    let at = start.saturating_add_unsigned(reader.varint()?);
    Ok(Sample { at: Instant::from_nanos(at), value: reader.f64()? })
}
