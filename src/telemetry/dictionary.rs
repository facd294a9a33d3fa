//! The names of the series that parts hold samples of, in the order of their numbers.
//!
//! ```text
//! header  "TLNAMES" 0 · version u32 · store id, 16 bytes · crc32 u32 of all before
//! frame   length u32 · crc32 u32 of the payload · payload: born u64, key (see `entry`)
//! ```
//! Names are appended and synced before the part that needs them gets its own name. Until then the log holds them too,
//! so a broken end is cut off; a part that names a series which is not here tells damage.

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
            return Ok((Self { path, file, length: 0 }, Vec::new()));
        }
        check_header(&path, &bytes, &header)?;
        let (names, good) = read_frames(&bytes);
        if good < bytes.len() {
            file.set_len(good as u64).and_then(|()| file.sync_all()).map_err(Error::io("cut", &path))?;
        }
        Ok((Self { path, file, length: names.len() }, names))
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
        let mut bytes = Vec::new();
        for (born, key) in names {
            let mut payload = born.to_le_bytes().to_vec();
            put_key(&mut payload, key);
            bytes.extend((payload.len() as u32).to_le_bytes());
            bytes.extend(crc32fast::hash(&payload).to_le_bytes());
            bytes.extend(payload);
        }
        self.file.write_all(&bytes).map_err(Error::io("write", &self.path))?;
        self.file.sync_data().map_err(Error::io("sync", &self.path))?;
        self.length += names.len();
        Ok(())
    }
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
