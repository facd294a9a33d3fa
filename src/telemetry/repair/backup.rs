//! A copy of a store that goes on, and its check.
//!
//! The copy is a store of its own, as the original was at one watermark: parts are hard links, or copies on another file system; the
//! log ends at the watermark; `SHA256SUMS` has a digest of every file, as `sha256sum --check` reads it. The original goes
//! on to give out watermarks that the copy knows nothing of, so the copy goes on behind them, and refuses them. A part that is missing
//! is missing in the copy too, which refuses what was in it; `SHA256SUMS` names it.

use crate::telemetry::error::Error;
use crate::telemetry::file::control::{self, Control, Recorded};
use crate::telemetry::file::durability::sync_folder;
use crate::telemetry::file::frames::{Frames, replace};
use crate::telemetry::part::copy_path;
use crate::telemetry::series::watermark::Watermark;
use crate::telemetry::store::Store;
use crate::telemetry::store::parts::Files;
use crate::telemetry::store::recovery::ID;
use crate::telemetry::store::shared::Shared;
use crate::telemetry::{log, settings};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file of digests.
const SUMS: &str = "SHA256SUMS";
/// How many watermarks the original may give out after the backup.
const SKIPPED: u64 = 1 << 32;
/// The line before the watermark in the file of digests.
const TITLE: &str = "# throughline telemetry as of ";
/// What begins a line that names a part which was missing when the backup was made.
const MISSING: &str = "# missing ";

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// As of when.
    pub watermark: Watermark,
    /// The names of the parts that were missing.
    pub missing: Vec<String>,
}

impl Store {
    /// Writes a copy of the store as it is now to a folder, which must be new or empty, and returns what it holds. A part that is
    /// missing is left out. Samples are taken meanwhile. What refers to telemetry, such as evidence, must be copied before, so that the
    /// copy holds all of it.
    pub fn backup(&self, folder: &Path) -> Result<Backup, Error> {
        begin(folder)?;
        self.shared().freeze(folder)?.copy(folder)
    }
}

/// Checks that every file of a backup is what was written to it and none is missing or new; returns what it holds.
pub fn verify_backup(folder: &Path) -> Result<Backup, Error> {
    let path = folder.join(SUMS);
    let damaged = |reason: String| Error::damaged(&path, reason);
    let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    let (title, rest) = text.split_once('\n').unwrap_or_default();
    let watermark = title.strip_prefix(TITLE).and_then(|watermark| watermark.parse().ok());
    let watermark = watermark.ok_or_else(|| damaged("its first line names no watermark".to_owned()))?;
    let missing = rest.lines().filter_map(|line| line.strip_prefix(MISSING)).map(str::to_owned).collect();
    let mut listed = BTreeMap::new();
    for line in rest.lines().filter(|line| !line.starts_with(MISSING)) {
        let (digest, name) =
            line.split_once("  ").ok_or_else(|| damaged(format!("\"{line}\" is no digest and file")))?;
        listed.insert(name.to_owned(), digest.to_owned());
    }
    for name in names(folder)? {
        let path = folder.join(&name);
        let expect = listed.remove(&name).ok_or_else(|| damaged(format!("it does not list {name}")))?;
        if digest(&path)? != expect {
            return Err(Error::damaged(
                &path,
                format!("it is not what was backed up: its digest is not {expect}"),
            ));
        }
    }
    match listed.into_keys().next() {
        Some(missing) => Err(Error::Missing(folder.join(missing))),
        None => Ok(Backup { watermark, missing }),
    }
}

/// What a backup is to hold, of which not all is copied yet.
pub(in crate::telemetry) struct Frozen {
    backup: Backup,
    /// Files of parts, each with what keeps it.
    parts: Vec<(PathBuf, Arc<Files>)>,
    sources: Vec<Source>,
}

impl Frozen {
    /// Copies what is not copied yet.
    pub(in crate::telemetry) fn copy(self, folder: &Path) -> Result<Backup, Error> {
        self.sources.into_iter().try_for_each(|source| source.copy(folder))?;
        // Compaction removes no part that is still to be copied; each is opened only for its turn.
        self.parts.iter().try_for_each(|(path, _)| Source::open(path)?.copy(folder))?;
        put_sums(folder, &self.backup)?;
        Ok(self.backup)
    }

    /// Returns how many files it has open.
    #[cfg(test)]
    pub(in crate::telemetry) fn open_files(&self) -> usize {
        self.sources.len()
    }
}

/// A file to copy, which stays readable when it is removed.
struct Source {
    name: String,
    file: File,
    /// How many bytes of it are copied; all where there is no limit.
    length: u64,
    /// What comes after them.
    end: Vec<u8>,
}

impl Source {
    fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        Ok(Self { name: name(path), file, length: u64::MAX, end: Vec::new() })
    }

    fn copy(self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(&self.name);
        let copy = || {
            let mut copy = File::create_new(&path)?;
            std::io::copy(&mut self.file.take(self.length), &mut copy)?;
            copy.write_all(&self.end)?;
            copy.sync_all()
        };
        copy().map_err(Error::io("write", &path))
    }
}

impl Shared {
    /// Links the parts and writes the records of now; returns what is still to be copied.
    pub(in crate::telemetry) fn freeze(&self, folder: &Path) -> Result<Frozen, Error> {
        // Locked in this order, so that nothing is sealed, compacted or pinned meanwhile.
        let parts = self.parts();
        self.refuse_moved()?;
        let (pins, arrivals) = (self.pins(), self.arrivals());
        let (current, length, position) = self.committer().end();
        let next = position + SKIPPED;
        let (mut missing, mut to_copy, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        for files in parts.files() {
            let copy = copy_path(&files.path);
            for path in [&files.path, &copy] {
                match std::fs::hard_link(path, folder.join(name(path))) {
                    Ok(()) => {}
                    // A part of an earlier program has no second directory.
                    Err(error) if error.kind() == ErrorKind::NotFound => {
                        missing.extend((*path == files.path).then(|| name(path)));
                    }
                    // Another file system, or one without links.
                    Err(_) => to_copy.push((path.clone(), Arc::clone(files))),
                }
            }
        }
        for path in log::files(self.folder())? {
            let mut source = Source::open(&path)?;
            if path == current {
                source.length = length;
                log::put_skip(&mut source.end, position, next, Some(self.clock().now().nanos()));
            }
            sources.push(source);
        }
        let settings = self.folder().join(settings::FILE);
        if settings.exists() {
            sources.push(Source::open(&settings)?);
        }
        let lost = parts.ledger.lost_record((position + 1, next - 1));
        let lengths = [
            (Recorded::Names, write(folder, parts.dictionary.frames(), &[])?),
            (Recorded::Pins, write(folder, pins.frames(), &[])?),
            (Recorded::Ledger, write(folder, parts.ledger.frames(), &lost)?),
            (Recorded::Arrivals, write(folder, arrivals.frames(), &[])?),
        ];
        replace(
            &folder.join(control::FILE),
            &Control::image(self.id, lengths, next, self.control().clock()),
        )?;
        replace(&folder.join(ID), format!("{}\n", self.id.simple()).as_bytes())?;
        let backup = Backup { watermark: self.watermark(position), missing };
        Ok(Frozen { backup, parts: to_copy, sources })
    }
}

/// Copies the good bytes of a file of records, and more; returns how many there are then.
fn write(folder: &Path, frames: &Frames, more: &[u8]) -> Result<u64, Error> {
    let (path, good) = frames.extent();
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(good).read_to_end(&mut bytes));
    read.map_err(Error::io("read", path))?;
    bytes.extend(more);
    replace(&folder.join(name(path)), &bytes)?;
    Ok(bytes.len() as u64)
}

/// Makes the folder, or takes an empty one.
fn begin(folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    if names(folder)?.is_empty() {
        return Ok(());
    }
    let taken = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "the folder is not empty");
    Err(Error::io("back up into", folder)(taken))
}

/// Writes the digests of all files.
fn put_sums(folder: &Path, backup: &Backup) -> Result<(), Error> {
    let mut text = format!("{TITLE}{}\n", backup.watermark);
    for missing in &backup.missing {
        let _ = writeln!(text, "{MISSING}{missing}");
    }
    for name in names(folder)? {
        let _ = writeln!(text, "{}  {name}", digest(&folder.join(&name))?);
    }
    replace(&folder.join(SUMS), text.as_bytes())?;
    sync_folder(folder)
}

/// Returns the names of the files in a folder, in order; not that of the digests.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = std::fs::read_dir(folder).map_err(Error::io("list", folder))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(name(&entry.map_err(Error::io("list", folder))?.path()));
    }
    names.retain(|name| name != SUMS);
    names.sort_unstable();
    Ok(names)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn digest(path: &Path) -> Result<String, Error> {
    let mut sum = Sha256::new();
    let read = File::open(path).and_then(|mut file| std::io::copy(&mut file, &mut sum));
    read.map_err(Error::io("read", path))?;
    Ok(format!("{:x}", sum.finalize()))
}
