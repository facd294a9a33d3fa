//! The store as it was known at one watermark.

use super::error::Error;
use super::fold;
use super::plan::{Piece, Plan};
use super::sample::Sample;
use super::series::{Series, SeriesId};
use super::source::Source;
use super::store::Shared;
use super::summary::Summary;
use super::track::Track;
use super::watermark::Watermark;
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
        let (from, to) = (within.from().nanos(), within.to().nanos());
        Source::open(&*self.track(series)?, from, to, self.position).samples(from, to, limit)
    }

    /// Returns the latest sample of a series.
    pub fn latest(&self, series: SeriesId) -> Result<Option<Sample>, Error> {
        Source::open(&*self.track(series)?, 0, i64::MAX, self.position).last_before(i64::MAX)
    }

    /// Aggregates all pieces in one go: for each cell of the plan, a summary for each of its buckets.
    pub fn aggregate(&self, pieces: &[Piece], plan: &Plan) -> Result<Vec<Vec<Summary>>, Error> {
        let tracks = fold::check(pieces, plan, &self.shared.catalog.read(), self.position)?;
        fold::aggregate(pieces, plan, &tracks, self.position)
    }

    fn track(&self, series: SeriesId) -> Result<Arc<Track>, Error> {
        self.shared.catalog.read().track(series, self.position).cloned()
    }
}
