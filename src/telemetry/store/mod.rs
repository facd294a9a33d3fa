//! The store: one folder, one writer process, any number of readers in it.

pub(super) mod compact;
pub(super) mod deletion;
pub(super) mod figures;
pub(super) mod parts;
pub(super) mod pins;
pub(super) mod recovery;
pub(super) mod retain;
pub(super) mod seal;
pub(super) mod sealer;
pub(super) mod view;

use super::error::Error;
use super::file::clock_reading::ClockReading;
use super::file::control::Control;
use super::ingest::batch::{Batch, Refusals, Staged, Written};
use super::ingest::catalog::Catalog;
use super::ingest::limits::Limits;
use super::ingest::line::Precision;
use super::ingest::lines::{Lines, Read};
use super::ingest::notes::{Earlier, Replaced, numbered};
use super::log;
use super::log::arrivals::{Arrivals, Reached};
use super::log::committer::Committer;
use super::log::tap::Tap;
use super::part::blocks::Blocks;
use super::series::key::SeriesId;
use super::series::watermark::Watermark;
use super::settings::Settings;
use crate::model::time::clock::Clock;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use compact::{Bounds, Published, Rewritten};
use figures::Intake;
use parts::Parts;
use pins::{Pin, Pins};
use recovery::{Lock, Recovered, Recovery};
use sealer::Sealer;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};
use uuid::Uuid;
use view::View;

/// A reading of the clock is recorded when it is so much later than the one before.
const READ_EVERY: i64 = 60_000_000_000;
/// A clock that is so far beyond what is believed is reported.
const DOUBTED: i64 = 86_400_000_000_000;

/// A request is stored in pieces of so many samples: each of them wholly or not at all.
const PIECE_SAMPLES: usize = 1_000_000;
/// A batch of no more rows does not wait for others to be sealed.
const SMALL_ROWS: usize = 1000;

/// The time series of all twins.
#[derive(Debug)]
pub struct Store {
    shared: Arc<Shared>,
    /// Stopped before the folder is unlocked.
    sealer: Option<Sealer>,
    /// Views go on reading after it is released.
    _lock: Arc<Lock>,
}

/// What the store and its views share.
#[derive(Debug)]
pub(super) struct Shared {
    /// The store's own name; watermarks carry it.
    pub(super) id: Uuid,
    /// All series.
    pub(super) catalog: Catalog,
    committer: Committer,
    control: Arc<Control>,
    parts: Mutex<Parts>,
    /// Blocks of the parts that were read of late.
    pub(super) blocks: Blocks,
    /// Locked after the parts.
    pins: Mutex<Pins>,
    /// Locked after the parts.
    arrivals: Mutex<Arrivals>,
    /// Writers hold it while they are at it, so that a series can be closed to old samples between two writes.
    gate: RwLock<()>,
    /// Unpinned watermarks before this position are refused.
    floor: Arc<AtomicU64>,
    /// One retention or compaction at a time; locked before the parts. Holds the parts that compaction can do nothing with.
    pub(super) upkeep: Mutex<BTreeSet<u64>>,
    /// Set where upkeep is to end at its next step.
    stopping: AtomicBool,
    /// Watermarks in these spans of positions are refused.
    lost: Vec<(u64, u64)>,
    intake: Intake,
    settings: Settings,
    clock: Arc<dyn Clock>,
    folder: PathBuf,
    /// The store has it: views that outlive the store keep no lock.
    lock: Weak<Lock>,
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
        let parts = Parts::open(folder, id, &catalog, Arc::clone(&floor), &control)?;
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
            intake: Intake::default(),
            parts: Mutex::new(parts),
            blocks: Blocks::default(),
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

    /// Stores the samples of InfluxDB line protocol; a line without an instant gets the present one. The good lines are
    /// durable on return, the bad ones are named.
    ///
    /// More than a million samples are stored in pieces, so that no request takes much memory or keeps the others waiting: where a
    /// piece fails, the error states how many samples before it are stored.
    pub fn write_lines(&self, body: &[u8], precision: Precision) -> Result<Written, Error> {
        let written = self.write_lines_in_pieces(body, precision, PIECE_SAMPLES);
        self.shared.intake.note(body.len(), &written);
        written
    }

    /// Stores line protocol in pieces of at least so many samples, as far as there are.
    pub(super) fn write_lines_in_pieces(
        &self,
        body: &[u8],
        precision: Precision,
        piece: usize,
    ) -> Result<Written, Error> {
        self.shared.drop_refused();
        let _gate = self.gate();
        let now = self.shared.clock.now().nanos();
        let mut lines = Lines::of(body, precision, (now, self.shared.control.clock().latest(now)))?;
        let limits = Limits::of(&self.shared.settings);
        let (mut written, mut made, mut earlier) = (None::<Written>, 0, Earlier::default());
        loop {
            let (read, more) = lines.read(piece, limits.after(made), &self.shared.catalog)?;
            made += read.staged.new.len();
            let stored = self.write_piece(read, &mut earlier, more);
            let all = match (written, stored) {
                (None, stored) => stored?,
                (Some(before), Ok(stored)) => before.and(stored),
                (Some(before), Err(error)) => {
                    let (stored, source) = (before.samples, Box::new(error));
                    return Err(Error::PartlyStored { stored, source });
                }
            };
            if !more {
                return Ok(all);
            }
            written = Some(all);
        }
    }

    /// Stores a piece of a request after the earlier ones, and adds it to them where more will come.
    fn write_piece(&self, read: Read<'_>, earlier: &mut Earlier, more: bool) -> Result<Written, Error> {
        let across = earlier.replaced_by(&read.staged, &self.shared.catalog);
        let within = Replaced::of(&read.staged, &self.shared.catalog.read());
        let replaced = match across {
            Some(across) => Some(across.and(within)),
            None => within,
        };
        let samples = read.staged.at.len() as u64;
        let latest = more.then(|| Earlier::latest_of(&read.staged));
        let (position, numbers) = self.commit(read.staged)?;
        latest.into_iter().for_each(|latest| earlier.add(position, latest, &numbers));
        if !read.fresh.is_empty() {
            let mut names = self.shared.catalog.write();
            for (head, fields) in read.fresh {
                for (field, place) in fields {
                    let number = numbered(place, &numbers);
                    number.into_iter().for_each(|number| names.remember(head, field, number));
                }
            }
        }
        let written = self.written(samples, read.rejected, position);
        Ok(Written { skipped: read.skipped, replaced, ..written })
    }

    /// Stores a batch; what can be stored is durable on return, the rest is named.
    pub fn write(&self, batch: Batch) -> Result<Written, Error> {
        self.shared.drop_refused();
        let _gate = self.gate();
        let (staged, rejected, replaced) = {
            let names = self.shared.catalog.read();
            let (staged, rejected) = Staged::of_batch(batch, &names, Limits::of(&self.shared.settings));
            let replaced = Replaced::of(&staged, &names);
            (staged, rejected, replaced)
        };
        let samples = staged.at.len() as u64;
        let (position, _) = self.commit(staged)?;
        let written = Ok(Written { replaced, ..self.written(samples, rejected, position) });
        self.shared.intake.note(0, &written);
        written
    }

    /// Returns what views of the store share with it.
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    fn gate(&self) -> RwLockReadGuard<'_, ()> {
        self.shared.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn written(&self, samples: u64, rejected: Refusals, position: u64) -> Written {
        Written {
            samples,
            rejected: rejected.listed,
            rejected_count: rejected.count,
            skipped: None,
            replaced: None,
            watermark: self.shared.watermark(position),
        }
    }

    fn commit(&self, staged: Staged) -> Result<(u64, Vec<Option<SeriesId>>), Error> {
        if staged.at.is_empty() {
            return Ok((self.shared.committer.durable(), Vec::new()));
        }
        self.shared.refuse_moved()?;
        // Whoever brings many samples waits for those before to be sealed; one who brings few need not wait for that.
        let waiting_max = if staged.at.len() > SMALL_ROWS { 2 } else { 4 };
        if self.shared.committer.unsealed() >= self.shared.settings.seal_rows.saturating_mul(waiting_max) {
            self.shared.seal()?;
        }
        let committed = self.shared.committer.commit(&self.shared.catalog, staged, &*self.shared.clock)?;
        if self.shared.wants_sealing() {
            self.sealer.iter().for_each(Sealer::wake);
        }
        Ok(committed)
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

    /// Refuses where the path does not lead to the folder that was opened.
    pub fn refuse_moved(&self) -> Result<(), Error> {
        self.shared.refuse_moved()
    }

    /// Hears what arrives from now on for twins, by the names that senders use; see [`Tap`]. `hear` is called on a writer's
    /// thread, so it only notes that there is something to take.
    pub fn tap(
        &self,
        twins: HashSet<String>,
        capacity: usize,
        hear: impl Fn() + Send + Sync + 'static,
    ) -> Tap {
        self.shared.committer.taps.open(twins, capacity, hear)
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

impl Shared {
    /// Records that all of the log is on the disk, so that the next start need not write it anew.
    fn close(&self) {
        if self.committer.is_open()
            && let Err(error) = self.control.set_progress(self.committer.durable(), true)
        {
            tracing::warn!(
                "the telemetry store could not be closed in order, the next start takes longer: {error}"
            );
        }
    }

    /// Returns the folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the committer.
    pub(super) fn committer(&self) -> &Committer {
        &self.committer
    }

    /// Returns the control file.
    pub(super) fn control(&self) -> &Control {
        &self.control
    }

    /// Returns the clock.
    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Lets series go that only refused batches made, so that what was refused leaves no name.
    fn drop_refused(&self) {
        if self.committer.has_orphans() {
            let _gate = self.close_gate();
            self.committer.drop_orphans(&self.catalog);
        }
    }

    /// Waits until no writer is at it and keeps others out.
    pub(super) fn close_gate(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether enough rows wait.
    pub(super) fn wants_sealing(&self) -> bool {
        self.committer.unsealed() >= self.settings.seal_rows
    }

    /// Locks the parts.
    pub(super) fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the pins.
    pub(super) fn pins(&self) -> MutexGuard<'_, Pins> {
        self.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the arrivals.
    pub(super) fn arrivals(&self) -> MutexGuard<'_, Arrivals> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether a position answers without a pin.
    pub(super) fn reads(&self, position: u64) -> bool {
        position >= self.floor.load(Ordering::SeqCst)
    }

    /// Refuses a watermark that can no longer be answered in full.
    fn refuse_lost(&self, asked: Watermark) -> Result<(), Error> {
        let is_lost = |(first, last): &(u64, u64)| (*first..=*last).contains(&asked.position);
        if self.lost.iter().any(is_lost) { Err(Error::LostWatermark { asked }) } else { Ok(()) }
    }

    /// Reports that a position no longer answers, and which would.
    pub(super) fn compacted(&self, position: u64) -> Error {
        let oldest = self.watermark(self.floor.load(Ordering::SeqCst));
        Error::CompactedWatermark { asked: self.watermark(position), oldest }
    }

    /// Moves all rows that are in memory only into chunks; one sealing at a time.
    pub(super) fn seal(&self) -> Result<(), Error> {
        let mut parts = self.parts();
        self.mark(&mut parts)?;
        let (log, through, rows) = self.committer.rotate(&self.folder, self.id)?;
        let (instants, _) = self.committer.instants();
        let sealed = instants.partition_point(|(position, _)| *position <= through);
        self.arrivals().append(&instants[..sealed])?;
        self.committer.drop_instants(through);
        seal::seal(&mut parts, &self.catalog, through)?;
        self.committer.sealed(rows);
        for path in log::files(&self.folder)? {
            if path != log {
                std::fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            }
        }
        Ok(())
    }

    /// Lets old samples go and compacts; ends early where the store is closed.
    pub(super) fn maintain(&self) -> Result<(), Error> {
        let mut futile = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        self.let_go()?;
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
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Returns whether the store is being closed.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn let_go(&self) -> Result<(), Error> {
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
    pub(super) fn rewrite(&self, futile: &BTreeSet<u64>) -> Result<Option<Rewritten>, Error> {
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
        let Some(choice) = compact::choose(&sizes, &self.catalog, &bounds, futile) else { return Ok(None) };
        let draft = self.parts().draft("compacted")?;
        compact::rewrite(draft, choice, &self.catalog, bounds, &self.stopping)
    }

    /// Shows a part that was written in place of those that it was made of.
    pub(super) fn publish(&self, rewritten: Rewritten) -> Result<Published, Error> {
        let mut parts = self.parts();
        self.refuse_moved()?;
        let pinned = self.pins().by_series();
        rewritten.publish(&mut parts, &self.catalog, &pinned)
    }

    /// Refuses to write where the folder was moved: another store may be at its path.
    pub(super) fn refuse_moved(&self) -> Result<(), Error> {
        match self.lock.upgrade().is_some_and(|lock| lock.is_at(&self.folder)) {
            true => Ok(()),
            false => Err(Error::Moved(self.folder.clone())),
        }
    }

    /// Remembers how far the store has come by now.
    fn mark(&self, parts: &mut Parts) -> Result<i64, Error> {
        self.refuse_moved()?;
        let now = self.read_clock()?;
        parts.horizon.mark(now, self.committer.durable(), self.settings.readable_ns);
        Ok(now)
    }

    /// Reads the clock; returns the instant that it is at least, as far as the clock is believed.
    fn read_clock(&self) -> Result<i64, Error> {
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
    pub(super) fn watermark(&self, position: u64) -> Watermark {
        Watermark { store: self.id, position }
    }
}
