//! A file of checked records that only grows.
//!
//! ```text
//! header  magic, 8 bytes · version u32 · store id, 16 bytes · crc32 u32 of all before
//! frame   length u32 · crc32 u32 of the payload · payload
//! ```
//! Records are on the disk when an append returns, and the control file (see `control`) then records how long the file is. So what
//! it lacks of that length, or does not read within it, is damage, and what lies behind it was never acknowledged and is cut off.
//! A file of names can be replaced as a whole by one of another length, which the control file announces.
//! Where the control file has no length, as in a store of an earlier version, whole records count, and a broken end is cut off where it
//! can be what an unfinished append left behind.

use super::bytes::Reader;
use super::control::{Control, Look, Recorded, Trust};
use super::header::Form;
use crate::model::durable;
use crate::telemetry::error::Error;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// The version before has the same form; a file of names of that version has no deleted ones.
const VERSION: u32 = 2;
const HEADER: usize = form([0; 8]).length();
const FRAME_HEADER: usize = 8;

#[cfg(test)]
thread_local! {
    /// Which step of an append to which file fails on this thread, after so many that do not.
    pub(in crate::telemetry) static FAILS: std::cell::Cell<Option<(Recorded, &'static str, usize)>> =
        const { std::cell::Cell::new(None) };
}

/// Fails a step where a test asks for it.
fn injected(recorded: Recorded, step: &'static str) -> std::io::Result<()> {
    #[cfg(test)]
    if let Some((file, fails, before)) =
        FAILS.get().filter(|(file, fails, _)| (*file, *fails) == (recorded, step))
    {
        if before == 0 {
            return Err(std::io::Error::other("a step that fails for a test"));
        }
        FAILS.set(Some((file, fails, before - 1)));
    }
    let _ = (recorded, step);
    Ok(())
}

/// A sector of a disk is written whole or not at all.
const SECTOR: usize = 512;

/// The file.
#[derive(Debug)]
pub(in crate::telemetry) struct Frames {
    path: PathBuf,
    file: File,
    /// How many bytes of the file are good.
    good: u64,
    broken: bool,
    control: Arc<Control>,
    recorded: Recorded,
    magic: [u8; 8],
    store: Uuid,
}

/// What is known of how much a file must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Exactly so many bytes; what lies behind them does not count.
    Exactly(u64),
    /// At least so many bytes; whole records behind them count.
    AtLeast(u64),
}

impl Frames {
    /// Where the first record begins, and how many bytes precede the payload of each.
    pub(in crate::telemetry) const START: u64 = HEADER as u64;
    pub(in crate::telemetry) const BEFORE: u64 = FRAME_HEADER as u64;

    /// Opens a file, made where it is missing and nothing was acknowledged of it; returns the payloads in it.
    pub(in crate::telemetry) fn open(
        path: PathBuf,
        magic: [u8; 8],
        store: Uuid,
        control: &Arc<Control>,
        recorded: Recorded,
    ) -> Result<(Self, Vec<Vec<u8>>), Error> {
        let header = header(magic, store);
        if recorded == Recorded::Names {
            control.settle_names(length(&path)?)?;
        }
        let known = match control.length(recorded) {
            Some(length) if control.is_exact() => Known::Exactly(length),
            length => Known::AtLeast(length.unwrap_or(0)),
        };
        let (payloads, good) = match read(&path, (magic, store), known, Trust::Whole)? {
            Content::Nothing => {
                replace(&path, &header)?;
                (Vec::new(), HEADER)
            }
            Content::Records { payloads, good, bytes } => {
                // What was not acknowledged may be in memory alone, so it is written anew.
                let end = if let Known::Exactly(length) = known { length as usize } else { bytes.len() };
                if end < bytes.len() || known != Known::Exactly(end as u64) {
                    replace(&path, &bytes[..good])?;
                }
                (payloads, good)
            }
        };
        if control.length(recorded) != Some(good as u64) {
            control.record(recorded, good as u64)?;
        }
        let file =
            OpenOptions::new().read(true).append(true).open(&path).map_err(Error::io("open", &path))?;
        let control = Arc::clone(control);
        Ok((Self { path, file, good: good as u64, broken: false, control, recorded, magic, store }, payloads))
    }

    /// Returns the payloads of a file; nothing is made or cut.
    pub(in crate::telemetry) fn look(
        path: &Path,
        magic: [u8; 8],
        store: Uuid,
        control: Option<&Look>,
        recorded: Recorded,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let known = match control.and_then(|control| Some((control, control.length(recorded)?))) {
            Some((control, _))
                if recorded == Recorded::Names && control.next_names() == self::length(path)?.max(1) =>
            {
                Known::Exactly(control.next_names())
            }
            Some((control, length)) if control.is_whole => Known::Exactly(length),
            Some((_, length)) => Known::AtLeast(length),
            None => Known::AtLeast(0),
        };
        let trust = control.map_or_else(Trust::default, |control| control.trust);
        Ok(match read(path, (magic, store), known, trust)? {
            Content::Nothing => Vec::new(),
            Content::Records { payloads, .. } => payloads,
        })
    }

    /// Returns where the file is and how many of its bytes are good.
    pub(in crate::telemetry) fn extent(&self) -> (&Path, u64) {
        (&self.path, self.good)
    }

    /// Reads the payload of the record that begins at an offset.
    pub(in crate::telemetry) fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let mut record = vec![0; FRAME_HEADER + length];
        self.file.read_exact_at(&mut record, offset).map_err(Error::io("read", &self.path))?;
        let broken = || Error::damaged(&self.path, format!("the record at byte {offset} is broken"));
        Ok(read_frame(&record).ok_or_else(broken)?.0)
    }

    /// Appends records and waits until they are on the disk.
    pub(in crate::telemetry) fn append(&mut self, payloads: &[Vec<u8>]) -> Result<(), Error> {
        if payloads.is_empty() {
            return Ok(());
        }
        if self.broken {
            return Err(Error::Stopped {
                reason: format!("the end of {} is not known", self.path.display()),
            });
        }
        let bytes = frames(payloads);
        self.cut()?;
        let written = injected(self.recorded, "write").and_then(|()| self.file.write_all(&bytes));
        if let Err(source) = written {
            self.cut()?;
            return Err(Error::io("write", &self.path)(source));
        }
        self.broken = true;
        let synced = injected(self.recorded, "sync").and_then(|()| self.file.sync_data());
        synced.map_err(Error::io("sync", &self.path))?;
        let good = self.good + bytes.len() as u64;
        match self.control.record(self.recorded, good) {
            // What was not recorded does not count, so it can go.
            Err(error @ Error::Io { action: "write", .. }) => return self.cut().and(Err(error)),
            recorded => recorded?,
        }
        injected(self.recorded, "record").map_err(Error::io("sync", &self.path))?;
        self.broken = false;
        self.good = good;
        Ok(())
    }

    /// Replaces all records of a file of names, and waits until that is on the disk.
    pub(in crate::telemetry) fn rewrite(&mut self, payloads: &[Vec<u8>]) -> Result<(), Error> {
        let bytes = [header(self.magic, self.store), frames(payloads)].concat();
        let length = bytes.len() as u64;
        // Their lengths show which of the two files is there after a stop.
        self.control.announce_names(length)?;
        self.broken = true;
        replace(&self.path, &bytes)?;
        self.control.settle_names(length)?;
        let file = OpenOptions::new().read(true).append(true).open(&self.path);
        self.file = file.map_err(Error::io("open", &self.path))?;
        (self.good, self.broken) = (length, false);
        Ok(())
    }

    /// Returns whether an append failed such that the end of the file is not known.
    pub(in crate::telemetry) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Cuts off what follows the good records.
    fn cut(&mut self) -> Result<(), Error> {
        self.broken = true;
        self.file.set_len(self.good).map_err(Error::io("cut", &self.path))?;
        self.broken = false;
        Ok(())
    }
}

/// Returns how long a file is; 0 where there is none.
fn length(path: &Path) -> Result<u64, Error> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        file => Ok(file.map_err(Error::io("read", path))?.len()),
    }
}

/// What a file holds.
enum Content {
    /// Nothing, not even a whole header.
    Nothing,
    /// Records, which end at byte `good` of all bytes.
    Records { payloads: Vec<Vec<u8>>, good: usize, bytes: Vec<u8> },
}

/// Reads a file of a kind and a store, of which so much is known.
fn read(path: &Path, (magic, store): ([u8; 8], Uuid), known: Known, trust: Trust) -> Result<Content, Error> {
    let (Known::Exactly(least) | Known::AtLeast(least)) = known;
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && least == 0 => {
            return Ok(Content::Nothing);
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::Missing(path.to_owned()));
        }
        read => read.map_err(Error::io("read", path))?,
    };
    if (bytes.len() as u64) < least {
        let length = bytes.len();
        return Err(Error::damaged(path, format!("it has {length} bytes, and had {least}")));
    }
    if bytes.len() < HEADER {
        return Ok(Content::Nothing);
    }
    if trust == Trust::Whole || !form(magic).is_broken(&bytes) {
        form(magic).check(path, &bytes, store)?;
    }
    let end = if let Known::Exactly(length) = known { length as usize } else { bytes.len() };
    let (payloads, good) = read_frames(&bytes[..end]);
    let is_cut = good as u64 >= least && is_torn(&bytes, good);
    if good < end && (matches!(known, Known::Exactly(_)) || !is_cut) {
        return Err(Error::damaged(path, format!("the record at byte {good} is broken")));
    }
    Ok(Content::Records { payloads, good, bytes })
}

/// Returns whether what lies from an offset to the end of a file can be what an unfinished append of records left behind: the file
/// is shorter than the record's length, or has a sector that was never written. A record that is there and does not fit its sum is
/// none. The length is first in the record.
pub(in crate::telemetry) fn is_torn(bytes: &[u8], offset: usize) -> bool {
    let rest = &bytes[offset..];
    let Ok(length) = Reader(rest).u32() else { return true };
    let sectors = bytes[offset.next_multiple_of(SECTOR).min(bytes.len())..].chunks(SECTOR);
    let is_zero = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    rest.len() < FRAME_HEADER + length as usize
        || is_zero(&rest[..FRAME_HEADER.min(rest.len())])
        || sectors.into_iter().any(is_zero)
}

/// Gives a file a new content in one step, which is on the disk on return.
pub(in crate::telemetry) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    durable::replace(path, bytes).map_err(Error::io("write", path))
}

/// Returns records as a file has them.
pub(in crate::telemetry) fn frames(payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for payload in payloads {
        bytes.extend((payload.len() as u32).to_le_bytes());
        bytes.extend(crc32fast::hash(payload).to_le_bytes());
        bytes.extend(payload);
    }
    bytes
}

/// Returns the header of files of one kind.
pub(in crate::telemetry) const fn form(magic: [u8; 8]) -> Form {
    Form { magic, newest: VERSION, is_numbered: false }
}

fn header(magic: [u8; 8], store: Uuid) -> Vec<u8> {
    form(magic).write(VERSION, store, 0)
}

fn read_frames(bytes: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let (mut payloads, mut good) = (Vec::new(), HEADER);
    while let Some((payload, length)) = read_frame(&bytes[good..]) {
        payloads.push(payload);
        good += length;
    }
    (payloads, good)
}

fn read_frame(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut reader = Reader(bytes);
    let (length, sum) = (reader.u32().ok()? as usize, reader.u32().ok()?);
    let payload = reader.take(length).ok()?;
    // No record is empty, though zeros read as one: what a file grew by before its bytes came to the disk.
    (length > 0 && crc32fast::hash(payload) == sum).then(|| (payload.to_vec(), FRAME_HEADER + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: Uuid = Uuid::from_u128(7);

    fn open(folder: &Path) -> Result<(Frames, Vec<Vec<u8>>), Error> {
        let control = match Control::open(folder, STORE)? {
            Some(control) => control,
            None => Control::create(folder, STORE, 0)?,
        };
        let path = folder.join("records");
        Frames::open(path, *b"TLTEST\0\0", STORE, &Arc::new(control), Recorded::Pins)
    }

    fn record(text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }

    #[test]
    fn a_failed_append_shifts_no_record() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("records");
        let open = || open(folder.path()).expect("the records");
        let (mut records, _) = open();
        records.append(&[record("one")]).expect("an append");
        // What an append that stopped half-way may leave, be it less than a frame or more than one.
        for torn in [&frames(&[record("two")])[..9], &frames(&[record("two"), record("two")])] {
            let mut file = OpenOptions::new().append(true).open(&path).expect("the file");
            file.write_all(torn).expect("a torn append");
            records.append(&[record("two")]).expect("an append");
            assert_eq!(open().1, vec![record("one"), record("two")]);
            records.good = (frames(&[record("one")]).len() + HEADER) as u64;
        }
        let writable = std::mem::replace(&mut records.file, File::open(&path).expect("a file to read"));
        records.append(&[record("two")]).expect_err("a file that cannot be written");
        records.file = writable;
        assert!(matches!(records.append(&[record("two")]), Err(Error::Stopped { .. })));
        assert!(records.is_broken());
        let (mut records, _) = open();
        records.append(&[record("three")]).expect("an append after opening again");
        assert_eq!(open().1, vec![record("one"), record("two"), record("three")]);
    }

    #[test]
    fn what_was_acknowledged_is_whole_or_damaged() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("records");
        let (mut records, _) = open(folder.path()).expect("the records");
        records.append(&["one", "two", "three"].map(record)).expect("an append");
        drop(records);
        let whole = std::fs::read(&path).expect("the file");
        for byte in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[byte] ^= 1;
            std::fs::write(&path, bytes).expect("the file");
            assert!(open(folder.path()).is_err(), "byte {byte}");
        }
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).expect("the file");
            assert!(matches!(open(folder.path()), Err(Error::Damaged { .. })), "{length} bytes");
        }
        std::fs::remove_file(&path).expect("the file goes");
        assert!(matches!(open(folder.path()), Err(Error::Missing(_))));
        // What lies behind it was never acknowledged, be it whole or not.
        for more in [frames(&[record("four")]), vec![0; 64], vec![9; 64]] {
            std::fs::write(&path, [&whole[..], &more].concat()).expect("the file");
            assert_eq!(open(folder.path()).expect("the records").1.len(), 3);
            assert_eq!(std::fs::read(&path).expect("the file"), whole);
        }
    }

    #[test]
    fn without_a_recorded_length_an_unfinished_end_differs_from_a_damaged_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("records");
        drop(open(folder.path()).expect("the records"));
        let header = std::fs::read(&path).expect("the file");
        let two = frames(&[record("one"), record("two")]);
        let check = |end: &[u8], expect: Option<usize>| {
            std::fs::remove_file(folder.path().join(super::super::control::FILE)).expect("no control file");
            std::fs::write(&path, [&header[..], &two, end].concat()).expect("the file");
            let got = open(folder.path()).ok().map(|(_, payloads)| payloads.len());
            assert_eq!(got, expect, "{end:?}");
        };
        let third = frames(&[vec![7; 2000]]);
        check(&third, Some(3));
        check(&third[..5], Some(2));
        check(&third[..1500], Some(2));
        check(&[0; 700], Some(2));
        let mut flipped = third.clone();
        flipped[1000] ^= 1;
        check(&flipped, None);
        // A sector of it was never written.
        let mut unwritten = third;
        unwritten[500..1600].fill(0);
        check(&unwritten, Some(2));
    }
}
