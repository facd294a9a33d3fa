//! From a question to one batched aggregate: who was where, what observed it there, cut into pieces.

use super::change::{self, Changed};
use super::grid::{Grid, PARTS_MAX, Stretch};
use super::question::{Condition, Question};
use super::{Usage, assembler};
use crate::graph::Snapshot;
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::ontology::units::QuantityKind;
use crate::telemetry::{Comparator, Guard, Piece, Plan, Plausible, SeriesId, Summary, View};
use crate::thread;
use crate::twins::binding::resolver::{Binder, Binding, Found};
use crate::twins::error::Error;
use crate::twins::facts::account::{Reason, Unbound};
use crate::twins::facts::member::Member;
use crate::twins::facts::signal::Signal;
use crate::twins::facts::{Facts, spans};
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// One way of reading the samples: a transform, a unit, conditions. Its pieces have cells of their own.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::twins) struct Reading {
    pub(in crate::twins) transform: Transform,
    pub(in crate::twins) unit: Option<NamedNode>,
    pub(in crate::twins) conditions: Vec<Condition>,
}

/// A stretch with what observes the property in it.
struct Bound {
    stretch: usize,
    binding: Binding,
}

/// All that an answer is made from.
pub(in crate::twins) struct Planner {
    pub(in crate::twins) question: Question,
    pub(in crate::twins) layout: Grid,
    pub(in crate::twins) readings: Vec<Reading>,
    /// For each check of the question, its reading.
    pub(super) checks: Vec<usize>,
    pub(in crate::twins) limits: Vec<Comparator>,
    pub(super) circular: bool,
    /// For each cell, the stretches that something should have observed: one for each signal expected.
    pub(super) expected: Vec<Vec<Interval>>,
    pub(in crate::twins) unbound: Vec<Unbound>,
    /// For each reading, what could not be determined because a condition is not bound.
    pub(in crate::twins) undecided: Vec<Vec<Unbound>>,
    pieces: Vec<Piece>,
}

/// Answers questions from one version and one watermark, in their order. Each fact of the version is read once, and telemetry is
/// asked for all of them together: once for the series of each level, and once for what is cut and counted alike.
pub fn answer_all(
    questions: impl IntoIterator<Item = Question>,
    snapshot: &Snapshot,
    view: &View,
) -> Result<Vec<Usage>, Error> {
    answer_each(questions, snapshot, view)?.into_iter().collect()
}

/// Answers questions as [`answer_all`] does; where units of one cannot be converted, that one has no answer.
pub fn answer_each(
    questions: impl IntoIterator<Item = Question>,
    snapshot: &Snapshot,
    view: &View,
) -> Result<Vec<Result<Usage, Error>>, Error> {
    let facts = Facts::new(snapshot);
    let asked = questions.into_iter().map(|question| separate_unit_error(Asked::new(question, &facts)));
    let asked = asked.collect::<Result<_, _>>()?;
    answer(asked, &facts, view)
}

/// Separates an error that concerns one question alone from one that ends all.
fn separate_unit_error<T>(result: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match result {
        Err(error) if !error.is_about_units() => Err(error),
        result => Ok(result),
    }
}

/// Answers as many of the first questions as have room together, as [`answer_all`] does: at least one.
pub fn answer_some(
    questions: impl IntoIterator<Item = Question>,
    snapshot: &Snapshot,
    view: &View,
) -> Result<Vec<Usage>, Error> {
    let facts = Facts::new(snapshot);
    let (mut asked, mut parts) = (Vec::new(), 0);
    for question in questions {
        let next = Asked::new(question, &facts)?;
        parts += next.parts();
        if !asked.is_empty() && parts > PARTS_MAX {
            break;
        }
        asked.push(Ok(next));
    }
    answer(asked, &facts, view)?.into_iter().collect()
}

fn answer(
    asked: Vec<Result<Asked, Error>>,
    facts: &Facts<'_>,
    view: &View,
) -> Result<Vec<Result<Usage, Error>>, Error> {
    let binder = Binder::new(facts, view);
    binder.expect(asked.iter().flatten().flat_map(Asked::members));
    let mut batches: Vec<Batch> = Vec::new();
    let mut usages = Vec::new();
    for (place, asked) in asked.into_iter().enumerate() {
        let (survey, bound) = match separate_unit_error(asked.and_then(|asked| asked.bind(facts, &binder)))? {
            Ok(bound) => bound,
            Err(error) => {
                usages.push((place, Err(error)));
                continue;
            }
        };
        let at = batches.iter().rposition(|batch| batch.takes(&survey)).unwrap_or_else(|| {
            batches.push(Batch { plan: Plan { cells: 0, ..survey.plan() }, surveyed: Vec::new() });
            batches.len() - 1
        });
        batches[at].plan.cells += survey.cells();
        batches[at].surveyed.push((place, survey, bound));
    }
    for batch in batches {
        let answered = batch.answer(facts.snapshot, &binder)?;
        usages.extend(answered.into_iter().map(|(place, usage)| (place, Ok(usage))));
    }
    usages.sort_unstable_by_key(|(place, _)| *place);
    Ok(usages.into_iter().map(|(_, usage)| usage).collect())
}

/// Questions that are cut and counted alike, each with its place among all.
struct Batch {
    /// What telemetry is asked for, the cells of all of them.
    plan: Plan,
    surveyed: Vec<(usize, Planner, Vec<Bound>)>,
}

impl Batch {
    /// Returns whether a survey is cut and counted as these are, and there is room for it.
    fn takes(&self, survey: &Planner) -> bool {
        let plan = survey.plan();
        let is_alike = plan.buckets == self.plan.buckets
            && plan.limits == self.plan.limits
            && plan.quantiles == self.plan.quantiles;
        is_alike && (self.plan.cells + plan.cells) * plan.buckets.len() <= PARTS_MAX
    }

    /// Answers all with one aggregate call, and one each for what is asked of counters and of states.
    fn answer(self, snapshot: &Snapshot, binder: &Binder<'_>) -> Result<Vec<(usize, Usage)>, Error> {
        let (mut pieces, mut cells) = (Vec::new(), 0);
        for (_, survey, _) in &self.surveyed {
            pieces.extend(
                survey.pieces.iter().map(|piece| Piece { cell: piece.cell + cells, ..piece.clone() }),
            );
            cells += survey.cells();
        }
        let mut summaries = binder.view.aggregate(&pieces, &self.plan)?.into_iter();
        let asked: Vec<_> = self.surveyed.iter().map(|(_, survey, bound)| survey.changes(bound)).collect();
        let changed = Changed::read_all(&asked, &self.plan, binder.view)?;
        let mut usages = Vec::with_capacity(self.surveyed.len());
        for ((place, survey, _), changed) in self.surveyed.into_iter().zip(changed) {
            let own: Vec<Vec<Summary>> = summaries.by_ref().take(survey.cells()).collect();
            usages.push((place, assembler::assemble(survey, snapshot, binder.view, &own, &changed)));
        }
        Ok(usages)
    }
}

/// A question whose units are known, but not yet what observes them.
struct Asked {
    question: Question,
    layout: Grid,
    circular: bool,
}

impl Asked {
    fn new(question: Question, facts: &Facts<'_>) -> Result<Self, Error> {
        for property in question.conditions.iter().map(|condition| &condition.property) {
            must_be_property(facts.snapshot, property)?;
        }
        let kind = quantity_kind(facts.snapshot, &question)?;
        let layout = Grid::of(facts, &question)?;
        Ok(Self { question, layout, circular: kind.is_some_and(|kind| kind.circular) })
    }

    /// Returns how many parts its answer is made of, and has itself.
    fn parts(&self) -> usize {
        self.layout.cells.len() * self.layout.slices.len() + self.layout.buckets.len() + 1
    }

    fn members(&self) -> impl Iterator<Item = &Member> {
        self.layout.stretches.iter().map(|stretch| &stretch.member)
    }

    /// Finds what observes each stretch.
    fn bind(self, facts: &Facts<'_>, binder: &Binder<'_>) -> Result<(Planner, Vec<Bound>), Error> {
        let mut bound = Vec::new();
        for (stretch, found) in self.layout.stretches.iter().enumerate() {
            let bindings = binder.bind(&found.member, &self.question.property, found.within)?;
            bound.extend(bindings.into_iter().map(|binding| Bound { stretch, binding }));
        }
        let mut survey = Planner::new(self.question, self.layout, self.circular, &bound);
        survey.check_size()?;
        for bound in &bound {
            survey.take(facts, binder, bound)?;
        }
        Ok((survey, bound))
    }
}

/// Refuses what is no property.
pub(in crate::twins) fn must_be_property(snapshot: &Snapshot, property: &NamedNode) -> Result<(), Error> {
    let is_property = thread::is_instance(snapshot, property, tl::PROPERTY_CLASS)?;
    if is_property { Ok(()) } else { Err(Error::NotAProperty(property.clone())) }
}

/// Returns what the property measures; the unit that is asked for must measure the same.
fn quantity_kind(snapshot: &Snapshot, question: &Question) -> Result<Option<QuantityKind>, Error> {
    let property = &question.property;
    must_be_property(snapshot, property)?;
    let units = snapshot.ontology().units();
    let kind = snapshot.target(property, tl::QUANTITY_KIND)?;
    let kind = kind.and_then(|kind| units.quantity_kind(kind.as_ref()).cloned());
    if let (Some(kind), Some(unit)) = (&kind, &question.unit)
        && !units.fits(unit.as_ref(), kind.iri.as_ref())
    {
        let (unit, property, kind) = (unit.clone(), property.clone(), kind.name.clone());
        return Err(Error::Unit { unit, property, kind });
    }
    Ok(kind)
}

impl Planner {
    fn new(question: Question, layout: Grid, circular: bool, bound: &[Bound]) -> Self {
        let unit = question.unit.clone().or_else(|| first_unit(bound));
        let own = Reading { transform: question.transform, unit, conditions: question.conditions.clone() };
        let mut readings = vec![own];
        let mut checks = Vec::new();
        let mut limits = question.limits.clone();
        for check in &question.checks {
            let reading = Reading {
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
    fn cells(&self) -> usize {
        self.readings.len() * self.layout.cells.len()
    }

    /// Returns what telemetry is asked for.
    fn plan(&self) -> Plan {
        Plan {
            cells: self.cells(),
            buckets: self.layout.slices.iter().map(|slice| slice.within).collect(),
            limits: self.limits.clone(),
            quantiles: self.question.quantiles,
        }
    }

    /// Returns what is asked of counters and states.
    fn changes<'a>(&'a self, bound: &'a [Bound]) -> change::Asked<'a> {
        let signals = bound.iter().filter_map(|bound| match &bound.binding.found {
            Found::Series(signal, _) => Some(&**signal),
            _ => None,
        });
        change::Asked {
            changes: self.question.changes,
            property: &self.question.property,
            signals: signals.collect(),
            pieces: &self.pieces,
            cells: self.layout.cells.len(),
        }
    }

    fn check_size(&self) -> Result<(), Error> {
        let asked = self.cells() * self.layout.slices.len();
        if asked > PARTS_MAX { Err(Error::TooMany { asked, most: PARTS_MAX }) } else { Ok(()) }
    }

    /// Turns a binding into pieces, or into an entry of the account.
    fn take(&mut self, facts: &Facts<'_>, binder: &Binder<'_>, bound: &Bound) -> Result<(), Error> {
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
