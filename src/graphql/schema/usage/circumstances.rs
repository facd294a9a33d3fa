//! `circumstances` of a field event: why did this fail?

use super::Whole;
use super::population::{certainty, members_page};
use crate::app::Scope;
use crate::feedback::{self, Margin, Verdict};
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::connection::Page;
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::unit::UnitValue;
use crate::graphql::schema::shared::{batch, page};
use crate::graphql::schema::verdicts::margin;
use crate::model::time::interval::Interval;
use crate::telemetry::Sample;
use crate::twins::{self, Age, Circumstances, CounterAge, Observed, Parent, SiblingFailure, Siblings};
use oxigraph::model::NamedNode;
use std::sync::Arc;

struct CircumstancesValue {
    scope: Arc<Scope>,
    circumstances: Circumstances,
}

/// A part of the circumstances at its version.
#[derive(Clone)]
struct Versioned<T> {
    scope: Arc<Scope>,
    of: T,
}

/// Adds `circumstances` to an event.
pub(in crate::graphql::schema) fn extend_event(builder: ObjectBuilder<Node>) -> ObjectBuilder<Node> {
    builder.field(
        "circumstances",
        "Circumstances",
        "Why it may have happened: the configuration in force until its instant, what was observed before it, the unit's age, what it violated, and the others of its lot.",
        |node, _| {
            let circumstances = twins::circumstances(&node.scope.snapshot, &node.iri)?;
            Ok(Value::object(CircumstancesValue { scope: Arc::clone(&node.scope), circumstances }))
        },
    )
}

pub(in crate::graphql::schema) fn types() -> Vec<Definition> {
    let builder = object::<CircumstancesValue>("Circumstances", "What is known around a field event.");
    let mut types = page::connection::<Versioned<SiblingFailure>>("SiblingFailure").to_vec();
    types.extend([
        history(configuration(builder)).done(),
        parent(),
        age(),
        counter_age(),
        observed(),
        last_value(),
        siblings(),
        failure(),
    ]);
    types
}

fn link(scope: &Arc<Scope>, iri: Option<&NamedNode>) -> Value {
    iri.map_or(Value::Null, |iri| Value::object(Node::new(scope, iri.clone())))
}

fn measured_in(scope: &Scope, unit: Option<&NamedNode>) -> Value {
    unit.map_or(Value::Null, |unit| Value::object(UnitValue::read(&scope.snapshot, unit)))
}

fn versioned<T: 'static>(scope: &Arc<Scope>, of: impl IntoIterator<Item = T>) -> Value {
    Value::objects(of.into_iter().map(|of| Versioned { scope: Arc::clone(scope), of }))
}

/// Adds the fields that come from the version alone.
fn configuration(builder: ObjectBuilder<CircumstancesValue>) -> ObjectBuilder<CircumstancesValue> {
    builder
        .field("at", "DateTime!", "The instant of the event.", |of, _| {
            Ok(of.circumstances.at.to_string().into())
        })
        .field("unit", "TwinInstance!", "The unit that it happened to.", |of, _| {
            Ok(link(&of.scope, Some(&of.circumstances.unit)))
        })
        .field("revision", "DesignRevision", "The revision that the unit had.", |of, _| {
            Ok(link(&of.scope, of.circumstances.revision.as_ref()))
        })
        .field("lot", "Build", "The lot that the unit comes from.", |of, _| {
            Ok(link(&of.scope, of.circumstances.lot.as_ref()))
        })
        .field("parents", "[ParentUnit!]!", "The units that it sat in, nearest first, the asset last.", |of, _| {
            Ok(versioned(&of.scope, of.circumstances.parents.clone()))
        })
        .field_with(
            "components",
            "MembershipConnection!",
            "What was installed in it at any depth, each component before what is inside it.",
            page::arguments(),
            |of, call| members_page(&of.scope, &of.circumstances.components, call),
        )
        .field("age", "UnitAge!", "How old it was.", |of, _| Ok(Value::object(of.circumstances.age)))
        .field(
            "siblings",
            "Siblings",
            "The other units of its lot, and those of them that failed in the same way; none where no lot is known.",
            |of, _| {
                let siblings = twins::siblings(&of.scope.snapshot, &of.circumstances.event)?;
                let wrap = |siblings| Value::object(Versioned { scope: Arc::clone(&of.scope), of: siblings });
                Ok(siblings.map_or(Value::Null, wrap))
            },
        )
}

/// Adds the fields that come from telemetry.
fn history(builder: ObjectBuilder<CircumstancesValue>) -> ObjectBuilder<CircumstancesValue> {
    builder
        .field_with(
            "counters",
            "[CounterAge!]!",
            "Its age in each COUNTER that ever counted for it: its own, or one of the units that it sat in while it did.",
            vec![InputField::new("property", "ID", "Only the counter of this property.")],
            |of, call| Ok(versioned(&of.scope, counters(of, call)?)),
        )
        .batched()
        .field_with(
            "telemetry",
            "[ObservedProperty!]!",
            "What was observed of it before the event, by itself and by the units that it sat in, for its place there or as a whole; beside its own earlier life.",
            vec![before("P7D")],
            |of, call| {
                let window = window(of, call)?;
                let (snapshot, view) = (&of.scope.snapshot, &of.scope.view);
                let observed = twins::observed(snapshot, view, &of.circumstances, window)?;
                let margins = match call.below.asks(&["margins"]) {
                    true => feedback::margins_with(snapshot, view, &of.circumstances.unit, window, of.scope.sufficiency)?,
                    false => Vec::new(),
                };
                Ok(versioned(&of.scope, observed.into_iter().map(|observed| {
                    let on = |margin: &&Margin| margin.constraint.property == observed.property;
                    let margins = margins.iter().filter(on).filter(|_| observed.unit == of.circumstances.unit);
                    (margins.cloned().collect::<Vec<_>>(), observed)
                })))
            },
        )
        .field(
            "violations",
            "[Margin!]!",
            "The margins that it violated by itself, over its whole life before the event.",
            |of, _| {
                let Circumstances { unit, life, .. } = &of.circumstances;
                let mut margins = feedback::margins_with(&of.scope.snapshot, &of.scope.view, unit, *life, of.scope.sufficiency)?;
                margins.retain(|margin| margin.verdict == Verdict::Violates);
                Ok(margin::value(&of.scope, margins))
            },
        )
}

/// Returns the ages in counters.
fn counters(of: &CircumstancesValue, call: &Call<'_>) -> Result<Vec<CounterAge>, Error> {
    let Scope { snapshot, view, .. } = &*of.scope;
    let only = call.arguments.text("property")?.map(|only| find_iri(snapshot, &only)).transpose()?;
    let ask = |events: &[&CircumstancesValue]| {
        let events: Vec<&Circumstances> = events.iter().map(|of| &of.circumstances).collect();
        Ok(twins::counter_ages_of_each(snapshot, view, &events, only.as_ref())?)
    };
    let is_alike = |a: &CircumstancesValue, b: &CircumstancesValue| Arc::ptr_eq(&a.scope, &b.scope);
    call.batch(is_alike, |events| batch::each(call, events, &ask))
}

fn before(default: &str) -> InputField {
    InputField::new("before", "Duration!", "How long before the event.").default(default)
}

fn window(of: &CircumstancesValue, call: &Call<'_>) -> Result<Interval, Error> {
    let at = of.circumstances.at;
    let before = call.arguments.period("before")?.ok_or_else(|| missing("before"))?;
    Ok(Interval::new(before.before(at)?, at)?)
}

fn parent() -> Definition {
    object::<Versioned<Parent>>("ParentUnit", "A unit that another one sat in.")
        .field("unit", "TwinInstance!", "The unit.", |of, _| Ok(link(&of.scope, Some(&of.of.unit))))
        .field("position", "String!", "The positions from it down to the other one.", |of, _| {
            Ok(of.of.position.clone().into())
        })
        .field("revision", "DesignRevision", "The revision that it had.", |of, _| {
            Ok(link(&of.scope, of.of.revision.as_ref()))
        })
        .field("lot", "Build", "The lot that it comes from.", |of, _| Ok(link(&of.scope, of.of.lot.as_ref())))
        .field("certainty", "Certainty!", "Whether it is known that the other one sat there.", |of, _| {
            Ok(certainty(of.of.certainty))
        })
        .done()
}

fn age() -> Definition {
    object::<Age>("UnitAge", "How old a unit was.")
        .field(
            "hours",
            "Float",
            "The hours since it was commissioned, or else since the first known start of its service.",
            |age, _| Ok(age.hours.into()),
        )
        .field("installedHours", "Float", "The hours since it was installed where it last sat.", |age, _| {
            Ok(age.installed_hours.into())
        })
        .field(
            "serviceHours",
            "Float!",
            "The hours that it certainly was in service, in one place or another; stretches without a known start count nothing.",
            |age, _| Ok(age.service_hours.into()),
        )
        .done()
}

fn counter_age() -> Definition {
    object::<Versioned<CounterAge>>("CounterAge", "The age of a unit in a counter.")
        .field("property", "Property!", "What is counted.", |of, _| {
            Ok(link(&of.scope, Some(&of.of.property)))
        })
        .field("unit", "Unit", "The unit of the increase.", |of, _| {
            Ok(measured_in(&of.scope, of.of.unit.as_ref()))
        })
        .field(
            "increase",
            "Float!",
            "How much it increased while the unit was in service where it counts, resets allowed for.",
            |of, _| Ok(of.of.increase.into()),
        )
        .field("resetCount", "Long!", "How often it was reset.", |of, _| Ok(of.of.resets.into()))
        .field("hours", "Float!", "The hours between the samples that it was derived from.", |of, _| {
            Ok(of.of.hours.into())
        })
        .done()
}

type ObservedOf = Versioned<(Vec<Margin>, Observed)>;

fn observed() -> Definition {
    object::<ObservedOf>("ObservedProperty", "A property as it was observed before an event.")
        .field(
            "unit",
            "TwinInstance!",
            "The unit that it is a property of: the one of the event, or one that it sat in.",
            |of, _| Ok(link(&of.scope, Some(&of.of.1.unit))),
        )
        .field("property", "Property!", "What is observed.", |of, _| {
            Ok(link(&of.scope, Some(&of.of.1.property)))
        })
        .field("last", "LastValue", "The last value before the event.", |of, _| {
            let last = of.of.1.last();
            Ok(last.map_or(Value::Null, |(sample, unit)| {
                Value::object(Versioned { scope: Arc::clone(&of.scope), of: (sample, unit.cloned()) })
            }))
        })
        .field("before", "FieldUsage!", "The window before the event.", |of, _| {
            Ok(Value::object(Whole::of(&of.scope, of.of.1.before.clone())))
        })
        .field("earlier", "FieldUsage", "The unit's life before the window.", |of, _| {
            let earlier = of.of.1.earlier.clone();
            Ok(earlier.map_or(Value::Null, |usage| Value::object(Whole::of(&of.scope, usage))))
        })
        .field("margins", "[Margin!]!", "The constraints on it, judged in that window alone.", |of, _| {
            Ok(margin::value(&of.scope, of.of.0.iter().cloned()))
        })
        .done()
}

fn last_value() -> Definition {
    object::<Versioned<(Sample, Option<NamedNode>)>>("LastValue", "The last value before an event.")
        .field("at", "DateTime!", "When.", |of, _| Ok(of.of.0.at.to_string().into()))
        .field("value", "Float!", "The value.", |of, _| Ok(of.of.0.value.into()))
        .field("unit", "Unit", "Its unit.", |of, _| Ok(measured_in(&of.scope, of.of.1.as_ref())))
        .done()
}

fn siblings() -> Definition {
    object::<Versioned<Siblings>>("Siblings", "The other units of a lot.")
        .field("lot", "Build!", "The lot.", |of, _| Ok(link(&of.scope, Some(&of.of.lot))))
        .field("unitCount", "Int!", "How many other units there are.", |of, _| Ok(of.of.units.len().into()))
        .field_with(
            "units",
            "TwinInstanceConnection!",
            "The other units, in IRI order.",
            page::arguments(),
            |of, call| Page::of(&of.scope, of.of.units.clone(), call),
        )
        .field(
            "failedCount",
            "Int!",
            "How many of the other units failed in the same way, before the event or after.",
            |of, _| {
                let units = of.of.failures.iter().map(|failure| &failure.unit);
                Ok(units.collect::<std::collections::HashSet<_>>().len().into())
            },
        )
        .field_with(
            "failures",
            "SiblingFailureConnection!",
            "Their failures of the same failureMode, in time order; those found to be no fault are left out.",
            page::arguments(),
            |of, call| {
                page::listed(&of.of.failures, call.arguments, |failure| Versioned {
                    scope: Arc::clone(&of.scope),
                    of: failure.clone(),
                })
            },
        )
        .done()
}

fn failure() -> Definition {
    object::<Versioned<SiblingFailure>>("SiblingFailure", "A failure of a unit of the same lot.")
        .field("event", "FieldEvent!", "The event.", |of, _| Ok(link(&of.scope, Some(&of.of.event))))
        .field("unit", "TwinInstance!", "The unit.", |of, _| Ok(link(&of.scope, Some(&of.of.unit))))
        .field("at", "DateTime!", "When.", |of, _| Ok(of.of.at.to_string().into()))
        .field("hours", "Float", "The unit's age, as UnitAge.hours.", |of, _| Ok(of.of.hours.into()))
        .done()
}
