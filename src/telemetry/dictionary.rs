//! The names of the series that parts hold samples of, in the order of their numbers.
//!
//! ```text
//! header  "TLNAMES" 0 · version u32 · store id, 16 bytes · crc32 u32 of all before
//! frame   length u32 · crc32 u32 of the payload · payload: born u64, key (see `entry`)
//! ```
//! Names are appended and synced before the part that needs them gets its own name. Until then the log holds them too,
//! so a broken end is cut off; a part that names a series which is not here tells damage. A name that is written twice would shift
//! all behind it: so what an append that failed left behind is cut off before the next one, and where the end of the file is
//! not known nothing is appended until it is opened again.

use super::bytes::Reader;
use super::entry::{put_key, take_key};
use super::error::Error;
use super::log::sync_folder;
use super::series::Key;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use uuid::Uuid;

const MAGIC: &[u8; 8] = b"TLNAMES\0";
const VERSION: u32 = 1;
const HEADER: usize = 32;
const FRAME_HEADER: usize = 8;

/// The file of names.
#[derive(Debug)]
pub(super) struct Dictionary {
    path: PathBuf,
    file: File,
    length: usize,
    /// How many bytes of the file are good.
    good: u64,
    broken: bool,
}

impl Dictionary {
    /// Opens the file, made where it is missing; returns the names in it with the positions they came with.
    pub(super) fn open(folder: &Path, store: Uuid) -> Result<(Self, Vec<(u64, Key)>), Error> {
        let path = folder.join("series.tln");
        let header = header(store);
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let mut file = file.map_err(Error::io("open", &path))?;
        let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
        if bytes.len() < HEADER {
            file.set_len(0).map_err(Error::io("write", &path))?;
            file.write_all(&header).and_then(|()| file.sync_all()).map_err(Error::io("write", &path))?;
            sync_folder(folder)?;
            return Ok((Self { path, file, length: 0, good: HEADER as u64, broken: false }, Vec::new()));
        }
        check_header(&path, &bytes, &header)?;
        let (names, good) = read_frames(&bytes);
        if good < bytes.len() {
            file.set_len(good as u64).and_then(|()| file.sync_all()).map_err(Error::io("cut", &path))?;
        }
        Ok((Self { path, file, length: names.len(), good: good as u64, broken: false }, names))
    }

    /// Returns how many names are in the file.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Appends names and waits until they are on the disk.
    pub(super) fn append(&mut self, names: &[(u64, Key)]) -> Result<(), Error> {
        if names.is_empty() {
            return Ok(());
        }
        if self.broken {
            return Err(Error::Stopped { reason: "the end of the names of series is not known".to_owned() });
        }
        let bytes = frames(names);
        self.cut()?;
        if let Err(source) = self.file.write_all(&bytes) {
            self.cut()?;
            return Err(Error::io("write", &self.path)(source));
        }
        self.broken = true;
        self.file.sync_data().map_err(Error::io("sync", &self.path))?;
        self.broken = false;
        self.good += bytes.len() as u64;
        self.length += names.len();
        Ok(())
    }

    /// Tells whether an append failed such that the end of the file is not known.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Cuts off what stands behind the good names.
    fn cut(&mut self) -> Result<(), Error> {
        self.broken = true;
        self.file.set_len(self.good).map_err(Error::io("cut", &self.path))?;
        self.broken = false;
        Ok(())
    }
}

fn frames(names: &[(u64, Key)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (born, key) in names {
        let mut payload = born.to_le_bytes().to_vec();
        put_key(&mut payload, key);
        bytes.extend((payload.len() as u32).to_le_bytes());
        bytes.extend(crc32fast::hash(&payload).to_le_bytes());
        bytes.extend(payload);
    }
    bytes
}

fn header(store: Uuid) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend(VERSION.to_le_bytes());
    header.extend(store.as_bytes());
    header.extend(crc32fast::hash(&header).to_le_bytes());
    header
}

fn check_header(path: &Path, bytes: &[u8], expect: &[u8]) -> Result<(), Error> {
    let found = Reader(&bytes[8..]).u32().unwrap_or(0);
    if bytes.starts_with(MAGIC) && found > VERSION {
        return Err(Error::Format { path: path.to_owned(), found, known: VERSION });
    }
    if bytes.starts_with(expect) { Ok(()) } else { Err(Error::damaged(path, "its header is broken")) }
}

fn read_frames(bytes: &[u8]) -> (Vec<(u64, Key)>, usize) {
    let (mut names, mut good) = (Vec::new(), HEADER);
    while let Some((name, length)) = read_frame(&bytes[good..]) {
        names.push(name);
        good += length;
    }
    (names, good)
}

fn read_frame(bytes: &[u8]) -> Option<((u64, Key), usize)> {
    let mut reader = Reader(bytes);
    let (length, sum) = (reader.u32().ok()? as usize, reader.u32().ok()?);
    let payload = reader.take(length).ok()?;
    if crc32fast::hash(payload) != sum {
        return None;
    }
    let mut reader = Reader(payload);
    Some(((reader.u64().ok()?, take_key(&mut reader).ok()?), FRAME_HEADER + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(field: &str) -> (u64, Key) {
        (1, Key::new("a", "m", field))
    }

    #[test]
    fn a_failed_append_shifts_no_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || Dictionary::open(folder.path(), Uuid::from_u128(7)).expect("the names");
        let (mut names, _) = open();
        names.append(&[name("one")]).expect("an append");
        // What an append that stopped half-way may leave, be it less than a frame or more than one.
        for torn in [&frames(&[name("two")])[..11], &frames(&[name("two"), name("two")])] {
            let mut file = OpenOptions::new().append(true).open(&names.path).expect("the file");
            file.write_all(torn).expect("a torn append");
            names.append(&[name("two")]).expect("an append");
            assert_eq!(open().1, vec![name("one"), name("two")]);
            (names.good, names.length) = (frames(&[name("one")]).len() as u64 + HEADER as u64, 1);
        }
        let writable = std::mem::replace(&mut names.file, File::open(&names.path).expect("a file to read"));
        names.append(&[name("two")]).expect_err("a file that cannot be written");
        names.file = writable;
        assert!(matches!(names.append(&[name("two")]), Err(Error::Stopped { .. })));
        assert!(names.is_broken());
        let (mut names, _) = open();
        names.append(&[name("three")]).expect("an append after opening again");
        assert_eq!(open().1, vec![name("one"), name("two"), name("three")]);
    }
}
