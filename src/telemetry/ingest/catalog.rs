//! The series of a store by number, by key, by twin, and by the text that senders write.

use super::dictionary::Name;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::read::track::Track;
use crate::telemetry::series::key::{Series, SeriesId, SeriesKey};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// All series of a store.
#[derive(Debug, Default)]
pub(in crate::telemetry) struct Catalog(RwLock<Names>);

/// The maps of a catalog.
#[derive(Debug)]
pub(in crate::telemetry) struct Names {
    tracks: Vec<Arc<Track>>,
    /// By the hash of the key, which is not kept a second time.
    by_hash: HashMap<u64, SeriesId>,
    /// Those of which the hash is that of another one.
    collided: Vec<SeriesId>,
    hasher: RandomState,
    by_twin: HashMap<String, Vec<SeriesId>>,
    heads: HashMap<Box<[u8]>, Fields>,
    head_bytes: usize,
    /// How many bytes the names have.
    bytes: usize,
    /// How many of the series were deleted: their numbers are not used again.
    deleted: usize,
    closed: i64,
}

/// The fields seen after one text of measurement and tags, as written.
pub(in crate::telemetry) type Fields = Vec<(Box<[u8]>, SeriesId)>;

/// How many texts are remembered. Senders that write a new text each time must not fill the memory.
const HEADS_MAX: usize = 1 << 20;
/// And how many bytes of them.
const HEAD_BYTES_MAX: usize = 64 << 20;

impl Catalog {
    /// Opens the catalog for reading.
    pub(in crate::telemetry) fn read(&self) -> RwLockReadGuard<'_, Names> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the catalog for change.
    pub(in crate::telemetry) fn write(&self) -> RwLockWriteGuard<'_, Names> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Names {
    fn default() -> Self {
        Self {
            tracks: Vec::new(),
            by_hash: HashMap::new(),
            collided: Vec::new(),
            hasher: RandomState::new(),
            by_twin: HashMap::new(),
            heads: HashMap::new(),
            head_bytes: 0,
            bytes: 0,
            deleted: 0,
            closed: i64::MIN,
        }
    }
}

impl Names {
    /// Takes notice of the instants before which series take no sample any more.
    pub(in crate::telemetry) fn close(&mut self) {
        self.closed = self.tracks.iter().map(|track| track.closed()).fold(self.closed, i64::max);
    }

    /// Returns the instant before which a series takes no sample any more, where `at` is one of these.
    #[inline]
    pub(in crate::telemetry) fn closed(&self, id: u32, at: i64) -> Option<i64> {
        if at >= self.closed {
            return None;
        }
        self.tracks.get(id as usize).map(|track| track.closed()).filter(|closed| at < *closed)
    }

    /// Refuses an instant whose samples have expired.
    #[inline]
    pub(super) fn check_open(&self, id: u32, at: i64) -> Result<(), String> {
        self.closed(id, at).map_or(Ok(()), |closed| {
            let closed = Instant::from_nanos(closed);
            Err(format!("the sample is older than what is kept of its series, which begins at {closed}"))
        })
    }

    /// Returns all series in the order of their making.
    pub(in crate::telemetry) fn tracks(&self) -> &[Arc<Track>] {
        &self.tracks
    }

    /// Returns a series that existed at `position`.
    pub(in crate::telemetry) fn track(&self, id: SeriesId, position: u64) -> Result<&Arc<Track>, Error> {
        self.tracks.get(id.index()).filter(|track| track.is_at(position)).ok_or(Error::NoSeries(id))
    }

    /// Returns the series of a twin.
    pub(in crate::telemetry) fn of_twin(&self, twin: &str) -> impl Iterator<Item = &Arc<Track>> {
        self.by_twin.get(twin).into_iter().flatten().filter_map(|id| self.tracks.get(id.index()))
    }

    /// Finds a series.
    pub(in crate::telemetry) fn find(&self, key: &SeriesKey) -> Option<SeriesId> {
        let is_it = |id: &SeriesId| self.tracks.get(id.index()).is_some_and(|track| track.series.has(key));
        let first = self.by_hash.get(&self.hasher.hash_one(key)).copied()?;
        if is_it(&first) { Some(first) } else { self.collided.iter().copied().find(|id| is_it(id)) }
    }

    /// Returns how many series there are that were not deleted.
    pub(in crate::telemetry) fn live(&self) -> usize {
        self.tracks.len() - self.deleted
    }

    /// Returns how many bytes the names of all series have.
    pub(in crate::telemetry) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the number that the next new series gets; `None` when they are used up.
    pub(in crate::telemetry) fn next(&self) -> Option<SeriesId> {
        u32::try_from(self.tracks.len()).ok().filter(|next| *next < NEW_FLAG).map(SeriesId)
    }

    /// Adds a series under the next number.
    pub(in crate::telemetry) fn add(&mut self, key: SeriesKey, born: u64) -> Option<SeriesId> {
        let id = self.next()?;
        match self.by_hash.entry(self.hasher.hash_one(&key)) {
            Entry::Vacant(entry) => {
                entry.insert(id);
            }
            Entry::Occupied(_) => self.collided.push(id),
        }
        self.push(key, Track::new, born)
    }

    /// Adds a series that was deleted under the next number.
    pub(in crate::telemetry) fn add_deleted(&mut self, name: Name) -> Option<SeriesId> {
        let Name { born, key, deleted } = name;
        let make = |series, born| {
            let track = Track::new(series, born);
            track.delete(deleted.unwrap_or(u64::MAX));
            track
        };
        let id = self.push(key, make, born)?;
        self.deleted += 1;
        Some(id)
    }

    fn push(
        &mut self,
        key: SeriesKey,
        make: impl FnOnce(Series, u64) -> Track,
        born: u64,
    ) -> Option<SeriesId> {
        let id = self.next()?;
        self.bytes += key.bytes();
        if !key.twin.is_empty() {
            self.by_twin.entry(key.twin.clone()).or_default().push(id);
        }
        self.tracks.push(Arc::new(make(Series::new(id, key), born)));
        Some(id)
    }

    /// Takes back the last numbers, of series that no batch has brought.
    pub(in crate::telemetry) fn drop_last(&mut self, count: usize) {
        for track in self.tracks.split_off(self.tracks.len().saturating_sub(count)).into_iter().rev() {
            let (id, key) = (track.series.id, track.series.key());
            self.bytes -= key.bytes();
            // Those of the same hash that came later were taken back before.
            match self.by_hash.entry(self.hasher.hash_one(&key)) {
                Entry::Occupied(entry) if *entry.get() == id => {
                    entry.remove();
                }
                _ => self.collided.retain(|other| *other != id),
            }
            if let Some(ids) = self.by_twin.get_mut(&key.twin) {
                ids.retain(|other| *other != id);
                if ids.is_empty() {
                    self.by_twin.remove(&key.twin);
                }
            }
        }
    }

    /// Lets series be there only before a position; of those that keep no name nothing is left but their number.
    pub(in crate::telemetry) fn delete(
        &mut self,
        ids: &[SeriesId],
        position: u64,
        keeps_name: impl Fn(&Series) -> bool,
    ) {
        for track in ids.iter().filter_map(|id| self.tracks.get(id.index())) {
            track.delete(position);
        }
        let names = self.names();
        let (closed, tracks) = (self.closed, std::mem::take(&mut self.tracks));
        *self = Self { closed, ..Self::default() };
        for (Name { born, key, deleted }, old) in names.into_iter().zip(tracks) {
            let drops_name = deleted.is_some() && !keeps_name(&old.series);
            let key = if drops_name { SeriesKey::new("", "", "") } else { key };
            if deleted.is_some() {
                self.add_deleted(Name { born, key, deleted });
            } else {
                self.add(key, born);
                // With all that it holds.
                self.tracks.pop();
                self.tracks.push(old);
            }
        }
    }

    /// Returns the names of all series.
    pub(in crate::telemetry) fn names(&self) -> Vec<Name> {
        let name = |track: &Arc<Track>| Name {
            born: track.born(),
            key: track.series.key(),
            deleted: track.deleted(),
        };
        self.tracks.iter().map(name).collect()
    }

    /// Returns the fields known after a text of measurement and tags.
    pub(in crate::telemetry) fn fields(&self, head: &[u8]) -> Option<&Fields> {
        self.heads.get(head)
    }

    /// Remembers that a text of measurement and tags, followed by a field's text, names a series.
    pub(in crate::telemetry) fn remember(&mut self, head: &[u8], field: &[u8], id: SeriesId) {
        if self.heads.len() >= HEADS_MAX || self.head_bytes >= HEAD_BYTES_MAX {
            self.heads.clear();
            self.head_bytes = 0;
        }
        self.head_bytes += head.len() + field.len();
        let fields = self.heads.entry(head.into()).or_default();
        if !fields.iter().any(|(known, _)| **known == *field) {
            fields.push((field.into(), id));
        }
    }
}

/// Numbers from here on are of series that are yet to be numbered.
pub(in crate::telemetry) const NEW_FLAG: u32 = 1 << 31;
