//! Signals: which telemetry field observes which property, in which unit, since when.

use super::spans;
use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::model::time::period::Period;
use crate::ontology::terms::tl;
use crate::telemetry::{Plausible, Series};
use crate::thread::Record;
use crate::twins::error::Error;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// What the samples of a signal are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignalKind {
    /// Readings.
    #[default]
    Gauge,
    /// A running total.
    Counter,
    /// Numbered states.
    State,
}

impl SignalKind {
    /// Returns its name in the ontology.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gauge => "GAUGE",
            Self::Counter => "COUNTER",
            Self::State => "STATE",
        }
    }
}

/// A signal, as a twin or a design revision declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// The signal's own name.
    pub iri: NamedNode,
    /// The telemetry field.
    pub name: String,
    /// The measurement or tags that identify the field.
    pub source: Option<String>,
    /// What is observed.
    pub property: NamedNode,
    /// The unit of the samples; `None` for states.
    pub unit: Option<NamedNode>,
    /// The place of the component observed; `None`: the unit itself.
    pub position: Option<String>,
    /// What its samples are.
    pub kind: SignalKind,
    /// When the binding holds.
    pub valid: Interval,
    /// How often a sample is expected.
    pub expected_period: Option<Period>,
    /// Which values its sensor can measure, in the unit of the samples.
    pub plausible: Plausible,
}

impl Signal {
    /// Returns whether a text names it: the telemetry field, or the IRI or short form of the signal or of the property.
    pub fn is_named(&self, snapshot: &Snapshot, name: &str) -> bool {
        let is = |iri: &NamedNode| iri.as_str() == name || snapshot.shorten(iri) == name;
        self.name == name || is(&self.iri) || is(&self.property)
    }

    /// Reads signals; one that lacks its name or property binds nothing and is left out.
    pub(in crate::twins) fn of(snapshot: &Snapshot, signals: &[NamedNode]) -> Result<Vec<Arc<Self>>, Error> {
        let mut read = Vec::with_capacity(signals.len());
        for signal in signals {
            read.extend(Self::from_record(&Record::read(snapshot, signal)?).map(Arc::new));
        }
        Ok(read)
    }

    fn from_record(record: &Record) -> Option<Self> {
        let text = |predicate| record.text(predicate).map(str::to_owned);
        Some(Self {
            iri: record.subject.clone(),
            name: text(tl::NAME)?,
            source: text(tl::SOURCE),
            property: record.target(tl::PROPERTY)?,
            unit: record.target(tl::UNIT),
            position: text(tl::POSITION),
            kind: kind(record),
            valid: spans::between(record.instant(tl::VALID_FROM), record.instant(tl::VALID_TO))?,
            expected_period: record.text(tl::EXPECTED_PERIOD).and_then(|text| text.parse().ok()),
            plausible: Plausible {
                min: record.number(tl::PLAUSIBLE_MIN).unwrap_or(f64::NEG_INFINITY),
                max: record.number(tl::PLAUSIBLE_MAX).unwrap_or(f64::INFINITY),
            },
        })
    }

    /// Returns how long a sample counts at most, in nanoseconds: 1.5 × the expected period, since no clock is exact; 0 without
    /// one.
    pub(in crate::twins) fn hold_ns(&self) -> i64 {
        let period = self.expected_period.map_or(0, Period::mean_nanos);
        period.saturating_add(period / 2)
    }

    /// Returns whether a series of the right twin is the one that the signal names.
    pub(in crate::twins) fn names(&self, series: &Series) -> bool {
        series.field == self.name && self.source.as_deref().is_none_or(|source| comes_from(series, source))
    }
}

fn kind(record: &Record) -> SignalKind {
    let name = record.text(tl::KIND);
    let kinds = [SignalKind::Counter, SignalKind::State].into_iter();
    kinds.into_iter().find(|kind| name == Some(kind.name())).unwrap_or_default()
}

/// Reads `measurement`, `tag=value`, or both with commas between; `twin=NAME` is the name by which the sender calls the unit.
fn comes_from(series: &Series, source: &str) -> bool {
    if series.measurement == source {
        return true;
    }
    source.split(',').all(|part| match part.split_once('=') {
        Some(("twin", name)) => series.twin == name,
        Some((tag, value)) => series.tags.get(tag).is_some_and(|found| found == value),
        None => series.measurement == part,
    })
}
