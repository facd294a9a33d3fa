//! The control file: how much of every other file was acknowledged, so that a lost or damaged end is distinguished from an unfinished one.
//!
//! ```text
//! at 0       header    "TLCONTRL" · version u32 · store id, 16 bytes · crc32 u32 of all before
//! at 4096 n  lengths   n = 1, 2: sequence u64 · acknowledged bytes u64 of series.tln, pins.tlq, parts.tll, arrivals.tla (0: none
//!                      recorded) · clock read last i64 · clock believed i64 · bytes of a series.tln that is about to take the place of
//!                      the present one u64 (0: none) · crc32 u32
//!            progress  n = 3, 4: sequence u64 · acknowledged position u64 · first refused position u64 (0: none) · closed u64
//!                      (1: in order) · crc32 u32
//! ```
//! A record is written to the older of its two places; the valid one with the greater sequence counts. Lengths are on the disk before the
//! append that they record returns. Progress is written after the log is synced and before a batch is acknowledged, but not synced
//! itself: a killed process loses nothing of it, a power cut the last seconds, in which the log's own end decides.
//! PostgreSQL's `pg_control` serves the same purpose.

use super::bytes::{Reader, Short};
use super::clock_reading::ClockReading;
use super::header::Form;
use crate::model::durable;
use crate::telemetry::error::Error;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

const MAGIC: [u8; 8] = *b"TLCONTRL";
const VERSION: u32 = 1;
/// The header of the file.
pub(in crate::telemetry) const FORM: Form = Form { magic: MAGIC, newest: VERSION, is_numbered: false };
const HEADER: usize = FORM.length();
const PLACE: usize = 4096;
const LENGTHS: usize = 68;
const PROGRESS: usize = 36;

/// Its name in the folder.
pub(in crate::telemetry) const FILE: &str = "control.tlc";

/// The control file of an open store.
#[derive(Debug)]
pub(in crate::telemetry) struct Control {
    path: PathBuf,
    file: File,
    records: Mutex<Records>,
    /// Whether both places of the lengths could be read: else the newest may be the one that is broken.
    is_exact: bool,
}

/// The files whose lengths are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) enum Recorded {
    /// `series.tln`.
    Names,
    /// `pins.tlq`.
    Pins,
    /// `parts.tll`.
    Ledger,
    /// `arrivals.tla`.
    Arrivals,
}

/// The content of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::telemetry) struct Records {
    lengths: Lengths,
    progress: Progress,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lengths {
    sequence: u64,
    files: [u64; 4],
    clock: ClockReading,
    next_names: u64,
}

/// How far the log is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::telemetry) struct Progress {
    sequence: u64,
    /// The last batch that was acknowledged.
    pub(in crate::telemetry) position: u64,
    /// The first batch of a write whose sync failed, and which was refused; 0 where there is none.
    pub(in crate::telemetry) refused: u64,
    /// Whether the store was closed in order, with all of the log on the disk.
    pub(in crate::telemetry) is_closed: bool,
}

/// Of how much of a file what is in it is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::telemetry) enum Trust {
    /// Only where all of it is whole.
    #[default]
    Whole,
    /// Also where its header is broken: each record has a sum of its own.
    Records,
}

/// What a check finds in a control file.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::telemetry) struct Look {
    records: Records,
    /// How the files are read whose lengths it has.
    pub(in crate::telemetry) trust: Trust,
    /// Whether all places could be read.
    pub(in crate::telemetry) is_whole: bool,
}

impl Control {
    /// Opens the file; `None` where there is none.
    pub(in crate::telemetry) fn open(folder: &Path, store: Uuid) -> Result<Option<Self>, Error> {
        let path = folder.join(FILE);
        let Some(Found { records, exact, whole }) = Found::read(&path, store, Trust::Whole)? else {
            return Ok(None);
        };
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(Error::io("open", &path))?;
        let control = Self { path, file, records: Mutex::new(records), is_exact: exact };
        if !whole {
            tracing::warn!(
                "{}: one of the two copies of a record is broken, and the other one is used",
                control.path.display()
            );
        }
        Ok(Some(control))
    }

    /// Makes the file of a store that has none.
    pub(in crate::telemetry) fn create(folder: &Path, store: Uuid, position: u64) -> Result<Self, Error> {
        let path = folder.join(FILE);
        let records =
            Records { progress: Progress { position, ..Progress::default() }, ..Records::default() };
        durable::replace(&path, &records.image(store)).map_err(Error::io("create", &path))?;
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(Error::io("open", &path))?;
        Ok(Self { path, file, records: Mutex::new(records), is_exact: true })
    }

    /// Reads the file without changing anything; `None` where there is none.
    pub(in crate::telemetry) fn look(
        folder: &Path,
        store: Uuid,
        trust: Trust,
    ) -> Result<Option<Look>, Error> {
        let found = Found::read(&folder.join(FILE), store, trust)?;
        Ok(found.map(|Found { records, whole, .. }| Look { records, is_whole: whole, trust }))
    }

    /// Returns the bytes of a file for a copy of a store that holds so much.
    pub(in crate::telemetry) fn image(
        store: Uuid,
        lengths: [(Recorded, u64); 4],
        position: u64,
        clock: ClockReading,
    ) -> Vec<u8> {
        let mut records = Records::default();
        records.lengths.clock = clock;
        records.progress.position = position;
        for (file, length) in lengths {
            records.lengths.files[file as usize] = length;
        }
        records.image(store)
    }

    /// Returns how many bytes of a file were acknowledged; `None` where that was never recorded.
    pub(in crate::telemetry) fn length(&self, file: Recorded) -> Option<u64> {
        self.records().length(file)
    }

    /// Returns whether the recorded lengths are the newest for certain.
    pub(super) fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// Makes durable that so many bytes of a file are acknowledged.
    pub(in crate::telemetry) fn record(&self, file: Recorded, length: u64) -> Result<(), Error> {
        let mut records = self.records();
        let mut lengths = records.lengths;
        lengths.files[file as usize] = length;
        self.put_lengths(&mut records, lengths)
    }

    /// Makes durable that a file of names of so many bytes is about to take the place of the present one.
    pub(in crate::telemetry) fn announce_names(&self, length: u64) -> Result<(), Error> {
        let mut records = self.records();
        let lengths = Lengths { next_names: length, ..records.lengths };
        self.put_lengths(&mut records, lengths)
    }

    /// Makes durable how long the file of names is that is there now, where one was announced and the process stopped.
    pub(super) fn settle_names(&self, length: u64) -> Result<(), Error> {
        let mut records = self.records();
        let Lengths { next_names, .. } = records.lengths;
        if next_names == 0 {
            return Ok(());
        }
        let mut lengths = Lengths { next_names: 0, ..records.lengths };
        if length == next_names {
            lengths.files[Recorded::Names as usize] = length;
        }
        self.put_lengths(&mut records, lengths)
    }

    /// Returns what is known of the clock.
    pub(in crate::telemetry) fn clock(&self) -> ClockReading {
        self.records().lengths.clock
    }

    /// Makes durable what is known of the clock.
    pub(in crate::telemetry) fn set_clock(&self, clock: ClockReading) -> Result<(), Error> {
        let mut records = self.records();
        let lengths = Lengths { clock, ..records.lengths };
        self.put_lengths(&mut records, lengths)
    }

    /// Returns how far the log is acknowledged.
    pub(in crate::telemetry) fn progress(&self) -> Progress {
        self.records().progress
    }

    /// Writes that all batches up to a position are acknowledged; not synced.
    pub(in crate::telemetry) fn acknowledge(&self, position: u64) -> Result<(), Error> {
        let mut records = self.records();
        let progress = Progress { position, ..records.progress };
        self.put_progress(&mut records, progress)
    }

    /// Writes that the batches from a position on were refused, though the log may hold them.
    pub(in crate::telemetry) fn refuse(&self, position: u64) -> Result<(), Error> {
        let mut records = self.records();
        let progress = Progress { refused: position, ..records.progress };
        self.put_progress(&mut records, progress)?;
        self.sync()
    }

    /// Makes durable that the store goes on from a position, open or closed in order.
    pub(in crate::telemetry) fn set_progress(&self, position: u64, is_closed: bool) -> Result<(), Error> {
        let mut records = self.records();
        // Twice, so that no place keeps what is over.
        for _ in 0..2 {
            let progress = Progress { position, refused: 0, is_closed, ..records.progress };
            self.put_progress(&mut records, progress)?;
        }
        self.sync()
    }

    fn put_lengths(&self, records: &mut Records, lengths: Lengths) -> Result<(), Error> {
        let lengths = Lengths { sequence: records.lengths.sequence + 1, ..lengths };
        self.put(1 + lengths.sequence % 2, &lengths.write())?;
        self.sync()?;
        records.lengths = lengths;
        Ok(())
    }

    fn put_progress(&self, records: &mut Records, progress: Progress) -> Result<(), Error> {
        let progress = Progress { sequence: records.progress.sequence + 1, ..progress };
        self.put(3 + progress.sequence % 2, &progress.write())?;
        records.progress = progress;
        Ok(())
    }

    fn put(&self, place: u64, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all_at(bytes, place * PLACE as u64).map_err(Error::io("write", &self.path))
    }

    fn sync(&self) -> Result<(), Error> {
        self.file.sync_data().map_err(Error::io("sync", &self.path))
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Look {
    /// Returns what is known, for files that are read with so much trust.
    pub(in crate::telemetry) fn with(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// Returns how many bytes of a file were acknowledged; `None` where that was never recorded.
    pub(in crate::telemetry) fn length(&self, file: Recorded) -> Option<u64> {
        self.records.length(file)
    }

    /// Returns how many bytes the file of names has if it was just replaced; 0 where it was not.
    pub(super) fn next_names(&self) -> u64 {
        self.records.lengths.next_names
    }

    /// Returns how far the log is acknowledged.
    pub(in crate::telemetry) fn progress(&self) -> Progress {
        self.records.progress
    }
}

impl Records {
    fn length(&self, file: Recorded) -> Option<u64> {
        Some(self.lengths.files[file as usize]).filter(|length| *length > 0)
    }

    /// Returns a whole file of this content; zeros fill it up, so that writes in place need no room.
    fn image(&self, store: Uuid) -> Vec<u8> {
        let mut bytes = vec![0; 5 * PLACE];
        bytes[..HEADER].copy_from_slice(&FORM.write(VERSION, store, 0));
        for place in 1..5 {
            let record = if place < 3 { self.lengths.write() } else { self.progress.write() };
            bytes[place * PLACE..][..record.len()].copy_from_slice(&record);
        }
        bytes
    }
}

/// What was found in a file.
struct Found {
    records: Records,
    exact: bool,
    whole: bool,
}

impl Found {
    fn read(path: &Path, store: Uuid, trust: Trust) -> Result<Option<Self>, Error> {
        let bytes = match std::fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(Error::io("read", path))?,
        };
        if trust == Trust::Whole || !FORM.is_broken(&bytes) {
            FORM.check(path, &bytes, store)?;
        }
        let broken = || Error::damaged(path, "it cannot be read");
        let record = |place: usize, length: usize| bytes.get(place * PLACE..place * PLACE + length);
        let lengths = [1, 2].map(|place| record(place, LENGTHS).and_then(|bytes| Lengths::read(bytes).ok()));
        let progress =
            [3, 4].map(|place| record(place, PROGRESS).and_then(|bytes| Progress::read(bytes).ok()));
        let exact = lengths.iter().all(Option::is_some);
        let whole = exact && progress.iter().all(Option::is_some);
        let lengths = lengths.into_iter().flatten().max_by_key(|lengths| lengths.sequence);
        let progress = progress.into_iter().flatten().max_by_key(|progress| progress.sequence);
        let records =
            Records { lengths: lengths.ok_or_else(broken)?, progress: progress.ok_or_else(broken)? };
        Ok(Some(Self { records, exact, whole }))
    }
}

/// Appends the check sum.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// Returns what the check sum at the end is of.
fn unsealed(bytes: &[u8]) -> Result<&[u8], Short> {
    let (record, sum) = bytes.split_last_chunk::<4>().ok_or(Short)?;
    if crc32fast::hash(record).to_le_bytes() == *sum { Ok(record) } else { Err(Short) }
}

impl Lengths {
    fn write(&self) -> Vec<u8> {
        let clock = [self.clock.last as u64, self.clock.believed as u64];
        let numbers = [self.sequence].into_iter().chain(self.files).chain(clock).chain([self.next_names]);
        sealed(numbers.flat_map(u64::to_le_bytes).collect())
    }

    fn read(bytes: &[u8]) -> Result<Self, Short> {
        let mut reader = Reader(unsealed(bytes)?);
        let sequence = reader.u64()?;
        let files = [reader.u64()?, reader.u64()?, reader.u64()?, reader.u64()?];
        let clock = ClockReading { last: reader.u64()? as i64, believed: reader.u64()? as i64 };
        Ok(Self { sequence, files, clock, next_names: reader.u64()? })
    }
}

impl Progress {
    fn write(&self) -> Vec<u8> {
        let numbers = [self.sequence, self.position, self.refused, u64::from(self.is_closed)];
        sealed(numbers.into_iter().flat_map(u64::to_le_bytes).collect())
    }

    fn read(bytes: &[u8]) -> Result<Self, Short> {
        let mut reader = Reader(unsealed(bytes)?);
        let (sequence, position, refused) = (reader.u64()?, reader.u64()?, reader.u64()?);
        Ok(Self { sequence, position, refused, is_closed: reader.u64()? == 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_valid_record_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Uuid::from_u128(7);
        let path = folder.path().join(FILE);
        let control = Control::create(folder.path(), store, 3).expect("a control file");
        for length in [100, 200, 300] {
            control.record(Recorded::Pins, length).expect("a record");
            control.acknowledge(length).expect("a record");
        }
        drop(control);
        let whole = std::fs::read(&path).expect("the file");
        let check = |byte: Option<usize>, expect: Option<(u64, bool, u64)>| {
            let mut bytes = whole.clone();
            if let Some(byte) = byte {
                bytes[byte] ^= 1;
            }
            std::fs::write(&path, bytes).expect("the file");
            let open = Control::open(folder.path(), store).ok().flatten();
            let got = open.map(|control| {
                (control.length(Recorded::Pins).unwrap_or(0), control.is_exact(), control.progress().position)
            });
            assert_eq!(got, expect, "{byte:?}");
        };
        check(None, Some((300, true, 300)));
        check(Some(3), None);
        check(Some(20), None);
        // The third record is in the second place, the one before it in the first.
        check(Some(2 * PLACE + 20), Some((200, false, 300)));
        check(Some(PLACE + 20), Some((300, false, 300)));
        check(Some(4 * PLACE + 9), Some((300, true, 200)));
        check(Some(3 * PLACE + 9), Some((300, true, 300)));
        assert!(Control::open(folder.path(), Uuid::nil()).is_err());
    }
}
