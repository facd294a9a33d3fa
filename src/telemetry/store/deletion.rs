//! Deleting series: what a mistaken or hostile sender made goes, with its name.
//!
//! All rows are sealed, then a part records that the chunks and rollups of the series count no longer, then the file of names is written
//! anew without theirs; a process that stops in between leaves a series without samples, which can be deleted again. Numbers
//! are never used again. A pinned series is not deleted, and a twin of which anything is pinned keeps the names, so that at the pinned watermark
//! the same series are known as before. All other watermarks from before the deletion are refused.

use super::Store;
use super::shared::Shared;
use crate::telemetry::error::Error;
use crate::telemetry::series::key::{Series, SeriesId};
use crate::telemetry::settings::fits;
use std::collections::HashSet;
use std::sync::PoisonError;

/// Which series are meant; `*` matches any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Which twins.
    pub twin: String,
    /// Which measurements.
    pub measurement: String,
    /// Which fields.
    pub field: String,
}

impl Selection {
    /// Returns whether a series is meant.
    pub fn selects(&self, series: &Series) -> bool {
        fits(&self.twin, &series.twin)
            && fits(&self.measurement, &series.measurement)
            && fits(&self.field, &series.field)
    }
}

impl Store {
    /// Deletes series for ever, durable on return; refused where one of them is pinned, and then none is deleted.
    pub fn delete_series(&self, ids: &[SeriesId]) -> Result<(), Error> {
        self.shared().delete_series(ids)
    }

    /// Refuses to delete series of which one is pinned.
    pub fn may_delete(&self, ids: &[SeriesId]) -> Result<(), Error> {
        self.shared().refuse_pinned(ids)
    }
}

impl Shared {
    fn refuse_pinned(&self, ids: &[SeriesId]) -> Result<(), Error> {
        let pinned = self.pins().by_series();
        let Some(id) = ids.iter().find(|id| pinned.contains_key(id)) else { return Ok(()) };
        let names = self.catalog.read();
        let Series { twin, field, .. } = names.track(*id, self.committer().durable())?.series.clone();
        Err(Error::Pinned { twin, field })
    }

    fn delete_series(&self, ids: &[SeriesId]) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        let _upkeep = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = self.close_gate();
        self.refuse_pinned(ids)?;
        self.committer().drop_orphans(&self.catalog);
        // A position of its own, so that no watermark that was given out answers otherwise from now on.
        let position = self.committer().commit_nothing(&self.catalog, self.clock())?;
        self.seal()?;
        let mut parts = self.parts();
        // Nothing is pinned any more while the parts are locked.
        self.refuse_pinned(ids)?;
        let mut directory = parts.directory(&self.catalog);
        let tracks = self.catalog.read().tracks().to_vec();
        for track in ids.iter().filter_map(|id| tracks.get(id.index())) {
            let (id, snapshot) = (track.series.id, track.snapshot(0, 0, 0));
            let chunks =
                snapshot.chunks.iter().map(|chunk| (id, chunk.part.number, chunk.entry.extent.offset));
            directory.replaced.extend(chunks);
            let rollups = snapshot.rollups.iter().map(|rollup| (id, rollup.entry.slot, rollup.part.number));
            directory.outdated.extend(rollups);
        }
        directory.expired.retain(|(id, _)| !ids.contains(id));
        directory.horizon.floor = position;
        let draft = parts.draft("deleted")?;
        parts.publish(&self.catalog, draft, &directory)?;
        let pinned = self.pinned_twins();
        let mut names = self.catalog.write();
        names.delete(ids, position, |series| pinned.contains(&series.twin));
        let known = parts.dictionary.length();
        parts.dictionary.replace(&names.names()[..known])?;
        drop(gate);
        Ok(())
    }

    /// Returns the twins of all pinned series.
    fn pinned_twins(&self) -> HashSet<String> {
        let pinned = self.pins().by_series();
        let names = self.catalog.read();
        let tracks = pinned.keys().filter_map(|id| names.tracks().get(id.index()));
        tracks.map(|track| track.series.twin.clone()).collect()
    }
}
