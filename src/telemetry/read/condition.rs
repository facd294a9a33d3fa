//! Conditions on other series, decided instant by instant in time order.
//!
//! A condition is undecided where the value of its series is not known: where nothing observes it, before its first sample,
//! once its last value is older than its hold, and while that value is none that its sensor can measure. Conditions together follow the logic of three values (Kleene 1938):
//! one that certainly fails decides for all, however little is known of the others.

use super::limit::Allowed;
use super::plan::Guard;
use super::source::Source;
use super::track::{SeriesSnapshot, Tracks};
use crate::telemetry::aggregate::mapping::Mapping;
use crate::telemetry::aggregate::weights::HOUR;
use crate::telemetry::error::Error;
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::series::sample::Sample;
use std::collections::VecDeque;

/// Whether conditions hold at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) enum Decision {
    /// All of them hold.
    Holds,
    /// One of them fails.
    Fails,
    /// None fails, but of one it is not known whether it holds.
    Undecided,
}

/// The guards of a piece over a span, and what their series were when they were asked for.
#[derive(Debug)]
pub(in crate::telemetry) struct Conditions {
    /// Each with its series; `None` where nothing observes the condition.
    guards: Vec<(Guard, Option<(SeriesId, SeriesSnapshot)>)>,
    position: u64,
    end: i64,
}

/// Guards on their way through time.
pub(in crate::telemetry) struct Gate<'a>(Vec<Watched<'a>>);

/// One guard, read stretch by stretch as the instants asked for go on.
struct Watched<'a> {
    guard: &'a Guard,
    allowed: Allowed,
    /// Its samples; `None` where nothing observes the condition.
    known: Option<Known>,
}

/// The samples of one guard.
struct Known {
    source: Source,
    last: Option<Sample>,
    coming: VecDeque<Sample>,
    read_to: i64,
    end: i64,
}

impl Conditions {
    /// Takes what answers within `[from, to)`.
    pub(in crate::telemetry) fn of(
        tracks: &Tracks,
        position: u64,
        guards: &[Guard],
        (from, to): (i64, i64),
    ) -> Result<Self, Error> {
        let known = |guard: &Guard| -> Result<_, Error> {
            let snapshot = |series: SeriesId| {
                let track = tracks.get(&series).ok_or(Error::NoSeries(series))?;
                Ok::<_, Error>((
                    series,
                    track.snapshot(from.saturating_sub(hold_ns(guard)).max(0), to, position),
                ))
            };
            Ok((guard.clone(), guard.series.map(snapshot).transpose()?))
        };
        Ok(Self { guards: guards.iter().map(known).collect::<Result<_, _>>()?, position, end: to })
    }

    /// Makes ready to decide from an instant on.
    pub(in crate::telemetry) fn gate(&self, from: i64) -> Result<Gate<'_>, Error> {
        let mut gate = Gate(Vec::with_capacity(self.guards.len()));
        for (guard, known) in &self.guards {
            let mapping = Mapping { conversion: guard.conversion, transform: guard.transform };
            let allowed = Allowed::new(mapping, guard.comparator);
            let known = known.as_ref().map(|(series, snapshot)| {
                let mut source = Source::of_moment(*series, snapshot.clone(), self.position);
                let last = source.last_before(from.saturating_sub(hold_ns(guard)).max(0), from)?;
                Ok::<_, Error>(Known { source, last, coming: VecDeque::new(), read_to: from, end: self.end })
            });
            gate.0.push(Watched { guard, allowed, known: known.transpose()? });
        }
        Ok(gate)
    }
}

impl Gate<'_> {
    /// Decides whether all guards hold; the instants asked for must not go back.
    pub(in crate::telemetry) fn decide(&mut self, at: i64) -> Result<Decision, Error> {
        let mut all = Decision::Holds;
        for watched in &mut self.0 {
            match watched.decide(at)? {
                Decision::Fails => return Ok(Decision::Fails),
                Decision::Undecided => all = Decision::Undecided,
                Decision::Holds => {}
            }
        }
        Ok(all)
    }

    /// Returns whether all guards certainly hold.
    pub(in crate::telemetry) fn holds(&mut self, at: i64) -> Result<bool, Error> {
        Ok(self.decide(at)? == Decision::Holds)
    }
}

/// Returns how long a value of a guard holds at most: an hour where its signal has no expected period.
const fn hold_ns(guard: &Guard) -> i64 {
    if guard.hold_ns > 0 { guard.hold_ns } else { HOUR }
}

impl Watched<'_> {
    fn decide(&mut self, at: i64) -> Result<Decision, Error> {
        let guard = self.guard;
        let Some(known) = &mut self.known else { return Ok(Decision::Undecided) };
        known.advance(at)?;
        let fresh = known.last.filter(|last| at - last.at.nanos() < hold_ns(guard));
        Ok(match fresh {
            None => Decision::Undecided,
            Some(last) if !guard.plausible.contains(last.value) => Decision::Undecided,
            Some(last) if self.allowed.contains(last.value) => Decision::Holds,
            Some(_) => Decision::Fails,
        })
    }
}

impl Known {
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
