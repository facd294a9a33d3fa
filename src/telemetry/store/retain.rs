//! Retention: samples go by age, rollups stay.
//!
//! What is closed to further samples reaches as far as samples went, not as far as the clock would have it: a clock that ran fast
//! refuses nothing once it is right again.
//! Up to the start of the slot that the oldest instant to be kept lies in, every slot of the rule's level in which there is a sample
//! gets its rollup, then the samples go, but for those of pinned spans. A pinned span is widened to whole slots, back to the
//! sample before it and on to the one after it, so that all that weighs in it and every condition in it reads as before.

use super::parts::Parts;
use super::pins::SeriesPins;
use super::seal::{chunk_entry, cut};
use crate::telemetry::aggregate::slot::{Level, Slot};
use crate::telemetry::error::Error;
use crate::telemetry::file::columns;
use crate::telemetry::ingest::catalog::Catalog;
use crate::telemetry::part::expired::{self, Expired};
use crate::telemetry::part::{Directory, Draft};
use crate::telemetry::read::rollup_maker;
use crate::telemetry::read::source::Source;
use crate::telemetry::read::track::{Chunk, SeriesSnapshot, Track};
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::series::row::Row;
use crate::telemetry::series::sample::LATEST;
use crate::telemetry::settings::Settings;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The samples of so many series go at once, in which time nothing is sealed or pinned; memory holds their new rollups.
pub(super) const SERIES_PER_PART: usize = 128;

/// A series that has samples to go.
pub(in crate::telemetry) struct Old {
    track: Arc<Track>,
    level: Level,
    /// Samples before this go.
    to: i64,
}

/// Finds the series with samples that are too old by now and have not expired.
pub(in crate::telemetry) fn old(catalog: &Catalog, settings: &Settings, now: i64) -> Vec<Old> {
    let mut found = Vec::new();
    if settings.retention.is_empty() {
        return found;
    }
    for track in catalog.read().tracks() {
        let Some(rule) = settings.rule(&track.series) else { continue };
        let level = rule.rollups.level();
        let to = level.slot(now.saturating_sub(rule.keep_ns).clamp(0, LATEST)).start;
        let Some((oldest, newest)) = track.extremes() else { continue };
        let to = to.min(level.slot(newest).end());
        if to > track.closed() && oldest < to {
            found.push(Old { track: Arc::clone(track), level, to });
        }
    }
    found
}

impl Old {
    /// Takes no more samples that would have to go at once.
    pub(in crate::telemetry) fn close(&self) {
        self.track.close(self.to);
    }
}

/// Writes the rollups that are missing and lets the samples of some series go; all rows that go are in parts.
pub(super) fn drop_old(
    parts: &mut Parts,
    catalog: &Catalog,
    olds: &[Old],
    pinned: &HashMap<SeriesId, SeriesPins>,
) -> Result<(), Error> {
    let through = parts.through();
    let mut draft = parts.draft("retained")?;
    let mut directory = parts.directory(catalog);
    let mut rollups = Vec::new();
    for old in olds {
        let snapshot = old.track.snapshot(i64::MIN, old.to, through);
        let goes = expired_spans(old, &snapshot, pinned.get(&old.track.series.id))?;
        if snapshot.chunks.iter().any(|chunk| loses(chunk, &goes)) {
            let (chunks, replaced) = (directory.chunks.len(), directory.replaced.len());
            let id = old.track.series.id;
            let made = roll_up(old, &snapshot, &goes, through);
            match made.and_then(|made| thin(old, &snapshot, &goes, &mut draft, &mut directory).map(|()| made))
            {
                Ok(made) => {
                    rollups.extend(made);
                    let stale = rollup_maker::stale(id, &snapshot, &goes);
                    directory.outdated.extend(stale.map(|old| (id, old.entry.slot, old.part.number)));
                }
                // Without a rollup to stay in its place nothing of the series goes; the others need not wait for that.
                Err(error @ Error::Damaged { .. }) => {
                    tracing::warn!("the old samples of series {} stay: {error}", old.track.series.id);
                    directory.chunks.truncate(chunks);
                    directory.replaced.truncate(replaced);
                    continue;
                }
                Err(error) => return Err(error),
            }
            record(old, &snapshot, &goes, &mut directory);
        }
    }
    if directory.replaced.is_empty() {
        return Ok(());
    }
    for (mut entry, bytes) in rollups {
        entry.extent = draft.put(&bytes)?;
        directory.rollups.push(entry);
    }
    parts.publish(catalog, draft, &directory).map(drop)
}

/// Returns whether a chunk has rows in the spans that go, as far as its directory entry shows.
fn loses(chunk: &Chunk, goes: &[(i64, i64)]) -> bool {
    let (first, last) = chunk.entry.at;
    goes.iter().any(|(from, to)| first < *to && *from <= last)
}

/// Returns the spans whose samples go, in order.
fn expired_spans(
    old: &Old,
    snapshot: &SeriesSnapshot,
    pinned: Option<&SeriesPins>,
) -> Result<Vec<(i64, i64)>, Error> {
    let mut keeps: Vec<Expired> = snapshot.expired.to_vec();
    for (position, from, to) in pinned.into_iter().flat_map(|pinned| &pinned.windows) {
        let span = widened(old.level, *from, *to);
        expired::add(&mut keeps, span);
        let mut source = Source::of_moment(old.track.series.id, snapshot.clone(), *position);
        // Where the sample before was dropped already, its rollup stays and answers.
        let before = source.last_before(0, span.from).ok().flatten().map(|before| before.at.nanos());
        let after = source.first_from(span.to, LATEST)?;
        for at in before.into_iter().chain(after) {
            expired::add(&mut keeps, widened(old.level, at, at + 1));
        }
    }
    Ok(expired::without(&keeps, 0, old.to))
}

/// Widens a span to whole slots of a level.
fn widened(level: Level, from: i64, to: i64) -> Expired {
    let (from, to) = (from.clamp(0, LATEST), to.clamp(1, LATEST));
    Expired { from: level.slot(from).start, to: level.slot(to - 1).end(), level }
}

/// Makes the rollup of every slot of the level that loses its samples, and anew those of an earlier form that would serve then.
fn roll_up(
    old: &Old,
    snapshot: &SeriesSnapshot,
    goes: &[(i64, i64)],
    through: u64,
) -> Result<Vec<rollup_maker::Made>, Error> {
    let mut slots: BTreeSet<Slot> = BTreeSet::new();
    for chunk in snapshot.chunks.iter() {
        for (from, to) in goes {
            let (first, last) = (chunk.entry.at.0.max(*from), chunk.entry.at.1.min(to - 1));
            let mut slot = old.level.slot(first);
            while slot.start <= last {
                slots.insert(slot);
                slot = old.level.slot(slot.end());
            }
        }
    }
    let id = old.track.series.id;
    slots.extend(rollup_maker::stale(id, snapshot, goes).map(|stale| stale.entry.slot));
    rollup_maker::roll_up_all(id, snapshot, slots, through)
}

/// Writes what stays of the chunks that lose samples.
fn thin(
    old: &Old,
    snapshot: &SeriesSnapshot,
    goes: &[(i64, i64)],
    draft: &mut Draft,
    directory: &mut Directory,
) -> Result<(), Error> {
    let id = old.track.series.id;
    for chunk in snapshot.chunks.iter().filter(|chunk| loses(chunk, goes)) {
        let (first, last) = chunk.entry.at;
        directory.replaced.push((id, chunk.part.number, chunk.entry.extent.offset));
        if goes.iter().any(|(from, to)| *from <= first && last < *to) {
            continue;
        }
        let stays = |row: &Row| goes.iter().all(|(from, to)| row.at < *from || *to <= row.at);
        let rows: Vec<Row> = chunk.rows()?.into_iter().filter(stays).collect();
        for rows in cut(&rows) {
            let extent = draft.put(&columns::encode(rows))?;
            directory.chunks.push(chunk_entry(id, extent, rows, None));
        }
    }
    Ok(())
}

/// Records which spans have now expired.
fn record(old: &Old, snapshot: &SeriesSnapshot, goes: &[(i64, i64)], directory: &mut Directory) {
    let id = old.track.series.id;
    let mut all = snapshot.expired.to_vec();
    for (from, to) in goes {
        expired::add(&mut all, Expired { from: *from, to: *to, level: old.level });
    }
    directory.expired.retain(|(series, _)| *series != id);
    directory.expired.extend(all.into_iter().map(|expired| (id, expired)));
}
