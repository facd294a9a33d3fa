//! The control and the capability of each characteristic of an item, by its measurements in order of time.

use super::measured::{Measured, MeasuredValue, measured};
use crate::feedback::error::Error;
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::statistics::control::capability::{Capability, Tolerance, capability};
use crate::statistics::control::chart::{
    Chart, Charts, autocorrelation, deviation, individuals, mean, means_and_deviations,
};
use crate::statistics::control::memory::{CumulativeSums, cumulative_sums, weighted_means};
use crate::statistics::control::nelson::{Signal, signals};
use oxigraph::model::NamedNode;
use std::collections::BTreeMap;

/// Fewer points make no control limits.
const POINTS_MIN: usize = 8;

/// A question about the quality of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct LineQuestion {
    /// The Part, DesignRevision, Build or TwinInstance.
    pub item: NamedNode,
    /// One characteristic; `None`: each.
    pub characteristic: Option<String>,
    /// Only what was measured then; `None`: at any time.
    pub window: Option<Interval>,
    /// Limits are those of what was measured before this; `None`: of all.
    pub baseline_until: Option<Instant>,
    /// What makes a subgroup: the values of it are taken together in a chart of means.
    pub subgroups: Subgroups,
    /// How sure limits of capability are, between 0 and 1.
    pub confidence: f64,
}

/// What makes a subgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subgroups {
    /// Each value by itself.
    None,
    /// The values of a lot.
    Lot,
}

/// The quality of one characteristic.
#[derive(Clone, Debug, PartialEq)]
pub struct Characteristic {
    /// Its name.
    pub name: String,
    /// What was measured, the values with an instant in order of time.
    pub measured: Measured,
    /// How many values have no instant: they are in no chart, and do not count.
    pub undated: usize,
    /// Values that count, and what they come to.
    pub process: Process,
    /// The tolerance: that of the latest value which has one.
    pub tolerance: Tolerance,
    /// Values with another tolerance than that.
    pub other_tolerances: usize,
    /// How capable the process is.
    pub capability: Capability,
    /// By lot, site and station: how many values, their mean, and how capable it is by their own spread.
    pub groups: Vec<LineGroup>,
}

/// A series under control charts.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    /// The mean of the values.
    pub mean: Option<f64>,
    /// Their standard deviation.
    pub deviation: Option<f64>,
    /// The charts; `None` for fewer than [`POINTS_MIN`] points, or where nothing varies.
    pub charts: Option<Charts>,
    /// The chart of weighted means of the points.
    pub weighted: Option<Chart>,
    /// The cumulative sums of the points.
    pub sums: Option<CumulativeSums>,
    /// The signals in the points.
    pub signals: Vec<Signal>,
    /// How much neighbours are alike.
    pub autocorrelation: Option<f64>,
    /// How many points there are.
    pub points: usize,
    /// For each point, the place of its last value.
    pub places: Vec<usize>,
}

/// Values that have something in common.
#[derive(Clone, Debug, PartialEq)]
pub struct LineGroup {
    /// What: `LOT`, `SITE` or `STATION`.
    pub by: &'static str,
    /// The lot, site or station.
    pub key: String,
    /// How many values.
    pub count: usize,
    /// How many are out of tolerance.
    pub outside: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: Option<f64>,
    /// How capable it is, by that.
    pub capability: Capability,
}

impl Process {
    /// Puts a series under control: `base` points make the limits.
    pub fn of(values: &[f64], base: usize) -> Self {
        let groups: Vec<Vec<f64>> = values.iter().map(|value| vec![*value]).collect();
        Self::of_subgroups(&groups, base)
    }

    /// Puts subgroups under control; single values where each has one.
    fn of_subgroups(groups: &[Vec<f64>], base: usize) -> Self {
        let all: Vec<f64> = groups.iter().flatten().copied().collect();
        let is_single = groups.iter().all(|group| group.len() == 1);
        let is_enough = base >= POINTS_MIN;
        let charts = match is_single {
            true => individuals(&all, base),
            false => means_and_deviations(groups, base),
        };
        let charts = charts.filter(|charts| is_enough && charts.sigma > 0.0);
        let means: Vec<f64> = groups.iter().filter_map(|group| mean(group)).collect();
        // The standard deviation of a point: of a mean, of the usual number of values.
        let of_point = charts.as_ref().map(|charts| {
            let size = all.len() as f64 / groups.len().max(1) as f64;
            (charts.location.centre, charts.sigma / size.sqrt())
        });
        Self {
            mean: mean(&all),
            deviation: deviation(&all),
            weighted: of_point.map(|(centre, sigma)| weighted_means(&means, centre, sigma, 0.2, 2.962)),
            sums: of_point.map(|(centre, sigma)| cumulative_sums(&means, centre, sigma, (0.5, 5.0))),
            signals: charts.as_ref().map(|charts| signals(&charts.location.scores())).unwrap_or_default(),
            autocorrelation: autocorrelation(&means),
            points: groups.len(),
            places: groups
                .iter()
                .scan(0, |place, group| {
                    *place += group.len();
                    Some(*place - 1)
                })
                .collect(),
            charts,
        }
    }

    /// Returns the bound beyond which neighbours are not independent, so that signals come too often or too seldom.
    pub fn autocorrelation_bound(&self) -> f64 {
        1.96 / (self.points.max(1) as f64).sqrt()
    }

    /// Returns why there are no charts.
    pub fn shortfall(&self) -> Option<String> {
        match (&self.charts, self.points) {
            (Some(_), _) => None,
            (None, points) if points >= POINTS_MIN => {
                Some("the points of the baseline do not vary, or are fewer than 8".to_owned())
            }
            (None, points) => {
                Some(format!("there are {points} points, {POINTS_MIN} are enough for control limits"))
            }
        }
    }
}

/// Returns the quality of each characteristic of an item, in order of their names.
pub fn line_quality(snapshot: &Snapshot, question: &LineQuestion) -> Result<Vec<Characteristic>, Error> {
    let measured = measured(snapshot, &question.item)?;
    let is_asked = |name: &str| question.characteristic.as_deref().is_none_or(|asked| asked == name);
    let asked = measured.into_iter().filter(|(name, _)| is_asked(name));
    Ok(asked.map(|(name, measured)| Characteristic::of(name, measured, question)).collect())
}

impl Characteristic {
    fn of(name: String, mut measured: Measured, question: &LineQuestion) -> Self {
        let all = measured.values.len();
        measured.values.retain(|value| value.at.is_some());
        let undated = all - measured.values.len();
        let is_inside =
            |at: Option<Instant>| question.window.zip(at).is_none_or(|(window, at)| window.contains(at));
        measured.values.retain(|value| is_inside(value.at));
        let values: Vec<f64> = measured.values.iter().map(|value| value.value).collect();
        let process = match question.subgroups {
            Subgroups::None => Process::of(&values, base(&measured.values, question.baseline_until)),
            Subgroups::Lot => of_lots(&mut measured.values, question.baseline_until),
        };
        let latest = measured.values.iter().rev().map(|value| value.tolerance);
        let tolerance = latest.clone().find(|tolerance| !tolerance.is_open()).unwrap_or_default();
        let other_tolerances = latest.filter(|other| !other.is_open() && *other != tolerance).count();
        let within = process.charts.as_ref().map(|charts| (charts.sigma, charts.freedom));
        let values: Vec<f64> = measured.values.iter().map(|value| value.value).collect();
        let capability = within
            .map(|within| capability(&values, within, tolerance, question.confidence))
            .unwrap_or_default();
        let groups = groups(&measured.values, tolerance, question.confidence);
        Self { name, undated, process, tolerance, other_tolerances, capability, groups, measured }
    }

    /// Returns how many values are out of their tolerance.
    pub fn outside(&self) -> usize {
        self.measured.values.iter().filter(|value| value.keeps == Some(false)).count()
    }

    /// Returns the value that completes a signal.
    pub fn value_at(&self, signal: Signal) -> Option<&MeasuredValue> {
        self.measured.values.get(*self.process.places.get(signal.at)?)
    }
}

fn base(values: &[MeasuredValue], until: Option<Instant>) -> usize {
    let Some(until) = until else { return values.len() };
    values.iter().take_while(|value| value.at.is_some_and(|at| at < until)).count()
}

/// Takes the values of a lot together, lots in the order of their first values; lots of one value are left out of the charts, and their
/// values at the end.
fn of_lots(values: &mut Vec<MeasuredValue>, until: Option<Instant>) -> Process {
    let mut order: BTreeMap<Option<String>, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<MeasuredValue>> = Vec::new();
    for value in values.drain(..) {
        let key = value.lot.as_ref().map(|lot| lot.as_str().to_owned());
        let place = *order.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(value);
    }
    let (groups, single): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.len() > 1);
    let base = groups.iter().take_while(|group| base(group, until) == group.len()).count();
    let figures: Vec<Vec<f64>> =
        groups.iter().map(|group| group.iter().map(|value| value.value).collect()).collect();
    values.extend(groups.into_iter().chain(single).flatten());
    Process::of_subgroups(&figures, base)
}

fn groups(values: &[MeasuredValue], tolerance: Tolerance, confidence: f64) -> Vec<LineGroup> {
    let mut by: BTreeMap<(&'static str, String), Vec<&MeasuredValue>> = BTreeMap::new();
    for value in values {
        let lot = value.lot.as_ref().map(|lot| lot.as_str().to_owned());
        let keys = [("LOT", lot), ("SITE", value.site.clone()), ("STATION", value.station.clone())];
        for (name, key) in keys {
            key.into_iter().for_each(|key| by.entry((name, key)).or_default().push(value));
        }
    }
    let group = |((by, key), values): ((&'static str, String), Vec<&MeasuredValue>)| {
        let figures: Vec<f64> = values.iter().map(|value| value.value).collect();
        let spread = deviation(&figures);
        let freedom = figures.len() as f64 - 1.0;
        let found = spread.map(|spread| capability(&figures, (spread, freedom), tolerance, confidence));
        Some(LineGroup {
            by,
            key,
            count: figures.len(),
            outside: values.iter().filter(|value| value.keeps == Some(false)).count(),
            mean: mean(&figures)?,
            deviation: spread,
            capability: found.unwrap_or_default(),
        })
    };
    by.into_iter().filter_map(group).collect()
}
