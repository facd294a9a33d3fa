//! What a usage answer did not see.

use super::spans;
use crate::telemetry::{Series, Summary};
use oxigraph::model::NamedNode;
use std::borrow::Borrow;

/// The hours behind an answer, and what it could not use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// The hours of service that are certain: observed, missing, undecided, and those in which a condition certainly fails.
    pub service_hours: f64,
    /// The hours that samples cover and that count. A sample counts whole where its instant lies.
    pub observed_hours: f64,
    /// The hours in service that no sample covers, against the expected period: those in which the property is bound to no
    /// series among them.
    pub missing_hours: f64,
    /// The hours of samples of which it is not known whether the conditions hold: the signal of a condition is silent, too old
    /// or not bound.
    pub undecided_hours: f64,
    /// The units that certainly were in service; of one unit itself none.
    pub units: usize,
    /// Those of them without samples in all their service: never instrumented, or silent throughout.
    pub silent_units: usize,
    /// Their hours of service, which are among the missing hours.
    pub silent_hours: f64,
    /// The hours attributed to nobody, because the configuration is not known.
    pub unknown_configuration_hours: f64,
    /// Samples that do not count, because their values are not plausible for their signal.
    pub implausible_samples: u64,
    /// The hours that they cover; missing, as it is unknown what was true in them.
    pub implausible_hours: f64,
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
    /// A series comes under a name that denotes no twin, or several.
    NoTwin,
    /// No signal observes the property there.
    NoSignal,
    /// Several signals claim the same time alike.
    ManySignals,
    /// The signal fits several series with samples at one time: it needs a source that names one.
    ManySeries,
    /// The signal of a condition fits no series or several, so that nobody knows whether the condition holds.
    NoCondition,
}

impl Account {
    /// Returns whether the hours of service are all without samples.
    pub fn is_silent(&self) -> bool {
        self.missing_hours >= self.service_hours
    }

    /// Counts the units from the account of each: one that is silent in one stretch may not be in another.
    pub(crate) fn count_units(&mut self, units: impl Iterator<Item = impl Borrow<Self>>) {
        (self.units, self.silent_units, self.silent_hours) = (0, 0, 0.0);
        for unit in units {
            let unit = unit.borrow();
            self.units += 1;
            if unit.is_silent() {
                self.silent_units += 1;
                self.silent_hours += unit.service_hours;
            }
        }
    }

    /// Adds hours and counts of samples; what could not be bound is gathered apart, and units are counted apart.
    pub(crate) fn add(&mut self, other: &Self) {
        self.service_hours += other.service_hours;
        self.observed_hours += other.observed_hours;
        self.missing_hours += other.missing_hours;
        self.undecided_hours += other.undecided_hours;
        self.unknown_configuration_hours += other.unknown_configuration_hours;
        self.implausible_samples += other.implausible_samples;
        self.implausible_hours += other.implausible_hours;
        self.overwritten += other.overwritten;
        self.late += other.late;
    }
}

/// The same in nanoseconds: what is summed in them adds up whatever the order and however time is cut.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::twins) struct Nanos {
    pub(in crate::twins) service: i128,
    observed: u128,
    covered: u128,
    undecided: u128,
    unknown: i128,
    implausible: u128,
    implausible_samples: u64,
    overwritten: u64,
    late: u64,
}

impl Nanos {
    /// Takes what was found in one part of an answer, in which so much time was in service and so much only possible.
    pub(in crate::twins) fn take(&mut self, found: &Summary, service: i128, unknown: i128) {
        self.service += service;
        self.observed += found.time_ns;
        self.covered += found.covered_ns;
        self.undecided += found.undecided_ns;
        self.unknown += unknown;
        self.implausible += found.implausible.time_ns;
        self.implausible_samples += found.implausible.count;
        self.overwritten += found.overwritten;
        self.late += found.late;
    }

    pub(in crate::twins) fn add(&mut self, other: &Self) {
        self.service += other.service;
        self.observed += other.observed;
        self.covered += other.covered;
        self.undecided += other.undecided;
        self.unknown += other.unknown;
        self.implausible += other.implausible;
        self.implausible_samples += other.implausible_samples;
        self.overwritten += other.overwritten;
        self.late += other.late;
    }

    /// Returns the account, without what could not be bound.
    pub(in crate::twins) fn account(&self) -> Account {
        Account {
            service_hours: spans::hours(self.service),
            observed_hours: spans::hours(self.observed as i128),
            missing_hours: spans::hours(self.service - self.covered as i128),
            undecided_hours: spans::hours(self.undecided as i128),
            units: 0,
            silent_units: 0,
            silent_hours: 0.0,
            unknown_configuration_hours: spans::hours(self.unknown),
            implausible_samples: self.implausible_samples,
            implausible_hours: spans::hours(self.implausible as i128),
            unbound: Vec::new(),
            overwritten: self.overwritten,
            late: self.late,
        }
    }
}

/// Puts together what has the same twin, signals and reason.
pub(in crate::twins) fn gather(mut unbound: Vec<Unbound>) -> Vec<Unbound> {
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
