//! The series as measurements, points with tags, and fields.

use super::error::Failure;
use super::reading::{Database, SERIES_MAX};
use crate::exchange::samples::influxql::statement::Source;
use crate::telemetry::Series;
use std::collections::{BTreeMap, BTreeSet};

/// The tag that names the unit that sends.
pub(super) const TWIN: &str = "twin";

/// The points of a measurement.
pub(super) struct Measurement {
    pub(super) name: String,
    /// By their tags, in order.
    pub(super) points: Vec<Points>,
}

/// All points with the same tags: what InfluxDB calls a series. Each field is one series here.
pub(super) struct Points {
    pub(super) tags: Tags,
    pub(super) fields: Fields,
}

type Tags = BTreeMap<String, String>;
type Fields = BTreeMap<String, Series>;

impl Measurement {
    /// Returns the names of all fields.
    pub(super) fn fields(&self) -> BTreeSet<&str> {
        self.points.iter().flat_map(|points| points.fields.keys()).map(String::as_str).collect()
    }

    /// Returns the keys of all tags that were sent.
    pub(super) fn tags(&self) -> BTreeSet<&str> {
        self.points.iter().flat_map(|points| points.tags.keys()).map(String::as_str).collect()
    }
}

/// Returns the measurements that are named, in order; all of them where none is.
pub(super) fn measurements(database: &Database<'_>, from: &[Source]) -> Result<Vec<Measurement>, Failure> {
    let is_wanted = |name: &str| from.is_empty() || from.iter().any(|source| source.measurement.holds(name));
    let found = database.view().series_where(|series| is_wanted(&series.measurement));
    if found.len() > SERIES_MAX {
        let hint = "name a measurement after FROM";
        return Err(Failure::limit("max-select-series", found.len(), SERIES_MAX, hint));
    }
    let mut all: BTreeMap<String, BTreeMap<Tags, Fields>> = BTreeMap::new();
    for series in found {
        let mut tags = series.tags.clone();
        if !series.twin.is_empty() {
            tags.insert(TWIN.to_owned(), series.twin.clone());
        }
        let points = all.entry(series.measurement.clone()).or_default();
        points.entry(tags).or_default().insert(series.field.clone(), series);
    }
    let measurement = |(name, points): (String, BTreeMap<_, _>)| Measurement {
        name,
        points: points.into_iter().map(|(tags, fields)| Points { tags, fields }).collect(),
    };
    Ok(all.into_iter().map(measurement).collect())
}
