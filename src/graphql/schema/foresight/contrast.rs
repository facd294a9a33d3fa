//! `asBuiltContrast` of an item: which characteristic differs between the units that failed and the others.

use crate::app::Scope;
use crate::feedback::{self, CharacteristicContrast, Contrast, ContrastQuestion};
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::{enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::unit::UnitValue;
use crate::graphql::schema::shared::window::window;
use crate::graphql::schema::usage::question;
use crate::statistics::contrast::multiplicity::Correction;
use crate::twins::{EventsOf, LifeClock, LifeQuestion, Repair};
use async_graphql::{Name, Value as Input};
use std::sync::Arc;

struct ContrastValue {
    scope: Arc<Scope>,
    contrast: Contrast,
}

#[derive(Clone)]
struct CharacteristicValue {
    scope: Arc<Scope>,
    of: CharacteristicContrast,
}

/// Returns the arguments of `asBuiltContrast`.
pub(crate) fn arguments() -> Vec<InputField> {
    let word = |name: &str| Input::Enum(Name::new(name));
    vec![
        window(),
        question::among_argument(),
        InputField::new("failureModes", "[ID!]", "Only failures of these modes count; all where absent."),
        InputField::new("eventsOf", "EventsOf!", "Whose failures count.").default(word("UNIT")),
        InputField::new(
            "correction",
            "Correction!",
            "How probabilities are corrected for the number of characteristics.",
        )
        .default(word("FALSE_DISCOVERY")),
    ]
}

/// Resolves `asBuiltContrast` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let (snapshot, given) = (&node.scope.snapshot, call.arguments);
    let modes = given.texts("failureModes")?.unwrap_or_default();
    let lives = LifeQuestion {
        item: node.iri.clone(),
        window: given.window("window")?.ok_or_else(|| missing("window"))?,
        group_by: Vec::new(),
        position_depth: None,
        among: question::among(snapshot, given)?,
        modes: modes.iter().map(|mode| find_iri(snapshot, mode)).collect::<Result<_, _>>()?,
        events_of: match given.needed_text("eventsOf")?.as_str() {
            "ASSET" => EventsOf::Asset,
            _ => EventsOf::Unit,
        },
        clock: LifeClock::Service,
        repair: Repair::None,
    };
    let correction = match given.needed_text("correction")?.as_str() {
        "FAMILY_WISE" => Correction::FamilyWise,
        _ => Correction::FalseDiscovery,
    };
    let question = ContrastQuestion { lives, correction };
    let contrast = feedback::contrast(snapshot, &node.scope.view, &question)?;
    Ok(Value::object(ContrastValue { scope: Arc::clone(&node.scope), contrast }))
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = page::connection::<CharacteristicValue>("CharacteristicContrast").to_vec();
    types.push(enumeration(
        "Correction",
        "How probabilities of many comparisons are corrected.",
        &[
            (
                "FALSE_DISCOVERY",
                "For the share of false findings among all findings (Benjamini and Hochberg).",
            ),
            ("FAMILY_WISE", "For any false finding at all (Holm)."),
        ],
    ));
    types.push(
        object::<ContrastValue>(
            "AsBuiltContrast",
            "What was measured on units that failed, against the others.",
        )
        .field("failedCount", "Int!", "How many units failed.", |of, _| Ok(of.contrast.failed.into()))
        .field("otherCount", "Int!", "How many did not, as long as they were watched.", |of, _| {
            Ok(of.contrast.others.into())
        })
        .field_with(
            "characteristics",
            "CharacteristicContrastConnection!",
            "Each characteristic, the least probable by chance before the others.",
            page::arguments(),
            |of, call| {
                page::listed(&of.contrast.characteristics, call.arguments, |characteristic| {
                    CharacteristicValue { scope: Arc::clone(&of.scope), of: characteristic.clone() }
                })
            },
        )
        .done(),
    );
    types.push(characteristic());
    types
}

fn characteristic() -> Definition {
    object::<CharacteristicValue>(
        "CharacteristicContrast",
        "How units that failed differ in one characteristic: a test of ranks (Mann and Whitney).",
    )
    .field("name", "String!", "The characteristic.", |of, _| Ok(of.of.name.clone().into()))
    .field("unit", "Unit", "The unit of values.", |of, _| {
        let unit = of.of.unit.as_ref();
        Ok(unit.map_or(Value::Null, |unit| Value::object(UnitValue::read(&of.scope.snapshot, unit))))
    })
    .field("failedMedian", "Float", "The median of the units that failed.", |of, _| Ok(of.of.failed.0.into()))
    .field("failedCount", "Int!", "How many of them were measured.", |of, _| Ok(of.of.failed.1.into()))
    .field("otherMedian", "Float", "The median of the others.", |of, _| Ok(of.of.others.0.into()))
    .field("otherCount", "Int!", "How many of them were measured.", |of, _| Ok(of.of.others.1.into()))
    .field(
        "superiority",
        "Float",
        "The probability that a unit that failed has a greater value than another; ½ where they are alike.",
        |of, _| Ok(of.of.test.map(|test| test.superiority).into()),
    )
    .field(
        "p",
        "Float",
        "The probability of ranks as uneven as these, where the groups are alike.",
        |of, _| Ok(of.of.test.map(|test| test.p).into()),
    )
    .field("adjusted", "Float", "That, corrected for the number of characteristics.", |of, _| {
        Ok(of.of.adjusted.into())
    })
    .field(
        "shortfall",
        "String",
        "Why there is no test: how many units were measured, and how many would be enough.",
        |of, _| Ok(of.of.shortfall().into()),
    )
    .done()
}
