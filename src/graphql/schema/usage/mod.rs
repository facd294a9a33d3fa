//! `FieldUsage`: how an item behaved, as a whole, by time and by group.

pub(crate) mod circumstances;
pub(crate) mod containment;
pub(crate) mod duty;
pub(crate) mod failure;
pub(crate) mod lifetime;
pub(crate) mod population;
pub(crate) mod question;
pub(crate) mod readings;

mod life_distribution;
mod recurrence;

use super::shared::account::AccountValue;
use super::shared::node::{self, Node};
use super::shared::page;
use super::shared::unit::UnitValue;
use crate::app::Scope;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::model::time::instant::Instant;
use crate::ontology::Ontology;
use crate::telemetry::{Bar, Comparator, Increase, Sample, SampleWeight, States};
use crate::twins::{Group, GroupBy, Portion, UnitUsage, Usage};
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// How many bars a histogram may have.
const BARS_MAX: i64 = 1000;

/// A usage, or one bucket or group of it.
#[derive(Clone)]
pub(crate) struct Whole {
    scope: Arc<Scope>,
    usage: Arc<Usage>,
    part: Part,
}

#[derive(Clone, Copy)]
enum Part {
    Total,
    Bucket(usize),
    Group(usize),
}

struct UnitValueOf {
    whole: Whole,
    unit: UnitUsage,
}

impl Whole {
    pub(crate) fn of(scope: &Arc<Scope>, usage: impl Into<Arc<Usage>>) -> Self {
        Self { scope: Arc::clone(scope), usage: usage.into(), part: Part::Total }
    }

    fn part(&self, part: Part) -> Self {
        Self { scope: Arc::clone(&self.scope), usage: Arc::clone(&self.usage), part }
    }

    /// Returns what counters counted, where any sample of them counts: of others nothing is known, not even that they stood still.
    fn counted(&self) -> Option<&Increase> {
        self.portion().increase.as_ref().filter(|increase| increase.count > 0)
    }

    fn portion(&self) -> &Portion {
        match self.part {
            Part::Total => &self.usage.total,
            Part::Bucket(at) => &self.usage.buckets[at].usage,
            Part::Group(at) => &self.usage.groups[at].usage,
        }
    }
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    vec![usage(), bucket(), group(ontology), unit_usage(), histogram_bar(), state_time()]
}

fn usage() -> Definition {
    let builder = object::<Whole>(
        "FieldUsage",
        "How an item behaved in the field, in a window, in one unit of measure.",
    );
    parts(changes(shape(statistics(builder)))).done()
}

/// Adds what only counters and only states have.
fn changes(builder: ObjectBuilder<Whole>) -> ObjectBuilder<Whole> {
    builder
        .field(
            "increase",
            "Float",
            "How much a COUNTER increased: the steps between samples within a stretch of service; at a reset it has counted from 0. A dip that \
             is no reset counts as a step down. Null where no sample counts.",
            |of, _| Ok(of.counted().map(Increase::total).into()),
        )
        .field("rate", "Float", "How much a COUNTER increased in a second, over the time observed.", |of, _| {
            Ok(of.counted().and_then(Increase::rate).into())
        })
        .field("resetCount", "Long", "How often a COUNTER was reset: fell to 0, or by a tenth of its reading or more and by more than one in its last digit. Null where no sample counts.", |of, _| {
            Ok(of.counted().map(|increase| increase.resets).into())
        })
        .field("timeInState", "[StateTime!]!", "How long each value of a STATE lasted, in order.", |of, _| {
            let states = of.portion().states.as_ref();
            let times = states.into_iter().flat_map(States::times_ns);
            Ok(Value::objects(times.map(|(state, time_ns)| StateTime { state, time_ns })))
        })
        .field("transitionCount", "Long", "How often a STATE changed. Null where no sample counts.", |of, _| {
            let states = of.portion().states.as_ref().filter(|states| states.count > 0);
            Ok(states.map(|states| states.transitions).into())
        })
}

/// How long a state lasted.
struct StateTime {
    state: f64,
    time_ns: u128,
}

fn state_time() -> Definition {
    object::<StateTime>("StateTime", "How long a state lasted.")
        .field("state", "Float!", "The value that denotes it.", |of, _| Ok(of.state.into()))
        .field("hours", "Float!", "For how many hours.", |of, _| Ok((of.time_ns as f64 / 3.6e12).into()))
        .done()
}

fn statistics(builder: ObjectBuilder<Whole>) -> ObjectBuilder<Whole> {
    builder
        .field("unit", "Unit", "The unit of all values.", |of, _| {
            Ok(of
                .usage
                .unit
                .as_ref()
                .map_or(Value::Null, |unit| Value::object(UnitValue::read(&of.scope.snapshot, unit))))
        })
        .field("unitCount", "Int!", "How many units certainly were in service.", |of, _| {
            Ok(of.portion().unit_count.into())
        })
        .field("sampleCount", "Long!", "How many samples count.", |of, _| {
            Ok(of.portion().sample_count().into())
        })
        .field("hours", "Float!", "The hours that the samples cover.", |of, _| {
            Ok(of.portion().hours().into())
        })
        .field("min", "Float", "The smallest value.", |of, _| Ok(of.portion().min().into()))
        .field("max", "Float", "The greatest value.", |of, _| Ok(of.portion().max().into()))
        .field("first", "Sample", "The earliest sample of any unit.", |of, _| Ok(sample(of.portion().first())))
        .field("last", "Sample", "The latest sample of any unit.", |of, _| Ok(sample(of.portion().last())))
        .field("sum", "Float", "The values of all samples added up, whatever they weigh.", |of, _| {
            Ok(of.portion().sum()?.into())
        })
        .field(
            "integral",
            "Float",
            "Each value times the hours that it covers, added up, in the unit times an hour: the volume that a flow in \
             m³/h brought, the energy that a power brought.",
            |of, _| Ok(of.portion().integral()?.into()),
        )
        .field("mean", "Float", "The mean.", |of, _| Ok(of.portion().mean()?.into()))
        .field("stddev", "Float", "The standard deviation of the population.", |of, _| {
            Ok(of.portion().stddev()?.into())
        })
}

fn sample(sample: Option<Sample>) -> Value {
    sample.map_or(Value::Null, Value::object)
}

/// Adds how the values are spread.
fn shape(builder: ObjectBuilder<Whole>) -> ObjectBuilder<Whole> {
    builder
        .field_with(
            "percentile",
            "Float",
            "The quantile p by nearest rank; exact or off by up to `resolution`.",
            vec![InputField::new("p", "Float!", "From 0 to 1.")],
            |of, call| Ok(of.portion().percentile(share(call)?)?.into()),
        )
        .field(
            "resolution",
            "Float!",
            "How far percentiles and inner edges of bars may be off: 0 where up to 256 different values were counted, else less than 0.1 % of the range from P01 to P99, unless retention dropped samples that would be needed for that.",
            |of, _| Ok(of.portion().resolution()?.into()),
        )
        .field_with(
            "histogram",
            "[HistogramBar!]!",
            "Bars of equal width from the smallest to the greatest value; inner edges are right to `resolution`.",
            vec![InputField::new("bins", "Int!", "How many, at most 1,000.").default(20).weighing(1, None)],
            |of, call| {
                let bins = call.arguments.integer("bins")?.unwrap_or(20);
                if !(1..=BARS_MAX).contains(&bins) {
                    return Err(Error::bad_input(format!("\"bins\" must be from 1 to {BARS_MAX}")));
                }
                Ok(Value::objects(of.portion().histogram(usize::try_from(bins).unwrap_or(1))?))
            },
        )
        .field_with(
            "timeBeyond",
            "Float!",
            "The hours in which values were above a limit, counted exactly; of the `hours` that samples cover.",
            vec![InputField::new("limit", "Float!", "The limit, in the unit of the answer.")],
            |of, call| {
                let limit = call.arguments.number("limit")?.unwrap_or_default();
                Ok(of.portion().time_beyond(limit)?.into())
            },
        )
}

fn parts(builder: ObjectBuilder<Whole>) -> ObjectBuilder<Whole> {
    builder
        .field("buckets", "[UsageBucket!]!", "By time, where a bucket is asked for.", |of, _| {
            let count = if matches!(of.part, Part::Total) { of.usage.buckets.len() } else { 0 };
            Ok(Value::objects((0..count).map(|at| of.part(Part::Bucket(at)))))
        })
        .field("groups", "[UsageGroup!]!", "By group, where groups are asked for.", |of, _| {
            let count = if matches!(of.part, Part::Total) { of.usage.groups.len() } else { 0 };
            Ok(Value::objects((0..count).map(|at| of.part(Part::Group(at)))))
        })
        .field_with(
            "worstUnits",
            "[UnitUsage!]!",
            "The units that spent the greatest share of their time above a limit; without one, those with the greatest values.",
            vec![
                InputField::new("first", "Int!", "How many, at most 1,000.").default(10),
                InputField::new("limit", "Float", "The limit, in the unit of the answer."),
            ],
            |of, call| {
                let first = page::size(call.arguments, "first")?.unwrap_or(10);
                let limit = call.arguments.number("limit")?.map(Comparator::Le);
                let units = of.portion().worst_units(first, limit);
                let wrap = |unit: &UnitUsage| UnitValueOf { whole: of.clone(), unit: unit.clone() };
                Ok(Value::objects(units.into_iter().map(wrap)))
            },
        )
        .field("account", "Account!", "What was not observed.", |of, _| {
            Ok(Value::object(AccountValue { scope: Arc::clone(&of.scope), account: of.portion().account.clone() }))
        })
}

fn share(call: &Call<'_>) -> Result<f64, Error> {
    let p = call.arguments.number("p")?.unwrap_or_default();
    if (0.0..=1.0).contains(&p) {
        Ok(p)
    } else {
        Err(Error::bad_input(format!("\"p\" must be from 0 to 1, not {p}")))
    }
}

fn bucket() -> Definition {
    let edge = |of: &Whole, pick: fn(crate::model::time::interval::Interval) -> Instant| match of.part {
        Part::Bucket(at) => Value::Text(pick(of.usage.buckets[at].within).to_string()),
        _ => Value::Null,
    };
    object::<Whole>("UsageBucket", "The answer for one stretch of time.")
        .field("from", "DateTime!", "Its first instant.", move |of, _| Ok(edge(of, |within| within.from())))
        .field("to", "DateTime!", "The first instant after it.", move |of, _| {
            Ok(edge(of, |within| within.to()))
        })
        .field("usage", "FieldUsage!", "What was observed in it.", |of, _| {
            Ok(Value::object(of.part(of.part)))
        })
        .done()
}

fn group(ontology: &Arc<Ontology>) -> Definition {
    let known = Arc::clone(ontology);
    object::<Whole>("UsageGroup", "The answer for one group.")
        .field(
            "key",
            "String!",
            "What the group has in common; UNKNOWN where the version does not state it.",
            |of, _| {
                let parts = keys(of).iter().map(|(by, value)| key_text(&of.scope, *by, value));
                Ok(parts.collect::<Vec<_>>().join(" · ").into())
            },
        )
        .field("resource", "Record", "The unit, lot or revision that the group is.", move |of, _| {
            let iri = keys(of).iter().find_map(|(by, value)| resource(&of.scope, *by, value));
            match iri {
                Some(iri) => node::typed(&of.scope, iri, &known),
                None => Ok(Value::Null),
            }
        })
        .field("usage", "FieldUsage!", "What was observed in it.", |of, _| {
            Ok(Value::object(of.part(of.part)))
        })
        .done()
}

fn keys(of: &Whole) -> &[(GroupBy, String)] {
    let group: Option<&Group> = match of.part {
        Part::Group(at) => of.usage.groups.get(at),
        _ => None,
    };
    group.map_or(&[], |group| &group.key)
}

/// Returns the resource that a part of a key names, in full or in short.
fn resource(scope: &Scope, by: GroupBy, value: &str) -> Option<NamedNode> {
    let names = matches!(by, GroupBy::Unit | GroupBy::Lot | GroupBy::Revision) && value != "UNKNOWN";
    names.then(|| scope.snapshot.expand(value).ok()).flatten()
}

/// Writes one part of a key: a resource in its short form.
pub(super) fn key_text(scope: &Scope, by: GroupBy, value: &str) -> String {
    resource(scope, by, value).map_or_else(|| value.to_owned(), |iri| scope.snapshot.shorten(&iri))
}

fn unit_usage() -> Definition {
    object::<UnitValueOf>("UnitUsage", "What one unit contributes.")
        .field("unit", "TwinInstance!", "The unit.", |of, _| {
            Ok(Value::object(Node::new(&of.whole.scope, of.unit.twin.clone())))
        })
        .field("serial", "String", "Its identifier.", |of, _| Ok(of.unit.serial.clone().into()))
        .field("sampleCount", "Long!", "How many samples count.", |of, _| Ok(of.unit.summary.count.into()))
        .field("hours", "Float!", "The hours that the samples cover.", |of, _| {
            Ok(of.unit.summary.hours().into())
        })
        .field("min", "Float", "The smallest value.", |of, _| Ok(of.unit.summary.min.into()))
        .field("max", "Float", "The greatest value.", |of, _| Ok(of.unit.summary.max.into()))
        .field("mean", "Float", "The mean over time.", |of, _| {
            Ok(of.unit.summary.mean(SampleWeight::Time).into())
        })
        .field_with(
            "hoursBeyond",
            "Float!",
            "The hours in which its values were above a limit, counted exactly.",
            vec![InputField::new("limit", "Float!", "The limit, in the unit of the answer.")],
            |of, call| {
                let limit = call.arguments.number("limit")?.unwrap_or_default();
                let beyond = of.whole.portion().beyond_of(&of.unit.summary, Comparator::Le(limit));
                let beyond =
                    beyond.ok_or_else(|| Error::broken("a limit that the question does not name"))?;
                Ok((beyond.time_ns as f64 / 3.6e12).into())
            },
        )
        .field("account", "Account!", "What was not observed of it.", |of, _| {
            Ok(Value::object(AccountValue {
                scope: Arc::clone(&of.whole.scope),
                account: of.unit.account.clone(),
            }))
        })
        .done()
}

fn histogram_bar() -> Definition {
    object::<Bar>(
        "HistogramBar",
        "One bar of a histogram: values from `from` to below `to`, in the last one to `to`.",
    )
    .field("from", "Float!", "The lowest value.", |bar, _| Ok(bar.from.into()))
    .field("to", "Float!", "The value above the highest.", |bar, _| Ok(bar.to.into()))
    .field("sampleCount", "Long!", "How many samples.", |bar, _| Ok(bar.count.into()))
    .field("hours", "Float!", "The hours that they cover.", |bar, _| Ok((bar.time_ns as f64 / 3.6e12).into()))
    .done()
}
