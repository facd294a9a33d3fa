//! Samples that a program writes.

use crate::model::time::instant::Instant;
use crate::telemetry::series::key::SeriesKey;
use std::collections::HashMap;

/// Samples of any series, kept in the order they were added in.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub(super) keys: Vec<SeriesKey>,
    places: HashMap<SeriesKey, usize>,
    pub(super) rows: Vec<(usize, Instant, f64)>,
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
