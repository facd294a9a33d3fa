//! The parts of a store: which there are, what of them still counts, and the one way a new one joins them.
//!
//! A part without its name is removed at the next start, and so is one that is not in the ledger: its maker got an error, or
//! no answer, and what was acknowledged since does not know of it. One in the ledger is shown in the order of the numbers, and records
//! itself what of earlier parts it replaces; so whatever was not yet removed when the process stopped is harmless. The
//! ledger lists which must be there: of one that is not, or that cannot be read, all is refused that its second directory lists;
//! without that one the store does not open, it never drops anything silently.

use crate::telemetry::error::Error;
use crate::telemetry::file::control::Control;
use crate::telemetry::file::horizon::Horizon;
use crate::telemetry::file::ledger::{Ledger, LedgerEdit};
use crate::telemetry::ingest::catalog::Catalog;
use crate::telemetry::ingest::dictionary::Dictionary;
use crate::telemetry::log;
use crate::telemetry::part::expired::Expired;
use crate::telemetry::part::{self, Directory, Draft, Part};
use crate::telemetry::read::track::{Chunk, SeriesDelta, StoredRollup};
use crate::telemetry::series::key::SeriesId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use uuid::Uuid;

/// The parts of a store, and what is in them that still counts.
#[derive(Debug)]
pub(in crate::telemetry) struct Parts {
    folder: PathBuf,
    store: Uuid,
    next: u64,
    through: u64,
    /// The names of the series in parts.
    pub(in crate::telemetry) dictionary: Dictionary,
    /// Which parts there must be.
    pub(in crate::telemetry) ledger: Ledger,
    uses: BTreeMap<u64, Use>,
    /// What old watermarks still answer.
    pub(in crate::telemetry) horizon: Horizon,
    floor: Arc<AtomicU64>,
    /// The parts that were missing or damaged when the store was opened.
    pub(super) losses: Vec<String>,
}

/// How much of a part counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Size {
    /// How many bytes its chunks and rollups have.
    pub(in crate::telemetry) blocks: u64,
    /// Chunks and rollups of it that are shown.
    pub(in crate::telemetry) live: usize,
    /// How many bytes those that are shown have.
    pub(super) live_bytes: u64,
}

/// The files of a part: those of one that has left are removed once nobody copies them any more.
#[derive(Debug)]
pub(in crate::telemetry) struct Files {
    /// The part; its second directory is beside it.
    pub(in crate::telemetry) path: PathBuf,
    has_left: AtomicBool,
}

impl Drop for Files {
    fn drop(&mut self) {
        if !*self.has_left.get_mut() {
            return;
        }
        for path in [&self.path, &part::copy_path(&self.path)] {
            if let Err(error) = remove(path) {
                tracing::warn!("a part that counts no more is removed at the next start: {error}");
            }
        }
    }
}

/// What keeps a part.
#[derive(Debug)]
struct Use {
    files: Arc<Files>,
    size: Size,
    /// Earlier parts that it records something about: while they are there it must stay.
    names: BTreeSet<u64>,
}

impl Parts {
    /// Opens all parts and puts what they hold into the catalog. `floor` is the lowest position that views may read.
    pub(in crate::telemetry) fn open(
        folder: &Path,
        store: Uuid,
        catalog: &Catalog,
        floor: Arc<AtomicU64>,
        control: &Arc<Control>,
    ) -> Result<Self, Error> {
        let (dictionary, names) = Dictionary::open(folder, store, control)?;
        let mut series = catalog.write();
        for name in names {
            let added = match name.deleted {
                Some(_) => series.add_deleted(name),
                None => series.add(name.key, name.born),
            };
            added.ok_or_else(|| Error::damaged(folder, "it names too many series"))?;
        }
        drop(series);
        let files = part_files(folder)?;
        let mut ledger = Ledger::open(folder, store, control)?;
        let open = |number: &u64| Part::open_whatever(&part::path(folder, *number), store);
        let mut opened = ledger.parts.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let through = opened.last().map_or(0, |(_, directory)| directory.through);
        let joined = joining(folder, &ledger, &files, through)?;
        opened.extend(joined.iter().map(open).collect::<Result<Vec<_>, _>>()?);
        ledger.append(&LedgerEdit { joined, ..LedgerEdit::default() })?;
        let mut parts = Self {
            folder: folder.to_owned(),
            store,
            next: 1,
            through: 0,
            dictionary,
            ledger,
            uses: BTreeMap::new(),
            horizon: Horizon::default(),
            floor,
            losses: Vec::new(),
        };
        for (part, directory) in opened {
            parts.losses.extend(part.loss.clone());
            parts.show(catalog, &Arc::new(part), &directory)?;
        }
        catalog.write().close();
        Ok(parts)
    }

    /// Returns the position up to which all batches are in parts.
    pub(in crate::telemetry) fn through(&self) -> u64 {
        self.through
    }

    /// Returns whether nothing can be sealed until the store is opened again.
    pub(in crate::telemetry) fn is_broken(&self) -> bool {
        self.dictionary.is_broken() || self.ledger.is_broken()
    }

    /// Returns the spans of positions, first and last, that can no longer be answered in full.
    pub(in crate::telemetry) fn lost(&self) -> &[(u64, u64)] {
        &self.ledger.lost
    }

    /// Returns the files of the parts, which stay while the returned values are there.
    pub(in crate::telemetry) fn files(&self) -> impl Iterator<Item = &Arc<Files>> {
        self.uses.values().map(|part| &part.files)
    }

    /// Returns how much of each part counts.
    pub(in crate::telemetry) fn sizes(&self) -> BTreeMap<u64, Size> {
        self.uses.iter().map(|(number, part)| (*number, part.size)).collect()
    }

    /// Starts a part, for a purpose that only one is made for at a time.
    pub(in crate::telemetry) fn draft(&self, purpose: &str) -> Result<Draft, Error> {
        Draft::create(&self.folder, self.store, purpose)
    }

    /// Starts a directory with the present state of the store.
    pub(in crate::telemetry) fn directory(&self, catalog: &Catalog) -> Directory {
        Directory {
            through: self.through,
            horizon: self.horizon.clone(),
            expired: expired(catalog),
            ..Directory::default()
        }
    }

    /// Lets a part that is in the making take over what `absorbed` ones record about others, so that these need not stay for it.
    pub(in crate::telemetry) fn absorb(
        &self,
        absorbed: &BTreeSet<u64>,
        directory: &mut Directory,
    ) -> Result<(), Error> {
        // An absorbed part may stay as well, where a run of it was not taken along: what is recorded about it is repeated.
        let stays = |part: &u64| self.uses.contains_key(part);
        for part in absorbed.iter().filter_map(|number| self.uses.get(number)) {
            let theirs = Part::open_whatever(&part.files.path, self.store)?.1;
            directory.replaced.extend(theirs.replaced.into_iter().filter(|(_, part, _)| stays(part)));
            directory.outdated.extend(theirs.outdated.into_iter().filter(|(.., part)| stays(part)));
        }
        directory.absorbed = absorbed.iter().copied().collect();
        Ok(())
    }

    /// Makes a part durable, shows it, and removes the parts of which nothing counts any more; returns its number.
    pub(in crate::telemetry) fn publish(
        &mut self,
        catalog: &Catalog,
        draft: Draft,
        directory: &Directory,
    ) -> Result<u64, Error> {
        let part = Arc::new(draft.finish(self.next, directory)?);
        // Before the log that holds its rows goes, and whatever it replaces.
        let joined = self.ledger.append(&LedgerEdit { joined: vec![part.number], ..LedgerEdit::default() });
        joined.inspect_err(|_| self.withdraw(&part))?;
        // Views look at the floor after they have read, so it rises before anything is replaced.
        self.floor.fetch_max(directory.horizon.floor, Ordering::SeqCst);
        self.show(catalog, &part, directory)?;
        // The part counts whether or not those that it replaces can be removed: that is tried again with the next one.
        if let Err(error) = self.remove_unused() {
            tracing::warn!("parts that count no more stay for now: {error}");
        }
        Ok(part.number)
    }

    /// Removes a part that did not join. Where nobody knows whether it did, it stays: the ledger shows it at the next start.
    fn withdraw(&self, part: &Part) {
        if self.ledger.is_broken() {
            return;
        }
        for path in [&part.path, &part::copy_path(&part.path)] {
            if let Err(error) = remove(path) {
                tracing::warn!("a part that did not join is removed at the next start: {error}");
            }
        }
    }

    /// Refuses what must not be acknowledged while nobody knows which parts there are.
    pub(super) fn refuse_undecided(&self) -> Result<(), Error> {
        if self.ledger.is_broken() {
            let reason =
                "it is not known which parts are recorded, which the next start finds out".to_owned();
            return Err(Error::Stopped { reason });
        }
        Ok(())
    }

    /// Puts a part's chunks and rollups into the catalog.
    fn show(&mut self, catalog: &Catalog, part: &Arc<Part>, directory: &Directory) -> Result<(), Error> {
        let names = catalog.read();
        let live = directory.chunks.len() + directory.rollups.len();
        let extents = directory.chunks.iter().map(|chunk| chunk.extent);
        let extents = extents.chain(directory.rollups.iter().map(|rollup| rollup.extent));
        let blocks = extents.map(|extent| u64::from(extent.length)).sum();
        let names_of = directory.named_parts().collect();
        let size = Size { blocks, live, live_bytes: blocks };
        let files = Arc::new(Files { path: part.path.clone(), has_left: AtomicBool::new(false) });
        let in_use = Use { files, size, names: names_of };
        for absorbed in &directory.absorbed {
            self.uses.get_mut(absorbed).into_iter().for_each(|part| part.names.clear());
        }
        self.uses.insert(part.number, in_use);
        // Whatever fails below, no other part gets the number: blocks that were read are kept under it.
        self.next = part.number + 1;
        for (series, delta) in delta(part, directory) {
            let track = names.tracks().get(series.index());
            let track =
                track.ok_or_else(|| Error::damaged(&part.path, format!("series {series} has no name")))?;
            delta.expired.iter().for_each(|expired| track.close(expired.to));
            for (number, length) in track.write().adopt(directory.through, delta) {
                self.release(number, length);
            }
        }
        self.through = directory.through;
        self.horizon = directory.horizon.clone();
        self.floor.fetch_max(self.horizon.floor, Ordering::SeqCst);
        Ok(())
    }

    fn release(&mut self, part: u64, length: u32) {
        if let Some(part) = self.uses.get_mut(&part) {
            part.size.live = part.size.live.saturating_sub(1);
            part.size.live_bytes = part.size.live_bytes.saturating_sub(u64::from(length));
        }
    }

    /// Removes the parts of which nothing is shown, unless they record something about earlier ones that are still there. The newest stays, since
    /// it records how far the parts reach.
    pub(super) fn remove_unused(&mut self) -> Result<(), Error> {
        let (newest, mut there) = (self.next - 1, self.uses.keys().copied().collect::<BTreeSet<u64>>());
        let mut unused = Vec::new();
        while let Some(number) = there.iter().copied().find(|number| {
            let part = &self.uses[number];
            *number != newest && part.size.live == 0 && part.names.is_disjoint(&there)
        }) {
            there.remove(&number);
            unused.push(number);
        }
        // A part that has not left is read at the next start: until then what is recorded about it must stay.
        self.ledger.append(&LedgerEdit { left: unused.clone(), ..LedgerEdit::default() })?;
        for part in unused.iter().filter_map(|number| self.uses.remove(number)) {
            part.files.has_left.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Returns the parts that are there without the ledger knowing them and join now, as an earlier program made them; others hold
/// nothing that is not in the parts that joined or in the log, and are removed.
fn joining(
    folder: &Path,
    ledger: &Ledger,
    files: &BTreeMap<u64, PathBuf>,
    through: u64,
) -> Result<Vec<u64>, Error> {
    let logs = log::files(folder)?;
    let is_logged =
        logs.first().and_then(|log| log::first_named(log)).is_some_and(|first| first <= through + 1);
    let is_whole = is_logged && missing(folder, &ledger.parts, files).next().is_none();
    let mut joining = Vec::new();
    for (number, path) in files.iter().filter(|(number, _)| !ledger.parts.contains(number)) {
        if is_whole || ledger.has_left(*number) {
            tracing::info!("{}: it did not come into use, and is removed", path.display());
            remove(path)?;
            remove(&part::copy_path(path))?;
        } else {
            joining.push(*number);
        }
    }
    Ok(joining)
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(Error::io("remove", path)),
    }
}

/// Returns what a part brings to each series, and takes away.
fn delta(part: &Arc<Part>, directory: &Directory) -> BTreeMap<SeriesId, SeriesDelta> {
    let mut delta: BTreeMap<SeriesId, SeriesDelta> = BTreeMap::new();
    for entry in &directory.chunks {
        let chunk = Chunk { entry: *entry, part: Arc::clone(part) };
        delta.entry(entry.series).or_default().chunks.push(chunk);
    }
    for entry in &directory.rollups {
        let rollup = StoredRollup { entry: *entry, part: Arc::clone(part) };
        delta.entry(entry.series).or_default().rollups.push(rollup);
    }
    for (series, number, offset) in &directory.replaced {
        delta.entry(*series).or_default().replaced.insert((*number, *offset));
    }
    for (series, slot, number) in &directory.outdated {
        delta.entry(*series).or_default().outdated.insert((*number, *slot));
    }
    for (series, expired) in &directory.expired {
        delta.entry(*series).or_default().expired.push(*expired);
    }
    delta
}

/// Returns the spans of all series whose samples have expired.
fn expired(catalog: &Catalog) -> Vec<(SeriesId, Expired)> {
    let names = catalog.read();
    let tracks = names.tracks().iter().filter(|track| track.closed() > i64::MIN);
    let spans = tracks.map(|track| (track.series.id, track.expired()));
    spans.flat_map(|(id, expired)| expired.iter().map(|expired| (id, *expired)).collect::<Vec<_>>()).collect()
}

/// Returns the files of the parts by number, and removes what an earlier sealing left unfinished.
fn part_files(folder: &Path) -> Result<BTreeMap<u64, PathBuf>, Error> {
    let (files, unfinished) = look_for_parts(folder)?;
    for path in unfinished {
        std::fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    }
    Ok(files)
}

/// Finds the files of the parts by number, and those that a sealing left unfinished.
pub(in crate::telemetry) fn look_for_parts(
    folder: &Path,
) -> Result<(BTreeMap<u64, PathBuf>, Vec<PathBuf>), Error> {
    let (mut files, mut unfinished) = (BTreeMap::new(), Vec::new());
    for entry in std::fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let path = entry.map_err(Error::io("list", folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match name.strip_prefix("part-").and_then(|name| name.split_once('.')) {
            Some((number, "tlp")) => {
                let number = number.parse().map_err(|_| Error::damaged(&path, "its name has no number"))?;
                files.insert(number, path);
            }
            // Whatever was being written and had no name yet: parts, their directories, files that are replaced, a salvaged log.
            _ if name.ends_with(".new") => unfinished.push(path),
            _ => {}
        }
    }
    Ok((files, unfinished))
}

/// Returns where the parts should be that have joined and are not there.
pub(in crate::telemetry) fn missing(
    folder: &Path,
    joined: &BTreeSet<u64>,
    files: &BTreeMap<u64, PathBuf>,
) -> impl Iterator<Item = PathBuf> {
    joined.iter().filter(|number| !files.contains_key(number)).map(|number| part::path(folder, *number))
}
