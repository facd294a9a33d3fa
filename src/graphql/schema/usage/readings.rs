//! What a unit sends: its latest values, its samples, and the series that no signal is bound to.

use crate::app::Scope;
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Arguments, Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::account;
use crate::graphql::schema::shared::batch::{self, fitting};
use crate::graphql::schema::shared::node::{self, Node};
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::unit::UnitValue;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Period;
use crate::telemetry::{Sample, SampleWeight, Summary};
use crate::twins::{self, Channel, Reading, Rollup, Signal, UnboundSeries};
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// How many samples or buckets one signal may be asked for.
const SAMPLES_MAX: i64 = 100_000;
const BUCKETS_MAX: usize = 100_000;
/// How many samples or buckets of all units together are kept in memory at a time.
const SAMPLES_TOGETHER_MAX: usize = 1_000_000;
const BUCKETS_TOGETHER_MAX: usize = 200_000;

pub(in crate::graphql::schema) struct ReadingValue {
    scope: Arc<Scope>,
    twin: NamedNode,
    reading: Reading,
}

impl ReadingValue {
    pub(in crate::graphql::schema) fn new(scope: &Arc<Scope>, twin: &NamedNode, reading: Reading) -> Self {
        Self { scope: Arc::clone(scope), twin: twin.clone(), reading }
    }
}

/// Readings that have arrived together.
pub(crate) struct BatchValue {
    watermark: String,
    readings: Vec<Arc<ReadingValue>>,
    lagged: u64,
}

impl BatchValue {
    pub(in crate::graphql::schema) fn new(scope: &Scope, readings: Vec<ReadingValue>, lagged: u64) -> Self {
        let readings = readings.into_iter().map(Arc::new).collect();
        Self { watermark: scope.view.watermark().to_string(), readings, lagged }
    }
}

/// What one signal sent while it was bound to one series: samples, or buckets of them.
struct Trace {
    scope: Arc<Scope>,
    channel: Channel,
    samples: Vec<Sample>,
    more: bool,
    buckets: Vec<Arc<(Interval, Summary)>>,
}

#[derive(Clone)]
struct UnboundValue {
    scope: Arc<Scope>,
    unbound: UnboundSeries,
}

/// How many samples cost as much as a node.
const SAMPLES_OF_A_NODE: u64 = 10;

/// Adds `latest` and `telemetry` to a twin.
pub(crate) fn extend_twin(builder: ObjectBuilder<Node>) -> ObjectBuilder<Node> {
    builder
        .field("latest", "[Reading!]", "The latest value of each of its signals.", |node, call| {
            let wrap = |reading| Arc::new(ReadingValue::new(&node.scope, &node.iri, reading));
            let Scope { snapshot, view, .. } = &*node.scope;
            let latest = batch::resources(
                call,
                || Ok(()),
                |(), twins| Ok(twins::latest_of_each(snapshot, view, twins)?),
            );
            Ok(Value::objects(latest?.into_iter().map(wrap)))
        })
        .batched()
        .field_with(
            "telemetry",
            "[SignalTelemetry!]",
            "What its signals sent in a window: samples, or buckets of them where a bucket is asked for.",
            vec![
                InputField::new(
                    "signal",
                    "String",
                    "One signal: its telemetry field, its IRI, or the property's IRI.",
                ),
                crate::graphql::schema::shared::window::window(),
                InputField::new(
                    "bucket",
                    "Duration",
                    concat!("The length of the buckets. ", super::question::buckets!()),
                ),
                InputField::new("zone", "String!", "The time zone in which days and months begin.")
                    .default("UTC"),
                InputField::new("limit", "Int!", "How many samples of each signal, at most 100000.")
                    .default(10_000)
                    .weighing(SAMPLES_OF_A_NODE, Some("bucket")),
            ],
            telemetry,
        )
        .batched()
        .at_once()
}

/// Adds `unboundSeries` to `Thread`.
pub(crate) fn extend_thread(builder: ObjectBuilder<Arc<Scope>>) -> ObjectBuilder<Arc<Scope>> {
    builder.field_with(
        "unboundSeries",
        "UnboundSeriesConnection",
        "The series that no signal is bound to where all of time is asked about, each with the reason.",
        page::arguments(),
        |scope, call| {
            let unbound = twins::unbound_series(&scope.snapshot, &scope.view)?;
            page::listed(&unbound, call.arguments, |unbound| UnboundValue {
                scope: Arc::clone(scope),
                unbound: unbound.clone(),
            })
        },
    )
}

/// Whose samples are asked for: of which signal, where one is meant.
struct Wanted {
    window: Interval,
    name: Option<String>,
}

impl Wanted {
    fn read(arguments: &Arguments) -> Result<Self, Error> {
        let window = arguments.window("window")?.ok_or_else(|| missing("window"))?;
        let name = arguments.text("signal")?;
        Ok(Self {
            window,
            name: name.map(|name| node::read_opaque(&name).and_then(|id| id.iri).unwrap_or(name)),
        })
    }

    /// Asks about the channels of as many units as have room, where each channel counts for so much.
    fn ask<T>(
        &self,
        scope: &Scope,
        twins: &[NamedNode],
        (each, most): (usize, usize),
        ask: impl FnOnce(Vec<Channel>) -> Result<Vec<T>, twins::Error>,
    ) -> Result<Vec<Vec<T>>, Error> {
        // One channel of each would fill the room.
        let twins = &twins[..twins.len().min((most / each.max(1)).max(1))];
        let mut channels = twins::channels_of_each(&scope.snapshot, &scope.view, twins, self.window)?;
        if let Some(name) = &self.name {
            channels.iter_mut().for_each(|own| own.retain(|channel| channel.is_named(&scope.snapshot, name)));
        }
        channels.truncate(fitting(channels.iter().map(|own| own.len().saturating_mul(each)), most));
        let counts: Vec<usize> = channels.iter().map(Vec::len).collect();
        let mut found = ask(channels.into_iter().flatten().collect())?.into_iter();
        Ok(counts.into_iter().map(|count| found.by_ref().take(count).collect()).collect())
    }
}

fn telemetry(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let traces = match call.arguments.period("bucket")? {
        Some(period) => rollups(&node.scope, call, period)?,
        None => samples(&node.scope, call)?,
    };
    Ok(Value::objects(traces))
}

/// Returns the buckets of a unit's channels that have samples.
fn rollups(scope: &Arc<Scope>, call: &Call<'_>, period: Period) -> Result<Vec<Trace>, Error> {
    let read = || {
        let wanted = Wanted::read(call.arguments)?;
        let zone = call.arguments.needed_text("zone")?.parse()?;
        let buckets = period.buckets(wanted.window, &zone, BUCKETS_MAX)?;
        Ok((wanted, buckets))
    };
    let rollups = batch::resources(call, read, |(wanted, buckets), twins| {
        let size = (buckets.len(), BUCKETS_TOGETHER_MAX);
        wanted.ask(scope, twins, size, |channels| twins::rollups(&scope.view, channels, buckets))
    });
    let trace = |Rollup { channel, buckets }| {
        let filled = buckets.into_iter().filter(|(_, summary)| summary.count > 0);
        let buckets = filled.map(Arc::new).collect();
        Trace { scope: Arc::clone(scope), channel, samples: Vec::new(), more: false, buckets }
    };
    Ok(rollups?.into_iter().map(trace).collect())
}

/// Returns the first samples of a unit's channels.
fn samples(scope: &Arc<Scope>, call: &Call<'_>) -> Result<Vec<Trace>, Error> {
    let read = || {
        let limit = call.arguments.integer("limit")?.unwrap_or(SAMPLES_MAX);
        if !(0..=SAMPLES_MAX).contains(&limit) {
            return Err(Error::limit(format!("\"limit\" may be {SAMPLES_MAX}, not {limit}")));
        }
        Ok((Wanted::read(call.arguments)?, usize::try_from(limit).unwrap_or(0)))
    };
    let traces = batch::resources(call, read, |(wanted, limit), twins| {
        let size = (*limit, SAMPLES_TOGETHER_MAX);
        wanted.ask(scope, twins, size, |channels| twins::traces(&scope.view, channels, *limit))
    });
    let trace = |twins::Trace { channel, samples, more }| Trace {
        scope: Arc::clone(scope),
        channel,
        samples,
        more,
        buckets: Vec::new(),
    };
    Ok(traces?.into_iter().map(trace).collect())
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = page::connection::<UnboundValue>("UnboundSeries").to_vec();
    types.extend([reading(), batch(), trace(), sample(), bucket(), unbound()]);
    types
}

fn unit(scope: &Scope, signal: &Signal) -> Value {
    signal.unit.as_ref().map_or(Value::Null, |unit| Value::object(UnitValue::read(&scope.snapshot, unit)))
}

fn reading() -> Definition {
    object::<Arc<ReadingValue>>("Reading", "A value that a unit sent.")
        .field("twin", "TwinInstance!", "Who sent it.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, of.twin.clone())))
        })
        .field("signal", "Signal!", "What it means.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, of.reading.signal.iri.clone())))
        })
        .field("property", "Property!", "What was observed.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, of.reading.signal.property.clone())))
        })
        .field("unit", "Unit", "The unit of the value.", |of, _| Ok(unit(&of.scope, &of.reading.signal)))
        .field("at", "DateTime!", "When.", |of, _| Ok(of.reading.at.to_string().into()))
        .field("value", "Float!", "The value as sent.", |of, _| Ok(of.reading.value.into()))
        .done()
}

fn batch() -> Definition {
    object::<Arc<BatchValue>>("ReadingBatch", "Readings that have arrived together.")
        .field("watermark", "String!", "A watermark that includes the readings.", |of, _| Ok(of.watermark.clone().into()))
        .field("readings", "[Reading!]!", "The readings, each twin's in the order of their arrival.", |of, _| {
            Ok(Value::objects(of.readings.iter().cloned()))
        })
        .field(
            "laggedCount",
            "Long!",
            "How many samples were dropped before these, because more than 10000 waited for a slow client. They are stored: ask telemetry for them.",
            |of, _| Ok(of.lagged.into()),
        )
        .done()
}

fn trace() -> Definition {
    object::<Trace>("SignalTelemetry", "What one signal sent while it was bound to one series.")
        .field("signal", "Signal!", "What it means.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, of.channel.signal.iri.clone())))
        })
        .field("property", "Property!", "What was observed.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, of.channel.signal.property.clone())))
        })
        .field("unit", "Unit", "The unit of the values.", |of, _| Ok(unit(&of.scope, &of.channel.signal)))
        .field("from", "DateTime!", "The first instant in which it was bound so.", |of, _| {
            Ok(of.channel.within.from().to_string().into())
        })
        .field("to", "DateTime!", "The first instant after.", |of, _| {
            Ok(of.channel.within.to().to_string().into())
        })
        .field(
            "samples",
            "[Sample!]!",
            "The samples in time order; none where buckets are asked for.",
            |of, _| Ok(Value::objects(of.samples.iter().copied())),
        )
        .field("more", "Boolean!", "Whether there are more samples than the limit.", |of, _| {
            Ok(of.more.into())
        })
        .field("buckets", "[TelemetryBucket!]!", "The buckets that have samples, in time order.", |of, _| {
            Ok(Value::objects(of.buckets.iter().cloned()))
        })
        .done()
}

fn sample() -> Definition {
    object::<Sample>("Sample", "A value at an instant.")
        .field("at", "DateTime!", "When.", |of, _| Ok(of.at.to_string().into()))
        .field("value", "Float!", "The value, in the unit given with the samples.", |of, _| {
            Ok(of.value.into())
        })
        .done()
}

fn bucket() -> Definition {
    let instant = |at: Instant| Value::Text(at.to_string());
    object::<Arc<(Interval, Summary)>>(
        "TelemetryBucket",
        "The aggregate of the samples of one stretch of time.",
    )
    .field("from", "DateTime!", "Its first instant.", move |of, _| Ok(instant(of.0.from())))
    .field("to", "DateTime!", "The first instant after it.", move |of, _| Ok(instant(of.0.to())))
    .field("sampleCount", "Long!", "How many samples.", |of, _| Ok(of.1.count.into()))
    .field("hours", "Float!", "The hours that they cover.", |of, _| Ok(of.1.hours().into()))
    .field("min", "Float", "The smallest value.", |of, _| Ok(of.1.min.into()))
    .field("max", "Float", "The greatest value.", |of, _| Ok(of.1.max.into()))
    .field("mean", "Float", "The mean over time.", |of, _| Ok(of.1.mean(SampleWeight::Time).into()))
    .field("first", "Float", "The earliest value.", |of, _| Ok(of.1.first.map(|sample| sample.value).into()))
    .field("last", "Float", "The latest value.", |of, _| Ok(of.1.last.map(|sample| sample.value).into()))
    .done()
}

fn unbound() -> Definition {
    object::<UnboundValue>(
        "UnboundSeries",
        "A series that no signal is bound to where all of time is asked about.",
    )
    .field("series", "Series!", "The series.", |of, _| Ok(Value::object(of.unbound.series.clone())))
    .field("twin", "TwinInstance", "The twin that its name denotes, where it denotes one.", |of, _| {
        let twin = of.unbound.twin.clone();
        Ok(twin.map_or(Value::Null, |twin| Value::object(Node::new(&of.scope, twin))))
    })
    .field("reason", "UnboundReason!", "Why.", |of, _| Ok(account::reason(of.unbound.reason)))
    .field("signals", "[Signal!]!", "The signals that it fits, in IRI order.", |of, _| {
        Ok(Value::objects(of.unbound.signals.iter().map(|signal| Node::new(&of.scope, signal.clone()))))
    })
    .done()
}
