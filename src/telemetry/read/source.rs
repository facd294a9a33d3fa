//! Reads one series as of one position, chunk by chunk; of each only the pages that are asked for are decoded, and kept while they are
//! needed.

use super::plan::Plausible;
use super::track::{SeriesSnapshot, StoredRollup, Track};
use crate::model::time::instant::Instant;
use crate::telemetry::aggregate::slot::{Level, Slot};
use crate::telemetry::aggregate::weights::{self, Hold, Weighed};
use crate::telemetry::error::Error;
use crate::telemetry::file::columns::Columns;
use crate::telemetry::part::ROLLUPS_SINCE;
use crate::telemetry::part::expired::Expired;
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::series::row::Row;
use crate::telemetry::series::sample::{LATEST, Sample};
use std::collections::VecDeque;
use std::ops::Range;

/// A series as of a position, over a span that was given when it was opened.
pub(in crate::telemetry) struct Source {
    series: SeriesId,
    snapshot: SeriesSnapshot,
    position: u64,
    decoded: VecDeque<Decoded>,
}

/// Some pages of a chunk.
struct Decoded {
    chunk: usize,
    columns: Columns,
    pages: Range<usize>,
    rows: Vec<Row>,
}

/// Of how many chunks decoded pages are kept; reading goes forward in time, so few are needed again.
const DECODED_MAX: usize = 16;

/// How many rows of the head are read at once: a series may have millions. Fewer in tests, so that they meet the seams.
const STRETCH_ROWS: usize = if cfg!(test) { 2000 } else { 1 << 16 };

impl Source {
    /// Opens a series for reads within `[from, to)`.
    pub(in crate::telemetry) fn open(track: &Track, from: i64, to: i64, position: u64) -> Self {
        let snapshot = track.snapshot(from.clamp(0, LATEST), to.clamp(0, LATEST), position);
        Self::of_moment(track.series.id, snapshot, position)
    }

    /// Reads what a series was at one position.
    pub(in crate::telemetry) fn of_moment(series: SeriesId, snapshot: SeriesSnapshot, position: u64) -> Self {
        Self { series, snapshot, position, decoded: VecDeque::new() }
    }

    /// Fills `rows` with those of `[from, to)` in order of instant and arrival; refused where some of them have expired.
    pub(in crate::telemetry) fn rows(
        &mut self,
        from: i64,
        to: i64,
        rows: &mut Vec<Row>,
    ) -> Result<(), Error> {
        rows.clear();
        self.refuse_expired(from, to)?;
        let mut sources = 0;
        for index in 0..self.snapshot.chunks.len() {
            let entry = self.snapshot.chunks[index].entry;
            if entry.at.0 < to && from <= entry.at.1 && entry.position.0 <= self.position {
                let (position, before) = (self.position, rows.len());
                let pages = self.open_chunk(index)?.columns.within(from, to);
                let decoded = between(self.decode(index, pages)?, from, to);
                if entry.position.1 <= position {
                    rows.extend_from_slice(decoded);
                } else {
                    rows.extend(decoded.iter().filter(|row| row.position() <= position));
                }
                sources += usize::from(rows.len() > before);
            }
        }
        let head = between(&self.snapshot.head, from, to);
        rows.extend(head);
        if sources + usize::from(!head.is_empty()) > 1 {
            // Stable: rows of one instant and batch lie in one source, in their order.
            rows.sort_by_key(|row| (row.at, row.position()));
        }
        Ok(())
    }

    /// Fills `weighed` with the samples of `[from, to)` and the time that each counts for; `rows` is room for it.
    pub(in crate::telemetry) fn weighed(
        &mut self,
        (from, to): (i64, i64),
        hold: Hold,
        rows: &mut Vec<Row>,
        weighed: &mut Vec<Weighed>,
    ) -> Result<(), Error> {
        self.rows(from, to, rows)?;
        let last = match rows.last() {
            Some(last) => self.weight_of(last.at, to, hold)?,
            None => 0,
        };
        weights::weigh(rows, hold, last, weighed);
        Ok(())
    }

    /// Returns how long the sample at `at` counts; the next one comes at `from` or later.
    pub(in crate::telemetry) fn weight_of(&mut self, at: i64, from: i64, hold: Hold) -> Result<u64, Error> {
        let next = self.first_from(from, hold.end(at))?;
        Ok(hold.counted(next.map_or(u64::MAX, |next| next.abs_diff(at))))
    }

    /// Returns until when the last sample before `from` counts, if that is later than `from`, and whether its value is plausible.
    pub(in crate::telemetry) fn overhang(
        &mut self,
        from: i64,
        hold: Hold,
        plausible: Plausible,
    ) -> Result<Option<(i64, bool)>, Error> {
        let since = hold.start(from).max(0);
        let known = self.rollup_before(from);
        if known.is_some_and(|last| last < since) {
            return Ok(None);
        }
        let next = self.first_from(from, from.saturating_add_unsigned(hold.nanos()))?;
        if next == Some(from) {
            return Ok(None);
        }
        let (last, is_plausible) = match known.filter(|_| plausible == Plausible::ALL) {
            Some(last) => (last, true),
            None => match self.last_before(since, from) {
                Ok(Some(last)) => (last.at.nanos(), plausible.contains(last.value)),
                // There is none, or retention dropped it and no rollup has it.
                Ok(None) | Err(Error::Expired { .. }) => return Ok(None),
                Err(error) => return Err(error),
            },
        };
        let weight = hold.counted(next.map_or(u64::MAX, |next| next.abs_diff(last)));
        Ok(Some((last.saturating_add_unsigned(weight), is_plausible)).filter(|(end, _)| *end > from))
    }

    /// Returns the last instant before `to` where a rollup that ends there has it.
    fn rollup_before(&self, to: i64) -> Option<i64> {
        let slots = Level::ALL.into_iter().map(|level| level.slot(to - 1)).filter(|slot| slot.end() == to);
        let found = slots.filter_map(|slot| self.rollup_of(slot));
        found.filter_map(|rollup| rollup.entry.at).map(|at| at.1).next()
    }

    /// Returns the rollup of a slot, if it serves.
    fn rollup_of(&self, slot: Slot) -> Option<&StoredRollup> {
        let rollups = &self.snapshot.rollups;
        let index = rollups.binary_search_by_key(&slot, |rollup| rollup.entry.slot).ok()?;
        Some(&rollups[index]).filter(|rollup| self.serves(rollup))
    }

    /// Returns the first instant of `[from, to)` at which there is a sample, or was one that a rollup still has.
    pub(in crate::telemetry) fn first_from(&mut self, from: i64, to: i64) -> Result<Option<i64>, Error> {
        let known = self.beginning(from, from.saturating_add(1)).filter(|rollup| self.serves(rollup));
        if let Some((first, _)) = known.filter_map(|rollup| rollup.entry.at).next() {
            return Ok(Some(first).filter(|first| *first < to));
        }
        let mut first = between(&self.snapshot.head, from, to).first().map_or(to, |row| row.at);
        for index in 0..self.snapshot.chunks.len() {
            let entry = self.snapshot.chunks[index].entry;
            if entry.at.1 < from || first <= entry.at.0 || self.position < entry.position.0 {
                continue;
            }
            first = if from <= entry.at.0 && entry.position.1 <= self.position {
                entry.at.0
            } else {
                self.first_of_chunk(index, from, first)?.unwrap_or(first)
            };
        }
        let end = first;
        let expired = self.snapshot.expired.iter().filter(|expired| expired.from < end && from < expired.to);
        let remains = expired.flat_map(|expired| self.remains(expired, from, end));
        for rollup in remains.filter(|rollup| rollup.entry.slot.start >= from) {
            first = rollup.first()?.map_or(first, |at| at.min(first));
        }
        Ok(Some(first).filter(|first| *first < to))
    }

    /// Returns the first instant of `[from, to)` of a chunk.
    fn first_of_chunk(&mut self, index: usize, from: i64, to: i64) -> Result<Option<i64>, Error> {
        let position = self.position;
        let pages = self.open_chunk(index)?.columns.within(from, to);
        for page in pages {
            let decoded = self.decode(index, page..page + 1)?;
            let seen = |row: &&Row| row.position() <= position;
            if let Some(first) = between(decoded, from, to).iter().find(seen) {
                return Ok(Some(first.at));
            }
        }
        Ok(None)
    }

    /// Returns the end of a stretch from `from` on that is worth reading at once: about a chunk, and no more of the head than
    /// [`STRETCH_ROWS`], as far as the rows are of different instants.
    pub(in crate::telemetry) fn stretch(&self, from: i64, to: i64) -> i64 {
        let chunks = self.snapshot.chunks.iter().map(|chunk| chunk.entry.at);
        let ends = chunks.filter(|at| at.0 < to && from <= at.1).map(|at| at.1 + 1);
        let end = ends.min().map_or(to, |end| end.min(to));
        let head = between(&self.snapshot.head, from, end);
        head.get(STRETCH_ROWS).map_or(end, |row| row.at.max(from + 1))
    }

    /// Returns the first `limit` samples of `[from, to)`, one an instant.
    pub(in crate::telemetry) fn samples(
        &mut self,
        from: i64,
        to: i64,
        limit: usize,
    ) -> Result<Vec<Sample>, Error> {
        let (mut samples, mut from) = (Vec::new(), from.clamp(0, LATEST));
        let (to, mut rows) = (to.clamp(0, LATEST), Vec::new());
        while from < to && samples.len() < limit {
            let end = self.stretch(from, to);
            self.rows(from, end, &mut rows)?;
            samples.extend(last_arrivals(&rows).take(limit - samples.len()));
            from = end;
        }
        Ok(samples)
    }

    /// Refuses a span in which there were samples that have expired.
    fn refuse_expired(&self, from: i64, to: i64) -> Result<(), Error> {
        let expired = self.snapshot.expired.iter().filter(|expired| expired.from < to && from < expired.to);
        for expired in expired {
            if self.remains(expired, from, to).next().is_some() {
                return Err(self.expired(expired));
            }
        }
        Ok(())
    }

    /// Returns the rollups that show where in `[from, to)` there were samples that have expired.
    fn remains(
        &self,
        expired: &Expired,
        from: i64,
        to: i64,
    ) -> impl DoubleEndedIterator<Item = &StoredRollup> {
        let (from, to, level) = (from.max(expired.from), to.min(expired.to), expired.level);
        let end = self.snapshot.rollups.partition_point(|rollup| rollup.entry.slot.start < to);
        let rollups = self.snapshot.rollups[..end].iter();
        rollups.filter(move |rollup| rollup.entry.slot.level >= level && from < rollup.entry.slot.end())
    }

    fn expired(&self, expired: &Expired) -> Error {
        let span = (Instant::from_nanos(expired.from), Instant::from_nanos(expired.to));
        Error::Expired { series: self.series, from: span.0, to: span.1 }
    }

    /// Returns the last sample before `to`, if it is not before `since`.
    pub(in crate::telemetry) fn last_before(&mut self, since: i64, to: i64) -> Result<Option<Sample>, Error> {
        let mut order: Vec<usize> = (0..self.snapshot.chunks.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(self.snapshot.chunks[*index].entry.at.1));
        let mut best = between(&self.snapshot.head, 0, to).last().copied();
        for index in order {
            let entry = self.snapshot.chunks[index].entry;
            if best.is_some_and(|best| entry.at.1 < best.at) || entry.at.1 < since {
                break;
            }
            if entry.at.0 >= to || entry.position.0 > self.position {
                continue;
            }
            let last = self.last_of_chunk(index, to)?;
            best = best.into_iter().chain(last).max_by_key(|row| (row.at, row.position()));
        }
        let best = best.filter(|row| row.at >= since).map(sample);
        Ok(self.last_expired(best.map_or(since, |best| best.at.nanos() + 1), to)?.or(best))
    }

    /// Returns the last row of a chunk before `to`.
    fn last_of_chunk(&mut self, index: usize, to: i64) -> Result<Option<Row>, Error> {
        let position = self.position;
        let seen = |row: &&Row| row.position() <= position;
        let pages = self.open_chunk(index)?.columns.within(i64::MIN, to);
        for page in pages.rev() {
            let decoded = self.decode(index, page..page + 1)?;
            if let Some(last) = between(decoded, 0, to).iter().rev().find(seen) {
                return Ok(Some(*last));
            }
        }
        Ok(None)
    }

    /// Returns the last sample of `[from, to)` among those that have expired, as far as a rollup still has it.
    fn last_expired(&self, from: i64, to: i64) -> Result<Option<Sample>, Error> {
        let spans =
            self.snapshot.expired.iter().rev().filter(|expired| expired.from < to && from < expired.to);
        for expired in spans {
            let Some(rollup) = self.remains(expired, from, to).max_by_key(|rollup| rollup.entry.slot.end())
            else {
                continue;
            };
            let slot = rollup.entry.slot;
            if to < slot.end() || !self.serves(rollup) {
                return Err(self.expired(expired));
            }
            let last = rollup.read()?.tally.last;
            return Ok(last.filter(|last| last.at.nanos() >= from));
        }
        Ok(None)
    }

    /// Returns the rollups within `[from, to)` whose samples are all seen and to which none were added, by start, the
    /// longest first.
    pub(in crate::telemetry) fn rollups(&self, from: i64, to: i64) -> impl Iterator<Item = &StoredRollup> {
        self.beginning(from, to).filter(move |rollup| self.serves_before(rollup, to))
    }

    /// Returns the rollups that begin within `[from, to)`, by start, the longest first, whether or not they serve.
    pub(super) fn beginning(&self, from: i64, to: i64) -> impl Iterator<Item = &StoredRollup> {
        let start = self.snapshot.rollups.partition_point(|rollup| rollup.entry.slot.start < from);
        self.snapshot.rollups[start..].iter().take_while(move |rollup| rollup.entry.slot.start < to)
    }

    /// Returns whether a rollup ends by `to`, all its samples are seen and none were added to it.
    pub(in crate::telemetry) fn serves_before(&self, rollup: &StoredRollup, to: i64) -> bool {
        rollup.entry.slot.end() <= to && self.serves(rollup)
    }

    fn serves(&self, rollup: &StoredRollup) -> bool {
        let slot = rollup.entry.slot;
        (rollup.entry.version >= ROLLUPS_SINCE || self.is_expired(slot))
            && rollup.entry.position <= self.position
            && between(&self.snapshot.head, slot.start, slot.end()).is_empty()
    }

    /// Returns whether samples of a slot have expired, so that only a rollup can answer.
    pub(in crate::telemetry) fn is_expired(&self, slot: Slot) -> bool {
        self.snapshot.expired.iter().any(|expired| expired.from < slot.end() && slot.start < expired.to)
    }

    /// Returns what the series consists of.
    pub(in crate::telemetry) fn snapshot(&self) -> &SeriesSnapshot {
        &self.snapshot
    }

    /// Returns the rows of some pages of a chunk; there may be more before and behind them.
    fn decode(&mut self, index: usize, pages: Range<usize>) -> Result<&[Row], Error> {
        let chunk = self.snapshot.chunks[index].clone();
        let known = self.open_chunk(index)?;
        if pages.start < known.pages.start || known.pages.end < pages.start {
            known.rows.clear();
            known.pages = pages.start..pages.start;
        }
        if known.pages.end < pages.end {
            known.rows.append(&mut chunk.pages(&known.columns, known.pages.end..pages.end)?);
            known.pages.end = pages.end;
        }
        Ok(&known.rows)
    }

    /// Opens a chunk, of which nothing is decoded then, unless it still is.
    fn open_chunk(&mut self, index: usize) -> Result<&mut Decoded, Error> {
        let known = self.decoded.iter().position(|known| known.chunk == index);
        let at = match known {
            Some(at) => at,
            None => {
                let columns = self.snapshot.chunks[index].columns()?;
                if self.decoded.len() == DECODED_MAX {
                    self.decoded.pop_front();
                }
                self.decoded.push_back(Decoded { chunk: index, columns, pages: 0..0, rows: Vec::new() });
                self.decoded.len() - 1
            }
        };
        Ok(&mut self.decoded[at])
    }
}

/// Returns the rows of `[from, to)` of rows in time order.
pub(in crate::telemetry) fn between(rows: &[Row], from: i64, to: i64) -> &[Row] {
    let start = rows.partition_point(|row| row.at < from);
    let end = rows.partition_point(|row| row.at < to);
    &rows[start..end.max(start)]
}

/// Returns the rows of a slot.
pub(super) fn of_slot(rows: &[Row], slot: Slot) -> &[Row] {
    between(rows, slot.start, slot.end())
}

/// Keeps of the rows of one instant the last arrival.
fn last_arrivals(rows: &[Row]) -> impl Iterator<Item = Sample> + '_ {
    rows.chunk_by(|a, b| a.at == b.at).filter_map(|instant| instant.last()).map(|row| sample(*row))
}

fn sample(row: Row) -> Sample {
    Sample { at: Instant::from_nanos(row.at), value: row.value }
}
