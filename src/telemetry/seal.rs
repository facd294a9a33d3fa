//! Sealing: rows in memory become chunks of a part, and the log that held them goes.
//!
//! The order makes every crash harmless: a new log file takes the batches that come; the rows so far are written to a
//! part, with the rollups of the slots they touch; the names of their series and then the part become durable; the part
//! is shown in place of the rows; the old log files are removed. A part without its name is forgotten at the next start, a part with its
//! name makes the next start skip the batches it holds.

use super::catalog::Catalog;
use super::columns;
use super::dictionary::Dictionary;
use super::error::Error;
use super::grain::{self, HOUR, Weighed};
use super::part::{ChunkEntry, Directory, Draft, Part, RollupEntry};
use super::rollup::Rollup;
use super::row::Row;
use super::series::SeriesId;
use super::slot::{Level, Slot};
use super::source::{Source, of_slot};
use super::track::{Chunk, Moment, StoredRollup, Track};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// Rows of a full chunk.
const CHUNK_ROWS: usize = 8192;
/// A rollup must stand for as many samples, and is renewed for as many.
const ROLLUP_ROWS: usize = 256;

/// The parts of a store, and what is in them that still counts.
#[derive(Debug)]
pub(super) struct Parts {
    folder: PathBuf,
    store: Uuid,
    next: u64,
    through: u64,
    dictionary: Dictionary,
    uses: BTreeMap<u64, Use>,
}

/// What keeps a part.
#[derive(Debug)]
struct Use {
    path: PathBuf,
    /// Chunks and rollups of it that are shown.
    live: usize,
    /// Earlier parts that it tells something of: while they are there it must stay.
    names: BTreeSet<u64>,
}

/// What sealing made of one series.
struct Sealed {
    track: Arc<Track>,
    replaced: Replaced,
    outdated: Vec<(Slot, u64)>,
    chunks: Vec<ChunkEntry>,
    rollups: Vec<(RollupEntry, Vec<u8>)>,
}

impl Parts {
    /// Opens all parts and puts what they hold into the catalog.
    pub(super) fn open(folder: &Path, store: Uuid, catalog: &Catalog) -> Result<Self, Error> {
        let (dictionary, names) = Dictionary::open(folder, store)?;
        let mut series = catalog.write();
        for (born, key) in names {
            series.add(key, born).ok_or_else(|| Error::damaged(folder, "it names too many series"))?;
        }
        drop(series);
        let mut parts =
            Self { folder: folder.to_owned(), store, next: 1, through: 0, dictionary, uses: BTreeMap::new() };
        for path in part_files(folder)? {
            let (part, directory) = Part::open(&path, store)?;
            parts.show(catalog, &Arc::new(part), &directory)?;
        }
        Ok(parts)
    }

    /// Returns the position up to which all batches are in parts.
    pub(super) fn through(&self) -> u64 {
        self.through
    }

    /// Tells whether nothing can be sealed until the store is opened again.
    pub(super) fn is_broken(&self) -> bool {
        self.dictionary.is_broken()
    }

    /// Writes all rows up to `through` to a new part and shows it in their place.
    pub(super) fn seal(&mut self, catalog: &Catalog, through: u64) -> Result<(), Error> {
        if through == self.through {
            return Ok(());
        }
        let tracks = catalog.read().tracks().to_vec();
        let known = self.dictionary.length();
        let born = tracks.iter().skip(known).take_while(|track| track.born <= through);
        let names: Vec<_> = born.map(|track| (track.born, track.series.key())).collect();
        self.dictionary.append(&names)?;
        let mut draft = Draft::create(&self.folder, self.store, self.next)?;
        let mut sealed = Vec::new();
        for track in &tracks {
            sealed.extend(seal_track(track, through, &mut draft)?);
        }
        let directory = finish_directory(&mut sealed, through, &mut draft)?;
        let part = Arc::new(draft.finish(&directory)?);
        self.show(catalog, &part, &directory)?;
        self.remove_dead()
    }

    /// Puts a part's chunks and rollups into the catalog.
    fn show(&mut self, catalog: &Catalog, part: &Arc<Part>, directory: &Directory) -> Result<(), Error> {
        let names = catalog.read();
        let mut news: BTreeMap<SeriesId, News> = BTreeMap::new();
        for entry in &directory.chunks {
            let chunk = Chunk { entry: *entry, part: Arc::clone(part) };
            news.entry(entry.series).or_default().chunks.push(chunk);
        }
        for entry in &directory.rollups {
            let rollup = StoredRollup { entry: *entry, part: Arc::clone(part) };
            news.entry(entry.series).or_default().rollups.push(rollup);
        }
        for (series, number, offset) in &directory.replaced {
            news.entry(*series).or_default().replaced.push((*number, *offset));
            self.release(*number);
        }
        for (series, slot, number) in &directory.outdated {
            news.entry(*series).or_default().outdated.push(*slot);
            self.release(*number);
        }
        for (series, news) in news {
            let track = names.tracks().get(series.index());
            let track =
                track.ok_or_else(|| Error::damaged(&part.path, format!("series {series} has no name")))?;
            track.write().adopt(
                directory.through,
                (news.chunks, news.rollups),
                &news.replaced,
                &news.outdated,
            );
        }
        let live = directory.chunks.len() + directory.rollups.len();
        self.uses.insert(
            part.number,
            Use { path: part.path.clone(), live, names: directory.named_parts().collect() },
        );
        self.next = part.number + 1;
        self.through = directory.through;
        Ok(())
    }

    fn release(&mut self, part: u64) {
        if let Some(part) = self.uses.get_mut(&part) {
            part.live = part.live.saturating_sub(1);
        }
    }

    /// Removes the parts of which nothing is shown, unless they tell of earlier ones that are still there. The newest stays, since
    /// it tells how far the parts reach.
    fn remove_dead(&mut self) -> Result<(), Error> {
        loop {
            let newest = self.next - 1;
            let there: BTreeSet<u64> = self.uses.keys().copied().collect();
            let dead = self.uses.iter().find(|(number, part)| {
                **number != newest && part.live == 0 && part.names.is_disjoint(&there)
            });
            let Some((number, part)) = dead.map(|(number, part)| (*number, part.path.clone())) else {
                return Ok(());
            };
            std::fs::remove_file(&part).map_err(Error::io("remove", &part))?;
            self.uses.remove(&number);
        }
    }
}

/// Chunks by part and offset.
type Replaced = Vec<(u64, u64)>;

#[derive(Default)]
struct News {
    chunks: Vec<Chunk>,
    rollups: Vec<StoredRollup>,
    replaced: Replaced,
    outdated: Vec<Slot>,
}

/// Returns the files of the parts, oldest first, and removes what an earlier sealing left unfinished.
fn part_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let path = entry.map_err(Error::io("list", folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match name.strip_prefix("part-").and_then(|name| name.split_once('.')) {
            Some((_, "tlp")) => files.push(path),
            Some((_, "new")) => std::fs::remove_file(&path).map_err(Error::io("remove", &path))?,
            _ => {}
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Writes the rollups behind the chunks and tells what the part holds.
fn finish_directory(sealed: &mut [Sealed], through: u64, draft: &mut Draft) -> Result<Directory, Error> {
    let mut directory = Directory { through, ..Directory::default() };
    for series in sealed {
        let id = series.track.series.id;
        directory.chunks.append(&mut series.chunks);
        for (mut entry, bytes) in series.rollups.drain(..) {
            entry.extent = draft.put(&bytes)?;
            directory.rollups.push(entry);
        }
        directory.replaced.extend(series.replaced.iter().map(|(part, offset)| (id, *part, *offset)));
        directory.outdated.extend(series.outdated.iter().map(|(slot, part)| (id, *slot, *part)));
    }
    Ok(directory)
}

/// Writes the rows of a series up to `through` as chunks, and makes the rollups that they touch.
fn seal_track(track: &Arc<Track>, through: u64, draft: &mut Draft) -> Result<Option<Sealed>, Error> {
    let moment = track.moment(i64::MIN, i64::MAX, through);
    if moment.head.is_empty() {
        return Ok(None);
    }
    let touched = touched(&moment);
    let outdated: Vec<_> =
        moment.rollups.iter().filter(|rollup| touched.contains_key(&rollup.entry.slot)).collect();
    let outdated = outdated.into_iter().map(|rollup| (rollup.entry.slot, rollup.part.number)).collect();
    let rollups = roll_up(track.series.id, &moment, &touched, through)?;
    let (rows, replaced) = with_small_chunks(&moment)?;
    let mut chunks = Vec::new();
    for rows in cut(&rows) {
        let extent = draft.put(&columns::encode(rows))?;
        chunks.push(chunk_entry(track.series.id, extent, rows));
    }
    Ok(Some(Sealed { track: Arc::clone(track), replaced, outdated, chunks, rollups }))
}

fn chunk_entry(series: SeriesId, extent: super::part::Extent, rows: &[Row]) -> ChunkEntry {
    let span = |key: fn(&Row) -> i64| {
        let keys = || rows.iter().map(key);
        (keys().min().unwrap_or(0), keys().max().unwrap_or(0))
    };
    let (first, last) = span(|row| row.position() as i64);
    ChunkEntry {
        series,
        extent,
        rows: rows.len() as u32,
        at: span(|row| row.at),
        position: (first as u64, last as u64),
    }
}

/// Cuts rows into chunks of about equal length; the arrivals of one instant stay together.
fn cut(rows: &[Row]) -> Vec<&[Row]> {
    let pieces = rows.len().div_ceil(CHUNK_ROWS);
    let (mut chunks, mut rest) = (Vec::new(), rows);
    for left in (1..=pieces).rev() {
        let mut end = rest.len().div_ceil(left);
        while end < rest.len() && rest[end].at == rest[end - 1].at {
            end += 1;
        }
        let (chunk, more) = rest.split_at(end);
        chunks.extend((!chunk.is_empty()).then_some(chunk));
        rest = more;
    }
    chunks
}

/// Returns the head together with the rows of the small chunks made last, and what these are; so slow series, which bring a
/// few rows to each sealing, still end up in full chunks. A chunk is taken up again only with at least half as many new
/// rows, so each row is rewritten a number of times that grows with the logarithm of the chunk.
fn with_small_chunks(moment: &Moment) -> Result<(Vec<Row>, Replaced), Error> {
    let mut rows = moment.head.clone();
    let mut replaced = Vec::new();
    for chunk in moment.chunks.iter().rev() {
        let more = chunk.entry.rows as usize;
        if more > 2 * rows.len() || more + rows.len() > CHUNK_ROWS {
            break;
        }
        let mut older = chunk.rows()?;
        older.append(&mut rows);
        rows = older;
        replaced.push((chunk.part.number, chunk.entry.extent.offset));
    }
    if !replaced.is_empty() {
        rows.sort_by_key(|row| (row.at, row.position()));
    }
    Ok((rows, replaced))
}

/// Returns the slots that the head's rows lie in, and how many of them; also the slots of the last row before, if these were
/// not rolled up, since they may be over now.
fn touched(moment: &Moment) -> BTreeMap<Slot, usize> {
    let mut touched = BTreeMap::new();
    let last = moment.chunks.iter().map(|chunk| chunk.entry.at.1).max();
    for level in Level::ALL {
        let slot = last.map(|at| level.slot(at));
        let slot = slot.filter(|slot| moment.rollups.iter().all(|rollup| rollup.entry.slot != *slot));
        touched.extend(slot.map(|slot| (slot, 0)));
        for rows in moment.head.chunk_by(|a, b| level.slot(a.at) == level.slot(b.at)) {
            touched.extend(rows.first().map(|row| (level.slot(row.at), rows.len())));
        }
    }
    touched
}

/// Makes the rollups of the touched slots that are over, or in which enough is new; the shorter ones first, for the longer ones are
/// made of them.
fn roll_up(
    series: SeriesId,
    moment: &Moment,
    touched: &BTreeMap<Slot, usize>,
    through: u64,
) -> Result<Vec<(RollupEntry, Vec<u8>)>, Error> {
    let source = Source::of_moment(moment.clone(), through);
    let mut maker = Maker { source, fresh: BTreeMap::new(), rows: Vec::new(), weighed: Vec::new() };
    let mut slots: Vec<_> = touched.iter().collect();
    slots.sort_by_key(|(slot, _)| (slot.level.tag(), slot.start));
    for (slot, rows) in slots {
        if *rows >= ROLLUP_ROWS || slot.end() <= moment.newest {
            maker.make(*slot)?;
        }
    }
    let entry = |(slot, (position, rollup)): (Slot, (u64, Rollup))| {
        let mut bytes = Vec::new();
        rollup.write(slot.start, &mut bytes);
        let extent = super::part::Extent { offset: 0, length: 0, sum: 0 };
        (RollupEntry { series, slot, extent, position, usual: rollup.usual }, bytes)
    };
    Ok(maker.fresh.into_iter().map(entry).collect())
}

struct Maker {
    source: Source,
    fresh: BTreeMap<Slot, (u64, Rollup)>,
    rows: Vec<Row>,
    weighed: Vec<Weighed>,
}

impl Maker {
    /// Makes the rollup of a slot, where it stands for enough samples.
    fn make(&mut self, slot: Slot) -> Result<(), Error> {
        if self.rows_at_most(slot) < ROLLUP_ROWS {
            return Ok(());
        }
        let (mut position, mut rollup) = (0, Rollup::default());
        let mut cursor = slot.start;
        for (inner, stored) in self.inner(slot) {
            if inner.start < cursor {
                continue;
            }
            self.add_samples(cursor, inner.start, &mut position, &mut rollup)?;
            let (last, part) = match stored {
                None => self.fresh[&inner].clone(),
                Some(stored) => read(&stored)?,
            };
            position = position.max(last);
            rollup.merge(&part);
            cursor = inner.end();
        }
        self.add_samples(cursor, slot.end(), &mut position, &mut rollup)?;
        if rollup.tally.count >= ROLLUP_ROWS as u64 {
            self.fresh.insert(slot, (position, rollup));
        }
        Ok(())
    }

    /// Returns the rollups within a slot, fresh or stored, by start, the longest first.
    fn inner(&self, slot: Slot) -> Vec<(Slot, Option<StoredRollup>)> {
        let within = |inner: &Slot| *inner != slot && slot.start <= inner.start && inner.end() <= slot.end();
        let fresh = self.fresh.keys().filter(|inner| within(inner)).map(|inner| (*inner, None));
        let stored = self.source.rollups(slot.start, slot.end());
        let stored = stored.map(|rollup| (rollup.entry.slot, Some(rollup.clone())));
        let mut inner: Vec<_> = fresh.chain(stored.filter(|(inner, _)| within(inner))).collect();
        inner.sort_by_key(|(inner, _)| *inner);
        inner
    }

    fn add_samples(
        &mut self,
        from: i64,
        to: i64,
        position: &mut u64,
        rollup: &mut Rollup,
    ) -> Result<(), Error> {
        let mut cursor = from;
        while cursor < to {
            let next = grain::ceil(self.source.stretch(cursor, to), HOUR).min(to);
            self.source.rows(cursor, next, &mut self.rows)?;
            grain::weigh(&self.rows, 0, &mut self.weighed);
            *position = self.rows.iter().map(|row| row.position()).fold(*position, u64::max);
            rollup.add(&self.weighed);
            cursor = next;
        }
        Ok(())
    }

    fn rows_at_most(&self, slot: Slot) -> usize {
        let moment = self.source.moment();
        let chunks = moment.chunks.iter().map(|chunk| chunk.entry);
        let chunks = chunks.filter(|entry| entry.at.0 < slot.end() && slot.start <= entry.at.1);
        chunks.map(|entry| entry.rows as usize).sum::<usize>() + of_slot(&moment.head, slot).len()
    }
}

fn read(stored: &StoredRollup) -> Result<(u64, Rollup), Error> {
    let bytes = stored.part.read(stored.entry.extent)?;
    let rollup = Rollup::read(stored.entry.slot.start, &bytes);
    let rollup = rollup.map_err(|_| stored.part.damaged(stored.entry.extent))?;
    Ok((stored.entry.position, rollup))
}
