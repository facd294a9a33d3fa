//! The value of a whole slot, kept so that its samples need not be read again.
//!
//! A rollup must serve any `hold`. It therefore keeps the weights that samples have without one (up to the next sample
//! of the hour), and for the few samples whose weight is unusually great their values and weights apart, so that
//! these can be cut to any `hold` not below the usual ones. Since sums are exact, what is cut leaves no trace.
//!
//! ```text
//! count · time · overwritten · late · usual weight (varints) · min, max, least (f64)
//! first, last: nanoseconds after the slot's start (varint), value (f64) · six sums (see `exact`)
//! long weights: how many (varint), then value (f64) and weight (varint) · bins (see `sketch`)
//! falls: 0, or falls + 1 (varint) and the sum of the values before them (see `exact`); nothing in version 1 of a part
//! resets: as the falls, where these are 0; nothing where an older program wrote
//! ```

use super::bytes::{Reader, Short, put_varint};
use super::counter::is_reset;
use super::exact::Exact;
use super::grain::Weighed;
use super::sample::Sample;
use super::sketch;
use super::tally::{Run, Tally, earlier, later};
use crate::model::instant::Instant;

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

/// The value of a slot under any hold that is not below `usual`. What is added to it comes in time order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rollup {
    /// The value without a hold.
    pub(super) tally: Tally,
    /// The greatest weight that is not among the long ones.
    pub(super) usual: u64,
    /// Values and weights of the samples that weigh more.
    long: Vec<(f64, u64)>,
    /// Where a counter began anew; not known of all that older programs wrote.
    pub(super) ebb: Option<Ebb>,
}

impl Default for Rollup {
    fn default() -> Self {
        Self { tally: Tally::default(), usual: 0, long: Vec::new(), ebb: Some(Ebb::default()) }
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
            self.tally.sketch.add(sketch::key(value), 1, u128::from(weight));
            self.tally.overwritten += u64::from(sample.overwritten);
            self.tally.late += u64::from(sample.late);
            self.long.push((value, weight));
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
        self.usual = self.usual.max(other.usual);
        self.long.extend(&other.long);
        self.keep_longest();
    }

    /// Keeps few weights apart: those of one sample in 64 and of a few more.
    fn keep_longest(&mut self) {
        let most = 8 + self.tally.count as usize / 64;
        self.long.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.total_cmp(&b.0)));
        if let Some((_, weight)) = self.long.get(most) {
            self.usual = self.usual.max(*weight);
        }
        let usual = self.usual;
        self.long.retain(|(_, weight)| *weight > usual);
    }

    /// Tells whether there may have been more long weights than there is room for: then even the usual one is greater than the mean.
    pub(super) fn lacks_room(&self) -> bool {
        u128::from(self.usual) * u128::from(self.tally.count) > self.tally.time
    }

    /// Appends the rollup as bytes.
    pub(super) fn write(&self, start: i64, bytes: &mut Vec<u8>) {
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
        for (value, weight) in &self.long {
            bytes.extend(value.to_le_bytes());
            put_varint(bytes, *weight);
        }
        tally.sketch.write(self.usual, bytes);
        // An older program, to which every fall is a reset, reads that the falls are not known.
        put_varint(bytes, 0);
        put_varint(bytes, self.ebb.as_ref().map_or(0, |ebb| ebb.resets + 1));
        self.ebb.iter().for_each(|ebb| ebb.lost.write(bytes));
    }

    /// Reads a rollup of a slot that starts at `start`.
    pub(super) fn read(start: i64, bytes: &[u8]) -> Result<Self, Short> {
        let mut rollup = Self::default();
        let mut reader = Reader(bytes);
        (rollup.usual, rollup.long) = read_scalars(start, &mut reader, &mut rollup.tally)?;
        rollup.tally.sketch.read(rollup.usual, &mut reader)?;
        rollup.ebb = read_ebb(&mut reader)?;
        Ok(rollup)
    }

    /// Adds the rollup in `bytes` to a tally, every weight cut to `hold` where that is above zero; without the sketch
    /// where `quantiles` are not asked for.
    pub(super) fn add_to(
        tally: &mut Tally,
        start: i64,
        bytes: &[u8],
        hold: i64,
        quantiles: bool,
    ) -> Result<(), Short> {
        let mut reader = Reader(bytes);
        let (usual, long) = read_scalars(start, &mut reader, tally)?;
        if quantiles {
            tally.sketch.read(usual, &mut reader)?;
        }
        let Some(hold) = u64::try_from(hold).ok().filter(|hold| *hold > 0) else { return Ok(()) };
        for (value, weight) in long.into_iter().filter(|(_, weight)| *weight > hold) {
            tally.time -= u128::from(weight - hold);
            tally.weighted.subtract_times(value, weight - hold);
            if quantiles {
                tally.sketch.remove_time(sketch::key(value), u128::from(weight - hold));
            }
        }
        Ok(())
    }
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

type Long = Vec<(f64, u64)>;

fn read_scalars(start: i64, reader: &mut Reader<'_>, tally: &mut Tally) -> Result<(u64, Long), Short> {
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
    let long = (0..reader.varint()?).map(|_| Ok((reader.f64()?, reader.varint()?)));
    Ok((usual, long.collect::<Result<_, Short>>()?))
}

fn read_sample(start: i64, reader: &mut Reader<'_>) -> Result<Sample, Short> {
    let at = start.saturating_add_unsigned(reader.varint()?);
    Ok(Sample { at: Instant::from_nanos(at), value: reader.f64()? })
}
