//! Control charts of a process, whatever it is a series of; and `processControl` of an item: buckets of its telemetry.

use crate::app::Scope;
use crate::feedback::{Process, Statistic};
use crate::graphql::engine::types::arguments::{missing, wrong};
use crate::graphql::engine::types::build::object;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::unit::UnitValue;
use crate::graphql::schema::usage::question;
use crate::statistics::control::chart::ChartPoint;
use crate::statistics::control::nelson::{RULES, Signal};
use crate::telemetry;
use crate::twins::Question;
use async_graphql::{Name, Value as Input};
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// A measurement at a version.
pub(super) type Named = (Arc<Scope>, NamedNode);

/// A process, with the instant and the measurement of each point where it has them.
pub(super) struct ProcessValue {
    pub(super) process: Arc<Process>,
    pub(super) times: Vec<Option<String>>,
    pub(super) measured: Vec<Named>,
}

struct ControlValue {
    scope: Arc<Scope>,
    unit: Option<NamedNode>,
    process: Arc<Process>,
    times: Vec<Option<String>>,
    skipped: usize,
}

#[derive(Clone)]
struct PointValue {
    at: Option<String>,
    point: ChartPoint,
}

#[derive(Clone)]
struct SumValue {
    at: Option<String>,
    upper: f64,
    lower: f64,
    is_out: bool,
}

#[derive(Clone)]
struct SignalValue {
    at: Option<String>,
    signal: Signal,
    value: f64,
    measurement: Option<Named>,
}

/// Returns the arguments of `processControl`.
pub(crate) fn arguments() -> Vec<InputField> {
    let mut arguments = vec![
        InputField::new("property", "ID!", "What is observed."),
        crate::graphql::schema::shared::window::window(),
        question::among_argument(),
        InputField::new("bucket", "Duration!", "Each stretch of this length is a point.").default("P1D"),
        InputField::new("zone", "String!", "The time zone in which days and months begin.").default("UTC"),
        InputField::new("statistic", "Statistic!", "The statistic of each bucket, of all units together.")
            .default(Input::Enum(Name::new("MEAN"))),
        InputField::new(
            "baselineUntil",
            "DateTime",
            "Control limits are those of the buckets that end by then; of all where absent.",
        ),
        InputField::new("unit", "ID", "The unit of the answer; that of the first signal where absent."),
    ];
    arguments.extend(question::reading().into_iter().filter(|argument| argument.name != "weight"));
    arguments
}

/// Resolves `processControl` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let (snapshot, given) = (&node.scope.snapshot, call.arguments);
    let property = find_iri(snapshot, &given.needed_text("property")?)?;
    let window = given.window("window")?.ok_or_else(|| missing("window"))?;
    let statistic = Statistic::named(&given.needed_text("statistic")?);
    let statistic = statistic.filter(|statistic| statistic.is_of_samples());
    let statistic = statistic.ok_or_else(|| wrong("statistic", "a statistic of samples"))?;
    let until = given.instant("baselineUntil")?;
    let mut usage = Question::new(node.iri.clone(), property, window);
    usage.bucket = given.period("bucket")?;
    usage.zone = given.needed_text("zone")?.parse()?;
    usage.unit = question::unit(snapshot, given)?;
    usage.transform = question::transform(given)?;
    usage.conditions = question::conditions(snapshot, given)?;
    usage.among = question::among(snapshot, given)?;
    usage.quantiles = statistic.is_percentile();
    let usage = usage.answer(snapshot, &node.scope.view)?;
    if !matches!(statistic, Statistic::Min | Statistic::Max) {
        // A direction has neither a mean nor a percentile.
        usage.total.mean()?;
    }
    let (mut values, mut times, mut base, mut skipped) = (Vec::new(), Vec::new(), 0, 0);
    for bucket in &usage.buckets {
        let value = statistic.of(&bucket.usage.summary, telemetry::SampleWeight::Time)?;
        let Some(value) = value.filter(|_| node.scope.sufficiency.has_share(&bucket.usage.account)) else {
            skipped += 1;
            continue;
        };
        base += usize::from(until.is_none_or(|until| bucket.within.to() <= until));
        values.push(value);
        times.push(Some(bucket.within.from().to_string()));
    }
    let process = Arc::new(Process::of(&values, base));
    let scope = Arc::clone(&node.scope);
    Ok(Value::object(ControlValue { scope, unit: usage.unit, process, times, skipped }))
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = page::connection::<PointValue>("ChartPoint").to_vec();
    types.extend(page::connection::<SumValue>("CumulativeSum"));
    types.extend(page::connection::<SignalValue>("ControlSignal"));
    types.extend([control(), process(), point(), sum(), signal()]);
    types
}

fn control() -> Definition {
    object::<ControlValue>("ProcessControl", "A statistic of telemetry under control charts.")
        .field("unit", "Unit", "The unit of values.", |of, _| {
            let unit = of.unit.as_ref();
            Ok(unit.map_or(Value::Null, |unit| Value::object(UnitValue::read(&of.scope.snapshot, unit))))
        })
        .field(
            "skippedBucketCount",
            "Int!",
            "How many buckets have no samples, or were not observed enough.",
            |of, _| Ok(of.skipped.into()),
        )
        .field("process", "ControlledProcess!", "The control charts.", |of, _| {
            let (process, times) = (Arc::clone(&of.process), of.times.clone());
            Ok(Value::object(ProcessValue { process, times, measured: Vec::new() }))
        })
        .done()
}

impl ProcessValue {
    fn points(&self, points: &[ChartPoint], from: usize) -> Vec<PointValue> {
        let value = |(place, point): (usize, &ChartPoint)| PointValue {
            at: self.times.get(place + from).cloned().flatten(),
            point: *point,
        };
        points.iter().enumerate().map(value).collect()
    }

    fn page(&self, points: &[ChartPoint], from: usize, call: &Call<'_>) -> Result<Value, Error> {
        page::listed(&self.points(points, from), call.arguments, Clone::clone)
    }
}

fn process() -> Definition {
    let builder = object::<ProcessValue>("ControlledProcess", "A series under control charts.")
        .field("pointCount", "Int!", "How many points there are.", |of, _| Ok(of.process.points.into()))
        .field("mean", "Float", "The mean of all values.", |of, _| Ok(of.process.mean.into()))
        .field("deviation", "Float", "Their standard deviation.", |of, _| Ok(of.process.deviation.into()))
        .field("sigma", "Float", "The standard deviation of single values within a short time; absent without charts.", |of, _| {
            Ok(of.process.charts.as_ref().map(|charts| charts.sigma).into())
        })
        .field("shortfall", "String", "Why there are no charts: how many points there are, and how many would be enough.", |of, _| {
            Ok(of.process.shortfall().into())
        })
        .field("autocorrelation", "Float", "The correlation of neighbouring points.", |of, _| {
            Ok(of.process.autocorrelation.into())
        })
        .field("autocorrelationBound", "Float!", "Beyond it neighbours are not independent: signals then come more often, or more seldom, than the rules promise.", |of, _| {
            Ok(of.process.autocorrelation_bound().into())
        })
        .field("centre", "Float", "The centre line.", |of, _| {
            Ok(of.process.charts.as_ref().map(|charts| charts.location.centre).into())
        });
    builder
        .field_with(
            "location",
            "ChartPointConnection!",
            "Single values, or means of subgroups, with limits at three standard deviations.",
            page::arguments(),
            |of, call| {
                let points = of.process.charts.as_ref().map_or(&[][..], |charts| &charts.location.points);
                of.page(points, 0, call)
            },
        )
        .field_with(
            "spread",
            "ChartPointConnection!",
            "Moving ranges, or standard deviations of subgroups.",
            page::arguments(),
            |of, call| {
                let points = of.process.charts.as_ref().map_or(&[][..], |charts| &charts.spread.points);
                of.page(points, of.process.points - points.len().min(of.process.points), call)
            },
        )
        .field_with(
            "weightedMeans",
            "ChartPointConnection!",
            "Exponentially weighted means (λ 0.2, L 2.962), which find small shifts.",
            page::arguments(),
            |of, call| {
                let points = of.process.weighted.as_ref().map_or(&[][..], |chart| &chart.points);
                of.page(points, 0, call)
            },
        )
        .field_with(
            "cumulativeSums",
            "CumulativeSumConnection!",
            "Cumulative sums (k ½, h 5), which find small shifts that last.",
            page::arguments(),
            |of, call| {
                let sums = of.process.sums.as_ref();
                let sums = sums.into_iter().flat_map(|sums| {
                    sums.upper.iter().zip(&sums.lower).map(|(upper, lower)| (*upper, *lower, sums.limit))
                });
                let value = |(place, (upper, lower, limit)): (usize, (f64, f64, f64))| SumValue {
                    at: of.times.get(place).cloned().flatten(),
                    upper,
                    lower,
                    is_out: upper > limit || lower > limit,
                };
                page::listed(&sums.enumerate().map(value).collect::<Vec<_>>(), call.arguments, Clone::clone)
            },
        )
        .field_with(
            "signals",
            "ControlSignalConnection!",
            "Patterns by the rules of Nelson, in order of the points.",
            page::arguments(),
            |of, call| {
                page::listed(&of.process.signals, call.arguments, |signal| SignalValue {
                    at: of.times.get(signal.at).cloned().flatten(),
                    signal: *signal,
                    value: of
                        .process
                        .charts
                        .as_ref()
                        .map_or(0.0, |charts| charts.location.points[signal.at].value),
                    measurement: of.measured.get(signal.at).cloned(),
                })
            },
        )
        .done()
}

fn point() -> Definition {
    object::<PointValue>("ChartPoint", "A point of a control chart.")
        .field("at", "DateTime", "When it was measured, or its bucket began.", |of, _| {
            Ok(of.at.clone().into())
        })
        .field("value", "Float!", "What is drawn.", |of, _| Ok(of.point.value.into()))
        .field("lower", "Float!", "Its lower limit.", |of, _| Ok(of.point.lower.into()))
        .field("upper", "Float!", "Its upper limit.", |of, _| Ok(of.point.upper.into()))
        .field("isOut", "Boolean!", "Whether it lies outside them.", |of, _| Ok(of.point.is_out().into()))
        .done()
}

fn sum() -> Definition {
    object::<SumValue>("CumulativeSum", "The cumulative sums after a point.")
        .field("at", "DateTime", "When it was measured, or its bucket began.", |of, _| {
            Ok(of.at.clone().into())
        })
        .field("upper", "Float!", "The sum of what lies above the centre line.", |of, _| Ok(of.upper.into()))
        .field("lower", "Float!", "The sum of what lies below it.", |of, _| Ok(of.lower.into()))
        .field("isOut", "Boolean!", "Whether one of them is beyond its limit.", |of, _| Ok(of.is_out.into()))
        .done()
}

fn signal() -> Definition {
    object::<SignalValue>("ControlSignal", "A pattern of points that chance makes seldom.")
        .field(
            "at",
            "DateTime",
            "When the point that completes it was measured, or its bucket began.",
            |of, _| Ok(of.at.clone().into()),
        )
        .field("rule", "Int!", "The rule, from 1 to 8.", |of, _| Ok(of.signal.rule.into()))
        .field("description", "String!", "What the rule finds.", |of, _| {
            let rule = RULES.iter().find(|(number, _)| *number == of.signal.rule);
            Ok(rule.map_or("", |(_, words)| words).into())
        })
        .field("value", "Float!", "The value of that point.", |of, _| Ok(of.value.into()))
        .field(
            "measurement",
            "Measurement",
            "The measurement of that point; absent for telemetry.",
            |of, _| {
                let node = of.measurement.as_ref().map(|(scope, iri)| Node::new(scope, iri.clone()));
                Ok(node.map_or(Value::Null, Value::object))
            },
        )
        .done()
}
