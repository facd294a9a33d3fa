//! The names of the series that parts hold samples of, in the order of their numbers.
//!
//! `series.tln` is a file of records (see `frames`) with the magic "TLNAMES" 0; a record is born u64, key, and of a
//! series that was deleted the position u64 from which on it is not there. A key is twin, measurement, field, number of tags u32, and
//! name and value of each tag; a text is length u32 and UTF-8. The texts of such a key are empty, unless a pin of its twin
//! needs it. Names are on the disk before the part that needs them gets its own name. Until then the log holds them too; a part that
//! names a series which is not here is damaged. A name that is written twice would shift all behind it.

use crate::telemetry::error::Error;
use crate::telemetry::file::bytes::{Reader, Short, put_text};
use crate::telemetry::file::control::{Control, Look, Recorded};
use crate::telemetry::file::frames::Frames;
use crate::telemetry::series::key::SeriesKey;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// What it begins with.
pub(in crate::telemetry) const MAGIC: [u8; 8] = *b"TLNAMES\0";
/// Its name in the folder.
pub(in crate::telemetry) const FILE: &str = "series.tln";

/// The name of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Name {
    /// The position of the batch that brought it.
    pub(in crate::telemetry) born: u64,
    /// What it is called.
    pub(in crate::telemetry) key: SeriesKey,
    /// The position from which on it is not there, if it was deleted.
    pub(in crate::telemetry) deleted: Option<u64>,
}

/// The file of names.
#[derive(Debug)]
pub(in crate::telemetry) struct Dictionary {
    frames: Frames,
    length: usize,
}

impl Dictionary {
    /// Opens the file, made where it is missing; returns the names in it with the positions they came with.
    pub(in crate::telemetry) fn open(
        folder: &Path,
        store: Uuid,
        control: &Arc<Control>,
    ) -> Result<(Self, Vec<Name>), Error> {
        let path = folder.join(FILE);
        let (frames, payloads) = Frames::open(path.clone(), MAGIC, store, control, Recorded::Names)?;
        let names = names(&path, &payloads)?;
        Ok((Self { frames, length: names.len() }, names))
    }

    /// Returns the names in the file; nothing is made or mended.
    pub(in crate::telemetry) fn look(
        folder: &Path,
        store: Uuid,
        control: Option<&Look>,
    ) -> Result<Vec<Name>, Error> {
        let path = folder.join(FILE);
        names(&path, &Frames::look(&path, MAGIC, store, control, Recorded::Names)?)
    }

    /// Returns how many names are in the file.
    pub(in crate::telemetry) fn length(&self) -> usize {
        self.length
    }

    /// Appends names and waits until they are on the disk.
    pub(in crate::telemetry) fn append(&mut self, names: &[Name]) -> Result<(), Error> {
        let payloads: Vec<_> = names.iter().map(Name::write).collect();
        self.frames.append(&payloads)?;
        self.length += names.len();
        Ok(())
    }

    /// Puts other names in place of those in the file, one for one.
    pub(in crate::telemetry) fn replace(&mut self, names: &[Name]) -> Result<(), Error> {
        let payloads: Vec<_> = names.iter().map(Name::write).collect();
        self.frames.rewrite(&payloads)?;
        self.length = names.len();
        Ok(())
    }

    /// Returns its file.
    pub(in crate::telemetry) fn frames(&self) -> &Frames {
        &self.frames
    }

    /// Returns whether an append failed such that the end of the file is not known.
    pub(in crate::telemetry) fn is_broken(&self) -> bool {
        self.frames.is_broken()
    }
}

fn names(path: &Path, payloads: &[Vec<u8>]) -> Result<Vec<Name>, Error> {
    let names = payloads.iter().map(|payload| Name::read(payload)).collect::<Result<_, _>>();
    names.map_err(|Short| Error::damaged(path, "a record is no name"))
}

impl Name {
    fn write(&self) -> Vec<u8> {
        let mut payload = self.born.to_le_bytes().to_vec();
        put_key(&mut payload, &self.key);
        self.deleted.iter().for_each(|deleted| payload.extend(deleted.to_le_bytes()));
        payload
    }

    fn read(payload: &[u8]) -> Result<Self, Short> {
        let mut reader = Reader(payload);
        let (born, key) = (reader.u64()?, take_key(&mut reader)?);
        let deleted = if reader.0.is_empty() { None } else { Some(reader.u64()?) };
        if reader.0.is_empty() { Ok(Self { born, key, deleted }) } else { Err(Short) }
    }
}

/// Writes a key.
pub(super) fn put_key(bytes: &mut Vec<u8>, key: &SeriesKey) {
    put_text(bytes, &key.twin);
    put_text(bytes, &key.measurement);
    put_text(bytes, &key.field);
    bytes.extend((key.tags.len() as u32).to_le_bytes());
    for (name, value) in &key.tags {
        put_text(bytes, name);
        put_text(bytes, value);
    }
}

/// Reads a key.
pub(super) fn take_key(reader: &mut Reader<'_>) -> Result<SeriesKey, Short> {
    let mut key = SeriesKey::new(reader.text()?, reader.text()?, reader.text()?);
    for _ in 0..reader.u32()? {
        key.tags.insert(reader.text()?, reader.text()?);
    }
    Ok(key)
}
