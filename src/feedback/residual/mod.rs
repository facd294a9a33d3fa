//! Models against the field: what a model of a design computes of the live inputs of each unit, and how far what was observed is from it.

pub(super) mod model;

use super::error::Error;
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::{Period, Zone};
use crate::statistics::control::chart::{deviation, mean};
use crate::statistics::trend::crossing::POINTS_MIN;
use crate::statistics::trend::slope::Line;
use crate::telemetry::{SampleWeight, View};
use crate::twins::{self, Condition, Question, TwinFilter, Weight};
use model::{Model, Prediction};
use oxigraph::model::NamedNode;
use std::collections::BTreeMap;

/// More buckets over all units are refused.
const PARTS_MAX: usize = 5_000_000;
/// More buckets of one unit are not even counted.
const BUCKETS_MAX: usize = 1_000_000;
/// How many are in memory at a time.
const PARTS_AT_ONCE: usize = 100_000;

/// A question about how a model agrees with the field.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidualQuestion {
    /// The Part, DesignRevision, Build or TwinInstance whose inputs go through the model, whatever design has it.
    pub item: NamedNode,
    /// The model.
    pub model: NamedNode,
    /// When.
    pub window: Interval,
    /// The means of the inputs in each stretch of this length are computed with.
    pub bucket: Period,
    /// The time zone in which days and months begin.
    pub zone: Zone,
    /// Which units count.
    pub among: TwinFilter,
    /// Only samples while all of these hold count.
    pub conditions: Vec<Condition>,
}

/// How a model agrees with the field.
#[derive(Clone, Debug)]
pub struct Residuals {
    /// The model.
    pub model: Model,
    /// Each unit, in IRI order.
    pub units: Vec<UnitResiduals>,
}

/// How a model agrees with one unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnitResiduals {
    /// The unit's IRI.
    pub twin: String,
    /// Its identifier.
    pub serial: Option<String>,
    /// Each bucket with a prediction, in order of time.
    pub points: Vec<ResidualPoint>,
    /// Buckets in which something was observed, but not all inputs.
    pub missing_inputs: usize,
    /// Buckets with an input outside the range in which the model is valid.
    pub outside: usize,
    /// Buckets in which the expression has no value.
    pub undefined: usize,
    /// The hours that samples of the output cover, and the hours in service.
    pub hours: (f64, f64),
}

/// One bucket of one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResidualPoint {
    /// The bucket.
    pub within: Interval,
    /// What the model computes of the means of the inputs.
    pub predicted: f64,
    /// The mean that was observed.
    pub observed: Option<f64>,
}

/// Figures of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// How many.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: Option<f64>,
    /// The least.
    pub least: f64,
    /// The median.
    pub median: f64,
    /// The greatest.
    pub greatest: f64,
}

impl Figures {
    /// Returns the figures of values; `None` without any.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Self {
            count: values.len(),
            mean: mean(values)?,
            deviation: deviation(values),
            least: *sorted.first()?,
            median: nearest_rank(&sorted, 50)?,
            greatest: *sorted.last()?,
        })
    }
}

/// Returns the percentile of sorted values: the smallest of which so many per cent are no greater.
pub(super) fn nearest_rank(sorted: &[f64], percent: u8) -> Option<f64> {
    let rank = (usize::from(percent) * sorted.len()).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

impl ResidualPoint {
    /// Returns what was observed less what was predicted.
    pub fn residual(&self) -> Option<f64> {
        self.observed.map(|observed| observed - self.predicted)
    }
}

impl UnitResiduals {
    /// Returns the residuals in order of time.
    pub fn residuals(&self) -> Vec<f64> {
        self.points.iter().filter_map(ResidualPoint::residual).collect()
    }

    /// Returns the predictions in order of time.
    pub fn predictions(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.predicted).collect()
    }

    /// Returns how much the residual goes up in a day (Theil and Sen); `None` for fewer than eight.
    pub fn drift_per_day(&self) -> Option<f64> {
        let origin = self.points.first()?.within.from();
        let days = |at: Instant| (at.nanos() as f64 - origin.nanos() as f64) / 8.64e13;
        let points =
            self.points.iter().filter_map(|point| Some((days(point.within.from()), point.residual()?)));
        let points: Vec<(f64, f64)> = points.collect();
        (points.len() >= POINTS_MIN).then(|| Line::fit(&points).map(|line| line.slope))?
    }
}

/// What was observed in one bucket: the means of the inputs, and of the output at the end.
type Means = BTreeMap<Interval, Vec<Option<f64>>>;

/// Computes a model of the live inputs of each unit, bucket by bucket, and compares it with what was observed. Outside the range in which the
/// model is valid, and where an input is missing, nothing is computed: these buckets are counted.
pub fn residuals(snapshot: &Snapshot, view: &View, question: &ResidualQuestion) -> Result<Residuals, Error> {
    let model = Model::read(snapshot, &question.model)?;
    let windows =
        question.bucket.buckets(question.window, &question.zone, BUCKETS_MAX).map_err(twins::Error::from)?;
    let units = twins::population_among(snapshot, &question.item, Some(question.window), &question.among)?;
    let count = units.unit_count().max(1);
    if count * windows.len() > PARTS_MAX {
        return Err(twins::Error::TooMany { asked: count * windows.len(), most: PARTS_MAX }.into());
    }
    let mut units: BTreeMap<String, UnitResiduals> = BTreeMap::new();
    for chunk in windows.chunks((PARTS_AT_ONCE / count).max(1)) {
        let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else { continue };
        let Ok(within) = Interval::new(first.from(), last.to()) else { continue };
        for (twin, means) in observed(snapshot, view, (question, within), &model, &mut units)? {
            let unit = units.entry(twin).or_default();
            means.into_iter().for_each(|(within, means)| take(&model, unit, within, &means));
        }
    }
    let named = units.into_iter().map(|(twin, unit)| UnitResiduals { twin, ..unit });
    Ok(Residuals { units: named.collect(), model })
}

/// Returns the means of the inputs and of the output of each unit, bucket by bucket; adds the hours of the output.
fn observed(
    snapshot: &Snapshot,
    view: &View,
    (question, within): (&ResidualQuestion, Interval),
    model: &Model,
    units: &mut BTreeMap<String, UnitResiduals>,
) -> Result<BTreeMap<String, Means>, Error> {
    let output = model.inputs.len();
    let mut observed: BTreeMap<String, Means> = BTreeMap::new();
    let inputs = model.inputs.iter().map(|input| (&input.property, &input.unit));
    for (place, (property, unit)) in inputs.chain([(&model.property, &model.unit)]).enumerate() {
        let asked = Question {
            bucket: Some(question.bucket),
            zone: question.zone.clone(),
            unit: Some(unit.clone()),
            among: question.among.clone(),
            conditions: question.conditions.clone(),
            // Each bucket keeps its units.
            weight: Weight::Unit,
            quantiles: false,
            ..Question::new(question.item.clone(), property.clone(), within)
        };
        let usage = asked.answer(snapshot, view)?;
        // A direction has no mean.
        usage.total.mean()?;
        for bucket in &usage.buckets {
            for unit in &bucket.usage.units {
                let Some(mean) = unit.summary.mean(SampleWeight::Time) else { continue };
                let means = observed.entry(unit.twin.as_str().to_owned()).or_default();
                means.entry(bucket.within).or_insert_with(|| vec![None; output + 1])[place] = Some(mean);
            }
        }
        for unit in &usage.total.units {
            let of = units.entry(unit.twin.as_str().to_owned()).or_default();
            of.serial.clone_from(&unit.serial);
            if place == output {
                of.hours.0 += unit.account.observed_hours;
                of.hours.1 += unit.account.service_hours;
            }
        }
    }
    Ok(observed)
}

fn take(model: &Model, unit: &mut UnitResiduals, within: Interval, means: &[Option<f64>]) {
    let (inputs, output) = means.split_at(model.inputs.len());
    let Some(inputs) = inputs.iter().copied().collect::<Option<Vec<f64>>>() else {
        unit.missing_inputs += 1;
        return;
    };
    match model.predict(&inputs) {
        Prediction::Outside => unit.outside += 1,
        Prediction::Undefined => unit.undefined += 1,
        Prediction::Value(predicted) => {
            unit.points.push(ResidualPoint { within, predicted, observed: output[0] });
        }
    }
}
