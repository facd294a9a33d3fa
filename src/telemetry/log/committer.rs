//! The one way into the log. Writers that come together share one sync.
//!
//! A writer queues its batch; the first one there leads: it writes all that is queued, syncs once, makes the batches
//! visible in order, and wakes the others. A failed write, as on a full disk, fails all batches that are queued and leaves the log as
//! it was; their positions, which nobody has seen, are given again. The numbers of the series they made are taken back before the next
//! writer begins; while another one is under way, which may know the numbers, its batch brings them. After a failed sync nothing is known of the file's end, so the store takes no more until it is
//! opened again; the control file records that the batches were refused, so that they are left out then. A leader that panics counts as a
//! failed sync, so that nobody waits for it.

use super::Log;
use super::arrivals::Instants;
use super::tap::Taps;
use crate::model::time::clock::Clock;
use crate::telemetry::error::Error;
use crate::telemetry::file::control::Control;
use crate::telemetry::ingest::catalog::{Catalog, NEW_FLAG, Names};
use crate::telemetry::ingest::entry::Entry;
use crate::telemetry::ingest::limits::Limits;
use crate::telemetry::ingest::staged::Staged;
use crate::telemetry::log;
use crate::telemetry::series::key::{SeriesId, SeriesKey};
use crate::telemetry::series::row::Row;
use crate::telemetry::settings::Settings;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use uuid::Uuid;

/// Orders batches, makes them durable, then visible.
#[derive(Debug)]
pub(in crate::telemetry) struct Committer {
    queue: Mutex<Queue>,
    changed: Condvar,
    shown: Mutex<Shown>,
    unsealed: AtomicUsize,
    /// Who hears what has become durable.
    pub(in crate::telemetry) taps: Taps,
    control: Arc<Control>,
}

/// The log, how far its batches are visible, and when those in it arrived.
#[derive(Debug)]
struct Shown {
    log: Log,
    position: u64,
    instants: Instants,
}

#[derive(Debug)]
struct Queue {
    next: u64,
    durable: u64,
    frames: Vec<u8>,
    entries: Vec<Queued>,
    /// Series that have numbers and were made by batches that failed, in order.
    orphans: Vec<SeriesKey>,
    led: bool,
    stopped: Option<String>,
}

/// A batch on its way.
#[derive(Debug)]
struct Queued {
    entry: Entry,
    fate: Arc<Fate>,
}

/// What became of a batch: nothing yet, or done, or why not.
type Fate = OnceLock<Result<(), Refused>>;

/// Why a batch was refused.
#[derive(Clone, Debug)]
struct Refused {
    reason: String,
    /// Whether it may be on the disk all the same.
    is_unknown: bool,
}

impl Committer {
    /// Starts after the batch at position `durable`.
    pub(in crate::telemetry) fn new(
        log: Log,
        durable: u64,
        unsealed: usize,
        instants: Instants,
        control: Arc<Control>,
    ) -> Self {
        let queue = Queue {
            next: durable + 1,
            durable,
            frames: Vec::new(),
            entries: Vec::new(),
            orphans: Vec::new(),
            led: false,
            stopped: None,
        };
        Self {
            queue: Mutex::new(queue),
            changed: Condvar::new(),
            shown: Mutex::new(Shown { log, position: durable, instants }),
            unsealed: AtomicUsize::new(unsealed),
            taps: Taps::default(),
            control,
        }
    }

    /// Returns how many rows are in memory only.
    pub(in crate::telemetry) fn unsealed(&self) -> usize {
        self.unsealed.load(Ordering::Relaxed)
    }

    /// Records that so many rows were sealed.
    pub(in crate::telemetry) fn sealed(&self, rows: usize) {
        self.unsealed.fetch_sub(rows, Ordering::Relaxed);
    }

    /// Returns when the batches in the log arrived, and the newest position.
    pub(in crate::telemetry) fn instants(&self) -> (Instants, u64) {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        (shown.instants.clone(), shown.position)
    }

    /// Drops when batches arrived up to a position.
    pub(in crate::telemetry) fn drop_instants(&self, through: u64) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.instants.retain(|(position, _)| *position > through);
    }

    /// Waits until all batches that arrived before now are durable or failed; returns the present, which is before the arrival
    /// of every later one.
    pub(in crate::telemetry) fn settle(&self, clock: &dyn Clock) -> i64 {
        let mut queue = self.queue();
        let (now, last) = (clock.now().nanos(), queue.next - 1);
        while queue.durable < last.min(queue.next - 1) {
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        now
    }

    /// Starts a new log file, unless the present one is empty; returns its path, the position before it and how many rows are
    /// unsealed up to there. Nothing may be sealed past a broken end, for only the last file may have one.
    pub(in crate::telemetry) fn rotate(
        &self,
        folder: &Path,
        store: Uuid,
    ) -> Result<(PathBuf, u64, usize), Error> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.log.is_broken() {
            return Err(Error::Stopped { reason: "the log's end is not known".to_owned() });
        }
        if !shown.log.is_empty() {
            shown.log = Log::create(folder, store, shown.position + 1)?;
        }
        Ok((shown.log.path().to_owned(), shown.position, self.unsealed()))
    }

    /// Returns the log's present file, how many bytes of it count, and the position of the last batch in them.
    pub(in crate::telemetry) fn end(&self) -> (PathBuf, u64, u64) {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        (shown.log.path().to_owned(), shown.log.length(), shown.position)
    }

    /// Returns the position of the newest batch that is durable and visible.
    pub(in crate::telemetry) fn durable(&self) -> u64 {
        self.queue().durable
    }

    /// Returns whether batches are taken.
    pub(in crate::telemetry) fn is_open(&self) -> bool {
        self.queue().stopped.is_none()
    }

    /// Makes a batch durable and visible; returns its position and the numbers of its new series.
    pub(in crate::telemetry) fn commit(
        &self,
        catalog: &Catalog,
        staged: Staged,
        clock: &dyn Clock,
    ) -> Result<(u64, Vec<Option<SeriesId>>), Error> {
        let mut queue = self.queue();
        queue.refuse_when_stopped()?;
        let (position, numbers, fate) = queue.push(catalog, staged, clock.now().nanos())?;
        loop {
            match fate.get() {
                Some(Ok(())) => return Ok((position, numbers)),
                Some(Err(Refused { reason, is_unknown })) => {
                    let reason = reason.clone();
                    return Err(if *is_unknown {
                        Error::MaybeStored { reason }
                    } else {
                        Error::NotStored { reason }
                    });
                }
                None if queue.led => queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
                None => queue = self.lead(catalog, queue),
            }
        }
    }

    /// Returns whether there are series that only refused batches made.
    pub(in crate::telemetry) fn has_orphans(&self) -> bool {
        !self.queue().orphans.is_empty()
    }

    /// Takes back the numbers of series that only refused batches made. No writer may be under way.
    pub(in crate::telemetry) fn drop_orphans(&self, catalog: &Catalog) {
        let mut queue = self.queue();
        let orphans = std::mem::take(&mut queue.orphans);
        catalog.write().drop_last(orphans.len());
    }

    /// Takes a position that brings nothing.
    pub(in crate::telemetry) fn commit_nothing(
        &self,
        catalog: &Catalog,
        clock: &dyn Clock,
    ) -> Result<u64, Error> {
        let nothing = Staged::new(Limits::of(&Settings::default()));
        Ok(self.commit(catalog, nothing, clock)?.0)
    }

    /// Writes what is queued. The queue stays open to others meanwhile.
    fn lead<'a>(&'a self, catalog: &Catalog, mut queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        queue.led = true;
        let (frames, entries) = (std::mem::take(&mut queue.frames), std::mem::take(&mut queue.entries));
        drop(queue);
        let write = AssertUnwindSafe(|| self.write(catalog, &frames, &entries));
        let written = std::panic::catch_unwind(write).unwrap_or_else(|_| {
            Err((Error::Stopped { reason: "the writing of samples broke off".to_owned() }, true))
        });
        let mut queue = self.queue();
        queue.led = false;
        match written {
            Ok(()) => {
                queue.done(&entries);
                // Before the taps, so that nobody waits for ever where one of them panics.
                self.changed.notify_all();
                // With the queue locked, so that taps get batches in their order, and can read what they are notified of.
                if !self.taps.is_empty() {
                    let names = catalog.read();
                    entries.iter().for_each(|queued| self.taps.offer(&names, &queued.entry));
                }
            }
            Err((error, broken)) => {
                if let Some(first) = entries.first().filter(|_| broken)
                    && let Err(error) = self.control.refuse(first.entry.position)
                {
                    tracing::error!("it cannot be put down which samples were refused: {error}");
                }
                queue.failed(catalog, entries, &error, broken);
            }
        }
        self.changed.notify_all();
        queue
    }

    /// Writes and shows entries; an error carries also whether the log is broken.
    fn write(&self, catalog: &Catalog, frames: &[u8], entries: &[Queued]) -> Result<(), (Error, bool)> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let appended = shown.log.append(frames);
        appended.map_err(|error| (error, shown.log.is_broken()))?;
        if let Some(last) = entries.last()
            && let Err(error) = self.control.acknowledge(last.entry.position)
        {
            // The batch is on the disk; only a later damage of it would be taken for an unfinished write.
            tracing::warn!("{error}");
        }
        let names = catalog.read();
        for Queued { entry, .. } in entries {
            show(&names, entry);
            shown.position = entry.position;
            shown.instants.extend(entry.arrival.map(|arrival| (entry.position, arrival)));
            self.unsealed.fetch_add(entry.at.len(), Ordering::Relaxed);
        }
        Ok(())
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn refuse_when_stopped(&self) -> Result<(), Error> {
        self.stopped.clone().map_or(Ok(()), |reason| Err(Error::Stopped { reason }))
    }

    /// Gives the batch its position and its new series their numbers. A series is numbered in the order of the log, so that no
    /// batch in the log names one that only a later batch makes.
    fn push(&mut self, catalog: &Catalog, mut staged: Staged, arrival: i64) -> Result<Pushed, Error> {
        let position = self.next;
        if position > Row::POSITION_MAX {
            return Err(Error::Stopped { reason: "all positions are used".to_owned() });
        }
        let (mut made, mut numbers) = (std::mem::take(&mut self.orphans), Vec::new());
        if !made.is_empty() {
            set_born(catalog, &made, position);
        }
        if !staged.new.is_empty() {
            let numbered = number(&mut catalog.write(), &mut staged, position, &mut made);
            numbers = match numbered {
                Ok(numbers) => numbers,
                Err(error) => {
                    set_born(catalog, &made, UNBORN);
                    self.orphans = made;
                    return Err(error);
                }
            };
        }
        self.next += 1;
        let entry = Entry::new(position, self.durable, arrival, made, staged);
        log::put_frame(&mut self.frames, &entry);
        let fate = Arc::new(Fate::new());
        self.entries.push(Queued { entry, fate: Arc::clone(&fate) });
        Ok((position, numbers, fate))
    }

    /// Reports that entries are durable and visible.
    fn done(&mut self, entries: &[Queued]) {
        self.durable = entries.last().map_or(self.durable, |queued| queued.entry.position);
        for queued in entries {
            let _ = queued.fate.set(Ok(()));
        }
    }

    /// Reports that entries, and those that would have come after them, are not stored.
    fn failed(&mut self, catalog: &Catalog, entries: Vec<Queued>, error: &Error, broken: bool) {
        let reason = describe(error);
        self.frames.clear();
        let written = entries.into_iter().map(|queued| (queued, broken));
        let waiting = std::mem::take(&mut self.entries).into_iter().map(|queued| (queued, false));
        for (queued, is_unknown) in written.chain(waiting) {
            set_born(catalog, &queued.entry.made, UNBORN);
            self.orphans.extend(queued.entry.made);
            let _ = queued.fate.set(Err(Refused { reason: reason.clone(), is_unknown }));
        }
        self.next = self.durable + 1;
        self.stopped = broken.then_some(reason);
    }
}

/// What a batch got when it was queued: its position, the numbers of its new series, and where it hears what became of it.
type Pushed = (u64, Vec<Option<SeriesId>>, Arc<Fate>);

/// The position of a series that no batch has brought.
const UNBORN: u64 = u64::MAX;

/// Records which batch brings some series.
fn set_born(catalog: &Catalog, made: &[SeriesKey], position: u64) {
    let names = catalog.read();
    let ids = made.iter().filter_map(|key| names.find(key));
    ids.filter_map(|id| names.tracks().get(id.index())).for_each(|track| track.set_born(position));
}

fn number(
    names: &mut Names,
    staged: &mut Staged,
    position: u64,
    made: &mut Vec<SeriesKey>,
) -> Result<Vec<Option<SeriesId>>, Error> {
    let mut numbers = vec![None; staged.new.len()];
    for series in &mut staged.series {
        let Some(place) = series.checked_sub(NEW_FLAG) else { continue };
        let key = &staged.new[place as usize];
        let number = match numbers[place as usize].or_else(|| names.find(key)) {
            Some(number) => number,
            None => {
                made.push(key.clone());
                names
                    .add(key.clone(), position)
                    .ok_or(Error::Stopped { reason: "all series numbers are used".to_owned() })?
            }
        };
        numbers[place as usize] = Some(number);
        *series = number.0;
    }
    Ok(numbers)
}

/// Puts the samples of an entry into memory.
pub(in crate::telemetry) fn show(names: &Names, entry: &Entry) {
    let rows = entry.series.iter().zip(&entry.at).zip(&entry.values);
    let mut open = None;
    for ((series, at), value) in rows {
        let body = match &mut open {
            Some((number, body)) if number == series => body,
            _ => {
                open = None;
                let Some(track) = names.tracks().get(*series as usize) else { continue };
                &mut open.insert((*series, track.write())).1
            }
        };
        body.push(*at, *value, entry.position);
    }
}

fn describe(error: &Error) -> String {
    match error {
        Error::Io { source, .. } => format!("{error}: {source}"),
        error => error.to_string(),
    }
}
