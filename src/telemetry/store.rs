//! The store: one folder, one writer process, any number of readers in it.

use super::batch::{Batch, Staged, Written};
use super::catalog::Catalog;
use super::committer::{self, Committer};
use super::entry::Entry;
use super::error::Error;
use super::line::Precision;
use super::lines;
use super::log::{self, Log};
use super::view::View;
use super::watermark::Watermark;
use crate::model::clock::Clock;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// The time series of all twins.
#[derive(Debug)]
pub struct Store {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    _lock: File,
}

/// What the store and its views share.
#[derive(Debug)]
pub(super) struct Shared {
    /// The store's own name; watermarks carry it.
    pub(super) id: Uuid,
    /// All series.
    pub(super) catalog: Catalog,
    committer: Committer,
}

impl Store {
    /// Opens the store in `folder`, made where it is missing. All that was acknowledged before is there again.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let lock = take_lock(folder)?;
        let id = identity(folder, &*clock)?;
        let catalog = Catalog::default();
        let (log, durable) = recover(folder, id, &catalog)?;
        let shared = Arc::new(Shared { id, catalog, committer: Committer::new(log, durable) });
        Ok(Self { shared, clock, _lock: lock })
    }

    /// Stores the samples of InfluxDB line protocol; a line without an instant gets the present one. The good lines are
    /// durable on return, the bad ones are named.
    pub fn write_lines(&self, body: &[u8], precision: Precision) -> Result<Written, Error> {
        let read = lines::read(body, precision, self.clock.now().nanos(), &self.shared.catalog.read());
        let samples = read.staged.at.len() as u64;
        let (position, numbers) = self.commit(read.staged)?;
        if !read.fresh.is_empty() {
            let mut names = self.shared.catalog.write();
            for (head, fields) in read.fresh {
                for (field, place) in fields {
                    let number = match place.checked_sub(super::catalog::NEW_FLAG) {
                        Some(place) => numbers.get(place as usize).copied().flatten(),
                        None => Some(super::series::SeriesId(place)),
                    };
                    number.into_iter().for_each(|number| names.remember(head, field, number));
                }
            }
        }
        Ok(Written { samples, rejected: read.rejected, watermark: self.shared.watermark(position) })
    }

    /// Stores a batch; what can be stored is durable on return, the rest is named.
    pub fn write(&self, batch: Batch) -> Result<Written, Error> {
        let (staged, rejected) = Staged::of_batch(batch, &self.shared.catalog.read());
        let samples = staged.at.len() as u64;
        let (position, _) = self.commit(staged)?;
        Ok(Written { samples, rejected, watermark: self.shared.watermark(position) })
    }

    fn commit(&self, staged: Staged) -> Result<(u64, Vec<Option<super::series::SeriesId>>), Error> {
        if staged.at.is_empty() {
            return Ok((self.shared.committer.durable(), Vec::new()));
        }
        self.shared.committer.commit(&self.shared.catalog, staged)
    }

    /// Returns the store as it is now.
    pub fn now(&self) -> View {
        View::new(Arc::clone(&self.shared), self.shared.committer.durable())
    }

    /// Returns the store as it was known at a watermark.
    pub fn as_known_at(&self, watermark: Watermark) -> Result<View, Error> {
        let newest = self.shared.watermark(self.shared.committer.durable());
        if watermark.store != self.shared.id {
            return Err(Error::ForeignWatermark(watermark));
        }
        if watermark > newest {
            return Err(Error::UnreachedWatermark { asked: watermark, newest });
        }
        Ok(View::new(Arc::clone(&self.shared), watermark.position))
    }
}

impl Shared {
    /// Returns the watermark at a position.
    pub(super) fn watermark(&self, position: u64) -> Watermark {
        Watermark { store: self.id, position }
    }
}

/// Takes the folder's lock, which the system gives back when the process ends.
fn take_lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(Error::io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::InUse { path: folder.to_owned() }),
        Err(std::fs::TryLockError::Error(source)) => Err(Error::io("lock", &path)(source)),
    }
}

/// Reads the store's id, or makes one.
fn identity(folder: &Path, clock: &dyn Clock) -> Result<Uuid, Error> {
    let path = folder.join("id");
    match std::fs::read_to_string(&path) {
        Ok(text) => Uuid::try_parse(text.trim()).map_err(|_| Error::damaged(&path, "it holds no store id")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_identity(folder, &path, clock),
        Err(error) => Err(Error::io("read", &path)(error)),
    }
}

fn make_identity(folder: &Path, path: &Path, clock: &dyn Clock) -> Result<Uuid, Error> {
    let id = clock.new_id();
    let draft = folder.join("id.new");
    let write = || {
        std::fs::write(&draft, format!("{}\n", id.simple()))?;
        File::open(&draft)?.sync_all()?;
        std::fs::rename(&draft, path)
    };
    write().map_err(Error::io("write", path))?;
    log::sync_folder(folder)?;
    Ok(id)
}

/// Reads the log back; returns the file to go on with and the newest position.
fn recover(folder: &Path, id: Uuid, catalog: &Catalog) -> Result<(Log, u64), Error> {
    let mut files = log::files(folder)?;
    // A file whose header was not complete took no batch.
    if let Some(last) = files.last()
        && !log::has_header(last)?
    {
        std::fs::remove_file(last).map_err(Error::io("remove", last))?;
        files.pop();
    }
    let (mut durable, mut good) = (0, 0);
    for (index, path) in files.iter().enumerate() {
        good = log::replay(path, id, index + 1 == files.len(), |entry| {
            take_in(catalog, path, &mut durable, entry)
        })?;
    }
    let log = match files.pop() {
        Some(path) => Log::append_to(path, good)?,
        None => Log::create(folder, id, durable + 1)?,
    };
    Ok((log, durable))
}

fn take_in(catalog: &Catalog, path: &Path, durable: &mut u64, mut entry: Entry) -> Result<(), Error> {
    if entry.position != *durable + 1 {
        return Err(Error::damaged(path, format!("batch {} follows batch {durable}", entry.position)));
    }
    let mut names = catalog.write();
    for key in entry.made.drain(..) {
        names.add(key, entry.position).ok_or_else(|| Error::damaged(path, "it makes too many series"))?;
    }
    committer::show(&names, &entry);
    *durable = entry.position;
    Ok(())
}
