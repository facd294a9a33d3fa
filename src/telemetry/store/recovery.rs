//! Opening a folder: its lock, the store's id, its control file, and what the log has that is in no part yet.

use super::parts::look_for_parts;
use super::pins;
use crate::model::durable::is_full;
use crate::model::sync::file_lock::FileLock;
use crate::model::time::clock::Clock;
use crate::telemetry::error::Error;
use crate::telemetry::file::control::{self, Control};
use crate::telemetry::file::frames::{self, Frames};
use crate::telemetry::file::header;
use crate::telemetry::file::ledger;
use crate::telemetry::ingest::catalog::Catalog;
use crate::telemetry::ingest::dictionary;
use crate::telemetry::ingest::entry::Entry;
use crate::telemetry::log::arrivals::{self, Instants};
use crate::telemetry::log::{self, Log, Replayed, Take, committer};
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A folder that no other process has open.
#[derive(Debug)]
pub(in crate::telemetry) struct Lock {
    folder: FileLock,
    /// What an earlier version of this program locks.
    _file: Option<FileLock>,
}

impl Lock {
    /// Returns whether a path leads to the locked folder.
    pub(in crate::telemetry) fn is_at(&self, path: &Path) -> bool {
        self.folder.is_at(path)
    }
}

/// Locks a folder for a process that writes to it; the system unlocks it when the process ends.
pub(in crate::telemetry) fn lock(folder: &Path) -> Result<Lock, Error> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(Error::io("create", &path))?;
    Ok(Lock { _file: Some(hold(folder, file)?), ..lock_folder(folder)? })
}

/// Locks a folder without making a file in it.
pub(in crate::telemetry) fn lock_folder(folder: &Path) -> Result<Lock, Error> {
    // The folder itself: a file in it can be removed and made again.
    let file = File::open(folder).map_err(Error::io("open", folder))?;
    Ok(Lock { folder: hold(folder, file)?, _file: None })
}

fn hold(folder: &Path, file: File) -> Result<FileLock, Error> {
    FileLock::take(file).map_err(|error| match error {
        TryLockError::WouldBlock => Error::InUse { path: folder.to_owned() },
        TryLockError::Error(source) => Error::io("lock", folder)(source),
    })
}

/// Returns the id of the store in a folder; `None` where none was begun, and then what an opening that did not come to its end
/// left there is removed. The id gets its name last.
pub(in crate::telemetry) fn identity(folder: &Path) -> Result<Option<Uuid>, Error> {
    if let Some(id) = known_identity(folder)? {
        return Ok(Some(id));
    }
    if let Some(left) = leftovers(folder)? {
        left.iter().try_for_each(|path| std::fs::remove_file(path).map_err(Error::io("remove", path)))?;
        return Ok(None);
    }
    Err(Error::Missing(folder.join(ID)))
}

pub(in crate::telemetry) const ID: &str = "id";

/// Returns the store's id; `None` where the file is not there. It is damaged where all other files agree on another id.
pub(in crate::telemetry) fn known_identity(folder: &Path) -> Result<Option<Uuid>, Error> {
    let Some(id) = written_identity(folder)? else { return Ok(None) };
    let mut others = Vec::new();
    // The control file is the first, and agrees in a store that is as it should be.
    for path in files_with_headers(folder)? {
        match store_of(&path) {
            Some(other) if other == id => return Ok(Some(id)),
            other => others.extend(other),
        }
    }
    match &others[..] {
        [first, rest @ ..] if !rest.is_empty() && rest.iter().all(|other| other == first) => {
            let (count, first) = (others.len(), first.simple());
            let reason =
                format!("it has the id {}, and {count} other files of the store {first}", id.simple());
            Err(Error::damaged(&folder.join(ID), reason))
        }
        _ => Ok(Some(id)),
    }
}

fn written_identity(folder: &Path) -> Result<Option<Uuid>, Error> {
    let path = folder.join(ID);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let id = Uuid::try_parse(text.trim());
            id.map(Some).map_err(|_| Error::damaged(&path, "it has no store id"))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(Error::damaged(&path, "it has no store id"))
        }
        Err(error) => Err(Error::io("read", &path)(error)),
    }
}

/// Returns the store's files in a folder without an id, if none of them holds anything; else `None`.
pub(in crate::telemetry) fn leftovers(folder: &Path) -> Result<Option<Vec<PathBuf>>, Error> {
    let (parts, _) = look_for_parts(folder)?;
    let records = [dictionary::FILE, pins::FILE, ledger::FILE, arrivals::FILE].map(|name| folder.join(name));
    let logs = log::files(folder)?;
    let mut found = Vec::new();
    for (path, empty) in records
        .iter()
        .map(|path| (path, Frames::START))
        .chain(logs.iter().map(|path| (path, log::HEADER as u64)))
    {
        match std::fs::metadata(path) {
            Ok(file) if file.len() > empty => return Ok(None),
            Ok(_) => found.push(path.clone()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("read", path)(error)),
        }
    }
    let control = folder.join(control::FILE);
    found.extend(control.exists().then_some(control));
    Ok(parts.is_empty().then_some(found))
}

/// Returns the id that the store's other files have in their headers, where they agree.
pub(in crate::telemetry) fn id_in_headers(folder: &Path) -> Result<Option<Uuid>, Error> {
    let ids: BTreeSet<Uuid> = files_with_headers(folder)?.iter().filter_map(|path| store_of(path)).collect();
    Ok(if ids.len() == 1 { ids.first().copied() } else { None })
}

fn files_with_headers(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let records = [control::FILE, dictionary::FILE, pins::FILE, ledger::FILE, arrivals::FILE];
    let mut paths: Vec<PathBuf> = records.iter().map(|name| folder.join(name)).collect();
    paths.extend(log::files(folder)?);
    paths.extend(look_for_parts(folder)?.0.into_values());
    Ok(paths)
}

/// Returns the store that a file's header names, where it is whole.
fn store_of(path: &Path) -> Option<Uuid> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(header::LONGEST as u64).read_to_end(&mut bytes)).ok()?;
    header::store_in(&bytes)
}

/// Makes the id of a new store durable, after all of its other files are.
pub(in crate::telemetry) fn put_identity(folder: &Path, id: Uuid) -> Result<(), Error> {
    frames::replace(&folder.join(ID), format!("{}\n", id.simple()).as_bytes())
}

/// Opens the control file; a store that is new, or that an earlier version wrote, gets one.
pub(in crate::telemetry) fn open_control(folder: &Path, id: Uuid) -> Result<Control, Error> {
    if let Some(control) = Control::open(folder, id)? {
        return Ok(control);
    }
    refuse_without_control(folder)?;
    Control::create(folder, id, 0)
}

/// Refuses a store without a control file, where one of its version has one, or where it lacks another file too.
pub(in crate::telemetry) fn refuse_without_control(folder: &Path) -> Result<(), Error> {
    for path in log::files(folder)? {
        if log::needs_control(&path)? {
            return Err(Error::Missing(folder.join(control::FILE)));
        }
    }
    // Earlier versions made both when they opened a store, but the first ones, which made neither.
    let pins = folder.join(pins::FILE);
    if folder.join(ledger::FILE).exists() && !pins.exists() { Err(Error::Missing(pins)) } else { Ok(()) }
}

/// What the log had.
pub(in crate::telemetry) struct Recovered {
    /// The file to go on with.
    pub(in crate::telemetry) log: Log,
    /// The newest position.
    pub(in crate::telemetry) durable: u64,
    /// How many rows are in memory.
    pub(in crate::telemetry) rows: usize,
    /// When its batches arrived.
    pub(in crate::telemetry) instants: Instants,
}

/// Where the log of a store is read from.
pub(in crate::telemetry) struct Recovery<'a> {
    /// The folder.
    pub(in crate::telemetry) folder: &'a Path,
    /// The store's id.
    pub(in crate::telemetry) id: Uuid,
    /// What was acknowledged.
    pub(in crate::telemetry) control: &'a Control,
    /// The position up to which all batches are in parts.
    pub(in crate::telemetry) through: u64,
    /// Whether the store was begun just now.
    pub(super) is_new: bool,
}

impl Recovery<'_> {
    /// Reads the log back from behind the parts.
    pub(in crate::telemetry) fn run(&self, catalog: &Catalog, clock: &dyn Clock) -> Result<Recovered, Error> {
        let Self { folder, through, .. } = *self;
        let progress = self.control.progress();
        let mut files = log::files(folder)?;
        // A file whose header is not complete took no batch.
        let headless = if files.last().map(|last| log::has_header(last)).transpose()? == Some(false) {
            files.pop()
        } else {
            None
        };
        if files.is_empty() && !self.is_new {
            let missing = || Error::Missing(log::path(folder, through + 1));
            return Err(headless.map_or_else(missing, |path| log::cut_short(&path)));
        }
        let mut replay = Replay {
            catalog,
            through,
            refused: progress.refused,
            durable: through,
            rows: 0,
            instants: Instants::new(),
        };
        let mut last = None;
        for (index, path) in files.iter().enumerate() {
            if log::first_named(path).is_some_and(|first| first > replay.durable + 1) {
                return Err(Error::Missing(log::path(folder, replay.durable + 1)));
            }
            let acknowledged = (index + 1 == files.len()).then_some(progress.position);
            let replayed = log::replay(path, self.id, acknowledged, |entry| replay.take(path, entry))?;
            last = Some((path.clone(), replayed));
        }
        if replay.durable < progress.position {
            if let Some(path) = headless {
                return Err(log::cut_short(&path));
            }
            let path = last.map_or_else(|| log::path(folder, through + 1), |(path, _)| path);
            return Err(ends_early(&path, replay.durable, progress.position));
        }
        if let Some(path) = headless {
            std::fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
        let log = self.go_on(last, &mut replay, clock)?;
        let Replay { durable, rows, instants, .. } = replay;
        Ok(Recovered { log, durable, rows, instants })
    }

    /// Returns the file to go on with: the last one, or a new one.
    fn go_on(
        &self,
        last: Option<(PathBuf, Replayed)>,
        replay: &mut Replay<'_>,
        clock: &dyn Clock,
    ) -> Result<Log, Error> {
        let progress = self.control.progress();
        let mut current = None;
        if let Some((path, Replayed { mut bytes, good })) = last {
            let left_out = bytes.len() - good;
            if left_out > 0 {
                let to = log::last_possible(left_out, replay.durable + 1);
                tracing::warn!(
                    "{}: its last {left_out} bytes were never acknowledged and are left out; positions go on behind {to}",
                    path.display()
                );
                let now = clock.now().nanos();
                bytes.truncate(good);
                log::put_skip(&mut bytes, replay.durable, to, Some(now));
                replay.arrive(replay.durable + 1, to, now);
                replay.durable = to;
            }
            if left_out > 0 || !progress.is_closed {
                write_anew(&path, &bytes, left_out > 0 || progress.refused > 0)?;
            }
            current = Some(path).filter(|path| log::is_current(path).is_ok_and(|is_current| is_current));
        }
        self.control.set_progress(replay.durable, false)?;
        match current {
            Some(path) => Log::append_to(path),
            None => Log::create(self.folder, self.id, replay.durable + 1),
        }
    }
}

/// Writes the last file anew: where a sync failed before the process ended, what is read from it may be in memory alone, and a
/// sync of it would succeed nevertheless. Where a full disk has no room for that and no sync is known to have failed, it stays.
fn write_anew(path: &Path, bytes: &[u8], must: bool) -> Result<(), Error> {
    match frames::replace(path, bytes) {
        Err(Error::Io { source, .. }) if !must && is_full(&source) => {
            tracing::warn!("{}: the disk is full, so it is not written anew", path.display());
            Ok(())
        }
        written => written,
    }
}

/// Reports that a log does not hold all that was acknowledged.
pub(in crate::telemetry) fn ends_early(path: &Path, last: u64, acknowledged: u64) -> Error {
    let reason = format!(
        "it ends with batch {last}, and batch {acknowledged} was acknowledged: it was cut short, or a later log is missing"
    );
    Error::damaged(path, reason)
}

struct Replay<'a> {
    catalog: &'a Catalog,
    through: u64,
    /// Batches from here on were refused; 0 where none were.
    refused: u64,
    durable: u64,
    rows: usize,
    instants: Instants,
}

impl Replay<'_> {
    /// Takes notice of when positions arrived: of those that are skipped the first and the last, so that no instant lies between them
    /// and one before them names the position before them.
    fn arrive(&mut self, first: u64, last: u64, at: i64) {
        self.instants.extend((first < last).then_some((first, at)));
        self.instants.push((last, at));
    }

    fn take(&mut self, path: &Path, mut entry: Entry) -> Result<Take, Error> {
        if self.refused > 0 && entry.position >= self.refused {
            return Ok(Take::Refused);
        }
        // Those of batches in parts are known to the store already, unless the process stopped in between.
        if let Some(arrival) = entry.arrival {
            let is_skip = entry.skips_from(self.durable);
            self.arrive(if is_skip { self.durable + 1 } else { entry.position }, entry.position, arrival);
        }
        if entry.position <= self.through {
            return Ok(Take::Kept);
        }
        if entry.position != self.durable + 1 && !entry.skips_from(self.durable) {
            let reason = format!("batch {} follows batch {}", entry.position, self.durable);
            return Err(Error::damaged(path, reason));
        }
        let mut names = self.catalog.write();
        for key in entry.made.drain(..) {
            // A sealing that was cut short may have written the name down already.
            if names.find(&key).is_none() {
                names
                    .add(key, entry.position)
                    .ok_or_else(|| Error::damaged(path, "it makes too many series"))?;
            }
        }
        committer::show(&names, &entry);
        self.durable = entry.position;
        self.rows += entry.at.len();
        Ok(Take::Kept)
    }
}
