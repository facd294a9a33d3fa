//! What a write did that its sender may not expect, though nothing of it is an error.
//!
//! A request of many samples is stored in pieces, of which only the present one is in memory: what the ones before brought is read from
//! the store, where a piece goes back in time in a series.

use super::catalog::{Catalog, NEW_FLAG, Names};
use super::staged::Staged;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::read::source::Source;
use crate::telemetry::read::track::Track;
use crate::telemetry::series::key::{SeriesId, SeriesKey};
use foldhash::{HashMap, HashSet};
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

/// Text fields that were left out of points whose other fields are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedText {
    /// How many.
    pub count: usize,
    /// The line of the first.
    pub line: usize,
    /// The name of the first, in one line.
    pub field: String,
}

impl fmt::Display for SkippedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, line, field } = self;
        let fields =
            if *count == 1 { "1 text field was".to_owned() } else { format!("{count} text fields were") };
        write!(f, "{fields} left out, the numbers beside are stored; the first is \"{field}\" in line {line}")
    }
}

/// Samples of one write that another sample of the same write replaced: same series, same instant, another value.
#[derive(Clone, Debug, PartialEq)]
pub struct Replaced {
    /// How many.
    pub count: usize,
    /// The series of the first.
    pub series: SeriesKey,
    /// The instant of the first.
    pub at: Instant,
}

impl fmt::Display for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, series, at } = self;
        let samples = if *count == 1 { "1 sample was".to_owned() } else { format!("{count} samples were") };
        let (field, measurement, twin) = (&series.field, &series.measurement, &series.twin);
        write!(
            f,
            "{samples} replaced by a later one of the same series and instant with another value; the first is \"{field}\" of \"{twin}\" in \"{measurement}\" at {at}"
        )
    }
}

impl SkippedText {
    /// Takes in what was left out of a later part of the same request.
    pub(in crate::telemetry) fn and(self, later: Option<Self>) -> Self {
        Self { count: self.count + later.map_or(0, |later| later.count), ..self }
    }
}

impl Replaced {
    /// Takes in what was replaced in a later part of the same request.
    pub(in crate::telemetry) fn and(self, later: Option<Self>) -> Self {
        Self { count: self.count + later.map_or(0, |later| later.count), ..self }
    }

    /// Finds the samples that a write replaces itself.
    pub(in crate::telemetry) fn of(staged: &Staged, names: &Names) -> Option<Self> {
        let unordered = unordered(staged);
        if unordered.is_empty() {
            return None;
        }
        let rows = in_order(staged, |series, _| unordered.contains(&series));
        let (mut count, mut first) = (0, None);
        for instant in rows.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let Some(kept) = instant.last().map(|row| staged.values[row.2]) else { continue };
            let lost = instant.iter().filter(|row| staged.values[row.2] != kept);
            count += lost.clone().count();
            first = lost.map(|row| row.2).chain(first).min();
        }
        let first = first?;
        let series = key(staged, names, staged.series[first])?;
        Some(Self { count, series, at: Instant::from_nanos(staged.at[first]) })
    }
}

/// The pieces of a request that are stored already.
#[derive(Debug, Default)]
pub(in crate::telemetry) struct Earlier {
    positions: Vec<u64>,
    /// The latest instant of each series.
    latest: HashMap<u32, i64>,
}

impl Earlier {
    /// Takes notice of a piece that is about to be stored: the latest instant of each of its series.
    pub(in crate::telemetry) fn latest_of(staged: &Staged) -> Vec<(u32, i64)> {
        let mut latest = HashMap::<u32, i64>::default();
        for (series, at) in staged.series.iter().zip(&staged.at) {
            latest.entry(*series).and_modify(|known| *known = (*at).max(*known)).or_insert(*at);
        }
        latest.into_iter().collect()
    }

    /// Adds a piece that was stored at a position.
    pub(in crate::telemetry) fn add(
        &mut self,
        position: u64,
        latest: Vec<(u32, i64)>,
        numbers: &[Option<SeriesId>],
    ) {
        self.positions.push(position);
        for (series, at) in latest {
            let Some(series) = numbered(series, numbers) else { continue };
            self.latest.entry(series.0).and_modify(|known| *known = at.max(*known)).or_insert(at);
        }
    }

    /// Finds the samples of these pieces that the next one replaces: for each instant the last one of them, where its value differs.
    pub(in crate::telemetry) fn replaced_by(&self, staged: &Staged, catalog: &Catalog) -> Option<Replaced> {
        let goes_back = |series, at| self.latest.get(&series).is_some_and(|latest| at <= *latest);
        let mut all = None::<Replaced>;
        for rows in in_order(staged, goes_back).chunk_by(|a, b| a.0 == b.0) {
            let track = catalog.read().tracks().get(rows[0].0 as usize).cloned();
            let Some(track) = track else { continue };
            let replaced = self.replaced_in(&track, rows, staged).unwrap_or_else(|error| {
                // What cannot be read is refused when it is asked for; new samples must not wait for it.
                tracing::warn!("it cannot be found which samples a write replaced itself: {error}");
                None
            });
            all = match all {
                Some(all) => Some(all.and(replaced)),
                None => replaced,
            };
        }
        all
    }

    fn replaced_in(
        &self,
        track: &Arc<Track>,
        rows: &[(u32, i64, usize)],
        staged: &Staged,
    ) -> Result<Option<Replaced>, Error> {
        let (Some(first), Some(last), Some(position)) = (rows.first(), rows.last(), self.positions.last())
        else {
            return Ok(None);
        };
        let (mut cursor, end) = (first.1, last.1 + 1);
        let mut source = Source::open(track, cursor, end, *position);
        let (mut stored, mut count, mut lost) = (Vec::new(), 0, None);
        while cursor < end {
            let next = source.stretch(cursor, end);
            source.rows(cursor, next, &mut stored)?;
            stored.retain(|row| self.positions.binary_search(&row.position()).is_ok());
            for before in stored.chunk_by(|a, b| a.at == b.at).filter_map(|instant| instant.last()) {
                let after = rows[..rows.partition_point(|row| row.1 <= before.at)].last();
                let after = after.filter(|row| row.1 == before.at).map(|row| staged.values[row.2]);
                if after.is_some_and(|after| after != before.value) {
                    count += 1;
                    lost = lost.or(Some(before.at));
                }
            }
            cursor = next;
        }
        let series = track.series.key();
        Ok(lost.map(|at| Replaced { count, series, at: Instant::from_nanos(at) }))
    }
}

/// Returns the number of a series of a piece, once the new ones have theirs.
pub(in crate::telemetry) fn numbered(place: u32, numbers: &[Option<SeriesId>]) -> Option<SeriesId> {
    match place.checked_sub(NEW_FLAG) {
        Some(place) => numbers.get(place as usize).copied().flatten(),
        None => Some(SeriesId(place)),
    }
}

/// Returns the samples of some series and instants with their places, in the order of series, instant and place.
fn in_order(staged: &Staged, is_meant: impl Fn(u32, i64) -> bool) -> Vec<(u32, i64, usize)> {
    let rows = staged.series.iter().zip(&staged.at).enumerate();
    let rows = rows.filter(|(_, (series, at))| is_meant(**series, **at));
    let mut rows: Vec<_> = rows.map(|(index, (series, at))| (*series, *at, index)).collect();
    rows.sort_unstable();
    rows
}

/// Returns the series whose instants do not rise from sample to sample; most writes have none.
fn unordered(staged: &Staged) -> HashSet<u32> {
    let (mut latest, mut unordered) = (HashMap::<u32, i64>::default(), HashSet::default());
    for (series, at) in staged.series.iter().zip(&staged.at) {
        match latest.entry(*series) {
            Entry::Vacant(free) => _ = free.insert(*at),
            Entry::Occupied(mut taken) => {
                if *at <= *taken.get() {
                    unordered.insert(*series);
                }
                let greatest = (*at).max(*taken.get());
                taken.insert(greatest);
            }
        }
    }
    unordered
}

fn key(staged: &Staged, names: &Names, series: u32) -> Option<SeriesKey> {
    match series.checked_sub(NEW_FLAG) {
        Some(place) => staged.new.get(place as usize).cloned(),
        None => names.tracks().get(series as usize).map(|track| track.series.key()),
    }
}
