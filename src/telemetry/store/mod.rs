//! The store: one folder, one writer process, any number of readers in it.

pub(super) mod compact;
pub(super) mod deletion;
pub(super) mod figures;
mod intake;
mod intake_counts;
pub(super) mod parts;
pub(super) mod pins;
pub(super) mod recovery;
pub(super) mod retain;
pub(super) mod seal;
pub(super) mod sealer;
pub(super) mod shared;
pub(super) mod view;

use super::error::Error;
use super::file::clock_reading::ClockReading;
use super::ingest::catalog::Catalog;
use super::log::arrivals::{Arrivals, Reached};
use super::log::committer::Committer;
use super::log::tap::Tap;
use super::part::blocks::Blocks;
use super::read::derived::DerivedCache;
use super::series::key::SeriesId;
use super::series::watermark::Watermark;
use super::settings::Settings;
use crate::model::time::clock::Clock;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use intake_counts::IntakeCounts;
use parts::Parts;
use pins::{Pin, Pins};
use recovery::{Lock, Recovered, Recovery};
use sealer::Sealer;
use shared::Shared;
use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, RwLock};
use view::View;

/// The time series of all twins.
#[derive(Debug)]
pub struct Store {
    shared: Arc<Shared>,
    /// Stopped before the folder is unlocked.
    sealer: Option<Sealer>,
    /// Views go on reading after it is released.
    _lock: Arc<Lock>,
}

impl Store {
    /// Opens the store in `folder`, made where it is missing, under the settings in it. All that was acknowledged before is
    /// there again. The settings of a thread's `throughline.toml` are for the caller to pass to [`Self::open_with`].
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let settings = Settings::read(folder)?;
        Self::open_with(folder, clock, settings)
    }

    /// Opens the store under given settings.
    pub fn open_with(folder: &Path, clock: Arc<dyn Clock>, settings: Settings) -> Result<Self, Error> {
        Self::open_as(folder, clock, settings, false)
    }

    /// Opens a store as [`Self::open`] does, and believes that its clock is right; see [`Self::trust_clock`].
    pub fn open_trusting(folder: &Path, clock: Arc<dyn Clock>, settings: Settings) -> Result<Self, Error> {
        Self::open_as(folder, clock, settings, true)
    }

    fn open_as(
        folder: &Path,
        clock: Arc<dyn Clock>,
        settings: Settings,
        trusts_clock: bool,
    ) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let lock = Arc::new(recovery::lock(folder)?);
        let known = recovery::identity(folder)?;
        let id = known.unwrap_or_else(|| clock.new_id());
        let control = Arc::new(recovery::open_control(folder, id)?);
        let catalog = Catalog::default();
        let floor = Arc::new(AtomicU64::new(0));
        let mut parts = Parts::open(folder, id, &catalog, Arc::clone(&floor), &control)?;
        let pins = Pins::open(folder, id, &control)?;
        let arrivals = Arrivals::open(folder, id, &control)?;
        let recovery =
            Recovery { folder, id, control: &control, through: parts.through(), is_new: known.is_none() };
        let Recovered { log, durable, rows, instants } = recovery.run(&catalog, &*clock)?;
        if control.clock() == ClockReading::default() {
            // Of a store that never read it, as far as is known: when something last arrived.
            let arrived = instants.last().map(|(_, at)| *at).or_else(|| arrivals.newest());
            let known = arrived.into_iter().chain(parts.horizon.last()).max();
            known.map_or(Ok(()), |at| control.set_clock(ClockReading::trusted(at)))?;
        }
        if trusts_clock {
            control.set_clock(ClockReading::trusted(clock.now().nanos()))?;
        }
        if known.is_none() {
            recovery::put_identity(folder, id)?;
        }
        let shared = Arc::new(Shared {
            id,
            catalog,
            committer: Committer::new(log, durable, rows, instants, Arc::clone(&control)),
            control,
            lost: parts.lost().to_vec(),
            losses: std::mem::take(&mut parts.losses),
            intake: IntakeCounts::default(),
            parts: Mutex::new(parts),
            blocks: Blocks::default(),
            derived: DerivedCache::default(),
            pins: Mutex::new(pins),
            arrivals: Mutex::new(arrivals),
            gate: RwLock::new(()),
            floor,
            upkeep: Mutex::default(),
            stopping: AtomicBool::new(false),
            settings,
            clock,
            folder: folder.to_owned(),
            lock: Arc::downgrade(&lock),
        });
        shared.read_clock()?;
        let sealer = Some(Sealer::start(Arc::clone(&shared))?);
        Ok(Self { shared, sealer, _lock: lock })
    }

    /// Returns what views of the store share with it.
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Moves all rows that are in memory only into chunks. This goes on in the background by itself; after a bulk load it spares
    /// the next start the replay of the log.
    pub fn seal(&self) -> Result<(), Error> {
        self.shared.seal()
    }

    /// Lets samples go that are too old by now, and compacts parts, as far as the settings and the pins allow. This goes on in the
    /// background by itself.
    pub fn maintain(&self) -> Result<(), Error> {
        self.shared.maintain()
    }

    /// Believes that the clock is right, though it moved by more than retention and compaction follow at once: after a long time
    /// without power, or a mend of the clock.
    pub fn trust_clock(&self) -> Result<(), Error> {
        self.shared.control.set_clock(ClockReading::trusted(self.shared.clock.now().nanos()))
    }

    /// Makes some series over a window answer as known at a watermark for ever; durable on return. What is pinned already is
    /// not pinned twice.
    pub fn pin(
        &self,
        watermark: Watermark,
        window: Interval,
        series: impl IntoIterator<Item = SeriesId>,
    ) -> Result<Pin, Error> {
        let mut series: Vec<SeriesId> = series.into_iter().collect();
        series.sort_unstable();
        series.dedup();
        // Nothing that was compacted is published meanwhile.
        let parts = self.shared.parts();
        parts.refuse_undecided()?;
        let view = self.as_known_at(watermark)?;
        series.iter().try_for_each(|series| view.must_answer(*series, window))?;
        let number = self.shared.pins().add(watermark.position, window, series.clone())?;
        Ok(Pin { number, watermark, window, series })
    }

    /// Returns what a pin holds, and nothing else: unlike [`Self::as_known_at`] it refuses today what it would refuse after
    /// compaction, so that whatever is asked of it is answered, or refused, for ever alike.
    pub fn pinned(&self, number: u64) -> Result<View, Error> {
        let pin = self.shared.pins().get(self.shared.id, number).ok_or(Error::NoPin(number))?;
        self.shared.refuse_lost(pin.watermark)?;
        let windows = pin.series.iter().map(|series| (*series, vec![pin.window])).collect();
        Ok(View::pinned(Arc::clone(&self.shared), pin.watermark.position, windows))
    }

    /// Returns all pins.
    pub fn pins(&self) -> Vec<Pin> {
        self.shared.pins().all(self.shared.id)
    }

    /// Returns whether samples are taken; after a failed sync to disk they are not until the store is opened again.
    pub fn is_writable(&self) -> bool {
        // A sealing under way holds the parts, and nothing has failed then.
        let broken = self.shared.parts.try_lock().is_ok_and(|parts| parts.is_broken());
        !broken && !self.shared.pins().is_broken() && self.shared.committer.is_open()
    }

    /// Lists the parts that were missing or damaged when the store was opened, each with what to do.
    pub fn losses(&self) -> &[String] {
        &self.shared.losses
    }

    /// Refuses where the path does not lead to the folder that was opened.
    pub fn refuse_moved(&self) -> Result<(), Error> {
        self.shared.refuse_moved()
    }

    /// Follows what arrives from now on for twins, by the names that senders use; see [`Tap`]. `notify` is called on a writer's
    /// thread, so it only notes that there is something to take.
    pub fn tap(
        &self,
        twins: HashSet<String>,
        capacity: usize,
        notify: impl Fn() + Send + Sync + 'static,
    ) -> Tap {
        self.shared.committer.taps.open(twins, capacity, notify)
    }

    /// Returns the store as it is now.
    pub fn now(&self) -> View {
        View::new(Arc::clone(&self.shared), self.shared.committer.durable())
    }

    /// Returns the last watermark at or before an instant, by when batches arrived as the service's clock had it. It is the same
    /// for ever, so the instant must be past.
    pub fn known_at(&self, at: Instant) -> Result<Watermark, Error> {
        let now = self.shared.committer.settle(&*self.shared.clock);
        if at.nanos() >= now {
            return Err(Error::NotPast { asked: at, now: Instant::from_nanos(now) });
        }
        let (recent, newest) = self.shared.committer.instants();
        match self.shared.arrivals().reached(at.nanos(), &recent, newest)? {
            Reached::Position(position) => Ok(self.shared.watermark(position)),
            Reached::Unknown(later) => {
                let later =
                    later.map(|(position, at)| (self.shared.watermark(position), Instant::from_nanos(at)));
                Err(Error::UnknownArrival { asked: at, later })
            }
            Reached::Disputed(first, last) => {
                let (first, last) = (self.shared.watermark(first), self.shared.watermark(last));
                Err(Error::DisputedArrival { asked: at, first, last })
            }
        }
    }

    /// Returns the store as it was known at a watermark; one older than compaction answers what is pinned at it.
    pub fn as_known_at(&self, watermark: Watermark) -> Result<View, Error> {
        let newest = self.shared.watermark(self.shared.committer.durable());
        if watermark.store != self.shared.id {
            return Err(Error::ForeignWatermark(watermark));
        }
        if watermark > newest {
            return Err(Error::UnreachedWatermark { asked: watermark, newest });
        }
        self.shared.refuse_lost(watermark)?;
        let shared = Arc::clone(&self.shared);
        if self.shared.reads(watermark.position) {
            return Ok(View::new(shared, watermark.position));
        }
        let pinned = self.shared.pins().at(watermark.position);
        let pinned = pinned.ok_or_else(|| self.shared.compacted(watermark.position))?;
        Ok(View::pinned(shared, watermark.position, pinned))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.shared.stop();
        self.sealer = None;
        self.shared.close();
    }
}
