//! A file of checked records that only grows.
//!
//! ```text
//! header  magic, 8 bytes · version u32 · store id, 16 bytes · crc32 u32 of all before
//! frame   length u32 · crc32 u32 of the payload · payload
//! ```
//! Records are on the disk when an append returns. A broken end was never acknowledged and is cut off; so is what an append that
//! failed left behind, before the next one. Where the end of the file is not known nothing is appended until it is
//! opened again. Where every append is one record, a broken record before a whole one is damage; of an append of several
//! some may have come to the disk without those before them.

use super::bytes::Reader;
use super::error::Error;
use super::log::sync_folder;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use uuid::Uuid;

const VERSION: u32 = 1;
const HEADER: usize = 32;
const FRAME_HEADER: usize = 8;

/// The file.
#[derive(Debug)]
pub(super) struct Frames {
    path: PathBuf,
    file: File,
    /// How many bytes of the file are good.
    good: u64,
    broken: bool,
}

/// How many records an append may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Appends {
    /// One.
    Single,
    /// Any number.
    Several,
}

impl Frames {
    /// Where the first record begins, and how many bytes stand before the payload of each.
    pub(super) const START: u64 = HEADER as u64;
    pub(super) const BEFORE: u64 = FRAME_HEADER as u64;

    /// Opens a file, made where it is missing; returns the payloads in it.
    pub(super) fn open(
        path: PathBuf,
        magic: [u8; 8],
        store: Uuid,
        appends: Appends,
    ) -> Result<(Self, Vec<Vec<u8>>), Error> {
        let header = header(magic, store);
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let mut file = file.map_err(Error::io("open", &path))?;
        let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
        if bytes.len() < HEADER {
            file.set_len(0).map_err(Error::io("write", &path))?;
            file.write_all(&header).and_then(|()| file.sync_all()).map_err(Error::io("write", &path))?;
            path.parent().map_or(Ok(()), sync_folder)?;
            return Ok((Self { path, file, good: HEADER as u64, broken: false }, Vec::new()));
        }
        check_header(&path, &bytes, &header)?;
        let (payloads, good) = read_frames(&path, &bytes, appends)?;
        if good < bytes.len() {
            file.set_len(good as u64).and_then(|()| file.sync_all()).map_err(Error::io("cut", &path))?;
        }
        Ok((Self { path, file, good: good as u64, broken: false }, payloads))
    }

    /// Returns the payloads of a file, none where it is missing; nothing is made or cut.
    pub(super) fn look(
        path: &Path,
        magic: [u8; 8],
        store: Uuid,
        appends: Appends,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let bytes = match std::fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(Error::io("read", path))?,
        };
        if bytes.len() < HEADER {
            return Ok(Vec::new());
        }
        check_header(path, &bytes, &header(magic, store))?;
        Ok(read_frames(path, &bytes, appends)?.0)
    }

    /// Reads the payload of the record that begins at an offset.
    pub(super) fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let mut payload = vec![0; length];
        let read = self.file.read_exact_at(&mut payload, offset + Self::BEFORE);
        read.map_err(Error::io("read", &self.path))?;
        Ok(payload)
    }

    /// Appends records and waits until they are on the disk.
    pub(super) fn append(&mut self, payloads: &[Vec<u8>]) -> Result<(), Error> {
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
        if let Err(source) = self.file.write_all(&bytes) {
            self.cut()?;
            return Err(Error::io("write", &self.path)(source));
        }
        self.broken = true;
        self.file.sync_data().map_err(Error::io("sync", &self.path))?;
        self.broken = false;
        self.good += bytes.len() as u64;
        Ok(())
    }

    /// Tells whether an append failed such that the end of the file is not known.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Cuts off what stands behind the good records.
    fn cut(&mut self) -> Result<(), Error> {
        self.broken = true;
        self.file.set_len(self.good).map_err(Error::io("cut", &self.path))?;
        self.broken = false;
        Ok(())
    }
}

fn frames(payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for payload in payloads {
        bytes.extend((payload.len() as u32).to_le_bytes());
        bytes.extend(crc32fast::hash(payload).to_le_bytes());
        bytes.extend(payload);
    }
    bytes
}

fn header(magic: [u8; 8], store: Uuid) -> Vec<u8> {
    let mut header = magic.to_vec();
    header.extend(VERSION.to_le_bytes());
    header.extend(store.as_bytes());
    header.extend(crc32fast::hash(&header).to_le_bytes());
    header
}

fn check_header(path: &Path, bytes: &[u8], expect: &[u8]) -> Result<(), Error> {
    let found = Reader(&bytes[8..]).u32().unwrap_or(0);
    if bytes.starts_with(&expect[..8]) && found > VERSION {
        return Err(Error::Format { path: path.to_owned(), found, known: VERSION });
    }
    if bytes.starts_with(expect) { Ok(()) } else { Err(Error::damaged(path, "its header is broken")) }
}

fn read_frames(path: &Path, bytes: &[u8], appends: Appends) -> Result<(Vec<Vec<u8>>, usize), Error> {
    let (mut payloads, mut good) = (Vec::new(), HEADER);
    while let Some((payload, length)) = read_frame(&bytes[good..]) {
        payloads.push(payload);
        good += length;
    }
    let is_whole = |offset: usize| read_frame(&bytes[offset..]).is_some();
    if appends == Appends::Single && (good + 1..bytes.len()).any(is_whole) {
        return Err(Error::damaged(path, format!("the record at byte {good} is broken")));
    }
    Ok((payloads, good))
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

    #[test]
    fn a_failed_append_shifts_no_record() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("records");
        let open = || {
            let store = Uuid::from_u128(7);
            Frames::open(path.clone(), *b"TLTEST\0\0", store, Appends::Several).expect("the records")
        };
        let record = |text: &str| text.as_bytes().to_vec();
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
    fn a_broken_record_before_a_whole_one_is_damage() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("records");
        let open = || Frames::open(path.clone(), *b"TLTEST\0\0", Uuid::from_u128(7), Appends::Single);
        let (mut records, _) = open().expect("the records");
        ["one", "two", "three"].iter().for_each(|text| {
            records.append(&[text.as_bytes().to_vec()]).expect("an append");
        });
        let whole = std::fs::read(&path).expect("the file");
        let check = |byte: usize, expect: Option<usize>| {
            let mut bytes = whole.clone();
            bytes[byte] ^= 1;
            std::fs::write(&path, bytes).expect("the file");
            let told = open().map(|(_, payloads)| payloads.len());
            assert_eq!(told.as_ref().ok().copied(), expect, "{byte}: {told:?}");
        };
        check(HEADER + 9, None);
        check(HEADER + 1, None);
        check(whole.len() - 1, Some(2));
        std::fs::write(&path, [&whole[..], &[0; 64]].concat()).expect("the file");
        assert_eq!(open().expect("zeros are no record").1.len(), 3);
    }
}
