//! What a usage answer did not see.

use crate::telemetry::Series;
use oxigraph::model::NamedNode;

/// The hours behind an answer, and what it could not use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// The hours of service that are certain: observed, missing, and those in which a condition does not hold.
    pub service_hours: f64,
    /// The hours that samples speak for and that count.
    pub observed_hours: f64,
    /// The hours in service without samples, against the expected period; those of [`Self::unbound`] among them.
    pub missing_hours: f64,
    /// The hours attributed to nobody, because the configuration is not known.
    pub unknown_configuration_hours: f64,
    /// What could not be bound to one series.
    pub unbound: Vec<Unbound>,
    /// Samples that a later arrival replaced.
    pub overwritten: u64,
    /// Samples that arrived after a sample of a later instant.
    pub late: u64,
}

/// A stretch in which a property could not be bound to one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Unbound {
    /// The twin whose telemetry was looked at.
    pub twin: NamedNode,
    /// The property that was to be observed.
    pub property: NamedNode,
    /// The signals concerned.
    pub signals: Vec<NamedNode>,
    /// The series that one signal fits alike.
    pub series: Vec<Series>,
    /// Why.
    pub reason: Reason,
    /// For how many hours of the window.
    pub hours: f64,
}

/// Why a property could not be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A series comes under a name that stands for no twin, or for several.
    NoTwin,
    /// No signal observes the property there.
    NoSignal,
    /// Several signals claim the same time alike.
    ManySignals,
    /// The signal fits several series: it needs a source that tells them apart.
    ManySeries,
    /// The signal of a condition fits no series or several, so that nobody knows whether the condition holds.
    NoCondition,
}

impl Account {
    /// Adds hours and counts; what could not be bound is gathered apart.
    pub(crate) fn add(&mut self, other: &Self) {
        self.service_hours += other.service_hours;
        self.observed_hours += other.observed_hours;
        self.missing_hours += other.missing_hours;
        self.unknown_configuration_hours += other.unknown_configuration_hours;
        self.overwritten += other.overwritten;
        self.late += other.late;
    }
}

/// Puts together what has the same twin, signals and reason.
pub(super) fn gather(mut unbound: Vec<Unbound>) -> Vec<Unbound> {
    unbound.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut gathered: Vec<Unbound> = Vec::new();
    for next in unbound {
        match gathered.last_mut() {
            Some(last) if key(last) == key(&next) => last.hours += next.hours,
            _ => gathered.push(next),
        }
    }
    gathered
}

fn key(unbound: &Unbound) -> (&str, &str, &[NamedNode], Reason) {
    (unbound.twin.as_str(), unbound.property.as_str(), &unbound.signals, unbound.reason)
}
