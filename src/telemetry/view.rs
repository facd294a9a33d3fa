//! The store as it was known at one watermark.

use super::error::Error;
use super::fold;
use super::hour;
use super::line::LATEST;
use super::plan::{Piece, Plan};
use super::row::Row;
use super::sample::Sample;
use super::series::{Series, SeriesId};
use super::store::Shared;
use super::summary::Summary;
use super::track::Track;
use super::watermark::Watermark;
use crate::model::instant::Instant;
use crate::model::interval::Interval;
use std::sync::Arc;

/// One store at one watermark; all reads of one request go through one view.
#[derive(Clone, Debug)]
pub struct View {
    shared: Arc<Shared>,
    position: u64,
}

impl View {
    /// Looks at what had arrived at `position`.
    pub(super) fn new(shared: Arc<Shared>, position: u64) -> Self {
        Self { shared, position }
    }

    /// Returns the name of what is seen.
    pub fn watermark(&self) -> Watermark {
        self.shared.watermark(self.position)
    }

    /// Returns the series of a twin, as senders named it, in the order of their making.
    pub fn series_of(&self, twin: &str) -> Vec<Series> {
        let names = self.shared.catalog.read();
        names
            .of_twin(twin)
            .filter(|track| track.born <= self.position)
            .map(|track| track.series.clone())
            .collect()
    }

    /// Returns all series in the order of their making.
    pub fn all_series(&self) -> Vec<Series> {
        let names = self.shared.catalog.read();
        let seen = names.tracks().iter().filter(|track| track.born <= self.position);
        seen.map(|track| track.series.clone()).collect()
    }

    /// Returns the first `limit` samples of a series within a span, one an instant, in time order.
    pub fn samples(&self, series: SeriesId, within: Interval, limit: usize) -> Result<Vec<Sample>, Error> {
        let rows = self.rows(&*self.track(series)?, within.from().nanos(), within.to().nanos());
        Ok(last_arrivals(&rows).take(limit).collect())
    }

    /// Returns the latest sample of a series.
    pub fn latest(&self, series: SeriesId) -> Result<Option<Sample>, Error> {
        Ok(self.track(series)?.latest(self.position).map(sample))
    }

    /// Aggregates all pieces in one go: for each cell of the plan, a summary for each of its buckets.
    pub fn aggregate(&self, pieces: &[Piece], plan: &Plan) -> Result<Vec<Vec<Summary>>, Error> {
        fold::check(pieces, plan)?;
        let mut cells = vec![vec![Summary::empty(plan.limits.len()); plan.buckets.len()]; plan.cells];
        let mut jobs: Vec<&Piece> = pieces.iter().collect();
        jobs.sort_by(|a, b| fold::order(a, b));
        for job in jobs.chunk_by(|a, b| fold::order(a, b).is_eq()) {
            fold::fold(self, job, plan, &mut cells[job[0].cell])?;
        }
        Ok(cells)
    }

    /// Finds a series that is seen.
    pub(super) fn track(&self, series: SeriesId) -> Result<Arc<Track>, Error> {
        self.shared.catalog.read().track(series, self.position).cloned()
    }

    /// Returns the rows of a series that are seen, of `[from, to)`.
    pub(super) fn rows(&self, track: &Track, from: i64, to: i64) -> Vec<Row> {
        let mut rows = Vec::new();
        track.rows(from.clamp(0, LATEST), to.clamp(0, LATEST), self.position, &mut rows);
        rows
    }

    /// Returns the rows of the whole hours that `[from, to)` touches.
    pub(super) fn hours(&self, track: &Track, from: i64, to: i64) -> Vec<Row> {
        self.rows(track, hour::floor(from.clamp(0, LATEST)), hour::ceil(to.clamp(0, LATEST)))
    }
}

/// Keeps of the rows of one instant the last arrival.
pub(super) fn last_arrivals(rows: &[Row]) -> impl Iterator<Item = Sample> + '_ {
    rows.chunk_by(|a, b| a.at == b.at).filter_map(|instant| instant.last()).map(|row| sample(*row))
}

fn sample(row: Row) -> Sample {
    Sample { at: Instant::from_nanos(row.at), value: row.value }
}
