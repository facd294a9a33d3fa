//! How old an item is at an instant, by a clock: the calendar, its hours in service, or a counter.

use super::clock::{Clock, ClockReader};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::View;
use crate::twins::error::Error;
use crate::twins::facts::member::Member;
use crate::twins::facts::{Facts, spans};
use oxigraph::model::NamedNode;

/// What lives are measured by.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum LifeClock {
    /// Hours since the item first was in service, those on the shelf with them.
    Calendar,
    /// Hours in service.
    #[default]
    Service,
    /// What a counter counted in service.
    Counter(Clock),
}

/// An age, as far as the version states the item's life.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::twins) struct Age {
    /// The age by what is certain.
    pub(in crate::twins) certain: f64,
    /// How much older it may be, by what is only possible.
    pub(in crate::twins) possible: f64,
    /// Whether nobody knows when its life began.
    pub(in crate::twins) is_open: bool,
    /// The hours of its certain service that a counter did not count; 0 by other clocks.
    pub(in crate::twins) uncounted_hours: f64,
    /// The hours of its certain service.
    pub(in crate::twins) hours: f64,
    /// How often a counter began anew.
    pub(in crate::twins) resets: u64,
}

impl Age {
    /// Returns the age since another one, at which the life began anew.
    pub(in crate::twins) fn since(self, other: Self) -> Self {
        Self {
            certain: self.certain - other.certain,
            possible: self.possible - other.possible,
            // What was before both is the same.
            is_open: false,
            uncounted_hours: self.uncounted_hours - other.uncounted_hours,
            hours: self.hours - other.hours,
            resets: self.resets - other.resets,
        }
    }
}

/// When an item was in service, and its members by which counters are found.
pub(in crate::twins) struct Service<'m> {
    pub(in crate::twins) certain: Vec<Interval>,
    /// Disjoint from the certain spans.
    pub(in crate::twins) possible: Vec<Interval>,
    pub(in crate::twins) members: Vec<&'m Member>,
}

impl<'m> Service<'m> {
    /// Separates the spans that are certain from those that are only possible.
    pub(in crate::twins) fn of(members: Vec<&'m Member>, spans: &[(Interval, bool)]) -> Self {
        let of = |wanted: bool| {
            Interval::union(
                spans.iter().filter(|(_, certain)| *certain == wanted).map(|(span, _)| *span).collect(),
            )
        };
        let certain = of(true);
        Self { possible: spans::minus(&of(false), &certain), certain, members }
    }

    fn is_open(&self) -> bool {
        self.certain.iter().chain(&self.possible).any(|span| spans::start(*span).is_none())
    }
}

/// Reads ages.
pub(in crate::twins) enum AgeReader<'a> {
    Calendar,
    Service,
    Counter(Box<ClockReader<'a>>),
}

impl<'a> AgeReader<'a> {
    pub(in crate::twins) fn new(
        facts: &'a Facts<'a>,
        view: &'a View,
        clock: &LifeClock,
        members: &[Member],
    ) -> Result<Self, Error> {
        Ok(match clock {
            LifeClock::Calendar => Self::Calendar,
            LifeClock::Service => Self::Service,
            LifeClock::Counter(clock) => {
                Self::Counter(Box::new(ClockReader::new(facts, view, clock, members, Vec::new())?))
            }
        })
    }

    /// Returns the unit of what a counter counts, once any was read; `None` for hours.
    pub(in crate::twins) fn unit(self) -> Option<NamedNode> {
        match self {
            Self::Calendar | Self::Service => None,
            Self::Counter(reader) => reader.unit,
        }
    }

    /// Returns the age at each instant; the instants are sorted.
    pub(in crate::twins) fn ages(
        &mut self,
        service: &Service<'_>,
        instants: &[Instant],
    ) -> Result<Vec<Age>, Error> {
        let open = service.is_open();
        let ages = instants.iter().map(|at| Age {
            certain: hours_until(&service.certain, *at),
            possible: hours_until(&service.possible, *at),
            is_open: open,
            hours: hours_until(&service.certain, *at),
            uncounted_hours: 0.0,
            resets: 0,
        });
        let mut ages: Vec<Age> = ages.collect();
        match self {
            Self::Service => {}
            Self::Calendar => {
                ages.iter_mut().zip(instants).for_each(|(age, at)| by_calendar(age, service, *at));
            }
            Self::Counter(reader) => count(reader, service, instants, &mut ages)?,
        }
        Ok(ages)
    }
}

fn by_calendar(age: &mut Age, service: &Service<'_>, at: Instant) {
    let first = |spans: &[Interval]| spans.first().map(|span| span.from());
    let since = |from: Option<Instant>| {
        let span = from.and_then(|from| spans::between(Some(from), Some(at)));
        span.map_or(0.0, |span| spans::hours(span.nanos().into()))
    };
    let (certain, possible) = (first(&service.certain), first(&service.possible));
    age.certain = since(certain.or(possible));
    age.possible = (since(possible) - age.certain).max(0.0);
}

/// Replaces hours by what the counter counted up to each instant.
fn count(
    reader: &mut ClockReader<'_>,
    service: &Service<'_>,
    instants: &[Instant],
    ages: &mut [Age],
) -> Result<(), Error> {
    let starts = service.certain.iter().map(|span| span.from());
    let Some(start) = starts.min().map(|start| start.max(Instant::from_nanos(0))) else { return Ok(()) };
    let mut edges = vec![start];
    edges.extend(instants.iter().copied().filter(|at| *at > start));
    edges.dedup();
    let buckets: Vec<Interval> =
        edges.windows(2).filter_map(|pair| Interval::new(pair[0], pair[1]).ok()).collect();
    if buckets.is_empty() {
        ages.iter_mut().for_each(|age| age.certain = 0.0);
        return Ok(());
    }
    let members: Vec<&Member> = service.members.iter().filter(|member| member.certain).copied().collect();
    let counted = reader.read_within(&members, buckets.clone())?;
    let (mut total, mut hours, mut resets, mut at) = (0.0, 0.0, 0, 0);
    for (age, instant) in ages.iter_mut().zip(instants) {
        while buckets.get(at).is_some_and(|bucket| bucket.to() <= *instant) {
            for increase in counted.iter().filter_map(|counted| counted.get(at)) {
                total += increase.total();
                hours += increase.time_ns as f64 / 3.6e12;
                resets += increase.resets;
            }
            at += 1;
        }
        (age.certain, age.resets) = (total, resets);
        // What a counter would have counted in hours that are only possible, nobody knows.
        age.uncounted_hours = (age.hours - hours).max(0.0) + age.possible;
        age.possible = 0.0;
    }
    Ok(())
}

fn hours_until(spans: &[Interval], at: Instant) -> f64 {
    let before = spans.iter().filter(|span| span.from() < at && spans::start(**span).is_some());
    let nanos = before.map(|span| i128::from(at.min(span.to()).nanos()) - i128::from(span.from().nanos()));
    spans::hours(nanos.sum())
}
