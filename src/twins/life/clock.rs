//! Counters as the clock of failure rates: how much one went up in each stay of a unit, such as operating hours, cycles or kilometres.
//!
//! Only steps between samples of one stay count, so that a stretch before the first sample of a stay or after its last one is
//! time without a clock, and so is a stay that no counter or more than one observes.

use crate::model::number::quantity::Transform;
use crate::model::time::interval::Interval;
use crate::telemetry::{Increase, Piece, Plan, View};
use crate::twins::binding::resolver::{Binder, Found};
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use crate::twins::facts::member::Member;
use crate::twins::facts::signal::SignalKind;
use crate::twins::usage::planner;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// A counter by which exposure is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// What is counted.
    pub property: NamedNode,
    /// The unit of the exposure; `None`: that of the first counter bound.
    pub unit: Option<NamedNode>,
}

/// Reads the counters of stays.
pub(in crate::twins) struct ClockReader<'a> {
    facts: &'a Facts<'a>,
    binder: Binder<'a>,
    property: NamedNode,
    /// The unit of what is read, as soon as it is known.
    pub(in crate::twins) unit: Option<NamedNode>,
    plan: Plan,
}

impl<'a> ClockReader<'a> {
    /// Makes ready to read the counters of members within the spans by which the answer is cut.
    pub(in crate::twins) fn new(
        facts: &'a Facts<'a>,
        view: &'a View,
        clock: &Clock,
        members: &[Member],
        spans: Vec<Interval>,
    ) -> Result<Self, Error> {
        planner::must_be_property(facts.snapshot, &clock.property)?;
        let binder = Binder::new(facts, view);
        binder.expect(members.iter());
        let plan = Plan { cells: 0, buckets: spans, limits: Vec::new(), quantiles: false };
        Ok(Self { facts, binder, property: clock.property.clone(), unit: clock.unit.clone(), plan })
    }

    /// Returns for each member how much its counter went up in each span; a step is in the span of its later sample.
    pub(in crate::twins) fn read(&mut self, members: &[&Member]) -> Result<Vec<Vec<Increase>>, Error> {
        let mut pieces = Vec::new();
        let ends = self.plan.buckets.first().zip(self.plan.buckets.last());
        let window = ends.and_then(|(first, last)| Interval::new(first.from(), last.to()).ok());
        for (cell, member) in members.iter().enumerate() {
            if let Some(within) = window.and_then(|window| member.within.intersect(window)) {
                self.bind(member, within, cell, &mut pieces)?;
            }
        }
        let plan = Plan { cells: members.len(), ..self.plan.clone() };
        Ok(self.binder.view.increase(&pieces, &plan)?)
    }

    /// Reads as [`Self::read`] does, within other spans.
    pub(in crate::twins) fn read_within(
        &mut self,
        members: &[&Member],
        spans: Vec<Interval>,
    ) -> Result<Vec<Vec<Increase>>, Error> {
        self.plan.buckets = spans;
        self.read(members)
    }

    fn bind(
        &mut self,
        member: &Member,
        within: Interval,
        cell: usize,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), Error> {
        let bindings = self.binder.bind_condition(member, &self.property, within)?;
        if planner::overlaps(&bindings) {
            return Ok(());
        }
        for binding in bindings {
            let Found::Series(signal, series) = &binding.found else { continue };
            if signal.kind != SignalKind::Counter {
                let (wanted, found) = (SignalKind::Counter.name(), signal.kind.name());
                return Err(Error::Kind { property: self.property.clone(), wanted, found });
            }
            self.unit = self.unit.take().or_else(|| signal.unit.clone());
            pieces.push(Piece {
                series: *series,
                within: binding.within,
                conversion: planner::conversion(self.facts, signal, self.unit.as_ref())?,
                transform: Transform::None,
                hold_ns: signal.hold_ns(),
                cell,
                guards: Arc::new([]),
                plausible: signal.plausible,
            });
        }
        Ok(())
    }
}
