//! Compaction: parts become fewer and hold less that no longer counts, without any answer changing.
//!
//! A step takes some parts and writes what of them still counts to a new one: rollups and full chunks as they are, chunks
//! of one series that are short or lie over each other merged. An arrival that a later one of its instant replaced goes
//! where every readable watermark and every pin of the series sees both or neither; the later one counts it from then on. Memory holds the
//! rows of one run of chunks at a time, and the new part's directory.
//!
//! The parts are not locked while they are read and written: sealings and pins go on. What they change meanwhile is left out when the
//! new part is published: a run of which a chunk was sealed anew, a rollup that is outdated, and a run whose replaced arrivals a
//! new pin distinguishes stay where they are.

pub(super) mod choice;

use crate::telemetry::error::Error;
use crate::telemetry::file::columns;
use crate::telemetry::ingest::catalog::Catalog;
use crate::telemetry::part::{ChunkEntry, Draft, RollupEntry};
use crate::telemetry::read::track::{Chunk, StoredRollup, Track};
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::series::row::Row;
use crate::telemetry::store::parts::Parts;
use crate::telemetry::store::pins::SeriesPins;
use crate::telemetry::store::seal::{CHUNK_ROWS, chunk_entry, cut};
use choice::{Bounds, Choice};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A run of chunks that lie over each other is cut at so many rows.
const RUN_ROWS: usize = 64 * CHUNK_ROWS;

/// A new part that is written, and what of it counts if nothing changed meanwhile.
#[derive(Debug)]
pub(in crate::telemetry) struct Rewritten {
    draft: Draft,
    choice: Choice,
    runs: Vec<Run>,
    rollups: Vec<CopiedRollup>,
    /// The pins when it was begun.
    pinned: HashMap<SeriesId, SeriesPins>,
    /// Whether something could not be read.
    is_partial: bool,
}

/// Some chunks of a series and what was made of them.
#[derive(Debug)]
struct Run {
    track: Arc<Track>,
    /// Parts and offsets.
    sources: Vec<(u64, u64)>,
    made: Vec<ChunkEntry>,
    /// From this position on watermarks see no difference.
    floor: u64,
    /// How many rows went.
    dropped: usize,
}

/// A rollup and the part that it was copied from.
#[derive(Debug)]
struct CopiedRollup {
    track: Arc<Track>,
    entry: RollupEntry,
    source: u64,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) enum Published {
    /// A part, under its number, from which something went or that replaces several.
    Part(u64),
    /// A part from which nothing went, though that was what it was made for.
    Futile(u64),
    /// Nothing, for all of it changed meanwhile.
    Nothing,
}

/// Writes what of the chosen parts counts to a draft; `None` where it is to stop.
pub(in crate::telemetry) fn rewrite(
    draft: Draft,
    choice: Choice,
    catalog: &Catalog,
    bounds: Bounds,
    stop: &AtomicBool,
) -> Result<Option<Rewritten>, Error> {
    let tracks = catalog.read().tracks().to_vec();
    #[cfg(test)]
    amid::pass();
    let Bounds { readable_from, pinned } = bounds;
    let mut rewritten =
        Rewritten { draft, choice, runs: Vec::new(), rollups: Vec::new(), pinned, is_partial: false };
    for track in &tracks {
        if !rewritten.chunks(track, readable_from, stop)? {
            return Ok(None);
        }
    }
    for track in &tracks {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        rewritten.copy_rollups(track)?;
    }
    rewritten.draft.sync()?;
    Ok(Some(rewritten))
}

/// What a test does amid the next rewriting on its thread.
#[cfg(test)]
pub(in crate::telemetry) mod amid {
    use std::cell::RefCell;

    type Deed = Box<dyn FnOnce()>;

    thread_local!(static DEED: RefCell<Option<Deed>> = const { RefCell::new(None) });

    pub(in crate::telemetry) fn arm(deed: impl FnOnce() + 'static) {
        DEED.set(Some(Box::new(deed)));
    }

    pub(super) fn pass() {
        if let Some(deed) = DEED.take() {
            deed();
        }
    }
}

impl Rewritten {
    /// Writes the chunks of a series anew; returns whether it came to the end.
    fn chunks(&mut self, track: &Arc<Track>, readable_from: u64, stop: &AtomicBool) -> Result<bool, Error> {
        let snapshot = track.snapshot(0, 0, 0);
        let mine = snapshot.chunks.iter().filter(|chunk| self.choice.chosen.contains(&chunk.part.number));
        let mut chunks: Vec<&Chunk> = mine.collect();
        chunks.sort_by_key(|chunk| (chunk.entry.at, chunk.entry.position));
        let mut rest = &chunks[..];
        while !rest.is_empty() {
            if stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let (run, more) = rest.split_at(run(rest.iter().map(|chunk| &chunk.entry)));
            let run = match run {
                [one] if one.entry.doubles == 0 || one.entry.position.0 > readable_from => {
                    self.copy(track, one)
                }
                run => self.merge(track, run, readable_from),
            };
            match run {
                Ok(run) => self.runs.push(run),
                Err(error @ Error::Damaged { .. }) => self.skip_damaged(&error),
                Err(error) => return Err(error),
            }
            rest = more;
        }
        Ok(true)
    }

    /// Lets what cannot be read stay where it is: it is refused when it is asked for, and compaction goes on with the rest.
    fn skip_damaged(&mut self, error: &Error) {
        tracing::warn!("compaction leaves what cannot be read: {error}");
        self.is_partial = true;
    }

    /// Returns the parts that it was made of, where some of them had to be left as it is.
    pub(in crate::telemetry) fn unreadable(&self) -> Option<BTreeSet<u64>> {
        self.is_partial.then(|| self.choice.chosen.clone())
    }

    fn copy(&mut self, track: &Arc<Track>, chunk: &Chunk) -> Result<Run, Error> {
        let extent = self.draft.put(&chunk.part.read(chunk.entry.extent)?)?;
        let made = vec![ChunkEntry { extent, ..chunk.entry }];
        Ok(Run { track: Arc::clone(track), sources: vec![source(chunk)], made, floor: 0, dropped: 0 })
    }

    fn merge(&mut self, track: &Arc<Track>, run: &[&Chunk], readable_from: u64) -> Result<Run, Error> {
        let mut rows = Vec::new();
        for chunk in run {
            rows.append(&mut chunk.rows()?);
        }
        // Stable: rows of one instant and batch lie in one chunk, in their order.
        rows.sort_by_key(|row| (row.at, row.position()));
        let (id, before) = (track.series.id, rows.len());
        let pinned = self.pinned.get(&id);
        let floor = drop_replaced(&mut rows, readable_from, pinned);
        let mut made = Vec::new();
        for rows in cut(&rows) {
            let extent = self.draft.put(&columns::encode(rows))?;
            made.push(chunk_entry(id, extent, rows, pinned));
        }
        let sources = run.iter().map(|chunk| source(chunk)).collect();
        Ok(Run { track: Arc::clone(track), sources, made, floor, dropped: before - rows.len() })
    }

    fn copy_rollups(&mut self, track: &Arc<Track>) -> Result<(), Error> {
        let snapshot = track.snapshot(0, 0, 0);
        for rollup in snapshot.rollups.iter() {
            let source = rollup.part.number;
            if self.choice.chosen.contains(&source) {
                let bytes = match rollup.part.read(rollup.entry.extent) {
                    Ok(bytes) => bytes,
                    Err(error @ Error::Damaged { .. }) => {
                        self.skip_damaged(&error);
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                let extent = self.draft.put(&bytes)?;
                let entry = RollupEntry { extent, ..rollup.entry };
                self.rollups.push(CopiedRollup { track: Arc::clone(track), entry, source });
            }
        }
        Ok(())
    }

    /// Makes the new part durable and shows it; `pinned` are the pins of now.
    pub(in crate::telemetry) fn publish(
        self,
        parts: &mut Parts,
        catalog: &Catalog,
        pinned: &HashMap<SeriesId, SeriesPins>,
    ) -> Result<Published, Error> {
        let mut directory = parts.directory(catalog);
        let (mut dropped, mut floor) = (0, 0);
        for run in self.runs.iter().filter(|run| run.stays(&self.pinned, pinned)) {
            let id = run.track.series.id;
            directory.chunks.extend(&run.made);
            directory.replaced.extend(run.sources.iter().map(|(part, offset)| (id, *part, *offset)));
            (dropped, floor) = (dropped + run.dropped, run.floor.max(floor));
        }
        for rollup in self.rollups.iter().filter(|rollup| rollup.stays()) {
            directory.rollups.push(rollup.entry);
            directory.outdated.push((rollup.track.series.id, rollup.entry.slot, rollup.source));
        }
        if directory.replaced.is_empty() && directory.outdated.is_empty() {
            return Ok(Published::Nothing);
        }
        directory.horizon.floor = directory.horizon.floor.max(floor);
        let stubs = parts.sizes().into_iter().filter(|(_, part)| part.live == 0).map(|(number, _)| number);
        let absorbed = self.choice.chosen.iter().copied().chain(stubs).collect();
        parts.absorb(&absorbed, &mut directory)?;
        let number = parts.publish(catalog, self.draft, &directory)?;
        let is_futile = self.choice.for_replaced && dropped == 0;
        Ok(if is_futile { Published::Futile(number) } else { Published::Part(number) })
    }
}

fn source(chunk: &Chunk) -> (u64, u64) {
    (chunk.part.number, chunk.entry.extent.offset)
}

impl Run {
    /// Returns whether all that it was made of is still there, and no pin that came meanwhile distinguishes what was dropped.
    fn stays(&self, before: &HashMap<SeriesId, SeriesPins>, now: &HashMap<SeriesId, SeriesPins>) -> bool {
        let id = self.track.series.id;
        let pins =
            |pinned: &HashMap<SeriesId, SeriesPins>| pinned.get(&id).map(|pinned| pinned.positions.clone());
        let (before, now) = (pins(before).unwrap_or_default(), pins(now).unwrap_or_default());
        let is_apart = now.iter().any(|pin| *pin < self.floor && before.binary_search(pin).is_err());
        let snapshot = self.track.snapshot(0, 0, 0);
        let there: HashSet<(u64, u64)> = snapshot.chunks.iter().map(source).collect();
        !is_apart && self.sources.iter().all(|source| there.contains(source))
    }
}

impl CopiedRollup {
    /// Returns whether what it was copied from still counts.
    fn stays(&self) -> bool {
        let snapshot = self.track.snapshot(0, 0, 0);
        let is_it =
            |rollup: &StoredRollup| rollup.part.number == self.source && rollup.entry.slot == self.entry.slot;
        snapshot.rollups.iter().any(is_it)
    }
}

/// Returns how many of the first chunks belong together: they lie over each other, or fill one chunk.
fn run<'a>(chunks: impl IntoIterator<Item = &'a ChunkEntry>) -> usize {
    let (mut rows, mut end, mut length) = (0, i64::MIN, 0);
    for chunk in chunks {
        let more = chunk.rows as usize;
        let joins = chunk.at.0 <= end && rows + more <= RUN_ROWS;
        if length > 0 && !joins && rows + more > CHUNK_ROWS {
            break;
        }
        (rows, end, length) = (rows + more, end.max(chunk.at.1), length + 1);
    }
    length
}

/// Drops the rows that a later arrival of their instant replaced, where no pin and no watermark from `readable_from` on distinguishes
/// the two; returns the position from which on watermarks see no difference.
fn drop_replaced(rows: &mut Vec<Row>, readable_from: u64, pinned: Option<&SeriesPins>) -> u64 {
    let (mut floor, mut kept) = (0, Vec::with_capacity(rows.len()));
    for row in rows.iter() {
        let mut row = *row;
        if let Some(last) = kept.last().copied().filter(|last: &Row| last.at == row.at) {
            let (from, to) = (last.position(), row.position());
            let alike =
                from == to || (to <= readable_from && !pinned.is_some_and(|pinned| pinned.parts(from, to)));
            if let Some(covering) = row.in_place_of(last).filter(|_| alike) {
                kept.pop();
                row = covering;
                floor = if from < to { to.max(floor) } else { floor };
            }
        }
        kept.push(row);
    }
    *rows = kept;
    floor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::part::Extent;

    #[test]
    fn a_run_is_what_memory_may_hold() {
        let chunk = |from: i64, to: i64, rows: usize| ChunkEntry {
            series: SeriesId(0),
            extent: Extent { offset: 0, length: 0, sum: 0 },
            rows: rows as u32,
            at: (from, to),
            position: (0, 0),
            doubles: 0,
        };
        let check = |chunks: &[ChunkEntry], expect: usize| assert_eq!(run(chunks), expect, "{chunks:?}");
        let full = CHUNK_ROWS;
        check(&[chunk(0, 9, full)], 1);
        check(&[chunk(0, 9, full), chunk(10, 19, full)], 1);
        check(&[chunk(0, 9, full / 2), chunk(10, 19, full / 2), chunk(20, 29, 1)], 2);
        check(&[chunk(0, 9, full), chunk(5, 30, full), chunk(30, 40, full), chunk(41, 50, full)], 3);
        // However many lie over each other, so many rows and no more are in memory at a time.
        check(&vec![chunk(0, 9, full); 1000], RUN_ROWS / full);
        check(&vec![chunk(0, 9, full - 1); 1000], RUN_ROWS / (full - 1));
    }

    #[test]
    fn a_replaced_arrival_is_dropped_where_no_pin_distinguishes_it() {
        let check =
            |positions: &[u64], readable_from: u64, pins: &[u64], expect: &[(u64, u8)], floor: u64| {
                let pinned = SeriesPins { positions: pins.to_vec(), windows: Vec::new() };
                let mut rows: Vec<_> =
                    positions.iter().map(|position| Row::new(5, 1.0, *position, true)).collect();
                let got = drop_replaced(&mut rows, readable_from, Some(&pinned));
                let left: Vec<_> = rows.iter().map(|row| (row.position(), row.overwritten())).collect();
                assert_eq!((left.as_slice(), got), (expect, floor), "{positions:?} {readable_from} {pins:?}");
                assert_eq!(rows.iter().map(|row| usize::from(row.late())).sum::<usize>(), positions.len());
            };
        check(&[1, 3, 5], 9, &[], &[(5, 2)], 5);
        check(&[1, 3, 5], 4, &[], &[(3, 1), (5, 0)], 3);
        check(&[1, 3, 5], 2, &[], &[(1, 0), (3, 0), (5, 0)], 0);
        check(&[1, 3, 5], 9, &[3], &[(3, 1), (5, 0)], 3);
        check(&[1, 3, 5], 9, &[2], &[(1, 0), (5, 1)], 5);
        check(&[1, 3, 5], 9, &[5, 6], &[(5, 2)], 5);
        check(&[1, 3, 5], 9, &[0], &[(5, 2)], 5);
        check(&[4, 4, 4], 0, &[], &[(4, 2)], 0);
        check(&[1; 300], 0, &[], &[(1, 254), (1, 44)], 0);
    }
}
