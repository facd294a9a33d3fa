//! The store as it was known at one watermark.

use super::shared::Shared;
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::interval::Interval;
use crate::telemetry::error::Error;
use crate::telemetry::ingest::catalog::Names;
use crate::telemetry::query::aggregate;
use crate::telemetry::query::counter::{self, Increase};
use crate::telemetry::query::state::{self, States};
use crate::telemetry::query::summary::Summary;
use crate::telemetry::read::derived::{Derived, DerivedKey};
use crate::telemetry::read::plan::{Piece, Plan};
use crate::telemetry::read::source::Source;
use crate::telemetry::read::track::{self, Track};
use crate::telemetry::series::key::{Series, SeriesId};
use crate::telemetry::series::sample::Sample;
use crate::telemetry::series::watermark::Watermark;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// One store at one watermark; all reads of one request go through one view.
#[derive(Clone, Debug)]
pub struct View {
    shared: Arc<Shared>,
    position: u64,
    /// Where the position is older than compaction: what is pinned at it.
    pinned: Option<Arc<Windows>>,
    /// What was read so far, where that is wanted.
    seen: Option<Arc<Mutex<Seen>>>,
    /// Whether reads are still wanted.
    wanted: Cancellation,
}

/// The series that were read, and over what time.
#[derive(Debug, Default)]
struct Seen {
    series: BTreeSet<SeriesId>,
    window: Option<Interval>,
    calls: usize,
}

/// Windows by series.
type Windows = HashMap<SeriesId, Vec<Interval>>;

impl View {
    /// Looks at what had arrived at `position`.
    pub(in crate::telemetry) fn new(shared: Arc<Shared>, position: u64) -> Self {
        Self { shared, position, pinned: None, seen: None, wanted: Cancellation::default() }
    }

    /// Looks at what is pinned at `position`.
    pub(in crate::telemetry) fn pinned(shared: Arc<Shared>, position: u64, pinned: Windows) -> Self {
        Self { pinned: Some(Arc::new(pinned)), ..Self::new(shared, position) }
    }

    /// Returns the same view, which takes notice of what is read through it and its clones from now on.
    #[must_use]
    pub fn watched(&self) -> Self {
        Self { seen: Some(Arc::default()), ..self.clone() }
    }

    /// Returns the same view, whose reads end once they are cancelled.
    #[must_use]
    pub fn while_wanted(&self, wanted: &Cancellation) -> Self {
        Self { wanted: wanted.clone(), ..self.clone() }
    }

    /// Returns an error where nobody waits for the answer any more: for work on samples that were read.
    pub fn still_wanted(&self) -> Result<(), Error> {
        self.wanted.check().map_err(Error::Cancelled)
    }

    /// Returns the series that were read through a watched view, and the time from the first to the last instant read of any.
    pub fn seen(&self) -> (Vec<SeriesId>, Option<Interval>) {
        let Some(seen) = &self.seen else { return Default::default() };
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.series.iter().copied().collect(), seen.window)
    }

    /// Returns how often something was asked of a watched view.
    pub fn calls(&self) -> usize {
        let Some(seen) = &self.seen else { return 0 };
        seen.lock().unwrap_or_else(PoisonError::into_inner).calls
    }

    fn count_call(&self) {
        if let Some(seen) = &self.seen {
            seen.lock().unwrap_or_else(PoisonError::into_inner).calls += 1;
        }
    }

    fn notice(&self, series: SeriesId, within: Interval) {
        let Some(seen) = &self.seen else { return };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.series.insert(series);
        let (from, to) = seen.window.map_or((within.from(), within.to()), |window| {
            (window.from().min(within.from()), window.to().max(within.to()))
        });
        seen.window = Interval::new(from, to).ok();
    }

    /// Refuses what this view cannot answer for ever the same: without a pin it can answer all.
    pub(super) fn must_answer(&self, series: SeriesId, within: Interval) -> Result<(), Error> {
        self.wanted.check().map_err(Error::Cancelled)?;
        self.notice(series, within);
        let Some(pinned) = &self.pinned else { return Ok(()) };
        let windows = pinned.get(&series).map(Vec::as_slice).unwrap_or_default();
        if within.without(windows).is_empty() {
            return Ok(());
        }
        let Series { twin, field, .. } = self.track(series)?.series.clone();
        Err(Error::NotPinned { twin, field, within, watermark: self.watermark() })
    }

    /// Returns whether the view knows a series and answers what is asked of it over a span: one of pins may not.
    pub fn answers(&self, series: SeriesId, within: Interval) -> bool {
        let covers = |windows: &Vec<Interval>| within.without(windows).is_empty();
        let pinned = self.pinned.as_ref().is_none_or(|pinned| pinned.get(&series).is_some_and(covers));
        pinned && self.track(series).is_ok()
    }

    /// Refuses what was read where compaction has passed the view meanwhile.
    fn still<T>(&self, read: T) -> Result<T, Error> {
        if self.pinned.is_some() || self.shared.reads(self.position) {
            Ok(read)
        } else {
            Err(self.shared.compacted(self.position))
        }
    }

    /// Returns the name of what is seen.
    pub fn watermark(&self) -> Watermark {
        self.shared.watermark(self.position)
    }

    /// Returns the series of a twin, as senders named it, in the order of their making.
    pub fn series_of(&self, twin: &str) -> Vec<Series> {
        self.count_call();
        self.known_of(&self.shared.catalog.read(), twin)
    }

    /// Returns for each name of a twin its series, as [`Self::series_of`] does, in one look-up.
    pub fn series_of_each(&self, twins: &[impl AsRef<str>]) -> Vec<Vec<Series>> {
        self.count_call();
        let names = self.shared.catalog.read();
        let of = |twin: &_| self.known_of(&names, AsRef::as_ref(twin));
        twins.iter().map(of).collect()
    }

    fn known_of(&self, names: &Names, twin: &str) -> Vec<Series> {
        let known = names.of_twin(twin).filter(|track| track.is_at(self.position));
        known.map(|track| track.series.clone()).collect()
    }

    /// Returns all series in the order of their making.
    pub fn all_series(&self) -> Vec<Series> {
        let names = self.shared.catalog.read();
        let seen = names.tracks().iter().filter(|track| track.is_at(self.position));
        seen.map(|track| track.series.clone()).collect()
    }

    /// Returns the series that are wanted, in the order of their making.
    pub fn series_where(&self, wanted: impl Fn(&Series) -> bool) -> Vec<Series> {
        let names = self.shared.catalog.read();
        let seen = names.tracks().iter().filter(|track| track.is_at(self.position) && wanted(&track.series));
        seen.map(|track| track.series.clone()).collect()
    }

    /// Returns the first `limit` series that are wanted, of those behind a number, in the order of their making.
    pub fn first_series(
        &self,
        after: Option<u32>,
        limit: usize,
        wanted: impl Fn(&Series) -> bool,
    ) -> Vec<Series> {
        let names = self.shared.catalog.read();
        let begin = after.map_or(0, |after| (after as usize).saturating_add(1));
        let following = names.tracks().get(begin..).unwrap_or_default().iter();
        let seen = following.filter(|track| track.is_at(self.position) && wanted(&track.series));
        seen.take(limit).map(|track| track.series.clone()).collect()
    }

    /// Returns the first `limit` samples of a series within a span, one an instant, in time order.
    pub fn samples(&self, series: SeriesId, within: Interval, limit: usize) -> Result<Vec<Sample>, Error> {
        self.count_call();
        self.first(series, within, limit)
    }

    /// Returns for each of some series and spans its first samples, as [`Self::samples`] does.
    pub fn samples_of_each(
        &self,
        asked: &[(SeriesId, Interval)],
        limit: usize,
    ) -> Result<Vec<Vec<Sample>>, Error> {
        self.count_call();
        asked.iter().map(|(series, within)| self.first(*series, *within, limit)).collect()
    }

    fn first(&self, series: SeriesId, within: Interval, limit: usize) -> Result<Vec<Sample>, Error> {
        self.must_answer(series, within)?;
        let (from, to) = (within.from().nanos(), within.to().nanos());
        let samples =
            Source::open(&*self.track(series)?, from, to, self.position).samples(from, to, limit)?;
        self.still(samples)
    }

    /// Returns what `make` works out of the samples of a series in a span, or what it once worked out of the same samples in the same way:
    /// `how` names the way, with all that the result depends on beside the samples.
    pub fn derived<V: Derived, E: From<Error>>(
        &self,
        (series, within): (SeriesId, Interval),
        how: &Arc<str>,
        make: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        self.must_answer(series, within)?;
        let (from, to) = (within.from().nanos(), within.to().nanos());
        let edition = self.track(series)?.edition(from, to, self.position);
        // What is empty is read as fast as it is looked up.
        let edition = self.still(edition)?.filter(|edition| !edition.is_empty());
        let Some(edition) = edition else { return Ok(Arc::new(make()?)) };
        self.shared.derived.get(DerivedKey { series, within, edition, how: Arc::clone(how) }, make)
    }

    /// Returns the latest sample of each of some series.
    pub fn latest_of_each(&self, series: &[SeriesId]) -> Result<Vec<Option<Sample>>, Error> {
        self.count_call();
        series.iter().map(|series| self.last(*series)).collect()
    }

    /// Returns the latest sample of a series.
    pub fn latest(&self, series: SeriesId) -> Result<Option<Sample>, Error> {
        self.count_call();
        self.last(series)
    }

    fn last(&self, series: SeriesId) -> Result<Option<Sample>, Error> {
        self.must_answer(series, Interval::ALWAYS)?;
        let last =
            Source::open(&*self.track(series)?, 0, i64::MAX, self.position).last_before(0, i64::MAX)?;
        self.still(last)
    }

    /// Aggregates all pieces in one go: for each cell of the plan, a summary for each of its buckets.
    pub fn aggregate(&self, pieces: &[Piece], plan: &Plan) -> Result<Vec<Vec<Summary>>, Error> {
        let tracks = self.tracks(pieces, plan)?;
        self.still(aggregate::aggregate(
            pieces,
            plan,
            &tracks,
            self.position,
            &self.shared.blocks,
            &self.wanted,
        )?)
    }

    /// Adds up how much the counters of all pieces went up, for each cell and bucket of the plan.
    pub fn increase(&self, pieces: &[Piece], plan: &Plan) -> Result<Vec<Vec<Increase>>, Error> {
        let tracks = self.tracks(pieces, plan)?;
        self.still(counter::increase(pieces, plan, &tracks, self.position, &self.wanted)?)
    }

    /// Adds up how long the states of all pieces lasted, for each cell and bucket of the plan.
    pub fn states(&self, pieces: &[Piece], plan: &Plan) -> Result<Vec<Vec<States>>, Error> {
        let tracks = self.tracks(pieces, plan)?;
        self.still(state::states(pieces, plan, &tracks, self.position, &self.wanted)?)
    }

    /// Looks up the series that pieces name, where all of them can be answered.
    fn tracks(&self, pieces: &[Piece], plan: &Plan) -> Result<track::Tracks, Error> {
        self.count_call();
        for piece in pieces {
            self.must_answer(piece.series, piece.within)?;
            let guards = piece.guards.iter().filter_map(|guard| guard.series);
            guards.into_iter().try_for_each(|series| self.must_answer(series, piece.within))?;
        }
        aggregate::check(pieces, plan, &self.shared.catalog.read(), self.position)
    }

    fn track(&self, series: SeriesId) -> Result<Arc<Track>, Error> {
        self.shared.catalog.read().track(series, self.position).cloned()
    }
}
