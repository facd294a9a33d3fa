//! Conditions on other series, asked instant by instant in time order.

use super::error::Error;
use super::fold::Tracks;
use super::limit::Allowed;
use super::mapping::Mapping;
use super::plan::Guard;
use super::sample::Sample;
use super::source::Source;
use std::collections::VecDeque;

/// The guards of a piece over a span.
pub(super) struct Gate<'a>(Vec<Watched<'a>>);

/// One guard, read stretch by stretch as the instants asked for go on.
struct Watched<'a> {
    guard: &'a Guard,
    allowed: Allowed,
    source: Source,
    last: Option<Sample>,
    coming: VecDeque<Sample>,
    read_to: i64,
    end: i64,
}

impl<'a> Gate<'a> {
    /// Makes ready to answer within `[from, to)`.
    pub(super) fn open(
        tracks: &Tracks,
        position: u64,
        guards: &'a [Guard],
        from: i64,
        to: i64,
    ) -> Result<Self, Error> {
        let watch = |guard: &'a Guard| {
            let track = tracks.get(&guard.series).ok_or(Error::NoSeries(guard.series))?;
            let mut source = Source::open(track, 0, to, position);
            let since = if guard.hold_ns > 0 { from.saturating_sub(guard.hold_ns) } else { 0 };
            let last = source.last_before(since, from)?;
            let mapping = Mapping { conversion: guard.conversion, transform: guard.transform };
            let allowed = Allowed::new(mapping, guard.comparator);
            Ok(Watched { guard, allowed, source, last, coming: VecDeque::new(), read_to: from, end: to })
        };
        guards.iter().map(watch).collect::<Result<_, _>>().map(Self)
    }

    /// Tells whether all guards hold; the instants asked for must not go back.
    pub(super) fn holds(&mut self, at: i64) -> Result<bool, Error> {
        for watched in &mut self.0 {
            if !watched.holds(at)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Watched<'_> {
    fn holds(&mut self, at: i64) -> Result<bool, Error> {
        self.advance(at)?;
        let Some(last) = self.last else { return Ok(false) };
        let guard = self.guard;
        let fresh = guard.hold_ns <= 0 || at - last.at.nanos() < guard.hold_ns;
        Ok(fresh && self.allowed.contains(last.value))
    }

    fn advance(&mut self, at: i64) -> Result<(), Error> {
        loop {
            while let Some(sample) = self.coming.pop_front_if(|sample| sample.at.nanos() <= at) {
                self.last = Some(sample);
            }
            if !self.coming.is_empty() || self.read_to > at || self.read_to >= self.end {
                return Ok(());
            }
            let next = self.source.stretch(self.read_to, self.end);
            self.coming.extend(self.source.samples(self.read_to, next, usize::MAX)?);
            self.read_to = next;
        }
    }
}
