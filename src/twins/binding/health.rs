//! The health of the data: series that have stopped, that send what their sensor cannot measure, that came to be in another unit, that
//! are dated in the future, or that no signal is bound to.

use super::readings::{Channel, channels_of_each, rollups};
use super::unbound_series::unbound_series;
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Period;
use crate::ontology::terms::tl;
use crate::telemetry::{SampleWeight, Series, SeriesId, Summary, View};
use crate::thread::Record;
use crate::twins::error::Error;
use crate::twins::facts::signal::SignalKind;
use oxigraph::model::NamedNode;
use std::collections::HashMap;

const DAY_NS: i64 = 86_400_000_000_000;
/// A day needs so many samples before its mean is compared with that of another.
const SAMPLES_MIN: u64 = 8;

/// What is wrong with a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataFault {
    /// No sample has come for several expected periods.
    Stale,
    /// Samples are beyond what the sensor can measure.
    OutOfRange,
    /// The values are those of the day before in another unit.
    UnitJump,
    /// Samples are dated in the future.
    ClockAhead,
    /// Samples come that no signal is bound to.
    Unbound,
    /// A unit reports from another place than the configuration says.
    Moved,
    /// A command to a unit was given up.
    Command,
}

/// From when on something is a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HealthBounds {
    /// How many expected periods may pass without a sample.
    pub periods: f64,
    /// How far samples may be dated in the future, in nanoseconds.
    pub ahead_ns: i64,
    /// How long a series may send without a signal, in nanoseconds.
    pub unbound_ns: i64,
}

/// One fault of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Unhealthy {
    /// What is wrong.
    pub fault: DataFault,
    /// The series, as text.
    pub series: String,
    /// The unit that sends it.
    pub twin: Option<NamedNode>,
    /// What it observes.
    pub property: Option<NamedNode>,
    /// Since when.
    pub since: Instant,
    /// What was seen, for a person.
    pub seen: String,
}

impl DataFault {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Stale, "STALE"),
        (Self::OutOfRange, "OUT_OF_RANGE"),
        (Self::UnitJump, "UNIT_JUMP"),
        (Self::ClockAhead, "CLOCK_AHEAD"),
        (Self::Unbound, "UNBOUND"),
        (Self::Moved, "MOVED"),
        (Self::Command, "COMMAND"),
    ];

    /// Returns the name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(own, _)| *own == self).map_or("", |(_, name)| name)
    }
}

/// Returns the faults of all series at an instant, in the order of units; those of series without a signal at the end.
pub fn unhealthy(
    snapshot: &Snapshot,
    view: &View,
    now: Instant,
    bounds: &HealthBounds,
) -> Result<Vec<Unhealthy>, Error> {
    let twins = in_service(snapshot, now)?;
    let midnight = Instant::from_nanos(now.nanos().div_euclid(DAY_NS) * DAY_NS);
    let (day_before, end) = (midnight.plus_nanos(-DAY_NS), now.plus_nanos(1));
    let (Ok(window), Ok(yesterday), Ok(today)) =
        (Interval::new(day_before, end), Interval::new(day_before, midnight), Interval::new(midnight, end))
    else {
        return Ok(Vec::new());
    };
    let mut channels: Vec<(NamedNode, Channel)> = Vec::new();
    for (twin, bound) in twins.iter().zip(channels_of_each(snapshot, view, &twins, window)?) {
        let now_bound = bound.into_iter().filter(|channel| channel.within.contains(now));
        channels.extend(now_bound.map(|channel| (twin.clone(), channel)));
    }
    let names = series_names(view);
    let series: Vec<SeriesId> = channels.iter().map(|(_, channel)| channel.series).collect();
    let latest = view.latest_of_each(&series)?;
    let asked = channels.iter().map(|(_, channel)| Channel { within: window, ..channel.clone() }).collect();
    let days = rollups(view, asked, &[yesterday, today])?;
    let mut found = Vec::new();
    for (((twin, channel), latest), days) in channels.iter().zip(latest).zip(&days) {
        let Some(latest) = latest else { continue };
        let mut note = |fault, since, seen| {
            found.push(Unhealthy {
                fault,
                series: names.get(&channel.series).cloned().unwrap_or_default(),
                twin: Some(twin.clone()),
                property: Some(channel.signal.property.clone()),
                since,
                seen,
            });
        };
        let ahead = latest.at.nanos().saturating_sub(now.nanos());
        if ahead > bounds.ahead_ns {
            note(
                DataFault::ClockAhead,
                latest.at,
                format!("the last sample is of {}, {} s ahead of now", latest.at, ahead / 1_000_000_000),
            );
        }
        let period_ns = channel.signal.expected_period.map_or(0, Period::mean_nanos);
        if period_ns > 0
            && now.nanos().saturating_sub(latest.at.nanos()) as f64 > bounds.periods * period_ns as f64
        {
            note(
                DataFault::Stale,
                latest.at,
                format!(
                    "the last sample is of {}, where one is expected every {} s",
                    latest.at,
                    period_ns / 1_000_000_000
                ),
            );
        }
        let [(_, before), (_, after)] = days.buckets.as_slice() else { continue };
        if after.implausible.count > 0 {
            let range = channel.signal.plausible;
            let seen = format!(
                "{} samples since {midnight} are outside {} to {}",
                after.implausible.count, range.min, range.max
            );
            note(DataFault::OutOfRange, midnight, seen);
        }
        if let Some(other) = other_unit(snapshot, channel, before, after) {
            note(
                DataFault::UnitJump,
                midnight,
                format!("since {midnight} the values are those of the day before in {other}"),
            );
        }
    }
    found.extend(unbound(snapshot, view, now, bounds)?);
    Ok(found)
}

/// Returns the units that are not retired, in IRI order.
fn in_service(snapshot: &Snapshot, now: Instant) -> Result<Vec<NamedNode>, Error> {
    let mut twins = Vec::new();
    for twin in snapshot.instances(tl::TWIN_INSTANCE)? {
        let retired = Record::read(snapshot, &twin)?.instant(tl::RETIRED_AT);
        if retired.is_none_or(|retired| retired > now) {
            twins.push(twin);
        }
    }
    Ok(twins)
}

fn series_names(view: &View) -> HashMap<SeriesId, String> {
    view.all_series().iter().map(|series| (series.id, name_of(series))).collect()
}

/// Writes a series as its sender names it, such as `P-1 m temp sensor=2`.
fn name_of(series: &Series) -> String {
    let tags = series.tags.iter().map(|(tag, value)| format!(" {tag}={value}"));
    format!("{} {} {}{}", series.twin, series.measurement, series.field, tags.collect::<String>())
}

/// Returns the symbol of the unit in which the values of a day would be those of the day before; `None` where they are so in their own.
fn other_unit(snapshot: &Snapshot, channel: &Channel, before: &Summary, after: &Summary) -> Option<String> {
    let own = channel.signal.unit.as_ref().filter(|_| channel.signal.kind == SignalKind::Gauge)?;
    if before.count.min(after.count) < SAMPLES_MIN {
        return None;
    }
    let mean = |of: &Summary| of.mean(SampleWeight::Sample);
    let spread = |of: &Summary| of.stddev(SampleWeight::Sample).unwrap_or(0.0);
    let (was, is) = (mean(before)?, mean(after)?);
    let noise = spread(before).max(was.abs() * 1e-3);
    // Within what the day before varied by nothing has jumped.
    if (is - was).abs() <= 6.0 * noise + 3.0 * spread(after) {
        return None;
    }
    let units = snapshot.ontology().units();
    let mut fitting = units.all().iter().filter(|unit| unit.iri != *own).filter_map(|unit| {
        let conversion = units.conversion(own.as_ref(), unit.iri.as_ref()).ok()?;
        let (expect, scale) =
            (conversion.apply(was), (conversion.apply(was + 1.0) - conversion.apply(was)).abs());
        let off = (is - expect).abs();
        (off <= 3.0 * (noise * scale).max(spread(after))).then_some((off, unit.symbol.clone()))
    });
    let first = fitting.next()?;
    let nearest = fitting.fold(first, |best, other| if other.0 < best.0 { other } else { best });
    Some(nearest.1)
}

/// Returns the series that have been sending for so long without a signal, and still send.
fn unbound(
    snapshot: &Snapshot,
    view: &View,
    now: Instant,
    bounds: &HealthBounds,
) -> Result<Vec<Unhealthy>, Error> {
    let unbound = unbound_series(snapshot, view)?;
    let series: Vec<SeriesId> = unbound.iter().map(|unbound| unbound.series.id).collect();
    let latest = view.latest_of_each(&series)?;
    let asked: Vec<_> = series.iter().map(|series| (*series, Interval::ALWAYS)).collect();
    let first = view.samples_of_each(&asked, 1)?;
    let limit = now.plus_nanos(-bounds.unbound_ns);
    let mut found = Vec::new();
    for ((unbound, latest), first) in unbound.iter().zip(latest).zip(first) {
        let (Some(latest), Some(first)) = (latest, first.first()) else { continue };
        if first.at <= limit && latest.at >= limit {
            found.push(Unhealthy {
                fault: DataFault::Unbound,
                series: name_of(&unbound.series),
                twin: unbound.twin.clone(),
                property: None,
                since: first.at,
                seen: format!("it sends since {} and nothing counts of it: {:?}", first.at, unbound.reason),
            });
        }
    }
    Ok(found)
}
