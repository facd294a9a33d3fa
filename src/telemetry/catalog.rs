//! The series of a store by number, by key, by twin, and by the text that senders write.

use super::error::Error;
use super::series::{Key, Series, SeriesId};
use super::track::Track;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// All series of a store.
#[derive(Debug, Default)]
pub(super) struct Catalog(RwLock<Names>);

/// The maps of a catalog.
#[derive(Debug)]
pub(super) struct Names {
    tracks: Vec<Arc<Track>>,
    by_key: HashMap<Key, SeriesId>,
    by_twin: HashMap<String, Vec<SeriesId>>,
    heads: HashMap<Box<[u8]>, Fields>,
    closed: i64,
}

/// The fields seen after one text of measurement and tags, as written.
pub(super) type Fields = Vec<(Box<[u8]>, SeriesId)>;

/// How many texts are remembered. Senders that write a new text each time must not fill the memory.
const HEADS_MAX: usize = 1 << 20;

impl Catalog {
    /// Opens the catalog for reading.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Names> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the catalog for change.
    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Names> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Names {
    fn default() -> Self {
        Self {
            tracks: Vec::new(),
            by_key: HashMap::new(),
            by_twin: HashMap::new(),
            heads: HashMap::new(),
            closed: i64::MIN,
        }
    }
}

impl Names {
    /// Takes notice of the instants before which series take no sample any more.
    pub(super) fn close(&mut self) {
        self.closed = self.tracks.iter().map(|track| track.closed()).fold(self.closed, i64::max);
    }

    /// Returns the instant before which a series takes no sample any more, where `at` is one of these.
    #[inline]
    pub(super) fn closed(&self, id: u32, at: i64) -> Option<i64> {
        if at >= self.closed {
            return None;
        }
        self.tracks.get(id as usize).map(|track| track.closed()).filter(|closed| at < *closed)
    }

    /// Returns all series in the order of their making.
    pub(super) fn tracks(&self) -> &[Arc<Track>] {
        &self.tracks
    }

    /// Returns a series that existed at `position`.
    pub(super) fn track(&self, id: SeriesId, position: u64) -> Result<&Arc<Track>, Error> {
        self.tracks.get(id.index()).filter(|track| track.born() <= position).ok_or(Error::NoSeries(id))
    }

    /// Returns the series of a twin.
    pub(super) fn of_twin(&self, twin: &str) -> impl Iterator<Item = &Arc<Track>> {
        self.by_twin.get(twin).into_iter().flatten().filter_map(|id| self.tracks.get(id.index()))
    }

    /// Finds a series.
    pub(super) fn find(&self, key: &Key) -> Option<SeriesId> {
        self.by_key.get(key).copied()
    }

    /// Returns the number that the next new series gets; `None` when they are used up.
    pub(super) fn next(&self) -> Option<SeriesId> {
        u32::try_from(self.tracks.len()).ok().filter(|next| *next < NEW_FLAG).map(SeriesId)
    }

    /// Adds a series under the next number.
    pub(super) fn add(&mut self, key: Key, born: u64) -> Option<SeriesId> {
        let id = self.next()?;
        self.by_twin.entry(key.twin.clone()).or_default().push(id);
        self.tracks.push(Arc::new(Track::new(Series::new(id, &key), born)));
        self.by_key.insert(key, id);
        Some(id)
    }

    /// Returns the fields known after a text of measurement and tags.
    pub(super) fn fields(&self, head: &[u8]) -> Option<&Fields> {
        self.heads.get(head)
    }

    /// Remembers that a text of measurement and tags, followed by a field's text, names a series.
    pub(super) fn remember(&mut self, head: &[u8], field: &[u8], id: SeriesId) {
        if self.heads.len() >= HEADS_MAX {
            self.heads.clear();
        }
        let fields = self.heads.entry(head.into()).or_default();
        if !fields.iter().any(|(known, _)| **known == *field) {
            fields.push((field.into(), id));
        }
    }
}

/// Numbers from here on stand for series that are yet to be numbered.
pub(super) const NEW_FLAG: u32 = 1 << 31;
