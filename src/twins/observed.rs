//! What was observed of a unit before an event: its signals in a window before it beside its own earlier life, and its age in
//! counters.
//!
//! A unit is observed by its own signals, by those of the units that it sits in for its place there, and by those of these units
//! as a whole: the load of a machine tells about each of its bearings.

use super::binding::{Binder, Found};
use super::change::Changes;
use super::circumstances::Circumstances;
use super::error::Error;
use super::facts::Facts;
use super::member::{self, Member};
use super::question::Question;
use super::signal::{Kind, Signal};
use super::survey::{self, answer_all};
use super::usage::Usage;
use crate::graph::Snapshot;
use crate::model::instant::Instant;
use crate::model::interval::Interval;
use crate::model::quantity::Transform;
use crate::telemetry::{Piece, Plan, Sample, View};
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
    /// The hours between the samples that it was told from.
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
    let channels = channels(&facts, of, |member| member.within.contains(of.moment))?;
    let earlier = Interval::new(of.life.from(), before.from()).ok().and_then(known);
    let mut questions = Vec::new();
    for ((unit, property), kinds) in &channels {
        for window in [Some(before), earlier].into_iter().flatten() {
            let mut question = Question::new(unit.clone(), property.clone(), window);
            question.changes = Changes {
                counters: kinds.iter().all(|kind| *kind == Kind::Counter),
                states: kinds.iter().all(|kind| *kind == Kind::State),
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

/// Returns the age of the unit of an event in each counter that ever counted for it, or in that of `only` one property, in the
/// order of the properties.
pub fn counter_ages(
    snapshot: &Snapshot,
    view: &View,
    of: &Circumstances,
    only: Option<&NamedNode>,
) -> Result<Vec<CounterAge>, Error> {
    only.map_or(Ok(()), |only| survey::must_be_property(snapshot, only))?;
    let facts = Facts::new(snapshot);
    let binder = Binder::new(&facts, view);
    let channels = channels(&facts, of, |_| true)?;
    let counters = channels.into_iter().filter(|(_, kinds)| kinds.contains(&Kind::Counter));
    let properties: BTreeSet<NamedNode> = counters.map(|((_, property), _)| property).collect();
    let mut ages = Vec::new();
    for property in properties.into_iter().filter(|property| only.is_none_or(|only| only == property)) {
        ages.extend(counter_age(&facts, &binder, of, property)?);
    }
    Ok(ages)
}

fn counter_age(
    facts: &Facts<'_>,
    binder: &Binder<'_>,
    of: &Circumstances,
    property: NamedNode,
) -> Result<Option<CounterAge>, Error> {
    let Some(life) = Interval::new(Instant::MIN, of.at).ok().and_then(known) else { return Ok(None) };
    let (mut pieces, mut unit) = (Vec::new(), None);
    for member in member::members(facts, &of.unit)?.iter().filter(|member| member.certain) {
        let Some(within) = member.within.intersect(life) else { continue };
        for binding in binder.bind_condition(member, &property, within)? {
            let Found::Series(signal, series) = &binding.found else { continue };
            if signal.kind != Kind::Counter {
                continue;
            }
            unit = unit.or_else(|| signal.unit.clone());
            pieces.push(Piece {
                series: *series,
                within: binding.within,
                conversion: survey::conversion(facts, signal, unit.as_ref())?,
                transform: Transform::None,
                hold_ns: signal.hold_ns(),
                cell: 0,
                guards: Arc::new([]),
            });
        }
    }
    let plan = Plan { cells: 1, buckets: vec![life], limits: Vec::new(), quantiles: false };
    let cells = binder.view.increase(&pieces, &plan)?;
    let found = cells.into_iter().flatten().next().filter(|found| found.count > 0);
    Ok(found.map(|found| CounterAge {
        property,
        unit,
        increase: found.total(),
        resets: found.resets,
        hours: found.time_ns as f64 / 3.6e12,
    }))
}

/// Returns the part of a span that samples can be of.
fn known(span: Interval) -> Option<Interval> {
    Interval::new(span.from().max(Instant::from_nanos(0)), span.to()).ok()
}

/// Units with properties, and the kinds of the signals that ever observe them there.
type Channels = BTreeMap<(NamedNode, NamedNode), Vec<Kind>>;

/// Returns what the stretches of a unit's service that are wanted can be observed by.
fn channels(
    facts: &Facts<'_>,
    of: &Circumstances,
    wanted: impl Fn(&Member) -> bool,
) -> Result<Channels, Error> {
    let mut channels = Channels::new();
    let mut add = |unit: &NamedNode, signal: &Signal| {
        channels.entry((unit.clone(), signal.property.clone())).or_default().push(signal.kind);
    };
    facts.each_signal(&of.unit, |signal| add(&of.unit, signal))?;
    for member in member::members(facts, &of.unit)?.iter().filter(|member| wanted(member)) {
        for seat in member.seats.iter() {
            facts.each_signal(&seat.parent, |signal| match &signal.position {
                None => add(&seat.parent, signal),
                Some(position) if *position == seat.position => add(&of.unit, signal),
                Some(_) => {}
            })?;
        }
    }
    Ok(channels)
}
