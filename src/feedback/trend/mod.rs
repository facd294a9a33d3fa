//! Trends of units: where a statistic is heading within the present stay of each, and when it reaches a limit.

pub(super) mod forecast;
pub(super) mod remaining;
pub(super) mod score;

use super::error::Error;
use super::margin::constraint::Statistic;
use super::sufficiency::Sufficiency;
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::statistics::trend::crossing::{Crossing, Limit, POINTS_MIN, crossing};
use crate::statistics::trend::slope::Bootstrap;
use crate::telemetry::{self, View};
use crate::twins::{self, Certainty, Question, Weight};
use oxigraph::model::NamedNode;
use std::collections::BTreeMap;
use std::fmt;

/// More lines over all units are refused: each is drawn through the points of a unit.
const LINES_MAX: usize = 10_000_000;

/// A question about trends of an item's units.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendQuestion {
    /// What is observed, when, of whom and under which conditions; with the bucket that makes one point each.
    pub usage: Question,
    /// The statistic of each bucket.
    pub statistic: Statistic,
    /// The limit, in the unit of the answer.
    pub limit: Limit,
    /// How sure intervals are, between 0 and 1.
    pub confidence: f64,
    /// How intervals are found.
    pub bootstrap: Bootstrap,
    /// How much of a bucket must have been observed for it to be a point.
    pub sufficiency: Sufficiency,
}

/// Trends of an item's units.
#[derive(Clone, Debug)]
pub struct Trends {
    /// The unit of values.
    pub unit: Option<NamedNode>,
    /// Those in service at the end of the window, the first to reach the limit before the others, then by IRI.
    pub units: Vec<UnitTrend>,
}

/// The trend of one unit.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitTrend {
    /// The unit.
    pub twin: NamedNode,
    /// Its identifier.
    pub serial: Option<String>,
    /// When its present stay began, or the window.
    pub from: Instant,
    /// The middle of the last bucket.
    pub until: Option<Instant>,
    /// How many buckets count.
    pub points: usize,
    /// The statistic of the last one.
    pub last: Option<f64>,
    /// When it reaches the limit, in hours after the last bucket; `None` where too little is known.
    pub crossing: Option<Crossing>,
}

impl UnitTrend {
    /// Returns why there is no trend.
    pub fn shortfall(&self) -> Option<TrendShortfall> {
        self.crossing.is_none().then_some(TrendShortfall { found: self.points, enough: POINTS_MIN })
    }

    /// Returns what becomes of the statistic.
    pub fn outcome(&self) -> TrendOutcome {
        match self.crossing.map(|crossing| crossing.time.and_then(|hours| self.after(hours).zip(Some(hours))))
        {
            None => TrendOutcome::Unknown,
            Some(None) => TrendOutcome::NoCrossing,
            Some(Some((_, hours))) if hours <= 0.0 => TrendOutcome::Reached,
            Some(Some(_)) => TrendOutcome::Crosses,
        }
    }

    /// Returns when the line reaches the limit; `None` where it does not.
    pub fn reaches(&self) -> Option<Instant> {
        self.after(self.crossing?.time?)
    }

    /// Returns the earlier end of the interval of that; `None` where hardly any line reaches it.
    pub fn earliest(&self) -> Option<Instant> {
        self.after(self.crossing?.earliest?)
    }

    /// Returns the later end of the interval; `None` where the limit may never be reached.
    pub fn latest(&self) -> Option<Instant> {
        self.after(self.crossing?.latest?)
    }

    /// Returns the instant so many hours after the last bucket; `None` beyond what can be written.
    fn after(&self, hours: f64) -> Option<Instant> {
        let nanos = hours * 3.6e12;
        let until = self.until.filter(|_| nanos < 9e18)?;
        let at = until.nanos().checked_add(nanos as i64)?;
        Some(Instant::from_nanos(at))
    }
}

/// What becomes of a unit's statistic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrendOutcome {
    /// The line has reached the limit.
    Reached,
    /// It reaches it later.
    Crosses,
    /// It leads away from the limit, or never gets there.
    NoCrossing,
    /// Too few buckets were observed enough.
    Unknown,
}

impl TrendOutcome {
    /// All of them, with their names and what they mean.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Reached, "REACHED", "The line has reached the limit."),
        (Self::Crosses, "CROSSES", "The line reaches the limit later."),
        (Self::NoCrossing, "NO_CROSSING", "The line leads away from the limit, or along it."),
        (Self::Unknown, "UNKNOWN", "Too few buckets were observed enough; `shortfall` gives their number."),
    ];

    /// Returns the name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(own, ..)| *own == self).map_or("", |(_, name, _)| name)
    }
}

/// Why a unit has no trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrendShortfall {
    /// How many buckets count.
    pub found: usize,
    /// How many would be enough.
    pub enough: usize,
}

impl fmt::Display for TrendShortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, enough } = self;
        write!(f, "{found} buckets of the present stay were observed enough, {enough} are enough for a trend")
    }
}

/// Returns the trends of an item's units.
pub fn trends(snapshot: &Snapshot, view: &View, question: &TrendQuestion) -> Result<Trends, Error> {
    if !question.statistic.is_of_samples() {
        return Err(Error::OfLives(question.statistic.to_string()));
    }
    let asked = &question.usage;
    let mut units = present(snapshot, asked)?;
    let lines = units.len().saturating_mul(question.bootstrap.resamples);
    if lines > LINES_MAX {
        return Err(Error::TooManyLines { asked: lines, most: LINES_MAX });
    }
    // Each bucket keeps its units.
    let usage = Question { weight: Weight::Unit, ..asked.clone() }.answer(snapshot, view)?;
    if question.statistic != Statistic::Min && question.statistic != Statistic::Max {
        // A direction has neither a mean nor a percentile.
        usage.total.mean()?;
    }
    let mut points: BTreeMap<NamedNode, Vec<(Instant, f64)>> = BTreeMap::new();
    for bucket in &usage.buckets {
        let middle = bucket.within.from().plus_nanos(bucket.within.nanos() / 2);
        for unit in bucket.usage.units.iter().filter(|unit| question.sufficiency.is_met(&unit.account)) {
            let Some(known) = units.get_mut(&unit.twin).filter(|known| known.from <= bucket.within.from())
            else {
                continue;
            };
            known.serial.clone_from(&unit.serial);
            if let Some(value) = question.statistic.of(&unit.summary, telemetry::SampleWeight::Time)? {
                points.entry(unit.twin.clone()).or_default().push((middle, value));
            }
        }
    }
    let mut trends = Vec::with_capacity(units.len());
    for (twin, unit) in units {
        view.still_wanted()?;
        let points = points.remove(&twin).unwrap_or_default();
        trends.push(trend(unit, &points, question));
    }
    let time = |unit: &UnitTrend| unit.crossing.and_then(|crossing| crossing.time).unwrap_or(f64::INFINITY);
    trends.sort_by(|a, b| time(a).total_cmp(&time(b)).then(a.twin.as_str().cmp(b.twin.as_str())));
    Ok(Trends { unit: usage.unit, units: trends })
}

fn trend(unit: UnitTrend, points: &[(Instant, f64)], question: &TrendQuestion) -> UnitTrend {
    let origin = unit.from;
    let hours = |at: Instant| Interval::new(origin, at).map_or(0.0, |since| since.nanos() as f64 / 3.6e12);
    let series: Vec<(f64, f64)> = points.iter().map(|(at, value)| (hours(*at), *value)).collect();
    UnitTrend {
        until: points.last().map(|(at, _)| *at),
        points: points.len(),
        last: points.last().map(|(_, value)| *value),
        crossing: crossing(&series, question.limit, question.confidence, question.bootstrap),
        ..unit
    }
}

/// Returns the units in service at the end of the window, each with the beginning of the stay that it is in.
fn present(snapshot: &Snapshot, asked: &Question) -> Result<BTreeMap<NamedNode, UnitTrend>, Error> {
    let window = asked.window;
    let population = twins::population_among(snapshot, &asked.item, Some(window), &asked.among)?;
    let mut units = BTreeMap::new();
    for member in population.members {
        let is_there = member.to.is_none_or(|to| to >= window.to());
        if member.certainty != Certainty::Certain || !is_there {
            continue;
        }
        let from = member.from.map_or(window.from(), |from| from.max(window.from()));
        let unit = UnitTrend {
            twin: member.unit.clone(),
            serial: None,
            from,
            until: None,
            points: 0,
            last: None,
            crossing: None,
        };
        units.insert(member.unit, unit);
    }
    Ok(units)
}
