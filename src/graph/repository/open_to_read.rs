//! Opening a thread only to read it: one whose folder may not be written, or that another process serves. Nothing is written to its
//! folder.
//!
//! Git is read as a clone would read it. Where nobody has the folder open, the index is read as it is, and what Git has beyond it
//! is taken in in memory. The index of a folder that is served changes under its reader: a copy is checked page by page, as it may
//! hold pages of several states, and made anew from Git where it does.

use super::folder_lock::LOCK;
use super::temporary::Temporary;
use super::writer::Writer;
use super::{GIT, Holding, INDEX, Repository};
use crate::graph::error::{Error, io};
use crate::graph::git::store::History;
use crate::graph::index::store::{CACHE_BYTES, Index};
use crate::graph::sync::lost_refs::OnLoss;
use crate::graph::sync::settings::read_base;
use crate::model::sync::file_lock::FileLock;
use crate::model::time::clock::Clock;
use std::fmt;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

/// What a thread is read from that is only read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFrom {
    /// Git and index in the folder.
    Folder,
    /// Git in the folder, and a checked copy of the index, as another process has the folder open.
    CopyOfIndex,
    /// Git in the folder, and an index made from it in a temporary folder.
    NewIndex,
}

impl fmt::Display for ReadFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Folder => "the folder cannot be written, and is read as it is",
            Self::CopyOfIndex => "another process has the folder open: Git is read, and a copy of its index",
            Self::NewIndex => "the folder cannot be written, and its index not be used: one was made from Git for this command",
        })
    }
}

impl Repository {
    /// Opens a thread to read it; whatever would write is refused.
    pub fn open_to_read(folder: &Path, clock: Arc<dyn Clock>) -> Result<(Self, ReadFrom), Error> {
        let git = folder.join(GIT);
        if !git.exists() {
            return Err(Error::NoThread(folder.to_owned()));
        }
        let lock = share_lock(&folder.join(LOCK))?;
        let history = History::open_reader(&git)?;
        let base = read_base(&history)?;
        let temporary = Temporary::new().map_err(|source| io(&std::env::temp_dir(), source))?;
        let (index, from) = index(folder, lock.is_none(), temporary.path())?;
        let holding = Holding { lock: None, read: Some((temporary, lock.flatten())) };
        let repository = Self::of(folder, Writer::stopped(history), index, base, clock, holding)?;
        crate::graph::sync::catch_up::catch_up(
            &repository.fresh_reader()?,
            &repository.index,
            OnLoss::Report,
        )?;
        Ok((repository, from))
    }
}

/// Opens or makes an index that may be written without writing to the folder.
fn index(folder: &Path, is_served: bool, temporary: &Path) -> Result<(Index, ReadFrom), Error> {
    let (path, own) = (folder.join(INDEX), temporary.join(INDEX));
    if is_served {
        // The content alone: the copy is written, no matter who may write the original.
        let copy = || std::io::copy(&mut File::open(&path)?, &mut File::create_new(&own)?);
        copy().map_err(|source| io(&path, source))?;
        return Ok((Index::open(&own, CACHE_BYTES, true)?, ReadFrom::CopyOfIndex));
    }
    // Checked whole, as nobody can make it anew in its place once a read has met damage.
    match Index::open_to_read(&path, CACHE_BYTES, true) {
        Ok(Some(index)) => Ok((index, ReadFrom::Folder)),
        Ok(None) | Err(_) => Ok((Index::create(&own, CACHE_BYTES)?, ReadFrom::NewIndex)),
    }
}

/// Takes a share of the folder's lock, so that nobody begins to write meanwhile; `None` where another process writes. A folder
/// without the file has never been served.
fn share_lock(path: &Path) -> Result<Option<Option<FileLock>>, Error> {
    let file = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Some(None)),
        file => file.map_err(|source| io(path, source))?,
    };
    match FileLock::share(file) {
        Ok(lock) => Ok(Some(Some(lock))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(io(path, source)),
    }
}
