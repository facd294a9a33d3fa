//! A sketch: a histogram that takes values as they come, in bins that are fine enough for any percentile of them.
//!
//! While different values are few, each has a bin of its own. Of more, the bins are those of a grid that is much finer than any answer
//! needs. The grid may become too coarse for what comes later, as where a few wide values come first and many narrow ones after
//! them. Who answers sees that from the level, and counts the samples again below a ceiling (see `distribution`).

use super::bin_codec;
use super::bins::{Bin, Columns};
use super::grid::{EXACT, Grid, exponent};
use crate::telemetry::file::bytes::{Short, unzigzag};
use foldhash::HashMap;

/// How many different values have bins of their own.
pub(in crate::telemetry) const EXACT_MAX: usize = 256;
/// How many bins lie between the 1st and the 99th percentile of an answer at least, and two more for those that zero cuts.
pub(in crate::telemetry) const BINS: f64 = 514.0;

/// Levels below the one that suits the values so far, while they come.
const FINER: i32 = 3;
/// The same once the sketch is full: the grid must not grow with each value.
const FULL_FINER: i32 = 1;
/// Bins up to this far apart lie in one row; those beyond, as of outliers, are found by hash.
const ROW_MAX: i64 = 1 << 14;
const FAR_MAX: usize = 4096;

/// A histogram in the making.
#[derive(Clone, Debug)]
pub(in crate::telemetry) struct Sketch {
    grid: Grid,
    ceiling: i32,
    /// The key of the first bin of the row.
    first: i64,
    counts: Vec<u64>,
    /// How much more the bins of the row weigh than `usual` for each sample.
    extra: Vec<i128>,
    /// What is to be added to that in units of `unit`, which takes half the time; empty where nothing is.
    units: Vec<i64>,
    unit: i64,
    /// No number of units is greater, whatever its sign.
    units_max: u64,
    usual: u64,
    far: HashMap<i64, (u64, u128)>,
    far_max: usize,
}

impl Default for Sketch {
    fn default() -> Self {
        Self::below(i32::MAX)
    }
}

impl Sketch {
    /// Makes one that takes no coarser grid than the ceiling by itself.
    pub(in crate::telemetry) fn below(ceiling: i32) -> Self {
        Self {
            grid: Grid::new(EXACT),
            ceiling,
            first: 0,
            counts: Vec::new(),
            extra: Vec::new(),
            units: Vec::new(),
            unit: 0,
            units_max: 0,
            usual: 0,
            far: HashMap::default(),
            far_max: EXACT_MAX,
        }
    }

    /// Counts a value.
    #[inline]
    pub(in crate::telemetry) fn add(&mut self, value: f64, count: u64, time: u128) {
        self.put(self.grid.key(value), count, time);
    }

    /// Lets a value that was counted weigh so much more, or less.
    pub(in crate::telemetry) fn add_time(&mut self, value: f64, time: i128) {
        let key = self.grid.key(value);
        if let Some(index) = self.index(key) {
            self.extra[index] += time;
        } else if let Some(bin) = self.far.get_mut(&key) {
            bin.1 = bin.1.saturating_add_signed(time);
        }
    }

    /// Counts bins of some grid, and takes a grid that is not finer than theirs.
    pub(super) fn add_bins(&mut self, grid: Grid, bins: &[Bin]) {
        if bins.is_empty() {
            return;
        }
        self.coarsen(grid.level);
        for bin in bins {
            // The grid may change on the way.
            let key = if grid.level == self.grid.level { bin.key } else { grid.coarser(bin.key, self.grid) };
            self.put(key, bin.count, bin.time);
        }
    }

    /// Counts what another has counted.
    pub(in crate::telemetry) fn merge(&mut self, other: &Self) {
        self.add_bins(other.grid, &other.bins());
    }

    /// Takes a grid that is at least as coarse as a level.
    pub(in crate::telemetry) fn coarsen(&mut self, level: i32) {
        if level > self.grid.level {
            self.change(Grid::new(level));
        }
    }

    /// Returns whether nothing was counted.
    pub(in crate::telemetry) fn is_empty(&self) -> bool {
        self.far.is_empty() && self.counts.is_empty()
    }

    /// Returns the grid.
    pub(in crate::telemetry) fn grid(&self) -> Grid {
        self.grid
    }

    /// Returns the bins in the order of their keys.
    pub(in crate::telemetry) fn bins(&self) -> Vec<Bin> {
        let usual = i128::from(self.usual);
        let units = self.units.iter().chain(std::iter::repeat(&0));
        let row = self.counts.iter().zip(&self.extra).zip(units);
        let row = (self.first..).zip(row).filter(|(_, ((count, _), _))| **count > 0);
        let bin = |(key, ((count, extra), units)): (i64, ((&u64, &i128), &i64))| {
            let time = i128::from(*count) * usual + extra + i128::from(*units) * i128::from(self.unit);
            Bin { key, count: *count, time: u128::try_from(time).unwrap_or(0) }
        };
        let mut bins: Vec<Bin> = row.map(bin).collect();
        if !self.far.is_empty() {
            bins.extend(self.far.iter().map(|(key, (count, time))| Bin {
                key: *key,
                count: *count,
                time: *time,
            }));
            bins.sort_unstable_by_key(|bin| bin.key);
        }
        bins
    }

    /// Appends the bins as bytes, in the coarsest grid that suits them.
    pub(in crate::telemetry) fn write(&self, bytes: &mut Vec<u8>) {
        let bins = self.bins();
        let level = suiting(self.grid, &bins).min(self.ceiling);
        if self.grid.level == EXACT || level <= self.grid.level {
            bin_codec::write(self.grid, &bins, bytes);
        } else {
            let to = Grid::new(level);
            bin_codec::write(to, &coarser(self.grid, &bins, to), bytes);
        }
    }

    /// Adds bins that were written; `columns` is room for them.
    pub(in crate::telemetry) fn read(&mut self, bytes: &[u8], columns: &mut Columns) -> Result<(), Short> {
        let encoded = bin_codec::open(bytes)?;
        encoded.read(columns)?;
        let Some((low, high)) = columns.ends() else { return Ok(()) };
        self.coarsen(encoded.grid.level);
        if self.is_empty() {
            self.usual = columns.usual;
        }
        let (low, high) = if encoded.grid.level < self.grid.level {
            columns.coarsen(encoded.grid, self.grid);
            columns.ends().unwrap_or((low, high))
        } else {
            (low, high)
        };
        match self.row_of(low, high) {
            Some(start) => self.add_columns(start, columns),
            None => {
                let grid = self.grid;
                columns.bins().for_each(|bin| {
                    // The grid may change on the way.
                    let key = if grid.level == self.grid.level {
                        bin.key
                    } else {
                        grid.coarser(bin.key, self.grid)
                    };
                    self.put(key, bin.count, bin.time);
                });
            }
        }
        Ok(())
    }

    /// Returns the index in the row of the first of some keys, where the row has room for all of them.
    fn row_of(&mut self, low: i64, high: i64) -> Option<usize> {
        let known = self.index(low).filter(|_| self.index(high).is_some());
        known.or_else(|| self.grow(low, high))
    }

    /// Adds bins that lie in the row, whose first key is that of the index `start`.
    fn add_columns(&mut self, start: usize, columns: &Columns) {
        let Columns { keys, first, counts, usual, extra, few, .. } = columns;
        let index = |place: usize| keys.get(place).map_or(place, |key| (key - first) as usize) + start;
        for (place, extra) in few {
            self.extra[index(*place)] += i128::from(*extra);
        }
        let more = i128::from(*usual) - i128::from(self.usual);
        if keys.is_empty() && more == 0 {
            let row = &mut self.counts[start..start + counts.len()];
            row.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            if !extra.is_empty() {
                self.add_units(start, columns);
            }
            return;
        }
        if more == 0 && extra.is_empty() {
            counts.iter().enumerate().for_each(|(place, count)| self.counts[index(place)] += count);
            return;
        }
        for (place, count) in counts.iter().enumerate() {
            let index = index(place);
            self.counts[index] += count;
            self.extra[index] += columns.extra(place) + if more == 0 { 0 } else { i128::from(*count) * more };
        }
    }

    /// Adds how many units more the bins of a row weigh.
    fn add_units(&mut self, start: usize, columns: &Columns) {
        let units_max = self.units_max.saturating_add(columns.units_max);
        if self.unit != columns.unit || i64::try_from(units_max).is_err() {
            self.settle_units();
        }
        (self.unit, self.units_max) = (columns.unit, self.units_max.saturating_add(columns.units_max));
        self.units.resize(self.counts.len(), 0);
        let row = &mut self.units[start..start + columns.extra.len()];
        if i64::try_from(self.units_max).is_ok() {
            row.iter_mut().zip(&columns.extra).for_each(|(sum, units)| *sum += unzigzag(*units));
            return;
        }
        let row = &mut self.extra[start..start + columns.extra.len()];
        row.iter_mut().enumerate().for_each(|(place, sum)| *sum += columns.extra(place));
        self.units_max = 0;
    }

    /// Adds the units to what the bins weigh.
    fn settle_units(&mut self) {
        for (extra, units) in self.extra.iter_mut().zip(&self.units) {
            *extra += i128::from(*units) * i128::from(self.unit);
        }
        self.units.clear();
        self.units_max = 0;
    }

    #[inline]
    fn put(&mut self, key: i64, count: u64, time: u128) {
        if let Some(index) = self.index(key).or_else(|| self.grow(key, key)) {
            self.counts[index] += count;
            self.extra[index] += time as i128 - i128::from(count) * i128::from(self.usual);
            return;
        }
        let bin = self.far.entry(key).or_default();
        bin.0 += count;
        bin.1 += time;
        if self.far.len() > self.far_max {
            self.make_room();
        }
    }

    #[inline]
    fn index(&self, key: i64) -> Option<usize> {
        let index = usize::try_from(key.checked_sub(self.first)?).ok()?;
        (index < self.counts.len()).then_some(index)
    }

    /// Makes room in the row for keys from one to another, if it reaches so far; returns the index of the first.
    #[cold]
    fn grow(&mut self, from: i64, to: i64) -> Option<usize> {
        if self.grid.level == EXACT {
            return None;
        }
        self.settle_units();
        if self.counts.is_empty() {
            self.first = from;
        }
        let (first, end) = (self.first.min(from), (self.first + self.counts.len() as i64).max(to + 1));
        let length = end.checked_sub(first).filter(|length| *length <= ROW_MAX)?;
        // A row grows by half at least, so that it is copied seldom.
        let slack = (self.counts.len() as i64 / 2).min(ROW_MAX - length);
        if first < self.first {
            let before = (self.first - first + slack) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, before));
            self.extra.splice(0..0, std::iter::repeat_n(0, before));
            self.first = first - slack;
        }
        let length = ((end - self.first) as usize + slack as usize).max(self.counts.len());
        self.counts.resize(length, 0);
        self.extra.resize(length, 0);
        usize::try_from(from - self.first).ok()
    }

    /// Takes a coarser grid if that suits the values so far, else more room.
    #[cold]
    fn make_room(&mut self) {
        let finer = if self.grid.level == EXACT { FINER } else { FULL_FINER };
        let level = suiting(self.grid, &self.bins()).saturating_sub(finer).min(self.ceiling);
        if level > self.grid.level {
            self.change(Grid::new(level));
            self.far_max = FAR_MAX.max(2 * self.far.len());
        } else {
            self.far_max *= 2;
        }
    }

    fn change(&mut self, grid: Grid) {
        let bins = coarser(self.grid, &self.bins(), grid);
        let far_max = self.far_max.max(FAR_MAX);
        *self = Self { grid, far_max, usual: self.usual, ..Self::below(self.ceiling) };
        // From the middle outwards, so that the row lies around the most values.
        let (low, high) = bins.split_at(bins.len() / 2);
        for bin in high.iter().chain(low.iter().rev()) {
            self.far_max = self.far_max.max(self.far.len() + 1);
            self.put(bin.key, bin.count, bin.time);
        }
    }
}

impl PartialEq for Sketch {
    /// Sketches are equal when their bins are.
    fn eq(&self, other: &Self) -> bool {
        self.grid == other.grid && self.bins() == other.bins()
    }
}

/// Returns bins in a coarser grid.
pub(in crate::telemetry) fn coarser(grid: Grid, bins: &[Bin], to: Grid) -> Vec<Bin> {
    let mut merged: Vec<Bin> = Vec::with_capacity(bins.len());
    for bin in bins {
        let key = grid.coarser(bin.key, to);
        match merged.last_mut() {
            Some(last) if last.key == key => {
                last.count += bin.count;
                last.time += bin.time;
            }
            _ => merged.push(Bin { key, ..*bin }),
        }
    }
    merged
}

/// Returns the level whose bins suit the range from the 1st to the 99th percentile of some bins.
fn suiting(grid: Grid, bins: &[Bin]) -> i32 {
    let total = bins.iter().map(|bin| bin.count).sum();
    let (low, high) = middle(total, bins.iter().map(|bin| (bin.key, bin.count)));
    suiting_range(grid.centre(low.unwrap_or(0)), grid.centre(high.unwrap_or(0)))
}

/// Returns the level whose bins suit a range, but none finer than the doubles at its ends.
pub(in crate::telemetry) fn suiting_range(low: f64, high: f64) -> i32 {
    let (finest, width) = (finest(low, high), high / BINS - low / BINS);
    if width > 0.0 { exponent(width).max(finest) } else { finest }
}

/// Returns the level at which the doubles at the ends of a range have bins of their own.
pub(in crate::telemetry) fn finest(low: f64, high: f64) -> i32 {
    (exponent(low.abs().max(high.abs())) - 52).max(EXACT + 1)
}

/// Returns the 1st and the 99th percentile by nearest rank, of values in their order with their counts.
pub(in crate::telemetry) fn middle<T: Copy>(
    total: u64,
    values: impl Iterator<Item = (T, u64)>,
) -> (Option<T>, Option<T>) {
    let (first, last) = (total.div_ceil(100), total - total / 100);
    let (mut below, mut low, mut high) = (0, None, None);
    for (value, count) in values {
        below += count;
        low = low.or((below >= first).then_some(value));
        high = high.or((below >= last).then_some(value));
    }
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Counts some hundred values that lie close together, whose weights are so many nanoseconds, and more by numbers of a unit.
    fn sketch(usual: u64, unit: u64, first: u32, noise: u64) -> Sketch {
        let mut sketch = Sketch::default();
        let mut noise = noise | 1;
        for n in 0..600 {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let more = if unit == 0 { noise >> 3 } else { (noise >> 40) % 9 * unit };
            sketch.add(f64::from(first + n * 7919 % 701), 1, u128::from(usual) + u128::from(more));
        }
        sketch
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_counted(
            parts in prop::collection::vec(
                (
                    prop::sample::select(vec![7u64, 600_000_000_000]),
                    prop::sample::select(vec![0u64, 1, 1_000_000, 1 << 58]),
                    0u32..500,
                    any::<u64>(),
                ),
                1..7,
            ),
        ) {
            let (mut read, mut merged) = (Sketch::default(), Sketch::default());
            for (usual, unit, first, noise) in parts {
                let (mut bytes, mut alone) = (Vec::new(), Sketch::default());
                sketch(usual, unit, first, noise).write(&mut bytes);
                prop_assert!(read.read(&bytes, &mut Columns::default()).is_ok());
                prop_assert!(alone.read(&bytes, &mut Columns::default()).is_ok());
                merged.merge(&alone);
                let total = |sketch: &Sketch| sketch.bins().iter().map(|bin| bin.time).sum::<u128>();
                prop_assert_eq!(total(&alone), total(&self::sketch(usual, unit, first, noise)));
            }
            prop_assert!(read.grid().level > EXACT && !read.counts.is_empty());
            prop_assert!(read == merged);
        }
    }
}
