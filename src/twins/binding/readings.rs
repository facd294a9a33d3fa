//! What one unit sends: its latest values and its samples.

use super::resolver::{Binder, Found};
use crate::graph::Snapshot;
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::statement::value;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::terms::{dcterms, tl};
use crate::telemetry::{Arrival, Piece, Plan, Sample, SeriesId, Summary, View};
use crate::thread;
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use crate::twins::facts::signal::Signal;
use oxigraph::model::{Literal, NamedNode};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A value that a unit sent, in the unit of its signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What it means.
    pub signal: Arc<Signal>,
    /// When.
    pub at: Instant,
    /// The value as sent.
    pub value: f64,
}

/// A signal of a unit while it was bound to one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// What its samples mean.
    pub signal: Arc<Signal>,
    /// The stretch in which the signal was bound so, within the window asked for.
    pub within: Interval,
    /// The series.
    pub series: SeriesId,
}

/// The samples of a channel, in the unit of its signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The channel.
    pub channel: Channel,
    /// The samples in time order, one an instant.
    pub samples: Vec<Sample>,
    /// Whether there are more than were asked for.
    pub more: bool,
}

/// A channel's buckets, in the unit of its signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollup {
    /// The channel.
    pub channel: Channel,
    /// The buckets and the aggregates of their samples, without quantiles.
    pub buckets: Vec<(Interval, Summary)>,
}

/// Returns for each unit the latest value of each of its signals, in the order of property and position; telemetry is asked for
/// all of them together.
pub fn latest_of_each(
    snapshot: &Snapshot,
    view: &View,
    twins: &[NamedNode],
) -> Result<Vec<Vec<Reading>>, Error> {
    let channels = channels_of_each(snapshot, view, twins, Interval::ALWAYS)?;
    let series: Vec<SeriesId> = channels.iter().flatten().map(|channel| channel.series).collect();
    let mut samples = view.latest_of_each(&series)?.into_iter();
    let newest = |channels: Vec<Channel>| {
        let mut latest: BTreeMap<(String, Option<String>), Reading> = BTreeMap::new();
        for (Channel { signal, within, .. }, sample) in channels.into_iter().zip(&mut samples) {
            let Some(sample) = sample.filter(|sample| within.contains(sample.at)) else { continue };
            let key = (signal.property.as_str().to_owned(), signal.position.clone());
            let reading = Reading { signal, at: sample.at, value: sample.value };
            match latest.get(&key) {
                Some(known) if known.at >= reading.at => {}
                _ => _ = latest.insert(key, reading),
            }
        }
        latest.into_values().collect()
    };
    Ok(channels.into_iter().map(newest).collect())
}

/// Returns what the samples that have arrived mean for a unit, in their order: those of its signals, or of the signals that one
/// of the names denotes, as in [`Signal::is_named`]. A sample that nothing gives a meaning is left out.
pub fn arrived(
    snapshot: &Snapshot,
    view: &View,
    twin: &NamedNode,
    names: Option<&[String]>,
    arrivals: &[Arrival],
) -> Result<Vec<Reading>, Error> {
    let mut bound: HashMap<SeriesId, Vec<(Interval, Arc<Signal>)>> = HashMap::new();
    for channel in channels(snapshot, view, twin, Interval::ALWAYS)? {
        if names.is_none_or(|names| names.iter().any(|name| channel.is_named(snapshot, name))) {
            bound.entry(channel.series).or_default().push((channel.within, channel.signal));
        }
    }
    let mut readings = Vec::new();
    for Arrival { series, sample } in arrivals {
        for (_, signal) in
            bound.get(series).into_iter().flatten().filter(|(within, _)| within.contains(sample.at))
        {
            readings.push(Reading { signal: Arc::clone(signal), at: sample.at, value: sample.value });
        }
    }
    Ok(readings)
}

/// Returns the names by which senders may mean a unit: its IRI, the short form of it, and its serial.
pub fn names_of(snapshot: &Snapshot, twin: &NamedNode) -> Result<Vec<String>, Error> {
    let mut names = vec![twin.as_str().to_owned(), snapshot.shorten(twin)];
    names.extend(snapshot.text(twin, dcterms::IDENTIFIER)?);
    Ok(names)
}

impl Channel {
    /// Returns whether a text names its signal, as in [`Signal::is_named`].
    pub fn is_named(&self, snapshot: &Snapshot, name: &str) -> bool {
        self.signal.is_named(snapshot, name)
    }
}

/// Returns all signals of a unit: its own, and those of every design that it ever had.
pub fn signals(snapshot: &Snapshot, twin: &NamedNode) -> Result<Vec<Arc<Signal>>, Error> {
    let mut signals = Vec::new();
    Facts::new(snapshot).each_signal(twin, |signal| signals.push(Arc::clone(signal)))?;
    Ok(signals)
}

/// Returns the channels of a unit within a window, in the order of property, position and time.
pub fn channels(
    snapshot: &Snapshot,
    view: &View,
    twin: &NamedNode,
    within: Interval,
) -> Result<Vec<Channel>, Error> {
    let channels = channels_of_each(snapshot, view, std::slice::from_ref(twin), within)?;
    Ok(channels.into_iter().next().unwrap_or_default())
}

/// Returns for each unit its channels, as [`channels`] does; their series are looked up together.
pub fn channels_of_each(
    snapshot: &Snapshot,
    view: &View,
    twins: &[NamedNode],
    within: Interval,
) -> Result<Vec<Vec<Channel>>, Error> {
    let facts = Facts::new(snapshot);
    let binder = Binder::new(&facts, view);
    binder.expect_units(twins);
    let of_unit = |twin: &NamedNode| {
        if !facts.twin(twin)?.exists {
            return Err(Error::NotATwin(twin.clone()));
        }
        let bound = binder.bind_all(twin, within)?.into_iter().filter_map(|binding| match binding.found {
            Found::Series(signal, series) => Some(Channel { signal, within: binding.within, series }),
            _ => None,
        });
        Ok(bound.collect())
    };
    twins.iter().map(of_unit).collect()
}

/// Reads the first `limit` samples of each of some channels, all of them together.
pub fn traces(view: &View, channels: Vec<Channel>, limit: usize) -> Result<Vec<Trace>, Error> {
    let asked: Vec<_> = channels.iter().map(|channel| (channel.series, channel.within)).collect();
    let samples = view.samples_of_each(&asked, limit.saturating_add(1))?;
    let trace = |(channel, mut samples): (Channel, Vec<Sample>)| {
        let more = samples.len() > limit;
        samples.truncate(limit);
        Trace { channel, samples, more }
    };
    Ok(channels.into_iter().zip(samples).map(trace).collect())
}

/// Aggregates the samples of channels by buckets (sorted, disjoint), all of them together.
pub fn rollups(view: &View, channels: Vec<Channel>, buckets: &[Interval]) -> Result<Vec<Rollup>, Error> {
    let piece = |(cell, channel): (usize, &Channel)| Piece {
        series: channel.series,
        within: channel.within,
        conversion: Conversion::IDENTITY,
        transform: Transform::None,
        hold_ns: channel.signal.hold_ns(),
        cell,
        guards: Arc::new([]),
        plausible: channel.signal.plausible,
    };
    let pieces: Vec<Piece> = channels.iter().enumerate().map(piece).collect();
    let (cells, limits) = (channels.len(), Vec::new());
    let plan = Plan { cells, buckets: buckets.to_vec(), limits, quantiles: false };
    let cells = view.aggregate(&pieces, &plan)?;
    let rollup = |(channel, cell): (Channel, Vec<Summary>)| Rollup {
        channel,
        buckets: buckets.iter().copied().zip(cell).collect(),
    };
    Ok(channels.into_iter().zip(cells).map(rollup).collect())
}

/// Returns the twin that senders mean by a name: an IRI, the short form of one, or a serial that one twin alone bears.
pub fn twin_named(snapshot: &Snapshot, name: &str) -> Result<Option<NamedNode>, Error> {
    let is_twin = |twin: &NamedNode| thread::is_instance(snapshot, twin, tl::TWIN_INSTANCE);
    if let Ok(iri) = snapshot.expand(name)
        && is_twin(&iri)?
    {
        return Ok(Some(iri));
    }
    let mut twins = BTreeSet::new();
    for serial in value::names(name) {
        for subject in snapshot.subjects(dcterms::IDENTIFIER, &Literal::new_simple_literal(serial).into())? {
            if is_twin(&subject)? {
                twins.insert(subject);
            }
        }
    }
    Ok(if twins.len() == 1 { twins.pop_first() } else { None })
}
