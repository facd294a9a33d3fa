//! Sealing: rows in memory become chunks of a part, and their log is removed.
//!
//! The order makes every crash harmless: a new log file takes the batches that come; the rows so far are written to a
//! part, with the rollups of the slots they touch; the names of their series and then the part become durable; the part
//! is shown in place of the rows; the old log files are removed. A part without its name is removed at the next start, a part with its
//! name makes the next start skip the batches it holds.

use super::parts::Parts;
use super::pins::SeriesPins;
use crate::telemetry::aggregate::slot::{Level, Slot};
use crate::telemetry::error::Error;
use crate::telemetry::file::columns;
use crate::telemetry::ingest::catalog::Catalog;
use crate::telemetry::ingest::dictionary::Name;
use crate::telemetry::part::{ChunkEntry, Directory, Draft, Extent};
use crate::telemetry::read::rollup_maker::{Made, roll_up};
use crate::telemetry::read::track::{SeriesSnapshot, Track};
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::series::row::Row;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of a full chunk.
pub(super) const CHUNK_ROWS: usize = 8192;

/// What sealing made of one series.
struct Sealed {
    track: Arc<Track>,
    replaced: Replaced,
    outdated: Vec<(Slot, u64)>,
    chunks: Vec<ChunkEntry>,
    rollups: Vec<Made>,
}

/// Writes all rows up to `through` to a new part and shows it in their place.
pub(in crate::telemetry) fn seal(parts: &mut Parts, catalog: &Catalog, through: u64) -> Result<(), Error> {
    if through == parts.through() {
        return Ok(());
    }
    let tracks = catalog.read().tracks().to_vec();
    let known = parts.dictionary.length();
    let born = tracks.iter().skip(known).take_while(|track| track.born() <= through);
    let name =
        |track: &Arc<Track>| Name { born: track.born(), key: track.series.key(), deleted: track.deleted() };
    let names: Vec<_> = born.map(name).collect();
    parts.dictionary.append(&names)?;
    let mut draft = parts.draft("sealed")?;
    let mut sealed = Vec::new();
    for track in &tracks {
        sealed.extend(seal_track(track, through, &mut draft)?);
    }
    let mut directory = Directory { through, ..parts.directory(catalog) };
    finish_directory(&mut sealed, &mut draft, &mut directory)?;
    parts.publish(catalog, draft, &directory).map(drop)
}

/// Chunks by part and offset.
type Replaced = Vec<(u64, u64)>;

/// Writes the rollups behind the chunks and completes the part's directory.
fn finish_directory(
    sealed: &mut [Sealed],
    draft: &mut Draft,
    directory: &mut Directory,
) -> Result<(), Error> {
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
    Ok(())
}

/// Writes the rows of a series up to `through` as chunks, and makes the rollups that they touch.
fn seal_track(track: &Arc<Track>, through: u64, draft: &mut Draft) -> Result<Option<Sealed>, Error> {
    let snapshot = track.snapshot(i64::MIN, i64::MAX, through);
    if snapshot.head.is_empty() {
        return Ok(None);
    }
    let touched = touched(&snapshot);
    let outdated: Vec<_> =
        snapshot.rollups.iter().filter(|rollup| touched.contains_key(&rollup.entry.slot)).collect();
    let outdated = outdated.into_iter().map(|rollup| (rollup.entry.slot, rollup.part.number)).collect();
    let rollups = roll_up(track.series.id, &snapshot, &touched, through)?;
    let (rows, replaced) = with_small_chunks(&snapshot)?;
    let mut chunks = Vec::new();
    for rows in cut(&rows) {
        let extent = draft.put(&columns::encode(rows))?;
        chunks.push(chunk_entry(track.series.id, extent, rows, None));
    }
    Ok(Some(Sealed { track: Arc::clone(track), replaced, outdated, chunks, rollups }))
}

/// Counts the rows that compaction can drop for a later arrival of their instant, once no readable watermark distinguishes the two.
fn replaceable(rows: &[Row], pinned: Option<&SeriesPins>) -> usize {
    let (mut count, mut last) = (0, None::<Row>);
    for row in rows {
        let apart = |last: &Row| pinned.is_some_and(|pinned| pinned.parts(last.position(), row.position()));
        let last_alike = last.filter(|last| last.at == row.at && !apart(last));
        let covering = last_alike.and_then(|last| row.in_place_of(last));
        count += usize::from(covering.is_some());
        last = covering.or(Some(*row));
    }
    count
}

/// Describes rows, which are in order, for a directory; doubles are those that can be dropped.
pub(super) fn chunk_entry(
    series: SeriesId,
    extent: Extent,
    rows: &[Row],
    pinned: Option<&SeriesPins>,
) -> ChunkEntry {
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
        doubles: replaceable(rows, pinned) as u32,
    }
}

/// Cuts rows into chunks of about equal length; the arrivals of one instant stay together.
pub(in crate::telemetry) fn cut(rows: &[Row]) -> Vec<&[Row]> {
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
fn with_small_chunks(snapshot: &SeriesSnapshot) -> Result<(Cow<'_, [Row]>, Replaced), Error> {
    let mut rows = Cow::Borrowed(&snapshot.head[..]);
    let mut replaced = Vec::new();
    for chunk in snapshot.chunks.iter().rev() {
        let more = chunk.entry.rows as usize;
        if more > 2 * rows.len() || more + rows.len() > CHUNK_ROWS {
            break;
        }
        let mut older = match chunk.rows() {
            // What cannot be read stays where it is and is refused when it is asked for; new samples must not wait for it.
            Err(Error::Damaged { .. }) => break,
            rows => rows?,
        };
        older.extend_from_slice(&rows);
        rows = Cow::Owned(older);
        replaced.push((chunk.part.number, chunk.entry.extent.offset));
    }
    if !replaced.is_empty() {
        rows.to_mut().sort_by_key(|row| (row.at, row.position()));
    }
    Ok((rows, replaced))
}

/// Returns the slots that the head's rows lie in, and how many of them; also the slots of the last row before, if these were
/// not rolled up, since they may be over now.
fn touched(snapshot: &SeriesSnapshot) -> BTreeMap<Slot, usize> {
    let mut touched = BTreeMap::new();
    let last = snapshot.chunks.iter().map(|chunk| chunk.entry.at.1).max();
    for level in Level::ALL {
        let slot = last.map(|at| level.slot(at));
        let slot = slot.filter(|slot| snapshot.rollups.iter().all(|rollup| rollup.entry.slot != *slot));
        touched.extend(slot.map(|slot| (slot, 0)));
        let mut rest = &snapshot.head[..];
        while let Some(first) = rest.first() {
            let slot = level.slot(first.at);
            let (rows, more) = rest.split_at(rest.partition_point(|row| row.at < slot.end()));
            touched.insert(slot, rows.len());
            rest = more;
        }
    }
    touched
}
