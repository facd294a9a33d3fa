//! A part: one immutable file of chunks and rollups, made by one sealing, compaction or retention.
//!
//! ```text
//! header     "TLPART" 0 0 · version u32 · store id, 16 bytes · number u64 · crc32 u32 of all before
//! blocks     chunks (see `columns`), then rollups (see `rollup`)
//! directory  through u64
//!            chunks, rollups, chunks replaced, rollups outdated (see `entry_codec`)
//!            parts absorbed u32; each: part u64
//!            floor u64 · marks u32; each: instant i64 · position u64
//!            spans expired u32; each: series u32 · level u8 · from i64 · to i64
//! footer     directory's offset u64 · length u32 · crc32 u32 · "TLPART" 0 0
//! ```
//! The directory is a second time in `part-<number>.tld`, a file of the same form without blocks: where the part's own directory is
//! broken, its blocks are read by the second one; where the part is missing, it shows which series and windows that concerns, and all else
//! is answered. One that is missing, as that of a part of an earlier program, or broken is made again when the store is opened.
//! An extent is offset u64 · length u32 · crc32 u32. Every batch up to `through` is in this part or an earlier one. What a part
//! replaces or makes outdated lies in earlier parts; it also takes over what absorbed ones record about others. Floor, marks and expired spans (see `horizon` and `expired`) are those of the
//! whole store when the part was made; the newest part's count. A part gets its name `part-<number>.tlp` only when all
//! of it is on the disk. Version 1 ended with the rollups outdated and had no doubles. Versions 1 and 2 had no quarters of months, and
//! their chunks no pages; a compaction takes over such chunks as they are. Rollups of versions 1 to 5 were of other forms (see `rollup`),
//! those before 7 had wider sketches (see `bin_codec`). Before version 7 the lists of a directory were
//!
//! ```text
//! chunks u32; each: series u32 · extent · rows u32 · first and last instant i64 · first and last position u64 · doubles u32
//! rollups u32; each: level u8 · version of its form u8 · crc32 u32 · series · hours to its start · offset · length · last position ·
//!                    usual weight · from its start to the first instant, + 1 (0: unknown) · from the last instant to its end (varints);
//!                    before version 6: series u32 · level u8 · start i64 · extent · last position u64 · usual weight u64
//! chunks replaced u32; each: series u32 · part u64 · offset u64
//! rollups outdated u32; each: series u32 · level u8 · start i64 · part u64
//! ```

pub(super) mod blocks;
pub(super) mod directory;
pub(super) mod draft;
pub(super) mod entry;
pub(super) mod entry_codec;
pub(super) mod expired;
mod header;
mod names;

use super::error::Error;
use super::file::bytes::{Reader, Short};
use super::file::durability::sync_folder;
use super::file::frames::replace;
pub(super) use directory::{Directory, ROLLUPS_SINCE};
pub(super) use draft::Draft;
use entry::take_extent;
pub(super) use entry::{ChunkEntry, Extent, RollupEntry};
pub(super) use header::VERSION;
use header::{FOOTER, HEADER, MAGIC, check_header, footer};
use names::Unnamed;
pub(super) use names::{copy_path, path};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use uuid::Uuid;

#[cfg(test)]
thread_local! {
    /// How many blocks this thread has read.
    pub(super) static READS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// An open part.
#[derive(Debug)]
pub(super) struct Part {
    /// Its number; later parts have greater ones.
    pub(super) number: u64,
    /// Its file.
    pub(super) path: PathBuf,
    /// `None` where it is missing and only its second directory is there.
    file: Option<File>,
    /// Why its own directory was not read.
    pub(super) loss: Option<String>,
}

impl Part {
    /// Opens a part and reads its directory.
    pub(super) fn open(path: &Path, store: Uuid) -> Result<(Self, Directory), Error> {
        let (file, number, directory) = read(path, store)?;
        if path.file_name() != self::path(Path::new(""), number).file_name() {
            return Err(Error::damaged(path, format!("it is part {number}, under the name of another")));
        }
        Ok((Self { number, path: path.to_owned(), file: Some(file), loss: None }, directory))
    }

    /// Opens a part, by its second directory where its own cannot be read; where the file is missing, each block of it is refused.
    pub(super) fn open_whatever(path: &Path, store: Uuid) -> Result<(Self, Directory), Error> {
        let error = match Self::open(path, store) {
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Error::Missing(path.to_owned())
            }
            // A disk that does not give back what was written to it is damage too.
            Err(error @ (Error::Damaged { .. } | Error::Io { action: "read", .. })) => error,
            Ok(opened) => {
                // Where that fails, as on a full disk, it is made at the next start.
                if let Err(error) = opened.0.renew_copy() {
                    tracing::warn!("{error}");
                }
                return Ok(opened);
            }
            Err(error) => return Err(error),
        };
        let Ok(mut opened) = Self::open_by_copy(path, store) else { return Err(error) };
        opened.0.loss = Some(loss(&error, path));
        match opened.0.file {
            Some(_) => tracing::error!(
                "{error}; its second directory is used, and all of it is answered: throughline fsck --salvage-telemetry writes it anew"
            ),
            None => tracing::error!("{error}; what is asked of the other parts is answered"),
        }
        Ok(opened)
    }

    /// Opens a part by its second directory.
    pub(super) fn open_by_copy(path: &Path, store: Uuid) -> Result<(Self, Directory), Error> {
        let copy = copy_path(path);
        let (_, number, directory) = read(&copy, store)?;
        if path.file_name() != self::path(Path::new(""), number).file_name() {
            return Err(Error::damaged(
                &copy,
                format!("it is that of part {number}, under the name of another"),
            ));
        }
        // Every block is checked as it is read, so that another file in its place answers nothing.
        let file = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            file => Some(file.map_err(Error::io("open", path))?),
        };
        Ok((Self { number, path: path.to_owned(), file, loss: None }, directory))
    }

    /// Writes a part anew whose own directory cannot be read, with the second one; its blocks stay as they are.
    pub(super) fn repair(path: &Path, store: Uuid) -> Result<Directory, Error> {
        let (part, directory) = Self::open_by_copy(path, store)?;
        let Some(file) = part.file else { return Err(Error::Missing(path.to_owned())) };
        let copy = copy_path(path);
        let bytes = std::fs::read(&copy).map_err(Error::io("read", &copy))?;
        let (header, own) = bytes.split_at(HEADER);
        let (own, end) = own.split_at(own.len() - FOOTER);
        let extent =
            take_extent(&mut Reader(end)).map_err(|Short| Error::damaged(&copy, "its end is broken"))?;
        let draft = Unnamed(path.with_file_name("part-mended.new"));
        let write = || {
            let mut mended = File::create(&draft.0)?;
            mended.write_all(header)?;
            let mut blocks = &file;
            blocks.seek(SeekFrom::Start(HEADER as u64))?;
            let end = directory.end_of_blocks();
            std::io::copy(&mut blocks.take(end - HEADER as u64), &mut mended)?;
            // Where the file was cut short, zeros take the place of blocks, which are refused as broken.
            mended.set_len(end)?;
            mended.seek(SeekFrom::Start(end))?;
            mended.write_all(own)?;
            mended.write_all(&footer(Extent { offset: end, ..extent }))?;
            mended.sync_all()?;
            std::fs::rename(&draft.0, path)
        };
        write().map_err(Error::io("write", path))?;
        path.parent().map_or(Ok(()), sync_folder)?;
        Ok(directory)
    }

    /// Makes the second directory again where it is missing or is not as the part has it.
    fn renew_copy(&self) -> Result<(), Error> {
        let (expect, path) = (self.copy()?, copy_path(&self.path));
        match std::fs::read(&path) {
            Ok(found) if found == expect => return Ok(()),
            Ok(_) => tracing::warn!("{}: it is damaged, and is made again from its part", path.display()),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => tracing::warn!("{}: {error}; it is made again from its part", path.display()),
        }
        replace(&path, &expect)
    }

    /// Returns the second directory as a file has it, byte for byte as the part has it.
    fn copy(&self) -> Result<Vec<u8>, Error> {
        let path = &self.path;
        let file = self.file.as_ref().ok_or_else(|| Error::Missing(path.clone()))?;
        let length = file.metadata().map_err(Error::io("read", path))?.len();
        let (mut header, mut end) = ([0; HEADER], [0; FOOTER]);
        let read = file.read_exact_at(&mut header, 0);
        let read = read.and_then(|()| file.read_exact_at(&mut end, length.saturating_sub(FOOTER as u64)));
        read.map_err(Error::io("read", path))?;
        let broken = |Short| Error::damaged(path, "its directory is broken");
        let extent = take_extent(&mut Reader(&end)).map_err(broken)?;
        let directory = read_block(file, path, extent)?;
        let alone = footer(Extent { offset: HEADER as u64, ..extent });
        Ok([&header[..], &directory, &alone].concat())
    }

    /// Finds whether the second directory of a part can be read, if it has one.
    pub(super) fn look_at_copy(path: &Path, store: Uuid) -> Result<(), Error> {
        let copy = copy_path(path);
        if copy.exists() { read(&copy, store).map(drop) } else { Ok(()) }
    }

    /// Reads a block.
    pub(super) fn read(&self, extent: Extent) -> Result<Vec<u8>, Error> {
        #[cfg(test)]
        READS.set(READS.get() + 1);
        let Some(file) = &self.file else {
            return Err(Error::damaged(&self.path, "it is missing"));
        };
        read_block(file, &self.path, extent)
    }

    /// Reports that a block does not hold what was written to it.
    pub(super) fn damaged(&self, extent: Extent) -> Error {
        damaged(&self.path, extent)
    }
}

/// Names a part and what is wrong with it, without the folder that it is in.
fn loss(error: &Error, path: &Path) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    match error {
        Error::Missing(_) => {
            format!("{file} is missing, and what was stored in it: throughline fsck shows what can be done")
        }
        Error::Damaged { reason, .. } => {
            format!(
                "{file} is damaged: {reason}; its second directory is used: throughline fsck --salvage-telemetry writes it anew"
            )
        }
        error => format!("{file}: {error}: throughline fsck shows what can be done"),
    }
}

/// Reads the header and the directory of a file.
fn read(path: &Path, store: Uuid) -> Result<(File, u64, Directory), Error> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let length = file.metadata().map_err(Error::io("read", path))?.len();
    let mut header = [0; HEADER];
    file.read_exact_at(&mut header, 0).map_err(|error| unread(path, "its header", error))?;
    let (number, version) = check_header(path, &header, store)?;
    let mut footer = [0; FOOTER];
    let end = length.saturating_sub(FOOTER as u64);
    file.read_exact_at(&mut footer, end).map_err(|error| unread(path, "its end", error))?;
    let broken = || Error::damaged(path, "its directory is broken");
    if footer[16..] != *MAGIC {
        return Err(broken());
    }
    let mut reader = Reader(&footer);
    let extent = take_extent(&mut reader).map_err(|Short| broken())?;
    if extent.offset.checked_add(u64::from(extent.length)).is_none_or(|end| end > length) {
        return Err(broken());
    }
    let directory = read_block(&file, path, extent)?;
    let directory = Directory::read(&directory, version).map_err(|Short| broken())?;
    Ok((file, number, directory))
}

fn read_block(file: &File, path: &Path, extent: Extent) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; extent.length as usize];
    let what = || format!("the block at byte {}", extent.offset);
    file.read_exact_at(&mut bytes, extent.offset).map_err(|error| unread(path, what(), error))?;
    if crc32fast::hash(&bytes) == extent.sum { Ok(bytes) } else { Err(damaged(path, extent)) }
}

fn damaged(path: &Path, extent: Extent) -> Error {
    Error::damaged(path, format!("the block at byte {} is broken", extent.offset))
}

/// Reports that a file ends before what it should have, or why the system does not read it.
fn unread(path: &Path, what: impl std::fmt::Display, error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        return Error::damaged(path, format!("{what} is missing: it was cut short"));
    }
    Error::io("read", path)(error)
}
