//! The names of the series that parts hold samples of, in the order of their numbers.
//!
//! `series.tln` is a file of records (see `frames`) with the magic "TLNAMES" 0; a record is born u64, key (see `entry`). Names are
//! on the disk before the part that needs them gets its own name. Until then the log holds them too; a part that
//! names a series which is not here tells damage. A name that is written twice would shift all behind it.

use super::bytes::{Reader, Short};
use super::control::{Control, Look, Recorded};
use super::entry::{put_key, take_key};
use super::error::Error;
use super::frames::Frames;
use super::series::Key;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

const MAGIC: [u8; 8] = *b"TLNAMES\0";
/// Its name in the folder.
pub(super) const FILE: &str = "series.tln";

/// The file of names.
#[derive(Debug)]
pub(super) struct Dictionary {
    frames: Frames,
    length: usize,
}

impl Dictionary {
    /// Opens the file, made where it is missing; returns the names in it with the positions they came with.
    pub(super) fn open(
        folder: &Path,
        store: Uuid,
        control: &Arc<Control>,
    ) -> Result<(Self, Vec<(u64, Key)>), Error> {
        let path = folder.join(FILE);
        let (frames, payloads) = Frames::open(path.clone(), MAGIC, store, control, Recorded::Names)?;
        let names = names(&path, &payloads)?;
        Ok((Self { frames, length: names.len() }, names))
    }

    /// Returns the names in the file; nothing is made or mended.
    pub(super) fn look(folder: &Path, store: Uuid, control: Option<&Look>) -> Result<Vec<(u64, Key)>, Error> {
        let path = folder.join(FILE);
        names(&path, &Frames::look(&path, MAGIC, store, control, Recorded::Names)?)
    }

    /// Returns how many names are in the file.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Appends names and waits until they are on the disk.
    pub(super) fn append(&mut self, names: &[(u64, Key)]) -> Result<(), Error> {
        let payloads: Vec<_> = names.iter().map(|(born, key)| write(*born, key)).collect();
        self.frames.append(&payloads)?;
        self.length += names.len();
        Ok(())
    }

    /// Returns its file.
    pub(super) fn frames(&self) -> &Frames {
        &self.frames
    }

    /// Tells whether an append failed such that the end of the file is not known.
    pub(super) fn is_broken(&self) -> bool {
        self.frames.is_broken()
    }
}

fn names(path: &Path, payloads: &[Vec<u8>]) -> Result<Vec<(u64, Key)>, Error> {
    let names = payloads.iter().map(|payload| read(payload)).collect::<Result<_, _>>();
    names.map_err(|Short| Error::damaged(path, "a record is no name"))
}

fn write(born: u64, key: &Key) -> Vec<u8> {
    let mut payload = born.to_le_bytes().to_vec();
    put_key(&mut payload, key);
    payload
}

fn read(payload: &[u8]) -> Result<(u64, Key), Short> {
    let mut reader = Reader(payload);
    Ok((reader.u64()?, take_key(&mut reader)?))
}
