//! A part in the making: its blocks are appended, then it gets its directory, its header and its name.

use super::Part;
use super::directory::Directory;
use super::entry::Extent;
use super::header::{HEADER, footer, header};
use super::names::{Unnamed, copy_path, path};
use crate::telemetry::error::Error;
use crate::telemetry::file::durability::sync_folder;
use crate::telemetry::file::frames::replace;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use uuid::Uuid;

/// A part in the making; its file is removed where it does not come to an end, for it may be the disk that is full. It gets its
/// number at the end, so that those that are published meanwhile come before it.
#[derive(Debug)]
pub(in crate::telemetry) struct Draft {
    store: Uuid,
    file: BufWriter<File>,
    offset: u64,
    unnamed: Unnamed,
}

impl Draft {
    /// Starts a part; `purpose` names its file until it has a number.
    pub(in crate::telemetry) fn create(folder: &Path, store: Uuid, purpose: &str) -> Result<Self, Error> {
        let path = folder.join(format!("part-{purpose}.new"));
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&path);
        let file = BufWriter::new(file.map_err(Error::io("create", &path))?);
        let mut draft = Self { store, file, offset: 0, unnamed: Unnamed(path) };
        draft.put(&[0; HEADER])?;
        Ok(draft)
    }

    /// Appends a block.
    pub(in crate::telemetry) fn put(&mut self, bytes: &[u8]) -> Result<Extent, Error> {
        self.file.write_all(bytes).map_err(Error::io("write", &self.unnamed.0))?;
        let offset = self.offset;
        self.offset += bytes.len() as u64;
        Ok(Extent { offset, length: bytes.len() as u32, sum: crc32fast::hash(bytes) })
    }

    /// Waits until what was appended is on the disk, so that little is left to wait for at the end.
    pub(in crate::telemetry) fn sync(&mut self) -> Result<(), Error> {
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        synced.map_err(Error::io("sync", &self.unnamed.0))
    }

    /// Writes the directory and the header, waits until all is on the disk, and gives the part its name.
    pub(in crate::telemetry) fn finish(mut self, number: u64, directory: &Directory) -> Result<Part, Error> {
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
        Ok(Part { number, path, file: Some(file), loss: None })
    }
}
