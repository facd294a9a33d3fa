//! The value of a whole slot, kept so that its samples need not be read again.
//!
//! A rollup must serve any `hold`. It therefore keeps the weights that samples have where no stretch is too long (see `weights`), and for
//! the few stretches of time that are unusually long the values that count for them, so that these can be cut to any
//! `hold` not below the usual length. Since sums are exact, what is cut leaves no trace. Of its last sample a slot does not know the next
//! one: its weight is added by the caller, which knows that.
//!
//! ```text
//! count · time · overwritten · late · usual length (varints) · min, max, least (f64)
//! first: nanoseconds after the slot's start (varint), value (f64) · last: nanoseconds after the slot's start × 2, + 1 where its weight
//! is not in the value (varint; before version 6 the nanoseconds), value (f64) · six sums (see `exact`)
//! long stretches: how many (varint), then value (f64) and length × 2 (varint); in versions 4 and 5 + 1 where it lies before the first
//! sample of its hour, up to version 3 the length alone
//! sketch: length (varint), then as in `bin_codec`; up to version 4 bins of another kind (see `old_bins`)
//! resets: 0 where not known, or resets + 1 (varint); where there are any, the sum of the values before them: decimals and length
//! (varints), digits (bytes). In versions 2 to 5 by rules that counted more falls, which are known only where there were none
//! ```
//!
//! Versions are those of parts. Up to version 5 samples were weighed within hours of UTC, or within days where they are rare: the latter
//! value comes first, with its length (varint) before it, in versions 4 and 5.

use super::fragment::Body;
use super::tally::{Run, Tally, earlier, later};
use super::track::StoredRollup;
use crate::model::number::decimal::DecimalSum;
use crate::model::time::instant::Instant;
use crate::telemetry::aggregate::bins::Columns;
use crate::telemetry::aggregate::exact::Exact;
use crate::telemetry::aggregate::old_bins::OldBin;
use crate::telemetry::aggregate::sketch::Sketch;
use crate::telemetry::aggregate::weights::{DAY, HOUR, Hold, Weighed};
use crate::telemetry::error::Error;
use crate::telemetry::file::bytes::{Reader, Short, put_varint};
use crate::telemetry::series::sample::Sample;
use std::sync::Arc;

/// Where a counter began anew: what is needed to add it up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::telemetry) struct Resets {
    /// How often.
    pub(in crate::telemetry) count: u64,
    /// Σ of the values before.
    pub(in crate::telemetry) lost: DecimalSum,
}

impl Resets {
    /// Goes from one value to the next.
    #[inline]
    pub(in crate::telemetry) fn step(&mut self, from: f64, to: f64) {
        if is_reset(from, to) {
            self.count += 1;
            self.lost.add(from);
        }
    }

    /// Adds what happened elsewhere.
    pub(in crate::telemetry) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.lost.merge(&other.lost);
    }
}

/// A stretch of time longer than the usual ones, and the value that counts for it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Long {
    value: f64,
    length: u64,
    /// Whether it lies before the first sample of its hour, so that it counts whole or not at all: in versions 4 and 5.
    before: bool,
}

impl Long {
    /// Returns how much of it does not count under a hold.
    fn beyond(self, hold: Hold) -> u64 {
        match self.length {
            length if self.before && length > hold.nanos() => length,
            length => length - hold.counted(length),
        }
    }
}

/// The value of a slot under any hold that is not below `usual`. What is added to it comes in time order.
#[derive(Clone, Debug)]
pub(in crate::telemetry) struct Rollup {
    /// The value under an endless hold.
    pub(in crate::telemetry) tally: Tally,
    /// Whether the weight of the last sample is not in the value.
    is_open: bool,
    sketch: Sketch,
    /// The longest stretch that is not among the long ones.
    pub(in crate::telemetry) usual: u64,
    long: Vec<Long>,
    /// Where a counter began anew; not known of all that older programs wrote.
    pub(in crate::telemetry) resets: Option<Resets>,
}

impl Default for Rollup {
    fn default() -> Self {
        Self {
            tally: Tally::default(),
            is_open: false,
            sketch: Sketch::default(),
            usual: 0,
            long: Vec::new(),
            resets: Some(Resets::default()),
        }
    }
}

impl Rollup {
    /// Counts samples that were weighed with an endless hold, the last of them with nothing.
    pub(in crate::telemetry) fn add(&mut self, samples: &[Weighed]) {
        let Some(first) = samples.first() else { return };
        self.close(first.at);
        let mut run = Run::default();
        let mut before = self.tally.last.map(|last| last.value);
        for sample in samples {
            let Weighed { at, value, weight, .. } = *sample;
            if let (Some(resets), Some(before)) = (&mut self.resets, before.replace(value)) {
                resets.step(before, value);
            }
            self.tally.add(&mut run, Sample { at: Instant::from_nanos(at), value }, weight);
            self.sketch.add(value, 1, u128::from(weight));
            self.tally.overwritten += u64::from(sample.overwritten);
            self.tally.late += u64::from(sample.late);
            self.long.push(Long { value, length: weight, before: false });
        }
        run.end(&mut self.tally);
        self.is_open = true;
        self.keep_longest();
    }

    /// Adds the rollup of a later slot.
    pub(in crate::telemetry) fn merge(&mut self, other: &Self) {
        other.tally.first.iter().for_each(|first| self.close(first.at.nanos()));
        self.resets = self.resets.take().zip(other.resets.as_ref()).map(|(mut resets, more)| {
            if let (Some(last), Some(first)) = (self.tally.last, other.tally.first) {
                resets.step(last.value, first.value);
            }
            resets.merge(more);
            resets
        });
        self.tally.merge(&other.tally);
        self.is_open |= other.is_open;
        self.sketch.merge(&other.sketch);
        self.usual = self.usual.max(other.usual);
        self.long.extend(&other.long);
        self.keep_longest();
    }

    /// Lets the last sample count until the next one.
    fn close(&mut self, next: i64) {
        if let Some(last) = self.tally.last.filter(|_| self.is_open) {
            let length = next.abs_diff(last.at.nanos());
            self.tally.add_time(last.value, length);
            self.sketch.add_time(last.value, i128::from(length));
            self.long.push(Long { value: last.value, length, before: false });
            self.is_open = false;
        }
    }

    /// Keeps few stretches apart: one for 64 samples and a few more; more of them where samples are few or rare.
    fn keep_longest(&mut self) {
        let count = self.tally.count as usize;
        let is_rare = self.tally.time > u128::from(self.tally.count) * RARE;
        let most = if is_rare { FEW.max(count / 8) } else { 8 + count / 64 };
        let most = if count <= FEW { FEW } else { most };
        self.long.sort_unstable_by(|a, b| {
            b.length.cmp(&a.length).then(a.value.total_cmp(&b.value)).then(a.before.cmp(&b.before))
        });
        if let Some(long) = self.long.get(most) {
            self.usual = self.usual.max(long.length);
        }
        let usual = self.usual;
        self.long.retain(|long| long.length > usual);
    }

    /// Takes stretches that are hardly longer than the usual one for usual: those of a clock that jitters need no room, nor those that
    /// no hold cuts but one for which this is hardly any data.
    pub(in crate::telemetry) fn settle(&mut self) {
        let near = self.usual + self.usual / 8;
        let is_rare = self.tally.time > u128::from(self.tally.count) * RARE;
        let near = if is_rare { near.max(Hold::of(0).nanos()) } else { near };
        let longest = self.long.iter().map(|long| long.length).filter(|length| *length <= near).max();
        self.usual = self.usual.max(longest.unwrap_or(0));
        let usual = self.usual;
        self.long.retain(|long| long.length > usual);
    }

    /// Returns whether there may have been more long stretches than there is room for: then even the usual one is clearly longer
    /// than the mean.
    pub(super) fn lacks_room(&self) -> bool {
        4 * u128::from(self.usual) * u128::from(self.tally.count) > 5 * self.tally.time
    }

    /// Returns its first and its last instant.
    pub(in crate::telemetry) fn ends(&self) -> Option<(i64, i64)> {
        self.tally.first.zip(self.tally.last).map(|(first, last)| (first.at.nanos(), last.at.nanos()))
    }

    /// Appends the rollup as bytes.
    pub(in crate::telemetry) fn write(&self, start: i64, bytes: &mut Vec<u8>) {
        let tally = &self.tally;
        put_varint(bytes, tally.count);
        put_varint(bytes, tally.time as u64);
        put_varint(bytes, tally.overwritten);
        put_varint(bytes, tally.late);
        put_varint(bytes, self.usual);
        [tally.min, tally.max, tally.least].iter().for_each(|value| bytes.extend(value.to_le_bytes()));
        let after = |sample: Sample| (sample.at.nanos() - start) as u64;
        let last = |sample| after(sample) << 1 | u64::from(self.is_open);
        let ends = tally.first.map(|first| (after(first), first)).into_iter();
        for (at, sample) in ends.chain(tally.last.map(|sample| (last(sample), sample))) {
            put_varint(bytes, at);
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
        let mut sketch = Vec::new();
        self.sketch.write(&mut sketch);
        put_varint(bytes, sketch.len() as u64);
        bytes.extend(sketch);
        put_varint(bytes, self.resets.as_ref().map_or(0, |resets| resets.count + 1));
        if let Some(resets) = self.resets.as_ref().filter(|resets| resets.count > 0) {
            let (digits, decimals) = resets.lost.parts();
            put_varint(bytes, decimals.into());
            put_varint(bytes, digits.len() as u64);
            bytes.extend(digits);
        }
    }

    /// Reads a rollup of a slot that starts at `start`, in the form of a version of a part.
    pub(in crate::telemetry) fn read(start: i64, version: u32, bytes: &[u8]) -> Result<Self, Short> {
        let mut rollup = Self::default();
        let mut reader = Reader(split(version, bytes)?.1);
        let scalars = read_scalars(start, version, &mut reader, &mut rollup.tally)?;
        (rollup.usual, rollup.long, rollup.is_open) = (scalars.usual, scalars.long, scalars.is_open);
        if version < SKETCHES_SINCE {
            for bin in OldBin::read(rollup.usual, &mut reader)? {
                rollup.sketch.add(bin.centre, bin.count, bin.time);
            }
        } else {
            let length = usize::try_from(reader.varint()?).map_err(|_| Short)?;
            rollup.sketch.read(reader.take(length)?, &mut Columns::default())?;
        }
        rollup.resets = read_resets(version, &mut reader)?;
        Ok(rollup)
    }

    /// Adds the rollup in a block to a tally, every stretch cut to `hold_ns`, and returns what is still to be done; `None` where that hold needs
    /// the samples.
    pub(in crate::telemetry) fn add_to(
        tally: &mut Tally,
        (start, version): (i64, u32),
        block: &Arc<Vec<u8>>,
        hold_ns: i64,
    ) -> Result<Option<Added>, Short> {
        let (daily, hourly) = split(version, block)?;
        let (bytes, end) = match hold_ns {
            _ if version >= OPEN_SINCE => (hourly, block.len()),
            ..=HOUR => (hourly, block.len()),
            ..=DAY if !daily.is_empty() => (daily, block.len() - hourly.len()),
            _ => return Ok(None),
        };
        let hold = if version < OPEN_SINCE && hold_ns <= 0 { Hold::ENDLESS } else { Hold::of(hold_ns) };
        if hold.nanos() < read_usual(bytes)? {
            return Ok(None);
        }
        let mut reader = Reader(bytes);
        let Scalars { usual, long, last, is_open } = read_scalars(start, version, &mut reader, tally)?;
        let mut adjusted: Vec<(f64, i128)> = Vec::new();
        for (value, beyond) in long.iter().map(|long| (long.value, long.beyond(hold))) {
            if beyond > 0 {
                tally.take_time(value, beyond);
                adjusted.push((value, -i128::from(beyond)));
            }
        }
        let body = if version < SKETCHES_SINCE {
            Body::OldBins(Arc::new(OldBin::read(usual, &mut reader)?))
        } else {
            let length = usize::try_from(reader.varint()?).map_err(|_| Short)?;
            let from = end - reader.0.len();
            reader.take(length)?;
            Body::Encoded(Arc::clone(block), from..from + length)
        };
        Ok(Some(Added { body, adjusted, last, is_open }))
    }
}

/// What adding a rollup to a tally leaves to be done.
pub(in crate::telemetry) struct Added {
    /// Its sketch.
    pub(in crate::telemetry) body: Body,
    /// Values, and how much more time they count for than the sketch has.
    pub(in crate::telemetry) adjusted: Vec<(f64, i128)>,
    /// Its last sample.
    pub(in crate::telemetry) last: Option<Sample>,
    /// Whether the weight of the last sample was not added.
    pub(in crate::telemetry) is_open: bool,
}

/// From this version of a part on rollups have sketches.
const SKETCHES_SINCE: u32 = 5;
/// From this version of a part on the last sample is not weighed.
const OPEN_SINCE: u32 = 6;
/// Samples are rare where they are at least so many nanoseconds apart on average.
const RARE: u128 = 40 * 60 * 1_000_000_000;
/// Of so few samples all stretches are kept.
const FEW: usize = 64;

/// Splits a rollup of an earlier version into its value in days, which may be empty, and that in hours.
fn split(version: u32, bytes: &[u8]) -> Result<(&[u8], &[u8]), Short> {
    let mut reader = Reader(bytes);
    let length = if matches!(version, 4 | 5) { reader.varint()? } else { 0 };
    let daily = reader.take(usize::try_from(length).map_err(|_| Short)?)?;
    Ok((daily, reader.0))
}

/// Reads the usual length, the fifth number of a value.
fn read_usual(bytes: &[u8]) -> Result<u64, Short> {
    let mut reader = Reader(bytes);
    (0..4).try_for_each(|_| reader.varint().map(|_| ()))?;
    reader.varint()
}

/// Reads the resets. Earlier versions have two counts, of all falls or else of more falls than are resets now: they are known only where
/// there were none.
fn read_resets(version: u32, reader: &mut Reader<'_>) -> Result<Option<Resets>, Short> {
    let mut count = || if reader.0.is_empty() { Ok(0) } else { reader.varint() };
    let counted = match count()? {
        0 if version < OPEN_SINCE => count()?,
        counted => counted,
    };
    let Some(count) = counted.checked_sub(1) else { return Ok(None) };
    if count == 0 || version < OPEN_SINCE {
        return Ok((count == 0).then(Resets::default));
    }
    let decimals = reader.varint()?;
    let length = usize::try_from(reader.varint()?).map_err(|_| Short)?;
    let lost = DecimalSum::from_parts(reader.take(length)?, decimals).ok_or(Short)?;
    Ok(Some(Resets { count, lost }))
}

/// What a rollup has besides its tally.
struct Scalars {
    usual: u64,
    long: Vec<Long>,
    last: Option<Sample>,
    is_open: bool,
}

fn read_scalars(
    start: i64,
    version: u32,
    reader: &mut Reader<'_>,
    tally: &mut Tally,
) -> Result<Scalars, Short> {
    let count = reader.varint()?;
    tally.count += count;
    tally.time += u128::from(reader.varint()?);
    tally.overwritten += reader.varint()?;
    tally.late += reader.varint()?;
    let usual = reader.varint()?;
    tally.min = tally.min.min(reader.f64()?);
    tally.max = tally.max.max(reader.f64()?);
    tally.least = tally.least.min(reader.f64()?);
    let (mut last, mut is_open) = (None, false);
    if count > 0 {
        let after = reader.varint()?;
        tally.first = earlier(tally.first, Some(read_sample(start, after, reader)?));
        let mut after = reader.varint()?;
        if version >= OPEN_SINCE {
            (after, is_open) = (after >> 1, after & 1 == 1);
        }
        last = Some(read_sample(start, after, reader)?);
        tally.last = later(tally.last, last);
    }
    for sums in [&mut tally.plain, &mut tally.weighted] {
        for sum in [&mut sums.above, &mut sums.below, &mut sums.squares] {
            sum.read(reader)?;
        }
    }
    let long = (0..reader.varint()?).map(|_| read_long(version, reader)).collect::<Result<_, Short>>()?;
    Ok(Scalars { usual, long, last, is_open })
}

fn read_long(version: u32, reader: &mut Reader<'_>) -> Result<Long, Short> {
    let (value, length) = (reader.f64()?, reader.varint()?);
    Ok(match version {
        ..4 => Long { value, length, before: false },
        _ => Long { value, length: length >> 1, before: length & 1 == 1 },
    })
}

fn read_sample(start: i64, after: u64, reader: &mut Reader<'_>) -> Result<Sample, Short> {
    let at = start.saturating_add_unsigned(after);
    Ok(Sample { at: Instant::from_nanos(at), value: reader.f64()? })
}

/// Returns whether a counter began anew between two readings. It did where the reading fell to zero, or by a tenth or more (the rule of
/// Home Assistant's `total_increasing`), and not just by one in its last digit. What falls by less, has been rounded or corrected.
#[inline]
pub(in crate::telemetry) fn is_reset(from: f64, to: f64) -> bool {
    if to >= from {
        return false;
    }
    let is_step = is_last_digit(from, to);
    // Whole numbers count events and are not rounded: from 1 to 0 one began anew.
    if to == 0.0 { !is_step || from.fract() == 0.0 } else { from - to >= from.abs() / 10.0 && !is_step }
}

/// Returns whether two readings of at most nine decimals differ by one in the last of them.
fn is_last_digit(from: f64, to: f64) -> bool {
    const SCALES: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
    let fall = from - to;
    let fits = |scale: &&f64| (fall * **scale - 1.0).abs() < 1e-6;
    SCALES.iter().find(fits).is_some_and(|scale| ends_there(from, *scale) && ends_there(to, *scale))
}

/// Returns whether a reading, printed as a double or a float, has no further decimals.
fn ends_there(value: f64, scale: f64) -> bool {
    let rounded = (value * scale).round() / scale;
    value == rounded || value == f64::from(rounded as f32)
}

impl StoredRollup {
    /// Reads the rollup.
    pub(in crate::telemetry) fn read(&self) -> Result<Rollup, Error> {
        let bytes = self.part.read(self.entry.extent)?;
        let rollup = Rollup::read(self.entry.slot.start, self.entry.version, &bytes);
        rollup.map_err(|Short| self.part.damaged(self.entry.extent))
    }

    /// Returns its first instant.
    pub(in crate::telemetry) fn first(&self) -> Result<Option<i64>, Error> {
        match self.entry.at {
            Some((first, _)) => Ok(Some(first)),
            None => Ok(self.read()?.tally.first.map(|first| first.at.nanos())),
        }
    }
}
