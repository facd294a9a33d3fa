//! Samples that a program writes.

use crate::model::time::instant::Instant;
use crate::telemetry::series::key::SeriesKey;
use std::collections::HashMap;

/// Samples of any series, kept in the order they were added in.
#[derive(Clone, Debug)]
pub struct Batch {
    /// How many series it may bring that are not known yet; a program that makes a batch knows how many, so by default as many as there
    /// is room for.
    pub new_series_max: usize,
    pub(super) keys: Vec<SeriesKey>,
    places: HashMap<SeriesKey, usize>,
    pub(super) rows: Vec<(usize, Instant, f64)>,
}

impl Default for Batch {
    fn default() -> Self {
        Self { new_series_max: usize::MAX, keys: Vec::new(), places: HashMap::new(), rows: Vec::new() }
    }
}

impl Batch {
    /// Makes an empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the place of a series in this batch, for [`Self::push`].
    pub fn series(&mut self, key: SeriesKey) -> usize {
        let next = self.keys.len();
        *self.places.entry(key).or_insert_with_key(|key| {
            self.keys.push(key.clone());
            next
        })
    }

    /// Adds a sample of a series.
    pub fn push(&mut self, series: usize, at: Instant, value: f64) {
        self.rows.push((series, at, value));
    }

    /// Returns how many samples were added.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether no sample was added.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
