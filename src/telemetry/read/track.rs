//! One series: its name, the rows that are in memory only, and where the others lie.

use crate::telemetry::aggregate::slot::Slot;
use crate::telemetry::error::Error;
use crate::telemetry::file::bytes::Short;
use crate::telemetry::file::columns::Columns;
use crate::telemetry::part::expired::Expired;
use crate::telemetry::part::{ChunkEntry, Part, RollupEntry};
use crate::telemetry::read::derived::Edition;
use crate::telemetry::series::key::{Series, SeriesId};
use crate::telemetry::series::row::Row;
use foldhash::HashMap;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A series and its samples.
#[derive(Debug)]
pub(in crate::telemetry) struct Track {
    /// Its name.
    pub(in crate::telemetry) series: Series,
    born: AtomicU64,
    /// The position from which on the series is not there; the greatest number where it was not deleted.
    deleted: AtomicU64,
    closed: AtomicI64,
    body: RwLock<Body>,
}

/// The samples of a series.
#[derive(Debug)]
pub(in crate::telemetry) struct Body {
    /// Rows that are in no chunk yet.
    head: Vec<Row>,
    /// Whether the head is in time order.
    sorted: bool,
    /// The latest instant that has arrived.
    newest: i64,
    /// Chunks, in the order they were made.
    chunks: Arc<Vec<Chunk>>,
    /// Rollups, by start, the longest first.
    rollups: Arc<Vec<StoredRollup>>,
    /// Spans whose samples have expired.
    expired: Arc<Vec<Expired>>,
}

/// What a part brings to a series, and what it takes away.
#[derive(Debug, Default)]
pub(in crate::telemetry) struct SeriesDelta {
    /// Chunks.
    pub(in crate::telemetry) chunks: Vec<Chunk>,
    /// Rollups.
    pub(in crate::telemetry) rollups: Vec<StoredRollup>,
    /// Chunks that count no longer, by part and offset.
    pub(in crate::telemetry) replaced: HashSet<(u64, u64)>,
    /// Rollups that count no longer, by part.
    pub(in crate::telemetry) outdated: HashSet<(u64, Slot)>,
    /// All spans of the series whose samples have expired.
    pub(in crate::telemetry) expired: Vec<Expired>,
}

/// A chunk and the part it lies in.
#[derive(Clone, Debug)]
pub(in crate::telemetry) struct Chunk {
    /// Its entry in the directory.
    pub(in crate::telemetry) entry: ChunkEntry,
    /// Where it lies.
    pub(in crate::telemetry) part: Arc<Part>,
}

/// A rollup and the part it lies in.
#[derive(Clone, Debug)]
pub(in crate::telemetry) struct StoredRollup {
    /// Its entry in the directory.
    pub(in crate::telemetry) entry: RollupEntry,
    /// Where it lies.
    pub(in crate::telemetry) part: Arc<Part>,
}

/// What a series' samples were at one position, as far as a reader needs them.
#[derive(Clone, Debug)]
pub(in crate::telemetry) struct SeriesSnapshot {
    /// Rows of the head, in order.
    pub(in crate::telemetry) head: Arc<Vec<Row>>,
    /// The latest instant that has arrived.
    pub(in crate::telemetry) newest: i64,
    /// All chunks.
    pub(in crate::telemetry) chunks: Arc<Vec<Chunk>>,
    /// All rollups.
    pub(in crate::telemetry) rollups: Arc<Vec<StoredRollup>>,
    /// Spans whose samples have expired.
    pub(in crate::telemetry) expired: Arc<Vec<Expired>>,
}

impl Chunk {
    /// Reads the rows.
    pub(in crate::telemetry) fn rows(&self) -> Result<Vec<Row>, Error> {
        let columns = self.columns()?;
        self.pages(&columns, 0..columns.pages())
    }

    /// Reads the columns, of which nothing is restored yet.
    pub(in crate::telemetry) fn columns(&self) -> Result<Columns, Error> {
        let bytes = self.part.read(self.entry.extent)?;
        let columns = Columns::open(bytes, self.entry.rows as usize, self.entry.position.0);
        columns.map_err(|Short| self.part.damaged(self.entry.extent))
    }

    /// Restores the rows of some pages of its columns.
    pub(in crate::telemetry) fn pages(
        &self,
        columns: &Columns,
        pages: Range<usize>,
    ) -> Result<Vec<Row>, Error> {
        columns.rows(pages).map_err(|Short| self.part.damaged(self.entry.extent))
    }
}

impl Track {
    /// Makes a series without samples.
    pub(in crate::telemetry) fn new(series: Series, born: u64) -> Self {
        let body = Body {
            head: Vec::new(),
            sorted: true,
            newest: i64::MIN,
            chunks: Arc::default(),
            rollups: Arc::default(),
            expired: Arc::default(),
        };
        let deleted = AtomicU64::new(u64::MAX);
        Self {
            series,
            born: AtomicU64::new(born),
            deleted,
            closed: AtomicI64::new(i64::MIN),
            body: RwLock::new(body),
        }
    }

    /// Returns the position of the batch that brought its first sample.
    pub(in crate::telemetry) fn born(&self) -> u64 {
        self.born.load(Ordering::Relaxed)
    }

    /// Returns whether the series is there at a position.
    pub(in crate::telemetry) fn is_at(&self, position: u64) -> bool {
        self.born() <= position && self.deleted().is_none_or(|deleted| position < deleted)
    }

    /// Returns the position from which on it is not there.
    pub(in crate::telemetry) fn deleted(&self) -> Option<u64> {
        Some(self.deleted.load(Ordering::Relaxed)).filter(|deleted| *deleted < u64::MAX)
    }

    /// Lets it be there only before a position.
    pub(in crate::telemetry) fn delete(&self, position: u64) {
        self.deleted.store(position, Ordering::Relaxed);
    }

    /// Records which batch brings it.
    pub(in crate::telemetry) fn set_born(&self, position: u64) {
        self.born.store(position, Ordering::Relaxed);
    }

    /// Returns the instant before which no sample is taken any more.
    pub(in crate::telemetry) fn closed(&self) -> i64 {
        self.closed.load(Ordering::Relaxed)
    }

    /// Takes no sample before `to` any more.
    pub(in crate::telemetry) fn close(&self, to: i64) {
        self.closed.fetch_max(to, Ordering::Relaxed);
    }

    /// Returns the earliest and the latest instant that are there.
    pub(in crate::telemetry) fn extremes(&self) -> Option<(i64, i64)> {
        let body = self.read();
        let chunks = body.chunks.iter().map(|chunk| chunk.entry.at);
        let head = body.head.first().zip(body.head.last()).map(|(first, last)| (first.at, last.at));
        chunks.chain(head).reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// Returns the spans whose samples have expired.
    pub(in crate::telemetry) fn expired(&self) -> Arc<Vec<Expired>> {
        Arc::clone(&self.read().expired)
    }

    /// Opens the samples for change.
    pub(in crate::telemetry) fn write(&self) -> RwLockWriteGuard<'_, Body> {
        self.body.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the samples for reading, the head in order.
    fn read(&self) -> RwLockReadGuard<'_, Body> {
        loop {
            let body = self.body.read().unwrap_or_else(PoisonError::into_inner);
            if body.sorted {
                return body;
            }
            drop(body);
            self.write().sort();
        }
    }

    /// Returns which chunks hold the samples of `[from, to)` at `position`, and nothing but them: two positions with the same chunks have the
    /// same samples there. `None` where rows are in memory only, have arrived since, or have expired.
    pub(in crate::telemetry) fn edition(&self, from: i64, to: i64, position: u64) -> Option<Edition> {
        let body = self.read();
        let is_expired = body.expired.iter().any(|expired| expired.from < to && from < expired.to);
        if is_expired || !body.within(from, to).is_empty() {
            return None;
        }
        let chunks = body.chunks.iter().map(|chunk| (&chunk.entry, chunk.part.number));
        let chunks = chunks.filter(|(entry, _)| entry.at.0 < to && from <= entry.at.1);
        chunks
            .map(|(entry, part)| (entry.position.1 <= position).then_some((part, entry.extent.offset)))
            .collect()
    }

    /// Returns what is there now: of the head the rows of `[from, to)` that had arrived at `position`.
    pub(in crate::telemetry) fn snapshot(&self, from: i64, to: i64, position: u64) -> SeriesSnapshot {
        let body = self.read();
        let rows = body.within(from, to);
        // Room for all at once: growth would copy the rows, and for a moment hold them twice.
        let mut head = Vec::with_capacity(rows.len());
        head.extend(rows.iter().filter(|row| row.position() <= position));
        SeriesSnapshot {
            head: Arc::new(head),
            newest: body.newest,
            chunks: Arc::clone(&body.chunks),
            rollups: Arc::clone(&body.rollups),
            expired: Arc::clone(&body.expired),
        }
    }
}

impl Body {
    /// Takes in a sample. Samples arrive in the order of their positions.
    #[inline]
    pub(in crate::telemetry) fn push(&mut self, at: i64, value: f64, position: u64) {
        let row = Row::new(at, value, position, at < self.newest);
        self.newest = self.newest.max(at);
        match self.head.last_mut().map(|last| (row.in_place_within_batch(*last), last)) {
            Some((Some(both), last)) => *last = both,
            last => {
                self.sorted &= last.is_none_or(|(_, last)| last.at <= at);
                self.head.push(row);
            }
        }
    }

    /// Takes over what a part holds instead of the rows up to `position`, and drops what it replaces;
    /// returns the part and the length of each dropped block.
    pub(in crate::telemetry) fn adopt(&mut self, position: u64, delta: SeriesDelta) -> Vec<(u64, u32)> {
        self.head.retain(|row| row.position() > position);
        self.head.shrink_to(2 * self.head.len());
        let mut dropped = Vec::new();
        let mine = Arc::make_mut(&mut self.chunks);
        mine.retain(|chunk| {
            let extent = chunk.entry.extent;
            let stays = !delta.replaced.contains(&(chunk.part.number, extent.offset));
            dropped.extend((!stays).then_some((chunk.part.number, extent.length)));
            stays
        });
        self.newest = delta.chunks.iter().map(|chunk| chunk.entry.at.1).fold(self.newest, i64::max);
        mine.extend(delta.chunks);
        let mine = Arc::make_mut(&mut self.rollups);
        mine.retain(|rollup| {
            let stays = !delta.outdated.contains(&(rollup.part.number, rollup.entry.slot));
            dropped.extend((!stays).then_some((rollup.part.number, rollup.entry.extent.length)));
            stays
        });
        mine.extend(delta.rollups);
        mine.sort_by_key(|rollup| rollup.entry.slot);
        if *self.expired != delta.expired {
            self.newest = delta.expired.iter().map(|expired| expired.to - 1).fold(self.newest, i64::max);
            self.expired = Arc::new(delta.expired);
        }
        dropped
    }

    /// Puts the rows in order; arrivals of one instant keep theirs.
    fn sort(&mut self) {
        if !self.sorted {
            self.head.sort_by_key(|row| row.at);
            self.head.dedup_by(|row, before| {
                let both = row.in_place_within_batch(*before);
                both.into_iter().for_each(|both| *before = both);
                both.is_some()
            });
            self.sorted = true;
        }
    }

    fn within(&self, from: i64, to: i64) -> &[Row] {
        let start = self.head.partition_point(|row| row.at < from);
        let end = self.head.partition_point(|row| row.at < to);
        &self.head[start..end.max(start)]
    }
}

/// The tracks that the pieces of a call name, looked up once.
pub(in crate::telemetry) type Tracks = HashMap<SeriesId, Arc<Track>>;
