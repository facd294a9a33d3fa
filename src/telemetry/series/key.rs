//! What a series is called.

use std::collections::BTreeMap;
use std::fmt;

/// The number of a series in its store. It never changes and is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub(in crate::telemetry) u32);

impl SeriesId {
    /// Returns the number: series that were made later have greater ones.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Returns the place of the series in the order of their making.
    pub(in crate::telemetry) fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for SeriesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What distinguishes one series from all others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    /// The twin as the sender named it: an IRI or a serial.
    pub twin: String,
    /// The measurement.
    pub measurement: String,
    /// The field.
    pub field: String,
    /// All other tags.
    pub tags: BTreeMap<String, String>,
}

impl SeriesKey {
    /// Makes the key of a series without further tags.
    pub fn new(twin: impl Into<String>, measurement: impl Into<String>, field: impl Into<String>) -> Self {
        Self {
            twin: twin.into(),
            measurement: measurement.into(),
            field: field.into(),
            tags: BTreeMap::new(),
        }
    }

    /// Returns how many bytes its texts have.
    pub fn bytes(&self) -> usize {
        let tags = self.tags.iter().map(|(name, value)| name.len() + value.len());
        self.twin.len() + self.measurement.len() + self.field.len() + tags.sum::<usize>()
    }
}

/// A series that the store holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// Its number.
    pub id: SeriesId,
    /// The twin as the sender named it: an IRI or a serial.
    pub twin: String,
    /// The measurement.
    pub measurement: String,
    /// The field.
    pub field: String,
    /// All other tags.
    pub tags: BTreeMap<String, String>,
}

impl Series {
    /// Puts a number to a key.
    pub(in crate::telemetry) fn new(id: SeriesId, key: SeriesKey) -> Self {
        let SeriesKey { twin, measurement, field, tags } = key;
        Self { id, twin, measurement, field, tags }
    }

    /// Returns whether a key is its own.
    pub(in crate::telemetry) fn has(&self, key: &SeriesKey) -> bool {
        let Self { twin, measurement, field, tags, .. } = self;
        (twin, measurement, field, tags) == (&key.twin, &key.measurement, &key.field, &key.tags)
    }

    /// Returns its key.
    pub fn key(&self) -> SeriesKey {
        let Self { twin, measurement, field, tags, .. } = self.clone();
        SeriesKey { twin, measurement, field, tags }
    }
}
