//! Samples ready for the log, their series found or to be made.

use super::batch::Batch;
use super::catalog::{NEW_FLAG, Names};
use super::limits::Limits;
use super::refusals::Refusals;
use crate::telemetry::series::key::{SeriesId, SeriesKey};
use crate::telemetry::series::name;
use crate::telemetry::series::sample::LATEST;
use std::collections::HashMap;
use std::ops::Range;

/// Samples ready for the log; columns of equal length.
#[derive(Debug)]
pub(in crate::telemetry) struct Staged {
    /// Numbers of series; from [`NEW_FLAG`] on, places in `new`.
    pub(in crate::telemetry) series: Vec<u32>,
    /// Instants.
    pub(in crate::telemetry) at: Vec<i64>,
    /// Values.
    pub(in crate::telemetry) values: Vec<f64>,
    /// Series that were not known when the samples were read.
    pub(in crate::telemetry) new: Vec<SeriesKey>,
    places: HashMap<SeriesKey, u32>,
    /// How many bytes the names of the new ones have.
    new_bytes: usize,
    limits: Limits,
}

impl Staged {
    /// Stages nothing yet.
    pub(in crate::telemetry) fn new(limits: Limits) -> Self {
        Self {
            series: Vec::new(),
            at: Vec::new(),
            values: Vec::new(),
            new: Vec::new(),
            places: HashMap::new(),
            new_bytes: 0,
            limits,
        }
    }

    /// Adds a sample.
    #[inline]
    pub(in crate::telemetry) fn push(&mut self, series: u32, at: i64, value: f64) {
        self.series.push(series);
        self.at.push(at);
        self.values.push(value);
    }

    /// Drops all samples after the first `length`.
    pub(in crate::telemetry) fn truncate(&mut self, length: usize) {
        self.series.truncate(length);
        self.at.truncate(length);
        self.values.truncate(length);
    }

    /// Forgets ranges of samples.
    pub(in crate::telemetry) fn remove(&mut self, ranges: impl Iterator<Item = Range<usize>>) {
        let mut keep = vec![true; self.at.len()];
        ranges.for_each(|range| keep[range].fill(false));
        retain(&mut self.series, &keep);
        retain(&mut self.at, &keep);
        retain(&mut self.values, &keep);
    }

    /// Returns the number of a series, or its place among the new ones.
    pub(in crate::telemetry) fn place(&mut self, names: &Names, key: &SeriesKey) -> Result<u32, String> {
        if let Some(SeriesId(id)) = names.find(key) {
            return Ok(id);
        }
        if let Some(place) = self.places.get(key) {
            return Ok(*place);
        }
        name::check_twin(&key.twin)?;
        self.limits.check_name(key)?;
        self.limits.check_room(names, (self.new.len(), self.new_bytes), key)?;
        self.new_bytes += key.bytes();
        let place = NEW_FLAG + self.new.len() as u32;
        self.new.push(key.clone());
        self.places.insert(key.clone(), place);
        Ok(place)
    }

    /// Stages a batch; what cannot be stored is returned.
    pub(in crate::telemetry) fn of_batch(batch: Batch, names: &Names, limits: Limits) -> (Self, Refusals) {
        let limits = limits.bringing(batch.new_series_max);
        let (mut staged, mut rejected) = (Self::new(limits), Refusals::default());
        let mut known = vec![None; batch.keys.len()];
        for (index, (series, at, value)) in batch.rows.into_iter().enumerate() {
            let Some(key) = batch.keys.get(series) else {
                rejected.push(index + 1, format!("there is no series {series} in this batch"));
                continue;
            };
            match staged.take(key, &mut known[series], at.nanos(), value, names) {
                Err(message) => rejected.push(index + 1, message),
                Ok(place) => staged.push(place, at.nanos(), value),
            }
        }
        (staged, rejected)
    }

    /// Returns the place of a sample's series, where the sample can be stored.
    fn take(
        &mut self,
        key: &SeriesKey,
        known: &mut Option<u32>,
        at: i64,
        value: f64,
        names: &Names,
    ) -> Result<u32, String> {
        if let Some(message) = refuse(key, at, value) {
            return Err(message);
        }
        let place = known.map_or_else(|| name::check_key(key).and_then(|()| self.place(names, key)), Ok)?;
        names.check_open(place, at)?;
        *known = Some(place);
        Ok(place)
    }
}

/// Keeps the items that have a mark.
fn retain<T>(items: &mut Vec<T>, keep: &[bool]) {
    let mut marks = keep.iter();
    items.retain(|_| marks.next().copied().unwrap_or(true));
}

fn refuse(key: &SeriesKey, at: i64, value: f64) -> Option<String> {
    if key.twin.is_empty() || key.measurement.is_empty() || key.field.is_empty() {
        return Some("a series needs a twin, a measurement and a field".to_owned());
    }
    if !value.is_finite() {
        return Some(format!("field \"{}\": {value} is not a finite number", key.field));
    }
    (!(0..LATEST).contains(&at)).then(|| "the instant lies outside 1970 to 2262".to_owned())
}
