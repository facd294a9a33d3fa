//! What leaves the thread as a file: the statements of a version, and samples. The same version, or the same watermark, gives the same bytes.

use crate::app::error::Error;
use crate::exchange::rdf::{self, Format, Writer};
use crate::exchange::samples::Table;
use crate::graph::Snapshot;
use crate::graph::text::turtle::PREFIXES;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::{Series, SeriesKey, View};
use std::collections::BTreeMap;
use std::io::Write;

/// How many samples are read at once.
const SAMPLES_PER_READ: usize = 50_000;

/// Writes all statements of a version, resource by resource in the order of their names.
pub(in crate::app) fn statements(version: &Snapshot, format: Format, out: impl Write) -> Result<(), Error> {
    let mut writer = Writer::new(format, &PREFIXES, Some(version.base()), out)?;
    for resource in version.roots().map_err(crate::graph::Error::from)? {
        for statement in version.document(&resource)? {
            writer.write(&statement)?;
        }
    }
    Ok(writer.finish()?)
}

/// Which samples are asked for.
#[derive(Clone, Debug)]
pub struct SamplesAsked {
    /// The names of twins, as senders wrote them; all where there are none.
    pub twins: Vec<String>,
    /// The measurements; all where there are none.
    pub measurements: Vec<String>,
    /// The signals; all where there are none.
    pub signals: Vec<String>,
    /// When they were taken.
    pub within: Interval,
    /// After which one.
    pub after: Option<SamplePlace>,
    /// How many at the most.
    pub limit: usize,
}

/// The place of a sample in the order of an export: by series, then by time.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SamplePlace {
    /// The twin.
    pub twin: String,
    /// The measurement.
    pub measurement: String,
    /// The field.
    pub field: String,
    /// The other tags.
    pub tags: BTreeMap<String, String>,
    /// The instant, in nanoseconds since 1970, in decimal digits.
    pub at: String,
}

/// What was written of samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamplesPage {
    /// How many there are.
    pub samples: usize,
    /// The last one, where there may be more.
    pub last: Option<SamplePlace>,
}

impl SamplePlace {
    fn key(&self) -> SeriesKey {
        let Self { twin, measurement, field, tags, .. } = self.clone();
        SeriesKey { twin, measurement, field, tags }
    }
}

/// Writes samples as a table, series by series in the order of their names, each in the order of time.
pub(in crate::app) fn samples(
    view: &View,
    asked: &SamplesAsked,
    out: impl Write,
) -> Result<SamplesPage, Error> {
    let unwritten = |error| Error::from(rdf::Error::Write(error));
    let mut table = Table::new(out).map_err(unwritten)?;
    let mut written = 0;
    for (series, within) in chosen(view, asked) {
        let mut within = within;
        loop {
            let size = SAMPLES_PER_READ.min(asked.limit - written);
            let page = view.samples(series.id, within, size)?;
            let tags: Vec<String> =
                series.tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
            for sample in &page {
                let names = [&series.twin, &series.measurement, &series.field, &tags.join(",")];
                table.row(sample.at, names.map(String::as_str), sample.value).map_err(unwritten)?;
            }
            written += page.len();
            let Some(last) = page.last().filter(|_| page.len() == size) else { break };
            if written == asked.limit {
                table.finish().map_err(unwritten)?;
                return Ok(SamplesPage { samples: written, last: Some(place(series, last.at.nanos())) });
            }
            match Interval::new(last.at.plus_nanos(1), within.to()) {
                Ok(rest) => within = rest,
                Err(_) => break,
            }
        }
    }
    table.finish().map_err(unwritten)?;
    Ok(SamplesPage { samples: written, last: None })
}

fn place(series: Series, at: i64) -> SamplePlace {
    let Series { twin, measurement, field, tags, .. } = series;
    SamplePlace { twin, measurement, field, tags, at: at.to_string() }
}

/// Returns the series that are asked for, in order, each with the span of what is left of it.
fn chosen(view: &View, asked: &SamplesAsked) -> Vec<(Series, Interval)> {
    let is_among = |names: &[String], name: &String| names.is_empty() || names.contains(name);
    let mut series: Vec<Series> = if asked.twins.is_empty() {
        view.all_series()
    } else {
        view.series_of_each(&asked.twins).into_iter().flatten().collect()
    };
    series.retain(|series| {
        is_among(&asked.measurements, &series.measurement) && is_among(&asked.signals, &series.field)
    });
    series.sort_by_key(Series::key);
    series.dedup();
    let left = |series: Series| {
        let Some(after) = &asked.after else { return Some((series, asked.within)) };
        match series.key().cmp(&after.key()) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Greater => Some((series, asked.within)),
            std::cmp::Ordering::Equal => {
                let next = after.at.parse::<i64>().ok()?.checked_add(1)?;
                let from = Instant::from_nanos(next).max(asked.within.from());
                Some((series, Interval::new(from, asked.within.to()).ok()?))
            }
        }
    };
    series.into_iter().filter_map(left).collect()
}
