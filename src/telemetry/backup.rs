//! A copy of a store that goes on, and its check.
//!
//! The copy is a store of its own, as the original was at one watermark: parts are hard links, or copies on another file system; the
//! log ends at the watermark; `SHA256SUMS` has a digest of every file, as `sha256sum --check` reads it. The original goes
//! on to give out watermarks that the copy knows nothing of, so the copy goes on behind them, and refuses them.

use super::control::{self, Control, Recorded};
use super::error::Error;
use super::frames::{Frames, replace};
use super::log::{self, sync_folder};
use super::part::copy_path;
use super::recovery::ID;
use super::settings;
use super::store::{Shared, Store};
use super::watermark::Watermark;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write as _};
use std::path::Path;

/// The file of digests.
const SUMS: &str = "SHA256SUMS";
/// How many watermarks the original may give out after the backup.
const AHEAD: u64 = 1 << 32;
/// The line before the watermark in the file of digests.
const TITLE: &str = "# throughline telemetry as of ";

impl Store {
    /// Writes a copy of the store as it is now to a folder, which must be new or empty, and returns the watermark that it holds.
    /// Samples are taken meanwhile. What refers to telemetry, such as evidence, must be copied before, so that the copy holds all of it.
    pub fn backup(&self, folder: &Path) -> Result<Watermark, Error> {
        begin(folder)?;
        let (watermark, sources) = self.shared().freeze(folder)?;
        sources.into_iter().try_for_each(|source| source.copy(folder))?;
        put_sums(folder, watermark)?;
        Ok(watermark)
    }
}

/// Checks that every file of a backup is what was written to it and none is missing or new; returns the watermark that it holds.
pub fn verify_backup(folder: &Path) -> Result<Watermark, Error> {
    let path = folder.join(SUMS);
    let damaged = |reason: String| Error::damaged(&path, reason);
    let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    let (title, rest) = text.split_once('\n').unwrap_or_default();
    let watermark = title.strip_prefix(TITLE).and_then(|watermark| watermark.parse().ok());
    let watermark = watermark.ok_or_else(|| damaged("its first line names no watermark".to_owned()))?;
    let mut listed = BTreeMap::new();
    for line in rest.lines() {
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
        None => Ok(watermark),
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
    fn freeze(&self, folder: &Path) -> Result<(Watermark, Vec<Source>), Error> {
        // Locked in this order, so that nothing is sealed, compacted or pinned meanwhile.
        let parts = self.parts();
        let (pins, arrivals) = (self.pins(), self.arrivals());
        let (current, length, position) = self.committer().end();
        let next = position + AHEAD;
        let mut sources = Vec::new();
        for part in parts.paths() {
            for path in [part, &copy_path(part)] {
                // Another file system, or one without links; a part of an earlier program has no second directory.
                if std::fs::hard_link(path, folder.join(name(path))).is_err()
                    && (path == part || path.exists())
                {
                    sources.push(Source::open(path)?);
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
        Ok((self.watermark(position), sources))
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
fn put_sums(folder: &Path, watermark: Watermark) -> Result<(), Error> {
    let mut text = format!("{TITLE}{watermark}\n");
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
