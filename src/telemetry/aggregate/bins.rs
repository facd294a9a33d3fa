//! The bins of a histogram, and the same as columns.

use super::grid::Grid;
use crate::telemetry::file::bytes::unzigzag;

/// One bin: its key, how many samples it counts and how long these weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Bin {
    pub(in crate::telemetry) key: i64,
    /// Samples.
    pub(in crate::telemetry) count: u64,
    /// Nanoseconds.
    pub(in crate::telemetry) time: u128,
}

/// Bins as they are written: a column for each figure.
#[derive(Clone, Debug, Default)]
pub(in crate::telemetry) struct Columns {
    /// The keys, in order; empty where they are a row.
    pub(in crate::telemetry) keys: Vec<i64>,
    /// The first key.
    pub(in crate::telemetry) first: i64,
    /// The samples of each; none of some keys of a row.
    pub(in crate::telemetry) counts: Vec<u64>,
    /// What a sample weighs most of the time.
    pub(in crate::telemetry) usual: u64,
    /// Zigzags of how many units more each weighs than `usual` for each of its samples; empty where hardly any does.
    pub(super) extra: Vec<u64>,
    /// The unit of `extra`.
    pub(in crate::telemetry) unit: i64,
    /// No number of units is greater, whatever its sign.
    pub(super) units_max: u64,
    /// No number of units is further below zero.
    pub(super) less_max: u64,
    /// How much more those few weigh, by index.
    pub(in crate::telemetry) few: Vec<(usize, i64)>,
}

impl Columns {
    /// Returns the bins.
    pub(in crate::telemetry) fn bins(&self) -> impl Iterator<Item = Bin> + '_ {
        let mut few = self.few.iter().peekable();
        let bins = self.counts.iter().enumerate().map(move |(index, count)| {
            let key = self.keys.get(index).copied().unwrap_or(self.first.wrapping_add(index as i64));
            let few = few.next_if(|(place, _)| *place == index).map_or(0, |(_, extra)| *extra);
            let time = i128::from(*count) * i128::from(self.usual) + self.extra(index) + i128::from(few);
            // A time below zero is refused where it is read.
            Bin { key, count: *count, time: time.unsigned_abs() }
        });
        bins.filter(|bin| bin.count > 0)
    }

    /// Returns how much more one weighs that is not among the few.
    #[inline]
    pub(super) fn extra(&self, index: usize) -> i128 {
        self.extra.get(index).map_or(0, |units| i128::from(unzigzag(*units)) * i128::from(self.unit))
    }

    /// Returns the first and the last key.
    pub(in crate::telemetry) fn ends(&self) -> Option<(i64, i64)> {
        let last = self.counts.len().checked_sub(1)?;
        Some((self.first, self.keys.last().copied().unwrap_or(self.first.wrapping_add(last as i64))))
    }

    /// Takes the keys of a coarser grid.
    pub(in crate::telemetry) fn coarsen(&mut self, grid: Grid, to: Grid) {
        if self.keys.is_empty() {
            self.keys.extend((self.first..).take(self.counts.len()));
        }
        self.keys.iter_mut().for_each(|key| *key = grid.coarser(*key, to));
        self.first = self.keys.first().copied().unwrap_or(0);
    }

    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.counts.clear();
        self.extra.clear();
        self.few.clear();
    }
}
