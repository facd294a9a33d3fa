//! Series that nobody can count on: nobody knows what they mean, or which of several is meant.

use super::readings::twin_named;
use super::resolver::{Binder, Found};
use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::telemetry::{Series, SeriesId, View};
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use crate::twins::facts::account::Reason;
use crate::twins::facts::signal::Signal;
use oxigraph::model::NamedNode;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A series that no signal is bound to at any time, over all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnboundSeries {
    /// The series.
    pub series: Series,
    /// The twin that its name denotes; `None` where it denotes none, or several.
    pub twin: Option<NamedNode>,
    /// Why.
    pub reason: Reason,
    /// The signals that it fits, in IRI order.
    pub signals: Vec<NamedNode>,
}

/// Returns the series that no signal is bound to where all of time is asked about, in the order of their making. One that a signal names which
/// others override for good is left out: it was given up, not forgotten.
pub fn unbound_series(snapshot: &Snapshot, view: &View) -> Result<Vec<UnboundSeries>, Error> {
    unbound_among(snapshot, view, |_| true)
}

/// Like [`unbound_series`], for some of the series.
pub fn unbound_among(
    snapshot: &Snapshot,
    view: &View,
    wanted: impl Fn(&Series) -> bool,
) -> Result<Vec<UnboundSeries>, Error> {
    let facts = Facts::new(snapshot);
    let binder = Binder::new(&facts, view);
    let mut all = view.all_series();
    all.retain(|series| wanted(series));
    let mut twins: HashMap<&str, Option<NamedNode>> = HashMap::new();
    for series in &all {
        if !twins.contains_key(series.twin.as_str()) {
            twins.insert(&series.twin, twin_named(snapshot, &series.twin)?);
        }
    }
    let named: HashSet<NamedNode> = twins.values().flatten().cloned().collect();
    binder.expect_units(&named.into_iter().collect::<Vec<_>>());
    let mut meanings: HashMap<NamedNode, Meanings> = HashMap::new();
    let mut unbound = Vec::new();
    for series in &all {
        let twin = twins.get(series.twin.as_str()).cloned().flatten();
        let problem = match &twin {
            None => Some((Reason::NoTwin, Vec::new())),
            Some(twin) => {
                if !meanings.contains_key(twin) {
                    meanings.insert(twin.clone(), Meanings::of(&facts, &binder, twin)?);
                }
                meanings.get(twin).and_then(|meanings| meanings.problem(series))
            }
        };
        unbound.extend(problem.map(|(reason, signals)| UnboundSeries {
            series: series.clone(),
            twin,
            reason,
            signals,
        }));
    }
    Ok(unbound)
}

/// What the signals of one unit make of its series, over all of time.
#[derive(Default)]
struct Meanings {
    /// All signals that it ever had.
    signals: Vec<Arc<Signal>>,
    bound: HashSet<SeriesId>,
    /// Signals that fit several series at some time.
    vague: Vec<Arc<Signal>>,
    /// Signals that claim the same time alike.
    rivals: Vec<Arc<Signal>>,
}

impl Meanings {
    fn of(facts: &Facts<'_>, binder: &Binder<'_>, twin: &NamedNode) -> Result<Self, Error> {
        let mut meanings = Self { signals: facts.own_signals(twin)?.to_vec(), ..Self::default() };
        for era in facts.eras(twin)?.iter() {
            let design = era.revision.as_ref().map(|revision| facts.signals(revision)).transpose()?;
            meanings.signals.extend(design.iter().flat_map(|signals| signals.iter().cloned()));
        }
        for binding in binder.bind_all(twin, Interval::ALWAYS)? {
            match binding.found {
                Found::Series(_, series) => _ = meanings.bound.insert(series),
                Found::ManySeries(signal, _) => meanings.vague.push(signal),
                Found::ManySignals(signals) => meanings.rivals.extend(signals),
                Found::Silent(_) | Found::NoSignal => {}
            }
        }
        Ok(meanings)
    }

    /// Returns why a series of the unit is never bound, and the signals that it fits; `None` where it is, or was given up.
    fn problem(&self, series: &Series) -> Option<(Reason, Vec<NamedNode>)> {
        if self.bound.contains(&series.id) {
            return None;
        }
        let fitting = |signals: &[Arc<Signal>]| {
            let mut fitting: Vec<NamedNode> = signals
                .iter()
                .filter(|signal| signal.names(series))
                .map(|signal| signal.iri.clone())
                .collect();
            fitting.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
            fitting.dedup();
            fitting
        };
        let (vague, rivals) = (fitting(&self.vague), fitting(&self.rivals));
        match (vague.is_empty(), rivals.is_empty()) {
            (false, _) => Some((Reason::ManySeries, vague)),
            (true, false) => Some((Reason::ManySignals, rivals)),
            (true, true) if fitting(&self.signals).is_empty() => Some((Reason::NoSignal, Vec::new())),
            (true, true) => None,
        }
    }
}
