//! From a question to one batched aggregate: who was where, what observed it there, cut into pieces.

use super::change;
use super::grid::{Grid, PARTS_MAX, Stretch};
use super::question::{Condition, Question};
use crate::graph::Snapshot;
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::telemetry::{Comparator, Guard, Piece, Plan, Plausible, SeriesId};
use crate::thread;
use crate::twins::binding::resolver::{Binder, Binding, Found};
use crate::twins::error::Error;
use crate::twins::facts::account::{Reason, Unbound};
use crate::twins::facts::signal::Signal;
use crate::twins::facts::{Facts, spans};
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// One way of reading the samples: a transform, a unit, conditions. Its pieces have cells of their own.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::twins) struct Treatment {
    pub(in crate::twins) transform: Transform,
    pub(in crate::twins) unit: Option<NamedNode>,
    pub(in crate::twins) conditions: Vec<Condition>,
}

/// A stretch with what observes the property in it.
pub(super) struct Bound {
    pub(super) stretch: usize,
    pub(super) binding: Binding,
}

/// All that an answer is made from.
pub(in crate::twins) struct Planner {
    pub(in crate::twins) question: Question,
    pub(in crate::twins) layout: Grid,
    pub(in crate::twins) readings: Vec<Treatment>,
    /// For each check of the question, its reading.
    pub(super) checks: Vec<usize>,
    pub(in crate::twins) limits: Vec<Comparator>,
    pub(super) circular: bool,
    /// For each cell, the stretches that something should have observed: one for each signal expected.
    pub(super) expected: Vec<Vec<Interval>>,
    pub(in crate::twins) unbound: Vec<Unbound>,
    /// For each reading, what could not be determined because a condition is not bound.
    pub(in crate::twins) undecided: Vec<Vec<Unbound>>,
    pub(super) pieces: Vec<Piece>,
}

/// Refuses what is no property.
pub(in crate::twins) fn must_be_property(snapshot: &Snapshot, property: &NamedNode) -> Result<(), Error> {
    let is_property = thread::is_instance(snapshot, property, tl::PROPERTY_CLASS)?;
    if is_property { Ok(()) } else { Err(Error::NotAProperty(property.clone())) }
}

impl Planner {
    pub(super) fn new(question: Question, layout: Grid, circular: bool, bound: &[Bound]) -> Self {
        let unit = question.unit.clone().or_else(|| first_unit(bound));
        let own = Treatment { transform: question.transform, unit, conditions: question.conditions.clone() };
        let mut readings = vec![own];
        let mut checks = Vec::new();
        let mut limits = question.limits.clone();
        for check in &question.checks {
            let reading = Treatment {
                transform: check.transform,
                unit: check.unit.clone(),
                conditions: check.conditions.clone(),
            };
            checks.push(place(&mut readings, reading));
            check.limits.iter().for_each(|limit| _ = place(&mut limits, *limit));
        }
        let expected = vec![Vec::new(); layout.cells.len()];
        let undecided = vec![Vec::new(); readings.len()];
        let (unbound, pieces) = (Vec::new(), Vec::new());
        Self { question, layout, readings, checks, limits, circular, expected, unbound, undecided, pieces }
    }

    /// Returns how many cells telemetry is asked for: one set of them for each reading.
    pub(super) fn cells(&self) -> usize {
        self.readings.len() * self.layout.cells.len()
    }

    /// Returns what telemetry is asked for.
    pub(super) fn plan(&self) -> Plan {
        Plan {
            cells: self.cells(),
            buckets: self.layout.slices.iter().map(|slice| slice.within).collect(),
            limits: self.limits.clone(),
            quantiles: self.question.quantiles,
        }
    }

    /// Returns what is asked of counters and states.
    pub(super) fn changes<'a>(&'a self, bound: &'a [Bound]) -> change::ChangeQuestion<'a> {
        let signals = bound.iter().filter_map(|bound| match &bound.binding.found {
            Found::Series(signal, _) => Some(&**signal),
            _ => None,
        });
        change::ChangeQuestion {
            changes: self.question.changes,
            property: &self.question.property,
            signals: signals.collect(),
            pieces: &self.pieces,
            cells: self.layout.cells.len(),
        }
    }

    pub(super) fn check_size(&self) -> Result<(), Error> {
        let asked = self.cells() * self.layout.slices.len();
        if asked > PARTS_MAX { Err(Error::TooMany { asked, most: PARTS_MAX }) } else { Ok(()) }
    }

    /// Turns a binding into pieces, or into an entry of the account.
    pub(super) fn take(
        &mut self,
        facts: &Facts<'_>,
        binder: &Binder<'_>,
        bound: &Bound,
    ) -> Result<(), Error> {
        let binding = &bound.binding;
        let stretch = self.layout.stretches[bound.stretch].clone();
        self.expected[stretch.cell].push(binding.within);
        match &binding.found {
            Found::Series(signal, series) => {
                for reading in 0..self.readings.len() {
                    self.cut(facts, binder, &stretch, binding, (signal, *series), reading)?;
                }
            }
            Found::Silent(_) => {}
            Found::ManySeries(signal, series) => {
                let property = &self.question.property;
                let found = unbound(property, binding, &[signal], Reason::ManySeries);
                self.unbound.push(Unbound { series: series.clone(), ..found });
            }
            Found::ManySignals(signals) => {
                let signals: Vec<&Signal> = signals.iter().map(|signal| &**signal).collect();
                self.unbound.push(unbound(&self.question.property, binding, &signals, Reason::ManySignals));
            }
            Found::NoSignal => {
                self.unbound.push(unbound(&self.question.property, binding, &[], Reason::NoSignal));
            }
        }
        Ok(())
    }

    /// Adds the pieces of one bound stretch for one reading.
    fn cut(
        &mut self,
        facts: &Facts<'_>,
        binder: &Binder<'_>,
        stretch: &Stretch,
        binding: &Binding,
        (signal, series): (&Signal, SeriesId),
        index: usize,
    ) -> Result<(), Error> {
        let reading = &self.readings[index];
        let piece = Piece {
            series,
            within: binding.within,
            conversion: conversion(facts, signal, reading.unit.as_ref())?,
            transform: reading.transform,
            hold_ns: signal.hold_ns(),
            cell: index * self.layout.cells.len() + stretch.cell,
            guards: Arc::new([]),
            plausible: signal.plausible,
        };
        if reading.conditions.is_empty() {
            self.pieces.push(piece);
            return Ok(());
        }
        let (guarded, undecided) = guard(facts, binder, stretch, binding.within, &reading.conditions)?;
        for (within, guards) in guarded {
            self.pieces.push(Piece { within, guards: guards.into(), ..piece.clone() });
        }
        self.undecided[index].extend(undecided);
        Ok(())
    }
}

/// Returns the place of a value in a list, adding it where it is not there.
fn place<T: PartialEq>(list: &mut Vec<T>, value: T) -> usize {
    list.iter().position(|known| *known == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    })
}

/// Returns the unit of the first signal of a design, else of the first signal at all.
fn first_unit(bound: &[Bound]) -> Option<NamedNode> {
    let unit = |bound: &Bound| match &bound.binding.found {
        Found::Series(signal, _) | Found::Silent(signal) => signal.unit.clone(),
        _ => None,
    };
    let by_design = bound.iter().filter(|bound| bound.binding.by_design).find_map(unit);
    by_design.or_else(|| bound.iter().find_map(unit))
}

/// Returns how a signal's values become values of a unit; a signal or an answer without unit is taken as it is.
pub(in crate::twins) fn conversion(
    facts: &Facts<'_>,
    signal: &Signal,
    unit: Option<&NamedNode>,
) -> Result<Conversion, Error> {
    let (Some(from), Some(to)) = (&signal.unit, unit) else { return Ok(Conversion::IDENTITY) };
    let kind = facts.quantity_kind(&signal.property)?;
    let kind = kind.as_ref().map(NamedNode::as_ref);
    Ok(facts.snapshot.ontology().units().conversion_of(kind, from.as_ref(), to.as_ref())?)
}

type Guarded = Vec<(Interval, Vec<Guard>)>;

/// Cuts a stretch so that in each part each condition is bound to one series, or to none: there it cannot be decided.
fn guard(
    facts: &Facts<'_>,
    binder: &Binder<'_>,
    stretch: &Stretch,
    within: Interval,
    conditions: &[Condition],
) -> Result<(Guarded, Vec<Unbound>), Error> {
    let mut parts: Guarded = vec![(within, Vec::new())];
    let mut undecided = Vec::new();
    for condition in conditions {
        let mut next = Vec::new();
        for (within, guards) in parts {
            let bindings = binder.bind_condition(&stretch.member, &condition.property, within)?;
            let unbound = |binding| unbound(&condition.property, binding, &[], Reason::NoCondition);
            if overlaps(&bindings) {
                undecided.extend(bindings.iter().map(unbound));
                next.push((within, [&guards[..], &[unobserved(condition)]].concat()));
                continue;
            }
            for binding in &bindings {
                let mut guard = unobserved(condition);
                if let Found::Series(signal, series) = &binding.found {
                    guard.series = Some(*series);
                    guard.conversion = conversion(facts, signal, condition.unit.as_ref())?;
                    guard.hold_ns = signal.hold_ns();
                    guard.plausible = signal.plausible;
                } else {
                    undecided.push(unbound(binding));
                }
                next.push((binding.within, [&guards[..], &[guard]].concat()));
            }
        }
        parts = next;
    }
    Ok((parts, undecided))
}

/// Returns the guard of a condition that nothing observes.
fn unobserved(condition: &Condition) -> Guard {
    Guard {
        series: None,
        conversion: Conversion::IDENTITY,
        transform: Transform::None,
        comparator: condition.comparator,
        hold_ns: 0,
        plausible: Plausible::ALL,
    }
}

/// Returns whether several positions claim the same time.
pub(in crate::twins) fn overlaps(bindings: &[Binding]) -> bool {
    let mut spans: Vec<Interval> = bindings.iter().map(|binding| binding.within).collect();
    spans.sort_unstable();
    spans.windows(2).any(|pair| pair[1].from() < pair[0].to())
}

fn unbound(property: &NamedNode, binding: &Binding, signals: &[&Signal], reason: Reason) -> Unbound {
    Unbound {
        twin: binding.owner.clone(),
        property: property.clone(),
        signals: signals.iter().map(|signal| signal.iri.clone()).collect(),
        series: Vec::new(),
        reason,
        hours: spans::hours(binding.within.nanos().into()),
    }
}
