//! What was observed of a unit before an event: its signals in a window before it beside its own earlier life, and its age in
//! counters.
//!
//! A unit is observed by its own signals, by those of the units that it sits in for its place there, and by those of these units
//! as a whole: the load of a machine applies to each of its bearings.

use crate::graph::Snapshot;
use crate::model::number::quantity::Transform;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::{Increase, Piece, Plan, Sample, View};
use crate::twins::binding::resolver::{Binder, Found};
use crate::twins::configuration::circumstances::Circumstances;
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use crate::twins::facts::member::Member;
use crate::twins::facts::signal::{Signal, SignalKind};
use crate::twins::usage::Usage;
use crate::twins::usage::answer::answer_all;
use crate::twins::usage::change::Changes;
use crate::twins::usage::planner;
use crate::twins::usage::question::Question;
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A property as it was observed before an event.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The unit that it is a property of: the one of the event, or one that it sat in.
    pub unit: NamedNode,
    /// What is observed.
    pub property: NamedNode,
    /// The window before the event.
    pub before: Usage,
    /// The unit's life before the window; `None` where it has none.
    pub earlier: Option<Usage>,
}

impl Observed {
    /// Returns the last sample before the event, in the unit of the usage that it is of.
    pub fn last(&self) -> Option<(Sample, Option<&NamedNode>)> {
        let usages = [Some(&self.before), self.earlier.as_ref()];
        usages.into_iter().flatten().find_map(|usage| Some((usage.total.summary.last?, usage.unit.as_ref())))
    }
}

/// The age of a unit in a counter: how much it went up while the unit was in service where it counts.
#[derive(Clone, Debug, PartialEq)]
pub struct CounterAge {
    /// What is counted.
    pub property: NamedNode,
    /// The unit of the increase.
    pub unit: Option<NamedNode>,
    /// How much it went up, resets allowed for.
    pub increase: f64,
    /// How often it began anew.
    pub resets: u64,
    /// The hours between the samples that it was derived from.
    pub hours: f64,
}

/// Returns what was observed of the unit of an event and of the units that it sat in, by unit and property: in the window before
/// the event, and in the unit's life before that.
pub fn observed(
    snapshot: &Snapshot,
    view: &View,
    of: &Circumstances,
    before: Interval,
) -> Result<Vec<Observed>, Error> {
    let facts = Facts::new(snapshot);
    let members = facts.members(&of.unit)?;
    let there = members.iter().filter(|member| member.within.contains(of.moment));
    let channels = channels(&facts, &of.unit, there)?;
    let earlier = Interval::new(of.life.from(), before.from()).ok().and_then(known);
    let mut questions = Vec::new();
    for ((unit, property), kinds) in &channels {
        for window in [Some(before), earlier].into_iter().flatten() {
            let mut question = Question::new(unit.clone(), property.clone(), window);
            question.changes = Changes {
                counters: kinds.iter().all(|kind| *kind == SignalKind::Counter),
                states: kinds.iter().all(|kind| *kind == SignalKind::State),
            };
            questions.push(question);
        }
    }
    let mut usages = answer_all(questions, snapshot, view)?.into_iter();
    let mut observed = Vec::with_capacity(channels.len());
    for (unit, property) in channels.into_keys() {
        let Some(before) = usages.next() else { break };
        let earlier = earlier.and_then(|_| usages.next());
        observed.push(Observed { unit, property, before, earlier });
    }
    Ok(observed)
}

/// Returns for each event the age of its unit in each counter that ever counted for it, or in that of `only` one property, in the
/// order of the properties; telemetry is asked for all of them together.
pub fn counter_ages_of_each(
    snapshot: &Snapshot,
    view: &View,
    of: &[&Circumstances],
    only: Option<&NamedNode>,
) -> Result<Vec<Vec<CounterAge>>, Error> {
    only.map_or(Ok(()), |only| planner::must_be_property(snapshot, only))?;
    let facts = Facts::new(snapshot);
    let binder = Binder::new(&facts, view);
    let members: Vec<Arc<Vec<Member>>> =
        of.iter().map(|of| facts.members(&of.unit)).collect::<Result<_, _>>()?;
    binder.expect(members.iter().flat_map(|members| members.iter()));
    let mut counted = Vec::with_capacity(of.len());
    for (of, members) in of.iter().zip(&members) {
        counted.push(Counted::of(&facts, &binder, of, members, only)?);
    }
    let increases = increases(view, counted.iter().flatten())?;
    let mut ages = counted.iter().flatten().zip(increases).map(|(counted, increase)| counted.age(&increase));
    Ok(counted.iter().map(|own| ages.by_ref().take(own.len()).flatten().collect()).collect())
}

/// What counted for the unit of an event.
struct Counted {
    property: NamedNode,
    unit: Option<NamedNode>,
    /// Each in the first cell.
    pieces: Vec<Piece>,
}

impl Counted {
    /// Finds the counters of the unit of an event, one for each property.
    fn of(
        facts: &Facts<'_>,
        binder: &Binder<'_>,
        of: &Circumstances,
        members: &[Member],
        only: Option<&NamedNode>,
    ) -> Result<Vec<Self>, Error> {
        let Some(life) = Interval::new(Instant::MIN, of.at).ok().and_then(known) else {
            return Ok(Vec::new());
        };
        let counters = channels(facts, &of.unit, members.iter())?.into_iter();
        let counters = counters.filter(|(_, kinds)| kinds.contains(&SignalKind::Counter));
        let properties: BTreeSet<NamedNode> = counters.map(|((_, property), _)| property).collect();
        let wanted = properties.into_iter().filter(|property| only.is_none_or(|only| only == property));
        wanted.map(|property| Self::within(facts, binder, (property, life), members)).collect()
    }

    /// Finds what counts a property where the unit certainly was in service.
    fn within(
        facts: &Facts<'_>,
        binder: &Binder<'_>,
        (property, life): (NamedNode, Interval),
        members: &[Member],
    ) -> Result<Self, Error> {
        let (mut pieces, mut unit) = (Vec::new(), None);
        for member in members.iter().filter(|member| member.certain) {
            let Some(within) = member.within.intersect(life) else { continue };
            for binding in binder.bind_condition(member, &property, within)? {
                let Found::Series(signal, series) = &binding.found else { continue };
                if signal.kind != SignalKind::Counter {
                    continue;
                }
                unit = unit.or_else(|| signal.unit.clone());
                pieces.push(Piece {
                    series: *series,
                    within: binding.within,
                    conversion: planner::conversion(facts, signal, unit.as_ref())?,
                    transform: Transform::None,
                    hold_ns: signal.hold_ns(),
                    cell: 0,
                    guards: Arc::new([]),
                    plausible: signal.plausible,
                });
            }
        }
        Ok(Self { property, unit, pieces })
    }

    /// Returns the age, where something was counted.
    fn age(&self, found: &Increase) -> Option<CounterAge> {
        (found.count > 0).then(|| CounterAge {
            property: self.property.clone(),
            unit: self.unit.clone(),
            increase: found.total(),
            resets: found.resets,
            hours: found.time_ns as f64 / 3.6e12,
        })
    }
}

/// Returns for each how much it went up, in its own time.
fn increases<'c>(
    view: &View,
    counted: impl Iterator<Item = &'c Counted>,
) -> Result<impl Iterator<Item = Increase>, Error> {
    let mut cells = 0;
    let mut pieces: Vec<Piece> = Vec::new();
    for counted in counted {
        pieces.extend(counted.pieces.iter().map(|piece| Piece { cell: cells, ..piece.clone() }));
        cells += 1;
    }
    let plan = Plan { cells, quantiles: false, ..Plan::whole(Interval::ALWAYS) };
    let increases = if cells == 0 { Vec::new() } else { view.increase(&pieces, &plan)? };
    Ok(increases.into_iter().flatten())
}

/// Returns the part of a span that samples can be of.
fn known(span: Interval) -> Option<Interval> {
    Interval::new(span.from().max(Instant::from_nanos(0)), span.to()).ok()
}

/// Units with properties, and the kinds of the signals that ever observe them there.
type Channels = BTreeMap<(NamedNode, NamedNode), Vec<SignalKind>>;

/// Returns what some stretches of a unit's service can be observed by.
fn channels<'m>(
    facts: &Facts<'_>,
    unit: &NamedNode,
    members: impl Iterator<Item = &'m Member>,
) -> Result<Channels, Error> {
    let mut channels = Channels::new();
    let mut add = |unit: &NamedNode, signal: &Signal| {
        channels.entry((unit.clone(), signal.property.clone())).or_default().push(signal.kind);
    };
    facts.each_signal(unit, |signal| add(unit, signal))?;
    for seat in members.flat_map(|member| member.seats.iter()) {
        facts.each_signal(&seat.parent, |signal| match &signal.position {
            None => add(&seat.parent, signal),
            Some(position) if *position == seat.position => add(unit, signal),
            Some(_) => {}
        })?;
    }
    Ok(channels)
}
