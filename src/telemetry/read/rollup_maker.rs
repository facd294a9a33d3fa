//! Makes the rollups of one series, the shorter ones first, for the longer ones are made of them.

use super::rollup::Rollup;
use super::source::{Source, of_slot};
use super::track::{SeriesSnapshot, StoredRollup};
use crate::telemetry::aggregate::slot::{Level, Slot};
use crate::telemetry::aggregate::weights::{self, Hold, Weighed};
use crate::telemetry::error::Error;
use crate::telemetry::part::{Extent, ROLLUPS_SINCE, RollupEntry, VERSION};
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::series::row::Row;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A rollup must cover as many samples, and is renewed for as many.
pub(super) const ROLLUP_ROWS: usize = 256;

/// A rollup that is yet to be written.
pub(in crate::telemetry) type Made = (RollupEntry, Vec<u8>);

/// Makes the rollups of the touched slots that are over, or in which enough is new.
pub(in crate::telemetry) fn roll_up(
    series: SeriesId,
    snapshot: &SeriesSnapshot,
    touched: &BTreeMap<Slot, usize>,
    through: u64,
) -> Result<Vec<Made>, Error> {
    let mut maker = Maker::new(series, snapshot, through);
    let mut slots: Vec<_> = touched.iter().collect();
    slots.sort_by_key(|(slot, _)| (Reverse(slot.level), slot.start));
    for (slot, rows) in slots {
        if *rows >= ROLLUP_ROWS || slot.end() <= snapshot.newest {
            match maker.make(*slot, ROLLUP_ROWS) {
                // Without a rollup its samples are asked for, and those that cannot be read are refused.
                Err(Error::Damaged { .. }) => {}
                made => made?,
            }
        }
    }
    Ok(maker.made())
}

/// Makes a rollup of each of some slots in which there is a sample; none where one of the present form is there.
pub(in crate::telemetry) fn roll_up_all(
    series: SeriesId,
    snapshot: &SeriesSnapshot,
    slots: impl IntoIterator<Item = Slot>,
    through: u64,
) -> Result<Vec<Made>, Error> {
    let mut maker = Maker::new(series, snapshot, through);
    let mut slots: Vec<_> = slots.into_iter().filter(|slot| !maker.has(*slot)).collect();
    slots.sort_by_key(|slot| (Reverse(slot.level), slot.start));
    for slot in slots {
        maker.make(slot, 1)?;
    }
    Ok(maker.made())
}

/// Returns the rollups of an earlier form, which weigh samples otherwise and do not serve, of slots whose samples are there and about
/// to expire within some spans: they would serve once the samples have expired.
pub(in crate::telemetry) fn stale<'a>(
    series: SeriesId,
    snapshot: &'a SeriesSnapshot,
    goes: &'a [(i64, i64)],
) -> impl Iterator<Item = &'a StoredRollup> {
    let source = Source::of_moment(series, snapshot.clone(), u64::MAX);
    snapshot.rollups.iter().filter(move |rollup| {
        let RollupEntry { slot, version, .. } = rollup.entry;
        let loses = goes.iter().any(|(from, to)| *from < slot.end() && slot.start < *to);
        version < ROLLUPS_SINCE && loses && !source.is_expired(slot)
    })
}

struct Maker {
    series: SeriesId,
    source: Source,
    fresh: BTreeMap<Slot, (u64, Rollup)>,
    rows: Vec<Row>,
    weighed: Vec<Weighed>,
}

impl Maker {
    fn new(series: SeriesId, snapshot: &SeriesSnapshot, through: u64) -> Self {
        let source = Source::of_moment(series, snapshot.clone(), through);
        Self { series, source, fresh: BTreeMap::new(), rows: Vec::new(), weighed: Vec::new() }
    }

    /// Returns what was made.
    fn made(self) -> Vec<Made> {
        let entry = |(slot, (position, rollup)): (Slot, (u64, Rollup))| {
            let mut bytes = Vec::new();
            rollup.write(slot.start, &mut bytes);
            let extent = Extent { offset: 0, length: 0, sum: 0 };
            let (series, usual, at) = (self.series, rollup.usual, rollup.ends());
            (RollupEntry { series, slot, extent, position, usual, at, version: VERSION }, bytes)
        };
        self.fresh.into_iter().map(entry).collect()
    }

    /// Returns whether a slot has a rollup that need not be made.
    fn has(&self, slot: Slot) -> bool {
        let rollups = &self.source.snapshot().rollups;
        let found = rollups.binary_search_by_key(&slot, |rollup| rollup.entry.slot);
        found.is_ok_and(|at| rollups[at].entry.version >= ROLLUPS_SINCE || self.source.is_expired(slot))
    }

    /// Makes the rollup of a slot, where it covers at `least` so many samples.
    fn make(&mut self, slot: Slot, least: usize) -> Result<(), Error> {
        if self.rows_at_most(slot) < least {
            return Ok(());
        }
        let (mut position, mut rollup) = (0, Rollup::default());
        let mut cursor = slot.start;
        for (inner, stored) in self.inner(slot) {
            if inner.start < cursor {
                continue;
            }
            let (last, part) = match stored {
                None => self.fresh[&inner].clone(),
                Some(stored) => (stored.entry.position, stored.read()?),
            };
            // A month has room for four times as many long weights: it must not serve fewer holds than its samples allow.
            if inner.level == Level::Quarter && part.lacks_room() {
                continue;
            }
            self.add_samples(cursor, inner.start, &mut position, &mut rollup)?;
            position = position.max(last);
            rollup.merge(&part);
            cursor = inner.end();
        }
        self.add_samples(cursor, slot.end(), &mut position, &mut rollup)?;
        if rollup.tally.count >= least as u64 {
            rollup.settle();
            self.fresh.insert(slot, (position, rollup));
        }
        Ok(())
    }

    /// Returns the rollups within a slot, fresh or stored, by start, the longest first.
    fn inner(&self, slot: Slot) -> Vec<(Slot, Option<StoredRollup>)> {
        let within = |inner: &Slot| *inner != slot && slot.start <= inner.start && inner.end() <= slot.end();
        let fresh = self.fresh.keys().filter(|inner| within(inner)).map(|inner| (*inner, None));
        let stored = self.source.rollups(slot.start, slot.end());
        let stored = stored.map(|rollup| (rollup.entry.slot, Some(rollup.clone())));
        let mut inner: Vec<_> = fresh.chain(stored.filter(|(inner, _)| within(inner))).collect();
        inner.sort_by_key(|(inner, _)| *inner);
        inner
    }

    fn add_samples(
        &mut self,
        from: i64,
        to: i64,
        position: &mut u64,
        rollup: &mut Rollup,
    ) -> Result<(), Error> {
        let mut cursor = from;
        while cursor < to {
            let next = self.source.stretch(cursor, to);
            self.source.rows(cursor, next, &mut self.rows)?;
            weights::weigh(&self.rows, Hold::ENDLESS, 0, &mut self.weighed);
            *position = self.rows.iter().map(|row| row.position()).fold(*position, u64::max);
            rollup.add(&self.weighed);
            cursor = next;
        }
        Ok(())
    }

    fn rows_at_most(&self, slot: Slot) -> usize {
        let snapshot = self.source.snapshot();
        let chunks = snapshot.chunks.iter().map(|chunk| chunk.entry);
        let chunks = chunks.filter(|entry| entry.at.0 < slot.end() && slot.start <= entry.at.1);
        chunks.map(|entry| entry.rows as usize).sum::<usize>() + of_slot(&snapshot.head, slot).len()
    }
}
