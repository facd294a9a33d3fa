//! What a write did that its sender may not expect, though nothing of it is an error.

use super::batch::Staged;
use super::catalog::{NEW_FLAG, Names};
use crate::model::time::instant::Instant;
use crate::telemetry::series::key::Key;
use foldhash::{HashMap, HashSet};
use std::collections::hash_map::Entry;
use std::fmt;

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
    pub series: Key,
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
        let rows = (0..staged.at.len()).filter(|index| unordered.contains(&staged.series[*index]));
        let mut rows: Vec<_> = rows.map(|index| (staged.series[index], staged.at[index], index)).collect();
        rows.sort_unstable();
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

fn key(staged: &Staged, names: &Names, series: u32) -> Option<Key> {
    match series.checked_sub(NEW_FLAG) {
        Some(place) => staged.new.get(place as usize).cloned(),
        None => names.tracks().get(series as usize).map(|track| track.series.key()),
    }
}
