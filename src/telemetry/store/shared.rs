//! What the store and its views share: the state behind the locks, sealing, upkeep, and the clock as far as it is believed.

use super::compact::choice::{self, Bounds};
use super::compact::{Published, Rewritten};
use super::intake_counts::IntakeCounts;
use super::parts::Parts;
use super::pins::Pins;
use super::recovery::Lock;
use super::{compact, retain, seal};
use crate::model::time::clock::Clock;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::file::control::Control;
use crate::telemetry::ingest::catalog::Catalog;
use crate::telemetry::log;
use crate::telemetry::log::arrivals::Arrivals;
use crate::telemetry::log::committer::Committer;
use crate::telemetry::part::blocks::Blocks;
use crate::telemetry::read::derived::DerivedCache;
use crate::telemetry::series::watermark::Watermark;
use crate::telemetry::settings::Settings;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard, Weak};
use uuid::Uuid;

/// A reading of the clock is recorded when it is so much later than the one before.
const READ_EVERY: i64 = 60_000_000_000;
/// A clock that is so far beyond what is believed is reported.
const DOUBTED: i64 = 86_400_000_000_000;

/// What the store and its views share.
#[derive(Debug)]
pub(in crate::telemetry) struct Shared {
    /// The store's own name; watermarks carry it.
    pub(in crate::telemetry) id: Uuid,
    /// All series.
    pub(in crate::telemetry) catalog: Catalog,
    pub(super) committer: Committer,
    pub(super) control: Arc<Control>,
    pub(super) parts: Mutex<Parts>,
    /// Blocks of the parts that were read of late.
    pub(in crate::telemetry) blocks: Blocks,
    /// What was worked out of samples of late.
    pub(in crate::telemetry) derived: DerivedCache,
    /// Locked after the parts.
    pub(super) pins: Mutex<Pins>,
    /// Locked after the parts.
    pub(super) arrivals: Mutex<Arrivals>,
    /// Writers hold it while they are at it, so that a series can be closed to old samples between two writes.
    pub(super) gate: RwLock<()>,
    /// Unpinned watermarks before this position are refused.
    pub(super) floor: Arc<AtomicU64>,
    /// One retention or compaction at a time; locked before the parts. Holds the parts that compaction can do nothing with.
    pub(in crate::telemetry) upkeep: Mutex<BTreeSet<u64>>,
    /// Set where upkeep is to end at its next step.
    pub(super) stopping: AtomicBool,
    /// Watermarks in these spans of positions are refused.
    pub(super) lost: Vec<(u64, u64)>,
    /// The parts that were missing or damaged when the store was opened.
    pub(super) losses: Vec<String>,
    pub(super) intake: IntakeCounts,
    pub(super) settings: Settings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) folder: PathBuf,
    /// The store has it: views that outlive the store keep no lock.
    pub(super) lock: Weak<Lock>,
}

impl Shared {
    /// Records that all of the log is on the disk, so that the next start need not write it anew.
    pub(super) fn close(&self) {
        if self.committer.is_open()
            && let Err(error) = self.control.set_progress(self.committer.durable(), true)
        {
            tracing::warn!(
                "the telemetry store could not be closed in order, the next start takes longer: {error}"
            );
        }
    }

    /// Returns the folder.
    pub(in crate::telemetry) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the committer.
    pub(in crate::telemetry) fn committer(&self) -> &Committer {
        &self.committer
    }

    /// Returns the control file.
    pub(in crate::telemetry) fn control(&self) -> &Control {
        &self.control
    }

    /// Returns the clock.
    pub(in crate::telemetry) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Lets series go that only refused batches made, so that what was refused leaves no name.
    pub(super) fn drop_refused(&self) {
        if self.committer.has_orphans() {
            let _gate = self.close_gate();
            self.committer.drop_orphans(&self.catalog);
        }
    }

    /// Waits until no writer is at it and keeps others out.
    pub(in crate::telemetry) fn close_gate(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether enough rows wait.
    pub(in crate::telemetry) fn wants_sealing(&self) -> bool {
        self.committer.unsealed() >= self.settings.seal_rows
    }

    /// Locks the parts.
    pub(in crate::telemetry) fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the pins.
    pub(in crate::telemetry) fn pins(&self) -> MutexGuard<'_, Pins> {
        self.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the arrivals.
    pub(in crate::telemetry) fn arrivals(&self) -> MutexGuard<'_, Arrivals> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether a position answers without a pin.
    pub(in crate::telemetry) fn reads(&self, position: u64) -> bool {
        position >= self.floor.load(Ordering::SeqCst)
    }

    /// Refuses a watermark that can no longer be answered in full.
    pub(super) fn refuse_lost(&self, asked: Watermark) -> Result<(), Error> {
        let is_lost = |(first, last): &(u64, u64)| (*first..=*last).contains(&asked.position);
        if self.lost.iter().any(is_lost) { Err(Error::LostWatermark { asked }) } else { Ok(()) }
    }

    /// Reports that a position no longer answers, and which would.
    pub(in crate::telemetry) fn compacted(&self, position: u64) -> Error {
        let oldest = self.watermark(self.floor.load(Ordering::SeqCst));
        Error::CompactedWatermark { asked: self.watermark(position), oldest }
    }

    /// Moves all rows that are in memory only into chunks; one sealing at a time.
    pub(in crate::telemetry) fn seal(&self) -> Result<(), Error> {
        let mut parts = self.parts();
        self.mark(&mut parts)?;
        let (log, through, rows) = self.committer.rotate(&self.folder, self.id)?;
        let (instants, _) = self.committer.instants();
        let sealed = instants.partition_point(|(position, _)| *position <= through);
        self.arrivals().append(&instants[..sealed])?;
        self.committer.drop_instants(through);
        seal::seal(&mut parts, &self.catalog, through)?;
        let removed = remove_logs_before(&log, &self.folder);
        // Who waits for memory finds the logs removed as well.
        self.committer.sealed(rows);
        removed
    }

    /// Lets old samples go and compacts; ends early where the store is closed.
    pub(in crate::telemetry) fn maintain(&self) -> Result<(), Error> {
        let mut futile = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        self.drop_expired()?;
        while let Some(rewritten) = self.rewrite(&futile)? {
            let unreadable = rewritten.unreadable();
            let is_whole = unreadable.is_none();
            futile.extend(unreadable.into_iter().flatten());
            match self.publish(rewritten)? {
                Published::Part(_) => {}
                Published::Futile(number) => {
                    futile.insert(number);
                }
                Published::Nothing if is_whole => break,
                Published::Nothing => {}
            }
        }
        Ok(())
    }

    /// Lets upkeep end at its next step.
    pub(in crate::telemetry) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Returns whether the store is being closed.
    pub(in crate::telemetry) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(super) fn drop_expired(&self) -> Result<(), Error> {
        self.refuse_moved()?;
        let olds = retain::old(&self.catalog, &self.settings, self.read_clock()?);
        if olds.is_empty() {
            return Ok(());
        }
        let gate = self.close_gate();
        olds.iter().for_each(retain::Old::close);
        self.catalog.write().close();
        drop(gate);
        self.seal()?;
        for olds in olds.chunks(retain::SERIES_PER_PART) {
            if self.is_stopping() {
                break;
            }
            // Unlocked between steps, for a sealing may wait.
            let mut parts = self.parts();
            let pinned = self.pins().by_series();
            retain::drop_old(&mut parts, &self.catalog, olds, &pinned)?;
        }
        Ok(())
    }

    /// Writes what counts of some parts to a new one, where that is worth it and the store is not closed.
    pub(in crate::telemetry) fn rewrite(&self, futile: &BTreeSet<u64>) -> Result<Option<Rewritten>, Error> {
        let (sizes, bounds) = {
            let mut parts = self.parts();
            let now = self.mark(&mut parts)?;
            parts.remove_unused()?;
            let readable_from = parts.horizon.readable_from(now, self.settings.readable_ns);
            (parts.sizes(), Bounds { readable_from, pinned: self.pins().by_series() })
        };
        if self.is_stopping() {
            return Ok(None);
        }
        let Some(choice) = choice::choose(&sizes, &self.catalog, &bounds, futile) else { return Ok(None) };
        let draft = self.parts().draft("compacted")?;
        compact::rewrite(draft, choice, &self.catalog, bounds, &self.stopping)
    }

    /// Shows a part that was written in place of those that it was made of.
    pub(in crate::telemetry) fn publish(&self, rewritten: Rewritten) -> Result<Published, Error> {
        let mut parts = self.parts();
        self.refuse_moved()?;
        let pinned = self.pins().by_series();
        rewritten.publish(&mut parts, &self.catalog, &pinned)
    }

    /// Refuses to write where the folder was moved: another store may be at its path.
    pub(in crate::telemetry) fn refuse_moved(&self) -> Result<(), Error> {
        match self.lock.upgrade().is_some_and(|lock| lock.is_at(&self.folder)) {
            true => Ok(()),
            false => Err(Error::Moved(self.folder.clone())),
        }
    }

    /// Remembers how far the store has come by now.
    pub(super) fn mark(&self, parts: &mut Parts) -> Result<i64, Error> {
        self.refuse_moved()?;
        let now = self.read_clock()?;
        parts.horizon.mark(now, self.committer.durable(), self.settings.readable_ns);
        Ok(now)
    }

    /// Reads the clock; returns the instant that it is at least, as far as the clock is believed.
    pub(super) fn read_clock(&self) -> Result<i64, Error> {
        let (known, now) = (self.control.clock(), self.clock.now().nanos());
        let read = known.read(now);
        if read.last < known.last || read.last.saturating_sub(known.last) >= READ_EVERY {
            self.control.set_clock(read)?;
            if now.saturating_sub(read.present()) > DOUBTED {
                let (now, present) = (Instant::from_nanos(now), Instant::from_nanos(read.present()));
                tracing::warn!(
                    "the clock reads {now}, much later than {present}, up to which it is believed: samples are kept by the latter until the clock \
                     has run on for a while, or throughline trust-clock confirms it"
                );
            }
        }
        Ok(read.present())
    }

    /// Returns the watermark at a position.
    pub(in crate::telemetry) fn watermark(&self, position: u64) -> Watermark {
        Watermark { store: self.id, position }
    }
}

/// Removes the files of the log that are older than the newest one, `last`.
fn remove_logs_before(last: &Path, folder: &Path) -> Result<(), Error> {
    let mut old = log::files(folder)?.into_iter().filter(|path| path != last);
    old.try_for_each(|path| std::fs::remove_file(&path).map_err(Error::io("remove", &path)))
}
