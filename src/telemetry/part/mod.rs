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
pub(super) mod entry_codec;
pub(super) mod expired;

use super::aggregate::slot::{Level, Slot};
use super::aggregate::weights::HOUR;
use super::error::Error;
use super::file::bytes::{Reader, Short};
use super::file::durability::sync_folder;
use super::file::frames::replace;
use super::file::horizon::Horizon;
use super::series::key::SeriesId;
use entry_codec as codec;
use expired::Expired;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Read as _, Seek as _, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use uuid::Uuid;

const MAGIC: &[u8; 8] = b"TLPART\0\0";
/// The format that is written.
pub(super) const VERSION: u32 = 7;
/// Rollups of earlier versions weigh samples otherwise or count values in wider bins: they serve only where samples were dropped.
pub(super) const ROLLUPS_SINCE: u32 = 6;
/// From this version on entries are written by what they differ in.
const STEPS_SINCE: u32 = 7;
const HEADER: usize = 40;
const FOOTER: usize = 24;

#[cfg(test)]
thread_local! {
    /// How many blocks this thread has read.
    pub(super) static READS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Where a block lies in its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Its first byte.
    pub(super) offset: u64,
    /// How many bytes.
    pub(super) length: u32,
    /// Their CRC-32.
    pub(super) sum: u32,
}

/// A chunk as the directory describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChunkEntry {
    /// Whose.
    pub(super) series: SeriesId,
    /// Where.
    pub(super) extent: Extent,
    /// How many.
    pub(super) rows: u32,
    /// The first and the last instant.
    pub(super) at: (i64, i64),
    /// The first and the last position.
    pub(super) position: (u64, u64),
    /// How many rows are followed by another arrival of their instant, and no pin that was known distinguishes the two.
    pub(super) doubles: u32,
}

/// A rollup as the directory describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RollupEntry {
    /// Whose.
    pub(super) series: SeriesId,
    /// Of which slot.
    pub(super) slot: Slot,
    /// Where.
    pub(super) extent: Extent,
    /// The last position among its rows.
    pub(super) position: u64,
    /// The least hold it can serve.
    pub(super) usual: u64,
    /// The first and the last instant; not known of earlier versions.
    pub(super) at: Option<(i64, i64)>,
    /// The version of a part that defines the form of its block: a later part may hold a copy.
    pub(super) version: u32,
}

/// What a part holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Directory {
    /// Every batch up to this position is in this part or an earlier one.
    pub(super) through: u64,
    /// Chunks.
    pub(super) chunks: Vec<ChunkEntry>,
    /// Rollups.
    pub(super) rollups: Vec<RollupEntry>,
    /// Chunks of earlier parts whose rows are in this one: series, part, offset.
    pub(super) replaced: Vec<(SeriesId, u64, u64)>,
    /// Rollups of earlier parts that are no longer complete: series, slot, part.
    pub(super) outdated: Vec<(SeriesId, Slot, u64)>,
    /// Earlier parts that need not stay for what they record about others: this one records it too.
    pub(super) absorbed: Vec<u64>,
    /// What old watermarks still answer.
    pub(super) horizon: Horizon,
    /// Spans whose samples have expired.
    pub(super) expired: Vec<(SeriesId, Expired)>,
}

/// Returns the file of a part.
pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("part-{number:020}.tlp"))
}

/// Returns the file with the second directory of a part.
pub(super) fn copy_path(part: &Path) -> PathBuf {
    part.with_extension("tld")
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
}

impl Part {
    /// Opens a part and reads its directory.
    pub(super) fn open(path: &Path, store: Uuid) -> Result<(Self, Directory), Error> {
        let (file, number, directory) = read(path, store)?;
        if path.file_name() != self::path(Path::new(""), number).file_name() {
            return Err(Error::damaged(path, format!("it is part {number}, under the name of another")));
        }
        Ok((Self { number, path: path.to_owned(), file: Some(file) }, directory))
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
        let Ok(opened) = Self::open_by_copy(path, store) else { return Err(error) };
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
        Ok((Self { number, path: path.to_owned(), file }, directory))
    }

    /// Writes a part anew whose own directory cannot be read, with the second one; its blocks stay as they are.
    pub(super) fn mend(path: &Path, store: Uuid) -> Result<Directory, Error> {
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

/// A part in the making; its file is removed where it does not come to an end, for it may be the disk that is full. It gets its
/// number at the end, so that those that are published meanwhile come before it.
#[derive(Debug)]
pub(super) struct Draft {
    store: Uuid,
    file: BufWriter<File>,
    offset: u64,
    unnamed: Unnamed,
}

/// A file that goes unless it is given its name.
#[derive(Debug)]
struct Unnamed(PathBuf);

impl Drop for Unnamed {
    fn drop(&mut self) {
        // What cannot be removed now is removed at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Draft {
    /// Starts a part; `purpose` names its file until it has a number.
    pub(super) fn create(folder: &Path, store: Uuid, purpose: &str) -> Result<Self, Error> {
        let path = folder.join(format!("part-{purpose}.new"));
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&path);
        let file = BufWriter::new(file.map_err(Error::io("create", &path))?);
        let mut draft = Self { store, file, offset: 0, unnamed: Unnamed(path) };
        draft.put(&[0; HEADER])?;
        Ok(draft)
    }

    /// Appends a block.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<Extent, Error> {
        self.file.write_all(bytes).map_err(Error::io("write", &self.unnamed.0))?;
        let offset = self.offset;
        self.offset += bytes.len() as u64;
        Ok(Extent { offset, length: bytes.len() as u32, sum: crc32fast::hash(bytes) })
    }

    /// Waits until what was appended is on the disk, so that little is left to wait for at the end.
    pub(super) fn sync(&mut self) -> Result<(), Error> {
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        synced.map_err(Error::io("sync", &self.unnamed.0))
    }

    /// Writes the directory and the header, waits until all is on the disk, and gives the part its name.
    pub(super) fn finish(mut self, number: u64, directory: &Directory) -> Result<Part, Error> {
        let directory = directory.write();
        let extent = self.put(&directory)?;
        self.put(&footer(extent))?;
        let draft = &self.unnamed.0;
        let file = self.file.into_inner().map_err(|error| Error::io("write", draft)(error.into_error()))?;
        file.write_all_at(&header(self.store, number), 0).map_err(Error::io("write", draft))?;
        file.sync_all().map_err(Error::io("sync", draft))?;
        let path = path(draft.parent().unwrap_or(Path::new("")), number);
        let alone = footer(Extent { offset: HEADER as u64, ..extent });
        let copy = [&header(self.store, number)[..], &directory, &alone].concat();
        replace(&copy_path(&path), &copy)?;
        std::fs::rename(draft, &path).map_err(Error::io("name", &path))?;
        path.parent().map_or(Ok(()), sync_folder)?;
        Ok(Part { number, path, file: Some(file) })
    }
}

fn footer(directory: Extent) -> Vec<u8> {
    let mut footer = Vec::new();
    put_extent(&mut footer, directory);
    footer.extend(MAGIC);
    footer
}

fn header(store: Uuid, number: u64) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend(VERSION.to_le_bytes());
    header.extend(store.as_bytes());
    header.extend(number.to_le_bytes());
    header.extend(crc32fast::hash(&header).to_le_bytes());
    header
}

/// Returns the number of a part and the version of its format.
fn check_header(path: &Path, header: &[u8; HEADER], store: Uuid) -> Result<(u64, u32), Error> {
    let mut reader = Reader(&header[8..]);
    let version = reader.u32().unwrap_or(0);
    if header.starts_with(MAGIC) && version > VERSION {
        return Err(Error::Format { path: path.to_owned(), found: version, known: VERSION });
    }
    let sum = crc32fast::hash(&header[..HEADER - 4]).to_le_bytes();
    if !header.starts_with(MAGIC) || sum != header[HEADER - 4..] {
        return Err(Error::damaged(path, "its header is broken"));
    }
    if header[12..28] != *store.as_bytes() {
        return Err(Error::damaged(path, "it belongs to another store"));
    }
    Ok((Reader(&header[28..]).u64().unwrap_or(0), version))
}

impl Directory {
    fn write(&self) -> Vec<u8> {
        let mut bytes = self.through.to_le_bytes().to_vec();
        codec::write_chunks(&self.chunks, &mut bytes);
        codec::write_rollups(&self.rollups, &mut bytes);
        codec::write_replaced(&self.replaced, &mut bytes);
        codec::write_outdated(&self.outdated, &mut bytes);
        bytes.extend((self.absorbed.len() as u32).to_le_bytes());
        self.absorbed.iter().for_each(|part| bytes.extend(part.to_le_bytes()));
        self.horizon.write(&mut bytes);
        bytes.extend((self.expired.len() as u32).to_le_bytes());
        for (series, expired) in &self.expired {
            bytes.extend(series.0.to_le_bytes());
            bytes.push(expired.level.tag());
            bytes.extend(expired.from.to_le_bytes());
            bytes.extend(expired.to.to_le_bytes());
        }
        bytes
    }

    fn read(bytes: &[u8], version: u32) -> Result<Self, Short> {
        let mut reader = Reader(bytes);
        let through = reader.u64()?;
        let mut directory = if version < STEPS_SINCE {
            Self::read_whole_entries(&mut reader, version)?
        } else {
            Self {
                chunks: codec::read_chunks(&mut reader)?,
                rollups: codec::read_rollups(&mut reader)?,
                replaced: codec::read_replaced(&mut reader)?,
                outdated: codec::read_outdated(&mut reader)?,
                ..Self::default()
            }
        };
        directory.through = through;
        if version > 1 {
            directory.absorbed = take_many(&mut reader, |reader| reader.u64())?;
            directory.horizon = Horizon::read(&mut reader)?;
            directory.expired = take_many(&mut reader, take_expired)?;
        }
        Ok(directory)
    }

    /// Reads the lists of earlier versions.
    fn read_whole_entries(reader: &mut Reader<'_>, version: u32) -> Result<Self, Short> {
        Ok(Self {
            chunks: take_many(reader, |reader| take_chunk(reader, version))?,
            rollups: take_many(reader, |reader| take_rollup(reader, version))?,
            replaced: take_many(reader, |reader| {
                Ok((SeriesId(reader.u32()?), reader.u64()?, reader.u64()?))
            })?,
            outdated: take_many(reader, |reader| {
                Ok((SeriesId(reader.u32()?), take_slot(reader)?, reader.u64()?))
            })?,
            ..Self::default()
        })
    }

    /// Returns where the last block ends.
    fn end_of_blocks(&self) -> u64 {
        let extents = self.chunks.iter().map(|chunk| chunk.extent);
        let extents = extents.chain(self.rollups.iter().map(|rollup| rollup.extent));
        let ends = extents.map(|extent| extent.offset.saturating_add(extent.length.into()));
        ends.fold(HEADER as u64, u64::max)
    }

    /// Returns the earlier parts that this one records something about.
    pub(super) fn named_parts(&self) -> impl Iterator<Item = u64> + '_ {
        let replaced = self.replaced.iter().map(|(_, part, _)| *part);
        replaced.chain(self.outdated.iter().map(|(.., part)| *part))
    }
}

fn take_many<T>(
    reader: &mut Reader<'_>,
    take: impl Fn(&mut Reader<'_>) -> Result<T, Short>,
) -> Result<Vec<T>, Short> {
    (0..reader.u32()?).map(|_| take(reader)).collect()
}

fn take_chunk(reader: &mut Reader<'_>, version: u32) -> Result<ChunkEntry, Short> {
    Ok(ChunkEntry {
        series: SeriesId(reader.u32()?),
        extent: take_extent(reader)?,
        rows: reader.u32()?,
        at: (reader.u64()? as i64, reader.u64()? as i64),
        position: (reader.u64()?, reader.u64()?),
        doubles: if version > 1 { reader.u32()? } else { 0 },
    })
}

fn take_expired(reader: &mut Reader<'_>) -> Result<(SeriesId, Expired), Short> {
    let series = SeriesId(reader.u32()?);
    let level = Level::of_tag(reader.u8()?).ok_or(Short)?;
    let (from, to) = (reader.u64()? as i64, reader.u64()? as i64);
    if from < to { Ok((series, Expired { from, to, level })) } else { Err(Short) }
}

fn take_rollup(reader: &mut Reader<'_>, version: u32) -> Result<RollupEntry, Short> {
    if version < ROLLUPS_SINCE {
        return Ok(RollupEntry {
            series: SeriesId(reader.u32()?),
            slot: take_slot(reader)?,
            extent: take_extent(reader)?,
            position: reader.u64()?,
            usual: reader.u64()?,
            at: None,
            version,
        });
    }
    let (level, version) = (Level::of_tag(reader.u8()?).ok_or(Short)?, u32::from(reader.u8()?));
    let sum = reader.u32()?;
    let series = SeriesId(u32::try_from(reader.varint()?).map_err(|_| Short)?);
    let start =
        i64::try_from(reader.varint()?).ok().and_then(|hours| hours.checked_mul(HOUR)).ok_or(Short)?;
    let slot = level.slot(start);
    let (offset, length) = (reader.varint()?, u32::try_from(reader.varint()?).map_err(|_| Short)?);
    let (position, usual, first, last) =
        (reader.varint()?, reader.varint()?, reader.varint()?, reader.varint()?);
    let ends =
        |first: u64| (slot.start.saturating_add_unsigned(first), slot.end().saturating_sub_unsigned(last));
    let (extent, at) = (Extent { offset, length, sum }, first.checked_sub(1).map(ends));
    Ok(RollupEntry { series, slot, extent, position, usual, at, version })
}

fn put_extent(bytes: &mut Vec<u8>, extent: Extent) {
    bytes.extend(extent.offset.to_le_bytes());
    bytes.extend(extent.length.to_le_bytes());
    bytes.extend(extent.sum.to_le_bytes());
}

fn take_extent(reader: &mut Reader<'_>) -> Result<Extent, Short> {
    Ok(Extent { offset: reader.u64()?, length: reader.u32()?, sum: reader.u32()? })
}

fn take_slot(reader: &mut Reader<'_>) -> Result<Slot, Short> {
    let level = Level::of_tag(reader.u8()?).ok_or(Short)?;
    Ok(Slot { start: reader.u64()? as i64, level })
}
