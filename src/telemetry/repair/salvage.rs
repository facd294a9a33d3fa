//! Going on with a store of which files are damaged or missing: what can be read stays, what cannot is dropped and reported.
//!
//! Parts that are missing leave the ledger; one whose directory is broken is written anew with its second one, and such as cannot be
//! opened at all are set aside, as `….damaged`. The log is written anew:
//! batches that can be read keep their positions, one that cannot leaves its position empty. Series are numbered by the
//! order of the batches that make them; so behind a batch of which it is unknown how many it made, only those stay whose
//! series were there before. Positions that were handed out are never used again, and a watermark that no longer answers
//! as it did is refused for ever: all of them where a part is missing, as it may have contained batches of any time; else
//! those from the first batch that is missing on.
//!
//! The store's id is taken from the headers of the other files where its own is missing or they agree on another one, headers that are
//! broken are written anew, and so is a control file that cannot be read. A store whose names of series, pins, ledger or arrivals cannot
//! be read is not salvaged, and nothing of it is changed: it needs a backup.

use super::headers;
use crate::telemetry::error::Error;
use crate::telemetry::file::control::{self, Control, Look, Trust};
use crate::telemetry::file::durability;
use crate::telemetry::file::ledger::{Ledger, LedgerEdit};
use crate::telemetry::ingest::dictionary::Dictionary;
use crate::telemetry::ingest::entry::Entry;
use crate::telemetry::log::{self, arrivals::Arrivals};
use crate::telemetry::part::{Directory, Draft, Part};
use crate::telemetry::series::key::SeriesKey;
use crate::telemetry::store::parts::{look_for_parts, missing};
use crate::telemetry::store::pins::Pins;
use crate::telemetry::store::recovery::{self, id_in_headers, known_identity, leftovers};
use std::collections::HashSet;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// Where a whole log is missing, positions go on so far behind what is known: it is unknown how many were handed out.
const UNKNOWN: u64 = 1 << 32;

/// Makes the store in a folder that no other process holds open again, and returns what had to be dropped from which file;
/// nothing where the store opens as it is.
pub fn salvage(folder: &Path) -> Result<Vec<String>, Error> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let _lock = recovery::lock(folder)?;
    let mut made_anew = Vec::new();
    let Some((store, is_known)) = identity(folder)? else { return Ok(Vec::new()) };
    let broken = headers::broken(folder, store)?;
    refuse_unreadable(folder, store)?;
    if !is_known {
        recovery::put_identity(folder, store)?;
        let path = folder.join(recovery::ID);
        made_anew.push(format!("{}: it is made again from the headers of the other files", path.display()));
    }
    headers::write(&broken, &mut made_anew)?;
    let control = Arc::new(control(folder, store, &mut made_anew)?);
    let mut ledger = Ledger::open(folder, store, &control)?;
    let parts = Parts::read(folder, store, &ledger, &mut made_anew)?;
    let mut kept = Kept::new(folder, store, parts.last.through + 1, &control)?;
    kept.read(folder, store, !parts.missing.is_empty())?;
    let let_go = [&made_anew[..], &parts.let_go, &kept.let_go].concat();
    if let_go.len() == made_anew.len() {
        return Ok(let_go);
    }
    let first = kept.first_lost.filter(|_| parts.missing.is_empty()).unwrap_or(1);
    let edit =
        LedgerEdit { left: parts.missing, lost: vec![(first, kept.next - 1)], ..LedgerEdit::default() };
    // So that the newest watermark is none of those that are refused.
    kept.fill(kept.next + 1);
    let made = kept.write(folder, store)?;
    // What is lost is known before a part records that the log begins behind it.
    ledger.append(&edit)?;
    if kept.begins > parts.last.through + 1 {
        let directory = Directory { through: kept.begins - 1, ..parts.last };
        let joined = vec![Draft::create(folder, store, "salvaged")?.finish(parts.next, &directory)?.number];
        ledger.append(&LedgerEdit { joined, ..LedgerEdit::default() })?;
    }
    parts.damaged.iter().try_for_each(|path| set_aside(path))?;
    replace_log(folder, &log::files(folder)?, &made, kept.begins)?;
    control.set_progress(kept.next - 1, false)?;
    Ok(let_go)
}

/// Returns the store's id, and whether its file has it; `None` where there is no store.
fn identity(folder: &Path) -> Result<Option<(Uuid, bool)>, Error> {
    let path = folder.join(recovery::ID);
    let known = match known_identity(folder) {
        Ok(None) if leftovers(folder)?.is_some() => return Ok(None),
        Ok(None) | Err(Error::Damaged { .. }) => None,
        known => known?,
    };
    let id = known.map_or_else(|| id_in_headers(folder), |id| Ok(Some(id)))?;
    let Some(id) = id else { return Err(Error::Missing(path)) };
    Ok(Some((id, known.is_some())))
}

/// Refuses a store that a salvage would leave as one that does not open, before anything is changed.
fn refuse_unreadable(folder: &Path, store: Uuid) -> Result<(), Error> {
    let control = match Control::look(folder, store, Trust::Records) {
        Ok(None) => match recovery::refuse_without_control(folder) {
            Err(Error::Missing(path)) if path != folder.join(control::FILE) => {
                return Err(Error::Missing(path));
            }
            _ => None,
        },
        Err(Error::Damaged { .. }) => None,
        look => look?,
    };
    let control = control.unwrap_or_else(|| Look::default().with(Trust::Records));
    Dictionary::look(folder, store, Some(&control))?;
    Pins::look(folder, store, Some(&control))?;
    Arrivals::look(folder, store, Some(&control))?;
    Ledger::look(folder, store, Some(&control))?;
    for path in look_for_parts(folder)?.0.values() {
        match Part::open(path, store) {
            Ok(_) | Err(Error::Damaged { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Opens the control file; one that is missing or cannot be read is made anew.
fn control(folder: &Path, store: Uuid, made_anew: &mut Vec<String>) -> Result<Control, Error> {
    let path = folder.join(control::FILE);
    match recovery::open_control(folder, store) {
        Err(Error::Missing(missing)) if missing == path => {}
        Err(Error::Damaged { .. }) => set_aside(&path)?,
        control => return control,
    }
    made_anew.push(format!(
        "{}: it is made anew; whether the log lacks batches at its end can not be checked",
        path.display()
    ));
    Control::create(folder, store, 0)
}

/// The parts as they are.
struct Parts {
    /// The newest readable directory, of the store as a whole; without entries.
    last: Directory,
    next: u64,
    missing: Vec<u64>,
    damaged: Vec<PathBuf>,
    let_go: Vec<String>,
}

impl Parts {
    fn read(folder: &Path, store: Uuid, ledger: &Ledger, made_anew: &mut Vec<String>) -> Result<Self, Error> {
        let files = look_for_parts(folder)?.0;
        let numbers = ledger.parts.iter().chain(files.keys());
        let next = numbers.max().map_or(1, |last| last + 1);
        let mut parts = Self {
            last: Directory::default(),
            next,
            missing: Vec::new(),
            damaged: Vec::new(),
            let_go: Vec::new(),
        };
        for path in missing(folder, &ledger.parts, &files) {
            parts.record_lost(&path, "it is missing: it is unknown how many samples it had");
        }
        parts.missing.extend(ledger.parts.iter().filter(|number| !files.contains_key(number)));
        for (number, path) in files {
            match Part::open(&path, store) {
                Ok((_, directory)) => parts.last = bare(directory),
                Err(Error::Damaged { reason, .. }) => {
                    if let Ok(directory) = Part::repair(&path, store) {
                        made_anew.push(format!(
                            "{}: {reason}: it is written anew with its second directory, and nothing of it is lost",
                            path.display()
                        ));
                        parts.last = bare(directory);
                        continue;
                    }
                    let size = std::fs::metadata(&path).map_err(Error::io("read", &path))?.len();
                    parts.record_lost(&path, &format!("{reason}: {size} bytes are set aside beside it"));
                    parts.missing.push(number);
                    parts.damaged.push(path);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(parts)
    }

    fn record_lost(&mut self, path: &Path, what: &str) {
        self.let_go.push(format!("{}: {what}", path.display()));
    }
}

/// Keeps of a directory what is about the store as a whole.
fn bare(directory: Directory) -> Directory {
    let Directory { through, horizon, expired, .. } = directory;
    Directory { through, horizon, expired, ..Directory::default() }
}

/// The log as it can be read, and what is to be written in its place.
struct Kept {
    frames: Vec<u8>,
    /// The position that the log begins with.
    begins: u64,
    /// The position that comes next.
    next: u64,
    /// The series whose numbers are known, and how many there are with those that were deleted.
    names: HashSet<SeriesKey>,
    series: usize,
    /// The last position that was acknowledged, as far as is known.
    acknowledged: u64,
    /// Whether other series may have been made since.
    blind: bool,
    first_lost: Option<u64>,
    let_go: Vec<String>,
}

/// What goes of one file.
#[derive(Default)]
struct Cut {
    bytes: usize,
    batches: u64,
    samples: usize,
}

impl Kept {
    fn new(folder: &Path, store: Uuid, begins: u64, control: &Control) -> Result<Self, Error> {
        let look = Control::look(folder, store, Trust::Whole)?;
        let names = Dictionary::look(folder, store, look.as_ref())?;
        let series = names.len();
        let names = names.into_iter().filter(|name| name.deleted.is_none()).map(|name| name.key).collect();
        let acknowledged = control.progress().position;
        let (frames, let_go) = (Vec::new(), Vec::new());
        Ok(Self {
            frames,
            begins,
            next: begins,
            names,
            series,
            acknowledged,
            blind: false,
            first_lost: None,
            let_go,
        })
    }

    /// Reads the files; where a part is missing, what is missing before the log was in it.
    fn read(&mut self, folder: &Path, store: Uuid, part_missing: bool) -> Result<(), Error> {
        let files = self.readable(folder, store)?;
        if files.is_empty() {
            if self.let_go.is_empty() {
                let path = log::path(folder, self.begins);
                self.let_go.push(format!(
                    "{}: it is missing: it is unknown how many samples it had",
                    path.display()
                ));
            }
            let is_known = self.acknowledged >= self.begins;
            self.skip_to(if is_known { self.acknowledged + 1 } else { self.begins + UNKNOWN });
        }
        for (index, path) in files.iter().enumerate() {
            if let Some(first) = log::first_named(path).filter(|first| *first > self.next) {
                let (from, to) = (self.next, first - 1);
                self.let_go.push(format!(
                    "{}: the batches from {from} to {to} are missing before it",
                    path.display()
                ));
                self.blind |= !(part_missing && self.frames.is_empty());
                self.skip_to(first);
            }
            self.file(path, index + 1 == files.len())?;
        }
        if self.next <= self.acknowledged {
            let (from, to) = (self.next, self.acknowledged);
            self.let_go.push(format!(
                "{}: the batches from {from} to {to} are missing at its end",
                folder.display()
            ));
            self.fill(to + 1);
        }
        Ok(())
    }

    /// Returns the files of the log without those of other stores, and such as were cut short within their headers.
    fn readable(&mut self, folder: &Path, store: Uuid) -> Result<Vec<PathBuf>, Error> {
        let (mut files, whole) = (log::files(folder)?, log::whole_files(folder)?);
        // Behind other files it took no batch, unless the control file has more than they do.
        if !whole.is_empty() {
            files = whole;
        }
        let mut readable = Vec::new();
        for path in files {
            let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
            match log::FORM.check(&path, &bytes, store) {
                Ok(_) => readable.push(path),
                Err(Error::Damaged { path, reason }) => self.let_go.push(format!(
                    "{}: {reason}: it is unknown how many samples it had; the file is set aside beside it",
                    path.display()
                )),
                Err(error) => return Err(error),
            }
        }
        Ok(readable)
    }

    fn file(&mut self, path: &Path, last: bool) -> Result<(), Error> {
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        let (mut offset, mut cut) = (log::HEADER, Cut::default());
        let mut expected = log::first_named(path).unwrap_or(self.next);
        while offset < bytes.len() {
            let rest = &bytes[offset..];
            if let Some((entry, length)) = log::frame(rest) {
                expected = entry.position + 1;
                self.take(entry, &rest[..length], &mut cut);
                offset += length;
                continue;
            }
            if log::is_unfinished(&bytes, offset, expected, last.then_some(self.acknowledged)) {
                break;
            }
            let next = log::next_frame(&rest[1..], expected + 1).map(|next| next + 1);
            let broken = &rest[..next.unwrap_or(rest.len())];
            // What is in a part already is not lost.
            if expected >= self.next {
                self.broken(broken, next.is_none(), &mut cut);
            }
            offset += broken.len();
        }
        if cut.bytes > 0 || cut.batches > 0 {
            let Cut { bytes, batches, samples } = cut;
            self.let_go.push(format!(
                "{}: {batches} batches, of which {samples} samples can be counted; {bytes} bytes are broken; the file is set aside beside it",
                path.display()
            ));
        }
        Ok(())
    }

    /// Keeps a batch, or drops it where its series are unknown.
    fn take(&mut self, entry: Entry, frame: &[u8], cut: &mut Cut) {
        if entry.position < self.next {
            return;
        }
        let first = if entry.skips_from(entry.durable) { entry.durable + 1 } else { entry.position };
        cut.batches += first.saturating_sub(self.next);
        self.fill(first);
        let is_known = |series: &u32| (*series as usize) < self.series;
        if self.blind && !(entry.made.is_empty() && entry.series.iter().all(is_known)) {
            cut.samples += entry.at.len();
            cut.batches += 1;
            self.fill(entry.position + 1);
        } else {
            self.frames.extend(frame);
            self.next = entry.position + 1;
            for key in entry.made {
                self.series += usize::from(self.names.insert(key));
            }
        }
    }

    /// Takes notice of bytes that are no batch; `all` where none comes after them. Where they still have the form of one, they
    /// show how many samples it had and whether it made series.
    fn broken(&mut self, bytes: &[u8], all: bool, cut: &mut Cut) {
        let entry = bytes.get(log::FRAME_HEADER..).and_then(|payload| Entry::read(payload).ok());
        cut.bytes += bytes.len();
        cut.samples += entry.as_ref().map_or(0, |entry| entry.at.len());
        self.blind |= entry.is_none_or(|entry| !entry.made.is_empty());
        if all {
            let last = self.acknowledged.max(self.next);
            cut.batches += last - self.next + 1;
            self.fill(log::last_possible(bytes.len(), self.next).max(last) + 1);
        }
    }

    /// Leaves the positions before `to` empty.
    fn fill(&mut self, to: u64) {
        if self.next < to {
            self.first_lost.get_or_insert(self.next);
            log::put_skip(&mut self.frames, self.next - 1, to - 1, None);
            self.next = to;
        }
    }

    /// Goes on at a later position: with nothing where nothing was kept yet, so that the log begins there.
    fn skip_to(&mut self, to: u64) {
        if self.frames.is_empty() {
            self.first_lost.get_or_insert(self.next);
            (self.begins, self.next) = (to, to);
        } else {
            self.fill(to);
        }
    }

    /// Writes the log that can be read to a file without a name of its own.
    fn write(&self, folder: &Path, store: Uuid) -> Result<PathBuf, Error> {
        let path = folder.join("salvage.new");
        let write = || {
            let mut file = File::create(&path)?;
            file.write_all(&log::header(store, self.begins))?;
            file.write_all(&self.frames)?;
            file.sync_all()
        };
        write().map_err(Error::io("write", &path))?;
        Ok(path)
    }
}

/// Puts the log that was made in the place of the files there are, which are set aside. Where that stops half-way, what is
/// there twice is known by its position.
fn replace_log(folder: &Path, files: &[PathBuf], made: &Path, begins: u64) -> Result<(), Error> {
    let path = log::path(folder, begins);
    for file in files.iter().filter(|file| **file == path) {
        std::fs::copy(file, aside(file)).map_err(Error::io("copy", file))?;
    }
    std::fs::rename(made, &path).map_err(Error::io("name", &path))?;
    files.iter().filter(|file| **file != path).try_for_each(|file| set_aside(file))?;
    durability::sync_folder(folder)
}

fn set_aside(path: &Path) -> Result<(), Error> {
    std::fs::rename(path, aside(path)).map_err(Error::io("set aside", path))
}

fn aside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".damaged");
    name.into()
}
