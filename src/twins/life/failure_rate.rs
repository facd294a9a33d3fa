//! How often the units of a design fail: their failures against the hours in which they were in service.
//!
//! Only the hours in which a unit certainly was in service as what is asked about make the rate, and only the failures that
//! fell in them; hours that are only possible, and failures in those, are separate. A failure counts where the unit sat at
//! its instant. Where it ended a stay (taken out at the instant of its failure), it counts for the stay that it ended.
//!
//! Single items of a lot that are not tracked live through an hour each. A failure of the unit that carries them is one of theirs
//! only where the event names their position; else it is the carrier's.
//!
//! Exposure is calendar time, or what a counter counted in it. With such a clock, hours that it did not count are unknown, and so are
//! failures in stays in which it counted nothing: in the numerator alone they would make the rate of the others.

use super::clock::{Clock, ClockReader};
use super::stay;
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Zone;
use crate::statistics::distribution::poisson;
use crate::telemetry::{Increase, View};
use crate::twins::configuration::population::Membership;
use crate::twins::error::Error;
use crate::twins::facts::failure::{EventsOf, Failure};
use crate::twins::facts::member::Member;
use crate::twins::facts::{Facts, spans};
use crate::twins::usage::grid::{self, GroupKey, Slice};
use crate::twins::usage::question::{GroupBy, TwinFilter};
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// A question about the failures of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureQuestion {
    /// The Part, DesignRevision, Build or TwinInstance.
    pub item: NamedNode,
    /// When.
    pub window: Interval,
    /// What the answer is also grouped by; several make one key.
    pub group_by: Vec<GroupBy>,
    /// How many steps of the position make a group, from the asset down; `None`: all of them.
    pub position_depth: Option<usize>,
    /// The time zone in which months begin.
    pub zone: Zone,
    /// Which units count.
    pub among: TwinFilter,
    /// The failure modes that count; empty: all, and failures of no known mode.
    pub modes: Vec<NamedNode>,
    /// Whose failures count.
    pub events_of: EventsOf,
    /// The counter that exposure is measured by; `None`: hours of the calendar.
    pub clock: Option<Clock>,
}

/// How often an item failed, at one version.
#[derive(Clone, Debug)]
pub struct FailureRate {
    /// The unit of the exposure where it is not hours of the calendar; `None` also where the counters have none.
    pub unit: Option<NamedNode>,
    /// Everything together.
    pub total: Failures,
    /// By group, in key order, where the question names what to group by.
    pub groups: Vec<FailureGroup>,
    /// Every failure of the units in the window that any part of the answer counts or leaves out, in order of time.
    pub failures: Vec<CountedFailure>,
}

/// The failures of one group.
#[derive(Clone, Debug)]
pub struct FailureGroup {
    /// What the group has in common, in the order that the question names; `UNKNOWN` where the version does not state it.
    pub key: GroupKey,
    /// What was observed of it.
    pub failures: Failures,
}

/// Failures and the hours behind them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failures {
    /// The failures while a unit certainly was in service, in order of their names.
    pub events: BTreeSet<NamedNode>,
    /// The hours in which units certainly were in service, those of single items of a lot each by itself.
    pub hours: f64,
    /// What the rate is of: the hours, or with a clock what it counted in them.
    pub exposure: f64,
    /// How many units that were.
    pub unit_count: usize,
    /// The failures while a unit may have been in service, those of [`Self::events`] left out.
    pub unknown_events: BTreeSet<NamedNode>,
    /// The hours in which units may have been in service: attributed to nobody.
    pub unknown_hours: f64,
}

/// What became of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It fell in a stretch of service that is certain.
    Certain,
    /// It fell in a stretch that is only possible.
    Unknown,
    /// The unit was not in service then as what is asked about: it counts for nothing.
    Outside,
}

/// A failure and the stretch of service that it counts for.
#[derive(Clone, Debug, PartialEq)]
pub struct CountedFailure {
    /// The field event.
    pub event: NamedNode,
    /// When.
    pub at: Instant,
    /// What became of it.
    pub counted: Counted,
    /// Who it counts for, and where that sat; `None` where it counts for nothing.
    pub member: Option<Membership>,
}

impl Failures {
    /// Returns the failures in a million of exposure; `None` where there is none.
    pub fn rate(&self) -> Option<f64> {
        self.per_million(self.events.len() as f64)
    }

    /// Returns the limits of the rate at a confidence between 0 and 1, exact where failures come at a constant rate and
    /// independently of each other; see [`poisson::limits`].
    pub fn limits(&self, confidence: f64) -> Option<(f64, f64)> {
        let (lower, upper) = poisson::limits(self.events.len() as u64, confidence);
        Some((self.per_million(lower)?, self.per_million(upper)?))
    }

    /// Returns the certain hours for each failure; `None` where nothing failed.
    pub fn mean_time(&self) -> Option<f64> {
        (!self.events.is_empty() && self.hours > 0.0).then(|| self.hours / self.events.len() as f64)
    }

    /// Returns the exposure for each failure; `None` where nothing failed.
    pub fn mean_between(&self) -> Option<f64> {
        (!self.events.is_empty() && self.exposure > 0.0).then(|| self.exposure / self.events.len() as f64)
    }

    fn per_million(&self, events: f64) -> Option<f64> {
        (self.exposure > 0.0).then(|| events / self.exposure * 1e6)
    }
}

/// Returns how often an item failed; telemetry is only read where the question names a clock.
pub fn failure_rate(
    snapshot: &Snapshot,
    view: &View,
    question: &FailureQuestion,
) -> Result<FailureRate, Error> {
    let facts = Facts::new(snapshot);
    let members = facts.members(&question.item)?;
    let mut by_unit: BTreeMap<&str, Vec<&Member>> = BTreeMap::new();
    for member in members.iter() {
        by_unit.entry(member.unit().as_str()).or_default().push(member);
    }
    let by_month = question.group_by.contains(&GroupBy::Month);
    let (slices, _) = grid::slices(question.window, None, &question.zone, by_month)?;
    let spans = || slices.iter().map(|slice| slice.within).collect();
    let clock = question.clock.as_ref();
    let clock = clock.map(|clock| ClockReader::new(&facts, view, clock, &members, spans())).transpose()?;
    let (tallies, failures) = (BTreeMap::new(), Vec::new());
    let mut count = Count { facts: &facts, question, slices, clock, tallies, failures };
    for members in by_unit.into_values() {
        count.unit(&members)?;
    }
    Ok(count.finish())
}

/// The counting under way.
struct Count<'a> {
    facts: &'a Facts<'a>,
    question: &'a FailureQuestion,
    slices: Vec<Slice>,
    clock: Option<ClockReader<'a>>,
    /// By key; everything together under the empty one.
    tallies: BTreeMap<GroupKey, Tally>,
    failures: Vec<CountedFailure>,
}

#[derive(Default)]
struct Tally {
    certain_ns: i128,
    unknown_ns: i128,
    /// What the clock counted, where there is one.
    counted: f64,
    units: usize,
    events: BTreeSet<NamedNode>,
    unknown_events: BTreeSet<NamedNode>,
}

/// The times of one unit in one group.
#[derive(Default)]
struct Times {
    certain: Vec<Interval>,
    unknown: Vec<Interval>,
    /// Those of single items of lots, in item-nanoseconds.
    items_certain_ns: i128,
    items_unknown_ns: i128,
    /// What the clock counted in certain times, and for how long it did.
    counted: f64,
    counted_ns: i128,
}

impl Times {
    fn take(&mut self, stay: &Stay<'_>, slice: usize, within: Interval) {
        if let Some(increase) =
            stay.counted.as_ref().and_then(|counted| counted.get(slice)).filter(|_| stay.certain)
        {
            self.counted += increase.total() * stay.member.quantity;
            self.counted_ns += (increase.time_ns as f64 * stay.member.quantity).round() as i128;
        }
        if stay.member.is_twin() {
            let spans = if stay.certain { &mut self.certain } else { &mut self.unknown };
            spans.push(within);
        } else {
            let nanos = (within.nanos() as f64 * stay.member.quantity).round() as i128;
            *(if stay.certain { &mut self.items_certain_ns } else { &mut self.items_unknown_ns }) += nanos;
        }
    }
}

/// A stretch of service as the question sees it.
struct Stay<'a> {
    member: &'a Member,
    certain: bool,
    /// Whether it is among those that count.
    passes: bool,
    /// What the clock counted in each slice, where there is one.
    counted: Option<Vec<Increase>>,
}

impl Stay<'_> {
    /// Returns whether its failures count: it is certain, and the clock counted anything in it where there is one.
    fn is_known(&self) -> bool {
        let counts = |counted: &Vec<Increase>| counted.iter().any(|increase| increase.time_ns > 0);
        self.certain && self.counted.as_ref().is_none_or(counts)
    }
}

impl Count<'_> {
    /// Counts the hours and failures of one unit.
    fn unit(&mut self, members: &[&Member]) -> Result<(), Error> {
        let (facts, question) = (self.facts, self.question);
        let mut stays = Vec::with_capacity(members.len());
        let counted = self.clock.as_mut().map(|clock| clock.read(members)).transpose()?;
        let mut counted = counted.map(Vec::into_iter);
        for member in members {
            // A unit whose revision nobody knows may have had one of those asked for.
            let known = question.among.revisions.is_empty() || member.revision.is_some();
            let passes = grid::passes(facts, member, &question.among)?;
            let counted = counted.as_mut().map(|counted| counted.next().unwrap_or_default());
            stays.push(Stay { member, certain: member.certain && known, passes, counted });
        }
        self.hours(&stays)?;
        let bearers: BTreeSet<&NamedNode> = match question.events_of {
            EventsOf::Unit => members.iter().map(|member| member.unit()).collect(),
            EventsOf::Asset => members.iter().flat_map(|member| stay::bearers(member)).collect(),
        };
        for bearer in bearers {
            for failure in facts.failures(bearer)?.iter() {
                let is_wanted = question.window.contains(failure.at)
                    && (question.modes.is_empty()
                        || failure.mode.as_ref().is_some_and(|mode| question.modes.contains(mode)));
                if is_wanted {
                    self.failure(failure, bearer, &stays)?;
                }
            }
        }
        Ok(())
    }

    fn hours(&mut self, stays: &[Stay<'_>]) -> Result<(), Error> {
        let mut times: BTreeMap<GroupKey, Times> = BTreeMap::new();
        for stay in stays.iter().filter(|stay| stay.passes) {
            let key = self.key(stay.member)?;
            for (slice, within) in sliced(&self.slices, stay.member.within) {
                let keys = [Some(GroupKey::new()), key.clone().map(|key| self.at_month(&key, slice))];
                for key in keys.into_iter().flatten() {
                    times.entry(key).or_default().take(stay, slice, within);
                }
            }
        }
        let certain = times.get(&GroupKey::new()).map(|times| times.certain.clone()).unwrap_or_default();
        for (key, times) in times {
            let tally = self.tallies.entry(key).or_default();
            let own_ns = nanos(&times.certain) + times.items_certain_ns;
            let counted_ns = if self.clock.is_some() { times.counted_ns.min(own_ns) } else { own_ns };
            let unknown = spans::minus(&Interval::union(times.unknown), &certain);
            tally.units += usize::from(own_ns > 0);
            tally.certain_ns += counted_ns;
            tally.unknown_ns += nanos(&unknown) + times.items_unknown_ns + own_ns - counted_ns;
            tally.counted += times.counted;
        }
        Ok(())
    }

    fn failure(&mut self, failure: &Failure, bearer: &NamedNode, stays: &[Stay<'_>]) -> Result<(), Error> {
        let by_unit = self.question.events_of == EventsOf::Unit;
        let bears = |stay: &&Stay<'_>| {
            let of_items = by_unit && !stay.member.is_twin();
            stay::bearers(stay.member).any(|own| own == bearer)
                && (!of_items || stay::names(failure, stay.member))
        };
        let borne: Vec<&Stay<'_>> = stays.iter().filter(bears).collect();
        let Some(stay) = stay::stay_of(&borne, failure.at, |stay| (stay.member.within, stay.certain)) else {
            // What happened to a unit while this one did not sit in it is none of its business.
            if stays.iter().all(|stay| stay.member.is_twin() && stay.member.unit() == bearer) {
                self.note(failure, Counted::Outside, None);
            }
            return Ok(());
        };
        if !stay.passes {
            return Ok(());
        }
        let slice = self.slices.iter().position(|slice| slice.within.contains(failure.at)).unwrap_or(0);
        let key = self.key(stay.member)?.map(|key| self.at_month(&key, slice));
        for key in [Some(GroupKey::new()), key].into_iter().flatten() {
            let tally = self.tallies.entry(key).or_default();
            let events = if stay.is_known() { &mut tally.events } else { &mut tally.unknown_events };
            events.insert(failure.event.clone());
        }
        let counted = if stay.is_known() { Counted::Certain } else { Counted::Unknown };
        let member = Membership::of(self.facts, stay.member, Some(self.question.window))?;
        self.note(failure, counted, member);
        Ok(())
    }

    fn note(&mut self, failure: &Failure, counted: Counted, member: Option<Membership>) {
        let (event, at) = (failure.event.clone(), failure.at);
        self.failures.push(CountedFailure { event, at, counted, member });
    }

    /// Returns the key of a member's group, months left out; none where the answer is not grouped.
    fn key(&self, member: &Member) -> Result<Option<GroupKey>, Error> {
        let by = &self.question.group_by;
        let key = || grid::key(self.facts, member, by, self.question.position_depth);
        (!by.is_empty()).then(key).transpose()
    }

    fn at_month(&self, key: &GroupKey, slice: usize) -> GroupKey {
        grid::with_month(key, &self.question.group_by, self.slices[slice].month.as_deref())
    }

    fn finish(mut self) -> FailureRate {
        self.failures.sort_by(|a, b| {
            let item = |failure: &CountedFailure| {
                failure.member.as_ref().map(|member| member.item.clone().into_string())
            };
            (a.at, a.event.as_str(), item(a)).cmp(&(b.at, b.event.as_str(), item(b)))
        });
        let is_clocked = self.clock.is_some();
        let total = self.tallies.remove(&GroupKey::new()).unwrap_or_default().finish(is_clocked);
        let group =
            |(key, tally): (GroupKey, Tally)| FailureGroup { key, failures: tally.finish(is_clocked) };
        let unit = self.clock.and_then(|clock| clock.unit);
        FailureRate {
            unit,
            total,
            groups: self.tallies.into_iter().map(group).collect(),
            failures: self.failures,
        }
    }
}

impl Tally {
    fn finish(self, is_clocked: bool) -> Failures {
        let hours = spans::hours(self.certain_ns);
        Failures {
            hours,
            exposure: if is_clocked { self.counted } else { hours },
            unit_count: self.units,
            unknown_events: self.unknown_events.difference(&self.events).cloned().collect(),
            unknown_hours: spans::hours(self.unknown_ns),
            events: self.events,
        }
    }
}

/// Cuts a span at the slices; each part comes with its slice.
fn sliced(slices: &[Slice], span: Interval) -> impl Iterator<Item = (usize, Interval)> + '_ {
    let first = slices.partition_point(|slice| slice.within.to() <= span.from());
    let parts = slices.iter().enumerate().skip(first);
    parts.map_while(move |(at, slice)| Some((at, slice.within.intersect(span)?)))
}

fn nanos(spans: &[Interval]) -> i128 {
    spans.iter().map(|span| i128::from(span.nanos())).sum()
}
