//! Checking a store at rest: every part that must be there, every block and directory in them, the names, the pins, the
//! log. Finds and reports; repairs nothing.

use crate::telemetry::error::Error;
use crate::telemetry::file::control::{self, Control, Look, Trust};
use crate::telemetry::file::ledger::Ledger;
use crate::telemetry::ingest::dictionary::Dictionary;
use crate::telemetry::log::arrivals::Arrivals;
use crate::telemetry::log::{self, Take};
use crate::telemetry::part::{Directory, Part};
use crate::telemetry::store::parts::{look_for_parts, missing};
use crate::telemetry::store::pins::Pins;
use crate::telemetry::store::recovery::{
    self, ends_early, id_in_headers, known_identity, leftovers, lock_folder,
};
use std::fmt;
use std::path::Path;
use uuid::Uuid;

/// A file that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong with which file.
    pub what: String,
    /// What to do about it.
    pub advice: &'static str,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n    {}", self.what, self.advice)
    }
}

/// What a check has looked at and found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// How many parts were read.
    pub parts: usize,
    /// How many batches of the log were read.
    pub batches: usize,
    /// What was found; nothing where all is well.
    pub damages: Vec<Damage>,
}

const SALVAGE: &str = "put the telemetry folder back from a backup; or go on without what cannot be read: throughline fsck --salvage-telemetry";
const RESTORE: &str =
    "put the telemetry folder back from a backup; what is asked of the rest of it is answered";
const BACKUP: &str = "put the telemetry folder back from a backup: without this file the store does not open";
const SPARE: &str =
    "nothing needs it now, it replaces the directory of its part: start the service, which makes it again";
const SECOND: &str = "its second directory is used, and all of it is answered; to write it anew: throughline fsck --salvage-telemetry";
const HEADER: &str = "all that is behind its header can be read, and nothing is lost; to write the header anew: throughline fsck --salvage-telemetry";
const START: &str = "start the service, which writes it anew from its other copy";

/// Checks the store in a folder that no other process holds; a folder without a store is in order.
pub fn check(folder: &Path) -> Result<Checked, Error> {
    let mut checked = Checked::default();
    if !folder.exists() {
        return Ok(checked);
    }
    let _lock = lock_folder(folder)?;
    if let Some(store) = checked.identity(folder)? {
        let control = checked.control(folder, store)?;
        let control = control.as_ref();
        let names = checked.records(control, |control| Dictionary::look(folder, store, control))?;
        checked.records(control, |control| Pins::look(folder, store, control))?;
        checked.records(control, |control| Arrivals::look(folder, store, control))?;
        let names = names.map_or(usize::MAX, |names| names.len());
        let through = checked.parts(folder, store, names, control)?;
        checked.log(folder, store, through, control.map_or(0, |control| control.progress().position))?;
    }
    Ok(checked)
}

impl Checked {
    /// Records what is damaged or missing; any other failure ends the check.
    fn record<T>(&mut self, advice: &'static str, read: Result<T, Error>) -> Result<Option<T>, Error> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(Error::Damaged { path, reason }) => {
                self.damages.push(Damage { what: format!("{}: {reason}", path.display()), advice });
                Ok(None)
            }
            Err(Error::Missing(path)) => {
                self.damages.push(Damage { what: format!("{}: it is missing", path.display()), advice });
                Ok(None)
            }
            // A disk that does not give back what was written to it.
            Err(Error::Io { action, path, source }) => {
                self.damages.push(Damage {
                    what: format!("{}: cannot {action} it: {source}", path.display()),
                    advice,
                });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Reads a file of records: where its header alone is broken, the records are returned, and the header is reported.
    fn records<T>(
        &mut self,
        control: Option<&Look>,
        look: impl Fn(Option<&Look>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let error = match look(control) {
            Err(error @ Error::Damaged { .. }) => error,
            read => return self.record(BACKUP, read),
        };
        let behind_header = control.copied().unwrap_or_default().with(Trust::Records);
        match look(Some(&behind_header)) {
            Ok(read) => {
                self.record(HEADER, Err::<(), _>(error))?;
                Ok(Some(read))
            }
            Err(_) => self.record(BACKUP, Err(error)),
        }
    }

    /// Returns the store's id; `None` where no store was begun.
    fn identity(&mut self, folder: &Path) -> Result<Option<Uuid>, Error> {
        let known = self.record(SALVAGE, known_identity(folder))?;
        if let Some(Some(id)) = known {
            return Ok(Some(id));
        }
        if known.is_some() && leftovers(folder)?.is_some() {
            return Ok(None);
        }
        if known.is_some() {
            self.record(SALVAGE, Err::<(), _>(Error::Missing(folder.join(recovery::ID))))?;
        }
        id_in_headers(folder)
    }

    fn control(&mut self, folder: &Path, store: Uuid) -> Result<Option<Look>, Error> {
        let found = match Control::look(folder, store, Trust::Whole) {
            Err(error @ Error::Damaged { .. }) => match Control::look(folder, store, Trust::Records) {
                Ok(Some(look)) => {
                    self.record(HEADER, Err::<(), _>(error))?;
                    Some(Some(look.with(Trust::Whole)))
                }
                _ => self.record(SALVAGE, Err(error))?,
            },
            read => self.record(SALVAGE, read)?,
        };
        if let Some(None) = found {
            self.record(SALVAGE, recovery::refuse_without_control(folder))?;
        }
        let look = found.flatten();
        if look.as_ref().is_some_and(|look| !look.is_whole) {
            let broken = Error::damaged(&folder.join(control::FILE), "a copy of a record in it is broken");
            self.record(START, Err::<(), _>(broken))?;
        }
        Ok(look)
    }

    /// Reads all parts; returns the position up to which all batches are in them.
    fn parts(
        &mut self,
        folder: &Path,
        store: Uuid,
        names: usize,
        control: Option<&Look>,
    ) -> Result<u64, Error> {
        let joined =
            self.records(control, |control| Ledger::look(folder, store, control))?.unwrap_or_default();
        let files = look_for_parts(folder)?.0;
        for path in missing(folder, &joined, &files) {
            self.record(SALVAGE, Err::<(), _>(Error::Missing(path)))?;
        }
        let mut through = 0;
        for path in files.values() {
            self.parts += 1;
            self.record(SPARE, Part::look_at_copy(path, store))?;
            let Some((part, directory)) = self.part(path, store)? else { continue };
            through = directory.through;
            self.blocks(&part, &directory, names)?;
        }
        Ok(through)
    }

    /// Opens a part, by its second directory where its own cannot be read.
    fn part(&mut self, path: &Path, store: Uuid) -> Result<Option<(Part, Directory)>, Error> {
        let error = match Part::open(path, store) {
            Ok(opened) => return Ok(Some(opened)),
            Err(error) => error,
        };
        match Part::open_by_copy(path, store) {
            Ok(opened) => {
                self.record(SECOND, Err::<(), _>(error))?;
                Ok(Some(opened))
            }
            Err(_) => self.record(SALVAGE, Err(error)),
        }
    }

    fn blocks(&mut self, part: &Part, directory: &Directory, names: usize) -> Result<(), Error> {
        let chunks = directory.chunks.iter().map(|chunk| (chunk.series, chunk.extent));
        let rollups = directory.rollups.iter().map(|rollup| (rollup.series, rollup.extent));
        for (series, extent) in chunks.chain(rollups) {
            self.record(RESTORE, part.read(extent))?;
            if series.index() >= names {
                let nameless = Error::damaged(&part.path, format!("series {series} has no name"));
                self.record(RESTORE, Err::<(), _>(nameless))?;
            }
        }
        Ok(())
    }

    fn log(&mut self, folder: &Path, store: Uuid, through: u64, acknowledged: u64) -> Result<(), Error> {
        let files = log::whole_files(folder)?;
        // What was in a damaged part is missing before the log as well.
        let whole = self.damages.is_empty();
        if files.is_empty() {
            let missing = match log::files(folder)?.last() {
                Some(path) => log::cut_short(path),
                None => Error::Missing(log::path(folder, through + 1)),
            };
            self.record(SALVAGE, Err::<(), _>(missing))?;
        }
        let mut next = through + 1;
        for (index, path) in files.iter().enumerate() {
            if whole && log::first_named(path).is_some_and(|first| first > next) {
                self.record(SALVAGE, Err::<(), _>(Error::Missing(log::path(folder, next))))?;
            }
            let mut batches = 0;
            let acknowledged = (index + 1 == files.len()).then_some(acknowledged);
            let read = log::replay(path, store, acknowledged, |entry| {
                next = next.max(entry.position + 1);
                batches += 1;
                Ok(Take::Kept)
            });
            self.batches += batches;
            self.record(SALVAGE, read)?;
        }
        if let Some(last) = files.last().filter(|_| self.damages.is_empty() && next <= acknowledged) {
            self.record(SALVAGE, Err::<(), _>(ends_early(last, next - 1, acknowledged)))?;
        }
        Ok(())
    }
}
