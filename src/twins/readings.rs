//! What one unit sends: its latest values, its samples, and what nobody knows the meaning of.

use super::binding::{Binder, Binding, Found};
use super::error::Error;
use super::facts::Facts;
use super::signal::Signal;
use crate::graph::Snapshot;
use crate::model::instant::Instant;
use crate::model::interval::Interval;
use crate::model::quantity::{Conversion, Transform};
use crate::ontology::terms::{dcterms, tl};
use crate::telemetry::{Arrival, Piece, Plan, Sample, Series, SeriesId, Summary, View};
use crate::thread;
use oxigraph::model::{Literal, NamedNode};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A value that a unit sent, in the unit of its signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What it means.
    pub signal: Signal,
    /// When.
    pub at: Instant,
    /// The value as sent.
    pub value: f64,
}

/// The samples of a signal while it was bound to one series, in the unit of the signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// What they mean.
    pub signal: Signal,
    /// The stretch in which the signal was bound so, within the window asked for.
    pub within: Interval,
    /// The series.
    pub series: SeriesId,
    /// The samples in time order, one an instant.
    pub samples: Vec<Sample>,
    /// Whether there are more than were asked for.
    pub more: bool,
}

/// A signal's buckets while it was bound to one series, in the unit of the signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollup {
    /// What they mean.
    pub signal: Signal,
    /// The stretch in which the signal was bound so, within the window asked for.
    pub within: Interval,
    /// The series.
    pub series: SeriesId,
    /// The buckets and what their samples say.
    pub buckets: Vec<(Interval, Summary)>,
}

/// A series that no signal gives a meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnboundSeries {
    /// The series.
    pub series: Series,
    /// The twin that its name stands for; `None` where it stands for none, or for several.
    pub twin: Option<NamedNode>,
}

/// Returns the latest value of each signal of a unit, in the order of property and position.
pub fn latest(snapshot: &Snapshot, view: &View, twin: &NamedNode) -> Result<Vec<Reading>, Error> {
    let latest = latest_of_each(snapshot, view, std::slice::from_ref(twin))?;
    Ok(latest.into_iter().next().unwrap_or_default())
}

/// Returns for each unit its latest values, as [`latest`] does, asking telemetry for all of them together.
pub fn latest_of_each(
    snapshot: &Snapshot,
    view: &View,
    twins: &[NamedNode],
) -> Result<Vec<Vec<Reading>>, Error> {
    let channels = channels_of_each(snapshot, view, twins, Interval::ALWAYS)?;
    let series: Vec<SeriesId> = channels.iter().flatten().map(|(_, _, series)| *series).collect();
    let mut samples = view.latest_of_each(&series)?.into_iter();
    let newest = |channels: Vec<Channel>| {
        let mut latest: BTreeMap<(String, Option<String>), Reading> = BTreeMap::new();
        for ((binding, signal, _), sample) in channels.into_iter().zip(&mut samples) {
            let Some(sample) = sample.filter(|sample| binding.within.contains(sample.at)) else { continue };
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
/// of the names stands for, as in [`telemetry`]. A sample that nothing gives a meaning is left out.
pub fn arrived(
    snapshot: &Snapshot,
    view: &View,
    twin: &NamedNode,
    names: Option<&[String]>,
    arrivals: &[Arrival],
) -> Result<Vec<Reading>, Error> {
    let mut bound: HashMap<SeriesId, Vec<(Interval, Signal)>> = HashMap::new();
    for (binding, signal, series) in channels(snapshot, view, twin, Interval::ALWAYS)? {
        if names.is_none_or(|names| names.iter().any(|name| is_named(snapshot, &signal, Some(name)))) {
            bound.entry(series).or_default().push((binding.within, signal));
        }
    }
    let mut readings = Vec::new();
    for Arrival { series, sample } in arrivals {
        for (_, signal) in
            bound.get(series).into_iter().flatten().filter(|(within, _)| within.contains(sample.at))
        {
            readings.push(Reading { signal: signal.clone(), at: sample.at, value: sample.value });
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

/// Returns up to `limit` samples of each signal of a unit, or of those that a text names: the telemetry field, or the IRI or
/// short form of the signal or of the property.
pub fn telemetry(
    snapshot: &Snapshot,
    view: &View,
    twin: &NamedNode,
    name: Option<&str>,
    window: Interval,
    limit: usize,
) -> Result<Vec<Trace>, Error> {
    let mut traces = Vec::new();
    for (binding, signal, series) in channels(snapshot, view, twin, window)? {
        if !is_named(snapshot, &signal, name) {
            continue;
        }
        let mut samples = view.samples(series, binding.within, limit.saturating_add(1))?;
        let more = samples.len() > limit;
        samples.truncate(limit);
        traces.push(Trace { signal, within: binding.within, series, samples, more });
    }
    Ok(traces)
}

/// Does as [`telemetry`], with the samples aggregated by buckets (sorted, disjoint).
pub fn telemetry_by(
    snapshot: &Snapshot,
    view: &View,
    twin: &NamedNode,
    name: Option<&str>,
    window: Interval,
    buckets: &[Interval],
) -> Result<Vec<Rollup>, Error> {
    let mut channels = channels(snapshot, view, twin, window)?;
    channels.retain(|(_, signal, _)| is_named(snapshot, signal, name));
    let piece = |(cell, (binding, signal, series)): (usize, &(Binding, Signal, SeriesId))| Piece {
        series: *series,
        within: binding.within,
        conversion: Conversion::IDENTITY,
        transform: Transform::None,
        hold_ns: signal.hold_ns(),
        cell,
        guards: Arc::new([]),
    };
    let pieces: Vec<Piece> = channels.iter().enumerate().map(piece).collect();
    let (limits, quantiles) = (Vec::new(), true);
    let plan = Plan { cells: channels.len(), buckets: buckets.to_vec(), limits, quantiles };
    let cells = view.aggregate(&pieces, &plan)?;
    let rollup = |((binding, signal, series), cell): ((Binding, Signal, SeriesId), Vec<Summary>)| Rollup {
        signal,
        within: binding.within,
        series,
        buckets: buckets.iter().copied().zip(cell).collect(),
    };
    Ok(channels.into_iter().zip(cells).map(rollup).collect())
}

/// Returns the series that no signal of any time gives a meaning, in the order of their making.
pub fn unbound_series(snapshot: &Snapshot, view: &View) -> Result<Vec<UnboundSeries>, Error> {
    let facts = Facts::new(snapshot);
    let mut twins: HashMap<String, Option<NamedNode>> = HashMap::new();
    let mut unbound = Vec::new();
    for series in view.all_series() {
        if !twins.contains_key(&series.twin) {
            twins.insert(series.twin.clone(), twin_named(snapshot, &series.twin)?);
        }
        let twin = twins.get(&series.twin).cloned().flatten();
        let known = match &twin {
            Some(twin) => is_known(&facts, twin, &series)?,
            None => false,
        };
        if !known {
            unbound.push(UnboundSeries { series, twin });
        }
    }
    Ok(unbound)
}

/// Returns the twin that senders mean by a name: an IRI, the short form of one, or a serial that one twin alone bears.
pub fn twin_named(snapshot: &Snapshot, name: &str) -> Result<Option<NamedNode>, Error> {
    let is_twin = |twin: &NamedNode| thread::is_instance(snapshot, twin, tl::TWIN_INSTANCE);
    if let Ok(iri) = snapshot.expand(name)
        && is_twin(&iri)?
    {
        return Ok(Some(iri));
    }
    let serial = Literal::new_simple_literal(name).into();
    let mut twins = Vec::new();
    for subject in snapshot.subjects(dcterms::IDENTIFIER, &serial)? {
        if is_twin(&subject)? {
            twins.push(subject);
        }
    }
    Ok(if twins.len() == 1 { twins.pop() } else { None })
}

/// A stretch in which a signal is bound to one series.
type Channel = (Binding, Signal, SeriesId);

/// Returns the stretches in which each signal of a unit is bound to one series.
fn channels(
    snapshot: &Snapshot,
    view: &View,
    twin: &NamedNode,
    within: Interval,
) -> Result<Vec<Channel>, Error> {
    let channels = channels_of_each(snapshot, view, std::slice::from_ref(twin), within)?;
    Ok(channels.into_iter().next().unwrap_or_default())
}

/// Returns for each unit its channels, as [`channels`] does; their series are looked up together.
fn channels_of_each(
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
        let bound =
            binder.bind_all(twin, within)?.into_iter().filter_map(|binding| match binding.found.clone() {
                Found::Series(signal, series) => Some((binding, signal, series)),
                _ => None,
            });
        Ok(bound.collect())
    };
    twins.iter().map(of_unit).collect()
}

fn is_named(snapshot: &Snapshot, signal: &Signal, name: Option<&str>) -> bool {
    let is = |iri: &NamedNode, name: &str| iri.as_str() == name || snapshot.shorten(iri) == name;
    name.is_none_or(|name| signal.name == name || is(&signal.iri, name) || is(&signal.property, name))
}

fn is_known(facts: &Facts<'_>, twin: &NamedNode, series: &Series) -> Result<bool, Error> {
    if facts.own_signals(twin)?.iter().any(|signal| signal.names(series)) {
        return Ok(true);
    }
    for era in facts.eras(twin)?.iter() {
        let Some(revision) = &era.revision else { continue };
        if facts.signals(revision)?.iter().any(|signal| signal.names(series)) {
            return Ok(true);
        }
    }
    Ok(false)
}
