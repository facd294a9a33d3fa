//! The write-ahead log: every batch that was acknowledged and is not yet in a chunk.
//!
//! The log is a row of files `wal-<position>.log`, named by the first position they may hold (20 digits).
//!
//! ```text
//! header  "TLWAL" 0 0 0 · version u32 · store id, 16 bytes · first position u64 · crc32 u32 of all before
//! frame   length u32 · crc32 u32 of the payload · payload (see `entry`)
//! ```
//! Frames were on the disk before their batches were acknowledged, and the control file (see `control`) records which position was.
//! A frame up to there that is broken or missing is damage: then the store does not open, it never drops anything silently (see
//! `salvage`). So is one in an earlier file than the last, one that a later frame proves was synced, and one at the end
//! that is all there; an unfinished one at the end was never acknowledged and is left out. The positions that it may have had are
//! skipped: an entry without rows whose `durable` is the position before it covers all positions up to its own.
//! Since version 2 an entry has its arrival; since version 3 a store has a control file.

pub(super) mod arrivals;
pub(super) mod committer;
pub(super) mod tap;

use super::error::Error;
use super::file::bytes::{Reader, Short};
use super::file::durability::sync_folder;
use super::file::frames::is_torn;
use super::file::header::{self, Form};
use super::ingest::entry::{ENTRY_MIN, Entry, KEY_MIN, ROW};
use crate::model::sync::counter::Synced;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

const MAGIC: &[u8; 8] = b"TLWAL\0\0\0";
const VERSION: u32 = 3;
/// Since this version a store has a control file.
const CONTROL_SINCE: u32 = 3;
/// The header of its files.
pub(super) const FORM: Form = Form { magic: *MAGIC, newest: VERSION, is_numbered: true };
pub(super) const HEADER: usize = FORM.length();
pub(super) const FRAME_HEADER: usize = 8;
/// Fewer batches than this follow a broken frame: all were under way when the process stopped.
const LEAD_MAX: u64 = 1 << 20;

#[cfg(test)]
thread_local! {
    /// After how many more the syncs of a log on this thread fail.
    pub(super) static SYNC_FAILS: std::cell::Cell<Option<u32>> = const { std::cell::Cell::new(None) };
}

/// The file that batches are appended to.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    file: File,
    length: u64,
    broken: bool,
}

impl Log {
    /// Starts a new file for the batches from `first` on.
    pub(super) fn create(folder: &Path, store: Uuid, first: u64) -> Result<Self, Error> {
        let path = path(folder, first);
        let header = header(store, first);
        let mut file = File::create(&path).map_err(Error::io("create", &path))?;
        let written =
            file.write_all(&header).and_then(|()| file.sync_all()).map_err(Error::io("write", &path));
        if let Err(error) = written.and_then(|()| sync_folder(folder)) {
            // Only the last file may lack a whole header, and the present one goes on.
            std::fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            return Err(error);
        }
        Ok(Self { path, file, length: HEADER as u64, broken: false })
    }

    /// Opens a file to append at its end.
    pub(super) fn append_to(path: PathBuf) -> Result<Self, Error> {
        let mut file = OpenOptions::new().write(true).open(&path).map_err(Error::io("open", &path))?;
        let length = file.seek(SeekFrom::End(0)).map_err(Error::io("read", &path))?;
        Ok(Self { path, file, length, broken: false })
    }

    /// Returns where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns how many bytes of the file are whole frames.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Returns whether the file holds no frame.
    pub(super) fn is_empty(&self) -> bool {
        self.length == HEADER as u64
    }

    /// Returns whether a write failed such that the end of the file is not known.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Appends frames and waits until they are on the disk. What a failed write left behind is cut off, so that the next one
    /// may succeed; after a failed sync nothing is known of the file's end.
    pub(super) fn append(&mut self, frames: &[u8]) -> Result<(), Error> {
        self.broken = true;
        if let Err(source) = self.file.write_all(frames) {
            let cut = self.file.set_len(self.length).and_then(|()| self.file.sync_all());
            let cut = cut.and_then(|()| self.file.seek(SeekFrom::Start(self.length)));
            self.broken = cut.is_err();
            return Err(Error::io("write", &self.path)(source));
        }
        #[cfg(test)]
        if SYNC_FAILS.replace(SYNC_FAILS.get().map(|left| left.saturating_sub(1))) == Some(0) {
            return Err(Error::io("sync", &self.path)(std::io::Error::other("a sync that fails for a test")));
        }
        self.file.sync_data().map_err(Error::io("sync", &self.path))?;
        Synced::Telemetry.note();
        self.broken = false;
        self.length += frames.len() as u64;
        Ok(())
    }
}

/// Returns the file whose batches begin with `first`.
pub(super) fn path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("wal-{first:020}.log"))
}

/// Returns what a file begins with.
pub(super) fn header(store: Uuid, first: u64) -> Vec<u8> {
    FORM.write(VERSION, store, first)
}

/// Returns the first position that a file may hold, by its name; `None` where that has none.
pub(super) fn first_named(path: &Path) -> Option<u64> {
    path.file_stem()?.to_str()?.strip_prefix("wal-")?.parse().ok()
}

/// Appends an entry's frame to `bytes`.
pub(super) fn put_frame(bytes: &mut Vec<u8>, entry: &Entry) {
    let start = bytes.len();
    bytes.extend([0; FRAME_HEADER]);
    entry.write(bytes);
    let (header, payload) = bytes[start..].split_at_mut(FRAME_HEADER);
    header[..4].copy_from_slice(&(payload.len() as u32).to_le_bytes());
    header[4..].copy_from_slice(&crc32fast::hash(payload).to_le_bytes());
}

/// Returns the log's files, oldest first.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let path = entry.map_err(Error::io("list", folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("wal-") && name.ends_with(".log") {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Returns the log's files, oldest first, without a last one that has no whole header: such a file took no batch.
pub(super) fn whole_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = files(folder)?;
    if let Some(last) = files.last()
        && !has_header(last)?
    {
        files.pop();
    }
    Ok(files)
}

/// Reports a log of which the only file has no whole header: the header was on the disk before the file took batches.
pub(super) fn cut_short(path: &Path) -> Error {
    let length = std::fs::metadata(path).map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX));
    header::cut_short(path, length, HEADER)
}

/// A file of the log as it was read.
pub(super) struct Replayed {
    /// All of it.
    pub(super) bytes: Vec<u8>,
    /// How many of these bytes count.
    pub(super) good: usize,
}

/// Whether an entry counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    /// It does.
    Kept,
    /// It does not, nor does what follows.
    Refused,
}

/// Hands every entry of a file to `take` in order and returns how much of the file counts.
///
/// Only the last file may end in an unfinished frame; up to `acknowledged` all batches must be there. `None` where it is
/// not the last one.
pub(super) fn replay(
    path: &Path,
    store: Uuid,
    acknowledged: Option<u64>,
    mut take: impl FnMut(Entry) -> Result<Take, Error>,
) -> Result<Replayed, Error> {
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    FORM.check(path, &bytes, store)?;
    let (mut offset, mut position) = (HEADER, first_position(&bytes).saturating_sub(1));
    while let Some((entry, length)) = frame(&bytes[offset..]) {
        position = entry.position;
        if take(entry)? == Take::Refused {
            return Ok(Replayed { bytes, good: offset });
        }
        offset += length;
    }
    if offset < bytes.len() && !is_unfinished(&bytes, offset, position + 1, acknowledged) {
        return Err(Error::damaged(path, format!("the frame at byte {offset} is broken")));
    }
    Ok(Replayed { bytes, good: offset })
}

/// Returns whether what lies from an offset to the end of a file, where the batch at `wanted` should be, was never acknowledged.
pub(super) fn is_unfinished(bytes: &[u8], offset: usize, wanted: u64, acknowledged: Option<u64>) -> bool {
    acknowledged.is_some_and(|acknowledged| acknowledged < wanted)
        && is_torn(bytes, offset)
        && !proves(&bytes[offset + 1..], wanted)
}

/// Returns the last position that the batches in so many bytes may have had, where the first would be at `wanted`.
pub(super) fn last_possible(bytes: usize, wanted: u64) -> u64 {
    wanted + bytes as u64 / (FRAME_HEADER as u64 + ENTRY_MIN)
}

/// Appends an entry that skips all positions behind `durable` up to `position`.
pub(super) fn put_skip(bytes: &mut Vec<u8>, durable: u64, position: u64, arrival: Option<i64>) {
    put_frame(bytes, &Entry { position, durable, arrival, ..Entry::default() });
}

/// Returns whether a store with such a file has a control file.
pub(super) fn needs_control(path: &Path) -> Result<bool, Error> {
    Ok(has_header(path)? && version(path)? >= CONTROL_SINCE)
}

/// Returns whether a file takes entries of this version: an earlier program, which reads the file, would take them for damage.
pub(super) fn is_current(path: &Path) -> Result<bool, Error> {
    Ok(version(path)? == VERSION)
}

fn version(path: &Path) -> Result<u32, Error> {
    let mut header = [0; 12];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.map_err(Error::io("read", path))?;
    Ok(Reader(&header[8..]).u32().unwrap_or(0))
}

/// Returns whether a file's header was written completely. The header is synced before the file takes batches.
pub(super) fn has_header(path: &Path) -> Result<bool, Error> {
    let length = std::fs::metadata(path).map_err(Error::io("read", path))?.len();
    Ok(length >= HEADER as u64)
}

/// Reads the frame that bytes begin with; returns how long it is too.
pub(super) fn frame(bytes: &[u8]) -> Option<(Entry, usize)> {
    let mut reader = Reader(bytes);
    let (length, sum) = (reader.u32().ok()? as usize, reader.u32().ok()?);
    let payload = reader.take(length).ok()?;
    if crc32fast::hash(payload) != sum {
        return None;
    }
    Some((Entry::read(payload).ok()?, FRAME_HEADER + length))
}

/// Returns the first position that a file may hold.
fn first_position(bytes: &[u8]) -> u64 {
    Reader(&bytes[28..]).u64().unwrap_or(0)
}

/// Finds the first whole frame in `bytes` of a batch that comes at `wanted` or soon after; returns where it begins.
pub(super) fn next_frame(bytes: &[u8], wanted: u64) -> Option<usize> {
    let follows = |(position, durable): (u64, u64)| {
        durable < position && (wanted..wanted.saturating_add(LEAD_MAX)).contains(&position)
    };
    (0..bytes.len())
        .find(|offset| numbers(&bytes[*offset..]).is_some_and(follows) && frame(&bytes[*offset..]).is_some())
}

/// Returns whether any frame in `bytes` proves that the batch at `position` had been on the disk.
fn proves(bytes: &[u8], wanted: u64) -> bool {
    let is_proof = |(position, durable): (u64, u64)| {
        (wanted..position).contains(&durable) && position - wanted < LEAD_MAX
    };
    (0..bytes.len())
        .any(|offset| numbers(&bytes[offset..]).is_some_and(is_proof) && frame(&bytes[offset..]).is_some())
}

/// Returns the position and the durable position of the frame that `bytes` may begin with, from the numbers that it would begin
/// with alone: so that the sum over all its bytes, which may be many, is taken where it is one and hardly ever where it is
/// none.
fn numbers(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut reader = Reader(bytes);
    let mut read = || {
        let (length, _sum) = (u64::from(reader.u32()?), reader.u32()?);
        let there = reader.0.len() as u64;
        let (position, durable) = (reader.u64()?, reader.u64()?);
        let least = ENTRY_MIN + KEY_MIN * u64::from(reader.u32()?) + ROW * u64::from(reader.u32()?);
        Ok::<_, Short>((least..=there).contains(&length).then_some((position, durable)))
    };
    read().unwrap_or(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::series::key::SeriesKey;

    fn entry(position: u64, durable: u64) -> Entry {
        let made = vec![SeriesKey::new("a", "m", "v"); (position % 2) as usize];
        let arrival = Some(5).filter(|_| position.is_multiple_of(3));
        Entry { position, durable, made, series: vec![0; 3], at: vec![1; 3], values: vec![1.0; 3], arrival }
    }

    fn check(entries: &[(u64, u64)], wanted: u64, expect: bool) {
        let mut bytes = vec![24, 0, 0, 0, 9];
        entries.iter().for_each(|(position, durable)| put_frame(&mut bytes, &entry(*position, *durable)));
        assert_eq!(proves(&bytes, wanted), expect, "{entries:?}");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        assert!(!proves(&bytes[..last], wanted) || entries.len() > 1);
        assert!(!proves(&bytes, wanted) || entries.len() > 1);
    }

    #[test]
    fn a_later_frame_proves_an_acknowledgement() {
        check(&[], 7, false);
        check(&[(8, 6)], 7, false);
        check(&[(8, 7)], 7, true);
        check(&[(9, 8)], 7, true);
        check(&[(8, 6), (9, 6), (10, 9)], 7, true);
        check(&[(8, 6), (9, 6), (10, 6)], 7, false);
    }

    #[test]
    fn a_long_broken_end_is_looked_through_once() {
        // Most offsets read as the length of a frame that is there: summing each would take very long.
        assert!(!proves(&[1, 0, 1, 0].repeat(1 << 20), 7));
        assert!(!proves(&[1, 1, 0, 0].repeat(1 << 20), 7));
    }
}
