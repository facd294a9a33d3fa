//! `lineQuality` of an item: control charts and capability of what was measured on its units and lots.

use super::process::{Named, ProcessValue};
use crate::app::Scope;
use crate::feedback::{self, Characteristic, LineGroup, LineQuestion, MeasuredValue, Subgroups};
use crate::graphql::engine::types::arguments::wrong;
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Arguments, Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::Node;
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::unit::UnitValue;
use crate::statistics::control::capability::{Capability, Index};
use async_graphql::{Name, Value as Input};
use oxigraph::model::NamedNode;
use std::sync::Arc;

#[derive(Clone)]
struct CharacteristicValue {
    scope: Arc<Scope>,
    of: Arc<Characteristic>,
}

#[derive(Clone)]
struct MeasurementValue {
    scope: Arc<Scope>,
    of: MeasuredValue,
}

#[derive(Clone)]
struct GroupValue {
    scope: Arc<Scope>,
    of: LineGroup,
}

/// Returns the arguments of `lineQuality`.
pub(crate) fn arguments() -> Vec<InputField> {
    let mut arguments = question_arguments();
    arguments.extend(page::arguments());
    arguments
}

/// Returns the arguments that select what is looked at.
pub(super) fn question_arguments() -> Vec<InputField> {
    vec![
        InputField::new("characteristic", "String", "One characteristic, by its name; each where absent."),
        InputField::new("window", "WindowInput", "Only what was measured then; at any time where absent."),
        InputField::new(
            "baselineUntil",
            "DateTime",
            "Control limits are those of what was measured before this; of all where absent.",
        ),
        InputField::new("subgroups", "Subgroups!", "What makes a point.")
            .default(Input::Enum(Name::new("NONE"))),
        InputField::new("confidence", "Float!", "How sure limits of capability are, between 0 and 1.")
            .default(0.95),
    ]
}

/// Reads what is looked at.
pub(super) fn question(item: NamedNode, given: &Arguments) -> Result<LineQuestion, Error> {
    let confidence = given.number("confidence")?.filter(|confidence| *confidence > 0.0 && *confidence < 1.0);
    Ok(LineQuestion {
        item,
        characteristic: given.text("characteristic")?,
        window: given.window("window")?,
        baseline_until: given.instant("baselineUntil")?,
        subgroups: match given.needed_text("subgroups")?.as_str() {
            "LOT" => Subgroups::Lot,
            _ => Subgroups::None,
        },
        confidence: confidence
            .ok_or_else(|| wrong("confidence", "a number between 0 and 1, such as 0.95"))?,
    })
}

/// Resolves `lineQuality` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let question = question(node.iri.clone(), call.arguments)?;
    let found = feedback::line_quality(&node.scope.snapshot, &question)?;
    let found: Vec<Arc<Characteristic>> = found.into_iter().map(Arc::new).collect();
    page::listed(&found, call.arguments, |of| CharacteristicValue {
        scope: Arc::clone(&node.scope),
        of: Arc::clone(of),
    })
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = page::connection::<CharacteristicValue>("CharacteristicQuality").to_vec();
    types.extend(page::connection::<MeasurementValue>("MeasuredValue"));
    types.extend(page::connection::<GroupValue>("LineGroup"));
    types.extend([characteristic(), measurement(), group(), capability_type(), index_type()]);
    types.push(enumeration(
        "Subgroups",
        "What makes a point of a control chart.",
        &[
            ("NONE", "Each value: charts of single values and of moving ranges."),
            ("LOT", "The values of a lot, two at least: charts of means and of standard deviations."),
        ],
    ));
    types
}

impl CharacteristicValue {
    fn value(&self, of: &MeasuredValue) -> MeasurementValue {
        MeasurementValue { scope: Arc::clone(&self.scope), of: of.clone() }
    }
}

fn characteristic() -> Definition {
    let builder = object::<CharacteristicValue>(
        "CharacteristicQuality",
        "The control and the capability of one characteristic, by its measurements in order of time.",
    )
    .field(
        "name",
        "String!",
        "The characteristic; UNKNOWN where the measurements do not name it.",
        |of, _| Ok(of.of.name.clone().into()),
    )
    .field("unit", "Unit", "The unit of all values.", |of, _| {
        let unit = of.of.measured.unit.as_ref();
        Ok(unit.map_or(Value::Null, |unit| Value::object(UnitValue::read(&of.scope.snapshot, unit))))
    })
    .field("count", "Int!", "How many values count.", |of, _| Ok(of.of.measured.values.len().into()))
    .field("withoutValueCount", "Int!", "How many measurements have no value.", |of, _| {
        Ok(of.of.measured.without_value.into())
    })
    .field("unconvertedCount", "Int!", "How many have a unit that does not convert.", |of, _| {
        Ok(of.of.measured.unconverted.into())
    })
    .field(
        "undatedCount",
        "Int!",
        "How many have no instant, nor has their lot: they do not count.",
        |of, _| Ok(of.of.undated.into()),
    )
    .field(
        "lower",
        "Float",
        "The lower limit of the tolerance: that of the latest value which has one.",
        |of, _| Ok(of.of.tolerance.lower.into()),
    )
    .field("upper", "Float", "The upper limit of the tolerance.", |of, _| Ok(of.of.tolerance.upper.into()))
    .field("otherToleranceCount", "Int!", "How many values have another tolerance.", |of, _| {
        Ok(of.of.other_tolerances.into())
    })
    .field("outsideCount", "Int!", "How many values are out of their tolerance.", |of, _| {
        Ok(of.of.outside().into())
    })
    .field("process", "ControlledProcess!", "The control charts.", |of, _| {
        Ok(Value::object(ProcessValue {
            process: Arc::new(of.of.process.clone()),
            times: times(&of.of),
            measured: measured(of),
        }))
    })
    .field("capability", "Capability!", "How many times the spread fits into the tolerance.", |of, _| {
        Ok(Value::object(of.of.capability))
    });
    pages(builder).done()
}

fn pages(builder: ObjectBuilder<CharacteristicValue>) -> ObjectBuilder<CharacteristicValue> {
    builder
        .field_with(
            "values",
            "MeasuredValueConnection!",
            "The values, in order of time.",
            page::arguments(),
            |of, call| page::listed(&of.of.measured.values, call.arguments, |value| of.value(value)),
        )
        .field_with(
            "outside",
            "MeasuredValueConnection!",
            "Those out of their tolerance.",
            page::arguments(),
            |of, call| {
                let outside = of.of.measured.values.iter().filter(|value| value.keeps == Some(false));
                page::listed(&outside.collect::<Vec<_>>(), call.arguments, |value| of.value(value))
            },
        )
        .field_with(
            "contradicted",
            "MeasuredValueConnection!",
            "Those whose stated verdict is another than their limits give.",
            page::arguments(),
            |of, call| {
                let wrong = of.of.measured.values.iter().filter(|value| value.is_contradicted());
                page::listed(&wrong.collect::<Vec<_>>(), call.arguments, |value| of.value(value))
            },
        )
        .field_with(
            "groups",
            "LineGroupConnection!",
            "The values by lot, by site and by station.",
            page::arguments(),
            |of, call| {
                page::listed(&of.of.groups, call.arguments, |group| GroupValue {
                    scope: Arc::clone(&of.scope),
                    of: group.clone(),
                })
            },
        )
}

/// Returns the instant of each point: that of its last value.
fn times(of: &Characteristic) -> Vec<Option<String>> {
    let value = |place: &usize| of.measured.values.get(*place).and_then(|value| value.at);
    of.process.places.iter().map(|place| value(place).map(|at| at.to_string())).collect()
}

/// Returns the measurement of each point: its last one.
fn measured(of: &CharacteristicValue) -> Vec<Named> {
    let values = &of.of.measured.values;
    let places = of.of.process.places.iter().filter_map(|place| values.get(*place));
    places.map(|value| (Arc::clone(&of.scope), value.measurement.clone())).collect()
}

fn measurement() -> Definition {
    object::<MeasurementValue>("MeasuredValue", "A value that was measured.")
        .field("measurement", "Measurement!", "The measurement.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, of.of.measurement.clone())))
        })
        .field(
            "at",
            "DateTime",
            "When; where the measurement does not state it, when its lot was built.",
            |of, _| Ok(of.of.at.map(|at| at.to_string()).into()),
        )
        .field("value", "Float!", "The value, in the unit of the characteristic.", |of, _| {
            Ok(of.of.value.into())
        })
        .field("lot", "Build", "The lot, or the lot that made the unit.", |of, _| {
            let lot = of.of.lot.as_ref();
            Ok(lot.map_or(Value::Null, |lot| Value::object(Node::new(&of.scope, lot.clone()))))
        })
        .field("site", "String", "Where that was built.", |of, _| Ok(of.of.site.clone().into()))
        .field("station", "String", "The machine, cavity, line or gauge.", |of, _| {
            Ok(of.of.station.clone().into())
        })
        .field("keeps", "Boolean", "Whether it keeps its tolerance; absent without one.", |of, _| {
            Ok(of.of.keeps.map_or(Value::Null, Value::from))
        })
        .field("stated", "Verdict", "The verdict that is stated.", |of, _| {
            Ok(match of.of.stated.as_deref() {
                Some("PASS") => Value::Name("PASS"),
                Some("FAIL") => Value::Name("FAIL"),
                Some(_) => Value::Name("INCONCLUSIVE"),
                None => Value::Null,
            })
        })
        .done()
}

fn group() -> Definition {
    object::<GroupValue>("LineGroup", "Values of one lot, site or station.")
        .field("by", "String!", "LOT, SITE or STATION.", |of, _| Ok(of.of.by.into()))
        .field("key", "String!", "The lot by its IRI, the site or the station.", |of, _| {
            let shorten = |lot: &str| of.scope.snapshot.shorten(&NamedNode::new_unchecked(lot));
            Ok(if of.of.by == "LOT" { shorten(&of.of.key).into() } else { of.of.key.clone().into() })
        })
        .field("count", "Int!", "How many values.", |of, _| Ok(of.of.count.into()))
        .field("outsideCount", "Int!", "How many are out of their tolerance.", |of, _| {
            Ok(of.of.outside.into())
        })
        .field("mean", "Float!", "Their mean.", |of, _| Ok(of.of.mean.into()))
        .field("deviation", "Float", "Their standard deviation.", |of, _| Ok(of.of.deviation.into()))
        .field("capability", "Capability!", "How capable their process is, by that spread.", |of, _| {
            Ok(Value::object(of.of.capability))
        })
        .done()
}

fn capability_type() -> Definition {
    let index = |index: Option<Index>| index.map_or(Value::Null, Value::object);
    object::<Capability>("Capability", "How many times the spread of a process fits into its tolerance.")
        .field(
            "cp",
            "CapabilityIndex",
            "The tolerance over six short-term standard deviations; only with both limits.",
            move |of, _| Ok(index(of.cp)),
        )
        .field(
            "cpk",
            "CapabilityIndex",
            "The distance of the mean from the nearer limit over three of them.",
            move |of, _| Ok(index(of.cpk)),
        )
        .field("pp", "CapabilityIndex", "As cp, with the standard deviation of all values.", move |of, _| {
            Ok(index(of.pp))
        })
        .field("ppk", "CapabilityIndex", "As cpk, with that.", move |of, _| Ok(index(of.ppk)))
        .done()
}

fn index_type() -> Definition {
    object::<Index>("CapabilityIndex", "An index of capability, with its limits.")
        .field("estimate", "Float!", "The index.", |of, _| Ok(of.estimate.into()))
        .field("low", "Float!", "Its lower limit.", |of, _| Ok(of.low.into()))
        .field("high", "Float!", "Its upper limit.", |of, _| Ok(of.high.into()))
        .done()
}
