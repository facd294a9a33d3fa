//! `Margin`: a constraint on a design against the field usage of an item.

use crate::app::Scope;
use crate::feedback::{self, Margin, Prediction, Sufficiency, UnitMargin, Verdict};
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::{ObjectBuilder, input, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Arguments, Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::account::AccountValue;
use crate::graphql::schema::shared::node::{self, Node};
use crate::graphql::schema::shared::unit::UnitValue;
use crate::graphql::schema::shared::{batch, page};
use crate::ontology::Ontology;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// The margins of so many items are judged together.
const ITEMS_TOGETHER_MAX: usize = 5_000;

/// A margin at one version.
pub(crate) struct MarginValue {
    scope: Arc<Scope>,
    margin: Margin,
}

#[derive(Clone)]
struct UnitValueOf {
    scope: Arc<Scope>,
    unit: UnitMargin,
}

struct PredictionValue {
    scope: Arc<Scope>,
    prediction: Prediction,
}

/// Resolves `margins` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let Scope { snapshot, view, sufficiency: default, .. } = &*node.scope;
    let read = || {
        let window = call.arguments.window("window")?.ok_or_else(|| missing("window"))?;
        Ok((window, sufficiency(call.arguments, *default)?))
    };
    let margins = batch::resources(call, read, |&(window, sufficiency), items| {
        let items = &items[..items.len().min(ITEMS_TOGETHER_MAX)];
        Ok(feedback::margins_of_each(snapshot, view, items, window, sufficiency)?)
    });
    Ok(value(&node.scope, margins?))
}

/// Returns the argument that states how much must have been observed.
pub(crate) fn sufficiency_argument() -> InputField {
    InputField::new(
        "sufficiency",
        "SufficiencyInput",
        "How much must have been observed before anything is concluded; by default as in the settings of the thread, in a review as when it was opened.",
    )
}

/// Reads how much must have been observed; what is absent is taken from the default.
pub(crate) fn sufficiency(arguments: &Arguments, default: Sufficiency) -> Result<Sufficiency, Error> {
    let Some(given) = arguments.object("sufficiency")? else { return Ok(default) };
    let sufficiency = Sufficiency {
        hours_min: given.number("hours")?.unwrap_or(default.hours_min),
        share_min: given.number("share")?.unwrap_or(default.share_min),
        units_share_min: given.number("unitShare")?.unwrap_or(default.units_share_min),
        ..default
    };
    sufficiency.checked().map_err(Error::bad_input)
}

fn sufficiency_type() -> Definition {
    input(
        "SufficiencyInput",
        "Bounds below which a verdict is UNKNOWN.",
        vec![
            InputField::new("hours", "Float", "The hours that samples of a unit must cover."),
            InputField::new(
                "share",
                "Float",
                "The share of a unit's hours in service that samples must cover, undecided hours left out; from 0 to 1.",
            ),
            InputField::new(
                "unitShare",
                "Float",
                "The share of units about which something can be concluded, from 0 to 1.",
            ),
        ],
    )
}

/// Wraps margins that were found at a version.
pub(crate) fn value(scope: &Arc<Scope>, margins: impl IntoIterator<Item = Margin>) -> Value {
    Value::List(margins.into_iter().map(|margin| one(scope, margin)).collect())
}

/// Wraps one margin that was found at a version.
pub(crate) fn one(scope: &Arc<Scope>, margin: Margin) -> Value {
    Value::object(MarginValue { scope: Arc::clone(scope), margin })
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let builder = object::<MarginValue>("Margin", "The result of comparing field data with one constraint.");
    let builder = seen(figures(subjects(builder, ontology)));
    let mut types = page::connection::<UnitValueOf>("UnitMargin").to_vec();
    types.extend([builder.done(), unit_margin(), prediction(ontology), sufficiency_type()]);
    types
}

fn subjects(builder: ObjectBuilder<MarginValue>, ontology: &Arc<Ontology>) -> ObjectBuilder<MarginValue> {
    let known = Arc::clone(ontology);
    let plain = |of: &MarginValue, iri: Option<&NamedNode>| {
        iri.map_or(Value::Null, |iri| Value::object(Node::new(&of.scope, iri.clone())))
    };
    builder
        .field(
            "requirement",
            "Requirement",
            "The requirement that the constraint belongs to.",
            move |of, _| Ok(plain(of, of.margin.constraint.requirement.as_ref())),
        )
        .field("constraint", "Constraint!", "The constraint.", move |of, _| {
            Ok(plain(of, Some(&of.margin.constraint.iri)))
        })
        .field(
            "design",
            "DesignRevision",
            "The design revision that is under the constraint.",
            move |of, _| Ok(plain(of, of.margin.design.as_ref())),
        )
        .field("item", "Record!", "What was asked about.", move |of, _| {
            node::typed(&of.scope, of.margin.item.clone(), &known)
        })
        .field("unit", "Unit", "The unit of observed, predicted, limit and distance.", |of, _| {
            let unit = of.margin.constraint.unit.as_ref();
            Ok(unit.map_or(Value::Null, |unit| Value::object(UnitValue::read(&of.scope.snapshot, unit))))
        })
}

fn figures(builder: ObjectBuilder<MarginValue>) -> ObjectBuilder<MarginValue> {
    builder
        .field(
            "verdict",
            "MarginVerdict!",
            "Whether the limit is kept; UNKNOWN where too little was observed.",
            |of, _| Ok(verdict(of.margin.verdict)),
        )
        .field(
            "refusal",
            "String",
            "Why nothing could be concluded, where that is not for want of samples.",
            |of, _| Ok(of.margin.refusal.as_ref().map(ToString::to_string).into()),
        )
        .field(
            "observed",
            "Float",
            "The statistic: of the worst unit, or of the fleet, as the scope requires.",
            |of, _| Ok(of.margin.observed.into()),
        )
        .field("predicted", "Float", "The latest prediction of a simulation or test.", |of, _| {
            Ok(of.margin.latest_prediction().map(predicted).into())
        })
        .field(
            "predictions",
            "[Prediction!]!",
            "All predictions of simulations and tests, earliest first.",
            |of, _| {
                let wrap = |prediction| PredictionValue { scope: Arc::clone(&of.scope), prediction };
                Ok(Value::objects(of.margin.predictions.iter().cloned().map(wrap)))
            },
        )
        .field("limit", "Float!", "The limit; with BETWEEN the lower one.", |of, _| {
            Ok(Value::number(&of.margin.constraint.recorded.limit).into())
        })
        .field("upperLimit", "Float", "The upper limit of BETWEEN.", |of, _| {
            Ok(of.margin.constraint.recorded.upper.as_deref().and_then(Value::number).into())
        })
        .field(
            "distance",
            "Float",
            "The distance of the observed value from the limit; negative where it breaks the limit.",
            |of, _| Ok(of.margin.distance.into()),
        )
        .field("distancePercent", "Float", "The distance as a percentage of the limit.", |of, _| {
            Ok(of.margin.distance_percent.into())
        })
        .field(
            "conformingUnits",
            "Float",
            "The share of units that keep the limit, of those about which something is known.",
            |of, _| Ok(of.margin.conforming_units.into()),
        )
        .field(
            "conformingHours",
            "Float",
            "The share of observed hours in which the values keep the limit.",
            |of, _| Ok(of.margin.conforming_hours.into()),
        )
}

/// Adds what was seen of whom.
fn seen(builder: ObjectBuilder<MarginValue>) -> ObjectBuilder<MarginValue> {
    builder
        .field("unitCount", "Int!", "How many units were in service.", |of, _| {
            Ok(of.margin.units.len().into())
        })
        .field("sampleCount", "Long!", "How many samples count.", |of, _| Ok(of.margin.sample_count.into()))
        .field("unitHours", "Float!", "The hours that they cover, summed over all units.", |of, _| {
            Ok(of.margin.account.observed_hours.into())
        })
        .field_with(
            "worstUnits",
            "[UnitMargin!]!",
            "The units nearest to the limit or furthest beyond it, the worst first: those about which something can be concluded, then the others.",
            vec![InputField::new("first", "Int!", "How many.").default(5)],
            |of, call| {
                let first = page::size(call.arguments, "first")?.unwrap_or(0);
                Ok(units_value(&of.scope, &of.margin.worst_units(first)))
            },
        )
        .field_with(
            "violators",
            "UnitMarginConnection!",
            "The units that break the limit, in IRI order.",
            page::arguments(),
            |of, call| units(&of.scope, call, of.margin.violators()),
        )
        .field_with("units", "UnitMarginConnection!", "Each unit by itself, in IRI order.", page::arguments(), |of, call| {
            units(&of.scope, call, of.margin.units.iter())
        })
        .field("account", "Account!", "What was not observed.", |of, _| {
            Ok(Value::object(AccountValue {
                scope: Arc::clone(&of.scope),
                account: of.margin.account.clone(),
            }))
        })
}

/// Returns a page of some units at a version.
pub(crate) fn units<'a>(
    scope: &Arc<Scope>,
    call: &Call<'_>,
    units: impl Iterator<Item = &'a UnitMargin>,
) -> Result<Value, Error> {
    let units: Vec<&UnitMargin> = units.collect();
    page::listed(&units, call.arguments, |unit| UnitValueOf {
        scope: Arc::clone(scope),
        unit: (*unit).clone(),
    })
}

fn units_value(scope: &Arc<Scope>, units: &[&UnitMargin]) -> Value {
    let wrap = |unit: &&UnitMargin| UnitValueOf { scope: Arc::clone(scope), unit: (*unit).clone() };
    Value::objects(units.iter().map(wrap))
}

fn unit_margin() -> Definition {
    object::<UnitValueOf>("UnitMargin", "The result of one unit under a constraint.")
        .field("unit", "TwinInstance!", "The unit.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, of.unit.twin.clone())))
        })
        .field("serial", "String", "Its identifier.", |of, _| Ok(of.unit.serial.clone().into()))
        .field("verdict", "MarginVerdict!", "Whether it keeps the limit.", |of, _| {
            Ok(verdict(of.unit.verdict))
        })
        .field("observed", "Float", "Its statistic, in the unit of the constraint.", |of, _| {
            Ok(of.unit.observed.into())
        })
        .field(
            "distance",
            "Float",
            "Its distance from the limit; negative where it breaks the limit.",
            |of, _| Ok(of.unit.distance.into()),
        )
        .field("sampleCount", "Long!", "How many of its samples count.", |of, _| {
            Ok(of.unit.sample_count.into())
        })
        .field("observedHours", "Float!", "The hours that its samples cover.", |of, _| {
            Ok(of.unit.observed_hours.into())
        })
        .field(
            "conformingHours",
            "Float",
            "The share of the hours in which the values keep the limit.",
            |of, _| Ok(of.unit.conforming_hours.into()),
        )
        .done()
}

/// Returns a predicted value with all its digits.
fn predicted(prediction: &Prediction) -> Value {
    let recorded = prediction.recorded.as_deref().and_then(Value::number);
    recorded.unwrap_or_else(|| prediction.value.into())
}

fn prediction(ontology: &Arc<Ontology>) -> Definition {
    let known = Arc::clone(ontology);
    object::<PredictionValue>("Prediction", "What one test or simulation predicted for a margin.")
        .field("source", "Record!", "The TestResult or SimulationRun.", move |of, _| {
            node::typed(&of.scope, of.prediction.source.clone(), &known)
        })
        .field(
            "value",
            "Float",
            "The value, in the unit of the constraint; null where it does not convert into that unit.",
            |of, _| Ok(predicted(&of.prediction)),
        )
        .field("at", "DateTime", "When it was found.", |of, _| {
            Ok(of.prediction.at.map(|at| at.to_string()).into())
        })
        .done()
}

fn verdict(verdict: Verdict) -> Value {
    Value::Name(match verdict {
        Verdict::Conforms => "CONFORMS",
        Verdict::Violates => "VIOLATES",
        Verdict::Unknown => "UNKNOWN",
    })
}
